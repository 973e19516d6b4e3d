// Mail that no person wrote to us: automatic replies, bounces, lists. RFC 3834 with what is seen in practice.

/// What shows that a message is automatic.
public struct AutomaticMail: Sendable, Hashable, Codable {
  /// The kinds of automatic mail.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case autoReply, bounce, deliveryReport, readReceipt, list, bulk, calendar, generated
  }

  /// Which kind it is.
  public let kind: Kind
  /// The header field that shows it.
  public let header: String
  /// That field's value, cut to 200 bytes.
  public let value: String
}

extension Message {
  /// Why the message counts as automatic; nil for a person's mail. The strongest sign is returned.
  public var automatic: AutomaticMail? {
    reportSign ?? autoSubmittedSign ?? bounceSign ?? replySign ?? calendarSign ?? bulkSign
  }

  private func sign(_ kind: AutomaticMail.Kind, _ header: String, _ value: String) -> AutomaticMail {
    AutomaticMail(
      kind: kind, header: header, value: String(decoding: Array(value.utf8.prefix(200)), as: UTF8.self))
  }

  private func word(_ name: String) -> String? {
    guard let value = headers.rawBytes(name) else { return nil }
    let token = value.prefix { $0 != ASCII.semicolon && $0 != ASCII.open }
    return loweredASCII(trimmedText(String(decoding: token, as: UTF8.self)))
  }

  /// multipart/report (RFC 6522): delivery status (RFC 3464) or disposition notification (RFC 8098).
  private var reportSign: AutomaticMail? {
    guard let root = parts.first else { return nil }
    let type = root.contentType
    let status = parts.contains {
      $0.contentType.isType("message", "delivery-status")
        || $0.contentType.isType("message", "global-delivery-status")
    }
    let disposition = parts.contains { $0.contentType.isType("message", "disposition-notification") }
    guard type.isType("multipart", "report") || (status && parts[0].isMultipart) else { return nil }
    let report = type.parameters["report-type"].map(loweredASCII) ?? ""
    if report == "disposition-notification" || disposition {
      return sign(.readReceipt, "Content-Type", type.essence)
    }
    if report == "delivery-status" || status {
      let failed = isFailure
      return sign(failed ? .bounce : .deliveryReport, "Content-Type", type.essence)
    }
    return sign(.deliveryReport, "Content-Type", type.essence)
  }

  /// RFC 3464 §2.3.3: any recipient's Action that is "failed" or "delayed".
  private var isFailure: Bool {
    guard let index = parts.firstIndex(where: { $0.contentType.subtype.hasSuffix("delivery-status") }) else {
      return true
    }
    let body = decoded(index, limit: 64 << 10)
    for position in body.indices where hasPrefix("action:", in: body, at: position, limit: body.count) {
      var cursor = position + 7
      while cursor < body.count, body[cursor].isBlank { cursor += 1 }
      if hasPrefix("failed", in: body, at: cursor, limit: body.count)
        || hasPrefix("delayed", in: body, at: cursor, limit: body.count)
      {
        return true
      }
    }
    return false
  }

  /// RFC 3834 §5: any value but "no".
  private var autoSubmittedSign: AutomaticMail? {
    guard let value = word("Auto-Submitted"), value != "no", !value.isEmpty else { return nil }
    // Exchange calls its notices of absence "auto-generated"; an answer is told by its subject or by what it answers.
    let isReply =
      value.hasPrefix("auto-replied") || SubjectSigns.isReply(subject) || headers.contains("In-Reply-To")
    let kind: AutomaticMail.Kind = isReply ? .autoReply : .generated
    return sign(isFromDaemon && kind == .autoReply ? .bounce : kind, "Auto-Submitted", value)
  }

  private var isFromDaemon: Bool {
    from.contains { address in
      let local = loweredASCII(address.localPart)
      return local == "mailer-daemon" || local == "postmaster" || local.hasPrefix("mailer-daemon")
    }
  }

  /// A null reverse-path (RFC 5321 §4.5.5) or a daemon's name in From.
  private var bounceSign: AutomaticMail? {
    if isFromDaemon, let address = from.first { return sign(.bounce, "From", address.mailbox) }
    if let path = headers.rawBytes("Return-Path"),
      path.filter({ !$0.isBlank }) == [ASCII.less, ASCII.greater]
    {
      return sign(SubjectSigns.isReply(subject) ? .autoReply : .bounce, "Return-Path", "<>")
    }
    if headers.contains("X-Failed-Recipients") {
      return sign(.bounce, "X-Failed-Recipients", headers.first("X-Failed-Recipients") ?? "")
    }
    return nil
  }

  private static let replyHeaders = [
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-AutoReply-From",
  ]

  private var replySign: AutomaticMail? {
    for name in Message.replyHeaders {
      guard let value = headers.first(name) else { continue }
      if ["no", "false", "0"].contains(loweredASCII(value)) { continue }
      return sign(.autoReply, name, value)
    }
    if let value = word("Precedence"), value == "auto_reply" || value == "auto-reply" {
      return sign(.autoReply, "Precedence", value)
    }
    guard SubjectSigns.isReply(subject) else { return nil }
    // A subject alone is a person's to write; it counts with another sign, or above a short text.
    let suppressed = headers.contains("X-Auto-Response-Suppress")
    if suppressed || headers.contains("In-Reply-To") || ownText.utf8.count < 500 {
      return sign(.autoReply, "Subject", subject)
    }
    return nil
  }

  /// An invitation or its answer (RFC 6047): text/calendar with a method, at the root or as an alternative.
  private var calendarSign: AutomaticMail? {
    for part in parts where part.contentType.isType("text", "calendar") && part.disposition != "attachment" {
      guard let method = part.contentType.parameters["method"] else { continue }
      return sign(.calendar, "Content-Type", "text/calendar; method=" + method)
    }
    return nil
  }

  private var bulkSign: AutomaticMail? {
    for name in ["List-Id", "List-Post", "List-Unsubscribe"] {
      if let value = headers.first(name), !value.isEmpty { return sign(.list, name, value) }
    }
    switch word("Precedence") {
    case "list"?: return sign(.list, "Precedence", "list")
    case "bulk"?: return sign(.bulk, "Precedence", "bulk")
    case "junk"?: return sign(.bulk, "Precedence", "junk")
    default: return nil
    }
  }
}

/// Subjects that automatic replies carry.
enum SubjectSigns {
  private static let replies: [StaticString] = [
    "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response",
    "out of office",
    "out of the office", "automatische antwort", "abwesenheitsnotiz", "abwesend", "réponse automatique",
    "reponse automatique", "absence du bureau", "respuesta automática", "respuesta automatica",
    "fuera de la oficina", "outomatiese antwoord", "automatisch antwoord", "risposta automatica",
    "resposta automática",
  ]

  static func isReply(_ subject: String) -> Bool {
    let bytes = Array(subject.utf8.prefix(200))
    let start = trimmed(bytes, 0..<bytes.count).lowerBound
    return replies.contains { hasPrefix($0, in: bytes, at: start, limit: bytes.count) }
  }
}
