// The message inside a forwarded one: who complained, when, and in which words.

/// What can be told of the message that was forwarded.
public struct ForwardedOriginal: Sendable {
  /// Its writer; the mailbox is empty when the client printed the name only.
  public let from: Address?
  /// When it was sent; `offsetKnown` is false when the client printed no zone.
  public let date: MessageDate?
  /// The date as it was printed; empty when none was.
  public let dateText: String
  /// Its subject.
  public let subject: String?
  /// Its recipients as printed.
  public let to: String?
  /// Its text, quote marks of the forward removed.
  public let text: String
  /// Where that text stands in the outer message's `text`, UTF-8 offsets; nil for an attached message.
  public let textRange: Range<Int>?
  /// From 0 to 1: 0.95 attached whole, 0.8 inline with an address, 0.5 inline with a name only.
  public let confidence: Double
  /// How it was forwarded: "message/rfc822", "outlook", "gmail", "apple", "thunderbird" or "zoho".
  public let source: String
}

extension Message {
  /// The message that this one forwards; nil when it forwards none, plain replies included.
  ///
  /// The outermost forward counts when forwards are nested.
  public var forwardedOriginal: ForwardedOriginal? { forwards(limit: 1).first }

  /// The messages forwarded within one another, the outermost first and at most `FixedLimit.forwardChain`; empty
  /// when this one forwards none. Those below the first have no `textRange`.
  public var forwardedChain: [ForwardedOriginal] { forwards(limit: FixedLimit.forwardChain) }

  private func forwards(limit: Int) -> [ForwardedOriginal] {
    var chain: [ForwardedOriginal] = []
    // What is looked at next: a whole message, and when there is none in it, its text.
    var message: Message? = self
    while let current = message, chain.count < limit {
      guard let index = current.attachedOriginal, let inner = current.embeddedMessage(of: index) else {
        break
      }
      chain.append(ForwardedOriginal(attached: inner))
      message = inner
    }
    guard let message, chain.count < limit else { return chain }
    let isForward = SubjectPrefix.isForward(message.subject)
    var next = InlineForward(
      Array(message.text.utf8), isForward: isForward, marks: message.textMarks,
      sender: message.from.first?.displayName
    ).original(isNested: !chain.isEmpty)
    while let found = next {
      chain.append(found)
      guard chain.count < limit else { break }
      let isForward = SubjectPrefix.isForward(found.subject ?? "")
      next = InlineForward(Array(found.text.utf8), isForward: isForward, marks: []).original(isNested: true)
    }
    return chain
  }

  /// The part in which the forwarded message is attached whole.
  private var attachedOriginal: Int? {
    guard let index = parts.indices.first(where: { parts[$0].isMessage }), !isReport else { return nil }
    // Beside a long letter of the writer's an attached message is an enclosure.
    return SubjectPrefix.isForward(subject) || ownText.utf8.count < FixedLimit.forwardNoteBytes ? index : nil
  }

  private var isReport: Bool { parts.first?.contentType.isType("multipart", "report") == true }
}

/// Finds the first forwarded message in a text and reads its header block.
private struct InlineForward {
  let bytes: [UInt8]
  let lines: [TextLine]
  let kinds: [TextRegion.Kind]

  init(_ bytes: [UInt8], isForward: Bool, marks: [TextMark], sender: String? = nil) {
    var splitter = RegionSplitter(bytes, isForward: isForward, marks: marks, sender: sender)
    splitter.divide()
    self.bytes = bytes
    lines = splitter.lines
    kinds = splitter.kinds
  }

  func original(isNested: Bool) -> ForwardedOriginal? {
    var index = 0
    while let start = kinds[index...].firstIndex(of: .forwarded) {
      var end = start
      while end < kinds.count, kinds[end] == .forwarded { end += 1 }
      if let found = read(start..<end, isNested: isNested) { return found }
      index = end
    }
    return nil
  }

