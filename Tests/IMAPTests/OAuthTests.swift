// OAuth2 tokens: the endpoint's answers, what is asked of it, and how often.

import Glibc
import Logging
import Synchronization
import Testing

@testable import IMAP
@testable import Transport

private let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// A token endpoint on 127.0.0.1: one answer a request, given by the test.
private final class TokenEndpoint: Sendable {
  typealias Answer = @Sendable (_ fields: [String: String], _ number: Int) -> (status: Int, body: String)

  private let listener: Int32
  let port: UInt16
  private let answer: Answer
  private let requests = Mutex<[String]>([])

  init(_ answer: @escaping Answer) throws {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw IMAPError(.unreachable, "no port: \(errorText(errno))") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.start { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else {
          // Closed here and nowhere else: elsewhere the number could be another server's by the next accept.
          if client >= 0 { Glibc.close(client) }
          Glibc.close(listener)
          return
        }
        self.serve(client)
        Glibc.close(client)
      }
    }
  }

  /// Makes the accepting thread end.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  var url: String { "http://127.0.0.1:\(port)/token" }
  var count: Int { requests.withLock { $0.count } }
  var heads: [String] { requests.withLock { $0 } }

  private func serve(_ client: Int32) {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      if count <= 0 { return }
      received += buffer[..<count]
      let text = String(decoding: received, as: UTF8.self).split(
        separator: "\r\n", omittingEmptySubsequences: false)
      guard let blank = text.firstIndex(of: ""), blank + 1 < text.count else { continue }
      let length = text.first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
      let body = text[(blank + 1)...].joined(separator: "\r\n")
      guard body.utf8.count >= length ?? 0 else { continue }
      let number = requests.withLock { requests in
        requests.append(text[..<blank].joined(separator: "\n"))
        return requests.count
      }
      var fields: [String: String] = [:]
      for pair in body.split(separator: "&") {
        let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
        fields[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
      }
      let (status, answer) = answer(fields, number)
      let reply = Array(
        "HTTP/1.1 \(status) x\r\nLocation: /token\r\nContent-Length: \(answer.utf8.count)\r\nConnection: close\r\n\r\n\(answer)"
          .utf8)
      var sent = 0
      while sent < reply.count {
        let count = reply[sent...].withUnsafeBytes {
          send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
      }
      return
    }
  }
}

private func source(
  _ endpoint: TokenEndpoint, _ grant: OAuthSettings.Grant = .clientCredentials,
  _ change: (inout OAuthSettings) -> Void = { _ in },
  onRotation: @escaping @Sendable (String) async -> Void = { _ in }
) -> TokenSource {
  var settings = OAuthSettings(
    grant: grant, tokenURL: endpoint.url, clientID: "client id", clientSecret: .value("s&cret"), scope: "a b")
  settings.timeout = .seconds(3)
  change(&settings)
  return TokenSource(settings, logger: quiet, onRotation: onRotation)
}

private func failure(_ source: TokenSource) async -> IMAPError? {
  do {
    _ = try await source.token()
    return nil
  } catch {
    return error
  }
}

