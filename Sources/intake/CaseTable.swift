// The table of cases that `demo`, `cases` and `poll` print.

import Cases
import Deadlines

/// Cases as people look at them: reference, category, why, received, acknowledge by, time left.
struct CaseTable {
  let times: LocalTimes
  let regimes: [String: Regime]

  private static let columns: [(heading: String, limit: Int)] = [
    ("REFERENCE", 12), ("STATE", 12), ("CATEGORY", 36), ("WHY", 48), ("RECEIVED", 17), ("ACKNOWLEDGE BY", 16),
    ("TIME LEFT", 18),
  ]

  func lines(_ rows: [CaseRow], now: Instant, withHeadings: Bool = true) -> [String] {
    var table = Table(Self.columns)
    for row in rows {
      let zone = row.acknowledgeRegime.flatMap { regimes[$0]?.zone }
      table.add([
        row.id.reference.description, row.state.rawValue, row.category, row.reason,
        times.text(row.receivedAt, zone: zone ?? "Europe/London"), deadline(row, zone: zone),
        left(row, now: now),
      ])
    }
    return table.lines(withHeadings: withHeadings)
  }

  /// The last day on which an acknowledgement is in time: a deadline's end is the first instant after it.
  private func deadline(_ row: CaseRow, zone: String?) -> String {
    guard let end = row.acknowledgeBy else { return "no date set" }
    guard let zone, let rules = times.zones[zone] else { return end.description }
    let local = rules.local(Instant(unixSeconds: end.unixSeconds - 1))
    let isDayEnd = rules.local(end).secondsOfDay == 0
    return isDayEnd ? LocalTimes.day(local.date) : times.text(end, zone: zone)
  }

  private func left(_ row: CaseRow, now: Instant) -> String {
    switch row.state {
    case .acknowledged: return "acknowledged"
    case .closed, .dismissed: return "-"
    case .possible, .open, .quarantined:
      return row.acknowledgeBy.map { LocalTimes.left(until: $0, from: now) } ?? "-"
    }
  }
}
