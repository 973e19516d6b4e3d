// Exponential, GELU, layer norm and rounding with nothing but IEEE 754 addition, subtraction, multiplication
// and division, so that every machine computes the same bits. A C library's exp or erf may differ
// from the next one's, and a compiler may not fuse or reorder what is written here (Swift never does).
//
// Coefficients: own fits, tools/fit_functions.py.

enum FloatFunctions {
  /// Added and taken away again, this leaves a number below 2^22 rounded to an integer, halves to even.
  @inline(__always) private static var rounder: Float { 12_582_912 }
  /// Bits of `rounder`; the sum's bits less these are the integer.
  @inline(__always) private static var rounderBits: Int32 { 0x4B40_0000 }

  /// The integer nearest to `value`, halves to even; for values within ±2^22, others give some integer.
  @inline(__always) static func rounded(_ value: Float) -> Int32 {
    Int32(bitPattern: (value + rounder).bitPattern) &- rounderBits
  }

  /// e to the power of `x`, for x ≤ 0; relative error below 1.2e-7, and 0 from -80 down.
  @inline(__always) static func exponential(_ x: Float) -> Float {
    let bounded = x < -80 ? -80 : x
    let shifted = bounded * 1.442_695_04 + rounder
    let power = shifted - rounder
    // ln 2 in two parts, the first of 16 bits, so that its product is exact.
    let r = (bounded - power * 0.693_145_75) - power * 1.428_606_8e-06
    var sum: Float = 0.001_381_446_7
    sum = sum * r + 0.008_368_781
    sum = sum * r + 0.041_668_393
    sum = sum * r + 0.166_665_2
    sum = sum * r + 0.499_999_94
    sum = 1 + (r + r * r * sum)
    let exponent = Int32(bitPattern: shifted.bitPattern) &- rounderBits
    let factor = Float(bitPattern: UInt32(bitPattern: (exponent &+ 127) &<< 23))
    return x < -80 ? 0 : sum * factor
  }

  /// x · Φ(x) with Φ the normal distribution function, the GELU of BERT; absolute error below 2e-6 for
  /// |x| ≤ 6, relative error below 4e-7 beyond.
  @inline(__always) static func gelu(_ x: Float) -> Float {
    // erf(x / √2) as an odd rational function; past 5.5 it is ±1 in Float.
    let low: Float = x < -5.5 ? -5.5 : x
    let y: Float = low > 5.5 ? 5.5 : low
    let t = y * y
    var above: Float = 4.552_513_7e-08
    above = above * t + 1.270_435_1e-05
    above = above * t + 0.000_337_451_6
    above = above * t + 0.009_353_34
    above = above * t + 0.067_684_2
    above = above * t + 0.797_884_46
    var below: Float = 1.197_892_4e-06
    below = below * t + 7.361_93e-05
    below = below * t + 0.001_883_878_8
    below = below * t + 0.028_639_98
    below = below * t + 0.251_495_48
    below = below * t + 1
    return 0.5 * x * (1 + y * above / below)
  }

  /// 1 / √x for x > 0, and 0 for an infinite x.
  ///
  /// Swift's `squareRoot()` would do, but on Linux it compiles to a call of the C library's for numbers below
  /// zero, and the library would have to be linked.
  static func inverseRoot(_ x: Float) -> Float {
    guard x.isFinite else { return 0 }
    let x = Double(x)
    // Halving the exponent in the bits gives a start that is right to 4 %; each step of Newton's doubles the
    // digits.
    var root = Double(bitPattern: 0x5FE6_EB50_C7B5_37AA - x.bitPattern >> 1)
    for _ in 0..<4 { root = root * (1.5 - 0.5 * x * root * root) }
    return Float(root)
  }

  /// Puts a row of `count` floats, a multiple of sixteen, at mean 0 and variance 1, then applies gain and
  /// shift.
  ///
  /// Epsilon is 1e-12, as in BERT. The sums run in sixteen lanes in the order of the row and fold in a fixed
  /// order.
  static func normalise(
    _ row: UnsafeMutablePointer<Float>, _ count: Int, _ gains: UnsafePointer<Float>,
    _ shifts: UnsafePointer<Float>
  ) {
    let length = Float(count)
    let mean = sum(row, count) / length
    for index in 0..<count { row[index] -= mean }
    let variance = sumOfSquares(row, count) / length
    let factor = inverseRoot(variance + 1e-12)
    for index in 0..<count { row[index] = row[index] * factor * gains[index] + shifts[index] }
  }

  /// The sum of `count` floats, a multiple of sixteen.
  @inline(__always) static func sum(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
    let lanes = UnsafeRawPointer(row)
    var sums = SIMD16<Float>.zero
    for index in stride(from: 0, to: count, by: 16) {
      sums += lanes.loadUnaligned(fromByteOffset: 4 &* index, as: SIMD16<Float>.self)
    }
    return folded(sums)
  }

  @inline(__always) private static func sumOfSquares(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
    let lanes = UnsafeRawPointer(row)
    var sums = SIMD16<Float>.zero
    for index in stride(from: 0, to: count, by: 16) {
      let values = lanes.loadUnaligned(fromByteOffset: 4 &* index, as: SIMD16<Float>.self)
      sums += values * values
    }
    return folded(sums)
  }

  /// The sum of the lanes, halves first: the standard library's `sum()` promises no order.
  @inline(__always) private static func folded(_ lanes: SIMD16<Float>) -> Float {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// The dot product of two rows of `count` floats, a multiple of sixteen.
  static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = SIMD16<Float>.zero
    for index in stride(from: 0, to: count, by: 16) {
      let a = UnsafeRawPointer(left).loadUnaligned(fromByteOffset: 4 &* index, as: SIMD16<Float>.self)
      sums += a * UnsafeRawPointer(right).loadUnaligned(fromByteOffset: 4 &* index, as: SIMD16<Float>.self)
    }
    return folded(sums)
  }
}
