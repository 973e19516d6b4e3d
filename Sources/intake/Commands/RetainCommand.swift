// retain: what has had its time goes, by the rules of `retention:`.

import ArgumentParser
import Cases
import Deadlines
import Dispatch
import Foundation
import Logging
import Pipeline
import Synchronization

struct RetainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retain",
    abstract: "Erase cases and delete mail whose time is over (retention: in the configuration).",
    discussion: """
      Cases are erased as `intake erase` does it: dates, category and digests stay. A held case stays whole. Nothing is \
      ever deleted where no rule says so.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Flag(help: "Only say what would go, and why.") var dryRun = false

  func run() async throws {
    let shared = options.over(parent.options)
    let workplace = try Workplace(shared, checkFiles: false)
    guard let section = workplace.configuration.retention else {
      throw BadInput("\(workplace.configuration.path): has no section retention:, so everything is kept")
    }
    let desk = try CaseDesk(shared)
    let erasure = Erasure(desk.data, index: desk.index, deletions: try Deletions(desk.data))
    let now = Pipeline.Intake.systemNow()
    if !dryRun { try erasure.finishAll(at: now) }
    let retention = Retention(desk.data, erasure: erasure, rules: section.rules)
    let plan = try retention.plan(at: now)
    for going in plan.cases.sorted(by: { $0.ended < $1.ended }) {
      print("\(going.id.reference): its time was over at \(going.ended) (\(going.rule))")
    }
    for id in plan.kept {
      print("\(id.reference): its time is over, and it stays: held, or a letter is on its way")
    }
    for (outcome, digests) in plan.messages.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      print("\(digests.count) messages that were \(outcome.rawValue)")
    }
    if dryRun {
      print(
        "\(plan.cases.count) cases and \(plan.messages.values.reduce(0) { $0 + $1.count }) messages would go")
      return
    }
    let done = try retention.carryOut(plan, at: now)
    print("\(done.cases) cases erased, \(done.messages) messages deleted")
  }
}

/// Carries retention out once a day while the service runs, on a thread of its own. A stop in the middle loses nothing:
/// the next start goes on.
final class DailyRetention: Sendable {
  private let intake: Pipeline.Intake
  private let rules: RetentionRules
  private let logger: Logger
  private let stopped = DispatchSemaphore(value: 0)

  /// The first time a little after the start, so that mail goes first.
  private static let first = 120
  private static let pause = 86400

  init(_ intake: Pipeline.Intake, rules: RetentionRules, logger: Logger) {
    self.intake = intake
    self.rules = rules
    self.logger = logger
  }

  func start() {
    startThread { [self] in
      var wait = Self.first
      while stopped.wait(timeout: .now() + .seconds(wait)) == .timedOut {
        wait = Self.pause
        do {
          let now = intake.currentTime
          let erasure = Erasure(intake.data, index: intake.index, deletions: intake.deletions)
          try erasure.finishAll(at: now)
          let retention = Retention(intake.data, erasure: erasure, rules: rules)
          let done = try retention.carryOut(retention.plan(at: now), at: now)
          logger.notice("retention", metadata: ["cases": "\(done.cases)", "messages": "\(done.messages)"])
        } catch {
          logger.error("retention was not carried out; tried again tomorrow", metadata: ["error": "\(error)"])
        }
      }
    }
  }

  func stop() { stopped.signal() }
}
