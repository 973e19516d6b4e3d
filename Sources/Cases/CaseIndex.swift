// index.sqlite: look-ups and full-text search over the cases. Derived from cases/, ledger/ and mail/, local to
// this host; it may be deleted at any time and is then rebuilt.

import Deadlines
import GRDB
import MIME
import Triage

#if canImport(Glibc)
  import Glibc
#endif

/// One row of the case list.
public struct CaseRow: Sendable {
  public let id: CaseID
  public let state: CaseState
  public let category: String
  public let severity: Int
  public let probability: Double
  public let mailbox: String
  public let country: String?
  public let receivedAt: Instant
  /// The last instant's end of the acknowledgement, where a regime sets one.
  public let acknowledgeBy: Instant?
  public let acknowledgeRegime: String?
  public let finalBy: Instant?
  public let acknowledgedAt: Instant?
  public let subject: String
  public let complainant: String
  /// Why it was called a complaint, in a few words.
  public let reason: String
  public let flags: [String]
  public let assignee: String?
  /// How many events its history has: what a decision names as seen.
  public let events: Int
  /// Orders the list: see `CaseIndex.rank`.
  public let rank: Int64
  /// When its last event happened.
  public let changedAt: Instant

  /// Where the list goes on after this row.
  public var place: CasePlace { CasePlace(rank: rank, id: id.text) }
}

/// A place in a case list: what comes next begins after it.
public struct CasePlace: Sendable, Hashable {
  public let rank: Int64
  public let id: String

  public init(rank: Int64, id: String) {
    self.rank = rank
    self.id = id
  }
}

/// What a case list shows. What is nil or false does not narrow it.
public struct CaseFilter: Sendable {
  public var state: CaseState?
  /// Only what waits for a person: possible, open, quarantined.
  public var isPending = false
  /// A leaf or a group.
  public var category: String?
  public var mailbox: String?
  public var country: String?
  public var flag: String?
  /// The regime that sets the acknowledgement's date.
  public var regime: String?
  public var assignee: String?
  /// Acknowledgement due before this instant, and not yet acknowledged.
  public var dueBefore: Instant?
  public var receivedBefore: Instant?
  public var receivedSince: Instant?
  public var search: String?
  /// Only these mailboxes, for people who may see no others.
  public var mailboxes: [String]?
  public var after: CasePlace?
  /// Changed at or before this instant.
  public var changedBefore: Instant?
  /// The order that `after` is a place of.
  public var order = Order.urgency
  public var limit: Int

  /// What a list is sorted by.
  public enum Order: Sendable {
    /// What must happen next, first: the place is a rank and an id. A case's rank changes with it.
    case urgency
    /// By id alone, which never changes: no case is skipped or met twice however long a reader takes.
    case id
    /// The longest unchanged first: the place is an instant in seconds and an id.
    case change

    fileprivate var columns: String {
      switch self {
      case .urgency: "rank, id"
      case .id: "id"
      case .change: "changed, id"
      }
    }
  }

  public init(
    state: CaseState? = nil, category: String? = nil, dueBefore: Instant? = nil, search: String? = nil,
    limit: Int = 100_000
  ) {
    self.state = state
    self.category = category
    self.dueBefore = dueBefore
    self.search = search
    self.limit = limit
  }
}

/// The derived index.
public final class CaseIndex: Sendable {
  private let database: DatabasePool

  /// Raised when the tables change: an index of another version is rebuilt.
  private static let version = 3
  /// Text of a message that search covers; longer mail is searched by its beginning.
  private static let searchedText = 100_000
  /// Matches of a search that are looked at, the latest first: a word that is in every message costs no more.
  private static let searchedMatches = 5000

  /// Opens the index, rebuilding it from the files where it is missing, damaged or of another version.
  public convenience init(_ data: DataFolder) throws {
    do {
      try self.init(opening: data)
    } catch is DatabaseError {
      Self.remove(data)
      try self.init(opening: data)
    }
  }

