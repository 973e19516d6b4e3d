// Files that are on the disk when we say so: write in tmp, fsync, link (never a rename that could replace
// silently), fsync the directory (DESIGN "On disk"). Every path that must survive a crash goes through here.

import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A system call on the data folder failed.
///
/// `code` is the raw errno, `call` the system call, `path` what it was about.
public struct DiskError: Error, Sendable, CustomStringConvertible {
  public let call: String
  public let path: String
  public let code: Int32

  public init(call: String, path: String, code: Int32) {
    self.call = call
    self.path = path
    self.code = code
  }

  public var description: String { "\(path): \(call): \(String(cString: strerror(code)))" }

  /// The disk is full or over quota: nothing was recorded, the mailbox still holds the message.
  public var isFull: Bool { code == ENOSPC || code == EDQUOT }
}

/// What linking a finished file to its final name met.
public enum LinkResult: Sendable, Equatable {
  case linked
  /// The name was taken already: somebody was first, and their file stands.
  case existed
}

/// The few durable operations that everything on disk is made of.
public enum DurableFile {
  /// Writes `bytes` to a new file at `path` and makes its content durable.
  ///
  /// The file must not exist. A failed fsync is not retried on the descriptor (the kernel may have dropped
  /// the dirty pages): the file is removed and the error thrown.
  public static func create(_ path: String, _ bytes: UnsafeRawBufferPointer, mode: mode_t) throws(DiskError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    do {
      try writeAll(bytes, to: descriptor, path: path)
      try syncContent(descriptor, path: path)
    } catch {
      _ = close(descriptor)
      _ = unlink(path)
      throw error
    }
    guard close(descriptor) == 0 else {
      let code = errno
      _ = unlink(path)
      throw DiskError(call: "close", path: path, code: code)
    }
  }

  /// A file whose content is durable and that waits for its name; without one it is gone with its last user.
  public final class Prepared: Sendable {
    /// Open where the file has no name at all; -1 where it has the temporary one, or has been linked.
    private let descriptor: Mutex<Int32>
    private let temporary: String

    fileprivate init(descriptor: Int32, temporary: String) {
      self.descriptor = Mutex(descriptor)
      self.temporary = temporary
    }

    /// Gives the file its name; an existing file of that name stands.
    ///
    /// Durable only once the directory has been synced too (`syncDirectory`).
    public func link(to final: String) throws(DiskError) -> LinkResult {
      let open = descriptor.withLock { descriptor in
        defer { descriptor = -1 }
        return descriptor
      }
      if open < 0 { return try DurableFile.link(temporary, to: final) }
      let status = linkat(AT_FDCWD, "/proc/self/fd/\(open)", AT_FDCWD, final, AT_SYMLINK_FOLLOW)
      let code = errno
      let closed = close(open)
      guard status == 0 else {
        guard code == EEXIST else { throw DiskError(call: "linkat", path: final, code: code) }
        return .existed
      }
      guard closed == 0 else { throw DiskError(call: "close", path: final, code: errno) }
      return .linked
    }

    deinit {
      descriptor.withLock { if $0 >= 0 { _ = close($0) } }
    }
  }

  /// Writes `bytes` to a new file in `directory` and makes its content durable.
  ///
  /// Where the file system can, the file has no name until it is linked: nothing is left behind by a crash, and
  /// many writers do not wait for each other over one temporary folder. Elsewhere it is at `temporary`.
  public static func prepare(
    in directory: String, temporary: String, _ bytes: UnsafeRawBufferPointer, mode: mode_t
  ) throws(DiskError) -> Prepared {
    // O_TMPFILE as the kernel has it; its macro is not visible to Swift.
    let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
    let descriptor = open(directory, O_WRONLY | unnamed | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      let code = errno
      // File systems without it say one of these (open(2)).
      guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(code) else {
        throw DiskError(call: "open", path: directory, code: code)
      }
      try create(temporary, bytes, mode: mode)
      return Prepared(descriptor: -1, temporary: temporary)
    }
    do throws(DiskError) {
      try writeAll(bytes, to: descriptor, path: directory)
      try syncContent(descriptor, path: directory)
    } catch {
      _ = close(descriptor)
      throw error
    }
    return Prepared(descriptor: descriptor, temporary: temporary)
  }

