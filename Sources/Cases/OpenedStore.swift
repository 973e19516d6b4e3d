// opened/<2>/<case id>.json: who first looked at a case that somebody must see at once, and when. Not an event: looking
// changes nothing about a case, and must not get in the way of whoever decides.

import Deadlines
import FoundationEssentials
import Triage

/// That somebody who may decide has seen a case (schema `intake.opened/1`).
public struct Opening: Codable, Sendable, Equatable {
  public var schema = "intake.opened/1"
  public let caseID: CaseID
  public let by: String
  public let at: Instant

  public init(caseID: CaseID, by: String, at: Instant) {
    self.caseID = caseID
    self.by = by
    self.at = at
  }

  enum CodingKeys: String, CodingKey {
    case schema, by, at
    case caseID = "case"
  }
}

/// The openings of a data folder; each is made once.
public struct OpenedStore: Sendable {
  /// What makes a case one that somebody must see at once, the gravest first.
  public static let flags: [Verdict.Flag.Kind] = [.safety, .executiveAddressee]
  /// A file of ours is some hundred bytes; more is damage.
  private static let limit = 1 << 14

  private let data: DataFolder
  private var folder: String { data.path + "/opened" }

  public init(_ data: DataFolder) { self.data = data }

  private func folder(of id: CaseID) -> String { "\(folder)/\(id.text.prefix(2))" }
  private func path(_ id: CaseID) -> String { "\(folder(of: id))/\(id.text).json" }

  /// The flag for which a case must be seen at once; nil where it can wait for its turn.
  public static func flag(of current: Case) -> Verdict.Flag.Kind? {
    let found = Set((current.recorded.verdict?.flags ?? []).map(\.kind))
    return flags.first { found.contains($0) }
  }

  /// Notes that somebody has opened a case, if it is one that must be seen and nobody was first. Durable on return.
  ///
  /// - Returns: whether it was noted now.
  @discardableResult
  public func note(_ current: Case, by: String, at now: Instant) throws -> Bool {
    let path = path(current.id)
    guard Self.flag(of: current) != nil, !DurableFile.exists(path) else { return false }
    if try DurableFile.makeDirectory(folder) { try DurableFile.syncDirectory(data.path) }
    let folder = folder(of: current.id)
    if try DurableFile.makeDirectory(folder) { try DurableFile.syncDirectory(self.folder) }
    let bytes = try JSONLine.bytes(Opening(caseID: current.id, by: by, at: now)) + [0x0A]
    let temporary = data.newTemporary()
    try bytes.withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o400) }
    let result = try DurableFile.link(temporary, to: path)
    try DurableFile.syncDirectory(folder)
    return result == .linked
  }

  /// Who first opened a case on the desk; nil where nobody has.
  public func read(_ id: CaseID) throws -> Opening? {
    guard let bytes = try DurableFile.read(path(id), limit: Self.limit) else { return nil }
    do {
      return try JSONDecoder().decode(Opening.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw CaseDamage(path: path(id), what: "cannot be read: \(error)")
    }
  }

  /// Whether somebody has seen a case: on the desk, or by deciding about it from the shell.
  public func isSeen(_ current: Case) -> Bool {
    isOpened(current.id) || current.events.contains { $0.by != CaseEvent.program }
  }

  /// Whether somebody has opened a case on the desk. Whoever decided about it has seen it too; its history says so.
  public func isOpened(_ id: CaseID) -> Bool { DurableFile.exists(path(id)) }

  /// Forgets a case, with the name of whoever opened it.
  public func remove(_ id: CaseID) { DurableFile.remove(path(id)) }

  /// The ids that have a file, and every file that is none.
  func check(_ found: (_ place: String, _ what: String) -> Void) throws {
    for half in try DurableFile.names(in: folder) {
      for name in try DurableFile.names(in: "\(folder)/\(half)") {
        let place = "opened/\(half)/\(name)"
        guard name.hasSuffix(".json"), let id = CaseID(String(name.dropLast(5))), id.text.hasPrefix(half)
        else {
          found(place, "is no case's")
          continue
        }
        do {
          if try read(id)?.caseID != id { found(place, "is about another case") }
        } catch {
          found(place, "\(error)")
        }
      }
    }
  }
}

extension CaseIndex {
  /// Cases that somebody must see at once, that wait for a person, and that nobody has seen; the gravest first.
  ///
  /// - Parameter limit: of each flag.
  public func unopened(
    _ data: DataFolder, limit: Int = 1000
  ) throws -> [(id: CaseID, flag: Verdict.Flag.Kind, since: Instant)] {
    var seen: Set<CaseID> = []
    return try unopened(data, limit: limit, seen: &seen)
  }

  /// The same, asked again and again: a case in `seen` stays seen and is not read; those that are now are in it after.
  public func unopened(
    _ data: DataFolder, limit: Int = 1000, seen: inout Set<CaseID>
  ) throws -> [(id: CaseID, flag: Verdict.Flag.Kind, since: Instant)] {
    let known = seen
    seen = []
    let (store, opened) = (CaseStore(data), OpenedStore(data))
    var found: [(id: CaseID, flag: Verdict.Flag.Kind, since: Instant)] = []
    for flag in OpenedStore.flags {
      var filter = CaseFilter(limit: limit)
      filter.flag = flag.rawValue
      filter.isPending = true
      for row in try list(filter) where !found.contains(where: { $0.id == row.id }) {
        if known.contains(row.id) {
          seen.insert(row.id)
          continue
        }
        // What cannot be read is `verify`'s business, and nobody has seen it: it counts from its receipt.
        let current = try? store.read(row.id)
        if let current, opened.isSeen(current) {
          seen.insert(row.id)
          continue
        }
        found.append((row.id, flag, current?.events.first?.at ?? row.receivedAt))
      }
    }
    return found
  }
}
