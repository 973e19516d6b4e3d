// Charts drawn on the server as SVG: no script, no style attributes, readable as tables beside them.

/// A row of bars, each stacked of the same series, with lines over it.
struct BarChart {
  struct Series {
    let name: String
    /// One a period.
    let values: [Int]
  }

  /// A line over the bars, in the bars' unit; nil where it has no value.
  struct Line {
    let name: String
    let values: [Double?]
    /// Of the style sheet: `centre`, `limit`.
    let kind: String
  }

  /// What was out of control.
  struct Mark {
    let place: Int
    let words: String
  }

  let title: String
  let periods: [String]
  let series: [Series]
  var lines: [Line] = []
  var marks: [Mark] = []

  private static let (width, height) = (960.0, 220.0)
  private static let (left, right, top, bottom) = (44.0, 8.0, 10.0, 26.0)
  /// Colours of the style sheet; the last is for all others.
  static let colours = 8

  var svg: String {
    let counts = periods.indices.map { place in series.reduce(0) { $0 + $1.values[place] } }
    let highest = max(
      Double(counts.max() ?? 0), lines.flatMap { $0.values.compactMap { $0 } }.max() ?? 0)
    let step = Self.step(highest)
    let top = max(step, (highest / step).rounded(.up) * step)
    var out = SVG(
      width: Self.width, height: Self.height,
      label:
        "\(title): \(periods.count) periods, \(counts.reduce(0, +)) in all, at most \(counts.max() ?? 0) in one"
    )
    var tick = 0.0
    while tick <= top {
      let y = Self.y(tick, top)
      out.line(Self.left, y, Self.width - Self.right, y, kind: "grid")
      out.text(Self.left - 6, y + 4, "\(Int(tick))", kind: "tick end")
      tick += step
    }
    let slot = (Self.width - Self.left - Self.right) / Double(max(periods.count, 1))
    let gap = slot > 4 ? min(slot * 0.2, 6) : 0
    for place in periods.indices {
      let x = Self.left + slot * Double(place) + gap / 2
      var base = 0
      for (number, one) in series.enumerated() where one.values[place] > 0 {
        let (from, to) = (Self.y(Double(base), top), Self.y(Double(base + one.values[place]), top))
        out.bar(
          x, to, slot - gap, from - to, kind: "s\(min(number, Self.colours - 1))",
          title: "\(periods[place]): \(one.name) \(one.values[place])")
        base += one.values[place]
      }
    }
    for line in lines {
      out.path(
        line.values.enumerated().map { place, value in
          value.map { (Self.left + slot * (Double(place) + 0.5), Self.y($0, top)) }
        }, kind: line.kind)
    }
    for mark in marks where periods.indices.contains(mark.place) {
      let count = Double(counts[mark.place])
      out.mark(Self.left + slot * (Double(mark.place) + 0.5), Self.y(count, top) - 7, title: mark.words)
    }
    out.labels(periods, left: Self.left, slot: slot, y: Self.height - 8)
    return out.text
  }

  private static func y(_ value: Double, _ highest: Double) -> Double {
    height - bottom - (height - bottom - top) * value / highest
  }

  /// 1, 2 or 5 times a power of ten, so that there are about five.
  private static func step(_ highest: Double) -> Double {
    var step = 1.0
    while highest / step > 6 {
      let lead = Int((step / Self.power(step)).rounded())
      step = lead == 1 ? step * 2 : lead == 2 ? step * 2.5 : step * 2
    }
    return step
  }

  private static func power(_ value: Double) -> Double {
    var power = 1.0
    while power * 10 <= value { power *= 10 }
    return power
  }
}

/// A share, from 0 to 100 %, period by period.
struct ShareChart {
  let title: String
  let periods: [String]
  /// 0 to 1; nil where nothing was due.
  let values: [Double?]
  /// The share aimed at.
  var target: Double?

