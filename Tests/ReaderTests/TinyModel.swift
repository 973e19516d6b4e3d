// A random model of the encoder's structure, as a file, written by the test's own hand.

@testable import Reader

/// Numbers that are the same on every machine.
struct Dice {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// From -size to size.
  mutating func float(_ size: Float) -> Float { (Float(below(20_001)) / 10_000 - 1) * size }
}

/// The parts of a model's file; `bytes` puts them together.
struct TinyModel {
  static let pieces = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "complain", "##t", "##ts", "the", "bill", "is", "wrong", "wr",
    "##ong",
    "!", ".", "a", "b", "c", "##a", "##b", "##c", "e", "##e", "fa", "##cade", "\u{8A33}", "\u{1100}",
    "##\u{1161}",
    "##\u{11A8}", "\u{3BF}", "##\u{3C3}", "\u{20AC}", "##1", "1",
  ]

  var hidden = 32
  var layers = 2
  var heads = 2
  var intermediate = 48
  var positions = 40
  var types = 2
  var metadata = Array(#"{"made":"here"}"#.utf8)
  var names = ["complaint", "enquiry", "praise"]
  var pieces = Self.pieces
  var version: UInt32 = 1
  var magic = Array("IntakeRd".utf8)
  var seed: UInt64 = 1

  /// A matrix as it is in the file.
  struct Matrix {
    var values: [Int8]
    var scales: [Float]
    var biases: [Float]
    let columns: Int

    /// Row `row`, as the numbers it stands for.
    func row(_ row: Int) -> [Double] {
      (0..<columns).map { Double(values[row * columns + $0]) * Double(scales[row]) }
    }
  }

  struct Layer {
    let queryKeyValue, output, up, down: Matrix
    let attentionNorm, norm: (gains: [Float], shifts: [Float])
  }

  struct Parts {
    let words, positions, types: Matrix
    let embeddingNorm: (gains: [Float], shifts: [Float])
    let layers: [Layer]
    let headWeights, headBiases: [Float]
  }

  /// The network's numbers, drawn in the order of the file.
  var parts: Parts {
    var dice = Dice(seed)
    func matrix(_ rows: Int, _ columns: Int, _ size: Float, biased: Bool = true) -> Matrix {
      Matrix(
        values: (0..<rows * columns).map { _ in Int8(dice.below(255) - 127) },
        scales: (0..<rows).map { _ in (1 + dice.float(0.5)) * size / 127 },
        biases: biased ? (0..<rows).map { _ in dice.float(0.2) } : [], columns: columns)
    }
    func norm() -> (gains: [Float], shifts: [Float]) {
      ((0..<hidden).map { _ in 1 + dice.float(0.3) }, (0..<hidden).map { _ in dice.float(0.2) })
    }
    return Parts(
      words: matrix(pieces.count, hidden, 1, biased: false),
      positions: matrix(positions, hidden, 0.5, biased: false),
      types: matrix(types, hidden, 0.2, biased: false),
      embeddingNorm: norm(),
      layers: (0..<layers).map { _ in
        let queryKeyValue = matrix(3 * hidden, hidden, 0.3)
        let output = matrix(hidden, hidden, 0.2)
        let attentionNorm = norm()
        let up = matrix(intermediate, hidden, 0.3)
        let down = matrix(hidden, intermediate, 0.2)
        return Layer(
          queryKeyValue: queryKeyValue, output: output, up: up, down: down, attentionNorm: attentionNorm,
          norm: norm())
      },
      headWeights: (0..<names.count * hidden).map { _ in dice.float(0.5) },
      headBiases: (0..<names.count).map { _ in dice.float(0.5) })
  }

  var bytes: [UInt8] {
    var body: [UInt8] = []
    func section(_ bytes: some Sequence<UInt8>) {
      body += bytes
      while body.count % 64 != 0 { body.append(0) }
    }
    func floats(_ floats: [Float]) { section(floats.flatMap { Self.little($0.bitPattern) }) }
    func matrix(_ matrix: Matrix) {
      section(matrix.values.map { UInt8(bitPattern: $0) })
      floats(matrix.scales)
      if !matrix.biases.isEmpty { floats(matrix.biases) }
    }
    func norm(_ norm: (gains: [Float], shifts: [Float])) {
      floats(norm.gains)
      floats(norm.shifts)
    }
    let nameBytes = Array(names.joined(separator: "\n").utf8)
    let pieceBytes = Array(pieces.joined(separator: "\n").utf8)
    let sizes = [
      hidden, layers, heads, intermediate, pieces.count, positions, types, names.count, metadata.count,
      nameBytes.count, pieceBytes.count,
    ]
    section([UInt8](repeating: 0, count: 24) + sizes.flatMap { Self.little(UInt32($0)) })
    section(metadata)
    section(nameBytes)
    section(pieceBytes)
    let parts = parts
    matrix(parts.words)
    matrix(parts.positions)
    matrix(parts.types)
    norm(parts.embeddingNorm)
    for layer in parts.layers {
      matrix(layer.queryKeyValue)
      matrix(layer.output)
      norm(layer.attentionNorm)
      matrix(layer.up)
      matrix(layer.down)
      norm(layer.norm)
    }
    floats(parts.headWeights)
    floats(parts.headBiases)
    body.replaceSubrange(0..<16, with: magic + Self.little(version) + [0, 0, 0, 0])
    return Self.sealed(body)
  }

  /// The bytes with the length and the checksum that they should have.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(16..<24, with: little(UInt32(bytes.count)) + [0, 0, 0, 0])
    var crc = UInt32.max
    for byte in bytes[16...] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    bytes.replaceSubrange(12..<16, with: little(~crc))
    return bytes
  }

  static func little(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
}
