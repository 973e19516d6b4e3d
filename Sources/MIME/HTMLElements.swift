// What the renderer needs to know of HTML's elements and attributes: what breaks lines, what is hidden, what is dropped.

/// How an element shows in text.
enum HTMLElement: Sendable {
  case line, paragraph, quote, list, item, cell, row, pre, inline
  case lineBreak, rule, image
  /// Has no content.
  case void
  /// Its content is not text of the message.
  case dropped

  private static let names: [(HTMLElement, [StaticString])] = [
    (
      .line,
      [
        "div", "section", "article", "header", "footer", "address", "center", "form", "fieldset", "table",
        "tbody", "thead", "tfoot", "caption", "dt", "dd", "nav", "main", "aside", "figure", "figcaption",
        "details", "summary", "legend", "hgroup", "body", "html", "head", "option",
      ]
    ),
    (.paragraph, ["p", "h1", "h2", "h3", "h4", "h5", "h6", "dl"]),
    (.quote, ["blockquote"]), (.list, ["ul", "ol", "menu", "dir"]), (.item, ["li"]),
    (.cell, ["td", "th"]), (.row, ["tr"]), (.pre, ["pre", "listing", "xmp", "textarea", "plaintext"]),
    (.lineBreak, ["br"]), (.rule, ["hr"]), (.image, ["img"]),
    (
      .void,
      [
        "input", "meta", "link", "base", "area", "col", "embed", "param", "source", "track", "wbr",
        "basefont",
        "bgsound", "frame", "spacer", "o:p",
      ]
    ),
    (
      .dropped,
      [
        "script", "style", "title", "template", "object", "applet", "svg", "math", "iframe", "noframes",
        "audio", "video", "canvas",
      ]
    ),
  ]

  // Names are compared by their FNV-1a hash: a clash made on purpose only shows the sender's own text oddly.
  static let nameSeed: UInt64 = 0xcbf2_9ce4_8422_2325
  @inline(__always)
  static func extended(_ hash: UInt64, by byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x100_0000_01b3
  }
  private static func hash(_ name: StaticString) -> UInt64 {
    UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).reduce(nameSeed) {
      extended($0, by: $1)
    }
  }

  static let paragraphName = hash("p")
  static let anchorName = hash("a")
  static let orderedListName = hash("ol")
  static let titleName = hash("title")

  /// Slots found by the low bits of the hash, neighbours taken on a clash.
  private static let table: [(name: UInt64, element: HTMLElement)] = {
    var slots = [(name: UInt64, element: HTMLElement)](repeating: (0, .inline), count: 512)
    for (element, list) in names {
      for name in list {
        let hash = hash(name)
        var slot = Int(truncatingIfNeeded: hash & 511)
        while slots[slot].name != 0 { slot = (slot + 1) & 511 }
        slots[slot] = (hash, element)
      }
    }
    return slots
  }()

  /// The element of that name hash; `inline` for those that change nothing.
  static func named(_ hash: UInt64) -> HTMLElement {
    var slot = Int(truncatingIfNeeded: hash & 511)
    while table[slot].name != 0 {
      if table[slot].name == hash { return table[slot].element }
      slot = (slot + 1) & 511
    }
    return .inline
  }
}

/// The attributes of one tag that the renderer looks at, as ranges of the document.
struct HTMLAttributes {
  var range: Range<Int> = 0..<0
  var style: Range<Int>?
  var href: Range<Int>?
  var alternative: Range<Int>?
  var type: Range<Int>?
  var cite: Range<Int>?
  var isHidden = false
  /// Whether there is a class, an id, a name, a style, a type or a data-marker, by which clients mark quotes and signatures.
  var mayMark = false

  /// Takes an attribute; the first of a name counts (WHATWG HTML, duplicate-attribute).
  mutating func take(_ bytes: [UInt8], _ name: Range<Int>, _ value: Range<Int>?) {
    func isNamed(_ wanted: StaticString) -> Bool {
      name.count == wanted.utf8CodeUnitCount
        && hasPrefix(wanted, in: bytes, at: name.lowerBound, limit: name.upperBound)
    }
    switch name.count {
    case 2: if isNamed("id") { mayMark = true }
    case 3: if alternative == nil, isNamed("alt") { alternative = value }
    case 4:
      if href == nil, isNamed("href") {
        href = value
      } else if type == nil, isNamed("type") {
        type = value
        mayMark = true
      } else if cite == nil, isNamed("cite") {
        cite = value
      } else if isNamed("name") {
        mayMark = true
      }
    case 5:
      if style == nil, isNamed("style") {
        style = value
        mayMark = true
      } else if isNamed("class") {
        mayMark = true
      }
    case 6: if isNamed("hidden") { isHidden = true }
    case 11: if isNamed("data-marker") { mayMark = true }
    default: break
    }
  }
}

/// What a style attribute says about being seen.
struct HTMLStyle {
  var hides = false
  var hasNoBorder = false
  /// Nil when the style names no font size.
  var fontIsZero: Bool?

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    var clipped = false
    var noHeight = false
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      var colon = -1
      while end < range.upperBound, bytes[end] != ASCII.semicolon {
        if bytes[end] == ASCII.colon, colon < 0 { colon = end }
        end += 1
      }
      if colon > start {
        let name = trimmed(bytes, start..<colon)
        let value = trimmed(bytes, (colon + 1)..<end)
        func isNamed(_ wanted: StaticString) -> Bool {
          name.count == wanted.utf8CodeUnitCount
            && hasPrefix(wanted, in: bytes, at: name.lowerBound, limit: name.upperBound)
        }
        func says(_ wanted: StaticString) -> Bool {
          hasPrefix(wanted, in: bytes, at: value.lowerBound, limit: value.upperBound)
        }
        if isNamed("display") {
          if says("none") { hides = true }
        } else if isNamed("visibility") {
          if says("hidden") { hides = true }
        } else if isNamed("mso-hide") {
          if says("all") { hides = true }
        } else if isNamed("overflow") {
          clipped = says("hidden")
        } else if isNamed("max-height") || isNamed("height") {
          noHeight = noHeight || HTMLStyle.isZero(bytes, value)
        } else if isNamed("opacity") {
          if HTMLStyle.isZero(bytes, value) { hides = true }
        } else if isNamed("font-size") {
          fontIsZero = HTMLStyle.isZero(bytes, value)
        } else if isNamed("border") {
          hasNoBorder = says("none") || HTMLStyle.isZero(bytes, value)
        }
      }
      start = end + 1
    }
    // Preview texts are hidden by a box without height.
    if clipped, noHeight { hides = true }
  }

  /// Whether a value is a number that is zero; a word such as "large" is none.
  private static func isZero(_ bytes: [UInt8], _ value: Range<Int>) -> Bool {
    var digits = 0
    for index in value {
      let byte = bytes[index]
      if byte.isDigit {
        if byte != ASCII.zero { return false }
        digits += 1
      } else if byte != ASCII.dot {
        break
      }
    }
    return digits > 0
  }
}
