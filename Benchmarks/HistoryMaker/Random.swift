// Chance from a seed: the same history each time.

import Glibc

/// SplitMix64, with the draws that a history needs.
struct Random {
  private var state: UInt64

  /// Streams of one seed are independent, so that one part of a history can change without the others.
  init(seed: Int, stream: Int) {
    state = UInt64(truncatingIfNeeded: seed)
    state = next() ^ UInt64(truncatingIfNeeded: stream)
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to below 1.
  mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

  mutating func chance(_ probability: Double) -> Bool { share() < probability }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(share() * Double(range.count))
  }

  mutating func one<Item>(of items: [Item]) -> Item { items[number(0...items.count - 1)] }

  /// A position, by weights.
  mutating func position(_ weights: [Double]) -> Int {
    var left = share() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      left -= weight
      if left < 0 { return index }
    }
    return weights.count - 1
  }

  mutating func exponential() -> Double { -log(1 - share()) }

  /// Poisson, by counting arrivals: for means up to some hundreds.
  mutating func poisson(_ mean: Double) -> Int {
    var count = 0
    var time = exponential()
    while time < mean {
      count += 1
      time += exponential()
    }
    return count
  }

  /// A factor of mean 1 whose squared coefficient of variation is `spread`.
  mutating func factor(spread: Double) -> Double {
    let shape = max(1, Int((1 / spread).rounded()))
    return (0..<shape).reduce(0) { sum, _ in sum + exponential() } / Double(shape)
  }

  /// Around 0, standard deviation 1.
  mutating func normal() -> Double {
    (2 * exponential()).squareRoot() * cos(2 * Double.pi * share())
  }
}
