// One line of the ledger: what happened to one message of one mailbox. Digests, numbers and references only;
// no personal data ever enters the ledger.

import Deadlines

/// Where a message was shown to us; the key under which it ends in exactly one outcome.
///
/// A UID means something only together with its UIDVALIDITY (RFC 9051 §2.3.1.1). A file of `intake ingest` is
/// known by its digest.
public enum SourceID: Hashable, Sendable, CustomStringConvertible {
  case imap(uidValidity: UInt32, uid: UInt32)
  case file(Digest)

  public var description: String {
    switch self {
    case .imap(let uidValidity, let uid): "\(uidValidity)/\(uid)"
    case .file(let digest): "file/\(digest.hex)"
    }
  }
}

/// How a message ended: exactly one for every message that a mailbox showed (promise 1).
public enum Outcome: String, Sendable, Codable, CaseIterable {
  /// A complaint: an open case.
  case `case`
  /// Perhaps a complaint: a case that a person decides.
  case possible
  /// Joined a case that was there.
  case followUp = "follow-up"
  /// The same message again: same bytes, or same identity by another way.
  case duplicate
  case notAComplaint = "not-a-complaint"
  /// Written by a machine (RFC 3834): bounces, auto-replies, lists.
  case automatic
  /// Could not be processed: a case with a running deadline, for a person.
  case quarantined
}

/// One line of the ledger.
public struct LedgerEntry: Sendable, Equatable {
  public enum Event: Sendable, Equatable {
    /// First line of a segment: the last line's digest of each segment seen when this one was begun.
    case opened(predecessors: [SegmentHead])
    /// Which UIDs of a mailbox are ours to take: all from `firstUID` on, and `older`, chosen by `from:`.
    case scope(uidValidity: UInt32, firstUID: UInt32, older: NumberRanges)
    /// The bytes are in `mail/`: from here the mailbox may forget the message.
    case arrival(Arrival)
    /// Processing begins once more after the process died over it.
    case attempt(SourceID)
    case outcome(SourceID, Outcome, caseReference: CaseID?)
    /// The mailbox showed it, but it was gone before it could be fetched.
    case vanished(SourceID)
    /// The bytes are deleted from `mail/`, on purpose, and are not kept again; in the ledger of deletions only.
    case deleted(Deletion)
  }

  public let at: Instant
  public let event: Event

  public init(at: Instant, event: Event) {
    self.at = at
    self.event = event
  }
}

/// A message's bytes have arrived.
public struct Arrival: Sendable, Equatable {
  public let source: SourceID
  public let digest: Digest
  public let size: Int
  /// The server's receipt time (IMAP INTERNALDATE), where there is one.
  public let internalDate: Instant?
  /// When this program first had it.
  public let seen: Instant

  public init(source: SourceID, digest: Digest, size: Int, internalDate: Instant?, seen: Instant) {
    self.source = source
    self.digest = digest
    self.size = size
    self.internalDate = internalDate
    self.seen = seen
  }
}

/// Why bytes are no longer in `mail/`.
public struct Deletion: Sendable, Hashable {
  public enum Cause: String, Sendable, CaseIterable {
    /// A case was erased, or the mail of somebody who asked for it.
    case erasure
    /// Its time was over (`retention:`).
    case retention
  }

  public let digest: Digest
  public let cause: Cause
  /// The case that it belonged to.
  public let caseID: CaseID?

  public init(digest: Digest, cause: Cause, caseID: CaseID? = nil) {
    self.digest = digest
    self.cause = cause
    self.caseID = caseID
  }
}

/// The end of a ledger segment at some moment.
public struct SegmentHead: Sendable, Hashable {
  public let segment: String
  public let digest: Digest
}

extension LedgerEntry {
  /// The line without its newline; `previous` is the digest of the line before (of nothing for the first).
  func line(previous: Digest?) -> [UInt8] {
    var line = LineWriter()
    line.add("at", at.description)
    switch event {
    case .opened(let predecessors):
      line.add("event", "opened")
      line.add("schema", "intake.ledger/1")
      line.add("heads", predecessors.map { "\($0.segment)=\($0.digest.hex)" }.joined(separator: " "))
    case .scope(let uidValidity, let firstUID, let older):
      line.add("event", "scope")
      line.add("uidvalidity", Int(uidValidity))
      line.add("first", Int(firstUID))
      line.add("older", older.text)
    case .arrival(let arrival):
      line.add("event", "arrival")
      line.add(arrival.source)
      line.add("sha256", arrival.digest.hex)
      line.add("size", arrival.size)
      if let date = arrival.internalDate { line.add("internaldate", date.description) }
      line.add("seen", arrival.seen.description)
    case .attempt(let source):
      line.add("event", "attempt")
      line.add(source)
    case .outcome(let source, let outcome, let reference):
      line.add("event", "outcome")
      line.add(source)
      line.add("outcome", outcome.rawValue)
      if let reference { line.add("case", reference.text) }
    case .vanished(let source):
      line.add("event", "vanished")
      line.add(source)
    case .deleted(let deletion):
      line.add("event", "deleted")
      line.add("sha256", deletion.digest.hex)
      line.add("why", deletion.cause.rawValue)
      if let id = deletion.caseID { line.add("case", id.text) }
    }
    if let previous { line.add("prev", previous.hex) }
    return line.finish()
  }

