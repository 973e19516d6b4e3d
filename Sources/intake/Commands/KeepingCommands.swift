// reconcile, verify, reindex, retry, stats, doctor: keeping it sound.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import IMAP
import Pipeline
import Review

struct ReconcileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile", abstract: "Account for every message that each mailbox showed, from the ledger."
  )
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "Only this mailbox.") var mailbox: String?

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    let names = try Ledger.mailboxes(in: desk.data).filter { mailbox == nil || $0 == mailbox }
    if names.isEmpty {
      throw BadInput("\(desk.data.path): no ledger\(mailbox.map { " of mailbox \($0)" } ?? "") yet")
    }
    var gaps = 0
    var pending = 0
    for name in names {
      let ledger = try Ledger(desk.data, mailbox: name)
      let sum = ledger.withState { Reconciliation(mailbox: name, state: $0) }
      print(sum)
      if sum.gap != 0 { gaps += 1 }
      pending += sum.pending
      for damage in ledger.withState({ $0.damage }) {
        StandardError.write("intake: ledger/\(name)/\(damage)")
      }
    }
    let deleted = try Deletions(desk.data).count
    if deleted > 0 { print("\(deleted) messages were deleted since, on purpose (retention, erasure)") }
    if gaps > 0 { throw NeedsPerson("\(gaps) mailboxes do not add up; run `intake verify`") }
    if pending > 0 {
      throw NeedsPerson("\(pending) messages are pending; `intake poll` or `intake retry` goes on with them")
    }
  }
}

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every message, ledger line and case against its digest and its neighbours.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    let report = try verify(desk.data)
    for finding in report.findings { print(finding) }
    print(
      "\(report.messages) messages, \(report.cases) cases with \(report.events) events, "
        + "\(report.ledgerEntries) ledger lines"
        + (report.erased > 0 ? ", \(report.erased) cases erased" : "")
        + (report.deletions > 0 ? ", \(report.deletions) messages deleted on purpose" : "")
        + ": \(report.findings.isEmpty ? "clean" : "\(report.findings.count) findings")"
    )
    if !report.findings.isEmpty { throw NeedsPerson() }
  }
}

struct ReindexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Make queue links and index anew from the cases.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let (cases, _) = try reindex(workplace.openData())
    print("\(cases) cases indexed")
  }
}

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Process again what has arrived but has no outcome.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let data = try workplace.openData()
    let intake = try workplace.makeIntake(data)
    for name in try Ledger.mailboxes(in: data) {
      let configured = workplace.configuration.mailboxes.first { $0.name == name }
      let rules = MailboxRules(name: name, country: configured?.country, regimes: configured?.regimes)
      let sum = try await intake.retry(rules)
      print(sum)
    }
  }
}

struct StatsCommand: AsyncParsableCommand {
  enum Grouping: String, ExpressibleByArgument, CaseIterable {
    case day, week, category, mailbox, country, outcome
  }

  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Volumes and service levels.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "day, week, category, mailbox, country or outcome.") var by: Grouping = .category
  @Option(help: "Received on or after this day, 2026-11-23.") var since: String?
  @Flag(help: "As JSON, one line a group (schema intake.stats/1).") var json = false
  @Flag(
    help: "How many complaints were passed over, estimated from the messages drawn at random for a check.")
  var misses = false
  @Flag(help: "As CSV.") var csv = false

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    var start: Instant?
    if let since {
      guard let instant = Instant(iso8601: since + "T00:00:00Z") else {
        throw BadInput("--since \(since): write it as 2026-11-23")
      }
      start = instant
    }
    if misses {
      let estimate = try Statistics.misses(desk)
      if json {
        print(try JSONOutput.line(estimate))
      } else {
        for line in Statistics.lines(estimate) { print(line) }
      }
      return
    }
    let statistics =
      by == .outcome
      ? try Statistics.byOutcome(desk.data)
      : try Statistics.ofCases(
        desk.index.list(CaseFilter(limit: .max)), by: by, since: start, now: Pipeline.Intake.systemNow())
    if json {
      for row in statistics.rows { print(try JSONOutput.line(row)) }
    } else if csv {
      for line in statistics.csv { print(line) }
    } else {
      for line in statistics.lines { print(line) }
    }
  }
}

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Check folders, permissions, clock and calendars, and sign in to each mailbox read-only and to the mail server."
  )
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    var findings = workplace.doctorFindings()
    for finding in findings { print(finding) }
    for mailbox in workplace.configuration.mailboxes {
      let finding = await workplace.checkMailbox(mailbox)
      print(finding)
      findings.append(finding)
    }
    for finding in [await workplace.checkAcknowledgements(), workplace.checkOpenID()].compactMap({ $0 }) {
      print(finding)
      findings.append(finding)
    }
    if findings.contains(where: { $0.level == .fail }) { throw NeedsPerson() }
  }
}

extension Workplace {
  /// Whether the sign-in service answers; nil where there is none.
  fileprivate func checkOpenID() -> DoctorFinding? {
    guard let openID else { return nil }
    let problem = openID.problem(at: Pipeline.Intake.systemNow())
    return DoctorFinding(
      level: problem == nil ? .ok : .fail, what: "single sign-on",
      detail: "\(openID.issuer): \(problem ?? "its documents are there")",
      advice: problem == nil
        ? ""
        : "issuer must be spelt as in ISSUER/.well-known/openid-configuration, and be reachable from here")
  }
}
