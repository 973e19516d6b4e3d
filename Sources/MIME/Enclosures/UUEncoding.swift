// uuencode: files between "begin" and "end" lines of a text, as POSIX.1-2017 uuencode describes them.

/// Finds and decodes uuencoded files, both the historical encoding and the base64 one.
///
///     begin 644 name            begin-base64 644 name
///     M<45 bytes in 60 chars>   <base64 lines>
///     `                         ====
///     end
enum UUEncoding {
  private static let rule = "POSIX.1-2017 uuencode"

  /// Whether the text may hold a uuencoded file. Called on every text part, so it looks no further than the opening
  /// lines.
  static func mayContain(_ text: UnsafeRawBufferPointer) -> Bool {
    let lines = LineSearch.scanner(text)
    var position = 0
    while let found = LineSearch.nextLine(startingWith: "begin", in: lines, from: position) {
      let line = lines.line(at: found)
      if Header(text, line) != nil { return true }
      position = line.next
    }
    return false
  }

  /// The files in the text, in order.
  ///
  /// Prose is not taken for a file: the opening line needs an octal mode, and what follows must be an encoded line of
  /// just the length that it announces. Inside a block much is forgiven: spaces stripped from line ends, blank lines,
  /// a line folded in two, one damaged line, a missing end.
  static func blocks(in text: [UInt8], limits: Limits) -> [EnclosedBlock] {
    text.withUnsafeBytes { raw in
      guard mayContain(raw) else { return [] }
      let lines = LineSearch.scanner(raw)
      var blocks: [EnclosedBlock] = []
      var room = limits.decodedBytes
      var position = 0
      while blocks.count < limits.parts,
        let found = LineSearch.nextLine(startingWith: "begin", in: lines, from: position)
      {
        let opening = lines.line(at: found)
        position = opening.next
        guard let header = Header(raw, opening) else { continue }
        var reader = BlockReader(text: raw, lines: lines, opening: opening, room: room)
        guard header.isBase64 ? reader.readBase64() : reader.read() else { continue }
        var file = EnclosedFile(name: header.name, bytes: reader.out)
        file.isTNEF = TNEF.looksLike(reader.out)
        room -= min(room, reader.out.count)
        position = max(position, reader.end)
        blocks.append(EnclosedBlock(range: found..<position, file: file, defects: reader.defects(at: found)))
      }
      return blocks
    }
  }

  /// The opening line: "begin" and its variants, an octal mode, a name.
  private struct Header {
    var name: String?
    var isBase64 = false

    init?(_ text: UnsafeRawBufferPointer, _ line: Line) {
      guard line.end - line.start <= FixedLimit.enclosedNameBytes else { return nil }
      var index = line.start + 5
      var isNameEncoded = false
      func skips(_ word: StaticString) -> Bool {
        guard LineSearch.hasPrefix(word, text, at: index) else { return false }
        index += word.utf8CodeUnitCount
        return true
      }
      if skips("-base64") { isBase64 = true }
      if skips("-encoded") { isNameEncoded = true }
      guard index < line.end, text[index].isBlank else { return nil }
      while index < line.end, text[index].isBlank { index += 1 }
      let mode = index
      while index < line.end, text[index] >= 0x30, text[index] <= 0x37 { index += 1 }
      guard (3...6).contains(index - mode), index == line.end || text[index].isBlank else { return nil }
      var bytes = trimmed([UInt8](text[index..<line.end]))
      if isNameEncoded { bytes = Transfer.base64(bytes[...]) }
      if bytes.count > 1, bytes.first == ASCII.quote, bytes.last == ASCII.quote {
        bytes = Array(bytes[1..<(bytes.count - 1)])
      }
      name = bytes.isEmpty ? nil : Charset.unlabelled(bytes)
    }
  }

  /// What a line inside a block is.
  private enum LineKind {
    /// As long as its first character says, or nearly: a checksum character, or the last group cut to what it needs.
    case data(Int)
    /// Encoded, but too short: its trailing spaces may have been stripped.
    case short(Int)
    /// Encoded, but longer than its first character says.
    case long(Int)
    case zero
    case blank
    case end
    case other
  }

