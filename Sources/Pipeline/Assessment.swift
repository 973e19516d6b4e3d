// Steps 4 to 6 of a message's life: parse it, tell machine mail, judge it. Pure but for the time it takes; what
// comes out decides nothing yet, because follow-ups and duplicates need the cases.

import Cases
import Deadlines
import MIME
import Triage

/// What a message is, as far as it alone tells.
struct Assessment: Sendable {
  var facts: MessageFacts
  var text: String
  var automatic: AutomaticMail?
  /// A report that something of ours could not be delivered.
  var bounce: BounceReport?
  /// Nil for automatic mail that no person can have written.
  var verdict: Verdict?
  var complainant: Complainant
  /// A forward is new intake even where it quotes a thread of ours.
  var isForward: Bool
  var ties: [String]
  var subjectReferences: [CaseReference]
  var receivedStamp: Instant?
  var caseID: CaseID
  var notes: [String]
}

/// Judges messages one at a time; every call is independent, so they run side by side.
struct Assessor: Sendable {
  let organisation: Organisation
  let judge: Judge

  /// References looked up a message: the nearest tell, and a header may hold thousands.
  private static let tieLimit = 100
  /// Addresses kept of each header field.
  private static let addressLimit = 50

  func assess(_ bytes: MessageBytes, arrival: Arrival, mailbox: String) -> Assessment {
    let message = Message(parsing: bytes)
    let facts = facts(of: message, arrival: arrival, mailbox: mailbox)
    let text = message.text
    let sender = facts.from.first
    let fromStaff = Self.isFromStaff(message, organisation)
    let original = message.forwardedOriginal
    let forwardedByStaff = fromStaff && original != nil
    let automatic = message.automatic

    var notes: [String] = []
    let verdict = Self.mayHoldComplaint(automatic) ? verdict(message) : nil
    let complainant = complainant(
      sender: sender, original: original, forwardedByStaff: forwardedByStaff, fromStaff: fromStaff,
      notes: &notes)
    if let replyTo = facts.replyTo.first, let sender, replyTo.address != sender.address {
      notes.append("replies are asked to another address than the sender's: \(replyTo.address)")
    }
    return Assessment(
      facts: facts, text: text, automatic: automatic, bounce: BounceReport(message), verdict: verdict,
      complainant: complainant,
      isForward: original != nil || Self.hasForwardPrefix(facts.subject),
      ties: Array((message.inReplyTo + message.references.reversed()).prefix(Self.tieLimit)),
      subjectReferences: CaseReference.all(in: facts.subject),
      receivedStamp: message.receivedStamps.first.map { Instant(unixSeconds: $0.unixSeconds) },
      caseID: Self.caseID(message, facts), notes: notes)
  }

  private static func isFromStaff(_ message: Message, _ organisation: Organisation) -> Bool {
    message.from.first.map { organisation.isOurs($0.mailbox) } ?? false
  }

  /// Whether a person's grievance may stand in a message that a machine sent: a web form's mail says
  /// `Auto-Submitted: auto-generated`, an invitation may carry words. Replies of absence, bounces and lists do not.
  static func mayHoldComplaint(_ automatic: AutomaticMail?) -> Bool {
    switch automatic?.kind {
    case nil, .generated, .calendar: true
    case .autoReply, .bounce, .deliveryReport, .readReceipt, .list, .bulk: false
    }
  }

  func verdict(_ message: Message) -> Verdict {
    judge.judge(Self.input(message, organisation))
  }

  /// What is judged: a colleague's forward is somebody else's words.
  static func input(_ message: Message, _ organisation: Organisation) -> TriageInput {
    let isForward = isFromStaff(message, organisation) && message.forwardedOriginal != nil
    return TriageInput(message, isStaffForward: isForward)
  }

