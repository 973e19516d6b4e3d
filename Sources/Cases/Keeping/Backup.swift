// A copy of the data folder that is whole although the service works on while it is made, and takes no lock.
//
// What refers goes before what is referred to: the ledgers up to where they end now, then the cases, the outbox, the
// messages, the rest, and last what was deleted. A message is on the disk before its line and before its case, so
// whatever a copied line or case names is there when it is copied, or is in the ledger of deletions, which is written
// before anything is deleted. Queue links and index are left out: they are made anew.

import Deadlines
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// Makes backups of a data folder in a folder of backups.
public struct Backup {
  /// What a backup holds, and how it came to it.
  public struct Report: Sendable {
    public let path: String
    public var files = 0
    public var bytes = 0
    /// Of these, how many were copied; the others are links to the backup before.
    public var copied = 0
    public var copiedBytes = 0
    /// Older backups that were removed.
    public var removed: [String] = []
  }

  private let data: DataFolder
  private let folder: String
  /// Where it is made; a name that no finished backup has.
  private let work: String
  private let previous: (path: String, manifest: Manifest)?
  private var files: [String: Digest] = [:]
  private var report: Report

  /// Derived, temporary, or of the moment: not part of a backup. Erasures that are not finished are found without marks.
  private static let left: Set<String> = ["queue", "tmp", "erasing"]

  /// Makes a backup.
  ///
  /// - Parameters:
  ///   - destination: the folder of backups; made where it is missing.
  ///   - keep: how many backups stay, this one among them; nil for all.
  /// - Throws: `BackupProblem`, `DiskError`. What was begun is removed then.
  public static func make(
    of data: DataFolder, in destination: String, keep: Int? = nil, at now: Instant
  ) throws -> Report {
    try refuseInside(destination, of: data.path)
    if !DurableFile.exists(destination) { try DurableFile.makeDirectory(destination) }
    var backup = try Backup(of: data, in: destination, at: now)
    do {
      return try backup.make(in: destination, keep: keep, at: now)
    } catch {
      removeTree(backup.work)
      throw error
    }
  }

