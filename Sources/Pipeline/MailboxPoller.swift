// One mailbox, one pass: what does it show that we do not have? Fetch it, record it, tell the server, and make
// the sum come out.

import Cases
import Deadlines
import IMAP
import Logging
import Metering
import Synchronization
import Transport

/// Which mail of a mailbox is taken at the first look.
public enum FirstRun: Sendable, Equatable {
  /// Only what arrives from now on.
  case now
  case all
  /// What the server received on or after this day (IMAP SINCE, the server's own time zone).
  case since(CivilDate)
}

/// What the server is told once a message is recorded. Nothing is ever deleted or marked \Seen.
public enum AfterRecording: Sendable, Equatable {
  /// Nothing: the mailbox is opened read-only.
  case keep
  case keyword(String)
  case move(MailboxName)
}

/// A mailbox to watch.
public struct MailboxSettings: Sendable {
  public var rules: MailboxRules
  public var server: ServerSettings
  public var credentials: Credentials
  public var folder: MailboxName
  public var from: FirstRun
  public var after: AfterRecording
  /// Seconds between polls where IDLE is missing, and the longest between two looks where it is not.
  public var pollEvery: Int
  public var idle: Bool
  /// A message above this many bytes is fetched in parts to disk.
  public var sizeLimit: Int

  public init(
    rules: MailboxRules, server: ServerSettings, credentials: Credentials, folder: MailboxName,
    from: FirstRun = .now, after: AfterRecording = .keep, pollEvery: Int = 60, idle: Bool = true,
    sizeLimit: Int = 25 << 20
  ) {
    self.rules = rules
    self.server = server
    self.credentials = credentials
    self.folder = folder
    self.from = from
    self.after = after
    self.pollEvery = pollEvery
    self.idle = idle
    self.sizeLimit = sizeLimit
  }
}

/// What one pass did.
public struct PassReport: Sendable {
  public var reconciliation: Reconciliation
  public var settled: [SettledMessage] = []
  /// Messages that the server was told about.
  public var told = 0
  /// What was not as it should be, in words, without personal data.
  public var anomalies: [String] = []
}

/// Trouble that is not the server's: the pass stops before anything is taken.
public struct PollError: Error, Sendable, CustomStringConvertible {
  /// The name under which operations know it.
  public let alarm: String
  public let description: String

  /// Too little room: nothing is fetched.
  static let lowDisk = "disk-low"
}

/// Polls one mailbox; keeps its connection between passes.
///
/// Not for concurrent use: one watcher a mailbox and process. Two processes on one mailbox are safe; each
/// message is then recorded by whoever is first.
public final class MailboxPoller: Sendable {
  public let settings: MailboxSettings
  let intake: Intake
  let logger: Logger
  /// Beats with every step of a pass, every packet and every batch that is recorded.
  public let heartbeat = Heartbeat()

  private struct State {
    var ledger: Ledger?
    var connection: Connection?
    var status: MailboxStatus?
    /// The last look at all UIDs, on the monotonic clock.
    var lastFullLook: ContinuousClock.Instant?
    /// Whether the last pass left messages that the mailbox showed; they lie below the highest that arrived.
    var leftSome = false
    /// What the pass under way found, and how much had arrived before it; nil between passes.
    var taking: (found: Int, arrivedBefore: Int)?
  }
  private let state = Mutex(State())

  /// All UIDs are compared at least this often, so that mail below the high-water mark is found too.
  private static let fullLookEvery = Duration.seconds(3600)
  /// UIDs told to the server in one command.
  private static let settleChunk = 500

  public init(_ settings: MailboxSettings, intake: Intake, logger: Logger) {
    self.settings = settings
    self.intake = intake
    var logger = logger
    logger[metadataKey: "mailbox"] = "\(settings.rules.name)"
    self.logger = logger
  }

  public var connection: Connection? { state.withLock { $0.connection } }

  /// The mailbox's ledger; nil before the first pass.
  public var openLedger: Ledger? { state.withLock { $0.ledger } }

  /// Notes that something got on.
  func beat() { heartbeat.beat() }

  /// When something last got on.
  public var lastBeat: ContinuousClock.Instant { .now - heartbeat.silence }

