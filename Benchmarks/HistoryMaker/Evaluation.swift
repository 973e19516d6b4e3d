// The detectors of `Trends` over a history, day by day: each knows only what came before, as operations would.

import Deadlines
import Trends

/// What was found of what was planted, and what was told beside it.
struct Evaluation {
  struct Kind {
    var planted = 0
    var found = 0
    /// Days (hours for silence and flood) from its beginning to its being told.
    var delays: [Int] = []
    /// Each with its size and usual volume.
    var missed: [String] = []
    var foundOnes: [String] = []
  }

  private(set) var kinds: [Anomaly.Kind: Kind] = [:]
  /// Alarms that nothing planted explains, by detector.
  private(set) var falseAlarms: [String: Int] = [:]
  /// Alarms that the end of something planted explains: a level that comes back is a change too.
  private(set) var aftermath = 0
  private(set) var cells = 0
  private(set) var watchedDays = 0
  /// Each false alarm, for whoever wants to know why.
  private(set) var log: [String] = []

  private let history: History
  private var foundDelays: [Int: Int] = [:]
  private let thresholds: Thresholds

  /// What was chosen, once, on other seeds than those that are reported.
  struct Thresholds {
    /// False alarms promised a year, over all cells, for each kind.
    var cellsPerYear = 48.0
    /// And of each mailbox, for silence and for flood.
    var mailboxPerYear = 1.0
    var themes = ThemeSettings()
    /// Days of cases that are recent, and of those that are past.
    var recentDays = 21
    var pastDays = 365
    var monitor = MonitorSettings.days
  }

  init(_ history: History, thresholds: Thresholds = Thresholds()) {
    self.history = history
    self.thresholds = thresholds
    watchedDays = history.span.days.count
    for one in history.planted { kinds[one.anomaly.kind, default: Kind()].planted += 1 }
    watchCells()
    watchMail()
    watchThemes()
    for (index, one) in history.planted.enumerated() {
      let kind = one.anomaly.kind
      if let delay = foundDelays[index] {
        kinds[kind]?.found += 1
        kinds[kind]?.delays.append(delay)
        kinds[kind]?.foundOnes.append(Self.description(one.anomaly))
      } else {
        kinds[kind]?.missed.append(Self.description(one.anomaly))
      }
    }
  }

  private static func description(_ anomaly: Anomaly) -> String {
    let place = [anomaly.category, anomaly.country, anomaly.rootCause, anomaly.mailbox].compactMap { $0 }
    let size = (anomaly.size * 10).rounded() / 10
    let usual = (anomaly.usual * 10).rounded() / 10
    return "\(place.joined(separator: " ")) \(anomaly.from)...\(anomaly.to) size \(size), usual \(usual)"
  }

  private mutating func found(_ index: Int, delay: Int) {
    foundDelays[index] = min(foundDelays[index] ?? .max, max(delay, 0))
  }

  private mutating func falseAlarm(_ detector: String, _ words: String) {
    falseAlarms[detector, default: 0] += 1
    log.append("\(detector): \(words)")
  }

  // MARK: cells

  /// A series of cases a day.
  private struct Cell {
    var category: String?
    var country: String?
    var rootCause: String?
    var counts: [Int]
    var group: String?

    var name: String { [category, country, rootCause].compactMap { $0 }.joined(separator: " ") }
  }

  private func makeCells() -> [Cell] {
    let days = history.span.days.count
    var counts: [[String?]: [Int]] = [:]
    func count(_ key: [String?], _ day: Int) {
      counts[key, default: Array(repeating: 0, count: days)][day] += 1
    }
    for one in history.cases {
      count([nil, nil, nil], one.day)
      count([one.judged, nil, nil], one.day)
      count([nil, one.country, nil], one.day)
      count([one.judged, one.country, nil], one.day)
      // What a case came from is known when it is closed, and counts then.
      if let closed = one.closedDay { count([one.category, nil, one.rootCause], closed) }
    }
    return counts.map { key, counts in
      Cell(
        category: key[0], country: key[1], rootCause: key[2], counts: counts,
        group: key[0].map { String($0.prefix { $0 != "." }) })
    }.sorted { $0.name < $1.name }
  }

  /// Seasons are learnt anew every eight weeks.
  private static let relearn = 56
  private static let firstClosings = 70

