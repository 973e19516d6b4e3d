// Working on cases: what a decision does, what two people at once see, what mail cannot do to a page.

import Cases
import Deadlines
import Foundation
import Testing

@testable import Review

func instant(_ seconds: Int64) -> Instant { Instant(unixSeconds: seconds) }

@Suite struct DeskTests {
  private func decide(
    _ live: LiveDesk, _ person: (cookie: String, token: String), _ id: CaseID, _ decision: String, after: Int,
    _ more: [(String, String)] = []
  ) async throws -> LiveDesk.Answer {
    try await live.ask(
      "POST", "/cases/\(id.text)/decide", cookie: person.cookie,
      form: [("token", person.token), ("decision", decision), ("after", "\(after)"), ("list", "view=work")]
        + more)
  }

  @Test func aDecisionLeadsToTheNextCase() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    let order = try live.desk.index.list(CaseFilter()).map(\.id)
    let first = try await decide(
      live, anna, order[0], "dismiss", after: 1, [("reason", "a request for help")])
    #expect(first.status == 303)
    #expect(first.header("location")?.contains(order[1].text) == true)
    let current = try live.desk.store.read(order[0])
    #expect(current.state == .dismissed)
    #expect(current.events.last?.by == "anna")
    #expect(current.events.last?.details.reason == "a request for help")
    #expect(try live.desk.index.row(order[0])?.state == .dismissed)
  }

  @Test func whatIsMissingIsSaid() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let anna = try await live.signIn("anna")
    let id = live.ids[0]
    for (decision, more) in [
      ("dismiss", []), ("note", []), ("close", []), ("recategorise", [("category", "no.such")]),
      ("assign", [("assignee", "olga")]), ("assign", [("assignee", "../anna")]), ("undo", []),
    ] as [(String, [(String, String)])] {
      let answer = try await decide(live, anna, id, decision, after: 1, more)
      #expect(answer.status == 422, "\(decision)")
      #expect(answer.body.contains("role=\"alert\""), "\(decision)")
    }
    #expect(try live.desk.store.read(id).events.count == 1)
  }

  @Test func closingSaysHowItEnded() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let anna = try await live.signIn("anna")
    let id = live.ids[0]
    for wrong in [
      [("outcome", "won")], [("outcome", "upheld"), ("root_cause", "weather")],
      [("outcome", "upheld"), ("redress", "refund"), ("amount", "lots")], [("root_cause", "process")],
    ] {
      let answer = try await decide(live, anna, id, "close", after: 1, [("reason", "put right")] + wrong)
      #expect(answer.status == 422 && answer.body.contains("role=\"alert\""), "\(wrong)")
    }
    let closed = try await decide(
      live, anna, id, "close", after: 1,
      [
        ("reason", "put right"), ("outcome", "partly-upheld"), ("root_cause", "process"),
        ("product", "membership"),
        ("redress", "refund"), ("amount", "125.50 GBP"),
      ])
    #expect(closed.status == 303)
    let closure = try #require(try live.desk.store.read(id).closure)
    #expect(
      closure.outcome == .partlyUpheld && closure.rootCause == "process" && closure.product == "membership")
    #expect(closure.redress?.amount == "125.50 GBP")
    let page = try await live.ask("GET", "/cases/\(id.text)", cookie: anna.cookie)
    #expect(page.body.contains("partly upheld, root cause process, product membership, refund 125.50 GBP"))
  }

  @Test func anErasedCaseIsShownAsThat() async throws {
    let live = try await LiveDesk.start(cases: 2)
    let anna = try await live.signIn("anna")
    let id = live.ids[0]
    let held = try await decide(live, anna, id, "hold", after: 1, [("reason", "a claim")])
    #expect(held.status == 303)
    #expect(
      try await live.ask("GET", "/cases/\(id.text)", cookie: anna.cookie).body.contains("Held since"))
    #expect(try await decide(live, anna, id, "hold", after: 2, [("reason", "again")]).status == 422)
    #expect(try await decide(live, anna, id, "release", after: 2, [("reason", "over")]).status == 303)
    let erasure = Erasure(
      live.data, index: live.desk.index, deletions: try Deletions(live.data))
    try erasure.erase([id], reason: "request", by: "lena", at: instant(1_700_000_300))
    let page = try await live.ask("GET", "/cases/\(id.text)", cookie: anna.cookie)
    #expect(page.status == 200 && page.body.contains("what it held of people is gone"))
    #expect(!page.body.contains("ada@example.org") && !page.body.contains("cannot be read"))
    for path in ["raw", "html", "files/0"] {
      #expect(
        try await live.ask("GET", "/cases/\(id.text)/\(path)", cookie: anna.cookie).status == 404, "\(path)")
    }
    let answer = try await decide(live, anna, id, "note", after: 4, [("reason", "late")])
    #expect(answer.status == 422 && answer.body.contains("was erased"))
    let list = try await live.ask("GET", "/cases?view=closed", cookie: anna.cookie)
    #expect(list.status == 200)
  }

  @Test func ofTwoAtOnceOneWins() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let (anna, ben) = (try await live.signIn("anna"), try await live.signIn("ben"))
    let id = live.ids[0]
    async let one = decide(live, anna, id, "confirm", after: 1)
    async let two = decide(live, ben, id, "dismiss", after: 1, [("reason", "no")])
    let statuses = try await [one.status, two.status].sorted()
    #expect(statuses == [303, 409])
    #expect(try live.desk.store.read(id).events.count == 2)
    let late = try await decide(live, ben, id, "confirm", after: 1)
    #expect(late.status == 409)
    // Ben may have been the one who was first.
    let isHis = try live.desk.store.read(id).events.last?.by == "ben"
    #expect(late.body.contains(isHis ? "Not done twice: you dismissed it" : "look at the case again"))
  }

  @Test func undoTakesBackTheLastDecisionOnly() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let anna = try await live.signIn("anna")
    let id = live.ids[0]
    _ = try await decide(live, anna, id, "recategorise", after: 1, [("category", "service.staff_conduct")])
    _ = try await decide(live, anna, id, "dismiss", after: 2, [("reason", "mistake")])
    _ = try await decide(live, anna, id, "undo", after: 3)
    var current = try live.desk.store.read(id)
    #expect(current.state == .possible && current.category == "service.staff_conduct")
    _ = try await decide(live, anna, id, "undo", after: 4)
    current = try live.desk.store.read(id)
    #expect(current.category == "other" && current.events.count == 5)
    #expect(try await decide(live, anna, id, "undo", after: 5).status == 422)
  }

  @Test func manyAtOnce() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    _ = try await decide(live, anna, live.ids[1], "note", after: 1, [("reason", "seen")])
    let answer = try await live.ask(
      "POST", "/cases/decide", cookie: anna.cookie,
      form: [("token", anna.token), ("decision", "confirm"), ("list", "view=possible")]
        + live.ids.map { ("case", "\($0.text):1") })
    #expect(answer.status == 303)
    let list = try await live.ask("GET", "/cases", cookie: anna.cookie).body
    #expect(list.contains("2 cases decided."), "said on the next page")
    #expect(
      try await !live.ask("GET", "/cases", cookie: anna.cookie).body.contains("2 cases decided"), "once")
    #expect(try live.ids.map { try live.desk.store.read($0).state } == [.open, .possible, .open])
  }

  @Test func pagesEscapeWhatMailSays() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    for path in [
      "/cases", "/cases/rows", "/cases/\(live.ids[0].text)", "/cases?q=%22%3E%3Cscript%3E&done=%3Cb%3E",
    ] {
      let answer = try await live.ask("GET", path, cookie: anna.cookie)
      #expect(answer.status == 200)
      let markup = answer.body.unicodeScalars
      #expect(!answer.body.contains("<script>"), "\(path)")
      #expect(!answer.body.contains("<img") && !answer.body.contains("<b>\""), "\(path)")
      // A quote that mail brought, with a mark on it, must not be a quote.
      let quoteWithMark = Array("\"\u{301}".unicodeScalars)
      #expect(!zip(markup, markup.dropFirst()).contains { [$0, $1] == quoteWithMark }, "\(path)")
      #expect(answer.header("content-security-policy")?.contains("script-src 'self'") == true)
      #expect(answer.header("cache-control") == "no-store")
    }
  }

  @Test func whatMailBroughtIsNeverRun() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let anna = try await live.signIn("anna")
    let id = live.ids[0].text
    let html = try await live.ask("GET", "/cases/\(id)/html", cookie: anna.cookie)
    #expect(html.body.contains("<p>Nobody <b>answered</b></p>"))
    #expect(html.header("content-security-policy")?.contains("sandbox") == true)
    for path in ["/cases/\(id)/files/0", "/cases/\(id)/raw"] {
      let file = try await live.ask("GET", path, cookie: anna.cookie)
      #expect(file.status == 200, "\(path)")
      #expect(file.header("content-type") == "application/octet-stream")
      #expect(file.header("content-disposition")?.hasPrefix("attachment; filename=\"") == true)
      #expect(file.header("content-disposition")?.contains("/") == false)
      #expect(file.header("x-content-type-options") == "nosniff")
    }
    #expect(try await live.ask("GET", "/cases/\(id)/files/99", cookie: anna.cookie).status == 404)
  }

  /// Also once a person decided on it, and for a case that was split from it: there the reason alone is left.
  @Test(arguments: [Outcome.quarantined, .case]) func whatIsInQuarantineIsShownAsItCame(
    _ outcome: Outcome
  ) async throws {
    let live = try await LiveDesk.start(cases: 1)
    var recorded = try live.desk.store.read(live.ids[0]).recorded
    (recorded.outcome, recorded.quarantineReason) = (outcome, "the program ended three times")
    let id = CaseID(identity: Digest(of: Array("quarantined".utf8)))
    _ = try live.desk.store.record(id, recorded, at: recorded.receivedAt)
    try live.desk.index.put([(live.desk.store.read(id), text: nil)])
    let anna = try await live.signIn("anna")
    let page = try await live.ask("GET", "/cases/\(id.text)", cookie: anna.cookie)
    #expect(page.status == 200)
    // The message as it came: its own header and boundaries, which no parser took away.
    #expect(page.body.contains("boundary=b") && page.body.contains("&lt;p onclick=alert(1)&gt;"))
    for path in ["html", "files/0"] {
      #expect(try await live.ask("GET", "/cases/\(id.text)/\(path)", cookie: anna.cookie).status == 404)
    }
    #expect(try await live.ask("GET", "/cases/\(id.text)/raw", cookie: anna.cookie).status == 200)
  }

  @Test func theListGoesOnWhereItEnded() async throws {
    let live = try await LiveDesk.start(cases: 120)
    let anna = try await live.signIn("anna")
    var seen: [String] = []
    var next: String? = "/cases?view=work"
    while let path = next, seen.count < 500 {
      let body = try await live.ask("GET", path, cookie: anna.cookie).body
      seen += body.components(separatedBy: "<tr data-id=\"").dropFirst().map {
        String($0.prefix { $0 != "\"" })
      }
      next = body.components(separatedBy: "class=\"more\"><a href=\"").dropFirst().first
        .map { String($0.prefix { $0 != "\"" }).replacingOccurrences(of: "&amp;", with: "&") }
    }
    #expect(seen.count == 120 && Set(seen).count == 120)
  }
}