  /// Messages that the pass under way has found and not yet on disk.
  public var backlog: Int {
    let (taking, ledger) = state.withLock { ($0.taking, $0.ledger) }
    guard let taking, let ledger else { return 0 }
    return max(0, taking.found - (ledger.withState { $0.arrivals } - taking.arrivedBefore))
  }

  /// Makes whatever the poller is waiting for end now.
  public func abort() { connection?.abort() }

  /// Ends the connection politely.
  public func close() async {
    let connection = state.withLock { state in
      defer { state.connection = nil }
      return state.connection
    }
    await connection?.close()
  }

  private func ledger() async throws -> Ledger {
    if let ledger = state.withLock({ $0.ledger }) { return ledger }
    let intake = intake
    let name = settings.rules.name
    let ledger = try await intake.pool.run { try Ledger(intake.data, mailbox: name) }
    state.withLock { $0.ledger = ledger }
    return ledger
  }

  // MARK: a pass

  /// Takes everything that is new, and accounts for it.
  ///
  /// - Throws: `IMAPError` for trouble with the server, `DiskError` for ours. The connection is gone then; what
  ///   was recorded stays, and the next pass goes on from there.
  public func pass() async throws -> PassReport {
    beat()
    defer {
      state.withLock { $0.taking = nil }
      beat()
    }
    do {
      return try await passOnce()
    } catch {
      let connection = state.withLock { state in
        defer {
          state.connection = nil
          state.status = nil
        }
        return state.connection
      }
      connection?.abort()
      throw error
    }
  }

  private func passOnce() async throws -> PassReport {
    let ledger = try await ledger()
    let intake = intake
    let rules = settings.rules
    let redone = try await onOwnThread {
      try ledger.refresh()
      return try intake.redoPending(ledger, rules: rules)
    }
    let free = try intake.data.freeBytes()
    guard free >= intake.limits.lowDisk else {
      throw PollError(
        alarm: PollError.lowDisk,
        description: "\(intake.data.path): only \(free >> 20) MiB are free, less than low_disk "
          + "(\(intake.limits.lowDisk >> 20) MiB); nothing is fetched until there is room, the mailbox keeps the mail"
      )
    }

    var anomalies: [String] = []
    let (connection, status) = try await open()
    let epoch = status.uidValidity.rawValue
    try await determineScope(status, connection: connection, ledger: ledger, anomalies: &anomalies)
    let shown = try await look(connection, status, ledger: ledger)
    let new = ledger.withState { state in
      shown.filter { uid in
        !(state.epochs[epoch]?.arrived.contains(uid) ?? false) && (state.epochs[epoch]?.isOurs(uid) ?? true)
      }
    }
    var settled = redone
    if !new.isEmpty {
      let arrivedBefore = ledger.withState { $0.arrivals }
      state.withLock { $0.taking = (new.count, arrivedBefore) }
      settled += try await take(
        new, epoch: epoch, connection: connection, ledger: ledger, anomalies: &anomalies)
    }
    let told = try await tellServer(shown: shown, epoch: epoch, connection: connection, ledger: ledger)

    let (reconciliation, leftSome) = ledger.withState { state in
      let open = new.filter { uid in
        let known = state.epochs[epoch]
        return !(known?.arrived.contains(uid) ?? false) && !(known?.vanished.contains(uid) ?? false)
      }
      return (Reconciliation(mailbox: rules.name, state: state, notFetched: open.count), !open.isEmpty)
    }
    state.withLock { $0.leftSome = leftSome }
    if reconciliation.gap != 0 {
      logger.error("ledger-gap", metadata: ["reconciliation": "\(reconciliation)"])
    }
    PipelineMetrics.anomalies.add(anomalies.count, rules.name)
    for anomaly in anomalies {
      logger.warning("anomaly", metadata: ["what": "\(ServerText.withoutAddresses(anomaly))"])
    }
    return PassReport(
      reconciliation: reconciliation, settled: settled, told: told, anomalies: anomalies)
  }

