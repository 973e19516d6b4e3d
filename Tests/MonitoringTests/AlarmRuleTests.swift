// Each cause from a row of vitals: what begins it, what is just not enough, what it says.

import Cases
import Deadlines
import Foundation
import Testing
import Triage

@testable import Monitoring

private let start: Int64 = 1_795_424_400  // 2026-11-23T09:00:00Z
private let hour: Int64 = 3600

private func estimate(checked: Int, rate: Double, low: Double, high: Double) -> MissEstimate {
  var made = MissEstimate(drawn: [], passedOver: 0, confirmed: 1000)
  // misses / (misses + confirmed) is the rate.
  func misses(_ rate: Double) -> Double { rate * 1000 / (1 - rate) }
  (made.checked, made.misses, made.low, made.high) = (checked, misses(rate), misses(low), misses(high))
  return made
}

/// Vitals at `start + 1 day` of one mailbox that is well, changed by a row.
private func vitals(_ change: (inout Vitals) -> Void) -> Vitals {
  var vitals = Vitals(at: instant(start + 24 * hour))
  vitals.mailboxes = [
    Vitals.Mailbox(
      name: "complaints", lastSuccess: instant(start + 24 * hour - 60),
      lastArrival: instant(start + 23 * hour),
      lastBeat: instant(start + 24 * hour - 5), silence: .init(expected: 1, chance: 0.4, isAlarming: false))
  ]
  vitals.diskFree = 10 << 30
  vitals.diskLow = 500 << 20
  vitals.misses = estimate(checked: 400, rate: 0.004, low: 0.001, high: 0.02)
  change(&vitals)
  return vitals
}

