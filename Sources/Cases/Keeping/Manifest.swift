// What makes a folder a backup: SHA256SUMS, a line a file as sha256sum(1) writes them, and backup.json, which names the
// digest of that list. A backup without either, or with another list, is none.

import Deadlines
import FoundationEssentials

/// A backup that cannot be made or used; the text says why and what to do.
public struct BackupProblem: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The head of a backup (schema `intake.backup/1`, docs/json.md).
struct BackupHead: Codable, Sendable {
  static let schema = "intake.backup/1"
  static let name = "backup.json"
  static let sums = "SHA256SUMS"

  var schema = Self.schema
  let madeAt: Instant
  let files: Int
  let bytes: Int
  /// SHA-256 of `SHA256SUMS`.
  let sums: Digest

  enum CodingKeys: String, CodingKey {
    case schema, files, bytes
    case madeAt = "made_at"
    case sums = "sums_sha256"
  }
}

/// The files of a backup with their digests, by path.
struct Manifest: Sendable {
  private(set) var files: [String: Digest] = [:]
  let head: BackupHead

  /// A list of millions of files has some hundred megabytes.
  private static let limit = 4 << 30

  /// Reads a backup's list and holds it against its head; the files themselves are not looked at.
  ///
  /// - Throws: `BackupProblem` where the folder is no backup, is unfinished, or its list was changed.
  init(of folder: String) throws {
    guard let bytes = try DurableFile.read("\(folder)/\(BackupHead.name)", limit: 1 << 16) else {
      throw BackupProblem(
        "\(folder): holds no \(BackupHead.name): it is no backup, or one that was never finished")
    }
    guard let head = try? JSONDecoder().decode(BackupHead.self, from: Data(bytes)),
      head.schema == BackupHead.schema
    else { throw BackupProblem("\(folder)/\(BackupHead.name): is damaged, or of a newer program") }
    guard let list = try DurableFile.read("\(folder)/\(BackupHead.sums)", limit: Self.limit) else {
      throw BackupProblem("\(folder): its list of files, \(BackupHead.sums), is missing")
    }
    guard Digest(of: list) == head.sums else {
      throw BackupProblem("\(folder)/\(BackupHead.sums): is not the list that the backup was made with")
    }
    self.head = head
    for line in list.split(separator: 0x0A) {
      guard line.count > 66, let digest = Digest(hex: String(decoding: line.prefix(64), as: UTF8.self)),
        let path = Self.checked(String(decoding: line.dropFirst(66), as: UTF8.self))
      else { throw BackupProblem("\(folder)/\(BackupHead.sums): a line of it cannot be read") }
      files[path] = digest
    }
    guard files.count == head.files else {
      throw BackupProblem("\(folder): has \(files.count) files in its list and \(head.files) in its head")
    }
  }

  /// A path below the folder, nil where it would lead elsewhere.
  private static func checked(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } ? nil : path
  }

  /// The list of files as text, sorted by path.
  static func list(_ files: [String: Digest]) -> [UInt8] {
    var list: [UInt8] = []
    for path in files.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let digest = files[path] else { continue }
      list += Array("\(digest.hex)  \(path)\n".utf8)
    }
    return list
  }
}
