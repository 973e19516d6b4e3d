// Where a mail server is and how a connection to it is protected: one reader of server URLs for every protocol.

import CCurl

/// A mail server's host, port and protection. TLS is 1.2 or later and always verified; nothing turns that off.
public struct ServerAddress: Sendable, Equatable {
  public enum Security: Sendable {
    /// TLS from the first byte: `imaps://`, `smtps://`.
    case tls
    /// `imap://`, `smtp://`: STARTTLS, and nothing is said before it succeeds.
    case startTLS
    /// `imap+loopback://`, `smtp+loopback://`: no TLS, on this machine only.
    case loopbackPlaintext
  }

  /// A protocol's name in URLs and its ports.
  public struct Scheme: Sendable, Equatable {
    public let name: String
    let tlsPort: UInt16
    let plainPort: UInt16

    public static let imap = Scheme(name: "imap", tlsPort: 993, plainPort: 143)
    /// Submission (RFC 6409, RFC 8314 §3.3), not the relaying port.
    public static let smtp = Scheme(name: "smtp", tlsPort: 465, plainPort: 587)
  }

  public let scheme: Scheme
  public let security: Security
  /// A name or an address; IPv6 without brackets.
  public let host: String
  public let port: UInt16

  /// - Throws: `.settings` where the host is none, or plaintext would leave this machine.
  public init(
    _ scheme: Scheme, security: Security, host: String, port: UInt16? = nil
  ) throws(MailServerError) {
    let host = host.lowercased()
    guard !host.isEmpty, host.utf8.count <= 255,
      host.utf8.allSatisfy({
        ASCII.isDigit($0) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ".-:_".utf8.contains($0)
      }), host.utf8.first != UInt8(ascii: "-")
    else {
      throw MailServerError(.settings, "\(ServerText.sanitized(host.utf8)) is no host name or address")
    }
    if security == .loopbackPlaintext, !Self.isLoopback(host) {
      throw MailServerError(
        .settings,
        "\(scheme.name)+loopback:// sends the password unprotected, so it takes 127.0.0.1, ::1 or localhost "
          + "only; use \(scheme.name)s:// for \(host)")
    }
    let port = port ?? (security == .tls ? scheme.tlsPort : scheme.plainPort)
    guard port != 0 else { throw MailServerError(.settings, "port 0 cannot be connected to") }
    self.scheme = scheme
    self.security = security
    self.host = host
    self.port = port
  }

  /// For IMAP `imaps://HOST[:PORT]`, `imap://HOST[:PORT]` (STARTTLS required) or `imap+loopback://127.0.0.1[:PORT]`.
  ///
  /// - Throws: `.settings`, saying what is wrong with it.
  public init(_ scheme: Scheme, url: String) throws(MailServerError) {
    let name = scheme.name
    let prefixes: [(String, Security)] = [
      ("\(name)s://", .tls), ("\(name)://", .startTLS), ("\(name)+loopback://", .loopbackPlaintext),
    ]
    guard let (prefix, security) = prefixes.first(where: { url.lowercased().hasPrefix($0.0) }) else {
      throw MailServerError(
        .settings,
        "a server is \(name)s://HOST, \(name)://HOST or \(name)+loopback://127.0.0.1, each with :PORT or not")
    }
    var rest = url.utf8.dropFirst(prefix.utf8.count)
    if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
    guard !rest.contains(where: { "@/?#;%".utf8.contains($0) }) else {
      throw MailServerError(
        .settings, "a server's URL holds host and port only; user, password and folder go elsewhere")
    }
    let host: Substring.UTF8View
    var port: Substring.UTF8View?
    if rest.first == UInt8(ascii: "[") {
      guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else {
        throw MailServerError(.settings, "a server's URL with [ but no ]")
      }
      host = rest[rest.index(after: rest.startIndex)..<end]
      let tail = rest[rest.index(after: end)...]
      guard tail.isEmpty || tail.first == UInt8(ascii: ":") else {
        throw MailServerError(.settings, "only a :PORT can follow the ] of a server's URL")
      }
      if !tail.isEmpty { port = tail.dropFirst() }
    } else {
      host = rest.prefix { $0 != UInt8(ascii: ":") }
      if host.count < rest.count { port = rest.dropFirst(host.count + 1) }
    }
    var number: UInt16?
    if let port {
      guard let value = ASCII.number(port).flatMap({ UInt16(exactly: $0) }), value != 0 else {
        throw MailServerError(.settings, "a port is a number from 1 to 65535")
      }
      number = value
    }
    try self.init(scheme, security: security, host: String(decoding: host, as: UTF8.self), port: number)
  }

  static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

  var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

  /// `host:port`, for errors and logs.
  public var place: String { "\(bracketedHost):\(port)" }

  /// The scheme that libcurl is told and held to.
  package var curlScheme: String { security == .tls ? scheme.name + "s" : scheme.name }
  package var curlURL: String { "\(curlScheme)://\(place)/" }
}

extension CurlHandle {
  /// What holds for every connection to a mail server: its address, TLS as its URL says or not at all, and nothing
  /// from the surroundings.
  package func setServer(_ address: ServerAddress, caFile: String?, proxy: String?) {
    set(CURLOPT_PROTOCOLS_STR, address.curlScheme)
    setSafety(caFile: caFile, proxy: proxy)
    switch address.security {
    case .tls, .startTLS: set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
    case .loopbackPlaintext:
      set(CURLOPT_USE_SSL, Int(CURLUSESSL_NONE.rawValue))
      // Neither a hosts file nor a proxy can send the password elsewhere.
      set(CURLOPT_PROXY, "")
      if address.host == "localhost" {
        set(CURLOPT_RESOLVE, list: ["localhost:\(address.port):127.0.0.1,[::1]"])
      }
    }
  }
}
