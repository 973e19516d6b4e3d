// Holds, refusals, and an erasure that ends after each of its steps.

import Deadlines
import Foundation
import Testing

@testable import Cases

@Suite struct ErasureStepTests {
  private let folder: TemporaryData
  private let store: CaseStore
  private let index: CaseIndex
  private let erasure: Erasure
  private let id: CaseID
  private let message: Digest

  init() throws {
    let folder = try TemporaryData()
    let text = "a message of Quillfeather"
    let message = try Array(text.utf8).withUnsafeBytes { try MessageStore(folder.data).store($0) }
    self.folder = folder
    self.message = message
    store = CaseStore(folder.data)
    index = try CaseIndex(folder.data)
    erasure = Erasure(folder.data, index: index, deletions: try Deletions(folder.data))
    id = CaseID(identity: message)
    _ = try Self.record(text, id, in: folder, index, uid: 1)
    let noted = try store.append(
      .noted, to: id, by: "anna", at: instant(1_700_000_300), details: .init(reason: "Quillfeather rang"))
    try index.put([(noted, text: nil)])
  }

  private static func record(
    _ text: String, _ id: CaseID, in folder: TemporaryData, _ index: CaseIndex, uid: UInt32
  ) throws -> Case {
    var first = recorded(text, uid: uid, messageID: "\(uid)@quillfeather.example")
    first.complainant.name = "Quillfeather"
    let source = SourceID.imap(uidValidity: 1, uid: uid)
    let ledger = try Ledger(folder.data, mailbox: "inbox")
    try ledger.append(
      [.arrival(Arrival(source: source, digest: digest(text), size: 1, internalDate: nil, seen: instant(1)))],
      at: instant(1))
    guard
      case .recorded(let current) = try CaseStore(folder.data).record(id, first, at: instant(1_700_000_200))
    else { throw CaseDamage(path: id.text, what: "was there") }
    try ledger.append([.outcome(source, .case, caseReference: id)], at: instant(2))
    try index.put([(current, text: text)])
    return current
  }

