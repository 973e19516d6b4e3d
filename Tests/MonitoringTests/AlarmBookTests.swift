// What is said once, again, and not at all: over time, over a restart, over a disk that takes nothing.

import Cases
import Deadlines
import Foundation
import Testing

@testable import Monitoring

@Suite struct AlarmBookTests {
  private static let everyone = AlarmAudience(id: "all")
  private static let pagers = AlarmAudience(id: "pagers", only: ["page"])

  private static func alarm(
    _ cause: Alarm.Cause = .damaged, _ subject: String? = nil, _ severity: Alarm.Severity = .page,
    count: Int = 1
  ) -> Alarm {
    Alarm(cause, subject, severity: severity, words: "Words.", advice: "Advice.", count: count)
  }

  /// A book with a clock, looked at every 30 seconds.
  private final class Desk {
    let folder: TemporaryData
    var book: AlarmBook
    var settings = AlarmSettings()
    var audiences: [AlarmAudience]
    var now: Int64 = 1_795_424_400

    init(_ audiences: [AlarmAudience] = [everyone]) throws {
      folder = try TemporaryData()
      book = try AlarmBook(folder.data)
      self.audiences = audiences
    }

    /// Looks until `seconds` have gone by, and tells everybody.
    ///
    /// - Returns: what was told: `audience notice key`, in order.
    func pass(_ seconds: Int64, _ look: AlarmLook, telling: Bool = true) -> [String] {
      var told: [String] = []
      let end = now + seconds
      while now < end {
        now += 30
        #expect(book.take(look, settings: settings, audiences: audiences, at: instant(now)).problem == nil)
        if telling { told += tell() }
      }
      return told
    }

    func pass(_ seconds: Int64, _ alarms: [Alarm] = [], telling: Bool = true) -> [String] {
      pass(seconds, AlarmLook(alarms: alarms), telling: telling)
    }

    func tell() -> [String] {
      audiences.flatMap { audience in
        let items = book.waiting(for: audience.id)
        book.told(audience.id, items, messageID: "m\(now)@x")
        return items.map { "\(audience.id) \($0.notice.rawValue) \($0.entry.key)" }
      }
    }

    func restart() throws { book = try AlarmBook(folder.data) }
  }

  @Test func beginsAfterAMinuteAndEndsAfterFive() throws {
    let desk = try Desk()
    #expect(desk.pass(60, [Self.alarm()]) == [])
    #expect(desk.pass(30, [Self.alarm()]) == ["all began damaged"])
    let entry = try #require(desk.book.entries.first)
    // The time is that of the first sight, not of the notice.
    #expect(entry.began == instant(desk.now - 60) && entry.stands)
    #expect(desk.pass(7200, [Self.alarm()]) == [])
    #expect(desk.pass(300) == [])
    #expect(desk.pass(30) == ["all ended damaged"])
    #expect(desk.book.entries.first?.ended == instant(desk.now - 300))
    #expect(desk.pass(86400) == [])
  }

  @Test func aBlinkIsNothing() throws {
    let desk = try Desk()
    for _ in 0..<20 {
      #expect(desk.pass(60, [Self.alarm()]) == [])
      #expect(desk.pass(30) == [])
    }
    #expect(desk.book.entries.isEmpty)
  }

  /// Off for four minutes, on for one, and so on: one alarm.
  @Test func flappingIsOneAlarm() throws {
    let desk = try Desk()
    _ = desk.pass(90, [Self.alarm()])
    for _ in 0..<20 {
      #expect(desk.pass(240) == [])
      #expect(desk.pass(60, [Self.alarm()]) == [])
    }
  }

  /// What comes back within an hour has to be gone for longer each time: 5, 10, 20, 40 minutes, an hour.
  @Test func whatReturnsIsBelievedLess() throws {
    let desk = try Desk()
    var lengths: [Int64] = []
    for _ in 0..<6 {
      #expect(desk.pass(90, [Self.alarm()]) == ["all began damaged"])
      let from = desk.now
      while desk.pass(30).isEmpty {}
      lengths.append(desk.now - from - 30)
    }
    #expect(lengths == [300, 600, 1200, 2400, 3600, 3600])
    _ = desk.pass(2 * 3600)
    #expect(desk.pass(90, [Self.alarm()]) == ["all began damaged"])
    #expect(desk.pass(330) == ["all ended damaged"])
  }

  @Test func remindsOnceADay() throws {
    let desk = try Desk()
    #expect(desk.pass(90, [Self.alarm()]).count == 1)
    #expect(desk.pass(86400 - 30, [Self.alarm()]) == [])
    #expect(desk.pass(30, [Self.alarm()]) == ["all reminder damaged"])
    #expect(desk.pass(86400, [Self.alarm()]) == ["all reminder damaged"])
  }

