// Signing in and out, sessions, passwords; RouteMatrixTests has every route against every way of not being allowed.

import Cases
import HTTPTypes
import Testing

@testable import Review

@Suite struct AccessTests {
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

  @Test func anotherPasswordOrRoleEndsSessions() async throws {
    let live = try await LiveDesk.start(cases: 1)
    func change(_ name: String, _ role: Role, _ mailboxes: [String]?) throws {
      try live.desk.users.put(
        name: name, role: role, password: LiveDesk.password, mailboxes: mailboxes, cost: LiveDesk.cost)
    }
    for (role, mailboxes) in [(Role.specialist, nil), (.lead, nil), (.lead, ["inbox"])] as [(Role, [String]?)]
    {
      let anna = try await live.signIn("anna")
      #expect(try await live.ask("GET", "/cases", cookie: anna.cookie).status == 200)
      try change("anna", role, mailboxes)
      #expect(try await live.ask("GET", "/cases", cookie: anna.cookie).status == 303, "\(role)")
    }
  }

  @Test func allOwnSessionsEndAtOnce() async throws {
    let live = try await LiveDesk.start(cases: 1)
    let (one, two) = (try await live.signIn("anna"), try await live.signIn("anna"))
    let ben = try await live.signIn("ben")
    _ = try await live.ask(
      "POST", "/sign-out", cookie: one.cookie, form: [("token", one.token), ("everywhere", "yes")])
    #expect(try await live.ask("GET", "/cases", cookie: two.cookie).status == 303)
    #expect(try await live.ask("GET", "/cases", cookie: ben.cookie).status == 200)
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
    let anna = User(name: "anna", role: .lead, mailboxes: nil, isDisabled: false)
    let token = sessions.begin(anna, at: instant(0))
    #expect(sessions.find(token, at: instant(Sessions.idleSeconds))?.user == "anna")
    #expect(sessions.find(token, at: instant(2 * Sessions.idleSeconds + 1)) == nil)
    let busy = sessions.begin(anna, at: instant(0))
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
