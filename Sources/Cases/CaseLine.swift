// A case as JSON, for scripts and for the system that takes over: the shell's lines and the API's answers are the
// same (docs/json.md).

import Deadlines
import FoundationEssentials
import Triage

extension CaseRow {
  /// What stands in a list where it said who complains.
  static let erasedComplainant = "erased"

  /// The row of a case as its events add up.
  public init(_ current: Case) {
    let recorded = current.recorded
    let acknowledge = current.deadlines[.acknowledge]
    self.init(
      id: current.id, state: current.state, category: current.category,
      severity: recorded.verdict?.severity ?? 1, probability: recorded.verdict?.probability ?? 0,
      mailbox: recorded.message.source.mailbox, country: recorded.country, receivedAt: current.receivedAt,
      acknowledgeBy: acknowledge?.end, acknowledgeRegime: acknowledge?.regime,
      finalBy: current.deadlines[.final]?.end, acknowledgedAt: current.acknowledgedAt,
      subject: recorded.message.subject,
      complainant: current.isErased
        ? Self.erasedComplainant
        : [current.complainant.name, current.complainant.address].compactMap { $0 }.joined(separator: " "),
      member: recorded.verdict?.memberNumber,
      reason: recorded.quarantineReason ?? recorded.verdict?.reason ?? "",
      flags: (recorded.verdict?.flags ?? []).reduce(into: []) { kinds, flag in
        if !kinds.contains(flag.kind.rawValue) { kinds.append(flag.kind.rawValue) }
      }, assignee: current.assignee,
      events: current.events.count, rank: CaseIndex.rank(current),
      changedAt: current.events.last?.at ?? current.receivedAt)
  }
}

/// A case as one line of JSON (`intake.case/1`).
public struct CaseLine: Encodable, Sendable {
  public let schema = "intake.case/1"
  public let reference: String
  public let id: String
  public let state: String
  public let category: String
  public let severity: Int
  public let probability: Double
  public let mailbox: String
  public let country: String?
  public let receivedAt: String
  public let acknowledgeBy: String?
  public let acknowledgeRegime: String?
  public let finalBy: String?
  public let acknowledgedAt: String?
  public let subject: String
  public let complainant: String
  public let reason: String
  public let flags: [String]
  public let assignee: String?
  /// How many events its history has: what a decision names as seen.
  public let eventCount: Int
  public let changedAt: String

  public init(_ row: CaseRow) {
    reference = row.id.reference.description
    id = row.id.text
    state = row.state.rawValue
    category = row.category
    severity = row.severity
    probability = row.probability
    mailbox = row.mailbox
    country = row.country
    receivedAt = row.receivedAt.description
    acknowledgeBy = row.acknowledgeBy?.description
    acknowledgeRegime = row.acknowledgeRegime
    finalBy = row.finalBy?.description
    acknowledgedAt = row.acknowledgedAt?.description
    subject = row.subject
    complainant = row.complainant
    reason = row.reason
    flags = row.flags
    assignee = row.assignee
    eventCount = row.events
    changedAt = row.changedAt.description
  }

  enum CodingKeys: String, CodingKey {
    case schema, reference, id, state, category, severity, probability, mailbox, country, subject, complainant
    case reason, flags, assignee
    case receivedAt = "received_at"
    case acknowledgeBy = "acknowledge_by"
    case acknowledgeRegime = "acknowledge_regime"
    case finalBy = "final_by"
    case acknowledgedAt = "acknowledged_at"
    case eventCount = "event_count"
    case changedAt = "changed_at"
  }
}

/// A case whole: its line, and what led to it.
public struct CaseDocument: Encodable, Sendable {
  private let current: Case

  public init(_ current: Case) { self.current = current }

  private enum CodingKeys: String, CodingKey {
    case deadlines, verdict, events
    case complainantDetails = "complainant_details"
    case mergedInto = "merged_into"
    case closedAt = "closed_at"
    case heldAt = "held_at"
    case erasedAt = "erased_at"
  }

  public func encode(to encoder: any Encoder) throws {
    try CaseLine(CaseRow(current)).encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(current.complainant, forKey: .complainantDetails)
    try container.encodeIfPresent(current.mergedInto, forKey: .mergedInto)
    try container.encodeIfPresent(current.closedAt, forKey: .closedAt)
    try container.encodeIfPresent(current.heldAt, forKey: .heldAt)
    try container.encodeIfPresent(current.erasedAt, forKey: .erasedAt)
    try container.encode(current.deadlines, forKey: .deadlines)
    try container.encodeIfPresent(current.recorded.verdict, forKey: .verdict)
    try container.encode(current.events, forKey: .events)
  }
}

/// JSON on one line.
public enum JSONLine {
  /// Keys sorted, slashes as they are, no newline at the end.
  public static func bytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
