// The rows of DOMAIN.md section 7, computed by an independent program. They are kept outside the repository; the
// folder is named by INTAKE_DEADLINE_CASES. The calendars are those that ship.

import Foundation
import Testing

@testable import Deadlines

@Suite struct GivenRowTests {
  static let folder = ProcessInfo.processInfo.environment["INTAKE_DEADLINE_CASES"]

  @Test(.enabled(if: folder != nil), arguments: ["business-days.csv", "calendar-periods.csv"])
  func everyRow(_ file: String) throws {
    let path = try #require(Self.folder) + "/" + file
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let output = DeadlineBatch.run(
      csv: bytes, calendars: try Fixtures.calendars(), zones: try Fixtures.zones(in: bytes))
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let date = try #require(lines[0].firstIndex(of: "expected_deadline_date"))
    let end = try #require(lines[0].firstIndex(of: "deadline_end_utc"))
    #expect(output.rows.count == lines.count - 1 && lines.count > 1)
    for (result, line) in zip(output.rows, lines.dropFirst()) {
      let row = try result.get()
      #expect("\(row.caseID),\(row.date),\(row.end)" == "\(line[0]),\(line[date]),\(line[end])")
    }
  }
}

enum Fixtures {
  /// The shipped calendars, read with a reader of the test's own: `  2026-12-25: "Christmas Day"`.
  static func calendars() throws -> [String: WorkingCalendar] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("config/calendars")
    var calendars: [String: WorkingCalendar] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: root.path) where name.hasSuffix(".yaml") {
      let text = try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
      var holidays: [CivilDate: String] = [:]
      for line in text.split(separator: "\n") where line.hasPrefix("  ") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if let date = CivilDate(parts[0].drop { $0 == " " }) { holidays[date] = String(parts[1]) }
      }
      let id = String(name.dropLast(5))
      calendars[id] = try WorkingCalendar(
        id: id, title: id, holidays: holidays, covers: 2024...2030, source: "shipped",
        checkBy: try #require(CivilDate(year: 2030, month: 1, day: 1)))
    }
    return calendars
  }

  static func zone(_ name: String) throws -> ZoneRules {
    try ZoneRules(
      name: name, tzif: Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name))))
  }

  static func zones(in csv: [UInt8]) throws -> [String: ZoneRules] {
    let rows = String(decoding: csv, as: UTF8.self).split(whereSeparator: \.isNewline)
    let names = Set(rows.flatMap { $0.split(separator: ",") }.filter { $0.contains("/") }.map(String.init))
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try zone($0)) })
  }
}
