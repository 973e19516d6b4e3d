// The second reader: a small encoder that reads a message's words in their order, for messages that the first model
// is unsure of. It sees the sender's words and other people's apart, by BERT's two token types.

import Reader

/// A fine-tuned encoder and how a message is put to it.
public struct SecondReader: Sendable {
  /// What it says of a message; logits.
  struct Scores: Sendable, Hashable {
    var complaint: Double
    /// In the order of `Taxonomy.ids`.
    var categories: [Double]
    /// By kind, in the order of `Verdict.Flag.Kind.allCases`.
    var flags: [Double]
  }

  /// Six layers of 384 and their vocabulary have 23 MB.
  public static let largestFile = 30 << 20

  /// Tokens of each part; with the marks between them at most 284, far below the encoder's 512. Trained so.
  static let subjectTokens = 24
  static let ownTokens = 200
  static let othersTokens = 56
  /// Of a longer text the first two thirds of what is taken and the last third: a reproach stands at either end.
  static let headTokens = ownTokens * 2 / 3

  private let encoder: Encoder
  private let pieces: WordPiece
  /// Eight digits that name its weights.
  public let digest: String

  /// - Throws: `ModelProblem` where the bytes are damaged, or are an encoder for something else.
  public init(_ bytes: [UInt8]) throws(ModelProblem) {
    let model: EncoderModel
    do {
      model = try EncoderModel(bytes)
    } catch {
      throw ModelProblem("is no encoder of ours: \(error)")
    }
    guard model.names == Self.outputs else {
      throw ModelProblem("gives other outputs than complaint, the leaves and the flags; train it anew")
    }
    guard model.dimensions.positions >= 4 + Self.subjectTokens + Self.ownTokens + Self.othersTokens,
      model.dimensions.types >= 2
    else { throw ModelProblem("reads fewer tokens than a message may have") }
    encoder = Encoder(model)
    pieces = model.wordPiece
    digest = FNV.hex(of: bytes.suffix(64) + bytes.prefix(1 << 12))
  }

  /// The names of the outputs, in order.
  public static let outputs = ["complaint"] + Taxonomy.ids + Verdict.Flag.Kind.allCases.map(\.rawValue)

  /// The texts that are put to the encoder: the subject, the sender's words, other people's.
  static func texts(_ reading: Reading) -> (subject: [UInt8], own: [UInt8], others: [UInt8]) {
    let parts = textParts(reading)
    let own = joined(reading, parts.own)
    return (reading.subject, parts.attached.isEmpty ? own : own + [0x0A] + parts.attached, parts.others)
  }

  /// The sender's words as places in `Reading.bytes`, what is attached where the message only passes it on, and
  /// other people's words.
  private static func textParts(_ reading: Reading) -> (own: [Range<Int>], attached: [UInt8], others: [UInt8])
  {
    let voices = reading.voices
    let own = reading.isPassedOn ? voices.own + voices.passedOn : voices.own
    let others = (reading.isPassedOn ? [] : voices.passedOn) + voices.pasted + voices.quoted
    return (
      own.sorted { $0.lowerBound < $1.lowerBound }, reading.isPassedOn ? reading.attached : [],
      joined(reading, others)
    )
  }

  private static func joined(_ reading: Reading, _ ranges: [Range<Int>]) -> [UInt8] {
    Array(
      ranges.sorted { $0.lowerBound < $1.lowerBound }.map { reading.bytes[$0] }.joined(separator: [0x0A]))
  }

  /// Reads a message: some 0.1 to 0.2 seconds on one core.
  func scores(_ reading: Reading) -> Scores {
    let parts = parts(reading)
    return scores(encoder.logits(tokens: parts.tokens.map(\.id), types: parts.types))
  }

  /// A message's tokens, each with its place in the text that it comes from; the own words' places are those in
  /// `Reading.bytes`.
  private struct Parts {
    var tokens: [(id: Int32, own: Int?)] = []
    var types: [UInt8] { tokens.indices.map { $0 < others ? 0 : 1 } }
    /// Where other people's text begins.
    var others = 0
  }

  private func parts(_ reading: Reading, leavingOut left: Range<Int>? = nil) -> Parts {
    let texts = Self.textParts(reading)
    var own: [(id: Int32, own: Int?)] = []
    for range in texts.own {
      own += pieces.tokens(in: reading.bytes[range]).map { ($0.id, $0.bytes.lowerBound) }
    }
    own += pieces.tokens(in: texts.attached[...]).map { ($0.id, nil) }
    if own.count > Self.ownTokens {
      own = Array(own.prefix(Self.headTokens) + own.suffix(Self.ownTokens - Self.headTokens))
    }
    if let left { own.removeAll { $0.own.map(left.contains) ?? false } }
    func plain(_ text: [UInt8], _ limit: Int) -> [(id: Int32, own: Int?)] {
      pieces.tokens(in: text[...], limit: limit).map { ($0.id, nil) }
    }
    let end: [(id: Int32, own: Int?)] = [(pieces.separator, nil)]
    var parts = Parts()
    parts.tokens = [(pieces.classifier, nil)] + plain(reading.subject, Self.subjectTokens) + end + own + end
    parts.others = parts.tokens.count
    let others = plain(texts.others, Self.othersTokens)
    if !others.isEmpty { parts.tokens += others + end }
    return parts
  }

  private func scores(_ logits: [Float]) -> Scores {
    let leaves = Taxonomy.ids.count
    let numbers = logits.map(Double.init)
    return Scores(
      complaint: numbers[0], categories: Array(numbers[1...leaves]), flags: Array(numbers[(leaves + 1)...]))
  }

  /// How much some sentences of the sender's moved the complaint logit: the difference that leaving one out makes.
  ///
  /// The sentences tried are those whose tokens give the logit most, one way or the other; each costs a reading.
  ///
  /// - Parameter most: sentences tried.
  func sentenceWeights(_ reading: Reading, most: Int) -> [(sentence: Int, weight: Double)] {
    let sentences = reading.own.sentences
    guard sentences.count > 1 else { return [] }
    let parts = parts(reading)
    let (logits, shares) = encoder.logits(
      tokens: parts.tokens.map(\.id), types: parts.types, sharesOf: 0)
    let mean = shares.reduce(0, +) / Float(max(1, shares.count))
    // Against the mean, or a long sentence would seem to matter for its length.
    let given = sentences.map { sentence in
      zip(parts.tokens, shares).reduce(Float(0)) { sum, token in
        (token.0.own.map { sentence.start <= $0 && $0 < sentence.end } ?? false) ? sum + token.1 - mean : sum
      }
    }
    let tried = given.indices.sorted { (abs(given[$1]), $0) < (abs(given[$0]), $1) }.prefix(most).sorted()
    return tried.map { index in
      let without = self.parts(reading, leavingOut: sentences[index].start..<sentences[index].end)
      let read = encoder.logits(tokens: without.tokens.map(\.id), types: without.types)
      return (index, Double(logits[0] - read[0]))
    }
  }
}
