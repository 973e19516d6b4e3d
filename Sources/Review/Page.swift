// An answer to a request, before it is HTTP.

internal import HTTPTypes
internal import Hummingbird

/// A page, a redirect or a file.
struct Page: Sendable {
  var status = HTTPResponse.Status.ok
  var contentType = "text/html; charset=utf-8"
  var body: [UInt8] = []
  var headers: [(HTTPField.Name, String)] = []
  var policy = Self.pagePolicy
  /// A session that begins with this answer.
  var newToken: String?
  var endsSession = false
  /// A sign-in elsewhere that begins with this answer: the secret for this browser.
  var newAttempt: String?
  var endsAttempt = false

  /// Nothing inline, nothing from elsewhere (ASVS 3.4.3).
  static let pagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  /// For what mail brought: it may draw, and nothing else.
  static let mailPolicy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

  static func redirect(_ path: String) -> Page {
    Page(status: .seeOther, contentType: "text/plain", headers: [(.location, path)])
  }

  /// A file to keep, never to show: the name is the sender's, so it goes in encoded (RFC 6266, RFC 8187).
  static func download(_ bytes: [UInt8], name: String) -> Page {
    var page = Page(contentType: "application/octet-stream", body: bytes, policy: mailPolicy)
    var safe = String.UnicodeScalarView()
    for scalar in name.unicodeScalars.prefix(120) {
      let category = scalar.properties.generalCategory
      if category == .control || category == .format || "\"\\/:*?<>|%;'".unicodeScalars.contains(scalar) {
        safe.append("_")
      } else {
        safe.append(scalar)
      }
    }
    let shown = safe.isEmpty || safe.first == "." ? "file" + String(safe) : String(safe)
    let plain = String(decoding: shown.utf8.map { $0 < 0x80 ? $0 : 0x5F }, as: UTF8.self)
    page.headers = [
      (.contentDisposition, "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(Form.encoded(shown))")
    ]
    return page
  }

  var response: Response {
    var fields = HTTPFields()
    fields[.contentType] = contentType
    fields[.cacheControl] = "no-store"
    fields[.contentSecurityPolicy] = policy
    fields[.xContentTypeOptions] = "nosniff"
    for (name, value) in Self.fixed { fields[name] = value }
    for (name, value) in headers where name != .setCookie { fields[name] = value }
    // The one field that may come more than once.
    for (name, value) in headers where name == .setCookie {
      fields.append(HTTPField(name: name, value: value))
    }
    return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }

  private static let fixed: [(HTTPField.Name, String)] = [
    ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "SAMEORIGIN"),
    ("X-DNS-Prefetch-Control", "off"), ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
  ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
