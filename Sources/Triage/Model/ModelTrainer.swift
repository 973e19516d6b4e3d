// Training: fits the heads, and measures them on messages that they were not fitted to, so that probabilities and
// cut-offs hold for mail of other authors.

/// A message to learn from.
public struct TrainingExample: Sendable {
  public var input: TriageInput
  public var isComplaint: Bool
  /// A leaf; nil where it is no complaint or the leaf is not known.
  public var category: String?
  /// Flags and the words that show them; nil where nobody looked for flags.
  public var flags: [LabelledMessage.FlagLabel]?
  /// Examples of one group are never on both sides of a measurement: an author, a situation, a case.
  public var group: String
  /// Learned from, but nothing is chosen by it: drill mail is unlike the mail to come (`LabelledMessage.isDrill`).
  public var isDrill = false
  /// What a second reader that was not trained on it says; nil where there is none.
  public var secondReading: SecondReading?

  public init(
    input: TriageInput, isComplaint: Bool, category: String?, flags: [LabelledMessage.FlagLabel]?,
    group: String
  ) {
    self.input = input
    self.isComplaint = isComplaint
    self.category = category
    self.flags = flags
    self.group = group
  }
}

/// A second reader's logits for a message.
public struct SecondReading: Sendable, Hashable {
  let scores: SecondReader.Scores

  /// - Parameter logits: the complaint's, the leaves' and the flags'; nil where their count is another.
  public init?(logits: [Double]) {
    guard logits.count == SecondReader.outputs.count, logits.allSatisfy(\.isFinite) else { return nil }
    let leaves = Taxonomy.ids.count
    scores = SecondReader.Scores(
      complaint: logits[0], categories: Array(logits[1...leaves]), flags: Array(logits[(leaves + 1)...]))
  }

  init(scores: SecondReader.Scores) { self.scores = scores }
}

/// Trains models.
public struct ModelTrainer: Sendable {
  /// What the data-dependent choices are; each was chosen on training mail alone, authors held out.
  struct Strengths: Sendable {
    var complaint = 30.0
    var category = 60.0
    var flag = 4.0
  }

  /// A message's scores by a model that had not seen its group.
  struct HeldOut: Sendable {
    var score: Double
    var probability = 0.0
    /// Softmax scores before the temperature; empty where it is no complaint.
    var categories: [Double] = []
  }

  private struct Prepared: Sendable {
    var features: MessageFeatures
    var example: TrainingExample
    var fold: Int
  }

  static let folds = 6
  let book: CueBook
  let settings: TriageSettings
  let aim: CutOffs.Aim
  var strengths = Strengths()

  public init(taxonomy: Taxonomy, settings: TriageSettings, aim: CutOffs.Aim = .init()) {
    book = CueBook(taxonomy: taxonomy, settings: settings)
    self.settings = settings
    self.aim = aim
  }

  /// What the second reader would see of a message.
  public func readerTexts(_ input: TriageInput) -> (subject: String, own: String, others: String) {
    let texts = SecondReader.texts(Reading(input, book, settings))
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    return (text(texts.subject), text(texts.own), text(texts.others))
  }

  /// What a second reader says of a message that it was not trained on.
  public func secondReading(_ input: TriageInput, _ reader: SecondReader) -> SecondReading {
    SecondReading(scores: reader.scores(Reading(input, book, settings)))
  }

  /// Fits a model.
  ///
  /// - Parameters:
  ///   - version: the number that the model goes by.
  ///   - origin: what it learned from, in words.
  ///   - reader: names the encoder that gave the examples' second readings; nil to train the first model alone.
  public func train(_ examples: [TrainingExample], version: Int, origin: String, reader: String? = nil)
    -> TriageModel
  {
    measured(examples, version: version, origin: origin, reader: reader).model
  }

