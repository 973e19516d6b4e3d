import Testing

@testable import Trends

@Suite struct CountDistributionTests {
  struct Tail: CustomTestStringConvertible {
    var count: Int
    var mean: Double
    var spread: Double
    /// The chance of `count` or more, and of fewer; summed term by term with sixty digits.
    var atLeast: Double
    var fewer: Double

    init(_ count: Int, _ mean: Double, _ spread: Double, _ atLeast: Double, _ fewer: Double) {
      (self.count, self.mean, self.spread, self.atLeast, self.fewer) = (
        count, mean, spread, atLeast, fewer
      )
    }

    var testDescription: String { "\(count) or more of \(mean), spread \(spread)" }
  }

  static let tails: [Tail] = [
    Tail(1, 0.01, 0, 9.950166250832e-03, 9.900498337492e-01),
    Tail(3, 0.05, 0, 2.006749362440e-05, 9.999799325064e-01),
    Tail(5, 1, 0, 3.659846827344e-03, 9.963401531727e-01),
    Tail(10, 2.5, 0, 2.773520946208e-04, 9.997226479054e-01),
    Tail(20, 20, 0, 5.297427331608e-01, 4.702572668392e-01),
    Tail(150, 100, 0, 1.884210466039e-06, 9.999981157895e-01),
    Tail(1000, 900, 0, 5.499022657118e-04, 9.994500977343e-01),
    Tail(0, 3, 0, 1, 0),
    Tail(1, 0.01, 2, 9.852457023326e-03, 9.901475429767e-01),
    Tail(3, 0.1, 0.5, 4.164931278634e-04, 9.995835068721e-01),
    Tail(10, 2, 0.2, 1.096589387435e-03, 9.989034106126e-01),
    Tail(40, 20, 0.05, 4.320749841641e-03, 9.956792501584e-01),
    Tail(30, 20, 1, 2.313774486559e-01, 7.686225513441e-01),
    Tail(200, 100, 0.01, 2.646554602580e-09, 9.999999973534e-01),
  ]

  @Test(arguments: tails)
  func tail(_ tail: Tail) {
    let distribution = CountDistribution(mean: tail.mean, spread: tail.spread)
    #expect(abs(distribution.atLeast(tail.count) - tail.atLeast) <= 1e-9 * tail.atLeast)
    #expect(abs(distribution.atMost(tail.count - 1) - tail.fewer) <= 1e-9 * tail.fewer)
  }

  @Test(arguments: [0.0, 0.003, 0.4, 7, 60, 5000], [0.0, 0.02, 0.5, 3])
  func limitsAreTheLastThatIsNoSurprise(mean: Double, spread: Double) {
    let distribution = CountDistribution(mean: mean, spread: spread)
    for tail in [0.05, 1e-3, 1e-6] {
      let upper = distribution.upperLimit(tail: tail)
      #expect(distribution.atLeast(upper + 1) <= tail)
      #expect(upper == 0 || distribution.atLeast(upper) > tail)
      let lower = distribution.lowerLimit(tail: tail)
      #expect(lower == 0 || distribution.atMost(lower - 1) <= tail)
      #expect(distribution.atMost(lower) > tail)
    }
  }

  @Test(
    arguments: [
      0, -1, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1e-12, 1, 1e5, 9.9e6, 1.1e7, 1e12,
      1e300,
    ] as [Double])
  func nothingTraps(_ extreme: Double) {
    for other in [0, 1e-10, 1e-3, 1, 1e6, .nan, .infinity] as [Double] {
      let distribution = CountDistribution(mean: extreme, spread: other)
      for count in [Int.min, -1, 0, 1, 1000, 1 << 40, Int.max] {
        for p in [distribution.atLeast(count), distribution.atMost(count)] {
          #expect(p >= 0 && p <= 1, "\(extreme) \(other) \(count)")
        }
      }
      #expect(distribution.upperLimit(tail: 1e-6) >= distribution.lowerLimit(tail: 1e-6))
    }
  }

  @Test func benjaminiHochbergKeepsTheStandingOnes() {
    let p = [0.001, 0.2, 0.012, 0.9, 0.03]
    #expect(ManyTests.standing(p, rate: 0.05) == [true, false, true, false, true])
    #expect(ManyTests.standing(p, rate: 0.05, of: 50) == [true, false, false, false, false])
    #expect(ManyTests.standing([], rate: 0.05) == [])
  }
}
