// Backups made while others write, and what a restore refuses.

import Deadlines
import Foundation
import Synchronization
import Testing

@testable import Cases

@Suite struct BackupTests {
  private let folder: TemporaryData
  private let destination: String

  init() throws {
    folder = try TemporaryData()
    destination = folder.path + "-backups"
  }

  private final class Cleaner {
    let paths: [String]
    init(_ paths: [String]) { self.paths = paths }
    deinit { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
  }

  /// A message from its arrival to its outcome, as the pipeline does it.
  static func record(_ number: Int, in data: DataFolder, _ ledger: Ledger) throws -> CaseID {
    let text = "message \(number) of Quillfeather"
    let stored = try Array(text.utf8).withUnsafeBytes { try MessageStore(data).store($0) }
    let source = SourceID.imap(uidValidity: 1, uid: UInt32(number))
    let arrival = Arrival(
      source: source, digest: stored, size: 1, internalDate: nil, seen: instant(1_700_000_000))
    try ledger.append([.arrival(arrival)], at: instant(1_700_000_000))
    let id = CaseID(identity: stored)
    _ = try CaseStore(data).record(
      id, recorded(text, uid: UInt32(number), messageID: "\(number)@x"), at: instant(1_700_000_200))
    try ledger.append([.outcome(source, .case, caseReference: id)], at: instant(1_700_000_200))
    return id
  }

  /// Tells a thread to end, and that it has.
  private struct Work: Sendable {
    var isStopped = false
    var isDone = false
    var failure: String?
  }

  @Test func madeWhileOthersRecordDecideAndErase() throws {
    let restored = folder.path + "-restored"
    let cleaner = Cleaner([destination, restored])
    let data = folder.data
    let ledger = try Ledger(data, mailbox: "inbox")
    let index = try CaseIndex(data)
    let before = try (1...30).map { try Self.record($0, in: data, ledger) }
    let work = Mutex(Work())
    let box = Box(work: work)
    startThread {
      do {
        let store = CaseStore(data)
        let erasure = Erasure(data, index: index, deletions: try Deletions(data))
        for number in 31... {
          if box.work.withLock({ $0.isStopped }) { break }
          let id = try Self.record(number, in: data, ledger)
          try store.append(.noted, to: id, by: "anna", at: instant(5), details: .init(reason: "n"))
          if number.isMultiple(of: 5) {
            try erasure.erase([before[number % before.count]], reason: "request", by: "lena", at: instant(6))
          }
        }
      } catch {
        box.work.withLock { $0.failure = "\(error)" }
      }
      box.work.withLock { $0.isDone = true }
    }
    var seen: [Set<CaseID>] = []
    var reports: [Backup.Report] = []
    for number in 0..<4 {
      var known: Set<CaseID> = []
      try CaseStore(data).forEachID { id in
        if CaseStore(data).exists(id) { known.insert(id) }
      }
      seen.append(known)
      reports.append(
        try Backup.make(of: data, in: destination, at: instant(1_700_001_000 + Int64(number))))
    }
    box.work.withLock { $0.isStopped = true }
    while !box.work.withLock({ $0.isDone }) { usleep(1000) }
    #expect(box.work.withLock { $0.failure } == nil)
    for (known, report) in zip(seen, reports) {
      try? FileManager.default.removeItem(atPath: restored)
      let result = try Restore.restore(report.path, to: restored, at: instant(1_700_002_000))
      #expect(result.verified.findings.map(\.description) == [])
      let there = CaseStore(try DataFolder(restored))
      for id in known { #expect(there.exists(id), "\(id) was recorded before the backup began") }
      #expect(result.cases >= known.count)
    }
    // Once nobody writes, nothing is copied twice.
    let quiet = try Backup.make(of: data, in: destination, at: instant(1_700_001_900))
    let again = try Backup.make(of: data, in: destination, at: instant(1_700_001_901))
    #expect(again.files == quiet.files && again.copied == 0 && again.copiedBytes == 0)
    withExtendedLifetime(cleaner) {}
  }

  /// Mutex cannot be captured by an escaping closure; what holds it can.
  private final class Box: Sendable {
    let work: Mutex<Work>
    init(work: consuming Mutex<Work>) { self.work = work }
  }

  @Test func restoredElsewhereItIsTheSame() throws {
    let restored = folder.path + "-restored"
    let cleaner = Cleaner([destination, restored])
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    let ids = try (1...5).map { try Self.record($0, in: folder.data, ledger) }
    let store = CaseStore(folder.data)
    try store.append(.closed, to: ids[0], by: "anna", at: instant(5), details: .init(reason: "done"))
    try FileManager.default.createDirectory(
      atPath: folder.path + "/users", withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path + "/users/anna.json"))
    let report = try Backup.make(of: folder.data, in: destination, at: instant(1_700_001_000))
    #expect(report.path == destination + "/20231114T223000Z" || report.path.hasSuffix("Z"))
    let names = try DurableFile.names(in: report.path)
    #expect(!names.contains { $0.hasPrefix("index") || $0 == "queue" || $0 == "tmp" })
    #expect(try Restore.check(report.path) == report.files)
    let result = try Restore.restore(report.path, to: restored, at: instant(1_700_002_000))
    #expect(result.verified.findings.isEmpty && result.cases == 5 && result.verified.messages == 5)
    let there = try DataFolder(restored)
    #expect(try CaseStore(there).read(ids[0]).head == store.read(ids[0]).head)
    #expect(try CaseStore(there).read(ids[0]).state == .closed)
    #expect(FileManager.default.fileExists(atPath: "\(restored)/queue/closed/\(ids[0])"))
    #expect(FileManager.default.contents(atPath: restored + "/users/anna.json") == Data("{}".utf8))
    // Both names of an event are one file.
    let path = there.casePath(ids[0])
    let numbers = try [".0002", "0002-closed.json"].map {
      try FileManager.default.attributesOfItem(atPath: path + "/" + $0)[.systemFileNumber] as? Int
    }
    #expect(numbers[0] == numbers[1])
    // Work goes on in it.
    _ = try Self.record(6, in: there, Ledger(there, mailbox: "inbox"))
    #expect(try verify(there).findings.map(\.description) == [])
    withExtendedLifetime(cleaner) {}
  }

