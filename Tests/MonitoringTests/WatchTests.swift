// The watches over cases and mail: what stands out is told, what is usual is not.

import Cases
import Deadlines
import Foundation
import Testing
import Trends
import Triage

@testable import Monitoring

@Suite struct WatchTests {
  /// Wednesday 2026-11-25, 12:00 in London.
  private static let now = Instant(iso8601: "2026-11-25T12:00:00Z")!

  private static func days() throws -> ReportingDays {
    let zone = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/London"))
    return ReportingDays(
      zone: try ZoneRules(name: "Europe/London", tzif: Array(zone)),
      calendar: try WorkingCalendar(
        id: "GB", title: "GB", holidays: [:], covers: 2000...2040, source: "test",
        checkBy: try #require(CivilDate("2040-01-01"))))
  }

  @Test func aSpikeIsToldAndUsualDaysAreNot() throws {
    let folder = try TemporaryData()
    // One case every third day, from each of two mailboxes; then twelve of one on one day.
    for day in 1...150 where day % 3 == 0 {
      for mailbox in ["one", "two"] {
        try MadeCase(received: Self.now.unixSeconds - Int64(day) * 86400, mailbox: mailbox)
          .put("\(mailbox) \(day)", in: folder)
      }
    }
    let quiet = try TrendWatch(index: folder.index, mailboxes: nil, days: Self.days(), now: Self.now)
    #expect(quiet.alerts.isEmpty && quiet.cells >= 4)
    for number in 0..<12 {
      try MadeCase(received: Self.now.unixSeconds - 86400 - Int64(number) * 60, mailbox: "one")
        .put("spike \(number)", in: folder)
    }
    let watch = try TrendWatch(index: folder.index, mailboxes: nil, days: Self.days(), now: Self.now)
    let yesterday = try #require(CivilDate("2026-11-24"))
    let alert = try #require(watch.alerts.first { $0.cell.values == [.mailbox: "one"] })
    #expect(
      alert.kind == .spike && alert.days.upperBound == yesterday && alert.seen >= 12 && alert.expected < 2)
    #expect(alert.stands(on: yesterday.adding(days: 1)) && !alert.stands(on: yesterday.adding(days: 9)))
    #expect(!watch.alerts.contains { $0.cell.values == [.mailbox: "two"] })
    #expect(watch.chart(alert.cell, days: 30).last?.line?.count ?? 0 >= 12)
    // Whoever sees only the other mailbox is told nothing.
    let other = try TrendWatch(index: folder.index, mailboxes: ["two"], days: Self.days(), now: Self.now)
    #expect(other.alerts.isEmpty)
  }

  @Test func noCasesNoAlerts() throws {
    let folder = try TemporaryData()
    let watch = try TrendWatch(index: folder.index, mailboxes: nil, days: Self.days(), now: Self.now)
    #expect(watch.alerts.isEmpty && watch.cells == 0)
    let themes = try ThemeWatch(index: folder.index, mailboxes: nil, categories: ["other"], now: Self.now)
    #expect(themes.themes.isEmpty && themes.recent == 0)
  }

  /// Ten messages an hour in working hours, for so many days before.
  private func ledger(_ folder: TemporaryData, days: Int, until end: Instant) throws {
    let ledger = try Ledger(folder.data, mailbox: "complaints")
    var events: [LedgerEntry.Event] = []
    var uid: UInt32 = 0
    for hour in stride(from: end.unixSeconds - Int64(days) * 86400, to: end.unixSeconds, by: 3600) {
      let local = try Self.days().zone.local(Instant(unixSeconds: hour))
      guard local.date.daysSinceMonday < 5, (9..<17).contains(local.secondsOfDay / 3600) else { continue }
      for message in 0..<10 {
        uid += 1
        let source = SourceID.imap(uidValidity: 1, uid: uid)
        let at = Instant(unixSeconds: hour + Int64(message) * 300)
        let arrival = Arrival(
          source: source, digest: Digest(of: Array("\(uid)".utf8)), size: 1, internalDate: at, seen: end)
        events += [.arrival(arrival), .outcome(source, .notAComplaint, caseReference: nil)]
      }
    }
    try ledger.append(events, at: end)
  }

  @Test func silenceGoesByTheHour() throws {
    for (name, days, silentUntil, isAlarming) in [
      ("half an hour on a Wednesday", 60, "2026-11-25T12:20:00Z", false),
      ("five hours on a Wednesday", 60, "2026-11-25T16:50:00Z", true),
      ("little history", 10, "2026-11-25T16:50:00Z", nil),
    ] as [(String, Int, String, Bool?)] {
      let folder = try TemporaryData()
      try ledger(folder, days: days, until: Self.now)
      let watch = MailWatch(try MailLedgers(folder.data), days: try Self.days())
      let silence = watch.silence("complaints", at: try #require(Instant(iso8601: silentUntil)))
      #expect(silence?.isAlarming == isAlarming, "\(name)")
    }
    // A night and a weekend are no silence.
    let folder = try TemporaryData()
    try ledger(folder, days: 60, until: try #require(Instant(iso8601: "2026-11-20T17:00:00Z")))
    let watch = MailWatch(try MailLedgers(folder.data), days: try Self.days())
    #expect(
      watch.silence("complaints", at: try #require(Instant(iso8601: "2026-11-23T08:00:00Z")))?.isAlarming
        == false)
    #expect(
      watch.silence("complaints", at: try #require(Instant(iso8601: "2026-11-23T14:00:00Z")))?.isAlarming
        == true)
    #expect(watch.silence("nothing", at: Self.now) == nil)
  }

  @Test func aFloodIsTold() throws {
    let folder = try TemporaryData()
    let end = try #require(Instant(iso8601: "2026-11-25T12:59:00Z"))
    try ledger(folder, days: 60, until: Self.now)
    let watch = MailWatch(try MailLedgers(folder.data), days: try Self.days())
    #expect(watch.flood("complaints", at: end) == nil)
    let other = try TemporaryData()
    try ledger(other, days: 60, until: Self.now)
    try Ledger(other.data, mailbox: "complaints").append(
      (0..<60).flatMap { number -> [LedgerEntry.Event] in
        let source = SourceID.imap(uidValidity: 2, uid: UInt32(number + 1))
        return [
          .arrival(
            Arrival(
              source: source, digest: Digest(of: Array("flood \(number)".utf8)), size: 1,
              internalDate: Instant(unixSeconds: Self.now.unixSeconds + Int64(number)), seen: end)),
          .outcome(source, .possible, caseReference: nil),
        ]
      }, at: end)
    let flooded = MailWatch(try MailLedgers(other.data), days: try Self.days())
    let flood = try #require(flooded.flood("complaints", at: end))
    #expect(flood.hours == 1 && flood.seen >= 60 && flood.expected < 20)
  }

  /// Messages are counted in the hour of their receipt, each source once, whatever order segments are read in.
  @Test func hoursOfMail() throws {
    let folder = try TemporaryData()
    let (seen, received) = (Instant(unixSeconds: 1_800_003_600), Instant(unixSeconds: 1_800_000_000))
    func arrival(_ uid: UInt32, _ date: Instant?) -> LedgerEntry.Event {
      .arrival(
        Arrival(
          source: .imap(uidValidity: 1, uid: uid), digest: Digest(of: [UInt8(uid)]), size: 1,
          internalDate: date,
          seen: seen))
    }
    func outcome(_ uid: UInt32, _ outcome: Outcome) -> LedgerEntry.Event {
      .outcome(.imap(uidValidity: 1, uid: uid), outcome, caseReference: nil)
    }
    let ledger = try Ledger(folder.data, mailbox: "m")
    try ledger.append(
      [
        arrival(1, received), outcome(1, .case), outcome(1, .case), arrival(1, received),
        // Later than it was seen, and before there was mail: neither can be true.
        arrival(2, Instant(unixSeconds: 1_900_000_000)), outcome(2, .automatic),
        arrival(3, Instant(unixSeconds: 1)), outcome(3, .automatic),
        outcome(4, .duplicate), arrival(4, received),
      ], at: seen)
    let hours = try Ledger(folder.data, mailbox: "m").state.hours
    #expect(
      hours == [
        MailHour(hour: 500_000, outcome: .case): 1, MailHour(hour: 500_001, outcome: .automatic): 2,
        MailHour(hour: 500_000, outcome: .duplicate): 1,
      ])
  }
}