  private mutating func watchCells() {
    let cells = makeCells()
    self.cells = cells.count
    let days = history.span.days
    // The largest market's calendar stands for all.
    let slots = days.indices.map {
      DaySlot(
        weekday: days[$0].daysSinceMonday, month: days[$0].month, isHoliday: history.span.isHoliday(0, $0))
    }
    var arrivals = [Int](repeating: 0, count: days.count)
    var closings = arrivals
    var groups: [String: [Int]] = [:]
    var closedGroups: [String: [Int]] = [:]
    func group(_ category: String) -> String { String(category.prefix { $0 != "." }) }
    for one in history.cases {
      arrivals[one.day] += 1
      groups[group(one.judged), default: Array(repeating: 0, count: days.count)][one.day] += 1
      if let closed = one.closedDay {
        closings[closed] += 1
        closedGroups[group(one.category), default: Array(repeating: 0, count: days.count)][closed] += 1
      }
    }
    let budget = AlarmBudget(
      perYear: thresholds.cellsPerYear, cells: cells.count, periodsPerYear: 365)
    var told = cells.map { _ in [Int: [Finding]]() }
    for start in stride(from: 0, to: days.count, by: Self.relearn) {
      let end = min(start + Self.relearn, days.count)
      let known = Array(slots[..<start])
      let all = Seasonality(learning: Array(arrivals[..<start]), days: known)
      let closed = Seasonality(learning: Array(closings[..<start]), days: known)
      func exposures(_ counts: [Int], _ parent: Seasonality) -> [Double] {
        Seasonality(learning: Array(counts[..<start]), days: known, parent: parent).exposures(
          Array(slots[..<end]))
      }
      let byGroup = groups.mapValues { exposures($0, all) }
      // Cases are closed some weeks after they begin: before that, no closing says nothing.
      let byClosedGroup = closedGroups.mapValues { counts in
        exposures(counts, closed).enumerated().map { $0.offset < Self.firstClosings ? 0 : $0.element }
      }
      let plain = all.exposures(Array(slots[..<end]))
      let settings = thresholds.monitor.within(budget, season: all)
      for (index, cell) in cells.enumerated() {
        let season = cell.rootCause != nil ? byClosedGroup : byGroup
        let exposure = cell.group.flatMap { season[$0] } ?? plain
        let chart = ControlChart(counts: Array(cell.counts[..<end]), exposures: exposure, settings: settings)
        for day in start..<end where !chart.points[day].findings.isEmpty {
          told[index][day] = chart.points[day].findings
        }
      }
    }
    for (index, cell) in cells.enumerated() { judge(cell, told[index]) }
  }

  /// Sorts a cell's alarms into found, explained and false; neighbouring days are one alarm.
  private mutating func judge(_ cell: Cell, _ told: [Int: [Finding]]) {
    var lastTold: [Finding.Kind: (day: Int, finding: Finding)] = [:]
    for day in told.keys.sorted() {
      for finding in told[day] ?? [] {
        let isNew =
          lastTold[finding.kind].map { day - $0.day > 8 && !$0.finding.isSameDrift(as: finding) } ?? true
        lastTold[finding.kind] = (day, finding)
        let match = explanation(cell, finding, day)
        for index in match.found { found(index, delay: day - history.planted[index].days.lowerBound) }
        if match.found.isEmpty, isNew {
          if match.isAftermath {
            aftermath += 1
          } else {
            falseAlarm(
              finding.kind.rawValue,
              "\(cell.name) on \(history.span.days[day]): \(finding.seen) of \(finding.expected) in \(finding.periods)"
            )
          }
        }
      }
    }
  }

  private func explanation(_ cell: Cell, _ finding: Finding, _ day: Int) -> (found: [Int], isAftermath: Bool)
  {
    var isAftermath = false
    var found: [Int] = []
    for (index, one) in history.planted.enumerated() {
      let anomaly = one.anomaly
      let isUp = finding.kind == .spike || finding.kind == .rise
      guard anomaly.mailbox == nil || anomaly.kind == .silence, anomaly.kind != .theme else { continue }
      // A cell is concerned if it holds some of the anomaly's cases.
      let concerns: Bool
      if cell.rootCause != nil {
        concerns =
          anomaly.rootCause.map { $0 == cell.rootCause && anomaly.category == cell.category } ?? false
      } else {
        concerns =
          anomaly.rootCause == nil
          && (anomaly.category == nil || cell.category == nil || anomaly.category == cell.category)
          && (anomaly.country == nil || cell.country == nil || anomaly.country == cell.country)
      }
      // More cases of a category are closed later: no news, but no false alarm either.
      if cell.rootCause != nil, anomaly.category == cell.category, day >= one.days.lowerBound,
        day <= one.days.upperBound + 120
      {
        isAftermath = true
      }
      guard concerns else { continue }
      let slack: Int
      switch anomaly.kind {
      case .spike: slack = 7
      case .drift: slack = anomaly.rootCause == nil ? 30 : 75
      case .drop: slack = 14
      case .silence, .flood, .theme: continue
      }
      let fits = anomaly.kind == .drop ? !isUp : isUp
      if fits, day >= one.days.lowerBound, day <= one.days.upperBound + slack { found.append(index) }
      // A cell of another kind is in alarm because its sum is, or the level comes back.
      if day >= one.days.lowerBound, day <= one.days.upperBound + 120, !fits || day > one.days.upperBound {
        isAftermath = true
      }
    }
    return (found, isAftermath)
  }

  // MARK: mail

