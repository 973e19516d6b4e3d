// The counting itself (DOMAIN.md section 7): local date of receipt, day 0, the Nth day, the end of that day.

/// Where a count ended.
public struct CountedDay: Hashable, Sendable {
  public let dayZero: CivilDate
  public let date: CivilDate
  /// The first moment that is too late: 00:00 local of the next day.
  public let end: Instant

  /// Whether the date met the end of the calendar and was clamped there: it is wrong then.
  var isBeyondDates: Bool { date == .last }
}

/// The Nth business day strictly after day 0; it lasts until its last instant.
public func businessDayDeadline(
  received: Instant, calendar: WorkingCalendar, zone: ZoneRules, dayZero rule: DayZero, count: Int
) -> CountedDay {
  let zero = dayZero(received: received, calendar: calendar, zone: zone, rule: rule)
  let date = calendar.adding(businessDays: count, to: zero)
  return CountedDay(dayZero: zero, date: date, end: zone.startOfDay(date.adding(days: 1)))
}

/// A calendar period after day 0: days, weeks, or months (the same day, or the month's last).
///
/// Business days and hours are not calendar periods; they yield day 0 itself.
public func periodDeadline(
  received: Instant, calendar: WorkingCalendar, zone: ZoneRules, dayZero rule: DayZero = .calendarDay,
  period: Period, roll: Roll
) -> CountedDay {
  let zero = dayZero(received: received, calendar: calendar, zone: zone, rule: rule)
  var date: CivilDate
  switch period {
  case .days(let count): date = zero.adding(days: count)
  case .weeks(let count): date = zero.adding(days: count * 7)
  case .months(let count): date = zero.adding(months: count)
  case .businessDays, .hours: date = zero
  }
  if roll == .nextBusinessDay, !calendar.isBusinessDay(date) { date = calendar.nextBusinessDay(after: date) }
  return CountedDay(dayZero: zero, date: date, end: zone.startOfDay(date.adding(days: 1)))
}

/// The day from which a count starts.
func dayZero(received: Instant, calendar: WorkingCalendar, zone: ZoneRules, rule: DayZero) -> CivilDate {
  let local = zone.local(received)
  switch rule {
  case .calendarDay: return local.date
  case .cutoffNextBusinessDay(let cutoff):
    let counts = calendar.isBusinessDay(local.date) && local.secondsOfDay < cutoff
    return counts ? local.date : calendar.nextBusinessDay(after: local.date)
  }
}