  func measured(_ examples: [TrainingExample], version: Int, origin: String, reader: String? = nil)
    -> (model: TriageModel, heldOut: [HeldOut])
  {
    let prepared = prepare(examples)
    var heldOut = prepared.map { _ in HeldOut(score: 0) }
    for fold in 0..<Self.folds {
      let seen = prepared.filter { $0.fold != fold }
      guard seen.count < prepared.count, !seen.isEmpty else { continue }
      let complaint = complaintHead(seen)
      let categories = categoryHeads(seen)
      for (index, one) in prepared.enumerated() where one.fold == fold {
        heldOut[index].score = complaint.score(one.features.vector)
        if one.example.isComplaint {
          heldOut[index].categories = categories.map { $0.score(one.features.vector) }
        }
      }
    }
    let weighed = examples.indices.filter { !examples[$0].isDrill }
    let labels = weighed.map { examples[$0].isComplaint }
    let calibration = Calibration.fit(weighed.map { heldOut[$0].score }, labels)
    for index in heldOut.indices {
      heldOut[index].probability = calibration.probability(heldOut[index].score)
    }
    let combination = reader.flatMap { Self.combine(&heldOut, examples, reader: $0) }
    let model = TriageModel(
      version: version, origin: origin,
      cutOffs: CutOffs.choose(weighed.map { heldOut[$0].probability }, labels, aim: aim),
      calibration: calibration,
      complaint: complaintHead(prepared), categories: categoryHeads(prepared),
      temperature: Self.temperature(heldOut, examples), flags: flagHeads(prepared), combination: combination)
    return (model, heldOut)
  }

  /// What the first model gives less than this is left alone: newsletters, notices, other people's business.
  private static let readFrom = 0.01

  /// Fits the weights of both readers on held-out scores, and puts the combined ones in their place.
  private static func combine(_ heldOut: inout [HeldOut], _ examples: [TrainingExample], reader: String)
    -> TriageModel.Combination?
  {
    let both = examples.indices.filter {
      examples[$0].secondReading != nil && heldOut[$0].probability >= readFrom
    }
    func vector(_ index: Int) -> SparseVector {
      SparseVector(
        indices: [0, 1],
        values: [Float(heldOut[index].score), Float(examples[index].secondReading?.scores.complaint ?? 0)])
    }
    let weighed = both.filter { !examples[$0].isDrill }
    let labels = weighed.map { examples[$0].isComplaint }
    guard labels.contains(true), labels.contains(false) else { return nil }
    let head = LogisticRegression.fit(
      SparseRows(weighed.map(vector)), labels, strength: 100, width: 2, iterations: 300)
    var combination = TriageModel.Combination(
      reader: reader, first: Double(head.weights[0]), second: Double(head.weights[1]), offset: head.bias,
      from: readFrom, leafShare: 0)
    for index in both { heldOut[index].probability = ExactMath.logistic(head.score(vector(index))) }
    var best = (loss: Double.infinity, share: 0.0)
    func leaves(_ index: Int, _ share: Double) -> [Double]? {
      guard !heldOut[index].categories.isEmpty, let second = examples[index].secondReading else { return nil }
      return TriageModel.mixed(
        TriageModel.logProbabilities(heldOut[index].categories),
        TriageModel.logProbabilities(second.scores.categories), share)
    }
    for step in 0...20 {
      let share = Double(step) / 20
      var loss = 0.0
      for index in weighed {
        guard let leaf = examples[index].category.flatMap({ Taxonomy.ids.firstIndex(of: $0) }),
          let mixed = leaves(index, share)
        else { continue }
        loss -= TriageModel.logProbabilities(mixed)[leaf]
      }
      if loss < best.loss { best = (loss, share) }
    }
    combination.leafShare = best.share
    for index in both {
      if let mixed = leaves(index, best.share) { heldOut[index].categories = mixed }
    }
    return combination
  }

  private func prepare(_ examples: [TrainingExample]) -> [Prepared] {
    let groups = Array(Set(examples.map(\.group))).sorted()
    // Few groups are a fold each; many are dealt out by their names' hash.
    let byGroup = Dictionary(
      uniqueKeysWithValues: groups.enumerated().map { index, group in
        (group, groups.count <= Self.folds ? index : Int(FNV.value(of: group) % UInt64(Self.folds)))
      })
    return examples.map {
      Prepared(
        features: MessageFeatures(Reading($0.input, book, settings), book), example: $0,
        fold: byGroup[$0.group] ?? 0)
    }
  }

