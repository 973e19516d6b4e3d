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
    func joined(_ ranges: [Range<Int>]) -> [UInt8] {
      Array(
        ranges.sorted { $0.lowerBound < $1.lowerBound }.map { reading.bytes[$0] }.joined(separator: [0x0A]))
    }
    let voices = reading.voices
    let own = joined(reading.isPassedOn ? voices.own + voices.passedOn : voices.own)
    let others = joined((reading.isPassedOn ? [] : voices.passedOn) + voices.pasted + voices.quoted)
    return (reading.subject, own + (reading.isPassedOn ? [0x0A] + reading.attached : []), others)
  }

  /// Reads a message: some 0.1 to 0.5 seconds on one core.
  func scores(_ reading: Reading) -> Scores {
    let texts = Self.texts(reading)
    let subject = pieces.tokens(in: texts.subject[...], limit: Self.subjectTokens).map(\.id)
    let own = pieces.tokens(in: texts.own[...]).map(\.id)
    let others = pieces.tokens(in: texts.others[...], limit: Self.othersTokens).map(\.id)
    return scores(subject: subject, own: own, others: others)
  }

  private func scores(subject: [Int32], own: [Int32], others: [Int32]) -> Scores {
    let kept =
      own.count <= Self.ownTokens
      ? own : Array(own.prefix(Self.headTokens) + own.suffix(Self.ownTokens - Self.headTokens))
    var tokens = [pieces.classifier] + subject + [pieces.separator] + kept + [pieces.separator]
    var types = [UInt8](repeating: 0, count: tokens.count)
    if !others.isEmpty {
      tokens += others + [pieces.separator]
      types += [UInt8](repeating: 1, count: others.count + 1)
    }
    let logits = encoder.logits(tokens: tokens, types: types).map(Double.init)
    let leaves = Taxonomy.ids.count
    return Scores(
      complaint: logits[0], categories: Array(logits[1...leaves]), flags: Array(logits[(leaves + 1)...]))
  }

  /// How much each sentence of the sender's moved the complaint logit: the difference that leaving it out makes.
  ///
  /// - Parameter most: sentences tried, the first ones; each costs a reading.
  func sentenceWeights(_ reading: Reading, whole: Scores, most: Int) -> [(sentence: Int, weight: Double)] {
    let subject = pieces.tokens(in: Self.texts(reading).subject[...], limit: Self.subjectTokens).map(\.id)
    let others = pieces.tokens(in: Self.texts(reading).others[...], limit: Self.othersTokens).map(\.id)
    let sentences = reading.own.sentences
    guard sentences.count > 1 else { return [] }
    let parts = sentences.map { pieces.tokens(in: reading.bytes[$0.start..<$0.end]).map(\.id) }
    return sentences.indices.prefix(most).map { left in
      let own = parts.indices.filter { $0 != left }.flatMap { parts[$0] }
      return (left, whole.complaint - scores(subject: subject, own: own, others: others).complaint)
    }
  }
}
