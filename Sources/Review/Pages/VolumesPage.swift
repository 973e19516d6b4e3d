// How many, how long, how late: what operations see, without a word of anybody's mail.

import Cases
import Deadlines
internal import HTTPTypes
import Monitoring
import Synchronization
import Triage

/// What the volumes page was asked for.
struct VolumesQuery {
  /// Ranges of one press; days back from today, and the period that suits them.
  static let presets: [(title: String, days: Int, period: FigurePeriod)] = [
    ("Today", 0, .hour), ("7 days", 6, .day), ("4 weeks", 27, .day), ("13 weeks", 90, .week),
    ("12 months", 365, .week), ("24 months", 730, .month),
  ]

  var figures: FigureQuery
  /// What was wrong with the address, and what was taken instead.
  var problem: String?

  init(_ asked: Form, user: User, today: CivilDate) {
    let standard = Self.presets[3]
    var problem: String?
    func date(_ name: String) -> CivilDate? {
      guard let text = asked[name] else { return nil }
      let date = CivilDate(text)
      if date == nil || !(1990...2200).contains(date?.year ?? 0) {
        problem = "\(text.prefix(20)) is no day; write it as 2026-11-23."
        return nil
      }
      return date
    }
    var to = date("to") ?? today
    var from = date("from") ?? to.adding(days: -standard.days)
    if from > to { (from, to) = (to, from) }
    let period = asked["period"].flatMap(FigurePeriod.init(rawValue:)) ?? standard.period
    figures = FigureQuery(range: from...to, period: period, mailboxes: user.mailboxes)
    figures.by = asked["by"].flatMap(MeasureFilter.Dimension.init(rawValue:))
    for dimension in MeasureFilter.Dimension.allCases {
      if let value = asked[dimension.rawValue] {
        figures.only[dimension] = value == Self.none ? "" : String(value.prefix(100))
      }
    }
    self.problem = problem
  }

  /// Stands in an address for "has none".
  static let none = "-"

  /// The address's query.
  var form: Form {
    var fields: [(name: String, value: String)] = [
      ("from", "\(figures.range.lowerBound)"), ("to", "\(figures.range.upperBound)"),
      ("period", figures.period.rawValue),
    ]
    if let by = figures.by { fields.append(("by", by.rawValue)) }
    for (dimension, value) in figures.only.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      fields.append((dimension.rawValue, value.isEmpty ? Self.none : value))
    }
    return Form(fields)
  }
}

/// Figures that were just counted serve whoever asks the same again.
final class FiguresCache: Sendable {
  private let kept = Mutex<[FigureQuery: Figures]>([:])
  /// Pages ask for the same figures for a while, and counting a million cases takes seconds.
  static let seconds: Int64 = 20
  private static let most = 50

  func figures(_ query: FigureQuery, at now: Instant, count: () throws -> Figures) rethrows -> Figures {
    if let known = kept.withLock({ $0[query] }), now.unixSeconds - known.at.unixSeconds < Self.seconds,
      known.at <= now
    {
      return known
    }
    let figures = try count()
    kept.withLock { kept in
      if kept.count >= Self.most { kept.removeAll() }
      kept[query] = figures
    }
    return figures
  }
}

extension Pages {
  func volumes(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    let now = desk.now()
    let today = desk.reporting.date(now)
    var asked = VolumesQuery(visit.query, user: user, today: today)
    var problem = asked.problem
    let figures: Figures
    do {
      figures = try self.figures(asked.figures, at: now)
    } catch let mistake as FigureProblem {
      problem = "\(mistake)."
      asked = VolumesQuery(Form(), user: user, today: today)
      figures = try self.figures(asked.figures, at: now)
    }
    var model = try controls(asked, user, today)
    model["problem"] = .optional(problem)
    model["seesCases"] = .flag(user.role.allows(.seeCases))
    let links = FigureLinks(asked, sees: user.role.allows(.seeCases), at: now, desk.reporting)
    let tables = FigureTables.all(figures)
    model["tiles"] = .list(tiles(figures, links))
    model["charts"] = .list(charts(figures, tables, links))
    model["tables"] = .list(
      tables.filter { !["now", "volumes", "acknowledgement", "final", "messages"].contains($0.name) }.map {
        tableModel($0, links)
      })
    model["trends"] = .model(try trendModel(user, at: now))
    model["themes"] = .model(try themeModel(user, at: now))
    model["mailboxes"] = .list(try mailModel(user, at: now))
    model["returns"] = .list(
      desk.returns.values.sorted { $0.id < $1.id }.map {
        ["href": .text("/reports/\($0.id)"), "title": .text($0.title)]
      })
    model["csv"] = .text("/volumes.csv?" + asked.form.encoded)
    model["counted"] = .text(desk.times.text(figures.at, zone: desk.reporting.zone.name))
    model["zone"] = .text(desk.reporting.zone.name)
    model["calendar"] = .text(desk.reporting.calendar.title)
    return framed("volumes", model, title: "Volumes", visit: visit)
  }

