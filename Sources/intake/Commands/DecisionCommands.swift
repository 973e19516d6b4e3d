// confirm, dismiss and the other decisions: what the desk can do, from the shell.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline

/// Options that every decision has.
struct DecisionOptions: ParsableArguments {
  @Argument(help: "A reference, C-7F3K-9QXD, or a case id.") var id: String
  @Option(help: "Who decides (default: the user's login name).") var by: String?
  @Option(help: "Why.") var reason: String?
  @Option(help: "Decide only if the case has this many events, as last seen.") var after: Int?

  func validate() throws {
    if let by, by.utf8.count > 100 || by.isEmpty { throw ValidationError("--by: 1 to 100 bytes") }
  }

  /// For decisions that mean nothing without.
  func needsReason(_ what: String) throws {
    guard reason?.isEmpty == false else { throw ValidationError("--reason TEXT: \(what)") }
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

/// A subcommand that appends one decision to a case.
protocol DecisionCommand: AsyncParsableCommand {
  static var decisionName: Decision.Name { get }
  var options: SharedOptions { get }
  var parent: IntakeCommand { get }
  var decision: DecisionOptions { get }
  func fields() throws -> DecisionFields
}

extension DecisionCommand {
  func fields() throws -> DecisionFields { DecisionFields(reason: decision.reason) }

  func run() async throws { try record(options.over(parent.options)) }

  func record(_ shared: SharedOptions) throws {
    let desk = try CaseDesk(shared)
    let current = try desk.find(decision.id)
    let made = try desk.store.decision(
      Self.decisionName, try fields(), on: current, by: decision.name, role: desk.role(of: decision.name),
      rules: desk.rules)
    let updated = try desk.store.decide(
      made, on: current, by: decision.name, at: Pipeline.Intake.systemNow(), after: decision.after,
      rules: desk.rules)
    try desk.index.put(updated, and: desk.store.other(changedWith: updated))
    print("\(updated.reference) \(made.kind.rawValue), now \(updated.state.rawValue)")
  }
}

struct ConfirmCommand: DecisionCommand {
  static let decisionName = Decision.Name.confirm
  static let configuration = CommandConfiguration(commandName: "confirm", abstract: "It is a complaint.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
}

struct DismissCommand: DecisionCommand {
  static let decisionName = Decision.Name.dismiss
  static let configuration = CommandConfiguration(
    commandName: "dismiss", abstract: "It is not a complaint; a reason is required.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws { try decision.needsReason("say why") }
}

struct RecategoriseCommand: DecisionCommand {
  static let decisionName = Decision.Name.recategorise
  static let configuration = CommandConfiguration(
    commandName: "recategorise", abstract: "Give a case another category.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "A leaf of the taxonomy, such as service.delay_no_response.") var category: String

  func fields() -> DecisionFields { DecisionFields(reason: decision.reason, category: category) }
}

struct AssignCommand: DecisionCommand {
  static let decisionName = Decision.Name.assign
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Give a case to somebody.",
    discussion: "Once users have been added (intake user add), to one of them who decides cases.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "To whom.") var to: String

  func fields() -> DecisionFields { DecisionFields(reason: decision.reason, assignee: to) }
}

struct NoteCommand: DecisionCommand {
  static let decisionName = Decision.Name.note
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Add a note (--reason TEXT).")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws { try decision.needsReason("the note") }
}

struct AcknowledgeCommand: DecisionCommand {
  static let decisionName = Decision.Name.acknowledge
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
    try record(shared)
  }
}

struct CloseCommand: DecisionCommand {
  static let decisionName = Decision.Name.close
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a case; a reason is required.",
    discussion: "Root causes, products and who may grant how much are in the configuration, under closing.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "upheld, partly-upheld, not-upheld, withdrawn or resolved-early.") var outcome: String?
  @Option(help: "Why it came to be, such as process.") var rootCause: String?
  @Option(help: "What it is about beside its category, such as membership.") var product: String?
  @Option(help: "apology, correction, refund, distress or ex-gratia.") var redress: String?
  @Option(help: "What is paid, such as \"125.50 GBP\".") var amount: String?

  func validate() throws { try decision.needsReason("how it ended") }

  func fields() -> DecisionFields {
    DecisionFields(
      reason: decision.reason,
      closure: ClosureFields(
        outcome: outcome, rootCause: rootCause, product: product, redress: redress, amount: amount))
  }
}

struct MergeCommand: DecisionCommand {
  static let decisionName = Decision.Name.merge
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Close a case as part of another, which goes on.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "The case that goes on.") var into: String

  func fields() -> DecisionFields { DecisionFields(reason: decision.reason, into: into) }
}

struct SplitCommand: DecisionCommand {
  static let decisionName = Decision.Name.split
  static let configuration = CommandConfiguration(
    commandName: "split", abstract: "Make a second case of the same message, for another category.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "What the new case is about, such as service.delay_no_response.") var category: String

  func fields() -> DecisionFields { DecisionFields(reason: decision.reason, category: category) }
}

struct CorrectCommand: DecisionCommand {
  static let decisionName = Decision.Name.correct
  static let configuration = CommandConfiguration(
    commandName: "correct", abstract: "Correct who complains, or when it was received; a reason is required.",
    discussion: """
      What is not given stays as it is. With another receipt the deadlines are computed anew, by the regimes of the \
      case's mailbox, country and category.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
  @Option(help: "The complainant's name.") var complainant: String?
  @Option(help: "The complainant's address.") var address: String?
  @Option(help: "When it was received, such as 2026-11-23T09:30:00Z.") var received: String?

  func validate() throws {
    try decision.needsReason("say why")
    guard complainant != nil || address != nil || received != nil else {
      throw ValidationError("give --complainant, --address or --received")
    }
  }

  func fields() throws -> DecisionFields {
    let instant = try received.map { text in
      guard let instant = Instant(iso8601: text) else {
        throw BadInput("--received \(text): write it as 2026-11-23T09:30:00Z")
      }
      return instant
    }
    return DecisionFields(
      reason: decision.reason, complainant: complainant, address: address, received: instant)
  }
}

struct UndoCommand: DecisionCommand {
  static let decisionName = Decision.Name.undo
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Take back the last decision of a case; the history keeps both.",
    discussion: "Not an acknowledgement (the complainant has it) nor a note.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions
}
