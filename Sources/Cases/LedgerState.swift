// What a mailbox's ledger adds up to: what was shown, what has arrived, what is settled and what is pending.

import Deadlines

/// The sum of a mailbox's ledger.
///
/// Applying entries in another order, or one entry twice (two processes on one mailbox), gives the same sum.
public struct LedgerState: Sendable {
  /// What one UIDVALIDITY of the mailbox has given us.
  public struct Epoch: Sendable {
    /// Which UIDs are ours to take; nil until the first look at the mailbox.
    public var scope: (firstUID: UInt32, older: NumberRanges)?
    public var arrived = NumberRanges()
    public var settled = NumberRanges()
    public var vanished = NumberRanges()

    /// Whether `from:` leaves this UID to us.
    public func isOurs(_ uid: UInt32) -> Bool {
      guard let scope else { return true }
      return uid >= scope.firstUID || scope.older.contains(uid)
    }
  }

  /// An arrival without an outcome.
  public struct Pending: Sendable {
    public let arrival: Arrival
    /// How often processing has begun: 1 with the arrival itself.
    public var attempts: Int
  }

  public var epochs: [UInt32: Epoch] = [:]
  public private(set) var files: Set<Digest> = []
  public private(set) var settledFiles: Set<Digest> = []
  public private(set) var pending: [SourceID: Pending] = [:]
  public private(set) var outcomes: [Outcome: Int] = [:]
  /// What was deleted on purpose, by its digest.
  public private(set) var deletions: [Digest: Deletion] = [:]
  /// How many messages of each outcome were received in each hour; sums to `outcomes` once every outcome has met its
  /// arrival.
  public private(set) var hours: [MailHour: Int] = [:]
  /// Outcomes whose arrival has not been read yet: segments are read in no order.
  private var early: [SourceID: Outcome] = [:]
  /// When a message last arrived.
  public private(set) var lastArrival: Instant?
  /// The latest receipt by the server; one that lies in our future counts as our own sight of it.
  public private(set) var lastReceipt: Instant?
  public internal(set) var damage: [LedgerDamage] = []
  /// When the mailbox was first looked at.
  public private(set) var begun: Instant?

  public init() {}

  /// Messages whose bytes have arrived.
  public var arrivals: Int { epochs.values.reduce(files.count) { $0 + $1.arrived.count } }
  /// Messages with an outcome.
  public var settled: Int { epochs.values.reduce(settledFiles.count) { $0 + $1.settled.count } }
  /// Messages that were gone before they could be fetched.
  public var vanished: Int { epochs.values.reduce(0) { $0 + $1.vanished.count } }

  public func hasArrived(_ source: SourceID) -> Bool {
    switch source {
    case .imap(let uidValidity, let uid): epochs[uidValidity]?.arrived.contains(uid) ?? false
    case .file(let digest): files.contains(digest)
    }
  }

  public func isSettled(_ source: SourceID) -> Bool {
    switch source {
    case .imap(let uidValidity, let uid): epochs[uidValidity]?.settled.contains(uid) ?? false
    case .file(let digest): settledFiles.contains(digest)
    }
  }

  mutating func apply(_ entry: LedgerEntry) {
    if begun.map({ entry.at < $0 }) ?? true { begun = entry.at }
    switch entry.event {
    case .opened: break
    case .scope(let uidValidity, let firstUID, let older):
      // The first word stands: a later `from:` does not reach back into what was decided.
      if epochs[uidValidity]?.scope == nil { epochs[uidValidity, default: Epoch()].scope = (firstUID, older) }
    case .arrival(let arrival):
      let isNew =
        switch arrival.source {
        case .imap(let uidValidity, let uid): epochs[uidValidity, default: Epoch()].arrived.insert(uid)
        case .file(let digest): files.insert(digest).inserted
        }
      lastArrival = max(lastArrival ?? arrival.seen, arrival.seen)
      let receipt = min(arrival.internalDate ?? arrival.seen, arrival.seen)
      lastReceipt = max(lastReceipt ?? receipt, receipt)
      if isNew, !isSettled(arrival.source) {
        pending[arrival.source] = Pending(arrival: arrival, attempts: 1)
      } else if isNew, let outcome = early.removeValue(forKey: arrival.source) {
        hours[MailHour(arrival, outcome), default: 0] += 1
      }
    case .attempt(let source): pending[source]?.attempts += 1
    case .outcome(let source, let outcome, _):
      let isNew =
        switch source {
        case .imap(let uidValidity, let uid): epochs[uidValidity, default: Epoch()].settled.insert(uid)
        case .file(let digest): settledFiles.insert(digest).inserted
        }
      let arrival = pending.removeValue(forKey: source)?.arrival
      guard isNew else { break }
      outcomes[outcome, default: 0] += 1
      if let arrival {
        hours[MailHour(arrival, outcome), default: 0] += 1
      } else {
        early[source] = outcome
      }
    case .deleted(let deletion):
      // The first word stands, unless a later one knows the case.
      if deletions[deletion.digest]?.caseID == nil { deletions[deletion.digest] = deletion }
    case .vanished(let source):
      if case .imap(let uidValidity, let uid) = source {
        epochs[uidValidity, default: Epoch()].vanished.insert(uid)
      }
    }
  }
}

/// An hour in which messages of an outcome were received.
public struct MailHour: Hashable, Sendable {
  /// Hours since 1970-01-01T00:00:00Z.
  public let hour: Int
  public let outcome: Outcome

  public init(hour: Int, outcome: Outcome) {
    self.hour = hour
    self.outcome = outcome
  }

  /// By the server's receipt, where that can be true; else when it was first seen.
  init(_ arrival: Arrival, _ outcome: Outcome) {
    let receipt = arrival.internalDate.flatMap {
      $0 <= arrival.seen && $0 >= DecisionLimits.earliestReceipt ? $0 : nil
    }
    self.init(hour: Int((receipt ?? arrival.seen).unixSeconds / 3600), outcome: outcome)
  }

  public var start: Instant { Instant(unixSeconds: Int64(hour) * 3600) }
}
