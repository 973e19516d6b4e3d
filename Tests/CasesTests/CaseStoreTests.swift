import Deadlines
import Foundation
import MIME
import Testing

@testable import Cases

@Suite struct CaseStoreTests {
  @Test func recordingTwiceMeetsTheSameFile() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("x"))
    guard case .recorded(let first) = try store.record(id, recorded("x"), at: instant(1)) else {
      Issue.record("the first recording must record")
      return
    }
    guard case .existed(let second) = try store.record(id, recorded("other"), at: instant(2)) else {
      Issue.record("the second recording must meet the first")
      return
    }
    #expect(second.head == first.head)
    #expect(second.recorded.message.digest == digest("x"))
  }

  @Test func manyRecordersOneCase() async throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("race"))
    let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<16 {
        group.addTask {
          if case .recorded = try store.record(id, recorded("\(number)"), at: instant(1)) { return true }
          return false
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(winners == 1)
  }

  @Test func eachNumberIsTakenOnce() async throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("events"))
    _ = try store.record(id, recorded("events"), at: instant(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<24 {
        group.addTask {
          let kind: CaseEvent.Kind = number.isMultiple(of: 2) ? .noted : .assigned
          try store.append(
            kind, to: id, by: "p\(number)", at: instant(2),
            details: .init(reason: "n\(number)", assignee: "a"))
        }
      }
      try await group.waitForAll()
    }
    let current = try store.read(id)
    #expect(current.events.map(\.number) == Array(1...25))
    #expect(Set(current.events.dropFirst().compactMap(\.details.reason)).count == 24)
    let names = try DurableFile.names(in: folder.data.casePath(id))
    #expect(names.filter { !$0.hasPrefix(".") }.count == 25)
  }

  @Test func twoDecidersOneWins() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("conflict"))
    _ = try store.record(id, recorded("conflict", outcome: .possible), at: instant(1))
    try store.append(.confirmed, to: id, by: "Ann", at: instant(2), after: 1, details: .init())
    let error = #expect(throws: EventConflict.self) {
      try store.append(.dismissed, to: id, by: "Bob", at: instant(3), after: 1, details: .init(reason: "no"))
    }
    #expect(error?.first?.by == "Ann")
    #expect(try store.read(id).state == .open)
  }

  static let histories: [(String, Outcome, [CaseEvent.Kind], CaseState)] = [
    ("recorded", .case, [], .open),
    ("possible", .possible, [], .possible),
    ("quarantined", .quarantined, [], .quarantined),
    ("confirmed", .possible, [.confirmed], .open),
    ("dismissed", .possible, [.dismissed], .dismissed),
    ("dismissed, then confirmed", .possible, [.dismissed, .confirmed], .open),
    ("acknowledged", .case, [.acknowledged], .acknowledged),
    ("acknowledged, confirmed late", .possible, [.acknowledged, .confirmed], .acknowledged),
    ("closed", .case, [.acknowledged, .closed], .closed),
    ("writes again after closure", .case, [.closed, .followedUp], .possible),
    ("writes again while open", .case, [.followedUp], .open),
    ("merged", .case, [.merged], .closed),
    ("notes change nothing", .case, [.noted, .assigned, .recategorised, .seenAgain], .open),
  ]

  @Test(arguments: histories)
  func states(_ name: String, _ outcome: Outcome, _ kinds: [CaseEvent.Kind], _ expected: CaseState) throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest(name))
    _ = try store.record(id, recorded(name, outcome: outcome), at: instant(1))
    for kind in kinds { try store.append(kind, to: id, by: "test", at: instant(2), details: .init()) }
    #expect(try store.read(id).state == expected)
    // `ls queue/` is the status page: one link, in the state's folder.
    let links = try CaseState.allCases.filter {
      try DurableFile.names(in: "\(folder.path)/queue/\($0.rawValue)").contains(id.text)
    }
    #expect(links == [expected])
    #expect(
      FileManager.default.fileExists(
        atPath: "\(folder.path)/queue/\(expected.rawValue)/\(id)/0001-recorded.json"))
  }

  @Test func followUpIsAppendedOnce() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("f"))
    _ = try store.record(id, recorded("f"), at: instant(1))
    let followUp = FollowUp(
      message: recorded("reply", uid: 2).message, receivedAt: instant(2), tie: "references",
      senderIsKnown: true,
      verdict: nil)
    for _ in 0..<3 {
      try store.append(.followedUp, to: id, by: "intake", at: instant(3), details: .init(followUp: followUp))
    }
    #expect(try store.read(id).events.count == 2)
  }

  @Test func changedEventIsFound() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("chain"))
    _ = try store.record(id, recorded("chain"), at: instant(1))
    try store.append(.noted, to: id, by: "Ann", at: instant(2), details: .init(reason: "first"))
    let path = "\(folder.data.casePath(id))/0001-recorded.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    chmod(path, 0o600)
    try text.replacingOccurrences(of: "A Member", with: "B Member").write(
      toFile: path, atomically: false, encoding: .utf8)
    #expect(throws: CaseDamage.self) { try store.read(id) }
  }
}

