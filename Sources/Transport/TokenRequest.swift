// One request to a token endpoint, over libcurl: HTTPS, no redirect, bounded in time and size. Blocks.

import CCurl
import FoundationEssentials

struct TokenRequest {
  private let settings: OAuthSettings
  private let fields: [(String, String)]

  init(_ settings: OAuthSettings, fields: [(String, String)]) {
    self.settings = settings
    self.fields = fields
  }

  func perform() throws(MailServerError) -> TokenReply {
    let isPlain = try Self.checkAddress(settings.tokenURL)
    var fields = fields
    let secret = try settings.clientSecret?.read()
    let handle = try CurlHandle()
    handle.set(CURLOPT_URL, settings.tokenURL)
    handle.set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
    handle.setSafety(caFile: settings.caFile, proxy: isPlain ? nil : settings.proxy)
    // A redirect would carry the secrets to wherever it points.
    handle.set(CURLOPT_FOLLOWLOCATION, 0)
    handle.set(CURLOPT_TIMEOUT_MS, Int(settings.timeout.milliseconds))
    switch settings.clientAuthentication {
    case .body:
      fields.append(("client_id", settings.clientID))
      if let secret { fields.append(("client_secret", secret)) }
    case .basic:
      // RFC 6749 §2.3.1: both are form-encoded first.
      handle.set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a macro with a cast
      handle.set(CURLOPT_USERNAME, FormEncoding.encode(settings.clientID))
      handle.set(CURLOPT_PASSWORD, FormEncoding.encode(secret ?? ""))
    }
    handle.set(CURLOPT_HTTPHEADER, list: ["Accept: application/json", "Expect:"])
    handle.set(CURLOPT_COPYPOSTFIELDS, FormEncoding.encode(fields))

    let reply = ReplyBuffer()
    handle.set(CURLOPT_WRITEDATA, pointer: Unmanaged.passUnretained(reply).toOpaque())
    handle.setWrite { data, size, count, context in
      guard let data, let context else { return 0 }
      let buffer = Unmanaged<ReplyBuffer>.fromOpaque(context).takeUnretainedValue()
      return buffer.add(UnsafeRawBufferPointer(start: data, count: size * count))
    }
    do throws(MailServerError) {
      try withExtendedLifetime(reply) { () throws(MailServerError) in try handle.perform() }
    } catch {
      var error = error
      error.place = Self.withoutQuery(settings.tokenURL)
      if reply.isTooLarge {
        error.kind = .limit("a token answer above \(TransportLimits.tokenReply) bytes")
        throw error
      }
      // A certificate that does not verify is the same trouble here as at the mail server.
      if error.kind == .tls { throw error }
      error.kind = .oauth(OAuthFailure(code: "transport", text: error.detail))
      error.detail = ""
      throw error
    }
    do throws(OAuthFailure) {
      return try TokenReply(reply.bytes, status: handle.responseCode)
    } catch {
      throw MailServerError(.oauth(error), place: Self.withoutQuery(settings.tokenURL))
    }
  }

  /// Whether the address is plain http, which only this machine may have.
  static func checkAddress(_ url: String) throws(MailServerError) -> Bool {
    let lower = url.lowercased()
    guard url.utf8.count <= 2048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != ASCII.backslash })
    else { throw MailServerError(.settings, "a token URL has no spaces or special characters") }
    let scheme = lower.hasPrefix("https://") ? "https://" : "http://"
    guard lower.hasPrefix(scheme) else {
      throw MailServerError(.settings, "a token URL begins with https://")
    }
    let authority = lower.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
    guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else {
      throw MailServerError(.settings, "a token URL names a host, and neither user nor password")
    }
    if scheme == "https://" { return false }
    var host = String(decoding: authority, as: UTF8.self)
    if host.hasPrefix("[") {
      host = String(host.dropFirst().prefix { $0 != "]" })
    } else {
      host = String(host.prefix { $0 != ":" })
    }
    guard host == "127.0.0.1" || host == "::1" else {
      throw MailServerError(
        .settings, "http:// would show secrets to the network; use https:// for the token URL")
    }
    return true
  }

  private static func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }) }
}

/// What the endpoint answered, as libcurl hands it over.
private final class ReplyBuffer {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLarge = false

  /// How many bytes were taken; fewer than offered make libcurl stop.
  func add(_ more: UnsafeRawBufferPointer) -> Int {
    guard bytes.count + more.count <= TransportLimits.tokenReply else {
      isTooLarge = true
      return 0
    }
    bytes.append(contentsOf: more)
    return more.count
  }
}

/// application/x-www-form-urlencoded (RFC 6749 Appendix B).
enum FormEncoding {
  static func encode(_ fields: [(String, String)]) -> String {
    fields.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
  }

  static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded += "%"
        encoded.unicodeScalars.append(digits[Int(byte >> 4)])
        encoded.unicodeScalars.append(digits[Int(byte & 15)])
      }
    }
    return encoded
  }
}

/// A token endpoint's good answer (RFC 6749 §5.1).
struct TokenReply: Sendable, Equatable {
  var accessToken: String
  /// Seconds; an hour where the endpoint does not say.
  var lifetime: Int
  /// A new refresh token, where there is one.
  var refreshToken: String?

  private struct Good: Decodable {
    var accessToken: String
    var tokenType: String?
    var expiresIn: Number?
    var refreshToken: String?

    enum CodingKeys: String, CodingKey {
      case accessToken = "access_token"
      case tokenType = "token_type"
      case expiresIn = "expires_in"
      case refreshToken = "refresh_token"
    }
  }

  private struct Bad: Decodable {
    var error: String
    var description: String?

    enum CodingKeys: String, CodingKey {
      case error
      case description = "error_description"
    }
  }

  /// Some endpoints write the seconds as a string.
  private struct Number: Decodable {
    var value: Int
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        value = number
      } else if let number = Int(try container.decode(String.self)) {
        value = number
      } else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number")
      }
    }
  }

  init(accessToken: String, lifetime: Int, refreshToken: String? = nil) {
    self.accessToken = accessToken
    self.lifetime = lifetime
    self.refreshToken = refreshToken
  }

  /// - Throws: the endpoint's own error code (RFC 6749 §5.2); `http` for an answer that is none.
  init(_ bytes: [UInt8], status: Int) throws(OAuthFailure) {
    let data = Data(bytes)
    if status == 200 {
      guard let good = try? JSONDecoder().decode(Good.self, from: data), !good.accessToken.isEmpty,
        good.accessToken.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else {
        throw OAuthFailure(code: "http", text: "an answer without a usable access_token", status: status)
      }
      guard good.tokenType.map({ $0.lowercased() == "bearer" }) ?? true else {
        throw OAuthFailure(code: "http", text: "a token that is no bearer token", status: status)
      }
      self.init(
        accessToken: good.accessToken, lifetime: min(max(good.expiresIn?.value ?? 3600, 0), 86_400),
        refreshToken: good.refreshToken.flatMap { $0.isEmpty ? nil : $0 })
      return
    }
    if let bad = try? JSONDecoder().decode(Bad.self, from: data), ASCII.isAtom(bad.error) {
      throw OAuthFailure(
        code: ServerText.sanitized(bad.error.utf8),
        text: ServerText.sanitized((bad.description ?? "").utf8), status: status)
    }
    throw OAuthFailure(code: "http", text: "no JSON error", status: status)
  }
}
