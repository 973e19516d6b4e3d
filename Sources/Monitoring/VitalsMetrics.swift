// Metrics of what is, rather than of what happens: set anew from each look at the vitals. Moments are exported as moments,
// and Prometheus reckons how long ago they were, so that a service which stands still does not look fresh.

import Cases
import Deadlines
import Logging
import Metering
import Triage

/// The gauges that stand for `Vitals`.
public struct VitalsMetrics: Sendable {
  static let looked = Metric(
    "intake_vitals_timestamp_seconds", .gauge, "When everything below was last looked at.")
  static let unread = Metric(
    "intake_vitals_unread", .gauge, "1 where a part could not be looked at and shows its last figures.",
    labels: [.init("part", Vitals.Part.allCases.map(\.rawValue))])

  static let lastSuccess = Metric(
    "intake_mailbox_last_success_timestamp_seconds", .gauge, "When a pass over the mailbox last succeeded.",
    labels: [.mailbox])
  static let passEvery = Metric(
    "intake_mailbox_pass_interval_seconds", .gauge, "The longest between two passes when nothing comes.",
    labels: [.mailbox])
  static let failing = Metric(
    "intake_mailbox_consecutive_failures", .gauge, "Passes that failed since the last that succeeded.",
    labels: [.mailbox])
  static let trouble = Metric(
    "intake_mailbox_trouble", .gauge, "1 for the trouble that stands, 0 for all others.",
    labels: [.mailbox, .trouble])
  static let lastArrival = Metric(
    "intake_mailbox_last_arrival_timestamp_seconds", .gauge,
    "When the mail server last received a message for the mailbox.", labels: [.mailbox])
  static let pending = Metric(
    "intake_mailbox_pending_messages", .gauge, "Messages on disk that have no outcome yet.",
    labels: [.mailbox])
  static let backlog = Metric(
    "intake_mailbox_backlog_messages", .gauge,
    "Messages that the pass under way has found and not yet on disk.",
    labels: [.mailbox])
  static let gap = Metric(
    "intake_ledger_gap_messages", .gauge,
    "Messages found, less outcomes, pending and vanished: anything but 0 is unaccounted for.",
    labels: [.mailbox])
  static let tokenEnds = Metric(
    "intake_mailbox_token_expiry_timestamp_seconds", .gauge,
    "When the OAuth2 access token ends; a connection that stands needs no new one.", labels: [.mailbox])
  static let beat = Metric(
    "intake_mailbox_watcher_timestamp_seconds", .gauge,
    "When the mailbox's watcher last did anything, be it waiting.", labels: [.mailbox])
  static let expected = Metric(
    "intake_mailbox_expected_messages", .gauge,
    "Messages to be expected since the last one, by hour and weekday.", labels: [.mailbox])
  static let quiet = Metric(
    "intake_mailbox_quiet", .gauge, "1 where the mailbox has been silent for longer than can be believed.",
    labels: [.mailbox])

  static let cases = Metric(
    "intake_cases", .gauge, "Cases by state.", labels: [.init("state", CaseState.allCases.map(\.rawValue))])
  static let unreviewed = Metric(
    "intake_cases_unreviewed", .gauge, "Possible and quarantined cases: what no person has decided.")
  static let oldestUnreviewed = Metric(
    "intake_oldest_unreviewed_timestamp_seconds", .gauge, "When the oldest of them was received.")
  static let duties = Metric(
    "intake_duties", .gauge,
    "Cases that owe something: near is due within a day (acknowledgement) or a week (final), overdue is past due.",
    labels: [.init("duty", ["acknowledgement", "final"]), .init("state", ["near", "overdue"])])
  static let nextDue = Metric(
    "intake_next_due_timestamp_seconds", .gauge, "The earliest date that stands open, passed or not.",
    labels: [.init("duty", ["acknowledgement", "final"])])
  static let unopened = Metric(
    "intake_urgent_unopened_cases", .gauge, "Cases that somebody must see at once and nobody has.",
    labels: [.init("flag", VitalsCollector.urgentFlags)])
  static let oldestUnopened = Metric(
    "intake_urgent_unopened_oldest_timestamp_seconds", .gauge, "When the oldest of them was received.",
    labels: [.init("flag", VitalsCollector.urgentFlags)])

  static let outbox = Metric(
    "intake_outbox_messages", .gauge,
    "Letters that wait, that were given to a server which never answered, or that were given up (all so far).",
    labels: [.init("place", ["waiting", "perhaps_sent", "failed"])])
  static let oldestWaiting = Metric(
    "intake_outbox_oldest_waiting_timestamp_seconds", .gauge, "When the oldest letter that waits was written."
  )

  static let diskFree = Metric("intake_disk_free_bytes", .gauge, "Free where the data is.")
  static let diskLow = Metric("intake_disk_low_bytes", .gauge, "Below so much nothing is fetched (low_disk).")
  static let damaged = Metric(
    "intake_damaged_files", .gauge,
    "Files found damaged and set aside, and ledger lines that do not read as written.")
  static let checks = Metric(
    "intake_check_due_timestamp_seconds", .gauge,
    "When the first calendar, or regime, is to be compared with its source; absent beyond a month.",
    labels: [.init("kind", Vitals.Check.Kind.allCases.map(\.rawValue))])
  static let missRate = Metric(
    "intake_miss_rate", .gauge,
    "Of all complaints, the share that was passed over, from the drawn messages: estimate and 95 % interval.",
    labels: [.init("bound", ["low", "estimate", "high"])])
  static let missRateAim = Metric(
    "intake_miss_rate_aim", .gauge, "The share of complaints that may be passed over, as configured.")
  static let drawn = Metric(
    "intake_drawn_messages", .gauge, "Messages drawn for a check, decided by a person or still waiting.",
    labels: [.init("state", ["checked", "waiting"])])

