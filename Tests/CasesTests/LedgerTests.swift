import Deadlines
import Foundation
import Testing

@testable import Cases

@Suite struct LedgerTests {
  static let events: [LedgerEntry.Event] = [
    .opened(predecessors: []),
    .opened(predecessors: [SegmentHead(segment: "a.jsonl", digest: digest("x"))]),
    .scope(uidValidity: 4_294_967_295, firstUID: 7, older: NumberRanges([1, 2, 3, 5])),
    .scope(uidValidity: 1, firstUID: 1, older: NumberRanges()),
    .arrival(arrival(3)),
    .arrival(
      Arrival(source: .file(digest("f")), digest: digest("f"), size: 0, internalDate: nil, seen: instant(0))),
    .attempt(.imap(uidValidity: 1, uid: 2)),
    .outcome(.imap(uidValidity: 1, uid: 2), .case, caseReference: CaseID(identity: digest("c"))),
    .outcome(.file(digest("f")), .notAComplaint, caseReference: nil),
    .vanished(.imap(uidValidity: 1, uid: 9)),
    .deleted(Deletion(digest: digest("d"), cause: .retention)),
    .deleted(Deletion(digest: digest("d"), cause: .erasure, caseID: CaseID(identity: digest("c")))),
  ]

  @Test(arguments: events)
  func lineRoundTrip(_ event: LedgerEntry.Event) throws {
    let entry = LedgerEntry(at: instant(1_700_000_000), event: event)
    let line = entry.line(previous: digest("before"))
    let parsed = try #require(line.withUnsafeBytes { LedgerEntry.parse($0) })
    #expect(parsed.entry == entry)
    #expect(parsed.previous == digest("before"))
    // It is JSON that anyone can read.
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line)) }
  }

  @Test(arguments: [
    "", "{}", "{\"at\":\"2026-01-01T00:00:00Z\"}", "garbage", "{\"at\":\"x\",\"event\":\"attempt\"}",
  ])
  func damagedLines(_ text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { LedgerEntry.parse($0) } == nil)
  }

  @Test func appendedIsReadByAnother() throws {
    let folder = try TemporaryData()
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    try ledger.append([.arrival(arrival(1)), .arrival(arrival(2))], at: instant(1))
    let other = try Ledger(folder.data, mailbox: "inbox")
    #expect(other.state.arrivals == 2)
    #expect(other.state.pending.count == 2)
    // Both write; each sees the other's after refresh, and the sums agree.
    try other.append([.outcome(.imap(uidValidity: 1, uid: 1), .case, caseReference: nil)], at: instant(2))
    try ledger.refresh()
    #expect(ledger.state.pending.count == 1)
    #expect(ledger.state.outcomes == [.case: 1])
    #expect(try ledger.readAll { _ in } == [])
  }

  @Test func oneOutcomeIsCountedOnce() throws {
    let folder = try TemporaryData()
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    let outcome = LedgerEntry.Event.outcome(.imap(uidValidity: 1, uid: 1), .possible, caseReference: nil)
    try ledger.append([.arrival(arrival(1)), outcome, outcome], at: instant(1))
    #expect(Reconciliation(mailbox: "inbox", state: ledger.state).gap == 0)
    #expect(ledger.state.outcomes == [.possible: 1])
  }

  @Test func unfinishedLastLineWaits() throws {
    let folder = try TemporaryData()
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    try ledger.append([.arrival(arrival(1)), .arrival(arrival(2))], at: instant(1))
    let path = try #require(try segments(folder).first)
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes.removeLast(20)
    try bytes.write(to: URL(fileURLWithPath: path))
    let torn = try Ledger(folder.data, mailbox: "inbox")
    #expect(torn.state.arrivals == 1)
    #expect(torn.state.damage == [])
  }

  @Test func everyChangedByteIsFound() throws {
    let folder = try TemporaryData()
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    try ledger.append([.arrival(arrival(1)), .attempt(.imap(uidValidity: 1, uid: 1))], at: instant(1))
    try ledger.append([.outcome(.imap(uidValidity: 1, uid: 1), .case, caseReference: nil)], at: instant(2))
    let path = try #require(try segments(folder).first)
    let whole = Array(try #require(FileManager.default.contents(atPath: path)))
    // The last line's own bytes are covered by the next segment's head, checked below.
    let lastLine = whole.dropLast().lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let next = try Ledger(folder.data, mailbox: "inbox")
    try next.append([.vanished(.imap(uidValidity: 1, uid: 5))], at: instant(3))
    for position in stride(from: 0, to: whole.count - 1, by: 3) {
      var changed = whole
      changed[position] ^= 1
      try Data(changed).write(to: URL(fileURLWithPath: path))
      #expect(
        try !next.readAll { _ in }.isEmpty, "byte \(position) of \(whole.count), last line from \(lastLine)")
    }
    try Data(whole).write(to: URL(fileURLWithPath: path))
    #expect(try next.readAll { _ in }.isEmpty)
    try FileManager.default.removeItem(atPath: path)
    #expect(try !next.readAll { _ in }.isEmpty, "a removed segment")
  }

  private func segments(_ folder: TemporaryData) throws -> [String] {
    let path = folder.path + "/ledger/inbox"
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { path + "/" + $0 }
  }
}

@Suite struct NumberRangesTests {
  @Test func agreesWithASet() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var ranges = NumberRanges()
      var reference: Set<UInt32> = []
      for _ in 0..<60 {
        let number = UInt32.random(in: 0...40, using: &generator)
        #expect(ranges.insert(number) == reference.insert(number).inserted)
      }
      #expect(ranges.count == reference.count)
      for number in UInt32(0)...41 { #expect(ranges.contains(number) == reference.contains(number)) }
      #expect(NumberRanges(text: ranges.text) == ranges)
    }
  }

  @Test func ends() {
    var ranges = NumberRanges([.max, .min])
    #expect(ranges.text == "0,4294967295")
    ranges.insert(.max - 1)
    #expect(ranges.text == "0,4294967294:4294967295")
  }

  @Test(arguments: ["a", "1:", ":1", "3:1", "1,1", "5,2", "1:2:3", ","])
  func malformed(_ text: String) { #expect(NumberRanges(text: text) == nil) }
}
