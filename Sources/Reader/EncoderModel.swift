// The model's file: what it holds, and the reading of it from bytes that nobody vouches for.
//
// All numbers are little-endian; every section starts at a multiple of 64 bytes, zeros between.
//
//   0   8 bytes   magic "IntakeRd"
//   8   UInt32    version, 1
//   12  UInt32    CRC-32 of everything from byte 16 to the end
//   16  UInt64    length of the file in bytes
//   24  UInt32×8  hidden H, layers L, heads, intermediate I, vocabulary V, positions P, types T, outputs K
//   56  UInt32×3  lengths in bytes of the three texts
//   then          metadata (free UTF-8, JSON by custom); K names and V pieces (UTF-8, a newline between two)
//   embeddings    rows of words V×H, positions P×H, types T×H (each a matrix), norm
//   L times       query, key and value 3H×H, output H×H, norm, up I×H, down H×I, norm
//   head          Float32 weights K×H, Float32 biases K
//
// A matrix is its Int8 rows, then one Float32 scale per row, then (not for embeddings) one Float32 bias per
// row. A norm is H Float32 gains and H Float32 shifts.

/// A BERT encoder with a linear head, its matrices in Int8 as they lie in the file.
///
/// Loading copies no matrix: the bytes given are kept.
public struct EncoderModel: Sendable {
  /// Why bytes are not a model.
  public enum Failure: Error, Equatable, Sendable {
    /// More bytes than a model may have.
    case tooLong(bytes: Int, limit: Int)
    /// Fewer bytes than the fixed part of a file has.
    case tooShort(bytes: Int)
    /// The file does not begin as a model does.
    case notAModel
    case unknownVersion(UInt32)
    /// The file says that it has another length than it has.
    case wrongLength(stated: UInt64, found: Int)
    case damaged(stated: UInt32, found: UInt32)
    /// A size outside what the encoder is made for, or one that does not fit the others.
    case dimension(String, Int)
    /// The sections that the sizes ask for take another number of bytes than the file has.
    case wrongSections(needed: Int, found: Int)
    /// A text that is not UTF-8.
    case notUTF8(String)
    case wrongNameCount(stated: Int, found: Int)
    /// A number that is not finite, or too large, or a scale below zero.
    case number(String)
    case vocabulary(WordPiece.Failure)
  }

  /// Sizes of the network.
  public struct Dimensions: Equatable, Sendable {
    /// Width of a token's vector.
    public internal(set) var hidden: Int
    public internal(set) var layers: Int
    public internal(set) var heads: Int
    /// Width between the two products that end a layer.
    public internal(set) var intermediate: Int
    /// Number of pieces.
    public internal(set) var vocabulary: Int
    /// Most tokens in one run.
    public internal(set) var positions: Int
    public internal(set) var types: Int
    /// Number of logits.
    public internal(set) var outputs: Int
  }

  /// An Int8 matrix by its place in the bytes: value (r, c) is `scales[r] · bytes[offset + r · columns + c]`.
  struct Matrix: Sendable {
    var offset = 0
    var rows = 0
    var columns = 0
    var scales: [Float] = []
    var biases: [Float] = []
  }

  struct Norm: Sendable {
    var gains: [Float] = []
    var shifts: [Float] = []
  }

  struct Layer: Sendable {
    var queryKeyValue = Matrix()
    var output = Matrix()
    var attentionNorm = Norm()
    var up = Matrix()
    var down = Matrix()
    var norm = Norm()
  }

  public let dimensions: Dimensions
  /// Free text about the model, JSON by custom; nobody has looked whether it is.
  public let metadata: String
  /// Name of each logit.
  public let names: [String]
  /// The tokeniser for the model's vocabulary.
  public let wordPiece: WordPiece

  let bytes: [UInt8]
  let words: Matrix
  let positions: Matrix
  let types: Matrix
  let embeddingNorm: Norm
  let layers: [Layer]
  /// Row k, K×H, holds the weights of logit k.
  let headWeights: [Float]
  let headBiases: [Float]

