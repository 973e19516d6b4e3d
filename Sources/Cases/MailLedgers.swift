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
      for mailbox in try Ledger.mailboxes(in: data) {
        if let known = ledgers[mailbox] {
          try known.refresh()
        } else {
          ledgers[mailbox] = try Ledger(data, mailbox: mailbox)
        }
      }
      return ledgers.mapValues(\.state)
    }
  }
}