  private func left() throws -> [String] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
      guard let bytes = FileManager.default.contents(atPath: folder.path + "/" + path) else { return false }
      return bytes.range(of: Data("uillfeather".utf8)) != nil
    }
  }

  @Test(arguments: Erasure.Step.allCases)
  func whatEndsHalfWayIsFinishedLater(_ step: Erasure.Step) throws {
    try erasure.erase(
      [id], reason: "request", by: "lena", cause: .erasure, at: instant(1_700_000_400), until: step)
    let findings = try verify(folder.data).findings.map(\.description)
    switch step {
    case .mark: #expect(findings.allSatisfy { $0.contains("nothing is erased") } && findings.count == 1)
    case .unmark: #expect(findings == [])
    default:
      #expect(
        !findings.isEmpty && findings.allSatisfy { $0.contains("an erasure is unfinished") }, "\(findings)")
      // From its event on nobody is shown anything of it, whatever is left on the disk.
      #expect(try store.read(id).complainant.name == nil && store.read(id).recorded.message.from.isEmpty)
    }
    // The next start: another process, with an index and deletions of its own.
    let next = Erasure(folder.data, index: try CaseIndex(folder.data), deletions: try Deletions(folder.data))
    let later = instant(Int64(Date().timeIntervalSince1970) + 3600)
    let finished = try next.finishAll(at: later)
    #expect(finished == (step == .mark || step == .unmark ? [] : [id]))
    #expect(try verify(folder.data).findings.map(\.description) == [])
    if step == .mark { try next.erase([id], reason: "request", by: "lena", at: later) }
    #expect(try left() == [])
    #expect(try store.read(id).events.filter { $0.kind == .erased }.count == 1)
    #expect(try next.finishAll(at: later) == [])
  }

  @Test(arguments: Erasure.Step.allCases)
  func reindexFinishesWithoutTheMark(_ step: Erasure.Step) throws {
    try erasure.erase(
      [id], reason: "request", by: "lena", cause: .erasure, at: instant(1_700_000_400), until: step)
    for name in try DurableFile.names(in: folder.path + "/erasing") {
      DurableFile.remove(folder.path + "/erasing/" + name)
    }
    _ = try reindex(folder.data)
    #expect(try verify(folder.data).findings.map(\.description) == [])
    if step > .mark { #expect(try left() == []) }
  }

  @Test func oneNameReplacedAndNotTheOther() throws {
    try erasure.erase([id], reason: "request", by: "lena", cause: .erasure, at: instant(5), until: .append)
    let path = folder.data.casePath(id)
    let history = try store.history(id)
    let stub = try CaseStore.encode(history.events[1])
    try DurableFile.replace(path + "/.0002", stub, through: folder.data.newTemporary())
    #expect(try verify(folder.data).findings.contains { $0.what.contains("event 0002-noted.json") })
    try erasure.finishAll(at: instant(6))
    #expect(try left() == [] && verify(folder.data).findings.isEmpty)
  }

  @Test func aHeldCaseIsRefusedAndStaysWhole() throws {
    try store.append(.held, to: id, by: "anna", at: instant(1_700_000_350), details: .init(reason: "a claim"))
    let before = try left()
    let error = #expect(throws: DecisionRefusal.self) {
      try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
    }
    #expect(error?.description.contains("held since 2023-11-14") == true)
    #expect(try erasure.plan([id]).first?.refusal != nil)
    #expect(try left() == before && store.read(id).isHeld)
    try store.append(
      .released, to: id, by: "anna", at: instant(1_700_000_500), details: .init(reason: "over"))
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_600))
    #expect(try left() == [])
    // That it was held, and by whom, stays; what for may have named people.
    #expect(try store.read(id).events.map(\.kind) == [.recorded, .noted, .held, .released, .erased])
  }

  @Test(arguments: ["Quillfeather asked", "asked from MEMBER@example.org", "for quillfeather"])
  func aReasonThatNamesThemIsRefused(_ reason: String) throws {
    #expect(throws: DecisionRefusal.self) {
      try erasure.erase([id], reason: reason, by: "lena", at: instant(1_700_000_400))
    }
    #expect(try !store.read(id).isErased)
  }

  @Test func aLetterOnItsWayIsRefused() throws {
    let facts = OutgoingFacts(
      messageID: "a@b", to: "member@example.org", subject: "s", digest: digest("s"), isAutomatic: false,
      template: "t")
    try store.append(.queued, to: id, by: "anna", at: instant(1_700_000_350), details: .init(outgoing: facts))
    #expect(throws: DecisionRefusal.self) {
      try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
    }
  }

  @Test func whoeverReadItBeforeDoesNotPutItBack() throws {
    let stale = try store.read(id)
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
    try index.put([(stale, text: "a message of Quillfeather")])
    try index.clean()
    #expect(try index.row(id)?.complainant == "erased")
    #expect(try left() == [])
    #expect(throws: CaseErased.self) {
      try store.append(.noted, to: id, by: "anna", at: instant(1_700_000_500), details: .init(reason: "late"))
    }
  }

  @Test func decisionsMadeAtTheSameTimeEndInTheChain() async throws {
    let (store, id, erasure) = (store, id, erasure)
    let decided = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<12 {
        group.addTask {
          do {
            try store.append(
              .noted, to: id, by: "p\(number)", at: instant(1_700_000_400),
              details: .init(reason: "Quillfeather \(number)"))
            return 1
          } catch is CaseErased {
            return 0
          }
        }
      }
      group.addTask {
        try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
        return 0
      }
      return try await group.reduce(0, +)
    }
    #expect(try store.read(id).events.count == 3 + decided)
    #expect(try left() == [] && verify(folder.data).findings.isEmpty)
  }

  @Test func aSplitCaseKeepsTheMessageUntilItGoesToo() throws {
    let other = CaseStore.splitID(of: id, category: "service.delay")
    try store.append(
      .split, to: id, by: "anna", at: instant(1_700_000_350),
      details: .init(category: "service.delay", splitInto: other))
    var recorded = try store.read(id).recorded
    recorded.splitFrom = id
    _ = try store.record(other, recorded, at: instant(1_700_000_350))
    #expect(try erasure.plan([id]).first?.sharing == [other])
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
    #expect(try MessageStore(folder.data).isIntact(message))
    #expect(try verify(folder.data).findings.map(\.description) == [])
    try erasure.erase([other], reason: "request", by: "lena", at: instant(1_700_000_500))
    #expect(try left() == [] && verify(folder.data).findings.isEmpty)
  }

  @Test func deletedBytesThatAreBackAreFoundAndGo() throws {
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_400))
    _ = try Array("a message of Quillfeather".utf8).withUnsafeBytes {
      try MessageStore(folder.data).store($0)
    }
    #expect(try verify(folder.data).findings.contains { $0.what.contains("an erasure is unfinished") })
    _ = try reindex(folder.data)
    #expect(try left() == [] && verify(folder.data).findings.isEmpty)
  }
}
