// Every figure that operations are shown (DOMAIN section 5). Counted here and nowhere else, from measures and ledgers;
// `scripts/check-figures` counts them again from the case files.

import Cases
import Deadlines
import Triage

/// What figures are asked for.
public struct FigureQuery: Sendable, Hashable {
  /// Local dates, both included.
  public var range: ClosedRange<CivilDate>
  public var period: FigurePeriod
  /// Breaks the cases of each period down.
  public var by: MeasureFilter.Dimension?
  /// Narrows the cases by other dimensions than time.
  public var only: [MeasureFilter.Dimension: String]
  /// For people who may see no others.
  public var mailboxes: [String]?

  public init(
    range: ClosedRange<CivilDate>, period: FigurePeriod, by: MeasureFilter.Dimension? = nil,
    only: [MeasureFilter.Dimension: String] = [:], mailboxes: [String]? = nil
  ) {
    self.range = range
    self.period = period
    self.by = by
    self.only = only
    self.mailboxes = mailboxes
  }
}

/// The figures of a range of days, and how things stand now.
public struct Figures: Sendable {
  /// More would be neither seen nor drawn.
  public static let mostPeriods = 1000

  /// One hour, day, week or month.
  public struct Period: Sendable {
    public let name: String
    /// Cases received: those that count as complaints so far, unreviewed ones with them.
    public var cases = 0
    /// Recorded, and a person said that it is none.
    public var dismissed = 0
    /// Recorded, and part of another case now.
    public var merged = 0
    /// Cases closed in it, as complaints of their own.
    public var closed = 0
    /// Of `cases`, by the dimension asked for; the empty name for those that have none.
    public var groups: [String: Int] = [:]
    /// All mail received, by outcome.
    public var messages: [Outcome: Int] = [:]
    /// By the date that they were due.
    public var acknowledgement = ServiceCount()
    public var final = ServiceCount()
  }

  /// How things stand at the moment of asking, whatever the range.
  public struct Now: Sendable {
    /// What no person has decided: possible and quarantined.
    public var unreviewed = 0
    public var oldestUnreviewed: Instant?
    /// Not acknowledged, and due by the end of the next business day.
    public var acknowledgementNear = 0
    public var acknowledgementOverdue = 0
    /// Without a final response, and due within five business days.
    public var finalNear = 0
    public var finalOverdue = 0
    /// Cases that are not closed, by business days since receipt: `ageBands`.
    public var ages = Array(repeating: 0, count: Figures.ageBands.count)
  }

  /// Upper ends in business days; the last one is open.
  public static let ageBands: [(title: String, upTo: Int)] = [
    ("0 to 3", 3), ("4 to 10", 10), ("11 to 20", 20), ("21 to 40", 40), ("over 40 (8 weeks)", .max),
  ]

  /// How long something took, in seconds.
  public struct Times: Sendable {
    public let count: Int
    public let median: Int64?
    public let ninetieth: Int64?
    public let ninetyNinth: Int64?
    public let longest: Int64?

    /// Quantiles are the nearest rank: the smallest value that as many are not above.
    init(_ seconds: [Int64]) {
      let sorted = seconds.sorted()
      count = sorted.count
      func rank(_ hundredths: Int) -> Int64? {
        sorted.isEmpty ? nil : sorted[(sorted.count * hundredths + 99) / 100 - 1]
      }
      median = rank(50)
      ninetieth = rank(90)
      ninetyNinth = rank(99)
      longest = sorted.last
    }
  }

  /// Cases closed in the range.
  public struct Closed: Sendable {
    public var count = 0
    /// By the end of the third business day after receipt.
    public var withinThreeDays = 0
    /// By the end of eight weeks after receipt, and not within three days.
    public var withinEightWeeks = 0
    public var later = 0
    public var outcomes: [Closure.Outcome: Int] = [:]
    /// Closed without saying how.
    public var withoutOutcome = 0
    public var rootCauses: [String: Int] = [:]
    /// Hundredths and cases, by currency.
    public var redress: [String: (hundredths: Int, cases: Int)] = [:]
    public var signsOfVulnerability = 0
    public var failuresOfAllowance = 0

    /// Upheld or partly so, of those with a finding.
    public var upheldShare: Double? {
      let findings = outcomes.filter { $0.key.isFinding }.values.reduce(0, +)
      guard findings > 0 else { return nil }
      return Double((outcomes[.upheld] ?? 0) + (outcomes[.partlyUpheld] ?? 0)) / Double(findings)
    }
  }

