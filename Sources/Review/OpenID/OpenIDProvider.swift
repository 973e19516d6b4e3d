// The provider's documents (OpenID Connect Discovery 1.0), its keys (RFC 7517), and the exchange of a code.
// Everything here blocks: it runs on threads that the desk keeps for it.

import Cases
import Deadlines
import FoundationEssentials
import Synchronization

/// A provider, as far as its documents are known.
final class OpenIDProvider: Sendable {
  let settings: OpenIDSettings

  private struct Known {
    var document: Document?
    var documentAt: Int64 = 0
    var keys: [Key] = []
    var keysAt: Int64 = 0
    /// When something was last asked for in vain.
    var failedAt: Int64 = 0
  }

  private let known = Mutex(Known())

  init(_ settings: OpenIDSettings) { self.settings = settings }

  /// Discovery §3, the parts that matter here.
  struct Document: Decodable, Sendable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let keysURL: String
    let tokenAuthentication: [String]?
    /// RFC 9207.
    let namesIssuer: Bool?

    enum CodingKeys: String, CodingKey {
      case issuer
      case authorizationEndpoint = "authorization_endpoint"
      case tokenEndpoint = "token_endpoint"
      case keysURL = "jwks_uri"
      case tokenAuthentication = "token_endpoint_auth_methods_supported"
      case namesIssuer = "authorization_response_iss_parameter_supported"
    }
  }

  /// A public key (RFC 7517 §4, RFC 7518 §6); what it is not for is left out when it is chosen.
  struct Key: Decodable, Sendable {
    let kty: String
    let use: String?
    let alg: String?
    let kid: String?
    let crv: String?
    let n: String?
    let e: String?
    let x: String?
    let y: String?
  }

  private struct KeySet: Decodable {
    /// One key that is not understood must not hide the others (RFC 7517 §5).
    struct Lenient: Decodable {
      let key: Key?
      init(from decoder: any Decoder) { key = try? Key(from: decoder) }
    }

    let keys: [Lenient]
  }

  // MARK: documents

  /// The provider's document, kept for an hour.
  func document(at now: Instant) throws -> Document {
    if let kept = known.withLock({ known in
      now.unixSeconds - known.documentAt < OpenIDLimits.keptSeconds ? known.document : nil
    }) {
      return kept
    }
    try pause(at: now)
    let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
    let document: Document = try read(base + "/.well-known/openid-configuration", at: now)
    // Discovery §4.3: another issuer's document would make another issuer's tokens good.
    guard document.issuer == settings.issuer else { throw OpenIDFailure("document-issuer") }
    for url in [document.authorizationEndpoint, document.tokenEndpoint, document.keysURL]
    where !isSafe(url) {
      throw OpenIDFailure("document-address")
    }
    known.withLock { known in
      known.document = document
      known.documentAt = now.unixSeconds
    }
    return document
  }

  /// Whether an address is as safe as the issuer's: plain HTTP only where the issuer is on this machine.
  private func isSafe(_ url: String) -> Bool {
    let isLoopback = settings.issuer.hasPrefix("http://127.0.0.1")
    return url.hasPrefix("https://") || (isLoopback && url.hasPrefix("http://127.0.0.1:"))
  }

  /// The keys that a token's header may mean; asked for anew where there is none, as after a change of keys.
  func keys(for header: IDToken.Header, at now: Instant) throws -> [Key] {
    let (kept, age) = known.withLock { ($0.keys, now.unixSeconds - $0.keysAt) }
    let found = kept.filter { header.mayMean($0) }
    if !found.isEmpty, age < OpenIDLimits.keptSeconds { return found }
    // An unknown key id costs the provider a request at most every half minute, whoever sends it.
    guard kept.isEmpty || age >= OpenIDLimits.pauseSeconds else { throw OpenIDFailure("key") }
    try pause(at: now)
    let set: KeySet = try read(try document(at: now).keysURL, at: now)
    let keys = Array(set.keys.compactMap(\.key).prefix(OpenIDLimits.keys))
    known.withLock { known in
      known.keys = keys
      known.keysAt = now.unixSeconds
    }
    let fresh = keys.filter { header.mayMean($0) }
    guard !fresh.isEmpty else { throw OpenIDFailure("key") }
    return fresh
  }

  /// A provider that does not answer holds up a person now and then, not everybody who tries.
  private func pause(at now: Instant) throws {
    let failedAt = known.withLock { $0.failedAt }
    guard now.unixSeconds - failedAt >= 5 else { throw Self.unreachable("pause") }
  }

  private static func unreachable(_ code: String) -> OpenIDFailure {
    OpenIDFailure(code, "The sign-in service does not answer as it should. Try again in a moment.")
  }

  private func read<Value: Decodable>(_ url: String, at now: Instant) throws -> Value {
    do {
      let reply = try settings.fetch(OpenIDRequest(url: url))
      guard reply.status == 200 else { throw Self.unreachable("document-status") }
      return try JSONDecoder().decode(Value.self, from: Data(reply.body))
    } catch {
      known.withLock { $0.failedAt = now.unixSeconds }
      throw error is OpenIDFailure ? error : Self.unreachable("document")
    }
  }

  // MARK: the code

  private struct Tokens: Decodable {
    let idToken: String
    enum CodingKeys: String, CodingKey { case idToken = "id_token" }
  }

  /// Exchanges a code for an ID token (Core §3.1.3), with the verifier that only we know (RFC 7636 §4.5).
  func exchange(_ code: String, verifier: String, returnTo: String, at now: Instant) throws -> String {
    let document = try document(at: now)
    var request = OpenIDRequest(url: document.tokenEndpoint)
    request.form = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", returnTo),
      ("client_id", settings.clientID), ("code_verifier", verifier),
    ]
    let methods = document.tokenAuthentication ?? ["client_secret_basic"]
    request.authentication =
      !methods.contains("client_secret_basic") && methods.contains("client_secret_post") ? .body : .basic
    let reply: OpenIDReply
    do {
      reply = try settings.fetch(request)
    } catch {
      throw Self.unreachable("exchange")
    }
    guard reply.status == 200 else {
      throw OpenIDFailure(
        "code-refused", "The sign-in service did not take its own answer back. Sign in again.")
    }
    guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(reply.body)) else {
      throw OpenIDFailure("exchange-answer")
    }
    return tokens.idToken
  }
}
