// Single sign-on against a provider that tells one lie at a time.

import Cases
import Foundation
import Testing

@testable import Review

@Suite struct OpenIDTests {
  /// What a browser has after leaving for the provider.
  private struct Leaving {
    let state: String
    let nonce: String
    let challenge: String
    let cookie: String
  }

  private func leave(_ live: LiveDesk, next: String = "/cases") async throws -> Leaving {
    let answer = try await live.ask("GET", "/sign-in/openid?next=\(Form.encoded(next))")
    let location = try #require(answer.header("location"), "\(answer)")
    let query = Form(location.drop { $0 != "?" }.dropFirst())
    #expect(query["response_type"] == "code" && query["code_challenge_method"] == "S256")
    #expect(query["client_id"] == TestProvider.clientID && query["scope"]?.hasPrefix("openid") == true)
    #expect(query["redirect_uri"] == LiveDesk.origin + "/sign-in/openid/return")
    let cookie = try #require(answer.header("set-cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"))
    return Leaving(
      state: try #require(query["state"]), nonce: try #require(query["nonce"]),
      challenge: try #require(query["code_challenge"]),
      cookie: String(cookie.split(separator: ";")[0].drop { $0 != "=" }.dropFirst()))
  }

  private func comeBack(_ live: LiveDesk, _ query: String, cookie: String?) async throws -> LiveDesk.Answer {
    try await live.ask(
      "GET", "/sign-in/openid/return?\(query)", extra: cookie.map { ["Cookie: intake-openid=\($0)"] } ?? [])
  }

  private func session(_ answer: LiveDesk.Answer) -> String? {
    answer.head.components(separatedBy: "\r\n").compactMap { line -> String? in
      guard line.lowercased().hasPrefix("set-cookie: intake=") else { return nil }
      return line.dropFirst("set-cookie: intake=".count).split(separator: ";").first.map(String.init)
    }.first
  }

  /// All of it: to the provider and back.
  private func signIn(_ live: LiveDesk, _ provider: TestProvider) async throws -> LiveDesk.Answer {
    let leaving = try await leave(live)
    let code = provider.code(nonce: leaving.nonce, challenge: leaving.challenge)
    return try await comeBack(live, "code=\(code)&state=\(leaving.state)", cookie: leaving.cookie)
  }

  private func start(cases: Int = 1) async throws -> (LiveDesk, TestProvider) {
    let provider = try TestProvider()
    return (try await LiveDesk.start(cases: cases, openID: provider.settings()), provider)
  }

  @Test func theTruthSignsIn() async throws {
    let (live, provider) = try await start()
    #expect(try await live.ask("GET", "/sign-in").body.contains("/sign-in/openid?next="))
    for signature in [TestProvider.Signature.es256, .rs256] {
      provider.behave(.init(signature: signature))
      let answer = try await signIn(live, provider)
      #expect(answer.status == 303 && answer.header("location") == "/cases", "\(answer.body)")
      let cookie = try #require(session(answer))
      let list = try await live.ask("GET", "/cases", cookie: cookie)
      #expect(list.status == 200 && list.body.contains("oidc:ada.smith@example.org · specialist"))
    }
    // The name and role are the provider's; what is decided is signed with them.
    let user = try #require(try live.desk.users.read("oidc:ada.smith@example.org"))
    #expect(user.role == .specialist && user.openID?.subject == "subject-1" && user.password == nil)
    #expect(provider.asked.filter { $0 == "/keys" }.count == 1, "keys are kept")
    #expect(provider.bodies.allSatisfy { !$0.contains("s3cret") }, "the secret goes in the header")
  }

  static let lies: [(name: String, behaviour: TestProvider.Behaviour, code: String)] = {
    typealias Behaviour = TestProvider.Behaviour
    let now = Int(time(nil))
    func claim(_ name: String, _ claim: TestProvider.Claim?) -> Behaviour { Behaviour(claims: [name: claim]) }
    return [
      ("another issuer", claim("iss", .text("https://evil.test")), "issuer"),
      ("no issuer", claim("iss", nil), "issuer"),
      ("another audience", claim("aud", .text("another")), "audience"),
      ("no audience", claim("aud", nil), "audience"),
      ("several audiences", claim("aud", .texts(["another", "the-desk"])), "authorised-party"),
      ("another party", claim("azp", .text("another")), "authorised-party"),
      ("another nonce", claim("nonce", .text("another")), "nonce"),
      ("no nonce", claim("nonce", nil), "nonce"),
      ("expired", claim("exp", .number(now - 120)), "expired"),
      ("no end", claim("exp", nil), "expired"),
      ("an end in words", claim("exp", .text("never")), "expired"),
      ("of tomorrow", claim("iat", .number(now + 86_400)), "issued-at"),
      ("of yesterday", claim("iat", .number(now - 86_400)), "issued-at"),
      ("no beginning", claim("iat", nil), "issued-at"),
      ("not yet", claim("nbf", .number(now + 3600)), "not-before"),
      ("nobody", claim("sub", nil), "subject"),
      ("an empty subject", claim("sub", .text("")), "subject"),
      ("alg none", Behaviour(signature: .none), "token-form"),
      ("alg none with a signature", Behaviour(header: ["alg": "none"]), "algorithm"),
      ("HS256 with the public key", Behaviour(signature: .publicKeyAsSecret), "algorithm"),
      ("HS256 in the header only", Behaviour(header: ["alg": "HS256"]), "algorithm"),
      ("RS256 over an ES256 signature", Behaviour(header: ["alg": "RS256"]), "signature"),
      ("ES512", Behaviour(header: ["alg": "ES512"]), "algorithm"),
      ("a stranger's key", Behaviour(signature: .stranger), "signature"),
      ("changed content", Behaviour(signature: .damaged), "signature"),
      ("an unknown key", Behaviour(header: ["kid": "another"]), "key"),
      ("a critical extension", Behaviour(header: ["crit": "exp"]), "critical"),
      ("no name", claim("preferred_username", nil), "name"),
      ("a path as a name", claim("preferred_username", .text("../../etc/passwd")), "name"),
      ("markup as a name", claim("preferred_username", .text("<b>x</b>")), "name"),
      ("no group", claim("groups", nil), "no-role"),
      ("no group of ours", claim("groups", .texts(["staff"])), "no-role"),
    ]
  }()

