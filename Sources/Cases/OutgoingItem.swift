// A message of ours in outbox/: written once, then only moved from folder to folder.

import Deadlines
import FoundationEssentials

/// One message to be sent, with everything that sending and proof need (schema `intake.outgoing/1`, docs/json.md).
public struct OutgoingItem: Codable, Sendable {
  public static let schema = "intake.outgoing/1"

  public let schema: String
  public let caseID: CaseID
  /// The number of the case's `queued` event.
  public let event: Int
  public let facts: OutgoingFacts
  /// The envelope's sender (RFC 5321 MAIL FROM).
  public let sender: String
  public let queuedAt: Instant
  public let queuedBy: String
  /// The whole message as it goes out, RFC 5322 with CRLF, ASCII only.
  public let message: String

  public init(
    caseID: CaseID, event: Int, facts: OutgoingFacts, sender: String, queuedAt: Instant, queuedBy: String,
    message: String
  ) {
    schema = Self.schema
    self.caseID = caseID
    self.event = event
    self.facts = facts
    self.sender = sender
    self.queuedAt = queuedAt
    self.queuedBy = queuedBy
    self.message = message
  }

  public var digest: Digest { facts.digest }

  /// `<case id>-<event>.json`: what it is called in every folder.
  public static func fileName(_ id: CaseID, _ event: Int) -> String { "\(id.text)-\(event).json" }
  public var fileName: String { Self.fileName(caseID, event) }

  /// A file of ours stays below 256 KiB: texts are capped at 100 kB; more is damage.
  static let limit = 4 << 20

  /// - Throws: `CaseDamage` where the file is none of ours; `DiskError`.
  public static func read(_ path: String) throws -> OutgoingItem {
    guard let bytes = try DurableFile.read(path, limit: limit) else {
      throw DiskError(call: "open", path: path, code: 2)  // ENOENT
    }
    do {
      let item = try JSONDecoder().decode(OutgoingItem.self, from: Data(bytes))
      guard item.schema == schema else {
        throw CaseDamage(path: path, what: "schema \(item.schema) is not \(schema); use the newer program")
      }
      return item
    } catch let error as DecodingError {
      throw CaseDamage(path: path, what: "cannot be read: \(error)")
    }
  }

  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self)) + [0x0A]
  }

  enum CodingKeys: String, CodingKey {
    case schema, event, sender, message
    case caseID = "case"
    case facts = "outgoing"
    case queuedAt = "queued_at"
    case queuedBy = "queued_by"
  }
}
