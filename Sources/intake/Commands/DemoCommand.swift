// demo: the whole thing on one machine, with nothing to configure.

import ArgumentParser
import Cases
import Deadlines
import DemoServer
import Foundation
import IMAP
import Monitoring
import Outbound
import Pipeline
import Review
import Transport
import Triage

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "A loopback mail server with sample mail, the real poller, a real queue in a temporary folder.",
    discussion: """
      The samples' receipt times are spread over the last five days, so that their deadlines lie around now. \
      Without --once it keeps watching: copy an .eml file into the printed folder and see it become a case.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Flag(help: "End after the first pass.") var once = false
  @Option(help: "Loopback port of the desk.") var port: UInt16 = 8080
  @Option(help: "Loopback port of /metrics, /healthz and /readyz.") var monitoringPort: UInt16 = 9464
  @Option(help: "Loopback port of the demo mail server (default: any free one).") var mailPort: UInt16 = 0
  @Option(help: "Send acknowledgements to this server: smtp+loopback://127.0.0.1:PORT.") var smtp: String?
  @Option(help: "The folder of sample messages (default: samples/mailbox here, then the installed ones).")
  var samples: String?

  func run() async throws {
    var shared = options.over(parent.options)
    let keep = shared.data != nil
    let folder = shared.data ?? Self.temporaryFolder()
    shared.data = folder
    defer { if !keep { try? FileManager.default.removeItem(atPath: folder) } }

    let server = DemoServer(options: .init(user: "demo", password: "demo"))
    let places = Places()
    let samples = samples ?? places.samples
    let names = try Self.sampleNames(samples)
    let now = Pipeline.Intake.systemNow().unixSeconds
    // The last one came a minute ago, the first five days before.
    let step = Int64(5 * 86400 / max(names.count, 1))
    try server.load(folder: samples) { _, index in now - 60 - Int64(names.count - 1 - index) * step }
    let mailPort = try server.start(port: mailPort)
    defer { server.stop() }

    var configuration = try Configuration.load(
      path: shared.config ?? places.demoConfiguration, checkFiles: false)
    // Not the configured server: a demonstration writes to nobody outside this machine.
    configuration.acknowledge = try smtp.map { try Self.section($0, configuration) }
    let workplace = try Workplace(shared, configuration: configuration)
    let data = try workplace.openData()
    let intake = try workplace.makeIntake(data)
    let mailbox = MailboxSettings(
      rules: MailboxRules(name: "demo", country: "GB"),
      server: try ServerSettings(url: "imap+loopback://127.0.0.1:\(mailPort)"),
      credentials: .password(user: "demo", secret: .value("demo"), mechanism: .auto), folder: .inbox,
      from: .all,
      after: .keyword("$Intake"))

    print("Mail server imap://127.0.0.1:\(mailPort), \(names.count) messages; queue in \(folder)")
    let screen = DemoScreen(workplace: workplace, intake: intake)
    if once {
      let poller = MailboxPoller(mailbox, intake: intake, logger: workplace.logger)
      let report = try await poller.pass()
      await poller.close()
      try screen.show(report, all: true)
      if report.reconciliation.gap != 0 { throw NeedsPerson("the sum does not come out") }
      return
    }
    let registry = workplace.beginMetrics(
      mailboxes: [mailbox.rules.name], model: try workplace.models.current().name)
    let sender = try workplace.configuration.acknowledge.map {
      try workplace.sender(data, index: intake.index, $0)
    }
    let desk = try serveDesk(workplace, data, intake.index, sender)
    defer { desk.cancel() }
    let sending = Task { await sender?.run() }
    defer { sender?.stop() }
    let drop = folder + "/drop"
    try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
    let watcher = MailboxWatcher(mailbox, intake: intake, logger: workplace.logger) { report in
      try? screen.show(report, all: false)
    }
    let collector = try workplace.makeCollector(data, index: intake.index, watchers: [watcher])
    let gauges = VitalsMetrics(
      troubles: PipelineMetrics.troubles, aim: workplace.configuration.triage.aim.missRate)
    collector.observe { gauges.show($0) }
    collector.start()
    defer { collector.stop() }
    let monitoring = try workplace.serveMonitoring(
      .init(port: Int(monitoringPort)), registry, collector)
    defer { monitoring.cancel() }
    let stop = StopSignals {
      watcher.stop()
      sender?.stop()
    }
    defer { stop.cancel() }
    let delivery = Task { await Self.deliver(from: drop, to: server) }
    defer { delivery.cancel() }
    screen.afterFirstPass = """

      The desk: http://127.0.0.1:\(port)  (you are signed in as anna; a second specialist is ben, both with the \
      password demo-demo)
      Its metrics: http://127.0.0.1:\(monitoringPort)/metrics
      Watching. To see a complaint arrive:  cp YOUR.eml \(drop)/
      In another terminal:  intake --data \(folder) cases     Ctrl-C ends.
      """
    await watcher.run()
    await sending.value
  }

  private static func section(
    _ server: String, _ configuration: Configuration
  ) throws -> Configuration.AcknowledgeSection {
    do {
      guard try ServerAddress(.smtp, url: server).security == .loopbackPlaintext else {
        throw BadInput("--smtp \(server): the demonstration writes to smtp+loopback://127.0.0.1:PORT only")
      }
    } catch let error as MailServerError {
      throw BadInput("--smtp \(server): \(error.detail)")
    }
    var section = Configuration.AcknowledgeSection()
    section.server = server
    section.name = configuration.organisation.name
    section.address = configuration.organisation.addresses.first ?? ""
    section.handler = "The complaints team of \(configuration.organisation.name)"
    section.templates = configuration.templates
    return section
  }

  /// The desk on this machine, where a visitor is signed in at once.
  private func serveDesk(
    _ workplace: Workplace, _ data: DataFolder, _ index: CaseIndex, _ sender: Sender?
  ) throws -> Task<Void, Never> {
    let users = try UserStore(data)
    for (name, role) in [
      ("anna", Role.specialist), ("ben", .specialist), ("lea", .lead), ("olga", .operations),
    ] {
      try users.put(name: name, role: role, password: "demo-demo", mailboxes: nil)
    }
    let server = try workplace.makeDesk(
      data, index: index,
      DeskSettings(
        organisation: workplace.configuration.organisation.name, origin: "http://127.0.0.1:\(port)",
        visitor: "anna"),
      letters: (try? workplace.acknowledger(data, index: index)).map { acknowledger in
        DeskLetters(
          acknowledger: acknowledger,
          remark: sender == nil
            ? "The demonstration has no mail server (--smtp smtp+loopback://127.0.0.1:PORT), so it waits."
            : nil
        ) { sender?.wake() }
      })
    let port = Int(port)
    return Task {
      do {
        try await server.run(host: "127.0.0.1", port: port)
      } catch {
        StandardError.write(
          "intake: the desk does not serve on port \(port): \(error); choose another with --port")
      }
    }
  }

  private static func temporaryFolder() -> String {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    return "\(base)/intake-demo-\(getpid())"
  }

  private static func sampleNames(_ folder: String) throws -> [String] {
    let names = try DurableFile.names(in: folder).filter { $0.hasSuffix(".eml") }
    guard !names.isEmpty else {
      throw BadInput(
        "\(folder): no .eml files there; run this in the repository's folder or name one with --samples")
    }
    return names
  }

  /// Delivers each file that appears in the drop folder, as a mail server would.
  private static func deliver(from folder: String, to server: DemoServer) async {
    var seen: Set<String> = []
    while !Task.isCancelled {
      for name in (try? DurableFile.names(in: folder)) ?? []
      where !seen.contains(name) && name.hasSuffix(".eml") {
        seen.insert(name)
        guard let bytes = try? DurableFile.read("\(folder)/\(name)", limit: 64 << 20) else { continue }
        _ = server.add(DemoServer.crlf(bytes), internalDate: Pipeline.Intake.systemNow().unixSeconds)
      }
      try? await Task.sleep(for: .milliseconds(200))
    }
  }
}

/// What the demo prints.
private final class DemoScreen: @unchecked Sendable {
  // Unchecked: the watcher calls `show` from one task at a time.
  private let workplace: Workplace
  private let intake: Pipeline.Intake
  private var shown: Set<CaseID> = []
  var afterFirstPass: String?

  init(workplace: Workplace, intake: Pipeline.Intake) {
    self.workplace = workplace
    self.intake = intake
  }

  func show(_ report: PassReport, all: Bool) throws {
    if report.settled.isEmpty && !shown.isEmpty { return }
    let table = CaseTable(
      times: LocalTimes(zones: workplace.deadlineData.zones), regimes: workplace.deadlineData.regimes)
    let rows = try intake.index.list(CaseFilter()).filter { !shown.contains($0.id) }
    let isFirst = shown.isEmpty
    shown.formUnion(rows.map(\.id))
    print("")
    for line in table.lines(rows, now: intake.currentTime) { print(line) }
    if !isFirst, rows.isEmpty {
      for message in report.settled {
        print(message.outcome.rawValue, message.caseID.map { $0.reference.description } ?? "")
      }
    }
    print("\n\(report.reconciliation)")
    for anomaly in report.anomalies { print("  note: \(anomaly)") }
    if isFirst, let afterFirstPass { print(afterFirstPass) }
    fflush(nil)
  }
}
