// The index answers as looking at every case would, and reads few of them for it.

import Deadlines
import Foundation
import Testing
import Triage

@testable import Cases

@Suite struct CaseIndexTests {
  private struct Known {
    let row: CaseRow
    let text: String
  }

  /// Cases of all kinds, by a fixed series of numbers.
  private static func fill(_ data: DataFolder, _ index: CaseIndex, count: Int) throws -> [Known] {
    let store = CaseStore(data)
    var state: UInt64 = 7
    func draw(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let words = ["renewal", "refund", "barrister", "callback", "portal"]
    var all: [Known] = []
    for number in 0..<count {
      let id = CaseID(identity: digest("index \(number)"))
      var facts = recorded(
        "index \(number)", mailbox: ["one", "two", "three"][draw(3)], outcome: [.case, .possible][draw(2)])
      facts.receivedAt = instant(1_700_000_000 + Int64(draw(1_000_000)))
      facts.country = ["GB", "IE", nil][draw(3)]
      facts.verdict = try verdict(
        category: [
          "service.staff_conduct", "service.delay_no_response", "membership.payment_billing", "other",
        ][draw(4)],
        flags: [[], ["safety"], ["chaser", "chaser"], ["chaser", "redress_sought"]][draw(4)],
        member: draw(2) == 0 ? "\(1000 + draw(20))" : nil)
      facts.deadlines = try dates(
        regime: ["policy", "ireland"][draw(2)], end: facts.receivedAt.unixSeconds + 86_400)
      guard case .recorded(var current) = try store.record(id, facts, at: instant(1)) else { continue }
      for kind in [[], [.assigned], [.dismissed], [.confirmed, .acknowledged], [.confirmed, .closed]][draw(5)]
        as [CaseEvent.Kind]
      {
        current = try store.append(
          kind, to: id, by: "ann", at: instant(2),
          details: .init(reason: "r", assignee: kind == .assigned ? "ann" : nil))
      }
      let text = "\(words[draw(5)]) and \(words[draw(5)]) number\(number)"
      try index.put([(current, text: text)])
      if let row = try index.row(id) { all.append(Known(row: row, text: text)) }
    }
    return all
  }

  private static func verdict(category: String, flags: [String], member: String?) throws -> Verdict {
    let kinds = flags.map { "{\"kind\":\"\($0)\",\"text\":\"t\"}" }.joined(separator: ",")
    let json = """
      {"band":"complaint","probability":0.9,"category":"\(category)","category_probability":1,"secondary":[],"severity":2,
      "flags":[\(kinds)],"evidence":[],"other_evidence":[],"language":"en","points":[],"rules":[],"model":"m","reason":"r"
      \(member.map { ",\"member_number\":\"\($0)\"" } ?? "")}
      """
    return try JSONDecoder().decode(Verdict.self, from: Data(json.utf8))
  }

  private static func dates(regime: String, end: Int64) throws -> Deadlines {
    let json = """
      {"all":[{"kind":"acknowledge","date":"2026-01-01","end":"\(instant(end))","regime":"\(regime)","zone":"Europe/London",
      "calendar":"GB-EAW","rule":"r","repeats":false,"derivation":[],"due_text":"d"}],"warnings":[]}
      """
    return try JSONDecoder().decode(Deadlines.self, from: Data(json.utf8))
  }

  /// Filters of every kind, alone and together.
  private static var filters: [(String, CaseFilter)] {
    var filters: [(String, CaseFilter)] = []
    func add(_ name: String, _ change: (inout CaseFilter) -> Void) {
      for (view, set) in [
        ("all", { _ in }), ("work", { $0.isPending = true }), ("closed", { $0.state = .closed }),
      ] as [(String, (inout CaseFilter) -> Void)] {
        var filter = CaseFilter()
        set(&filter)
        change(&filter)
        filters.append(("\(view) \(name)", filter))
      }
    }
    add("nothing") { _ in }
    add("leaf") { $0.category = "service.staff_conduct" }
    add("group") { $0.category = "service" }
    add("other") { $0.category = "other" }
    add("mailbox") { $0.mailbox = "two" }
    add("country") { $0.country = "IE" }
    add("regime") { $0.regime = "ireland" }
    add("assignee") { $0.assignee = "ann" }
    add("flag") { $0.flag = "chaser" }
    add("due") { $0.dueBefore = instant(1_700_500_000) }
    add("age") { $0.receivedBefore = instant(1_700_500_000) }
    add("search") { $0.search = "refund" }
    add("two words") { $0.search = "refund portal" }
    add("mailboxes") { $0.mailboxes = ["one", "three"] }
    add("no mailbox") { $0.mailboxes = [] }
    add("flag, country, search") {
      $0.flag = "chaser"
      $0.country = "GB"
      $0.search = "renewal"
    }
    add("group, regime, mailboxes") {
      $0.category = "service"
      $0.regime = "policy"
      $0.mailboxes = ["two"]
    }
    return filters
  }

  private static func passes(_ known: Known, _ filter: CaseFilter) -> Bool {
    let row = known.row
    let isPending = [.possible, .open, .quarantined].contains(row.state)
    let words = Set(known.text.split(separator: " ").map(String.init))
    return (filter.state == nil || row.state == filter.state) && (!filter.isPending || isPending)
      && (filter.category.map { row.category == $0 || row.category.hasPrefix($0 + ".") } ?? true)
      && (filter.mailbox.map { row.mailbox == $0 } ?? true)
      && (filter.country.map { row.country == $0 } ?? true)
      && (filter.regime.map { row.acknowledgeRegime == $0 } ?? true)
      && (filter.assignee.map { row.assignee == $0 } ?? true)
      && (filter.flag.map { row.flags.contains($0) } ?? true)
      && (filter.dueBefore.map { due in
        isPending && row.acknowledgedAt == nil && row.acknowledgeBy.map { $0 <= due } ?? false
      } ?? true)
      && (filter.receivedBefore.map { row.receivedAt <= $0 } ?? true)
      && (filter.mailboxes.map { $0.contains(row.mailbox) } ?? true)
      && (filter.search.map { $0.split(separator: " ").allSatisfy { words.contains(String($0)) } } ?? true)
  }

  @Test func everyFilterFindsWhatLookingAtAllWouldFind() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    let all = try Self.fill(folder.data, index, count: 120)
    #expect(all.count == 120)
    var found = 0
    for (name, filter) in Self.filters {
      let expected = all.filter { Self.passes($0, filter) }.map(\.row)
        .sorted { ($0.rank, $0.id.text) < ($1.rank, $1.id.text) }.map(\.id)
      #expect(try index.list(filter).map(\.id) == expected, "\(name)")
      #expect(try index.count(filter) == expected.count, "\(name)")
      found += expected.count
    }
    #expect(found > 500)
  }

