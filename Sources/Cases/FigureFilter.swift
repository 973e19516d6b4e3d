// The cases behind a figure: what a number on the volumes page leads to.

import Deadlines
import GRDB

/// Cases that one figure counts.
public struct FigureFilter: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Counting as complaints, dismissed, or merged; by receipt.
    case cases, dismissed, merged
    /// By the day they were closed.
    case closed
    /// By the day the acknowledgement was due.
    case acknowledgedInTime = "acknowledged-in-time"
    case acknowledgedLate = "acknowledged-late"
    case acknowledgementOverdue = "acknowledgement-overdue"
    case acknowledgementDue = "acknowledgement-due"
    /// By the day the final response was due.
    case finalInTime = "final-in-time"
    case finalLate = "final-late"
    case finalOverdue = "final-overdue"
    case finalDue = "final-due"
    /// Not decided by a person; by receipt.
    case unreviewed

    /// For people.
    public var title: String { rawValue.split(separator: "-").joined(separator: " ") }
  }

  public var kind: Kind
  /// The instants between which the day lies, the second not included.
  public var from: Instant
  public var to: Instant
  public var now: Instant
  /// As `MeasureFilter.only` has them.
  public var only: [MeasureFilter.Dimension: String]

  public init(
    _ kind: Kind, from: Instant, to: Instant, now: Instant, only: [MeasureFilter.Dimension: String] = [:]
  ) {
    self.kind = kind
    self.from = from
    self.to = to
    self.now = now
    self.only = only
  }

  /// What the narrow table must hold; the same conditions as `CaseMeasure` has in Swift.
  var conditions: (sql: String, arguments: StatementArguments) {
    let complaint = "state <> 'dismissed' AND NOT merged"
    var arguments: StatementArguments = []
    func between(_ column: String) -> String {
      arguments += [from.unixSeconds, to.unixSeconds]
      return "\(column) >= ? AND \(column) < ?"
    }
    // A date's last instant is before its end, so the day it is due is that of the second before.
    func due(_ column: String) -> String { "\(complaint) AND " + between("(\(column) - 1)") }
    func open(_ column: String, _ sign: String) -> String {
      arguments += [now.unixSeconds]
      return " AND closed IS NULL AND \(column) \(sign) ?"
    }
    var sql: String
    switch kind {
    case .cases: sql = "\(complaint) AND " + between("received")
    case .dismissed: sql = "state = 'dismissed' AND NOT merged AND " + between("received")
    case .merged: sql = "merged AND " + between("received")
    case .closed: sql = between("closed")
    case .unreviewed:
      sql = "\(complaint) AND state IN ('possible', 'quarantined') AND " + between("received")
    case .acknowledgedInTime: sql = due("ack_due") + " AND acknowledged < ack_due"
    case .acknowledgedLate:
      sql =
        due("ack_due")
        + " AND (acknowledged >= ack_due OR (acknowledged IS NULL AND closed >= ack_due))"
    case .acknowledgementOverdue: sql = due("ack_due") + " AND acknowledged IS NULL" + open("ack_due", "<=")
    case .acknowledgementDue: sql = due("ack_due") + " AND acknowledged IS NULL" + open("ack_due", ">")
    case .finalInTime: sql = due("final_due") + " AND closed < final_due"
    case .finalLate: sql = due("final_due") + " AND closed >= final_due"
    case .finalOverdue: sql = due("final_due") + open("final_due", "<=")
    case .finalDue: sql = due("final_due") + open("final_due", ">")
    }
    for (dimension, value) in only.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      if value.isEmpty {
        sql += " AND \(dimension.column) IS NULL"
      } else {
        sql += " AND \(dimension.column) = ?"
        arguments += [value]
      }
    }
    return (sql, arguments)
  }
}
