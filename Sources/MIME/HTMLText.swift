// HTML -> lines of text, by one pass over the tags; no tree, no recursion, linear whatever the input.

enum HTMLText {
  /// The text of an HTML document. Block elements break lines, quotes get "> ", hidden text is left out; should
  /// nothing else be there, the hidden text is shown after all.
  static func render(_ html: String) -> String {
    let bytes = Array(html.utf8)
    var renderer = HTMLRenderer(bytes)
    let text = renderer.run()
    guard isBlankText(text) else { return text }
    renderer = HTMLRenderer(bytes)
    renderer.showsHidden = true
    return renderer.run()
  }

  /// The charset that a meta element near the top names; nil when none does.
  static func declaredCharset(_ bytes: [UInt8]) -> String? {
    let end = min(bytes.count, 4_096)
    var index = 0
    while index < end {
      if hasPrefix("charset", in: bytes, at: index, limit: end) {
        var cursor = index + 7
        while cursor < end, bytes[cursor].isSpace { cursor += 1 }
        if cursor < end, bytes[cursor] == ASCII.equal {
          cursor += 1
          while cursor < end, bytes[cursor].isSpace || bytes[cursor] == ASCII.quote || bytes[cursor] == 0x27 {
            cursor += 1
          }
          let start = cursor
          while cursor < end,
            bytes[cursor].isLetter || bytes[cursor].isDigit || bytes[cursor] == ASCII.dash
              || bytes[cursor] == ASCII.underscore
          {
            cursor += 1
          }
          let label = String(decoding: bytes[start..<cursor], as: UTF8.self)
          // The document was readable enough to find this, so it is not UTF-16 (WHATWG does the same).
          return label.isEmpty || loweredASCII(label).hasPrefix("utf-16") ? nil : label
        }
      }
      index += 1
    }
    return nil
  }
}

private struct HTMLRenderer {
  private enum Element {
    case line, paragraph, quote, list, item, cell, row, pre, inline
  }

  private struct Open {
    var name: [UInt8]
    var element: Element
    var hidden: Bool
    var tiny: Bool
  }

  private static let kinds: [String: Element] = [
    "div": .line, "section": .line, "article": .line, "header": .line, "footer": .line, "address": .line,
    "center": .line, "form": .line, "fieldset": .line, "table": .line, "tbody": .line, "thead": .line,
    "tfoot": .line, "caption": .line, "dt": .line, "dd": .line, "nav": .line, "main": .line, "aside": .line,
    "figure": .line, "body": .line, "html": .line, "head": .line, "option": .line, "p": .paragraph,
    "h1": .paragraph, "h2": .paragraph, "h3": .paragraph, "h4": .paragraph, "h5": .paragraph,
    "h6": .paragraph,
    "dl": .paragraph, "blockquote": .quote, "ul": .list, "ol": .list, "menu": .list, "dir": .list,
    "li": .item,
    "td": .cell, "th": .cell, "tr": .row, "pre": .pre, "listing": .pre, "xmp": .pre, "textarea": .pre,
  ]
  private static let void: Set<String> = [
    "br", "hr", "img", "input", "meta", "link", "base", "area", "col", "embed", "param", "source", "track",
    "wbr",
    "basefont", "bgsound", "frame", "spacer", "o:p",
  ]
  /// Elements whose content is not text of the message.
  private static let dropped: Set<String> = [
    "script", "style", "title", "template", "object", "applet", "svg", "math",
  ]

