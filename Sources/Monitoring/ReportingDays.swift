// Whose days count: instants become days of the reporting zone, and business days of its calendar.

import Deadlines

/// The zone and calendar that reports are made in.
public struct ReportingDays: Sendable {
  public let zone: ZoneRules
  public let calendar: WorkingCalendar

  public init(zone: ZoneRules, calendar: WorkingCalendar) {
    self.zone = zone
    self.calendar = calendar
  }

  /// The local date of an instant.
  public func date(_ instant: Instant) -> CivilDate { zone.local(instant).date }

  /// The last day that a deadline leaves: it ends with that day's last instant.
  public func dueDate(_ end: Instant) -> CivilDate { date(Instant(unixSeconds: end.unixSeconds - 1)) }

  /// The first instant of a local date.
  public func start(_ date: CivilDate) -> Instant { zone.startOfDay(date) }

  /// Business days strictly after `from` up to and including `to`; 0 where `to` is not after it.
  public func businessDays(after from: CivilDate, through to: CivilDate) -> Int {
    var count = 0
    var day = from
    // A case older than ten years is old by any measure.
    for _ in 0..<4000 where day < to {
      day = day.adding(days: 1)
      if calendar.isBusinessDay(day) { count += 1 }
    }
    return count
  }
}

/// What figures are put in a row by.
public enum FigurePeriod: String, Sendable, CaseIterable {
  case hour, day, week, month

  /// The first day of the period that a date lies in.
  func start(_ date: CivilDate) -> CivilDate {
    switch self {
    case .hour, .day: date
    case .week: date.adding(days: -date.daysSinceMonday)
    case .month: CivilDate(year: date.year, month: date.month, day: 1) ?? date
    }
  }

  func next(_ start: CivilDate) -> CivilDate {
    switch self {
    case .hour, .day: start.adding(days: 1)
    case .week: start.adding(days: 7)
    case .month: start.adding(months: 1)
    }
  }
}

/// Turns instants into places in a row of periods, remembering what it has looked up.
struct PeriodRow {
  /// As people and JSON name them: `2026-11-23`, for hours `2026-11-23T09`.
  let names: [String]
  private let days: ReportingDays
  private let period: FigurePeriod
  private var places: [String: Int] = [:]
  private var dates: [CivilDate: Int] = [:]
  /// The local date of each quarter of an hour seen: offsets are whole quarters.
  private var quarters: [Int64: CivilDate] = [:]

  /// - Returns: nil where the range holds more than `limit` periods.
  init?(_ range: ClosedRange<CivilDate>, _ period: FigurePeriod, _ days: ReportingDays, limit: Int) {
    self.days = days
    self.period = period
    var names: [String] = []
    var date = period.start(range.lowerBound)
    while date <= range.upperBound {
      if period == .hour {
        names += (0..<24).map { "\(date)T" + ($0 < 10 ? "0\($0)" : "\($0)") }
      } else {
        names.append("\(date)")
      }
      if names.count > limit { return nil }
      date = period.next(date)
    }
    self.names = names
    for (place, name) in names.enumerated() { places[name] = place }
  }

  mutating func date(_ instant: Instant) -> CivilDate {
    let quarter = instant.unixSeconds / 900
    if let date = quarters[quarter] { return date }
    let date = days.date(instant)
    quarters[quarter] = date
    return date
  }

  /// The place of an instant's period; nil outside the range.
  mutating func place(_ instant: Instant) -> Int? {
    if period == .hour {
      let local = days.zone.local(instant)
      let hour = local.secondsOfDay / 3600
      return places["\(local.date)T" + (hour < 10 ? "0\(hour)" : "\(hour)")]
    }
    return place(date(instant))
  }

  /// The place of a date's period; by the hour, its last one.
  mutating func place(_ date: CivilDate) -> Int? {
    if let known = dates[date] { return known < 0 ? nil : known }
    let place = places["\(period.start(date))" + (period == .hour ? "T23" : "")]
    dates[date] = place ?? -1
    return place
  }
}
