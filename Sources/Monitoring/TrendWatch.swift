// What is out of control: cases by category, country, root cause and product against their own past.

import Cases
import Deadlines
import Trends

/// A series of cases that is watched.
public struct TrendCell: Sendable, Hashable {
  /// By the day they were received, or by the day they were closed: a root cause is known only then.
  public enum Basis: String, Sendable, Hashable { case received, closed }

  public let basis: Basis
  public let values: [MeasureFilter.Dimension: String]

  public init(_ basis: Basis, _ values: [MeasureFilter.Dimension: String]) {
    self.basis = basis
    self.values = values
  }

  /// `service.delay_no_response, GB`; `all cases`.
  public var name: String {
    let words = MeasureFilter.Dimension.allCases.compactMap { values[$0] }
    return words.isEmpty ? "all cases" : words.joined(separator: ", ")
  }

  var group: String? { values[.category].map { String($0.prefix { $0 != "." }) } }
}

/// A change that was told in the last weeks.
public struct TrendAlert: Sendable {
  public let cell: TrendCell
  public let kind: Finding.Kind
  /// The days that it is about.
  public let days: ClosedRange<CivilDate>
  /// The last day on which it was told.
  public let lastTold: CivilDate
  public let seen: Int
  public let expected: Double
  /// What would have been no surprise.
  public let lower: Int
  public let upper: Int
  public let pValue: Double

  /// Whether it was still so yesterday, or the day before.
  public func stands(on today: CivilDate) -> Bool { lastTold.adding(days: 3) >= today }
}

/// Looks for changes over all cells.
public struct TrendWatch: Sendable {
  /// False alarms a year that the whole watch may give, for each kind of change; in fact there are about two
  /// (docs/trends.md), because counts are whole numbers.
  public static let falseAlarmsPerYear = 48.0
  /// The past that expectations rest on.
  static let pastDays = 800
  /// Days for which it is told what was out of control.
  static let toldDays = 56
  /// Cells with fewer cases in all that time are not watched: nothing would be sudden.
  static let fewest = 5
  /// Cells watched at most, those with the most cases: the figures' bound on memory and time.
  static let mostCells = 2000
  /// Cases are closed some weeks after they begin: before that, no closing says nothing.
  private static let firstClosings = 70

  public let alerts: [TrendAlert]
  /// How many cells were watched.
  public let cells: Int
  /// The last whole day.
  public let through: CivilDate

  private let charts: [TrendCell: (counts: [Int], exposures: [Double])]
  private let settings: MonitorSettings
  private let first: CivilDate

  /// Looks at everything up to yesterday.
  public init(index: CaseIndex, mailboxes: [String]?, days: ReportingDays, now: Instant) throws {
    through = days.date(now).adding(days: -1)
    let start = through.adding(days: 1 - Self.pastDays)
    var series = SeriesBuilder(first: start, count: Self.pastDays, days: days)
    try index.measures(MeasureFilter(mailboxes: mailboxes)) { series.add($0) }
    let begin = series.begin
    let first = start.adding(days: begin)
    self.first = first
    let count = Self.pastDays - begin
    let slots = (0..<count).map { offset in
      let date = first.adding(days: offset)
      return DaySlot(
        weekday: date.daysSinceMonday, month: date.month, isHoliday: days.calendar.holidays[date] != nil)
    }
    // Seasons are learnt from what lies before the days that are told of.
    let known = max(0, count - Self.toldDays)
    let seasons = Seasons(series, begin: begin, slots: slots, known: known)
    let watched = series.watched(begin: begin, fewest: Self.fewest, most: Self.mostCells)
    cells = watched.count
    let settings = MonitorSettings.days.within(
      AlarmBudget(perYear: Self.falseAlarmsPerYear, cells: watched.count, periodsPerYear: 365),
      season: seasons.all)
    self.settings = settings
    var charts: [TrendCell: (counts: [Int], exposures: [Double])] = [:]
    var alerts: [TrendAlert] = []
    for (cell, counts) in watched {
      let exposures = seasons.exposures(cell, firstClosings: Self.firstClosings)
      let chart = ControlChart(counts: counts, exposures: exposures, settings: settings)
      for episode in chart.episodes() where episode.told.upperBound >= known {
        let worst = episode.worst
        alerts.append(
          TrendAlert(
            cell: cell, kind: episode.kind,
            days: first.adding(
              days: worst.periods.lowerBound)...first.adding(
                days: max(worst.periods.lowerBound, worst.periods.upperBound - 1)),
            lastTold: first.adding(days: episode.told.upperBound), seen: worst.seen,
            expected: worst.expected, lower: worst.lower, upper: worst.upper, pValue: worst.pValue))
        charts[cell] = (counts, exposures)
      }
    }
    self.charts = charts
    // What still stands first, then the least likely.
    alerts.sort { ($1.lastTold, $0.pValue, $0.cell.name) < ($0.lastTold, $1.pValue, $1.cell.name) }
    self.alerts = alerts
  }

