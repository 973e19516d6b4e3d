// Zones: clocks that change, midnights that do not exist or come twice, rules after the last listed change, damage.

import Testing

@testable import Deadlines

@Suite struct ZoneTests {
  struct Clock: Sendable, CustomTestStringConvertible {
    let zone, at, local: String
    var testDescription: String { "\(zone) \(at)" }
  }

  @Test(arguments: [
    Clock(zone: "Europe/London", at: "2026-03-29T00:59:59Z", local: "2026-03-29 3599 0 GMT"),
    Clock(zone: "Europe/London", at: "2026-03-29T01:00:00Z", local: "2026-03-29 7200 3600 BST"),
    Clock(zone: "Europe/London", at: "2026-10-25T01:00:00Z", local: "2026-10-25 3600 0 GMT"),
    Clock(zone: "Europe/Dublin", at: "2026-07-01T12:00:00Z", local: "2026-07-01 46800 3600 IST"),
    Clock(zone: "Asia/Kolkata", at: "2026-07-01T18:30:00Z", local: "2026-07-02 0 19800 IST"),
    // Beyond 2037 only the footer's rule is there.
    Clock(zone: "Europe/London", at: "2060-07-01T12:00:00Z", local: "2060-07-01 46800 3600 BST"),
    Clock(zone: "Europe/Dublin", at: "2060-01-01T00:00:00Z", local: "2060-01-01 0 0 GMT"),
    Clock(zone: "Pacific/Auckland", at: "2060-01-01T00:00:00Z", local: "2060-01-01 46800 46800 NZDT"),
    Clock(zone: "Australia/Sydney", at: "2060-06-30T14:00:00Z", local: "2060-07-01 0 36000 AEST"),
  ])
  func clock(_ row: Clock) throws {
    let local = try Fixtures.zone(row.zone).local(try #require(Instant(iso8601: row.at)))
    #expect("\(local.date) \(local.secondsOfDay) \(local.offset) \(local.abbreviation)" == row.local)
  }

  @Test(arguments: [
    ("Europe/London", "2026-07-01T10:30", "2026-07-01T09:30:00Z"),
    ("Europe/London", "2026-01-01T10:30:15", "2026-01-01T10:30:00Z"),
    // Skipped, and twice.
    ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:30:00Z"),
    ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00Z"),
    ("Asia/Hong_Kong", "2026-07-01T00:10", "2026-06-30T16:10:00Z"),
    ("Europe/London", "2026-07-01", nil), ("Europe/London", "2026-13-01T10:30", nil),
    ("Europe/London", "2026-07-01T24:00", nil), ("Europe/London", "2026-07-01T10", nil),
    ("Europe/London", "2026-07-01T-1:30", nil), ("Nowhere/At_All", "2026-07-01T10:30", nil),
  ])
  func aFieldsTime(_ zone: String, _ field: String, _ moment: String?) throws {
    let name = zone.hasPrefix("Nowhere") ? "Europe/London" : zone
    let times = LocalTimes(zones: [name: try Fixtures.zone(name)])
    let instant = times.instant(field, zone: zone)
    #expect(instant?.description == moment)
    if let instant, field.count == 16, !field.contains("03-29") {
      #expect(times.field(instant, zone: zone) == field)
    }
  }

  struct Start: Sendable, CustomTestStringConvertible {
    let zone, date, begins: String
    var testDescription: String { "\(zone) \(date)" }
  }

  @Test(arguments: [
    Start(zone: "Europe/London", date: "2026-03-29", begins: "2026-03-29T00:00:00Z"),
    Start(zone: "Europe/London", date: "2026-03-30", begins: "2026-03-29T23:00:00Z"),
    Start(zone: "Europe/London", date: "2026-10-26", begins: "2026-10-26T00:00:00Z"),
    // Clocks jump from 00:00 to 01:00.
    Start(zone: "Asia/Beirut", date: "2026-03-29", begins: "2026-03-28T22:00:00Z"),
    Start(zone: "America/Sao_Paulo", date: "2018-11-04", begins: "2018-11-04T03:00:00Z"),
    // Clocks go back from 01:00 to 00:00: midnight comes twice.
    Start(zone: "America/Havana", date: "2026-11-01", begins: "2026-11-01T04:00:00Z"),
    // A date that was left out begins with the one after it.
    Start(zone: "Pacific/Apia", date: "2011-12-30", begins: "2011-12-30T10:00:00Z"),
  ])
  func startOfDay(_ row: Start) throws {
    let begins = try Fixtures.zone(row.zone).startOfDay(try #require(CivilDate(row.date)))
    #expect(begins.description == row.begins)
  }

  @Test(arguments: [
    "Europe/London", "Europe/Dublin", "Pacific/Auckland", "Australia/Sydney", "Atlantic/Bermuda",
  ])
  func everyDayBeginsWhenItsDateDoes(_ name: String) throws {
    let zone = try Fixtures.zone(name)
    var date = try #require(CivilDate("2023-12-31"))
    var changes = 0
    while date.year < 2042 {
      let begins = zone.startOfDay(date)
      #expect(zone.local(begins).date == date && zone.local(begins).secondsOfDay == 0)
      #expect(zone.local(Instant(unixSeconds: begins.unixSeconds - 1)).date == date.adding(days: -1))
      let next = zone.startOfDay(date.adding(days: 1))
      if next.unixSeconds - begins.unixSeconds != 86_400 { changes += 1 }
      date = date.adding(days: 1)
    }
    #expect(changes == 36, "18 years with two changes each")
  }

  /// A file of our own: no listed change, only the footer.
  static func file(footer: String, leapSeconds: UInt8 = 0) -> [UInt8] {
    func header(_ leap: UInt8) -> [UInt8] {
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, leap, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
    }
    let kind: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
    let leaps = [UInt8](repeating: 0, count: Int(leapSeconds) * 12)
    return header(0) + kind + header(leapSeconds) + kind + leaps + Array("\n\(footer)\n".utf8)
  }

  @Test(arguments: [
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600),
    ("XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14_400),
    ("XXX3EDT4,0/0,J365/23", "2026-12-31T23:00:00Z", -14_400),
    ("AAA0BBB,J60,J300", "2028-02-29T12:00:00Z", 0), ("AAA0BBB,J60,J300", "2028-03-01T02:00:00Z", 3600),
    ("AAA0BBB,59,300", "2028-02-29T02:00:00Z", 3600),
  ])
  func footer(_ rule: String, _ at: String, _ offset: Int) throws {
    let zone = try ZoneRules(name: "test", tzif: Self.file(footer: rule))
    #expect(zone.local(try #require(Instant(iso8601: at))).offset == offset)
  }

  @Test(arguments: [
    "GMT0BST,M3.5.0/1", "GMT0BST,M13.5.0,M10.5.0", "!!", "GMT0BST,M3.5.0/1,M10.5.0,x", "<AB>1",
  ])
  func aBrokenFooterIsRefused(_ rule: String) {
    #expect(throws: ZoneError.self) { try ZoneRules(name: "test", tzif: Self.file(footer: rule)) }
  }

  @Test func leapSecondsAreRefused() {
    #expect(throws: ZoneError.self) {
      try ZoneRules(name: "test", tzif: Self.file(footer: "UTC0", leapSeconds: 1))
    }
  }

  @Test func damageNeverTraps() throws {
    let whole = Self.file(footer: "GMT0BST,M3.5.0/1,M10.5.0")
    var random = SystemRandomNumberGenerator()
    for length in 0..<whole.count {
      #expect(throws: ZoneError.self) { try ZoneRules(name: "cut", tzif: Array(whole.prefix(length))) }
    }
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255) }
      guard let zone = try? ZoneRules(name: "damaged", tzif: bytes) else { continue }
      for seconds in [Int64.min, -1, 0, 4_000_000_000, .max] {
        _ = zone.startOfDay(zone.local(Instant(unixSeconds: seconds)).date)
      }
    }
  }
}
