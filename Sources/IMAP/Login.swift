// Opens, secures and authenticates a connection through libcurl, and makes sense of a refusal.

import CCurl
import Synchronization
import Transport

/// What a login shows to the server.
struct LoginProof: Sendable {
  enum Kind: Sendable, Equatable {
    case password(PasswordMechanism)
    case token(TokenMechanism)
  }
  var user: String
  var secret: String
  var kind: Kind
}

enum Login {
  /// A handle whose connection is logged in. Blocks.
  static func open(
    _ settings: ServerSettings, _ proof: LoginProof, signals: Signals
  ) throws(IMAPError) -> CurlHandle {
    guard !proof.user.isEmpty, !proof.user.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw IMAPError(.settings, "the user's name is empty or has a control character in it")
    }
    do {
      return try attempt(settings, proof, options: loginOptions(proof.kind), signals: signals)
    } catch is NeedsOtherMechanism {
      // Nothing was shown to the server yet.
    } catch let error as IMAPError {
      throw error
    } catch {
      throw IMAPError(.unreachable, "\(error)")
    }
    do {
      return try attempt(settings, proof, options: nil, signals: signals)
    } catch let error as IMAPError {
      throw error
    } catch {
      throw IMAPError(.authentication, "the server offers no way to log in with a password")
    }
  }

  /// The server offers neither PLAIN nor LOGIN over SASL: libcurl may take what there is, the LOGIN command at last.
  private struct NeedsOtherMechanism: Error {}

  /// libcurl's own choice would try NTLM, Kerberos and CRAM-MD5 first, which fail or are worth less than PLAIN
  /// under TLS.
  private static func loginOptions(_ kind: LoginProof.Kind) -> String {
    switch kind {
    case .password(.auto): "AUTH=PLAIN;AUTH=LOGIN"
    case .password(let mechanism): "AUTH=\(mechanism.rawValue)"
    case .token(.auto): "AUTH=OAUTHBEARER;AUTH=XOAUTH2"
    case .token(.xoauth2): "AUTH=XOAUTH2"
    case .token(.oauthbearer): "AUTH=OAUTHBEARER"
    }
  }

  private static func attempt(
    _ settings: ServerSettings, _ proof: LoginProof, options: String?, signals: Signals
  ) throws -> CurlHandle {
    let handle = try CurlHandle()
    let transcript = LoginTranscript(signals)
    handle.set(CURLOPT_URL, settings.address.curlURL)
    handle.set(CURLOPT_CONNECT_ONLY, 1)
    handle.setServer(settings.address, caFile: settings.caFile, proxy: settings.proxy)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
    handle.set(CURLOPT_TIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
    switch proof.kind {
    // Without a user libcurl opens and secures the connection and leaves the login to us.
    case .password(.scramSHA1), .password(.scramSHA256): break
    case .password:
      handle.set(CURLOPT_USERNAME, proof.user)
      handle.set(CURLOPT_PASSWORD, proof.secret)
    case .token:
      handle.set(CURLOPT_USERNAME, proof.user)
      handle.set(CURLOPT_XOAUTH2_BEARER, proof.secret)
    }
    if let options { handle.set(CURLOPT_LOGIN_OPTIONS, options) }

    // Another thread may end the attempt, and the server's words about a refusal are wanted.
    let context = Unmanaged.passUnretained(transcript).toOpaque()
    handle.set(CURLOPT_NOPROGRESS, 0)
    handle.set(CURLOPT_XFERINFODATA, pointer: context)
    handle.setProgress { context, _, _, _, _ in
      guard let context else { return 0 }
      return Unmanaged<LoginTranscript>.fromOpaque(context).takeUnretainedValue().isAborted ? 1 : 0
    }
    handle.set(CURLOPT_VERBOSE, 1)
    handle.set(CURLOPT_DEBUGDATA, pointer: context)
    handle.setDebug { _, type, data, count, context in
      // What we send is not looked at: the password is in there.
      guard type == CURLINFO_HEADER_IN, let data, let context else { return 0 }
      let bytes = UnsafeRawBufferPointer(start: data, count: count)
      Unmanaged<LoginTranscript>.fromOpaque(context).takeUnretainedValue().add(bytes)
      return 0
    }
    defer {
      // The handle outlives the transcript.
      handle.set(CURLOPT_VERBOSE, 0)
      handle.set(CURLOPT_NOPROGRESS, 1)
    }
    do {
      try withExtendedLifetime(transcript) { try handle.perform() }
    } catch let error as IMAPError {
      if error.kind == .authentication, proof.kind == .password(.auto) || proof.kind == .password(.login),
        options != nil, !transcript.offersSASL
      {
        throw NeedsOtherMechanism()
      }
      throw explained(error, transcript, proof)
    }
    return handle
  }

  /// libcurl says only that the login was denied; the server said why.
  private static func explained(
    _ error: IMAPError, _ transcript: LoginTranscript, _ proof: LoginProof
  ) -> IMAPError {
    guard let refusal = transcript.refusal else { return error }
    switch error.kind {
    case .authentication, .unreachable, .protocolViolation:
      var told = IMAPError.refusal(refusal.text, hiding: proof.secret)
      told.curlCode = error.curlCode
      switch told.kind {
      case .no(let text, let code):
        // UNAVAILABLE, INUSE, SERVERBUG, LIMIT (RFC 5530 §3) say nothing about the password.
        let isPassing = ["UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT"].contains(code)
        if refusal.isBye {
          told.kind = .bye(text)
        } else if !isPassing, error.kind == .authentication {
          told = IMAPError(.authentication, text, curlCode: error.curlCode)
        }
      default: break
      }
      return told
    default: return error
    }
  }
}

/// What the server says during a login: lines from libcurl's debug callback, a few kilobytes at most.
private final class LoginTranscript {
  private let signals: Signals
  private var received: [UInt8] = []

  init(_ signals: Signals) { self.signals = signals }

  var isAborted: Bool { signals.isAborted }

  func add(_ bytes: UnsafeRawBufferPointer) {
    received.append(contentsOf: bytes.prefix(Limits.loginTranscript))
    // The end matters: that is where the refusal is.
    if received.count > Limits.loginTranscript * 2 { received.removeFirst(Limits.loginTranscript) }
  }

  private var lines: [ArraySlice<UInt8>] {
    received.split(separator: ASCII.lf).map { $0.last == ASCII.cr ? $0.dropLast() : $0 }
  }

  /// Whether a SASL mechanism for passwords was on offer, or passwords are not wanted at all.
  var offersSASL: Bool {
    let said = Array(received)
    return ASCII.contains(said, "AUTH=PLAIN") || ASCII.contains(said, "AUTH=LOGIN")
      || ASCII.contains(said, "LOGINDISABLED")
  }

  /// The last tagged NO or BAD, or a BYE.
  var refusal: (text: ResponseText, isBye: Bool)? {
    for line in lines.reversed() {
      var bytes = Array(line)
      bytes += [ASCII.cr, ASCII.lf]
      var parser = ResponseParser()
      var position = 0
      let event = bytes.withUnsafeBytes { try? parser.next($0, &position) }
      switch event {
      case .response(.tagged(_, .no, let text)), .response(.tagged(_, .bad, let text)): return (text, false)
      case .response(.status(.bye, let text)): return (text, true)
      default: continue
      }
    }
    return nil
  }
}
