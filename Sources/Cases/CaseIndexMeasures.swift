// The index's narrow table for figures: one short row a case, so that counting a million reads little.

import Deadlines
import GRDB
import Triage

extension CaseIndex {
  static let measureTable = """
    CREATE TABLE measure (number INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, country TEXT, category TEXT NOT NULL,
      category_group TEXT NOT NULL, predicted TEXT, regime TEXT, state TEXT NOT NULL, merged INTEGER NOT NULL,
      received INTEGER NOT NULL, recorded INTEGER NOT NULL, ack_due INTEGER, acknowledged INTEGER, final_due INTEGER,
      closed INTEGER, decided INTEGER, confirmed INTEGER NOT NULL, outcome TEXT, root_cause TEXT, product TEXT,
      redress TEXT, hundredths INTEGER, currency TEXT, vulnerability INTEGER NOT NULL, stratum TEXT, rate REAL);
    CREATE INDEX measure_received ON measure (received);
    """

  private static let measureColumns = [
    "mailbox", "country", "category", "predicted", "regime", "state", "merged", "received", "recorded",
    "ack_due", "acknowledged", "final_due", "closed", "decided", "confirmed", "outcome", "root_cause",
    "product", "redress", "hundredths", "currency", "vulnerability", "stratum", "rate",
  ]

  static func put(_ measure: CaseMeasure, number: Int64, _ database: Database) throws {
    let redress = measure.closure?.redress
    try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO measure (number, category_group, \(measureColumns.joined(separator: ", ")))
        VALUES (\(databaseQuestionMarks(count: measureColumns.count + 2)))
        """
    ).execute(arguments: [
      number, measure.value(.group), measure.mailbox, measure.country, measure.category, measure.predicted,
      measure.regime, measure.state.rawValue, measure.isMerged, measure.receivedAt.unixSeconds,
      measure.recordedAt.unixSeconds, measure.acknowledgeBy?.unixSeconds,
      measure.acknowledgedAt?.unixSeconds, measure.finalBy?.unixSeconds, measure.closedAt?.unixSeconds,
      measure.decidedAt?.unixSeconds, measure.isConfirmed, measure.closure?.outcome.rawValue,
      measure.closure?.rootCause, measure.closure?.product, redress?.kind.rawValue, redress?.hundredths,
      redress?.currency, measure.vulnerability.rawValue, measure.sample?.stratum.rawValue,
      measure.sample?.rate,
    ])
  }

  /// Gives the measures that pass the filter, one after the other, in no order.
  public func measures(_ filter: MeasureFilter = .init(), _ body: (CaseMeasure) throws -> Void) throws {
    var conditions: [String] = []
    var arguments = StatementArguments()
    if let mailboxes = filter.mailboxes {
      conditions.append("mailbox IN (\(databaseQuestionMarks(count: mailboxes.count)))")
      arguments += StatementArguments(mailboxes)
    }
    for (dimension, value) in filter.only.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      if value.isEmpty {
        conditions.append("\(dimension.column) IS NULL")
      } else {
        conditions.append("\(dimension.column) = ?")
        arguments += [value]
      }
    }
    if let since = filter.since {
      conditions.append("received >= ?")
      arguments += [since.unixSeconds]
    }
    if let before = filter.before {
      conditions.append("received < ?")
      arguments += [before.unixSeconds]
    }
    let columns = Self.measureColumns.joined(separator: ", ")
    let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    try database.read { database in
      let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM measure\(condition)")
      let rows = try Row.fetchCursor(statement, arguments: arguments)
      while let row = try rows.next() {
        if let measure = CaseMeasure(row) { try body(measure) }
      }
    }
  }
}

extension CaseMeasure {
  /// A row of `measureColumns`, read by position: names would be looked up a million times.
  fileprivate init?(_ row: Row) {
    func time(_ index: Int) -> Instant? { (row[index] as Int64?).map { Instant(unixSeconds: $0) } }
    guard let state = CaseState(rawValue: row[5]) else { return nil }
    mailbox = row[0]
    country = row[1]
    category = row[2]
    predicted = row[3]
    regime = row[4]
    self.state = state
    isMerged = row[6]
    receivedAt = Instant(unixSeconds: row[7])
    recordedAt = Instant(unixSeconds: row[8])
    acknowledgeBy = time(9)
    acknowledgedAt = time(10)
    finalBy = time(11)
    closedAt = time(12)
    decidedAt = time(13)
    isConfirmed = row[14]
    let redress = (row[18] as String?).flatMap(GrantedRedress.Kind.init(rawValue:)).map {
      GrantedRedress(kind: $0, hundredths: row[19] ?? 0, currency: row[20])
    }
    closure = (row[15] as String?).flatMap(Closure.Outcome.init(rawValue:)).map {
      Closure(outcome: $0, rootCause: row[16], product: row[17], redress: redress)
    }
    vulnerability = Vulnerability(rawValue: row[21]) ?? .none
    sample = (row[22] as String?).flatMap(CheckSample.Stratum.init(rawValue:)).map {
      CheckSample(stratum: $0, rate: row[23] ?? 1)
    }
  }
}
