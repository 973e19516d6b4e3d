// From a receipt to dated obligations: the worked example, whose date wins, what is said when something is unsure.

import Testing

@testable import Deadlines

@Suite struct RegimeTests {
  static func regime(
    _ id: String, dayZero: DayZero = .calendarDay, calendar: String = "GB-EAW",
    zone: String = "Europe/London",
    _ obligations: [Obligation]
  ) throws -> Regime {
    let day = try #require(CivilDate("2024-01-01"))
    return try Regime(
      id: id, title: id, authority: "test", calendar: calendar, zone: zone, dayZero: dayZero,
      obligations: obligations, source: "test", status: "policy", effectiveFrom: day, checkBy: day)
  }

  func compute(_ received: String, _ regimes: [Regime]) throws -> Deadlines {
    var zones: [String: ZoneRules] = [:]
    for name in Set(regimes.map(\.zone)) { zones[name] = try Fixtures.zone(name) }
    return try deadlines(
      received: try #require(Instant(iso8601: received)), regimes: regimes,
      calendars: try Fixtures.calendars(),
      zones: zones)
  }

  static let acknowledge = Obligation(kind: .acknowledge, period: .businessDays(3), rule: "own")

  @Test func workedExampleLiteral() throws {
    let due = try #require(
      compute("2026-12-24T17:30:00Z", [try Self.regime("policy", [Self.acknowledge])])[.acknowledge])
    #expect(due.date.description == "2026-12-31" && due.end.description == "2027-01-01T00:00:00Z")
    #expect(due.derivation.first == "received Thu 24 Dec 2026 17:30 Europe/London (2026-12-24T17:30:00Z)")
    #expect(
      due.derivation.dropFirst().first == "day 0: Thu 24 Dec 2026 (the day of receipt, whatever the hour)")
    #expect(
      due.derivation.contains { $0.hasPrefix("Fri 25 Dec 2026 skipped:") && $0.contains("Christmas Day") })
    #expect(due.derivation.contains("day 1: Tue 29 Dec 2026"))
    #expect(due.derivation.last == "acknowledge by the end of Thu 31 Dec 2026")
  }

  @Test func workedExampleWithCutoff() throws {
    let regime = try Self.regime(
      "policy", dayZero: .cutoffNextBusinessDay(cutoff: 17 * 3600), [Self.acknowledge])
    let due = try #require(compute("2026-12-24T17:30:00Z", [regime])[.acknowledge])
    #expect(due.date.description == "2027-01-04" && due.end.description == "2027-01-05T00:00:00Z")
    #expect(due.derivation.contains("day 0: Tue 29 Dec 2026 (the next business day)"))
  }

  @Test func theEarliestWinsAndIsNamed() throws {
    let policy = try Self.regime("policy", [Self.acknowledge])
    let strict = try Self.regime(
      "strict", calendar: "MY-14", zone: "Asia/Kuala_Lumpur",
      [Obligation(kind: .acknowledge, period: .businessDays(1), rule: "strict")])
    let same = try Self.regime("same", [Self.acknowledge])
    let dates = try compute("2026-11-23T09:00:00Z", [policy, strict, same])
    #expect(dates.all.count == 3 && dates[.acknowledge]?.regime == "strict")
    #expect(dates[.acknowledge]?.end.description == "2026-11-24T16:00:00Z")
    #expect(try compute("2026-11-23T09:00:00Z", [same, policy])[.acknowledge]?.regime == "same")
    #expect(dates[.final] == nil)
  }

  @Test func hoursThatEndAtMidnightBelongToTheDayBefore() throws {
    let regime = try Self.regime(
      "hours", calendar: "AU-NSW", zone: "Australia/Sydney",
      [Obligation(kind: .acknowledge, period: .hours(24), rule: "hours")])
    let due = try #require(compute("2026-11-22T13:00:00Z", [regime])[.acknowledge])
    #expect(due.end.description == "2026-11-23T13:00:00Z" && due.date.description == "2026-11-23")
  }

  @Test(arguments: ["2030-12-30T12:00:00Z", "2023-12-29T12:00:00Z"])
  func yearsBeyondTheCalendarAreSaid(_ received: String) throws {
    let dates = try compute(received, [try Self.regime("policy", [Self.acknowledge])])
    #expect(dates.all.count == 1 && dates.warnings.contains { $0.contains("covers 2024 to 2030") })
  }

  @Test func nothingThatAppliesIsSaid() throws {
    #expect(try compute("2026-11-23T09:00:00Z", []).warnings == ["no regime applies, so nothing has a date"])
    let early = try compute("2023-06-01T09:00:00Z", [try Self.regime("policy", [Self.acknowledge])])
    #expect(early.warnings.contains { $0.contains("in force from 2024-01-01") })
  }

  @Test(arguments: ["9999-12-29T00:00:00Z", "9999-12-31T12:00:00Z"])
  func datesBeyondTheYear9999AreAnError(_ received: String) throws {
    let regime = try Self.regime("policy", [Self.acknowledge])
    #expect(throws: DeadlineError.self) { try compute(received, [regime]) }
  }

  @Test func hoursNeverOverflow() throws {
    let regime = try Self.regime(
      "hours", [Obligation(kind: .acknowledge, period: .hours(24), rule: "hours")])
    let calendars = try Fixtures.calendars()
    let zone = try Fixtures.zone("Europe/London")
    #expect(throws: DeadlineError.self) {
      try deadlines(
        received: Instant(unixSeconds: .max), regimes: [regime], calendars: calendars,
        zones: ["Europe/London": zone])
    }
  }

  /// A case's dates are computed while mail waits: they must take microseconds, not milliseconds.
  @Test func countingIsFast() throws {
    let calendar = try #require(try Fixtures.calendars()["GB-EAW"])
    let start = try #require(CivilDate("2026-11-23"))
    let taken = ContinuousClock().measure {
      for _ in 0..<100 { _ = calendar.adding(businessDays: 40, to: start) }
    }
    // About 20 ms even in a debug build; a count that tries thousands of days for each takes seconds.
    #expect(taken < .seconds(1))
  }
}

