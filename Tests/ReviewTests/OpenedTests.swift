// The case page of what must be seen at once notes who saw it first.

import Cases
import Deadlines
import Foundation
import MIME
import Testing
import Triage

@testable import Review

@Suite struct OpenedPageTests {
  /// A case flagged for safety beside the desk's own.
  private func flagged(_ live: LiveDesk) throws -> CaseID {
    let bytes = Array("From: a@example.org\r\nSubject: x\r\n\r\nI cannot go on.\r\n".utf8)
    let digest = try bytes.withUnsafeBytes { try MessageStore(live.data).store($0) }
    let json = """
      {"band":"complaint","probability":0.99,"category":"service.delay_no_response","secondary":[],"severity":4,
      "flags":[{"kind":"safety","text":"x"}],"evidence":[],"other_evidence":[],"language":"en","reason":"r","model":"m",
      "points":[],"rules":[],"category_probability":0.9}
      """
    let source = SourceFacts(
      mailbox: "inbox", source: .imap(uidValidity: 1, uid: 99), internalDate: nil,
      seen: Instant(unixSeconds: 1_700_000_100))
    let recorded = Recorded(
      outcome: .case,
      message: MessageFacts(
        digest: digest, size: bytes.count, source: source, messageID: "flagged@example.org", subject: "x",
        from: [.init(name: nil, address: "a@example.org")]), receivedAt: Instant(unixSeconds: 1_700_000_000),
      receivedHow: "test",
      complainant: Complainant(name: nil, address: "a@example.org", how: "sender", confidence: 1),
      country: nil, verdict: try JSONDecoder().decode(Verdict.self, from: Data(json.utf8)),
      deadlines: Deadlines(all: []))
    let id = CaseID(identity: digest)
    guard case .recorded(let made) = try live.desk.store.record(id, recorded, at: live.desk.now()) else {
      throw CocoaError(.fileWriteUnknown)
    }
    try live.desk.index.put([(made, text: nil)])
    return id
  }

  @Test func whoMayDecideIsNotedOnce() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let id = try flagged(live)
    let opened = OpenedStore(live.data)
    // A list shows it, an auditor reads it, a program reads it: nobody who could act has seen it.
    let otto = try await live.signIn("otto")
    #expect(try await live.ask("GET", "/cases/\(id)", cookie: otto.cookie).status == 200)
    let token = live.tokens["specialist"]
    #expect(try await live.ask("GET", "/api/v1/cases/\(id)", bearer: token).status == 200)
    #expect(try opened.read(id) == nil)
    for name in ["anna", "ben"] {
      let person = try await live.signIn(name)
      #expect(try opened.read(id)?.by == (name == "anna" ? nil : "anna"))
      #expect(try await live.ask("GET", "/cases/\(id)", cookie: person.cookie).status == 200)
    }
    #expect(try opened.read(id)?.by == "anna")
    #expect(opened.isOpened(id))
    // Nothing is noted of the others.
    let anna = try await live.signIn("anna")
    _ = try await live.ask("GET", "/cases/\(live.ids[0])", cookie: anna.cookie)
    #expect(try opened.read(live.ids[0]) == nil)
  }
}