  private func complaintHead(_ prepared: [Prepared]) -> LinearHead {
    TriageModel.rounded(
      LogisticRegression.fit(
        SparseRows(prepared.map(\.features.vector)), prepared.map(\.example.isComplaint),
        strength: strengths.complaint, width: FeatureLayout.width))
  }

  private func categoryHeads(_ prepared: [Prepared]) -> [LinearHead] {
    let filed = prepared.compactMap { one in
      one.example.category.flatMap { Taxonomy.ids.firstIndex(of: $0) }.map { (one.features.vector, $0) }
    }
    var sizes = [Int](repeating: 0, count: Taxonomy.ids.count)
    for (_, leaf) in filed { sizes[leaf] += 1 }
    // Halfway to balance: rare leaves count more, but one odd letter does not outweigh forty.
    let mean = Double(filed.count) / Double(Taxonomy.ids.count)
    let weights = filed.map { (mean / Double(sizes[$0.1])).squareRoot() }
    return LogisticRegression.fit(
      SparseRows(filed.map(\.0)), filed.map(\.1), classes: Taxonomy.ids.count, strength: strengths.category,
      weights: weights, width: FeatureLayout.width
    ).map(TriageModel.rounded)
  }

  /// The temperature under which held-out leaves are likeliest.
  private static func temperature(_ heldOut: [HeldOut], _ examples: [TrainingExample]) -> Double {
    var best = (loss: Double.infinity, temperature: 1.0)
    for step in 0..<40 {
      let temperature = 0.3 * ExactMath.exp(Double(step) * 0.06)
      var loss = 0.0
      for (scores, example) in zip(heldOut, examples) where !scores.categories.isEmpty && !example.isDrill {
        guard let leaf = example.category.flatMap({ Taxonomy.ids.firstIndex(of: $0) }) else { continue }
        let top = scores.categories.max() ?? 0
        let sum = scores.categories.reduce(0) { $0 + ExactMath.exp(($1 - top) / temperature) }
        loss += ExactMath.log(sum) - (scores.categories[leaf] - top) / temperature
      }
      if loss < best.loss { best = (loss, temperature) }
    }
    return best.temperature
  }

  // MARK: Flags

  private struct LabelledSentence {
    var vector: SparseVector
    var kinds: Set<Flag.Kind>
    var message: Int
    var fold: Int
  }

  private func flagHeads(_ prepared: [Prepared]) -> [Flag.Kind: TriageModel.FlagHead] {
    var sentences: [LabelledSentence] = []
    for (index, one) in prepared.enumerated() {
      guard let labels = one.example.flags else { continue }
      let reading = one.features.reading
      for (text, scores, bytes) in reading.texts {
        let spans = labels.flatMap { label in Self.spans(of: label.words, in: bytes).map { (label.kind, $0) }
        }
        for place in text.sentences.indices {
          let range = text.sentences[place].start..<text.sentences[place].end
          sentences.append(
            LabelledSentence(
              vector: SentenceFeatures.vector(place, of: text, scores),
              kinds: Set(spans.filter { $0.1.overlaps(range) }.map(\.0)), message: index, fold: one.fold))
        }
      }
    }
    var heads: [Flag.Kind: TriageModel.FlagHead] = [:]
    for kind in Flag.Kind.allCases {
      let messages = Set(sentences.filter { $0.kinds.contains(kind) }.map(\.message))
      guard messages.count >= 8 else { continue }
      // Of each message the sentence that shows the flag most, by a head that had not seen the message's fold.
      var best: [Int: Double] = [:]
      for fold in 0..<Self.folds {
        let seen = sentences.filter { $0.fold != fold }
        guard seen.contains(where: { $0.kinds.contains(kind) }), seen.count < sentences.count else {
          continue
        }
        let head = flagHead(seen, kind)
        for sentence in sentences where sentence.fold == fold {
          best[sentence.message] = max(best[sentence.message] ?? -100, head.score(sentence.vector))
        }
      }
      for message in best.keys where prepared[message].example.isDrill { best[message] = nil }
      guard best.keys.contains(where: messages.contains) else { continue }
      let scored = best.map {
        (probability: ExactMath.logistic($0.value), isRight: messages.contains($0.key))
      }
      var head = TriageModel.FlagHead(
        head: flagHead(sentences, kind), threshold: Self.threshold(scored, recallFirst: kind == .safety))
      head.combined = combined(kind, best, messages, prepared)
      heads[kind] = head
    }
    return heads
  }

