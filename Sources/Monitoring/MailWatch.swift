// Whether a mailbox is as quiet, or as loud, as it should be at this hour of this weekday.

import Cases
import Deadlines
import Synchronization
import Trends

/// What is to be expected of each mailbox, learnt from its ledger.
public final class MailWatch: Sendable {
  /// How one mailbox is doing against its own past.
  public struct State: Sendable {
    public let lastMessage: Instant
    /// Nil while there are less than three weeks of history.
    public let silence: Silence?
    /// The windows, in hours, in which more came than should have.
    public let floods: [(hours: Int, flood: Flood)]
    /// Messages in an ordinary week.
    public let weekly: Double?
  }

  /// False alarms of a mailbox in a year, for silence and for flood.
  public static let falseAlarmsPerYear = 1.0
  /// Windows in which a flood is looked for.
  public static let windows = [1, 3, 24]
  /// The past that is learnt from.
  private static let pastHours = 800 * 24
  private static let learnEvery: Int64 = 6 * 3600

  private struct Learnt {
    var at: Instant
    var rhythm: MailRhythm?
  }

  private let ledgers: MailLedgers
  private let days: ReportingDays
  private let learnt = Mutex<[String: Learnt]>([:])

  public init(_ ledgers: MailLedgers, days: ReportingDays) {
    self.ledgers = ledgers
    self.days = days
  }

  /// Every mailbox with a ledger; blocks for the disk.
  public func states(at now: Instant) throws -> [String: State] {
    var states: [String: State] = [:]
    for (mailbox, ledger) in try ledgers.current() { states[mailbox] = state(mailbox, ledger, at: now) }
    return states
  }

  /// The silence of one mailbox, as vitals have it.
  public func silence(_ mailbox: String, at now: Instant) -> Vitals.Silence? {
    guard let ledger = try? ledgers.current(mailbox),
      let silence = state(mailbox, ledger, at: now)?.silence
    else { return nil }
    return Vitals.Silence(
      expected: silence.expected, chance: silence.probability, isAlarming: silence.isAlarm)
  }

  /// The shortest window in which one mailbox has brought more than can be believed, as vitals have it.
  public func flood(_ mailbox: String, at now: Instant) -> Vitals.Flood? {
    guard let ledger = try? ledgers.current(mailbox), let one = state(mailbox, ledger, at: now)?.floods.first
    else { return nil }
    return Vitals.Flood(hours: one.hours, seen: one.flood.seen, expected: one.flood.expected)
  }

  private func state(_ mailbox: String, _ ledger: LedgerState, at now: Instant) -> State? {
    guard let last = ledger.lastReceipt else { return nil }
    let rhythm = rhythm(mailbox, ledger, at: now)
    guard let rhythm else { return State(lastMessage: last, silence: nil, floods: [], weekly: nil) }
    let silence =
      last < now
      ? Silence(slots(from: last, to: now), rhythm: rhythm, falseAlarmsPerYear: Self.falseAlarmsPerYear) : nil
    let hour = Int(now.unixSeconds / 3600)
    let floods = Self.windows.compactMap { window -> (hours: Int, flood: Flood)? in
      let first = hour - window + 1
      let seen = ledger.hours.reduce(0) { $0 + ($1.key.hour >= first && $1.key.hour <= hour ? $1.value : 0) }
      let flood = Flood(
        seen, in: (first...hour).map { slot($0) }, rhythm: rhythm,
        falseAlarmsPerYear: Self.falseAlarmsPerYear,
        windows: Self.windows.count)
      return flood.isAlarm ? (window, flood) : nil
    }
    return State(lastMessage: last, silence: silence, floods: floods, weekly: rhythm.weekly)
  }

  private func rhythm(_ mailbox: String, _ ledger: LedgerState, at now: Instant) -> MailRhythm? {
    if let known = learnt.withLock({ $0[mailbox] }),
      (0..<Self.learnEvery).contains(now.unixSeconds - known.at.unixSeconds)
    {
      return known.rhythm
    }
    let end = Int(now.unixSeconds / 3600)
    let begin = max(ledger.hours.keys.map(\.hour).min() ?? end, end - Self.pastHours)
    var counts = Array(repeating: 0, count: max(0, end - begin))
    for (hour, count) in ledger.hours where hour.hour >= begin && hour.hour < end {
      counts[hour.hour - begin] += count
    }
    let rhythm = MailRhythm(learning: counts, hours: (begin..<end).map { slot($0) })
    learnt.withLock { $0[mailbox] = Learnt(at: now, rhythm: rhythm) }
    return rhythm
  }

  /// An hour since 1970, as the reporting zone's clock has it.
  private func slot(_ hour: Int, share: Double = 1) -> HourSlot {
    let local = days.zone.local(Instant(unixSeconds: Int64(hour) * 3600))
    return HourSlot(
      weekday: local.date.daysSinceMonday, hour: local.secondsOfDay / 3600, month: local.date.month,
      isHoliday: days.calendar.holidays[local.date] != nil, share: share)
  }

  private func slots(from: Instant, to: Instant) -> [HourSlot] {
    let (first, last) = (Int(from.unixSeconds / 3600), Int(to.unixSeconds / 3600))
    // More than a month of silence is told by then.
    return (max(first, last - 31 * 24)...last).map { hour in
      let begin = max(from.unixSeconds, Int64(hour) * 3600)
      let end = min(to.unixSeconds, Int64(hour + 1) * 3600)
      return slot(hour, share: Double(max(0, end - begin)) / 3600)
    }
  }
}
