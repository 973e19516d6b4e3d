// The acknowledgement page: draft, sending, refusals, taking back, a letter in doubt. The sender is a stand-in.

import Cases
import Deadlines
import Synchronization
import Testing

@testable import Review

/// Appends the events that the real one would, and sends nothing.
final class StandInLetters: Acknowledging {
  let store: CaseStore
  let remark: String? = "No server <here>"
  let standings = Mutex<LetterStanding?>(nil)

  init(_ data: DataFolder) { store = CaseStore(data) }

  func draft(for current: Case) throws -> LetterDraft {
    LetterDraft(
      to: LiveDesk.hostile + "@x", subject: "[\(current.reference)] Received <b>",
      body: "Dear </textarea><script>x</script>",
      objections: [.init(words: "this is <i>not</i> the address", mayBeOverridden: true)],
      warnings: ["late <u>"])
  }

  func queue(_ id: CaseID, after: Int, to: String, body: String, isSure: Bool, by: String) throws -> Case {
    guard isSure else { throw LetterRefusal("say that you are sure") }
    return try store.append(
      .queued, to: id, by: by, at: Instant(unixSeconds: 1_700_000_400), after: after,
      details: .init(
        reason: body,
        outgoing: OutgoingFacts(
          messageID: "m@x", to: to, subject: "s", digest: Digest(of: Array(body.utf8)), isAutomatic: false,
          template: "t")))
  }

  func withdraw(_ id: CaseID, after: Int, by: String) throws -> Case {
    let queued = try store.read(id).outgoing
    return try store.append(
      .undone, to: id, by: by, at: Instant(unixSeconds: 1_700_000_500), after: after,
      details: .init(undoes: queued?.number))
  }

  func settle(_ id: CaseID, wasSent: Bool, after: Int, by: String) throws -> Case {
    try store.append(
      wasSent ? .acknowledged : .noted, to: id, by: by, at: Instant(unixSeconds: 1_700_000_600), after: after,
      details: .init())
  }

  func standing(of current: Case) throws -> LetterStanding {
    if let set = standings.withLock({ $0 }) { return set }
    return current.outgoing?.details.outgoing.map { .waiting(to: $0.to) } ?? .none
  }
}

@Suite struct LetterTests {
  private func open(_ live: LiveDesk, _ person: (cookie: String, token: String)) async throws -> CaseID {
    let id = live.ids[0]
    _ = try await live.ask(
      "POST", "/cases/\(id)/decide", cookie: person.cookie,
      form: [("token", person.token), ("decision", "confirm"), ("after", "1")])
    return id
  }

