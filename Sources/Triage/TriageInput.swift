// What is judged: a message's words and whose they are, without its bytes.

import MIME

/// A message as judging sees it.
public struct TriageInput: Sendable {
  public var subject: String
  /// The message's text for people; offsets of the verdict count its UTF-8 bytes.
  public var text: String
  /// Whose words are whose; where none is given, the whole text is the sender's.
  public var regions: [TextRegion]
  public var attachmentNames: [String]
  /// The sender's address; empty when unknown.
  public var from: String
  /// Whether one of the organisation's own people passes on somebody's message.
  public var isStaffForward: Bool
  /// The forwarded message's text where it is attached instead of standing in `text`.
  public var attachedText: String
  /// Whether parts could not be read: encrypted, or of an unknown kind.
  public var hasUnreadableParts: Bool
  /// Whether its headers say that it went to a list or to many: such mail is passed over more readily.
  public var isCircular: Bool

  public init(
    subject: String, text: String, regions: [TextRegion] = [], attachmentNames: [String] = [],
    from: String = "", isStaffForward: Bool = false, attachedText: String = "",
    hasUnreadableParts: Bool = false, isCircular: Bool = false
  ) {
    self.subject = subject
    self.text = text
    self.regions = regions
    self.attachmentNames = attachmentNames
    self.from = from
    self.isStaffForward = isStaffForward
    self.attachedText = attachedText
    self.hasUnreadableParts = hasUnreadableParts
    self.isCircular = isCircular
  }

  /// Takes from a parsed message what judging needs.
  public init(_ message: Message, isStaffForward: Bool) {
    let text = message.text
    let names = message.files.prefix(TriageLimits.attachmentNames).map { $0.name ?? $0.contentType }
    // A winmail.dat with a body in it has given the message its text.
    let isUnreadable =
      message.hasEncryptedContent
      || text.utf8.allSatisfy({ $0 <= 0x20 })
        && message.parts.contains { $0.contentType.essence == "application/ms-tnef" }
    let automatic = message.automatic?.kind
    let isCircular = automatic == .list || automatic == .bulk
    var attached = ""
    if let original = message.forwardedOriginal, original.textRange == nil { attached = original.text }
    self.init(
      subject: message.subject, text: text, regions: message.regions(of: text),
      attachmentNames: Array(names), from: message.from.first?.mailbox ?? "", isStaffForward: isStaffForward,
      attachedText: attached, hasUnreadableParts: isUnreadable, isCircular: isCircular)
  }
}
