// cases, show and the decisions: the queue from the shell.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline

extension CaseState: ExpressibleByArgument {}

struct CasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases", abstract: "List cases, by what must happen next.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "possible, open, acknowledged, closed, dismissed or quarantined.") var state: CaseState?
  @Option(help: "A category (service.delay_no_response) or group (service).") var category: String?
  @Option(help: "Not acknowledged and due before this instant (2026-12-24T17:30:00Z) or day (2026-12-24).")
  var dueBefore: String?
  @Flag(help: "Not acknowledged and past due.") var overdue = false
  @Option(help: "Words in subject, complainant or text.") var search: String?
  @Flag(help: "As JSON, one line a case (schema intake.case/1).") var json = false
  @Flag(help: "As CSV, safe for spreadsheets.") var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json or --csv, not both") }
  }

  func run() async throws {
    let shared = options.over(parent.options)
    let desk = try CaseDesk(shared)
    var filter = CaseFilter(state: state, category: category, search: search)
    if let dueBefore {
      guard let instant = Instant(iso8601: dueBefore) ?? Instant(iso8601: dueBefore + "T00:00:00Z") else {
        throw BadInput("--due-before \(dueBefore): write it as 2026-12-24 or 2026-12-24T17:30:00Z")
      }
      filter.dueBefore = instant
    }
    if overdue { filter.dueBefore = Pipeline.Intake.systemNow() }
    let rows = try desk.index.list(filter)
    if json {
      for row in rows { print(try JSONOutput.line(CaseLine(row))) }
    } else if csv {
      print(CaseLine.csvHeading)
      for row in rows { print(CaseLine(row).csv) }
    } else {
      for line in desk.table.lines(rows, now: Pipeline.Intake.systemNow()) { print(line) }
    }
  }
}

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a case whole.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "A reference, C-7F3K-9QXD, or a case id.") var id: String
  @Flag(help: "Its events as JSON, one a line (schema intake.event/1).") var json = false
  @Flag(help: "The message as it arrived.") var raw = false

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    let current = try desk.find(id)
    if raw {
      let path = desk.messages.path(of: current.recorded.message.digest)
      guard let bytes = try DurableFile.read(path, limit: 512 << 20) else {
        throw BadInput("\(path): the message is missing; run `intake verify`")
      }
      FileHandle.standardOutput.write(Data(bytes))
    } else if json {
      for event in current.events { print(try JSONOutput.line(event)) }
    } else {
      for line in desk.description(of: current) { print(line) }
    }
  }
}

/// Options that every decision has.
struct DecisionOptions: ParsableArguments {
  @Argument(help: "A reference, C-7F3K-9QXD, or a case id.") var id: String
  @Option(help: "Who decides (default: the user's login name).") var by: String?
  @Option(help: "Why.") var reason: String?
  @Option(help: "Decide only if the case has this many events, as last seen.") var after: Int?

  func validate() throws {
    if let by, by.utf8.count > 100 || by.isEmpty { throw ValidationError("--by: 1 to 100 bytes") }
    if let reason, reason.utf8.count > 10_000 { throw ValidationError("--reason: at most 10,000 bytes") }
  }

  var name: String { Self.name(by) }

  /// Who decides, as named or as signed in to the system.
  static func name(_ by: String?) -> String {
    by ?? ProcessInfo.processInfo.environment["USER"] ?? getpwuid(getuid()).map {
      String(cString: $0.pointee.pw_name)
    }
      ?? "unknown"
  }
}

/// Appends one decision to a case and prints where it stands.
private func decide(
  _ kind: CaseEvent.Kind, _ decision: DecisionOptions, _ shared: SharedOptions,
  details: (CaseDesk, Case) throws -> CaseEvent.Details
) throws {
  let desk = try CaseDesk(shared)
  let current = try desk.find(decision.id)
  let details = try details(desk, current)
  let updated = try desk.store.append(
    kind, to: current.id, by: decision.name, at: Pipeline.Intake.systemNow(),
    after: decision.after ?? current.events.count, details: details)
  try desk.index.put([(updated, text: nil)])
  print("\(updated.reference) \(kind.rawValue), now \(updated.state.rawValue)")
}

