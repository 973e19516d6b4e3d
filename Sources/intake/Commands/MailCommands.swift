// run, poll, ingest: taking mail in.

import Alarms
import ArgumentParser
import Cases
import Deadlines
import Foundation
import IMAP
import Logging
import Monitoring
import Outbound
import Pipeline
import Review
import Transport
import Triage

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Watch every mailbox and record what comes, until stopped.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options))
    let data = try workplace.openData()
    let intake = try workplace.makeIntake(data)
    let mailboxes = try workplace.mailboxes()
    let registry = workplace.beginMetrics(
      mailboxes: mailboxes.map(\.rules.name), model: try workplace.models.current().name)
    let logger = workplace.logger
    let section = workplace.configuration.acknowledge
    // Without `acknowledge:` the desk shows drafts where it can; that it cannot must not keep mail from being taken in.
    let acknowledger =
      section == nil
      ? try? workplace.acknowledger(data, index: intake.index)
      : try workplace.acknowledger(data, index: intake.index)
    let sender = try section.map { try workplace.sender(data, index: intake.index, $0) }
    let watchers = mailboxes.map { settings in
      MailboxWatcher(settings, intake: intake, logger: logger) { report in
        if report.settled.isEmpty { return }
        if let sender { acknowledger?.acknowledge(report.settled, logger: logger) { sender.wake() } }
        logger.notice("recorded", metadata: ["reconciliation": "\(report.reconciliation)"])
      }
    }
    var serving: Task<Void, Never>?
    if let desk = workplace.configuration.desk {
      var settings = DeskSettings(
        organisation: workplace.configuration.organisation.name, origin: desk.origin, zone: desk.zone)
      settings.openID = workplace.openID
      let server = try workplace.makeDesk(
        data, index: intake.index, settings,
        letters: acknowledger.map { acknowledger in
          DeskLetters(
            acknowledger: acknowledger,
            remark: sender == nil
              ? "No mail server is configured (acknowledge:), so what is queued waits." : nil
          ) { sender?.wake() }
        })
      serving = Task {
        do {
          try await server.run(host: desk.host, port: desk.port)
        } catch {
          // Mail is taken in all the same: a desk that is down is seen, a mailbox that nobody watches is not.
          logger.error(
            "the desk does not serve",
            metadata: ["address": "\(desk.host):\(desk.port)", "error": "\(error)"])
        }
      }
      workplace.log.say("the desk is at \(desk.origin)")
    }
    let collector = try workplace.makeCollector(data, index: intake.index, watchers: watchers)
    let gauges = VitalsMetrics(
      troubles: PipelineMetrics.troubles, aim: workplace.configuration.triage.aim.missRate)
    collector.observe { gauges.show($0) }
    let alarms = try workplace.alarmService(data, index: intake.index, collector: collector)
    collector.start()
    let monitoring = try workplace.configuration.monitoring.map {
      try workplace.serveMonitoring($0, registry, collector)
    }
    let desk = serving
    let retention = workplace.configuration.retention.flatMap {
      $0.isDaily ? DailyRetention(intake, rules: $0.rules, logger: logger) : nil
    }
    retention?.start()
    let manager = ServiceManager()
    let stop = StopSignals {
      manager?.tell("STOPPING=1", "STATUS=finishing what is under way")
      retention?.stop()
      collector.stop()
      monitoring?.cancel()
      alarms?.stop()
      for watcher in watchers { watcher.stop() }
      sender?.stop()
      desk?.cancel()
    }
    defer { stop.cancel() }
    workplace.log.say("watching \(mailboxes.map(\.rules.name).joined(separator: ", ")); Ctrl-C ends")
    let watch = manager.map { manager in
      Task { await Self.watch(watchers, sender, alarms, manager, logger).run() }
    }
    defer { watch?.cancel() }
    await withTaskGroup(of: Void.self) { group in
      for watcher in watchers { group.addTask { await watcher.run() } }
      if let alarms { group.addTask { await alarms.run() } }
      if let sender {
        acknowledger?.acknowledgeRecent(logger: logger)
        group.addTask { await sender.run() }
      }
    }
  }

  /// What the service manager is told, and by what it knows that the service is alive.
  private static func watch(
    _ watchers: [MailboxWatcher], _ sender: Sender?, _ alarms: AlarmService?, _ manager: ServiceManager,
    _ logger: Logger
  ) -> ServiceWatch {
    var loops = watchers.map { watcher in
      WatchedLoop(name: watcher.poller.settings.rules.name) { watcher.poller.heartbeat.silence }
    }
    if let alarms { loops.append(WatchedLoop(name: "alarms") { alarms.heartbeat.silence }) }
    if let sender { loops.append(WatchedLoop(name: "outbox") { sender.heartbeat.silence }) }
    return ServiceWatch(
      manager: manager, loops: loops,
      status: {
        ServiceWatch.status(watchers.map { ($0.poller.settings.rules.name, $0.currentHealth) })
      }, logger: logger)
  }
}

