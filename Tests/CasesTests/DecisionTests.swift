// What must be true before a decision becomes an event, whoever takes it.

import Deadlines
import Foundation
import Testing

@testable import Cases

@Suite struct DecisionTests {
  private let folder: TemporaryData
  private let store: CaseStore
  private let id = CaseID(identity: digest("decide"))
  private let other = CaseID(identity: digest("other"))

  init() throws {
    folder = try TemporaryData()
    store = CaseStore(folder.data)
    _ = try store.record(id, recorded("decide", outcome: .possible), at: instant(1_700_000_200))
    _ = try store.record(other, recorded("other", uid: 2, mailbox: "second"), at: instant(1_700_000_200))
  }

  /// Three business days in London, where nothing is a holiday.
  private static func rules(sees: @escaping @Sendable (Case) -> Bool = { _ in true }) throws -> DecisionRules
  {
    let check = try #require(CivilDate(year: 2030, month: 1, day: 1))
    let from = try #require(CivilDate(year: 2000, month: 1, day: 1))
    func regime(_ id: String, _ days: Int) throws -> Regime {
      try Regime(
        id: id, title: id, authority: "us", calendar: "GB", zone: "Europe/London", dayZero: .calendarDay,
        obligations: [Obligation(kind: .acknowledge, period: .businessDays(days), rule: "own")],
        source: "test", status: "policy", effectiveFrom: from, checkBy: check)
    }
    let zone = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/London"))
    let regimes = RegimeRules(
      regimes: ["policy": try regime("policy", 3), "quick": try regime("quick", 1)],
      calendars: [
        "GB": try WorkingCalendar(
          id: "GB", title: "GB", holidays: [:], covers: 2000...2030, source: "test", checkBy: check)
      ], zones: ["Europe/London": try ZoneRules(name: "Europe/London", tzif: Array(zone))],
      standard: ["policy"], byMailbox: ["second": ["quick"]])
    return DecisionRules(
      categories: ["other", "service.delay"], regimes: regimes, isDecider: { $0 == "anna" }, sees: sees)
  }

  @discardableResult
  private func decide(
    _ name: Decision.Name, _ fields: DecisionFields = .init(), on id: CaseID? = nil, after: Int? = nil,
    rules: DecisionRules? = nil
  ) throws -> Case {
    let current = try store.read(id ?? self.id)
    return try store.decide(
      try store.decision(name, fields, on: current, by: "anna", rules: rules ?? Self.rules()), on: current,
      by: "anna", at: instant(1_700_100_000),
      after: after, rules: rules ?? Self.rules())
  }

  static let refused: [(Decision.Name, DecisionFields)] = [
    (.dismiss, .init()), (.dismiss, .init(reason: " \n")), (.note, .init()), (.close, .init()),
    (.recategorise, .init()), (.recategorise, .init(category: "no.such")), (.assign, .init()),
    (.assign, .init(assignee: "nobody")), (.merge, .init()), (.undo, .init()),
    (.dismiss, .init(reason: String(repeating: "é", count: 5001))),
    (.correct, .init(complainant: "Ada")), (.correct, .init(reason: "why")),
    (.correct, .init(reason: "why", address: "no address")),
    (.correct, .init(reason: "why", address: "a@b\r\nBcc: c@d")),
    (.correct, .init(reason: "why", received: instant(1_700_100_001))),
    (.correct, .init(reason: "why", received: instant(1))),
  ]

  @Test(arguments: refused.indices)
  func whatCannotBeIsRefused(_ row: Int) throws {
    let (name, fields) = Self.refused[row]
    #expect(throws: DecisionRefusal.self, "\(name) \(fields)") { try decide(name, fields) }
    #expect(try store.read(id).events.count == 1)
  }

  @Test func whatWasSeenBeforeIsAConflictFirst() throws {
    try decide(.acknowledge)
    #expect(throws: EventConflict.self) { try decide(.acknowledge, after: 1) }
    #expect(throws: DecisionRefusal.self) { try decide(.acknowledge, after: 2) }
    for after in [-1, 0, 3, 1 << 40] {
      #expect(throws: EventConflict.self) { try decide(.confirm, after: after) }
    }
  }