  var svg: String {
    let (width, height, left, right, top, bottom) = (960.0, 160.0, 44.0, 8.0, 10.0, 26.0)
    // What is good is close together near 100 %: the scale begins where the worst is.
    let lowest = values.compactMap { $0 }.min() ?? 0
    let floor = lowest >= 0.9 ? 0.9 : lowest >= 0.5 ? 0.5 : 0
    func y(_ value: Double) -> Double {
      height - bottom - (height - bottom - top) * (value - floor) / (1 - floor)
    }
    let known = values.compactMap { $0 }
    var out = SVG(
      width: width, height: height,
      label: "\(title): \(known.count) periods, from \(Int((lowest * 100).rounded())) to "
        + "\(Int(((known.max() ?? 0) * 100).rounded())) percent")
    for part in 0...4 {
      let value = floor + (1 - floor) * Double(part) / 4
      out.line(left, y(value), width - right, y(value), kind: "grid")
      let hundredths = Int((value * 1000).rounded())
      out.text(
        left - 6, y(value) + 4,
        hundredths % 10 == 0 ? "\(hundredths / 10) %" : "\(hundredths / 10).\(hundredths % 10) %",
        kind: "tick end")
    }
    let slot = (width - left - right) / Double(max(periods.count, 1))
    if let target {
      out.line(left, y(max(target, floor)), width - right, y(max(target, floor)), kind: "limit")
    }
    out.path(
      values.enumerated().map { place, value in
        value.map { (left + slot * (Double(place) + 0.5), y($0)) }
      }, kind: "share")
    if periods.count <= 120 {
      for (place, value) in values.enumerated() {
        guard let value else { continue }
        out.dot(
          left + slot * (Double(place) + 0.5), y(value),
          title: "\(periods[place]): \(Int((value * 1000).rounded()) / 10) %")
      }
    }
    out.labels(periods, left: left, slot: slot, y: height - 8)
    return out.text
  }
}

/// SVG as text; every word in it is escaped here.
private struct SVG {
  private var body = ""
  private let width: Double
  private let height: Double
  private let label: String

  init(width: Double, height: Double, label: String) {
    self.width = width
    self.height = height
    self.label = label
  }

  var text: String {
    "<svg class=\"chart\" viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" "
      + "aria-label=\"\(Markup.escaped(label))\">\(body)</svg>"
  }

  /// Tenths: finer is not seen, and longer to send.
  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0
      ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, kind: String) {
    body +=
      "<line class=\"\(kind)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
  }

  mutating func text(_ x: Double, _ y: Double, _ words: String, kind: String) {
    body += "<text class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\">\(Markup.escaped(words))</text>"
  }

  /// About eight of the periods' names, none of them over the edge.
  mutating func labels(_ periods: [String], left: Double, slot: Double, y: Double) {
    for place in stride(from: 0, to: periods.count, by: max(1, (periods.count + 7) / 8)) {
      let middle = left + slot * (Double(place) + 0.5)
      let half = Double(periods[place].utf8.count) * 3.2
      let kind = middle - half < 0 ? "tick" : middle + half > width ? "tick end" : "tick middle"
      text(kind == "tick end" ? width - 2 : middle, y, periods[place], kind: kind)
    }
  }

  mutating func bar(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, kind: String, title: String
  ) {
    body +=
      "<rect class=\"\(kind)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(max(width, 0.5)))\" "
      + "height=\"\(number(height))\"><title>\(Markup.escaped(title))</title></rect>"
  }

  mutating func dot(_ x: Double, _ y: Double, title: String) {
    body +=
      "<circle class=\"dot\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3\"><title>\(Markup.escaped(title))</title></circle>"
  }

  mutating func mark(_ x: Double, _ y: Double, title: String) {
    body +=
      "<path class=\"mark\" d=\"M\(number(x - 5)) \(number(y - 8))h10l-5 8z\"><title>\(Markup.escaped(title))</title></path>"
  }

  /// A line through the points, broken where there is none.
  mutating func path(_ points: [(Double, Double)?], kind: String) {
    var steps = ""
    var isDrawing = false
    for point in points {
      guard let (x, y) = point else {
        isDrawing = false
        continue
      }
      steps += "\(isDrawing ? "L" : "M")\(number(x)) \(number(y))"
      isDrawing = true
    }
    if !steps.isEmpty { body += "<path class=\"\(kind)\" d=\"\(steps)\"/>" }
  }
}
