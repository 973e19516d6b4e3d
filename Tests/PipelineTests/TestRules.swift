// One regime, one calendar, one taxonomy, enough for the pipeline's tests.

import Cases
import Deadlines
import Foundation
import Triage

@testable import Pipeline

enum TestRules {
  /// Three business days in England, and eight weeks.
  static func make() throws -> RegimeRules {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/London"))
    let check = CivilDate(year: 2030, month: 1, day: 1)
    guard let check, let from = CivilDate(year: 2000, month: 1, day: 1),
      let christmas = CivilDate(year: 2026, month: 12, day: 25)
    else { throw CocoaError(.featureUnsupported) }
    let calendar = try WorkingCalendar(
      id: "GB-EAW", title: "England", holidays: [christmas: "Christmas Day"], covers: 2020...2030,
      source: "test",
      checkBy: check)
    let regime = try Regime(
      id: "policy", title: "Policy", authority: "us", calendar: "GB-EAW", zone: "Europe/London",
      dayZero: .calendarDay,
      obligations: [
        Obligation(kind: .acknowledge, period: .businessDays(3), rule: "own"),
        Obligation(kind: .final, period: .weeks(8), rule: "own"),
      ], source: "test", status: "policy", effectiveFrom: from, checkBy: check)
    return RegimeRules(
      regimes: ["policy": regime], calendars: ["GB-EAW": calendar],
      zones: ["Europe/London": try ZoneRules(name: "Europe/London", tzif: Array(bytes))], standard: ["policy"]
    )
  }

  /// The rules alone with a taxonomy of one cue a leaf: what it calls a complaint does not depend on the leaves.
  static func judge() throws -> Judge {
    let leaves = Taxonomy.ids.map { id in
      Taxonomy.Leaf(
        id: id, title: id, definition: "test", fca: "GAC",
        phrases: [
          Taxonomy.Phrase(
            pattern: id.split(whereSeparator: { $0 == "." || $0 == "_" }).joined(separator: " "))
        ])
    }
    return Judge(
      taxonomy: try Taxonomy(leaves: leaves),
      settings: TriageSettings(
        organisationNames: ["Meridian Medical Protection", "Meridian"],
        organisationDomains: ["meridian-mutual.example"]),
      model: .rulesOnly)
  }
}
