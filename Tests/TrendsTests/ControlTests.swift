import Testing

@testable import Trends

@Suite struct ControlTests {
  /// Two hundred series of two years with nothing in them.
  struct Quiet: CustomTestStringConvertible {
    var name: String
    var mean: Double
    var spread = 0.0
    var testDescription: String { name }
  }

  static let quiet = [
    Quiet(name: "a case in half a year", mean: 0.005), Quiet(name: "one a month", mean: 0.033),
    Quiet(name: "one in three days", mean: 0.3), Quiet(name: "two a day", mean: 2),
    Quiet(name: "fifteen a day", mean: 15),
    Quiet(name: "four a day, overdispersed", mean: 4, spread: 0.2),
  ]

  /// The promise is met on series that are made by chance: eight false alarms a year over two hundred cells, for each
  /// kind, are at most sixteen in two years.
  @Test(arguments: quiet)
  func falseAlarmsStayWithinTheBudget(_ quiet: Quiet) {
    var settings = MonitorSettings.days
    settings.tail = AlarmBudget(perYear: 8, cells: 200, periodsPerYear: 365).perTest
    var told: [Finding.Kind: Int] = [:]
    for cell in 0..<200 {
      var chance = Chance(seed: cell + 1000)
      let counts = (0..<730).map { _ in
        chance.poisson(quiet.mean * (quiet.spread > 0 ? chance.gamma(spread: quiet.spread) : 1))
      }
      for episode in ControlChart(counts: counts, settings: settings).episodes() {
        told[episode.kind, default: 0] += 1
      }
    }
    for kind in Finding.Kind.allCases { #expect(told[kind, default: 0] <= 16, "\(kind)") }
  }

  @Test func aConstantSeriesIsInControl() {
    for count in [0, 1, 5, 40] {
      let chart = ControlChart(counts: Array(repeating: count, count: 400))
      #expect(chart.episodes().isEmpty)
    }
  }

  struct Change: CustomTestStringConvertible {
    var name: String
    var usual: Double
    var from = 300
    /// The multiple of the usual level, days after `from`.
    var level: @Sendable (Int) -> Double
    var kind: Finding.Kind
    /// Days within which nine of ten must be told.
    var within: Int
    var testDescription: String { name }
  }

  static let changes = [
    Change(
      name: "a flood of three days", usual: 1, level: { $0 < 3 ? 8 : 1 }, kind: .spike, within: 3),
    Change(
      name: "ten in a week where one in two months is usual", usual: 1 / 60.0,
      level: { $0 < 7 ? 86 : 1 }, kind: .spike, within: 7),
    Change(name: "twice as many from now on", usual: 1, level: { _ in 2 }, kind: .rise, within: 60),
    Change(
      name: "from two to four a day in four months", usual: 2,
      level: { min(2, 1 + Double($0) / 120) },
      kind: .rise, within: 135),
    Change(name: "nothing any more", usual: 3, level: { _ in 0 }, kind: .drop, within: 10),
    Change(
      name: "half as many from now on", usual: 3, level: { _ in 0.5 }, kind: .decline, within: 60),
  ]

  @Test(arguments: changes)
  func aChangeIsFound(_ change: Change) {
    var settings = MonitorSettings.days
    settings.tail = AlarmBudget(perYear: 8, cells: 200, periodsPerYear: 365).perTest
    var found = 0
    for series in 0..<50 {
      var chance = Chance(seed: series + 5000)
      let counts = (0..<(change.from + change.within)).map { day in
        chance.poisson(change.usual * (day < change.from ? 1 : change.level(day - change.from)))
      }
      let points = ControlChart(counts: counts, settings: settings).points
      let findings = points[change.from...].flatMap(\.findings).filter { $0.kind == change.kind }
      if let first = findings.first {
        found += 1
        #expect(first.pValue <= settings.tail)
      }
      for finding in findings {
        #expect(
          change.kind == .spike || change.kind == .rise
            ? Double(finding.seen) > finding.expected : Double(finding.seen) < finding.expected)
      }
    }
    #expect(found >= 45, "\(found) of 50")
  }

  @Test func aFindingSaysWhatAndSinceWhen() throws {
    // Ten a day, alternating; then five days of thirty.
    let counts = (0..<200).map { $0 % 2 == 0 ? 9 : 11 } + [30, 31, 29, 30, 30]
    let chart = ControlChart(counts: counts)
    let spike = try #require(chart.findings.first { $0.kind == .spike })
    #expect(spike.periods.upperBound == 205)
    #expect(spike.periods.lowerBound >= 198 && spike.periods.lowerBound <= 201)
    #expect(spike.seen > spike.upper)
    let perDay = spike.expected / Double(spike.periods.count)
    #expect(perDay > 9 && perDay < 11)
    let line = try #require(chart.lines(200..<201)[0])
    #expect(line.count == 30 && line.upper > 15 && line.upper < 30 && line.lower < 5)
    #expect(abs(line.centre - 10) < 0.5)
  }