  @Test func closingSaysHowItEnded() throws {
    var rules = try Self.rules()
    rules.closing = ClosingRules(
      rootCauses: ["process"], products: ["membership"], limits: ["anna": ["GBP": 10000]])
    func fields(
      _ outcome: String? = "upheld", cause: String? = "process", product: String? = "membership",
      redress: String? = nil, amount: String? = nil
    ) -> DecisionFields {
      .init(
        reason: "ended",
        closure: .init(
          outcome: outcome, rootCause: cause, product: product, redress: redress, amount: amount))
    }
    for (fields, isAllowed) in [
      (fields(nil), false), (fields("won"), false), (fields(cause: "weather"), false),
      (fields(product: "car"), false), (fields(redress: "cake"), false), (fields(redress: "refund"), false),
      (fields(amount: "1 GBP"), false), (fields(redress: "refund", amount: "much"), false),
      (fields(redress: "refund", amount: "100.01 GBP"), false),
      (fields(redress: "refund", amount: "1 EUR"), false),
      (fields(redress: "refund", amount: "100.00 GBP"), true), (fields(redress: "apology"), true),
      (fields(), true), (fields("withdrawn", cause: nil, product: nil), true), (.init(reason: "ended"), true),
    ] {
      if isAllowed {
        let closed = try decide(.close, fields, rules: rules)
        #expect(closed.state == .closed && closed.closure?.outcome.rawValue == fields.closure.outcome)
        #expect(closed.closure?.redress?.amount == fields.closure.amount)
        try decide(.undo)
      } else {
        #expect(throws: DecisionRefusal.self, "\(fields.closure)") {
          try decide(.close, fields, rules: rules)
        }
      }
    }
  }

  @Test func everyNameBecomesItsEvent() throws {
    var fields = DecisionFields(
      reason: " why ", category: "service.delay", assignee: "anna", into: other.reference.description,
      complainant: "Ada", address: "ada@example.org", received: instant(1_700_050_000))
    for name in Decision.Name.allCases {
      // Recategorised already, it is split into another category.
      fields.category = name == .split ? "other" : "service.delay"
      let current = try store.read(id)
      let decision = try store.decision(name, fields, on: current, by: "anna", rules: Self.rules())
      #expect(decision.name == name)
      let after = try decide(name, fields)
      #expect(after.events.last?.kind == decision.kind)
      #expect(after.events.last?.details.reason == "why")
    }
  }

  @Test func anotherCategoryMayHaveAnotherRegime() throws {
    var rules = try Self.rules()
    rules.regimes.byCategory = ["service.delay": ["quick"]]
    try decide(.correct, .init(reason: "the letter was stamped", received: instant(1_699_606_800)))
    let moved = try decide(.recategorise, .init(category: "service.delay"), rules: rules)
    #expect(moved.deadlines[.acknowledge]?.regime == "quick")
    #expect(moved.deadlines.all.count == 2)
    let back = try decide(.undo)
    #expect(back.category == "other" && back.deadlines[.acknowledge]?.regime == "policy")
  }

  @Test func aSplitMakesOneCaseMore() throws {
    let index = try CaseIndex(folder.data)
    try index.put([(store.read(id), text: "two things")])
    let current = try decide(.split, .init(reason: "two things", category: "service.delay"))
    let made = try #require(try store.other(changedWith: current))
    #expect(made.recorded.splitFrom == id && made.category == "service.delay" && made.state == .open)
    #expect(made.recorded.message.digest == current.recorded.message.digest)
    #expect(made.deadlines[.acknowledge]?.regime == "policy")
    #expect(throws: DecisionRefusal.self, "twice") { try decide(.split, .init(category: "service.delay")) }
    #expect(throws: DecisionRefusal.self, "itself") { try decide(.split, .init(category: current.category)) }
    try index.put(current, and: made)
    #expect(try index.list(CaseFilter(search: "things")).count == 2)
    #expect(
      try index.cases(holding: [current.recorded.message.messageID ?? ""]).values.allSatisfy { $0 == [id] })
  }

  @Test func aMergeIsToldInBothCases() throws {
    let current = try decide(.merge, .init(into: other.text))
    #expect(current.state == .closed && current.mergedInto == other)
    let target = try #require(try store.other(changedWith: current))
    #expect(
      target.id == other && target.events.last?.details.reason?.contains(id.reference.description) == true)
    #expect(target.state == .open)
  }

  @Test func aCorrectedReceiptMovesTheDates() throws {
    // Friday 10 November 2023, 09:00 UTC: three business days end on Wednesday.
    let friday = instant(1_699_606_800)
    let moved = try decide(.correct, .init(reason: "the letter was stamped", received: friday))
    #expect(moved.receivedAt == friday && moved.receivedHow == "as anna corrected it")
    #expect(moved.deadlines[.acknowledge]?.date == CivilDate(year: 2023, month: 11, day: 15))
    let quick = try decide(.correct, .init(reason: "stamped", received: friday), on: other)
    #expect(quick.deadlines[.acknowledge]?.regime == "quick", "its mailbox has a regime of its own")
    let name = try decide(.correct, .init(reason: "her own name", complainant: "Ada Member"))
    #expect(name.complainant.name == "Ada Member" && name.complainant.address == "member@example.org")
    #expect(name.receivedAt == friday)
    #expect(try decide(.undo).complainant.name == "A Member")
    #expect(try decide(.undo).deadlines.all.isEmpty)
  }

  @Test func merging() throws {
    let hidden = try Self.rules { $0.recorded.message.source.mailbox == "inbox" }
    #expect(throws: NoSuchCase.self) { try decide(.merge, .init(into: "C-0000-0000")) }
    #expect(throws: NoSuchCase.self) { try decide(.merge, .init(into: "../../etc/passwd")) }
    #expect(throws: NoSuchCase.self, "another mailbox's") {
      try decide(.merge, .init(into: other.text), rules: hidden)
    }
    #expect(throws: DecisionRefusal.self, "itself") { try decide(.merge, .init(into: id.text)) }
    #expect(try decide(.merge, .init(into: other.text)).mergedInto == other)
    #expect(throws: DecisionRefusal.self, "twice") { try decide(.merge, .init(into: other.text)) }
    #expect(throws: DecisionRefusal.self, "in a circle") {
      try decide(.merge, .init(into: id.text), on: other)
    }
    #expect(try decide(.undo).mergedInto == nil)
  }
}
