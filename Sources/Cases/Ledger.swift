// The ledger of one mailbox: append-only, hash-chained segments of JSON lines, one segment a writer, so that
// no lock is held by a process that may be dead. What a mailbox has given us is read from here; there is no
// second watermark.

import Deadlines
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The ledger of one mailbox.
///
/// Each process appends to a segment of its own, begun at its first append; a segment's first line names the
/// ends of the segments it found, so that removing or shortening one is noticed.
public final class Ledger: Sendable {
  public let mailbox: String
  private let folder: String
  private let inner: Mutex<Inner>

  /// A segment is closed at this size and the next begun: a file that people can still open.
  private static let segmentLimit = 64 << 20

  private struct Inner {
    var state = LedgerState()
    var segments: [String: SegmentReader] = [:]
    var writer: SegmentWriter?
  }

  /// Reads the mailbox's ledger, making its folder where there is none.
  public init(_ data: DataFolder, mailbox: String) throws {
    self.mailbox = mailbox
    folder = data.ledgerPath(mailbox)
    if try DurableFile.makeDirectory(folder) { try DurableFile.syncDirectory(data.path + "/ledger") }
    inner = Mutex(Inner())
    try refresh()
  }

  /// The mailboxes that have a ledger.
  public static func mailboxes(in data: DataFolder) throws(DiskError) -> [String] {
    try DurableFile.names(in: data.path + "/ledger").filter { !$0.hasPrefix(".") }
  }

  /// Takes in what other processes have appended meanwhile.
  public func refresh() throws(DiskError) {
    try inner.withLock { inner throws(DiskError) in
      for name in try DurableFile.names(in: folder) where name.hasSuffix(".jsonl") {
        if name == inner.writer?.name { continue }
        var reader = inner.segments[name] ?? SegmentReader(name: name)
        try reader.readOn("\(folder)/\(name)") {
          inner.state.apply($0)
        } damage: {
          inner.state.damage.append($0)
        }
        inner.segments[name] = reader
      }
    }
  }

  /// Appends events and returns once they are durable; blocks, so call it from a thread of your own.
  public func append(_ events: [LedgerEntry.Event], at now: Instant) throws(DiskError) {
    if events.isEmpty { return }
    try inner.withLock { inner throws(DiskError) in
      var writer: SegmentWriter
      if let open = inner.writer, open.size < Self.segmentLimit {
        writer = open
      } else {
        if let full = inner.writer { inner.segments[full.name] = full.reader }
        let heads = inner.segments.values.compactMap { $0.head }.sorted { $0.segment < $1.segment }
        inner.writer = nil
        writer = try SegmentWriter(folder: folder, predecessors: heads, at: now)
      }
      // A writer that failed is not used again: after a failed fsync nothing is known about its tail. Its
      // lines, where they did reach the disk, are read again like another process's.
      inner.writer = nil
      do throws(DiskError) {
        try writer.append(events, at: now)
      } catch {
        writer.close()
        throw error
      }
      inner.writer = writer
      for event in events { inner.state.apply(LedgerEntry(at: now, event: event)) }
    }
  }

  /// What the ledger says so far.
  public var state: LedgerState { inner.withLock { $0.state } }

  public func withState<Result>(_ body: (LedgerState) throws -> Result) rethrows -> Result {
    try inner.withLock { try body($0.state) }
  }

  /// Reads every line again from the disk, in the order of the segments' names.
  ///
  /// - Parameter body: called with each well-formed entry.
  /// - Returns: the damage found: broken chains, unreadable lines, missing or shortened segments.
  public func readAll(_ body: (LedgerEntry) -> Void) throws(DiskError) -> [LedgerDamage] {
    var damage: [LedgerDamage] = []
    var digests: [String: Set<Digest>] = [:]
    var claims: [(segment: String, head: SegmentHead)] = []
    let names = try DurableFile.names(in: folder).filter { $0.hasSuffix(".jsonl") }
    for name in names {
      var reader = SegmentReader(name: name)
      reader.remembersLines = true
      try reader.readOn("\(folder)/\(name)") { entry in
        if case .opened(let heads) = entry.event { claims += heads.map { (name, $0) } }
        body(entry)
      } damage: {
        damage.append($0)
      }
      digests[name] = reader.lineDigests
    }
    for claim in claims {
      guard let lines = digests[claim.head.segment] else {
        damage.append(
          LedgerDamage(
            segment: claim.head.segment, line: 0, what: "segment is missing; \(claim.segment) names it"))
        continue
      }
      if !lines.contains(claim.head.digest) {
        damage.append(
          LedgerDamage(
            segment: claim.head.segment, line: 0,
            what: "a line that \(claim.segment) names is gone: the segment was shortened or changed"))
      }
    }
    return damage
  }
}