  private func facts(of message: Message, arrival: Arrival, mailbox: String) -> MessageFacts {
    func participants(_ addresses: [Address]) -> [MessageFacts.Participant] {
      addresses.prefix(Self.addressLimit).map { .init(name: $0.displayName, address: $0.mailbox) }
    }
    return MessageFacts(
      digest: arrival.digest, size: arrival.size,
      source: SourceFacts(
        mailbox: mailbox, source: arrival.source, internalDate: arrival.internalDate, seen: arrival.seen),
      messageID: message.messageID, references: Array(message.references.prefix(Self.tieLimit)),
      subject: message.subject, from: participants(message.from), replyTo: participants(message.replyTo),
      to: participants(message.to), cc: participants(message.cc),
      sentAt: message.date.map { Instant(unixSeconds: $0.unixSeconds) },
      attachments: message.files.prefix(Self.addressLimit).map { $0.name ?? $0.contentType },
      authenticationResults: Array(message.headers.all("Authentication-Results").prefix(3)),
      defects: message.defects.prefix(Self.addressLimit).map { "\($0.code.rawValue) (\($0.rfc))" })
  }

  private func complainant(
    sender: MessageFacts.Participant?, original: ForwardedOriginal?, forwardedByStaff: Bool, fromStaff: Bool,
    notes: inout [String]
  ) -> Complainant {
    if forwardedByStaff, let original {
      notes.append(
        "forwarded by \(sender?.address ?? "staff"); confirm the complainant and the date of receipt")
      return Complainant(
        name: original.from?.displayName, address: original.from?.mailbox, how: "forward: \(original.source)",
        confidence: original.from == nil ? min(original.confidence, 0.3) : original.confidence,
        originalDate: original.dateText.isEmpty ? nil : original.dateText, forwardedBy: sender?.address)
    }
    guard let sender else { return Complainant(name: nil, address: nil, how: "unknown", confidence: 0) }
    if fromStaff {
      notes.append("written from an address of our own; confirm who complains")
      return Complainant(name: sender.name, address: sender.address, how: "sender", confidence: 0.3)
    }
    return Complainant(name: sender.name, address: sender.address, how: "sender", confidence: 1)
  }

  private static func hasForwardPrefix(_ subject: String) -> Bool {
    let start = subject.asciiLowercased().utf8.prefix(12)
    for prefix in ["fw:", "fwd:", "wg:", "tr:", "rv:", "enc:", "vs:", "doorst:", "i:"] {
      if start.starts(with: prefix.utf8) { return true }
    }
    return false
  }

  /// The id that stands for a message: Message-ID, sender, date and a digest of the decoded content (DESIGN "A
  /// message's life").
  ///
  /// Trace headers are left out, so the same message by another way has the same id. Without a Message-ID and a
  /// date there is nothing to know it by, so the raw bytes stand in.
  private static func caseID(_ message: Message, _ facts: MessageFacts) -> CaseID {
    var hasher = DigestHasher()
    hasher.update(field: "intake.case-id/1")
    hasher.update(field: facts.messageID ?? "")
    hasher.update(field: facts.from.first?.address ?? "")
    hasher.update(field: message.date.map { String($0.unixSeconds) } ?? "")
    for index in message.parts.indices where message.parts[index].children.isEmpty {
      hasher.update(field: message.parts[index].contentType.essence)
      message.forEachDecodedChunk(of: index) { hasher.update($0) }
    }
    hasher.update(field: facts.subject)
    if facts.messageID == nil, message.date == nil { hasher.update(field: facts.digest.hex) }
    return CaseID(identity: hasher.finalize())
  }

  /// A message that could not be processed: what is known without looking inside.
  static func unprocessed(_ arrival: Arrival, mailbox: String) -> (facts: MessageFacts, id: CaseID) {
    var hasher = DigestHasher()
    hasher.update(field: "intake.case-id/1 quarantined")
    hasher.update(field: arrival.digest.hex)
    let facts = MessageFacts(
      digest: arrival.digest, size: arrival.size,
      source: SourceFacts(
        mailbox: mailbox, source: arrival.source, internalDate: arrival.internalDate, seen: arrival.seen))
    return (facts, CaseID(identity: hasher.finalize()))
  }
}
