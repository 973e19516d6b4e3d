// The metrics of cases: what happens to them, and whether people or the program do it.

import Metering

/// Metrics of cases.
public enum CaseMetrics {
  static let events = Metric(
    "intake_case_events_total", .counter,
    "Events of cases made by this process, by people or by the program.",
    labels: [.init("event", CaseEvent.Kind.allCases.map(\.rawValue)), .init("by", ["person", "program"])])

  public static let all = [events]

  public static func begin() {
    for kind in CaseEvent.Kind.allCases {
      for by in ["person", "program"] { events.add(0, kind.rawValue, by) }
    }
  }

  static func count(_ event: CaseEvent) {
    events.add(1, event.kind.rawValue, event.by == "intake" ? "program" : "person")
  }
}
