// Which days count: weekends and public holidays of one jurisdiction.

/// Data that contradicts itself.
public struct CalendarError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// A jurisdiction's working days.
public struct WorkingCalendar: Sendable {
  /// `GB-EAW`.
  public let id: String
  public let title: String
  /// Days since Monday that never count; Saturday and Sunday are 5 and 6.
  public let weekend: Set<Int>
  public let holidays: [CivilDate: String]
  /// The years whose holidays are known.
  public let covers: ClosedRange<Int>
  /// Where the holidays come from.
  public let source: String
  /// When a person should look at it again.
  public let checkBy: CivilDate
  public let notes: String

  /// - Throws: `CalendarError` where no day of the week counts, or a holiday lies outside the years covered.
  public init(
    id: String, title: String, weekend: Set<Int> = [5, 6], holidays: [CivilDate: String],
    covers: ClosedRange<Int>,
    source: String, checkBy: CivilDate, notes: String = ""
  ) throws(CalendarError) {
    guard weekend.isSubset(of: Set(0...6)), weekend.count < 7 else {
      throw CalendarError(description: "calendar \(id): at least one day of the week must count")
    }
    if let stray = holidays.keys.filter({ !covers.contains($0.year) }).min() {
      throw CalendarError(
        description:
          "calendar \(id): \(stray) lies outside the years it covers, \(covers.lowerBound)-\(covers.upperBound)"
      )
    }
    self.id = id
    self.title = title
    self.weekend = weekend
    self.holidays = holidays
    self.covers = covers
    self.source = source
    self.checkBy = checkBy
    self.notes = notes
  }

  public func isBusinessDay(_ date: CivilDate) -> Bool {
    !weekend.contains(date.daysSinceMonday) && holidays[date] == nil
  }

  /// Why a date does not count: the holiday's name or `weekend`; nil for a business day.
  public func reasonSkipped(_ date: CivilDate) -> String? {
    holidays[date] ?? (weekend.contains(date.daysSinceMonday) ? "weekend" : nil)
  }

  /// The first business day strictly after a date.
  public func nextBusinessDay(after date: CivilDate) -> CivilDate {
    var next = date.adding(days: 1)
    // A calendar's holidays are finite and a week has a business day, so this ends; the bound is for year 9999.
    while !isBusinessDay(next), next < .last { next = next.adding(days: 1) }
    return next
  }

  /// The `count`th business day strictly after a date.
  public func adding(businessDays count: Int, to date: CivilDate) -> CivilDate {
    var day = date
    for _ in 0..<min(max(count, 0), 10_000) { day = nextBusinessDay(after: day) }
    return day
  }
}
