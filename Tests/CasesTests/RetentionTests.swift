// What goes when: by outcome, regime and date.

import Deadlines
import Foundation
import Testing

@testable import Cases

@Suite struct RetentionTests {
  private let folder: TemporaryData
  private let store: CaseStore
  private let ledger: Ledger
  private let erasure: Erasure

  init() throws {
    let folder = try TemporaryData()
    self.folder = folder
    store = CaseStore(folder.data)
    ledger = try Ledger(folder.data, mailbox: "inbox")
    erasure = Erasure(
      folder.data, index: try CaseIndex(folder.data), deletions: try Deletions(folder.data))
  }

  static func at(_ day: String) -> Instant { Instant(iso8601: day + "T12:00:00Z") ?? instant(0) }

  static let periods: [(String, String, String)] = [
    ("90d", "2026-01-01", "2026-04-01"), ("1m", "2026-01-31", "2026-02-28"),
    ("6y", "2020-02-29", "2026-02-28"),
    ("1y", "2024-02-29", "2025-02-28"), ("18m", "2025-06-30", "2026-12-30"),
  ]

  @Test(arguments: periods)
  func periodsEndByTheCalendar(_ text: String, _ start: String, _ end: String) throws {
    #expect(try #require(RetentionPeriod(text)).end(from: Self.at(start)) == Self.at(end))
  }