  /// Weighs the best sentence's score with the second reader's logit, where it read the messages.
  private func combined(
    _ kind: Flag.Kind, _ best: [Int: Double], _ shown: Set<Int>, _ prepared: [Prepared]
  ) -> TriageModel.FlagCombination? {
    guard let place = Flag.Kind.allCases.firstIndex(of: kind) else { return nil }
    let read = best.keys.sorted().compactMap { message -> (vector: SparseVector, isRight: Bool)? in
      guard let second = prepared[message].example.secondReading, let score = best[message] else {
        return nil
      }
      let vector = SparseVector(indices: [0, 1], values: [Float(score), Float(second.scores.flags[place])])
      return (vector, shown.contains(message))
    }
    guard read.contains(where: \.isRight), read.contains(where: { !$0.isRight }) else { return nil }
    let head = LogisticRegression.fit(
      SparseRows(read.map(\.vector)), read.map(\.isRight), strength: 10, width: 2, iterations: 200)
    let threshold = Self.threshold(
      read.map { (ExactMath.logistic(head.score($0.vector)), $0.isRight) }, recallFirst: kind == .safety)
    return TriageModel.FlagCombination(
      sentence: Double(head.weights[0]), reader: Double(head.weights[1]), offset: head.bias,
      threshold: threshold)
  }

  private func flagHead(_ sentences: [LabelledSentence], _ kind: Flag.Kind) -> LinearHead {
    // Every sentence that shows the flag and every fourth of the others: they outnumber it by hundreds.
    var kept: [LabelledSentence] = []
    for (index, sentence) in sentences.enumerated()
    where sentence.kinds.contains(kind) || index % 4 == 0 || !sentence.kinds.isEmpty {
      kept.append(sentence)
    }
    return TriageModel.rounded(
      LogisticRegression.fit(
        SparseRows(kept.map(\.vector)), kept.map { $0.kinds.contains(kind) }, strength: strengths.flag,
        weights: kept.map { $0.kinds.contains(kind) ? 3 : 1 }, width: SentenceFeatures.width, iterations: 50))
  }

  /// The threshold with the best F1 over messages; with recall counted twice where a miss is grave.
  private static func threshold(_ scored: [(probability: Double, isRight: Bool)], recallFirst: Bool) -> Double
  {
    let sorted = scored.sorted { ($1.probability, $0.isRight ? 1 : 0) < ($0.probability, $1.isRight ? 1 : 0) }
    let all = Double(scored.count { $0.isRight })
    let beta = recallFirst ? 4.0 : 1.0
    var right = 0.0
    var best = (value: 0.0, threshold: 0.5)
    for (index, one) in sorted.enumerated() {
      if one.isRight { right += 1 }
      let value = (1 + beta) * right / (beta * all + Double(index + 1))
      let next = index + 1 < sorted.count ? sorted[index + 1].probability : 0
      if value > best.value, next < one.probability { best = (value, (one.probability + next) / 2) }
    }
    return min(max(best.threshold, 0.05), 0.9)
  }

  /// Where words stand in a text, blanks and line ends alike.
  static func spans(of words: String, in bytes: [UInt8]) -> [Range<Int>] {
    let wanted = words.utf8.split(whereSeparator: { $0 <= 0x20 }).map(Array.init)
    guard let first = wanted.first?.first else { return [] }
    for start in bytes.indices where bytes[start] == first {
      var place = start
      var isThere = true
      for (index, word) in wanted.enumerated() {
        if index > 0 { while place < bytes.count, bytes[place] <= 0x20 { place += 1 } }
        guard place + word.count <= bytes.count, bytes[place..<(place + word.count)].elementsEqual(word)
        else {
          isThere = false
          break
        }
        place += word.count
      }
      if isThere { return [start..<place] }
    }
    return []
  }
}
