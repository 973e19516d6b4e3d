// Everything that can go wrong between us and a mail server, in one type that says what, where and with which code. One
// type for IMAP and SMTP: most troubles are the connection's, and operations know them by one set of names.

/// Trouble with a mail server, with the token endpoint that lets us in, or with the secret that we show there.
public struct MailServerError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// No address, no route, refused, or the connection ended.
    case unreachable
    /// No TLS, a certificate that does not verify, a name that does not match, a version below 1.2.
    case tls
    /// The server does not accept the credentials.
    case authentication
    /// The server knows us, and does not let us do this.
    case authorization
    /// Nothing, or too little, within the time allowed.
    case timeout
    /// The server said what the protocol does not allow; the connection is not used further.
    case protocolViolation(String)
    case mailboxMissing
    /// The folder is open for reading only.
    case readOnly
    /// A command was refused: the server's text, and its response code where there is one (RFC 5530, RFC 5321 §4.2).
    case no(text: String, code: String?)
    /// The server ends the connection.
    case bye(String)
    /// The server asks us to stay away for this many seconds; 0 where it names no time.
    case throttled(Double)
    /// Which of our limits the server ran into; the connection is not used further.
    case limit(String)
    /// Our own disk, while a message was written to a file.
    case disk(errno: Int32)
    case oauth(OAuthFailure)
    /// A password, key or token could not be read on our side.
    case secret
    /// The server, or this libcurl, cannot do what is asked.
    case unsupported(String)
    /// Settings that are refused before anything is sent.
    case settings
    /// `abort` was called.
    case aborted
  }

  public var kind: Kind
  /// In words: server text in it is escaped and cut to 200 bytes, and holds no credentials.
  public var detail: String
  /// libcurl's CURLcode where libcurl reported it, such as 60 for CURLE_PEER_FAILED_VERIFICATION.
  public var curlCode: Int32?
  /// `host:port`, or the address of the token endpoint.
  public var place: String?

  public init(_ kind: Kind, _ detail: String = "", curlCode: Int32? = nil, place: String? = nil) {
    self.kind = kind
    self.detail = detail
    self.curlCode = curlCode
    self.place = place
  }

  /// Whether the connection can still be used; after anything else it must be opened again.
  package var leavesConnectionUsable: Bool {
    switch kind {
    case .no, .mailboxMissing, .readOnly, .authorization, .unsupported, .settings: true
    default: false
    }
  }

  /// Every name that `alarm` can give.
  public static let alarms = [
    "server-unreachable", "tls-failed", "login-refused", "permission-refused", "protocol-violation",
    "mailbox-missing", "mailbox-read-only", "server-throttles", "disk", "oauth-refresh-failed",
    "oauth-unreachable", "secret-unreadable", "server-unsuited", "poll-failed",
  ]

  /// The name under which operations know this trouble, one of `alarms`.
  public var alarm: String {
    switch kind {
    case .unreachable, .timeout, .bye: "server-unreachable"
    case .tls: "tls-failed"
    case .authentication: "login-refused"
    case .authorization: "permission-refused"
    case .protocolViolation, .limit: "protocol-violation"
    case .mailboxMissing: "mailbox-missing"
    case .readOnly: "mailbox-read-only"
    case .throttled: "server-throttles"
    case .disk: "disk"
    case .oauth(let failure): failure.isPermanent ? "oauth-refresh-failed" : "oauth-unreachable"
    case .secret: "secret-unreadable"
    case .unsupported, .settings: "server-unsuited"
    case .no, .aborted: "poll-failed"
    }
  }

  public var description: String {
    var text = place.map { "\($0): " } ?? ""
    text += headline
    if !detail.isEmpty { text += ": \(detail)" }
    if let curlCode { text += " (curl \(curlCode))" }
    return text
  }

  private var headline: String {
    switch kind {
    case .unreachable: "not reachable"
    case .tls: "no trustworthy TLS connection"
    case .authentication: "login refused"
    case .authorization: "not permitted"
    case .timeout: "no answer in time"
    case .protocolViolation(let what): "not the protocol: \(what)"
    case .mailboxMissing: "no such folder"
    case .readOnly: "the folder is read-only"
    case .no(let text, let code): "refused\(code.map { " [\($0)]" } ?? ""): \(text)"
    case .bye(let text): "the server ended the connection: \(text)"
    case .throttled(let seconds): "the server asks to wait \(seconds) s"
    case .limit(let which): "beyond our limit: \(which)"
    case .disk(let number): "disk trouble, errno \(number)"
    case .oauth(let failure): "OAuth: \(failure)"
    case .secret: "secret not readable"
    case .unsupported(let what): "not supported: \(what)"
    case .settings: "settings refused"
    case .aborted: "stopped from our side"
    }
  }
}

/// Why a token endpoint gave no token (RFC 6749 §5.2).
public struct OAuthFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// `invalid_grant` and the like, as the endpoint says; `http` or `transport` where it said nothing usable.
  public var code: String
  /// The endpoint's own words, escaped and cut.
  public var text: String
  /// The HTTP status; 0 where none came.
  public var status: Int

  public init(code: String, text: String, status: Int = 0) {
    self.code = code
    self.text = text
    self.status = status
  }

  /// Whether trying again is useless until a person renews the consent or the key.
  public var isPermanent: Bool {
    switch code {
    case "invalid_grant", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
      "invalid_request":
      true
    default: false
    }
  }

  public var description: String {
    (text.isEmpty ? code : "\(code): \(text)") + (status == 0 ? "" : " (HTTP \(status))")
  }
}

extension MailServerError {
  /// A CURLcode in our words; `text` is libcurl's own.
  package static func curl(_ code: Int32, _ text: String) -> MailServerError {
    let kind: Kind =
      switch code {
      case 1, 3, 4, 43, 48: .unsupported("libcurl refuses the request")
      case 8: .protocolViolation("the server's answer during login makes no sense")
      case 28: .timeout
      case 35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91: .tls
      case 42: .aborted
      case 67, 94: .authentication
      default: .unreachable
      }
    return MailServerError(kind, text, curlCode: code)
  }
}
