// A receipt and the regimes that apply: every date that follows, each with the steps that led to it.

/// A regime names something that is not there.
public struct DeadlineError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// One date by which something must have been done.
public struct Due: Sendable, Codable, Hashable {
  public let kind: Obligation.Kind
  /// The last local date that is in time.
  public let date: CivilDate
  /// The first moment that is too late: 00:00 local of the next day, or for hours the moment itself.
  public let end: Instant
  /// The id of the regime whose date it is.
  public let regime: String
  public let zone: String
  public let calendar: String
  public let rule: String
  public let repeats: Bool
  /// The steps, for people.
  public let derivation: [String]
  /// `by the end of Thu 26 Nov 2026`, or with a clock time where hours are counted.
  public let dueText: String

  enum CodingKeys: String, CodingKey {
    case kind, date, end, regime, zone, calendar, rule, repeats, derivation
    case dueText = "due_text"
  }
}

/// What follows from one receipt.
public struct Deadlines: Sendable, Codable, Hashable {
  /// Every regime's dates, by kind and then earliest first.
  public let all: [Due]
  /// What a person should know about the data used, such as a calendar that does not cover a year.
  public let warnings: [String]

  public init(all: [Due], warnings: [String] = []) {
    self.all = all
    self.warnings = warnings
  }

  /// The date that counts for a kind: of several regimes' the earliest.
  public subscript(kind: Obligation.Kind) -> Due? { all.filter { $0.kind == kind }.min { $0.end < $1.end } }
}

/// Computes every obligation of every regime from the instant of receipt.
///
/// - Throws: `DeadlineError` where a regime's calendar or zone is missing, or a date lies beyond the year 9999.
public func deadlines(
  received: Instant, regimes: [Regime], calendars: [String: WorkingCalendar], zones: [String: ZoneRules]
) throws(DeadlineError) -> Deadlines {
  var all: [Due] = []
  var warnings: [String] = []
  if regimes.isEmpty { warnings.append("no regime applies, so nothing has a date") }
  for regime in regimes {
    guard let calendar = calendars[regime.calendar] else {
      throw DeadlineError(description: "regime \(regime.id): there is no calendar \(regime.calendar)")
    }
    guard let zone = zones[regime.zone] else {
      throw DeadlineError(description: "regime \(regime.id): there is no time zone \(regime.zone)")
    }
    if zone.local(received).date < regime.effectiveFrom {
      warnings.append("regime \(regime.id) is in force from \(regime.effectiveFrom), after this receipt")
    }
    for obligation in regime.obligations {
      let due = try compute(obligation, received: received, regime: regime, calendar: calendar, zone: zone)
      if !calendar.covers.contains(due.date.year) || !calendar.covers.contains(zone.local(received).date.year)
      {
        let warning =
          "calendar \(calendar.id) covers \(calendar.covers.lowerBound) to \(calendar.covers.upperBound) only: "
          + "holidays beyond are not taken into account"
        if !warnings.contains(warning) { warnings.append(warning) }
      }
      all.append(due)
    }
  }
  let order = Obligation.Kind.allCases
  let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
  // Stable: of two regimes with the same moment the one named first stays first.
  let sorted = all.enumerated().sorted {
    let (left, right) = ($0.element, $1.element)
    return (place[left.kind] ?? 0, left.end.unixSeconds, $0.offset) < (
      place[right.kind] ?? 0, right.end.unixSeconds, $1.offset
    )
  }
  return Deadlines(all: sorted.map(\.element), warnings: warnings)
}

