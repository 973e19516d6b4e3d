// From a number to the cases that it counts.

import Cases
import Deadlines
import Monitoring

/// Addresses of the lists behind figures, for those who may see cases.
struct FigureLinks {
  private let asked: VolumesQuery
  private let sees: Bool
  private let now: Instant
  private let days: ReportingDays

  init(_ asked: VolumesQuery, sees: Bool, at now: Instant, _ days: ReportingDays) {
    self.asked = asked
    self.sees = sees
    self.now = now
    self.days = days
  }

  /// Whatever the range.
  func ever(_ kind: FigureFilter.Kind) -> String? {
    list(kind, from: CivilDate(year: 2000, month: 1, day: 1), to: CivilDate(year: 2200, month: 1, day: 1))
  }

  /// Due today or within some business days.
  func near(_ kind: FigureFilter.Kind, businessDays: Int) -> String? {
    list(
      kind, from: CivilDate(year: 2000, month: 1, day: 1),
      to: days.calendar.adding(businessDays: businessDays, to: days.date(now)))
  }

  /// The list behind a cell; nil where there is none.
  func link(_ table: FigureTable, _ row: FigureTable.Row, column: Int, _ cell: FigureTable.Cell) -> String? {
    guard case .count(let count) = cell, count > 0 else { return nil }
    guard let (from, to) = range(row.name) else { return nil }
    let kinds: [FigureFilter.Kind?]
    switch table.name {
    case "volumes": kinds = [.cases, .dismissed, .merged, .closed]
    case "acknowledgement":
      kinds = [nil, .acknowledgedInTime, .acknowledgedLate, .acknowledgementOverdue, .acknowledgementDue]
    case "final": kinds = [nil, .finalInTime, .finalLate, .finalOverdue, .finalDue]
    default: return nil
    }
    if kinds.indices.contains(column) { return kinds[column].flatMap { list($0, from: from, to: to) } }
    // Beyond them each column is a group.
    let heading = table.headings[column + 1]
    guard table.name == "volumes", let by = asked.figures.by, heading != "others" else { return nil }
    return list(.cases, from: from, to: to, adding: (by, heading == "none" ? "" : heading))
  }

  /// The days of a row, cut to the range asked for.
  private func range(_ name: String) -> (CivilDate, CivilDate)? {
    let whole = asked.figures.range
    if name == "all" { return (whole.lowerBound, whole.upperBound) }
    // An hour is finer than a list can be.
    guard let start = CivilDate(name) else { return nil }
    let end: CivilDate
    switch asked.figures.period {
    case .hour: return nil
    case .day: end = start
    case .week: end = start.adding(days: 6)
    case .month: end = start.adding(months: 1).adding(days: -1)
    }
    return (max(start, whole.lowerBound), min(end, whole.upperBound))
  }

  private func list(
    _ kind: FigureFilter.Kind, from: CivilDate?, to: CivilDate?,
    adding group: (MeasureFilter.Dimension, String)? = nil
  ) -> String? {
    guard sees, let from, let to else { return nil }
    var only = asked.figures.only
    if let group { only[group.0] = group.1 }
    var fields: [(name: String, value: String)] = [
      ("view", ListView.Name.figure.rawValue), ("figure", kind.rawValue), ("from", "\(from)"),
      ("to", "\(to)"),
    ]
    for (dimension, value) in only.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      fields.append((dimension.rawValue, value.isEmpty ? VolumesQuery.none : value))
    }
    return "/cases?" + Form(fields).encoded
  }
}