  public static let all =
    [
      looked, unread, lastSuccess, passEvery, failing, trouble, lastArrival, pending, backlog, gap, tokenEnds,
      beat,
      expected,
      quiet, cases, unreviewed, oldestUnreviewed, duties, nextDue, unopened, oldestUnopened, outbox,
      oldestWaiting,
      diskFree, diskLow, damaged, checks, missRate, missRateAim, drawn, Build.info, LogMetrics.messages,
    ] + ProcessMetrics.all

  private let troubles: [String]
  private let aim: Double

  /// - Parameters:
  ///   - troubles: the names that a mailbox's trouble can have.
  ///   - aim: the share of complaints that may be passed over.
  public init(troubles: [String], aim: Double) {
    self.troubles = troubles
    self.aim = aim
  }

  /// Makes the counters of this module known at 0.
  public static func begin() {
    for level in LogMetrics.levels { LogMetrics.messages.add(0, level.rawValue) }
    PrometheusRegistry.dropped.add(0)
    ProcessMetrics.begin()
  }

  /// Sets every gauge; what is not known takes its series away.
  public func show(_ vitals: Vitals) {
    Self.looked.set(Self.seconds(vitals.at))
    for part in Vitals.Part.allCases { Self.unread.set(vitals.unread.contains(part) ? 1 : 0, part.rawValue) }
    for mailbox in vitals.mailboxes { show(mailbox) }
    for state in CaseState.allCases { Self.cases.set(vitals.casesByState[state] ?? 0, state.rawValue) }
    Self.unreviewed.set(vitals.unreviewed)
    Self.oldestUnreviewed.set(Self.seconds(vitals.oldestUnreviewed))
    for (name, duty) in [("acknowledgement", vitals.acknowledgement), ("final", vitals.final)] {
      Self.duties.set(duty.near, name, "near")
      Self.duties.set(duty.overdue, name, "overdue")
      Self.nextDue.set(Self.seconds(duty.next), name)
    }
    for flag in VitalsCollector.urgentFlags {
      let cases = vitals.unopened.filter { $0.flag == flag }
      Self.unopened.set(cases.count, flag)
      Self.oldestUnopened.set(Self.seconds(cases.map(\.since).min()), flag)
    }
    Self.outbox.set(vitals.outbox.waiting, "waiting")
    Self.outbox.set(vitals.outbox.perhapsSent, "perhaps_sent")
    Self.outbox.set(vitals.outbox.failed, "failed")
    Self.oldestWaiting.set(Self.seconds(vitals.outbox.oldestWaiting))
    Self.diskFree.set(Double(vitals.diskFree))
    Self.diskLow.set(Double(vitals.diskLow))
    Self.damaged.set(vitals.damaged)
    let today = Instant(unixSeconds: vitals.at.unixSeconds / 86400 * 86400)
    for kind in Vitals.Check.Kind.allCases {
      let first = vitals.checks.filter { $0.kind == kind }.map(\.by).min()
      Self.checks.set(
        first.map { Double(today.unixSeconds + Int64($0.days(since: today.utcDate)) * 86400) }, kind.rawValue)
    }
    // Where nothing was decided yet the interval says nothing.
    let misses = vitals.misses.flatMap { $0.checked > 0 ? $0 : nil }
    Self.missRate.set(misses?.lowRate, "low")
    Self.missRate.set(misses?.rate, "estimate")
    Self.missRate.set(misses?.highRate, "high")
    Self.missRateAim.set(aim)
    Self.drawn.set(vitals.misses.map { Double($0.checked) }, "checked")
    Self.drawn.set(vitals.misses.map { Double($0.waiting) }, "waiting")
  }

  private func show(_ mailbox: Vitals.Mailbox) {
    let name = mailbox.name
    Self.lastSuccess.set(Self.seconds(mailbox.lastSuccess), name)
    Self.passEvery.set(Double(mailbox.passEvery), name)
    Self.failing.set(mailbox.failures, name)
    for trouble in troubles { Self.trouble.set(trouble == mailbox.trouble ? 1 : 0, name, trouble) }
    Self.lastArrival.set(Self.seconds(mailbox.lastArrival), name)
    Self.pending.set(mailbox.pending, name)
    Self.backlog.set(mailbox.backlog, name)
    Self.gap.set(mailbox.gap, name)
    Self.tokenEnds.set(Self.seconds(mailbox.tokenEnds), name)
    Self.beat.set(Self.seconds(mailbox.lastBeat), name)
    Self.expected.set(mailbox.silence?.expected, name)
    Self.quiet.set(mailbox.silence.map { $0.isAlarming ? 1 : 0 }, name)
  }

  private static func seconds(_ instant: Instant?) -> Double? { instant.map { Double($0.unixSeconds) } }
}

/// What runs.
public enum Build {
  static let info = Metric(
    "intake_build_info", .gauge, "1; the program's version and the model that judged last, as labels.",
    labels: [.configured("version"), .configured("model")])

  public static func show(version: String, model: String) { info.set(1, version, model) }
}