  @Test func anotherRoundOfTheSameCasesChangesNothing() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    let all = try Self.fill(folder.data, index, count: 20)
    let before = try index.list(CaseFilter()).map(\.id)
    let store = CaseStore(folder.data)
    for known in all { try index.put([(store.read(known.row.id), text: known.text)]) }
    #expect(try index.list(CaseFilter()).map(\.id) == before)
    #expect(try index.count(CaseFilter(search: "number7")) == 1)
    let again = try CaseIndex.reindex(folder.data)
    #expect(try again.list(CaseFilter()).map(\.id) == before)
  }

  @Test func noListReadsEveryCase() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    _ = try Self.fill(folder.data, index, count: 5)
    for (name, filter) in Self.filters
    where filter.search == nil && filter.dueBefore == nil && (filter.state != nil || filter.isPending) {
      let plan = try index.plan(filter)
      let isInOrder = !plan.contains("SCAN") || plan == "SCAN cases USING INDEX pending_all"
      #expect(isInOrder && !plan.contains("TEMP B-TREE"), "\(name): \(plan)")
    }
  }

  @Test func figuresReadIndexesAlone() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    for plan in try index.figurePlans() {
      #expect(plan.contains("USING COVERING INDEX") && !plan.contains("TEMP B-TREE"), "\(plan)")
    }
  }

  @Test func valuesOfFilters() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    #expect(try index.mailboxesAndCountries() == ([], []))
    _ = try Self.fill(folder.data, index, count: 30)
    #expect(try index.mailboxesAndCountries() == (["one", "three", "two"], ["GB", "IE"]))
  }

  @Test func alikeByRareWords() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    let store = CaseStore(folder.data)
    let common = "please would you kindly answer about the membership"
    let texts = [
      "the webinar certificate with sprained ankles never arrived; \(common)",
      "again: webinar certificate, sprained ankles, never arrived; \(common)",
      "a certificate for another webinar, thanks", "nothing alike here at all; \(common)",
      "portal locked; \(common)",
    ]
    var ids: [CaseID] = []
    for (number, text) in texts.enumerated() {
      let id = CaseID(identity: digest("alike \(number)"))
      guard
        case .recorded(let current) = try store.record(
          id, recorded("alike \(number)", mailbox: number == 1 ? "two" : "one"), at: instant(1))
      else { return }
      try index.put([(current, text: text)])
      ids.append(id)
    }
    let found = try index.similar(to: texts[0], besides: ids[0], mailboxes: nil, limit: 5)
    #expect(found.first?.row.id == ids[1])
    #expect((found.first?.share ?? 0) > 0.5)
    #expect(!found.contains { $0.row.id == ids[3] || $0.row.id == ids[0] })
    #expect(
      try index.similar(to: texts[0], besides: ids[0], mailboxes: ["one"], limit: 5).first?.row.id != ids[1])
    #expect(try index.similar(to: "", besides: ids[0], mailboxes: nil, limit: 5).isEmpty)
    #expect(
      try index.similar(
        to: "\"AND OR NEAR( \u{2019}\u{2019}\u{2019}", besides: ids[0], mailboxes: nil, limit: 5
      ).isEmpty)
  }
}
