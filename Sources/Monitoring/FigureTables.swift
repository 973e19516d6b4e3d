// Figures as tables: the same cells for the page, the terminal and CSV.

import Cases
import Deadlines
import Triage

/// A table of figures.
public struct FigureTable: Sendable {
  /// For programs: `volumes`, `messages`, …
  public let name: String
  public let title: String
  public let headings: [String]
  public let rows: [Row]

  public struct Row: Sendable {
    public let name: String
    public let cells: [Cell]
  }

  /// A number, or a word where none can be given.
  public enum Cell: Sendable, Equatable {
    case count(Int)
    /// 0 to 1.
    case share(Double)
    /// Seconds.
    case span(Int64)
    case text(String)
    case none
  }
}

extension FigureTable.Cell {
  /// For people: `87.5 %`, `2 h 10 min`; `–` for nothing.
  public var words: String {
    switch self {
    case .count(let count): "\(count)"
    case .share(let share): FigureTables.percent(share)
    case .span(let seconds): FigureTables.span(seconds)
    case .text(let text): text
    case .none: "–"
    }
  }

  /// For programs: plain numbers, shares to four places.
  public var plain: String {
    switch self {
    case .count(let count): "\(count)"
    case .share(let share):
      {
        let tenThousandths = Int((share * 10_000).rounded())
        let digits = String(tenThousandths % 10_000)
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      }()
    case .span(let seconds): "\(seconds)"
    case .text(let text): text
    case .none: ""
    }
  }
}

public enum FigureTables {
  /// Groups that a table shows one by one; the rest is put together.
  public static let mostGroups = 12

  /// `87.5 %`.
  public static func percent(_ share: Double) -> String {
    let thousandths = Int((share * 1000).rounded())
    return "\(thousandths / 10).\(thousandths % 10) %"
  }

  /// `40 s`, `5 min`, `2 h 10 min`, `3 d 4 h`.
  public static func span(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min" }
    if seconds < 86400 { return "\(seconds / 3600) h \(seconds / 60 % 60) min" }
    return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
  }

  /// The largest groups of all periods, largest first, and whether others are left.
  public static func groups(_ figures: Figures) -> (names: [String], hasOthers: Bool) {
    let sorted = figures.total.groups.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return (sorted.prefix(mostGroups).map(\.key), sorted.count > mostGroups)
  }

  public static func all(_ figures: Figures) -> [FigureTable] {
    [
      now(figures), volumes(figures),
      service(figures, "acknowledgement", "Acknowledged, by the day it was due") { $0.acknowledgement },
      service(figures, "final", "Final response, by the day it was due") { $0.final },
      ages(figures), times(figures), messages(figures), closed(figures), changes(figures), misses(figures),
    ].compactMap { $0 }
  }

  /// One figure a line, so that tables of any shape fit one file.
  public static func csv(_ figures: Figures) -> [String] {
    ["table,row,column,value"]
      + all(figures).flatMap { table in
        table.rows.flatMap { row in
          zip(table.headings.dropFirst(), row.cells).map { heading, cell in
            [table.name, row.name, heading, cell.plain].map(CSV.field).joined(separator: ",")
          }
        }
      }
  }

  private static func now(_ figures: Figures) -> FigureTable {
    let now = figures.now
    func row(_ name: String, _ count: Int) -> FigureTable.Row { .init(name: name, cells: [.count(count)]) }
    return FigureTable(
      name: "now", title: "Now", headings: ["Figure", "Cases"],
      rows: [
        row("Waiting for a person to decide", now.unreviewed),
        .init(
          name: "The oldest of these has waited",
          cells: [
            now.oldestUnreviewed.map { .span(max(0, figures.at.unixSeconds - $0.unixSeconds)) } ?? .none
          ]), row("Acknowledgement overdue", now.acknowledgementOverdue),
        row("Acknowledgement due by the end of the next business day", now.acknowledgementNear),
        row("Final response overdue", now.finalOverdue),
        row("Final response due within five business days", now.finalNear),
      ])
  }

  private static func volumes(_ figures: Figures) -> FigureTable {
    let (groups, hasOthers) = groups(figures)
    func row(_ period: Figures.Period, _ name: String) -> FigureTable.Row {
      let counts = groups.map { period.groups[$0] ?? 0 }
      let others = period.groups.values.reduce(0, +) - counts.reduce(0, +)
      return .init(
        name: name,
        cells: ([period.cases, period.dismissed, period.merged, period.closed] + counts
          + (hasOthers ? [others] : [])).map { .count($0) })
    }
    return FigureTable(
      name: "volumes", title: "Cases, by the day they were received",
      headings: [heading(figures), "Cases", "Dismissed", "Merged", "Closed"]
        + groups.map { $0.isEmpty ? "none" : $0 } + (hasOthers ? ["others"] : []),
      rows: figures.periods.map { row($0, $0.name) } + [row(figures.total, "all")])
  }

  private static func heading(_ figures: Figures) -> String {
    switch figures.query.period {
    case .hour: "Hour"
    case .day: "Day"
    case .week: "Week from"
    case .month: "Month from"
    }
  }

