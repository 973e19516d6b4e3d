// cases/ and queue/: events linked into place, one number once, and the links that show each case's state.

import Deadlines
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// Somebody else's event took the number that this one was meant for.
public struct EventConflict: Error, Sendable, CustomStringConvertible {
  public let caseID: CaseID
  /// The event that was first.
  public let first: CaseEvent?

  init(caseID: CaseID, first: CaseEvent?) {
    self.caseID = caseID
    self.first = first
  }

  /// What a decider who had seen `after` events meets in the case as it is now.
  public init(on current: Case, after: Int) {
    self.init(caseID: current.id, first: current.events.dropFirst(max(0, after)).first)
  }

  public var description: String {
    let who = first.map { "\($0.by) \($0.kind.rawValue) it at \($0.at)" } ?? "somebody else was first"
    return "\(caseID.reference): \(who); look at the case again, then decide"
  }
}

/// A case folder that does not read as a case.
public struct CaseDamage: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let what: String
  public var description: String { "\(path): \(what)" }

  public init(path: String, what: String) {
    self.path = path
    self.what = what
  }
}

/// A case that was erased takes no more events: a decision comes too late, a message is new intake.
public struct CaseErased: Error, Sendable, CustomStringConvertible {
  public let caseID: CaseID
  public let at: Instant
  public var description: String {
    "\(caseID.reference) was erased at \(at); nothing is decided about it any more"
  }
}

/// The cases on disk.
public struct CaseStore: Sendable {
  let data: DataFolder

  public init(_ data: DataFolder) { self.data = data }

  /// An event of ours stays below 1 MiB: texts in it are capped; more is damage.
  static let eventLimit = 16 << 20

  // MARK: recording

  /// What recording a first event met.
  public enum RecordResult: Sendable {
    case recorded(Case)
    /// The case was there: same message, recorded by an earlier pass, another process or another mailbox.
    case existed(Case)
  }

  /// A first event whose content is durable and that waits for its name.
  public struct Prepared: Sendable {
    fileprivate let event: CaseEvent
    fileprivate let head: Digest
    fileprivate let file: DurableFile.Prepared
  }

  /// Records a case: the commit point of step 8. Durable on return; blocks for the disk.
  public func record(_ id: CaseID, _ recorded: Recorded, at now: Instant) throws -> RecordResult {
    let result = try name(try prepare(id, recorded, at: now))
    for folder in directories(of: id) { try DurableFile.syncDirectory(folder) }
    return result
  }

  /// Recording in steps, for many cases side by side; this is the first: the content becomes durable.
  public func prepare(_ id: CaseID, _ recorded: Recorded, at now: Instant) throws -> Prepared {
    let event = CaseEvent(
      caseID: id, number: 1, kind: .recorded, at: now, by: CaseEvent.program, predecessor: nil,
      details: .init(recorded: recorded))
    let bytes = try Self.encode(event)
    let folder = data.casePath(id)
    try DurableFile.makeDirectory(folder)
    let temporary = data.newTemporary()
    let file = try bytes.withUnsafeBytes {
      try DurableFile.prepare(in: folder, temporary: temporary, $0, mode: 0o400)
    }
    return Prepared(event: event, head: Digest(of: bytes), file: file)
  }

  /// The second step: the event takes its name, once. Durable when `directories(of:)` are synced.
  public func name(_ prepared: Prepared) throws -> RecordResult {
    let id = prepared.event.caseID
    let result = try prepared.file.link(to: "\(data.casePath(id))/\(Self.name(1, .recorded))")
    guard result == .linked, let fresh = Case(events: [prepared.event], head: prepared.head) else {
      let current = try read(id)
      try updateLinks(current)
      return .existed(current)
    }
    try updateLinks(fresh)
    CaseMetrics.count(prepared.event)
    return .recorded(fresh)
  }

  /// The folders to sync once a case has its first event: its own, and the one that holds it. Also where it was
  /// there already: another process may have died before it synced.
  public func directories(of id: CaseID) -> [String] {
    let folder = data.casePath(id)
    return [folder, String(folder.dropLast(id.text.utf8.count + 1))]
  }

