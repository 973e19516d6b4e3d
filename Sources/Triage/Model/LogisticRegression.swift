// Logistic regression with an L2 penalty, for two classes and for many.

/// Weights of one class over all features, and its bias.
struct LinearHead: Sendable, Hashable {
  var bias: Double
  /// A weight for each feature.
  var weights: [Float]

  func score(_ vector: SparseVector) -> Double { bias + vector.dot(weights) }
}

enum LogisticRegression {
  /// Fits two classes.
  ///
  /// - Parameters:
  ///   - strength: the inverse of the penalty (scikit-learn's C): larger fits closer.
  ///   - weights: how much each row counts; 1 where nil.
  static func fit(
    _ rows: SparseRows, _ labels: [Bool], strength: Double, weights: [Double]? = nil, width: Int,
    iterations: Int = 120
  ) -> LinearHead {
    let columns = rows.width
    let total = Double(max(1, rows.count))
    // The bias is the last parameter, and free of the penalty.
    let point = LBFGS.minimise(
      from: [Double](repeating: 0, count: columns + 1), iterations: iterations, tolerance: 2e-5
    ) { point, gradient in
      var value = 0.0
      for index in 0..<columns {
        gradient[index] = point[index] / (strength * total)
        value += point[index] * point[index] / (2 * strength * total)
      }
      gradient[columns] = 0
      for row in 0..<rows.count {
        let range = rows.range(row)
        var score = point[columns]
        for place in range { score += point[Int(rows.columns[place])] * Double(rows.values[place]) }
        let margin = labels[row] ? score : -score
        let weight = (weights?[row] ?? 1) / total
        value += weight * softplus(-margin)
        let slope = weight * (labels[row] ? -1 : 1) * ExactMath.logistic(-margin)
        gradient[columns] += slope
        for place in range { gradient[Int(rows.columns[place])] += slope * Double(rows.values[place]) }
      }
      return value
    }
    return head(point, rows, of: 1, at: 0, width: width)
  }

  /// Fits many classes by softmax.
  ///
  /// - Parameter labels: each row's class, from 0.
  static func fit(
    _ rows: SparseRows, _ labels: [Int], classes: Int, strength: Double, weights: [Double], width: Int,
    iterations: Int = 60
  ) -> [LinearHead] {
    let columns = rows.width
    let total = Double(max(1, rows.count))
    var scores = [Double](repeating: 0, count: classes)
    let point = LBFGS.minimise(
      from: [Double](repeating: 0, count: (columns + 1) * classes), iterations: iterations, tolerance: 5e-5
    ) { point, gradient in
      var value = 0.0
      for index in 0..<(columns * classes) {
        gradient[index] = point[index] / (strength * total)
        value += point[index] * point[index] / (2 * strength * total)
      }
      for index in (columns * classes)..<gradient.count { gradient[index] = 0 }
      point.withUnsafeBufferPointer { point in
        gradient.withUnsafeMutableBufferPointer { gradient in
          for row in 0..<rows.count {
            let range = rows.range(row)
            for k in 0..<classes { scores[k] = point[columns * classes + k] }
            for place in range {
              let base = Int(rows.columns[place]) * classes
              let x = Double(rows.values[place])
              for k in 0..<classes { scores[k] += point[base + k] * x }
            }
            let weight = weights[row] / total
            let right = scores[labels[row]]
            let best = scores.max() ?? 0
            var sum = 0.0
            for k in 0..<classes {
              scores[k] = ExactMath.exp(scores[k] - best)
              sum += scores[k]
            }
            value += weight * (best + ExactMath.log(sum) - right)
            for k in 0..<classes { scores[k] = weight * (scores[k] / sum - (k == labels[row] ? 1 : 0)) }
            for place in range {
              let base = Int(rows.columns[place]) * classes
              let x = Double(rows.values[place])
              for k in 0..<classes { gradient[base + k] += scores[k] * x }
            }
            for k in 0..<classes { gradient[columns * classes + k] += scores[k] }
          }
        }
      }
      return value
    }
    return (0..<classes).map { head(point, rows, of: classes, at: $0, width: width) }
  }

  private static func head(
    _ point: [Double], _ rows: SparseRows, of classes: Int, at k: Int, width: Int
  ) -> LinearHead {
    var weights = [Float](repeating: 0, count: width)
    for (column, index) in rows.indices.enumerated() {
      weights[Int(index)] = Float(point[column * classes + k])
    }
    return LinearHead(bias: point[rows.width * classes + k], weights: weights)
  }

  /// ln(1 + e^x) without overflow.
  private static func softplus(_ x: Double) -> Double {
    x > 30 ? x : ExactMath.log(1 + ExactMath.exp(x))
  }
}

/// A line through the logits that makes probabilities honest (Platt 1999, with his smoothed targets).
struct Calibration: Sendable, Hashable, Codable {
  var slope: Double
  var offset: Double

  func probability(_ score: Double) -> Double { ExactMath.logistic(slope * score + offset) }

  /// - Parameter scores: of messages that the scoring model was not fitted to.
  static func fit(_ scores: [Double], _ labels: [Bool]) -> Calibration {
    let positives = Double(labels.count { $0 })
    let negatives = Double(labels.count) - positives
    guard positives > 0, negatives > 0 else { return Calibration(slope: 1, offset: 0) }
    let high = (positives + 1) / (positives + 2)
    let low = 1 / (negatives + 2)
    let point = LBFGS.minimise(from: [1, 0], iterations: 200, tolerance: 1e-8) { point, gradient in
      gradient = [0, 0]
      var value = 0.0
      for (score, label) in zip(scores, labels) {
        let target = label ? high : low
        let p = ExactMath.logistic(point[0] * score + point[1])
        let kept = min(max(p, 1e-15), 1 - 1e-15)
        value -= target * ExactMath.log(kept) + (1 - target) * ExactMath.log(1 - kept)
        gradient[0] += (p - target) * score
        gradient[1] += p - target
      }
      return value
    }
    return Calibration(slope: point[0], offset: point[1])
  }
}
