// Looks at everything that operations watch, every few seconds, on a thread of its own: neither mail nor the desk waits
// for it.

import Cases
import Deadlines
import Dispatch
import Logging
import Metering
import Synchronization
import Triage

/// What the collector cannot see from the data folder by itself; each is called on the collector's own thread.
public struct VitalsSources: Sendable {
  /// The watched mailboxes, `silence` left out.
  public var mailboxes: @Sendable (Instant) -> [Vitals.Mailbox] = { _ in [] }
  public var outbox: @Sendable () throws -> Vitals.Outbox = { .init() }
  /// Whether a mailbox is quieter, or busier, than it should be.
  public var silence: @Sendable (Vitals.Mailbox, Instant) -> Vitals.Silence? = { _, _ in nil }
  public var flood: @Sendable (Vitals.Mailbox, Instant) -> Vitals.Flood? = { _, _ in nil }
  /// The estimate from the drawn messages. It reads every case's row in the index, so it is asked for once an hour, on a
  /// thread of its own.
  public var misses: @Sendable () throws -> MissEstimate? = { nil }

  public init() {}
}

/// Fills `Vitals` again and again.
public final class VitalsCollector: Sendable {
  public struct Settings: Sendable {
    public var every: Duration = .seconds(15)
    /// Seconds before its date at which an acknowledgement is near: most are due within two working days.
    public var acknowledgeWithin: Int64 = 86400
    /// The same for the final answer.
    public var finalWithin: Int64 = 7 * 86400
    /// Days before a calendar or regime is due for its check at which it is shown.
    public var checkWithin = 30
    /// When, after the start, every case is first read for the estimate of what was passed over, and how often then.
    public var estimateAfter: Duration = .seconds(30)
    public var estimateEvery: Duration = .seconds(3600)
    /// Bytes free below which nothing is fetched.
    public var lowDisk: UInt64

    public init(lowDisk: UInt64) { self.lowDisk = lowDisk }
  }

  static let urgentFlags = OpenedStore.flags.map(\.rawValue)
  /// Urgent cases looked at, the most urgent first: beyond this many the count is alarm enough.
  private static let urgentLimit = 500

  private struct State {
    var current: Vitals?
    var observers: [@Sendable (Vitals) -> Void] = []
    /// Urgent cases that somebody has seen.
    var seen: Set<CaseID> = []
    var misses: MissEstimate?
    var damagedFiles = 0
    var isStopped = false
  }

  private let data: DataFolder
  private let index: CaseIndex
  private let rules: RegimeRules
  private let settings: Settings
  private let sources: VitalsSources
  private let logger: Logger
  private let now: @Sendable () -> Instant
  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let wakeUpEstimator = DispatchSemaphore(value: 0)

  public init(
    _ data: DataFolder, index: CaseIndex, rules: RegimeRules, settings: Settings, sources: VitalsSources,
    logger: Logger, now: @escaping @Sendable () -> Instant
  ) {
    self.data = data
    self.index = index
    self.rules = rules
    self.settings = settings
    self.sources = sources
    self.logger = logger
    self.now = now
  }

  /// The last look; nil before the first.
  public var current: Vitals? { state.withLock { $0.current } }

  /// Has each further look given to `body`, on the collector's thread: it must not take long.
  public func observe(_ body: @escaping @Sendable (Vitals) -> Void) {
    state.withLock { $0.observers.append(body) }
  }

  /// Begins; the first look is under way on return.
  public func start() {
    startThread { [self] in
      repeat {
        let vitals = collect()
        for observer in state.withLock({ $0.observers }) { observer(vitals) }
        _ = wakeUp.wait(timeout: .now() + settings.every.inSeconds)
      } while !state.withLock { $0.isStopped }
    }
    startThread { [self] in
      var pause = settings.estimateAfter
      while wakeUpEstimator.wait(timeout: .now() + pause.inSeconds) == .timedOut {
        estimate()
        pause = settings.estimateEvery
      }
    }
  }