  @Test func aCountIsNewsWhenItDoubles() throws {
    let desk = try Desk()
    func pass(_ count: Int) -> [String] { desk.pass(600, [Self.alarm(count: count)]) }
    #expect(pass(3) == ["all began damaged"])
    #expect(pass(5) == [] && pass(2) == [])
    #expect(pass(6) == ["all worse damaged"])
    #expect(pass(11) == [])
    #expect(pass(12) == ["all worse damaged"])
    #expect(desk.book.entries.first?.count == 12)
    // The reminder tells the count that stands, and the next doubling is measured from it.
    #expect(desk.pass(86400, [Self.alarm(count: 13)]) == ["all reminder damaged"])
    #expect(pass(25) == [] && pass(26) == ["all worse damaged"])
  }

  @Test func worseIsToldAtOnceAndToThoseWhoDidNotHear() throws {
    let desk = try Desk([Self.everyone, Self.pagers])
    #expect(desk.pass(90, [Self.alarm(.disk, nil, .warn)]) == ["all began disk"])
    #expect(desk.pass(30, [Self.alarm(.disk)]) == ["all worse disk", "pagers began disk"])
    // Better again is no news; the end is, for both.
    #expect(desk.pass(600, [Self.alarm(.disk, nil, .warn)]) == [])
    #expect(desk.pass(330) == ["all ended disk", "pagers ended disk"])
  }

  @Test func onlyWhatIsAskedFor() throws {
    let some = AlarmAudience(id: "some", only: ["warn", "ledger-gap"])
    let desk = try Desk([some])
    let look = [Self.alarm(.damaged), Self.alarm(.ledgerGap, "a"), Self.alarm(.unreviewed, nil, .warn)]
    #expect(desk.pass(90, look) == ["some began ledger-gap:a", "some began unreviewed"])
    #expect(desk.pass(330) == ["some ended ledger-gap:a", "some ended unreviewed"])
  }

  @Test func notKnowingHoldsWhatStands() throws {
    let desk = try Desk()
    #expect(desk.pass(90, [Self.alarm()]).count == 1)
    #expect(desk.pass(3600, AlarmLook(unknown: ["damaged"])) == [])
    var blind = AlarmLook()
    blind.isBlind = true
    #expect(desk.pass(3600, blind) == [])
    #expect(desk.pass(240) == [])
    #expect(desk.pass(60, AlarmLook(unknown: ["damaged"])) == [])
    #expect(desk.pass(300) == [], "it must be well for five minutes in a row")
    #expect(desk.pass(30) == ["all ended damaged"])
    #expect(desk.pass(600, AlarmLook(unknown: ["damaged"])) == [], "and not knowing begins nothing")
  }

  // MARK: restarts

  @Test func aRestartNeitherRepeatsNorForgets() throws {
    let desk = try Desk()
    #expect(desk.pass(90, [Self.alarm()]) == ["all began damaged"])
    try desk.restart()
    #expect(desk.pass(3600, [Self.alarm()]) == [])
    try desk.restart()
    #expect(desk.pass(330) == ["all ended damaged"])
    try desk.restart()
    #expect(desk.pass(3600) == [])
    #expect(desk.book.entries.map(\.stands) == [false])
  }

