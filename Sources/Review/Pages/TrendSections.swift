// The volumes page's sections on what is out of the ordinary: changes, new themes, silent mailboxes.

import Cases
import Deadlines
import Monitoring
import Synchronization
import Trends
import Triage

/// What was looked for not long ago serves whoever asks again: it takes seconds, and changes by the day.
final class WatchCache<Value: Sendable>: Sendable {
  private let kept = Mutex<[[String]?: (value: Value, at: Instant)]>([:])
  private let seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  func value(_ mailboxes: [String]?, at now: Instant, make: () throws -> Value) rethrows -> Value {
    if let known = kept.withLock({ $0[mailboxes] }),
      (0..<seconds).contains(now.unixSeconds - known.at.unixSeconds)
    {
      return known.value
    }
    let value = try make()
    kept.withLock { kept in
      // Few people see other mailboxes than all.
      if kept.count >= 20 { kept.removeAll() }
      kept[mailboxes] = (value, now)
    }
    return value
  }
}

extension Pages {
  /// Changes shown with a chart; the others are rows.
  private static let charted = 4
  private static let mostRows = 40
  /// Days of a sudden change's chart, and weeks of a slow one's.
  private static let chartDays = 120
  private static let chartWeeks = 52

  func trendModel(_ user: User, at now: Instant) throws -> Model {
    let watch = try trends.value(user.mailboxes, at: now) {
      try TrendWatch(index: desk.index, mailboxes: user.mailboxes, days: desk.reporting, now: now)
    }
    let today = desk.reporting.date(now)
    let standing = watch.alerts.filter { $0.stands(on: today) }
    return [
      "cells": .text("\(watch.cells)"), "perYear": .text("\(Int(TrendWatch.falseAlarmsPerYear))"),
      "hasAlerts": .flag(!watch.alerts.isEmpty),
      "charts": .list(
        standing.prefix(Self.charted).map { alert in
          var model = alertModel(alert, today)
          model["svg"] = .chart(chart(alert, watch))
          return model
        }),
      "alerts": .list(watch.alerts.prefix(Self.mostRows).map { alertModel($0, today) }),
    ]
  }