  /// What may be wrong with a backup, and a word of the refusal.
  static let damages: [(String, String)] = [
    ("a flipped byte", "has other bytes"), ("a missing file", "is missing"), ("no head", "never finished"),
    ("a changed list", "is not the list"), ("no list", "is missing"), ("a damaged head", "is damaged"),
    ("its unfinished name", "never finished"),
  ]

  @Test(arguments: damages.indices)
  func aDamagedBackupIsRefused(_ row: Int) throws {
    let (damage, word) = Self.damages[row]
    let restored = folder.path + "-restored"
    let cleaner = Cleaner([destination, restored])
    let id = try Self.record(1, in: folder.data, Ledger(folder.data, mailbox: "inbox"))
    let backup = try Backup.make(of: folder.data, in: destination, at: instant(1_700_001_000)).path
    let event = "\(backup)/cases/\(id.text.prefix(2))/\(id)/0001-recorded.json"
    func change(_ path: String, _ body: (inout Data) -> Void) throws {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      body(&bytes)
      try FileManager.default.removeItem(atPath: path)
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    switch damage {
    case "a flipped byte": try change(event) { $0[$0.count / 2] ^= 1 }
    case "a missing file": try FileManager.default.removeItem(atPath: event)
    case "no head", "its unfinished name": try FileManager.default.removeItem(atPath: backup + "/backup.json")
    case "a changed list": try change(backup + "/SHA256SUMS") { $0[0] = $0[0] == 0x30 ? 0x31 : 0x30 }
    case "no list": try FileManager.default.removeItem(atPath: backup + "/SHA256SUMS")
    default: try change(backup + "/backup.json") { $0.removeLast(20) }
    }
    let error = #expect(throws: BackupProblem.self) {
      try Restore.restore(backup, to: restored, at: instant(1_700_002_000))
    }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    #expect(!FileManager.default.fileExists(atPath: restored))
    withExtendedLifetime(cleaner) {}
  }

  @Test func onlyIntoAnEmptyFolderAndNotHalf() throws {
    let restored = folder.path + "-restored"
    let cleaner = Cleaner([destination, restored])
    _ = try Self.record(1, in: folder.data, Ledger(folder.data, mailbox: "inbox"))
    let backup = try Backup.make(of: folder.data, in: destination, at: instant(1_700_001_000)).path
    #expect(throws: BackupProblem.self) { try Restore.restore(backup, to: folder.path, at: instant(2)) }
    try DataFolder.prepareRestore(restored)
    #expect(throws: DataFolderError.self) { try DataFolder(restored) }
    #expect(throws: BackupProblem.self) {
      try Backup.make(of: folder.data, in: folder.path + "/mail", at: instant(1_700_001_100))
    }
    #expect(throws: BackupProblem.self) {
      try Backup.make(of: folder.data, in: destination, at: instant(1_700_001_000))
    }
    withExtendedLifetime(cleaner) {}
  }

  @Test func olderOnesGoAndWithThemWhatWasErased() throws {
    let cleaner = Cleaner([destination])
    let id = try Self.record(1, in: folder.data, Ledger(folder.data, mailbox: "inbox"))
    for second in 0..<3 {
      _ = try Backup.make(of: folder.data, in: destination, at: instant(1_700_001_000 + Int64(second)))
    }
    let erasure = Erasure(
      folder.data, index: try CaseIndex(folder.data), deletions: try Deletions(folder.data))
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_001_500))
    let last = try Backup.make(of: folder.data, in: destination, keep: 2, at: instant(1_700_001_600))
    #expect(last.removed.count == 2)
    #expect(try Backup.finished(in: destination).count == 2)
    let only = try Backup.make(of: folder.data, in: destination, keep: 1, at: instant(1_700_001_700))
    #expect(try Backup.finished(in: destination) == [only.path])
    let paths = FileManager.default.enumerator(atPath: destination)?.compactMap { $0 as? String } ?? []
    for path in paths {
      let bytes = FileManager.default.contents(atPath: destination + "/" + path)
      #expect(bytes?.range(of: Data("uillfeather".utf8)) == nil, "\(path)")
    }
    withExtendedLifetime(cleaner) {}
  }
}
