// How long cases and mail are kept, and what goes when that is over.

import Deadlines

/// A length of time as the configuration writes it: `90d`, `18m`, `6y`.
public struct RetentionPeriod: Sendable, Hashable, CustomStringConvertible {
  public enum Unit: String, Sendable {
    case days = "d"
    case months = "m"
    case years = "y"
  }

  public let count: Int
  public let unit: Unit

  public init(_ count: Int, _ unit: Unit) {
    self.count = count
    self.unit = unit
  }

  /// - Returns: nil for anything but 1 to 9999 of a unit.
  public init?(_ text: String) {
    guard let last = text.last, let unit = Unit(rawValue: String(last)), let count = Int(text.dropLast()),
      (1...9999).contains(count)
    else { return nil }
    self.init(count, unit)
  }

  public var description: String { "\(count)\(unit.rawValue)" }

  /// When it is over that began at `start`: the same time of day in UTC; where a month has no such day, its last.
  func end(from start: Instant) -> Instant {
    let date = start.utcDate
    let end =
      switch unit {
      case .days: date.adding(days: count)
      case .months: date.adding(months: count)
      case .years: date.adding(months: count * 12)
      }
    guard let midnight = Instant(iso8601: "\(end)T00:00:00Z") else { return start }
    return Instant(unixSeconds: midnight.unixSeconds + ((start.unixSeconds % 86400) + 86400) % 86400)
  }
}

/// What is kept how long; what is nil is kept for good.
public struct RetentionRules: Sendable {
  /// After it was closed.
  public var closed: RetentionPeriod?
  /// After it was dismissed.
  public var dismissed: RetentionPeriod?
  /// Mail that was passed over, after it came.
  public var notAComplaint: RetentionPeriod?
  /// Mail that machines wrote, after it came.
  public var automatic: RetentionPeriod?
  /// Closed cases with a date of this regime; of several lengths the longest counts.
  public var byRegime: [String: RetentionPeriod] = [:]

  public init() {}

  /// When a case's time is over, and by which rule; nil while it is worked on, or where no rule is about it.
  func end(of current: Case) -> (at: Instant, rule: String)? {
    switch current.state {
    case .possible, .open, .acknowledged, .quarantined: return nil
    case .dismissed:
      guard let dismissed, let event = current.standing.last(where: { $0.kind == .dismissed }) else {
        return nil
      }
      return (dismissed.end(from: event.at), "dismissed: \(dismissed)")
    case .closed:
      guard let since = current.closedAt else { return nil }
      var rules = closed.map { [("closed", $0)] } ?? []
      for regime in Set(current.deadlines.all.map(\.regime)).sorted() {
        if let period = byRegime[regime] { rules.append((regime, period)) }
      }
      let ends = rules.map { name, period in (at: period.end(from: since), rule: "\(name): \(period)") }
      return ends.max { $0.at < $1.at }
    }
  }

  func period(of outcome: Outcome) -> RetentionPeriod? {
    switch outcome {
    case .notAComplaint: notAComplaint
    case .automatic: automatic
    case .case, .possible, .followUp, .duplicate, .quarantined: nil
    }
  }
}

/// Finds what has had its time, and lets it go.
public struct Retention: Sendable {
  /// What goes, and what stays although its time is over.
  public struct Plan: Sendable {
    public struct Going: Sendable {
      public let id: CaseID
      public let ended: Instant
      public let rule: String
    }

    public var cases: [Going] = []
    /// Held, or with a letter on its way.
    public var kept: [CaseID] = []
    /// Messages that are no case's, by the outcome that they had.
    public var messages: [Outcome: [Digest]] = [:]

    public var isEmpty: Bool { cases.isEmpty && messages.values.allSatisfy(\.isEmpty) }
  }

  private let data: DataFolder
  private let store: CaseStore
  private let erasure: Erasure
  private let rules: RetentionRules

  public init(_ data: DataFolder, erasure: Erasure, rules: RetentionRules) {
    self.data = data
    store = CaseStore(data)
    self.erasure = erasure
    self.rules = rules
  }

