// When mail arrives: what a mailbox is expected to bring by hour and weekday, how likely a silence is, and a flood.

#if canImport(Glibc)
  import Glibc
#endif

/// An hour as its caller's local calendar has it.
public struct HourSlot: Sendable, Hashable {
  /// Days since Monday, 0 to 6.
  public var weekday: Int
  /// 0 to 23.
  public var hour: Int
  /// 1 to 12.
  public var month: Int
  /// A holiday, which is expected to be like a Sunday.
  public var isHoliday: Bool
  /// How much of the hour is meant: 1, or less for one that has just begun or was begun in.
  public var share: Double

  public init(weekday: Int, hour: Int, month: Int, isHoliday: Bool = false, share: Double = 1) {
    self.weekday = weekday
    self.hour = hour
    self.month = month
    self.isHoliday = isHoliday
    self.share = share
  }

  var day: DaySlot { DaySlot(weekday: weekday, month: month, isHoliday: isHoliday) }
  var weekIndex: Int { day.weekdayIndex * 24 + min(max(hour, 0), 23) }
  /// Working day, Saturday, Sunday: whose hours are alike.
  var kindIndex: Int { max(0, day.weekdayIndex - 4) * 24 + min(max(hour, 0), 23) }
}

/// A mailbox's week, learnt from its past.
public struct MailRhythm: Sendable {
  /// Messages expected in each hour of the week, from Monday 0 o'clock; before the month's factor.
  public let week: [Double]
  /// From January; 1 throughout until more than a year is known.
  public let months: [Double]
  /// The hours that it was learnt from.
  public let hours: Int
  /// How unsure the whole level is: a squared coefficient of variation.
  private let levelSpread: Double

  /// Three weeks: each hour of the week was seen three times.
  public static let hoursNeeded = 21 * 24
  /// A week's weight halves in so many hours.
  static let halfLife = 8.0 * 7 * 24
  /// Counts that an hour of the week weighs its kind of day's pattern with.
  static let patternWeight = 6.0

  /// Learns from hourly counts, oldest first, one an hour without gaps; linear in their number.
  ///
  /// Days whose total is hardly believable (an outage, a flood) teach nothing.
  ///
  /// - Returns: nil for less than three weeks: not enough history.
  public init?(learning counts: [Int], hours slots: [HourSlot]) {
    let n = min(counts.count, slots.count)
    guard n >= Self.hoursNeeded else { return nil }
    hours = n
    // Hostile numbers are cut before they are added up.
    let counts = counts[0..<n].map { min(max($0, 0), 1 << 40) }
    let dayStarts = Self.dayStarts(slots, n)
    var totals: [Int] = []
    var days: [DaySlot] = []
    for (index, start) in dayStarts.enumerated() {
      let end = index + 1 < dayStarts.count ? dayStarts[index + 1] : n
      totals.append(counts[start..<end].reduce(0, +))
      days.append(slots[start].day)
    }
    let season = Seasonality(learning: totals, days: days)
    months = season.months

    // Believable days, by the weekday's usual and the level of the weeks around them.
    let usual = Self.dispersion(totals, season.exposures(days))
    var credible = [Bool](repeating: true, count: totals.count)
    for day in totals.indices {
      let expected = CountDistribution(
        mean: usual.levels[day] * season.exposure(days[day]), spread: usual.spread)
      credible[day] = expected.atLeast(totals[day]) > 1e-4 && expected.atMost(totals[day]) > 1e-4
    }

    var cellSeen = [Double](repeating: 0, count: 168)
    var cellWeight = [Double](repeating: 0, count: 168)
    var kindSeen = [Double](repeating: 0, count: 72)
    var kindWeight = [Double](repeating: 0, count: 72)
    var day = 0
    for t in 0..<n {
      while day + 1 < dayStarts.count, dayStarts[day + 1] <= t { day += 1 }
      if !credible[day] { continue }
      let weight = exp2(Double(t - n) / Self.halfLife)
      let exposure = weight * months[slots[t].day.monthIndex]
      cellSeen[slots[t].weekIndex] += weight * Double(counts[t])
      cellWeight[slots[t].weekIndex] += exposure
      kindSeen[slots[t].kindIndex] += weight * Double(counts[t])
      kindWeight[slots[t].kindIndex] += exposure
    }
    // An hour of the week has its own few counts and its kind of day's many: the latter, scaled to this weekday, is
    // worth a few counts.
    var week = [Double](repeating: 0, count: 168)
    for weekday in 0..<7 {
      let kind = max(0, weekday - 4) * 24
      let dayRange = weekday * 24..<weekday * 24 + 24
      var (daySeen, dayExpected) = (0.0, 0.0)
      for index in dayRange {
        daySeen += cellSeen[index]
        let hour = kind + index % 24
        dayExpected += cellWeight[index] * kindSeen[hour] / max(kindWeight[hour], 1e-9)
      }
      let scale = (daySeen + Self.patternWeight) / (dayExpected + Self.patternWeight)
      for index in dayRange {
        let hour = kind + index % 24
        let rate = max(kindSeen[hour] + 0.02, 0) / max(kindWeight[hour] + 0.5, 1e-9) * scale
        // As many pseudo-hours as bring `patternWeight` counts at the pattern's rate.
        let pseudo = Self.patternWeight / max(rate, 1e-3)
        week[index] = (cellSeen[index] + rate * pseudo) / (cellWeight[index] + pseudo)
      }
    }
    self.week = week
    let effective = cellSeen.reduce(0, +)
    levelSpread = 1 / (effective + 0.5) + usual.spread
  }