  private init(of data: DataFolder, in destination: String, at now: Instant) throws {
    self.data = data
    let stamp = String(now.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" })
    folder = "\(destination)/\(stamp)"
    work = "\(folder).unfinished-\(getpid())"
    report = Report(path: folder)
    guard !DurableFile.exists(folder) else {
      throw BackupProblem("\(folder): a backup of this second is there already")
    }
    previous = try Self.finished(in: destination).last.flatMap { path in
      (try? Manifest(of: path)).map { (path, $0) }
    }
  }

  private mutating func make(in destination: String, keep: Int?, at now: Instant) throws -> Report {
    try DurableFile.makeDirectory(work)
    for mailbox in try Ledger.mailboxes(in: data) { try copyLedger(mailbox) }
    try copyCases()
    try copyOutbox()
    try completeQueued()
    let rest = try DurableFile.names(in: data.path).filter { name in
      !Self.left.contains(name) && !name.hasPrefix("index.sqlite")
        && !["ledger", "cases", "outbox"].contains(name)
    }
    // Messages before what is small and changes.
    for name in rest.sorted(by: { ($0 == "mail" ? 0 : 1, $0) < ($1 == "mail" ? 0 : 1, $1) }) {
      try copyTree(name)
    }
    try copyLedger(Deletions.name)
    try completeErased()
    try finish(at: now)
    if let keep { report.removed = try Self.removeOlder(than: keep, in: destination) }
    return report
  }

  // MARK: what is copied

  /// The segments up to where they end now; a line that is being written is left out.
  private mutating func copyLedger(_ mailbox: String) throws {
    let folder = "ledger/\(mailbox)"
    for name in try DurableFile.names(in: "\(data.path)/\(folder)") where name.hasSuffix(".jsonl") {
      try copy("\(folder)/\(name)", isLines: true)
    }
  }

  private mutating func copyCases() throws {
    for fan in try DurableFile.names(in: data.path + "/cases") {
      for name in try DurableFile.names(in: "\(data.path)/cases/\(fan)") {
        try copyCase("cases/\(fan)/\(name)")
      }
    }
  }

  /// A case's files, lowest numbers first. An erasure's event comes before its stubs, so where a stub was copied its
  /// event is there at a second look.
  private mutating func copyCase(_ folder: String) throws {
    var before: [String] = []
    while true {
      let names = try DurableFile.names(in: "\(data.path)/\(folder)")
      if names == before { return }
      for name in names where !before.contains(name) { try copy("\(folder)/\(name)") }
      before = names
    }
  }

  /// In the order in which messages move, so that none is missed between two looks; of two copies the one farther on
  /// stands.
  private mutating func copyOutbox() throws {
    for (index, place) in OutboxPlace.allCases.enumerated() {
      for name in try DurableFile.names(in: data.outboxPath(place)) {
        for earlier in OutboxPlace.allCases[..<index] { forget("outbox/\(earlier.rawValue)/\(name)") }
        try copy("outbox/\(place.rawValue)/\(name)")
      }
    }
  }

  /// A message that was taken back after its case was copied is missing here; its case says so when it is looked at
  /// again. One that was queued and moved on meanwhile is found at a second look.
  private mutating func completeQueued() throws {
    let store = CaseStore(data)
    for _ in 0..<3 {
      let names = files.keys.filter { $0.hasPrefix("outbox/") }.compactMap { $0.split(separator: "/").last }
      let present = Set(names.map { $0.drop { $0 == "." } }.map { $0.prefix { $0 != "." } })
      var isMissing = false
      for path in files.keys where path.hasPrefix("cases/") && path.hasSuffix("-queued.json") {
        let parts = path.split(separator: "/")
        guard parts.count == 4, let id = CaseID(String(parts[2])),
          let number = Int(parts[3].prefix(while: \.isNumber)),
          !present.contains("\(id)-\(number)")
        else { continue }
        try copyCase(parts.dropLast().joined(separator: "/"))
        let current = try store.read(id)
        if !current.isErased, current.standing.contains(where: { $0.number == number }) { isMissing = true }
      }
      if !isMissing { return }
      for path in files.keys.filter({ $0.hasPrefix("outbox/") }) { forget(path) }
      try copyOutbox()
    }
  }

  /// A case that was erased after it was copied, and whose message is gone by now: its event came first.
  private mutating func completeErased() throws {
    let erased = Set(
      files.keys.filter { $0.hasPrefix("cases/") && $0.hasSuffix("-erased.json") }.map {
        $0.split(separator: "/")[2]
      })
    for deletion in try Deletions(data).all.values {
      guard let id = deletion.caseID, !erased.contains(Substring(id.text)) else { continue }
      try copyCase("cases/\(id.text.prefix(2))/\(id)")
    }
  }

  private mutating func copyTree(_ path: String) throws {
    guard let facts = try? FileFacts("\(data.path)/\(path)") else { return }
    switch facts.kind {
    case .file: try copy(path)
    case .folder:
      for name in try DurableFile.names(in: "\(data.path)/\(path)") { try copyTree("\(path)/\(name)") }
    case .other: break
    }
  }

  // MARK: one file

  /// Copies a file, or links it to the backup before where it has not changed. One that is gone meanwhile is left out.
  private mutating func copy(_ path: String, isLines: Bool = false) throws {
    guard !path.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0x5C }) else {
      throw BackupProblem("\(data.path)/\(path): a name with a line break or a backslash cannot be listed")
    }
    let source = "\(data.path)/\(path)"
    var status = stat()
    guard lstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    let target = "\(work)/\(path)"
    if files[path] != nil { _ = unlink(target) }
    try makeFolders(of: path)
    if try linkTwin(path, source: source, status, target) { return }
    if let previous, let digest = previous.manifest.files[path],
      Self.isUnchanged("\(previous.path)/\(path)", status),
      link("\(previous.path)/\(path)", target) == 0
    {
      count(path, digest, Int(status.st_size), isCopied: false)
      return
    }
    guard let copied = try Copying.copy(source, to: target, isLines: isLines) else { return }
    count(path, copied.digest, copied.size, isCopied: true)
  }

  /// An event's two names are one file here too.
  private mutating func linkTwin(_ path: String, source: String, _ status: stat, _ target: String) throws
    -> Bool
  {
    guard path.hasPrefix("cases/"), status.st_nlink > 1, let slash = path.utf8.lastIndex(of: 0x2F) else {
      return false
    }
    let folder = String(path[..<slash])
    let name = path[path.utf8.index(after: slash)...]
    let twin = "\(folder)/.\(name.prefix { $0.isNumber })"
    var other = stat()
    guard name.first != ".", let digest = files[twin], lstat("\(data.path)/\(twin)", &other) == 0,
      other.st_ino == status.st_ino, link("\(work)/\(twin)", target) == 0
    else { return false }
    count(path, digest, Int(status.st_size), isCopied: false)
    return true
  }

  private static func isUnchanged(_ path: String, _ now: stat) -> Bool {
    var then = stat()
    return lstat(path, &then) == 0 && then.st_size == now.st_size
      && then.st_mtim.tv_sec == now.st_mtim.tv_sec && then.st_mtim.tv_nsec == now.st_mtim.tv_nsec
  }

  private mutating func count(_ path: String, _ digest: Digest, _ size: Int, isCopied: Bool) {
    if files.updateValue(digest, forKey: path) == nil {
      report.files += 1
      report.bytes += size
    }
    if isCopied {
      report.copied += 1
      report.copiedBytes += size
    }
  }

  private mutating func forget(_ path: String) {
    guard files.removeValue(forKey: path) != nil else { return }
    var status = stat()
    if lstat("\(work)/\(path)", &status) == 0 { report.bytes -= Int(status.st_size) }
    report.files -= 1
    _ = unlink("\(work)/\(path)")
  }

  private func makeFolders(of path: String) throws {
    var folder = work
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      if !DurableFile.exists(folder) { try DurableFile.makeDirectory(folder) }
    }
  }

  // MARK: the end

  /// Writes list and head, makes everything durable, and gives the backup its name.
  private mutating func finish(at now: Instant) throws {
    let list = Manifest.list(files)
    try list.withUnsafeBytes { try DurableFile.create("\(work)/\(BackupHead.sums)", $0, mode: 0o400) }
    // The files first, all at once; only then the head, without which it is no backup.
    try Copying.syncFileSystem(work)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let head = BackupHead(madeAt: now, files: files.count, bytes: report.bytes, sums: Digest(of: list))
    let bytes = try Array(encoder.encode(head)) + [0x0A]
    try bytes.withUnsafeBytes { try DurableFile.create("\(work)/\(BackupHead.name)", $0, mode: 0o400) }
    try DurableFile.syncDirectory(work)
    guard try DurableFile.move(work, to: folder) == .linked else {
      throw BackupProblem("\(folder): a backup of this second is there already")
    }
  }

  /// The finished backups in a folder, oldest first.
  public static func finished(in destination: String) throws -> [String] {
    try DurableFile.names(in: destination).filter { isStamp($0) }.map { "\(destination)/\($0)" }
      .filter { DurableFile.exists("\($0)/\(BackupHead.name)") }
  }

  /// `20261130T014500Z`.
  private static func isStamp(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return bytes.count == 16 && bytes[8] == 0x54 && bytes[15] == 0x5A
      && bytes.enumerated().allSatisfy { $0 == 8 || $0 == 15 || (0x30...0x39).contains($1) }
  }

  private static func removeOlder(than keep: Int, in destination: String) throws -> [String] {
    let old = try finished(in: destination).dropLast(max(1, keep))
    for path in old {
      // Its head goes first: what is half removed is no backup.
      _ = unlink("\(path)/\(BackupHead.name)")
      removeTree(path)
    }
    // What others began and did not finish within a day.
    for name in try DurableFile.names(in: destination) where name.contains(".unfinished-") {
      let path = "\(destination)/\(name)"
      if isStamp(String(name.prefix(16))), let facts = try? FileFacts(path),
        Int64(time(nil)) - facts.changed > 86400
      {
        removeTree(path)
      }
    }
    return Array(old)
  }

  private static func removeTree(_ path: String) {
    for name in (try? DurableFile.names(in: path)) ?? [] {
      let child = "\(path)/\(name)"
      var status = stat()
      guard lstat(child, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR { removeTree(child) } else { _ = unlink(child) }
    }
    _ = rmdir(path)
  }

  /// A backup inside the data folder would hold itself, and go down with it.
  private static func refuseInside(_ destination: String, of data: String) throws {
    func absolute(_ path: String) -> String {
      guard let real = realpath(path, nil) else { return path }
      defer { free(real) }
      return String(cString: real) + "/"
    }
    let parent = destination.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    let place = DurableFile.exists(destination) ? destination : parent.isEmpty ? "." : parent
    guard !absolute(place).hasPrefix(absolute(data)) else {
      throw BackupProblem("\(destination): lies inside the data folder; name a place outside it")
    }
  }
}

