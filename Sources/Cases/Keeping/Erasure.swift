// Erasing cases: what they hold of people goes, and their dates, category and digests stay in a chain that still
// verifies.
//
//   erasing/<id>        begun; the next start goes on with it
//   000n-erased.json    which event files are replaced, each with its digest and its stub's: from here on it is erased
//   index.sqlite        the case's row without people, its words and Message-IDs gone
//   000m-….json         stubs, each put in its place in one step
//   ledger/.deletions   which messages are deleted; then they are, and what was sent from outbox/ too
//   index.sqlite        merged and emptied, so that its files hold no more than its rows
//
// Every step is done again by whoever comes next, and finds what is done.

import Deadlines
import MIME

#if canImport(Glibc)
  import Glibc
#endif

/// Erases cases and mail.
public struct Erasure: Sendable {
  /// The steps, in their order; a test ends after any of them, as a crash may.
  enum Step: Int, Comparable, CaseIterable {
    case mark, append, index, files, mail, outbox, clean, unmark
    static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
  }

  let data: DataFolder
  let store: CaseStore
  let index: CaseIndex
  let deletions: Deletions

  public init(_ data: DataFolder, index: CaseIndex, deletions: Deletions) {
    self.data = data
    store = CaseStore(data)
    self.index = index
    self.deletions = deletions
  }

  /// What erasing a case takes away.
  public struct Plan: Sendable {
    public let id: CaseID
    /// Event files that stubs replace.
    public var events = 0
    public var messages = 0
    /// Files of ours in the outbox.
    public var letters = 0
    /// Cases of the same message that are not erased with it; it stays in `mail/` for them.
    public var sharing: [CaseID] = []
    /// Why it cannot be erased now.
    public var refusal: String?
  }

  /// What erasing these cases would do; changes nothing.
  public func plan(_ ids: [CaseID]) throws -> [Plan] {
    let digests = try digests(of: ids)
    return try ids.map { id in
      let history = try store.history(id)
      let current = try store.read(id)
      var plan = Plan(id: id)
      plan.refusal = Self.refusal(current)
      plan.events = try files(of: id, history).count
      plan.messages = try digests[id, default: []].filter { try MessageStore(data).holds($0) }.count
      plan.letters = try Self.letters(of: id, in: data).count
      plan.sharing = try sharing(current, besides: Set(ids)).map(\.id)
      return plan
    }
  }

  /// Erases cases; every step is durable, and what this leaves undone the next start does.
  ///
  /// - Parameter reason: stays in the record, so it must not name anybody.
  /// - Throws: `DecisionRefusal` where one of them is held, or a letter about it is on its way; nothing is erased then.
  public func erase(
    _ ids: [CaseID], reason: String, by: String, cause: Deletion.Cause = .erasure, at now: Instant
  ) throws {
    try erase(ids, reason: reason, by: by, cause: cause, at: now, until: .unmark)
  }

  func erase(
    _ ids: [CaseID], reason: String, by: String, cause: Deletion.Cause, at now: Instant, until last: Step
  ) throws {
    for id in ids {
      let current = try store.read(id)
      let why = Self.refusal(current) ?? (cause == .erasure ? Self.refusal(of: reason, current) : nil)
      if let why { throw DecisionRefusal(why) }
    }
    var erased: [CaseID] = []
    for id in ids {
      try mark(id)
      if last == .mark { continue }
      try append(id, reason: reason, by: by, at: now)
      erased.append(id)
    }
    if last > .append { try finish(erased, cause: cause, at: now, until: last) }
  }

  /// Goes on with every erasure that somebody began and did not finish.
  ///
  /// - Parameter others: cases besides, whose leftovers `reindex` found.
  /// - Returns: the cases that were finished now.
  @discardableResult
  public func finishAll(_ others: [CaseID] = [], at now: Instant) throws -> [CaseID] {
    var begun = others
    for name in try DurableFile.names(in: folder) {
      guard let id = CaseID(name) else { continue }
      if try store.exists(id) && store.read(id).isErased {
        if !begun.contains(id) { begun.append(id) }
      } else if let facts = try? FileFacts("\(folder)/\(name)"),
        now.unixSeconds - facts.changed > Self.markSeconds
      {
        // Whoever made it died before the event, or was refused: nothing has been erased.
        DurableFile.remove("\(folder)/\(name)")
      }
    }
    if begun.isEmpty { return [] }
    for id in begun {
      try mark(id)
      try append(id, reason: "what was left of an erasure", by: "intake", at: now)
    }
    try finish(begun, cause: .erasure, at: now, until: .unmark)
    return begun
  }

  /// A mark younger than this may be somebody's who is at work.
  private static let markSeconds: Int64 = 60

  // MARK: the steps