  private static func dayStarts(_ slots: [HourSlot], _ n: Int) -> [Int] {
    var starts: [Int] = []
    for t in 0..<n where t == 0 || slots[t].weekday != slots[t - 1].weekday { starts.append(t) }
    return starts
  }

  /// Each day's level by the four weeks around it, and how much more days vary than Poisson's.
  private static func dispersion(_ totals: [Int], _ exposures: [Double]) -> (
    levels: [Double], spread: Double
  ) {
    var counts = [0.0]
    var sums = [0.0]
    for day in totals.indices {
      counts.append(counts[day] + Double(totals[day]))
      sums.append(sums[day] + exposures[day])
    }
    var levels: [Double] = []
    var (excess, squares) = (0.0, 0.0)
    for day in totals.indices {
      let (from, to) = (max(0, day - 14), min(totals.count, day + 15))
      // Without the day itself, or it would vouch for itself.
      let level =
        (counts[to] - counts[from] - Double(totals[day]) + 0.5)
        / max(sums[to] - sums[from] - exposures[day] + 0.5, 0.5)
      levels.append(level)
      let mean = level * exposures[day]
      let distance = min(Double(totals[day]) - mean, 4 * (mean + 1).squareRoot())
      excess += distance * distance - mean
      squares += mean * mean
    }
    return (levels, min(max((excess + 0.05 * 20) / (squares + 20), 0.01), 1))
  }

  /// Messages in an ordinary week.
  public var weekly: Double { week.reduce(0, +) }

  /// What these hours together are expected to bring.
  public func expectation(_ slots: some Sequence<HourSlot>) -> CountDistribution {
    var mean = 0.0
    for slot in slots {
      let share = slot.share > 0 ? min(slot.share, 1) : 0
      mean += week[slot.weekIndex] * months[slot.day.monthIndex] * share
    }
    return CountDistribution(mean: mean, spread: levelSpread)
  }
}

/// That nothing came for some time.
public struct Silence: Sendable, Hashable {
  /// Messages that should have come.
  public let expected: Double
  /// The chance of such a silence where all is well.
  public let probability: Double
  /// The probability from which on it is an alarm.
  public let limit: Double

  public var isAlarm: Bool { probability <= limit }

  /// - Parameters:
  ///   - hours: the hours since the last message, the first and the last with their shares.
  ///   - falseAlarmsPerYear: of this mailbox.
  ///
  /// Measured in messages expected, the gaps between messages are alike by night and by day, and each is a chance of a
  /// false alarm: a year has as many as messages. So the limit is the promise over the yearly volume, and a mailbox of
  /// two messages a day must be silent for days where one of two hundred need only be for an hour.
  public init(_ hours: some Sequence<HourSlot>, rhythm: MailRhythm, falseAlarmsPerYear: Double = 1) {
    let distribution = rhythm.expectation(hours)
    expected = distribution.mean
    probability = distribution.atMost(0)
    limit = min(max(falseAlarmsPerYear, 0) / max(rhythm.weekly * 52, 12), 0.01)
  }
}

/// That more came than an hour, or some, should bring.
public struct Flood: Sendable, Hashable {
  public let seen: Int
  public let expected: Double
  /// More than this is an alarm.
  public let upper: Int
  /// The chance of as much or more where all is well.
  public let probability: Double
  public let limit: Double

  public var isAlarm: Bool { probability <= limit && seen >= Self.minimumCount }

  /// Fewer is no flood, however quiet the hour.
  public static let minimumCount = 8

  /// - Parameters:
  ///   - hours: the hours in which `seen` came, the newest last.
  ///   - falseAlarmsPerYear: of this mailbox, at one look an hour.
  ///   - windows: how many lengths of time are looked at in each hour.
  public init(
    _ seen: Int, in hours: some Sequence<HourSlot>, rhythm: MailRhythm,
    falseAlarmsPerYear: Double = 1,
    windows: Int = 3
  ) {
    let distribution = rhythm.expectation(hours)
    self.seen = max(seen, 0)
    expected = distribution.mean
    probability = distribution.atLeast(seen)
    limit = min(max(falseAlarmsPerYear, 0) / (8766 * Double(max(windows, 1))), 0.01)
    upper = max(distribution.upperLimit(tail: max(limit, 1e-12)), Self.minimumCount - 1)
  }
}
