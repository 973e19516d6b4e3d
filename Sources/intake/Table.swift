// Tables and times for people on a terminal.

import Cases
import Deadlines
import Foundation

/// A plain table: columns as wide as their widest cell, capped.
struct Table {
  let headings: [String]
  /// Widest a column may get, in terminal cells.
  let limits: [Int]
  private(set) var rows: [[String]] = []

  init(_ columns: [(heading: String, limit: Int)]) {
    headings = columns.map(\.heading)
    limits = columns.map(\.limit)
  }

  mutating func add(_ cells: [String]) { rows.append(cells.map { Self.printable($0) }) }

  func lines(withHeadings: Bool = true) -> [String] {
    var widths = headings.map { Self.width($0) }
    for row in rows {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], min(Self.width(cell), limits[index]))
      }
    }
    let all = withHeadings ? [headings] + rows : rows
    return all.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let fitted = Self.fit(cell, limits[index])
        line += fitted
        if index < row.count - 1 {
          line += String(repeating: " ", count: widths[index] - Self.width(fitted) + 2)
        }
      }
      return line
    }
  }

  /// Text from mail on a terminal: no control characters, no direction overrides, one line.
  static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
      case .format, .surrogate, .privateUse, .unassigned: continue
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Cells that a text takes: East Asian wide characters take two, combining marks none.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  private static func fit(_ text: String, _ limit: Int) -> String {
    if width(text) <= limit { return text }
    var fitted = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      guard used + width(scalar) < limit else { break }
      fitted.append(scalar)
      used += width(scalar)
    }
    return String(fitted) + "…"
  }
}

/// Instants in a zone, as people read them.
struct LocalTimes {
  let zones: [String: ZoneRules]

  /// `Mon 23 Nov 17:42`, with the year where it is not this one.
  func text(_ instant: Instant, zone: String?) -> String {
    guard let zone, let rules = zones[zone] else { return instant.description }
    let local = rules.local(instant)
    let clock = String(format: "%02d:%02d", local.secondsOfDay / 3600, local.secondsOfDay / 60 % 60)
    return "\(Self.day(local.date)) \(clock)"
  }

  static func day(_ date: CivilDate) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(date.weekdayName) \(date.day) \(months[date.month - 1])"
  }

  /// Time until `end`: `2 d 3 h`, `4 h 10 min`, `overdue 3 h`.
  static func left(until end: Instant, from now: Instant) -> String {
    let seconds = end.unixSeconds - now.unixSeconds
    let text = span(abs(seconds))
    return seconds < 0 ? "overdue \(text)" : text
  }

  private static func span(_ seconds: Int64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return "\(minutes) min"
  }
}