  private struct BlockReader {
    let text: UnsafeRawBufferPointer
    let lines: LineScanner
    let opening: Line
    let room: Int
    var out: [UInt8] = []
    /// Behind the last line that belongs to the block.
    var end: Int
    private var isClosed = false
    private var isDamaged = false
    private var isCut = false
    /// Backticks stand for zeros, so no spaces can have been stripped.
    private var usesBackticks = false

    init(text: UnsafeRawBufferPointer, lines: LineScanner, opening: Line, room: Int) {
      self.text = text
      self.lines = lines
      self.opening = opening
      self.room = room
      end = opening.next
    }

    func defects(at offset: Int) -> [Defect] {
      var out: [Defect] = []
      if !isClosed { out.append(Defect(.truncatedContent, rule, at: offset, "no end line")) }
      if isDamaged { out.append(Defect(.badEncoding, rule, at: offset, "damaged line in a uuencoded file")) }
      if isCut { out.append(Defect(.decodedTooLarge, "limit", at: offset)) }
      return out
    }

    private func line(at position: Int) -> Line? { position < text.count ? lines.line(at: position) : nil }

    /// Reads the historical encoding; false when this is no block after all.
    mutating func read() -> Bool {
      guard isPlausible() else { return false }
      var position = opening.next
      var sawZero = false
      while let line = line(at: position) {
        position = line.next
        let kind = kind(of: line)
        switch kind {
        case .end:
          isClosed = true
          end = line.next
          return true
        case .blank:
          continue
        case .zero:
          if sawZero { return true }
          sawZero = true
        case .data(let count):
          if sawZero { return true }
          append(line, count)
        case .short(let count):
          if sawZero { return true }
          if let rest = continuation(of: line, count) {
            append(line, count, rest)
            isDamaged = true
            position = rest.next
          } else {
            guard isFollowedByData(line) else { return true }
            append(line, count)
            if usesBackticks { isDamaged = true }
          }
        case .long(let count):
          guard !sawZero, isFollowedByData(line) else { return true }
          append(line, count)
          isDamaged = true
        case .other:
          // One damaged line between good ones is passed over; anything else is the text after a block without end.
          guard !sawZero, !isOpening(line), isFollowedByData(line) else { return true }
          isDamaged = true
        }
        end = position
      }
      return true
    }

    /// Whether the line after the opening one is encoded, or the file is empty.
    private func isPlausible() -> Bool {
      guard let first = lineAfterBlanks(opening.next) else { return false }
      switch kind(of: first) {
      case .data, .end: return true
      case .zero: return isFollowedByData(first)
      case .short(let count): return isFollowedByData(first) || continuation(of: first, count) != nil
      default: return false
      }
    }

    /// The next line that is not blank, of the next few.
    private func lineAfterBlanks(_ start: Int) -> Line? {
      var position = start
      for _ in 0..<4 {
        guard let line = line(at: position) else { return nil }
        if case .blank = kind(of: line) {} else { return line }
        position = line.next
      }
      return nil
    }

    /// Whether the next line is surely encoded, or as short as this one: a long run of zeros, its spaces stripped, is
    /// a run of such lines.
    private func isFollowedByData(_ line: Line) -> Bool {
      guard let next = lineAfterBlanks(line.next) else { return false }
      switch kind(of: next) {
      case .data, .zero, .end: return true
      case .short:
        return !usesBackticks && (text[next.start] == text[line.start] || next.end - next.start == 1)
      default: return false
      }
    }

    private func isOpening(_ line: Line) -> Bool {
      LineSearch.hasPrefix("begin", text, at: line.start) && Header(text, line) != nil
    }

