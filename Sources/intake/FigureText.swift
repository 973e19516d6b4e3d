// Tables of figures on a terminal, and as CSV.

import Monitoring

enum FigureText {
  static func lines(_ figures: Figures) -> [String] {
    FigureTables.all(figures).flatMap { table in
      var text = Table(table.headings.map { ($0, 56) })
      for row in table.rows { text.add([row.name] + row.cells.map(\.words)) }
      return [table.title] + text.lines() + [""]
    }
  }

  /// One figure a line, so that tables of any shape fit one file.
  static func csv(_ figures: Figures) -> [String] {
    ["table,row,column,value"]
      + FigureTables.all(figures).flatMap { table in
        table.rows.flatMap { row in
          zip(table.headings.dropFirst(), row.cells).map { heading, cell in
            [table.name, row.name, heading, cell.plain].map(CSV.field).joined(separator: ",")
          }
        }
      }
  }
}
