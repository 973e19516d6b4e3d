// outbox/: one file a message, written once, moved from folder to folder in single steps, so that of all who want it
// exactly one gets it and a crash leaves it in exactly one place.
//
//   new/.NAME.DIGEST   prepared: durable before the case's `queued` event names its digest. After a crash the event
//                      decides: where it stands, the file gets its name; where it does not, the file is rubbish.
//   new/NAME           waits; no server has been given any of its text
//   sending/NAME       its text is being given, or was when the program ended: perhaps sent, never sent again by itself
//   sent/NAME, failed/NAME   the case's `acknowledged` or `send-failed` event came first

import Cases
import Deadlines
import Glibc

/// The messages of ours that wait, are under way, or are done.
public struct Outbox: Sendable {
  let data: DataFolder
  let store: CaseStore

  public init(_ data: DataFolder) {
    self.data = data
    store = CaseStore(data)
  }

  func path(_ place: OutboxPlace, _ name: String) -> String { "\(data.outboxPath(place))/\(name)" }

  /// The messages at a place, by name; a damaged file is left out, which `intake verify` finds.
  public func list(_ place: OutboxPlace) throws -> [OutgoingItem] {
    try names(place).compactMap { try? OutgoingItem.read(path(place, $0)) }
  }

  /// How many messages are where, for operations; `sent` is not looked at, it only grows.
  public struct Figures: Sendable, Equatable {
    public var waiting = 0
    /// When the oldest that waits was written.
    public var oldestWaiting: Instant?
    /// Given to a server, by nobody who is at work on it now: perhaps sent.
    public var perhapsSent = 0
    public var failed = 0
  }

  public func figures() throws -> Figures {
    var figures = Figures()
    for name in try names(.new) {
      figures.waiting += 1
      // Gone meanwhile: it is being sent.
      guard let facts = try? FileFacts(path(.new, name)) else { continue }
      let written = Instant(unixSeconds: facts.written)
      figures.oldestWaiting = min(figures.oldestWaiting ?? written, written)
    }
    figures.perhapsSent = try names(.sending).count { !isHeld($0) }
    figures.failed = try names(.failed).count
    return figures
  }

  func names(_ place: OutboxPlace) throws -> [String] {
    try DurableFile.names(in: data.outboxPath(place)).filter { !$0.hasPrefix(".") }
  }

  /// Where a case's queued message is; nil where it is nowhere, or only prepared.
  func place(of id: CaseID, event: Int) -> OutboxPlace? {
    let name = OutgoingItem.fileName(id, event)
    // In the order in which it moves, or it could be missed between two looks.
    return OutboxPlace.allCases.first { (try? FileFacts(path($0, name))) != nil }
  }

  /// When the file came to its place.
  func since(_ place: OutboxPlace, _ name: String) -> Instant? {
    (try? FileFacts(path(place, name))).map { Instant(unixSeconds: $0.changed) }
  }

  // MARK: queueing

