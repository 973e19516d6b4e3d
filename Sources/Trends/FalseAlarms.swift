// How often chance alone may raise an alarm, over everything that is watched.

/// A promise about false alarms, and what it leaves to each single test.
///
/// The promise is kept by Bonferroni's inequality whatever the cells have in common. Counts are whole numbers and
/// neighbouring periods share their windows, so what happens in fact is a fraction of it.
public struct AlarmBudget: Sendable, Hashable {
  /// False alarms a year, at most, over all cells, for one kind of alarm.
  public var perYear: Double
  /// How many series are watched side by side.
  public var cells: Int
  /// 365 for daily counts, 52 for weekly ones.
  public var periodsPerYear: Double

  public init(perYear: Double, cells: Int, periodsPerYear: Double) {
    self.perYear = perYear
    self.cells = cells
    self.periodsPerYear = periodsPerYear
  }

  /// The chance of a false alarm that one cell may take in one period.
  public var perTest: Double {
    let tests = Double(max(cells, 1)) * max(periodsPerYear, 1)
    return min(max(perYear / tests, 1e-12), 0.5)
  }
}

/// Many tests at once.
public enum ManyTests {
  /// Which of these p-values stand when, of what is reported, at most the share `rate` may be chance (Benjamini and
  /// Hochberg).
  ///
  /// - Parameter count: the number of tests made, where not all of their p-values are at hand.
  public static func standing(_ pValues: [Double], rate: Double, of count: Int? = nil) -> [Bool] {
    let total = Double(max(count ?? 0, pValues.count))
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var cut = -1
    for (rank, index) in order.enumerated() where pValues[index] <= rate * Double(rank + 1) / total {
      cut = rank
    }
    var standing = [Bool](repeating: false, count: pValues.count)
    for rank in order.indices where rank <= cut { standing[order[rank]] = true }
    return standing
  }
}
