// Counts by chance, the same each time, for tests that need many series.

import Glibc

/// SplitMix64.
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  /// The seed is mixed first: states that lie whole steps apart give the same numbers, shifted.
  init(seed: Int) {
    state = UInt64(truncatingIfNeeded: seed)
    state = next() ^ 0x5DEE_CE66_D1CE_4E5B
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Between 0 and 1.
  mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// Poisson, by counting arrivals; for means up to some hundreds.
  mutating func poisson(_ mean: Double) -> Int {
    var count = 0
    var time = -log(1 - share())
    while time < mean {
      count += 1
      time -= log(1 - share())
    }
    return count
  }

  /// Gamma of mean 1 and this spread, as a sum of exponentials; `1 / spread` is rounded to a whole number.
  mutating func gamma(spread: Double) -> Double {
    let shape = max(1, Int((1 / spread).rounded()))
    return (0..<shape).reduce(0) { sum, _ in sum - log(1 - share()) } / Double(shape)
  }
}