/// Something in a ledger file that is not as it was written.
public struct LedgerDamage: Sendable, Equatable, CustomStringConvertible {
  public let segment: String
  /// Counted from 1; 0 for the segment as a whole.
  public let line: Int
  public let what: String

  public var description: String { line == 0 ? "\(segment): \(what)" : "\(segment):\(line): \(what)" }
}

/// Reads one segment from where it stopped last time; an unfinished last line is left for later.
private struct SegmentReader {
  let name: String
  var offset = 0
  var lines = 0
  var last: Digest?
  var remembersLines = false
  var lineDigests: Set<Digest> = []

  init(name: String) { self.name = name }

  init(name: String, offset: Int, lines: Int, last: Digest?) {
    self.name = name
    self.offset = offset
    self.lines = lines
    self.last = last
  }

  var head: SegmentHead? { last.map { SegmentHead(segment: name, digest: $0) } }

  /// A mebibyte at a time, so that reading a long ledger takes no memory.
  private static let chunk = 1 << 20
  /// A line of ours is below 1 KiB, but for the head lines of very many segments and scopes.
  private static let lineLimit = 16 << 20

  mutating func readOn(
    _ path: String, entry: (LedgerEntry) -> Void, damage: (LedgerDamage) -> Void
  ) throws(DiskError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    defer { _ = close(descriptor) }
    var size = Self.chunk
    while true {
      let bytes = try DurableFile.readRange(descriptor, path: path, from: offset, count: size)
      if bytes.isEmpty { return }
      let consumed = bytes.withUnsafeBytes { take($0, entry: entry, damage: damage) }
      offset += consumed
      if consumed == 0 {
        // No newline in sight: either an unfinished tail or one very long line.
        if bytes.count < size || size >= Self.lineLimit { return }
        size = min(size * 4, Self.lineLimit)
      } else if bytes.count < size {
        return
      } else {
        size = Self.chunk
      }
    }
  }

  private mutating func take(
    _ bytes: UnsafeRawBufferPointer, entry: (LedgerEntry) -> Void, damage: (LedgerDamage) -> Void
  ) -> Int {
    var start = 0
    while let base = bytes.baseAddress, start < bytes.count,
      let newline = memchr(base + start, 0x0A, bytes.count - start)
    {
      let end = UnsafeRawPointer(newline) - base
      let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      lines += 1
      var hasher = DigestHasher()
      hasher.update(line)
      let digest = hasher.finalize()
      if let (parsed, previous) = LedgerEntry.parse(line) {
        if previous != last {
          damage(LedgerDamage(segment: name, line: lines, what: "does not follow the line before it"))
        }
        entry(parsed)
      } else {
        damage(LedgerDamage(segment: name, line: lines, what: "cannot be read"))
      }
      last = digest
      if remembersLines { lineDigests.insert(digest) }
      start = end + 1
    }
    return start
  }
}

/// Appends to a segment of this process's own.
private struct SegmentWriter {
  let name: String
  private(set) var size = 0
  private let path: String
  private let descriptor: Int32
  private var last: Digest?
  private var lines = 0

  init(folder: String, predecessors: [SegmentHead], at now: Instant) throws(DiskError) {
    let stamp = now.description.filter { $0.isNumber || $0 == "T" }
    let random = String(UInt32.random(in: .min ... .max), radix: 16)
    name = "\(stamp)-\(getpid())-\(random).jsonl"
    path = "\(folder)/\(name)"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    do throws(DiskError) {
      try append([.opened(predecessors: predecessors)], at: now)
      try DurableFile.syncDirectory(folder)
    } catch {
      close()
      throw error
    }
  }

  mutating func append(_ events: [LedgerEntry.Event], at now: Instant) throws(DiskError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(events.count * 320)
    for event in events {
      let line = LedgerEntry(at: now, event: event).line(previous: last)
      last = Digest(of: line)
      lines += 1
      bytes += line
      bytes.append(0x0A)
    }
    try DurableFile.writeAll(bytes, to: descriptor, path: path)
    guard fdatasync(descriptor) == 0 else { throw DiskError(call: "fdatasync", path: path, code: errno) }
    size += bytes.count
  }

  func close() { _ = Glibc.close(descriptor) }

  /// This segment as a reader sees it, once it is full.
  var reader: SegmentReader { SegmentReader(name: name, offset: size, lines: lines, last: last) }
}
