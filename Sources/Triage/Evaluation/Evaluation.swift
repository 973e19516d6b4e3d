// How good verdicts are, measured on labelled mail; every share with its interval.

/// A labelled message and what was made of it.
public struct JudgedMessage: Sendable {
  public var label: LabelledMessage
  public var verdict: Verdict
  /// The leaves by probability, best first.
  public var ranking: [CategoryScore]

  public init(label: LabelledMessage, verdict: Verdict, ranking: [CategoryScore]) {
    self.label = label
    self.verdict = verdict
    self.ranking = ranking
  }

  /// Whether a person reads it.
  var isSeen: Bool { verdict.band != .notAComplaint }
}

/// Figures over judged messages.
public struct Evaluation: Sendable {
  /// Precision and recall of one flag.
  public struct FlagFigure: Sendable {
    public var kind: Verdict.Flag.Kind
    public var precision: Share
    public var recall: Share
  }

  public let count: Int
  /// Complaints in `complaint` or `possible`.
  public let recall: Share
  /// Complaints in `complaint`.
  public let recalledAsComplaint: Share
  /// Others that a person must read.
  public let othersRead: Share
  /// Others called `complaint`.
  public let othersCalledComplaint: Share
  /// Of all that is called `complaint`, what is one.
  public let precision: Share
  /// "Help, somebody complained about me": called complaint.
  public let otherLettersCalledComplaint: Share
  public let topLeaf: Share
  public let topThreeLeaves: Share
  public let flags: [FlagFigure]
  /// All flags together.
  public let flagPrecision: Share
  public let flagRecall: Share
  /// Expected calibration error over ten bins of equal width, with its bootstrap interval.
  public let calibrationError: (value: Double, low: Double, high: Double)
  /// The chance that a complaint scores above another message.
  public let areaUnderCurve: Double
  /// By difficulty: complaints that reach a person, and others that do.
  public let byDifficulty: [(name: String, complaints: Share?, others: Share?)]
  /// By true leaf: how often it comes first.
  public let byLeaf: [(leaf: String, recall: Share, precision: Share)]
  /// True leaf, leaf given, how often; most frequent first.
  public let confusions: [(truth: String, given: String, count: Int)]
  public let passedOver: [JudgedMessage]
  public let wronglyCalled: [JudgedMessage]

  public init(_ judged: [JudgedMessage]) {
    count = judged.count
    let complaints = judged.filter(\.label.isComplaint)
    let others = judged.filter { !$0.label.isComplaint }
    recall = Share(complaints.count(where: \.isSeen), of: complaints.count)
    recalledAsComplaint = Share(complaints.count { $0.verdict.band == .complaint }, of: complaints.count)
    othersRead = Share(others.count(where: \.isSeen), of: others.count)
    othersCalledComplaint = Share(others.count { $0.verdict.band == .complaint }, of: others.count)
    let called = judged.filter { $0.verdict.band == .complaint }
    precision = Share(called.count(where: \.label.isComplaint), of: called.count)
    let letters = others.filter { $0.label.difficulty == "other-letter" }
    otherLettersCalledComplaint = Share(letters.count { $0.verdict.band == .complaint }, of: letters.count)
    topLeaf = Share(
      complaints.count { $0.ranking.first?.category == $0.label.category }, of: complaints.count)
    topThreeLeaves = Share(
      complaints.count { one in one.ranking.prefix(3).contains { $0.category == one.label.category } },
      of: complaints.count)
    let pairs = judged.filter(\.label.hasFlagLabels).map {
      (Set($0.label.flags.map(\.kind)), Set($0.verdict.flags.map(\.kind)))
    }
    flags = Verdict.Flag.Kind.allCases.map { kind in
      let right = pairs.count { $0.0.contains(kind) && $0.1.contains(kind) }
      return FlagFigure(
        kind: kind, precision: Share(right, of: pairs.count { $0.1.contains(kind) }),
        recall: Share(right, of: pairs.count { $0.0.contains(kind) }))
    }
    let right = pairs.reduce(0) { $0 + $1.0.intersection($1.1).count }
    flagPrecision = Share(right, of: pairs.reduce(0) { $0 + $1.1.count })
    flagRecall = Share(right, of: pairs.reduce(0) { $0 + $1.0.count })
    let scored = judged.map { ($0.verdict.probability, $0.label.isComplaint) }
    calibrationError = Self.calibrationError(scored)
    areaUnderCurve = Self.areaUnderCurve(scored)
    byDifficulty = Set(judged.map(\.label.difficulty)).sorted().map { name in
      func share(_ all: [JudgedMessage]) -> Share? {
        let some = all.filter { $0.label.difficulty == name }
        return some.isEmpty ? nil : Share(some.count(where: \.isSeen), of: some.count)
      }
      return (name, share(complaints), share(others))
    }
    byLeaf = Taxonomy.ids.compactMap { leaf in
      let those = complaints.filter { $0.label.category == leaf }
      let given = complaints.filter { $0.ranking.first?.category == leaf }
      let right = those.count { $0.ranking.first?.category == leaf }
      return those.isEmpty && given.isEmpty
        ? nil : (leaf, Share(right, of: those.count), Share(right, of: given.count))
    }
    var confused: [String: Int] = [:]
    for one in complaints {
      if let truth = one.label.category, let given = one.ranking.first?.category, truth != given {
        confused["\(truth) \(given)", default: 0] += 1
      }
    }
    confusions = confused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      let halves = $0.key.split(separator: " ")
      return (String(halves[0]), String(halves[1]), $0.value)
    }
    passedOver = complaints.filter { !$0.isSeen }
    wronglyCalled = others.filter { $0.verdict.band == .complaint }
  }

  static func calibrationError(_ scored: [(Double, Bool)], rounds: Int = 400) -> (
    value: Double, low: Double, high: Double
  ) {
    func error(_ indices: some Collection<Int>) -> Double {
      var sums = [(probability: Double, right: Double, count: Double)](repeating: (0, 0, 0), count: 10)
      for index in indices {
        let bin = min(9, Int(scored[index].0 * 10))
        sums[bin].probability += scored[index].0
        sums[bin].right += scored[index].1 ? 1 : 0
        sums[bin].count += 1
      }
      return sums.reduce(0) { $0 + abs($1.probability - $1.right) } / Double(max(1, indices.count))
    }
    // A fixed generator: the same figures each time.
    var state: UInt64 = 1
    var found: [Double] = []
    for _ in 0..<rounds where !scored.isEmpty {
      found.append(
        error(
          scored.indices.map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(scored.count))
          }))
    }
    found.sort()
    return (error(scored.indices), found.dropFirst(10).first ?? 0, found.dropLast(10).last ?? 0)
  }

  static func areaUnderCurve(_ scored: [(Double, Bool)]) -> Double {
    let sorted = scored.sorted { $0.0 < $1.0 }
    var below = 0.0
    var area = 0.0
    var start = 0
    while start < sorted.count {
      var end = start
      while end < sorted.count, sorted[end].0 == sorted[start].0 { end += 1 }
      let others = Double(sorted[start..<end].count { !$0.1 })
      area += Double(end - start) * (below + others / 2) - others * (below + others / 2)
      below += others
      start = end
    }
    let positives = Double(sorted.count { $0.1 })
    return positives * below == 0 ? 0 : area / (positives * below)
  }
}