  /// One figure a line.
  func volumesCSV(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    let now = desk.now()
    let asked = VolumesQuery(visit.query, user: user, today: desk.reporting.date(now))
    let figures: Figures
    do {
      figures = try self.figures(asked.figures, at: now)
    } catch let mistake as FigureProblem {
      return self.problem(.unprocessableContent, "Too much at once", "\(mistake).")
    }
    let lines = FigureTables.csv(figures)
    return .download(
      Array(lines.map { $0 + "\r\n" }.joined().utf8),
      name: "volumes-\(asked.figures.range.lowerBound)-\(asked.figures.range.upperBound).csv")
  }

  private func figures(_ query: FigureQuery, at now: Instant) throws -> Figures {
    try figuresCache.figures(query, at: now) {
      try Figures(
        query, index: desk.index, mail: desk.mail.current(), days: desk.reporting, at: now)
    }
  }

  // MARK: parts

  private func controls(_ asked: VolumesQuery, _ user: User, _ today: CivilDate) throws -> Model {
    let query = asked.figures
    let (mailboxes, countries) = try desk.index.mailboxesAndCountries()
    func choice(
      _ dimension: MeasureFilter.Dimension, _ title: String, _ options: [(String, String)]
    ) -> Model {
      let current = query.only[dimension]
      return [
        "name": .text(dimension.rawValue), "title": .text(title),
        "options": .list(
          options.map { ["value": .text($0.0), "title": .text($0.1), "isCurrent": .flag($0.0 == current)] }),
      ]
    }
    func words(_ values: [String]) -> [(String, String)] { values.map { ($0, $0) } }
    return [
      "presets": .list(
        VolumesQuery.presets.map { preset in
          let from = today.adding(days: -preset.days)
          let form = asked.form.setting("from", "\(from)").setting("to", "\(today)")
            .setting("period", preset.period.rawValue)
          return [
            "title": .text(preset.title), "href": .text("/volumes?" + form.encoded),
            "isCurrent": .flag(query.range == from...today && query.period == preset.period),
          ]
        }), "from": .text("\(query.range.lowerBound)"), "to": .text("\(query.range.upperBound)"),
      "periods": .list(
        FigurePeriod.allCases.map {
          ["value": .text($0.rawValue), "isCurrent": .flag($0 == query.period)]
        }),
      "dimensions": .list(
        MeasureFilter.Dimension.allCases.map {
          [
            "value": .text($0.rawValue), "title": .text($0.title), "isCurrent": .flag($0 == query.by),
          ]
        }),
      "filters": .list([
        choice(.mailbox, "Mailbox", words(mailboxes.filter { user.sees(mailbox: $0) })),
        choice(.group, "Group", words(desk.groups)),
        choice(.category, "Category", desk.taxonomy.leaves.map { ($0.id, $0.title) }),
        choice(.country, "Country", words(countries)),
        choice(.regime, "Regime", words(desk.regimes.keys.sorted())),
        choice(.rootCause, "Root cause", words(desk.closing.rootCauses)),
        choice(.product, "Product", words(desk.closing.products)),
      ]),
      "narrowed": .list(
        query.only.sorted { $0.key.rawValue < $1.key.rawValue }.map { dimension, value in
          [
            "words": .text("\(dimension.title) \(value.isEmpty ? "none" : value)"),
            "href": .text("/volumes?" + asked.form.setting(dimension.rawValue, nil).encoded),
          ]
        }),
    ]
  }

