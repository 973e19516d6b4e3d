// A regulator's return: which fields it has is data (config/returns), how each is counted is here.

import Cases
import Deadlines
import Triage

/// What a return asks for.
public struct ReturnDefinition: Sendable {
  public enum Count: String, Sendable, CaseIterable {
    /// Received before the period, and not closed before it.
    case outstandingAtStart = "outstanding_at_start"
    /// Received in the period.
    case opened
    /// Closed in the period.
    case closed
    /// Of these, upheld or partly so.
    case upheld
    case notUpheld = "not_upheld"
    /// Of these, without a finding: withdrawn, resolved early, or not stated.
    case noFinding = "no_finding"
    /// Received before the period's end, and not closed by then.
    case outstandingAtEnd = "outstanding_at_end"
    /// Closed in the period with redress in money.
    case redressCases = "redress_cases"
    /// Its sums, by currency.
    case redress
    /// Received in the period with signs of vulnerability.
    case openedVulnerable = "opened_vulnerable"
    /// Received in the period, about a failure to allow for vulnerability.
    case openedVulnerabilityFailures = "opened_vulnerability_failures"
  }

  /// How long a closing took, from the day of receipt.
  public struct Field: Sendable {
    public let name: String
    public let title: String
    public let count: Count
    /// Closed later than this.
    public let after: Period?
    /// Closed by the end of this.
    public let within: Period?

    public init(name: String, title: String, count: Count, after: Period? = nil, within: Period? = nil) {
      self.name = name
      self.title = title
      self.count = count
      self.after = after
      self.within = within
    }
  }

  public let id: String
  public let title: String
  public let source: String
  public let checkBy: CivilDate
  /// Nil for all.
  public let countries: Set<String>?
  public let mailboxes: Set<String>?
  /// Opened in a period from which on results must be published; nil where that is not so.
  public let publishFrom: Int?
  public let fields: [Field]

  public init(
    id: String, title: String, source: String, checkBy: CivilDate, countries: Set<String>?,
    mailboxes: Set<String>?, publishFrom: Int?, fields: [Field]
  ) {
    self.id = id
    self.title = title
    self.source = source
    self.checkBy = checkBy
    self.countries = countries
    self.mailboxes = mailboxes
    self.publishFrom = publishFrom
    self.fields = fields
  }
}

/// A return, filled in.
public struct RegulatorReturn: Sendable {
  /// A number, or sums of money by currency in hundredths.
  public enum Value: Sendable, Equatable {
    case count(Int)
    case money([String: Int])

    /// `12`, `1250.00 GBP, 40.00 EUR`; `0` for no money.
    public var words: String {
      switch self {
      case .count(let count): "\(count)"
      case .money(let sums):
        sums.isEmpty
          ? "0"
          : sums.sorted { $0.key < $1.key }.compactMap {
            GrantedRedress(kind: .refund, hundredths: $0.value, currency: $0.key).amount
          }.joined(separator: ", ")
      }
    }

    fileprivate mutating func add(_ measure: CaseMeasure) {
      switch self {
      case .count(let count): self = .count(count + 1)
      case .money(var sums):
        if let redress = measure.closure?.redress, let currency = redress.currency {
          sums[currency, default: 0] += redress.hundredths
        }
        self = .money(sums)
      }
    }
  }

  public let definition: ReturnDefinition
  public let range: ClosedRange<CivilDate>
  /// By cause, with `all` last; values in the order of the fields.
  public let rows: [(cause: String, values: [Value])]
  /// Cases closed in the range without an outcome: the return is incomplete until each has one.
  public let withoutOutcome: Int
  public let opened: Int

  /// Whether results of this period must be published; nil where that is no question.
  public var mustBePublished: Bool? { definition.publishFrom.map { opened >= $0 } }

