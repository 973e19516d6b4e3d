// Who has seen a case that must be seen at once: noted once, by decision too, and `verify` reads it.

import Deadlines
import Foundation
import Testing
import Triage

@testable import Cases

@Suite struct OpenedTests {
  /// A recorded case, with these flags in its verdict.
  private func record(_ world: TemporaryData, _ text: String, flags: [String]) throws -> Case {
    let list = flags.map { "{\"kind\":\"\($0)\",\"text\":\"x\"}" }.joined(separator: ",")
    let json = """
      {"band":"complaint","probability":0.99,"category":"service.delay_no_response","secondary":[],"severity":2,
      "flags":[\(list)],"evidence":[],"other_evidence":[],"language":"en","reason":"r","model":"m","points":[],
      "rules":[],"category_probability":0.9}
      """
    var made = recorded(text)
    made.verdict = try JSONDecoder().decode(Verdict.self, from: Data(json.utf8))
    let id = CaseID(identity: digest(text))
    let result = try CaseStore(world.data).record(id, made, at: instant(1_700_000_200))
    guard case .recorded(let current) = result else { throw CocoaError(.fileWriteUnknown) }
    return current
  }

  @Test(
    arguments: [
      (["safety"], Verdict.Flag.Kind.safety), (["executive_addressee"], .executiveAddressee),
      (["executive_addressee", "safety"], .safety), (["chaser"], nil), ([], nil),
    ] as [([String], Verdict.Flag.Kind?)])
  func notedOnceAndOnlyWhereItMatters(_ flags: [String], _ expected: Verdict.Flag.Kind?) throws {
    let world = try TemporaryData()
    let opened = OpenedStore(world.data)
    let current = try record(world, "one", flags: flags)
    #expect(OpenedStore.flag(of: current) == expected)
    let isNoted = expected != nil
    #expect(try opened.note(current, by: "anna", at: instant(10)) == isNoted)
    #expect(try opened.note(current, by: "ben", at: instant(20)) == false)
    #expect(try opened.read(current.id)?.by == (isNoted ? "anna" : nil))
    #expect(try opened.read(current.id)?.at == (isNoted ? instant(10) : nil))
    #expect(opened.isSeen(current) == isNoted)
    opened.remove(current.id)
    #expect(try opened.read(current.id) == nil && !opened.isSeen(current))
  }

  @Test func manyAtOnceMakeOne() async throws {
    let world = try TemporaryData()
    let current = try record(world, "one", flags: ["safety"])
    let data = world.data
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<16 {
        group.addTask { try OpenedStore(data).note(current, by: "user\(number)", at: instant(10)) }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 1)
    #expect(try DurableFile.names(in: world.path + "/tmp").isEmpty)
  }

  @Test func theIndexListsWhatNobodyHasSeen() throws {
    let world = try TemporaryData()
    let store = CaseStore(world.data)
    let index = try CaseIndex(world.data)
    var cases: [Case] = []
    for (text, flags) in [
      ("a", ["executive_addressee"]), ("b", ["safety"]), ("c", ["chaser"]), ("d", ["safety"]),
      ("e", ["safety", "executive_addressee"]),
    ] { cases.append(try record(world, text, flags: flags)) }
    try index.put(cases.map { ($0, text: nil) })
    func unopened() throws -> Set<CaseID> { Set(try index.unopened(world.data).map(\.id)) }
    #expect(try unopened() == [cases[0].id, cases[1].id, cases[3].id, cases[4].id])
    #expect(try index.unopened(world.data).map(\.flag) == [.safety, .safety, .safety, .executiveAddressee])
    #expect(try index.unopened(world.data).allSatisfy { $0.since == instant(1_700_000_200) })
    try OpenedStore(world.data).note(cases[1], by: "anna", at: instant(10))
    // A note from the shell; what the program adds by itself does not count.
    let noted = try store.append(
      .noted, to: cases[3].id, by: "olga", at: instant(20), details: .init(reason: "called"))
    let again = try store.append(
      .seenAgain, to: cases[4].id, by: "intake", at: instant(20),
      details: .init(sighting: cases[4].recorded.message.source))
    try index.put([(noted, text: nil), (again, text: nil)])
    #expect(try unopened() == [cases[0].id, cases[4].id])
    // Ended without having been opened here.
    let ended = try store.append(
      .closed, to: cases[0].id, by: "intake", at: instant(30), details: .init(reason: "test"))
    try index.put([(ended, text: nil)])
    #expect(try unopened() == [cases[4].id])
  }

  @Test func verifyReadsThem() throws {
    let world = try TemporaryData()
    let text = "one"
    _ = try Array(text.utf8).withUnsafeBytes { try MessageStore(world.data).store($0) }
    let current = try record(world, text, flags: ["safety"])
    let opened = OpenedStore(world.data)
    try opened.note(current, by: "anna", at: instant(10))
    #expect(try verify(world.data).findings.isEmpty)
    let path = "\(world.path)/opened/\(current.id.text.prefix(2))/\(current.id.text).json"
    DurableFile.remove(path)
    try Data("{".utf8).write(to: URL(filePath: path))
    try Data().write(to: URL(filePath: "\(world.path)/opened/\(current.id.text.prefix(2))/x.json"))
    let findings = try verify(world.data).findings.map(\.place)
    #expect(
      findings == [
        "opened/\(current.id.text.prefix(2))/\(current.id.text).json",
        "opened/\(current.id.text.prefix(2))/x.json",
      ])
  }
}
