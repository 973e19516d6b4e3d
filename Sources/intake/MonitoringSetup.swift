// What a running service shows of itself: the metrics of every module, on a listener of their own.

import ArgumentParser
import Cases
import Logging
import Metering
import Metrics
import Monitoring
import Outbound
import Pipeline
import Review
import Transport

extension Workplace {
  /// Puts a registry of our own behind swift-metrics; once in a process, and before anything is counted.
  func beginMetrics(mailboxes: [String], model: String) -> PrometheusRegistry {
    let version = IntakeCommand.configuration.version
    let registry = PrometheusRegistry(
      PipelineMetrics.all + CaseMetrics.all + OutboundMetrics.all + DeskMetrics.all + VitalsMetrics.all,
      configured: [
        "mailbox": mailboxes, "trouble": PipelineMetrics.troubles, "version": [version], "model": [model],
      ])
    MetricsSystem.bootstrap(registry)
    PipelineMetrics.begin(mailboxes: mailboxes)
    CaseMetrics.begin()
    OutboundMetrics.begin()
    DeskMetrics.begin()
    VitalsMetrics.begin()
    Build.show(version: version, model: model)
    return registry
  }

  /// Serves the metrics and the health of what the collector sees, until cancelled.
  func serveMonitoring(
    _ section: Configuration.MonitoringSection, _ registry: PrometheusRegistry, _ collector: VitalsCollector
  ) throws -> Task<Void, Never> {
    let token = try section.token.map { try Secret($0).read() }
    let server = MonitoringServer(
      registry, token: token, vitals: { collector.current }, logger: logger,
      now: { Pipeline.Intake.systemNow() })
    let logger = logger
    return Task {
      do {
        try await server.run(host: section.host, port: section.port)
      } catch {
        // Mail is taken in all the same; that nobody can watch is seen by whoever watches.
        logger.error(
          "the metrics are not served",
          metadata: ["address": "\(section.host):\(section.port)", "error": "\(error)"])
      }
    }
  }
}
