// What a template is given. Every text is escaped here, once, scalar by scalar.

/// A value for a template.
///
/// Templates write values with three braces, because they are escaped already: swift-mustache escapes by Character,
/// and `"` followed by a combining mark is another Character than `"`, so mail could close an attribute.
enum Field: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral
{
  case text(String)
  /// Markup of ours, escaped where it was made.
  case chart(String)
  case flag(Bool)
  case list([Model])
  case model(Model)

  init(stringLiteral value: String) { self = .text(value) }
  init(booleanLiteral value: Bool) { self = .flag(value) }
  init(integerLiteral value: Int) { self = .text(String(value)) }

  /// Absent where there is nothing to say, so that a section on it is left out.
  static func optional(_ text: String?) -> Field {
    guard let text, !text.isEmpty else { return .flag(false) }
    return .text(text)
  }

  fileprivate var rendered: Any {
    switch self {
    case .text(let text): Markup.escaped(text)
    case .chart(let svg): svg
    case .flag(let flag): flag
    case .list(let models): models.map(\.rendered)
    case .model(let model): model.rendered
    }
  }
}

/// Named values for a template.
typealias Model = [String: Field]

extension Model {
  var rendered: [String: Any] { mapValues { $0.rendered } }
}

/// Text inside HTML.
enum Markup {
  /// Combining marks on one letter: no writing needs more, and 200,000 of them stop a browser.
  static let mostMarks = 8

  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }

  /// Escapes what HTML gives a meaning in text and in quoted attributes. Control characters and direction overrides,
  /// which could make a line look like another, show as a mark.
  static func escaped(_ text: String) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count + 16)
    var marks = 0
    for scalar in text.unicodeScalars {
      // ASCII first: nearly everything, and never a mark.
      marks = scalar.value >= 0x300 && isMark(scalar) ? marks + 1 : 0
      if marks > mostMarks { continue }
      switch scalar.value {
      case 0x26: out += "&amp;".utf8
      case 0x3C: out += "&lt;".utf8
      case 0x3E: out += "&gt;".utf8
      case 0x22: out += "&quot;".utf8
      case 0x27: out += "&#39;".utf8
      case 0x60: out += "&#96;".utf8
      case 0x09, 0x0A: out.append(UInt8(scalar.value))
      case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF:
        out += "\u{FFFD}".utf8
      default: out += Character(scalar).utf8
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
