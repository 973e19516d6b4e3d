// A desk that serves on a loopback port, with a few cases and people, and a client that can send anything.

import Cases
import Deadlines
import Foundation
import Logging
import MIME
import Monitoring
import Synchronization
import Testing
import Triage

@testable import Review

#if canImport(Glibc)
  import Glibc
#endif

/// A running desk over a data folder of the test's own.
final class LiveDesk: Sendable {
  static let cost: StoredPassword.Cost = (rounds: 16, blockSize: 8, parallelism: 1)
  static let origin = "http://desk.test"
  static let password = "correct horse"

  let path: String
  let data: DataFolder
  let desk: Desk
  let port: Int
  let ids: [CaseID]
  let server: ReviewServer
  /// API tokens by what they are: a role, `inbox` (one mailbox only), `expired`, `disabled`.
  let tokens: [String: String]
  let letters: StandInLetters?
  private let clock: Clock
  private let serving: Task<Void, any Error>

  /// The desk's clock, which a test can put forward.
  private final class Clock: Sendable {
    private let ahead = Mutex<Int64>(0)
    var now: Instant { Instant(unixSeconds: Int64(time(nil)) + ahead.withLock { $0 }) }
    func pass(_ seconds: Int64) { ahead.withLock { $0 += seconds } }
  }

  func pass(seconds: Int64) { clock.pass(seconds) }

  /// Mail that a case is made of; its text holds what a page must not let through.
  static let hostile = "<script>alert(1)</script> \"\u{301} onmouseover=alert(1) x=\""

  static func mail(_ number: Int) -> String {
    """
    From: "Ada \(hostile.replacingOccurrences(of: "\"", with: ""))" <ada@example.org>\r
    To: complaints@desk.test\r
    Subject: Case \(number) <img src=x onerror=alert(1)>\r
    MIME-Version: 1.0\r
    Content-Type: multipart/mixed; boundary=b\r
    \r
    --b\r
    Content-Type: text/plain; charset=utf-8\r
    \r
    Nobody has answered me for six weeks. \(hostile)\r
    --b\r
    Content-Type: text/html; charset=utf-8\r
    \r
    <p onclick=alert(1)>Nobody <b>answered</b><script>alert(2)</script><img src=http://evil.test/x></p>\r
    --b\r
    Content-Type: text/html; name="x.html"\r
    Content-Disposition: attachment; filename="../..\\"x.html"\r
    \r
    <script>alert(3)</script>\r
    --b--\r

    """
  }

  static func start(
    cases: Int = 3, sendsLetters: Bool = false, openID: OpenIDSettings? = nil
  ) async throws -> LiveDesk {
    let path = NSTemporaryDirectory() + "/intake-desk-" + UUID().uuidString
    let data = try DataFolder(path)
    let index = try CaseIndex(data)
    let store = CaseStore(data)
    let messages = MessageStore(data)
    var ids: [CaseID] = []
    for number in 0..<cases {
      let bytes = Array(mail(number).utf8)
      let digest = try bytes.withUnsafeBytes { try messages.store($0) }
      let message = Message(parsing: MessageBytes(bytes))
      let source = SourceFacts(
        mailbox: number == cases - 1 ? "other" : "inbox",
        source: .imap(uidValidity: 1, uid: UInt32(number + 1)),
        internalDate: nil, seen: Instant(unixSeconds: 1_700_000_100))
      let recorded = Recorded(
        outcome: .possible,
        message: MessageFacts(
          digest: digest, size: bytes.count, source: source, messageID: "m\(number)@example.org",
          subject: message.subject,
          from: [.init(name: message.from.first?.displayName, address: "ada@example.org")]),
        receivedAt: Instant(unixSeconds: 1_700_000_000 + Int64(number)), receivedHow: "test",
        complainant: Complainant(name: hostile, address: "ada@example.org", how: "sender", confidence: 1),
        country: "GB", verdict: nil, deadlines: Deadlines(all: []))
      let id = CaseID(identity: digest)
      guard case .recorded(let made) = try store.record(id, recorded, at: Instant(unixSeconds: 1_700_000_200))
      else {
        throw CocoaError(.fileWriteUnknown)
      }
      try index.put([(made, text: message.text)])
      ids.append(id)
    }
    let clock = Clock()
    let now: @Sendable () -> Instant = { clock.now }
    var settings = DeskSettings(organisation: "Test & Co", origin: origin)
    settings.openID = openID
    let letters = sendsLetters ? StandInLetters(data) : nil
    let desk = try Desk(
      data, index: index, settings: settings,
      taxonomy: try taxonomy(),
      times: LocalTimes(zones: [:]),
      rules: RegimeRules(regimes: [:], calendars: [:], zones: [:], standard: []), reporting: try reporting(),
      returns: ["0": try returnOfOneField()],
      letters: letters, now: now)
    for (name, role, mailboxes) in [
      ("anna", Role.specialist, nil), ("ben", .specialist, nil), ("olga", .operations, nil),
      ("otto", .auditor, nil),
      ("mia", .specialist, ["inbox"]), ("leo", .lead, nil), ("ada", .administrator, nil),
    ] as [(String, Role, [String]?)] {
      try desk.users.put(name: name, role: role, password: password, mailboxes: mailboxes, cost: cost)
    }
    var tokens: [String: String] = [:]
    for role in Role.allCases {
      tokens[role.rawValue] = try desk.tokens.add(
        role.rawValue, role: role, mailboxes: nil, expires: nil, at: now())
    }
    tokens["inbox"] = try desk.tokens.add(
      "inbox", role: .specialist, mailboxes: ["inbox"], expires: nil, at: now())
    tokens["disabled"] = try desk.tokens.add(
      "disabled", role: .administrator, mailboxes: nil, expires: nil, at: now())
    try desk.tokens.setDisabled("disabled", true)
    tokens["expired"] = try desk.tokens.add(
      "expired", role: .administrator, mailboxes: nil, expires: now(), at: Instant(unixSeconds: 1))
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try ReviewServer(desk, logger: logger, cost: cost)
    let (ports, said) = AsyncStream<Int>.makeStream()
    let serving = Task { try await server.run(host: "127.0.0.1", port: 0) { said.yield($0) } }
    for await port in ports {
      return LiveDesk(
        path: path, data: data, desk: desk, port: port, ids: ids, server: server, tokens: tokens,
        letters: letters, clock: clock, serving: serving)
    }
    throw CocoaError(.featureUnsupported)
  }

