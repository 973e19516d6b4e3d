// What measurements on public text need of the first model: its features and its learner, without a taxonomy.

/// Turns bare text into the first model's features.
package struct FeatureExtractor {
  private let book: CueBook
  private let settings = TriageSettings(organisationNames: [], organisationDomains: [])

  package init() { book = CueBook(phrases: [], settings: settings) }

  /// - Parameter ngramsOnly: hashed words and letters alone, without cues and counts.
  package func vector(text: String, ngramsOnly: Bool) -> FeatureVector {
    let input = TriageInput(subject: "", text: text)
    let whole = MessageFeatures(Reading(input, book, settings), book).vector
    guard ngramsOnly else { return FeatureVector(vector: whole) }
    var kept = SparseVector()
    for (index, value) in zip(whole.indices, whole.values) where index < FeatureLayout.subject.lowerBound {
      kept.append(Int(index), Double(value))
    }
    return FeatureVector(vector: kept)
  }
}

/// A text's features.
package struct FeatureVector: Sendable {
  let vector: SparseVector
}

/// A two-class model of bare texts.
package struct BinaryModel {
  private let head: LinearHead

  package init(_ vectors: [FeatureVector], _ labels: [Bool], strength: Double) {
    head = LogisticRegression.fit(
      SparseRows(vectors.map(\.vector)), labels, strength: strength, width: FeatureLayout.width)
  }

  package func probability(_ vector: FeatureVector) -> Double {
    ExactMath.logistic(head.score(vector.vector))
  }
}

/// A model of many classes.
package struct ClassModel {
  private let heads: [LinearHead]

  package init(_ vectors: [FeatureVector], _ labels: [Int], classes: Int, strength: Double) {
    var sizes = [Double](repeating: 0, count: classes)
    for label in labels { sizes[label] += 1 }
    let mean = Double(labels.count) / Double(classes)
    heads = LogisticRegression.fit(
      SparseRows(vectors.map(\.vector)), labels, classes: classes, strength: strength,
      weights: labels.map { mean / sizes[$0] }, width: FeatureLayout.width)
  }

  /// The classes, likeliest first.
  package func ranked(_ vector: FeatureVector) -> [Int] {
    let scores = heads.map { $0.score(vector.vector) }
    return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
  }
}

/// Figures of detection as TRIAGE.md gives them.
package struct Detection {
  /// Accuracy, macro-F1 at 0.5, area under the curve, recall at 90 % precision, calibration error, false positive
  /// rate at 95 % recall.
  package let values: [Double]

  package init(_ scored: [(probability: Double, isPositive: Bool)]) {
    let count = Double(max(1, scored.count))
    let right = Double(scored.count { ($0.probability >= 0.5) == $0.isPositive })
    func f1(_ positive: Bool) -> Double {
      let hits = Double(scored.count { $0.isPositive == positive && ($0.probability >= 0.5) == positive })
      let all = Double(
        scored.count { $0.isPositive == positive } + scored.count { ($0.probability >= 0.5) == positive })
      return all == 0 ? 0 : 2 * hits / all
    }
    let sorted = scored.sorted { $0.probability > $1.probability }
    let positives = Double(sorted.count(where: \.isPositive))
    let negatives = count - positives
    var (hits, wrong, recall, alarms) = (0.0, 0.0, 0.0, 1.0)
    for one in sorted {
      if one.isPositive { hits += 1 } else { wrong += 1 }
      if hits / (hits + wrong) >= 0.9 { recall = hits / max(1, positives) }
      if alarms == 1, hits >= 0.95 * positives { alarms = wrong / max(1, negatives) }
    }
    values = [
      right / count, (f1(true) + f1(false)) / 2,
      Evaluation.areaUnderCurve(scored.map { ($0.probability, $0.isPositive) }), recall,
      Evaluation.calibrationError(scored.map { ($0.probability, $0.isPositive) }, rounds: 0).value, alarms,
    ]
  }
}
