// The ID token: what the provider says of somebody, signed (OpenID Connect Core §2, §3.1.3.7).

import Deadlines
import Dispatch
import FoundationEssentials
internal import JWTKit
import Synchronization

/// An ID token that has been checked.
struct IDToken: Sendable {
  let subject: String
  private let claims: [String: Claim]

  /// A claim as far as one of ours can be.
  enum Claim: Codable, Sendable, Equatable {
    case text(String)
    case texts([String])
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
      guard let container = try? decoder.singleValueContainer() else {
        self = .other
        return
      }
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let texts = try? container.decode([String].self) {
        self = .texts(texts)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .other
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .texts(let texts): try container.encode(texts)
      case .number(let number): try container.encode(number)
      case .other: try container.encodeNil()
      }
    }
  }

  /// The header, read before anything is believed.
  struct Header: Decodable {
    let alg: String
    let kid: String?
    /// Extensions that must be understood (RFC 7515 §4.1.11); none is.
    let crit: [String]?

    /// Whether a key could have signed this: of the algorithm's own type, so that no public key serves as a secret.
    func mayMean(_ key: OpenIDProvider.Key) -> Bool {
      guard kid == nil || kid == key.kid, key.use == nil || key.use == "sig",
        key.alg == nil || key.alg == alg
      else { return false }
      switch alg {
      case "RS256": return key.kty == "RSA" && key.n != nil && key.e != nil
      case "ES256": return key.kty == "EC" && key.crv == "P-256" && key.x != nil && key.y != nil
      default: return false
      }
    }
  }

  /// The claims as jwt-kit hands them over once the signature is right; everything else is checked here.
  private struct Payload: JWTPayload {
    let claims: [String: Claim]

    init(from decoder: any Decoder) throws {
      claims = try decoder.singleValueContainer().decode([String: Claim].self)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(claims)
    }

    func verify(using algorithm: some JWTAlgorithm) {}
  }

  /// Checks a token.
  ///
  /// - Parameter nonce: what was sent along when this sign-in began.
  /// - Throws: `OpenIDFailure` naming what is not so.
  init(_ text: String, from provider: OpenIDProvider, nonce: String, at now: Instant) throws {
    guard text.utf8.count <= OpenIDLimits.idToken else { throw OpenIDFailure("token-size") }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[2].isEmpty, let bytes = Self.decoded(parts[0]),
      let header = try? JSONDecoder().decode(Header.self, from: bytes)
    else { throw OpenIDFailure("token-form") }
    guard header.alg == "RS256" || header.alg == "ES256" else { throw OpenIDFailure("algorithm") }
    guard header.crit == nil else { throw OpenIDFailure("critical") }
    let keys = try provider.keys(for: header, at: now)
    // Without a key id a token must leave no choice (Core §10.1).
    guard keys.count == 1 || header.kid != nil else { throw OpenIDFailure("key") }
    let claims = try Self.verified(text, header, keys[0])
    try Self.check(claims, provider.settings, nonce: nonce, at: now)
    guard case .text(let subject)? = claims["sub"], (1...255).contains(subject.utf8.count) else {
      throw OpenIDFailure("subject")
    }
    self.subject = subject
    self.claims = claims
  }

  /// A claim's text, where it is one.
  func text(_ name: String) -> String? {
    if case .text(let text)? = claims[name] { return text }
    return nil
  }

  /// A claim's texts: one or several.
  func texts(_ name: String) -> [String] {
    switch claims[name] {
    case .text(let text): [text]
    case .texts(let texts): texts
    default: []
    }
  }

  // MARK: signature

  private static func verified(
    _ text: String, _ header: Header, _ key: OpenIDProvider.Key
  ) throws -> [String: Claim] {
    // The one key that may have signed it, under the one algorithm: jwt-kit falls back to any key of a collection.
    let name: JWKIdentifier = "only"
    let jwk =
      header.alg == "RS256"
      ? JWK.rsa(.rs256, identifier: name, modulus: key.n, exponent: key.e)
      : JWK.ecdsa(.es256, identifier: name, x: key.x, y: key.y, curve: .p256)
    do {
      return try waiting {
        let keys = try await JWTKeyCollection().add(jwk: jwk)
        return try await keys.verify(text, as: Payload.self).claims
      }
    } catch {
      throw OpenIDFailure("signature")
    }
  }

  // MARK: claims

  private static func check(
    _ claims: [String: Claim], _ settings: OpenIDSettings, nonce: String, at now: Instant
  ) throws {
    let leeway = OpenIDLimits.leewaySeconds
    let now = Double(now.unixSeconds)
    guard claims["iss"] == .text(settings.issuer) else { throw OpenIDFailure("issuer") }
    let audience: [String] =
      switch claims["aud"] {
      case .text(let text): [text]
      case .texts(let texts): texts
      default: []
      }
    guard audience.contains(settings.clientID) else { throw OpenIDFailure("audience") }
    // §3.1.3.7, 4 and 5: meant for several, it must have been issued to us.
    if audience.count > 1 || claims["azp"] != nil {
      guard claims["azp"] == .text(settings.clientID) else { throw OpenIDFailure("authorised-party") }
    }
    guard case .number(let expires)? = claims["exp"], expires + leeway > now else {
      throw OpenIDFailure("expired")
    }
    guard case .number(let issued)? = claims["iat"], issued - leeway <= now,
      issued + leeway + Double(OpenIDLimits.attemptSeconds) >= now
    else { throw OpenIDFailure("issued-at") }
    if let before = claims["nbf"] {
      guard case .number(let from) = before, from - leeway <= now else { throw OpenIDFailure("not-before") }
    }
    guard case .text(let sent)? = claims["nonce"], isEqualInConstantTime(sent.utf8, nonce.utf8) else {
      throw OpenIDFailure("nonce")
    }
  }

  /// base64url without padding (RFC 7515 §2).
  private static func decoded(_ text: Substring) -> Data? {
    var bytes = text.utf8.map { $0 == 0x2D ? 0x2B : $0 == 0x5F ? 0x2F : $0 }
    while bytes.count % 4 != 0 { bytes.append(0x3D) }
    return Data(base64Encoded: Data(bytes))
  }
}

private final class Outcome<Value: Sendable>: Sendable {
  let result = Mutex<Result<Value, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
}

/// Waits for something asynchronous that only computes. For threads of our own: a cooperative one must never wait.
private func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
  let box = Outcome<Value>()
  Task {
    do {
      let value = try await body()
      box.result.withLock { $0 = .success(value) }
    } catch {
      box.result.withLock { $0 = .failure(error) }
    }
    box.done.signal()
  }
  box.done.wait()
  guard let result = box.result.withLock({ $0 }) else { throw CancellationError() }
  return try result.get()
}
