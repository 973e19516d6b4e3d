// Calendars, regimes and time zones, read from config/calendars, config/regimes and the system's tzdata.

import Cases
import Deadlines
import Yams

/// Everything that deadlines are computed from.
struct DeadlineData: Sendable {
  var calendars: [String: WorkingCalendar] = [:]
  var regimes: [String: Regime] = [:]
  var zones: [String: ZoneRules] = [:]

  /// Reads `directory`/calendars/*.yaml and `directory`/regimes/*.yaml, and the zones that regimes name; every zone
  /// of the calendars' jurisdictions is there for batch files too.
  ///
  /// - Throws: `ConfigurationProblems`, all of them at once.
  static func load(directory: String, zoneinfo: String = DeadlineData.zoneinfo) throws -> DeadlineData {
    var data = DeadlineData()
    var problems: [ConfigurationProblem] = []
    for file in try files(directory + "/calendars", &problems) {
      let list = ProblemList(file: file)
      if let calendar = calendar(file, list) {
        if data.calendars[calendar.id] != nil { list.add(nil, "calendar \(calendar.id) is there twice") }
        data.calendars[calendar.id] = calendar
      }
      problems += list.problems
    }
    for file in try files(directory + "/regimes", &problems) {
      let list = ProblemList(file: file)
      if let regime = regime(file, list) {
        if data.regimes[regime.id] != nil { list.add(nil, "regime \(regime.id) is there twice") }
        if data.calendars[regime.calendar] == nil {
          list.add(nil, "calendar: there is no calendar \(regime.calendar)")
        }
        data.regimes[regime.id] = regime
      }
      problems += list.problems
    }
    for name in Set(data.regimes.values.map(\.zone)).union(batchZones) {
      do {
        data.zones[name] = try zone(name, in: zoneinfo)
      } catch {
        problems.append(ConfigurationProblem(file: "\(zoneinfo)/\(name)", line: nil, message: "\(error)"))
      }
    }
    guard problems.isEmpty else { throw ConfigurationProblems(problems: problems) }
    return data
  }

  /// Zones of the jurisdictions that have a calendar but no regime yet.
  private static let batchZones = [
    "America/Barbados", "America/Jamaica", "America/Port_of_Spain", "Atlantic/Bermuda", "Europe/London",
    "Europe/Belfast",
  ]

  private static func files(_ folder: String, _ problems: inout [ConfigurationProblem]) throws -> [String] {
    let names = try DurableFile.names(in: folder).filter { $0.hasSuffix(".yaml") }
    if names.isEmpty {
      problems.append(ConfigurationProblem(file: folder, line: nil, message: "holds no .yaml files"))
    }
    return names.map { "\(folder)/\($0)" }
  }

  /// The system's tzdata.
  static let zoneinfo = "/usr/share/zoneinfo"