  private mutating func watchMail() {
    for mailbox in Mailbox.all.indices { watchMail(mailbox) }
  }

  private mutating func watchMail(_ mailbox: Int) {
    let counts = history.hourly(mailbox)
    let span = history.span
    let slots = counts.indices.map { hour in
      HourSlot(
        weekday: span.days[hour / 24].daysSinceMonday, hour: hour % 24, month: span.days[hour / 24].month,
        isHoliday: span.isHoliday(mailbox, hour / 24))
    }
    var rhythm: MailRhythm?
    var quietSince = 0
    var silenceTold = false
    var floodTold = -100
    for hour in counts.indices {
      if hour % 168 == 0 {
        rhythm = MailRhythm(learning: Array(counts[..<hour]), hours: Array(slots[..<hour]))
      }
      if counts[hour] > 0 {
        (quietSince, silenceTold) = (hour + 1, false)
      } else if let rhythm, !silenceTold {
        let silence = Silence(
          slots[quietSince...hour], rhythm: rhythm, falseAlarmsPerYear: thresholds.mailboxPerYear)
        if silence.isAlarm {
          silenceTold = true
          let match = planted(.silence, mailbox, quietSince...hour, after: 24)
          if let match {
            found(match, delay: hour + 1 - history.planted[match].hours.lowerBound)
          } else {
            falseAlarm(
              "silence",
              "\(Mailbox.all[mailbox].name) \(span.days[hour / 24]) \(hour % 24): \(silence.expected) expected"
            )
          }
        }
      }
      guard let rhythm else { continue }
      for window in [1, 3, 24] where hour >= window {
        let hours = (hour - window + 1)...hour
        let flood = Flood(
          counts[hours].reduce(0, +), in: slots[hours], rhythm: rhythm,
          falseAlarmsPerYear: thresholds.mailboxPerYear)
        guard flood.isAlarm else { continue }
        let isNew = hour - floodTold > 24
        if let match = planted(.flood, mailbox, hours, after: 24) {
          found(match, delay: hour + 1 - history.planted[match].hours.lowerBound)
        } else if isNew {
          falseAlarm(
            "flood",
            "\(Mailbox.all[mailbox].name) \(span.days[hour / 24]) \(hour % 24): \(flood.seen) of \(flood.expected)"
          )
        }
        floodTold = hour
      }
    }
  }

  private func planted(_ kind: Anomaly.Kind, _ mailbox: Int, _ hours: ClosedRange<Int>, after: Int) -> Int? {
    history.planted.firstIndex { one in
      one.anomaly.kind == kind && one.mailbox == mailbox && hours.upperBound >= one.hours.lowerBound
        && hours.lowerBound < one.hours.upperBound + (kind == .flood ? after : 0)
    }
  }

  // MARK: themes

  private mutating func watchThemes() {
    let days = history.span.days.count
    let groups = Dictionary(
      uniqueKeysWithValues: Leaf.all.map(\.id).enumerated().map { ($0.element, $0.offset) })
    let cases = history.cases
    let terms = cases.map { Terms.of($0.text) }
    // Positions of the first case of each day.
    var first = [Int](repeating: cases.count, count: days + 1)
    for index in cases.indices.reversed() { first[cases[index].day] = index }
    for day in (0..<days).reversed() { first[day] = min(first[day], first[day + 1]) }
    var toldCases: [(day: Int, cases: Set<String>)] = []
    for day in stride(from: 60, to: days, by: 1) {
      let recent = first[max(0, day - thresholds.recentDays + 1)]..<first[day + 1]
      let past = first[max(0, day - thresholds.recentDays - thresholds.pastDays)]..<recent.lowerBound
      var search = ThemeSearch(thresholds.themes)
      for index in recent {
        search.add(recent: String(index), terms: terms[index], group: groups[cases[index].judged] ?? 0)
      }
      for index in past { search.add(past: terms[index], group: groups[cases[index].judged] ?? 0) }
      for theme in search.themes() {
        // The same theme, a day older: most of its cases have been told.
        let set = Set(theme.cases)
        let isTold = toldCases.contains { $0.cases.intersection(set).count * 2 >= set.count }
        if let position = toldCases.firstIndex(where: { $0.cases.intersection(set).count * 2 >= set.count }) {
          toldCases[position].cases.formUnion(set)
        } else {
          toldCases.append((day, set))
        }
        let counts = theme.cases.reduce(into: [Int: Int]()) { counts, id in
          if let index = Int(id), let planted = cases[index].theme { counts[planted, default: 0] += 1 }
        }
        if let (index, count) = counts.max(by: { $0.value < $1.value }), count * 2 >= theme.cases.count {
          found(index, delay: day - history.planted[index].days.lowerBound)
        } else if !isTold {
          falseAlarm(
            "theme",
            "\(history.span.days[day]): \(theme.terms.map(\.text).prefix(3)) in \(theme.cases.count), "
              + "expected \(theme.terms[0].expected)")
        }
      }
    }
  }
}