  private func letters(_ live: LiveDesk) throws -> StandInLetters { try #require(live.letters) }

  @Test func theDraftIsShownEscapedAndSent() async throws {
    let live = try await LiveDesk.start(sendsLetters: true)
    let anna = try await live.signIn("anna")
    let id = try await open(live, anna)
    let page = try await live.ask("GET", "/cases/\(id)/acknowledge", cookie: anna.cookie)
    #expect(page.status == 200)
    for raw in ["</textarea><script>", "<b>", "<i>not", "<u>", "<here>", "<script>"] {
      #expect(!page.body.contains(raw), "\(raw) got through")
    }
    #expect(page.body.contains("Dear &lt;/textarea&gt;") && page.body.contains("data-send"))
    func send(_ more: [(String, String)]) async throws -> LiveDesk.Answer {
      try await live.ask(
        "POST", "/cases/\(id)/acknowledge", cookie: anna.cookie,
        form: [
          ("token", anna.token), ("after", "2"), ("choice", "send"), ("to", "a@b.example"),
          ("body", "My own\r\nwords"),
        ]
          + more)
    }
    let refused = try await send([])
    #expect(refused.status == 422 && refused.body.contains("say that you are sure"))
    #expect(refused.body.contains("My own\nwords"), "what was written is kept")
    #expect(try await send([("sure", "yes")]).status == 303)
    let current = try live.desk.store.read(id)
    #expect(current.outgoing?.by == "anna" && current.outgoing?.details.outgoing?.to == "a@b.example")
    let shown = try await live.ask("GET", "/cases/\(id)", cookie: anna.cookie).body
    #expect(shown.contains("queued, will be sent") && !shown.contains("/acknowledge\""))
    // Whoever comes second is told, and loses nothing of what they wrote.
    let second = try await send([("sure", "yes")])
    #expect(second.status == 409 && second.body.contains("queued"))
    // Undo takes it back.
    let undone = try await live.ask(
      "POST", "/cases/\(id)/decide", cookie: anna.cookie,
      form: [("token", anna.token), ("decision", "undo"), ("after", "3")])
    #expect(undone.status == 303)
    #expect(try live.desk.store.read(id).outgoing == nil)
  }

  @Test func whatAPersonDidElsewhereIsRecorded() async throws {
    for sends in [true, false] {
      let live = try await LiveDesk.start(sendsLetters: sends)
      let anna = try await live.signIn("anna")
      let id = try await open(live, anna)
      let page = try await live.ask("GET", "/cases/\(id)/acknowledge", cookie: anna.cookie)
      #expect(page.status == 200 && page.body.contains("data-send") == sends)
      let answer = try await live.ask(
        "POST", "/cases/\(id)/acknowledge", cookie: anna.cookie,
        form: [("token", anna.token), ("after", "2"), ("choice", "record"), ("reason", "by telephone")])
      #expect(answer.status == 303)
      let current = try live.desk.store.read(id)
      #expect(current.state == .acknowledged && current.events.last?.details.reason == "by telephone")
    }
  }

  @Test(arguments: ["sent", "again"]) func aLetterInDoubtIsSettled(_ word: String) async throws {
    let live = try await LiveDesk.start(sendsLetters: true)
    let anna = try await live.signIn("anna")
    let id = try await open(live, anna)
    try letters(live).standings.withLock {
      $0 = .perhapsSent(to: "a@b", since: Instant(unixSeconds: 1_700_000_300), messageID: "<m@x>")
    }
    let page = try await live.ask("GET", "/cases/\(id)", cookie: anna.cookie).body
    #expect(page.contains("perhaps sent") && page.contains("value=\"again\"") && page.contains("&lt;m@x&gt;"))
    // An auditor sees it and cannot say.
    let otto = try await live.signIn("otto")
    let seen = try await live.ask("GET", "/cases/\(id)", cookie: otto.cookie).body
    #expect(seen.contains("perhaps sent") && !seen.contains("value=\"again\""))
    let answer = try await live.ask(
      "POST", "/cases/\(id)/letter", cookie: anna.cookie,
      form: [("token", anna.token), ("after", "2"), ("settle", word)])
    #expect(answer.status == 303)
    #expect(try live.desk.store.read(id).events.last?.kind == (word == "sent" ? .acknowledged : .noted))
    let odd = try await live.ask(
      "POST", "/cases/\(id)/letter", cookie: anna.cookie,
      form: [("token", anna.token), ("after", "3"), ("settle", "maybe")])
    #expect(odd.status == 404)
  }

  @Test func everyStandingHasItsWords() async throws {
    let live = try await LiveDesk.start(sendsLetters: true)
    let anna = try await live.signIn("anna")
    let id = try await open(live, anna)
    let at = Instant(unixSeconds: 1_700_000_300)
    for (standing, words) in [
      (LetterStanding.waiting(to: "a@b"), "queued, will be sent"), (.beingSent(to: "a@b"), "being sent"),
      (.sent(to: "a@b", at: at, reply: "250 <ok>"), "250 &lt;ok&gt;"),
      (.failed(reason: "550 <no>"), "could not be sent: 550"),
      (.bounced(reason: "5.1.1"), "came back, so the duty stands again: 5.1.1"),
    ] {
      try letters(live).standings.withLock { $0 = standing }
      let page = try await live.ask("GET", "/cases/\(id)", cookie: anna.cookie).body
      #expect(page.contains(words), "\(words)")
    }
  }
}
