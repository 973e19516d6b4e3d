// The JSON API: what programs read and decide, and that its description is true.

import Cases
import Deadlines
import Foundation
import HTTPTypes
import Testing

@testable import Review

@Suite struct APITests {
  private func json(_ answer: LiveDesk.Answer) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any], "\(answer)")
  }

  private func get(_ live: LiveDesk, _ path: String) async throws -> LiveDesk.Answer {
    try await live.ask("GET", "/api/v1" + path, bearer: live.tokens["specialist"])
  }

  private func decide(_ live: LiveDesk, _ id: CaseID, _ body: String) async throws -> LiveDesk.Answer {
    try await live.ask(
      "POST", "/api/v1/cases/\(id.text)/decisions", bearer: live.tokens["specialist"], json: body)
  }

  @Test func theListGoesOnWhereItEnded() async throws {
    let live = try await LiveDesk.start(cases: 23)
    var seen: [String] = []
    var path = "/cases?limit=5"
    while true {
      let answer = try json(try await get(live, path))
      let cases = try #require(answer["cases"] as? [[String: Any]])
      seen += cases.compactMap { $0["id"] as? String }
      #expect(
        cases.allSatisfy { $0["schema"] as? String == "intake.case/1" && $0["event_count"] as? Int == 1 })
      guard answer["more"] as? Bool == true else { break }
      path = "/cases?limit=5&after=\(try #require(answer["next"] as? String))"
    }
    #expect(seen == live.ids.map(\.text).sorted())
  }

  @Test func changesAreFollowed() async throws {
    let live = try await LiveDesk.start(cases: 3)
    var answer = try json(try await get(live, "/cases?changed_since=2000-01-01T00:00:00Z&limit=2"))
    #expect((answer["cases"] as? [Any])?.count == 2 && answer["more"] as? Bool == true)
    let next = try #require(answer["next"] as? String)
    answer = try json(try await get(live, "/cases?after=\(next)"))
    #expect((answer["cases"] as? [Any])?.count == 1 && answer["more"] as? Bool == false)
    let end = try #require(answer["next"] as? String)
    answer = try json(try await get(live, "/cases?after=\(end)"))
    #expect((answer["cases"] as? [Any])?.isEmpty == true && answer["next"] as? String == end)
    // A minute ago something happened; just now something else, which is still settling.
    for (id, ago) in [(live.ids[1], 60), (live.ids[0], 0)] as [(CaseID, Int64)] {
      let at = instant(live.desk.now().unixSeconds - ago)
      let updated = try live.desk.store.append(.confirmed, to: id, by: "anna", at: at, details: .init())
      try live.desk.index.put([(updated, text: nil)])
    }
    answer = try json(try await get(live, "/cases?after=\(end)"))
    #expect((answer["cases"] as? [[String: Any]])?.map { $0["id"] as? String } == [live.ids[1].text])
  }

  @Test(arguments: [
    "state=odd", "limit=0", "limit=501", "limit=x", "sate=open", "state=open&state=closed", "overdue=1",
    "due_before=tomorrow", "after=x", "after=i.x", "after=c.1.x", "after=c.x.AAAA", "changed_since=2026",
  ])
  func whatIsNotUnderstoodIsSaid(_ query: String) async throws {
    let live = try await LiveDesk.start(cases: 1)
    let answer = try await get(live, "/cases?\(query)")
    #expect(answer.status == 400)
    let problem = try json(answer)
    #expect(problem["status"] as? Int == 400 && (problem["detail"] as? String)?.isEmpty == false)
  }

  @Test func filtersNarrow() async throws {
    let live = try await LiveDesk.start(cases: 3)
    _ = try await decide(live, live.ids[0], #"{"decision":"confirm","after":1}"#)
    for (query, count) in [
      ("state=open", 1), ("state=possible", 2), ("mailbox=other", 1), ("country=GB", 3), ("country=NZ", 0),
      ("q=answered", 3), ("q=%22*", 0), ("received_before=2023-11-14T22:13:21Z", 2), ("category=service", 0),
      ("overdue=false", 3), ("overdue=true", 0), ("assignee=anna", 0), ("flag=safety", 0),
      ("regime=policy", 0),
    ] {
      let answer = try json(try await get(live, "/cases?\(query)"))
      #expect((answer["cases"] as? [Any])?.count == count, "\(query)")
    }
  }

  @Test func aCaseIsWhole() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let id = live.ids[0]
    let answer = try await get(live, "/cases/\(id.text)")
    #expect(answer.header("content-type") == "application/json" && answer.header("set-cookie") == nil)
    #expect(
      answer.header("cache-control") == "no-store" && answer.header("access-control-allow-origin") == nil)
    let document = try json(answer)
    #expect(document["schema"] as? String == "intake.case/1" && document["id"] as? String == id.text)
    let events = try #require(document["events"] as? [[String: Any]])
    #expect(events.count == 1 && events[0]["schema"] as? String == "intake.event/1")
    #expect((document["complainant_details"] as? [String: Any])?["address"] as? String == "ada@example.org")
    let raw = try await get(live, "/cases/\(id.text)/raw")
    #expect(raw.header("content-type") == "message/rfc822" && raw.body == LiveDesk.mail(0))
    let file = try await get(live, "/cases/\(id.text)/files/0")
    #expect(file.status == 200 && file.header("content-type") == "application/octet-stream")
    #expect(try await get(live, "/cases/\(id.text)/files/99").status == 404)
  }

  @Test func programsDecide() async throws {
    let live = try await LiveDesk.start(cases: 2)
    let id = live.ids[0]
    let done = try await decide(live, id, #"{"decision":"dismiss","after":1,"reason":"a request"}"#)
    #expect(done.status == 200)
    #expect(try json(done)["state"] as? String == "dismissed")
    #expect(try live.desk.store.read(id).events.last?.by == "token:specialist")
    let late = try await decide(live, id, #"{"decision":"confirm","after":1}"#)
    #expect(late.status == 409)
    let conflict = try json(late)
    #expect(conflict["event_count"] as? Int == 2)
    #expect((conflict["changed"] as? [[String: Any]])?.first?["event"] as? String == "dismissed")
    #expect(try await decide(live, id, #"{"decision":"undo","after":2}"#).status == 200)
    let corrected = try await decide(
      live, id,
      #"{"decision":"correct","after":3,"reason":"stamped","received":"2023-11-01T09:00:00Z","complainant":"Ada"}"#
    )
    #expect(try json(corrected)["received_at"] as? String == "2023-11-01T09:00:00Z")
    let merged = try await decide(live, id, #"{"decision":"merge","after":4,"into":"\#(live.ids[1].text)"}"#)
    #expect(try json(merged)["merged_into"] as? String == live.ids[1].text)
    #expect(try live.desk.index.row(id)?.state == .closed)
  }

  static let refusedDecisions: [(String, Int)] = [
    ("", 400), ("[]", 400), (String(repeating: "[", count: 100_000), 400), ("{", 400), (#""confirm""#, 400),
    ("null", 400),
    (#"{"decision":"confirm","after":"1"}"#, 400), (#"{"decision":"confirm","after":1,"Reason":"x"}"#, 400),
    (#"{"decision":"correct","after":1,"reason":"x","received":"yesterday"}"#, 400),
    (#"{"after":1}"#, 422), (#"{"decision":"burn","after":1}"#, 422), (#"{"decision":"confirm"}"#, 422),
    (#"{"decision":"dismiss","after":1}"#, 422), (#"{"decision":"dismiss","after":1,"reason":" "}"#, 422),
    (#"{"decision":"recategorise","after":1,"category":"no.such"}"#, 422),
    (#"{"decision":"close","after":1,"reason":"x","outcome":"won"}"#, 422),
    (#"{"decision":"close","after":1,"reason":"x","amount":"5 GBP"}"#, 422),
    (#"{"decision":"assign","after":1}"#, 422), (#"{"decision":"assign","after":1,"assignee":"olga"}"#, 422),
    (#"{"decision":"merge","after":1,"into":"C-7F3K-9QXD"}"#, 422),
    (#"{"decision":"confirm","after":0}"#, 409), (#"{"decision":"confirm","after":-1}"#, 409),
    (#"{"decision":"confirm","after":2}"#, 409),
  ]

  @Test func whatCannotBeDecidedIsRefused() async throws {
    let live = try await LiveDesk.start(cases: 1)
    for (body, status) in Self.refusedDecisions {
      let answer = try await decide(live, live.ids[0], body)
      #expect(answer.status == status, "\(body): \(answer)")
      #expect(try json(answer)["title"] as? String != nil, "\(body)")
    }
    let large = try await decide(
      live, live.ids[0], "{\"reason\":\"" + String(repeating: "x", count: 1 << 20) + "\"}")
    #expect(large.status == 413)
    #expect(try live.desk.store.read(live.ids[0]).events.count == 1)
  }

  @Test func wrongTokensAreSlowedDownAndRightOnesAreNot() async throws {
    let live = try await LiveDesk.start(cases: 1)
    var statuses: [Int] = []
    for number in 0..<12 {
      let wrong = "intake_specialist_" + String(repeating: String(number % 10), count: 64)
      let answer = try await live.ask("GET", "/api/v1/cases", bearer: wrong)
      statuses.append(answer.status)
      #expect(answer.status != 429 || answer.header("retry-after").flatMap { Int($0) } ?? 0 > 0)
    }
    #expect(statuses.prefix(5).allSatisfy { $0 == 401 } && statuses.last == 429)
    #expect(try await get(live, "/cases").status == 200)
    // Nor is a person kept out by a program's mistakes.
    #expect(try await live.signIn("anna").token.isEmpty == false)
  }

  @Test func whatIsNotThereIsAProblemToo() async throws {
    let live = try await LiveDesk.start(cases: 1)
    for path in ["/nope", "/cases/x/y/z", "", "/cases/"] {
      let answer = try await get(live, path)
      #expect(answer.status == 404 || answer.status == 200 && path == "/cases/", "\(path)")
      #expect(answer.header("x-content-type-options") == "nosniff", "\(path)")
      if answer.status == 404 {
        #expect(answer.header("content-type") == "application/problem+json", "\(path)")
      }
    }
    let page = try await live.ask("GET", "/nope")
    #expect(
      page.status == 404 && page.header("content-security-policy")?.contains("script-src 'self'") == true)
  }

  @Test func tokensAreKeptAsDigestsOnly() throws {
    let path = NSTemporaryDirectory() + "/intake-tokens-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try TokenStore(try DataFolder(path))
    let now = instant(1000)
    let text = try store.add("case_system", role: .auditor, mailboxes: ["a"], expires: instant(2000), at: now)
    #expect(text.hasPrefix("intake_case_system_") && text.utf8.count == 19 + 64)
    let file = try String(contentsOfFile: path + "/tokens/case_system.json", encoding: .utf8)
    #expect(!file.contains(text.suffix(64)))
    #expect(try store.find(text, at: now)?.name == "case_system")
    #expect(try store.find(text, at: instant(2000)) == nil, "expired")
    #expect(throws: UserProblem.self, "the same name") {
      try store.add("case_system", role: .lead, mailboxes: nil, expires: nil, at: now)
    }
    #expect(throws: UserProblem.self) {
      try store.add("../x", role: .lead, mailboxes: nil, expires: nil, at: now)
    }
    try store.setDisabled("case_system", true)
    #expect(try store.find(text, at: now) == nil)
    try store.setDisabled("case_system", false)
    #expect(try store.find(text, at: now) != nil)
  }

  @Test func theDescriptionNamesEveryRouteAndNoOther() throws {
    let bytes = Data(PackageResources.openapi_json)
    let description = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    let paths = try #require(description["paths"] as? [String: [String: Any]])
    let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
    let routes = Route.all.filter { $0.kind == .api }.map { route in
      let path = route.path.split(separator: "/").map {
        $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0)
      }
      return "\(route.method.rawValue) /" + path.joined(separator: "/")
    }
    #expect(described == Set(routes))
    let decision =
      ((description["components"] as? [String: Any])?["schemas"] as? [String: Any])?["Decision"]
      as? [String: Any]
    let names = (decision?["properties"] as? [String: [String: Any]])?["decision"]?["enum"] as? [String]
    #expect(names == Decision.Name.allCases.map(\.rawValue))
  }
}