  /// Nobody could be reached before the restart.
  @Test func whatCouldNotBeToldIsToldLater() throws {
    let desk = try Desk([Self.everyone, Self.pagers])
    _ = desk.pass(90, [Self.alarm(.disk)], telling: false)
    try desk.restart()
    #expect(desk.book.waiting(for: "all").map(\.notice) == [.began])
    #expect(desk.pass(30, [Self.alarm(.disk)]) == ["all began disk", "pagers began disk"])
    // It ended before anybody was told: one notice, and it says both.
    _ = desk.pass(90, [Self.alarm(.damaged), Self.alarm(.disk)], telling: false)
    _ = desk.pass(400, [Self.alarm(.disk)], telling: false)
    try desk.restart()
    let items = desk.book.waiting(for: "all")
    #expect(items.map(\.notice) == [.ended] && items.first?.entry.key == "damaged")
    #expect(
      items.first.map { $0.entry.ended.map { $0.unixSeconds } ?? 0 > $0.entry.began.unixSeconds } == true)
  }

  /// While a notice was on its way, there was more to say.
  @Test func whatCameMeanwhileStillWaits() throws {
    let desk = try Desk()
    _ = desk.pass(90, [Self.alarm()], telling: false)
    let items = desk.book.waiting(for: "all")
    _ = desk.pass(30, [Self.alarm(count: 4)], telling: false)
    desk.book.told("all", items, messageID: "first@x")
    #expect(desk.book.waiting(for: "all").map(\.notice) == [.worse])
    #expect(desk.book.waiting(for: "all").first?.thread == "first@x")
    _ = desk.pass(330, telling: false)
    #expect(desk.book.waiting(for: "all").map(\.notice) == [.ended])
    #expect(desk.tell() == ["all ended damaged"] && desk.tell() == [])
  }

  /// The resolve lands beside the alarm, a restart in between or not; a new occurrence begins a new thread.
  @Test func threads() throws {
    let desk = try Desk()
    _ = desk.pass(90, [Self.alarm()])
    let first = "m\(desk.now)@x"
    try desk.restart()
    _ = desk.pass(330, telling: false)
    #expect(desk.book.waiting(for: "all").map(\.thread) == [first])
    _ = desk.tell()
    _ = desk.pass(90, [Self.alarm()], telling: false)
    #expect(desk.book.waiting(for: "all").map(\.thread) == [nil])
  }

  @Test func whoIsNotThereAnyMoreIsToldNothing() throws {
    let desk = try Desk([Self.everyone, Self.pagers])
    _ = desk.pass(90, [Self.alarm()], telling: false)
    desk.audiences = [Self.pagers]
    #expect(desk.pass(30, [Self.alarm()]) == ["pagers began damaged"])
    #expect(desk.book.waiting(for: "all").isEmpty)
  }

  @Test func aDiskThatTakesNothingIsToldAllTheSame() throws {
    let desk = try Desk()
    let path = desk.folder.path + "/alarms"
    try FileManager.default.removeItem(atPath: path)
    try Data().write(to: URL(filePath: path))
    let look = AlarmLook(alarms: [Self.alarm(.cannotLook, "folder")])
    for second in [0, 60] as [Int64] {
      let taken = desk.book.take(
        look, settings: desk.settings, audiences: desk.audiences, at: instant(desk.now + second))
      #expect((taken.problem != nil) == (second == 60))
    }
    #expect(desk.tell() == ["all began cannot-look:folder"])
    #expect(desk.tell() == [])
    // Once it can, the file catches up.
    try FileManager.default.removeItem(atPath: path)
    try DurableFile.makeDirectory(path)
    #expect(desk.pass(30, look) == [])
    try desk.restart()
    #expect(desk.pass(90, look) == [])
  }

  @Test func damagedAndForeignFilesAreLeftOut() throws {
    let desk = try Desk()
    _ = desk.pass(90, [Self.alarm(), Self.alarm(.disk)])
    let folder = desk.folder.path + "/alarms"
    #expect(try DurableFile.names(in: folder) == ["damaged.json", "disk.json"])
    try Data("{".utf8).write(to: URL(filePath: folder + "/damaged.json"))
    try FileManager.default.copyItem(atPath: folder + "/disk.json", toPath: folder + "/other.json")
    try Data("{}".utf8).write(to: URL(filePath: folder + "/digest.json"))
    try desk.restart()
    #expect(desk.book.entries.map(\.key) == ["disk"])
    #expect(desk.pass(90, [Self.alarm(), Self.alarm(.disk)]) == ["all began damaged"])
    #expect(try verify(desk.folder.data).findings.isEmpty)
  }

  @Test func endedOnesAreKeptForAMonth() throws {
    let desk = try Desk()
    _ = desk.pass(90, [Self.alarm(), Self.alarm(.disk)])
    _ = desk.pass(330, [Self.alarm(.disk)])
    desk.now += 31 * 86400
    _ = desk.pass(30, [Self.alarm(.disk)])
    #expect(desk.book.entries.map(\.key) == ["disk"])
    #expect(try DurableFile.names(in: desk.folder.path + "/alarms") == ["disk.json"])
  }

  @Test(arguments: [
    ("mailbox-silent:a.b_c-1", "mailbox-silent:a.b_c-1.json"), ("../x", "%2E.%2Fx.json"), (".x", "%2Ex.json"),
    ("a b\n", "a%20b%0A.json"),
  ])
  func keysAsNames(_ key: String, _ name: String) { #expect(AlarmBook.fileName(key) == name) }

  @Test func anyMessage() throws {
    let desk = try Desk()
    _ = desk.pass(
      90, [Self.alarm(), Self.alarm(.unreviewed, nil, .warn), Self.alarm(.ledgerGap, "a")], telling: false)
    let items = desk.book.waiting(for: "all")
    let letter = AlarmLetter(items, organisation: "Meridian", at: instant(desk.now)) { _ in "then" }
    #expect(letter.subject == "[intake] PAGE: 3 alarms")
    #expect(letter.line == "Meridian: PAGE: Words. | PAGE: Words. | Warning: Words.")
    #expect(
      letter.body.hasPrefix(
        "PAGE: Words.\n  since then; damaged\n  Advice.\n\nPAGE: Words.\n  since then; ledger-gap:a\n"))
    _ = desk.tell()
    _ = desk.pass(330, telling: false)
    let ended = AlarmLetter(
      [try #require(desk.book.waiting(for: "all").first)], organisation: "Meridian", at: instant(desk.now)
    ) { _ in "then" }
    #expect(ended.subject == "[intake] Ended: Words.")
    #expect(ended.body.hasPrefix("Ended: Words.\n  stood from then to then\n"))
    let json = String(decoding: try ended.json(id: "i"), as: UTF8.self)
    #expect(json.hasPrefix("{\"alarms\":[{\"advice\":\"Advice.\","))
    #expect(json.contains("\"schema\":\"intake.alarm/1\"") && json.contains("\"notice\":\"ended\""))
  }
}