  /// Reads a model from the bytes of its file, which it keeps.
  ///
  /// No bytes make this trap, and a model that it returns cannot make the encoder trap.
  public init(_ bytes: [UInt8]) throws(Failure) {
    var reader = try FileReader(bytes)
    let d = reader.dimensions
    metadata = try reader.text("metadata", reader.textLengths.metadata)
    let names = try reader.text("names", reader.textLengths.names)
    self.names = names.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard self.names.count == d.outputs else {
      throw .wrongNameCount(stated: d.outputs, found: self.names.count)
    }
    let vocabulary = reader.section(reader.textLengths.vocabulary)
    do {
      wordPiece = try WordPiece(vocabulary: bytes[vocabulary])
    } catch {
      throw .vocabulary(error)
    }
    guard wordPiece.count == d.vocabulary else { throw .dimension("pieces", wordPiece.count) }

    words = try reader.matrix("words", d.vocabulary, d.hidden, biased: false)
    positions = try reader.matrix("positions", d.positions, d.hidden, biased: false)
    types = try reader.matrix("types", d.types, d.hidden, biased: false)
    embeddingNorm = try reader.norm("embeddings")
    var layers: [Layer] = []
    for index in 0..<d.layers {
      var layer = Layer()
      layer.queryKeyValue = try reader.matrix("layer \(index) query, key, value", 3 * d.hidden, d.hidden)
      layer.output = try reader.matrix("layer \(index) output", d.hidden, d.hidden)
      layer.attentionNorm = try reader.norm("layer \(index) attention")
      layer.up = try reader.matrix("layer \(index) up", d.intermediate, d.hidden)
      layer.down = try reader.matrix("layer \(index) down", d.hidden, d.intermediate)
      layer.norm = try reader.norm("layer \(index)")
      layers.append(layer)
    }
    self.layers = layers
    headWeights = try reader.floats("head", d.outputs * d.hidden)
    headBiases = try reader.floats("head", d.outputs)
    dimensions = d
    self.bytes = bytes
  }
}

/// Takes sections from a file whose length, checksum and sizes have been found to agree.
private struct FileReader {
  private static let magic = Array("IntakeRd".utf8)
  private static let fixedBytes = 68
  private static let alignment = 64

  let bytes: [UInt8]
  let dimensions: EncoderModel.Dimensions
  let textLengths: (metadata: Int, names: Int, vocabulary: Int)
  private var place = 0