  /// Makes the message durable under its prepared name.
  func prepare(_ item: OutgoingItem) throws -> String {
    let prepared = path(.new, ".\(item.fileName).\(item.digest.hex.prefix(16))")
    let temporary = data.newTemporary()
    try item.encoded().withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o400) }
    // The same content prepared before a crash serves as well.
    _ = try DurableFile.link(temporary, to: prepared)
    try DurableFile.syncDirectory(data.outboxPath(.new))
    return prepared
  }

  /// Gives a prepared message its name: from now on it is sent.
  func publish(_ prepared: String, _ item: OutgoingItem) throws {
    if try DurableFile.move(prepared, to: path(.new, item.fileName)) == .existed {
      DurableFile.remove(prepared)
    }
  }

  // MARK: taking

  /// Somebody's hold on a message while its text is given to a server. The kernel lets go of it with the process, so
  /// others can tell "being sent" from "perhaps sent".
  final class Hold: Sendable {
    private let descriptor: Int32
    fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
  }

  /// Moves a message from new/ to sending/, durably; nil where it is not there any more, or somebody holds it.
  func claim(_ name: String) throws(DiskError) -> Hold? {
    guard let hold = try hold(path(.new, name)) else { return nil }
    guard try DurableFile.move(path(.new, name), to: path(.sending, name)) == .linked else { return nil }
    return hold
  }

  private func hold(_ path: String) throws(DiskError) -> Hold? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw DiskError(call: "open", path: path, code: errno)
    }
    let hold = Hold(descriptor)
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? hold : nil
  }

  /// Whether a running process is giving the message's text to a server just now.
  func isHeld(_ name: String) -> Bool {
    guard (try? FileFacts(path(.sending, name))) != nil else { return false }
    return (try? hold(path(.sending, name))) == nil
  }

  /// Moves a message on; false where it was not there.
  @discardableResult
  func move(_ name: String, from: OutboxPlace, to: OutboxPlace) throws(DiskError) -> Bool {
    switch try DurableFile.move(path(from, name), to: path(to, name)) {
    case .linked: return true
    case .existed:
      // A copy that was made while it was moved: the one farther on stands.
      DurableFile.remove(path(from, name))
      return true
    case nil: return false
    }
  }

  // MARK: taking back

  /// Takes a waiting message back to its prepared name, where nobody sends it; nil where it does not wait any more.
  func withhold(_ item: OutgoingItem) throws -> String? {
    let prepared = path(.new, ".\(item.fileName).\(item.digest.hex.prefix(16))")
    return try DurableFile.move(path(.new, item.fileName), to: prepared) == nil ? nil : prepared
  }

  // MARK: what a dead process left

  /// Brings files and events together.
  ///
  /// - Parameters:
  ///   - now: prepared files younger than a minute are left to whoever is at work on them.
  ///   - met: given each case whose file had stayed behind its events; queue link and index may have, too.
  /// - Returns: names in sending/ that nobody holds and no event settles: perhaps sent.
  @discardableResult
  func recover(now: Instant, met: (Case) throws -> Void = { _ in }) throws -> [String] {
    for name in try DurableFile.names(in: data.outboxPath(.new)) where name.hasPrefix(".") {
      let prepared = path(.new, name)
      guard let facts = try? FileFacts(prepared),
        now.unixSeconds - facts.changed > OutboundLimits.preparedSeconds
      else { continue }
      guard let item = try? OutgoingItem.read(prepared) else {
        DurableFile.remove(prepared)
        continue
      }
      if try fate(of: item) == .pending, place(of: item.caseID, event: item.event) == nil {
        try publish(prepared, item)
      } else {
        DurableFile.remove(prepared)
      }
      try met(store.read(item.caseID))
    }
    var doubtful: [String] = []
    for name in try names(.sending) where !isHeld(name) {
      guard let item = try? OutgoingItem.read(path(.sending, name)) else { continue }
      // The event's link before the file moves: a death in between comes here again.
      switch try fate(of: item) {
      case .sent:
        try met(store.read(item.caseID))
        try move(name, from: .sending, to: .sent)
      case .failed, .takenBack:
        try met(store.read(item.caseID))
        try move(name, from: .sending, to: .failed)
      case .pending: doubtful.append(name)
      }
    }
    return doubtful
  }

  /// What a case's history says of a message.
  enum Fate { case pending, sent, failed, takenBack }

  func fate(of item: OutgoingItem) throws -> Fate {
    let current = try store.read(item.caseID)
    let messageID = item.facts.messageID
    guard let queued = current.events.first(where: { $0.number == item.event }), queued.kind == .queued,
      queued.details.outgoing?.digest == item.digest
    else { return .takenBack }
    if current.events.contains(where: { $0.details.acknowledgement?.messageID == messageID }) { return .sent }
    if current.outgoing?.number == item.event { return .pending }
    return current.standing.contains { $0.number == item.event } ? .failed : .takenBack
  }
}
