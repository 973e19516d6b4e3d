// The morning's digest: what yesterday brought and what today asks, as counts.

import Cases
import Deadlines
import FoundationEssentials
import Triage

/// Everything that a digest says.
public struct DigestFacts: Sendable {
  /// The day that it reports on.
  public var day: CivilDate
  /// Messages of that day by outcome.
  public var outcomes: [Outcome: Int] = [:]
  /// Cases received on that day by the group of their category.
  public var groups: [String: Int] = [:]
  /// Acknowledgements that fell due on that day, and of these the ones made in time.
  public var due = 0
  public var inTime = 0
  /// As it is now.
  public var acknowledgement = Vitals.Duty()
  public var final = Vitals.Duty()
  public var unreviewed = 0
  public var oldestUnreviewed: Instant?
  public var misses: MissEstimate?
  /// What stands, the latest first.
  public var alarms: [AlarmEntry] = []

  public init(day: CivilDate) { self.day = day }
}

/// When a digest is due, and what it looks like.
public struct DailyDigest: Sendable, Equatable {
  /// Seconds of the day.
  public var at: Int
  public var zone: ZoneRules

  public static func == (left: DailyDigest, right: DailyDigest) -> Bool { left.at == right.at }

  public init(at: Int, zone: ZoneRules) {
    self.at = at
    self.zone = zone
  }

  /// Seconds after its time within which a digest that was missed is still sent.
  public static let patience: Int64 = 12 * 3600

  /// The day whose digest is due now: yesterday, from `at` on, for twelve hours.
  public func day(at now: Instant) -> CivilDate? {
    // Twelve hours may reach over midnight.
    for date in [zone.local(now).date, zone.local(now).date.adding(days: -1)] {
      let late = now.unixSeconds - zone.instant(date, secondsOfDay: at).unixSeconds
      if late >= 0 { return late <= Self.patience ? date.adding(days: -1) : nil }
    }
    return nil
  }

  /// The first moment of a day, and the first that is not of it any more.
  public func bounds(of day: CivilDate) -> (from: Instant, to: Instant) {
    (zone.startOfDay(day), zone.startOfDay(day.adding(days: 1)))
  }

  // MARK: words

  public static func subject(_ facts: DigestFacts) -> String {
    let messages = facts.outcomes.values.reduce(0, +)
    let cases = facts.outcomes[.case, default: 0] + facts.outcomes[.possible, default: 0]
    let alarms =
      facts.alarms.isEmpty
      ? "" : ", \(facts.alarms.count) alarm\(facts.alarms.count == 1 ? "" : "s") standing"
    let overdue = facts.acknowledgement.overdue + facts.final.overdue
    return "[intake] \(facts.day.spelled): \(messages) messages, \(cases) new cases"
      + (overdue == 0 ? "" : ", \(overdue) overdue") + alarms
  }