  /// The last days of a cell with an alert: counts and what was expected.
  public func chart(_ cell: TrendCell, days: Int) -> [(date: CivilDate, line: ControlChart.Line?)] {
    guard let (counts, exposures) = charts[cell] else { return [] }
    let chart = ControlChart(counts: counts, exposures: exposures, settings: settings)
    let range = max(0, counts.count - days)..<counts.count
    return zip(range, chart.lines(range)).map { (first.adding(days: $0), $1) }
  }
}

/// Daily counts of every cell.
private struct SeriesBuilder {
  private let first: CivilDate
  private let count: Int
  private let days: ReportingDays
  private var row: PeriodRow?
  private(set) var counts: [TrendCell: [Int]] = [:]
  private(set) var begin: Int

  init(first: CivilDate, count: Int, days: ReportingDays) {
    self.first = first
    self.count = count
    self.days = days
    begin = count
    row = PeriodRow(first...first.adding(days: count - 1), .day, days, limit: count)
  }

  mutating func add(_ measure: CaseMeasure) {
    guard measure.isComplaint else { return }
    if let day = row?.place(measure.receivedAt) {
      begin = min(begin, day)
      add(.received, [:], day)
      add(.received, [.mailbox: measure.mailbox], day)
      add(.received, [.category: measure.category], day)
      if let country = measure.country {
        add(.received, [.country: country], day)
        add(.received, [.category: measure.category, .country: country], day)
      }
    }
    guard let closed = measure.closedAt, let day = row?.place(closed), let cause = measure.closure?.rootCause
    else { return }
    add(.closed, [.rootCause: cause], day)
    add(.closed, [.category: measure.category, .rootCause: cause], day)
    guard let product = measure.closure?.product else { return }
    add(.closed, [.product: product], day)
    guard let country = measure.country else { return }
    add(.closed, [.category: measure.category, .rootCause: cause, .product: product, .country: country], day)
  }

  private mutating func add(_ basis: TrendCell.Basis, _ values: [MeasureFilter.Dimension: String], _ day: Int)
  {
    counts[TrendCell(basis, values), default: Array(repeating: 0, count: count)][day] += 1
  }

  /// The cells worth watching, from the first day that has a case.
  func watched(begin: Int, fewest: Int, most: Int) -> [(TrendCell, [Int])] {
    guard begin < count else { return [] }
    let all = counts.compactMap { cell, counts -> (cell: TrendCell, counts: [Int], sum: Int)? in
      let sum = counts.reduce(0, +)
      return sum >= fewest ? (cell, Array(counts[begin...]), sum) : nil
    }
    return all.sorted { ($1.sum, $0.cell.name) < ($0.sum, $1.cell.name) }.prefix(most).map {
      ($0.cell, $0.counts)
    }
  }

  /// All cases of a basis, or of one group of categories.
  func sum(_ basis: TrendCell.Basis, group: String?, begin: Int) -> [Int] {
    var sum = Array(repeating: 0, count: max(0, count - begin))
    for (cell, counts) in counts where cell.basis == basis {
      let isWhole =
        basis == .received ? cell.values.isEmpty : cell.values.count == 1 && cell.values[.rootCause] != nil
      let isOfGroup =
        basis == .received
        ? cell.values.count == 1 && cell.group == group
        : cell.values.count == 2 && cell.values[.rootCause] != nil && cell.group == group
      guard group == nil ? isWhole : isOfGroup else { continue }
      for day in sum.indices { sum[day] += counts[begin + day] }
    }
    return sum
  }

  var groups: Set<String> { Set(counts.keys.compactMap(\.group)) }
}

/// What the calendar does to each group of categories.
private struct Seasons {
  let all: Seasonality
  private var exposures: [TrendCell.Basis: [String: [Double]]] = [:]
  private var plain: [TrendCell.Basis: [Double]] = [:]

  init(_ series: SeriesBuilder, begin: Int, slots: [DaySlot], known: Int) {
    func learn(_ counts: [Int], parent: Seasonality = .flat) -> Seasonality {
      Seasonality(
        learning: Array(counts.prefix(known)), days: Array(slots.prefix(known)), parent: parent)
    }
    var all = Seasonality.flat
    for basis in [TrendCell.Basis.closed, .received] {
      all = learn(series.sum(basis, group: nil, begin: begin))
      plain[basis] = all.exposures(slots)
      for group in series.groups {
        exposures[basis, default: [:]][group] =
          learn(series.sum(basis, group: group, begin: begin), parent: all).exposures(slots)
      }
    }
    self.all = all
  }

  func exposures(_ cell: TrendCell, firstClosings: Int) -> [Double] {
    let found = cell.group.flatMap { exposures[cell.basis]?[$0] } ?? plain[cell.basis] ?? []
    guard cell.basis == .closed else { return found }
    return found.enumerated().map { $0.offset < firstClosings ? 0 : $0.element }
  }
}