  /// - Parameter causes: the regulator's cause of each category.
  public init(
    _ definition: ReturnDefinition, range: ClosedRange<CivilDate>, index: CaseIndex, causes: [String: String],
    days: ReportingDays
  ) throws {
    let start = days.start(range.lowerBound)
    let end = days.start(range.upperBound.adding(days: 1))
    var sums: [String: [Value]] = [:]
    let empty = definition.fields.map { $0.count == .redress ? Value.money([:]) : .count(0) }
    var withoutOutcome = 0
    var opened = 0
    try index.measures(MeasureFilter(before: end)) { measure in
      guard measure.isComplaint, definition.mailboxes?.contains(measure.mailbox) ?? true,
        definition.countries.map({ $0.contains(measure.country ?? "") }) ?? true
      else { return }
      let isClosedIn = measure.closedAt.map { $0 >= start && $0 < end } ?? false
      if isClosedIn, measure.closure == nil { withoutOutcome += 1 }
      if measure.receivedAt >= start { opened += 1 }
      let cause = causes[measure.category] ?? "other"
      for (place, field) in definition.fields.enumerated()
      where Self.counts(field, measure, start: start, end: end, isClosedIn: isClosedIn, days) {
        sums[cause, default: empty][place].add(measure)
        sums["all", default: empty][place].add(measure)
      }
    }
    self.definition = definition
    self.range = range
    self.withoutOutcome = withoutOutcome
    self.opened = opened
    let all = sums.removeValue(forKey: "all") ?? empty
    rows = sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("all", all)]
  }

  private static func counts(
    _ field: ReturnDefinition.Field, _ measure: CaseMeasure, start: Instant, end: Instant, isClosedIn: Bool,
    _ days: ReportingDays
  ) -> Bool {
    func isOpen(at moment: Instant) -> Bool { measure.closedAt.map { $0 >= moment } ?? true }
    let isOpenedIn = measure.receivedAt >= start
    switch field.count {
    case .outstandingAtStart: return !isOpenedIn && isOpen(at: start)
    case .opened: return isOpenedIn
    case .outstandingAtEnd: return isOpen(at: end)
    case .openedVulnerable: return isOpenedIn && measure.vulnerability != .none
    case .openedVulnerabilityFailures: return isOpenedIn && measure.vulnerability == .failure
    case .closed, .upheld, .notUpheld, .noFinding, .redressCases, .redress:
      guard isClosedIn, let closed = measure.closedAt else { return false }
      let (received, day) = (days.date(measure.receivedAt), days.date(closed))
      if let after = field.after, day <= last(after, received, days) { return false }
      if let within = field.within, day > last(within, received, days) { return false }
      let outcome = measure.closure?.outcome
      switch field.count {
      case .upheld: return outcome == .upheld || outcome == .partlyUpheld
      case .notUpheld: return outcome == .notUpheld
      case .noFinding: return !(outcome?.isFinding ?? false)
      case .redressCases, .redress: return measure.closure?.redress?.currency != nil
      default: return true
      }
    }
  }

  /// The last day of a period that begins with the day of receipt.
  private static func last(_ period: Period, _ received: CivilDate, _ days: ReportingDays) -> CivilDate {
    switch period {
    case .businessDays(let count): days.calendar.adding(businessDays: count, to: received)
    case .days(let count): received.adding(days: count)
    case .weeks(let count): received.adding(days: 7 * count)
    case .months(let count): received.adding(months: count)
    case .hours(let count): received.adding(days: (count + 23) / 24)
    }
  }

  /// A heading and a line for each cause.
  public var csv: [String] {
    [(["cause"] + definition.fields.map(\.name)).map(CSV.field).joined(separator: ",")]
      + rows.map { row in
        ([row.cause] + row.values.map(\.words)).map(CSV.field).joined(separator: ",")
      }
  }
}

/// A return as JSON (`intake.return/1`, docs/json.md).
public struct ReturnDocument: Encodable, Sendable {
  private struct Line: Encodable {
    let cause: String
    let counts: [String: Int]
    /// Hundredths, by currency.
    let sums: [String: [String: Int]]
  }

  private let schema = "intake.return/1"
  private let id: String
  private let from: CivilDate
  private let to: CivilDate
  private let rows: [Line]
  private let withoutOutcome: Int
  private let mustBePublished: Bool?

  public init(_ filled: RegulatorReturn) {
    id = filled.definition.id
    (from, to) = (filled.range.lowerBound, filled.range.upperBound)
    withoutOutcome = filled.withoutOutcome
    mustBePublished = filled.mustBePublished
    rows = filled.rows.map { row in
      var (counts, sums): ([String: Int], [String: [String: Int]]) = ([:], [:])
      for (field, value) in zip(filled.definition.fields, row.values) {
        switch value {
        case .count(let count): counts[field.name] = count
        case .money(let money): sums[field.name] = money
        }
      }
      return Line(cause: row.cause, counts: counts, sums: sums)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case schema, id, from, to, rows
    case withoutOutcome = "without_outcome"
    case mustBePublished = "must_be_published"
  }
}

/// The fixed half-years that returns are made for.
public enum HalfYear {
  /// The last whole one before a day.
  public static func last(before day: CivilDate) -> ClosedRange<CivilDate> {
    let (year, first, last) = day.month <= 6 ? (day.year - 1, 7, 12) : (day.year, 1, 6)
    let begin = CivilDate(year: year, month: first, day: 1) ?? day
    return begin...(CivilDate(year: year, month: last, day: last == 12 ? 31 : 30) ?? day)
  }
}
