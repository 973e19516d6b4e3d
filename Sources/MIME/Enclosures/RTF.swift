// Rich Text Format (RTF 1.9.1) -> text, and the HTML that Exchange hides in RTF (MS-OXRTFEX).

enum RTF {
  /// The text as UTF-8, lines ended by LF. When the RTF was made from HTML (MS-OXRTFEX §2.1.3.1) this is that HTML;
  /// otherwise plain text, one line a paragraph, table cells set off by tabs.
  static func read(_ bytes: [UInt8], limits: Limits) -> (utf8: [UInt8], isHTML: Bool) {
    var reader = RTFReader(bytes: bytes, limit: min(limits.decodedBytes, FixedLimit.rtfBytes))
    reader.run()
    return (reader.out, reader.isHTML)
  }
}

/// What the reader does at a control word; all others are formatting.
private enum RTFWord {
  /// Text that is no part of the document.
  case skippedDestination
  case fontTable, font, defaultFont, fontCharset, fontCodePage
  case codePage
  case fixedCodePage(Int)
  case character(UInt32)
  case unicode, unicodeSkip, binary
  case hidden, plain
  case fromHTML, htmlTag, htmlRTF

  static let table: [String: RTFWord] = {
    var table: [String: RTFWord] = [
      "fonttbl": .fontTable, "f": .font, "deff": .defaultFont, "fcharset": .fontCharset, "cpg": .fontCodePage,
      "ansicpg": .codePage, "ansi": .fixedCodePage(1_252), "mac": .fixedCodePage(10_000),
      "pc": .fixedCodePage(437), "pca": .fixedCodePage(850),
      "u": .unicode, "uc": .unicodeSkip, "bin": .binary, "v": .hidden, "deleted": .hidden, "plain": .plain,
      "fromhtml": .fromHTML, "htmltag": .htmlTag, "htmlrtf": .htmlRTF,
      "par": .character(0x0A), "line": .character(0x0A), "sect": .character(0x0A), "page": .character(0x0A),
      "column": .character(0x0A), "row": .character(0x0A), "nestrow": .character(0x0A),
      "tab": .character(0x09), "cell": .character(0x09), "nestcell": .character(0x09),
      "emdash": .character(0x2014), "endash": .character(0x2013), "emspace": .character(0x2003),
      "enspace": .character(0x2002), "qmspace": .character(0x2005), "bullet": .character(0x2022),
      "lquote": .character(0x2018), "rquote": .character(0x2019), "ldblquote": .character(0x201C),
      "rdblquote": .character(0x201D),
    ]
    let skipped = [
      "colortbl", "stylesheet", "info", "pict", "nonshppict", "header", "headerl", "headerr", "headerf",
      "footer",
      "footerl", "footerr", "footerf", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn",
      "fldinst",
      "objdata", "objclass", "objname", "themedata", "colorschememapping", "datastore", "listtable",
      "listoverridetable", "rsidtbl", "revtbl", "filetbl", "generator", "template", "xe", "tc", "rxe", "txe",
      "annotation", "atnid", "atnauthor", "bkmkstart", "bkmkend", "private", "private1", "mhtmltag",
      "datafield",
      "pgptbl", "keywords", "operator", "doccomm", "fontemb", "fontfile", "falt", "panose",
    ]
    for word in skipped { table[word] = .skippedDestination }
    return table
  }()
}

private struct RTFReader {
  private let bytes: [UInt8]
  private let limit: Int
  var out: [UInt8] = []
  var isHTML = false

  private var index = 0
  private var group = Group()
  private var groups: [Group] = []
  /// Open groups beyond those whose state is kept.
  private var deeper = 0
  private var fonts: [Int: Int] = [:]
  private var documentCodePage = 1_252
  private var defaultFont = 0
  /// The font that the font table is describing.
  private var describedFont = 0
  /// Bytes in the charset of `pendingCodePage` that wait for conversion: a character may take two of them.
  private var pending: [UInt8] = []
  private var pendingCodePage = 0
  private var conversions = 0
  /// Characters to pass over after \u, which repeat it for old readers.
  private var unicodeSkip = 0
  private var highSurrogate: UInt32?

  /// What a group inherits from the one around it.
  private struct Group {
    var isSkipped = false
    var isFontTable = false
    var isHTMLTag = false
    /// Between \htmlrtf and \htmlrtf0: RTF that has a counterpart among the HTML tags.
    var isHTMLRTF = false
    var isHidden = false
    /// How many characters repeat a \u.
    var unicodeSkip = 1
    var font: Int?
    /// Whether \* came before the destination's name.
    var isIgnorable = false
  }