  /// What was once an outlier does not move the expectation much.
  @Test func theExpectationIsRobust() {
    var chance = Chance(seed: 7)
    var counts = (0..<300).map { _ in chance.poisson(2) }
    let before = ControlChart(counts: counts).next.mean
    counts[200] = 400
    counts[201] = 300
    let after = ControlChart(counts: counts).next.mean
    #expect(after < before * 1.15)
  }

  /// A level that stays is told once and then is the level.
  @Test func aNewLevelIsAccepted() {
    var chance = Chance(seed: 11)
    let counts = (0..<900).map { chance.poisson($0 < 300 ? 2 : 5) }
    let chart = ControlChart(counts: counts)
    let rises = chart.episodes().filter { $0.kind == .rise }
    #expect(rises.count == 1)
    #expect(abs(chart.next.mean - 5) < 0.7)
  }

  /// Mondays are no spikes, and a busy Saturday is one, once the calendar is known.
  @Test func theCalendarIsNoAlarm() {
    let days = (0..<420).map { DaySlot(weekday: $0 % 7, month: 1 + $0 / 30 % 12) }
    let usual = [16.0, 8, 8, 7, 6, 0.3, 0.3]
    var chance = Chance(seed: 3)
    var counts = days.map { chance.poisson(usual[$0.weekday]) }
    let season = Seasonality(learning: Array(counts[..<300]), days: Array(days[..<300]))
    #expect(abs(season.weekdays[0] / season.weekdays[1] - 2) < 0.35)
    let exposures = season.exposures(days)
    #expect(ControlChart(counts: counts, exposures: exposures).episodes().isEmpty)
    // Ten on a Saturday are many; without the calendar they are a middling day.
    counts[418] = 10
    let known = ControlChart(counts: Array(counts[...418]), exposures: exposures)
    #expect(known.findings.map(\.kind) == [.spike])
    #expect(ControlChart(counts: Array(counts[...418])).findings.isEmpty)
  }

  @Test func monthsAreLearntFromMoreThanAYear() {
    var chance = Chance(seed: 5)
    let days = (0..<730).map { DaySlot(weekday: $0 % 7, month: 1 + $0 % 365 * 12 / 365) }
    // April brings twice as much, and the whole grows by a half a year.
    let counts = days.indices.map { day in
      chance.poisson(10 * (days[day].month == 4 ? 2 : 1) * (1 + Double(day) / 730))
    }
    let season = Seasonality(learning: counts, days: days)
    #expect(season.knowsYear)
    #expect(abs(season.months[3] / season.months[8] - 2) < 0.25)
    #expect(abs(season.months[0] / season.months[11] - 1) < 0.12)
    // A cell of few cases has its parent's season.
    let cell = Seasonality(learning: Array(repeating: 0, count: 730), days: days, parent: season)
    #expect(cell.months[3] / cell.months[8] > 1.8)
    #expect(!Seasonality(learning: Array(counts[..<300]), days: Array(days[..<300])).knowsYear)
  }

  @Test(arguments: [
    [], [0], [1], [Int.max], [Int.min, -5, Int.max], Array(repeating: 0, count: 500),
    Array(repeating: Int.max, count: 200), (0..<300).map { $0 % 50 == 49 ? 1_000_000_000 : 0 },
    Array(repeating: 0, count: 200) + Array(repeating: 1_000_000, count: 200)
      + Array(repeating: 0, count: 200),
  ])
  func nothingTraps(_ counts: [Int]) {
    for exposures in [[], [0], [.nan, .infinity, -1], Array(repeating: 0.0, count: counts.count)]
      as [[Double]]
    {
      for settings in [MonitorSettings.days, .weeks] {
        let chart = ControlChart(counts: counts, exposures: exposures, settings: settings)
        #expect(chart.points.count == counts.count)
        #expect(chart.next.mean.isFinite && chart.next.spread.isFinite)
        for point in chart.points {
          #expect(point.rise.isFinite && point.decline.isFinite)
          for finding in point.findings {
            #expect(finding.expected.isFinite && finding.pValue >= 0 && finding.pValue <= 1)
          }
        }
        _ = chart.lines(-5..<10_000)
      }
    }
    let days = counts.indices.map { DaySlot(weekday: $0 - 3, month: $0 - 3) }
    let season = Seasonality(learning: counts, days: days)
    #expect(season.exposures(days).allSatisfy { $0.isFinite && $0 >= 0 })
  }
}