  private static func messages(_ figures: Figures) -> FigureTable? {
    let total = figures.total
    guard !total.messages.isEmpty else { return nil }
    func row(_ period: Figures.Period, _ name: String) -> FigureTable.Row {
      .init(
        name: name,
        cells: [.count(period.messages.values.reduce(0, +))]
          + Outcome.allCases.map { .count(period.messages[$0] ?? 0) })
    }
    return FigureTable(
      name: "messages", title: "All mail, by outcome",
      headings: [heading(figures), "Messages"] + Outcome.allCases.map(\.rawValue),
      rows: figures.periods.map { row($0, $0.name) } + [row(total, "all")])
  }

  private static func service(
    _ figures: Figures, _ name: String, _ title: String, _ count: (Figures.Period) -> ServiceCount
  ) -> FigureTable {
    func row(_ count: ServiceCount, _ name: String) -> FigureTable.Row {
      .init(
        name: name,
        cells: [
          count.share.map { .share($0) } ?? .none, .count(count.met), .count(count.late),
          .count(count.overdue), .count(count.due),
        ])
    }
    return FigureTable(
      name: name, title: title,
      headings: [heading(figures), "In time %", "In time", "Late", "Overdue", "Still due"],
      rows: figures.periods.map { row(count($0), $0.name) } + [row(count(figures.total), "all")])
  }

  private static func ages(_ figures: Figures) -> FigureTable {
    FigureTable(
      name: "ages", title: "Cases that are not closed, by age", headings: ["Business days", "Cases"],
      rows: zip(Figures.ageBands, figures.now.ages).map { band, count in
        .init(name: band.title, cells: [.count(count)])
      })
  }

  private static func times(_ figures: Figures) -> FigureTable {
    func row(_ name: String, _ times: Figures.Times) -> FigureTable.Row {
      .init(
        name: name,
        cells: [.count(times.count)]
          + [times.median, times.ninetieth, times.ninetyNinth, times.longest].map {
            $0.map { .span($0) } ?? .none
          })
    }
    return FigureTable(
      name: "times", title: "How long it took, cases received in these days",
      headings: ["From receipt to", "Cases", "Median", "90 %", "99 %", "Longest"],
      rows: [row("case", figures.toCase), row("acknowledgement", figures.toAcknowledgement)])
  }

  private static func closed(_ figures: Figures) -> FigureTable {
    let closed = figures.closed
    func row(_ name: String, _ cell: FigureTable.Cell) -> FigureTable.Row { .init(name: name, cells: [cell]) }
    var rows = [
      row("Closed", .count(closed.count)), row("within 3 business days", .count(closed.withinThreeDays)),
      row("later, within 8 weeks", .count(closed.withinEightWeeks)), row("after that", .count(closed.later)),
    ]
    rows += Closure.Outcome.allCases.map { row($0.title, .count(closed.outcomes[$0] ?? 0)) }
    rows += [
      row("Outcome not stated", .count(closed.withoutOutcome)),
      row("Upheld or partly, of findings", closed.upheldShare.map { .share($0) } ?? .none),
      row("Signs of vulnerability", .count(closed.signsOfVulnerability)),
      row("About a failure to allow for it", .count(closed.failuresOfAllowance)),
    ]
    rows += closed.rootCauses.sorted { $0.key < $1.key }.map { row("Root cause \($0.key)", .count($0.value)) }
    for (currency, sum) in closed.redress.sorted(by: { $0.key < $1.key }) {
      let amount = GrantedRedress(kind: .refund, hundredths: sum.hundredths, currency: currency).amount ?? ""
      rows.append(row("Redress in \(currency)", .text("\(amount) (\(sum.cases) cases)")))
    }
    return FigureTable(
      name: "closed", title: "Closed in these days", headings: ["Figure", "Cases"], rows: rows)
  }

  private static func changes(_ figures: Figures) -> FigureTable? {
    guard !figures.changes.isEmpty else { return nil }
    return FigureTable(
      name: "changes", title: "Categories that people changed, by the one proposed",
      headings: ["Proposed", "Decided", "Changed", "Changed %"],
      rows: figures.changes.sorted { $0.key < $1.key }.map { name, change in
        .init(
          name: name,
          cells: [
            .count(change.decided), .count(change.changed),
            change.decided == 0 ? .none : .share(Double(change.changed) / Double(change.decided)),
          ])
      })
  }

  private static func misses(_ figures: Figures) -> FigureTable? {
    guard let misses = figures.misses else { return nil }
    return FigureTable(
      name: "misses", title: "Complaints passed over, estimated from messages drawn at random",
      headings: ["Figure", "Value"],
      rows: [
        .init(name: "Drawn and decided", cells: [.count(misses.checked)]),
        .init(name: "Of these complaints", cells: [.count(misses.found)]),
        .init(name: "Drawn and waiting", cells: [.count(misses.waiting)]),
        .init(name: "Share of all complaints, at least", cells: [.share(misses.lowRate)]),
        .init(name: "Share of all complaints, estimate", cells: [.share(misses.rate)]),
        .init(name: "Share of all complaints, at most", cells: [.share(misses.highRate)]),
      ])
  }
}
