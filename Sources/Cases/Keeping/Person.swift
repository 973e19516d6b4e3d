// Everything that one address has sent us: for an erasure on request, whole.

import MIME

/// What is there of somebody, by an address.
public struct PersonSurvey: Sendable {
  /// Cases of theirs: they complain, or sent the message that it began with.
  public var cases: [CaseID] = []
  /// Cases of others in which the address appears: a person looks at these.
  public var namedIn: [CaseID] = []
  /// Messages of theirs that are no case's: passed over, or written by a machine.
  public var messages: [Digest] = []
  /// Messages that have arrived and are not processed; nobody has looked into them yet.
  public var pending = 0

  /// Looks through every case and every message. Takes long where there are many.
  ///
  /// - Parameter address: as written in mail; letter case does not matter.
  public init(_ address: String, in data: DataFolder) throws {
    let address = address.asciiLowercased()
    let store = CaseStore(data)
    var known: Set<Digest> = []
    try store.forEachID { id in
      guard store.exists(id) else { return }
      let current = try store.read(id)
      known.formUnion(current.messages.map(\.digest))
      if current.isErased { return }
      if Self.isOf(address, current) {
        cases.append(id)
      } else if current.participants.contains(address) {
        namedIn.append(id)
      }
    }
    for mailbox in try Ledger.mailboxes(in: data) {
      let ledger = try Ledger(data, mailbox: mailbox)
      let waiting = ledger.withState { $0.pending.values.map(\.arrival.digest) }
      pending += waiting.count
      // What may have ended the program is not parsed here either.
      known.formUnion(waiting)
    }
    known.formUnion(try LedgerSurvey.digestsOfCases(in: data))
    let messages = MessageStore(data)
    try messages.forEachDigest { digest in
      guard !known.contains(digest) else { return }
      let message = Message(parsing: try messages.read(digest))
      let senders = (message.from + message.replyTo).map { $0.mailbox.asciiLowercased() }
      if senders.contains(address) { self.messages.append(digest) }
    }
  }

  private static func isOf(_ address: String, _ current: Case) -> Bool {
    let first = current.recorded.message
    let theirs =
      (first.from + first.replyTo).map(\.address) + [current.recorded.complainant.address].compactMap { $0 }
      + current.events.compactMap { $0.details.correction?.complainant?.address }
    return theirs.contains { $0.asciiLowercased() == address }
  }
}

extension LedgerSurvey {
  /// The messages that ended in any case: its own, copies of them, reports about it.
  static func digestsOfCases(in data: DataFolder) throws -> Set<Digest> {
    var found: Set<Digest> = []
    for mailbox in try Ledger.mailboxes(in: data) {
      let ledger = try Ledger(data, mailbox: mailbox)
      var sources: Set<SourceID> = []
      _ = try ledger.readAll { entry in
        if case .outcome(let source, _, .some) = entry.event { sources.insert(source) }
      }
      _ = try ledger.readAll { entry in
        if case .arrival(let arrival) = entry.event, sources.contains(arrival.source) {
          found.insert(arrival.digest)
        }
      }
    }
    return found
  }
}
