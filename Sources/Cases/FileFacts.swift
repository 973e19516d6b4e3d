// What the file system says of a path, as a value: C's `stat` belongs to whichever module the compiler meets first, so
// only the modules that import nothing else of C look inside it.

#if canImport(Glibc)
  import Glibc
#endif

/// Kind, owner and permissions of what a path leads to; links are followed.
public struct FileFacts: Sendable {
  public enum Kind: Sendable { case file, folder, other }

  public let kind: Kind
  /// The user id of its owner.
  public let owner: UInt32
  /// The permission bits, `0o777` at most.
  public let permissions: UInt32
  /// When its content, its name or its owner last changed, in seconds since 1970.
  public let changed: Int64
  /// When its content last changed, in seconds since 1970; moving it changes nothing.
  public let written: Int64
  /// Names the file system that it is on: links work only within one (link(2), EXDEV).
  public let device: UInt64
  /// Names the file within it.
  public let inode: UInt64

  /// - Throws: `DiskError` with the code of stat(2), ENOENT where there is nothing.
  public init(_ path: String) throws(DiskError) {
    var status = Glibc.stat()
    guard stat(path, &status) == 0 else { throw DiskError(call: "stat", path: path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    owner = status.st_uid
    permissions = UInt32(status.st_mode) & 0o777
    changed = Int64(status.st_ctim.tv_sec)
    written = Int64(status.st_mtim.tv_sec)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