  @Test func everyLieIsRefused() async throws {
    let (live, provider) = try await start()
    for (name, behaviour, code) in Self.lies {
      provider.behave(behaviour)
      let answer = try await signIn(live, provider)
      #expect(answer.status == 403 && answer.body.contains("(\(code))"), "\(name): \(answer.body)")
      #expect(session(answer) == nil, "\(name)")
    }
    #expect(try live.desk.users.all().allSatisfy { $0.openID == nil }, "nobody was made a user")
    provider.behave(.init())
    #expect(try await signIn(live, provider).status == 303, "and the truth is still believed")
  }

  @Test func aReturnIsGoodOnceAndInItsBrowserOnly() async throws {
    let (live, provider) = try await start()
    func code(_ leaving: Leaving) -> String {
      provider.code(nonce: leaving.nonce, challenge: leaving.challenge)
    }
    let one = try await leave(live)
    let other = try await leave(live)
    let state = "&state=\(one.state)"
    #expect(try await comeBack(live, "code=\(code(one))" + state, cookie: nil).status == 403, "no cookie")
    #expect(
      try await comeBack(live, "code=\(code(one))" + state, cookie: other.cookie).status == 403,
      "another browser")
    #expect(try await comeBack(live, "code=\(code(one))", cookie: one.cookie).status == 403, "no state")
    #expect(
      try await comeBack(live, "code=\(code(one))&state=x", cookie: one.cookie).status == 403,
      "a made-up state")
    let before = provider.bodies.count
    #expect(before == 0, "none of these cost the provider a request")
    let good = code(one)
    #expect(try await comeBack(live, "code=\(good)" + state, cookie: one.cookie).status == 303)
    #expect(try await comeBack(live, "code=\(good)" + state, cookie: one.cookie).status == 403, "replayed")
    #expect(
      try await comeBack(live, "code=\(good)&state=\(other.state)", cookie: other.cookie).status == 403,
      "a used code with a fresh state")
    // A code that was made for somebody else's sign-in has another nonce and another verifier.
    let (victim, attacker) = (try await leave(live), try await leave(live))
    #expect(
      try await comeBack(live, "code=\(code(attacker))&state=\(victim.state)", cookie: victim.cookie).status
        == 403)
  }

  @Test func errorsAndOtherIssuersAreRefused() async throws {
    let (live, provider) = try await start()
    for (query, code) in [
      ("error=access_denied&error_description=%3Cscript%3E", "provider-access_denied"),
      ("error=%3Cscript%3Ealert(1)", "provider-scriptalert"), ("", "no-code"), ("code=", "no-code"),
      ("code=" + String(repeating: "x", count: 9000), "no-code"),
      ("code=x&iss=https%3A%2F%2Fevil.test", "response-issuer"), ("code=made-up", "code-refused"),
    ] {
      let leaving = try await leave(live)
      let answer = try await comeBack(live, "\(query)&state=\(leaving.state)", cookie: leaving.cookie)
      #expect(
        answer.status == 403 && answer.body.contains("(\(code))"), "\(query.prefix(60)): \(answer.body)")
      #expect(!answer.body.contains("<script>"))
    }
    #expect(provider.asked.contains("/token"))
  }

  @Test func documentsThatCannotBeTrusted() async throws {
    let good =
      "\"issuer\":\"ISSUER\",\"authorization_endpoint\":\"ISSUER/authorize\",\"token_endpoint\":\"ISSUER/token\""
    for (name, status, body) in [
      ("an error", 500, "{}"), ("a redirect", 302, ""), ("no JSON", 200, "<html>"), ("empty", 200, ""),
      ("huge", 200, "{\"x\":\"" + String(repeating: "x", count: 1 << 20) + "\"}"),
      (
        "another issuer", 200,
        "{\(good.replacingOccurrences(of: "\"issuer\":\"ISSUER\"", with: "\"issuer\":\"https://evil.test\"")),\"jwks_uri\":\"ISSUER/keys\"}"
      ),
      ("keys elsewhere in plain text", 200, "{\(good),\"jwks_uri\":\"http://evil.test/keys\"}"),
      ("keys in a file", 200, "{\(good),\"jwks_uri\":\"file:///etc/passwd\"}"),
    ] {
      let (live, provider) = try await start()
      provider.behave(
        .init(documents: [
          "/.well-known/openid-configuration": (
            status, body.replacingOccurrences(of: "ISSUER", with: provider.issuer)
          )
        ]))
      let answer = try await live.ask("GET", "/sign-in/openid")
      #expect(answer.status == 502 && answer.header("location") == nil, "\(name): \(answer.head)")
    }
  }

  @Test func keysAreAskedForAnewWhenTheyChangeButNotByEverybody() async throws {
    let (live, provider) = try await start()
    #expect(try await signIn(live, provider).status == 303)
    provider.behave(.init(keyID: "second"))
    #expect(try await signIn(live, provider).status == 403, "within half a minute the provider is left alone")
    #expect(provider.asked.filter { $0 == "/keys" }.count == 1)
    live.pass(seconds: 31)
    #expect(try await signIn(live, provider).status == 303)
    #expect(provider.asked.filter { $0 == "/keys" }.count == 2)
    for lie in ["[]", "{\"keys\":[]}", String(repeating: "x", count: 1 << 20)] {
      let (live, provider) = try await start()
      provider.behave(.init(documents: ["/keys": (200, lie)]))
      #expect(try await signIn(live, provider).status == 403, "\(lie.prefix(20))")
    }
    let (other, large) = try await start()
    large.behave(
      .init(documents: ["/token": (200, "{\"id_token\":\"" + String(repeating: "a", count: 100_000) + "\"}")])
    )
    #expect(try await signIn(other, large).body.contains("(token-size)"))
  }

  @Test func rolesFollowTheProviderAndDisabledStaysOut() async throws {
    let (live, provider) = try await start()
    let first = try #require(session(try await signIn(live, provider)))
    provider.behave(.init(claims: ["groups": .texts(["audit"])]))
    let second = try #require(session(try await signIn(live, provider)))
    #expect(try live.desk.users.read("oidc:ada.smith@example.org")?.role == .auditor)
    #expect(
      try await live.ask("GET", "/cases", cookie: first).status == 303, "the old role's session has ended")
    #expect(try await live.ask("GET", "/cases", cookie: second).status == 200)
    provider.behave(.init(claims: ["groups": .texts(["complaints", "audit"])]))
    #expect(session(try await signIn(live, provider)) != nil)
    #expect(try live.desk.users.read("oidc:ada.smith@example.org")?.role == .specialist, "what may do most")
    try live.desk.users.setDisabled("oidc:ada.smith@example.org", true)
    #expect(try await signIn(live, provider).body.contains("(disabled)"))
    try live.desk.users.setDisabled("oidc:ada.smith@example.org", false)
    #expect(try await signIn(live, provider).status == 303)
    provider.behave(.init(claims: ["sub": .text("subject-2")]))
    #expect(try await signIn(live, provider).body.contains("(other-subject)"))
  }

  @Test func localAndOtherUsersAreNeverTheSame() async throws {
    let (live, provider) = try await start()
    provider.behave(.init(claims: ["preferred_username": .text("anna"), "groups": .text("audit")]))
    #expect(try await signIn(live, provider).status == 303)
    #expect(try live.desk.users.read("anna")?.role == .specialist, "the local anna is as she was")
    #expect(try live.desk.users.read("oidc:anna")?.role == .auditor)
    for password in ["", LiveDesk.password, "null"] {
      let answer = try await live.ask(
        "POST", "/sign-in", form: [("name", "oidc:anna"), ("password", password)])
      #expect(answer.status == 401, "without a password there is none that fits")
    }
    #expect(throws: UserProblem.self) {
      try live.desk.users.put(
        name: "oidc:anna", role: .administrator, password: LiveDesk.password, mailboxes: nil,
        cost: LiveDesk.cost)
    }
  }

  @Test func attemptsAreBounded() {
    let attempts = SignInAttempts()
    let first = attempts.begin(next: "/", at: instant(0))
    for number in 1...OpenIDLimits.attempts {
      _ = attempts.begin(next: "/", at: instant(Int64(1 + number % 499)))
    }
    #expect(
      attempts.take(first.state, browser: first.browser, at: instant(500)) == nil, "the oldest gave way")
    let late = attempts.begin(next: "/", at: instant(500))
    let end = instant(500 + OpenIDLimits.attemptSeconds + 1)
    #expect(attempts.take(late.state, browser: late.browser, at: end) == nil, "took too long")
  }

  /// RFC 7636, Appendix B.
  @Test func theChallengeIsThatOfTheStandard() {
    #expect(
      Pages.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
  }
}
