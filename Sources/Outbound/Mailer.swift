// One message now, without the outbox: for what may rather come twice than not at all, and is nobody's proof.

import Transport

/// Sends single messages to one server.
public struct Mailer: Sendable {
  public let settings: SMTPSettings

  /// - Parameter settings: the times allowed in it are shortened: whoever waits here tries again soon.
  public init(_ settings: SMTPSettings) {
    var settings = settings
    settings.replySeconds = min(settings.replySeconds, Self.replySeconds)
    settings.transactionMilliseconds = min(settings.transactionMilliseconds, Self.transactionMilliseconds)
    self.settings = settings
  }

  private static let replySeconds = 60
  private static let transactionMilliseconds = 120_000

  /// Sends a message.
  ///
  /// - Parameter stop: read now and then until the text is asked for; true ends the attempt.
  /// - Returns: the server's reply.
  /// - Throws: also where the whole text was given and no reply came: whoever sends it again uses the same Message-ID.
  @discardableResult
  public func send(
    _ message: OutgoingMessage, stop: @escaping @Sendable () -> Bool = { false }
  ) async throws(MailServerError) -> String {
    let text: String
    do {
      text = try message.rendered()
    } catch {
      throw MailServerError(.settings, "\(error)")
    }
    let secret = try await Sender.secret(of: settings.credentials)
    let settings = settings
    let outcome = await Thread.run {
      SMTP.send(
        Array(text.utf8), from: message.from.text, to: message.to.text, settings: settings, secret: secret,
        claim: { true }, stop: stop
      ).outcome
    }
    switch outcome {
    case .accepted(let reply): return reply
    case .refused(let reply):
      throw MailServerError(.no(text: reply, code: nil), place: settings.server.place)
    case .later(let error, _), .unknown(let error):
      if error.kind == .authentication, let secret, case .oauth2(_, _, let tokens)? = settings.credentials {
        // A token that is refused before its time is fetched anew.
        await tokens.invalidate(secret)
      }
      throw error
    case .notClaimed: throw MailServerError(.aborted)
    }
  }
}
