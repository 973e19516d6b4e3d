// How likely a count is: Poisson, or negative binomial where counts vary more than Poisson's or their mean is itself
// an estimate. Exact tails by incomplete gamma and beta functions, without tables and without a statistics library.

#if canImport(Glibc)
  import Glibc
#endif

/// What a count is expected to be, and how far it may stray by chance.
///
/// The variance is `mean + mean² · spread`. A spread of 0 is Poisson; a spread is the squared coefficient of variation
/// of the mean itself, so that several reasons to be unsure of it (overdispersion, few past periods) simply add.
public struct CountDistribution: Sendable, Hashable {
  public let mean: Double
  public let spread: Double

  /// Whatever is negative or no number counts as 0; means above 10¹² count as 10¹².
  public init(mean: Double, spread: Double = 0) {
    self.mean = mean > 0 ? min(mean, 1e12) : 0
    self.spread = spread > 0 ? min(spread, 1e6) : 0
  }

  /// The chance of `count` or more.
  public func atLeast(_ count: Int) -> Double {
    if count <= 0 { return 1 }
    if mean == 0 { return 0 }
    if isPoisson { return IncompleteGamma.lower(Double(count), mean) }
    return IncompleteBeta.regularised(
      mean * spread / (1 + mean * spread), Double(count), 1 / spread)
  }

  /// The chance of `count` or fewer.
  public func atMost(_ count: Int) -> Double {
    if count < 0 { return 0 }
    if mean == 0 { return 1 }
    // The upper integer is reached without overflow.
    let above = Double(count) + 1
    if isPoisson { return IncompleteGamma.upper(above, mean) }
    return IncompleteBeta.regularised(1 / (1 + mean * spread), 1 / spread, above)
  }

  /// The largest count that is no surprise: more than it has a chance of at most `tail`.
  public func upperLimit(tail: Double) -> Int {
    let tail = max(tail, 1e-300)
    // Everything above mean + step is ruled out sooner or later; the step is doubled until it is.
    var low = -1
    var step = 4 + 4 * (mean + mean * mean * spread).squareRoot()
    var high = Self.whole(mean + step)
    while atLeast(high + 1) > tail, high < Self.largest {
      low = high
      step *= 2
      high = Self.whole(mean + step)
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if atLeast(middle + 1) > tail { low = middle } else { high = middle }
    }
    return high
  }

  /// The smallest count that is no surprise: fewer than it has a chance of at most `tail`.
  public func lowerLimit(tail: Double) -> Int {
    if atMost(0) > tail { return 0 }
    var (low, high) = (0, Self.whole(mean) + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if atMost(middle - 1) <= tail { low = middle } else { high = middle }
    }
    return low
  }

  /// Below this the two distributions agree to more digits than anyone needs, and beta's fraction loses its own.
  private var isPoisson: Bool { spread < 1e-9 || spread * mean < 1e-12 }

  private static let largest = 1 << 52

  private static func whole(_ number: Double) -> Int { Int(min(number, Double(largest))) }
}

/// The logarithm of the gamma function for positive arguments.
///
/// Glibc's `lgamma` writes a global sign, which parallel callers would race for.
func logGamma(_ x: Double) -> Double {
  // Γ(x) = Γ(x + n) / (x (x + 1) … (x + n − 1)), then Stirling's series, whose error at 10 is below 1e-15.
  var (x, product) = (x, 1.0)
  while x < 10 {
    product *= x
    x += 1
  }
  let inverse = 1 / x
  let square = inverse * inverse
  let series =
    inverse
    * (1 / 12.0 - square
      * (1 / 360.0 - square * (1 / 1260.0 - square * (1 / 1680.0 - square / 1188.0))))
  return (x - 0.5) * log(x) - x + 0.918_938_533_204_672_8 + series - log(product)
}

/// The regularised incomplete gamma functions P and Q.
enum IncompleteGamma {
  static func lower(_ a: Double, _ x: Double) -> Double {
    if a > wide { return Normal.below(cubeRootDistance(a, x)) }
    return x < a + 1 ? series(a, x) : clamped(1 - fraction(a, x))
  }

  static func upper(_ a: Double, _ x: Double) -> Double {
    if a > wide { return Normal.below(-cubeRootDistance(a, x)) }
    return x < a + 1 ? clamped(1 - series(a, x)) : fraction(a, x)
  }

  /// Beyond this the expansions need thousands of terms and the normal approximation is right to five digits.
  private static let wide = 1e7

  /// Wilson and Hilferty: the cube root of a gamma variable is nearly normal.
  private static func cubeRootDistance(_ a: Double, _ x: Double) -> Double {
    (cbrt(x / a) - (1 - 1 / (9 * a))) * (9 * a).squareRoot()
  }

  private static func series(_ a: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    var term = 1 / a
    var sum = term
    var n = a
    for _ in 0..<100_000 {
      n += 1
      term *= x / n
      sum += term
      if term < sum * 1e-16 { break }
    }
    return clamped(sum * exp(a * log(x) - x - logGamma(a)))
  }

  /// Legendre's continued fraction, evaluated by Lentz's method.
  private static func fraction(_ a: Double, _ x: Double) -> Double {
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var h = d
    for i in 1..<100_000 {
      let an = -Double(i) * (Double(i) - a)
      b += 2
      d = 1 / awayFromZero(an * d + b)
      c = awayFromZero(b + an / c)
      h *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return clamped(h * exp(a * log(x) - x - logGamma(a)))
  }
}

/// The regularised incomplete beta function.
enum IncompleteBeta {
  static func regularised(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if max(a, b) > 1e7 {
      // Paulson: a difference of cube roots is nearly normal.
      let (u, v) = (cbrt(b * x), cbrt(a * (1 - x)))
      let distance =
        3 * (u * (1 - 1 / (9 * b)) - v * (1 - 1 / (9 * a))) / (u * u / b + v * v / a).squareRoot()
      return Normal.below(distance)
    }
    let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
    // The fraction converges fast on the side of the mean where the function is small.
    if x < (a + 1) / (a + b + 2) { return clamped(front * fraction(x, a, b) / a) }
    return clamped(1 - front * fraction(1 - x, b, a) / b)
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    var c = 1.0
    var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
    var h = d
    for m in 1..<100_000 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / awayFromZero(1 + even * d)
      c = awayFromZero(1 + even / c)
      h *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / awayFromZero(1 + odd * d)
      c = awayFromZero(1 + odd / c)
      h *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return h
  }
}

enum Normal {
  static func below(_ z: Double) -> Double { erfc(-z * 0.5.squareRoot()) / 2 }
}

private func clamped(_ probability: Double) -> Double {
  // NaN fails both comparisons; an arithmetic accident must not look like an alarm.
  probability >= 0 ? min(probability, 1) : probability < 0 ? 0 : 1
}

private func awayFromZero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }
