// An OpenID Connect provider on loopback that tells the truth, or one lie at a time.

import Crypto
import CryptoExtras
import Foundation
import Synchronization

@testable import Review

#if canImport(Glibc)
  import Glibc
#endif

/// Serves discovery, keys and tokens; the test plays the browser between.
final class TestProvider: Sendable {
  enum Signature: Sendable {
    case es256, rs256
    /// No signature, as `"alg":"none"` allows.
    case none
    /// HMAC with a public key as its secret: what a verifier that trusts the header takes.
    case publicKeyAsSecret
    /// By a key that is not the one that the header names.
    case stranger
    /// The right key, but over other content.
    case damaged
  }

  struct Behaviour: Sendable {
    var signature = Signature.es256
    /// Changes what the token says; nil values take a claim out.
    var claims: [String: Claim?] = [:]
    var header: [String: String] = [:]
    /// Answers in place of the true ones, by path.
    var documents: [String: (status: Int, body: String)] = [:]
    var keyID = "first"
  }

  enum Claim: Sendable {
    case text(String)
    case texts([String])
    case number(Int)

    var value: Any {
      switch self {
      case .text(let text): text
      case .texts(let texts): texts
      case .number(let number): number
      }
    }
  }

  static let clientID = "the-desk"
  static let secret = "s3cret &=+"

  let port: Int
  var issuer: String { "http://127.0.0.1:\(port)" }
  private let listener: Int32
  private let curve = P256.Signing.PrivateKey()
  private let rsa: _RSA.Signing.PrivateKey
  private let state = Mutex(State())

  private struct State {
    var behaviour = Behaviour()
    var codes: [String: (nonce: String, challenge: String)] = [:]
    var asked: [String] = []
    var bodies: [String] = []
  }

  init() throws {
    rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw CocoaError(.featureUnsupported) }
    port = Int(in_port_t(bigEndian: address.sin_port))
    Thread.detachNewThread { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else {
          if client >= 0 { close(client) }
          close(listener)
          return
        }
        self.serve(client)
        close(client)
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }
  var asked: [String] { state.withLock { $0.asked } }
  /// The forms that came to the token endpoint.
  var bodies: [String] { state.withLock { $0.bodies } }

  /// Lets somebody sign in, as if they had come from the desk.
  func code(nonce: String, challenge: String) -> String {
    let code = Sessions.randomToken()
    state.withLock { $0.codes[code] = (nonce, challenge) }
    return code
  }

  func settings(roles: [String: Role] = ["complaints": .specialist, "audit": .auditor]) -> OpenIDSettings {
    OpenIDSettings(
      issuer: issuer, clientID: Self.clientID, rolesClaim: "groups", roles: roles,
      nameClaim: "preferred_username", fetch: Self.fetch)
  }

  // MARK: HTTP

  private func serve(_ client: Int32) {
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(client, &piece, piece.count, 0)
      if count <= 0 { return }
      received += piece[..<count]
      let text = String(decoding: received, as: UTF8.self)
      guard let end = text.range(of: "\r\n\r\n") else { continue }
      let head = String(text[..<end.lowerBound])
      let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)) }
      let body = String(text[end.upperBound...])
      guard body.utf8.count >= length ?? 0 else { continue }
      let path = String(head.split(separator: " ").dropFirst().first ?? "")
      let (status, answer) = self.answer(path, head, body)
      let bytes = Array(
        "HTTP/1.1 \(status) X\r\nContent-Length: \(answer.utf8.count)\r\nConnection: close\r\n\r\n\(answer)"
          .utf8)
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
      }
      return
    }
  }

  private func answer(_ path: String, _ head: String, _ body: String) -> (Int, String) {
    let behaviour = state.withLock { state in
      state.asked.append(path)
      return state.behaviour
    }
    if let lie = behaviour.documents[path] { return lie }
    switch path {
    case "/.well-known/openid-configuration":
      return (
        200,
        """
        {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token",
        "jwks_uri":"\(issuer)/keys"}
        """
      )
    case "/keys": return (200, keys(behaviour))
    case "/token": return token(head, body, behaviour)
    default: return (404, "{}")
    }
  }

  private func keys(_ behaviour: Behaviour) -> String {
    let point = curve.publicKey.rawRepresentation
    guard let primitives = try? rsa.publicKey.getKeyPrimitives() else { return "{}" }
    return """
      {"keys":[{"kty":"odd","kid":{"not":"understood"}},
      {"kty":"EC","kid":"\(behaviour.keyID)","use":"sig","crv":"P-256","x":"\(Self.base64(point.prefix(32)))",
      "y":"\(Self.base64(point.suffix(32)))"},
      {"kty":"RSA","kid":"\(behaviour.keyID)","use":"sig","n":"\(Self.base64(primitives.modulus))",
      "e":"\(Self.base64(primitives.publicExponent))"}]}
      """
  }

  private func token(_ head: String, _ body: String, _ behaviour: Behaviour) -> (Int, String) {
    let form = Form(body)
    let basic = Data("\(Self.clientID):\(Form.encoded(Self.secret))".utf8).base64EncodedString()
    // A code is good once (RFC 6749 §4.1.2).
    let known = state.withLock { state in
      state.bodies.append(body)
      return state.codes.removeValue(forKey: form["code"] ?? "")
    }
    guard let known, head.contains("Authorization: Basic \(basic)"),
      form["redirect_uri"] == LiveDesk.origin + "/sign-in/openid/return",
      let verifier = form["code_verifier"], (43...128).contains(verifier.utf8.count),
      Pages.challenge(verifier) == known.challenge
    else { return (400, #"{"error":"invalid_grant"}"#) }
    return (
      200,
      #"{"access_token":"x","token_type":"Bearer","id_token":"\#(idToken(known.nonce, behaviour))"}"#
    )
  }

  // MARK: tokens

  private func idToken(_ nonce: String, _ behaviour: Behaviour) -> String {
    let now = Int(time(nil))
    var claims: [String: Any] = [
      "iss": issuer, "sub": "subject-1", "aud": Self.clientID, "exp": now + 300, "iat": now, "nonce": nonce,
      "preferred_username": "Ada.Smith@example.org", "groups": ["staff", "complaints"],
    ]
    for (name, claim) in behaviour.claims { claims[name] = claim?.value }
    let algorithm =
      switch behaviour.signature {
      case .es256, .stranger, .damaged: "ES256"
      case .rs256: "RS256"
      case .none: "none"
      case .publicKeyAsSecret: "HS256"
      }
    var header: [String: Any] = ["alg": algorithm, "kid": behaviour.keyID, "typ": "JWT"]
    for (name, text) in behaviour.header {
      header[name] = name == "crit" ? [text] : text
    }
    func part(_ values: [String: Any]) -> String {
      Self.base64((try? JSONSerialization.data(withJSONObject: values)) ?? Data())
    }
    let signed = part(header) + "." + part(claims)
    let data = Data((behaviour.signature.isDamaged ? signed + "x" : signed).utf8)
    let signature: Data? =
      switch behaviour.signature {
      case .es256, .damaged: try? curve.signature(for: data).rawRepresentation
      case .stranger: try? P256.Signing.PrivateKey().signature(for: data).rawRepresentation
      case .rs256:
        try? rsa.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
      case .none: Data()
      case .publicKeyAsSecret:
        Data(
          HMAC<SHA256>.authenticationCode(
            for: data, using: SymmetricKey(data: Data(rsa.publicKey.pemRepresentation.utf8))))
      }
    return signed + "." + Self.base64(signature ?? Data())
  }

  static func base64(_ data: some DataProtocol) -> String {
    Data(data).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}

extension TestProvider.Signature {
  fileprivate var isDamaged: Bool { if case .damaged = self { true } else { false } }
}
