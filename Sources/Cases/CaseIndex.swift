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
  /// The member number that the message states.
  public let member: String?
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
  /// Only the cases that a figure counts.
  public var figure: FigureFilter?
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

    fileprivate var columns: [String] {
      switch self {
      case .urgency: ["rank", "id"]
      case .id: ["id"]
      case .change: ["changed", "id"]
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
  let database: DatabasePool

  /// Raised when the tables change: an index of another version is rebuilt.
  private static let version = 8
  /// Text of a message that search covers; longer mail is searched by its beginning.
  private static let searchedText = 100_000
  /// Matches of a search that are looked at, the latest first: a word that is in every message costs no more.
  private static let searchedMatches = 600

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
      // What is taken out of the index is overwritten: it may have been somebody's name.
      try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA secure_delete = ON")
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

  /// Columns that filters ask for by equality. Each has its cases in the order of the list, by state and for what
  /// waits for a person, so that a page of a list reads its own rows and few others, however many cases there are.
  private static let facets = [
    ("category", mayBeMissing: false), ("category_group", false), ("mailbox", false), ("country", true),
    ("ack_regime", true), ("assignee", true),
  ]
  static let pending = "state IN ('possible', 'open', 'quarantined')"

  private static func createTables(_ database: Database) throws {
    for table in ["arrival", "message", "outgoing", "cases", "flags", "words", "measure", "erased"] {
      try database.execute(sql: "DROP TABLE IF EXISTS \(table)")
    }
    try database.execute(
      sql: """
        CREATE TABLE arrival (digest TEXT PRIMARY KEY, mailbox TEXT NOT NULL, place TEXT NOT NULL,
          seen INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE message (message_id TEXT NOT NULL, case_id TEXT NOT NULL,
          PRIMARY KEY (message_id, case_id)) WITHOUT ROWID;
        CREATE INDEX message_case ON message (case_id);
        CREATE TABLE erased (id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE outgoing (message_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, address TEXT NOT NULL,
          domain TEXT NOT NULL, queued INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX outgoing_address ON outgoing (address, queued);
        CREATE INDEX outgoing_case ON outgoing (case_id);
        CREATE INDEX outgoing_domain ON outgoing (domain, queued);
        CREATE TABLE cases (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
          category TEXT NOT NULL, category_group TEXT NOT NULL, severity INTEGER NOT NULL, probability REAL NOT NULL,
          mailbox TEXT NOT NULL, country TEXT, received INTEGER NOT NULL, ack_due INTEGER, ack_regime TEXT,
          final_due INTEGER, acknowledged INTEGER, subject TEXT NOT NULL, complainant TEXT NOT NULL, member TEXT,
          reason TEXT NOT NULL, flags TEXT NOT NULL, assignee TEXT, events INTEGER NOT NULL, rank INTEGER NOT NULL,
          changed INTEGER NOT NULL);
        CREATE INDEX cases_changed ON cases (changed, id);
        CREATE INDEX cases_rank ON cases (rank, id);
        CREATE INDEX pending_all ON cases (rank, id) WHERE \(pending);
        CREATE INDEX cases_state ON cases (state, rank, id);
        CREATE INDEX cases_due ON cases (ack_due, acknowledged, state, mailbox) WHERE \(pending) AND acknowledged IS NULL;
        \(figureIndexes)
        CREATE INDEX cases_complainant ON cases (complainant, received);
        CREATE INDEX cases_member ON cases (member, received) WHERE member IS NOT NULL;
        CREATE TABLE flags (flag TEXT NOT NULL, state TEXT NOT NULL, rank INTEGER NOT NULL, id TEXT NOT NULL,
          number INTEGER NOT NULL, PRIMARY KEY (flag, state, rank, id)) WITHOUT ROWID;
        CREATE INDEX flags_pending ON flags (flag, rank, id, number) WHERE \(pending);
        CREATE INDEX flags_number ON flags (number);
        CREATE VIRTUAL TABLE words USING fts5(subject, complainant, text);
        \(measureTable)
        PRAGMA user_version = \(version);
        """)
    for (facet, mayBeMissing) in facets {
      let present = "\(facet) IS NOT NULL"
      try database.execute(
        sql: """
          CREATE INDEX cases_\(facet) ON cases (\(facet), state, rank, id)\(mayBeMissing ? " WHERE " + present : "");
          CREATE INDEX pending_\(facet) ON cases (\(facet), rank, id)
            WHERE \(pending)\(mayBeMissing ? " AND " + present : "");
          """)
    }
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
      let text =
        current.recorded.mayBeParsed
        ? (try? messages.read(current.recorded.message.digest)).map { Message(parsing: $0).text } : nil
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
      for (current, text) in cases { try Self.put(current, text: text, database) }
    }
  }

  /// Takes out everything that was ever indexed of a case, but for its row, which is written anew.
  private static func forget(_ id: CaseID, _ database: Database) throws {
    for sql in [
      "DELETE FROM message WHERE case_id = ?", "DELETE FROM outgoing WHERE case_id = ?",
      "DELETE FROM words WHERE rowid = (SELECT number FROM cases WHERE id = ?)",
      "INSERT OR IGNORE INTO erased VALUES (?)",
    ] {
      try database.cachedStatement(sql: sql).execute(arguments: [id.text])
    }
  }

  private static func isErased(_ id: CaseID, _ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM erased WHERE id = ?"), arguments: [id.text]) ?? false
  }

  /// Makes the files of the index hold no more than its rows do: words that were taken out are merged away, and the
  /// log is emptied. Waits for whoever is reading.
  public func clean() throws {
    try database.writeWithoutTransaction { database in
      // FTS5 only marks a word's rows as deleted until its segments are merged.
      try database.execute(sql: "INSERT INTO words (words) VALUES ('optimize')")
      try database.checkpoint(.truncate)
    }
  }

  /// Refreshes what a decision changed.
  public func put(_ current: Case, and other: Case?) throws {
    try put(([current] + [other].compactMap { $0 }).map { ($0, text: nil) })
  }

  private static let columns = [
    "id", "state", "category", "category_group", "severity", "probability", "mailbox", "country", "received",
    "ack_due", "ack_regime", "final_due", "acknowledged", "subject", "complainant", "member", "reason",
    "flags",
    "assignee", "events", "rank", "changed",
  ]
  /// A case keeps its number, which search goes by.
  private static let upsert = """
    INSERT INTO cases (\(columns.joined(separator: ", "))) VALUES (\(databaseQuestionMarks(count: columns.count)))
    ON CONFLICT (id) DO UPDATE SET \(columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
    RETURNING number
    """

  private static func put(_ current: Case, text: String?, _ database: Database) throws {
    let row = CaseRow(current)
    let origin = current.recorded.splitFrom
    let text = current.isErased ? nil : text
    if current.isErased {
      try forget(current.id, database)
    } else if try isErased(current.id, database) {
      // Somebody read the case before it was erased, and is late.
      return
    }
    let number = try Int64.fetchOne(
      database.cachedStatement(sql: upsert),
      arguments: [
        row.id.text, row.state.rawValue, row.category, String(row.category.prefix { $0 != "." }),
        row.severity,
        row.probability, row.mailbox, row.country, row.receivedAt.unixSeconds, row.acknowledgeBy?.unixSeconds,
        row.acknowledgeRegime, row.finalBy?.unixSeconds, row.acknowledgedAt?.unixSeconds, row.subject,
        row.complainant, row.member, row.reason, row.flags.joined(separator: " "), row.assignee, row.events,
        row.rank, row.changedAt.unixSeconds,
      ])
    if let number { try put(CaseMeasure(current), number: number, database) }
    try database.cachedStatement(sql: "DELETE FROM flags WHERE number = ?").execute(arguments: [number])
    for flag in row.flags {
      try database.cachedStatement(sql: "INSERT INTO flags VALUES (?, ?, ?, ?, ?)").execute(
        arguments: [flag, row.state.rawValue, row.rank, row.id.text, number])
    }
    if current.isErased { return }
    // What answers the message joins the case that it was split from.
    for message in current.messages where origin == nil {
      if let messageID = message.messageID {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO message VALUES (?, ?)").execute(
          arguments: [messageID, current.id.text])
      }
    }
    for event in current.events {
      guard let outgoing = event.details.outgoing else { continue }
      // An answer to what we sent names our Message-ID, and so belongs to the case.
      try database.cachedStatement(sql: "INSERT OR IGNORE INTO message VALUES (?, ?)").execute(
        arguments: [outgoing.messageID, current.id.text])
      let address = outgoing.to.asciiLowercased()
      try database.cachedStatement(sql: "INSERT OR IGNORE INTO outgoing VALUES (?, ?, ?, ?, ?)").execute(
        arguments: [
          outgoing.messageID, current.id.text, address, domain(of: address), event.at.unixSeconds,
        ])
    }
    if let text {
      let searched = String(decoding: text.utf8.prefix(searchedText), as: UTF8.self)
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO words (rowid, subject, complainant, text) VALUES (?, ?, ?, ?)"
      )
      .execute(arguments: [number, row.subject, row.complainant, searched])
    } else if let origin, current.events.count <= 2 {
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO words (rowid, subject, complainant, text) SELECT ?, subject, complainant, text FROM words
          WHERE rowid = (SELECT number FROM cases WHERE id = ?)
          """, arguments: [number, origin.text])
    } else if current.events.last?.kind == .corrected || current.events.last?.kind == .undone {
      try database.execute(
        sql: "UPDATE words SET complainant = ? WHERE rowid = ? AND complainant != ?",
        arguments: [row.complainant, number, row.complainant])
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

  // MARK: what we sent

  private static func domain(of address: String) -> String {
    guard let at = address.utf8.lastIndex(of: 0x40) else { return "" }
    return String(address[address.utf8.index(after: at)...])
  }

  /// The case that a message of ours, by its Message-ID, was about.
  public func caseOfOutgoing(_ messageIDs: [String]) throws -> CaseID? {
    try database.read { database in
      let statement = try database.cachedStatement(sql: "SELECT case_id FROM outgoing WHERE message_id = ?")
      for messageID in messageIDs where !messageID.isEmpty {
        if let id = try String.fetchOne(statement, arguments: [messageID]).flatMap({ CaseID($0) }) {
          return id
        }
      }
      return nil
    }
  }

  /// How many messages of ours were queued to this address, and to its domain, since an instant.
  public func outgoing(
    to address: String, since: Instant
  ) throws -> (address: Int, domain: Int) {
    let address = address.asciiLowercased()
    return try database.read { database in
      func count(_ column: String, _ value: String) throws -> Int {
        try Int.fetchOne(
          database, sql: "SELECT COUNT(*) FROM outgoing WHERE \(column) = ? AND queued >= ?",
          arguments: [value, since.unixSeconds]) ?? 0
      }
      return (try count("address", address), try count("domain", Self.domain(of: address)))
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
        database.cachedStatement(
          sql:
            "SELECT COUNT(*) FROM (SELECT 1 FROM \(query.tables) WHERE \(query.conditions) LIMIT \(filter.limit))"
        ),
        arguments: query.arguments) ?? 0
    }
  }

  /// The cases that pass the filter, by what must happen next (`rank`).
  public func list(_ filter: CaseFilter) throws -> [CaseRow] {
    try database.read { database in
      let leader = try Self.leader(of: filter, database)
      guard let query = Query(filter, searchedMatches: Self.searchedMatches, leader: leader) else {
        return []
      }
      return try Row.fetchAll(
        database.cachedStatement(sql: query.list(limit: filter.limit)), arguments: query.arguments
      ).compactMap {
        CaseRow($0)
      }
    }
  }

  /// Of several columns that a filter narrows by, the one with the fewest cases: its index is walked in the list's order
  /// and the others are looked up. Nil where there is one at the most, or the list is found another way.
  private static func leader(of filter: CaseFilter, _ database: Database) throws -> String? {
    let facets = Query.facets(of: filter)
    guard facets.count > 1, Query.isInOrder(filter) else { return nil }
    var fewest: (count: Int, column: String)?
    for (column, value) in facets {
      let (table, state) =
        column == "flag" ? ("flags", "flags_pending") : ("cases", "pending_\(column)")
      let condition = filter.state.map { "state = '\($0.rawValue)'" } ?? Self.pending
      let index = filter.state == nil ? " INDEXED BY \(state)" : ""
      let count =
        try Int.fetchOne(
          database.cachedStatement(
            sql: """
              SELECT COUNT(*) FROM (SELECT 1 FROM \(table)\(index) WHERE \(column) = ? AND \(condition)
              LIMIT \(fewest?.count ?? Self.countedCases))
              """), arguments: [value]) ?? 0
      if count < fewest?.count ?? Int.max { fewest = (count, column) }
    }
    return fewest?.column
  }

  /// Beyond this many cases a column narrows too little to be told from another.
  private static let countedCases = 20_000

  /// Other cases of the same complainant or member, the latest first; none where nobody knows who complains.
  ///
  /// - Parameter mailboxes: only cases of these; nil for all.
  public func others(like row: CaseRow, mailboxes: [String]?, limit: Int) throws -> [CaseRow] {
    let isSeen = mailboxes.map { "mailbox IN (\(databaseQuestionMarks(count: $0.count)))" } ?? "1"
    return try database.read { database in
      var found: [CaseRow] = []
      for (column, value) in [("complainant", row.complainant), ("member", row.member ?? "")]
      where !value.isEmpty && value != CaseRow.erasedComplainant {
        found += try Row.fetchAll(
          database.cachedStatement(
            sql: """
              SELECT * FROM cases WHERE \(column) = ? AND id != ? AND \(isSeen) ORDER BY received DESC LIMIT \(limit)
              """),
          arguments: [value, row.id.text] + StatementArguments(mailboxes ?? [])
        ).compactMap { CaseRow($0) }
      }
      var seen: Set<CaseID> = []
      return Array(
        found.sorted { $0.receivedAt.unixSeconds > $1.receivedAt.unixSeconds }.filter {
          seen.insert($0.id).inserted
        }
        .prefix(limit))
    }
  }

  /// How SQLite would read a list, for tests.
  func plan(_ filter: CaseFilter) throws -> String {
    guard let query = Query(filter, searchedMatches: Self.searchedMatches) else { return "" }
    return try database.read { database in
      try Row.fetchAll(
        database, sql: "EXPLAIN QUERY PLAN " + query.list(limit: 51), arguments: query.arguments
      )
      .map { $0["detail"] as String }.joined(separator: "; ")
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

  /// The mailboxes and countries that filters offer.
  public func mailboxesAndCountries() throws -> (mailboxes: [String], countries: [String]) {
    try database.read { database in
      (try Self.values(of: "mailbox", database), try Self.values(of: "country", database))
    }
  }

  /// The distinct values of an indexed column, each found by a step in its index: DISTINCT would read every entry.
  private static func values(of column: String, _ database: Database) throws -> [String] {
    try String.fetchAll(
      database.cachedStatement(
        sql: """
          WITH RECURSIVE found(value) AS (
            SELECT (SELECT \(column) FROM cases WHERE \(column) IS NOT NULL ORDER BY \(column) LIMIT 1)
            UNION ALL SELECT (SELECT \(column) FROM cases WHERE \(column) > found.value ORDER BY \(column) LIMIT 1)
            FROM found WHERE found.value IS NOT NULL LIMIT 300)
          SELECT value FROM found WHERE value IS NOT NULL
          """))
  }
}

/// A filter as SQL; nothing that a person types is part of the text.
private struct Query {
  /// What stands after FROM: the table that leads the search first.
  let tables: String
  let conditions: String
  let arguments: StatementArguments
  /// What the list is sorted by.
  let order: String

  func list(limit: Int) -> String {
    "SELECT cases.* FROM \(tables) WHERE \(conditions) ORDER BY \(order) LIMIT \(limit)"
  }

  /// The columns that a filter asks for by equality.
  static func facets(of filter: CaseFilter) -> [(column: String, value: String)] {
    let isGroup = filter.category.map { !$0.contains(".") } ?? false
    let all: [(String, String?)] = [
      ("assignee", filter.assignee), ("country", filter.country),
      ("category", isGroup ? nil : filter.category), ("category_group", isGroup ? filter.category : nil),
      ("flag", filter.flag), ("ack_regime", filter.regime), ("mailbox", filter.mailbox),
    ]
    return all.compactMap { column, value in value.map { (column, $0) } }
  }

  /// Whether an index has a list's cases in order. A search finds its own way, and so does what is due by a date.
  static func isInOrder(_ filter: CaseFilter) -> Bool {
    filter.order == .urgency && filter.search == nil && filter.dueBefore == nil
      && (filter.isPending || filter.state != nil)
  }

  /// Named, because SQLite would rather find cases by state and sort them all.
  private static func index(for filter: CaseFilter, leader: String?) -> String {
    guard isInOrder(filter) else { return "" }
    return " INDEXED BY "
      + (filter.isPending ? "pending_" + (leader ?? "all") : "cases_" + (leader ?? "state"))
  }

  /// Nil where the filter can match nothing.
  ///
  /// - Parameter leader: the column whose index is walked; the only one, or whichever has the fewest cases.
  init?(_ filter: CaseFilter, searchedMatches: Int, leader chosen: String? = nil) {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func equal(_ column: String, _ value: String?) {
      guard let value else { return }
      conditions.append("\(column) = ?")
      arguments += [value]
    }
    // A flag's own table has its cases in order, so it leads.
    let column = chosen ?? Self.facets(of: filter).first?.column
    let isByFlag = column == "flag" && filter.order == .urgency && filter.search == nil
    let leader = isByFlag ? "flags" : "cases"
    order = filter.order.columns.map { "\(leader).\($0)" }.joined(separator: ", ")
    if let search = filter.search {
      // Each word as a quoted string: nothing a person types is a query operator.
      let words = search.split(separator: " ").prefix(20).map { "\"\($0.replacingQuotes())\"" }
      guard !words.isEmpty else { return nil }
      // What the words are in leads: SQLite would rather walk all cases of a state and look for each among the matches.
      tables = """
        (SELECT rowid AS found FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT \(searchedMatches))
        CROSS JOIN cases ON cases.number = found
        """
      arguments += [words.joined(separator: " ")]
    } else if isByFlag {
      tables = "flags CROSS JOIN cases ON cases.number = flags.number"
    } else {
      tables = "cases\(Self.index(for: filter, leader: column))"
    }
    if isByFlag {
      equal("flags.flag", filter.flag)
    } else if let flag = filter.flag {
      conditions.append("instr(' ' || cases.flags || ' ', ' ' || ? || ' ') > 0")
      arguments += [flag]
    }
    equal("\(leader).state", filter.state?.rawValue)
    if filter.isPending { conditions.append("\(leader).\(CaseIndex.pending)") }
    if let category = filter.category {
      equal(category.contains(".") ? "cases.category" : "cases.category_group", category)
    }
    equal("cases.mailbox", filter.mailbox)
    equal("cases.country", filter.country)
    equal("cases.ack_regime", filter.regime)
    equal("cases.assignee", filter.assignee)
    if let mailboxes = filter.mailboxes {
      if mailboxes.isEmpty { return nil }
      conditions.append("cases.mailbox IN (\(databaseQuestionMarks(count: mailboxes.count)))")
      arguments += StatementArguments(mailboxes)
    }
    if let before = filter.dueBefore {
      conditions.append("cases.acknowledged IS NULL AND cases.ack_due <= ? AND cases.\(CaseIndex.pending)")
      arguments += [before.unixSeconds]
    }
    if let before = filter.receivedBefore {
      conditions.append("cases.received <= ?")
      arguments += [before.unixSeconds]
    }
    if let since = filter.receivedSince {
      conditions.append("received >= ?")
      arguments += [since.unixSeconds]
    }
    if let figure = filter.figure {
      let (sql, values) = figure.conditions
      conditions.append("cases.number IN (SELECT number FROM measure WHERE \(sql))")
      arguments += values
    }
    if let after = filter.after {
      if filter.order == .id {
        conditions.append("cases.id > ?")
        arguments += [after.id]
      } else {
        conditions.append("(\(order)) > (?, ?)")
        arguments += [after.rank, after.id]
      }
    }
    if let before = filter.changedBefore {
      conditions.append("cases.changed <= ?")
      arguments += [before.unixSeconds]
    }
    self.conditions = conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")
    self.arguments = arguments
  }
}

extension CaseRow {
  init?(_ row: Row) {
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
      member: row["member"], reason: row["reason"],
      flags: (row["flags"] as String).split(separator: " ").map(String.init),
      assignee: row["assignee"], events: row["events"], rank: row["rank"],
      changedAt: Instant(unixSeconds: row["changed"]))
  }
}

extension Substring {
  fileprivate func replacingQuotes() -> String { String(self.map { $0 == "\"" ? " " : $0 }) }
}
