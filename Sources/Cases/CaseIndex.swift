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
}

/// What a case list shows.
public struct CaseFilter: Sendable {
  public var state: CaseState?
  public var category: String?
  /// Acknowledgement due before this instant, and not yet acknowledged.
  public var dueBefore: Instant?
  public var search: String?
  public var limit: Int

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
  private static let version = 1
  /// Text of a message that search covers; longer mail is searched by its beginning.
  private static let searchedText = 100_000

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
          flags TEXT NOT NULL, assignee TEXT);
        CREATE INDEX cases_state_due ON cases (state, ack_due);
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
        let recorded = current.recorded
        let acknowledge = recorded.deadlines[.acknowledge]
        let complainant = [recorded.complainant.name, recorded.complainant.address].compactMap { $0 }
          .joined(separator: " ")
        try database.execute(
          sql: "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            current.id.text, current.state.rawValue, current.category, recorded.verdict?.severity ?? 1,
            recorded.verdict?.probability ?? 0, recorded.message.source.mailbox, recorded.country,
            recorded.receivedAt.unixSeconds, acknowledge?.end.unixSeconds, acknowledge?.regime,
            recorded.deadlines[.final]?.end.unixSeconds, current.acknowledgedAt?.unixSeconds,
            recorded.message.subject, complainant,
            recorded.quarantineReason ?? recorded.verdict?.reason ?? "",
            (recorded.verdict?.flags.map { $0.kind.rawValue } ?? []).joined(separator: " "), current.assignee,
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
            arguments: [current.id.text, recorded.message.subject, complainant, searched])
        }
      }
    }
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

  /// The cases that pass the filter, by what must happen next: acknowledgement first, then receipt.
  public func list(_ filter: CaseFilter) throws -> [CaseRow] {
    var conditions: [String] = ["1"]
    var arguments: StatementArguments = []
    if let state = filter.state {
      conditions.append("state = ?")
      arguments += [state.rawValue]
    }
    if let category = filter.category {
      conditions.append("(category = ? OR substr(category, 1, length(?) + 1) = ? || '.')")
      arguments += [category, category, category]
    }
    if let before = filter.dueBefore {
      conditions.append(
        "acknowledged IS NULL AND ack_due IS NOT NULL AND ack_due <= ? AND state IN ('open', 'possible', 'quarantined')"
      )
      arguments += [before.unixSeconds]
    }
    if let search = filter.search {
      // Each word as a quoted string: nothing a person types is a query operator.
      let words = search.split(separator: " ").map { "\"\($0.replacingQuotes())\"" }
      guard !words.isEmpty else { return [] }
      conditions.append("id IN (SELECT id FROM words WHERE words MATCH ?)")
      arguments += [words.joined(separator: " ")]
    }
    let sql =
      "SELECT * FROM cases WHERE \(conditions.joined(separator: " AND ")) "
      + "ORDER BY ack_due IS NULL, ack_due, received, id LIMIT \(filter.limit)"
    return try database.read { database in
      try Row.fetchAll(database, sql: sql, arguments: arguments).compactMap { row in
        guard let id = CaseID(row["id"]), let state = CaseState(rawValue: row["state"]) else { return nil }
        func instant(_ column: String) -> Instant? {
          (row[column] as Int64?).map { Instant(unixSeconds: $0) }
        }
        return CaseRow(
          id: id, state: state, category: row["category"], severity: row["severity"],
          probability: row["probability"], mailbox: row["mailbox"], country: row["country"],
          receivedAt: Instant(unixSeconds: row["received"]), acknowledgeBy: instant("ack_due"),
          acknowledgeRegime: row["ack_regime"], finalBy: instant("final_due"),
          acknowledgedAt: instant("acknowledged"), subject: row["subject"], complainant: row["complainant"],
          reason: row["reason"], flags: (row["flags"] as String).split(separator: " ").map(String.init),
          assignee: row["assignee"])
      }
    }
  }
}

extension Substring {
  fileprivate func replacingQuotes() -> String { String(self.map { $0 == "\"" ? " " : $0 }) }
}
