// Which words made a linear score: each n-gram's share spread over the words that it covers.

/// What each word of a message added to a head's score.
struct WordWeights: Sendable {
  /// For each word of the sender's text, in its order; logits before calibration.
  private(set) var own: [Double]
  private(set) var attached: [Double]
  private(set) var subject: [Double]
  /// Logits for a unit of the rules' score.
  private let ruleWeight: Double

  init(_ features: MessageFeatures, _ head: LinearHead) {
    let reading = features.reading
    var values: [Int32: Float] = [:]
    for (index, value) in zip(features.vector.indices, features.vector.values) { values[index] = value }
    var counts: [Int: Int] = [:]
    func each(
      _ text: Words, _ words: Range<Int>, _ letters: Range<Int>?, _ visit: (Int, ClosedRange<Int>) -> Void
    ) {
      let names = text.vocabulary.map(MessageFeatures.normal)
      let buckets = letters.map { block in names.map { MessageFeatures.letterBuckets($0, block) } }
      for sentence in text.sentences {
        var previous: String?
        for place in sentence.words {
          let id = text.words[place].id
          let (one, two) = MessageFeatures.wordBuckets(names[id], after: previous, words)
          visit(one, place...place)
          if let two { visit(two, (place - 1)...place) }
          for bucket in buckets?[id] ?? [] { visit(bucket, place...place) }
          previous = names[id]
        }
      }
    }
    let blocks = (FeatureLayout.ownWords, FeatureLayout.ownLetters)
    each(reading.own, blocks.0, blocks.1) { bucket, _ in counts[bucket, default: 0] += 1 }
    each(reading.attachedWords, blocks.0, blocks.1) { bucket, _ in counts[bucket, default: 0] += 1 }
    each(reading.subjectWords, FeatureLayout.subject, nil) { bucket, _ in counts[bucket, default: 0] += 1 }
    func spread(_ text: Words, _ words: Range<Int>, _ letters: Range<Int>?) -> [Double] {
      var out = [Double](repeating: 0, count: text.words.count)
      each(text, words, letters) { bucket, places in
        guard let value = values[Int32(bucket)], let count = counts[bucket] else { return }
        let part = Double(head.weights[bucket]) * Double(value) / Double(count * places.count)
        for place in places { out[place] += part }
      }
      return out
    }
    own = spread(reading.own, blocks.0, blocks.1)
    attached = spread(reading.attachedWords, blocks.0, blocks.1)
    subject = spread(reading.subjectWords, FeatureLayout.subject, nil)
    // A cue's own weight goes to the words that it matched, with its part of the rules' score.
    ruleWeight = Double(head.weights[FeatureLayout.counts.lowerBound]) / 3
    for (scores, path) in [
      (reading.ownScores, \WordWeights.own), (reading.attachedScores, \.attached),
      (reading.subjectScores, \.subject),
    ] {
      for sentence in scores.sentences {
        for contribution in sentence.contributions { add(contribution, to: path, values, head) }
      }
      for contribution in scores.contextMatches { add(contribution, to: path, values, head) }
    }
  }

  private mutating func add(
    _ contribution: Contribution, to path: WritableKeyPath<WordWeights, [Double]>, _ values: [Int32: Float],
    _ head: LinearHead
  ) {
    let bucket = MessageFeatures.cueBucket(CueBook.cues[contribution.cue])
    let places = contribution.first...contribution.last
    let byCue = Double(head.weights[bucket]) * Double(values[Int32(bucket)] ?? 0)
    let part = (byCue + ruleWeight * contribution.weight) / Double(places.count)
    for place in places { self[keyPath: path][place] += part }
  }

  /// The strongest runs of at most `longest` words inside one sentence, for and against, strongest first.
  static func runs(_ weights: [Double], _ sentences: [Sentence], longest: Int = 9)
    -> [(words: ClosedRange<Int>, weight: Double)]
  {
    var out: [(words: ClosedRange<Int>, weight: Double)] = []
    for sentence in sentences {
      for sign in [1.0, -1.0] {
        var best: (words: ClosedRange<Int>, weight: Double)?
        for start in sentence.words where weights[start] * sign > 0 {
          var sum = 0.0
          for end in start..<min(start + longest, sentence.words.upperBound) {
            sum += weights[end] * sign
            if weights[end] * sign > 0, sum > best?.weight ?? 0 { best = (start...end, sum) }
          }
        }
        if let best { out.append((best.words, best.weight * sign)) }
      }
    }
    return out.sorted { (abs($1.weight), $0.words.lowerBound) < (abs($0.weight), $1.words.lowerBound) }
  }
}