  /// Ends after the look under way.
  public func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp.signal()
    wakeUpEstimator.signal()
  }

  /// One look at everything; blocks on the disk. What cannot be looked at keeps its last figures and is named.
  @discardableResult
  public func collect() -> Vitals {
    let now = now()
    var vitals = state.withLock { $0.current } ?? Vitals(at: now)
    let unreadBefore = vitals.unread
    vitals.at = now
    vitals.unread = []
    func look(_ part: Vitals.Part, _ body: (inout Vitals) throws -> Void) {
      do {
        try body(&vitals)
      } catch {
        vitals.unread.insert(part)
        if !unreadBefore.contains(part) {
          logger.error("vitals-unread", metadata: ["part": "\(part.rawValue)", "error": "\(error)"])
        }
      }
    }
    vitals.mailboxes = sources.mailboxes(now).map { mailbox in
      var mailbox = mailbox
      mailbox.silence = sources.silence(mailbox, now)
      mailbox.flood = sources.flood(mailbox, now)
      return mailbox
    }
    vitals.diskLow = settings.lowDisk
    look(.disk) { $0.diskFree = try data.freeBytes() }
    look(.folder) { _ in try writeSomething() }
    look(.index) { try count(&$0, now) }
    look(.outbox) { $0.outbox = try sources.outbox() }
    vitals.checks = Vitals.checks(rules, today: now.utcDate, within: settings.checkWithin)
    state.withLock { state in
      vitals.misses = state.misses
      vitals.damaged = state.damagedFiles + vitals.mailboxes.reduce(0) { $0 + $1.damage }
      state.current = vitals
    }
    return vitals
  }

  /// That recording would work is known from doing it.
  private func writeSomething() throws {
    let path = data.newTemporary()
    defer { DurableFile.remove(path) }
    try [UInt8](repeating: 0x2E, count: 64).withUnsafeBytes {
      try DurableFile.create(path, $0, mode: 0o600)
    }
  }

  private func count(_ vitals: inout Vitals, _ now: Instant) throws {
    let figures = try index.figures(
      now: now, acknowledgeWithin: settings.acknowledgeWithin, finalWithin: settings.finalWithin)
    vitals.casesByState = figures.states
    vitals.unreviewed = (figures.states[.possible] ?? 0) + (figures.states[.quarantined] ?? 0)
    vitals.oldestUnreviewed = figures.oldestUnreviewed
    vitals.acknowledgement = Vitals.Duty(figures.acknowledgement)
    vitals.final = Vitals.Duty(figures.final)
    vitals.unopened = try unopened()
  }

  /// Urgent cases that nobody has opened or decided.
  private func unopened() throws -> [Vitals.Unopened] {
    // Only the collector's thread changes it.
    var seen = state.withLock { $0.seen }
    let unopened = try index.unopened(data, limit: Self.urgentLimit, seen: &seen)
    state.withLock { $0.seen = seen }
    return unopened.map { Vitals.Unopened(id: $0.id, flag: $0.flag.rawValue, since: $0.since) }
  }

  /// What takes long, hence seldom.
  private func estimate() {
    do {
      let (misses, damaged) = (try sources.misses(), try MessageStore(data).damagedFiles())
      state.withLock { ($0.misses, $0.damagedFiles) = (misses, damaged) }
    } catch {
      logger.error("vitals-unread", metadata: ["part": "estimate", "error": "\(error)"])
    }
  }
}

extension Vitals.Duty {
  public init(_ owed: CaseFigures.Owed) {
    self.init(near: owed.near, overdue: owed.overdue, next: owed.next)
  }
}

extension Vitals {
  /// Calendars and regimes that are to be compared with their sources, or overdue for it.
  ///
  /// A calendar also runs out: final answers are due up to three months ahead, so by then the next year must be there.
  public static func checks(_ rules: RegimeRules, today: CivilDate, within days: Int) -> [Check] {
    let calendars = rules.calendars.values.map { calendar in
      let end = CivilDate(year: calendar.covers.upperBound, month: 10, day: 1) ?? calendar.checkBy
      return Check(kind: .calendar, id: calendar.id, by: min(calendar.checkBy, end))
    }
    let regimes = rules.regimes.values.map { Check(kind: .regime, id: $0.id, by: $0.checkBy) }
    return (calendars + regimes).filter { $0.by < today.adding(days: days) }
      .sorted { ($0.by, $0.id) < ($1.by, $1.id) }
  }
}
