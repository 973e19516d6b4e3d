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

  mutating func add(_ cells: [String]) { rows.append(cells.map { $0.printable }) }

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
