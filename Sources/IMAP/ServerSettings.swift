// Where an IMAP server is and how a connection to it is protected and timed.

import Transport

/// An IMAP server. Certificates and host names are always checked and TLS is 1.2 or later; nothing turns that off.
public struct ServerSettings: Sendable {
  public typealias Security = ServerAddress.Security

  public let address: ServerAddress
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
    address = try ServerAddress(.imap, security: security, host: host, port: port)
  }

  /// `imaps://HOST[:PORT]`, `imap://HOST[:PORT]` (STARTTLS required) or `imap+loopback://127.0.0.1[:PORT]`.
  ///
  /// - Throws: `.settings`, saying what is wrong with it.
  public init(url: String) throws(IMAPError) { address = try ServerAddress(.imap, url: url) }

  public var security: Security { address.security }
  public var host: String { address.host }
  public var port: UInt16 { address.port }

  /// `host:port`, for errors and logs.
  var place: String { address.place }
}
