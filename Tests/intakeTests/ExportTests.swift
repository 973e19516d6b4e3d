// What export writes: dates against deadlines, outcomes, and cells that no spreadsheet computes.

import Cases
import Deadlines
import Foundation
import Monitoring
import Testing

@testable import intake

@Suite struct ExportTests {
  private let path = NSTemporaryDirectory() + "/intake-export-" + UUID().uuidString

  private func instant(_ seconds: Int64) -> Instant { Instant(unixSeconds: seconds) }

  private func recorded(_ number: Int, subject: String, due: Deadlines) -> Recorded {
    let digest = Digest(of: Array("\(number)".utf8))
    return Recorded(
      outcome: .case,
      message: MessageFacts(
        digest: digest, size: 1,
        source: SourceFacts(
          mailbox: "inbox", source: .imap(uidValidity: 1, uid: UInt32(number + 1)), internalDate: nil,
          seen: instant(1000)), subject: subject),
      receivedAt: instant(1000 + Int64(number)), receivedHow: "test",
      complainant: Complainant(
        name: "=cmd|' /C calc'!A0", address: "ada@example.org", how: "sender", confidence: 1),
      country: "GB", verdict: nil, deadlines: due)
  }

  /// Due at 500,000 and 900,000.
  private func deadlines() throws -> Deadlines {
    func due(_ kind: String, _ end: String) -> String {
      """
      {"kind":"\(kind)","date":"1970-01-06","end":"\(end)","regime":"policy","zone":"UTC","calendar":"GB","rule":"own",
      "repeats":false,"derivation":[],"due_text":"soon"}
      """
    }
    let json =
      "{\"all\":[\(due("acknowledge", instant(500_000).description)),\(due("final", instant(900_000).description))],"
      + "\"warnings\":[]}"
    return try JSONDecoder().decode(Deadlines.self, from: Data(json.utf8))
  }

