// One SMTP transaction over libcurl (RFC 5321, submission RFC 6409): TLS, AUTH, MAIL, RCPT, DATA, and what became of it.

import CCurl
import Synchronization
import Transport

/// The server that takes our mail, and how we sign in there.
public struct SMTPSettings: Sendable {
  public var server: ServerAddress
  /// Nil on this machine only, where a relay may want none.
  public var credentials: Credentials?
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?
  public var proxy: String?
  /// The domain of EHLO (RFC 5321 §4.1.1.1); ours, since the machine's own name says nothing outside.
  public var helloDomain: String
  var connectMilliseconds = OutboundLimits.connectMilliseconds
  var replySeconds = OutboundLimits.replySeconds
  var transactionMilliseconds = OutboundLimits.transactionMilliseconds

  public init(server: ServerAddress, credentials: Credentials?, caFile: String? = nil, helloDomain: String) {
    self.server = server
    self.credentials = credentials
    self.caFile = caFile
    self.helloDomain = helloDomain
  }
}

/// What became of one attempt.
public enum SMTPOutcome: Sendable {
  /// The server has it (250 after the text); its reply.
  case accepted(String)
  /// The server will not have this message, now or later (5yz to the recipient or the text).
  case refused(String)
  /// Nothing was taken; another time perhaps. `concernsServer`: no message would fare better now.
  case later(MailServerError, concernsServer: Bool)
  /// The whole text was given and no reply came: perhaps it was taken.
  case unknown(MailServerError)
  /// Somebody else had taken it up, or taken it back, before any of its text was given.
  case notClaimed
}

