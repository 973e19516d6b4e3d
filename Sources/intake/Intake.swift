// The command: its options, its subcommands, and the exit codes that scripts rely on.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import IMAP
import Logging
import Outbound
import Pipeline
import Review
import Transport

@main
struct IntakeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "intake",
    abstract: "Turns complaint mailboxes into recorded cases with acknowledgement deadlines.",
    discussion: """
      Exit codes: 0 done; 1 done, but something needs a person; 64 misuse; 65 bad input; 69 server unreachable; \
      74 disk; 77 refused (authentication, permission); 78 bad configuration.
      """,
    version: Version.current,
    groupedSubcommands: [
      CommandGroup(
        name: "Taking mail in:",
        subcommands: [DemoCommand.self, RunCommand.self, PollCommand.self, IngestCommand.self]),
      CommandGroup(
        name: "Looking at one thing:",
        subcommands: [ParseCommand.self, TriageCommand.self, DeadlineCommand.self]),
      CommandGroup(
        name: "Cases:",
        subcommands: [
          CasesCommand.self, ShowCommand.self, ConfirmCommand.self, DismissCommand.self,
          RecategoriseCommand.self,
          AssignCommand.self, NoteCommand.self, AcknowledgeCommand.self, OutboxCommand.self,
          CloseCommand.self,
          SplitCommand.self, MergeCommand.self, CorrectCommand.self, UndoCommand.self, StatsCommand.self,
          ExportCommand.self,
        ]),
      CommandGroup(
        name: "The classifier:",
        subcommands: [TrainCommand.self, EvaluateCommand.self, ReplayCommand.self, ModelCommand.self]),
      CommandGroup(name: "Who may:", subcommands: [UserCommand.self, TokenCommand.self]),
      CommandGroup(
        name: "Keeping it sound:",
        subcommands: [
          AlarmsCommand.self, ReportCommand.self, ReconcileCommand.self, VerifyCommand.self,
          ReindexCommand.self, RetryCommand.self,
          DoctorCommand.self,
        ]),
      CommandGroup(
        name: "Keeping and erasing:",
        subcommands: [
          HoldCommand.self, ReleaseCommand.self, EraseCommand.self, RetainCommand.self, BackupCommand.self,
          RestoreCommand.self,
        ]),
    ])

  @OptionGroup var options: SharedOptions

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    tuneMemory()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      exit(withIntakeError: error)
    }
  }

  /// glibc keeps a heap for each thread and what was freed in it; with two dozen threads that is half of our memory.
  /// Two heaps, and buffers from 128 KiB on go straight back to the system.
  private static func tuneMemory() {
    // malloc.h is not in Swift's module of the C library, so the function is looked up.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    // M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    for (parameter, value) in [(-8, 2), (-3, 128 << 10), (-1, 256 << 10)] as [(Int32, Int32)] {
      _ = mallopt(parameter, value)
    }
  }

  private static func exit(withIntakeError error: any Error) -> Never {
    guard let code = ExitStatus(for: error) else { exit(withError: error) }
    if !(error is NeedsPerson) || !"\(error)".isEmpty { LogForm(.auto).say("\(error)", level: .critical) }
    Foundation.exit(code.rawValue)
  }
}

/// Options that stand before or after the subcommand.
struct SharedOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "The configuration file (default: config/intake.yaml here, then /etc/intake/intake.yaml).",
    completion: .file())
  var config: String?

  @Option(
    name: .long, help: "The data folder; overrides the configuration's.", completion: .directory)
  var data: String?

  @Flag(name: .long, help: "Log more.")
  var verbose = false

  @Option(
    name: .long,
    help:
      "How standard error is written: text, json, or auto, which is JSON for the journal and text elsewhere.")
  var log: LogChoice?

  /// These, with what stood before the subcommand where they say nothing.
  func over(_ parent: SharedOptions) -> SharedOptions {
    var merged = self
    merged.config = config ?? parent.config
    merged.data = data ?? parent.data
    merged.verbose = verbose || parent.verbose
    merged.log = log ?? parent.log
    return merged
  }
}

/// The exit codes of DESIGN ("The command"), sysexits.h where it has a name.
enum ExitStatus: Int32 {
  case needsPerson = 1
  case badInput = 65
  case unreachable = 69
  case disk = 74
  case refused = 77
  case badConfiguration = 78

  /// The code for an error of ours; nil for what the argument parser itself reports.
  init?(for error: any Error) {
    switch error {
    case is NeedsPerson: self = .needsPerson
    case is BadInput, is CaseDamage, is EventConflict, is DecisionRefusal, is NoSuchCase, is UserProblem,
      is CaseErased, is BackupProblem,
      is AcknowledgementRefusal, is MessageRefusal:
      self = .badInput
    case let error as DataFolderError: self = error.isNewer ? .badConfiguration : .disk
    case is DiskError, is PollError: self = .disk
    case is ConfigurationErrors, is ConfigurationProblems, is TemplateError: self = .badConfiguration
    case let error as IMAPError:
      switch error.kind {
      case .authentication, .authorization, .tls, .oauth, .readOnly, .secret: self = .refused
      case .mailboxMissing, .settings, .unsupported: self = .badConfiguration
      case .disk: self = .disk
      default: self = .unreachable
      }
    default: return nil
    }
  }
}

/// Done, but something needs a person (exit 1); the text may be empty where it was printed already.
struct NeedsPerson: Error, CustomStringConvertible {
  let description: String
  init(_ description: String = "") { self.description = description }
}

/// What was given cannot be used (exit 65).
struct BadInput: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Problems of the files that the configuration names: calendars, regimes, taxonomy.
struct ConfigurationProblems: Error, CustomStringConvertible {
  let problems: [ConfigurationProblem]
  var description: String { problems.map { "\($0)" }.joined(separator: "\nintake: ") }
}

/// The one place that says which version this is; packages read it from `intake --version`.
enum Version {
  static let current = "0.1.0"
}

/// Lines on standard error.
enum StandardError {
  static func write(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
