// What IMAP adds to the errors of every mail server: refusals as RFC 9051 and RFC 5530 word them.

import Transport

/// Trouble with an IMAP server is trouble with a mail server.
public typealias IMAPError = MailServerError

extension MailServerError {
  /// A tagged NO, or a BYE, in our words.
  static func refusal(_ text: ResponseText, hiding secret: String? = nil) -> MailServerError {
    let said = ServerText.sanitized(text.text, hiding: secret)
    if let seconds = ServerText.suggestedBackoff(text.text) {
      return MailServerError(.throttled(seconds), said)
    }
    // RFC 5530 §3 names the codes; THROTTLED is Gmail's.
    switch text.code?.name {
    case "NONEXISTENT", "TRYCREATE": return MailServerError(.mailboxMissing, said)
    case "NOPERM", "AUTHORIZATIONFAILED", "PRIVACYREQUIRED", "CONTACTADMIN", "EXPIRED":
      return MailServerError(.authorization, said)
    case "AUTHENTICATIONFAILED": return MailServerError(.authentication, said)
    case "THROTTLED": return MailServerError(.throttled(0), said)
    case let code: return MailServerError(.no(text: said, code: code))
    }
  }

  static func violation(_ what: String) -> MailServerError { MailServerError(.protocolViolation(what)) }
}