  /// Appends the next event of a case; durable on return.
  ///
  /// - Parameter after: how many events the decider had seen. Nil for what the program adds by itself, which
  ///   then simply takes the next number.
  /// - Throws: `EventConflict` when somebody was first.
  @discardableResult
  public func append(
    _ kind: CaseEvent.Kind, to id: CaseID, by: String, at now: Instant, after: Int? = nil,
    details: CaseEvent.Details
  ) throws -> Case {
    // Each lost race means somebody else's event went in, so this ends; the bound guards against a bad disk.
    for _ in 0..<1000 {
      let current = try read(id)
      if let after, current.events.count != after {
        throw EventConflict(on: current, after: after)
      }
      if let at = current.erasedAt, kind != .erased { throw CaseErased(caseID: id, at: at) }
      if let source = details.followUp?.message.source ?? details.sighting,
        Self.holds(current, source, digest: details.followUp?.message.digest)
      {
        // Whoever appended it may have died before the link followed.
        try updateLinks(current)
        return current
      }
      let number = current.events.count + 1
      let event = CaseEvent(
        caseID: id, number: number, kind: kind, at: now, by: by, predecessor: current.head, details: details)
      let bytes = try Self.encode(event)
      let folder = data.casePath(id)
      let temporary = data.newTemporary()
      try bytes.withUnsafeBytes { buffer in
        try DurableFile.create(temporary, buffer, mode: 0o400)
      }
      let claim = "\(folder)/\(Self.claim(number))"
      if try DurableFile.link(temporary, to: claim) == .existed {
        // Whoever was first may have died before giving the event its readable name.
        try nameClaim(number, in: folder)
        continue
      }
      try nameClaim(number, in: folder)
      try DurableFile.syncDirectory(folder)
      guard let updated = Case(events: current.events + [event], head: Digest(of: bytes)) else {
        throw CaseDamage(path: folder, what: "its events do not add up")
      }
      try updateLinks(updated)
      CaseMetrics.count(event)
      return updated
    }
    throw EventConflict(caseID: id, first: nil)
  }

  /// Whether an event for this very message and place is there, so that a redo adds nothing.
  private static func holds(_ current: Case, _ source: SourceFacts, digest: Digest?) -> Bool {
    for event in current.events {
      if let followUp = event.details.followUp, followUp.message.source.isSamePlace(as: source),
        followUp.message.digest == digest
      {
        return true
      }
      if digest == nil, let sighting = event.details.sighting, sighting.isSamePlace(as: source) {
        return true
      }
    }
    return false
  }

  // MARK: names

  /// `0001-recorded.json`: what people see.
  static func name(_ number: Int, _ kind: CaseEvent.Kind) -> String {
    "\(padded(number))-\(kind.rawValue).json"
  }

  /// `.0002`: the name that can be taken only once. The readable name holds the event's kind, so two different
  /// decisions would not collide on it; both names are the same file.
  static func claim(_ number: Int) -> String { ".\(padded(number))" }