  /// Gives the finished file `temporary` its final name and removes the temporary one.
  ///
  /// Durable only once the directory has been synced too (`syncDirectory`).
  public static func link(_ temporary: String, to final: String) throws(DiskError) -> LinkResult {
    defer { _ = unlink(temporary) }
    if Glibc.link(temporary, final) == 0 { return .linked }
    let code = errno
    guard code == EEXIST else { throw DiskError(call: "link", path: final, code: code) }
    return .existed
  }

  /// Puts `bytes` in the place of whatever is at `path`: for settings, never for what people did, where the first
  /// file stands. Durable on return.
  public static func replace(
    _ path: String, _ bytes: [UInt8], through temporary: String, mode: mode_t = 0o600
  ) throws {
    try bytes.withUnsafeBytes { try create(temporary, $0, mode: mode) }
    guard rename(temporary, path) == 0 else {
      let code = errno
      _ = unlink(temporary)
      throw DiskError(call: "rename", path: path, code: code)
    }
    let slash = path.utf8.lastIndex(of: 0x2F)
    try syncDirectory(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
  }

  /// Makes the names in a directory durable.
  public static func syncDirectory(_ path: String) throws(DiskError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw DiskError(call: "fsync", path: path, code: errno) }
  }

  /// Makes a directory unless it is there; the caller syncs the parent.
  ///
  /// - Returns: whether it was made now.
  @discardableResult
  public static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(DiskError) -> Bool {
    if mkdir(path, mode) == 0 { return true }
    let code = errno
    guard code == EEXIST else { throw DiskError(call: "mkdir", path: path, code: code) }
    return false
  }

  /// Writes all of `bytes`, however often the kernel takes only some of them.
  public static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(DiskError) {
    var offset = 0
    var interruptions = 0
    while offset < bytes.count {
      let written = write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
      if written > 0 {
        offset += written
        continue
      }
      let code = errno
      // A signal that never stops must not hang the recorder: the retries are bounded.
      if written < 0, code == EINTR, interruptions < 100 {
        interruptions += 1
        continue
      }
      throw DiskError(call: "write", path: path, code: written == 0 ? EIO : code)
    }
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(DiskError) {
    // `withUnsafeBytes` loses the error's type, so it is carried out by hand.
    let failure = bytes.withUnsafeBytes { buffer -> DiskError? in
      do throws(DiskError) {
        try writeAll(buffer, to: descriptor, path: path)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Makes a file's content durable (fsync, also for its size).
  public static func syncContent(_ descriptor: Int32, path: String) throws(DiskError) {
    guard fsync(descriptor) == 0 else { throw DiskError(call: "fsync", path: path, code: errno) }
  }

  /// The whole file, or nil where there is none.
  ///
  /// - Parameter limit: a larger file is an error (EFBIG), so that a damaged folder cannot exhaust memory.
  public static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return nil }
      throw DiskError(call: "open", path: path, code: code)
    }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw DiskError(call: "fstat", path: path, code: errno) }
    guard status.st_size <= limit else { throw DiskError(call: "read", path: path, code: EFBIG) }
    return try readRange(descriptor, path: path, from: 0, count: Int(status.st_size))
  }

  /// Up to `count` bytes from `offset` on; fewer where the file ends.
  static func readRange(
    _ descriptor: Int32, path: String, from offset: Int, count: Int
  ) throws(DiskError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got < 0, errno == EINTR {
          continue
        } else {
          failure = got < 0 ? errno : 0
          return
        }
      }
    }
    if failure != 0 { throw DiskError(call: "read", path: path, code: failure) }
    return bytes
  }

  /// The names in a directory, sorted by bytes; empty where the directory is missing.
  public static func names(in path: String) throws(DiskError) -> [String] {
    guard let directory = opendir(path) else {
      let code = errno
      if code == ENOENT { return [] }
      throw DiskError(call: "opendir", path: path, code: code)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return names
  }

  /// Removes a file that nothing relies on, such as a temporary one.
  public static func remove(_ path: String) { _ = unlink(path) }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