struct ConfirmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "confirm", abstract: "It is a complaint.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func run() async throws {
    try decide(.confirmed, decision, options.over(parent.options)) { _, _ in .init(reason: decision.reason) }
  }
}

struct DismissCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dismiss", abstract: "It is not a complaint; a reason is required.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws {
    guard decision.reason?.isEmpty == false else { throw ValidationError("--reason TEXT: say why") }
  }

  func run() async throws {
    try decide(.dismissed, decision, options.over(parent.options)) { _, _ in .init(reason: decision.reason) }
  }
}

struct RecategoriseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recategorise", abstract: "Give a case another category.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "A leaf of the taxonomy, such as service.delay_no_response.") var category: String

  func run() async throws {
    try decide(.recategorised, decision, options.over(parent.options)) { desk, _ in
      guard desk.categories.contains(category) else {
        throw BadInput(
          "--category \(category): not in the taxonomy; it has \(desk.categories.sorted().joined(separator: ", "))"
        )
      }
      return .init(reason: decision.reason, category: category)
    }
  }
}

struct AssignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "assign", abstract: "Give a case to somebody.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "To whom.") var to: String

  func run() async throws {
    try decide(.assigned, decision, options.over(parent.options)) { _, _ in
      .init(reason: decision.reason, assignee: to)
    }
  }
}

struct NoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Add a note (--reason TEXT).")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws {
    guard decision.reason?.isEmpty == false else { throw ValidationError("--reason TEXT: the note") }
  }

  func run() async throws {
    try decide(.noted, decision, options.over(parent.options)) { _, _ in .init(reason: decision.reason) }
  }
}

struct AcknowledgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acknowledge",
    abstract: "Record that a person has acknowledged a case; or show the draft, or queue it to be sent.",
    discussion: """
      Without --draft or --send nothing is sent: it records what a person did elsewhere, and when. With --send the \
      letter is queued, and `intake run` sends it; `intake outbox` shows where it stands.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Flag(help: "Print the draft and what stands against sending it.") var draft = false
  @Flag(help: "Queue it to be sent.") var send = false
  @Option(help: "With --send: a file with the text, in place of the template's.") var text: String?
  @Option(help: "With --send: another address than the complainant's.") var to: String?
  @Flag(help: "With --send: send although the address is not the sender's, or got several already.")
  var sure = false

  func validate() throws {
    if draft && send { throw ValidationError("--draft or --send, not both") }
    if !send && (text != nil || to != nil || sure) {
      throw ValidationError("--text, --to and --sure go with --send")
    }
  }

  func run() async throws {
    let shared = options.over(parent.options)
    if draft { return try AcknowledgementShell(shared).printDraft(decision.id) }
    if send { return try AcknowledgementShell(shared).send(decision, textFile: text, to: to, isSure: sure) }
    try decide(.acknowledged, decision, shared) { _, current in
      guard current.acknowledgedAt == nil else {
        throw BadInput(
          "\(current.reference): was acknowledged already, at \(current.acknowledgedAt?.description ?? "")")
      }
      return .init(reason: decision.reason)
    }
  }
}

struct CloseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a case; a reason is required.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws {
    guard decision.reason?.isEmpty == false else { throw ValidationError("--reason TEXT: the outcome") }
  }

  func run() async throws {
    try decide(.closed, decision, options.over(parent.options)) { _, _ in .init(reason: decision.reason) }
  }
}

struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Close a case as part of another, which goes on.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "The case that goes on.") var into: String

  func run() async throws {
    try decide(.merged, decision, options.over(parent.options)) { desk, current in
      let target = try desk.find(into)
      guard target.id != current.id else { throw BadInput("a case cannot be merged into itself") }
      guard target.mergedInto == nil else {
        throw BadInput(
          "\(target.reference) was itself merged into \(target.mergedInto?.reference.description ?? "")")
      }
      return .init(reason: decision.reason, mergedInto: target.id)
    }
  }
}
