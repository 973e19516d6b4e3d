// Volumes and service levels from the cases and the ledger; definitions as DOMAIN.md section 5.

import Cases
import Deadlines
import Foundation
import Monitoring
import Triage

struct Statistics {
  /// One group of cases.
  struct Row: Encodable {
    let schema = "intake.stats/1"
    let group: String
    var cases = 0
    /// Not yet confirmed or dismissed by a person.
    var unreviewed = 0
    var dueSoFar = 0
    var acknowledgedInTime = 0
    var overdue = 0
    var closed = 0

    /// Acknowledged in time, of those whose acknowledgement fell due or was made: denominator by due date, so
    /// that open cases do not flatter it.
    var acknowledgedInTimeShare: Double? {
      dueSoFar == 0 ? nil : Double(acknowledgedInTime) / Double(dueSoFar)
    }

    enum CodingKeys: String, CodingKey {
      case schema, group, cases, unreviewed, overdue, closed
      case dueSoFar = "due_so_far"
      case acknowledgedInTime = "acknowledged_in_time"
    }
  }

  var rows: [Row] = []

  /// Cases by a column, by receipt: days of the reporting zone, weeks that begin on Monday.
  static func ofCases(
    _ index: CaseIndex, by grouping: StatsCommand.Grouping, since: Instant?, days: ReportingDays,
    now: Instant
  ) throws -> Statistics {
    var groups: [String: Row] = [:]
    try index.measures(MeasureFilter(since: since)) { measure in
      let name: String
      switch grouping {
      case .day: name = days.date(measure.receivedAt).description
      case .week:
        let date = days.date(measure.receivedAt)
        name = "week of \(date.adding(days: -date.daysSinceMonday))"
      case .category: name = measure.category
      case .mailbox: name = measure.mailbox
      case .country: name = measure.country ?? "unknown"
      case .outcome: name = measure.state.rawValue
      }
      var row = groups[name] ?? Row(group: name)
      row.cases += 1
      if measure.isUnreviewed { row.unreviewed += 1 }
      if measure.state == .closed { row.closed += 1 }
      switch measure.acknowledgement(at: now) {
      case .met?:
        row.dueSoFar += 1
        row.acknowledgedInTime += 1
      case .late?: row.dueSoFar += 1
      case .overdue?:
        row.dueSoFar += 1
        row.overdue += 1
      case .due?, .notNeeded?, nil: break
      }
      groups[name] = row
    }
    return Statistics(rows: groups.values.sorted { $0.group < $1.group })
  }

  /// All mail by outcome, from the ledgers.
  static func byOutcome(_ data: DataFolder) throws -> Statistics {
    var outcomes: [Outcome: Int] = [:]
    for mailbox in try Ledger.mailboxes(in: data) {
      let ledger = try Ledger(data, mailbox: mailbox)
      outcomes.merge(ledger.withState { $0.outcomes }, uniquingKeysWith: +)
    }
    return Statistics(
      rows: Outcome.allCases.map { outcome in
        var row = Row(group: outcome.rawValue)
        row.cases = outcomes[outcome] ?? 0
        return row
      })
  }

  static func lines(_ estimate: MissEstimate) -> [String] {
    func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
    return [
      "drawn at random and decided: \(estimate.checked), of these complaints: \(estimate.found); waiting: \(estimate.waiting)",
      String(
        format: "complaints passed over, estimated: %.1f (95 %% interval %.1f to %.1f)", estimate.misses,
        estimate.low,
        estimate.high),
      "of all complaints: \(percent(estimate.rate)) (\(percent(estimate.lowRate)) to \(percent(estimate.highRate)))",
    ]
  }

  private static let headings = [
    "GROUP", "CASES", "UNREVIEWED", "DUE SO FAR", "ACK IN TIME", "OVERDUE", "CLOSED",
  ]

  private func cells(_ row: Row) -> [String] {
    let share = row.acknowledgedInTimeShare.map { String(format: "%.1f %%", $0 * 100) } ?? "-"
    return [
      row.group, "\(row.cases)", "\(row.unreviewed)", "\(row.dueSoFar)", share, "\(row.overdue)",
      "\(row.closed)",
    ]
  }

  var lines: [String] {
    var table = Table(Self.headings.map { ($0, 48) })
    for row in rows { table.add(cells(row)) }
    return table.lines()
  }

  var csv: [String] {
    ["group,cases,unreviewed,due_so_far,acknowledged_in_time,overdue,closed"]
      + rows.map {
        "\(CSV.field($0.group)),\($0.cases),\($0.unreviewed),\($0.dueSoFar),\($0.acknowledgedInTime),"
          + "\($0.overdue),\($0.closed)"
      }
  }
}
