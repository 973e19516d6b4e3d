// A case's history: numbered events, each a file that names its predecessor's digest.

import Deadlines
import Triage

/// One event of a case, `000n-….json` (schema `intake.event/1`, described in docs/json.md).
public struct CaseEvent: Codable, Sendable {
  public static let schema = "intake.event/1"
  /// Who did what no person did.
  public static let program = "intake"

  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Always number 1: the message, its verdict and its deadlines.
    case recorded
    /// Another message joined the case.
    case followedUp = "followed-up"
    /// The same message was seen in another mailbox.
    case seenAgain = "seen-again"
    case confirmed, dismissed, recategorised, assigned, noted, acknowledged, closed, merged
    /// A person corrected who complains or when it was received.
    case corrected
    /// Part of what the message complains of goes on as a case of its own.
    case split
    /// An earlier decision was taken back; it stays in the history and counts no more.
    case undone
    /// An acknowledgement waits in `outbox/` to be sent.
    case queued
    /// A queued acknowledgement could not be sent: a person looks at it again.
    case sendFailed = "send-failed"
    /// An acknowledgement that was sent came back: the duty stands again.
    case bounced
    /// Nothing of it may be erased from here on, and from here on it may again.
    case held, released
    /// What it held of people is gone: stubs took the place of earlier events, and its mail was deleted.
    case erased

    /// Whether it is a decision that can be taken back. An acknowledgement cannot: the complainant has it. A queued one
    /// can as long as it waits, which `Case.undoable` knows.
    public var isUndoable: Bool {
      switch self {
      case .confirmed, .dismissed, .recategorised, .assigned, .closed, .merged, .corrected: true
      case .recorded, .followedUp, .seenAgain, .noted, .acknowledged, .split, .undone, .queued, .sendFailed,
        .bounced, .held, .released, .erased:
        false
      }
    }
  }

  public let schema: String
  public let caseID: CaseID
  public let number: Int
  public let kind: Kind
  public let at: Instant
  /// Who: a person's name, or `intake` for what the program did by itself.
  public let by: String
  /// Digest of the event file before this one; nil for the first.
  public let predecessor: Digest?
  public let details: Details

  /// What the event says; which part is there follows from its kind.
  public struct Details: Codable, Sendable {
    public var recorded: Recorded?
    public var followUp: FollowUp?
    public var sighting: SourceFacts?
    public var reason: String?
    public var category: String?
    public var assignee: String?
    public var mergedInto: CaseID?
    public var splitInto: CaseID?
    public var correction: Correction?
    /// The number of the event that is taken back.
    public var undoes: Int?
    /// The message that was queued.
    public var outgoing: OutgoingFacts?
    /// Proof of an acknowledgement that was sent from here.
    public var acknowledgement: AcknowledgementProof?
    /// How a closed case ended.
    public var closure: Closure?
    /// The event files that an erasure replaces.
    public var erased: [ErasedFile]?

    public init(
      recorded: Recorded? = nil, followUp: FollowUp? = nil, sighting: SourceFacts? = nil,
      reason: String? = nil,
      category: String? = nil, assignee: String? = nil, mergedInto: CaseID? = nil,
      splitInto: CaseID? = nil, correction: Correction? = nil, undoes: Int? = nil,
      outgoing: OutgoingFacts? = nil, acknowledgement: AcknowledgementProof? = nil, closure: Closure? = nil,
      erased: [ErasedFile]? = nil
    ) {
      self.recorded = recorded
      self.followUp = followUp
      self.sighting = sighting
      self.reason = reason
      self.category = category
      self.assignee = assignee
      self.mergedInto = mergedInto
      self.splitInto = splitInto
      self.correction = correction
      self.undoes = undoes
      self.outgoing = outgoing
      self.acknowledgement = acknowledgement
      self.closure = closure
      self.erased = erased
    }

    enum CodingKeys: String, CodingKey {
      case recorded, sighting, reason, category, assignee, correction, undoes, outgoing, acknowledgement,
        closure, erased
      case followUp = "follow_up"
      case mergedInto = "merged_into"
      case splitInto = "split_into"
    }
  }

  public init(
    caseID: CaseID, number: Int, kind: Kind, at: Instant, by: String, predecessor: Digest?, details: Details
  ) {
    schema = Self.schema
    self.caseID = caseID
    self.number = number
    self.kind = kind
    self.at = at
    self.by = by
    self.predecessor = predecessor
    self.details = details
  }

  enum CodingKeys: String, CodingKey {
    case schema, number, at, by, predecessor, details
    case caseID = "case"
    case kind = "event"
  }
}

