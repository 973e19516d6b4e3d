// mail/: what arrived, byte for byte, written once, under the digest of its bytes.

import MIME

#if canImport(Glibc)
  import Glibc
#endif

/// The messages as they arrived.
public struct MessageStore: Sendable {
  let data: DataFolder

  public init(_ data: DataFolder) { self.data = data }

  /// A message up to this size is read into memory, a larger one mapped: small reads are cheaper than maps.
  private static let mappingThreshold = 1 << 20

  /// A message whose content is durable and that waits for its name.
  ///
  /// Storing many goes in three steps, each for all of them side by side: content, names, directories. The kernel
  /// then commits the names of a whole batch at once.
  public struct Prepared: Sendable {
    public let digest: Digest
    /// Nil where the message is there already.
    fileprivate let file: DurableFile.Prepared?

    /// A message that is stored already.
    public static func stored(_ digest: Digest) -> Prepared { Prepared(digest: digest, file: nil) }
  }

  /// Makes a message's bytes durable under their digest; blocks for the disk.
  ///
  /// Storing the same bytes again meets the same file, which is checked before it is relied on.
  public func store(_ bytes: UnsafeRawBufferPointer) throws(DiskError) -> Digest {
    let digest = try name(try prepare(bytes))
    try DurableFile.syncDirectory(directory(of: digest))
    return digest
  }

  /// The first step: makes the content durable.
  ///
  /// - Parameter isKept: whether a message is to be stored at all; what was deleted on purpose is not.
  public func prepare(
    _ bytes: UnsafeRawBufferPointer, isKept: (Digest) -> Bool = { _ in true }
  ) throws(DiskError) -> Prepared {
    var hasher = DigestHasher()
    hasher.update(bytes)
    let digest = hasher.finalize()
    if !isKept(digest) { return Prepared(digest: digest, file: nil) }
    if try isIntact(digest) { return Prepared(digest: digest, file: nil) }
    let file = try DurableFile.prepare(
      in: directory(of: digest), temporary: data.newTemporary(), bytes, mode: 0o400)
    return Prepared(digest: digest, file: file)
  }

  /// The second step: gives the message its name; durable once `directory(of:)` is synced.
  public func name(_ prepared: Prepared) throws(DiskError) -> Digest {
    // Losing the race against another process is fine: equal digest, equal bytes.
    _ = try prepared.file?.link(to: data.mailPath(prepared.digest))
    return prepared.digest
  }

  /// Takes over a finished file under `tmp/` (a large message, streamed there) as a message.
  ///
  /// The file is synced here; afterwards its temporary name is gone.
  public func adopt(
    file temporary: String, isKept: (Digest) -> Bool = { _ in true }
  ) throws(DiskError) -> (digest: Digest, size: Int) {
    let descriptor = open(temporary, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: temporary, code: errno) }
    defer { _ = close(descriptor) }
    var hasher = DigestHasher()
    var offset = 0
    while true {
      let piece = try DurableFile.readRange(descriptor, path: temporary, from: offset, count: 1 << 18)
      if piece.isEmpty { break }
      piece.withUnsafeBytes { hasher.update($0) }
      offset += piece.count
    }
    let digest = hasher.finalize()
    if !isKept(digest) {
      _ = unlink(temporary)
      return (digest, offset)
    }
    guard fchmod(descriptor, 0o400) == 0 else {
      throw DiskError(call: "fchmod", path: temporary, code: errno)
    }
    try DurableFile.syncContent(descriptor, path: temporary)
    if try isIntact(digest) {
      _ = unlink(temporary)
      try DurableFile.syncDirectory(directory(of: digest))
    } else {
      try settle(temporary, digest)
    }
    return (digest, offset)
  }

  private func settle(_ temporary: String, _ digest: Digest) throws(DiskError) {
    let final = data.mailPath(digest)
    // Losing the race against another process is fine: equal digest, equal bytes.
    _ = try DurableFile.link(temporary, to: final)
    try DurableFile.syncDirectory(directory(of: digest))
  }

  /// Whether the message is there and its bytes are its digest's; a damaged file is moved aside, never deleted.
  public func isIntact(_ digest: Digest) throws(DiskError) -> Bool {
    let path = data.mailPath(digest)
    guard DurableFile.exists(path) else { return false }
    if try digestOfFile(path) == digest { return true }
    guard rename(path, "\(path).damaged-\(time(nil))") == 0 else {
      throw DiskError(call: "rename", path: path, code: errno)
    }
    return false
  }

  /// How many files were found damaged and moved aside; reads every folder's names.
  public func damagedFiles() throws(DiskError) -> Int {
    var count = 0
    for folder in try DurableFile.names(in: data.path + "/mail") {
      count += try DurableFile.names(in: "\(data.path)/mail/\(folder)").count { $0.contains(".eml.damaged-") }
    }
    return count
  }

  private func digestOfFile(_ path: String) throws(DiskError) -> Digest {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
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

  /// Removes a message and whatever damaged copy of it was moved aside; durable on return.
  ///
  /// Only `Deletions` may: it first writes down that this was meant.
  func delete(_ digest: Digest) throws(DiskError) {
    let folder = directory(of: digest)
    var isChanged = false
    for name in try DurableFile.names(in: folder) where name.hasPrefix(digest.hex) {
      guard unlink("\(folder)/\(name)") == 0 || errno == ENOENT else {
        throw DiskError(call: "unlink", path: "\(folder)/\(name)", code: errno)
      }
      isChanged = true
    }
    if isChanged { try DurableFile.syncDirectory(folder) }
  }

  /// Whether there is anything of a message, intact or not.
  func holds(_ digest: Digest) throws(DiskError) -> Bool {
    if DurableFile.exists(data.mailPath(digest)) { return true }
    return try DurableFile.names(in: directory(of: digest)).contains { $0.hasPrefix(digest.hex) }
  }

  /// The folder to sync once a message has its name.
  public func directory(of digest: Digest) -> String { "\(data.path)/mail/\(digest.hex.prefix(2))" }

  /// Where the message lies; the file need not exist.
  public func path(of digest: Digest) -> String { data.mailPath(digest) }

  /// The digests of all stored messages, folder by folder.
  public func forEachDigest(_ body: (Digest) throws -> Void) throws {
    for folder in try DurableFile.names(in: data.path + "/mail") {
      for name in try DurableFile.names(in: "\(data.path)/mail/\(folder)") where name.hasSuffix(".eml") {
        if let digest = Digest(hex: String(name.dropLast(4))) { try body(digest) }
      }
    }
  }

  /// A stored message's bytes: in memory when small, mapped when large.
  public func read(_ digest: Digest) throws(DiskError) -> MessageBytes {
    let path = data.mailPath(digest)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw DiskError(call: "fstat", path: path, code: errno) }
    let size = Int(status.st_size)
    if size <= Self.mappingThreshold {
      return MessageBytes(try DurableFile.readRange(descriptor, path: path, from: 0, count: size))
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw DiskError(call: "mmap", path: path, code: errno)
    }
    let mapping = FileMapping(address: address, count: size)
    return MessageBytes(mapped: mapping.bytes, keepingAlive: mapping)
  }
}

/// A read-only mapping of a stored message; unmapped with its last user.
///
/// Unchecked because of the raw pointer; the mapped bytes never change: stored messages are written once.
private final class FileMapping: @unchecked Sendable {
  private let address: UnsafeMutableRawPointer
  private let count: Int

  init(address: UnsafeMutableRawPointer, count: Int) {
    self.address = address
    self.count = count
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

  deinit { munmap(address, count) }
}
