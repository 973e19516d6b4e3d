// Signing in with OpenID Connect: the authorization code flow with PKCE (Core §3.1, RFC 7636, RFC 9700).

import Cases
internal import Crypto
import Deadlines
import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
import Logging

extension Pages {
  static let openIDPath = "/sign-in/openid"
  static let openIDReturnPath = "/sign-in/openid/return"

  private var returnURL: String { desk.settings.origin + Self.openIDReturnPath }

  /// Leaves for the provider.
  func beginOpenID(_ visit: Visit) throws -> Page {
    guard let provider else { return notSetUp() }
    let now = desk.now()
    do {
      let document = try provider.document(at: now)
      let (state, browser, attempt) = attempts.begin(next: Self.safePath(visit.query["next"]), at: now)
      let fields = Form([
        ("response_type", "code"), ("client_id", provider.settings.clientID),
        ("redirect_uri", returnURL), ("scope", provider.settings.scope), ("state", state),
        ("nonce", attempt.nonce), ("code_challenge", Self.challenge(attempt.verifier)),
        ("code_challenge_method", "S256"),
      ])
      let glue = document.authorizationEndpoint.contains("?") ? "&" : "?"
      var page = Page.redirect(document.authorizationEndpoint + glue + fields.encoded)
      page.newAttempt = browser
      return page
    } catch let failure as OpenIDFailure {
      return refuse(failure, .badGateway)
    }
  }

  /// Comes back from the provider.
  func endOpenID(_ visit: Visit) throws -> Page {
    guard let provider else { return notSetUp() }
    let now = desk.now()
    // Not slowed down as passwords are: there is nothing to guess, each attempt is good for one return, and behind a
    // proxy it would keep everybody out.
    do {
      let attempt = try attempt(visit, provider, at: now)
      guard let code = visit.query["code"], code.utf8.count <= OpenIDLimits.code else {
        throw OpenIDFailure("no-code")
      }
      let text = try provider.exchange(code, verifier: attempt.verifier, returnTo: returnURL, at: now)
      let token = try IDToken(text, from: provider, nonce: attempt.nonce, at: now)
      let user = try known(token, provider.settings)
      if let token = visit.token { sessions.end(token) }
      var page = Page.redirect(attempt.next)
      page.newToken = sessions.begin(user, at: now)
      page.endsAttempt = true
      return page
    } catch let failure as OpenIDFailure {
      return refuse(failure, .forbidden)
    }
  }

  private func attempt(_ visit: Visit, _ provider: OpenIDProvider, at now: Instant) throws -> SignInAttempt {
    guard let state = visit.query["state"], let browser = visit.attempt,
      let attempt = attempts.take(state, browser: browser, at: now)
    else {
      throw OpenIDFailure(
        "state", "This sign-in was not begun here, took too long, or is over already. Sign in again.")
    }
    if let error = visit.query["error"] {
      throw OpenIDFailure(
        "provider-" + Self.code(error), "The sign-in service refused. Ask whoever looks after it.")
    }
    // RFC 9207: an answer of another provider, mixed up with this one's.
    let issuer = visit.query["iss"]
    let isNeeded = try provider.document(at: now).namesIssuer ?? false
    guard issuer == provider.settings.issuer || (issuer == nil && !isNeeded) else {
      throw OpenIDFailure("response-issuer")
    }
    return attempt
  }

  /// The user that a token makes: named as the provider names them, with the role that their groups have here.
  private func known(_ token: IDToken, _ settings: OpenIDSettings) throws -> User {
    guard let given = token.text(settings.nameClaim), let name = UserStore.openIDName(given) else {
      throw OpenIDFailure(
        "name", "The sign-in service gives no name that can be used here (letters, digits, . - _ + @).")
    }
    let identity = OpenIDIdentity(issuer: settings.issuer, subject: token.subject)
    let before = try desk.users.read(name)
    if let before {
      // Names move on from one person to the next; what somebody decided must not.
      guard before.openID == identity else {
        throw OpenIDFailure(
          "other-subject", "Somebody else has signed in under this name before. Ask an administrator.")
      }
      guard !before.isDisabled else { throw OpenIDFailure("disabled", "You may not sign in here any more.") }
    }
    let groups = token.texts(settings.rolesClaim)
    guard let role = Role.strongest(groups.compactMap { settings.roles[$0] }) else {
      sessions.endAll(of: name)
      throw OpenIDFailure("no-role", "You are in no group that has a role here. Ask an administrator.")
    }
    return try desk.users.putOpenID(name, identity, role: role, before: before)
  }

  private func refuse(_ failure: OpenIDFailure, _ status: HTTPResponse.Status) -> Page {
    logger.warning("single sign-on failed", metadata: ["reason": "\(failure.code)"])
    var page = problem(status, "Not signed in", "\(failure.words) (\(failure.code))")
    page.endsAttempt = true
    return page
  }

  private func notSetUp() -> Page {
    problem(.notFound, "Not set up", "Single sign-on is not set up here; sign in with a password.")
  }

  /// An error's code (RFC 6749 §4.1.2.1) as far as it is one.
  private static func code(_ error: String) -> String {
    String(
      decoding: error.utf8.prefix(40).filter { (0x61...0x7A).contains($0) || $0 == 0x5F }, as: UTF8.self)
  }

  /// S256 (RFC 7636 §4.2).
  static func challenge(_ verifier: String) -> String {
    let text = Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
    let bytes = text.utf8.compactMap { byte -> UInt8? in
      byte == 0x2B ? 0x2D : byte == 0x2F ? 0x5F : byte == 0x3D ? nil : byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