  private func open() async throws -> (Connection, MailboxStatus) {
    if let open = state.withLock({ state in state.connection.flatMap { c in state.status.map { (c, $0) } } })
    {
      return open
    }
    let connection = Connection(
      settings: settings.server, credentials: settings.credentials, logger: logger, heartbeat: heartbeat)
    // Known before it is open, so that `abort` reaches a connection that hangs while it opens.
    state.withLock { $0.connection = connection }
    try await connection.open()
    // Read-only where nothing is to be told: then nothing can be altered either.
    let status = try await connection.select(settings.folder, readOnly: settings.after == .keep)
    if case .keyword(let keyword) = settings.after, !status.readOnly, !status.allowsKeywords {
      throw PollError(
        alarm: "server-unsuited",
        description: "\(settings.rules.name): the server does not keep the keyword \(keyword) in this folder "
          + "(no \\* in PERMANENTFLAGS); use `after: keep` or `after: {move: …}`")
    }
    state.withLock {
      $0.status = status
      $0.lastFullLook = nil
    }
    return (connection, status)
  }

  /// Writes down, once for each UIDVALIDITY, which UIDs are ours to take.
  private func determineScope(
    _ status: MailboxStatus, connection: Connection, ledger: Ledger, anomalies: inout [String]
  ) async throws {
    let epoch = status.uidValidity.rawValue
    let (known, others, begun) = ledger.withState {
      ($0.epochs[epoch]?.scope != nil, $0.epochs.values.contains { $0.scope != nil }, $0.begun)
    }
    if known { return }
    var firstUID: UInt32 = 1
    var older = NumberRanges()
    if settings.from != .all {
      var since: CivilDate?
      if case .since(let date) = settings.from { since = date }
      if others, since == nil, let begun {
        // The folder was renumbered. What came since the first look is ours, known by its digest where we have
        // it; a day earlier, because SINCE counts the server's days.
        since = Instant(unixSeconds: begun.unixSeconds - 86400).utcDate
      }
      if let next = status.uidNext {
        firstUID = next.rawValue
      } else {
        let all = try await connection.search(.all)
        firstUID = (all.last.map { $0.rawValue } ?? 0) &+ 1
      }
      if let since {
        for uid in try await connection.search(.since(year: since.year, month: since.month, day: since.day)) {
          if uid.rawValue < firstUID { older.insert(uid.rawValue) }
        }
      }
    }
    if others {
      anomalies.append(
        "UIDVALIDITY is now \(epoch): the server renumbered the folder; messages are known again by their bytes"
      )
    }
    let now = intake.currentTime
    let scope = LedgerEntry.Event.scope(uidValidity: epoch, firstUID: firstUID, older: older)
    try await onOwnThread { try ledger.append([scope], at: now) }
  }

  /// The UIDs that the mailbox shows, ours or not: all of them now and then, otherwise those after the last.
  private func look(_ connection: Connection, _ status: MailboxStatus, ledger: Ledger) async throws
    -> [UInt32]
  {
    // A server may show a message to SEARCH only once it has announced it, which it does at the next command.
    if state.withLock({ $0.lastFullLook }) != nil { _ = try await connection.noop() }
    let now = ContinuousClock.now
    let lastFull = state.withLock { $0.lastFullLook }
    let epoch = status.uidValidity.rawValue
    let (last, scope) = ledger.withState { ($0.epochs[epoch]?.arrived.last ?? 0, $0.epochs[epoch]?.scope) }
    let leftSome = state.withLock { $0.leftSome }
    var isFull = leftSome || lastFull.map { now - $0 > Self.fullLookEvery } ?? true
    // What is moved away leaves a short list, and all of what is left is looked at.
    if case .move = settings.after { isFull = true }
    var first = last &+ 1
    if isFull { first = min(scope?.firstUID ?? 1, scope?.older.first ?? .max) }
    // `n:*` also returns the last message when its UID is below n (RFC 9051 §6.4.9): the filters drop it.
    let shown = try await connection.search(.uids(from: UID(first) ?? .first)).map(\.rawValue)
    if isFull { state.withLock { $0.lastFullLook = now } }
    return shown
  }

