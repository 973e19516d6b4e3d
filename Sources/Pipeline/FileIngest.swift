// `intake ingest`: a backlog or an export taken through the same pipeline as a mailbox.

import Cases
import Deadlines
import MIME
import Synchronization

/// What an ingest did.
public struct IngestReport: Sendable {
  public var reconciliation: Reconciliation
  public var settled: [SettledMessage]
  /// Messages that this ledger held already: handed in before.
  public var known: Int
  public var problems: [MailFileProblem]
}

extension Intake {
  /// Takes in every message under `paths` as mail of one mailbox.
  ///
  /// - Parameter received: when they were received; nil to use what each file tells: the Maildir's or mbox's
  ///   delivery time, else the topmost Received line (written by our own server), else now.
  /// - Parameter progress: called with the number of messages read so far.
  public func ingest(
    _ paths: [String], as mailbox: MailboxRules, received: Instant?,
    progress: @escaping @Sendable (Int) -> Void
  ) async throws -> IngestReport {
    let ledger = try await pool.run { [data] in try Ledger(data, mailbox: mailbox.name) }
    var settled = try await onOwnThread { try self.redoPending(ledger, rules: mailbox) }
    let line = AssemblyLine(intake: self, ledger: ledger, rules: mailbox)
    let (read, problems) = try await onOwnThread {
      var read = 0
      var problems: [MailFileProblem] = []
      for path in paths {
        try MailFiles.forEach(path) { message in
          line.add(
            IncomingMessage(
              source: nil, content: .memory(message.content),
              internalDate: received ?? message.delivered ?? Self.topStamp(message.content)))
          read += 1
          progress(read)
        } problem: {
          problems.append($0)
        }
      }
      return (read, problems)
    }
    let now = try await line.finish()
    settled += now
    return IngestReport(
      reconciliation: ledger.withState { Reconciliation(mailbox: mailbox.name, state: $0) }, settled: settled,
      known: read - now.count, problems: problems)
  }

  private static func topStamp(_ bytes: [UInt8]) -> Instant? {
    Message(parsing: MessageBytes(bytes)).receivedStamps.first.map { Instant(unixSeconds: $0.unixSeconds) }
  }
}
