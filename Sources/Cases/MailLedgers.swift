// The ledgers of all mailboxes, read on as they grow.

import Synchronization

/// What all ledgers say, kept up to date by reading only what was appended.
public final class MailLedgers: Sendable {
  private let data: DataFolder
  private let ledgers = Mutex<[String: Ledger]>([:])

  public init(_ data: DataFolder) throws { self.data = data }

  /// The state of each mailbox's ledger, with all that is on disk by now; blocks for the disk.
  public func current() throws -> [String: LedgerState] {
    try ledgers.withLock { ledgers in
      for mailbox in try Ledger.mailboxes(in: data) { _ = try read(mailbox, &ledgers) }
      return ledgers.mapValues(\.state)
    }
  }

  /// One mailbox's; nil where it has none.
  public func current(_ mailbox: String) throws -> LedgerState? {
    try ledgers.withLock { ledgers in
      guard try ledgers[mailbox] != nil || Ledger.mailboxes(in: data).contains(mailbox) else { return nil }
      return try read(mailbox, &ledgers).state
    }
  }

  private func read(_ mailbox: String, _ ledgers: inout [String: Ledger]) throws -> Ledger {
    if let known = ledgers[mailbox] {
      try known.refresh()
      return known
    }
    let ledger = try Ledger(data, mailbox: mailbox)
    ledgers[mailbox] = ledger
    return ledger
  }
}