  /// Reads a line back.
  ///
  /// - Returns: nil where the line is not one of ours (damaged, or of a newer version).
  static func parse(_ bytes: UnsafeRawBufferPointer) -> (entry: LedgerEntry, previous: Digest?)? {
    guard let fields = LineReader.fields(bytes), let at = fields.instant("at"),
      let name = fields.text("event")
    else { return nil }
    let event: Event
    switch name {
    case "opened":
      guard let heads = fields.text("heads") else { return nil }
      var predecessors: [SegmentHead] = []
      for part in heads.split(separator: " ") {
        let halves = part.split(separator: "=")
        guard halves.count == 2, let digest = Digest(hex: String(halves[1])) else { return nil }
        predecessors.append(SegmentHead(segment: String(halves[0]), digest: digest))
      }
      event = .opened(predecessors: predecessors)
    case "scope":
      guard let uidValidity = fields.number32("uidvalidity"), let first = fields.number32("first"),
        let older = fields.text("older").flatMap({ NumberRanges(text: $0) })
      else { return nil }
      event = .scope(uidValidity: uidValidity, firstUID: first, older: older)
    case "arrival":
      guard let source = fields.source, let digest = fields.text("sha256").flatMap({ Digest(hex: $0) }),
        let size = fields.number("size"), let seen = fields.instant("seen")
      else { return nil }
      event = .arrival(
        Arrival(
          source: source, digest: digest, size: size, internalDate: fields.instant("internaldate"), seen: seen
        ))
    case "attempt":
      guard let source = fields.source else { return nil }
      event = .attempt(source)
    case "outcome":
      guard let source = fields.source,
        let outcome = fields.text("outcome").flatMap({ Outcome(rawValue: $0) })
      else { return nil }
      event = .outcome(source, outcome, caseReference: fields.text("case").flatMap { CaseID($0) })
    case "vanished":
      guard let source = fields.source else { return nil }
      event = .vanished(source)
    case "deleted":
      guard let digest = fields.text("sha256").flatMap({ Digest(hex: $0) }),
        let cause = fields.text("why").flatMap({ Deletion.Cause(rawValue: $0) })
      else { return nil }
      event = .deleted(
        Deletion(digest: digest, cause: cause, caseID: fields.text("case").flatMap { CaseID($0) }))
    default: return nil
    }
    return (LedgerEntry(at: at, event: event), fields.text("prev").flatMap { Digest(hex: $0) })
  }
}

/// Writes one flat JSON object of strings and whole numbers.
private struct LineWriter {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  mutating func add(_ key: String, _ value: String) {
    addKey(key)
    bytes.append(UInt8(ascii: "\""))
    // Values are digests, dates, numbers and names of ours; whatever else comes is kept harmless.
    for byte in value.utf8 {
      bytes.append(byte < 0x20 || byte == 0x22 || byte == 0x5C || byte > 0x7E ? UInt8(ascii: "?") : byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ key: String, _ value: Int) {
    addKey(key)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func add(_ source: SourceID) {
    switch source {
    case .imap(let uidValidity, let uid):
      add("uidvalidity", Int(uidValidity))
      add("uid", Int(uid))
    case .file(let digest): add("file", digest.hex)
    }
  }

  private mutating func addKey(_ key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: key.utf8)
    bytes.append(contentsOf: "\":".utf8)
  }

  mutating func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

/// Reads what `LineWriter` writes, strictly: anything else is damage.
private struct LineReader {
  private var fields: [(key: Range<Int>, value: Range<Int>)] = []
  private let bytes: UnsafeRawBufferPointer

  static func fields(_ bytes: UnsafeRawBufferPointer) -> LineReader? {
    var reader = LineReader(bytes: bytes)
    return reader.scan() ? reader : nil
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func scan() -> Bool {
    guard bytes.count >= 2, bytes[0] == UInt8(ascii: "{"), bytes[bytes.count - 1] == UInt8(ascii: "}") else {
      return false
    }
    var position = 1
    let end = bytes.count - 1
    while position < end {
      guard let key = quoted(&position), position < end, bytes[position] == UInt8(ascii: ":") else {
        return false
      }
      position += 1
      let value: Range<Int>
      if position < end, bytes[position] == UInt8(ascii: "\"") {
        guard let text = quoted(&position) else { return false }
        value = text
      } else {
        let start = position
        while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
        guard position > start else { return false }
        value = start..<position
      }
      fields.append((key, value))
      if position == end { return true }
      guard bytes[position] == UInt8(ascii: ",") else { return false }
      position += 1
    }
    return false
  }

  private func quoted(_ position: inout Int) -> Range<Int>? {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
    let start = position + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      if bytes[end] == UInt8(ascii: "\\") || bytes[end] < 0x20 { return nil }
      end += 1
    }
    guard end < bytes.count else { return nil }
    position = end + 1
    return start..<end
  }

  func text(_ key: StaticString) -> String? {
    for field in fields where matches(field.key, key) {
      return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[field.value]), as: UTF8.self)
    }
    return nil
  }

  private func matches(_ range: Range<Int>, _ key: StaticString) -> Bool {
    guard range.count == key.utf8CodeUnitCount else { return false }
    for index in 0..<range.count where bytes[range.lowerBound + index] != key.utf8Start[index] {
      return false
    }
    return true
  }

  func number(_ key: StaticString) -> Int? { text(key).flatMap { Int($0) } }
  func number32(_ key: StaticString) -> UInt32? { text(key).flatMap { UInt32($0) } }
  func instant(_ key: StaticString) -> Instant? { text(key).flatMap { Instant(iso8601: $0) } }

  var source: SourceID? {
    if let file = text("file") { return Digest(hex: file).map { .file($0) } }
    guard let uidValidity = number32("uidvalidity"), let uid = number32("uid") else { return nil }
    return .imap(uidValidity: uidValidity, uid: uid)
  }
}