private func compute(
  _ obligation: Obligation, received: Instant, regime: Regime, calendar: WorkingCalendar, zone: ZoneRules
) throws(DeadlineError) -> Due {
  let local = zone.local(received)
  var steps = ["received \(local.date.spelled) \(clock(local)) \(zone.name) (\(received))"]
  let date: CivilDate
  let end: Instant
  let dueText: String
  if case .hours(let count) = obligation.period {
    let (sum, overflow) = received.unixSeconds.addingReportingOverflow(Int64(count) * 3600)
    guard !overflow else { throw beyondDates(received) }
    end = Instant(unixSeconds: sum)
    let then = zone.local(end)
    // The end itself is too late, so the last date in time is that of the second before it.
    date = zone.local(Instant(unixSeconds: sum - 1)).date
    dueText = "by \(then.date.spelled) \(clock(then))"
    steps.append("\(obligation.period.text) later by the clock: \(then.date.spelled) \(clock(then)) (\(end))")
  } else {
    let zero = dayZero(received: received, calendar: calendar, zone: zone, rule: regime.dayZero)
    steps += explainDayZero(zero, local: local, rule: regime.dayZero, calendar: calendar)
    if case .businessDays(let count) = obligation.period {
      date = calendar.adding(businessDays: count, to: zero)
      steps += explainBusinessDays(from: zero, count: count, calendar: calendar)
    } else {
      let plain = periodDeadline(
        received: received, calendar: calendar, zone: zone, dayZero: regime.dayZero,
        period: obligation.period,
        roll: .none
      ).date
      steps.append("\(obligation.period.text) after day 0: \(plain.spelled)")
      date =
        obligation.roll == .nextBusinessDay && !calendar.isBusinessDay(plain)
        ? calendar.nextBusinessDay(after: plain) : plain
      if date != plain {
        steps += explainSkipped(plain, calendar.nextBusinessDay(after: plain), calendar)
        steps.append("moved on to the next business day: \(date.spelled)")
      }
    }
    end = zone.startOfDay(date.adding(days: 1))
    dueText = "by the end of \(date.spelled)"
  }
  // Dates are clamped at the end of the year 9999; such a one would be wrong in silence.
  guard date < .last else { throw beyondDates(received) }
  steps.append(
    "\(obligation.kind.title.lowercasedFirst) \(dueText)"
      + (obligation.repeats ? ", and each \(obligation.period.text) after" : ""))
  return Due(
    kind: obligation.kind, date: date, end: end, regime: regime.id, zone: zone.name, calendar: calendar.id,
    rule: obligation.rule, repeats: obligation.repeats, derivation: steps, dueText: dueText)
}

private func beyondDates(_ received: Instant) -> DeadlineError {
  DeadlineError(description: "received \(received): the deadline lies beyond the year 9999")
}

func clock(_ local: LocalTime) -> String {
  "\(padded(local.secondsOfDay / 3600, 2)):\(padded(local.secondsOfDay / 60 % 60, 2))"
}

private func explainDayZero(
  _ zero: CivilDate, local: LocalTime, rule: DayZero, calendar: WorkingCalendar
) -> [String] {
  switch rule {
  case .calendarDay: return ["day 0: \(zero.spelled) (the day of receipt, whatever the hour)"]
  case .cutoffNextBusinessDay(let cutoff):
    let limit = "\(padded(cutoff / 3600, 2)):\(padded(cutoff / 60 % 60, 2))"
    if zero == local.date { return ["day 0: \(zero.spelled) (a business day, received before \(limit))"] }
    let why = calendar.reasonSkipped(local.date) ?? "received at or after \(limit)"
    return ["\(local.date.spelled) is not day 0: \(why)"]
      + explainSkipped(local.date.adding(days: 1), zero, calendar)
      + ["day 0: \(zero.spelled) (the next business day)"]
  }
}

/// Counting steps are spelled out up to this many days, then only what is skipped.
private let spelledDays = 10

private func explainBusinessDays(from zero: CivilDate, count: Int, calendar: WorkingCalendar) -> [String] {
  var steps: [String] = []
  var day = zero
  for number in 1...max(count, 1) {
    let next = calendar.nextBusinessDay(after: day)
    steps += explainSkipped(day.adding(days: 1), next, calendar)
    day = next
    if number <= spelledDays || number == count { steps.append("day \(number): \(day.spelled)") }
  }
  return steps
}

/// Lines for the days from `start` up to, not including, `end` that do not count; a weekend takes one line.
private func explainSkipped(_ start: CivilDate, _ end: CivilDate, _ calendar: WorkingCalendar) -> [String] {
  var steps: [String] = []
  var day = start
  while day < end {
    guard let reason = calendar.reasonSkipped(day) else {
      day = day.adding(days: 1)
      continue
    }
    var last = day
    while last.adding(days: 1) < end, calendar.reasonSkipped(last.adding(days: 1)) == reason {
      last = last.adding(days: 1)
    }
    steps.append("\(day.spelled)\(last == day ? "" : " to \(last.spelled)") skipped: \(reason)")
    day = last.adding(days: 1)
  }
  return steps
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