  private var folder: String { data.path + "/erasing" }

  private func mark(_ id: CaseID) throws {
    let path = "\(folder)/\(id)"
    if !DurableFile.exists(path) {
      let temporary = data.newTemporary()
      try [UInt8]().withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o600) }
      _ = try DurableFile.link(temporary, to: path)
    }
    try DurableFile.syncDirectory(folder)
  }

  /// Appends the event, unless an earlier one names every file that is to be replaced.
  private func append(_ id: CaseID, reason: String, by: String, at now: Instant) throws {
    // Each conflict means that somebody's event went in, so this ends.
    for _ in 0..<1000 {
      let history = try store.history(id)
      let current = try store.read(id)
      guard current.events.count == history.events.count else { continue }
      let files = try files(of: id, history)
      if current.isErased, files.isEmpty { return }
      if !current.isErased, let why = Self.refusal(current) { throw DecisionRefusal(why) }
      do {
        try store.append(
          .erased, to: id, by: by, at: now, after: history.events.count,
          details: .init(reason: reason, erased: files))
        return
      } catch is EventConflict {
        continue
      }
    }
    throw EventConflict(caseID: id, first: nil)
  }

  private func finish(
    _ ids: [CaseID], cause: Deletion.Cause, at now: Instant, until last: Step
  ) throws {
    for start in stride(from: 0, to: ids.count, by: 100) {
      try index.put(ids[start..<min(start + 100, ids.count)].map { (try store.read($0), text: nil) })
    }
    if last == .index { return }
    for id in ids { try replaceFiles(of: id) }
    if last == .files { return }
    let digests = try digests(of: ids)
    var gone: [Deletion] = []
    for id in ids {
      let shared = try Set(sharing(store.read(id), besides: []).flatMap { $0.messages.map(\.digest) })
      gone += digests[id, default: []].subtracting(shared).map {
        Deletion(digest: $0, cause: cause, caseID: id)
      }
    }
    try deletions.refresh()
    try deletions.delete(gone, at: now)
    if last == .mail { return }
    for id in ids {
      let letters = try Self.letters(of: id, in: data)
      for path in letters { DurableFile.remove(path) }
      if !letters.isEmpty {
        for place in OutboxPlace.allCases { try DurableFile.syncDirectory(data.outboxPath(place)) }
      }
    }
    for id in ids { OpenedStore(data).remove(id) }
    if last == .outbox { return }
    try index.clean()
    if last == .clean { return }
    for id in ids { DurableFile.remove("\(folder)/\(id)") }
    try DurableFile.syncDirectory(folder)
  }

  // MARK: what goes

  private static func refusal(_ current: Case) -> String? {
    if let at = current.heldAt {
      return "\(current.reference) has been held since \(at): release it first (intake release), or leave it."
    }
    if current.outgoing != nil {
      return
        "An acknowledgement of \(current.reference) is on its way: wait, or take it back with `intake outbox`."
    }
    return nil
  }

  /// A reason that would keep what is to be erased.
  private static func refusal(of reason: String, _ current: Case) -> String? {
    let words = reason.asciiLowercased()
    let names = [current.complainant.name, current.recorded.message.from.first?.name].compactMap { $0 }
      .filter { $0.utf8.count >= 4 }
    let isNamed = (names + current.participants).contains { words.contains($0.asciiLowercased()) }
    return isNamed
      ? "The reason stays in the record and names somebody of \(current.reference): write it without names and addresses."
      : nil
  }

  /// Event files that an erasure has to name: those that hold more than their stubs do, and that none names yet.
  private func files(of id: CaseID, _ history: CaseStore.History) throws -> [ErasedFile] {
    let named = Self.named(history)
    return try store.eventFiles(id).prefix(history.events.count).compactMap { number, path in
      guard let bytes = try DurableFile.read(path, limit: CaseStore.eventLimit) else { return nil }
      let stub = try CaseStore.encode(CaseStore.decode(bytes, path: path).stub)
      let digest = Digest(of: bytes)
      if stub == bytes { return nil }
      // An older program's stub may hold more than today's.
      let recorded = named[number]?.first { $0.stub == digest }?.recorded ?? digest
      let file = ErasedFile(number: number, recorded: recorded, stub: Digest(of: stub))
      return named[number, default: []].contains(file) ? nil : file
    }
  }

  private static func named(_ history: CaseStore.History) -> [Int: [ErasedFile]] {
    Dictionary(grouping: history.events.flatMap { $0.details.erased ?? [] }, by: \.number)
  }

  /// Puts stubs in the places of the files that the case's erasures name, under both of their names.
  private func replaceFiles(of id: CaseID) throws {
    let history = try store.history(id)
    let named = Self.named(history)
    let folder = data.casePath(id)
    for event in history.events {
      guard let files = named[event.number] else { continue }
      let stub = try CaseStore.encode(event.stub)
      guard files.contains(where: { $0.stub == Digest(of: stub) }) else { continue }
      for name in store.names(of: event) {
        let path = "\(folder)/\(name)"
        guard let bytes = try DurableFile.read(path, limit: CaseStore.eventLimit), bytes != stub else {
          continue
        }
        let temporary = data.newTemporary()
        try stub.withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o400) }
        guard rename(temporary, path) == 0 else {
          let code = errno
          DurableFile.remove(temporary)
          throw DiskError(call: "rename", path: path, code: code)
        }
      }
    }
    try DurableFile.syncDirectory(folder)
  }

  /// The messages of these cases, by case: its own, and by the ledgers every copy of them and every report about them.
  private func digests(of ids: [CaseID]) throws -> [CaseID: Set<Digest>] {
    var digests = try LedgerSurvey.digests(of: Set(ids), in: data)
    for id in ids {
      digests[id, default: []].formUnion(try store.read(id).messages.map(\.digest))
    }
    return digests
  }

  /// Cases of the same message, split from this one or this one from them, that are not erased.
  private func sharing(_ current: Case, besides ids: Set<CaseID>) throws -> [Case] {
    var found: [Case] = []
    var seen: Set<CaseID> = [current.id]
    var next = [current]
    while let one = next.popLast() {
      let relatives = [one.recorded.splitFrom] + one.events.map(\.details.splitInto)
      for id in relatives.compactMap({ $0 }) where seen.insert(id).inserted && store.exists(id) {
        let relative = try store.read(id)
        next.append(relative)
        if !relative.isErased && !ids.contains(id) { found.append(relative) }
      }
    }
    return found
  }

  /// Paths of the case's files in the outbox, prepared ones too.
  private static func letters(of id: CaseID, in data: DataFolder) throws -> [String] {
    // In the order in which they move, or one could be missed between two looks.
    try OutboxPlace.allCases.flatMap { place in
      let folder = data.outboxPath(place)
      return try DurableFile.names(in: folder).filter {
        $0.hasPrefix("\(id.text)-") || $0.hasPrefix(".\(id.text)-")
      }.map { "\(folder)/\($0)" }
    }
  }

  // MARK: what is left

  /// What of an erased case is not gone yet, in words; empty where its erasure is finished.
  ///
  /// - Parameter isNeeded: whether an unerased case has a message.
  static func leftovers(
    of current: Case, in data: DataFolder, isNeeded: (Digest) -> Bool
  ) throws -> [String] {
    let store = CaseStore(data)
    let history = try store.history(current.id)
    let named = named(history)
    var left: [String] = []
    for event in history.events {
      guard let files = named[event.number] else { continue }
      for name in store.names(of: event) {
        let path = "\(data.casePath(current.id))/\(name)"
        guard let bytes = try DurableFile.read(path, limit: CaseStore.eventLimit) else { continue }
        let digest = Digest(of: bytes)
        if !files.contains(where: { $0.stub == digest }) { left.append("event \(name)") }
      }
    }
    for message in current.messages where !isNeeded(message.digest) {
      if try MessageStore(data).holds(message.digest) {
        left.append("message \(message.digest.hex.prefix(12))")
      }
    }
    left += try letters(of: current.id, in: data).map {
      "outbox/" + $0.split(separator: "/").suffix(2).joined(separator: "/")
    }
    if DurableFile.exists("\(data.path)/erasing/\(current.id)") && left.isEmpty {
      left.append("the index is not cleaned")
    }
    return left
  }

  /// Cases whose erasure has begun, by the marks.
  static func begun(_ data: DataFolder) throws(DiskError) -> [CaseID] {
    try DurableFile.names(in: data.path + "/erasing").compactMap { CaseID($0) }
  }
}

/// What the ledgers say of messages that ended in certain cases; two passes, so that only what is asked for is held.
enum LedgerSurvey {
  static func digests(of ids: Set<CaseID>, in data: DataFolder) throws -> [CaseID: Set<Digest>] {
    var found: [CaseID: Set<Digest>] = [:]
    for mailbox in try Ledger.mailboxes(in: data) {
      let ledger = try Ledger(data, mailbox: mailbox)
      var cases: [SourceID: CaseID] = [:]
      _ = try ledger.readAll { entry in
        if case .outcome(let source, _, let id?) = entry.event, ids.contains(id) { cases[source] = id }
      }
      if cases.isEmpty { continue }
      _ = try ledger.readAll { entry in
        if case .arrival(let arrival) = entry.event, let id = cases[arrival.source] {
          found[id, default: []].insert(arrival.digest)
        }
      }
    }
    return found
  }
}
