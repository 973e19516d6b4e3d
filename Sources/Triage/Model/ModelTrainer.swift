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

  /// Fits a model.
  ///
  /// - Parameters:
  ///   - version: the number that the model goes by.
  ///   - origin: what it learned from, in words.
  public func train(_ examples: [TrainingExample], version: Int, origin: String) -> TriageModel {
    measured(examples, version: version, origin: origin).model
  }

  func measured(_ examples: [TrainingExample], version: Int, origin: String)
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
    let labels = examples.map(\.isComplaint)
    let calibration = Calibration.fit(heldOut.map(\.score), labels)
    for index in heldOut.indices {
      heldOut[index].probability = calibration.probability(heldOut[index].score)
    }
    let model = TriageModel(
      version: version, origin: origin,
      cutOffs: CutOffs.choose(heldOut.map(\.probability), labels, aim: aim), calibration: calibration,
      complaint: complaintHead(prepared), categories: categoryHeads(prepared),
      temperature: Self.temperature(heldOut, examples), flags: flagHeads(prepared))
    return (model, heldOut)
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
      for (scores, example) in zip(heldOut, examples) where !scores.categories.isEmpty {
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
      var best: [Int: Double] = [:]
      for fold in 0..<Self.folds {
        let seen = sentences.filter { $0.fold != fold }
        guard seen.contains(where: { $0.kinds.contains(kind) }), seen.count < sentences.count else {
          continue
        }
        let head = flagHead(seen, kind)
        for sentence in sentences where sentence.fold == fold {
          best[sentence.message] = max(
            best[sentence.message] ?? 0, ExactMath.logistic(head.score(sentence.vector)))
        }
      }
      let scored = best.map { (probability: $0.value, isRight: messages.contains($0.key)) }
      heads[kind] = TriageModel.FlagHead(
        head: flagHead(sentences, kind), threshold: Self.threshold(scored, recallFirst: kind == .safety))
    }
    return heads
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