  init(_ bytes: [UInt8]) throws(EncoderModel.Failure) {
    guard bytes.count <= EncoderLimits.fileBytes else {
      throw .tooLong(bytes: bytes.count, limit: EncoderLimits.fileBytes)
    }
    guard bytes.count >= Self.fixedBytes else { throw .tooShort(bytes: bytes.count) }
    guard bytes.starts(with: Self.magic) else { throw .notAModel }
    func word(_ place: Int) -> UInt32 {
      bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard word(8) == 1 else { throw .unknownVersion(word(8)) }
    let length = UInt64(word(20)) << 32 | UInt64(word(16))
    guard length == bytes.count else { throw .wrongLength(stated: length, found: bytes.count) }
    let checksum = Checksum.crc32(bytes[16...])
    guard checksum == word(12) else { throw .damaged(stated: word(12), found: checksum) }

    func size(_ index: Int, _ name: String, _ allowed: ClosedRange<Int>) throws(EncoderModel.Failure) -> Int {
      let value = Int(word(24 + 4 * index))
      guard allowed.contains(value) else { throw .dimension(name, value) }
      return value
    }
    let d = EncoderModel.Dimensions(
      hidden: try size(0, "hidden", EncoderLimits.hidden),
      layers: try size(1, "layers", EncoderLimits.layers),
      heads: try size(2, "heads", EncoderLimits.heads),
      intermediate: try size(3, "intermediate", EncoderLimits.intermediate),
      vocabulary: try size(4, "vocabulary", EncoderLimits.vocabulary),
      positions: try size(5, "positions", EncoderLimits.positions),
      types: try size(6, "types", EncoderLimits.types),
      outputs: try size(7, "outputs", EncoderLimits.outputs))
    guard d.hidden % (EncoderLimits.lane * d.heads) == 0 else { throw .dimension("hidden", d.hidden) }
    guard d.intermediate % EncoderLimits.lane == 0 else { throw .dimension("intermediate", d.intermediate) }
    textLengths = (
      try size(8, "metadata bytes", 0...EncoderLimits.metadataBytes),
      try size(9, "names bytes", 0...EncoderLimits.namesBytes),
      try size(10, "vocabulary bytes", 0...EncoderLimits.vocabularyBytes)
    )
    self.bytes = bytes
    dimensions = d
    _ = section(Self.fixedBytes)

    // The sizes are small enough for these sums to be far from overflow.
    func up(_ count: Int) -> Int { (count + Self.alignment - 1) / Self.alignment * Self.alignment }
    func matrix(_ rows: Int, _ columns: Int, vectors: Int = 2) -> Int {
      up(rows * columns) + vectors * up(4 * rows)
    }
    let norm = 2 * up(4 * d.hidden)
    let layer =
      matrix(3 * d.hidden, d.hidden) + matrix(d.hidden, d.hidden) + matrix(d.intermediate, d.hidden)
      + matrix(d.hidden, d.intermediate) + 2 * norm
    let needed =
      up(Self.fixedBytes) + up(textLengths.metadata) + up(textLengths.names) + up(textLengths.vocabulary)
      + matrix(d.vocabulary, d.hidden, vectors: 1) + matrix(d.positions, d.hidden, vectors: 1)
      + matrix(d.types, d.hidden, vectors: 1) + norm + d.layers * layer
      + up(4 * d.outputs * d.hidden) + up(4 * d.outputs)
    guard needed == bytes.count else { throw .wrongSections(needed: needed, found: bytes.count) }
  }

  /// The next section, of `count` bytes.
  mutating func section(_ count: Int) -> Range<Int> {
    let start = place
    place = (start + count + Self.alignment - 1) / Self.alignment * Self.alignment
    return start..<start + count
  }

  mutating func text(_ name: String, _ count: Int) throws(EncoderModel.Failure) -> String {
    guard let text = String(validating: bytes[section(count)], as: UTF8.self) else { throw .notUTF8(name) }
    return text
  }

  mutating func floats(_ name: String, _ count: Int) throws(EncoderModel.Failure) -> [Float] {
    let section = section(4 * count)
    let floats = bytes.withUnsafeBytes { raw in
      (0..<count).map { index in
        let bits = raw.loadUnaligned(fromByteOffset: section.lowerBound + 4 * index, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
    // A number that is no number fails this comparison too.
    guard floats.allSatisfy({ $0.magnitude <= EncoderLimits.magnitude }) else { throw .number(name) }
    return floats
  }

  mutating func matrix(
    _ name: String, _ rows: Int, _ columns: Int, biased: Bool = true
  ) throws(EncoderModel.Failure) -> EncoderModel.Matrix {
    let values = section(rows * columns)
    let scales = try floats("scales of \(name)", rows)
    guard scales.allSatisfy({ $0 >= 0 }) else { throw .number("scales of \(name)") }
    let biases = biased ? try floats("biases of \(name)", rows) : []
    return EncoderModel.Matrix(
      offset: values.lowerBound, rows: rows, columns: columns, scales: scales, biases: biases)
  }

  mutating func norm(_ name: String) throws(EncoderModel.Failure) -> EncoderModel.Norm {
    EncoderModel.Norm(
      gains: try floats("gains of \(name)", dimensions.hidden),
      shifts: try floats("shifts of \(name)", dimensions.hidden))
  }
}
