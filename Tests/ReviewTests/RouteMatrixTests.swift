// Every route of the table against every way of not being allowed: a route that is added is tested by being there.

import Cases
import Deadlines
import HTTPTypes
import Testing

@testable import Review

@Suite struct RouteMatrixTests {
  /// Cells of the matrix when it was last looked at; fewer mean that something is tested no more.
  private static let leastCells = 464

  /// Asks, expects a refusal, and counts.
  private final class Matrix {
    let live: LiveDesk
    private(set) var cells = 0

    init(_ live: LiveDesk) { self.live = live }

    func refuses(
      _ route: Route, _ why: String, _ statuses: Set<Int>, of id: CaseID? = nil, method: String? = nil,
      cookie: String? = nil, token: String? = nil, bearer: String? = nil, host: String = "desk.test",
      form: Bool = false, _ extra: [String] = []
    ) async throws {
      let isPost = route.method == .post && method == nil
      let asJSON = isPost && route.kind == .api && !form
      let fields = [("token", token ?? ""), ("decision", "confirm"), ("after", "1")]
      let answer = try await live.ask(
        method ?? route.method.rawValue, RouteMatrixTests.target(route, id ?? live.ids[0]), cookie: cookie,
        form: isPost && !asJSON ? fields : nil, bearer: bearer,
        json: asJSON ? #"{"decision":"confirm","after":1}"# : nil, host: host, extra: extra)
      #expect(
        statuses.contains(answer.status), "\(route.method) \(route.path), \(why): \(answer.status)")
      #expect(answer.header("set-cookie").map { $0.contains("Max-Age=0") } ?? true, "\(route.path), \(why)")
      if route.kind == .api, method == nil {
        #expect(answer.header("content-type") == "application/problem+json", "\(route.path), \(why)")
      }
      cells += 1
    }
  }

  static func target(_ route: Route, _ id: CaseID) -> String {
    route.path.split(separator: "/", omittingEmptySubsequences: false).map {
      $0 == ":id" ? Substring(id.text) : $0 == ":event" ? "1" : $0.hasPrefix(":") ? "0" : $0
    }.joined(separator: "/")
  }

  @Test func everyRouteRefusesWhoMayNot() async throws {
    let live = try await LiveDesk.start()
    let matrix = Matrix(live)
    try await anyRoute(matrix)
    try await pages(matrix)
    try await programs(matrix)
    for id in live.ids {
      #expect(try live.desk.store.read(id).events.count == 1, "nothing that was refused was done")
    }
    print("route matrix: \(Route.all.count) routes, \(matrix.cells) cells")
    #expect(matrix.cells >= Self.leastCells)
  }

  /// What no route takes, whoever asks.
  private func anyRoute(_ matrix: Matrix) async throws {
    let live = matrix.live
    let anna = try await live.signIn("anna")
    let bearer = live.tokens["administrator"]
    for route in Route.all {
      try await matrix.refuses(
        route, "another host", [400], cookie: anna.cookie, token: anna.token, bearer: bearer,
        host: "evil.test")
      let known = Set(Route.all.filter { $0.path == route.path }.map(\.method.rawValue))
      for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
      where !known.contains(method) {
        try await matrix.refuses(
          route, method, [405], method: method, cookie: anna.cookie, token: anna.token, bearer: bearer)
      }
      guard route.method == .post || route.kind == .api else { continue }
      for line in [
        "Origin: https://evil.test", "Origin: null", "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
      ] {
        try await matrix.refuses(
          route, line, [403], cookie: anna.cookie, token: anna.token, bearer: bearer, [line])
      }
    }
  }