  /// Reads the labels near the top of a forwarded region, then the text below them.
  private func read(_ region: Range<Int>, isNested: Bool) -> ForwardedOriginal? {
    var source = "outlook"
    var cursor = region.lowerBound
    let search = min(region.upperBound, cursor + FixedLimit.headerBlockSearch)
    while cursor < search, lines[cursor].label == nil {
      if let marker = ForwardMarkers.marker(bytes, lines[cursor]) { source = marker.source }
      cursor += 1
    }
    guard cursor < search else { return nil }
    let depth = lines[cursor].depth
    var values: [HeaderBlock.Label: String] = [:]
    var last: HeaderBlock.Label?
    let end = min(region.upperBound, cursor + FixedLimit.headerBlockLines)
    while cursor < end {
      let line = lines[cursor]
      if line.isBlank {
        // Blank lines between labels come from paragraphs; anything else ends the block.
        guard values[.from] == nil || values[.subject] == nil, cursor + 1 < end,
          lines[cursor + 1].label != nil
        else { break }
      } else if let (found, value) = HeaderBlock.label(bytes, line.content) {
        let label = found == .sent ? .date : found
        if values[label] == nil { values[label] = text(value) }
        last = label
      } else if let label = last, label == .to || label == .cc || label == .subject || label == .from {
        values[label, default: ""] += " " + text(line.content)
      } else {
        break
      }
      cursor += 1
    }
    guard let fromText = values[.from] else { return nil }
    while cursor < region.upperBound, lines[cursor].isBlank { cursor += 1 }
    let from = ForwardedOriginal.address(fromText)
    let dateText = values[.date] ?? ""
    let low = cursor < lines.count ? lines[cursor].range.lowerBound : bytes.count
    let high = region.isEmpty ? low : max(low, lines[region.upperBound - 1].range.upperBound)
    let hasAddress = from.map { !$0.domain.isEmpty } ?? false
    return ForwardedOriginal(
      from: from, date: MessageDate.parse(dateText), dateText: dateText, subject: values[.subject],
      to: values[.to], text: unquoted(lines[cursor..<max(cursor, region.upperBound)], depth: Int(depth)),
      textRange: isNested ? nil : low..<high, confidence: hasAddress ? 0.8 : 0.5, source: source)
  }

  /// A label's value; QQ and Foxmail end each with a semicolon.
  private func text(_ range: Range<Int>) -> String {
    let isEnded = range.last.map { bytes[$0] == ASCII.semicolon } ?? false
    return String(decoding: bytes[isEnded ? range.dropLast() : range], as: UTF8.self)
  }

  /// The lines without the quote marks that the forward as a whole stands in.
  private func unquoted(_ lines: ArraySlice<TextLine>, depth: Int) -> String {
    let first = lines.first { !$0.isBlank }.map { min(Int($0.depth), 1) } ?? 0
    let depth = max(depth, first)
    var out: [UInt8] = []
    for line in lines {
      var index = line.range.lowerBound
      var left = depth
      while left > 0, index < line.range.upperBound, bytes[index] == ASCII.greater || bytes[index].isBlank {
        if bytes[index] == ASCII.greater { left -= 1 }
        index += 1
      }
      if depth > 0, left == 0, index < line.range.upperBound, bytes[index] == ASCII.space { index += 1 }
      out.append(contentsOf: bytes[index..<line.range.upperBound])
    }
    return trimmedText(String(decoding: out, as: UTF8.self))
  }
}

extension ForwardedOriginal {
  /// A message that was attached whole.
  init(attached message: Message) {
    self.init(
      from: message.from.first, date: message.date, dateText: message.headers.first("Date") ?? "",
      subject: message.headers.first("Subject"), to: message.headers.first("To"), text: message.text,
      textRange: nil, confidence: message.from.isEmpty ? 0.5 : 0.95, source: "message/rfc822")
  }

  /// "Jane <jane@x>", "Jane [mailto:jane@x]", "jane@x <mailto:jane@x>" or a bare name.
  static func address(_ text: String) -> Address? {
    var bytes = Array(text.utf8.prefix(1_000))
    for index in bytes.indices {
      if hasPrefix("[mailto:", in: bytes, at: index, limit: bytes.count) {
        bytes[index] = ASCII.less
        if let close = bytes[index...].firstIndex(of: 0x5D) { bytes[close] = ASCII.greater }
        break
      }
    }
    // A comma in a name ("Doe, Jane <jane@x>") is no separator here: there is one writer.
    if let open = bytes.lastIndex(of: ASCII.less), let close = bytes[open...].firstIndex(of: ASCII.greater),
      bytes[open..<close].contains(ASCII.at)
    {
      let name = trimmed(Array(bytes[..<open])).filter { $0 != ASCII.quote && $0 != ASCII.star }
      let inner = Array(bytes[open...close])
      guard let address = AddressParser.parse(inner, limit: 1).first else { return nil }
      let shown = trimmedText(String(decoding: name, as: UTF8.self))
      return Address(
        displayName: shown.isEmpty || shown == address.mailbox ? nil : shown, localPart: address.localPart,
        domain: address.domain)
    }
    let plain = trimmedText(
      String(decoding: bytes.filter { $0 != ASCII.star && $0 != ASCII.quote }, as: UTF8.self))
    if plain.isEmpty { return nil }
    if plain.utf8.contains(ASCII.at) { return AddressParser.parse(Array(plain.utf8), limit: 1).first }
    return Address(displayName: plain, localPart: "", domain: "")
  }
}