    private func kind(of line: Line) -> LineKind {
      var high = line.end
      while high > line.start, text[high - 1].isSpace { high -= 1 }
      if high == line.start { return .blank }
      if high - line.start == 3, LineSearch.hasPrefix("end", text, at: line.start) { return .end }
      // 63 bytes take 84 characters; anything much longer is not worth a look.
      guard high - line.start <= 100 else { return .other }
      for index in line.start..<high where text[index] < 0x20 || text[index] > 0x60 { return .other }
      let count = Int((text[line.start] &- 0x20) & 0x3F)
      let given = high - line.start - 1
      if count == 0 { return given <= 1 ? .zero : .other }
      let needed = (count + 2) / 3 * 4
      let whole = line.end - line.start - 1
      if given <= needed + 1, whole >= needed { return .data(count) }
      if given > needed + 1 { return .long(count) }
      return given >= (count * 8 + 5) / 6 ? .data(count) : .short(count)
    }

    /// The next line, when it is just what this one lacks and no encoded line itself.
    private func continuation(of line: Line, _ count: Int) -> Line? {
      guard let next = self.line(at: line.next) else { return nil }
      switch kind(of: next) {
      case .data, .zero, .end, .blank: return nil
      default: break
      }
      guard line.end - line.start - 1 + next.end - next.start == (count + 2) / 3 * 4 else { return nil }
      for index in next.start..<next.end where text[index] < 0x20 || text[index] > 0x60 { return nil }
      return next
    }

    private mutating func append(_ line: Line, _ count: Int, _ rest: Line? = nil) {
      guard out.count + count <= room else {
        isCut = true
        return
      }
      let length = line.end - line.start - 1
      // Spaces stripped from the end were zeros.
      func value(_ offset: Int) -> UInt8 {
        if offset < length { return (text[line.start + 1 + offset] &- 0x20) & 0x3F }
        guard let rest, offset - length < rest.end - rest.start else { return 0 }
        return (text[rest.start + offset - length] &- 0x20) & 0x3F
      }
      var left = count
      var group = 0
      while left > 0 {
        let (a, b, c, d) = (value(group), value(group + 1), value(group + 2), value(group + 3))
        out.append(a << 2 | b >> 4)
        if left > 1 { out.append(b << 4 | c >> 2) }
        if left > 2 { out.append(c << 6 | d) }
        left -= 3
        group += 4
      }
      if !usesBackticks {
        for index in line.start..<line.end where text[index] == 0x60 { usesBackticks = true }
      }
    }

    /// Reads base64 lines up to "===="; false when the first is none.
    mutating func readBase64() -> Bool {
      var position = opening.next
      var width: Int?
      var isLast = false
      while let line = line(at: position) {
        position = line.next
        let low = line.start
        var high = line.end
        while high > low, text[high - 1].isSpace { high -= 1 }
        if high == low { continue }
        if high - low == 4, (low..<high).allSatisfy({ text[$0] == ASCII.equal }) {
          isClosed = true
          end = line.next
          break
        }
        // All lines but the last are of one length, so that words after a missing end are not taken in.
        guard !isLast, (low..<high).allSatisfy({ isBase64(text[$0]) }), high - low <= width ?? Int.max else {
          break
        }
        isLast = width.map { high - low < $0 } ?? false || text[high - 1] == ASCII.equal
        width = width ?? (high - low)
        end = line.next
      }
      guard width != nil || isClosed else { return false }
      let body = UnsafeRawBufferPointer(rebasing: text[opening.next..<end])
      out = Transfer.decode(body, .base64, limit: room)
      isCut = out.count == room
      return true
    }

    private func isBase64(_ byte: UInt8) -> Bool {
      byte.isLetter || byte.isDigit || byte == 0x2B || byte == ASCII.slash || byte == ASCII.equal
    }
  }
}

extension UUEncoding {
  /// The files alone, for listings.
  static func files(in text: [UInt8], limits: Limits) -> [EnclosedFile] {
    blocks(in: text, limits: limits).map(\.file)
  }

  /// The text without its uuencoded files; nil when there are none.
  static func removed(from text: [UInt8], limits: Limits) -> [UInt8]? {
    EnclosedBlock.removing(blocks(in: text, limits: limits), from: text)
  }
}