  private init(
    path: String, data: DataFolder, desk: Desk, port: Int, ids: [CaseID], server: ReviewServer,
    tokens: [String: String], letters: StandInLetters?, clock: Clock, serving: Task<Void, any Error>
  ) {
    self.path = path
    self.data = data
    self.desk = desk
    self.port = port
    self.ids = ids
    self.server = server
    self.tokens = tokens
    self.letters = letters
    self.clock = clock
    self.serving = serving
  }

  deinit {
    serving.cancel()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// London's days, without holidays.
  private static func reporting() throws -> ReportingDays {
    let zone = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/London"))
    return ReportingDays(
      zone: try ZoneRules(name: "Europe/London", tzif: Array(zone)),
      calendar: try WorkingCalendar(
        id: "GB", title: "GB", holidays: [:], covers: 2000...2040, source: "test",
        checkBy: try #require(CivilDate("2040-01-01"))))
  }

  private static func returnOfOneField() throws -> ReturnDefinition {
    ReturnDefinition(
      id: "0", title: "A return", source: "test", checkBy: try #require(CivilDate("2040-01-01")),
      countries: nil, mailboxes: nil, publishFrom: 500,
      fields: [.init(name: "opened", title: "Opened", count: .opened)])
  }

  private static func taxonomy() throws -> Taxonomy {
    try Taxonomy(
      leaves: Taxonomy.ids.map {
        Taxonomy.Leaf(
          id: $0, title: "Title of \($0)", definition: "Defined.", fca: "",
          phrases: [Taxonomy.Phrase(pattern: "word")])
      })
  }

  // MARK: asking

  struct Answer: Sendable {
    let status: Int
    let head: String
    let body: String

    func header(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
    }
  }

  /// Sends one request over a connection of its own.
  func ask(
    _ method: String, _ target: String, cookie: String? = nil, form: [(String, String)]? = nil,
    bearer: String? = nil, json: String? = nil, host: String = "desk.test",
    extra: [String] = []
  ) async throws -> Answer {
    let body = json ?? form.map { Form($0.map { (name: $0.0, value: $0.1) }).encoded } ?? ""
    var lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + extra
    if let cookie { lines.append("Cookie: intake=\(cookie)") }
    if let bearer { lines.append("Authorization: Bearer \(bearer)") }
    if json != nil {
      lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
    } else if form != nil {
      lines += ["Content-Type: application/x-www-form-urlencoded", "Content-Length: \(body.utf8.count)"]
    }
    let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    let port = port
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try Self.exchange(request, port: port) })
      }
    }
  }

  private static func exchange(_ request: String, port: Int) throws -> Answer {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw CocoaError(.fileReadUnknown) }
    let bytes = Array(request.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(socket, &piece, piece.count, 0)
      if count <= 0 { break }
      answer += piece[..<count]
    }
    let text = String(decoding: answer, as: UTF8.self)
    let parts = text.range(of: "\r\n\r\n")
    let head = parts.map { String(text[..<$0.lowerBound]) } ?? text
    let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    return Answer(status: status, head: head, body: parts.map { String(text[$0.upperBound...]) } ?? "")
  }

  /// Signs in.
  ///
  /// - Returns: the session's cookie and the token of its forms.
  func signIn(_ name: String) async throws -> (cookie: String, token: String) {
    let answer = try await ask("POST", "/sign-in", form: [("name", name), ("password", Self.password)])
    let cookie = answer.header("set-cookie")?.split(separator: ";").first?.dropFirst("intake=".count) ?? ""
    let list = try await ask("GET", "/cases", cookie: String(cookie))
    let token =
      list.body.components(separatedBy: "name=\"token\" value=\"").dropFirst().first?.prefix { $0 != "\"" }
      ?? ""
    return (String(cookie), String(token))
  }
}
