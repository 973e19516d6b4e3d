// What the tests of Monitoring share.

import Cases
import Deadlines
import Foundation
import Triage

/// A data folder of the test's own, removed with it.
final class TemporaryData {
  let path: String
  let data: DataFolder
  let index: CaseIndex

  init() throws {
    path = NSTemporaryDirectory() + "/intake-monitoring-" + UUID().uuidString
    data = try DataFolder(path)
    index = try CaseIndex(data)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func instant(_ seconds: Int64) -> Instant { Instant(unixSeconds: seconds) }

/// A case on disk and in the index.
struct MadeCase {
  var outcome = Outcome.case
  var flags: [String] = []
  var received: Int64 = 0
  var acknowledgeBy: Int64?
  var finalBy: Int64?
  var mailbox = "complaints"
  /// What happened since, by whom.
  var events: [(kind: CaseEvent.Kind, by: String)] = []

  @discardableResult
  func put(_ name: String, in folder: TemporaryData) throws -> CaseID {
    let id = CaseID(identity: Digest(of: Array(name.utf8)))
    let store = CaseStore(folder.data)
    guard case .recorded(var current) = try store.record(id, try recorded(name), at: instant(received)) else {
      throw CaseDamage(path: name, what: "was there already")
    }
    for (kind, by) in events {
      current = try store.append(
        kind, to: id, by: by, at: instant(received + 1), details: .init(reason: "r"))
    }
    try folder.index.put([(current, text: nil)])
    return id
  }

  private func recorded(_ name: String) throws -> Recorded {
    let digest = Digest(of: Array(name.utf8))
    let source = SourceFacts(
      mailbox: mailbox, source: .file(digest), internalDate: nil, seen: instant(received))
    return Recorded(
      outcome: outcome,
      message: MessageFacts(
        digest: digest, size: 10, source: source, messageID: nil, subject: name,
        from: [.init(name: nil, address: "member@example.org")]),
      receivedAt: instant(received), receivedHow: "test",
      complainant: Complainant(name: nil, address: "member@example.org", how: "sender", confidence: 1),
      country: "GB", verdict: try verdict(), deadlines: try deadlines())
  }

  private func verdict() throws -> Verdict {
    let kinds = flags.map { "{\"kind\":\"\($0)\",\"text\":\"t\"}" }.joined(separator: ",")
    let json = """
      {"band":"complaint","probability":0.9,"category":"other","category_probability":1,"secondary":[],"severity":2,
      "flags":[\(kinds)],"evidence":[],"other_evidence":[],"language":"en","points":[],"rules":[],"model":"m","reason":"r"}
      """
    return try JSONDecoder().decode(Verdict.self, from: Data(json.utf8))
  }

  private func deadlines() throws -> Deadlines {
    let all = [("acknowledge", acknowledgeBy), ("final", finalBy)].compactMap { kind, end in
      end.map {
        """
        {"kind":"\(kind)","date":"2026-01-01","end":"\(instant($0))","regime":"policy","zone":"Europe/London",
        "calendar":"GB-EAW","rule":"r","repeats":false,"derivation":[],"due_text":"d"}
        """
      }
    }
    let json = "{\"all\":[\(all.joined(separator: ","))],\"warnings\":[]}"
    return try JSONDecoder().decode(Deadlines.self, from: Data(json.utf8))
  }
}