  public static func text(_ facts: DigestFacts, organisation: String, now: Instant) -> String {
    var lines = ["\(facts.day.spelled), as counted at \(organisation)", "", "Messages by outcome"]
    func row(_ name: String, _ value: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 34 - name.utf8.count)) + value)
    }
    for outcome in Outcome.allCases where facts.outcomes[outcome, default: 0] > 0 {
      row(outcome.rawValue, "\(facts.outcomes[outcome, default: 0])")
    }
    row("all", "\(facts.outcomes.values.reduce(0, +))")
    lines += ["", "Cases received by category group"]
    for (group, count) in facts.groups.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      row(AlarmWords.name(group), "\(count)")
    }
    if facts.groups.isEmpty { row("none", "") }
    lines += ["", "Acknowledgements"]
    row("fell due", "\(facts.due)")
    row(
      "of these in time",
      "\(facts.inTime)"
        + (facts.due == 0 ? "" : " (\(AlarmWords.percent(Double(facts.inTime) / Double(facts.due))))"))
    lines += ["", "Today"]
    row("acknowledgements overdue", "\(facts.acknowledgement.overdue)")
    row("acknowledgements due soon", "\(facts.acknowledgement.near)")
    row("final responses overdue", "\(facts.final.overdue)")
    row("final responses due soon", "\(facts.final.near)")
    let oldest = facts.oldestUnreviewed.map {
      ", the oldest for \(AlarmWords.span(now.unixSeconds - $0.unixSeconds))"
    }
    row("undecided", "\(facts.unreviewed)\(oldest ?? "")")
    lines += ["", "Complaints passed over, estimated"]
    if let misses = facts.misses {
      row("share of all complaints", AlarmWords.percent(misses.rate))
      row("95 % interval", "\(AlarmWords.percent(misses.lowRate)) to \(AlarmWords.percent(misses.highRate))")
      row("checked, of these complaints", "\(misses.checked), \(misses.found)")
    } else {
      row("nothing was drawn yet", "")
    }
    lines += ["", "Alarms that stand"]
    for alarm in facts.alarms {
      lines.append("  \(alarm.severity == .page ? "PAGE" : "warning"): \(alarm.words)")
    }
    if facts.alarms.isEmpty { row("none", "") }
    return lines.map { $0.trimmingSpacesAtEnd() }.joined(separator: "\n") + "\n"
  }

  /// The same for a program (schema `intake.digest/1`, docs/json.md).
  public static func json(_ facts: DigestFacts) throws -> [UInt8] {
    try JSONLine.bytes(DigestLine(facts))
  }

  private struct DigestLine: Encodable {
    let schema = "intake.digest/1"
    let day: CivilDate
    let outcomes: [String: Int]
    let groups: [String: Int]
    let acknowledgementsDue: Int
    let acknowledgementsInTime: Int
    let acknowledgementsOverdue: Int
    let acknowledgementsNear: Int
    let finalOverdue: Int
    let finalNear: Int
    let unreviewed: Int
    let oldestUnreviewed: Instant?
    let missRate: [Double]?
    let alarms: [String]

    init(_ facts: DigestFacts) {
      day = facts.day
      outcomes = Dictionary(uniqueKeysWithValues: facts.outcomes.map { ($0.key.rawValue, $0.value) })
      groups = facts.groups
      acknowledgementsDue = facts.due
      acknowledgementsInTime = facts.inTime
      acknowledgementsOverdue = facts.acknowledgement.overdue
      acknowledgementsNear = facts.acknowledgement.near
      finalOverdue = facts.final.overdue
      finalNear = facts.final.near
      unreviewed = facts.unreviewed
      oldestUnreviewed = facts.oldestUnreviewed
      missRate = facts.misses.map { [$0.lowRate, $0.rate, $0.highRate] }
      alarms = facts.alarms.map(\.key)
    }

    enum CodingKeys: String, CodingKey {
      case schema, day, outcomes, groups, unreviewed, alarms
      case acknowledgementsDue = "acknowledgements_due"
      case acknowledgementsInTime = "acknowledgements_in_time"
      case acknowledgementsOverdue = "acknowledgements_overdue"
      case acknowledgementsNear = "acknowledgements_near"
      case finalOverdue = "final_overdue"
      case finalNear = "final_near"
      case oldestUnreviewed = "oldest_unreviewed"
      case missRate = "miss_rate"
    }
  }
}

/// alarms/digest.json: which day's digest has gone to whom (schema `intake.digest-mark/1`).
public struct DigestMark: Codable, Sendable, Equatable {
  public var schema = "intake.digest-mark/1"
  public var day: CivilDate
  /// Recipients by their ids.
  public var sent: Set<String> = []

  public init(day: CivilDate) { self.day = day }

  private static func path(_ data: DataFolder) -> String { "\(data.path)/alarms/\(AlarmBook.digestName)" }

  /// Nil where none was ever sent, or the file cannot be read: better a digest twice than none.
  public static func read(_ data: DataFolder) -> DigestMark? {
    guard let bytes = try? DurableFile.read(path(data), limit: 1 << 16) else { return nil }
    return try? JSONDecoder().decode(DigestMark.self, from: Data(bytes))
  }

  public func write(_ data: DataFolder) throws {
    try DurableFile.replace(
      Self.path(data), JSONLine.bytes(self) + [0x0A], through: data.newTemporary())
  }
}

extension String {
  fileprivate func trimmingSpacesAtEnd() -> String {
    var bytes = Substring(self).utf8
    while bytes.last == 0x20 { bytes.removeLast() }
    return String(Substring(bytes))
  }
}
