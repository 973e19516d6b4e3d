// A case as its events add up.

import Deadlines
import Triage

/// Where a case stands; the names are the folders of `queue/`.
public enum CaseState: String, Codable, Sendable, CaseIterable {
  case possible, open, acknowledged, closed, dismissed, quarantined
}

/// A case: its first event and what happened since.
public struct Case: Sendable {
  public let id: CaseID
  public let events: [CaseEvent]
  /// Digest of the last event's file: what the next event names as its predecessor.
  public let head: Digest
  public let recorded: Recorded
  public private(set) var state: CaseState
  public private(set) var category: String
  public private(set) var assignee: String?
  /// The event that acknowledged it: the first, or the first after one that came back.
  public private(set) var acknowledgement: CaseEvent?
  public private(set) var closedAt: Instant?
  /// How it ended, where whoever closed it said so.
  public private(set) var closure: Closure?
  public private(set) var mergedInto: CaseID?
  /// The queued acknowledgement that was neither sent nor given up nor taken back.
  public private(set) var outgoing: CaseEvent?
  /// Who complains, when it was received and what is due: as recorded, or as a person corrected it.
  public private(set) var complainant: Complainant
  public private(set) var receivedAt: Instant
  public private(set) var deadlines: Deadlines
  /// Since when nothing of it may be erased; nil where it may.
  public private(set) var heldAt: Instant?
  /// When it was first erased; from then on nothing is decided about it and nothing joins it.
  public private(set) var erasedAt: Instant?
  /// Whether it was erased before anybody had ended it.
  public private(set) var wasErasedOpen = false

  /// Folds events, which must be numbered from 1 and begin with `recorded`; nil otherwise.
  public init?(events: [CaseEvent], head: Digest) {
    guard let first = events.first, first.kind == .recorded, first.number == 1,
      let recorded = first.details.recorded
    else { return nil }
    id = first.caseID
    self.events = events
    self.head = head
    self.recorded = recorded
    complainant = recorded.complainant
    receivedAt = recorded.receivedAt
    deadlines = recorded.deadlines
    switch recorded.outcome {
    case .quarantined: state = .quarantined
    case .possible: state = .possible
    default: state = .open
    }
    category = recorded.verdict?.category ?? "other"
    for event in standing.dropFirst() { apply(event) }
  }

  /// The events that nobody took back.
  public var standing: [CaseEvent] {
    let undone = Set(events.compactMap { $0.kind == .undone ? $0.details.undoes : nil })
    guard !undone.isEmpty else { return events }
    return events.filter { !(undone.contains($0.number) && ($0.kind.isUndoable || $0.kind == .queued)) }
  }

  /// The decision that would be taken back next.
  public var undoable: CaseEvent? {
    isErased
      ? nil
      : standing.last { $0.kind.isUndoable || ($0.kind == .queued && $0.number == outgoing?.number) }
  }

  private mutating func apply(_ event: CaseEvent) {
    switch event.kind {
    case .recorded, .seenAgain, .noted, .split, .undone: break
    case .followedUp:
      // Someone who writes again after the end is not content: a person looks once more.
      if state == .closed || state == .dismissed { state = .possible }
    case .confirmed: state = acknowledgedAt == nil ? .open : .acknowledged
    case .dismissed: state = .dismissed
    case .recategorised:
      category = event.details.category ?? category
      deadlines = event.details.correction?.deadlines ?? deadlines
    case .assigned: assignee = event.details.assignee
    case .acknowledged:
      let proof = event.details.acknowledgement
      acknowledgement = acknowledgement ?? event
      if let proof, proof.messageID == outgoing?.details.outgoing?.messageID { outgoing = nil }
      // A queued message may be sent after a person has ended the case; that it was does not open it again.
      if proof == nil || (state != .closed && state != .dismissed) { state = .acknowledged }
    case .queued: outgoing = event
    case .sendFailed: outgoing = nil
    case .bounced:
      acknowledgement = nil
      if state == .acknowledged { state = .open }
    case .closed:
      closedAt = event.at
      closure = event.details.closure
      state = .closed
    case .merged:
      mergedInto = event.details.mergedInto
      closedAt = event.at
      state = .closed
    case .corrected:
      complainant = event.details.correction?.complainant ?? complainant
      receivedAt = event.details.correction?.receivedAt ?? receivedAt
      deadlines = event.details.correction?.deadlines ?? deadlines
    case .held: heldAt = event.at
    case .released: heldAt = nil
    case .erased:
      guard erasedAt == nil else { return }
      erasedAt = event.at
      outgoing = nil
      // There is nothing left that anybody could work on.
      if state != .closed && state != .dismissed {
        wasErasedOpen = true
        closedAt = event.at
        state = .closed
      }
    }
  }

  public var isHeld: Bool { heldAt != nil }
  public var isErased: Bool { erasedAt != nil }

  public var reference: CaseReference { id.reference }

  /// When the server took the acknowledgement, or a person said that it was made.
  public var acknowledgedAt: Instant? {
    acknowledgement.map { $0.details.acknowledgement?.sentAt ?? $0.at }
  }

  /// Every message of ours about the case that was ever queued, the oldest first.
  public var everQueued: [OutgoingFacts] { events.compactMap { $0.details.outgoing } }

  /// Proof of the acknowledgement that counts; nil where there is none, or where a person did it elsewhere.
  public var proof: AcknowledgementProof? {
    guard acknowledgedAt != nil else { return nil }
    return events.last { $0.kind == .acknowledged }?.details.acknowledgement
  }

  /// Every message of the case: the first and those that joined.
  public var messages: [MessageFacts] {
    [recorded.message] + events.compactMap { $0.details.followUp?.message }
  }

  /// Addresses of those who have a part in the case: senders, the complainant, and whom they wrote to or copied.
  public var participants: Set<String> {
    var addresses: Set<String> = []
    for message in messages {
      for participant in message.from + message.replyTo + message.cc + message.to {
        addresses.insert(participant.address.asciiLowercased())
      }
    }
    if let address = complainant.address { addresses.insert(address.asciiLowercased()) }
    for outgoing in everQueued { addresses.insert(outgoing.to.asciiLowercased()) }
    addresses.remove("")
    return addresses
  }
}

extension String {
  /// Lower case for ASCII letters only: what addresses and keys need, on every machine alike.
  public func asciiLowercased() -> String {
    String(decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
  }
}
