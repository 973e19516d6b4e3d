// A data folder from a backup: every file is checked before any is copied, what is derived is made anew, and the whole
// is verified.

import Deadlines

#if canImport(Glibc)
  import Glibc
#endif

/// Puts a backup back.
public enum Restore {
  public struct Report: Sendable {
    public let madeAt: Instant
    public var files = 0
    public var bytes = 0
    public var cases = 0
    public var verified: VerifyReport
  }

  /// Reads every file of a backup and holds it against the list.
  ///
  /// - Returns: how many files there are.
  /// - Throws: `BackupProblem` that names what is damaged or missing.
  @discardableResult
  public static func check(_ backup: String) throws -> Int { try checked(backup).files.count }

  private static func checked(_ backup: String) throws -> Manifest {
    let manifest = try Manifest(of: backup)
    var wrong: [String] = []
    for (path, digest) in manifest.files {
      let found = try Copying.digest(of: "\(backup)/\(path)")
      if found != digest { wrong.append("\(path) \(found == nil ? "is missing" : "has other bytes")") }
    }
    guard wrong.isEmpty else {
      throw BackupProblem(
        "\(backup): is damaged: \(wrong.sorted().prefix(5).joined(separator: "; "))"
          + (wrong.count > 5 ? "; and \(wrong.count - 5) more" : "")
          + ". Nothing was restored; try an older backup")
    }
    return manifest
  }

  /// Restores a backup into a folder that is empty or not there.
  ///
  /// Until it is whole the folder's version says so, and no command opens it.
  public static func restore(_ backup: String, to folder: String, at now: Instant) throws -> Report {
    guard try DurableFile.names(in: folder).isEmpty else {
      throw BackupProblem("\(folder): is not empty; name a folder that is empty or not there")
    }
    let manifest = try checked(backup)
    try DataFolder.prepareRestore(folder)
    var bytes = 0
    var made: Set<String> = []
    let paths = manifest.files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for path in paths where path != "version" {
      bytes += try copy(path, from: backup, to: folder, manifest, made: &made)
    }
    try Copying.syncFileSystem(folder)
    try DataFolder.finishRestore(folder)
    let data = try DataFolder(folder)
    let (cases, _) = try reindex(data, at: now)
    return Report(
      madeAt: manifest.head.madeAt, files: manifest.files.count, bytes: bytes, cases: cases,
      verified: try verify(data))
  }

  private static func copy(
    _ path: String, from backup: String, to folder: String, _ manifest: Manifest, made: inout Set<String>
  ) throws -> Int {
    var parent = folder
    for part in path.split(separator: "/").dropLast() {
      parent += "/\(part)"
      if made.insert(parent).inserted { try DurableFile.makeDirectory(parent) }
    }
    let target = "\(folder)/\(path)"
    // An event's two names are one file: its number's name sorts first, and is there.
    if path.hasPrefix("cases/"), let name = path.split(separator: "/").last, name.first != "." {
      let twin = parent.dropFirst(folder.utf8.count + 1) + "/.\(name.prefix { $0.isNumber })"
      if manifest.files[String(twin)] == manifest.files[path], link("\(folder)/\(twin)", target) == 0 {
        return 0
      }
    }
    guard let copied = try Copying.copy("\(backup)/\(path)", to: target),
      copied.digest == manifest.files[path]
    else {
      throw BackupProblem("\(backup)/\(path): changed while it was read; empty \(folder) and begin anew")
    }
    return copied.size
  }
}
