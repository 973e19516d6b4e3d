// What the calendar alone does to a daily count: the weekday, holidays, and the month once more than a year is known.

#if canImport(Glibc)
  import Glibc
#endif

/// What the calendar says of a day, as its caller knows it.
public struct DaySlot: Sendable, Hashable {
  /// Days since Monday, 0 to 6.
  public var weekday: Int
  /// 1 to 12.
  public var month: Int
  /// A holiday, which is expected to be like a Sunday.
  public var isHoliday: Bool

  public init(weekday: Int, month: Int, isHoliday: Bool = false) {
    self.weekday = weekday
    self.month = month
    self.isHoliday = isHoliday
  }

  var weekdayIndex: Int { isHoliday ? 6 : min(max(weekday, 0), 6) }
  var monthIndex: Int { min(max(month, 1), 12) - 1 }
}

/// How much of an ordinary day's volume a day is expected to bring: 1 on average.
///
/// Learnt from a series that has enough counts to show it, such as all cases together or a category, and then used
/// as the exposure of every cell within it.
public struct Seasonality: Sendable, Hashable {
  /// By days since Monday; an ordinary week sums to 7.
  public private(set) var weekdays: [Double]
  /// From January; 1 throughout until more than a year is known.
  public private(set) var months: [Double]
  /// Whether the months are learnt.
  public private(set) var knowsYear: Bool

  /// No season at all.
  public static let flat = Seasonality(
    weekdays: Array(repeating: 1, count: 7), months: Array(repeating: 1, count: 12),
    knowsYear: false)

  private init(weekdays: [Double], months: [Double], knowsYear: Bool) {
    self.weekdays = weekdays
    self.months = months
    self.knowsYear = knowsYear
  }

  public func exposure(_ day: DaySlot) -> Double {
    weekdays[day.weekdayIndex] * months[day.monthIndex]
  }

  public func exposures(_ days: [DaySlot]) -> [Double] { days.map(exposure) }

  /// Days from which on a month's factor is learnt: with less than this, a month was seen once and its height may be
  /// growth.
  static let daysForYear = 400
  /// Counts that weigh as much as the parent's factor.
  static let parentWeight = 20.0

  /// Learns from daily counts, oldest first; linear in their number.
  ///
  /// Days far above what is usual are cut to what is just believable before they teach anything. Factors are drawn to
  /// the parent's where there are few counts, so a cell of three cases has its parent's season.
  public init(learning counts: [Int], days: [DaySlot], parent: Seasonality = .flat) {
    self = parent
    let n = min(counts.count, days.count)
    if n < 21 { return }
    var values = counts[0..<n].map { Double(min(max($0, 0), 1 << 50)) }
    // Twice: the first fit shows which days are not to be believed.
    for pass in 0..<2 {
      let level = Self.smoothed(values, Array(days[0..<n]), season: self)
      learnWeekdays(values, days, level: level, parent: parent)
      if n >= Self.daysForYear { learnMonths(values, days, parent: parent) }
      if pass == 0 {
        for t in 0..<n {
          let expected = CountDistribution(
            mean: level[t] * weekdays[days[t].weekdayIndex], spread: 0.1)
          values[t] = min(values[t], Double(expected.upperLimit(tail: 0.01)))
        }
      }
    }
  }

  /// The level around each day: four weeks of counts over four weeks of what the weekdays would bring.
  private static func smoothed(_ values: [Double], _ days: [DaySlot], season: Seasonality)
    -> [Double]
  {
    let n = values.count
    var sums = [0.0]
    var exposures = [0.0]
    for t in 0..<n {
      sums.append(sums[t] + values[t])
      exposures.append(exposures[t] + season.weekdays[days[t].weekdayIndex])
    }
    return (0..<n).map { t in
      let (from, to) = (max(0, t - 14), min(n, t + 14))
      return (sums[to] - sums[from]) / max(exposures[to] - exposures[from], 1e-9)
    }
  }

  private mutating func learnWeekdays(
    _ values: [Double], _ days: [DaySlot], level: [Double], parent: Seasonality
  ) {
    var seen = [Double](repeating: 0, count: 7)
    var expected = [Double](repeating: 0, count: 7)
    for t in values.indices {
      seen[days[t].weekdayIndex] += values[t]
      expected[days[t].weekdayIndex] += level[t]
    }
    for w in 0..<7 {
      weekdays[w] =
        (seen[w] + Self.parentWeight * parent.weekdays[w]) / (expected[w] + Self.parentWeight)
    }
    Self.normalise(&weekdays)
  }

  private mutating func learnMonths(_ values: [Double], _ days: [DaySlot], parent: Seasonality) {
    let n = values.count
    // Growth is told from the season by comparing the last days with the same ones a year earlier.
    let overlap = min(n - 365, 365)
    let late = values[(n - overlap)...].reduce(0, +)
    let early = values[(n - overlap - 365)..<(n - 365)].reduce(0, +)
    let growth = min(max((late + Self.parentWeight) / (early + Self.parentWeight), 0.5), 2)
    let daily = log(growth) / 365
    // Whole years only, so that each month counts as often as any other.
    let from = n >= 730 ? n - 730 : n - 365
    var sum = 0.0
    var exposure = 0.0
    var seen = [Double](repeating: 0, count: 12)
    var expected = [Double](repeating: 0, count: 12)
    for t in from..<n {
      let trend = exp(daily * Double(t - n)) * weekdays[days[t].weekdayIndex]
      sum += values[t]
      exposure += trend
      seen[days[t].monthIndex] += values[t]
      expected[days[t].monthIndex] += trend
    }
    let level = sum / max(exposure, 1e-9)
    for m in 0..<12 {
      months[m] =
        (seen[m] + Self.parentWeight * parent.months[m]) / (expected[m] * level + Self.parentWeight)
    }
    Self.normalise(&months)
    knowsYear = true
  }

  private static func normalise(_ factors: inout [Double]) {
    let mean = factors.reduce(0, +) / Double(factors.count)
    for index in factors.indices { factors[index] = mean > 0 ? factors[index] / mean : 1 }
  }
}