  /// How often people changed a category that the program named.
  public struct Change: Sendable {
    /// Cases of this predicted category that a person has decided on as complaints.
    public var decided = 0
    public var changed = 0
  }

  public let query: FigureQuery
  public let at: Instant
  public var periods: [Period]
  public var now = Now()
  public var toCase = Times([])
  public var toAcknowledgement = Times([])
  public var closed = Closed()
  /// By the category that was predicted.
  public var changes: [String: Change] = [:]
  public var misses: MissEstimate?

  /// Sums over all periods.
  public var total: Period {
    var total = Period(name: "all")
    for period in periods {
      total.cases += period.cases
      total.dismissed += period.dismissed
      total.merged += period.merged
      total.closed += period.closed
      total.groups.merge(period.groups, uniquingKeysWith: +)
      total.messages.merge(period.messages, uniquingKeysWith: +)
      total.acknowledgement.add(period.acknowledgement)
      total.final.add(period.final)
    }
    return total
  }

  /// Counts.
  ///
  /// - Parameters:
  ///   - mail: hours of mail by mailbox, from the ledgers; left out where cases are narrowed by more than mailboxes.
  /// - Throws: `FigureProblem` where the range holds too many periods; errors of the index.
  public init(
    _ query: FigureQuery, index: CaseIndex, mail: [String: LedgerState], days: ReportingDays, at now: Instant
  ) throws {
    guard var row = PeriodRow(query.range, query.period, days, limit: Self.mostPeriods) else {
      throw FigureProblem(
        "\(query.range.lowerBound) to \(query.range.upperBound) by the \(query.period.rawValue) is more than "
          + "\(Self.mostPeriods) rows; take longer periods or a shorter time")
    }
    self.query = query
    at = now
    periods = row.names.map { Period(name: $0) }
    var counter = Counter(days: days, now: now, query: query)
    try index.measures(MeasureFilter(mailboxes: query.mailboxes, only: query.only)) { measure in
      counter.add(measure, to: &self, &row)
    }
    (toCase, toAcknowledgement) = counter.times
    countMail(mail, &row)
    // A part of the cases says nothing of all that was passed over.
    if query.only.keys.allSatisfy({ $0 == .mailbox }) {
      misses = counter.misses.estimate(passedOver: Self.passedOver(mail, query))
    }
  }

  private mutating func countMail(_ mail: [String: LedgerState], _ row: inout PeriodRow) {
    guard query.only.keys.allSatisfy({ $0 == .mailbox }) else { return }
    for (mailbox, state) in mail where Self.isAsked(mailbox, query) {
      for (hour, count) in state.hours {
        guard let place = row.place(hour.start) else { continue }
        periods[place].messages[hour.outcome, default: 0] += count
      }
    }
  }

  private static func isAsked(_ mailbox: String, _ query: FigureQuery) -> Bool {
    (query.mailboxes?.contains(mailbox) ?? true) && (query.only[.mailbox].map { $0 == mailbox } ?? true)
  }

  private static func passedOver(_ mail: [String: LedgerState], _ query: FigureQuery) -> Int {
    mail.filter { isAsked($0.key, query) }.values.reduce(0) { $0 + ($1.outcomes[.notAComplaint] ?? 0) }
  }
}

/// Figures that cannot be made; the text says what to ask for instead.
public struct FigureProblem: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// What is summed up while measures go by.
private struct Counter {
  let days: ReportingDays
  let now: Instant
  let by: MeasureFilter.Dimension?
  private let range: ClosedRange<CivilDate>
  private let today: CivilDate
  private let nextBusinessDay: CivilDate
  private let fifthBusinessDay: CivilDate
  private var toCase: [Int64] = []
  private var toAcknowledgement: [Int64] = []
  private(set) var misses = MissCounter()

  init(days: ReportingDays, now: Instant, query: FigureQuery) {
    self.days = days
    self.now = now
    by = query.by
    range = query.range
    today = days.date(now)
    nextBusinessDay = days.calendar.adding(businessDays: 1, to: today)
    fifthBusinessDay = days.calendar.adding(businessDays: 5, to: today)
  }

  mutating func add(_ measure: CaseMeasure, to figures: inout Figures, _ row: inout PeriodRow) {
    misses.add(measure)
    let received = row.date(measure.receivedAt)
    let isInRange = range.contains(received)
    if isInRange, let place = row.place(measure.receivedAt) {
      addReceipt(measure, to: &figures.periods[place])
      if measure.isComplaint { addTimes(measure) }
      addChange(measure, to: &figures)
    }
    addService(measure, to: &figures, &row)
    if let closed = measure.closedAt { addClosed(measure, closed, received, to: &figures, &row) }
    addNow(measure, received, to: &figures.now, &row)
  }