@Suite struct DeskMemoryTests {
  @Test func aViewIsSavedAndForgotten() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let (anna, ben) = (try await live.signIn("anna"), try await live.signIn("ben"))
    func save(_ name: String) async throws -> Int {
      try await live.ask(
        "POST", "/views/save", cookie: anna.cookie,
        form: [("token", anna.token), ("name", name), ("list", "view=open&country=GB")]
      ).status
    }
    #expect(try await save("Mine & <b>") == 303)
    let list = try await live.ask("GET", "/cases", cookie: anna.cookie).body
    #expect(list.contains("Mine &amp; &lt;b&gt;") && list.contains("/cases?view=open&amp;country=GB"))
    #expect(try await !live.ask("GET", "/cases", cookie: ben.cookie).body.contains("Mine &amp;"))
    #expect(try await save("") == 422)
    #expect(try await save(String(repeating: "x", count: SavedViewStore.longestName + 1)) == 422)
    _ = try await live.ask(
      "POST", "/views/remove", cookie: anna.cookie,
      form: [("token", anna.token), ("name", "Mine & <b>"), ("list", "view=open")])
    #expect(try await !live.ask("GET", "/cases", cookie: anna.cookie).body.contains("Mine &amp;"))
  }

  @Test func whatWasTypedSurvivesAConflict() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let (anna, ben) = (try await live.signIn("anna"), try await live.signIn("ben"))
    func note(_ person: (cookie: String, token: String), _ words: String) async throws -> LiveDesk.Answer {
      try await live.ask(
        "POST", "/cases/\(live.ids[0].text)/decide", cookie: person.cookie,
        form: [("token", person.token), ("decision", "note"), ("after", "1"), ("reason", words)])
    }
    #expect(try await note(anna, "first").status == 303)
    let late = try await note(ben, "my own words")
    #expect(late.status == 409 && late.body.contains("value=\"my own words\""))
  }
}