  init(bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  mutating func run() {
    while index < bytes.count, out.count < limit {
      let byte = bytes[index]
      index += 1
      switch byte {
      case 0x7B: open()
      case 0x7D: close()
      case ASCII.backslash: control()
      case ASCII.cr, ASCII.lf, ASCII.nul: break
      default: text(byte)
      }
    }
    flush()
  }

  // MARK: Groups

  private mutating func open() {
    unicodeSkip = 0
    guard groups.count < FixedLimit.rtfGroups else {
      deeper += 1
      return
    }
    groups.append(group)
    group.isIgnorable = false
  }

  private mutating func close() {
    unicodeSkip = 0
    if deeper > 0 {
      deeper -= 1
    } else if let outer = groups.popLast() {
      group = outer
    }
  }

  // MARK: Control words

  /// A control symbol or a control word: letters, a number that may be negative, one space (RTF 1.9.1, Control Word).
  private mutating func control() {
    guard index < bytes.count else { return }
    let start = index
    while index < bytes.count, bytes[index].isLetter { index += 1 }
    guard index > start else {
      index += 1
      symbol(bytes[start])
      return
    }
    let name = start..<index
    let value = number()
    if index < bytes.count, bytes[index] == ASCII.space { index += 1 }
    let isIgnorable = group.isIgnorable
    group.isIgnorable = false
    // The longest name known here has 18 letters.
    let word = name.count <= 20 ? RTFWord.table[String(decoding: bytes[name], as: UTF8.self)] : nil
    guard let word else {
      if isIgnorable { group.isSkipped = true }
      return
    }
    // The skipped stand-in of \u is text; a word here means that it was left out.
    if case .unicode = word {} else { unicodeSkip = 0 }
    perform(word, value, isIgnorable)
  }

  private mutating func number() -> Int? {
    let isNegative = index + 1 < bytes.count && bytes[index] == ASCII.dash && bytes[index + 1].isDigit
    if isNegative { index += 1 }
    let start = index
    var value = 0
    while index < bytes.count, bytes[index].isDigit {
      if index - start < 10 { value = value * 10 + Int(bytes[index] - 0x30) }
      index += 1
    }
    return index == start ? nil : isNegative ? -value : value
  }

  private mutating func perform(_ word: RTFWord, _ value: Int?, _ isIgnorable: Bool) {
    switch word {
    case .skippedDestination: group.isSkipped = true
    case .htmlTag: if isIgnorable { group.isHTMLTag = true }
    case .binary: index += min(max(value ?? 0, 0), bytes.count - index)
    case .fontTable: group.isFontTable = true
    case .font:
      if group.isFontTable { describedFont = value ?? 0 } else { group.font = value }
    case .fontCharset: if let codePage = CodePage.fontCharset(value ?? 1) { describe(codePage) }
    case .fontCodePage: if let value, value > 0 { describe(value) }
    case .defaultFont: defaultFont = value ?? 0
    case .codePage: if let value, value > 0 { documentCodePage = value }
    case .fixedCodePage(let codePage): documentCodePage = codePage
    case .fromHTML: if out.isEmpty, pending.isEmpty { isHTML = value != 0 }
    case .htmlRTF: group.isHTMLRTF = value != 0
    case .hidden: group.isHidden = value != 0
    case .plain:
      group.isHidden = false
      group.font = nil
    case .unicodeSkip: group.unicodeSkip = min(max(value ?? 1, 0), 100)
    case .unicode: unicode(value ?? 0)
    case .character(let scalar): character(scalar)
    }
  }

  private mutating func describe(_ codePage: Int) {
    if group.isFontTable, fonts.count < FixedLimit.rtfFonts { fonts[describedFont] = codePage }
  }

  private mutating func symbol(_ byte: UInt8) {
    switch byte {
    case ASCII.star: group.isIgnorable = true
    case 0x27:
      guard index + 1 < bytes.count, let high = bytes[index].hexValue, let low = bytes[index + 1].hexValue
      else { return }
      index += 2
      text(high << 4 | low)
    case ASCII.backslash, 0x7B, 0x7D: text(byte)
    case ASCII.cr, ASCII.lf: character(0x0A)
    case 0x7E: character(0xA0)
    case ASCII.underscore: character(0x2011)
    default: break  // An optional hyphen, an index mark, or nothing known.
    }
  }

  // MARK: Text

  private var isShown: Bool {
    if group.isSkipped || group.isFontTable { return false }
    return group.isHTMLTag || !(group.isHidden || group.isHTMLRTF)
  }

  /// A byte of text in the font's charset.
  private mutating func text(_ byte: UInt8) {
    group.isIgnorable = false
    if unicodeSkip > 0 {
      unicodeSkip -= 1
      return
    }
    guard isShown else { return }
    let codePage = fonts[group.font ?? defaultFont] ?? documentCodePage
    if codePage != pendingCodePage {
      flush()
      pendingCodePage = codePage
    }
    highSurrogate = nil
    pending.append(byte)
  }

  private mutating func character(_ scalar: UInt32) {
    if unicodeSkip > 0 {
      unicodeSkip -= 1
      return
    }
    guard isShown else { return }
    highSurrogate = nil
    // Line ends and tabs are the same in every charset, so they need not part what waits.
    if scalar < 0x80 {
      pending.append(UInt8(scalar))
    } else {
      flush()
      appendUTF8(scalar, to: &out)
    }
  }

  /// \u with a UTF-16 unit as a signed number, or, from some writers, a whole scalar.
  private mutating func unicode(_ value: Int) {
    unicodeSkip = group.unicodeSkip
    guard isShown else { return }
    flush()
    let unit = UInt32(truncatingIfNeeded: value < 0 ? value + 0x10000 : value)
    switch unit {
    case 0xD800..<0xDC00: highSurrogate = unit
    case 0xDC00..<0xE000:
      if let high = highSurrogate {
        appendUTF8(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00), to: &out)
      } else {
        appendUTF8(0xFFFD, to: &out)
      }
      highSurrogate = nil
    default:
      highSurrogate = nil
      if unit != 0 { appendUTF8(unit, to: &out) }
    }
  }

  /// Converts what waits.
  private mutating func flush() {
    guard !pending.isEmpty else { return }
    if Charset.isASCII(pending) {
      out.append(contentsOf: pending)
    } else if conversions < FixedLimit.rtfConversions {
      conversions += 1
      out.append(contentsOf: Charset.decode(pending, label: CodePage.charset(pendingCodePage)).utf8)
    } else {
      for byte in pending { appendUTF8(byte < 0x80 ? UInt32(byte) : 0xFFFD, to: &out) }
    }
    pending.removeAll(keepingCapacity: true)
  }
}
