// A mailbox watched for as long as the service runs: pass, wait for news (IDLE, or the clock), pass again; after
// trouble, back off and come again.

import Cases
import IMAP
import Logging
import Metering
import Synchronization
import Transport

/// How a watched mailbox is doing: what health checks, metrics and alarms are made from.
public struct MailboxHealth: Sendable {
  public var lastSuccess: ContinuousClock.Instant?
  public var consecutiveFailures = 0
  /// The named alarm that stands, such as `oauth-refresh-failed`; nil when all is well.
  public var alarm: String?
  public var lastReport: PassReport?
}

/// Watches one mailbox.
public final class MailboxWatcher: Sendable {
  public let poller: MailboxPoller
  private let logger: Logger
  private let health = Mutex(MailboxHealth())
  private let stopped = Atomic<Bool>(false)
  private let onPass: @Sendable (PassReport) -> Void

  /// IDLE is issued anew after at most this long: servers drop it after 30 minutes (RFC 2177 says 29), and home
  /// routers forget a silent connection long before that.
  public static let idleSeconds = 240

  public init(
    _ settings: MailboxSettings, intake: Intake, logger: Logger,
    onPass: @escaping @Sendable (PassReport) -> Void
  ) {
    poller = MailboxPoller(settings, intake: intake, logger: logger)
    var logger = logger
    logger[metadataKey: "mailbox"] = "\(settings.rules.name)"
    self.logger = logger
    self.onPass = onPass
  }

  public var currentHealth: MailboxHealth { health.withLock { $0 } }

  /// Ends the watch; what is being recorded is finished first.
  public func stop() {
    stopped.store(true, ordering: .relaxed)
    poller.connection?.wake()
  }

  /// Watches until the task is cancelled or `stop` is called.
  public func run() async {
    var backoff = Backoff()
    while !stopped.load(ordering: .relaxed), !Task.isCancelled {
      do {
        let begun = ContinuousClock.now
        let report = try await poller.pass()
        PipelineMetrics.passDuration.observe((.now - begun).inSeconds, poller.settings.rules.name)
        succeeded(report)
        backoff.reset()
        onPass(report)
        try await waitForNews()
      } catch {
        if stopped.load(ordering: .relaxed) || Task.isCancelled { break }
        let delay = failed(error, &backoff)
        await pause(delay)
      }
    }
    await poller.close()
  }

  /// Returns when there may be something new.
  private func waitForNews() async throws {
    guard !stopped.load(ordering: .relaxed), let connection = poller.connection else { return }
    let settings = poller.settings
    if settings.idle, await connection.supportsIdle {
      // A pass may have seen news go by; `idle` then returns at once.
      poller.beat()
      let waited = try await connection.idle(atMost: max(Self.idleSeconds, 1))
      if case .changed = waited { return }
    } else {
      await pause(Double(settings.pollEvery))
    }
  }

  /// Waits, in short steps so that `stop` is heard.
  private func pause(_ seconds: Double) async {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !stopped.load(ordering: .relaxed), !Task.isCancelled {
      poller.beat()
      try? await Task.sleep(for: min(.milliseconds(250), end - ContinuousClock.now))
    }
  }

  private func succeeded(_ report: PassReport) {
    let resolved = health.withLock { health in
      defer {
        health.alarm = nil
        health.consecutiveFailures = 0
        health.lastSuccess = .now
        health.lastReport = report
      }
      return health.alarm
    }
    if let resolved { logger.notice("alarm resolved", metadata: ["alarm": "\(resolved)"]) }
  }

  /// Notes a failure, raises its alarm once, and says how many seconds to wait.
  private func failed(_ error: any Error, _ backoff: inout Backoff) -> Double {
    var alarm = "poll-failed"
    if let error = error as? IMAPError {
      alarm = error.alarm
      if case .throttled(let seconds) = error.kind { backoff.atLeast(seconds: seconds) }
    } else if let error = error as? PollError {
      alarm = error.alarm
    } else if error is DiskError {
      alarm = "disk"
    }
    PipelineMetrics.failures.add(1, poller.settings.rules.name, alarm)
    let delay = backoff.next(random: Double.random(in: 0..<1))
    let (isNew, failures) = health.withLock { health in
      let isNew = health.alarm != alarm
      health.alarm = alarm
      health.consecutiveFailures += 1
      return (isNew, health.consecutiveFailures)
    }
    logger.log(
      level: isNew ? .error : .warning, "pass failed",
      metadata: [
        "alarm": "\(alarm)", "error": "\(ServerText.withoutAddresses("\(error)", limit: 1000))",
        "failures": "\(failures)",
        "again_in_seconds": "\(Int(delay))",
      ])
    return delay
  }
}