  /// - Parameter count: how many cases; what happened to each is `events`.
  private func export(
    _ count: Int = 1, json: Bool = true, state: CaseState? = nil, since: Int64? = nil, now: Int64 = 400_000,
    subject: String = "subject", events: [(CaseEvent.Kind, Int64)] = []
  ) throws -> [String] {
    let data = try DataFolder(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (store, index) = (CaseStore(data), try CaseIndex(data))
    for number in 0..<count {
      let id = CaseID(identity: Digest(of: Array("\(number)".utf8)))
      _ = try store.record(id, recorded(number, subject: subject, due: deadlines()), at: instant(1100))
      for (kind, at) in events {
        try store.append(kind, to: id, by: "anna", at: instant(at), details: .init(reason: "said so"))
      }
      try index.put([(try store.read(id), text: nil)])
    }
    var filter = CaseFilter(state: state)
    filter.receivedSince = since.map(instant)
    var lines: [String] = []
    let unread = try Export(store: store, index: index, filter: filter, json: json, page: 4).write(
      at: instant(now)
    ) {
      lines.append($0)
    }
    #expect(unread == 0)
    return lines
  }

  private func line(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func deadlinesMetAndMissed() throws {
    for (events, now, acknowledgement, final, outcome) in [
      ([], 400_000, "due", "due", "complaint"), ([], 500_000, "overdue", "due", "complaint"),
      ([(.acknowledged, 499_999)], 600_000, "met", "due", "complaint"),
      ([(.acknowledged, 500_000)], 900_000, "late", "overdue", "complaint"),
      ([(.acknowledged, 2000), (.closed, 899_999)], 999_999, "met", "met", "complaint"),
      ([(.closed, 900_000)], 999_999, "not-made", "late", "complaint"),
      ([(.dismissed, 2000)], 999_999, nil, nil, "not-a-complaint"),
      // What came back reached nobody.
      ([(.acknowledged, 2000), (.bounced, 3000)], 499_999, "due", "due", "complaint"),
      ([(.acknowledged, 2000), (.bounced, 3000)], 500_000, "overdue", "due", "complaint"),
      (
        [(.acknowledged, 2000), (.bounced, 3000), (.acknowledged, 500_001)], 600_000, "late", "due",
        "complaint"
      ),
    ] as [([(CaseEvent.Kind, Int64)], Int64, String?, String?, String)] {
      let found = try line(try #require(try export(now: now, events: events).first))
      #expect(found["acknowledgement"] as? String == acknowledgement, "\(events) at \(now)")
      #expect(found["final"] as? String == final, "\(events) at \(now)")
      #expect(found["outcome"] as? String == outcome, "\(events) at \(now)")
      #expect(found["schema"] as? String == "intake.export/1")
    }
    let closed = try line(try #require(try export(events: [(.acknowledged, 2000), (.closed, 3000)]).first))
    #expect(
      closed["acknowledged_by"] as? String == "anna" && closed["outcome_reason"] as? String == "said so")
  }

  /// Other cases answer for what was merged: its acknowledgement is nobody's failure.
  @Test func mergedCasesAreNotLate() throws {
    let data = try DataFolder(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (store, index) = (CaseStore(data), try CaseIndex(data))
    let ids = (0..<2).map { CaseID(identity: Digest(of: Array("\($0)".utf8))) }
    for (number, id) in ids.enumerated() {
      _ = try store.record(id, recorded(number, subject: "s", due: deadlines()), at: instant(1100))
      try index.put([(store.read(id), text: nil)])
    }
    let days = try ReportingDays(
      zone: DeadlineData.zone("Europe/London", in: "/usr/share/zoneinfo"),
      calendar: WorkingCalendar(
        id: "GB", title: "GB", holidays: [:], covers: 1970...2030, source: "test",
        checkBy: try #require(CivilDate("2030-01-01"))))
    func row() throws -> Statistics.Row {
      try #require(
        Statistics.ofCases(index, by: .mailbox, since: nil, days: days, now: instant(600_000)).rows.first)
    }
    #expect(try row().dueSoFar == 2)
    try store.append(.merged, to: ids[0], by: "anna", at: instant(2000), details: .init(mergedInto: ids[1]))
    try index.put([(store.read(ids[0]), text: nil)])
    #expect(try row().dueSoFar == 1)
    #expect(try row().cases == 2 && row().overdue == 1)
    let lines = try line(
      JSONOutput.line(ExportLine(store.read(ids[0]), at: instant(600_000))))
    #expect(lines["acknowledgement"] == nil && lines["outcome"] as? String == "merged")
  }

  @Test func csvHasTheSameColumns() throws {
    let lines = try export(json: false, subject: "a, \"b\"\r\n=c")
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("\r\n") })
    let names = lines[0].dropLast(1).split(separator: ",").map(String.init)
    let cells = try #require(PlainCSV.cells(lines[1]))
    #expect(names.count == cells.count)
    let table = Dictionary(uniqueKeysWithValues: zip(names, cells))
    #expect(table["subject"] == "a, \"b\"  =c")
    #expect(table["complainant_name"] == "'=cmd|' /C calc'!A0")
    let json = try line(try #require(try export(subject: "x").first))
    #expect(Set(json.keys).subtracting(["schema"]).isSubset(of: names))
    let documented = try String(contentsOfFile: "docs/json.md", encoding: .utf8)
    for name in names { #expect(documented.contains("`\(name)`"), "\(name) is not in docs/json.md") }
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "' =1"),
    ("\r=1", "' =1"),
    (" =1", "' =1"), ("\u{FF1D}1", "'\u{FF1D}1"), ("a=1", "a=1"), ("", ""), ("a,b", "\"a,b\""),
    ("=\"x\"", "\"'=\"\"x\"\"\""), ("\n", "' "), ("\u{202E}=1", "'=1"),
  ])
  func noCellIsAFormula(_ text: String, _ cell: String) {
    #expect(CSV.field(text) == cell)
  }

  @Test func allPagesAndFilters() throws {
    let lines = try export(12)
    #expect(Set(try lines.map { try line($0)["id"] as? String }).count == 12)
    #expect(try export(20, since: 1010).count == 10)
    #expect(try export(3, state: .closed).isEmpty)
  }
}

/// Cells of one line of CSV, by a reader that is not the writer's: quotes, doubled quotes, commas.
private enum PlainCSV {
  static func cells(_ line: String) -> [String]? {
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    var bytes = Array(line.utf8)
    guard bytes.suffix(2) == [0x0D, 0x0A] else { return nil }
    bytes.removeLast(2)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22, isQuoted, index + 1 < bytes.count, bytes[index + 1] == 0x22 {
        cells[cells.count - 1].append(0x22)
        index += 1
      } else if byte == 0x22 {
        isQuoted.toggle()
      } else if byte == 0x2C, !isQuoted {
        cells.append([])
      } else {
        cells[cells.count - 1].append(byte)
      }
      index += 1
    }
    return isQuoted ? nil : cells.map { String(decoding: $0, as: UTF8.self) }
  }
}