  /// Both names of an event; the first event has only the one that people see.
  func names(of event: CaseEvent) -> [String] {
    let name = Self.name(event.number, event.kind)
    return event.number == 1 ? [name] : [Self.claim(event.number), name]
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private func nameClaim(_ number: Int, in folder: String) throws {
    let claim = "\(folder)/\(Self.claim(number))"
    guard let bytes = try DurableFile.read(claim, limit: Self.eventLimit) else { return }
    let event = try Self.decode(bytes, path: claim)
    let name = "\(folder)/\(Self.name(number, event.kind))"
    if Glibc.link(claim, name) != 0, errno != EEXIST {
      throw DiskError(call: "link", path: name, code: errno)
    }
  }

  // MARK: reading

  /// A case's event files in order: number, path.
  func eventFiles(_ id: CaseID) throws(DiskError) -> [(number: Int, path: String)] {
    let folder = data.casePath(id)
    var files: [(Int, String)] = []
    for name in try DurableFile.names(in: folder) {
      if name.hasPrefix("."), let number = Int(name.dropFirst()) {
        files.append((number, "\(folder)/\(name)"))
      } else if name == Self.name(1, .recorded) {
        files.append((1, "\(folder)/\(name)"))
      }
    }
    return files.sorted { $0.0 < $1.0 }
  }

  /// Reads a case.
  ///
  /// - Throws: `CaseDamage` where the folder is missing, a number is missing, or a file does not follow the one
  ///   before it.
  public func read(_ id: CaseID) throws -> Case {
    let history = try history(id)
    guard let head = history.head, let read = Case(events: history.events, head: head) else {
      throw CaseDamage(path: data.casePath(id), what: "there is no such case")
    }
    return read
  }

  /// A case's events as its files have them.
  struct History {
    var events: [CaseEvent] = []
    /// What the next event names as its predecessor.
    var head: Digest?
    /// Files as they were recorded, although an erasure names them: it is not finished. Their events are stubs here.
    var unreplaced: Set<Int> = []
  }

  /// Reads a case's files and holds each against the one before it.
  func history(_ id: CaseID) throws -> History {
    var damage: CaseDamage?
    // A reader between an erasure's event and its stubs may meet the stubs and not the event: then there are more
    // files at the next look.
    for _ in 0..<3 {
      let files = try eventFiles(id)
      do {
        return try history(id, files)
      } catch let error as CaseDamage {
        damage = error
        if try eventFiles(id).count == files.count { break }
      }
    }
    throw damage ?? CaseDamage(path: data.casePath(id), what: "changes while it is read")
  }

  private func history(_ id: CaseID, _ files: [(number: Int, path: String)]) throws -> History {
    var history = History()
    var digests: [Digest] = []
    for (number, path) in files {
      guard number == history.events.count + 1 else {
        throw CaseDamage(path: data.casePath(id), what: "event \(history.events.count + 1) is missing")
      }
      guard let bytes = try DurableFile.read(path, limit: Self.eventLimit) else {
        throw CaseDamage(path: path, what: "vanished while it was read")
      }
      let event = try Self.decode(bytes, path: path)
      guard event.number == number, event.caseID == id else {
        throw CaseDamage(path: path, what: "is another case's, or has another number")
      }
      history.events.append(event)
      digests.append(Digest(of: bytes))
    }
    // A stub stands only where a later event of the same chain names it, and what it took the place of.
    var erased: [Int: [ErasedFile]] = [:]
    for event in history.events where event.kind == .erased {
      for file in event.details.erased ?? [] where file.number < event.number {
        erased[file.number, default: []].append(file)
      }
    }
    for (index, (number, path)) in files.enumerated() {
      guard history.events[index].predecessor == history.head else {
        throw CaseDamage(path: path, what: "does not follow the event before it")
      }
      let digest = digests[index]
      history.head = digest
      guard let named = erased[number] else { continue }
      if let file = named.first(where: { $0.stub == digest }) {
        history.head = file.recorded
      } else if named.contains(where: { $0.recorded == digest }) {
        history.events[index] = history.events[index].stub
        history.unreplaced.insert(number)
      } else {
        throw CaseDamage(
          path: path, what: "is neither the event that was recorded nor the stub that took its place")
      }
    }
    return history
  }

  /// Whether the case has been recorded.
  public func exists(_ id: CaseID) -> Bool {
    DurableFile.exists("\(data.casePath(id))/\(Self.name(1, .recorded))")
  }

  /// The case whose first message is `digest`, among the cases whose folder changed at or after an instant.
  ///
  /// Looks at every case folder, so it is for the rare moments when a message must not be parsed to know its id.
  public func find(_ digest: Digest, changedSince instant: Instant) throws -> CaseID? {
    var found: CaseID?
    try forEachID { id in
      var status = stat()
      // Two clocks (the file system's and ours) may differ by a little.
      guard found == nil, stat(data.casePath(id), &status) == 0,
        Int64(status.st_mtim.tv_sec) >= instant.unixSeconds - 60, exists(id)
      else { return }
      if try read(id).recorded.message.digest == digest { found = id }
    }
    return found
  }

  /// Every case id on disk, folder by folder.
  public func forEachID(_ body: (CaseID) throws -> Void) throws {
    for fan in try DurableFile.names(in: data.path + "/cases") {
      for name in try DurableFile.names(in: "\(data.path)/cases/\(fan)") {
        if let id = CaseID(name) { try body(id) }
      }
    }
  }

  /// The cases whose reference this is: one, but for a rare clash of references.
  public func ids(with reference: CaseReference) throws(DiskError) -> [CaseID] {
    let fan = "\(data.path)/cases/\(reference.prefix.prefix(2))"
    return try DurableFile.names(in: fan).filter { $0.hasPrefix(reference.prefix) }.compactMap { CaseID($0) }
  }

  // MARK: links

  /// Puts the case's link under its state's folder and takes it out of the others. Derived, so not synced.
  public func updateLinks(_ current: Case) throws {
    let id = current.id.text
    let target = "../../cases/\(id.prefix(2))/\(id)"
    for state in CaseState.allCases {
      let path = "\(data.path)/queue/\(state.rawValue)/\(id)"
      if state == current.state {
        if symlink(target, path) != 0, errno != EEXIST {
          throw DiskError(call: "symlink", path: path, code: errno)
        }
      } else if unlink(path) != 0, errno != ENOENT {
        throw DiskError(call: "unlink", path: path, code: errno)
      }
    }
  }

  // MARK: JSON

  static func encode(_ event: CaseEvent) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(event)) + [0x0A]
  }

  static func decode(_ bytes: [UInt8], path: String) throws -> CaseEvent {
    do {
      let event = try JSONDecoder().decode(CaseEvent.self, from: Data(bytes))
      guard event.schema == CaseEvent.schema else {
        throw CaseDamage(
          path: path, what: "schema \(event.schema) is not \(CaseEvent.schema); use the newer program")
      }
      return event
    } catch let error as DecodingError {
      throw CaseDamage(path: path, what: "cannot be read: \(error)")
    }
  }
}