/// The first event's content: everything that was known when the message was recorded.
public struct Recorded: Codable, Sendable {
  /// `case`, `possible` or `quarantined`.
  public var outcome: Outcome
  public var message: MessageFacts
  /// The instant that starts the clock.
  public var receivedAt: Instant
  /// How `receivedAt` was derived, in words.
  public var receivedHow: String
  public var complainant: Complainant
  public var country: String?
  /// Nil where the message was quarantined before it could be judged.
  public var verdict: Verdict?
  public var deadlines: Deadlines
  /// Cases that share this message's Message-ID but not its content.
  public var possibleDuplicates: [CaseID]
  /// Cases that the message names or refers to without being shown to belong to them.
  public var claimsToBelongTo: [CaseID]
  /// The case of the same message that this one was split from.
  public var splitFrom: CaseID?
  /// What a person should know, in words.
  public var notes: [String]
  /// Why it is in quarantine.
  public var quarantineReason: String?

  public init(
    outcome: Outcome, message: MessageFacts, receivedAt: Instant, receivedHow: String,
    complainant: Complainant,
    country: String?, verdict: Verdict?, deadlines: Deadlines, possibleDuplicates: [CaseID] = [],
    claimsToBelongTo: [CaseID] = [], splitFrom: CaseID? = nil, notes: [String] = [],
    quarantineReason: String? = nil
  ) {
    self.outcome = outcome
    self.message = message
    self.receivedAt = receivedAt
    self.receivedHow = receivedHow
    self.complainant = complainant
    self.country = country
    self.verdict = verdict
    self.deadlines = deadlines
    self.possibleDuplicates = possibleDuplicates
    self.claimsToBelongTo = claimsToBelongTo
    self.splitFrom = splitFrom
    self.notes = notes
    self.quarantineReason = quarantineReason
  }

  /// Whether the message may be parsed: what once ended the program while it was read is not read again, whatever
  /// a person decided since, nor for a case that was split from this one.
  public var mayBeParsed: Bool { outcome != .quarantined && quarantineReason == nil }

  enum CodingKeys: String, CodingKey {
    case outcome, message, complainant, country, verdict, deadlines, notes
    case receivedAt = "received_at"
    case receivedHow = "received_how"
    case possibleDuplicates = "possible_duplicates"
    case claimsToBelongTo = "claims_to_belong_to"
    case splitFrom = "split_from"
    case quarantineReason = "quarantine_reason"
  }
}

/// What a person corrected; nil parts stay as they were.
public struct Correction: Codable, Sendable {
  public var complainant: Complainant?
  public var receivedAt: Instant?
  /// The dates that follow from the corrected receipt, or from another category's regimes.
  public var deadlines: Deadlines?

  public init(complainant: Complainant? = nil, receivedAt: Instant? = nil, deadlines: Deadlines? = nil) {
    self.complainant = complainant
    self.receivedAt = receivedAt
    self.deadlines = deadlines
  }

  enum CodingKeys: String, CodingKey {
    case complainant, deadlines
    case receivedAt = "received_at"
  }
}

/// A message of ours that was queued to be sent; the message itself is in `outbox/`.
public struct OutgoingFacts: Codable, Sendable, Equatable {
  /// Without angle brackets; fixed when it is queued, so that a second copy can be told for what it is.
  public var messageID: String
  public var to: String
  public var subject: String
  /// SHA-256 of the whole message.
  public var digest: Digest
  /// Whether no person had a hand in it.
  public var isAutomatic: Bool
  /// The template that its text began from.
  public var template: String

  public init(
    messageID: String, to: String, subject: String, digest: Digest, isAutomatic: Bool, template: String
  ) {
    self.messageID = messageID
    self.to = to
    self.subject = subject
    self.digest = digest
    self.isAutomatic = isAutomatic
    self.template = template
  }

  enum CodingKeys: String, CodingKey {
    case to, subject, template
    case messageID = "message_id"
    case digest = "sha256"
    case isAutomatic = "automatic"
  }
}

/// Proof that an acknowledgement was sent: which message, to whom, and what the server said.
public struct AcknowledgementProof: Codable, Sendable, Equatable {
  public var messageID: String
  public var to: String
  public var digest: Digest
  /// The server's last word on it, escaped and cut; where a person settled it, that it was they.
  public var serverReply: String
  public var sentAt: Instant

  public init(messageID: String, to: String, digest: Digest, serverReply: String, sentAt: Instant) {
    self.messageID = messageID
    self.to = to
    self.digest = digest
    self.serverReply = serverReply
    self.sentAt = sentAt
  }

  enum CodingKeys: String, CodingKey {
    case to
    case messageID = "message_id"
    case digest = "sha256"
    case serverReply = "server_reply"
    case sentAt = "sent_at"
  }
}

