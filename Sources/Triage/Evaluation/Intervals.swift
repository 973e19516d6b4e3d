// Intervals for shares and for weighted counts, without tables and without a statistics library.

/// A share of a count, with its interval.
public struct Share: Sendable, Hashable, Codable {
  public var count: Int
  public var of: Int
  public var low: Double
  public var high: Double

  public var value: Double { of == 0 ? 0 : Double(count) / Double(of) }

  /// Clopper and Pearson's interval: never narrower than its confidence, whatever the share.
  public init(_ count: Int, of total: Int, confidence: Double = 0.95) {
    self.count = count
    self.of = total
    let tail = (1 - confidence) / 2
    low = count == 0 || total == 0 ? 0 : Binomial.lowerBound(count, of: total, tail: tail)
    high = total == 0 ? 1 : count >= total ? 1 : Binomial.upperBound(count, of: total, tail: tail)
  }
}

/// Exact bounds for a binomial share.
enum Binomial {
  /// The largest share for which seeing at most `count` still has a chance of at least `tail`.
  static func upperBound(_ count: Int, of total: Int, tail: Double) -> Double {
    if total == 0 || count >= total { return 1 }
    return bisect { cumulative(count, of: total, share: $0) > tail }
  }

  /// The smallest share for which seeing at least `count` has a chance of at least `tail`.
  static func lowerBound(_ count: Int, of total: Int, tail: Double) -> Double {
    if count == 0 { return 0 }
    return bisect { 1 - cumulative(count - 1, of: total, share: $0) < tail }
  }

  /// Where a condition that holds from 0 on stops holding.
  private static func bisect(_ holds: (Double) -> Bool) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The chance of at most `count` of `total`.
  static func cumulative(_ count: Int, of total: Int, share: Double) -> Double {
    if share <= 0 { return 1 }
    if share >= 1 { return count >= total ? 1 : 0 }
    var term = Double(total) * ExactMath.log(1 - share)
    let odds = ExactMath.log(share) - ExactMath.log(1 - share)
    var sum = ExactMath.exp(term)
    for k in 0..<max(0, count) {
      term += ExactMath.log(Double(total - k)) - ExactMath.log(Double(k + 1)) + odds
      sum += ExactMath.exp(term)
    }
    return min(1, sum)
  }
}
