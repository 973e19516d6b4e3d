// Calendars, regimes and which apply, from the configuration's files: as many of their fields as a history needs.

import Cases
import Deadlines
import FoundationEssentials
import Yams

/// What deadlines are computed from.
struct Rules {
  let regimes: RegimeRules

  /// - Parameter folder: the one that holds `intake.yaml`, `calendars/` and `regimes/`.
  init(_ folder: String) throws {
    var calendars: [String: WorkingCalendar] = [:]
    for path in try Self.files(folder + "/calendars") {
      let file = try Self.decode(CalendarFile.self, path)
      let calendar = try file.calendar()
      calendars[calendar.id] = calendar
    }
    var regimes: [String: Regime] = [:]
    var zones: [String: ZoneRules] = [:]
    for path in try Self.files(folder + "/regimes") {
      let regime = try Self.decode(RegimeFile.self, path).regime()
      regimes[regime.id] = regime
    }
    for name in Set(regimes.values.map(\.zone) + Mailbox.all.map(\.zone)) {
      guard let bytes = try DurableFile.read("/usr/share/zoneinfo/\(name)", limit: 1 << 20) else {
        throw Unusable("there is no time zone \(name); install tzdata")
      }
      zones[name] = try ZoneRules(name: name, tzif: bytes)
    }
    let chosen = try Self.decode(ConfigurationFile.self, folder + "/intake.yaml").deadlines
    self.regimes = RegimeRules(
      regimes: regimes, calendars: calendars, zones: zones, standard: chosen.standard,
      byCountry: chosen.byCountry, byCategory: chosen.byCategory)
  }

  var holidays: [String: Set<CivilDate>] { regimes.calendars.mapValues { Set($0.holidays.keys) } }

  private static func files(_ folder: String) throws -> [String] {
    try DurableFile.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
  }

  private static func decode<File: Decodable>(_ type: File.Type, _ path: String) throws -> File {
    guard let bytes = try DurableFile.read(path, limit: 1 << 20) else {
      throw Unusable("\(path): is missing")
    }
    do {
      return try YAMLDecoder().decode(type, from: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw Unusable("\(path): \(error)")
    }
  }
}

struct Unusable: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

private struct ConfigurationFile: Decodable {
  struct Section: Decodable {
    var standard: [String]
    var byCountry: [String: [String]]
    var byCategory: [String: [String]]

    enum CodingKeys: String, CodingKey {
      case standard = "default"
      case byCountry = "by_country"
      case byCategory = "by_category"
    }
  }
  var deadlines: Section
}

private struct CalendarFile: Decodable {
  var id: String
  var title: String
  var weekend: [String]
  var covers: [Int]
  var holidays: [String: String]

  func calendar() throws -> WorkingCalendar {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let days = Dictionary(
      holidays.compactMap { key, value in CivilDate(key).map { ($0, value) } }, uniquingKeysWith: { $1 })
    guard covers.count == 2, covers[0] <= covers[1], let never = CivilDate("2099-12-31") else {
      throw Unusable("calendar \(id): covers two years")
    }
    return try WorkingCalendar(
      id: id, title: title, weekend: Set(weekend.compactMap { names.firstIndex(of: $0) }), holidays: days,
      covers: covers[0]...covers[1], source: "", checkBy: never)
  }
}

private struct RegimeFile: Decodable {
  struct Duty: Decodable {
    var kind: String
    var after: String
    var roll: String?
    var repeats: Bool?
    var rule: String
  }
  var id: String
  var title: String
  var authority: String
  var calendar: String
  var zone: String
  var status: String
  var effectiveFrom: String
  var checkBy: String
  var obligations: [Duty]

  enum CodingKeys: String, CodingKey {
    case id, title, authority, calendar, zone, status, obligations
    case effectiveFrom = "effective_from"
    case checkBy = "check_by"
  }

  func regime() throws -> Regime {
    guard let from = CivilDate(effectiveFrom), let check = CivilDate(checkBy) else {
      throw Unusable("regime \(id): a date is written 2026-12-25")
    }
    let duties = try obligations.map { duty -> Obligation in
      guard let kind = Obligation.Kind(rawValue: duty.kind), let period = Self.period(duty.after) else {
        throw Unusable("regime \(id): \(duty.kind) after \(duty.after)")
      }
      return Obligation(
        kind: kind, period: period, roll: duty.roll.flatMap(Roll.init(rawValue:)) ?? .none,
        repeats: duty.repeats ?? false, rule: duty.rule)
    }
    return try Regime(
      id: id, title: title, authority: authority, calendar: calendar, zone: zone, dayZero: .calendarDay,
      obligations: duties, source: "", status: status, effectiveFrom: from, checkBy: check)
  }

  private static func period(_ text: String) -> Period? {
    let words = text.split(separator: " ")
    guard words.count >= 2, let count = Int(words[0]) else { return nil }
    switch words.last {
    case "day", "days": return words.count == 3 ? .businessDays(count) : .days(count)
    case "week", "weeks": return .weeks(count)
    case "month", "months": return .months(count)
    case "hour", "hours": return .hours(count)
    default: return nil
    }
  }
}