@Suite struct AlarmRuleTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    /// `key severity count`, in order.
    let expected: [String]
    /// What must be among the words.
    let words: String
    let change: @Sendable (inout Vitals) -> Void

    init(
      _ name: String, _ expected: [String], _ words: String = "",
      _ change: @escaping @Sendable (inout Vitals) -> Void
    ) {
      self.name = name
      self.expected = expected
      self.words = words
      self.change = change
    }
    var testDescription: String { name }
  }

  static let now = start + 24 * hour
  private static let id = CaseID(identity: Digest(of: Array("one".utf8)))
  private static let other = CaseID(identity: Digest(of: Array("two".utf8)))

  static let rows: [Row] = [
    Row("all well", []) { _ in },
    // A mailbox that refuses.
    Row("one failure after a quiet while", []) {
      $0.mailboxes[0].failures = 1
      $0.mailboxes[0].trouble = "server-unreachable"
      $0.mailboxes[0].lastSuccess = instant(now - 599)
    },
    Row(
      "unreachable for ten minutes", ["mailbox-refusing:complaints page 1"],
      "was last read 10 min ago: server-unreachable"
    ) {
      $0.mailboxes[0].failures = 7
      $0.mailboxes[0].trouble = "server-unreachable"
      $0.mailboxes[0].lastSuccess = instant(now - 600)
    },
    Row("a refused login does not mend", ["mailbox-refusing:complaints page 1"], "login-refused") {
      $0.mailboxes[0].failures = 2
      $0.mailboxes[0].trouble = "login-refused"
      $0.mailboxes[0].lastSuccess = instant(now - 120)
    },
    Row(
      "never since the start", ["mailbox-refusing:complaints page 1"],
      "has let nobody in since the start 1 d 0 h ago"
    ) {
      $0.mailboxes[0].failures = 400
      $0.mailboxes[0].trouble = "tls-failed"
      $0.mailboxes[0].lastSuccess = nil
    },
    Row(
      "trouble that is none of our names is not repeated", ["mailbox-refusing:complaints page 1"], "unnamed"
    ) {
      $0.mailboxes[0].failures = 9
      $0.mailboxes[0].trouble = "LOGIN of anna@example.org refused"
      $0.mailboxes[0].lastSuccess = instant(now - 3600)
    },
    // Tokens.
    Row("a consent that was withdrawn", ["oauth-token:complaints page 1"], "the one in use ends in 50 min") {
      $0.mailboxes[0].failures = 1
      $0.mailboxes[0].trouble = "oauth-refresh-failed"
      $0.mailboxes[0].tokenEnds = instant(now + 3000)
    },
    Row("the endpoint is away, the token lasts", []) {
      $0.mailboxes[0].failures = 1
      $0.mailboxes[0].trouble = "oauth-unreachable"
      $0.mailboxes[0].tokenEnds = instant(now + 3000)
    },
    Row("the endpoint is away, the token is nearly over", ["oauth-token:complaints page 1"], "ends in 5 min")
    {
      $0.mailboxes[0].failures = 1
      $0.mailboxes[0].trouble = "oauth-unreachable"
      $0.mailboxes[0].tokenEnds = instant(now + 300)
    },
    Row("a token that has ended on a connection that lives", []) {
      $0.mailboxes[0].tokenEnds = instant(now - 3000)
    },
    // A watcher that hangs.
    Row("a long wait", []) { $0.mailboxes[0].lastBeat = instant(now - 899) },
    Row("a watcher that does nothing", ["mailbox-stalled:complaints page 1"], "15 min") {
      $0.mailboxes[0].lastBeat = instant(now - 900)
    },
    // Silence.
    Row(
      "quieter than it can be by chance", ["mailbox-silent:complaints page 1"],
      "no message for 1 h 0 min; 14.2 were"
    ) {
      $0.mailboxes[0].silence = .init(expected: 14.2, chance: 0.0001, isAlarming: true)
    },
    Row(
      "more than it can be by chance", ["mailbox-flood:complaints warn 1"], "60 messages in 3 hours; 8.5 were"
    ) {
      $0.mailboxes[0].flood = .init(hours: 3, seen: 60, expected: 8.5)
    },
    Row("no rhythm known, a limit by hand, not reached", []) {
      $0.mailboxes[0].silence = nil
      $0.mailboxes[0].lastArrival = instant(now - 8 * hour + 1)
    },
    Row("no rhythm known, a limit by hand", ["mailbox-silent:complaints page 1"], "no message for 8 h 0 min")
    {
      $0.mailboxes[0].silence = nil
      $0.mailboxes[0].lastArrival = instant(now - 8 * hour)
    },
    Row("the rhythm says well, whatever the limit", []) {
      $0.mailboxes[0].lastArrival = instant(now - 20 * hour)
    },
    // Accounting.
    Row("a gap", ["ledger-gap:complaints page 3"], "3 messages are not accounted for") {
      $0.mailboxes[0].gap = 3
    },
    Row("more settled than found", ["ledger-gap:complaints page 2"]) { $0.mailboxes[0].gap = -2 },
    Row("pending is no gap", []) { $0.mailboxes[0].pending = 40 },
    // Deadlines.
    Row("due tomorrow", []) { $0.acknowledgement = .init(near: 9, next: instant(now + 13 * hour)) },
    Row(
      "due tonight", ["acknowledgement-near warn 9"],
      "9 acknowledgements are due soon, the next in 12 h 0 min"
    ) {
      $0.acknowledgement = .init(near: 9, next: instant(now + 12 * hour))
    },
    Row(
      "overdue", ["acknowledgement-overdue page 1"], "1 acknowledgement is overdue, the oldest for 3 h 0 min"
    ) {
      $0.acknowledgement = .init(near: 9, overdue: 1, next: instant(now - 3 * hour))
    },
    Row("final near", ["final-near warn 2"], "2 final responses are due soon, the next in 1 d 12 h") {
      $0.final = .init(near: 2, next: instant(now + 36 * hour))
    },
    Row("final overdue", ["final-overdue page 4"]) { $0.final = .init(overdue: 4, next: instant(now - 60)) },
    // What must be seen.
    Row("safety, fourteen minutes", []) {
      $0.unopened = [.init(id: id, flag: "safety", since: instant(now - 899))]
    },
    Row(
      "safety, fifteen minutes", ["unopened:\(id.text) page 1"],
      "flagged for safety: nobody has opened it for 15 min"
    ) {
      $0.unopened = [.init(id: id, flag: "safety", since: instant(now - 900))]
    },
    Row("to the board, the same morning", []) {
      $0.unopened = [.init(id: id, flag: "executive_addressee", since: instant(now - 3 * hour))]
    },
    Row("both, the oldest first", ["unopened:\(id.text) warn 1", "unopened:\(other.text) page 1"]) {
      $0.unopened = [
        .init(id: other, flag: "safety", since: instant(now - hour)),
        .init(id: id, flag: "executive_addressee", since: instant(now - 5 * hour)),
      ]
    },
    Row("a weekend of undecided cases", []) {
      ($0.unreviewed, $0.oldestUnreviewed) = (30, instant(now - 71 * hour))
    },
    Row("longer than a weekend", ["unreviewed warn 30"], "30 cases are undecided, the oldest for 3 d 0 h") {
      ($0.unreviewed, $0.oldestUnreviewed) = (30, instant(now - 72 * hour))
    },
    // Letters.
    Row("greylisted", []) { $0.outbox = .init(waiting: 1, oldestWaiting: instant(now - 1799)) },
    Row("stuck", ["outbox-stuck warn 2"], "2 letters are waiting to be sent, the oldest for 30 min") {
      $0.outbox = .init(waiting: 2, oldestWaiting: instant(now - 1800))
    },
    Row("stuck for hours", ["outbox-stuck page 2"]) {
      $0.outbox = .init(waiting: 2, oldestWaiting: instant(now - 2 * hour))
    },
    Row("perhaps sent and failed", ["perhaps-sent warn 1", "letters-failed warn 5"]) {
      $0.outbox = .init(perhapsSent: 1, failed: 5)
    },
    // The machine.
    Row("disk, twice low", []) { $0.diskFree = 1000 << 20 },
    Row("disk near", ["disk warn 1"], "999 MiB free") { $0.diskFree = 999 << 20 },
    Row("disk low", ["disk page 1"], "below 500 MiB no mail is fetched") { $0.diskFree = 499 << 20 },
    Row("nothing can be written", ["cannot-look:folder page 1"], "nothing can be written") {
      $0.unread = [.folder]
    },
    Row("two parts unread", ["cannot-look:index page 1", "cannot-look:outbox page 1"]) {
      $0.unread = [.outbox, .index]
    },
    Row("damage", ["damaged page 2"], "2 files and ledger lines are damaged") { $0.damaged = 2 },
    // What people keep right.
    Row("a check in a week", []) {
      $0.checks = [.init(kind: .calendar, id: "GB-EAW", by: date("2026-12-01"))]
    },
    Row("checks due", ["check-due warn 2"], "regime uk-disp by 2026-11-01, calendar GB-EAW by 2026-11-30") {
      $0.checks = [
        .init(kind: .regime, id: "uk-disp", by: date("2026-11-01")),
        .init(kind: .calendar, id: "GB-EAW", by: date("2026-11-30")),
        .init(kind: .calendar, id: "IE", by: date("2026-12-20")),
      ]
    },
    Row("surely missing too much", ["miss-rate page 1"], "1.1 % to 6.0 % from 40 checked, allowed 1.0 %") {
      $0.misses = estimate(checked: 40, rate: 0.03, low: 0.011, high: 0.06)
    },
    Row("probably missing too much", ["miss-rate warn 1"], "Probably") {
      $0.misses = estimate(checked: 100, rate: 0.02, low: 0.005, high: 0.06)
    },
    Row("too little checked to say so", []) {
      $0.misses = estimate(checked: 99, rate: 0.02, low: 0.005, high: 0.06)
    },
    Row("not known to be good is not known to be bad", []) {
      $0.misses = estimate(checked: 500, rate: 0.009, low: 0, high: 0.05)
    },
  ]

  private static func date(_ text: String) -> CivilDate { CivilDate(text) ?? instant(0).utcDate }

  private func settings() -> AlarmSettings {
    var settings = AlarmSettings()
    settings.silentAfter = ["complaints": 8 * hour]
    settings.origin = "https://desk.example"
    return settings
  }

  @Test(arguments: rows) func each(_ row: Row) {
    let look = settings().look(vitals(row.change), started: instant(start))
    #expect(look.alarms.map { "\($0.key) \($0.severity.rawValue) \($0.count)" } == row.expected)
    #expect(
      row.words.isEmpty || look.alarms.contains { $0.words.contains(row.words) },
      "\(look.alarms.map(\.words))")
    for alarm in look.alarms {
      #expect(alarm.words.hasSuffix(".") && alarm.advice.hasSuffix(".") && !alarm.words.contains("\n"))
      #expect(AlarmBook.fileName(alarm.key) == alarm.key + ".json")
    }
  }

  /// Every cause that a person can be told of has a row that begins it.
  @Test func everyCauseHasARow() {
    let covered = Set(Self.rows.flatMap(\.expected).map { String($0.prefix { $0 != ":" && $0 != " " }) })
    #expect(covered == Set(Alarm.Cause.allCases.filter { $0 != .test }.map(\.rawValue)))
  }

  @Test func aCaseHasALinkWhereThereIsADesk() {
    let row = vitals { $0.unopened = [.init(id: Self.id, flag: "safety", since: instant(start))] }
    #expect(
      settings().look(row, started: instant(start)).alarms.map(\.link) == [
        "https://desk.example/cases/\(Self.id.text)"
      ])
    #expect(AlarmSettings().look(row, started: instant(start)).alarms.map(\.link) == [nil])
  }

  /// Just after the start nothing is known of a mailbox: what stands is not ended by not knowing.
  @Test func notKnowingIsNotWell() {
    let look = settings().look(
      vitals {
        $0.mailboxes = [Vitals.Mailbox(name: "complaints")]
        $0.misses = nil
      }, started: instant(Self.now - 60))
    #expect(look.alarms.isEmpty)
    #expect(
      look.unknown == [
        "mailbox-refusing:complaints", "oauth-token:complaints", "mailbox-stalled:complaints",
        "mailbox-silent:complaints", "mailbox-flood:complaints", "miss-rate",
      ])
    #expect(AlarmSettings().look(vitals { _ in }, started: instant(start)).unknown.isEmpty)
    // Overdue cases hide how near the next ones are.
    let overdue = settings().look(
      vitals { $0.acknowledgement = .init(near: 3, overdue: 1, next: instant(start)) },
      started: instant(start))
    #expect(overdue.unknown == ["acknowledgement-near"])
  }

  /// A collector that hangs would otherwise show that all is well, for ever.
  @Test func oldVitalsTellNothingButThat() {
    let row = vitals { $0.damaged = 1 }
    let fresh = settings().look(row, started: instant(start), now: instant(Self.now + 299))
    #expect(fresh.alarms.map(\.key) == ["damaged"] && !fresh.isBlind)
    let old = settings().look(row, started: instant(start), now: instant(Self.now + 300))
    #expect(old.alarms.map(\.key) == ["cannot-look:vitals"] && old.isBlind)
  }

  @Test func manyUnopenedShareOne() {
    var settings = settings()
    settings.unopenedEach = 2
    let ids = (0..<5).map { CaseID(identity: Digest(of: Array("\($0)".utf8))) }
    let look = settings.look(
      vitals {
        $0.unopened = ids.enumerated().map {
          .init(id: $1, flag: $0 == 4 ? "safety" : "executive_addressee", since: instant(start + Int64($0)))
        }
      }, started: instant(start))
    #expect(
      look.alarms.map { "\($0.key) \($0.severity.rawValue) \($0.count)" } == [
        "unopened:\(ids[0]) warn 1", "unopened:\(ids[1]) warn 1", "unopened:more page 3",
      ])
  }

  /// Whatever the vitals hold, what leaves by mail and chat is made of our own words, names of ours and case references.
  @Test func nothingPersonalInAnyText() throws {
    var generator = Seeded(state: 7)
    let personal = "anna.member@example.org says \"I cannot go on\""
    var seen: Set<Alarm.Cause> = []
    for round in 0..<2000 {
      var vitals = vitals { _ in }
      func some<Value>(_ values: [Value]) -> Value { values[Int(generator.next() % UInt64(values.count))] }
      func age() -> Instant { instant(Self.now - Int64(generator.next() % UInt64(10 * 86400))) }
      vitals.mailboxes = (0..<3).map { number in
        Vitals.Mailbox(
          name: some(["complaints", personal, "m\(number)"]), lastSuccess: some([nil, age()]),
          failures: some([0, 3]), trouble: some([nil, "tls-failed", "oauth-refresh-failed", personal]),
          lastArrival: some([nil, age()]), gap: some([0, 0, 4]), tokenEnds: some([nil, age()]),
          lastBeat: some([nil, age()]),
          silence: some([nil, .init(expected: 3, chance: 0, isAlarming: true)]))
      }
      vitals.mailboxes[0].flood = some([nil, .init(hours: 3, seen: 60, expected: 8.5)])
      vitals.acknowledgement = .init(near: some([0, 3]), overdue: some([0, 2]), next: some([nil, age()]))
      vitals.final = .init(near: some([0, 3]), overdue: some([0, 2]), next: some([nil, age()]))
      vitals.unopened = [
        .init(
          id: CaseID(identity: Digest(of: Array("\(round)".utf8))), flag: some(["safety", personal]),
          since: age())
      ]
      (vitals.unreviewed, vitals.oldestUnreviewed) = (some([0, 9]), age())
      vitals.outbox = .init(
        waiting: some([0, 2]), oldestWaiting: age(), perhapsSent: some([0, 1]), failed: some([0, 1]))
      vitals.diskFree = some([1 << 20, 700 << 20, 1 << 40])
      vitals.unread = some([[], [.folder, .index]])
      vitals.damaged = some([0, 1])
      vitals.checks = some([[], [.init(kind: .regime, id: personal, by: Self.date("2026-11-01"))]])
      vitals.misses = some([nil, estimate(checked: 400, rate: 0.03, low: 0.02, high: 0.06)])
      let alarms = settings().look(vitals, started: instant(start)).alarms
      seen.formUnion(alarms.map(\.cause))
      let items = alarms.map { alarm in
        AlarmItem(
          notice: some([.began, .worse, .reminder, .ended]),
          entry: AlarmEntry(
            key: alarm.key, cause: alarm.cause, severity: alarm.severity, words: alarm.words,
            advice: alarm.advice, link: alarm.link, count: alarm.count, began: age(),
            noticed: .init(number: 1, at: age(), severity: .warn, count: 1)))
      }
      if items.isEmpty { continue }
      let letter = AlarmLetter(items, organisation: "Meridian", at: vitals.at) { "\($0)" }
      let all = [
        letter.subject, letter.body, letter.line, String(decoding: try letter.json(id: "x"), as: UTF8.self),
      ]
      for text in all {
        #expect(!text.contains("@") && !text.contains("anna") && !text.contains("go on"), "\(text)")
      }
    }
    #expect(seen == Set(Alarm.Cause.allCases.filter { $0 != .test }))
  }
}

/// Random numbers that are the same at every run (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