  private func tiles(_ figures: Figures, _ links: FigureLinks) -> [Model] {
    let now = figures.now
    func tile(_ title: String, _ number: Int, _ note: String, _ href: String?, isBad: Bool) -> Model {
      [
        "title": .text(title), "number": .text("\(number)"), "note": .optional(note),
        "href": .optional(href), "isBad": .flag(isBad),
      ]
    }
    let waited = now.oldestUnreviewed.map {
      "the oldest has waited " + FigureTables.span(max(0, figures.at.unixSeconds - $0.unixSeconds))
    }
    return [
      tile(
        "Waiting for a decision", now.unreviewed, waited ?? "nobody waits", links.ever(.unreviewed),
        isBad: false),
      tile(
        "Acknowledgement overdue", now.acknowledgementOverdue, "", links.ever(.acknowledgementOverdue),
        isBad: now.acknowledgementOverdue > 0),
      tile(
        "Acknowledgement near", now.acknowledgementNear, "due by the end of the next business day",
        links.near(.acknowledgementDue, businessDays: 1), isBad: false),
      tile(
        "Final response overdue", now.finalOverdue, "", links.ever(.finalOverdue), isBad: now.finalOverdue > 0
      ),
      tile(
        "Final response near", now.finalNear, "due within five business days",
        links.near(.finalDue, businessDays: 5), isBad: false),
    ]
  }

  private func charts(_ figures: Figures, _ tables: [FigureTable], _ links: FigureLinks) -> [Model] {
    let names = figures.periods.map(\.name)
    func model(_ name: String, _ svg: String, legend: [String] = [], note: String? = nil) -> Model {
      let table = tables.first { $0.name == name }
      return [
        "title": .text(table?.title ?? name), "svg": .chart(svg), "hasLegend": .flag(legend.count > 1),
        "legend": .list(
          legend.enumerated().map {
            ["title": .text($1), "colour": .text("s\(min($0, BarChart.colours - 1))")]
          }), "note": .optional(note),
        "tables": .list(table.map { [tableModel($0, links)] } ?? []),
      ]
    }
    let (groups, hasOthers) = FigureTables.groups(figures)
    let shown = Array(groups.prefix(BarChart.colours - 1))
    var series = shown.map { group in
      BarChart.Series(
        name: title(of: group, by: figures.query.by), values: figures.periods.map { $0.groups[group] ?? 0 })
    }
    if series.isEmpty {
      series = [.init(name: "cases", values: figures.periods.map(\.cases))]
    } else if hasOthers || groups.count > shown.count {
      series.append(
        .init(
          name: "others",
          values: figures.periods.map { period in
            period.cases - shown.reduce(0) { $0 + (period.groups[$1] ?? 0) }
          }))
    }
    var charts = [
      model(
        "volumes", BarChart(title: "Cases received", periods: names, series: series).svg,
        legend: series.map(\.name)),
      model(
        "acknowledgement",
        ShareChart(
          title: "Acknowledged in time", periods: names, values: figures.periods.map(\.acknowledgement.share)
        ).svg),
      model(
        "final",
        ShareChart(
          title: "Final response in time", periods: names, values: figures.periods.map(\.final.share)
        )
        .svg),
    ]
    if tables.contains(where: { $0.name == "messages" }) {
      let outcomes = Outcome.allCases
      charts.insert(
        model(
          "messages",
          BarChart(
            title: "Messages received", periods: names,
            series: outcomes.map { outcome in
              .init(name: outcome.rawValue, values: figures.periods.map { $0.messages[outcome] ?? 0 })
            }
          ).svg, legend: outcomes.map(\.rawValue)), at: 1)
    }
    return charts
  }

  private func title(of group: String, by dimension: MeasureFilter.Dimension?) -> String {
    if group.isEmpty { return "none" }
    return dimension == .category ? desk.title(of: group) : group
  }

  private func tableModel(_ table: FigureTable, _ links: FigureLinks) -> Model {
    [
      "title": .text(table.title), "headings": .list(table.headings.map { ["words": .text($0)] }),
      "rows": .list(
        table.rows.map { row in
          [
            "name": .text(row.name), "isTotal": .flag(row.name == "all"),
            "cells": .list(
              row.cells.enumerated().map { column, cell in
                [
                  "words": .text(cell.words),
                  "href": .optional(links.link(table, row, column: column, cell)),
                ]
              }),
          ]
        }),
    ]
  }
}

extension MeasureFilter.Dimension {
  /// For people.
  var title: String {
    switch self {
    case .mailbox: "Mailbox"
    case .category: "Category"
    case .group: "Group"
    case .country: "Country"
    case .regime: "Regime"
    case .rootCause: "Root cause"
    case .product: "Product"
    }
  }
}
