// HTML -> lines of text, by one pass over the tags; no tree, no recursion, linear whatever the input.

import Glibc

/// What rendering an HTML document gave.
struct HTMLRendering {
  /// Valid UTF-8, lines ended by LF.
  var text: [UInt8] = []
  /// What the markup said about stretches of the text.
  var marks: [TextMark] = []
  /// Where links stood and led, when asked for.
  var links: [TextLink] = []
}

/// A link in a message's text.
public struct TextLink: Sendable, Hashable, Codable {
  /// UTF-8 offsets of the link's words in the text.
  public let range: Range<Int>
  /// Where it leads, as written: hostile, for people to see, never to be fetched.
  public let target: String
}

enum HTMLText {
  /// The text of an HTML document in UTF-8. Block elements break lines, quotes get "> ", hidden text is left out;
  /// should nothing else be there, the hidden text and the pictures' descriptions are shown after all.
  static func render(_ html: [UInt8], collectingLinks: Bool = false) -> HTMLRendering {
    var renderer = HTMLRenderer(html)
    renderer.collectsLinks = collectingLinks
    let rendering = renderer.run()
    guard isBlankText(rendering.text) else { return rendering }
    renderer = HTMLRenderer(html)
    renderer.collectsLinks = collectingLinks
    renderer.showsHidden = true
    return renderer.run()
  }

  /// The charset that a meta element near the top names; nil when none does.
  static func declaredCharset(_ bytes: [UInt8]) -> String? {
    let end = min(bytes.count, FixedLimit.charsetSearchBytes)
    var index = 0
    while index < end {
      guard bytes[index] | 0x20 == 0x63, hasPrefix("charset", in: bytes, at: index, limit: end) else {
        index += 1
        continue
      }
      var cursor = index + 7
      index = cursor
      while cursor < end, bytes[cursor].isSpace { cursor += 1 }
      guard cursor < end, bytes[cursor] == ASCII.equal else { continue }
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
    return nil
  }
}

private struct HTMLRenderer {
  private struct Open {
    var name: UInt64
    var element: HTMLElement
    var hidden: Bool
    var tiny: Bool
    /// Whether the element draws quote marks: a block quote that only indents does not.
    var quotes = false
    /// The next number of an ordered list; nil in others.
    var number: Int?
    var mark: TextMark.Kind?
    var link: Range<Int>?
    /// Where in the text the element began.
    var start = 0
  }

  let bytes: [UInt8]
  var showsHidden = false
  var collectsLinks = false
  private var rendering = HTMLRendering()
  private var out: [UInt8] = []
  private var index = 0
  private var stack: [Open] = []
  private var isHidden = false
  private var quoteDepth = 0
  private var preDepth = 0
  private var pendingSpace = false
  private var atLineStart = true
  private var blankLines = 2
  private var wantsBlank = false
  /// The quote depth that the blank line due belongs to: the outer one around a quote.
  private var blankDepth = 0
  private var fromHere: Int?
  private var ignoresQuotes = false
  private var noMoreTags = false
  private var noCommentEnd = false
  private var unclosed: Set<UInt64> = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    out.reserveCapacity(bytes.count / 2)
  }

