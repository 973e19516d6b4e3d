// Reports that machines send about mail: delivery status (RFC 3464) and disposition notifications (RFC 8098).

/// What a report says about a message that was sent.
public struct Report: Sendable, Hashable, Codable {
  /// The kinds of report.
  public enum Kind: String, Sendable, Hashable, Codable {
    case deliveryStatus = "delivery-status"
    case dispositionNotification = "disposition-notification"
    case feedback = "feedback-report"
  }

  /// What became of the message for one recipient.
  public struct Recipient: Sendable, Hashable, Codable {
    /// The recipient's address: Final-Recipient, else Original-Recipient, its type left out.
    public let address: String
    /// "failed", "delayed", "delivered", "relayed" or "expanded" (RFC 3464 §2.3.3); for a notification what was done,
    /// as "displayed" or "deleted" (RFC 8098 §3.2.6).
    public let action: String
    /// The enhanced status code, as "5.1.1" (RFC 3463); empty when there is none.
    public let status: String
    /// What the other server said; empty when it is not given.
    public let diagnostic: String
  }

  /// The kind of report.
  public let kind: Kind
  /// Who reports: Reporting-MTA or Reporting-UA; nil when not said.
  public let reporter: String?
  /// One entry a recipient.
  public let recipients: [Recipient]
  /// Message-ID of the message the report is about; nil when neither the report nor the returned header says it.
  public let originalMessageID: String?
  /// Index of the part that holds the report.
  public let part: Int
}

extension Message {
  /// The delivery report, read receipt or feedback report that this message carries; nil when it carries none.
  public var report: Report? {
    for index in parts.indices {
      let type = parts[index].contentType
      guard type.type == "message" else { continue }
      switch type.subtype {
      case "delivery-status", "global-delivery-status": return report(.deliveryStatus, index)
      case "disposition-notification", "global-disposition-notification":
        return report(.dispositionNotification, index)
      case "feedback-report": return report(.feedback, index)
      default: continue
      }
    }
    return nil
  }

  private func report(_ kind: Report.Kind, _ index: Int) -> Report {
    let body = decoded(index, limit: limits.headerBytes)
    let groups = FieldLines.groups(body, limit: limits.headerFields)
    func value(_ group: [FieldLine], _ names: String...) -> String? {
      for name in names {
        if let field = group.first(where: { $0.name == name }), !field.value.isEmpty { return field.value }
      }
      return nil
    }
    // "rfc822; jane@example.org": the type before the semicolon says nothing that people need.
    func address(_ value: String?) -> String {
      guard let value else { return "" }
      let tail =
        value.utf8.firstIndex(of: ASCII.semicolon).map { value[value.index(after: $0)...] } ?? value[...]
      return trimmedText(String(tail))
    }
    let all = groups.flatMap { $0 }
    var recipients: [Report.Recipient] = []
    for group in groups {
      guard
        let recipient = value(
          group, "final-recipient", "original-recipient", "original-rcpt-to", "x-actual-recipient")
      else { continue }
      let action = value(group, "action") ?? value(group, "disposition").map { address($0) } ?? ""
      recipients.append(
        Report.Recipient(
          address: address(recipient), action: loweredASCII(action), status: value(group, "status") ?? "",
          diagnostic: address(value(group, "diagnostic-code"))))
    }
    let named = value(all, "original-message-id").flatMap { MessageIDs.first(in: Array($0.utf8)) }
    return Report(
      kind: kind, reporter: value(all, "reporting-mta", "reporting-ua", "user-agent").map { address($0) },
      recipients: recipients, originalMessageID: named ?? returnedMessageID(after: index), part: index)
  }

  /// The Message-ID of the message, or of the header alone, that came back (RFC 6522 §3).
  private func returnedMessageID(after index: Int) -> String? {
    for other in parts.indices where other > index {
      let part = parts[other]
      if part.contentType.isType("text", "rfc822-headers")
        || part.contentType.isType("message", "global-headers")
        || part.isMessage
      {
        let head = decoded(other, limit: limits.headerBytes)
        return Message(parsing: MessageBytes(head), limits: limits, embedding: embedding + 1).messageID
      }
    }
    return nil
  }
}
