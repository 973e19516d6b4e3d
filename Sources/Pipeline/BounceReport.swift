// A report that a message could not be delivered (RFC 3464), as far as it may be about one of ours.

import MIME
import Transport

/// What a bounce says: of which message, and why.
struct BounceReport: Sendable {
  /// The message that it is about: as the report names it, else what it answers.
  let messageIDs: [String]
  /// Status and the other server's words, without addresses: `5.1.1: smtp; 550 no such user`.
  let reason: String

  /// Message-IDs of a report that are looked up; a report is about one.
  private static let most = 5

  /// Nil for anything but a report of failure: a delay is no failure, and a reply of absence is none either.
  init?(_ message: Message) {
    guard let automatic = message.automatic, automatic.kind == .bounce || automatic.kind == .deliveryReport
    else { return nil }
    if let report = message.report, report.kind == .deliveryStatus {
      guard let failed = report.recipients.first(where: { $0.action == "failed" }) else { return nil }
      let words = [failed.status, failed.diagnostic].filter { !$0.isEmpty }.joined(separator: ": ")
      reason = ServerText.withoutAddresses(words.isEmpty ? "no reason given" : words)
      // Some reports leave out the message, and name it as what they answer.
      messageIDs =
        report.originalMessageID.map { [$0] }
        ?? Self.nearest(message.inReplyTo + message.references.reversed())
    } else {
      // Before RFC 3464, and still from some: a daemon's letter that names the failed recipient in a header.
      guard message.headers.contains("X-Failed-Recipients") else { return nil }
      reason = "the report gives no status"
      messageIDs = Self.nearest(message.inReplyTo + message.references.reversed())
    }
    if messageIDs.isEmpty { return nil }
  }

  private static func nearest(_ ids: [String]) -> [String] { Array(ids.prefix(most)) }
}
