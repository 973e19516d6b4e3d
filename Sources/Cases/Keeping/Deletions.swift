// ledger/.deletions: which messages were deleted from mail/ on purpose. A ledger like a mailbox's, append-only and
// chained, written before anything is deleted; digests only.

import Deadlines

/// What is gone from `mail/`, and stays gone: the same bytes are not stored again, from wherever they come.
public final class Deletions: Sendable {
  /// No mailbox's name begins with a dot.
  static let name = ".deletions"

  private let ledger: Ledger
  private let messages: MessageStore

  public init(_ data: DataFolder) throws {
    ledger = try Ledger(data, mailbox: Self.name)
    messages = MessageStore(data)
  }

  /// Takes in what other processes have deleted meanwhile.
  public func refresh() throws(DiskError) { try ledger.refresh() }

  /// Why a message was deleted; nil where it was not.
  public func deletion(of digest: Digest) -> Deletion? { ledger.withState { $0.deletions[digest] } }

  public func contains(_ digest: Digest) -> Bool { deletion(of: digest) != nil }

  public var count: Int { ledger.withState { $0.deletions.count } }

  var all: [Digest: Deletion] { ledger.withState { $0.deletions } }

  /// Writes down that these are deleted, then deletes them; what was written down before is only deleted.
  public func delete(_ deletions: [Deletion], at now: Instant) throws(DiskError) {
    let fresh = deletions.filter { deletion in
      let known = self.deletion(of: deletion.digest)
      return known == nil || (known?.caseID == nil && deletion.caseID != nil)
    }
    try ledger.append(fresh.map { .deleted($0) }, at: now)
    for deletion in deletions { try messages.delete(deletion.digest) }
  }

  /// Deletes what was stored again by somebody who had not seen the deletion yet.
  ///
  /// - Returns: how many there were.
  func deleteAgain() throws(DiskError) -> Int {
    var count = 0
    for digest in all.keys where try messages.holds(digest) {
      try messages.delete(digest)
      count += 1
    }
    return count
  }

  /// Every line again from the disk.
  func readAll(_ body: (LedgerEntry) -> Void) throws(DiskError) -> [LedgerDamage] { try ledger.readAll(body) }
}