  /// Fetches UIDs and records what comes, two stages behind the connection.
  private func take(
    _ uids: [UInt32], epoch: UInt32, connection: Connection, ledger: Ledger, anomalies: inout [String]
  ) async throws -> [SettledMessage] {
    let wanted = uids.compactMap { UID($0) }
    let sizes = try await connection.sizes(UIDSet(wanted))
    let large = wanted.filter { (sizes[$0] ?? 0) > settings.sizeLimit }
    let ordinary = wanted.filter { (sizes[$0] ?? 0) <= settings.sizeLimit }
    let line = AssemblyLine(
      intake: intake, ledger: ledger, rules: settings.rules, heartbeat: heartbeat)
    let spill = intake.data.path + "/tmp"
    var settled: [SettledMessage] = []
    do {
      var missing: [UInt32] = []
      let summary = try await connection.fetch(
        ordinary, sizes: sizes, spillDirectory: spill, memoryLimit: intake.limits.memoryLimit
      ) { message in
        beat()
        let content: IncomingMessage.Content =
          switch message.content {
          case .memory(let bytes): .memory(bytes)
          case .file(let path, _): .file(path: path)
          }
        line.add(
          IncomingMessage(
            source: .imap(uidValidity: epoch, uid: message.uid.rawValue), content: content,
            internalDate: message.internalDate.map { Instant(unixSeconds: $0) }))
      }
      missing += summary.missing.map(\.rawValue)
      anomalies += summary.refused.map { "UID \($0.uid): not fetched: \($0.reason)" }
      anomalies += Self.summed(summary.anomalies)
      for uid in large {
        beat()
        let path = intake.data.newTemporary()
        let part = try await connection.fetchInParts(uid, size: sizes[uid] ?? 0, to: path)
        line.add(
          IncomingMessage(
            source: .imap(uidValidity: epoch, uid: uid.rawValue), content: .file(path: path),
            internalDate: part.internalDate.map { Instant(unixSeconds: $0) }))
      }
      settled = try await line.finish()
      try await noteVanished(missing, epoch: epoch, connection: connection, ledger: ledger)
    } catch {
      // What is on the line already is recorded; only then is the error passed on.
      _ = try? await line.finish()
      throw error
    }
    return settled
  }

  /// Anomalies in words; of a kind that a server shows with every message, the first three and a count.
  private static func summed(_ anomalies: [FetchAnomaly]) -> [String] {
    var lines: [String] = []
    for (kind, group) in Dictionary(grouping: anomalies, by: \.kind).sorted(by: {
      $0.key.rawValue < $1.key.rawValue
    }) {
      lines += group.prefix(3).map { "\($0)" }
      if group.count > 3 { lines.append("and \(group.count - 3) more of \(kind.rawValue)") }
    }
    return lines
  }

  /// Messages that were shown and then not delivered: gone if a second look does not show them either.
  private func noteVanished(
    _ missing: [UInt32], epoch: UInt32, connection: Connection, ledger: Ledger
  ) async throws {
    if missing.isEmpty { return }
    let asked = UIDSet(missing.compactMap { UID($0) })
    let still = Set(try await connection.search(.set(asked)).map(\.rawValue))
    let events = missing.filter { !still.contains($0) }
      .map { LedgerEntry.Event.vanished(.imap(uidValidity: epoch, uid: $0)) }
    let now = intake.currentTime
    try await onOwnThread { try ledger.append(events, at: now) }
  }

  /// Tells the server about messages whose outcome is on disk, and about no others.
  private func tellServer(
    shown: [UInt32], epoch: UInt32, connection: Connection, ledger: Ledger
  ) async throws -> Int {
    if settings.after == .keep || state.withLock({ $0.status?.readOnly ?? true }) { return 0 }
    var present = shown
    if case .keyword(let keyword) = settings.after {
      // The server knows best which messages lack the keyword, also such as came long ago.
      present = try await connection.search(.unkeyword(keyword)).map(\.rawValue)
    }
    let recorded = ledger.withState { state in
      present.filter { state.isSettled(.imap(uidValidity: epoch, uid: $0)) }
    }
    for start in stride(from: 0, to: recorded.count, by: Self.settleChunk) {
      let chunk = UIDSet(
        recorded[start..<min(start + Self.settleChunk, recorded.count)].compactMap { UID($0) })
      switch settings.after {
      case .keep: break
      case .keyword(let keyword): try await connection.store(keyword: keyword, on: chunk)
      case .move(let folder): _ = try await connection.move(chunk, to: folder)
      }
    }
    return recorded.count
  }
}