@Suite struct OAuthTests {
  @Test(
    arguments: [
      (#"{"access_token":"t","token_type":"Bearer","expires_in":3599}"#, 3599, nil),
      (#"{"access_token":"t","token_type":"bearer","expires_in":"120","refresh_token":"r"}"#, 120, "r"),
      (#"{"access_token":"t","id_token":{"x":[1]},"refresh_token":""}"#, 3600, nil),
      (#"{"access_token":"t","expires_in":99999999}"#, 86_400, nil),
      (#"{"access_token":"t","expires_in":-5}"#, 0, nil),
    ] as [(String, Int, String?)])
  func readsATokenAnswer(_ json: String, _ lifetime: Int, _ refresh: String?) throws {
    #expect(
      try TokenReply(Array(json.utf8), status: 200)
        == TokenReply(accessToken: "t", lifetime: lifetime, refreshToken: refresh))
  }

  @Test(
    arguments: [
      (200, "", "http", false), (200, "<html>", "http", false), (200, #"{"access_token":""}"#, "http", false),
      (200, #"{"access_token":"a b\r\n"}"#, "http", false), (200, #"{"access_token":7}"#, "http", false),
      (200, #"{"access_token":"t","token_type":"mac"}"#, "http", false),
      (200, #"["access_token"]"#, "http", false),
      (400, #"{"error":"invalid_grant","error_description":"gone\r\n"}"#, "invalid_grant", true),
      (401, #"{"error":"invalid_client"}"#, "invalid_client", true),
      (503, #"{"error":"temporarily_unavailable"}"#, "temporarily_unavailable", false),
      (500, "oops", "http", false), (302, "", "http", false),
      (400, #"{"error":"a\u001b[31m"}"#, "http", false),
      (200, String(repeating: "[", count: 100_000), "http", false),
    ] as [(Int, String, String, Bool)])
  func readsAFailure(_ status: Int, _ body: String, _ code: String, isPermanent: Bool) {
    do throws(OAuthFailure) {
      _ = try TokenReply(Array(body.utf8), status: status)
      Issue.record("taken for a token")
    } catch {
      #expect(error.code == code && error.isPermanent == isPermanent && error.status == status)
      #expect(!error.description.contains("\r"))
    }
  }

  @Test func encodesForms() {
    #expect(FormEncoding.encode([("a b", "ü&=+"), ("c", "~-._9Z")]) == "a%20b=%C3%BC%26%3D%2B&c=~-._9Z")
  }

  @Test(
    arguments: [
      ("https://login.example.org/t", false), ("https://login.example.org:8443/t?x=1", false),
      ("http://127.0.0.1:80/t", true), ("http://[::1]:80/t", true), ("http://login.example.org/t", nil),
      ("http://127.0.0.1.example.org/t", nil), ("http://127.0.0.1@example.org/t", nil),
      ("ftp://127.0.0.1/", nil),
      ("https://", nil), ("https://u:p@login.example.org/", nil), ("http://localhost/t", nil),
      ("https://a b/", nil),
      ("http://127.0.0.1\\@example.org/", nil),
    ] as [(String, Bool?)])
  func checksAddresses(_ url: String, _ isPlain: Bool?) {
    #expect((try? SmallRequest.checkAddress(url)) == isPlain)
  }

  @Test func asksOnceForMany() async throws {
    let endpoint = try TokenEndpoint { fields, number in
      usleep(100_000)
      let isRight =
        fields == [
          "grant_type": "client_credentials", "scope": "a%20b", "client_id": "client%20id",
          "client_secret": "s%26cret",
        ]
      return (isRight ? 200 : 400, #"{"access_token":"t\#(number)","expires_in":3600}"#)
    }
    let source = source(endpoint)
    let tokens = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await source.token() } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(tokens == ["t1"])
    #expect(try await source.token() == "t1")
    await source.invalidate("another")
    #expect(try await source.token() == "t1")
    await source.invalidate("t1")
    #expect(try await source.token() == "t2")
    #expect(endpoint.count == 2)
  }

  @Test func renewsBeforeItExpires() async throws {
    let endpoint = try TokenEndpoint { _, number in (200, #"{"access_token":"t\#(number)","expires_in":1}"#) }
    let source = source(endpoint)
    #expect(try await source.token() == "t1")
    try await Task.sleep(for: .milliseconds(950))
    #expect(try await source.token() == "t2")
  }

  @Test func sendsBasicAuthentication() async throws {
    let endpoint = try TokenEndpoint { fields, _ in
      (fields["client_secret"] == nil ? 200 : 400, #"{"access_token":"t"}"#)
    }
    #expect(try await source(endpoint) { $0.clientAuthentication = .basic }.token() == "t")
    let sent = endpoint.heads.first?.split(separator: "\n").first { $0.hasPrefix("Authorization: Basic ") }
    #expect(
      sent.map { ScriptedServer.base64(String($0.dropFirst(21))) } == Array("client%20id:s%26cret".utf8))
  }

  /// A new refresh token is used and handed on; a secret that a person renewed meanwhile wins over it.
  @Test func followsRotation() async throws {
    let folder = try TemporaryFolder()
    let file = folder.write("refresh", "first\n")
    let seen = Mutex<[String]>([])
    let endpoint = try TokenEndpoint { fields, number in
      seen.withLock { $0.append(fields["refresh_token"] ?? "") }
      return (200, #"{"access_token":"t\#(number)","expires_in":0,"refresh_token":"r\#(number)"}"#)
    }
    let handed = Mutex<[String]>([])
    let source = source(
      endpoint, .refreshToken(.file(file)), onRotation: { token in handed.withLock { $0.append(token) } })
    _ = try await source.token()
    _ = try await source.token()
    _ = folder.write("refresh", "renewed\n")
    _ = try await source.token()
    #expect(seen.withLock { $0 } == ["first", "r1", "renewed"])
    #expect(handed.withLock { $0 } == ["r1", "r2", "r3"])
  }

  @Test func saysWhetherAPersonIsNeeded() async throws {
    let endpoint = try TokenEndpoint { _, number in
      number == 1 ? (400, #"{"error":"invalid_grant","error_description":"expired"}"#) : (503, "busy")
    }
    let source = source(endpoint)
    let first = await failure(source)
    #expect(first?.alarm == "oauth-refresh-failed")
    #expect(first?.kind == .oauth(OAuthFailure(code: "invalid_grant", text: "expired", status: 400)))
    #expect(first?.place == endpoint.url)
    #expect(await failure(source)?.alarm == "oauth-unreachable")
  }

  @Test func refusesARedirectAndAFlood() async throws {
    let endpoint = try TokenEndpoint { _, number in
      number == 1 ? (302, "") : (200, String(repeating: " ", count: TransportLimits.tokenReply + 1))
    }
    let source = source(endpoint)
    #expect(await failure(source)?.alarm == "oauth-unreachable")
    let second = await failure(source)
    if case .limit = second?.kind {} else { Issue.record("\(String(describing: second))") }
    #expect(endpoint.count == 2)
  }

  @Test func endsWhereNobodyAnswers() async throws {
    let endpoint = try TokenEndpoint { _, _ in (200, "{}") }
    let unreachable = source(endpoint) { $0.tokenURL = "http://127.0.0.1:1/" }
    #expect(await failure(unreachable)?.alarm == "oauth-unreachable")
    let missing = source(endpoint, .refreshToken(.file("/no/such/file")))
    #expect(await failure(missing)?.kind == .secret)
    #expect(endpoint.count == 0)
  }

  // MARK: at the mail server

  /// A kept token that the server refuses is replaced once; a fresh one that it refuses is not tried again.
  @Test func replacesARefusedToken() async throws {
    let endpoint = try TokenEndpoint { _, number in
      (200, #"{"access_token":"t\#(number)","expires_in":3600}"#)
    }
    let accepted = Mutex("t1")
    let server = try ScriptedServer(.init(capabilities: "IMAP4rev1 AUTH=XOAUTH2 SASL-IR")) {
      command, session in
      guard command.text.hasPrefix("AUTHENTICATE XOAUTH2 ") else { return false }
      let shown = String(decoding: ScriptedServer.base64(String(command.text.dropFirst(21))), as: UTF8.self)
      if shown == "user=u\u{1}auth=Bearer \(accepted.withLock { $0 })\u{1}\u{1}" {
        session.send("\(command.tag) OK in\r\n")
      } else {
        session.send("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
        _ = session.line()
        session.send("\(command.tag) NO [AUTHENTICATIONFAILED] token\r\n")
      }
      return true
    }
    let tokens = source(endpoint)
    let settings = try server.settings
    func attempt() async -> IMAPError? {
      let connection = Connection(
        settings: settings, credentials: .oauth2(user: "u", tokens: tokens), logger: quiet)
      do {
        try await connection.open()
        return nil
      } catch {
        return error
      }
    }
    #expect(await attempt() == nil)
    #expect(endpoint.count == 1)
    accepted.withLock { $0 = "t2" }
    #expect(await attempt() == nil)
    #expect(endpoint.count == 2)
    accepted.withLock { $0 = "none" }
    #expect(await attempt()?.kind == .authentication)
    #expect(endpoint.count == 3)
    #expect(await attempt()?.kind == .authentication)
    #expect(endpoint.count == 4)
  }
}