/// A message that joined a case.
public struct FollowUp: Codable, Sendable {
  public var message: MessageFacts
  public var receivedAt: Instant
  /// What ties it to the case: `references` or `subject`.
  public var tie: String
  /// Whether its sender had a part in the case before; if not, a person should look.
  public var senderIsKnown: Bool
  public var verdict: Verdict?

  public init(message: MessageFacts, receivedAt: Instant, tie: String, senderIsKnown: Bool, verdict: Verdict?)
  {
    self.message = message
    self.receivedAt = receivedAt
    self.tie = tie
    self.senderIsKnown = senderIsKnown
    self.verdict = verdict
  }

  enum CodingKeys: String, CodingKey {
    case message, tie, verdict
    case receivedAt = "received_at"
    case senderIsKnown = "sender_is_known"
  }
}

/// Where and when a message was found.
public struct SourceFacts: Codable, Sendable, Equatable {
  public var mailbox: String
  public var uidValidity: UInt32?
  public var uid: UInt32?
  /// IMAP INTERNALDATE: when the server received it.
  public var internalDate: Instant?
  /// When this program first had it.
  public var seen: Instant

  public init(mailbox: String, source: SourceID, internalDate: Instant?, seen: Instant) {
    self.mailbox = mailbox
    if case .imap(let uidValidity, let uid) = source {
      self.uidValidity = uidValidity
      self.uid = uid
    }
    self.internalDate = internalDate
    self.seen = seen
  }

  /// Whether both name the same UID of the same mailbox; files have no UID, their digest is their place.
  public func isSamePlace(as other: SourceFacts) -> Bool {
    mailbox == other.mailbox && uidValidity == other.uidValidity && uid == other.uid
  }

  enum CodingKeys: String, CodingKey {
    case mailbox, uid, seen
    case uidValidity = "uidvalidity"
    case internalDate = "internal_date"
  }
}

/// What a message says of itself, as far as a case needs it; the message itself is in `mail/`.
public struct MessageFacts: Codable, Sendable {
  public struct Participant: Codable, Sendable, Hashable {
    public var name: String?
    public var address: String

    public init(name: String?, address: String) {
      self.name = name
      self.address = address
    }
  }

  public var digest: Digest
  public var size: Int
  public var source: SourceFacts
  /// Without angle brackets; nil when missing or empty, and then it matches nothing.
  public var messageID: String?
  public var references: [String]
  public var subject: String
  public var from: [Participant]
  public var replyTo: [Participant]
  public var to: [Participant]
  public var cc: [Participant]
  /// The sender's own Date, for people; no clock starts from it.
  public var sentAt: Instant?
  public var attachments: [String]
  public var authenticationResults: [String]
  public var defects: [String]

  public init(
    digest: Digest, size: Int, source: SourceFacts, messageID: String? = nil, references: [String] = [],
    subject: String = "", from: [Participant] = [], replyTo: [Participant] = [], to: [Participant] = [],
    cc: [Participant] = [], sentAt: Instant? = nil, attachments: [String] = [],
    authenticationResults: [String] = [], defects: [String] = []
  ) {
    self.digest = digest
    self.size = size
    self.source = source
    self.messageID = messageID
    self.references = references
    self.subject = subject
    self.from = from
    self.replyTo = replyTo
    self.to = to
    self.cc = cc
    self.sentAt = sentAt
    self.attachments = attachments
    self.authenticationResults = authenticationResults
    self.defects = defects
  }

  enum CodingKeys: String, CodingKey {
    case size, source, references, subject, from, to, cc, attachments, defects
    case digest = "sha256"
    case messageID = "message_id"
    case replyTo = "reply_to"
    case sentAt = "sent_at"
    case authenticationResults = "authentication_results"
  }
}

/// Who complains, as far as the message shows it.
public struct Complainant: Codable, Sendable {
  public var name: String?
  public var address: String?
  /// `sender`, or how a forward named them (`forward: outlook`), or `unknown`.
  public var how: String
  /// How sure that is, 0 to 1; below 1 a person confirms.
  public var confidence: Double
  /// The date that a forward gives for the original message, as written there; a note, no clock starts from it.
  public var originalDate: String?
  /// Who forwarded it, where it is a staff member's forward.
  public var forwardedBy: String?

  public init(
    name: String?, address: String?, how: String, confidence: Double, originalDate: String? = nil,
    forwardedBy: String? = nil
  ) {
    self.name = name
    self.address = address
    self.how = how
    self.confidence = confidence
    self.originalDate = originalDate
    self.forwardedBy = forwardedBy
  }

  enum CodingKeys: String, CodingKey {
    case name, address, how, confidence
    case originalDate = "original_date"
    case forwardedBy = "forwarded_by"
  }
}
