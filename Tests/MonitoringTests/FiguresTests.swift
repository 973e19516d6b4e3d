// What each figure counts, and that the list behind it holds as many cases.

import Cases
import Deadlines
import Foundation
import Testing
import Triage

@testable import Monitoring

@Suite struct FiguresTests {
  /// Wednesday 2026-11-25, 12:00 in London.
  private static let now = Instant(iso8601: "2026-11-25T12:00:00Z")!

  private static func days() throws -> ReportingDays {
    let zone = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/London"))
    return ReportingDays(
      zone: try ZoneRules(name: "Europe/London", tzif: Array(zone)),
      calendar: try WorkingCalendar(
        id: "GB", title: "GB", holidays: [CivilDate("2026-11-26")!: "test"], covers: 2000...2040,
        source: "test", checkBy: CivilDate("2040-01-01")!))
  }

  private static func date(_ text: String) -> CivilDate { CivilDate(text)! }

  /// Fields that a row of the table sets; the rest is a fresh complaint.
  private static func measure(_ change: (inout CaseMeasure) -> Void = { _ in }) throws -> CaseMeasure {
    let folder = try TemporaryData()
    let made = MadeCase(received: 1_700_000_000, acknowledgeBy: 1_700_500_000, finalBy: 1_700_900_000)
    var measure = CaseMeasure(try CaseStore(folder.data).read(made.put("one", in: folder)))
    change(&measure)
    return measure
  }

  @Test func services() throws {
    let (due, before, after) = (instant(1_700_500_000), instant(1_700_499_999), instant(1_700_500_000))
    for (name, change, now, expected) in [
      ("waits", { _ in }, before, .due), ("the first instant that is too late", { _ in }, due, .overdue),
      ("in time", { $0.acknowledgedAt = before }, after, .met),
      ("late", { $0.acknowledgedAt = due }, after, .late),
      ("closed in time without one", { $0.closedAt = before }, after, .notNeeded),
      ("closed too late without one", { $0.closedAt = due }, after, .late),
      ("dismissed", { $0.state = .dismissed }, after, nil), ("merged", { $0.isMerged = true }, after, nil),
      ("no regime", { $0.acknowledgeBy = nil }, after, nil),
    ] as [(String, (inout CaseMeasure) -> Void, Instant, Service?)] {
      #expect(try Self.measure(change).acknowledgement(at: now) == expected, "\(name)")
    }
    for (name, change, now, expected) in [
      ("waits", { _ in }, 1_700_899_999, .due), ("too late", { _ in }, 1_700_900_000, .overdue),
      ("in time", { $0.closedAt = instant(1_700_899_999) }, 1_800_000_000, .met),
      ("late", { $0.closedAt = instant(1_700_900_000) }, 1_800_000_000, .late),
    ] as [(String, (inout CaseMeasure) -> Void, Int64, Service?)] {
      #expect(try Self.measure(change).final(at: instant(now)) == expected, "final: \(name)")
    }
  }

  /// Cases over some weeks, of every fate.
  private static func fill(_ folder: TemporaryData) throws -> CaseIndex {
    let index = folder.index
    let store = CaseStore(folder.data)
    let day: Int64 = 86400
    let start = now.unixSeconds - 40 * day
    for number in 0..<80 {
      let received = start + Int64(number) * day / 2
      let made = MadeCase(
        outcome: number % 7 == 0 ? .possible : .case,
        flags: number % 5 == 0 ? ["vulnerability_health"] : [], received: received,
        acknowledgeBy: received + 3 * day, finalBy: received + 20 * day,
        mailbox: number % 3 == 0 ? "one" : "two")
      let id = try made.put("case \(number)", in: folder)
      func add(_ kind: CaseEvent.Kind, after days: Int64, _ details: CaseEvent.Details = .init()) throws {
        try store.append(kind, to: id, by: "anna", at: instant(received + days * day), details: details)
      }
      switch number % 8 {
      case 0, 1: try add(.acknowledged, after: 1)
      case 2: try add(.acknowledged, after: 5)
      case 3: try add(.dismissed, after: 1)
      case 4:
        try add(.acknowledged, after: 2)
        try add(
          .closed, after: Int64(number % 30),
          .init(
            reason: "ended",
            closure: Closure(
              outcome: number % 3 == 0 ? .upheld : .notUpheld, rootCause: "process", product: "membership",
              redress: GrantedRedress(kind: .refund, hundredths: 1250, currency: "GBP"))))
      case 5:
        try add(.confirmed, after: 1)
        try add(.recategorised, after: 2, .init(category: "service.delay_no_response"))
      // Ended without an acknowledgement: in time, and too late.
      case 6: try add(.closed, after: number % 16 == 6 ? 1 : 5, .init(reason: "ended"))
      default: break
      }
      try index.put([(store.read(id), text: "words")])
    }
    return index
  }

