// Bytes -> header blocks and parts, in one pass over the lines, without recursion.

import Glibc

/// Splits a message into its flat list of parts (RFC 2046 §5.1.1).
struct StructureParser {
  private struct Frame {
    var part: Int
    /// Nil until learnt from the first delimiter-like line, when the parameter is missing.
    var boundary: [UInt8]?
    var sawPart = false
  }

  private enum State {
    case header, body, between
  }

  let message: MessageBytes
  let limits: Limits
  private(set) var parts: [MIMEPart] = []
  private(set) var defects: [Defect] = []
  private var stack: [Frame] = []
  private var state = State.header
  private var current = 0
  private var blockStart = 0
  private var droppedFields = false
  private var frozen = false

  init(_ message: MessageBytes, limits: Limits) {
    self.message = message
    self.limits = limits
  }

  mutating func parse() {
    let message = message
    message.withUnsafeBytes { run($0) }
    markAttachments()
  }

  private mutating func note(
    _ code: Defect.Code, _ rule: String, at offset: Int? = nil, _ detail: String = ""
  ) {
    if defects.count < limits.defects { defects.append(Defect(code, rule, at: offset, detail)) }
  }

  // MARK: Lines

  private mutating func run(_ bytes: UnsafeRawBufferPointer) {
    parts.append(MIMEPart(parent: nil, depth: 0))
    guard !bytes.isEmpty else {
      note(.emptyMessage, "RFC 5322 §3.5", at: 0)
      return
    }
    let loneCR = usesLoneCR(bytes)
    if loneCR { note(.bareCarriageReturns, "RFC 5322 §2.3", "lines end in a bare CR") }
    let scanner = LineScanner(bytes: bytes, loneCR: loneCR)
    var position = skipPrologue(scanner)
    blockStart = position
    var previousEnd = position
    while position < bytes.count {
      if frozen || (state == .body && stack.isEmpty) { break }
      if state != .header, !loneCR {
        // Nothing but a delimiter matters here, and that begins with two dashes.
        let dashes = scanner.dashes(from: position)
        guard dashes < bytes.count else {
          position = bytes.count
          break
        }
        if dashes > position { previousEnd = scanner.contentEnd(before: dashes) }
        position = dashes
      }
      let line = scanner.line(at: position)
      if !stack.isEmpty, line.end - line.start > 2, bytes[line.start] == ASCII.dash,
        bytes[line.start + 1] == ASCII.dash, delimiter(bytes, line, previousEnd, scanner)
      {
        previousEnd = line.end
        position = line.next
        continue
      }
      if state == .header { position = headerLine(bytes, line, scanner) } else { position = line.next }
      previousEnd = line.end
    }
    finish(at: bytes.count, bytes)
  }

  /// Whether a lone CR ends lines: there is no LF at all, or the header block is written with CRs.
  private func usesLoneCR(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    let end = min(bytes.count, FixedLimit.sniffedBytes)
    guard memchr(base, 0x0D, end) != nil else { return false }
    var start = 0
    while start < end {
      let feed = memchr(base + start, 0x0A, end - start).map { UnsafeRawPointer($0) - base } ?? end
      var position = start
      while position < feed, let hit = memchr(base + position, 0x0D, feed - position) {
        let mark = UnsafeRawPointer(hit) - base
        position = mark + 1
        guard position < bytes.count, bytes[position] != ASCII.lf else { break }
        let isBlankLine =
          bytes[position] == ASCII.cr && position + 1 < bytes.count && bytes[position + 1] != ASCII.lf
        if isBlankLine || fieldName(bytes, position, bytes.count) != nil { return true }
      }
      // The header block ends here in LF terms; what a CR does further down is the body's business.
      if start > 0, feed == start || feed == start + 1 && bytes[start] == ASCII.cr { return false }
      start = feed + 1
    }
    return memchr(base, 0x0A, bytes.count) == nil
  }

  /// Skips what may stand before the first field: an mbox separator, and blank lines if fields follow.
  private mutating func skipPrologue(_ scanner: LineScanner) -> Int {
    let bytes = scanner.bytes
    var position = 0
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    var line = scanner.line(at: position)
    var blanks = position
    while blanks < bytes.count, line.next > line.start, blankLine(bytes, line) {
      blanks = line.next
      if blanks < bytes.count { line = scanner.line(at: blanks) }
    }
    if blanks > position, blanks < bytes.count {
      let isMbox = startsMbox(bytes, blanks)
      if isMbox || isFamiliarField(bytes, line) {
        note(.leadingBlankLine, "RFC 5322 §2.1", at: position)
        position = blanks
      }
    }
    if startsMbox(bytes, position) {
      note(.mboxFromLine, "RFC 4155", at: position)
      position = scanner.line(at: position).next
    }
    return position
  }