/// Copies of single files.
enum Copying {
  /// Copies a file with its time and permissions, in pieces, and gives the digest of what was written.
  ///
  /// - Parameter isLines: only up to the last line's end.
  /// - Returns: nil where there is no such file any more.
  static func copy(
    _ source: String, to target: String, isLines: Bool = false
  ) throws(DiskError) -> (digest: Digest, size: Int)? {
    let from = open(source, O_RDONLY | O_CLOEXEC)
    guard from >= 0 else {
      let code = errno
      if code == ENOENT { return nil }
      throw DiskError(call: "open", path: source, code: code)
    }
    defer { _ = close(from) }
    var status = stat()
    guard fstat(from, &status) == 0 else { throw DiskError(call: "fstat", path: source, code: errno) }
    let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0o777)
    guard to >= 0 else { throw DiskError(call: "open", path: target, code: errno) }
    var isOpen = true
    defer { if isOpen { _ = close(to) } }
    var left = try isLines ? endOfLines(from, source, Int(status.st_size)) : Int(status.st_size)
    var hasher = DigestHasher()
    var offset = 0
    while left > 0 {
      let piece = try DurableFile.readRange(from, path: source, from: offset, count: min(left, 1 << 18))
      if piece.isEmpty { break }
      piece.withUnsafeBytes { hasher.update($0) }
      try DurableFile.writeAll(piece, to: to, path: target)
      offset += piece.count
      left -= piece.count
    }
    // A ledger that has grown since has another size, and is copied again next time.
    var times = [status.st_atim, status.st_mtim]
    guard futimens(to, &times) == 0 else { throw DiskError(call: "futimens", path: target, code: errno) }
    isOpen = false
    guard close(to) == 0 else { throw DiskError(call: "close", path: target, code: errno) }
    return (hasher.finalize(), offset)
  }

  /// The offset after the last line break below `size`.
  private static func endOfLines(_ descriptor: Int32, _ path: String, _ size: Int) throws(DiskError) -> Int {
    var end = size
    while end > 0 {
      let start = max(0, end - (1 << 16))
      let piece = try DurableFile.readRange(descriptor, path: path, from: start, count: end - start)
      if let last = piece.lastIndex(of: 0x0A) { return start + last + 1 }
      end = start
    }
    return 0
  }

  /// The digest of a file's bytes; nil where there is none.
  static func digest(of path: String) throws(DiskError) -> Digest? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return nil }
      throw DiskError(call: "open", path: path, code: code)
    }
    defer { _ = close(descriptor) }
    var hasher = DigestHasher()
    var offset = 0
    while true {
      let piece = try DurableFile.readRange(descriptor, path: path, from: offset, count: 1 << 18)
      if piece.isEmpty { return hasher.finalize() }
      piece.withUnsafeBytes { hasher.update($0) }
      offset += piece.count
    }
  }

  /// syncfs(2); Swift's module of the C library leaves it out, so it is looked up.
  private static let syncfs = dlsym(nil, "syncfs").map {
    unsafeBitCast($0, to: (@convention(c) (Int32) -> Int32).self)
  }

  /// Makes everything that was written to a file system durable: for very many files faster than one after the other.
  static func syncFileSystem(_ path: String) throws(DiskError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    defer { _ = close(descriptor) }
    guard let syncfs else { return sync() }
    guard syncfs(descriptor) == 0 else { throw DiskError(call: "syncfs", path: path, code: errno) }
  }
}