@Suite struct MessageStoreTests {
  @Test func storedOnceUnderItsDigest() throws {
    let folder = try TemporaryData()
    let store = MessageStore(folder.data)
    let bytes = Array("Subject: x\r\n\r\nbody".utf8)
    let first = try bytes.withUnsafeBytes { try store.store($0) }
    let second = try bytes.withUnsafeBytes { try store.store($0) }
    #expect(first == second && first == Digest(of: bytes))
    #expect(FileManager.default.contents(atPath: store.path(of: first)) == Data(bytes))
    let mode =
      try FileManager.default.attributesOfItem(atPath: store.path(of: first))[.posixPermissions] as? Int
    #expect(mode == 0o400)
    #expect(try DurableFile.names(in: folder.path + "/tmp") == [])
  }

  @Test func damagedFileMovesAsideAndIsStoredAnew() throws {
    let folder = try TemporaryData()
    let store = MessageStore(folder.data)
    let bytes = Array("message".utf8)
    let digest = try bytes.withUnsafeBytes { try store.store($0) }
    let path = store.path(of: digest)
    chmod(path, 0o600)
    try Data("massage".utf8).write(to: URL(fileURLWithPath: path))
    _ = try bytes.withUnsafeBytes { try store.store($0) }
    #expect(FileManager.default.contents(atPath: path) == Data(bytes))
    let directory = (path as NSString).deletingLastPathComponent
    #expect(try DurableFile.names(in: directory).contains { $0.contains(".damaged-") })
  }

  @Test func adoptedFileIsTheSameAsStored() throws {
    let folder = try TemporaryData()
    let store = MessageStore(folder.data)
    let bytes = [UInt8](repeating: 0x41, count: 3_000_000)
    let temporary = folder.data.newTemporary()
    try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    let (digest, size) = try store.adopt(file: temporary)
    #expect(digest == Digest(of: bytes) && size == bytes.count)
    #expect(!FileManager.default.fileExists(atPath: temporary))
    #expect(try store.read(digest).count == bytes.count)
  }
}

@Suite struct IndexTests {
  @Test func findsAndSurvivesDeletion() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let index = try CaseIndex(folder.data)
    let id = CaseID(identity: digest("i"))
    guard case .recorded(let current) = try store.record(id, recorded("i", messageID: "a@b"), at: instant(1))
    else {
      return
    }
    try index.put([(current, text: "the advice line never rang back")])
    #expect(try index.cases(holding: ["a@b", "", "c@d"]) == ["a@b": [id]])
    #expect(try index.list(CaseFilter(search: "advice rang")).map(\.id) == [id])
    #expect(try index.list(CaseFilter(search: "\" OR NEAR(")).isEmpty)
    #expect(try index.list(CaseFilter(state: .possible)).isEmpty)
    let again = try CaseIndex.reindex(folder.data)
    #expect(try again.cases(holding: ["a@b"]) == ["a@b": [id]])
  }

  @Test func damagedIndexIsRebuilt() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("d"))
    _ = try store.record(id, recorded("d"), at: instant(1))
    try Data("this is no database, whatever its name says, and long enough to be looked at".utf8)
      .write(to: URL(fileURLWithPath: folder.data.indexPath))
    #expect(try CaseIndex(folder.data).list(CaseFilter()).map(\.id) == [id])
  }

  @Test func firstSightingStays() throws {
    let folder = try TemporaryData()
    let index = try CaseIndex(folder.data)
    let first = arrival(1, "same")
    let second = Arrival(
      source: .imap(uidValidity: 1, uid: 2), digest: first.digest, size: 1, internalDate: nil,
      seen: instant(first.seen.unixSeconds + 1))
    try index.note([first, second], mailbox: "inbox")
    #expect(try index.firstSightings(of: [first, second], mailbox: "inbox") == [first.source])
    #expect(try index.firstSightings(of: [first], mailbox: "other") == [])
  }
}

@Suite struct VerifyTests {
  @Test func cleanThenEachDamageIsNamed() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let bytes = Array("a message".utf8)
    let stored = try bytes.withUnsafeBytes { try MessageStore(folder.data).store($0) }
    let id = CaseID(identity: stored)
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    let source = SourceID.imap(uidValidity: 1, uid: 1)
    try ledger.append(
      [.arrival(Arrival(source: source, digest: stored, size: 9, internalDate: nil, seen: instant(1)))],
      at: instant(1))
    _ = try store.record(id, recorded("a message"), at: instant(1))
    try ledger.append([.outcome(source, .case, caseReference: id)], at: instant(2))
    #expect(try verify(folder.data).findings.map(\.description) == [])

    // Two outcomes for one UID.
    try ledger.append([.outcome(source, .automatic, caseReference: nil)], at: instant(3))
    #expect(try verify(folder.data).findings.contains { $0.what.contains("two outcomes") })
    // The bytes are gone.
    try FileManager.default.removeItem(atPath: MessageStore(folder.data).path(of: stored))
    let findings = try verify(folder.data).findings
    #expect(findings.contains { $0.place.hasPrefix("ledger") && $0.what.contains("not in mail/") })
    #expect(findings.contains { $0.place.hasPrefix("cases") && $0.what.contains("not in mail/") })
    // The link is gone, and comes back.
    try FileManager.default.removeItem(atPath: "\(folder.path)/queue/open/\(id)")
    #expect(try verify(folder.data).findings.contains { $0.what.contains("link is missing") })
    _ = try reindex(folder.data)
    #expect(try !verify(folder.data).findings.contains { $0.what.contains("link is missing") })
  }
}