struct PollCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll", abstract: "One pass over every mailbox, or one; prints the reconciliation.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "Only this mailbox.") var mailbox: String?

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options))
    let data = try workplace.openData()
    let intake = try workplace.makeIntake(data)
    var mailboxes = try workplace.mailboxes()
    if let mailbox {
      mailboxes.removeAll { $0.rules.name != mailbox }
      guard !mailboxes.isEmpty else {
        let names = workplace.configuration.mailboxes.map(\.name).joined(separator: ", ")
        throw BadInput("there is no mailbox \(mailbox) in the configuration; it has \(names)")
      }
    }
    let logger = workplace.logger
    let results = await withTaskGroup(of: (Int, Result<PassReport, any Error>).self) { group in
      for (index, settings) in mailboxes.enumerated() {
        group.addTask {
          let poller = MailboxPoller(settings, intake: intake, logger: logger)
          do {
            let report = try await poller.pass()
            await poller.close()
            return (index, .success(report))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var results: [(Int, Result<PassReport, any Error>)] = []
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }
    }
    var firstError: (any Error)?
    var needsPerson = false
    for (index, result) in results {
      switch result {
      case .success(let report):
        print(report.reconciliation)
        for anomaly in report.anomalies { print("  note: \(anomaly)") }
        if report.reconciliation.gap != 0 || report.reconciliation.pending > 0 { needsPerson = true }
      case .failure(let error):
        StandardError.write("intake: \(mailboxes[index].rules.name): \(error)")
        firstError = firstError ?? error
      }
    }
    if let firstError { throw ExitCode((ExitStatus(for: firstError) ?? .unreachable).rawValue) }
    if needsPerson { throw NeedsPerson("some messages are pending or unaccounted for; see above") }
  }
}

struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "The same pipeline over .eml files, mbox files, Maildirs and folders of them.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "Files and folders.") var paths: [String]
  @Option(help: "The mailbox that the mail belongs to.") var mailbox = "ingest"
  @Option(help: "When it was received, as 2026-11-23T09:30:00Z; otherwise as each file tells.")
  var received: String?

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
    guard Configuration.isMailboxName(mailbox) else {
      throw ValidationError(
        "--mailbox: letters, digits, dots, dashes and underscores only, not beginning with a dot")
    }
  }

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    var instant: Instant?
    if let received {
      guard let parsed = Instant(iso8601: received) else {
        throw BadInput("--received \(received): write it as 2026-11-23T09:30:00Z")
      }
      instant = parsed
    }
    let intake = try workplace.makeIntake(workplace.openData())
    let configured = workplace.configuration.mailboxes.first { $0.name == mailbox }
    let rules = MailboxRules(name: mailbox, country: configured?.country, regimes: configured?.regimes)
    let progress = Progress()
    let report = try await intake.ingest(paths, as: rules, received: instant) { progress.show($0) }
    progress.end()
    for problem in report.problems { StandardError.write("intake: \(problem)") }
    print(report.reconciliation)
    if report.known > 0 { print("  \(report.known) of them were here already") }
    if !report.problems.isEmpty {
      throw NeedsPerson("\(report.problems.count) files could not be read; the rest was taken in")
    }
    if report.reconciliation.gap != 0 { throw NeedsPerson("the sum does not come out; run `intake verify`") }
  }
}

/// A counter on a terminal's standard error; silent elsewhere.
private final class Progress: Sendable {
  private let isTerminal = isatty(2) == 1

  func show(_ count: Int) {
    guard isTerminal, count % 50 == 0 else { return }
    FileHandle.standardError.write(Data("\r\(count) messages".utf8))
  }

  func end() { if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) } }
}

/// Calls a closure once on SIGINT or SIGTERM.
final class StopSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ body: @escaping @Sendable () -> Void) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: body)
      source.resume()
      return source
    }
  }

  func cancel() { for source in sources { source.cancel() } }
}