  private func pages(_ matrix: Matrix) async throws {
    let live = matrix.live
    let sessions = live.server.pages.sessions
    let anna = try await live.signIn("anna")
    let mia = try await live.signIn("mia")
    let past = instant(live.desk.now().unixSeconds - Sessions.longestSeconds - 1)
    let expired = sessions.begin(try #require(try live.desk.users.read("anna")), at: past)
    let ended = sessions.begin(try #require(try live.desk.users.read("anna")), at: live.desk.now())
    sessions.end(ended)
    let disabled = try await live.signIn("ben")
    try live.desk.users.setDisabled("ben", true)
    var people: [Role: (cookie: String, token: String)] = [.specialist: anna]
    for (name, role) in [
      ("olga", Role.operations), ("otto", .auditor), ("leo", .lead), ("ada", .administrator),
    ] {
      people[role] = try await live.signIn(name)
    }
    for route in Route.all where route.kind == .page {
      guard let permission = route.permission else { continue }
      let isPost = route.method == .post
      let without: Set<Int> = [isPost ? 401 : 303]
      try await matrix.refuses(route, "no session", without)
      try await matrix.refuses(route, "a made-up session", without, cookie: String(repeating: "0", count: 64))
      try await matrix.refuses(route, "an expired session", without, cookie: expired)
      try await matrix.refuses(route, "a session that was ended", without, cookie: ended)
      try await matrix.refuses(
        route, "a disabled user", without, cookie: disabled.cookie, token: disabled.token)
      try await matrix.refuses(route, "a program's token", without, bearer: live.tokens["administrator"])
      for role in Role.allCases where !role.allows(permission) {
        try await matrix.refuses(
          route, role.rawValue, [403], cookie: people[role]?.cookie, token: people[role]?.token)
      }
      if route.isOfCase {
        try await matrix.refuses(
          route, "another mailbox's case", [404], of: live.ids[2], cookie: mia.cookie, token: mia.token)
      }
      if isPost {
        try await matrix.refuses(route, "no form token", [403], cookie: anna.cookie)
        try await matrix.refuses(
          route, "another's form token", [403], cookie: anna.cookie, token: people[.lead]?.token)
      }
    }
  }

  private func programs(_ matrix: Matrix) async throws {
    let live = matrix.live
    let ada = try await live.signIn("ada")
    let token = try #require(live.tokens["administrator"])
    // Wrong tokens are slowed down in the end, by the address that all of these come from.
    let refused: Set<Int> = [401, 429]
    for route in Route.all where route.kind == .api {
      let permission = try #require(route.permission, "\(route.path): a program's route for everybody")
      try await matrix.refuses(route, "no token", refused)
      try await matrix.refuses(route, "a session's cookie", refused, cookie: ada.cookie, token: ada.token)
      try await matrix.refuses(route, "a session as a token", refused, bearer: ada.cookie)
      let wrong = [
        "made up": "intake_administrator_" + String(repeating: "0", count: 64),
        "of nobody": "intake_nobody_" + String(repeating: "0", count: 64),
        "a path": "intake_../users/anna_" + String(repeating: "0", count: 64),
        "cut": String(token.dropLast()), "longer": token + "0", "a name": "intake_administrator_",
        "other case": token.uppercased(), "empty": "",
      ]
      for (why, text) in wrong.sorted(by: { $0.key < $1.key }) {
        try await matrix.refuses(route, "a token that is \(why)", refused, bearer: text)
      }
      try await matrix.refuses(route, "an expired token", refused, bearer: live.tokens["expired"])
      try await matrix.refuses(route, "a disabled token", refused, bearer: live.tokens["disabled"])
      try await matrix.refuses(route, "Basic", refused, ["Authorization: Basic \(token)"])
      for role in Role.allCases where !role.allows(permission) {
        try await matrix.refuses(route, role.rawValue, [403], bearer: live.tokens[role.rawValue])
      }
      if route.isOfCase {
        try await matrix.refuses(
          route, "another mailbox's case", [404], of: live.ids[2], bearer: live.tokens["inbox"])
      }
      if route.method == .post {
        try await matrix.refuses(route, "a form", [415], bearer: token, form: true)
      }
    }
  }

  /// The matrix would also pass if everything were refused to everybody.
  @Test func whoMayIsLetIn() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    for route in Route.all where route.method == .get {
      let path = Self.target(route, live.ids[0])
      let answer =
        route.kind == .api
        ? try await live.ask("GET", path, bearer: live.tokens["specialist"])
        : try await live.ask("GET", path, cookie: anna.cookie)
      // Not set up here; OpenIDTests has them.
      if route.waits {
        #expect(answer.status == 404)
        continue
      }
      #expect(
        answer.status == 200 || (route.kind == .page && answer.header("location")?.hasPrefix("/") == true),
        "\(path): \(answer.status)")
    }
  }

  @Test func mailboxesHoldInListsToo() async throws {
    let live = try await LiveDesk.start()
    let mia = try await live.signIn("mia")
    let other = live.ids[2]
    let list = try await live.ask("GET", "/cases", cookie: mia.cookie).body
    #expect(list.contains(live.ids[0].text) && !list.contains(other.text))
    let lines = try await live.ask("GET", "/api/v1/cases", bearer: live.tokens["inbox"]).body
    #expect(lines.contains(live.ids[0].text) && !lines.contains(other.text))
    let asked = try await live.ask("GET", "/api/v1/cases?mailbox=other", bearer: live.tokens["inbox"]).body
    #expect(!asked.contains(other.text))
    _ = try await live.ask(
      "POST", "/cases/decide", cookie: mia.cookie,
      form: [("token", mia.token), ("decision", "confirm"), ("case", "\(other.text):1")])
    #expect(try live.desk.store.read(other).state == .possible)
    let merged = try await live.ask(
      "POST", "/api/v1/cases/\(live.ids[0].text)/decisions", bearer: live.tokens["inbox"],
      json: #"{"decision":"merge","after":1,"into":"\#(other.text)"}"#)
    #expect(merged.status == 422 && merged.body.contains("no such case"))
  }
}
