// Figures as one JSON object (`intake.figures/1`, docs/json.md).

import Cases
import Deadlines
import Triage

/// All figures of a query, for programs.
public struct FiguresDocument: Encodable, Sendable {
  private let figures: Figures
  private let days: ReportingDays

  public init(_ figures: Figures, days: ReportingDays) {
    self.figures = figures
    self.days = days
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private typealias Container = KeyedEncodingContainer<Key>

  public func encode(to encoder: any Encoder) throws {
    var top = encoder.container(keyedBy: Key.self)
    func put(_ key: String, _ value: some Encodable) throws {
      try top.encode(value, forKey: Key(stringValue: key))
    }
    try put("schema", "intake.figures/1")
    try put("at", figures.at)
    try put("zone", days.zone.name)
    try put("calendar", days.calendar.id)
    try put("from", figures.query.range.lowerBound)
    try put("to", figures.query.range.upperBound)
    try put("period", figures.query.period.rawValue)
    try put("by", figures.query.by?.rawValue)
    try put("periods", figures.periods.map(PeriodLine.init))
    try put("now", NowLine(figures))
    try put(
      "times",
      ["to_case": TimesLine(figures.toCase), "to_acknowledgement": TimesLine(figures.toAcknowledgement)])
    try put("closed", ClosedLine(figures.closed))
    try put("changes", figures.changes.mapValues { ["decided": $0.decided, "changed": $0.changed] })
    try put("misses", figures.misses)
  }
}

private struct PeriodLine: Encodable {
  let start: String
  let cases: Int
  let dismissed: Int
  let merged: Int
  let closed: Int
  let groups: [String: Int]
  let messages: [String: Int]
  let acknowledgement: ServiceCount
  let final: ServiceCount

  init(_ period: Figures.Period) {
    start = period.name
    cases = period.cases
    dismissed = period.dismissed
    merged = period.merged
    closed = period.closed
    groups = period.groups
    messages = Dictionary(uniqueKeysWithValues: period.messages.map { ($0.key.rawValue, $0.value) })
    acknowledgement = period.acknowledgement
    final = period.final
  }
}

private struct NowLine: Encodable {
  let unreviewed: Int
  let oldestUnreviewed: String?
  let acknowledgementNear: Int
  let acknowledgementOverdue: Int
  let finalNear: Int
  let finalOverdue: Int
  let ages: [Int]

  init(_ figures: Figures) {
    unreviewed = figures.now.unreviewed
    oldestUnreviewed = figures.now.oldestUnreviewed?.description
    acknowledgementNear = figures.now.acknowledgementNear
    acknowledgementOverdue = figures.now.acknowledgementOverdue
    finalNear = figures.now.finalNear
    finalOverdue = figures.now.finalOverdue
    ages = figures.now.ages
  }

  enum CodingKeys: String, CodingKey {
    case unreviewed, ages
    case oldestUnreviewed = "oldest_unreviewed"
    case acknowledgementNear = "acknowledgement_near"
    case acknowledgementOverdue = "acknowledgement_overdue"
    case finalNear = "final_near"
    case finalOverdue = "final_overdue"
  }
}

private struct TimesLine: Encodable {
  let count: Int
  let median: Int64?
  let p90: Int64?
  let p99: Int64?
  let longest: Int64?

  init(_ times: Figures.Times) {
    count = times.count
    median = times.median
    p90 = times.ninetieth
    p99 = times.ninetyNinth
    longest = times.longest
  }
}

private struct ClosedLine: Encodable {
  let count: Int
  let withinThreeDays: Int
  let withinEightWeeks: Int
  let later: Int
  let outcomes: [String: Int]
  let withoutOutcome: Int
  let rootCauses: [String: Int]
  /// Hundredths and cases, by currency.
  let redress: [String: [Int]]
  let signsOfVulnerability: Int
  let failuresOfAllowance: Int

  init(_ closed: Figures.Closed) {
    count = closed.count
    withinThreeDays = closed.withinThreeDays
    withinEightWeeks = closed.withinEightWeeks
    later = closed.later
    outcomes = Dictionary(uniqueKeysWithValues: closed.outcomes.map { ($0.key.rawValue, $0.value) })
    withoutOutcome = closed.withoutOutcome
    rootCauses = closed.rootCauses
    redress = closed.redress.mapValues { [$0.hundredths, $0.cases] }
    signsOfVulnerability = closed.signsOfVulnerability
    failuresOfAllowance = closed.failuresOfAllowance
  }

  enum CodingKeys: String, CodingKey {
    case count, later, outcomes, redress
    case withinThreeDays = "within_three_days"
    case withinEightWeeks = "within_eight_weeks"
    case withoutOutcome = "without_outcome"
    case rootCauses = "root_causes"
    case signsOfVulnerability = "signs_of_vulnerability"
    case failuresOfAllowance = "failures_of_allowance"
  }
}