@Suite struct BatchTests {
  static let header = "case_id,jurisdiction,time_zone,received_utc,receipt_rule,cutoff_local,n_business_days"

  func run(_ csv: String) throws -> [Result<DeadlineBatch.Row, DeadlineBatch.Problem>] {
    DeadlineBatch.run(
      csv: Array(csv.utf8), calendars: try Fixtures.calendars(),
      zones: ["Europe/London": try Fixtures.zone("Europe/London")]
    ).rows
  }

  static let row = "GB-EAW,Europe/London,2026-12-24T17:30:00Z,calendar_day,,3"

  @Test(arguments: ["\n", "\r\n"])
  func quotedFieldsAndLineEnds(_ newline: String) throws {
    let rows = try run(
      [Self.header, "\"A,\"\"1\"\"\",\(Self.row)", "", "B,\(Self.row)", ""].joined(separator: newline))
    #expect(
      try rows.map { try $0.get().line } == [
        "\"A,\"\"1\"\"\",2026-12-31,2027-01-01T00:00:00Z", "B,2026-12-31,2027-01-01T00:00:00Z",
      ])
  }

  @Test(arguments: [
    ("A,XX,Europe/London,2026-12-24T17:30:00Z,calendar_day,,3", "XX"),
    ("A,GB-EAW,Mars/Olympus,2026-12-24T17:30:00Z,calendar_day,,3", "Mars/Olympus"),
    ("A,GB-EAW,Europe/London,2026-12-24 noon,calendar_day,,3", "2026-12-24 noon"),
    ("A,GB-EAW,Europe/London,2026-12-24T17:30:00Z,whenever,,3", "whenever"),
    ("A,GB-EAW,Europe/London,2026-12-24T17:30:00Z,cutoff_next_business_day,,3", "cutoff_local"),
    ("A,GB-EAW,Europe/London,2026-12-24T17:30:00Z,calendar_day,,0", "n_business_days"),
    ("A,GB-EAW,Europe/London,2026-12-24T17:30:00Z,calendar_day,,99999999999999999999", "n_business_days"),
    ("A,GB-EAW,Europe/London,9999-12-30T17:30:00Z,calendar_day,,3", "9999"),
    ("\"A,GB-EAW", "never closed"),
  ])
  func aBadRowIsNamedWithItsLine(_ row: String, _ part: String) throws {
    let rows = try run("\(Self.header)\nG,\(Self.row)\n\(row)\n")
    guard rows.count == 2, case .failure(let problem) = rows[1] else {
      Issue.record("no failure: \(rows)")
      return
    }
    #expect(problem.line == 3 && problem.message.contains(part), "\(problem.message)")
  }

  @Test func columnsGoByName() throws {
    let rows = try run(
      "n_business_days,x,case_id,cutoff_local,receipt_rule,received_utc,time_zone,jurisdiction\n"
        + "3,?,A,17:30,cutoff_next_business_day,2026-12-24T17:30:00Z,Europe/London,GB-EAW\n")
    #expect(try rows.map { try $0.get().line } == ["A,2027-01-04,2027-01-05T00:00:00Z"])
  }

  @Test(arguments: ["", "case_id,jurisdiction\n", "case_id,case_id,\(header.dropFirst(8))\n"])
  func aHeaderThatCannotBeUsedIsOneProblem(_ csv: String) throws {
    let rows = try run(csv)
    #expect(rows.count == 1 && (try? rows[0].get()) == nil)
  }

  @Test func aYearThatIsNotCoveredIsSaid() throws {
    let rows = try run("\(Self.header)\nA,GB-EAW,Europe/London,2030-12-30T17:30:00Z,calendar_day,,3\n")
    #expect(try #require(rows.first).get().warning?.contains("covers 2024 to 2030") == true)
  }
}
