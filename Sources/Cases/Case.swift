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
  public private(set) var acknowledgedAt: Instant?
  public private(set) var closedAt: Instant?
  public private(set) var mergedInto: CaseID?
  /// Who complains, when it was received and what is due: as recorded, or as a person corrected it.
  public private(set) var complainant: Complainant
  public private(set) var receivedAt: Instant
  public private(set) var deadlines: Deadlines

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
    return undone.isEmpty ? events : events.filter { !(undone.contains($0.number) && $0.kind.isUndoable) }
  }

  /// The decision that would be taken back next.
  public var undoable: CaseEvent? { standing.last { $0.kind.isUndoable } }

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
      acknowledgedAt = acknowledgedAt ?? event.at
      state = .acknowledged
    case .closed:
      closedAt = event.at
      state = .closed
    case .merged:
      mergedInto = event.details.mergedInto
      closedAt = event.at
      state = .closed
    case .corrected:
      complainant = event.details.correction?.complainant ?? complainant
      receivedAt = event.details.correction?.receivedAt ?? receivedAt
      deadlines = event.details.correction?.deadlines ?? deadlines
    }
  }

  public var reference: CaseReference { id.reference }

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
    return addresses
  }
}

extension String {
  /// Lower case for ASCII letters only: what addresses and keys need, on every machine alike.
  public func asciiLowercased() -> String {
    String(decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
  }
}
