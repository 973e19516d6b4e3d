// A small IMAP4rev1 server (RFC 3501) on 127.0.0.1 over messages held in memory, for the demo and for tests,
// which can also make it misbehave. It has no TLS and keeps nothing on disk: it is no mail server for
// anything else.

import Glibc
import Synchronization

/// Why the server could not start or load.
public struct DemoServerError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// A loopback IMAP server; safe to use from any thread.
public final class DemoServer: Sendable {
  /// What the server offers and how it fails.
  public struct Options: Sendable {
    public var user: String
    public var password: String
    /// UIDVALIDITY of every mailbox at the start (RFC 3501 §2.3.1.1); not 0.
    public var uidValidity: UInt32
    /// Mailboxes besides INBOX.
    public var mailboxes: [String]
    /// RFC 2177.
    public var idle = true
    /// RFC 6851.
    public var move = true
    /// RFC 4315.
    public var uidplus = true
    /// RFC 7162.
    public var condstore = true
    /// RFC 4731.
    public var esearch = true
    /// LITERAL- (RFC 7888 §5).
    public var literalMinus = true
    /// RFC 4959.
    public var saslIR = true
    /// Whether clients may invent flags (`\*` among PERMANENTFLAGS, RFC 3501 §7.1).
    public var keywords = true
    /// What goes wrong on purpose.
    public var fault: Fault?
    /// How often `fault` strikes; nil: as often as it can, but `searchOmits` and `taggedLineInsideLiteral`
    /// once.
    public var faultCount: Int?
    /// How many chances `fault` lets pass before it strikes.
    public var faultSkips = 0
    /// Milliseconds between two bytes of `Fault.slowDrip`.
    public var dripMilliseconds: Int32 = 200
    /// Bytes that `Fault.floodOfUntagged` sends.
    public var floodBytes = 64 << 20
    /// Closes a connection after it has sent so many bytes, greeting included; for the first `faultCount`
    /// connections, or for all.
    public var cutAfterBytes: Int?

    public init(
      user: String = "demo", password: String = "demo", uidValidity: UInt32 = 1_700_000_001,
      mailboxes: [String] = [], fault: Fault? = nil, faultCount: Int? = nil
    ) {
      self.user = user
      self.password = password
      self.uidValidity = max(1, uidValidity)
      self.mailboxes = mailboxes
      self.fault = fault
      self.faultCount = faultCount
    }
  }

  private let core: Core

  public init(options: Options = Options()) { core = Core(options) }

  deinit { stop() }

  // MARK: mail

  /// Delivers a message as it is; a client in IDLE hears of it at once. The mailbox is created if it is
  /// missing.
  ///
  /// - Returns: the new message's UID.
  @discardableResult
  public func add(
    _ bytes: [UInt8], to mailbox: String = "INBOX", internalDate unixSeconds: Int64, flags: [String] = []
  ) -> UInt32 {
    let name = MailFolder.canonical(mailbox)
    let uid = core.withState { state in
      state.folders[name, default: MailFolder(uidValidity: core.options.uidValidity)]
        .append(bytes, internalDate: unixSeconds, flags: flags)
    }
    core.announce()
    return uid
  }

  /// Delivers every `*.eml` file of a folder, in the order of their names, each bare LF as CRLF.
  ///
  /// - Throws: `DemoServerError` if the folder or a file cannot be read, or a file is above 256 MiB.
  public func load(
    folder path: String, into mailbox: String = "INBOX",
    internalDate: (_ fileName: String, _ index: Int) -> Int64
  ) throws {
    for (index, name) in try MailFiles.names(in: path).enumerated() {
      let bytes = try MailFiles.read(path + "/" + name)
      add(Self.crlf(bytes), to: mailbox, internalDate: internalDate(name, index))
    }
  }

  /// The same text with every bare LF as CRLF, as mail travels (RFC 5322 §2.1).
  public static func crlf(_ bytes: [UInt8]) -> [UInt8] { ASCII.crlf(bytes) }

  // MARK: running

  /// Listens on 127.0.0.1; can be called again after `stop`, and the mail is still there.
  ///
  /// - Parameter port: 0 takes any free one.
  /// - Returns: the port.
  /// - Throws: `DemoServerError` if the port is taken or the server runs already.
  @discardableResult
  public func start(port: UInt16 = 0) throws -> UInt16 { try Listener.start(core, port: port) }

  /// Closes the port and all connections, and waits until their threads have ended (5 seconds at most).
  public func stop() { Listener.stop(core) }

  // MARK: looking and meddling, for tests

  /// What a mailbox holds, in UID order; `count` is in bytes. Empty for a missing mailbox.
  public func messages(
    in mailbox: String = "INBOX"
  ) -> [(uid: UInt32, flags: [String], internalDate: Int64, count: Int)] {
    let found = core.withFolder(MailFolder.canonical(mailbox)) { $0.messages } ?? []
    return found.map { ($0.uid, $0.flags, $0.internalDate, $0.bytes.count) }
  }

  /// A message's bytes as they are served.
  public func bytes(of uid: UInt32, in mailbox: String = "INBOX") -> [UInt8]? {
    core.withFolder(MailFolder.canonical(mailbox)) { $0.message(uid)?.bytes } ?? nil
  }

  /// Removes a message, as another client would.
  public func expunge(_ uid: UInt32, in mailbox: String = "INBOX") {
    _ = core.withFolder(MailFolder.canonical(mailbox)) { $0.remove([uid]).count }
    core.announce()
  }

  /// Gives a mailbox another UIDVALIDITY (not 0) while its messages keep their UIDs; clients see it at
  /// SELECT.
  public func setUIDValidity(_ value: UInt32, for mailbox: String = "INBOX") {
    _ = core.withFolder(MailFolder.canonical(mailbox)) { $0.uidValidity = max(1, value) }
  }

  /// Removes a mailbox with all its mail; whoever has it open sees it empty.
  public func deleteMailbox(_ mailbox: String) {
    core.withState { state in state.folders[MailFolder.canonical(mailbox)] = nil }
    core.announce()
  }

  /// The names of all mailboxes, sorted.
  public var mailboxNames: [String] { core.withState { $0.folders.keys.sorted() } }

  /// Turns a fault on, or off with nil, for commands from now on; `count` and `skips` as in `Options`.
  public func setFault(_ fault: Fault?, count: Int? = nil, skips: Int = 0) {
    core.withState { state in
      state.fault = fault
      state.faultsLeft = count ?? fault?.usualCount ?? 0
      state.faultSkips = skips
    }
  }

  /// How often the fault has struck.
  public var faultsStruck: Int { core.withState { $0.faultsStruck } }

  /// The commands received, oldest first, with literals as `{n}` and credentials left out; the last 20,000.
  public var transcript: [String] { core.withState { $0.transcript } }

  /// Connections accepted since the beginning, refused ones included.
  public var connectionCount: Int { core.withState { $0.connections } }

  /// Connections that are open now.
  public var openConnectionCount: Int { core.withState { $0.clients.count } }
}
