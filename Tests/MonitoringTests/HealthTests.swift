import Deadlines
import Foundation
import Logging
import Metrics
import Testing

@testable import Monitoring

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite struct HealthTests {
  static let now: Int64 = 1_800_000_000

  /// A service that does well, changed in one respect, and what is then said of it.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var ready: [Health.Reason.Name] = []
    /// Where it differs from what stands for `ready`.
    var alive: [Health.Reason.Name] = []
    let change: @Sendable (inout Vitals) -> Void
    var testDescription: String { name }
  }

  private static func wellVitals() -> Vitals {
    var vitals = Vitals(at: instant(now - 10))
    vitals.diskFree = 2 << 30
    vitals.diskLow = 1 << 30
    vitals.mailboxes = [
      .init(
        name: "complaints", lastSuccess: instant(now - 200), passEvery: 240, lastBeat: instant(now - 200)),
      .init(name: "gp", lastSuccess: instant(now - 5), passEvery: 60, lastBeat: instant(now)),
    ]
    return vitals
  }

  static let rows: [Row] = [
    Row(name: "all well") { _ in },
    Row(name: "data folder takes no file", ready: [.dataNotWritable]) { $0.unread = [.folder] },
    Row(name: "disk just at its limit") { $0.diskFree = $0.diskLow },
    Row(name: "disk low", ready: [.diskLow]) { $0.diskFree = $0.diskLow - 1 },
    Row(name: "index broken", ready: [.indexBroken]) { $0.unread = [.index] },
    Row(name: "outbox unreadable is no reason") { $0.unread = [.outbox] },
    Row(name: "polled 900 s ago") { $0.mailboxes[0].lastSuccess = instant(now - 900) },
    Row(name: "not polled for 901 s", ready: [.mailboxNotPolled]) {
      $0.mailboxes[0].lastSuccess = instant(now - 901)
      $0.mailboxes[0].trouble = "server-unreachable"
    },
    Row(name: "polled once an hour, as configured") {
      $0.mailboxes[0].passEvery = 3600
      $0.mailboxes[0].lastSuccess = instant(now - 10_800)
    },
    Row(name: "polled once an hour, three missed", ready: [.mailboxNotPolled]) {
      $0.mailboxes[0].passEvery = 3600
      $0.mailboxes[0].lastSuccess = instant(now - 10_801)
    },
    Row(name: "never polled", ready: [.mailboxNotPolled]) { $0.mailboxes[1].lastSuccess = nil },
    Row(name: "first pass drains a full mailbox") {
      $0.mailboxes[1].lastSuccess = nil
      $0.mailboxes[1].backlog = 100_000
    },
    Row(name: "first pass fails over and over", ready: [.mailboxNotPolled]) {
      $0.mailboxes[1].lastSuccess = nil
      $0.mailboxes[1].backlog = 100_000
      $0.mailboxes[1].trouble = "login-refused"
    },
    Row(name: "watcher stands still", ready: [.watcherStalled], alive: [.watcherStalled]) {
      $0.mailboxes[1].lastBeat = instant(now - 901)
    },
    Row(name: "last look 120 s ago") {
      $0.at = instant(now - 120)
    },
    Row(name: "last look too old", ready: [.vitalsStalled], alive: [.vitalsStalled]) {
      $0.at = instant(now - 121)
    },
    Row(name: "two reasons", ready: [.diskLow, .mailboxNotPolled]) {
      $0.diskFree = 0
      $0.mailboxes[0].lastSuccess = nil
    },
  ]

  @Test(arguments: rows) func aReasonIsNamed(row: Row) {
    var vitals = Self.wellVitals()
    row.change(&vitals)
    #expect(Health.ready(vitals, now: instant(Self.now)).reasons.map(\.name) == row.ready)
    #expect(Health.alive(vitals, now: instant(Self.now)).reasons.map(\.name) == row.alive)
  }

  @Test func whoIsStartingIsAliveAndNotReady() {
    #expect(Health.alive(nil, now: instant(Self.now)).isGood)
    #expect(Health.ready(nil, now: instant(Self.now)).reasons.map(\.name) == [.starting])
  }

  @Test func reasonsAreJSON() throws {
    let health = Health(reasons: [
      .init(name: .mailboxNotPolled, mailbox: "gp", detail: "a \"quoted\"\nlog\\line")
    ])
    let decoded = try #require(
      try JSONSerialization.jsonObject(with: Data(health.json.utf8)) as? [String: Any])
    let reasons = try #require(decoded["reasons"] as? [[String: String]])
    #expect(decoded["schema"] as? String == "intake.health/1" && decoded["status"] as? String == "failing")
    #expect(
      reasons == [["reason": "mailbox-not-polled", "mailbox": "gp", "detail": "a \"quoted\" log\\line"]])
  }

  // MARK: who may ask

  private static func server(token: String?, _ vitals: Vitals?) -> MonitoringServer {
    let registry = PrometheusRegistry([])
    registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
    return MonitoringServer(
      registry, token: token, vitals: { vitals }, logger: Logger(label: "test"), now: { instant(now) })
  }

  /// Token in force, Authorization header, path, status, and what the body begins with.
  @Test(
    arguments: [
      (nil, nil, "/metrics", 200, "# HELP a_total"),
      (nil, nil, "/healthz", 200, "{\"schema\":\"intake.health/1\",\"status\":\"ok\""),
      (nil, nil, "/readyz", 503, "{\"schema\":\"intake.health/1\",\"status\":\"failing\""),
      (nil, nil, "/elsewhere", 404, "/metrics"),
      ("s3cret", nil, "/metrics", 401, "a token is needed"),
      ("s3cret", "Bearer s3cre", "/metrics", 401, "a token is needed"),
      ("s3cret", "Bearer s3creT", "/metrics", 401, "a token is needed"),
      ("s3cret", "Basic s3cret", "/metrics", 401, "a token is needed"),
      ("s3cret", "s3cret", "/metrics", 401, "a token is needed"),
      ("s3cret", "Bearer s3cret", "/metrics", 200, "# HELP a_total"),
      ("s3cret", "bearer  s3cret", "/metrics", 401, "a token is needed"),
      ("s3cret", "bearer s3cret", "/metrics", 200, "# HELP a_total"),
      ("s3cret", nil, "/healthz", 200, "ok\n"),
      ("s3cret", nil, "/readyz", 503, "failing\n"),
      ("s3cret", "Bearer s3cret", "/readyz", 503, "{\"schema\""),
    ] as [(String?, String?, String, Int, String)])
  func onlyWhoBearsTheTokenIsTold(
    token: String?, authorization: String?, path: String, status: Int, body: String
  ) {
    var vitals = Self.wellVitals()
    vitals.diskFree = 0
    let answer = Self.server(token: token, vitals).answer(path, authorization: authorization)
    #expect(answer.status == status && answer.body.hasPrefix(body), "\(answer)")
    #expect(answer.challenge == (status == 401))
  }

  @Test func itServes() async throws {
    let server = Self.server(token: "s3cret", nil)
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let serving = Task { try await server.run(host: "127.0.0.1", port: 0) { continuation.yield($0) } }
    defer { serving.cancel() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    for (method, path, token, status) in [
      ("GET", "/metrics", "s3cret", 200), ("GET", "/metrics", "other", 401),
      ("HEAD", "/metrics", "s3cret", 200),
      ("POST", "/metrics", "s3cret", 405), ("GET", "/healthz", "", 200), ("GET", "/readyz", "s3cret", 503),
      ("GET", "/cases", "s3cret", 404),
    ] {
      let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
      var request = URLRequest(url: url)
      request.httpMethod = method
      request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
      let (body, response) = try await URLSession.shared.data(for: request)
      let answer = try #require(response as? HTTPURLResponse)
      #expect(answer.statusCode == status, "\(method) \(path)")
      if method == "HEAD" { #expect(body.isEmpty) }
      if status == 200, path == "/metrics" {
        #expect(answer.value(forHTTPHeaderField: "Content-Type") == Exposition.contentType)
      }
    }
  }
}
