// Where a mail server is and how a connection to it is protected and timed.

/// A mail server. Certificates and host names are always checked and TLS is 1.2 or later; nothing turns that off.
public struct ServerSettings: Sendable {
  public enum Security: Sendable {
    /// TLS from the first byte: `imaps://`, port 993.
    case tls
    /// `imap://`, port 143: STARTTLS, and nothing is said before it succeeds.
    case startTLS
    /// `imap+loopback://`: no TLS, on this machine only.
    case loopbackPlaintext
  }

  public let security: Security
  /// A name or an address; IPv6 without brackets.
  public let host: String
  public let port: UInt16
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?
  /// A proxy as libcurl writes it, such as `socks5h://127.0.0.1:1080`; the environment's is never used.
  public var proxy: String?
  /// For name, TCP, TLS and login together.
  public var connectTimeout: Duration = .seconds(30)
  /// The longest silence while an answer is due; also the window over which `minimumRate` is measured.
  public var commandTimeout: Duration = .seconds(60)
  /// The longest that one command may take, whatever trickles in.
  public var commandTotal: Duration = .seconds(1800)
  /// Bytes a second that an answer must bring at least, or it counts as silence: a byte a minute is no mail.
  public var minimumRate = 512
  /// How long a server may take over LOGOUT.
  public var logoutTimeout: Duration = .seconds(3)
  /// The longest message that is taken at all, in bytes; a literal that announces more ends the connection.
  public var messageLimit = 1 << 30

  /// - Throws: `.settings` where the host is none, or plaintext would leave this machine.
  public init(security: Security, host: String, port: UInt16? = nil) throws(IMAPError) {
    let host = host.lowercased()
    guard !host.isEmpty, host.utf8.count <= 255,
      host.utf8.allSatisfy({
        ASCII.isDigit($0) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ".-:_".utf8.contains($0)
      }), host.utf8.first != UInt8(ascii: "-")
    else {
      throw IMAPError(.settings, "\(ServerText.sanitized(host.utf8)) is no host name or address")
    }
    if security == .loopbackPlaintext, !Self.isLoopback(host) {
      throw IMAPError(
        .settings,
        "imap+loopback:// sends the password unprotected, so it takes 127.0.0.1, ::1 or localhost only; "
          + "use imaps:// for \(host)")
    }
    let port = port ?? (security == .tls ? 993 : 143)
    guard port != 0 else { throw IMAPError(.settings, "port 0 cannot be connected to") }
    self.security = security
    self.host = host
    self.port = port
  }

  /// `imaps://HOST[:PORT]`, `imap://HOST[:PORT]` (STARTTLS required) or `imap+loopback://127.0.0.1[:PORT]`.
  ///
  /// - Throws: `.settings`, saying what is wrong with it.
  public init(url: String) throws(IMAPError) {
    let schemes: [(String, Security)] = [
      ("imaps://", .tls), ("imap://", .startTLS), ("imap+loopback://", .loopbackPlaintext),
    ]
    guard let (scheme, security) = schemes.first(where: { url.lowercased().hasPrefix($0.0) }) else {
      throw IMAPError(
        .settings,
        "a server is imaps://HOST, imap://HOST or imap+loopback://127.0.0.1, each with :PORT or not")
    }
    var rest = url.utf8.dropFirst(scheme.utf8.count)
    if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
    guard !rest.contains(where: { "@/?#;%".utf8.contains($0) }) else {
      throw IMAPError(
        .settings, "a server's URL holds host and port only; user, password and folder go elsewhere")
    }
    let host: Substring.UTF8View
    var port: Substring.UTF8View?
    if rest.first == UInt8(ascii: "[") {
      guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else {
        throw IMAPError(.settings, "a server's URL with [ but no ]")
      }
      host = rest[rest.index(after: rest.startIndex)..<end]
      let tail = rest[rest.index(after: end)...]
      guard tail.isEmpty || tail.first == UInt8(ascii: ":") else {
        throw IMAPError(.settings, "only a :PORT can follow the ] of a server's URL")
      }
      if !tail.isEmpty { port = tail.dropFirst() }
    } else {
      host = rest.prefix { $0 != UInt8(ascii: ":") }
      if host.count < rest.count { port = rest.dropFirst(host.count + 1) }
    }
    var number: UInt16?
    if let port {
      guard let value = ASCII.number(port).flatMap({ UInt16(exactly: $0) }), value != 0 else {
        throw IMAPError(.settings, "a port is a number from 1 to 65535")
      }
      number = value
    }
    try self.init(security: security, host: String(decoding: host, as: UTF8.self), port: number)
  }

  static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

  var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

  /// `host:port`, for errors and logs.
  var place: String { "\(bracketedHost):\(port)" }

  var curlURL: String { "\(security == .tls ? "imaps" : "imap")://\(place)/" }
}