  let bytes: [UInt8]
  var showsHidden = false
  private var out: [UInt8] = []
  private var index = 0
  private var stack: [Open] = []
  private var quoteDepth = 0
  private var preDepth = 0
  private var pendingSpace = false
  private var atLineStart = true
  private var blankLines = 2
  private var wantsBlank = false {
    didSet { blankDepth = oldValue && wantsBlank ? min(blankDepth, quoteDepth) : quoteDepth }
  }
  /// The quote depth that the blank line due belongs to: the outer one around a quote.
  private var blankDepth = 0
  private var ignoresQuotes = false
  private var noMoreTags = false
  private var noCommentEnd = false
  private var unclosed: Set<String> = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    out.reserveCapacity(bytes.count / 2)
  }

  private var isHidden: Bool {
    guard !showsHidden, let top = stack.last else { return false }
    return top.hidden || top.tiny
  }

  mutating func run() -> String {
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.less, !noMoreTags, index + 1 < bytes.count {
        let next = bytes[index + 1]
        if next.isLetter || next == ASCII.slash || next == 0x21 || next == ASCII.question {
          tag()
          continue
        }
      }
      if byte == 0x26 {
        entity()
      } else {
        text(byte)
        index += 1
      }
    }
    while let last = out.last, last == ASCII.lf || last == ASCII.space { out.removeLast() }
    return String(decoding: out, as: UTF8.self)
  }

  // MARK: Output

  private mutating func text(_ byte: UInt8) {
    if isHidden { return }
    if preDepth > 0, byte == ASCII.lf || byte == ASCII.cr {
      if byte == ASCII.lf { newline() }
      return
    }
    if byte.isSpace, preDepth == 0 || atLineStart && byte != ASCII.space {
      pendingSpace = !atLineStart
      return
    }
    begin()
    if byte == 0 { appendUTF8(0xFFFD, to: &out) } else { out.append(byte) }
  }

  /// Writes what is due before visible text: the blank line, the quote marks, the space.
  private mutating func begin() {
    if atLineStart {
      if wantsBlank, blankLines == 0, !out.isEmpty {
        marks(min(blankDepth, quoteDepth), trailingSpace: false)
        out.append(ASCII.lf)
      }
      wantsBlank = false
      marks(quoteDepth, trailingSpace: true)
      atLineStart = false
      blankLines = 0
    } else if pendingSpace {
      out.append(ASCII.space)
    }
    pendingSpace = false
  }

  private mutating func marks(_ depth: Int, trailingSpace: Bool) {
    guard depth > 0 else { return }
    for _ in 0..<min(depth, FixedLimit.quoteDepth) { out.append(ASCII.greater) }
    if trailingSpace { out.append(ASCII.space) }
  }

  private mutating func breakLine() {
    pendingSpace = false
    guard !atLineStart else { return }
    out.append(ASCII.lf)
    atLineStart = true
  }

  private mutating func newline() {
    pendingSpace = false
    if atLineStart {
      // At most two blank lines in a row.
      guard blankLines < 2, !out.isEmpty else { return }
      blankLines += 1
      marks(quoteDepth, trailingSpace: false)
      wantsBlank = false
    }
    out.append(ASCII.lf)
    atLineStart = true
  }

  // MARK: Tags

  private mutating func tag() {
    let start = index
    if bytes[start + 1] == 0x21 || bytes[start + 1] == ASCII.question {
      declaration()
      return
    }
    let closing = bytes[start + 1] == ASCII.slash
    var cursor = start + (closing ? 2 : 1)
    let nameStart = cursor
    while cursor < bytes.count, !bytes[cursor].isSpace, bytes[cursor] != ASCII.greater,
      bytes[cursor] != ASCII.slash,
      cursor - nameStart < 64
    {
      cursor += 1
    }
    let name = bytes[nameStart..<cursor].map(\.lowered)
    guard let end = tagEnd(from: cursor) else {
      // No ">" anywhere after this: what is left is text.
      noMoreTags = true
      return
    }
    let attributes = cursor..<end
    index = end + 1
    let word = String(decoding: name, as: UTF8.self)
    if closing { close(word, name) } else { open(word, name, attributes) }
  }

  /// The ">" that ends a tag, quoted attribute values respected as long as their quotes close.
  private mutating func tagEnd(from start: Int) -> Int? {
    if !ignoresQuotes {
      var cursor = start
      var quote: UInt8 = 0
      while cursor < bytes.count {
        let byte = bytes[cursor]
        if quote != 0 {
          if byte == quote { quote = 0 }
        } else if byte == ASCII.greater {
          return cursor
        } else if byte == ASCII.quote || byte == 0x27, cursor > start, attributeFollows(cursor, start) {
          quote = byte
        }
        cursor += 1
      }
      // One quote does not close: from here on no quote is believed, which keeps the whole linear.
      ignoresQuotes = true
    }
    return bytes[start...].firstIndex(of: ASCII.greater)
  }

  /// A quote opens a value only after "=".
  private func attributeFollows(_ cursor: Int, _ start: Int) -> Bool {
    var index = cursor - 1
    while index > start, bytes[index].isSpace, cursor - index < 8 { index -= 1 }
    return bytes[index] == ASCII.equal
  }

  private mutating func declaration() {
    let start = index
    if start + 3 < bytes.count, bytes[start + 1] == 0x21, bytes[start + 2] == ASCII.dash,
      bytes[start + 3] == ASCII.dash,
      !noCommentEnd
    {
      var cursor = start + 4
      while cursor + 2 < bytes.count {
        if bytes[cursor] == ASCII.dash, bytes[cursor + 1] == ASCII.dash, bytes[cursor + 2] == ASCII.greater {
          index = cursor + 3
          return
        }
        cursor += 1
      }
      noCommentEnd = true
    }
    if let end = bytes[start...].firstIndex(of: ASCII.greater) {
      index = end + 1
    } else {
      noMoreTags = true
    }
  }

  private mutating func open(_ word: String, _ name: [UInt8], _ attributes: Range<Int>) {
    if HTMLRenderer.dropped.contains(word) {
      skip(to: name, word)
      return
    }
    let kind = HTMLRenderer.kinds[word] ?? .inline
    if kind != .inline, stack.last?.name == [0x70] { pop() }
    if kind == .item || kind == .cell || kind == .row, stack.last?.name == name { pop() }
    if word == "br" {
      if !isHidden { newline() }
      return
    }
    if word == "hr" {
      breakLine()
      return
    }
    if HTMLRenderer.void.contains(word) { return }
    let style = Style(bytes, attributes)
    let outer = stack.last
    let hidden = outer?.hidden == true || style.hides
    let tiny = style.fontSize.map { $0 == 0 } ?? outer?.tiny ?? false
    if bytes[attributes.upperBound - 1] == ASCII.slash, !attributes.isEmpty, kind == .inline { return }
    if !isHidden, showsHidden || !hidden { start(kind) }
    guard stack.count < FixedLimit.openElements else { return }
    stack.append(Open(name: name, element: kind, hidden: hidden, tiny: tiny))
    if kind == .quote { quoteDepth += 1 }
    if kind == .pre { preDepth += 1 }
    if kind == .item, !isHidden {
      begin()
      out.append(contentsOf: [ASCII.dash, ASCII.space])
    }
  }

  private mutating func start(_ kind: Element) {
    switch kind {
    case .inline: break
    case .cell: if !atLineStart { pendingSpace = true }
    case .line, .row, .item, .pre, .list: breakLine()
    case .paragraph, .quote:
      breakLine()
      wantsBlank = true
    }
  }

  private mutating func close(_ word: String, _ name: [UInt8]) {
    // "</p>" and "</br>" alone still break a line.
    var depth = stack.count - 1
    let floor = max(0, stack.count - 64)
    while depth >= floor {
      if stack[depth].name == name {
        while stack.count > depth { pop() }
        return
      }
      // A stray inline end tag does not close the block around it.
      depth -= 1
    }
    if word == "p" || word == "br" { newline() }
  }

  private mutating func pop() {
    guard let open = stack.popLast() else { return }
    if open.hidden, !showsHidden {
      if open.element == .quote { quoteDepth -= 1 }
      if open.element == .pre { preDepth -= 1 }
      return
    }
    switch open.element {
    case .quote:
      breakLine()
      quoteDepth -= 1
      wantsBlank = true
    case .pre:
      breakLine()
      preDepth -= 1
    case .paragraph:
      breakLine()
      wantsBlank = true
    case .cell: if !atLineStart { pendingSpace = true }
    case .inline: break
    default: breakLine()
    }
  }

  /// Drops everything up to the element's end tag; an element that never ends is only dropped itself.
  private mutating func skip(to name: [UInt8], _ word: String) {
    guard !unclosed.contains(word) else { return }
    var cursor = index
    while cursor + name.count + 1 < bytes.count {
      if bytes[cursor] == ASCII.less, bytes[cursor + 1] == ASCII.slash,
        sameIgnoringCase(bytes[(cursor + 2)..<(cursor + 2 + name.count)], name)
      {
        index = bytes[cursor...].firstIndex(of: ASCII.greater).map { $0 + 1 } ?? bytes.count
        return
      }
      cursor += 1
    }
    unclosed.insert(word)
  }

  // MARK: Entities

  private mutating func entity() {
    let start = index + 1
    var cursor = start
    var scalar: UInt32?
    if cursor < bytes.count, bytes[cursor] == 0x23 {
      cursor += 1
      let hex = cursor < bytes.count && bytes[cursor].lowered == 0x78
      if hex { cursor += 1 }
      var value: UInt32 = 0
      let digitsStart = cursor
      while cursor < bytes.count, cursor - digitsStart < 10, let digit = bytes[cursor].hexValue,
        hex || digit < 10
      {
        value = min(value * (hex ? 16 : 10) + UInt32(digit), 0x11_0000)
        cursor += 1
      }
      if cursor > digitsStart { scalar = HTMLEntities.repaired(value) }
    } else {
      while cursor < bytes.count, cursor - start < 10, bytes[cursor].isLetter || bytes[cursor].isDigit {
        cursor += 1
      }
      let name = String(decoding: bytes[start..<cursor], as: UTF8.self)
      scalar = HTMLEntities.named[name]
      if scalar != nil, cursor < bytes.count, bytes[cursor] != ASCII.semicolon, bytes[cursor] == ASCII.equal {
        scalar = nil
      }
    }
    guard let scalar else {
      text(0x26)
      index += 1
      return
    }
    index = cursor < bytes.count && bytes[cursor] == ASCII.semicolon ? cursor + 1 : cursor
    if isHidden { return }
    if scalar == 0xA0 || scalar == 0x20 {
      // A no-break space is a space for readers of lines, but it does not collapse.
      if atLineStart { pendingSpace = false } else { pendingSpace = true }
      return
    }
    if scalar < 0x21 {
      text(ASCII.space)
      return
    }
    begin()
    appendUTF8(scalar, to: &out)
  }
}

