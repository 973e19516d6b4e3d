// Who has seen a case that must be seen at once: noted once, and `verify` reads it.

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
    #expect(opened.isOpened(current.id) == isNoted)
    opened.remove(current.id)
    #expect(try opened.read(current.id) == nil && !opened.isOpened(current.id))
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
