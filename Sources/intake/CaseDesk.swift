// What the case commands share: finding a case, describing it, the table.

import Cases
import Deadlines
import Foundation
import Pipeline
import Review
import Triage

/// The queue as the shell sees it.
struct CaseDesk {
  let data: DataFolder
  let store: CaseStore
  let messages: MessageStore
  let index: CaseIndex
  let rules: DecisionRules
  let table: CaseTable
  private let users: UserStore

  /// Opens the data folder named on the command line or in the configuration.
  init(_ options: SharedOptions) throws {
    let workplace = try Workplace(options, checkFiles: false)
    let path = workplace.dataPath
    guard FileManager.default.fileExists(atPath: path) else {
      throw BadInput(
        "\(path): there is no data folder; name one with --data, or `data:` in the configuration")
    }
    data = try DataFolder(path)
    store = CaseStore(data)
    messages = MessageStore(data)
    index = try CaseIndex(data)
    let users = try UserStore(data)
    self.users = users
    // Where nobody has been added, the shell's users are those who may read the data folder.
    let isOpen = try users.all().isEmpty
    rules = DecisionRules(
      categories: Set(workplace.taxonomy.leaves.map(\.id)), regimes: workplace.rules,
      closing: workplace.configuration.closing,
      isDecider: { try isOpen || users.decides($0) })
    table = CaseTable(
      times: LocalTimes(zones: workplace.deadlineData.zones), regimes: workplace.deadlineData.regimes)
  }

  /// The role of a user of the desk; nil for somebody who is none.
  func role(of name: String) throws -> String? {
    UserStore.isName(name) ? try users.read(name)?.role.rawValue : nil
  }

  /// The case that a reference or an id names.
  func find(_ text: String) throws -> Case {
    do {
      return try store.find(text)
    } catch let missing as NoSuchCase {
      throw BadInput("\(missing) (in \(data.path))")
    }
  }

  /// A case on a terminal.
  func description(of current: Case) -> [String] {
    let recorded = current.recorded
    let message = recorded.message
    var lines: [String] = []
    func add(_ name: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      lines.append(
        "\(name):" + String(repeating: " ", count: max(1, 16 - name.count)) + value.printable)
    }
    add("Case", "\(current.reference)  (\(current.id))")
    add("State", current.state.rawValue)
    add("Category", current.category)
    add("Merged into", current.mergedInto?.reference.description)
    add("Assignee", current.assignee)
    add("Held", current.heldAt.map { "since \($0): nothing of it may be erased" })
    add(
      "Erased", current.erasedAt.map { "\($0): only dates, category and digests are left, and no message" })
    add("Received", "\(current.receivedAt), \(current.receivedHow)")
    let who = current.complainant
    let name = [who.name, who.address.map { "<\($0)>" }].compactMap { $0 }.joined(separator: " ")
    let sure = who.confidence < 1 ? ", \(who.how), confidence \(String(format: "%.2f", who.confidence))" : ""
    add("Complainant", (current.isErased ? "erased" : name.isEmpty ? "unknown" : name) + sure)
    add("Original date", who.originalDate)
    add("Country", recorded.country)
    add("Subject", message.subject)
    add("Message-ID", message.messageID)
    add("Mailbox", message.source.mailbox)
    add(
      current.isErased ? "Was stored as" : "Stored as",
      "mail/\(message.digest.hex.prefix(2))/\(message.digest.hex).eml, \(message.size) bytes")
    add("Attachments", message.attachments.joined(separator: ", "))
    add("Defects", message.defects.joined(separator: "; "))
    add("Quarantine", recorded.quarantineReason)
    if let verdict = recorded.verdict {
      lines.append("")
      add(
        "Verdict",
        "\(verdict.band.rawValue), \(String(format: "%.2f", verdict.probability)), model \(verdict.model)")
      add("Why", verdict.reason)
      add("Member number", verdict.memberNumber)
      add("Flags", verdict.flags.map { "\($0.kind)" }.joined(separator: ", "))
      for evidence in verdict.evidence.prefix(8) {
        lines.append(
          "  \(String(format: "%+5.2f", evidence.weight))  \(evidence.text.printable)  [\(evidence.rule)]"
        )
      }
    }
    lines.append("")
    for due in current.deadlines.all {
      lines.append("\(due.kind.title): \(due.dueText) (\(due.regime), \(due.rule))")
      for step in due.derivation { lines.append("  \(step)") }
    }
    for warning in current.deadlines.warnings { lines.append("Warning: \(warning)") }
    for note in recorded.notes { lines.append("Note: \(note.printable)") }
    if !recorded.possibleDuplicates.isEmpty {
      add("Perhaps same as", recorded.possibleDuplicates.map(\.reference.description).joined(separator: ", "))
    }
    if !recorded.claimsToBelongTo.isEmpty {
      add("Claims to be in", recorded.claimsToBelongTo.map(\.reference.description).joined(separator: ", "))
    }
    lines.append("")
    for event in current.events {
      let what = event.words
      lines.append(
        "\(event.number). \(event.at) \(event.kind.rawValue) by \(event.by.printable)"
          + (what.isEmpty ? "" : ": \(what.printable)"))
    }
    return lines
  }
}

/// A case as a line of CSV.
extension CaseLine {
  static let csvHeading =
    "reference,state,category,severity,probability,mailbox,country,received_at,acknowledge_by,acknowledge_regime,"
    + "final_by,acknowledged_at,subject,complainant,reason,flags,assignee"

  var csv: String {
    [
      reference, state, category, "\(severity)", String(format: "%.3f", probability), mailbox, country ?? "",
      receivedAt, acknowledgeBy ?? "", acknowledgeRegime ?? "", finalBy ?? "", acknowledgedAt ?? "", subject,
      complainant, reason, flags.joined(separator: " "), assignee ?? "",
    ].map(CSV.field).joined(separator: ",")
  }
}
