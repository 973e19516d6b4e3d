// The data folder: where each kind of file lives (DESIGN "On disk"), made once, with its fan-out.

import Crypto
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The folder that holds everything `intake` knows: `mail/ ledger/ cases/ queue/ outbox/ tmp/ index.sqlite`.
public final class DataFolder: Sendable {
  public let path: String
  private let temporaryCounter = Atomic<UInt64>(0)

  /// The layout's version, written into the folder; a newer one is refused.
  static let version = "1"

  /// Opens the folder, making what is missing.
  ///
  /// The fan-out folders of `mail/` and `cases/` are made and synced once here, so that recording a message
  /// syncs one directory only.
  public init(_ path: String) throws {
    self.path = path
    try Self.makeTree(path)
    for name in ["mail", "ledger", "cases", "queue", "outbox", "erasing", "tmp"] {
      try DurableFile.makeDirectory(path + "/" + name)
    }
    for state in CaseState.allCases { try DurableFile.makeDirectory("\(path)/queue/\(state.rawValue)") }
    for place in OutboxPlace.allCases { try DurableFile.makeDirectory("\(path)/outbox/\(place.rawValue)") }
    try DurableFile.syncDirectory(path + "/outbox")
    try Self.makeFanOut(path + "/mail", alphabet: Array("0123456789abcdef"))
    try Self.makeFanOut(path + "/cases", alphabet: Array(CaseID.alphabet))
    try checkVersion()
    try DurableFile.syncDirectory(path)
    removeOldTemporaries()
  }

  private static func makeTree(_ path: String) throws {
    var partial = ""
    for component in path.split(separator: "/", omittingEmptySubsequences: true) {
      partial += path.hasPrefix("/") || !partial.isEmpty ? "/\(component)" : String(component)
      if !DurableFile.exists(partial) { try DurableFile.makeDirectory(partial) }
    }
  }

  private static func makeFanOut(_ parent: String, alphabet: [Character]) throws {
    var made = false
    for first in alphabet {
      for second in alphabet where try DurableFile.makeDirectory("\(parent)/\(first)\(second)") {
        made = true
      }
    }
    if made { try DurableFile.syncDirectory(parent) }
  }

  private func checkVersion() throws {
    let file = path + "/version"
    if let bytes = try DurableFile.read(file, limit: 100) {
      let found = String(decoding: bytes, as: UTF8.self).trimmingWhitespace()
      guard found != Self.restoring else {
        throw DataFolderError(
          "\(path): a backup was being restored into it and is not whole; empty the folder and restore again")
      }
      guard found == Self.version else {
        let shown = found.unicodeScalars.allSatisfy { ("0"..."9").contains($0) } ? found : "unreadable"
        guard let number = Int(shown), number > Int(Self.version) ?? 0 else {
          throw DataFolderError(
            "\(path)/version: is \(shown), and this program reads version \(Self.version); restore the file")
        }
        throw DataFolderError(
          "\(path): its data version is \(shown), and this program reads version \(Self.version) at most; "
            + "a newer intake wrote it: install that one again",
          isNewer: true)
      }
      return
    }
    let temporary = newTemporary()
    try Array((Self.version + "\n").utf8).withUnsafeBytes { bytes in
      try DurableFile.create(temporary, bytes, mode: 0o600)
    }
    _ = try DurableFile.link(temporary, to: file)
  }

  /// In place of the version while a backup is restored.
  private static let restoring = "restoring"

  /// Makes the folder that a backup is restored into, so that nothing opens it before it is whole.
  static func prepareRestore(_ path: String) throws {
    try makeTree(path)
    try Array((restoring + "\n").utf8).withUnsafeBytes {
      try DurableFile.create(path + "/version", $0, mode: 0o600)
    }
    try DurableFile.syncDirectory(path)
  }

  /// From here on the folder is one like any other.
  static func finishRestore(_ path: String) throws {
    try DurableFile.replace(path + "/version", Array((version + "\n").utf8), through: path + "/version.new")
  }

  /// A new name under `tmp/`, never used before on this file system: process, time and a counter.
  public func newTemporary() -> String {
    let number = temporaryCounter.wrappingAdd(1, ordering: .relaxed).newValue
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return "\(path)/tmp/\(getpid()).\(now.tv_sec).\(now.tv_nsec).\(number)"
  }

  /// Leftovers of dead processes go after 36 hours, longer than any writer lives (qmail's rule).
  private func removeOldTemporaries() {
    let folder = path + "/tmp"
    let now = time(nil)
    for name in (try? DurableFile.names(in: folder)) ?? [] {
      var status = stat()
      if lstat("\(folder)/\(name)", &status) == 0, now - status.st_mtim.tv_sec > 36 * 3600 {
        _ = unlink("\(folder)/\(name)")
      }
    }
  }

  /// Bytes that an ordinary user may still write on the folder's file system.
  public func freeBytes() throws(DiskError) -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw DiskError(call: "statvfs", path: path, code: errno) }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  func mailPath(_ digest: Digest) -> String { "\(path)/mail/\(digest.hex.prefix(2))/\(digest.hex).eml" }
  func ledgerPath(_ mailbox: String) -> String { "\(path)/ledger/\(mailbox)" }
  func casePath(_ id: CaseID) -> String { "\(path)/cases/\(id.text.prefix(2))/\(id.text)" }
  public func outboxPath(_ place: OutboxPlace) -> String { "\(path)/outbox/\(place.rawValue)" }
  var indexPath: String { path + "/index.sqlite" }
}

/// Where a message of ours stands; the names are the folders of `outbox/`.
public enum OutboxPlace: String, Sendable, CaseIterable {
  /// It waits, and nothing of its text has been given to a server.
  case new
  /// Its text is being given to a server, or was when the program ended: perhaps it was sent.
  case sending
  case sent
  /// Given up; a person looks at the case again.
  case failed
}

/// The data folder cannot be used; the text says what to do.
public struct DataFolderError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// Whether a newer program wrote it: then this program is the wrong one, and the folder is sound.
  public let isNewer: Bool

  init(_ description: String, isNewer: Bool = false) {
    self.description = description
    self.isNewer = isNewer
  }
}

extension String {
  /// Without leading and trailing ASCII white space.
  func trimmingWhitespace() -> String {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    var bytes = Substring(self).utf8
    while let first = bytes.first, blank.contains(first) { bytes.removeFirst() }
    while let last = bytes.last, blank.contains(last) { bytes.removeLast() }
    return String(Substring(bytes))
  }
}
