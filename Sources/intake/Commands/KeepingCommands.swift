// reconcile, verify, reindex, retry, stats, doctor: keeping it sound.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import IMAP
import Monitoring
import Pipeline
import Review
import Triage

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
    commandName: "stats", abstract: "Volumes and service levels.",
    discussion: """
      With --figures everything that the desk's volumes page shows, for the days --from to --to; denominators go by \
      due date. Days and business days are those of the configuration's section reporting.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "day, week, category, mailbox, country or outcome.") var by: Grouping = .category
  @Option(help: "Received on or after this day, 2026-11-23.") var since: String?
  @Flag(help: "All figures of a range of days.") var figures = false
  @Option(help: "With --figures: the first day (default: 90 days ago).") var from: String?
  @Option(help: "With --figures: the last day (default: today).") var to: String?
  @Option(help: "With --figures: hour, day, week or month.") var period: FigurePeriod = .week
  @Option(help: "With --figures: mailbox, category, group, country, regime, root-cause or product.")
  var split: MeasureFilter.Dimension?
  @Flag(
    help: "As JSON, one line a group (schema intake.stats/1); with --figures one object (intake.figures/1).")
  var json = false
  @Flag(
    help: "How many complaints were passed over, estimated from the messages drawn at random for a check.")
  var misses = false
  @Flag(help: "As CSV.") var csv = false

  func run() async throws {
    let shared = options.over(parent.options)
    let desk = try CaseDesk(shared)
    let now = Pipeline.Intake.systemNow()
    let days = try Workplace(shared, checkFiles: false).reportingDays()
    func date(_ text: String?, _ option: String) throws -> CivilDate? {
      guard let text else { return nil }
      guard let date = CivilDate(text) else { throw BadInput("\(option) \(text): write it as 2026-11-23") }
      return date
    }
    if figures {
      let last = try date(to, "--to") ?? days.date(now)
      let first = try date(from, "--from") ?? last.adding(days: -90)
      guard first <= last else { throw BadInput("--from \(first) is after --to \(last)") }
      let mail = try MailLedgers(desk.data)
      let figures = try Figures(
        FigureQuery(range: first...last, period: period, by: split), index: desk.index,
        mail: mail.current(), days: days, at: now)
      if json {
        print(try JSONOutput.line(FiguresDocument(figures, days: days)))
      } else {
        for line in csv ? FigureTables.csv(figures) : FigureText.lines(figures) { print(line) }
      }
      return
    }
    let start = try date(since, "--since").map { days.start($0) }
    if misses {
      let estimate =
        try MissEstimate.current(index: desk.index, mail: MailLedgers(desk.data).current())
        ?? MissEstimate(drawn: [], passedOver: 0, confirmed: 0)
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
        desk.index, by: by, since: start, days: days, now: now)
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
    for finding in [
      await workplace.checkAcknowledgements(), await workplace.checkAlarms(), workplace.checkOpenID(),
    ].compactMap({ $0 }) {
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

extension FigurePeriod: ExpressibleByArgument {}
extension MeasureFilter.Dimension: ExpressibleByArgument {}