@Suite struct SafeHTMLTests {
  @Test(arguments: ["\u{301}", "&#769;", "&#x301", "\u{20DD}", "\u{5B0}"])
  func marksDoNotPileUp(_ mark: String) {
    let html =
      "<p>e" + String(repeating: mark, count: 1000) + "x e" + String(repeating: mark, count: 3) + "</p>"
    let out = String(decoding: SafeHTML.body(Array(html.utf8)), as: UTF8.self)
    #expect(out.utf8.count == "<p>ex e</p>".utf8.count + (Markup.mostMarks + 3) * mark.utf8.count)
    #expect(out.hasSuffix("</p>"))
    let text = Markup.escaped("e" + String(repeating: "\u{301}", count: 1000))
    #expect(text.unicodeScalars.count == 1 + Markup.mostMarks)
  }

  @Test func headsWithoutEndAreShown() {
    let html = String(repeating: "<head>", count: 50_000) + "<p>after</p>"
    #expect(String(decoding: SafeHTML.body(Array(html.utf8)), as: UTF8.self) == "<p>after</p>")
    let two = "<head><p>a</head><p>b</p><head>c<body><p>d</p>"
    #expect(String(decoding: SafeHTML.body(Array(two.utf8)), as: UTF8.self) == "<p>b</p><p>d</p>")
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.test>x", "<p onclick=alert(1)>x</p>",
    "<a href=javascript:alert(1)>x</a>",
    "<svg><script>alert(1)</script></svg>", "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<img src=x onerror=alert(1)>", "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<base href=//evil.test>",
    "<meta http-equiv=refresh content=\"0;url=//evil.test\">",
    "<form action=//evil.test><input name=x></form>",
    "<style>@import url(//evil.test)</style>", "<p style=\"background:url(//evil.test)\">x</p>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><img src=x onerror=alert(1)>",
    "<title><script>alert(1)</script>", "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script>",
    "<p title=\"'\"><script>alert(1)</script>\">", "<\u{0}script>alert(1)</script>", "<p/onclick=alert(1)>x",
    "<p\nonclick=x>",
    "<<script>alert(1)//<</script>", "<template><script>alert(1)</script></template>",
    "<xmp><p title=\"</xmp><script>x</script>\">",
    "\u{FE64}script\u{FE65}alert(1)", "<p", "<", "</", "<!", "<p title=\"", "&lt;script&gt;",
    "<plaintext><script>x",
    "<table><td><script>alert(1)</script></table>",
    "<head><link rel=dns-prefetch href=//evil.test><body><p>x",
  ])
  func onlyKnownTagsWithoutAttributesRemain(_ html: String) throws {
    let out = String(decoding: SafeHTML.body(Array(html.utf8)), as: UTF8.self)
    var rest = Substring(out)
    while let open = rest.firstIndex(of: "<") {
      let close = try #require(rest[open...].firstIndex(of: ">"), "\(out)")
      let tag = rest[rest.index(after: open)..<close].drop { $0 == "/" }
      #expect(["p", "b", "table", "td"].contains(String(tag)), "\(out)")
      rest = rest[rest.index(after: close)...]
    }
  }

  @Test func charactersAreEscapedScalarByScalar() {
    #expect(
      Markup.escaped("\"\u{301}<\u{301}&'`\u{202E}\u{0}")
        == "&quot;\u{301}&lt;\u{301}&amp;&#39;&#96;\u{FFFD}\u{FFFD}")
  }
}
