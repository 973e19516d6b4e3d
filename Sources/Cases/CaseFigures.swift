// What operations count about the cases, every few seconds and however many there are: each question is answered from an
// index that holds the cases it is about and few others.

import Deadlines
import GRDB

/// Numbers about all cases at one moment.
public struct CaseFigures: Sendable, Equatable {
  /// Cases that owe something by a date.
  public struct Owed: Sendable, Equatable {
    /// Due within the warning time, and not done.
    public var near = 0
    /// Past due, and not done.
    public var overdue = 0
    /// The earliest date that stands open, passed or not.
    public var next: Instant?
  }

  public var states: [CaseState: Int] = [:]
  public var acknowledgement = Owed()
  public var final = Owed()
  /// When the oldest of what no person has decided was received.
  public var oldestUnreviewed: Instant?
}

extension CaseIndex {
  /// What still owes a final answer: a possible case may turn out to be a complaint.
  private static let unanswered = "state IN ('possible', 'open', 'quarantined', 'acknowledged')"
  private static let unreviewed = "state IN ('possible', 'quarantined')"

  /// The indexes behind `figures`, with the state that their conditions ask for, so that no row is looked up.
  /// `cases_due`, of what is not acknowledged, is the case list's too.
  static let figureIndexes = """
    CREATE INDEX cases_final ON cases (final_due, state) WHERE \(unanswered);
    CREATE INDEX cases_unreviewed ON cases (received, state) WHERE \(unreviewed);
    """

  /// Counts the cases.
  ///
  /// - Parameters:
  ///   - acknowledgeWithin: seconds before its date at which an acknowledgement is near.
  ///   - finalWithin: the same for the final answer.
  public func figures(now: Instant, acknowledgeWithin: Int64, finalWithin: Int64) throws -> CaseFigures {
    var figures = CaseFigures()
    figures.states = try counts()
    try database.read { database in
      figures.acknowledgement = try Self.owed(
        "ack_due", index: "cases_due", where: "\(Self.pending) AND acknowledged IS NULL", now: now,
        within: acknowledgeWithin, database)
      figures.final = try Self.owed(
        "final_due", index: "cases_final", where: Self.unanswered, now: now, within: finalWithin, database)
      figures.oldestUnreviewed = try Int64.fetchOne(
        database.cachedStatement(
          sql: "SELECT MIN(received) FROM cases INDEXED BY cases_unreviewed WHERE \(Self.unreviewed)")
      ).map { Instant(unixSeconds: $0) }
    }
    return figures
  }

  private static func owed(
    _ column: String, index: String, where condition: String, now: Instant, within: Int64,
    _ database: Database
  ) throws -> CaseFigures.Owed {
    let from = "FROM cases INDEXED BY \(index) WHERE \(condition)"
    let count = try database.cachedStatement(
      sql: "SELECT COUNT(*) \(from) AND \(column) > ? AND \(column) <= ?")
    let (before, today) = (Int64.min, now.unixSeconds)
    var owed = CaseFigures.Owed()
    owed.overdue = try Int.fetchOne(count, arguments: [before, today]) ?? 0
    owed.near = try Int.fetchOne(count, arguments: [today, today + within]) ?? 0
    owed.next = try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT MIN(\(column)) \(from) AND \(column) IS NOT NULL")
    ).map { Instant(unixSeconds: $0) }
    return owed
  }

  /// How SQLite reads each of the questions, for tests.
  func figurePlans() throws -> [String] {
    let asked = [
      "SELECT state, COUNT(*) AS number FROM cases GROUP BY state",
      "SELECT COUNT(*) FROM cases INDEXED BY cases_due WHERE \(Self.pending) AND acknowledged IS NULL AND ack_due <= 1",
      "SELECT MIN(ack_due) FROM cases INDEXED BY cases_due WHERE \(Self.pending) AND acknowledged IS NULL",
      "SELECT COUNT(*) FROM cases INDEXED BY cases_final WHERE \(Self.unanswered) AND final_due <= 1",
      "SELECT MIN(received) FROM cases INDEXED BY cases_unreviewed WHERE \(Self.unreviewed)",
    ]
    return try database.read { database in
      try asked.map { sql in
        try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
          .joined(separator: "; ")
      }
    }
  }
}