/// What an element's attributes say about being seen.
private struct Style {
  var hides = false
  var fontSize: Double?

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    guard range.count > 5 else { return }
    // Blanks do not matter in what is looked for.
    let compact = bytes[range].lazy.filter { !$0.isSpace }.map(\.lowered)
    let text = Array(compact)
    for index in text.indices {
      switch text[index] {
      case 0x64 where hasPrefix("display:none", in: text, at: index, limit: text.count): hides = true
      case 0x6D where hasPrefix("mso-hide:all", in: text, at: index, limit: text.count): hides = true
      case 0x76 where hasPrefix("visibility:hidden", in: text, at: index, limit: text.count): hides = true
      case 0x66 where hasPrefix("font-size:", in: text, at: index, limit: text.count):
        fontSize = Style.number(text, index + 10)
      default: break
      }
    }
    if !hides { hides = Style.hasHiddenAttribute(bytes, range) }
  }

  /// The bare word "hidden" outside quotes.
  private static func hasHiddenAttribute(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    var quote: UInt8 = 0
    for index in range {
      let byte = bytes[index]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == ASCII.quote || byte == 0x27 {
        quote = byte
      } else if byte.lowered == 0x68, index > range.lowerBound, bytes[index - 1].isSpace,
        hasPrefix("hidden", in: bytes, at: index, limit: range.upperBound)
      {
        let after = index + 6
        if after == range.upperBound || bytes[after].isSpace || bytes[after] == ASCII.equal
          || bytes[after] == ASCII.slash
        {
          return true
        }
      }
    }
    return false
  }

  private static func number(_ text: [UInt8], _ start: Int) -> Double? {
    var index = start
    var digits = 0
    var nonZero = false
    while index < text.count, text[index].isDigit || text[index] == ASCII.dot {
      if text[index].isDigit { digits += 1 }
      if text[index] != ASCII.zero, text[index] != ASCII.dot { nonZero = true }
      index += 1
    }
    // A word such as "large" is a visible size as well.
    return digits == 0 ? 1 : nonZero ? 1 : 0
  }
}
