// Who may do what: every route against every way of not being allowed.

import Cases
import HTTPTypes
import Testing

@testable import Review

@Suite struct AccessTests {
  private func target(_ route: Route, _ id: CaseID) -> String {
    route.path.split(separator: "/", omittingEmptySubsequences: false).map {
      $0 == ":id" ? Substring(id.text) : $0.hasPrefix(":") ? "0" : $0
    }.joined(separator: "/")
  }

  @Test func everyRouteRefusesWhoMayNot() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    let users = ["olga": try await live.signIn("olga"), "otto": try await live.signIn("otto")]
    let roles: [(String, Role)] = [("olga", .operations), ("otto", .auditor)]
    var checked = 0
    for route in Route.all {
      let isPost = route.method == .post
      let path = target(route, live.ids[0])
      func ask(_ cookie: String?, _ token: String?, host: String = "desk.test", _ extra: [String] = [])
        async throws -> Int
      {
        try await live.ask(
          isPost ? "POST" : "GET", path, cookie: cookie, form: isPost ? [("token", token ?? "")] : nil,
          host: host,
          extra: extra
        ).status
      }
      #expect(try await ask(anna.cookie, anna.token, host: "evil.test") == 400, "\(route.path): another host")
      if isPost {
        let status = try await ask(anna.cookie, anna.token, ["Origin: https://evil.test"])
        #expect(status == 403, "\(route.path): a foreign origin")
        #expect(try await ask(anna.cookie, anna.token, ["Sec-Fetch-Site: cross-site"]) == 403)
        let got = try await live.ask("GET", path, cookie: anna.cookie).status
        let hasGet = Route.all.contains { $0.method == .get && $0.path == route.path }
        #expect(hasGet || got == 404 || got == 405, "\(route.path): GET")
        checked += 2
      }
      guard let permission = route.permission else { continue }
      let without = try await ask(nil, nil)
      #expect(without == (isPost ? 401 : 303), "\(route.path): no session")
      #expect(
        try await ask(String(repeating: "0", count: 64), nil) == without, "\(route.path): a made-up session")
      for (name, role) in roles where !role.allows(permission) {
        let status = try await ask(users[name]?.cookie, users[name]?.token)
        #expect(status == 403, "\(route.path): \(role)")
      }
      if isPost {
        #expect(try await ask(anna.cookie, nil) == 403, "\(route.path): no token")
        #expect(try await ask(anna.cookie, users["otto"]?.token) == 403, "\(route.path): another's token")
      }
      checked += 1
    }
    #expect(checked >= 12)
  }

  @Test func aCaseOfAnotherMailboxIsNotThere() async throws {
    let live = try await LiveDesk.start()
    let mia = try await live.signIn("mia")
    let other = live.ids[2]
    for route in Route.all where route.isOfCase {
      let isPost = route.method == .post
      let status = try await live.ask(
        isPost ? "POST" : "GET", target(route, other), cookie: mia.cookie,
        form: isPost ? [("token", mia.token), ("decision", "confirm"), ("after", "1")] : nil
      ).status
      #expect(status == 404, "\(route.path)")
    }
    let list = try await live.ask("GET", "/cases", cookie: mia.cookie).body
    #expect(list.contains(live.ids[0].text) && !list.contains(other.text))
    _ = try await live.ask(
      "POST", "/cases/decide", cookie: mia.cookie,
      form: [("token", mia.token), ("decision", "confirm"), ("case", "\(other.text):1")])
    #expect(try live.desk.store.read(other).state == .possible)
  }

  private static let oddIDs = [
    "..", "%00", "%2e%2e%2fetc", String(repeating: "A", count: 20_000), "C-7F3K-9QXD", "'; DROP TABLE cases",
  ]

  @Test func oddCaseIDsAreNotThere() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let anna = try await live.signIn("anna")
    for id in Self.oddIDs {
      let status = try await live.ask("GET", "/cases/\(Form.encoded(id))", cookie: anna.cookie).status
      #expect([400, 404, 414, 431].contains(status), "\(id.prefix(30)) \(status)")
    }
  }

  @Test func signingInAndOut() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let wrong = try await live.ask("POST", "/sign-in", form: [("name", "anna"), ("password", "guess")])
    #expect(wrong.status == 401 && wrong.header("set-cookie") == nil)
    let nobody = try await live.ask(
      "POST", "/sign-in", form: [("name", "../anna"), ("password", LiveDesk.password)])
    #expect(nobody.status == 401)
    let anna = try await live.signIn("anna")
    #expect(try await live.ask("GET", "/cases", cookie: anna.cookie).status == 200)
    try live.desk.users.setDisabled("anna", true)
    #expect(try await live.ask("GET", "/cases", cookie: anna.cookie).status == 303)
    try live.desk.users.setDisabled("anna", false)
    let out = try await live.ask("POST", "/sign-out", cookie: anna.cookie, form: [("token", anna.token)])
    #expect(out.header("set-cookie")?.contains("Max-Age=0") == true)
    #expect(try await live.ask("GET", "/cases", cookie: anna.cookie).status == 303)
  }

  @Test func guessingIsSlowedDownForTheGuesserOnly() {
    let throttle = SignInThrottle()
    let now = instant(1_000)
    for _ in 0..<1000 { throttle.failed("anna", from: "192.0.2.1", at: now) }
    #expect(throttle.wait("anna", from: "192.0.2.1", at: now) > 60)
    #expect(throttle.wait("anna", from: "192.0.2.2", at: now) == 0)
    #expect(throttle.wait("ben", from: "192.0.2.1", at: now) == 0)
    #expect(throttle.wait("anna", from: "192.0.2.1", at: instant(1_000 + 901)) == 0)
  }

  @Test func sessionsEnd() {
    let sessions = Sessions()
    let token = sessions.begin("anna", at: instant(0))
    #expect(sessions.find(token, at: instant(Sessions.idleSeconds))?.user == "anna")
    #expect(sessions.find(token, at: instant(2 * Sessions.idleSeconds + 1)) == nil)
    let busy = sessions.begin("anna", at: instant(0))
    var at: Int64 = 0
    while at <= Sessions.longestSeconds {
      #expect(sessions.find(busy, at: instant(at)) != nil)
      at += Sessions.idleSeconds
    }
    #expect(sessions.find(busy, at: instant(at)) == nil)
  }

  @Test func passwordsMatchThemselvesOnly() throws {
    let stored = try StoredPassword("correct horse", cost: LiveDesk.cost)
    #expect(stored.matches("correct horse"))
    #expect(!stored.matches("correct horsf") && !stored.matches(""))
    #expect(try StoredPassword("correct horse", cost: LiveDesk.cost) != stored)
  }

  @Test(arguments: [
    ("/cases?view=mine", "/cases?view=mine"), ("//evil.test", "/"), ("/\\evil.test", "/"),
    ("https://evil.test", "/"),
    ("/a\r\nSet-Cookie: x", "/"), ("/sign-out", "/"), ("", "/"),
  ])
  func signingInLeadsToOurOwnPages(_ asked: String, _ expected: String) {
    #expect(Pages.safePath(asked) == expected)
  }
}