  private init(opening data: DataFolder) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.maximumReaderCount = 2
    configuration.prepareDatabase {
      try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1000")
    }
    database = try DatabasePool(path: data.indexPath, configuration: configuration)
    let found = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    if found != Self.version {
      try database.write { try Self.createTables($0) }
      try rebuild(from: data)
    }
  }

  /// Throws the index away and makes it anew from the files.
  public static func reindex(_ data: DataFolder) throws -> CaseIndex {
    remove(data)
    return try CaseIndex(data)
  }

  private static func remove(_ data: DataFolder) {
    for suffix in ["", "-wal", "-shm"] { _ = unlink(data.indexPath + suffix) }
  }

  private static func createTables(_ database: Database) throws {
    try database.execute(
      sql: """
        DROP TABLE IF EXISTS arrival;
        DROP TABLE IF EXISTS message;
        DROP TABLE IF EXISTS cases;
        DROP TABLE IF EXISTS words;
        CREATE TABLE arrival (digest TEXT PRIMARY KEY, mailbox TEXT NOT NULL, place TEXT NOT NULL,
          seen INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE message (message_id TEXT NOT NULL, case_id TEXT NOT NULL,
          PRIMARY KEY (message_id, case_id)) WITHOUT ROWID;
        CREATE TABLE cases (id TEXT PRIMARY KEY, state TEXT NOT NULL, category TEXT NOT NULL,
          severity INTEGER NOT NULL, probability REAL NOT NULL, mailbox TEXT NOT NULL, country TEXT,
          received INTEGER NOT NULL, ack_due INTEGER, ack_regime TEXT, final_due INTEGER,
          acknowledged INTEGER, subject TEXT NOT NULL, complainant TEXT NOT NULL, reason TEXT NOT NULL,
          flags TEXT NOT NULL, assignee TEXT, events INTEGER NOT NULL, rank INTEGER NOT NULL,
          changed INTEGER NOT NULL);
        CREATE INDEX cases_pending ON cases (rank, id) WHERE state IN ('possible', 'open', 'quarantined');
        CREATE INDEX cases_state ON cases (state, rank, id);
        CREATE INDEX cases_changed ON cases (changed, id);
        CREATE INDEX cases_assignee ON cases (assignee, rank, id) WHERE assignee IS NOT NULL;
        CREATE INDEX cases_complainant ON cases (complainant, received);
        CREATE VIRTUAL TABLE words USING fts5(id UNINDEXED, subject, complainant, text);
        PRAGMA user_version = \(version);
        """)
  }

  private func rebuild(from data: DataFolder) throws {
    for mailbox in try Ledger.mailboxes(in: data) {
      var batch: [Arrival] = []
      let ledger = try Ledger(data, mailbox: mailbox)
      _ = try ledger.readAll { entry in
        if case .arrival(let arrival) = entry.event { batch.append(arrival) }
      }
      try note(batch, mailbox: mailbox)
    }
    let store = CaseStore(data)
    let messages = MessageStore(data)
    var batch: [(Case, String?)] = []
    try store.forEachID { id in
      // A case that cannot be read is `verify`'s business; the others must still be found.
      guard let current = try? store.read(id) else { return }
      let text = (try? messages.read(current.recorded.message.digest)).map { Message(parsing: $0).text }
      batch.append((current, text))
      if batch.count == 100 {
        try put(batch)
        batch = []
      }
    }
    try put(batch)
  }

  // MARK: arrivals

  /// Notes where each digest first arrived; the earliest sighting stays.
  public func note(_ arrivals: [Arrival], mailbox: String) throws {
    if arrivals.isEmpty { return }
    try database.write { database in
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO arrival VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE
          SET mailbox = excluded.mailbox, place = excluded.place, seen = excluded.seen
          WHERE excluded.seen < arrival.seen
          """)
      for arrival in arrivals {
        try statement.execute(arguments: [
          arrival.digest.hex, mailbox, arrival.source.description, arrival.seen.unixSeconds,
        ])
      }
    }
  }

  /// Which of these arrivals are the first sighting of their bytes.
  public func firstSightings(of arrivals: [Arrival], mailbox: String) throws -> Set<SourceID> {
    try database.read { database in
      let statement = try database.cachedStatement(sql: "SELECT mailbox, place FROM arrival WHERE digest = ?")
      var firsts: Set<SourceID> = []
      for arrival in arrivals {
        let row = try Row.fetchOne(statement, arguments: [arrival.digest.hex])
        if let row, row["mailbox"] as String == mailbox, row["place"] as String == arrival.source.description
        {
          firsts.insert(arrival.source)
        }
      }
      return firsts
    }
  }

  // MARK: cases

  /// Adds or refreshes cases; `text` is the first message's text for search, nil to keep what is there.
  public func put(_ cases: [(Case, text: String?)]) throws {
    if cases.isEmpty { return }
    try database.write { database in
      for (current, text) in cases {
        let row = CaseRow(current)
        try database.execute(
          sql:
            "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            row.id.text, row.state.rawValue, row.category, row.severity, row.probability, row.mailbox,
            row.country, row.receivedAt.unixSeconds, row.acknowledgeBy?.unixSeconds, row.acknowledgeRegime,
            row.finalBy?.unixSeconds, row.acknowledgedAt?.unixSeconds, row.subject, row.complainant,
            row.reason,
            row.flags.joined(separator: " "), row.assignee, row.events, row.rank, row.changedAt.unixSeconds,
          ])
        for message in current.messages {
          if let messageID = message.messageID {
            try database.execute(
              sql: "INSERT OR IGNORE INTO message VALUES (?, ?)", arguments: [messageID, current.id.text])
          }
        }
        if let text {
          try database.execute(sql: "DELETE FROM words WHERE id = ?", arguments: [current.id.text])
          let searched = String(decoding: text.utf8.prefix(Self.searchedText), as: UTF8.self)
          try database.execute(
            sql: "INSERT INTO words VALUES (?, ?, ?, ?)",
            arguments: [row.id.text, row.subject, row.complainant, searched])
        }
      }
    }
  }

  /// What must happen next, as one number, the most urgent lowest: safety flags first, then the time that what is
  /// due next is due (acknowledgement, then final response), then severity; what is done, the latest first.
  static func rank(_ current: Case) -> Int64 {
    let latest: Int64 = 1 << 38  // beyond the year 9999
    let verdict = current.recorded.verdict
    let severity = Int64(4 - min(max(verdict?.severity ?? 1, 1), 4))
    let due: Int64
    switch current.state {
    case .possible, .open, .quarantined: due = current.deadlines[.acknowledge]?.end.unixSeconds ?? latest
    case .acknowledged: due = current.deadlines[.final]?.end.unixSeconds ?? latest
    case .closed, .dismissed: return (2 << 50) - current.receivedAt.unixSeconds
    }
    let isSafety = verdict?.flags.contains { $0.kind == .safety } ?? false
    return (isSafety ? 0 : 1 << 50) + min(max(due, 0), latest) << 3 + severity
  }

  /// The cases that hold a message with one of these Message-IDs, by Message-ID. Empty ids match nothing.
  public func cases(holding messageIDs: [String]) throws -> [String: [CaseID]] {
    try database.read { database in
      let statement = try database.cachedStatement(sql: "SELECT case_id FROM message WHERE message_id = ?")
      var found: [String: [CaseID]] = [:]
      for messageID in messageIDs where !messageID.isEmpty {
        let ids = try String.fetchAll(statement, arguments: [messageID]).compactMap { CaseID($0) }
        if !ids.isEmpty { found[messageID] = ids }
      }
      return found
    }
  }

  /// How many cases stand in each state.
  public func counts() throws -> [CaseState: Int] {
    try database.read { database in
      var counts: [CaseState: Int] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT state, COUNT(*) AS number FROM cases GROUP BY state")
      {
        if let state = CaseState(rawValue: row["state"]) { counts[state] = row["number"] }
      }
      return counts
    }
  }

  /// How many cases pass the filter, counting no further than `limit`.
  public func count(_ filter: CaseFilter) throws -> Int {
    guard let query = Query(filter, searchedMatches: Self.searchedMatches) else { return 0 }
    return try database.read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE \(query.conditions) LIMIT \(filter.limit))",
        arguments: query.arguments) ?? 0
    }
  }

  /// The cases that pass the filter, by what must happen next (`rank`).
  public func list(_ filter: CaseFilter) throws -> [CaseRow] {
    guard let query = Query(filter, searchedMatches: Self.searchedMatches) else { return [] }
    let sql =
      "SELECT * FROM cases WHERE \(query.conditions) ORDER BY \(filter.order.columns) LIMIT \(filter.limit)"
    return try database.read { database in
      try Row.fetchAll(database, sql: sql, arguments: query.arguments).compactMap { CaseRow($0) }
    }
  }

  /// Other cases of the same complainant, the latest first; none where nobody knows who complains.
  ///
  /// - Parameter mailboxes: only cases of these; nil for all.
  public func others(like row: CaseRow, mailboxes: [String]?, limit: Int) throws -> [CaseRow] {
    guard !row.complainant.isEmpty else { return [] }
    let isSeen = mailboxes.map { "mailbox IN (\(databaseQuestionMarks(count: $0.count)))" } ?? "1"
    return try database.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM cases WHERE complainant = ? AND id != ? AND \(isSeen) ORDER BY received DESC LIMIT \(limit)
          """,
        arguments: [row.complainant, row.id.text] + StatementArguments(mailboxes ?? [])
      ).compactMap { CaseRow($0) }
    }
  }

  /// The row of a case.
  public func row(_ id: CaseID) throws -> CaseRow? {
    try database.read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM cases WHERE id = ?", arguments: [id.text]).flatMap {
        CaseRow($0)
      }
    }
  }

  /// The distinct values of a column that filters offer.
  public func mailboxesAndCountries() throws -> (mailboxes: [String], countries: [String]) {
    try database.read { database in
      (
        try String.fetchAll(database, sql: "SELECT DISTINCT mailbox FROM cases ORDER BY 1 LIMIT 100"),
        try String.fetchAll(
          database, sql: "SELECT DISTINCT country FROM cases WHERE country IS NOT NULL ORDER BY 1 LIMIT 300")
      )
    }
  }
}

