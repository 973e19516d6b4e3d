// A connection to a mail server: opened and authenticated by libcurl, commanded by us, on a thread of its own.

import Logging
import Transport

/// One connection to one mail server. Calls may block their thread, which is the connection's own.
///
/// After an error other than a plain refusal the connection is gone; `open` opens it anew.
public actor Connection {
  let settings: ServerSettings
  private let credentials: Credentials
  let logger: Logger
  private let executor: ThreadExecutor
  private let signals = Signals()
  private let heartbeat: Heartbeat?

  var wire: Wire?
  /// What the server can do, in upper case; empty before `open`.
  public internal(set) var capabilities: Set<String> = []
  /// The open folder, kept up to date with what the server tells.
  var mailbox: MailboxStatus?
  /// What the server told since the last `noop` or `idle`.
  var changes = MailboxChanges()
  /// Whether messages came after the last look at the mailbox: then IDLE would wait for what is here already.
  var hasNews = false
  /// Tags are a random word and a number, so that no old tag fits.
  private var tagPrefix = ""
  private var tagNumber = 0
  /// Untagged responses since the last tagged one.
  private var unsolicited = 0

  /// Runs everything on the connection's own thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameter heartbeat: beats whenever the server says something.
  public init(
    settings: ServerSettings, credentials: Credentials, logger: Logger, heartbeat: Heartbeat? = nil
  ) {
    self.settings = settings
    self.credentials = credentials
    self.logger = logger
    self.heartbeat = heartbeat
    executor = ThreadExecutor()
  }

  // MARK: opening and closing

  /// Connects, secures, logs in, and asks what the server can do.
  ///
  /// An OAuth2 token that the server refuses is fetched anew, once.
  public func open() async throws(IMAPError) {
    wire = nil
    mailbox = nil
    do throws(IMAPError) {
      let handle: CurlHandle
      var scram: (hash: SCRAMClient.Hash, user: String, password: String)?
      switch credentials {
      case .password(let user, let secret, let mechanism):
        let proof = LoginProof(user: user, secret: try secret.read(), kind: .password(mechanism))
        handle = try Login.open(settings, proof, signals: signals)
        if let hash = SCRAMClient.Hash(rawValue: mechanism.rawValue) { scram = (hash, user, proof.secret) }
      case .oauth2(let user, let mechanism, let tokens):
        handle = try await openWithToken(user, mechanism, tokens)
      }
      wire = try Wire(handle, settings, signals, heartbeat)
      try prepare()
      if let scram { try authenticate(scram.hash, user: scram.user, password: scram.password) }
    } catch {
      throw failed(error)
    }
    logger.debug("connected", metadata: ["server": "\(settings.place)"])
  }

  private func openWithToken(
    _ user: String, _ mechanism: TokenMechanism, _ tokens: TokenSource
  ) async throws(IMAPError) -> CurlHandle {
    let (token, isFresh) = try await tokens.tokenForLogin()
    do throws(IMAPError) {
      return try Login.open(
        settings, LoginProof(user: user, secret: token, kind: .token(mechanism)), signals: signals)
    } catch {
      guard error.kind == .authentication else { throw error }
      await tokens.invalidate(token)
      if isFresh { throw error }
    }
    logger.notice("the server refused a kept token; fetching a new one")
    let (token2, _) = try await tokens.tokenForLogin()
    do throws(IMAPError) {
      return try Login.open(
        settings, LoginProof(user: user, secret: token2, kind: .token(mechanism)), signals: signals)
    } catch {
      if error.kind == .authentication { await tokens.invalidate(token2) }
      throw error
    }
  }

  private func prepare() throws(IMAPError) {
    tagPrefix = ""
    for _ in 0..<5 { tagPrefix += ["b", "c", "d", "f", "g", "k", "m", "p", "t", "x"].randomElement() ?? "z" }
    tagNumber = 0
    changes = MailboxChanges()
    hasNews = false
    capabilities = []
    _ = try command("CAPABILITY")
    guard capabilities.contains("IMAP4REV1") || capabilities.contains("IMAP4REV2") else {
      throw IMAPError(
        .unsupported("IMAP4rev1"), "the server's CAPABILITY names neither IMAP4rev1 nor IMAP4rev2")
    }
  }

  /// Says LOGOUT, with a short deadline, and ends the connection.
  public func close() async {
    guard let wire else { return }
    if !signals.isAborted {
      do throws(IMAPError) {
        let tag = try send("LOGOUT", on: wire)
        wire.shorten(to: settings.logoutTimeout)
        try finish(tag, on: wire, isLogout: true) { _ in }
      } catch {
        logger.debug("LOGOUT failed", metadata: ["error": "\(ServerText.withoutAddresses("\(error)"))"])
      }
    }
    self.wire = nil
    mailbox = nil
  }

  /// Makes whatever the connection waits for, now or later, end with `.aborted`. For good: even `open` then fails,
  /// or an abort that comes a moment before it would be lost.
  public nonisolated func abort() { signals.abort() }

  /// Ends an `idle` that is going on, or the next one at once.
  public nonisolated func wake() { signals.wake() }

  public var supportsIdle: Bool { capabilities.contains("IDLE") }

  public var isOpen: Bool { wire != nil }

  func requireWire() throws(IMAPError) -> Wire {
    guard let wire else { throw IMAPError(.unreachable, "the connection is not open", place: settings.place) }
    return wire
  }

  func requireMailbox() throws(IMAPError) -> MailboxStatus {
    guard let mailbox else { throw IMAPError(.settings, "no folder is open", place: settings.place) }
    return mailbox
  }

  /// Notes where an error happened, and drops the connection unless the error was a plain refusal.
  func failed(_ error: IMAPError) -> IMAPError {
    var error = error
    if error.place == nil { error.place = settings.place }
    if !error.leavesConnectionUsable {
      wire = nil
      mailbox = nil
    }
    return error
  }

  /// Runs something that speaks with the server.
  func guarded<Value>(_ work: () throws(IMAPError) -> Value) throws(IMAPError) -> Value {
    do throws(IMAPError) {
      return try work()
    } catch {
      throw failed(error)
    }
  }

  // MARK: commands

  /// Sends a command and waits for its OK; `collect` sees every untagged response.
  ///
  /// - Throws: a NO as what its code means, BAD as `.no` with the code `BAD`.
  func command(
    _ text: String, _ collect: (Response) throws(IMAPError) -> Void = { (_) throws(IMAPError) in }
  ) throws(IMAPError) -> ResponseText {
    let wire = try requireWire()
    let tag = try send(text, on: wire)
    return try finish(tag, on: wire, collect)
  }

  /// Sends a command, after whatever the server has said by itself, and returns its tag.
  ///
  /// - Parameter isFirst: false where other commands are under way, whose answers are read elsewhere.
  func send(
    _ text: String, on wire: Wire, isFirst: Bool = true, expecting size: Int = 0
  ) throws(IMAPError) -> String {
    if isFirst {
      wire.beginCommand(expecting: size)
      // A tagged line here would be an answer to something that was not said yet.
      while let event = try wire.nextAtHand() {
        if case .response(let response) = event { try noteUnasked(response) }
      }
    }
    tagNumber += 1
    let tag = "\(tagPrefix)\(tagNumber)"
    logger.trace("send", metadata: ["command": "\(tag) \(text)"])
    try wire.send(Array("\(tag) \(text)\r\n".utf8))
    return tag
  }

  /// Waits for the tagged answer to the one command under way.
  @discardableResult
  func finish(
    _ tag: String, on wire: Wire, isLogout: Bool = false, _ collect: (Response) throws(IMAPError) -> Void
  ) throws(IMAPError) -> ResponseText {
    while true {
      guard case .response(let response) = try wire.next() else { continue }
      switch response {
      case .tagged(tag, let status, let text):
        return try answer(status, text)
      case .tagged(let other, _, _):
        throw .violation("an answer to \(ServerText.sanitized(other.utf8)), which was not asked")
      case .continuation:
        throw .violation("the server waits for more of a command that has no more")
      case .status(.bye, _) where isLogout: continue
      default:
        try noteUnasked(response)
        try collect(response)
      }
    }
  }

  /// A tagged answer: nothing where it is OK.
  func answer(_ status: StatusWord, _ text: ResponseText) throws(IMAPError) -> ResponseText {
    unsolicited = 0
    if let code = text.code, code.name == "CAPABILITY" {
      capabilities = Set(code.words.map { ASCII.word($0) })
    }
    switch status {
    case .ok: return text
    case .no: throw .refusal(text)
    default:
      if let seconds = ServerText.suggestedBackoff(text.text) {
        throw IMAPError(.throttled(seconds), ServerText.sanitized(text.text))
      }
      throw IMAPError(.no(text: ServerText.sanitized(text.text), code: "BAD"))
    }
  }

  /// Keeps up with what any response may bring along (RFC 9051 §7).
  ///
  /// - Throws: `.bye`; a violation where the response answers something that was not asked.
  func noteUnasked(_ response: Response) throws(IMAPError) {
    unsolicited += 1
    guard unsolicited <= Limits.unsolicited else {
      throw IMAPError(.limit("\(Limits.unsolicited) responses to one command"))
    }
    switch response {
    case .tagged(let tag, _, _):
      throw .violation("an answer to \(ServerText.sanitized(tag.utf8)), which was not asked")
    case .status(.bye, let text):
      if let seconds = ServerText.suggestedBackoff(text.text) {
        throw IMAPError(.throttled(seconds), ServerText.sanitized(text.text))
      }
      throw IMAPError(.bye(ServerText.sanitized(text.text)))
    case .status(.preauth, _): throw .violation("PREAUTH after the greeting")
    case .status(_, let text):
      if let code = text.code, code.name == "ALERT" {
        logger.warning(
          "server alert",
          metadata: ["text": "\(ServerText.withoutAddresses(ServerText.sanitized(text.text)))"])
      }
    case .capability(let words): capabilities = Set(words)
    case .exists(let count):
      if Int(count) > mailbox?.exists ?? 0 { hasNews = true }
      mailbox?.exists = Int(count)
      changes.exists = Int(count)
    case .expunge:
      changes.expunged += 1
      if let exists = mailbox?.exists, exists > 0 {
        mailbox?.exists = exists - 1
        changes.exists = exists - 1
      }
    case .vanished(let uids):
      if changes.vanished.ranges.count + uids.ranges.count <= Limits.vanishedRanges {
        changes.vanished = changes.vanished.union(uids)
      } else {
        changes.expunged += uids.count
      }
      if let exists = mailbox?.exists {
        mailbox?.exists = max(0, exists - uids.count)
        changes.exists = mailbox?.exists
      }
    case .fetch(let items):
      if items.bodies.isEmpty, items.flags != nil { changes.flagChanges += 1 }
    default: break
    }
  }
}
