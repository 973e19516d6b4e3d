// A case as `intake export` writes it: its dates, its outcome, and whether what was due was done in time
// (`intake.export/1`, docs/json.md).

import Cases
import Deadlines

/// One case, as named cells in the order of the columns: CSV and JSON are made of the same.
struct ExportLine: Encodable {
  static let schema = "intake.export/1"

  enum Cell {
    case text(String?)
    case number(Int)
    case fraction(Double)
  }

  let cells: [(name: String, cell: Cell)]

  /// What was due, and what became of it.
  enum Service: String {
    case met, late
    /// Still to be done, in time or past due.
    case due, overdue
    /// The case ended without it.
    case notMade = "not-made"
  }

  init(_ current: Case, at now: Instant) {
    let row = CaseRow(current)
    let standing = current.standing
    let ending = standing.last { [.closed, .dismissed, .merged].contains($0.kind) }
    // A follow-up reopens a case: what ended it before is no longer how it ended.
    let end = [.closed, .dismissed].contains(current.state) ? ending : nil
    let closure = current.state == .closed ? current.closure : nil
    func time(_ instant: Instant?) -> Cell { .text(instant?.description) }
    cells = [
      ("reference", .text(row.id.reference.description)), ("id", .text(row.id.text)),
      ("state", .text(row.state.rawValue)), ("outcome", .text(Self.outcome(current))),
      ("outcome_at", time(end?.at)), ("outcome_by", .text(end?.by)),
      ("outcome_reason", .text(end?.details.reason)),
      ("merged_into", .text(current.mergedInto?.reference.description)), ("category", .text(row.category)),
      ("severity", .number(row.severity)), ("probability", .fraction(row.probability)),
      ("reason", .text(row.reason)), ("flags", .text(row.flags.joined(separator: " "))),
      ("mailbox", .text(row.mailbox)), ("country", .text(row.country)), ("received_at", time(row.receivedAt)),
      ("recorded_at", time(current.events.first?.at)), ("acknowledge_by", time(row.acknowledgeBy)),
      ("acknowledge_regime", .text(row.acknowledgeRegime)), ("acknowledged_at", time(current.acknowledgedAt)),
      ("acknowledged_by", .text(current.acknowledgement?.by)),
      (
        "acknowledgement",
        .text(Self.service(current, due: row.acknowledgeBy, done: current.acknowledgedAt, at: now)?.rawValue)
      ), ("final_by", time(row.finalBy)),
      (
        "final",
        .text(
          Self.service(
            current, due: row.finalBy, done: current.state == .closed ? current.closedAt : nil, at: now)?
            .rawValue)
      ), ("assignee", .text(row.assignee)), ("subject", .text(row.subject)),
      ("complainant_name", .text(current.complainant.name)),
      ("complainant_address", .text(current.complainant.address)),
      ("messages", .number(current.messages.count)), ("events", .number(row.events)),
      ("changed_at", time(row.changedAt)),
      ("finding", .text(closure?.outcome.rawValue)), ("root_cause", .text(closure?.rootCause)),
      ("product", .text(closure?.product)), ("redress", .text(closure?.redress?.kind.rawValue)),
      ("redress_amount", .text(closure?.redress?.amount)),
    ]
  }

  /// What it turned out to be.
  private static func outcome(_ current: Case) -> String {
    if current.wasErasedOpen { return "erased" }
    return switch current.state {
    case .possible, .quarantined: "undecided"
    case .open, .acknowledged: "complaint"
    case .dismissed: "not-a-complaint"
    case .closed: current.mergedInto == nil ? "complaint" : "merged"
    }
  }

  /// Nil where nothing was due: no regime set a date, it is no complaint, or another case answers for it.
  private static func service(_ current: Case, due: Instant?, done: Instant?, at now: Instant) -> Service? {
    guard let due, current.state != .dismissed, current.mergedInto == nil else { return nil }
    if let done { return done < due ? .met : .late }
    if current.state == .closed { return .notMade }
    return now < due ? .due : .overdue
  }

  // MARK: formats

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: Key(stringValue: "schema"))
    for (name, cell) in cells {
      switch cell {
      case .text(let text): try container.encodeIfPresent(text, forKey: Key(stringValue: name))
      case .number(let number): try container.encode(number, forKey: Key(stringValue: name))
      case .fraction(let number): try container.encode(number, forKey: Key(stringValue: name))
      }
    }
  }

  /// The names of the columns, in their order; a test holds them against a line's.
  static let heading = [
    "reference", "id", "state", "outcome", "outcome_at", "outcome_by", "outcome_reason", "merged_into",
    "category",
    "severity", "probability", "reason", "flags", "mailbox", "country", "received_at", "recorded_at",
    "acknowledge_by", "acknowledge_regime", "acknowledged_at", "acknowledged_by", "acknowledgement",
    "final_by",
    "final", "assignee", "subject", "complainant_name", "complainant_address", "messages", "events",
    "changed_at", "finding", "root_cause", "product", "redress", "redress_amount",
  ].joined(separator: ",")

  var csv: String {
    cells.map { _, cell in
      switch cell {
      case .text(let text): CSV.field(text ?? "")
      case .number(let number): String(number)
      case .fraction(let number): Self.thousandths(number)
      }
    }.joined(separator: ",")
  }

  /// `0.875`.
  private static func thousandths(_ number: Double) -> String {
    let value = Int((min(max(number, 0), 1) * 1000).rounded())
    let digits = String(value % 1000)
    return "\(value / 1000)." + String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }
}