  mutating func run() -> HTMLRendering {
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.less, !noMoreTags, index + 1 < bytes.count {
        let next = bytes[index + 1]
        if next.isLetter || next == ASCII.slash {
          tag()
          continue
        }
        if next == 0x21 || next == ASCII.question {
          declaration()
          continue
        }
      }
      if byte == ASCII.ampersand {
        entity()
      } else {
        text()
      }
    }
    while !stack.isEmpty { pop() }
    while let last = out.last, last == ASCII.lf || last == ASCII.space { out.removeLast() }
    if let fromHere, fromHere < out.count {
      rendering.marks.append(TextMark(kind: .quotedFromHere, range: fromHere..<out.count))
    }
    // What ended after the last word ends with it.
    rendering.marks = rendering.marks.compactMap { mark in
      let range = mark.range.clamped(to: 0..<out.count)
      return range.isEmpty ? nil : TextMark(kind: mark.kind, range: range)
    }
    rendering.links = rendering.links.compactMap { link in
      let range = link.range.clamped(to: 0..<out.count)
      return range.isEmpty ? nil : TextLink(range: range, target: link.target)
    }
    rendering.text = out
    return rendering
  }

  // MARK: Text

  /// Takes text up to the next tag, reference or white space that collapses.
  private mutating func text() {
    let start = index
    let first = bytes[start]
    if first <= ASCII.space {
      index += 1
      if first == 0 {
        if isHidden { return }
        begin()
        appendUTF8(0xFFFD, to: &out)
      } else {
        space(first)
      }
      return
    }
    let count = bytes.count
    var cursor = start + 1
    bytes.withUnsafeBufferPointer { bytes in
      while cursor < count {
        let byte = bytes[cursor]
        if byte <= ASCII.space {
          // One space between words stays in the run; others collapse.
          guard byte == ASCII.space, cursor + 1 < count, bytes[cursor + 1] > ASCII.space,
            bytes[cursor + 1] != ASCII.less, bytes[cursor + 1] != ASCII.ampersand
          else { break }
        } else if byte == ASCII.less || byte == ASCII.ampersand {
          break
        }
        cursor += 1
      }
    }
    index = cursor
    if isHidden { return }
    begin()
    out.append(contentsOf: bytes[start..<cursor])
  }

  private mutating func space(_ byte: UInt8) {
    if isHidden { return }
    guard preDepth > 0 else {
      pendingSpace = !atLineStart
      return
    }
    if byte == ASCII.lf {
      newline()
    } else if byte == ASCII.space || byte == ASCII.tab {
      begin()
      out.append(byte)
    }
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

  private mutating func wantBlank() {
    blankDepth = wantsBlank ? min(blankDepth, quoteDepth) : quoteDepth
    wantsBlank = true
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
    let closing = bytes[index + 1] == ASCII.slash
    let start = index + (closing ? 2 : 1)
    var cursor = start
    var name = HTMLElement.nameSeed
    let limit = min(bytes.count, start + FixedLimit.elementNameBytes)
    while cursor < limit {
      let byte = bytes[cursor]
      if byte <= ASCII.space || byte == ASCII.greater || byte == ASCII.slash { break }
      name = HTMLElement.extended(name, by: byte.lowered)
      cursor += 1
    }
    var attributes = HTMLAttributes()
    guard let end = attributesEnd(from: cursor, &attributes) else {
      // No ">" anywhere after this: what is left is text.
      noMoreTags = true
      return
    }
    index = end + 1
    let element = HTMLElement.named(name)
    if closing {
      close(element, name)
    } else {
      attributes.range = cursor..<end
      open(element, name, nameRange: start..<cursor, attributes)
    }
  }

  /// Reads attributes up to the ">" that ends the tag, quoted values respected as long as their quotes close.
  private mutating func attributesEnd(from start: Int, _ attributes: inout HTMLAttributes) -> Int? {
    let count = bytes.count
    if !ignoresQuotes {
      var cursor = start
      var isBroken = false
      while cursor < count, !isBroken {
        let byte = bytes[cursor]
        if byte == ASCII.greater { return cursor }
        guard byte > ASCII.space, byte != ASCII.slash else {
          cursor += 1
          continue
        }
        let nameStart = cursor
        while cursor < count, bytes[cursor] > ASCII.space, bytes[cursor] != ASCII.equal,
          bytes[cursor] != ASCII.greater, bytes[cursor] != ASCII.slash
        {
          cursor += 1
        }
        let name = nameStart..<cursor
        while cursor < count, bytes[cursor] <= ASCII.space { cursor += 1 }
        guard cursor < count, bytes[cursor] == ASCII.equal else {
          if name.isEmpty { cursor += 1 } else { attributes.take(bytes, name, nil) }
          continue
        }
        cursor += 1
        while cursor < count, bytes[cursor] <= ASCII.space { cursor += 1 }
        guard cursor < count else { break }
        let quote = bytes[cursor]
        if quote == ASCII.quote || quote == 0x27 {
          guard let close = find(quote, from: cursor + 1) else {
            isBroken = true
            break
          }
          attributes.take(bytes, name, (cursor + 1)..<close)
          cursor = close + 1
        } else {
          let valueStart = cursor
          while cursor < count, bytes[cursor] > ASCII.space, bytes[cursor] != ASCII.greater { cursor += 1 }
          attributes.take(bytes, name, valueStart..<cursor)
        }
      }
      // One quote does not close: from here on no quote is believed, which keeps the whole linear.
      if isBroken { ignoresQuotes = true } else { return nil }
    }
    return find(ASCII.greater, from: start)
  }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    return bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let hit = memchr(base + start, Int32(byte), raw.count - start) else {
        return nil
      }
      return UnsafeRawPointer(hit) - base
    }
  }

  /// Comments, doctypes, conditional sections and processing instructions: none of them is text.
  private mutating func declaration() {
    let start = index
    let isComment =
      start + 3 < bytes.count && bytes[start + 1] == 0x21 && bytes[start + 2] == ASCII.dash
      && bytes[start + 3] == ASCII.dash
    if isComment, !noCommentEnd {
      var cursor = start + 4
      while let end = find(ASCII.greater, from: cursor) {
        // "<!-->" and "--!>" end a comment as well (WHATWG HTML, comment states).
        let dash = bytes[end - 1] == 0x21 ? end - 2 : end - 1
        if dash > start + 2, bytes[dash] == ASCII.dash, bytes[dash - 1] == ASCII.dash {
          index = end + 1
          return
        }
        cursor = end + 1
      }
      noCommentEnd = true
    }
    if let end = find(ASCII.greater, from: start) {
      index = end + 1
    } else {
      noMoreTags = true
    }
  }

  private mutating func open(
    _ element: HTMLElement, _ name: UInt64, nameRange: Range<Int>, _ attributes: HTMLAttributes
  ) {
    switch element {
    case .dropped:
      // A title is better than nothing at all.
      if showsHidden, name == HTMLElement.titleName { return }
      skip(to: name, length: nameRange.count)
      return
    case .lineBreak:
      if stack.last?.element == .paragraph, isHidden { return }
      if !isHidden { newline() }
      return
    case .rule:
      breakLine()
      return
    case .image:
      if showsHidden { describe(attributes) }
      return
    case .void:
      return
    case .inline:
      if bytes[attributes.range.upperBound - 1] == ASCII.slash, !attributes.range.isEmpty { return }
    default:
      if stack.last?.element == .paragraph { pop() }
      if element == .item || element == .cell || element == .row, stack.last?.name == name { pop() }
    }
    let outer = stack.last
    var hidden = outer?.hidden == true || attributes.isHidden
    var tiny = outer?.tiny ?? false
    if let style = attributes.style {
      let declared = HTMLStyle(bytes, style)
      hidden = hidden || declared.hides
      tiny = declared.fontIsZero ?? tiny
    }
    guard stack.count < FixedLimit.openElements else { return }
    let wasHidden = isHidden
    var opened = Open(name: name, element: element, hidden: hidden, tiny: tiny)
    isHidden = !showsHidden && (hidden || tiny)
    if !wasHidden, showsHidden || !hidden { start(element) }
    if element == .quote { opened.quotes = !isIndent(attributes) }
    if element == .list, name == HTMLElement.orderedListName { opened.number = 1 }
    if opened.quotes { quoteDepth += 1 }
    if element == .pre { preDepth += 1 }
    opened.start = out.count
    if !isHidden {
      if attributes.mayMark { opened.mark = mark(nameRange, attributes) }
      if collectsLinks, name == HTMLElement.anchorName { opened.link = attributes.href }
      if element == .item { item() }
    }
    stack.append(opened)
  }

  private mutating func item() {
    begin()
    guard let list = stack.lastIndex(where: { $0.element == .list }), let number = stack[list].number else {
      out.append(contentsOf: [ASCII.dash, ASCII.space])
      return
    }
    stack[list].number = number &+ 1
    out.append(contentsOf: String(number).utf8)
    out.append(contentsOf: [ASCII.dot, ASCII.space])
  }

  private mutating func mark(_ name: Range<Int>, _ attributes: HTMLAttributes) -> TextMark.Kind? {
    let kind = bytes.withUnsafeBytes { raw in
      HTMLMarks.kind(
        element: UnsafeRawBufferPointer(rebasing: raw[name]),
        attributes: UnsafeRawBufferPointer(rebasing: raw[attributes.range]))
    }
    guard kind == .quotedFromHere else { return kind }
    if fromHere == nil { fromHere = out.count }
    return nil
  }

  /// Composers indent with a block quote that has no border; only one that cites draws marks.
  private func isIndent(_ attributes: HTMLAttributes) -> Bool {
    guard attributes.type == nil, attributes.cite == nil, let style = attributes.style else { return false }
    return HTMLStyle(bytes, style).hasNoBorder
  }

  /// A picture's description, when nothing else in the message says anything; a tracking pixel has none.
  private mutating func describe(_ attributes: HTMLAttributes) {
    guard let alternative = attributes.alternative, !alternative.isEmpty else { return }
    begin()
    out.append(ASCII.bracket)
    for byte in bytes[alternative].prefix(FixedLimit.pictureDescriptionBytes) {
      out.append(byte < ASCII.space ? ASCII.space : byte)
    }
    out.append(0x5D)
  }

  private mutating func start(_ element: HTMLElement) {
    switch element {
    case .cell: if !atLineStart { pendingSpace = true }
    case .line, .row, .item, .pre, .list: breakLine()
    case .paragraph, .quote:
      breakLine()
      wantBlank()
    default: break
    }
  }

  private mutating func close(_ element: HTMLElement, _ name: UInt64) {
    // Far up the stack, a match would be somebody else's element.
    var depth = stack.count - 1
    let floor = max(0, stack.count - FixedLimit.openElementsSearched)
    while depth >= floor {
      if stack[depth].name == name {
        while stack.count > depth { pop() }
        return
      }
      depth -= 1
    }
    // "</p>" and "</br>" alone still break a line.
    if element == .paragraph && name == HTMLElement.paragraphName || element == .lineBreak, !isHidden {
      newline()
    }
  }

  private mutating func pop() {
    guard let open = stack.popLast() else { return }
    defer {
      let top = stack.last
      isHidden = !showsHidden && (top?.hidden == true || top?.tiny == true)
    }
    if let kind = open.mark, open.start < out.count {
      rendering.marks.append(TextMark(kind: kind, range: open.start..<out.count))
    }
    if let target = open.link, open.start < out.count { link(open.start, target) }
    if open.element == .pre { preDepth -= 1 }
    if open.hidden, !showsHidden {
      if open.quotes { quoteDepth -= 1 }
      return
    }
    switch open.element {
    case .quote:
      breakLine()
      if open.quotes { quoteDepth -= 1 }
      wantBlank()
    case .paragraph:
      breakLine()
      wantBlank()
    case .cell: if !atLineStart { pendingSpace = true }
    case .line, .row, .item, .pre, .list: breakLine()
    default: break
    }
  }

  private mutating func link(_ start: Int, _ target: Range<Int>) {
    guard rendering.links.count < FixedLimit.links else { return }
    var low = start
    while low < out.count, out[low].isSpace { low += 1 }
    guard low < out.count else { return }
    let text = bytes[target].prefix(FixedLimit.linkBytes).filter { $0 >= ASCII.space }
    rendering.links.append(TextLink(range: low..<out.count, target: String(decoding: text, as: UTF8.self)))
  }

  /// Drops everything up to the element's end tag; an element that never ends is only dropped itself.
  private mutating func skip(to name: UInt64, length: Int) {
    guard !unclosed.contains(name) else { return }
    var cursor = index
    while let start = find(ASCII.less, from: cursor), start + 2 + length <= bytes.count {
      cursor = start + 1
      guard bytes[start + 1] == ASCII.slash else { continue }
      var found = HTMLElement.nameSeed
      for byte in bytes[(start + 2)..<(start + 2 + length)] {
        found = HTMLElement.extended(found, by: byte.lowered)
      }
      guard found == name else { continue }
      index = find(ASCII.greater, from: start).map { $0 + 1 } ?? bytes.count
      return
    }
    unclosed.insert(name)
  }

  // MARK: Character references

  private mutating func entity() {
    let start = index + 1
    var cursor = start
    var scalars: HTMLEntities.Scalars?
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
      if cursor > digitsStart { scalars = (HTMLEntities.repaired(value), 0) }
    } else if let (found, end) = HTMLEntities.longest(bytes, from: start) {
      cursor = end
      scalars = found
    }
    guard let scalars else {
      index += 1
      if isHidden { return }
      begin()
      out.append(ASCII.ampersand)
      return
    }
    index = cursor < bytes.count && bytes[cursor] == ASCII.semicolon ? cursor + 1 : cursor
    if isHidden { return }
    if scalars.0 <= ASCII.space || scalars.0 == 0xA0 {
      // A no-break space is a space for readers of lines.
      space(scalars.0 == ASCII.lf && preDepth > 0 ? ASCII.lf : ASCII.space)
      return
    }
    begin()
    appendUTF8(scalars.0, to: &out)
    if scalars.1 != 0 { appendUTF8(scalars.1, to: &out) }
  }
}