  private func addReceipt(_ measure: CaseMeasure, to period: inout Figures.Period) {
    if measure.isMerged {
      period.merged += 1
    } else if measure.state == .dismissed {
      period.dismissed += 1
    } else {
      period.cases += 1
      if let by { period.groups[measure.value(by) ?? "", default: 0] += 1 }
    }
  }

  private mutating func addTimes(_ measure: CaseMeasure) {
    toCase.append(max(0, measure.recordedAt.unixSeconds - measure.receivedAt.unixSeconds))
    if let done = measure.acknowledgedAt {
      toAcknowledgement.append(max(0, done.unixSeconds - measure.receivedAt.unixSeconds))
    }
  }

  private func addChange(_ measure: CaseMeasure, to figures: inout Figures) {
    guard measure.isComplaint, measure.isConfirmed, measure.decidedAt != nil,
      let predicted = measure.predicted
    else { return }
    figures.changes[predicted, default: .init()].decided += 1
    if predicted != measure.category { figures.changes[predicted, default: .init()].changed += 1 }
  }

  private func addService(_ measure: CaseMeasure, to figures: inout Figures, _ row: inout PeriodRow) {
    if let service = measure.acknowledgement(at: now), let due = measure.acknowledgeBy,
      let place = place(ofDue: due, &row)
    {
      figures.periods[place].acknowledgement.add(service)
    }
    if let service = measure.final(at: now), let due = measure.finalBy, let place = place(ofDue: due, &row) {
      figures.periods[place].final.add(service)
    }
  }

  private func place(ofDue end: Instant, _ row: inout PeriodRow) -> Int? {
    let date = row.date(Instant(unixSeconds: end.unixSeconds - 1))
    return range.contains(date) ? row.place(date) : nil
  }

  private func addClosed(
    _ measure: CaseMeasure, _ closed: Instant, _ received: CivilDate, to figures: inout Figures,
    _ row: inout PeriodRow
  ) {
    let date = row.date(closed)
    guard range.contains(date), let place = row.place(closed) else { return }
    figures.periods[place].closed += 1
    figures.closed.count += 1
    if date <= days.calendar.adding(businessDays: 3, to: received) {
      figures.closed.withinThreeDays += 1
    } else if date <= received.adding(days: 56) {
      figures.closed.withinEightWeeks += 1
    } else {
      figures.closed.later += 1
    }
    switch measure.vulnerability {
    case .none: break
    case .signs: figures.closed.signsOfVulnerability += 1
    case .failure: figures.closed.failuresOfAllowance += 1
    }
    guard let closure = measure.closure else {
      figures.closed.withoutOutcome += 1
      return
    }
    figures.closed.outcomes[closure.outcome, default: 0] += 1
    if let cause = closure.rootCause { figures.closed.rootCauses[cause, default: 0] += 1 }
    if let redress = closure.redress, let currency = redress.currency {
      let before = figures.closed.redress[currency] ?? (0, 0)
      figures.closed.redress[currency] = (before.hundredths + redress.hundredths, before.cases + 1)
    }
  }

  private func addNow(
    _ measure: CaseMeasure, _ received: CivilDate, to now: inout Figures.Now, _ row: inout PeriodRow
  ) {
    guard measure.isComplaint else { return }
    if measure.isUnreviewed {
      now.unreviewed += 1
      now.oldestUnreviewed = min(now.oldestUnreviewed ?? measure.receivedAt, measure.receivedAt)
    }
    switch measure.acknowledgement(at: self.now) {
    case .overdue?: now.acknowledgementOverdue += 1
    case .due?:
      if let due = measure.acknowledgeBy, days.dueDate(due) <= nextBusinessDay {
        now.acknowledgementNear += 1
      }
    default: break
    }
    switch measure.final(at: self.now) {
    case .overdue?: now.finalOverdue += 1
    case .due?: if let due = measure.finalBy, days.dueDate(due) <= fifthBusinessDay { now.finalNear += 1 }
    default: break
    }
    guard measure.state != .closed else { return }
    let age = days.businessDays(after: received, through: today)
    now.ages[Figures.ageBands.firstIndex { age <= $0.upTo } ?? 0] += 1
  }

  var times: (toCase: Figures.Times, toAcknowledgement: Figures.Times) {
    (.init(toCase), .init(toAcknowledgement))
  }
}
