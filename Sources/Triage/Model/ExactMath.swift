// Exponential and logarithm from IEEE additions, products and quotients in a fixed order: the C library's may
// differ in the last bit between processors, and the same message must get the same verdict on every machine.

enum ExactMath {
  /// e to the power of x, within 2 units in the last place; 0 and infinity beyond what a Double holds.
  static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709 { return .infinity }
    if x < -708 { return 0 }
    // ln 2 in two parts, so that the remainder keeps all its digits.
    let turns = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let rest = (x - turns * 0x1.62e42feep-1) - turns * 0x1.a39ef35793c76p-33
    var sum = 1.0
    var divisor = 14.0
    // Taylor's series by Horner's rule: |rest| <= 0.35, so 14 terms reach a Double's precision.
    while divisor >= 1 {
      sum = 1 + sum * rest / divisor
      divisor -= 1
    }
    return sum * Double(sign: .plus, exponent: Int(turns), significand: 1)
  }

  /// The natural logarithm of a positive, finite number.
  static func log(_ x: Double) -> Double {
    guard x > 0, x.isFinite else { return x == 0 ? -.infinity : .nan }
    var exponent = Double(x.exponent)
    var part = x.significand
    if part > 1.4142135623730951 {
      part /= 2
      exponent += 1
    }
    // 2 artanh((m-1)/(m+1)), |argument| <= 0.172: twelve terms.
    let ratio = (part - 1) / (part + 1)
    let square = ratio * ratio
    var sum = 0.0
    var index = 23.0
    while index >= 1 {
      sum = sum * square + 1 / index
      index -= 2
    }
    return exponent * 0x1.62e42feep-1 + (2 * ratio * sum + exponent * 0x1.a39ef35793c76p-33)
  }

  static func logistic(_ x: Double) -> Double {
    x >= 0
      ? 1 / (1 + exp(-x))
      : {
        let power = exp(x)
        return power / (1 + power)
      }()
  }

  /// The logit of a probability, which is kept off 0 and 1.
  static func logit(_ p: Double) -> Double {
    let p = min(max(p, 1e-12), 1 - 1e-12)
    return log(p / (1 - p))
  }
}
