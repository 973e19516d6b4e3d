// BERT's uncased tokeniser: text to the pieces of a vocabulary, each with its place in the text.
//
// The rules are those of the table's description (static-embeddings/README.md) and of the tokenisers it was
// checked against. One thing is not done on purpose: the text "[SEP]" is three words here, never the special
// token, so that mail cannot write special tokens.

/// Splits UTF-8 text in the pieces of a BERT uncased vocabulary.
///
/// Time is linear in the bytes (a word costs at most 100 scalars times the longest piece), memory beside the
/// tokens is constant, and no bytes trap: what is no UTF-8 is dropped.
public struct WordPiece: Sendable {
  /// Why a vocabulary is refused.
  public enum Failure: Error, Equatable, Sendable {
    case tooLong(bytes: Int, limit: Int)
    case notUTF8
    case tooManyPieces(limit: Int)
    /// The vocabulary lacks a piece that every BERT vocabulary has.
    case missing(String)
  }

  /// A piece of the text.
  public struct Token: Equatable, Sendable {
    /// Line of the vocabulary, from 0.
    public let id: Int32
    /// Where the piece is in the text, as UTF-8 offsets or as indices of the slice given. Marks and invisible
    /// characters inside a piece belong to it, and marks right after it.
    public let bytes: Range<Int>
  }

  /// Number of pieces.
  public let count: Int
  /// Id of [CLS], which begins every run of the encoder.
  public let classifier: Int32
  /// Id of [SEP], which ends one.
  public let separator: Int32
  /// Id of [UNK], a word that has no pieces.
  public let unknown: Int32

  private let trie: PieceTrie

  /// Reads a vocabulary: one piece to a line, a newline after the last one allowed; of two lines with the
  /// same piece the later one counts.
  public init(vocabulary: ArraySlice<UInt8>) throws(Failure) {
    guard vocabulary.count <= EncoderLimits.vocabularyBytes else {
      throw .tooLong(bytes: vocabulary.count, limit: EncoderLimits.vocabularyBytes)
    }
    guard String(validating: vocabulary, as: UTF8.self) != nil else { throw .notUTF8 }
    var pieces = vocabulary.split(separator: 0x0A, omittingEmptySubsequences: false)
    if pieces.last?.isEmpty == true { pieces.removeLast() }
    let limit = EncoderLimits.vocabulary.upperBound
    guard pieces.count <= limit else { throw .tooManyPieces(limit: limit) }

    func id(_ piece: String) throws(Failure) -> Int32 {
      guard let id = pieces.lastIndex(where: { $0.elementsEqual(piece.utf8) }) else { throw .missing(piece) }
      return Int32(id)
    }
    classifier = try id("[CLS]")
    separator = try id("[SEP]")
    unknown = try id("[UNK]")
    count = pieces.count
    trie = PieceTrie(pieces)
  }

  /// The pieces of a slice, at most `limit` of them; ranges are indices of the slice.
  public func tokens(in text: ArraySlice<UInt8>, limit: Int = .max) -> [Token] {
    text.withUnsafeBufferPointer { buffer in
      tokens(in: buffer, 0..<buffer.count, limit: limit, base: text.startIndex)
    }
  }

  /// The pieces of `text[range]`, at most `limit` of them; ranges are offsets in `text`. The range must lie
  /// in the text.
  public func tokens(
    in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, limit: Int = .max
  ) -> [Token] {
    tokens(in: text, range, limit: limit, base: 0)
  }

  private func tokens(
    in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, limit: Int, base: Int
  ) -> [Token] {
    precondition(range.lowerBound >= 0 && range.upperBound <= text.count, "range outside the text")
    var reader = ScalarReader(bytes: text, end: range.upperBound, place: range.lowerBound)
    var words = Words(trie: trie, unknown: unknown, limit: limit, base: base)
    while reader.place < reader.end, !words.isFull {
      let start = reader.place
      let scalar = reader.next()
      words.add(scalar, start..<reader.place)
    }
    words.endWord()
    return words.tokens
  }
}

/// Gathers scalars to words and words to pieces.
private struct Words {
  let trie: PieceTrie
  let unknown: Int32
  let limit: Int
  /// Added to every offset.
  let base: Int
  private(set) var tokens: [WordPiece.Token] = []

