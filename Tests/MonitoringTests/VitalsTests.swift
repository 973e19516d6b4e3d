import Cases
import Deadlines
import Foundation
import Logging
import Synchronization
import Testing
import Triage

@testable import Monitoring

@Suite struct VitalsTests {
  /// One case, and what it must add to the figures.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let made: @Sendable () -> MadeCase
    let expected: @Sendable (inout Vitals) -> Void
    var testDescription: String { name }
  }

  static let now: Int64 = 1_800_000_000
  static let day: Int64 = 86400

  static let rows: [Row] = [
    Row(name: "fresh complaint, due next week") {
      MadeCase(received: now - 60, acknowledgeBy: now + 7 * day, finalBy: now + 56 * day)
    } expected: {
      $0.casesByState = [.open: 1]
      $0.acknowledgement = .init(near: 0, overdue: 0, next: instant(now + 7 * day))
      $0.final = .init(near: 0, overdue: 0, next: instant(now + 56 * day))
    },
    Row(name: "acknowledgement due tomorrow, final answer due in six days") {
      MadeCase(received: now - day, acknowledgeBy: now + day, finalBy: now + 6 * day)
    } expected: {
      $0.casesByState = [.open: 1]
      $0.acknowledgement = .init(near: 1, overdue: 0, next: instant(now + day))
      $0.final = .init(near: 1, overdue: 0, next: instant(now + 6 * day))
    },
    Row(name: "due this very second is overdue") {
      MadeCase(received: now - day, acknowledgeBy: now, finalBy: now)
    } expected: {
      $0.casesByState = [.open: 1]
      $0.acknowledgement = .init(near: 0, overdue: 1, next: instant(now))
      $0.final = .init(near: 0, overdue: 1, next: instant(now))
    },
    Row(name: "acknowledged late: only the final answer is owed") {
      MadeCase(
        received: now - 9 * day, acknowledgeBy: now - 2 * day, finalBy: now - day,
        events: [(.acknowledged, "ann")])
    } expected: {
      $0.casesByState = [.acknowledged: 1]
      $0.final = .init(near: 0, overdue: 1, next: instant(now - day))
    },
    Row(name: "dismissed owes nothing") {
      MadeCase(received: now - 9 * day, acknowledgeBy: now - 2 * day, events: [(.dismissed, "ann")])
    } expected: {
      $0.casesByState = [.dismissed: 1]
    },
    Row(name: "possible waits for a person, and its clock runs") {
      MadeCase(outcome: .possible, received: now - 3 * day, acknowledgeBy: now - day)
    } expected: {
      $0.casesByState = [.possible: 1]
      $0.unreviewed = 1
      $0.oldestUnreviewed = instant(now - 3 * day)
      $0.acknowledgement = .init(near: 0, overdue: 1, next: instant(now - day))
    },
    Row(name: "safety, untouched") {
      MadeCase(flags: ["safety"], received: now - 600)
    } expected: {
      $0.casesByState = [.open: 1]
      $0.unopened = [.init(id: id("safety, untouched"), flag: "safety", since: instant(now - 600))]
    },
    Row(name: "safety and executive, touched by the program alone") {
      MadeCase(
        flags: ["executive_addressee", "safety"], received: now - 600, events: [(.noted, "intake")])
    } expected: {
      $0.casesByState = [.open: 1]
      $0.unopened = [
        .init(
          id: id("safety and executive, touched by the program alone"), flag: "safety",
          since: instant(now - 600))
      ]
    },
    Row(name: "executive, noted by a person") {
      MadeCase(flags: ["executive_addressee"], received: now - 600, events: [(.noted, "ann")])
    } expected: {
      $0.casesByState = [.open: 1]
    },
    Row(name: "safety, opened on the desk") {
      MadeCase(flags: ["safety"], received: now - 600)
    } expected: {
      $0.casesByState = [.open: 1]
    },
    Row(name: "safety, dismissed by the program: not pending") {
      MadeCase(flags: ["safety"], received: now - 600, events: [(.dismissed, "intake")])
    } expected: {
      $0.casesByState = [.dismissed: 1]
    },
  ]

  private static func id(_ name: String) -> CaseID { CaseID(identity: Digest(of: Array(name.utf8))) }

  private static func collector(
    _ folder: TemporaryData, rules: RegimeRules? = nil, sources: VitalsSources = .init()
  ) -> VitalsCollector {
    VitalsCollector(
      folder.data, index: folder.index,
      rules: rules ?? RegimeRules(regimes: [:], calendars: [:], zones: [:], standard: []),
      settings: .init(lowDisk: 1 << 20), sources: sources, logger: Logger(label: "test"),
      now: { instant(Self.now) })
  }

  @Test(arguments: rows) func aCaseCounts(row: Row) throws {
    let folder = try TemporaryData()
    try row.made().put(row.name, in: folder)
    if row.name.hasSuffix("opened on the desk") {
      let opened = try CaseStore(folder.data).read(Self.id(row.name))
      #expect(try OpenedStore(folder.data).note(opened, by: "ann", at: instant(Self.now)))
    }
    let found = Self.collector(folder).collect()
    var expected = Vitals(at: instant(Self.now))
    row.expected(&expected)
    #expect(found.casesByState == expected.casesByState)
    #expect(found.acknowledgement == expected.acknowledgement)
    #expect(found.final == expected.final)
    #expect(found.unreviewed == expected.unreviewed)
    #expect(found.oldestUnreviewed == expected.oldestUnreviewed)
    #expect(found.unopened == expected.unopened)
    #expect(found.unread.isEmpty && found.diskFree > 0 && found.diskLow == 1 << 20)
  }

  @Test func allTogetherAddUp() throws {
    let folder = try TemporaryData()
    for row in Self.rows { try row.made().put(row.name, in: folder) }
    let found = Self.collector(folder).collect()
    #expect(found.casesByState == [.open: 7, .acknowledged: 1, .dismissed: 2, .possible: 1])
    #expect(found.acknowledgement.overdue == 2 && found.acknowledgement.near == 1)
    #expect(found.acknowledgement.next == instant(Self.now - Self.day))
    #expect(found.unopened.count == 3)
  }

  @Test func whatAPersonHasSeenStaysSeenAndTheRestIsAskedAgain() throws {
    let folder = try TemporaryData()
    let (first, second) = (
      try MadeCase(flags: ["safety"]).put("first", in: folder),
      try MadeCase(flags: ["safety"]).put("second", in: folder)
    )
    let opened = OpenedStore(folder.data)
    let collector = Self.collector(folder)
    #expect(Set(collector.collect().unopened.map(\.id)) == [first, second])
    #expect(try opened.note(CaseStore(folder.data).read(first), by: "ann", at: instant(Self.now)))
    #expect(collector.collect().unopened.map(\.id) == [second])
    // A marker that is gone is not looked for again: the case was seen.
    opened.remove(first)
    #expect(collector.collect().unopened.map(\.id) == [second])
    #expect(try opened.note(CaseStore(folder.data).read(second), by: "ann", at: instant(Self.now)))
    #expect(collector.collect().unopened.isEmpty)
  }

  @Test func anOutboxThatCannotBeReadIsNamedAndKeepsItsFigures() throws {
    struct Trouble: Error {}
    let folder = try TemporaryData()
    let isBroken = Atomic<Bool>(false)
    var sources = VitalsSources()
    sources.outbox = {
      if isBroken.load(ordering: .relaxed) { throw Trouble() }
      return .init(waiting: 3)
    }
    let collector = Self.collector(folder, sources: sources)
    #expect(collector.collect().outbox.waiting == 3)
    isBroken.store(true, ordering: .relaxed)
    let found = collector.collect()
    #expect(found.unread == [.outbox] && found.outbox.waiting == 3)
    isBroken.store(false, ordering: .relaxed)
    #expect(collector.collect().unread.isEmpty)
  }

  @Test func aFolderThatTakesNoFileIsNamed() throws {
    let folder = try TemporaryData()
    try FileManager.default.removeItem(atPath: folder.path + "/tmp")
    #expect(Self.collector(folder).collect().unread == [.folder])
  }

  @Test func silenceAndMailboxesComeFromOutside() throws {
    let folder = try TemporaryData()
    var sources = VitalsSources()
    sources.mailboxes = { [.init(name: "complaints", lastArrival: $0, damage: 2)] }
    sources.silence = { mailbox, _ in .init(expected: 4, chance: 0.01, isAlarming: mailbox.damage == 2) }
    let found = Self.collector(folder, sources: sources).collect()
    #expect(found.mailboxes.map(\.name) == ["complaints"])
    #expect(found.mailboxes.first?.silence == .init(expected: 4, chance: 0.01, isAlarming: true))
    #expect(found.damaged == 2)
  }

  @Test func itLooksByItselfAndTellsWhoeverWantsToKnow() async throws {
    let folder = try TemporaryData()
    let collector = Self.collector(folder)
    let (looks, continuation) = AsyncStream<Vitals>.makeStream()
    collector.observe { continuation.yield($0) }
    collector.start()
    var iterator = looks.makeAsyncIterator()
    #expect(await iterator.next()?.at == instant(Self.now))
    collector.stop()
    #expect(collector.current != nil)
  }
}