  /// A zone from the system's tzdata.
  static func zone(_ name: String, in zoneinfo: String) throws -> ZoneRules {
    let parts = name.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
    let isSafe = parts.allSatisfy { part in
      !part.isEmpty && part.first != 0x2E
        && part.allSatisfy { byte in
          (byte | 32 >= 0x61 && byte | 32 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
            || [0x5F, 0x2B, 0x2D].contains(byte)
        }
    }
    guard isSafe else { throw BadInput("not a time zone's name: \(name)") }
    guard let bytes = try DurableFile.read("\(zoneinfo)/\(name)", limit: 1 << 20) else {
      throw BadInput("there is no such time zone; install tzdata, or correct the name")
    }
    return try ZoneRules(name: name, tzif: bytes)
  }

  // MARK: calendars

  private static func calendar(_ file: String, _ problems: ProblemList) -> WorkingCalendar? {
    guard let top = YAMLMapping.load(file, problems) else { return nil }
    let id = top.text("id")
    let title = top.text("title")
    let source = top.text("source")
    let checkBy = date(top, "check_by")
    let notes = top.text("notes", required: false)
    let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    var weekend: Set<Int> = []
    for node in top.list("weekend") {
      if let day = node.scalar.flatMap({ weekdays.firstIndex(of: $0.string) }) {
        weekend.insert(day)
      } else {
        problems.add(node, "weekend: a day is one of \(weekdays.joined(separator: ", "))")
      }
    }
    let years = top.list("covers").compactMap { $0.scalar.flatMap { Int($0.string) } }
    if years.count != 2 || years[0] > years[1] {
      top.fail("covers", "must be the first and the last year, [2024, 2030]")
    }
    var holidays: [CivilDate: String] = [:]
    for (key, value) in top.mapping("holidays")?.pairs() ?? [] {
      guard let date = CivilDate(key) else {
        problems.add(value, "holidays.\(key): a date is written 2026-12-25")
        continue
      }
      holidays[date] = value.scalar?.string ?? "holiday"
    }
    top.finish()
    guard problems.problems.isEmpty, let id, let title, let source, let checkBy else { return nil }
    do {
      return try WorkingCalendar(
        id: id, title: title, weekend: weekend, holidays: holidays, covers: years[0]...years[1],
        source: source,
        checkBy: checkBy, notes: notes ?? "")
    } catch {
      problems.add(top.node, "\(error)")
      return nil
    }
  }

  private static func date(_ mapping: YAMLMapping, _ key: String) -> CivilDate? {
    guard let text = mapping.text(key) else { return nil }
    if let date = CivilDate(text) { return date }
    mapping.fail(key, "a date is written 2026-12-25")
    return nil
  }

  // MARK: regimes

  private static func regime(_ file: String, _ problems: ProblemList) -> Regime? {
    guard let top = YAMLMapping.load(file, problems) else { return nil }
    let texts = ["id", "title", "authority", "calendar", "zone", "source", "status"].map {
      top.text($0) ?? ""
    }
    if !["issuer", "secondary", "policy"].contains(texts[6]) {
      top.fail("status", "is one of issuer (read in the issuer's own text), secondary, policy")
    }
    let notes = top.text("notes", required: false)
    let effectiveFrom = date(top, "effective_from")
    let checkBy = date(top, "check_by")
    let rule = dayZero(top)
    let obligations = top.list("obligations").compactMap { obligation($0, problems) }
    top.finish()
    guard problems.problems.isEmpty, let effectiveFrom, let checkBy, let rule else { return nil }
    do {
      return try Regime(
        id: texts[0], title: texts[1], authority: texts[2], calendar: texts[3], zone: texts[4], dayZero: rule,
        obligations: obligations, source: texts[5], status: texts[6], effectiveFrom: effectiveFrom,
        checkBy: checkBy,
        notes: notes ?? "")
    } catch {
      problems.add(top.node, "\(error)")
      return nil
    }
  }

  private static func dayZero(_ top: YAMLMapping) -> DayZero? {
    let advice = "is `calendar_day` or `{cutoff_next_business_day: \"17:00\"}`"
    guard let node = top.take("day_zero") else { return nil }
    if node.scalar?.string == "calendar_day" { return .calendarDay }
    guard let inner = node.mapping, inner.count == 1, let (key, value) = inner.first,
      key.scalar?.string == "cutoff_next_business_day", let text = value.scalar?.string
    else {
      top.fail("day_zero", advice)
      return nil
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
      (0..<60).contains(minute)
    else {
      top.fail("day_zero", "a cut-off is a quoted time of day, such as \"17:00\"")
      return nil
    }
    return .cutoffNextBusinessDay(cutoff: hour * 3600 + minute * 60)
  }

  private static func obligation(_ node: Node, _ problems: ProblemList) -> Obligation? {
    guard let entry = YAMLMapping(node, problems, path: "obligations.") else { return nil }
    let kind = entry.text("kind")
    let after = entry.text("after")
    let rule = entry.text("rule")
    let roll = entry.text("roll", required: false).map { Roll(rawValue: $0) } ?? .some(Roll.none)
    let repeats = entry.take("repeats", required: false)?.bool ?? false
    entry.finish()
    guard let kind, let after, let rule else { return nil }
    guard let parsedKind = Obligation.Kind(rawValue: kind) else {
      entry.fail("kind", "is one of \(Obligation.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      return nil
    }
    guard let roll else {
      entry.fail("roll", "is none or next_business_day")
      return nil
    }
    guard let period = period(after) else {
      entry.fail(
        "after", "\"\(after)\": write it as `3 business days`, `29 days`, `8 weeks`, `2 months` or `24 hours`"
      )
      return nil
    }
    return Obligation(kind: parsedKind, period: period, roll: roll, repeats: repeats, rule: rule)
  }

  /// `3 business days`, `29 days`, `8 weeks`, `2 months` or `24 hours`.
  static func period(_ text: String) -> Period? {
    let words = text.split(separator: " ")
    guard let first = words.first, let count = Int(first) else { return nil }
    switch words.dropFirst().joined(separator: " ") {
    case "business days", "business day": return .businessDays(count)
    case "days", "day": return .days(count)
    case "weeks", "week": return .weeks(count)
    case "months", "month": return .months(count)
    case "hours", "hour": return .hours(count)
    default: return nil
    }
  }
}