  @Test(arguments: ["", "d", "0d", "10000y", "6", "6w", "-1d", "6 y", "1.5y"])
  func whatIsNoPeriod(_ text: String) { #expect(RetentionPeriod(text) == nil) }

  /// A case's history, the regimes of its dates, the rules, a day, and whether it goes then.
  struct Row: Sendable, CustomStringConvertible {
    var history: [CaseEvent.Kind] = [.closed]
    var regimes: [String] = []
    var closed: String? = "6y"
    var dismissed: String? = "1y"
    var byRegime: [String: String] = [:]
    let day: String
    let goes: Bool
    var description: String { "\(history.map(\.rawValue)) \(regimes) \(byRegime) on \(day)" }
  }

  /// All of them ended on 2020-06-15.
  static let rows: [Row] = [
    Row(day: "2026-06-14", goes: false), Row(day: "2026-06-15", goes: true),
    Row(closed: nil, day: "2099-01-01", goes: false),
    Row(history: [.dismissed], day: "2021-06-14", goes: false),
    Row(history: [.dismissed], day: "2021-06-15", goes: true),
    Row(history: [.dismissed], dismissed: nil, day: "2099-01-01", goes: false),
    Row(history: [], day: "2099-01-01", goes: false),
    Row(history: [.acknowledged], day: "2099-01-01", goes: false),
    Row(history: [.closed, .followedUp], day: "2099-01-01", goes: false),
    Row(history: [.closed, .held], day: "2099-01-01", goes: false),
    Row(history: [.closed, .held, .released], day: "2026-06-15", goes: true),
    Row(history: [.closed, .undone], day: "2099-01-01", goes: false),
    // The longest of the regimes that applied wins, and alone it is enough.
    Row(regimes: ["za"], byRegime: ["za": "9y"], day: "2026-06-15", goes: false),
    Row(regimes: ["za"], byRegime: ["za": "9y"], day: "2029-06-15", goes: true),
    Row(regimes: ["za"], byRegime: ["za": "5y"], day: "2025-06-15", goes: false),
    Row(regimes: ["za"], byRegime: ["za": "5y"], day: "2026-06-15", goes: true),
    Row(regimes: ["za"], closed: nil, byRegime: ["za": "5y"], day: "2025-06-15", goes: true),
    Row(regimes: ["uk"], byRegime: ["za": "9y"], day: "2026-06-15", goes: true),
    Row(regimes: ["uk", "za"], byRegime: ["za": "7y", "uk": "8y"], day: "2027-06-15", goes: false),
    Row(regimes: ["uk", "za"], byRegime: ["za": "7y", "uk": "8y"], day: "2028-06-15", goes: true),
    // A regime's length is about complaints.
    Row(history: [.dismissed], regimes: ["za"], byRegime: ["za": "9y"], day: "2021-06-15", goes: true),
  ]

  private func rules(_ row: Row) -> RetentionRules {
    var rules = RetentionRules()
    rules.closed = row.closed.flatMap { RetentionPeriod($0) }
    rules.dismissed = row.dismissed.flatMap { RetentionPeriod($0) }
    rules.byRegime = row.byRegime.compactMapValues { RetentionPeriod($0) }
    return rules
  }

  private func make(_ name: String, _ row: Row) throws -> CaseID {
    let id = CaseID(identity: digest(name))
    var first = recorded(name)
    let date = try #require(CivilDate(year: 2020, month: 6, day: 1))
    first.deadlines = Deadlines(
      all: try row.regimes.map { regime in
        let json = """
          {"kind": "acknowledge", "date": "\(date)", "end": "2020-06-02T00:00:00Z", "regime": "\(regime)",
          "zone": "Europe/London", "calendar": "GB", "rule": "r", "repeats": false, "derivation": [], "due_text": "d"}
          """
        return try JSONDecoder().decode(Due.self, from: Data(json.utf8))
      })
    _ = try store.record(id, first, at: Self.at("2020-06-01"))
    for (number, kind) in row.history.enumerated() {
      try store.append(
        kind, to: id, by: "anna", at: Self.at("2020-06-15"),
        details: .init(reason: "why", undoes: kind == .undone ? number + 1 : nil))
    }
    return id
  }

  @Test(arguments: rows)
  func casesGoInTheirTime(_ row: Row) throws {
    let id = try make("a", row)
    let retention = Retention(folder.data, erasure: erasure, rules: rules(row))
    let now = Self.at(row.day)
    let plan = try retention.plan(at: now)
    #expect(plan.cases.map(\.id) == (row.goes ? [id] : []))
    #expect(plan.kept == (row.history.last == .held ? [id] : []))
    #expect(try !store.read(id).isErased, "a plan changes nothing")
    #expect(try retention.carryOut(plan, at: now).cases == (row.goes ? 1 : 0))
    let after = try store.read(id)
    #expect(after.isErased == row.goes)
    if row.goes {
      #expect(after.events.last?.by == "intake")
      #expect(after.events.last?.details.reason?.hasPrefix("retention, ") == true)
    }
    #expect(try retention.plan(at: now).cases.isEmpty)
  }

  @Test func whatIsPartOfAnotherCaseStaysWithIt() throws {
    let row = Row(day: "2026-06-15", goes: true)
    let target = try make("target", Row(history: [], day: "", goes: false))
    let part = try make("part", Row(history: [], day: "", goes: false))
    try store.append(
      .merged, to: part, by: "anna", at: Self.at("2020-06-15"), details: .init(mergedInto: target))
    let retention = Retention(folder.data, erasure: erasure, rules: rules(row))
    #expect(try retention.plan(at: Self.at("2030-01-01")).cases.isEmpty)
    try store.append(.closed, to: target, by: "anna", at: Self.at("2025-06-15"), details: .init(reason: "r"))
    #expect(try retention.plan(at: Self.at("2031-06-14")).cases.isEmpty)
    #expect(try Set(retention.plan(at: Self.at("2031-06-15")).cases.map(\.id)) == [part, target])
    try store.append(.held, to: target, by: "anna", at: Self.at("2025-07-01"), details: .init(reason: "r"))
    #expect(try retention.plan(at: Self.at("2031-06-15")).cases.isEmpty)
  }

  /// Arrivals of one message: seen when, ended how; and whether it goes on 2026-06-15 by 90d and 30d.
  static let mail: [(String, [(String, Outcome?, Bool)], Bool)] = [
    ("passed over", [("2026-03-17", .notAComplaint, false)], true),
    ("passed over lately", [("2026-03-18", .notAComplaint, false)], false),
    ("a machine's", [("2026-05-16", .automatic, false)], true),
    ("a machine's, lately", [("2026-05-17", .automatic, false)], false),
    ("about a letter of ours", [("2020-01-01", .automatic, true)], false),
    ("a case's", [("2020-01-01", .case, true)], false),
    ("drawn for a check", [("2020-01-01", .possible, true)], false),
    ("pending", [("2020-01-01", nil, false)], false),
    ("seen twice", [("2020-01-01", .notAComplaint, false), ("2026-06-14", .duplicate, false)], true),
    (
      "passed over in two mailboxes",
      [("2020-01-01", .notAComplaint, false), ("2026-06-14", .notAComplaint, false)], false
    ),
    ("copied into a case", [("2020-01-01", .notAComplaint, false), ("2020-01-02", .duplicate, true)], false),
  ]

  @Test(arguments: mail.indices)
  func mailGoesInItsTime(_ row: Int) throws {
    let (name, arrivals, goes) = Self.mail[row]
    let stored = try Array(name.utf8).withUnsafeBytes { try MessageStore(folder.data).store($0) }
    let id = try make("some", Row(history: [], day: "", goes: false))
    for (number, (day, outcome, hasCase)) in arrivals.enumerated() {
      let source = SourceID.imap(uidValidity: 1, uid: UInt32(number + 1))
      try ledger.append(
        [.arrival(Arrival(source: source, digest: stored, size: 1, internalDate: nil, seen: Self.at(day)))],
        at: Self.at(day))
      if let outcome {
        try ledger.append(
          [.outcome(source, outcome, caseReference: hasCase ? id : nil)], at: Self.at(day))
      }
    }
    var rules = RetentionRules()
    rules.notAComplaint = RetentionPeriod("90d")
    rules.automatic = RetentionPeriod("30d")
    let retention = Retention(folder.data, erasure: erasure, rules: rules)
    let now = Self.at("2026-06-15")
    let plan = try retention.plan(at: now)
    #expect(plan.messages.values.flatMap { $0 } == (goes ? [stored] : []), "\(name)")
    #expect(try retention.carryOut(plan, at: now).messages == (goes ? 1 : 0))
    #expect(try MessageStore(folder.data).holds(stored) == !goes)
    // Gone on purpose, not lost: the chain says so, and so does whoever reads it next.
    #expect(try Deletions(folder.data).deletion(of: stored)?.cause == (goes ? .retention : nil))
    #expect(try verify(folder.data).findings.allSatisfy { !$0.place.hasPrefix("ledger") })
    #expect(Reconciliation(mailbox: "inbox", state: ledger.state).gap == 0)
    #expect(try retention.plan(at: now).isEmpty)
  }
}