  /// The word so far, normalised; for each of its bytes where the scalar it came from begins and ends.
  private var word: [UInt8] = []
  private var starts: [Int] = []
  private var ends: [Int] = []
  /// Scalars of the word, of which those past the limit are not kept.
  private var scalars = 0
  private var wordStart = 0
  private var wordEnd = 0

  init(trie: PieceTrie, unknown: Int32, limit: Int, base: Int) {
    (self.trie, self.unknown, self.limit, self.base) = (trie, unknown, limit, base)
    word.reserveCapacity(4 * EncoderLimits.wordScalars)
    starts.reserveCapacity(4 * EncoderLimits.wordScalars)
    ends.reserveCapacity(4 * EncoderLimits.wordScalars)
  }

  var isFull: Bool { tokens.count >= limit }

  /// Takes the scalar that `source` holds.
  mutating func add(_ scalar: UInt32, _ source: Range<Int>) {
    if scalar < 0x80 {
      switch UInt8(scalar) {
      case 0x30...0x39, 0x61...0x7A: extend(scalar, source)
      case 0x41...0x5A: extend(scalar | 0x20, source)
      case 0x09, 0x0A, 0x0D, 0x20: endWord()
      case 0x21...0x7E: alone(scalar, source)
      default: break
      }
      return
    }
    switch TextScalar.kind(of: scalar) {
    case .dropped: break
    case .separator: endWord()
    case .mark: if !ends.isEmpty { extendEnd(to: source.upperBound) }
    case .ideograph: alone(Decompositions.base(of: scalar), source)
    case .other:
      if let parts = Decompositions.parts(of: scalar) {
        for part in parts { addLowered(part, source) }
      } else {
        addLowered(Decompositions.base(of: scalar), source)
      }
    }
  }

  private mutating func addLowered(_ scalar: UInt32, _ source: Range<Int>) {
    let lowered = TextScalar.lowered(scalar)
    if TextScalar.isPunctuation(lowered) { alone(lowered, source) } else { extend(lowered, source) }
  }

  /// A scalar that is a word by itself.
  private mutating func alone(_ scalar: UInt32, _ source: Range<Int>) {
    endWord()
    extend(scalar, source)
    endWord()
  }

  private mutating func extend(_ scalar: UInt32, _ source: Range<Int>) {
    if scalars == 0 { wordStart = source.lowerBound }
    scalars += 1
    wordEnd = source.upperBound
    guard scalars <= EncoderLimits.wordScalars else { return }
    if scalar < 0x80 {
      word.append(UInt8(scalar))
    } else {
      word.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")!)
    }
    while starts.count < word.count {
      starts.append(source.lowerBound)
      ends.append(source.upperBound)
    }
  }

  /// Makes a dropped mark part of the scalar before it.
  private mutating func extendEnd(to end: Int) {
    wordEnd = end
    guard scalars <= EncoderLimits.wordScalars else { return }
    let start = starts[starts.count - 1]
    var place = starts.count - 1
    while place >= 0, starts[place] == start {
      ends[place] = end
      place -= 1
    }
  }

  /// Ends the word, if there is one, and gives its pieces.
  mutating func endWord() {
    guard scalars > 0 else { return }
    let known = tokens.count
    var place = 0
    var root = PieceTrie.Root.start
    var isWhole = scalars <= EncoderLimits.wordScalars
    while isWhole, place < word.count {
      guard let piece = trie.longest(root, in: word, from: place) else {
        isWhole = false
        break
      }
      tokens.append(token(piece.id, starts[place], ends[piece.end - 1]))
      place = piece.end
      root = .continuation
    }
    if !isWhole {
      tokens.removeSubrange(known...)
      tokens.append(token(unknown, wordStart, wordEnd))
    }
    if tokens.count > limit { tokens.removeSubrange(max(0, limit)...) }
    word.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    scalars = 0
  }

  private func token(_ id: Int32, _ start: Int, _ end: Int) -> WordPiece.Token {
    WordPiece.Token(id: id, bytes: start + base..<end + base)
  }
}
