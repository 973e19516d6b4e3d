// One request to a token endpoint, and what it answers. Blocks.

import FoundationEssentials

struct TokenRequest {
  private let settings: OAuthSettings
  private let fields: [(String, String)]

  init(_ settings: OAuthSettings, fields: [(String, String)]) {
    self.settings = settings
    self.fields = fields
  }

  func perform() throws(MailServerError) -> TokenReply {
    var request = SmallRequest(
      settings.tokenURL, timeout: settings.timeout, limit: TransportLimits.tokenReply)
    request.caFile = settings.caFile
    request.proxy = settings.proxy
    var fields = fields
    switch settings.clientAuthentication {
    case .body:
      fields.append(("client_id", settings.clientID))
      if let secret = try settings.clientSecret?.read() { fields.append(("client_secret", secret)) }
    case .basic:
      request.user = settings.clientID
      request.password = settings.clientSecret
    }
    request.form = fields
    let answer: (status: Int, body: [UInt8])
    do throws(MailServerError) {
      answer = try request.perform()
    } catch {
      switch error.kind {
      // A certificate that does not verify is the same trouble here as at the mail server.
      case .tls, .limit, .settings, .secret: throw error
      default:
        throw MailServerError(
          .oauth(OAuthFailure(code: "transport", text: error.detail)), curlCode: error.curlCode,
          place: error.place)
      }
    }
    do throws(OAuthFailure) {
      return try TokenReply(answer.body, status: answer.status)
    } catch {
      throw MailServerError(.oauth(error), place: request.place)
    }
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