  /// Looks through all cases and ledgers; changes nothing.
  public func plan(at now: Instant) throws -> Plan {
    var plan = Plan()
    try store.forEachID { id in
      // What cannot be read is `verify`'s business, and stays.
      guard store.exists(id), let current = try? store.read(id), !current.isErased,
        let end = try end(of: current), end.at <= now
      else { return }
      if current.isHeld || current.outgoing != nil {
        plan.kept.append(id)
      } else {
        plan.cases.append(.init(id: id, ended: end.at, rule: end.rule))
      }
    }
    plan.messages = try messages(at: now)
    return plan
  }

  /// A case that is part of another one stays as long as that.
  private func end(of current: Case) throws -> (at: Instant, rule: String)? {
    guard var end = rules.end(of: current) else { return nil }
    var seen: Set<CaseID> = [current.id]
    var next = current.mergedInto
    while let id = next, seen.insert(id).inserted, store.exists(id) {
      let target = try store.read(id)
      if target.isErased { break }
      guard !target.isHeld, let other = rules.end(of: target) else { return nil }
      if other.at > end.at { end = (other.at, "\(other.rule), with \(id.reference)") }
      next = target.mergedInto
    }
    return end
  }

  /// Messages passed over or written by machines whose time is over: every arrival of the same bytes must have ended so,
  /// long enough ago, and none be any case's.
  private func messages(at now: Instant) throws -> [Outcome: [Digest]] {
    if rules.notAComplaint == nil && rules.automatic == nil { return [:] }
    var going: [Digest: Outcome] = [:]
    var staying: Set<Digest> = []
    for mailbox in try Ledger.mailboxes(in: data) {
      let ledger = try Ledger(data, mailbox: mailbox)
      var ended: [SourceID: Outcome] = [:]
      _ = try ledger.readAll { entry in
        // A report about a letter of ours names its case, and goes with it.
        if case .outcome(let source, let outcome, nil) = entry.event { ended[source] = outcome }
      }
      _ = try ledger.readAll { entry in
        guard case .arrival(let arrival) = entry.event else { return }
        let outcome = ended[arrival.source]
        // The same bytes once more say nothing about how long they stay.
        if outcome == .duplicate { return }
        if let outcome, let period = rules.period(of: outcome), period.end(from: arrival.seen) <= now {
          // Of two rules the longer one has been waited for.
          going[arrival.digest] = outcome
        } else {
          staying.insert(arrival.digest)
        }
      }
    }
    var found: [Outcome: [Digest]] = [:]
    for (digest, outcome) in going where !staying.contains(digest) {
      if try MessageStore(data).holds(digest) { found[outcome, default: []].append(digest) }
    }
    return found
  }

  /// What was let go.
  public struct Done: Sendable {
    public var cases = 0
    public var messages = 0
  }

  /// Erases the plan's cases and deletes its messages. Whatever ends it, the next plan goes on.
  public func carryOut(_ plan: Plan, at now: Instant) throws -> Done {
    var done = Done()
    for (rule, cases) in Dictionary(grouping: plan.cases, by: \.rule).sorted(by: { $0.key < $1.key }) {
      let ids = cases.map(\.id)
      for start in stride(from: 0, to: ids.count, by: 100) {
        let some = Array(ids[start..<min(start + 100, ids.count)])
        done.cases += try erase(some, reason: "retention, \(rule)", at: now)
      }
    }
    let gone = plan.messages.values.flatMap { $0 }.map { Deletion(digest: $0, cause: .retention) }
    try erasure.deletions.refresh()
    try erasure.deletions.delete(gone, at: now)
    done.messages = gone.count
    return done
  }

  private func erase(_ ids: [CaseID], reason: String, at now: Instant) throws -> Int {
    // Since the plan was made somebody may have held one of them, or somebody wrote again.
    let still = try ids.filter { id in
      let current = try store.read(id)
      guard !current.isErased, !current.isHeld, current.outgoing == nil, let end = try end(of: current) else {
        return false
      }
      return end.at <= now
    }
    try erasure.erase(still, reason: reason, by: CaseEvent.program, cause: .retention, at: now)
    return still.count
  }
}
