// The text that Prometheus reads (exposition format 0.0.4): names, help and types once, then every series, in an order
// that never changes, so that two looks can be compared.

import Metering

enum Exposition {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static func text(_ families: [String: PrometheusRegistry.Family]) -> String {
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      let lines = family.series.sorted { $0.key < $1.key }.map { self.lines(name, $0.key, $0.value) }.joined()
      if lines.isEmpty { continue }
      text += "# HELP \(name) \(escaped(help: family.help))\n# TYPE \(name) \(type(family.kind))\n" + lines
    }
    return text
  }

  private static func lines(_ name: String, _ labels: Labels, _ series: Series) -> String {
    switch series.current {
    case .number(let number): return number.isNaN ? "" : "\(name)\(braces(labels)) \(formatted(number))\n"
    case .histogram(let histogram):
      var text = ""
      var sum: UInt64 = 0
      for (bound, count) in zip((series.bounds ?? []) + [.infinity], histogram.counts) {
        sum += count
        text += "\(name)_bucket\(braces(labels, le: bound)) \(sum)\n"
      }
      return text
        + "\(name)_sum\(braces(labels)) \(formatted(histogram.sum))\n\(name)_count\(braces(labels)) \(sum)\n"
    }
  }

  private static func type(_ kind: Metric.Kind) -> String {
    switch kind {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }

  private static func braces(_ labels: Labels, le bound: Double? = nil) -> String {
    var pairs = zip(labels.names, labels.values).map { "\($0)=\"\(escaped(value: $1))\"" }
    if let bound { pairs.append("le=\"\(formatted(bound))\"") }
    return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
  }

  /// Backslash and line feed; in label values also the quote.
  private static func escaped(help text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func escaped(value text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"": escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Whole numbers without a point, the others as the shortest text that reads back.
  static func formatted(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
    if number == number.rounded(), abs(number) < 1e15 { return String(Int64(number)) }
    return "\(number)"
  }

  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; anything else in a library's name becomes an underscore.
  static func metricName(_ text: String) -> String { name(text, colons: true) }
  static func labelName(_ text: String) -> String { name(text, colons: false) }

  private static func name(_ text: String, colons: Bool) -> String {
    var bytes = text.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x5F: byte
      case 0x3A where colons: byte
      default: 0x5F
      }
    }
    if bytes.first.map({ (0x30...0x39).contains($0) }) ?? true { bytes.insert(0x5F, at: 0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension PrometheusRegistry {
  /// Everything, as Prometheus reads it.
  public var exposition: String { Exposition.text(families()) }
}
