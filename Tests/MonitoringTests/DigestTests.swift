// When the digest is due, and what it says.

import Cases
import Deadlines
import Foundation
import Testing

@testable import Monitoring

@Suite struct DigestTests {
  private static func london() throws -> ZoneRules {
    let bytes = try #require(try DurableFile.read("/usr/share/zoneinfo/Europe/London", limit: 1 << 20))
    return try ZoneRules(name: "Europe/London", tzif: bytes)
  }

  /// Half past seven in London, in winter and on the day the clocks go back (25 October 2026).
  @Test(
    arguments: [
      ("2026-11-23T07:29:59Z", nil), ("2026-11-23T07:30:00Z", "2026-11-22"),
      ("2026-11-23T19:30:00Z", "2026-11-22"),
      ("2026-11-23T19:30:01Z", nil), ("2026-11-24T00:10:00Z", nil), ("2026-10-24T06:30:00Z", "2026-10-23"),
      ("2026-10-25T06:30:00Z", nil), ("2026-10-25T07:30:00Z", "2026-10-24"),
    ] as [(String, String?)])
  func isDue(_ now: String, _ day: String?) throws {
    let digest = DailyDigest(at: 7 * 3600 + 1800, zone: try Self.london())
    #expect(digest.day(at: try #require(Instant(iso8601: now)))?.description == day)
  }

  /// Twelve hours after ten in the evening are the next morning.
  @Test(
    arguments: [
      ("2026-11-23T22:00:00Z", "2026-11-22"), ("2026-11-24T09:59:00Z", "2026-11-22"),
      ("2026-11-24T10:01:00Z", nil),
    ] as [(String, String?)])
  func isDueOverMidnight(_ now: String, _ day: String?) throws {
    let digest = DailyDigest(at: 22 * 3600, zone: try Self.london())
    #expect(digest.day(at: try #require(Instant(iso8601: now)))?.description == day)
  }

  @Test func aDayIsTheZones() throws {
    let digest = DailyDigest(at: 0, zone: try Self.london())
    let day = try #require(CivilDate("2026-10-25"))
    let (from, to) = digest.bounds(of: day)
    #expect("\(from)" == "2026-10-24T23:00:00Z" && "\(to)" == "2026-10-26T00:00:00Z")
  }

  @Test func words() throws {
    var facts = DigestFacts(day: try #require(CivilDate("2026-11-22")))
    facts.outcomes = [.case: 4, .possible: 2, .notAComplaint: 31]
    facts.groups = ["service": 3, "data_digital": 1, "not a group@x": 1]
    (facts.due, facts.inTime) = (8, 7)
    facts.acknowledgement = .init(near: 3, overdue: 1, next: instant(0))
    (facts.unreviewed, facts.oldestUnreviewed) = (5, instant(1_795_424_400 - 7200))
    facts.alarms = [
      AlarmEntry(test: "Words.", advice: "Advice.", at: instant(0))
    ]
    let text = DailyDigest.text(facts, organisation: "Meridian", now: instant(1_795_424_400))
    #expect(
      DailyDigest.subject(facts)
        == "[intake] Sun 22 Nov 2026: 37 messages, 6 new cases, 1 overdue, 1 alarm standing")
    for line in [
      "  not-a-complaint                   31", "  all                               37",
      "  service                           3", "  unnamed                           1",
      "  of these in time                  7 (87.5 %)", "  acknowledgements overdue          1",
      "  undecided                         5, the oldest for 2 h 0 min", "  nothing was drawn yet",
      "  PAGE: Words.",
    ] { #expect(text.contains("\n" + line + "\n"), "\(line) in\n\(text)") }
    #expect(!text.contains("@"))
    let json = String(decoding: try DailyDigest.json(facts), as: UTF8.self)
    #expect(json.contains("\"acknowledgements_in_time\":7") && json.contains("\"day\":\"2026-11-22\""))
  }

  @Test func theMarkIsReadBack() throws {
    let folder = try TemporaryData()
    _ = try AlarmBook(folder.data)
    #expect(DigestMark.read(folder.data) == nil)
    var mark = DigestMark(day: try #require(CivilDate("2026-11-22")))
    mark.sent = ["mail-1", "mail-2"]
    try mark.write(folder.data)
    #expect(DigestMark.read(folder.data) == mark)
    try Data("{".utf8).write(to: URL(filePath: folder.path + "/alarms/digest.json"))
    #expect(DigestMark.read(folder.data) == nil)
  }
}
