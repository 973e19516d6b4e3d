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
}
