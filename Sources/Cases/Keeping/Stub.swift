// What is left of an event when its case is erased: dates, categories, digests and figures, and nothing that anybody
// wrote. Everything that is kept is named here; a field that is new to an event is lost with it until it is.

import Deadlines
import Triage

/// An event file that an erasure replaced.
public struct ErasedFile: Codable, Sendable, Hashable {
  public let number: Int
  /// The file as it was recorded, which the event after it names as its predecessor.
  public let recorded: Digest
  /// The file that took its place.
  public let stub: Digest

  enum CodingKeys: String, CodingKey {
    case number
    case recorded = "sha256"
    case stub = "stub_sha256"
  }
}

extension CaseEvent {
  /// The event without anything that says who complains, or what anybody wrote. A stub's stub is itself.
  var stub: CaseEvent {
    // It was written to stay.
    if kind == .erased { return self }
    return CaseEvent(
      caseID: caseID, number: number, kind: kind, at: at, by: by, predecessor: predecessor,
      details: details.stub)
  }
}

extension CaseEvent.Details {
  fileprivate var stub: CaseEvent.Details {
    CaseEvent.Details(
      recorded: recorded?.stub, followUp: followUp?.stub, sighting: sighting, category: category,
      assignee: assignee, mergedInto: mergedInto, splitInto: splitInto, correction: correction?.stub,
      undoes: undoes, outgoing: outgoing?.stub, acknowledgement: acknowledgement?.stub, closure: closure)
  }
}

extension Recorded {
  fileprivate var stub: Recorded {
    Recorded(
      outcome: outcome, message: message.stub, receivedAt: receivedAt, receivedHow: receivedHow,
      complainant: .erased, country: country, verdict: verdict?.stub, deadlines: deadlines,
      possibleDuplicates: possibleDuplicates, claimsToBelongTo: claimsToBelongTo, splitFrom: splitFrom,
      // That there was one must stay: what may not be parsed is told by it.
      quarantineReason: quarantineReason.map { _ in "erased" })
  }
}

extension Complainant {
  static let erased = Complainant(name: nil, address: nil, how: "erased", confidence: 1)
}

extension MessageFacts {
  /// Its digest, its size, where and when it was found.
  fileprivate var stub: MessageFacts {
    MessageFacts(digest: digest, size: size, source: source, sentAt: sentAt)
  }
}

extension Verdict {
  /// Figures and names of rules; the words that they were found in are gone.
  fileprivate var stub: Verdict {
    var stub = self
    stub.flags = flags.map { Flag(kind: $0.kind, text: "", probability: $0.probability) }
    stub.evidence = []
    stub.otherEvidence = []
    stub.memberNumber = nil
    stub.redress = nil
    stub.points = []
    stub.facts = nil
    stub.reason = ""
    return stub
  }
}

extension FollowUp {
  fileprivate var stub: FollowUp {
    FollowUp(
      message: message.stub, receivedAt: receivedAt, tie: tie, senderIsKnown: senderIsKnown,
      verdict: verdict?.stub)
  }
}

extension Correction {
  fileprivate var stub: Correction {
    Correction(complainant: complainant.map { _ in .erased }, receivedAt: receivedAt, deadlines: deadlines)
  }
}

extension OutgoingFacts {
  /// Our own Message-ID holds the case's id and nothing else.
  fileprivate var stub: OutgoingFacts {
    OutgoingFacts(
      messageID: messageID, to: "", subject: "", digest: digest, isAutomatic: isAutomatic, template: template)
  }
}

extension AcknowledgementProof {
  fileprivate var stub: AcknowledgementProof {
    AcknowledgementProof(messageID: messageID, to: "", digest: digest, serverReply: "", sentAt: sentAt)
  }
}