  @Test func everyFigureLeadsToAsManyCases() throws {
    let folder = try TemporaryData()
    let index = try Self.fill(folder)
    let days = try Self.days()
    let range = Self.date("2026-10-10")...Self.date("2026-11-25")
    for (period, only) in [
      (.day, [:]), (.week, [:]), (.month, [.mailbox: "one"]), (.week, [.group: "service"]),
      (.month, [.rootCause: "process"]), (.month, [.country: ""]),
    ] as [(FigurePeriod, [MeasureFilter.Dimension: String])] {
      let figures = try Figures(
        FigureQuery(range: range, period: period, only: only), index: index, mail: [:], days: days,
        at: Self.now)
      func listed(_ kind: FigureFilter.Kind, _ from: CivilDate, _ to: CivilDate) throws -> Int {
        var filter = CaseFilter()
        filter.figure = FigureFilter(
          kind, from: days.start(from), to: days.start(to.adding(days: 1)), now: Self.now, only: only)
        return try index.list(filter).count
      }
      var seen = 0
      for one in figures.periods {
        let start = Self.date(one.name)
        let (from, to) = (
          max(start, range.lowerBound), min(period.next(start).adding(days: -1), range.upperBound)
        )
        for (kind, count) in [
          (.cases, one.cases), (.dismissed, one.dismissed), (.merged, one.merged), (.closed, one.closed),
          (.acknowledgedInTime, one.acknowledgement.met), (.acknowledgedLate, one.acknowledgement.late),
          (.acknowledgementOverdue, one.acknowledgement.overdue),
          (.acknowledgementDue, one.acknowledgement.due),
          (.finalInTime, one.final.met), (.finalLate, one.final.late), (.finalOverdue, one.final.overdue),
          (.finalDue, one.final.due),
        ] as [(FigureFilter.Kind, Int)] {
          #expect(try listed(kind, from, to) == count, "\(kind) of \(one.name) by \(period), \(only)")
          seen += count
        }
      }
      #expect(seen > 0 || only == [.country: ""], "\(only)")
      #expect(
        try listed(.unreviewed, Self.date("2000-01-01"), Self.date("2100-01-01")) == figures.now.unreviewed)
    }
  }

  @Test func sumsAndStates() throws {
    let folder = try TemporaryData()
    let index = try Self.fill(folder)
    let figures = try Figures(
      FigureQuery(
        range: Self.date("2026-10-01")...Self.date("2026-11-25"), period: .month, by: .category),
      index: index, mail: [:], days: Self.days(), at: Self.now)
    let total = figures.total
    #expect(total.cases + total.dismissed == 80 && total.dismissed == 10 && total.merged == 0)
    #expect(total.groups.values.reduce(0, +) == total.cases)
    #expect(figures.toCase.count == total.cases)
    #expect(
      figures.closed.count == figures.closed.withinThreeDays + figures.closed.withinEightWeeks
        + figures.closed.later)
    #expect(
      figures.closed.redress["GBP"]?.hundredths == (figures.closed.count - figures.closed.withoutOutcome)
        * 1250 && figures.closed.count > 0)
    #expect(figures.closed.rootCauses == ["process": figures.closed.count - figures.closed.withoutOutcome])
    // The category that the verdict named, and how many of it people changed.
    let change = figures.changes.values.reduce(into: (decided: 0, changed: 0)) {
      $0.decided += $1.decided
      $0.changed += $1.changed
    }
    #expect(change.changed == 10 && change.decided > change.changed)
    // Twenty were closed in the end, some of them after the days asked for.
    #expect(figures.now.ages.reduce(0, +) == total.cases - 20)
  }

  /// Business days after Friday: Monday is the first; Thursday the 26th is a holiday of the test's.
  @Test func bands() throws {
    let days = try Self.days()
    for (from, to, count) in [
      ("2026-11-20", "2026-11-20", 0), ("2026-11-20", "2026-11-22", 0), ("2026-11-20", "2026-11-23", 1),
      ("2026-11-24", "2026-11-26", 1), ("2026-11-24", "2026-11-27", 2), ("2026-11-27", "2026-11-24", 0),
    ] {
      #expect(days.businessDays(after: Self.date(from), through: Self.date(to)) == count, "\(from) \(to)")
    }
    let times = Figures.Times([5, 1, 4, 2, 3])
    #expect(times.median == 3 && times.ninetieth == 5 && times.longest == 5)
    #expect(Figures.Times([]).median == nil)
  }

  @Test func tooManyPeriodsAreRefused() throws {
    let folder = try TemporaryData()
    let index = folder.index
    #expect(throws: FigureProblem.self) {
      try Figures(
        FigureQuery(range: Self.date("2000-01-01")...Self.date("2026-01-01"), period: .hour), index: index,
        mail: [:],
        days: Self.days(), at: Self.now)
    }
  }

  @Test func words() {
    for (cell, words, plain) in [
      (.count(3), "3", "3"), (.share(0.8754), "87.5 %", "0.8754"), (.share(1), "100.0 %", "1.0000"),
      (.span(59), "59 s", "59"), (.span(7800), "2 h 10 min", "7800"), (.span(90_000), "1 d 1 h", "90000"),
      (.none, "–", ""), (.text("x"), "x", "x"),
    ] as [(FigureTable.Cell, String, String)] {
      #expect(cell.words == words && cell.plain == plain)
    }
  }

  // MARK: returns

  @Test func returnsBalance() throws {
    let folder = try TemporaryData()
    let index = try Self.fill(folder)
    func field(
      _ name: String, _ count: ReturnDefinition.Count, after: Period? = nil, within: Period? = nil
    ) -> ReturnDefinition.Field {
      .init(name: name, title: name, count: count, after: after, within: within)
    }
    let definition = ReturnDefinition(
      id: "test", title: "Test", source: "test", checkBy: Self.date("2030-01-01"), countries: nil,
      mailboxes: nil,
      publishFrom: 10,
      fields: [
        field("start", .outstandingAtStart), field("opened", .opened), field("closed", .closed),
        field("fast", .closed, within: .businessDays(3)),
        field("middle", .closed, after: .businessDays(3), within: .weeks(2)),
        field("slow", .closed, after: .weeks(2)), field("upheld", .upheld), field("not", .notUpheld),
        field("none", .noFinding), field("end", .outstandingAtEnd), field("redress", .redress),
        field("cases", .redressCases), field("vulnerable", .openedVulnerable),
      ])
    let filled = try RegulatorReturn(
      definition, range: Self.date("2026-10-25")...Self.date("2026-11-15"), index: index,
      causes: ["service.delay_no_response": "GAC"], days: Self.days())
    func value(_ name: String, _ cause: String = "all") throws -> Int {
      let row = try #require(filled.rows.first { $0.cause == cause })
      let place = try #require(definition.fields.firstIndex { $0.name == name })
      guard case .count(let count) = row.values[place] else { throw FigureProblem("no count") }
      return count
    }
    #expect(try value("start") + value("opened") - value("closed") == value("end"))
    #expect(try value("fast") + value("middle") + value("slow") == value("closed") && value("closed") > 0)
    #expect(try value("upheld") + value("not") + value("none") == value("closed"))
    #expect(
      try value("cases") == value("closed") - value("none") && value("none") > 0 && value("vulnerable") > 0)
    #expect(filled.rows.last?.values[10] == .money(["GBP": 1250 * (try value("cases"))]))
    let none = try value("none")
    #expect(filled.mustBePublished == true && filled.withoutOutcome == none)
    #expect(filled.csv.count == filled.rows.count + 1)
  }

  @Test func halfYears() {
    for (day, first, last) in [
      ("2026-11-30", "2026-01-01", "2026-06-30"), ("2026-06-30", "2025-07-01", "2025-12-31"),
      ("2027-01-01", "2026-07-01", "2026-12-31"), ("2026-07-01", "2026-01-01", "2026-06-30"),
    ] {
      #expect(HalfYear.last(before: Self.date(day)) == Self.date(first)...Self.date(last), "\(day)")
    }
  }
}
