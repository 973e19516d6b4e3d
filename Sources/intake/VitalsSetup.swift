// What a running service tells the collector of vitals: the watchers, the outbox, the drawn messages.

import Cases
import Deadlines
import Monitoring
import Outbound
import Pipeline
import Transport
import Triage

extension Workplace {
  /// Not started yet: whoever wants each look is to be added first.
  func makeCollector(_ data: DataFolder, index: CaseIndex, watchers: [MailboxWatcher]) throws
    -> VitalsCollector
  {
    var sources = VitalsSources()
    sources.mailboxes = { now in watchers.map { $0.vitals(now) } }
    let outbox = Outbox(data)
    sources.outbox = {
      let figures = try outbox.figures()
      return Vitals.Outbox(
        waiting: figures.waiting, oldestWaiting: figures.oldestWaiting, perhapsSent: figures.perhapsSent,
        failed: figures.failed)
    }
    let mail = try MailLedgers(data)
    let watch = MailWatch(mail, days: try reportingDays())
    sources.silence = { mailbox, now in watch.silence(mailbox.name, at: now) }
    sources.flood = { mailbox, now in watch.flood(mailbox.name, at: now) }
    sources.misses = { try MissEstimate.current(index: index, mail: mail.current()) }
    var settings = VitalsCollector.Settings(lowDisk: limits.lowDisk)
    if let section = configuration.monitoring { settings.every = .seconds(section.every) }
    return VitalsCollector(
      data, index: index, rules: rules, settings: settings, sources: sources,
      logger: logger, now: { Pipeline.Intake.systemNow() })
  }
}

extension MailboxWatcher {
  /// How the mailbox is doing, as the collector wants it.
  func vitals(_ now: Instant) -> Vitals.Mailbox {
    let health = currentHealth
    let clock = ContinuousClock.now
    func instant(_ moment: ContinuousClock.Instant) -> Instant {
      Instant(unixSeconds: now.unixSeconds - (clock - moment).components.seconds)
    }
    var vitals = Vitals.Mailbox(
      name: poller.settings.rules.name, lastSuccess: health.lastSuccess.map(instant),
      failures: health.consecutiveFailures, trouble: health.alarm, backlog: poller.backlog,
      passEvery: Int64(poller.settings.idle ? MailboxWatcher.idleSeconds : poller.settings.pollEvery),
      lastBeat: instant(poller.lastBeat))
    if case .oauth2(_, _, let tokens) = poller.settings.credentials {
      vitals.tokenEnds = tokens.tokenEnds.map(instant)
    }
    guard let ledger = poller.openLedger else { return vitals }
    ledger.withState { state in
      let sum = Reconciliation(mailbox: ledger.mailbox, state: state)
      vitals.lastArrival = state.lastReceipt
      vitals.pending = sum.pending
      vitals.gap = sum.gap
      vitals.outcomes = sum.outcomes
      vitals.damage = state.damage.count
    }
    return vitals
  }
}
