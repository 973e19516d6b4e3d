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
  /// How it was forwarded: "message/rfc822", "outlook", "gmail", "apple" or "thunderbird".
  public let source: String
}

extension Message {
  /// The message that this one forwards; nil when it forwards none, plain replies included.
  ///
  /// The outermost forward counts when forwards are nested.
  public var forwardedOriginal: ForwardedOriginal? {
    let text = text
    if let attached = attachedOriginal(text) { return attached }
    return inlineOriginal(text)
  }

  private func attachedOriginal(_ text: String) -> ForwardedOriginal? {
    guard let index = parts.indices.first(where: { parts[$0].isMessage }), !isReport else { return nil }
    let isForward = SubjectPrefix.isForward(subject)
    guard isForward || ownLength(text) < 600, let inner = embeddedMessage(of: index) else { return nil }
    let dateText = inner.headers.first("Date") ?? ""
    return ForwardedOriginal(
      from: inner.from.first, date: inner.date, dateText: dateText,
      subject: inner.headers.first("Subject"), to: inner.headers.first("To"), text: inner.text,
      textRange: nil,
      confidence: inner.from.isEmpty ? 0.5 : 0.95, source: "message/rfc822")
  }

  private var isReport: Bool { parts.first?.contentType.isType("multipart", "report") == true }

  private func ownLength(_ text: String) -> Int {
    regions(of: text).reduce(0) { $0 + ($1.kind == .own ? $1.range.count : 0) }
  }

  private func inlineOriginal(_ text: String) -> ForwardedOriginal? {
    let isForward = SubjectPrefix.isForward(subject)
    let isReply = SubjectPrefix.isReply(subject)
    let bytes = Array(text.utf8)
    let lines = LineSplitter.lines(bytes)
    for index in lines.indices {
      var source = "outlook"
      var start = index
      if let marker = ForwardMarkers.marker(bytes, lines, index) {
        guard marker.forwards || isForward else {
          if isReply { return nil }
          continue
        }
        source = marker.source
        start = index + marker.lines
      } else if HeaderBlock.starts(bytes, lines, index) {
        guard isForward else {
          // The block of a plain reply: what is below was only quoted.
          if lines[index].depth == 0 { return nil }
          continue
        }
        if HeaderBlock.label(bytes, lines[index].content) == nil { start = index + 1 }
      } else {
        continue
      }
      if let found = read(bytes, lines, start, source) { return found }
    }
    return nil
  }

  /// Reads the labels from `start` on, then the text below them.
  private func read(_ bytes: [UInt8], _ lines: [TextLine], _ start: Int, _ source: String)
    -> ForwardedOriginal?
  {
    var cursor = start
    while cursor < lines.count, lines[cursor].isBlank { cursor += 1 }
    var values: [HeaderBlock.Label: String] = [:]
    var last: HeaderBlock.Label?
    let end = min(lines.count, cursor + FixedLimit.headerBlockLines)
    while cursor < end {
      let line = lines[cursor]
      if line.isBlank {
        // Blank lines between labels come from paragraphs; anything else ends the block.
        guard !values.isEmpty, values[.from] == nil || values[.subject] == nil, cursor + 1 < end,
          HeaderBlock.label(bytes, lines[cursor + 1].content) != nil
        else { break }
      } else if let (label, value) = HeaderBlock.label(bytes, line.content) {
        let text = String(decoding: bytes[value], as: UTF8.self)
        if values[label] == nil { values[label] = text }
        last = label
      } else if let label = last, label == .to || label == .cc || label == .subject || label == .from {
        values[label, default: ""] += " " + String(decoding: bytes[line.content], as: UTF8.self)
      } else {
        break
      }
      cursor += 1
    }
    guard let fromText = values[.from] else { return nil }
    while cursor < lines.count, lines[cursor].isBlank { cursor += 1 }
    let from = ForwardedOriginal.address(fromText)
    let dateText = values[.date] ?? ""
    let low = cursor < lines.count ? lines[cursor].range.lowerBound : bytes.count
    let hasAddress = from.map { !$0.domain.isEmpty } ?? false
    return ForwardedOriginal(
      from: from, date: MessageDate.parse(dateText), dateText: dateText, subject: values[.subject],
      to: values[.to],
      text: unquoted(bytes, lines[cursor...], depth: start < lines.count ? lines[start].depth : 0),
      textRange: low..<bytes.count, confidence: hasAddress ? 0.8 : 0.5, source: source)
  }

  /// The lines without the quote marks that the forward as a whole stands in.
  private func unquoted(_ bytes: [UInt8], _ lines: ArraySlice<TextLine>, depth: Int) -> String {
    let depth = max(depth, lines.first { !$0.isBlank }.map { min($0.depth, 1) } ?? 0)
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
