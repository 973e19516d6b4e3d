// The words of cases, as search has them: for finding what recent ones have in common.

import Deadlines
import GRDB

/// A case's words.
public struct CaseText: Sendable {
  public let id: CaseID
  public let category: String
  public let receivedAt: Instant
  public let text: String
}

extension CaseIndex {
  /// Gives the words of cases that were received since an instant and not dismissed, the latest first.
  ///
  /// - Parameter limit: cases at most.
  public func texts(
    since: Instant, mailboxes: [String]?, limit: Int, _ body: (CaseText) throws -> Void
  ) throws {
    var condition = "cases.received >= ? AND cases.state <> 'dismissed'"
    var arguments: StatementArguments = [since.unixSeconds]
    if let mailboxes {
      condition += " AND cases.mailbox IN (\(databaseQuestionMarks(count: mailboxes.count)))"
      arguments += StatementArguments(mailboxes)
    }
    try database.read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT cases.id, cases.category, cases.received, words.subject, words.text
          FROM measure INDEXED BY measure_received
          CROSS JOIN cases ON cases.number = measure.number CROSS JOIN words ON words.rowid = cases.number
          WHERE measure.received >= \(since.unixSeconds) AND \(condition) ORDER BY measure.received DESC LIMIT \(limit)
          """, arguments: arguments)
      while let row = try rows.next() {
        guard let id = CaseID(row[0]) else { continue }
        let subject: String = row[3] ?? ""
        let text: String = row[4] ?? ""
        try body(
          CaseText(
            id: id, category: row[1], receivedAt: Instant(unixSeconds: row[2]), text: subject + "\n" + text))
      }
    }
  }
}