  private func alertModel(_ alert: TrendAlert, _ today: CivilDate) -> Model {
    let words =
      switch alert.kind {
      case .spike: "suddenly more"
      case .drop: "suddenly fewer"
      case .rise: "slowly more"
      case .decline: "slowly fewer"
      }
    let values = MeasureFilter.Dimension.allCases.compactMap { dimension in
      alert.cell.values[dimension].map { dimension == .category ? desk.title(of: $0) : $0 }
    }
    var fields: [(name: String, value: String)] = [
      ("from", "\(alert.days.lowerBound.adding(days: -60))"),
      ("to", "\(min(alert.days.upperBound.adding(days: 14), today))"), ("period", "day"),
    ]
    for (dimension, value) in alert.cell.values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      fields.append((dimension.rawValue, value))
    }
    return [
      "cell": .text(values.isEmpty ? "All cases" : values.joined(separator: ", ")),
      "basis": .text(alert.cell.basis == .closed ? "closed" : "received"), "kind": .text(words),
      "days": .text(
        alert.days.lowerBound == alert.days.upperBound
          ? LocalTimes.day(alert.days.lowerBound)
          : "\(LocalTimes.day(alert.days.lowerBound)) to \(LocalTimes.day(alert.days.upperBound))"),
      "seen": .text("\(alert.seen)"), "expected": .text(Self.tenths(alert.expected)),
      "limits": .text("\(alert.lower) to \(alert.upper)"), "stands": .flag(alert.stands(on: today)),
      "href": .text("/volumes?" + Form(fields).encoded),
    ]
  }

  private func chart(_ alert: TrendAlert, _ watch: TrendWatch) -> String {
    guard alert.kind == .spike || alert.kind == .drop else { return weeklyChart(alert, watch) }
    let points = watch.chart(alert.cell, days: Self.chartDays)
    var chart = BarChart(
      title: "\(alert.cell.name) by day", periods: points.map { "\($0.date)" },
      series: [.init(name: "cases", values: points.map { $0.line?.count ?? 0 })])
    chart.lines = [
      .init(name: "expected", values: points.map { $0.line?.centre }, kind: "centre"),
      .init(name: "upper limit", values: points.map { $0.line.map { Double($0.upper) } }, kind: "limit"),
    ]
    chart.marks = points.enumerated().compactMap { place, point in
      point.date == alert.days.upperBound ? .init(place: place, words: "out of control") : nil
    }
    return chart.svg
  }

  /// A slow change is seen by the week; a week's limits are no sum of its days', so there are none.
  private func weeklyChart(_ alert: TrendAlert, _ watch: TrendWatch) -> String {
    let points = watch.chart(alert.cell, days: Self.chartWeeks * 7)
    let weeks = stride(from: points.count % 7, to: points.count, by: 7).map { points[$0..<$0 + 7] }
    var chart = BarChart(
      title: "\(alert.cell.name) by week", periods: weeks.map { "\($0[$0.startIndex].date)" },
      series: [.init(name: "cases", values: weeks.map { $0.reduce(0) { $0 + ($1.line?.count ?? 0) } })])
    chart.lines = [
      .init(
        name: "expected",
        values: weeks.map { week in
          week.contains { $0.line == nil } ? nil : week.reduce(0) { $0 + ($1.line?.centre ?? 0) }
        }, kind: "centre")
    ]
    chart.marks = weeks.enumerated().compactMap { place, week in
      week.contains { $0.date == alert.days.upperBound } ? .init(place: place, words: "out of control") : nil
    }
    return chart.svg
  }

  static func tenths(_ value: Double) -> String {
    let tenths = Int((min(max(value, 0), 1e9) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// New themes; their words only for those who may read cases.
  func themeModel(_ user: User, at now: Instant) throws -> Model {
    let watch = try themes.value(user.mailboxes, at: now) {
      try ThemeWatch(
        index: desk.index, mailboxes: user.mailboxes, categories: desk.taxonomy.leaves.map(\.id), now: now)
    }
    let seesCases = user.role.allows(.seeCases)
    return [
      "count": .text("\(watch.themes.count)"), "hasThemes": .flag(!watch.themes.isEmpty),
      "recent": .text("\(watch.recent)"), "past": .text("\(watch.past)"),
      "days": .text("\(ThemeWatch.recentDays)"),
      "themes": .list(
        watch.themes.prefix(12).map { theme in
          [
            "words": .text(seesCases ? theme.words.joined(separator: " · ") : "a new theme"),
            "count": .text("\(theme.cases.count)"), "expected": .text(Self.tenths(theme.expected)),
            "cases": .list(
              seesCases
                ? theme.cases.prefix(6).map {
                  ["href": .text("/cases/\($0.text)"), "reference": .text($0.reference.description)]
                } : []),
          ]
        }),
    ]
  }

  func mailModel(_ user: User, at now: Instant) throws -> [Model] {
    try desk.mailWatch.states(at: now).filter { user.sees(mailbox: $0.key) }.sorted { $0.key < $1.key }.map {
      mailbox, state in
      let verdict: String
      var isBad = false
      if let silence = state.silence {
        if silence.isAlarm {
          verdict = "silent: \(Self.tenths(silence.expected)) messages should have come since"
          isBad = true
        } else if let flood = state.floods.last {
          verdict =
            "\(flood.flood.seen) messages in \(flood.hours) hour\(flood.hours == 1 ? "" : "s"), "
            + "\(Self.tenths(flood.flood.expected)) expected"
          isBad = true
        } else {
          verdict = "as usual"
        }
      } else {
        verdict = "less than three weeks of history"
      }
      return [
        "mailbox": .text(mailbox), "verdict": .text(verdict), "isBad": .flag(isBad),
        "last": .text(
          FigureTables.span(max(0, now.unixSeconds - state.lastMessage.unixSeconds)) + " ago"),
        "weekly": .text(state.weekly.map { Self.tenths($0) } ?? "–"),
      ]
    }
  }
}