  private func blankLine(_ bytes: UnsafeRawBufferPointer, _ line: Line) -> Bool {
    for index in line.start..<line.end where !bytes[index].isSpace { return false }
    return true
  }

  private func startsMbox(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Bool {
    let start = position < bytes.count && bytes[position] == ASCII.greater ? position + 1 : position
    guard bytes.count - start >= 5 else { return false }
    guard
      bytes[start] == 0x46, bytes[start + 1] == 0x72, bytes[start + 2] == 0x6F, bytes[start + 3] == 0x6D,
      bytes[start + 4] == ASCII.space
    else { return false }
    // "From : jane" is a field in its obsolete form (RFC 5322 §4.5).
    return fieldName(bytes, start, bytes.count) == nil
  }

  // MARK: Header blocks

  /// field-name ":" — the name's end, blanks before the colon tolerated (RFC 5322 §4.5).
  private func fieldName(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> (end: Int, colon: Int)?
  {
    var index = start
    while index < end, bytes[index].isFieldName { index += 1 }
    guard index > start else { return nil }
    let nameEnd = index
    while index < end, bytes[index].isBlank { index += 1 }
    guard index < end, bytes[index] == ASCII.colon else { return nil }
    return (nameEnd, index)
  }

  private static let familiar: Set<String> = [
    "from", "to", "cc", "bcc", "subject", "date", "received", "return-path", "message-id", "mime-version",
    "delivered-to", "reply-to", "sender", "content-type", "content-transfer-encoding", "in-reply-to",
    "references", "dkim-signature", "authentication-results", "content-disposition", "list-id", "precedence",
    "errors-to", "importance", "user-agent", "arc-seal", "received-spf", "return-receipt-to", "status",
  ]

  /// Whether a line is a field that mail is known to carry: enough to go on after a broken line.
  private func isFamiliarField(_ bytes: UnsafeRawBufferPointer, _ line: Line) -> Bool {
    guard let name = fieldName(bytes, line.start, line.end), name.end - line.start < 40 else { return false }
    let text = String(decoding: bytes[line.start..<name.end].map(\.lowered), as: UTF8.self)
    return StructureParser.familiar.contains(text) || text.hasPrefix("x-") || text.hasPrefix("content-")
  }

  /// Takes one line of a header block and returns where to go on.
  private mutating func headerLine(_ bytes: UnsafeRawBufferPointer, _ line: Line, _ scanner: LineScanner)
    -> Int
  {
    if scanner.isEmpty(line) {
      endHeader(bytes, bodyStart: line.next)
      return line.next
    }
    let isFirst = parts[current].headers.fields.isEmpty && !droppedFields
    if bytes[line.start].isBlank {
      if !isFirst {
        extendLastField(to: line.end)
        return line.next
      }
      if blankLine(bytes, line) {
        endHeader(bytes, bodyStart: line.next)
        return line.next
      }
    } else if let name = fieldName(bytes, line.start, line.end) {
      addField(bytes, line, name)
      return line.next
    }
    // Not a field. Go on past it when a familiar field follows, else the blank line was forgotten.
    if line.next < bytes.count, !isFirst || current == 0 {
      let following = scanner.line(at: line.next)
      if isFamiliarField(bytes, following) {
        note(.malformedField, "RFC 5322 §2.2", at: line.start)
        droppedFields = true
        return line.next
      }
    }
    if isFirst, current == 0 {
      note(.noHeaders, "RFC 5322 §3.6", at: line.start)
    } else {
      note(.missingBlankLine, "RFC 5322 §2.1", at: line.start)
    }
    endHeader(bytes, bodyStart: line.start)
    // The line belongs to the body, where it can only be text: delimiters were looked for before.
    return line.next
  }

  private mutating func addField(
    _ bytes: UnsafeRawBufferPointer, _ line: Line, _ name: (end: Int, colon: Int)
  ) {
    if line.end - blockStart > limits.headerBytes {
      if !droppedFields { note(.headerBlockTooLarge, "limit", at: line.start) }
      droppedFields = true
      // The name of a huge first field is still worth keeping.
      if line.start - blockStart > limits.headerBytes { return }
    }
    if parts[current].headers.fields.count >= limits.headerFields {
      if !droppedFields { note(.tooManyFields, "limit", at: line.start) }
      droppedFields = true
      return
    }
    parts[current].headers.fields.append(
      HeaderField(
        message: message, nameRange: line.start..<name.end,
        valueRange: clipped((name.colon + 1)..<max(line.end, name.colon + 1)), bytes: bytes))
  }

  private mutating func extendLastField(to end: Int) {
    guard !droppedFields, let last = parts[current].headers.fields.last else { return }
    let count = parts[current].headers.fields.count
    parts[current].headers.fields[count - 1] = HeaderField(
      last, valueRange: clipped(last.valueRange.lowerBound..<max(end, last.valueRange.lowerBound)))
  }

  private mutating func clipped(_ range: Range<Int>) -> Range<Int> {
    guard range.count > limits.fieldBytes else { return range }
    if defects.last?.code != .fieldTooLong { note(.fieldTooLong, "limit", at: range.lowerBound) }
    return range.lowerBound..<(range.lowerBound + limits.fieldBytes)
  }

  // MARK: Parts

  /// Reads what the header block says about the part and opens it when it is a multipart.
  private mutating func endHeader(_ bytes: UnsafeRawBufferPointer, bodyStart: Int) {
    parts[current].bodyRange = bodyStart..<bodyStart
    let boundary = describe(current)
    droppedFields = false
    state = .body
    guard parts[current].isMultipart else { return }
    if parts[current].depth >= limits.depth {
      note(.tooDeep, "limit", at: bodyStart, "more than \(limits.depth) levels")
      return
    }
    var mark = boundary
    if let bytes = boundary {
      if bytes.count > 70 {
        note(.boundaryTooLong, "RFC 2046 §5.1.1", at: bodyStart, "\(bytes.count) characters")
      }
      if bytes.isEmpty || bytes.count > FixedLimit.boundaryBytes { mark = nil }
    }
    if mark == nil { note(.missingBoundary, "RFC 2046 §5.1.1", at: bodyStart) }
    stack.append(Frame(part: current, boundary: mark))
    state = .between
  }

  private static let contentType = (name: "content-type", hash: HeaderField.hash("content-type"))
  private static let transferEncoding = (
    name: "content-transfer-encoding", hash: HeaderField.hash("content-transfer-encoding")
  )
  private static let disposition = (
    name: "content-disposition", hash: HeaderField.hash("content-disposition")
  )
  private static let contentID = (name: "content-id", hash: HeaderField.hash("content-id"))

  /// Fills in the part's description; returns its boundary parameter.
  private mutating func describe(_ index: Int) -> [UInt8]? {
    var seenType = false
    var seenEncoding = false
    var boundary: [UInt8]?
    var fileName: String?
    if let parent = parts[index].parent, parts[parent].contentType.isType("multipart", "digest") {
      // RFC 2046 §5.1.5: the default inside a digest.
      parts[index].contentType = ContentType(type: "message", subtype: "rfc822", parameters: [:])
    }
    for field in parts[index].headers.fields where field.nameRange.count >= 10 {
      if field.isNamed(Self.contentType.name, hash: Self.contentType.hash) {
        if seenType {
          note(.duplicateField, "RFC 2045 §5", at: field.nameRange.lowerBound, "Content-Type")
          continue
        }
        seenType = true
        boundary = readContentType(field, index)
      } else if field.isNamed(Self.transferEncoding.name, hash: Self.transferEncoding.hash) {
        if seenEncoding {
          note(.duplicateField, "RFC 2045 §6", at: field.nameRange.lowerBound, "Content-Transfer-Encoding")
          continue
        }
        seenEncoding = true
        readEncoding(field, index)
      } else if field.isNamed(Self.disposition.name, hash: Self.disposition.hash),
        parts[index].disposition == nil
      {
        let parsed = StructuredField(field.unfolded, limit: limits.parameters)
        report(parsed, at: field.nameRange.lowerBound)
        parts[index].disposition = parsed.value
        fileName = parsed.parameters["filename"] ?? parsed.parameters["name"]
      } else if field.isNamed(Self.contentID.name, hash: Self.contentID.hash), parts[index].contentID == nil {
        parts[index].contentID = MessageIDs.first(in: field.unfolded)
      }
    }
    parts[index].fileName = (fileName ?? parts[index].contentType.parameters["name"]).flatMap {
      $0.isEmpty ? nil : $0
    }
    checkKind(index)
    return boundary
  }

  private mutating func report(_ parsed: StructuredField, at offset: Int) {
    for defect in parsed.defects { note(defect.code, defect.rule, at: offset, defect.detail) }
  }

  private mutating func readContentType(_ field: HeaderField, _ index: Int) -> [UInt8]? {
    let parsed = StructuredField(field.unfolded, limit: limits.parameters)
    report(parsed, at: field.nameRange.lowerBound)
    let halves = parsed.value.utf8.split(
      separator: ASCII.slash, maxSplits: 1, omittingEmptySubsequences: false)
    var type = halves.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    var subtype = halves.count > 1 ? String(decoding: halves[1], as: UTF8.self) : ""
    if type.isEmpty || subtype.isEmpty {
      note(.malformedContentType, "RFC 2045 §5.2", at: field.nameRange.lowerBound, parsed.value)
      // RFC 2045 §5.2: what cannot be read is text; "multipart" or "text" alone still say which kind.
      switch type {
      case "multipart": subtype = "mixed"
      case "text", "": (type, subtype) = ("text", subtype.isEmpty ? "plain" : subtype)
      case "html": (type, subtype) = ("text", "html")
      default: (type, subtype) = parsed.boundary == nil ? ("text", "plain") : ("multipart", "mixed")
      }
    }
    parts[index].contentType = ContentType(type: type, subtype: subtype, parameters: parsed.parameters)
    if type == "text", let label = parsed.parameters["charset"], !Charset.isKnown(label) {
      note(.unknownCharset, "RFC 2046 §4.1.2", at: field.nameRange.lowerBound, label)
    }
    return parsed.boundary.map { bytes in
      var bytes = bytes
      while let last = bytes.last, last.isBlank { bytes.removeLast() }
      return bytes
    }
  }

  private mutating func readEncoding(_ field: HeaderField, _ index: Int) {
    let name = StructuredField(field.unfolded, limit: 1).value
    switch name {
    case "base64", "b64": parts[index].transferEncoding = .base64
    case "quoted-printable", "quotedprintable", "qp", "quoted_printable":
      parts[index].transferEncoding = .quotedPrintable
    case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none": break
    case "x-uuencode", "uuencode", "x-uue", "uue": parts[index].transferEncoding = .uuencode
    default:
      if name.hasPrefix("base64") {
        parts[index].transferEncoding = .base64
      } else if name.hasPrefix("quoted-p") {
        parts[index].transferEncoding = .quotedPrintable
      }
      note(.unknownTransferEncoding, "RFC 2045 §6.1", at: field.nameRange.lowerBound, name)
    }
  }

  /// Names what a person must look at because no parser can.
  private mutating func checkKind(_ index: Int) {
    let type = parts[index].contentType
    let offset = parts[index].bodyRange.lowerBound
    if parts[index].isMultipart, parts[index].transferEncoding != .identity {
      note(.encodedComposite, "RFC 2045 §6.4", at: offset, type.essence)
    }
    switch (type.type, type.subtype) {
    case ("message", "partial"): note(.partialMessage, "RFC 2046 §5.2.2", at: offset)
    case ("message", "external-body"): note(.externalBody, "RFC 2046 §5.2.3", at: offset)
    case ("multipart", "encrypted"), ("application", "pgp-encrypted"):
      note(.encryptedContent, "RFC 1847 §2.2", at: offset, type.essence)
    case ("application", "pkcs7-mime"), ("application", "x-pkcs7-mime"):
      if type.parameters["smime-type"].map(loweredASCII) != "signed-data" {
        note(.encryptedContent, "RFC 8551 §3.2", at: offset, type.essence)
      }
    default: break
    }
  }

  // MARK: Delimiters

  /// delimiter := CRLF "--" boundary; transport padding may follow, then the line ends (RFC 2046 §5.1.1).
  ///
  /// The whole line is compared, so a boundary that is the beginning of another never takes its lines. The innermost
  /// match wins; an outer one closes everything inside it. Returns whether the line was a delimiter.
  private mutating func delimiter(
    _ bytes: UnsafeRawBufferPointer, _ line: Line, _ previousEnd: Int, _ scanner: LineScanner
  ) -> Bool {
    var end = line.end
    while end > line.start + 2, bytes[end - 1].isSpace { end -= 1 }
    let text = UnsafeRawBufferPointer(rebasing: bytes[(line.start + 2)..<end])
    guard !text.isEmpty else { return false }
    if learnBoundary(text, line, scanner) {
      return open(in: stack.count - 1, at: line, previousEnd: previousEnd, bytes)
    }
    var level = stack.count - 1
    while level >= 0 {
      defer { level -= 1 }
      guard let boundary = stack[level].boundary, text.count >= boundary.count, text.starts(with: boundary)
      else {
        continue
      }
      if text.count == boundary.count { return open(in: level, at: line, previousEnd: previousEnd, bytes) }
      if text.count == boundary.count + 2, text[text.count - 1] == ASCII.dash,
        text[text.count - 2] == ASCII.dash
      {
        closeParts(above: level, at: previousEnd, bytes)
        closeFrame(at: line.next)
        state = .between
        return true
      }
    }
    return false
  }

  /// Takes the first delimiter-like line followed by a field or a blank line for the boundary nobody declared.
  private mutating func learnBoundary(_ text: UnsafeRawBufferPointer, _ line: Line, _ scanner: LineScanner)
    -> Bool
  {
    guard let top = stack.last, top.boundary == nil, state == .between, text.count >= 3, text.count <= 70,
      line.next < scanner.bytes.count, !text.contains(ASCII.space)
    else { return false }
    let following = scanner.line(at: line.next)
    guard scanner.isEmpty(following) || isFamiliarField(scanner.bytes, following) else { return false }
    stack[stack.count - 1].boundary = Array(text)
    return true
  }

  private mutating func open(
    in level: Int, at line: Line, previousEnd: Int, _ bytes: UnsafeRawBufferPointer
  ) -> Bool {
    if parts.count >= limits.parts {
      note(.tooManyParts, "limit", at: line.start, "more than \(limits.parts) parts")
      // The rest stays in the part that is open; with none open it is the container's.
      frozen = true
      return true
    }
    closeParts(above: level, at: previousEnd, bytes)
    stack[level].sawPart = true
    let parent = stack[level].part
    let depth = parts[parent].depth + 1
    current = parts.count
    parts[parent].children.append(current)
    parts.append(MIMEPart(parent: parent, depth: depth))
    parts[current].bodyRange = line.next..<line.next
    blockStart = line.next
    droppedFields = false
    state = .header
    return true
  }

  /// Ends the open leaf and every multipart inside `level`.
  private mutating func closeParts(above level: Int, at end: Int, _ bytes: UnsafeRawBufferPointer) {
    endLeaf(at: end, bytes)
    while stack.count - 1 > level {
      if let top = stack.last, top.sawPart {
        note(.unclosedBoundary, "RFC 2046 §5.1.1", at: end, "inner boundary not closed")
      }
      closeFrame(at: end)
    }
  }

  private mutating func endLeaf(at end: Int, _ bytes: UnsafeRawBufferPointer) {
    if state == .header {
      let start = max(parts[current].bodyRange.lowerBound, min(end, bytes.count))
      endHeader(bytes, bodyStart: start)
    }
    if state == .body {
      let start = parts[current].bodyRange.lowerBound
      parts[current].bodyRange = start..<max(start, end)
    }
    state = .between
  }

  private mutating func closeFrame(at end: Int) {
    guard let frame = stack.popLast() else { return }
    let start = parts[frame.part].bodyRange.lowerBound
    parts[frame.part].bodyRange = start..<max(start, end)
    if !frame.sawPart { note(.noPartsFound, "RFC 2046 §5.1.1", at: start) }
    if let outer = stack.last { current = outer.part }
  }

  private mutating func finish(at end: Int, _ bytes: UnsafeRawBufferPointer) {
    endLeaf(at: end, bytes)
    while let frame = stack.last {
      if frame.sawPart { note(.unclosedBoundary, "RFC 2046 §5.1.1", at: end, "boundary not closed") }
      closeFrame(at: end)
    }
    // The root runs to the end whatever closed inside it.
    parts[0].bodyRange = min(parts[0].bodyRange.lowerBound, end)..<end
  }

  // MARK: Attachments

  /// Subtypes of text that are data beside the message's words, or another rendering of them.
  private static let separateTexts: Set<String> = [
    "calendar", "vcard", "x-vcard", "directory", "css", "csv", "rtf", "xml", "javascript", "rfc822-headers",
    "x-amp-html", "watch-html", "x-patch", "x-diff", "x-log",
  ]

  /// RFC 8621 §4.1.4's rule: text is the message's own unless it is marked, named or merely related.
  private mutating func markAttachments() {
    for index in parts.indices where parts[index].children.isEmpty {
      let part = parts[index]
      if part.isMultipart { continue }
      // RFC 2046 §4.1.4: text of an unknown subtype is shown as plain text.
      let isBody = part.contentType.type == "text" && !Self.separateTexts.contains(part.contentType.subtype)
      guard isBody, part.disposition != "attachment" else {
        parts[index].isAttachment = true
        continue
      }
      guard let parent = part.parent, parts[parent].children.first != index else { continue }
      let related = parts[parent].contentType.subtype == "related"
      if part.fileName != nil || (related && !part.contentType.isType("text", "html")) {
        parts[index].isAttachment = true
      }
    }
  }
}
