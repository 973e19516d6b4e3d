// What the tests of Cases share.

import Deadlines
import Foundation

@testable import Cases

/// A data folder of the test's own, removed with it.
final class TemporaryData {
  let path: String
  let data: DataFolder

  init() throws {
    path = NSTemporaryDirectory() + "/intake-cases-" + UUID().uuidString
    data = try DataFolder(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func instant(_ seconds: Int64) -> Instant { Instant(unixSeconds: seconds) }

func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8)) }

func arrival(_ uid: UInt32, epoch: UInt32 = 1, _ text: String? = nil) -> Arrival {
  Arrival(
    source: .imap(uidValidity: epoch, uid: uid), digest: digest(text ?? "message \(uid)"), size: 10,
    internalDate: instant(1_700_000_000), seen: instant(1_700_000_100))
}

func recorded(
  _ text: String, uid: UInt32 = 1, mailbox: String = "inbox", outcome: Outcome = .case,
  messageID: String? = nil
) -> Recorded {
  let source = SourceFacts(
    mailbox: mailbox, source: .imap(uidValidity: 1, uid: uid), internalDate: nil, seen: instant(1_700_000_100)
  )
  return Recorded(
    outcome: outcome,
    message: MessageFacts(
      digest: digest(text), size: 10, source: source, messageID: messageID, subject: "subject of \(text)",
      from: [.init(name: "A Member", address: "member@example.org")]),
    receivedAt: instant(1_700_000_000), receivedHow: "test",
    complainant: Complainant(name: "A Member", address: "member@example.org", how: "sender", confidence: 1),
    country: "GB", verdict: nil, deadlines: Deadlines(all: []))
}