/// A filter as SQL; nothing that a person types is part of the text.
private struct Query {
  let conditions: String
  let arguments: StatementArguments

  /// Nil where the filter can match nothing.
  init?(_ filter: CaseFilter, searchedMatches: Int) {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func equal(_ column: String, _ value: String?) {
      guard let value else { return }
      conditions.append("\(column) = ?")
      arguments += [value]
    }
    equal("state", filter.state?.rawValue)
    if filter.isPending { conditions.append("state IN ('possible', 'open', 'quarantined')") }
    if let category = filter.category {
      conditions.append("(category = ? OR substr(category, 1, length(?) + 1) = ? || '.')")
      arguments += [category, category, category]
    }
    equal("mailbox", filter.mailbox)
    equal("country", filter.country)
    equal("ack_regime", filter.regime)
    equal("assignee", filter.assignee)
    if let flag = filter.flag {
      conditions.append("instr(' ' || flags || ' ', ' ' || ? || ' ') > 0")
      arguments += [flag]
    }
    if let mailboxes = filter.mailboxes {
      if mailboxes.isEmpty { return nil }
      conditions.append("mailbox IN (\(databaseQuestionMarks(count: mailboxes.count)))")
      arguments += StatementArguments(mailboxes)
    }
    if let before = filter.dueBefore {
      conditions.append(
        "acknowledged IS NULL AND ack_due IS NOT NULL AND ack_due <= ? AND state IN ('possible', 'open', 'quarantined')"
      )
      arguments += [before.unixSeconds]
    }
    if let before = filter.receivedBefore {
      conditions.append("received <= ?")
      arguments += [before.unixSeconds]
    }
    if let since = filter.receivedSince {
      conditions.append("received >= ?")
      arguments += [since.unixSeconds]
    }
    if let search = filter.search {
      // Each word as a quoted string: nothing a person types is a query operator.
      let words = search.split(separator: " ").prefix(20).map { "\"\($0.replacingQuotes())\"" }
      guard !words.isEmpty else { return nil }
      conditions.append(
        "id IN (SELECT id FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT \(searchedMatches))")
      arguments += [words.joined(separator: " ")]
    }
    if let after = filter.after {
      if filter.order == .id {
        conditions.append("id > ?")
        arguments += [after.id]
      } else {
        conditions.append("(\(filter.order.columns)) > (?, ?)")
        arguments += [after.rank, after.id]
      }
    }
    if let before = filter.changedBefore {
      conditions.append("changed <= ?")
      arguments += [before.unixSeconds]
    }
    self.conditions = conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")
    self.arguments = arguments
  }
}

extension CaseRow {
  fileprivate init?(_ row: Row) {
    guard let id = CaseID(row["id"]), let state = CaseState(rawValue: row["state"]) else { return nil }
    func instant(_ column: String) -> Instant? {
      (row[column] as Int64?).map { Instant(unixSeconds: $0) }
    }
    self.init(
      id: id, state: state, category: row["category"], severity: row["severity"],
      probability: row["probability"], mailbox: row["mailbox"], country: row["country"],
      receivedAt: Instant(unixSeconds: row["received"]), acknowledgeBy: instant("ack_due"),
      acknowledgeRegime: row["ack_regime"], finalBy: instant("final_due"),
      acknowledgedAt: instant("acknowledged"), subject: row["subject"], complainant: row["complainant"],
      reason: row["reason"], flags: (row["flags"] as String).split(separator: " ").map(String.init),
      assignee: row["assignee"], events: row["events"], rank: row["rank"],
      changedAt: Instant(unixSeconds: row["changed"]))
  }
}

extension Substring {
  fileprivate func replacingQuotes() -> String { String(self.map { $0 == "\"" ? " " : $0 }) }
}