/// Sends and checks. Everything here blocks.
enum SMTP {
  /// One message to one recipient.
  ///
  /// - Parameters:
  ///   - secret: the password or access token, nil where none is needed.
  ///   - claim: called once, after the server has accepted the recipient and asked for the text (354), before the first
  ///     byte of it is given; false means that it must not be sent. What it throws counts as false.
  ///   - stop: read now and then until the claim; true ends the attempt.
  static func send(
    _ message: [UInt8], from: String, to: String, settings: SMTPSettings, secret: String?,
    claim: @escaping () throws -> Bool, stop: @escaping () -> Bool
  ) -> (outcome: SMTPOutcome, claimError: (any Error)?) {
    let transaction = Transaction(message: message, secret: secret, claim: claim, stop: stop)
    do throws(MailServerError) {
      let handle = try open(settings, secret: secret, transaction: transaction)
      handle.set(CURLOPT_UPLOAD, 1)
      handle.set(CURLOPT_MAIL_FROM, "<\(from)>")
      handle.set(CURLOPT_MAIL_RCPT, list: ["<\(to)>"])
      handle.set(
        CURLOPT_READDATA, pointer: Unmanaged.passUnretained(transaction).toOpaque())
      handle.setRead { buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let transaction = Unmanaged<Transaction>.fromOpaque(context).takeUnretainedValue()
        return transaction.give(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      }
      try perform(handle, transaction, settings)
      return (.accepted(transaction.dialogue.final?.line ?? "250"), nil)
    } catch {
      return (outcome(of: error, transaction), transaction.claimError)
    }
  }

  /// Connects, secures, signs in and says NOOP; nothing is sent.
  ///
  /// - Returns: whether a login took place: a server that offers none may still take mail.
  static func check(_ settings: SMTPSettings, secret: String?) throws(MailServerError) -> Bool {
    let transaction = Transaction(message: [], secret: secret, claim: { false }, stop: { false })
    let handle = try open(settings, secret: secret, transaction: transaction)
    handle.set(CURLOPT_NOBODY, 1)
    handle.set(CURLOPT_CUSTOMREQUEST, "NOOP")
    try perform(handle, transaction, settings)
    return transaction.dialogue.hasAuthenticated
  }

  private static func open(
    _ settings: SMTPSettings, secret: String?, transaction: Transaction
  ) throws(MailServerError) -> CurlHandle {
    let handle = try CurlHandle()
    handle.set(CURLOPT_URL, settings.server.curlURL + settings.helloDomain)
    handle.setServer(settings.server, caFile: settings.caFile, proxy: settings.proxy)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectMilliseconds)
    handle.set(CURLOPT_TIMEOUT_MS, settings.transactionMilliseconds)
    handle.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, settings.replySeconds)
    switch settings.credentials {
    case nil: break
    case .password(let user, _, let mechanism):
      handle.set(CURLOPT_USERNAME, user)
      handle.set(CURLOPT_PASSWORD, secret ?? "")
      // Never CRAM-MD5, NTLM or Kerberos first, as libcurl would: they fail or are worth less than PLAIN under TLS.
      switch mechanism {
      case .auto: handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
      case .plain, .login: handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=\(mechanism.rawValue)")
      case .scramSHA1, .scramSHA256:
        throw MailServerError(.unsupported("SCRAM for SMTP; use plain or login, which TLS protects"))
      }
    case .oauth2(let user, let mechanism, _):
      handle.set(CURLOPT_USERNAME, user)
      handle.set(CURLOPT_XOAUTH2_BEARER, secret ?? "")
      switch mechanism {
      case .auto: handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2")
      case .xoauth2: handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
      case .oauthbearer: handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER")
      }
    }
    let context = Unmanaged.passUnretained(transaction).toOpaque()
    handle.set(CURLOPT_NOPROGRESS, 0)
    handle.set(CURLOPT_XFERINFODATA, pointer: context)
    handle.setProgress { context, _, _, _, _ in
      guard let context else { return 0 }
      return Unmanaged<Transaction>.fromOpaque(context).takeUnretainedValue().mustEnd ? 1 : 0
    }
    handle.set(CURLOPT_VERBOSE, 1)
    handle.set(CURLOPT_DEBUGDATA, pointer: context)
    handle.setDebug { _, type, data, count, context in
      guard let data, let context else { return 0 }
      let dialogue = Unmanaged<Transaction>.fromOpaque(context).takeUnretainedValue().dialogue
      let bytes = UnsafeRawBufferPointer(start: data, count: count)
      if type == CURLINFO_HEADER_IN { dialogue.received(bytes) }
      if type == CURLINFO_HEADER_OUT { dialogue.sent(bytes) }
      return 0
    }
    return handle
  }

  private static func perform(
    _ handle: CurlHandle, _ transaction: Transaction, _ settings: SMTPSettings
  ) throws(MailServerError) {
    defer {
      // QUIT is said when the handle goes, and the handle outlives the transaction.
      handle.set(CURLOPT_VERBOSE, 0)
      handle.set(CURLOPT_NOPROGRESS, 1)
    }
    do throws(MailServerError) {
      try withExtendedLifetime(transaction) { () throws(MailServerError) in try handle.perform() }
    } catch {
      throw explained(error, transaction.dialogue, settings)
    }
  }

  /// libcurl says that it failed; the server said why.
  private static func explained(
    _ error: MailServerError, _ dialogue: SMTPDialogue, _ settings: SMTPSettings
  ) -> MailServerError {
    var told = error
    told.place = settings.server.place
    guard let (reply, stage) = dialogue.last, reply.code >= 400 else { return told }
    switch error.kind {
    case .tls, .aborted, .timeout: return told
    default: break
    }
    if stage == .authentication, reply.code >= 500 {
      told.kind = .authentication
      told.detail = reply.line
    } else {
      told.kind = .no(text: reply.text, code: "\(reply.code)")
      told.detail = ""
    }
    return told
  }

  private static func outcome(of error: MailServerError, _ transaction: Transaction) -> SMTPOutcome {
    let dialogue = transaction.dialogue
    switch transaction.claimState {
    case .refused: return .notClaimed
    case .granted:
      if let final = dialogue.final {
        switch final.code {
        case 200..<300: return .accepted(final.line)
        case 500..<600: return .refused(final.line)
        default: return .later(error, concernsServer: false)
        }
      }
      // Without its end, which follows the last byte, a server cannot have taken the message (RFC 5321 §4.1.1.4).
      return transaction.isWholeGiven ? .unknown(error) : .later(error, concernsServer: true)
    case .notAsked:
      // What the server says against the recipient or this text is for good; what it says against us is not the
      // message's fault, and may be put right.
      if let (reply, stage) = dialogue.last, stage >= .recipient, reply.code >= 500,
        case .no = error.kind
      {
        return .refused(reply.line)
      }
      let isMessage = dialogue.last.map { $0.stage >= .recipient && $0.reply.code >= 400 } ?? false
      return .later(error, concernsServer: !isMessage)
    }
  }
}

/// One attempt, as libcurl's callbacks see it: all on the thread that runs it.
private final class Transaction {
  enum ClaimState { case notAsked, granted, refused }

  let dialogue: SMTPDialogue
  private let message: [UInt8]
  private let claim: () throws -> Bool
  private let stop: () -> Bool
  private var given = 0
  private(set) var claimState = ClaimState.notAsked
  private(set) var claimError: (any Error)?

  init(
    message: [UInt8], secret: String?, claim: @escaping () throws -> Bool, stop: @escaping () -> Bool
  ) {
    dialogue = SMTPDialogue(hiding: secret)
    self.message = message
    self.claim = claim
    self.stop = stop
  }

  var isWholeGiven: Bool { given == message.count }

  /// Once the text is being given, the transaction is seen through: ending it would make it "perhaps sent".
  var mustEnd: Bool { claimState == .notAsked && stop() }

  /// Hands libcurl the next bytes of the text.
  func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if claimState == .notAsked {
      do {
        claimState = try claim() ? .granted : .refused
      } catch {
        claimError = error
        claimState = .refused
      }
      dialogue.beginText()
    }
    guard claimState == .granted else { return Int(CURL_READFUNC_ABORT) }
    let count = min(buffer.count, message.count - given)
    message[given..<given + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
    given += count
    return count
  }
}
