// yEnc: binary files in 8-bit text, between "=ybegin" and "=yend" lines (yEnc draft 1.3).

/// Finds and decodes yEnc files.
///
///     =ybegin part=1 line=128 size=19338 name=joystick.jpg
///     =ypart begin=1 end=11250
///     <each byte plus 42; NUL, LF, CR and "=" escaped>
///     =yend size=11250 part=1 pcrc32=bfae5c0b
///
/// The text must be bytes that no charset has been applied to.
enum YEnc {
  private static let rule = "yEnc 1.3"

  /// Whether the text may hold a yEnc file. Called on every text part.
  static func mayContain(_ text: UnsafeRawBufferPointer) -> Bool {
    LineSearch.nextLine(startingWith: "=ybegin ", in: LineSearch.scanner(text), from: 0) != nil
  }

  /// The files in the text, in order. One part of several is given as a file of its own, with a defect that names it.
  static func blocks(in text: [UInt8], limits: Limits) -> [EnclosedBlock] {
    text.withUnsafeBytes { raw in
      guard mayContain(raw) else { return [] }
      let lines = LineSearch.scanner(raw)
      var blocks: [EnclosedBlock] = []
      var room = limits.decodedBytes
      var position = 0
      while blocks.count < limits.parts,
        let found = LineSearch.nextLine(startingWith: "=ybegin ", in: lines, from: position)
      {
        let opening = lines.line(at: found)
        position = opening.next
        let begin = Fields(
          [UInt8](raw[(found + 8)..<max(opening.end, found + 8)].prefix(FixedLimit.enclosedNameBytes)))
        // Both are mandatory; without them this is talk about yEnc.
        guard begin.number("size") != nil, begin.number("line") != nil else { continue }
        let block = read(raw, lines, opening: opening, begin, room: room)
        room -= min(room, block.file.bytes.count)
        position = max(position, block.range.upperBound)
        blocks.append(block)
      }
      return blocks
    }
  }

  private static func read(
    _ text: UnsafeRawBufferPointer, _ lines: LineScanner, opening: Line, _ begin: Fields, room: Int
  ) -> EnclosedBlock {
    var body = opening.next
    var defects: [Defect] = []
    func note(_ code: Defect.Code, _ detail: String = "", rule: String = YEnc.rule) {
      defects.append(Defect(code, rule, at: opening.start, detail))
    }
    if LineSearch.hasPrefix("=ypart ", text, at: body) { body = lines.line(at: body).next }
    // The data ends where "=y" begins a line: no encoder escapes that way.
    var end = body
    var closing: Line?
    while end < text.count {
      if text[end] == ASCII.equal, end + 1 < text.count, text[end + 1] == 0x79 {
        if LineSearch.hasPrefix("=yend", text, at: end) { closing = lines.line(at: end) }
        break
      }
      end = lines.line(at: end).next
    }
    let (bytes, isCut) = decode(text[body..<end], limit: room)
    if isCut { note(.decodedTooLarge, rule: "limit") }
    if let part = begin.number("part"), begin.number("total") != 1 {
      note(.partialMessage, "part \(part)" + (begin.number("total").map { " of \($0)" } ?? "") + " of a file")
    }
    if let closing {
      let fields = Fields([UInt8](text[closing.start..<closing.end].prefix(FixedLimit.enclosedNameBytes)))
      let isPart = begin.number("part") != nil
      if !isCut, let size = fields.number("size"), size != bytes.count {
        note(.badEncoding, "\(bytes.count) bytes instead of \(size)")
      }
      // A part's "crc32" is that of the whole file.
      if !isCut, let expected = fields.hexadecimal(isPart ? "pcrc32" : "crc32") {
        var sum = CRC32()
        sum.add(bytes[...])
        if sum.value != expected { note(.badChecksum, "crc32") }
      }
      end = closing.next
    } else {
      note(.truncatedContent, "no =yend line")
    }
    let name = begin.name.isEmpty ? nil : Charset.unlabelled(begin.name)
    var file = EnclosedFile(name: name, bytes: bytes)
    file.isTNEF = TNEF.looksLike(bytes)
    return EnclosedBlock(range: opening.start..<end, file: file, defects: defects)
  }

  private static func decode(_ text: Slice<UnsafeRawBufferPointer>, limit: Int) -> (
    bytes: [UInt8], isCut: Bool
  ) {
    let input = UnsafeRawBufferPointer(rebasing: text)
    var isCut = false
    let bytes = [UInt8](unsafeUninitializedCapacity: min(input.count, limit)) { space, written in
      var index = 0
      while index < input.count {
        var byte = input[index]
        index += 1
        if byte == ASCII.lf || byte == ASCII.cr { continue }
        if byte == ASCII.equal, index < input.count {
          byte = input[index] &- 64
          index += 1
        }
        guard written < space.count else {
          isCut = true
          break
        }
        space[written] = byte &- 42
        written += 1
      }
    }
    return (bytes, isCut)
  }

  /// The "key=value" fields of a keyword line; a name comes last and may hold spaces.
  private struct Fields {
    private var values: [String: [UInt8]] = [:]
    private(set) var name: [UInt8] = []

    init(_ line: [UInt8]) {
      var index = 0
      while index < line.count, values.count < 16 {
        while index < line.count, line[index].isBlank { index += 1 }
        let start = index
        while index < line.count, !line[index].isBlank, line[index] != ASCII.equal { index += 1 }
        // "=yend" itself starts with the sign.
        if index == start {
          index += 1
          continue
        }
        guard index < line.count, line[index] == ASCII.equal else { continue }
        let key = String(decoding: line[start..<index], as: UTF8.self)
        index += 1
        if key == "name" {
          name = trimmed(Array(line[index...]))
          if name.count > 1, name.first == ASCII.quote, name.last == ASCII.quote {
            name = Array(name[1..<(name.count - 1)])
          }
          return
        }
        let value = index
        while index < line.count, !line[index].isBlank { index += 1 }
        values[key] = Array(line[value..<index])
      }
    }

    func number(_ key: String) -> Int? {
      guard let digits = values[key], !digits.isEmpty, digits.count <= 15, digits.allSatisfy(\.isDigit) else {
        return nil
      }
      return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    func hexadecimal(_ key: String) -> UInt32? {
      guard let digits = values[key], !digits.isEmpty, digits.count <= 16 else { return nil }
      var value: UInt32 = 0
      for digit in digits {
        guard let nibble = digit.hexValue else { return nil }
        value = value << 4 | UInt32(nibble)
      }
      return value
    }
  }
}

extension YEnc {
  /// The files alone, for listings.
  static func files(in text: [UInt8], limits: Limits) -> [EnclosedFile] {
    blocks(in: text, limits: limits).map(\.file)
  }

  /// The text without its yEnc files; nil when there are none.
  static func removed(from text: [UInt8], limits: Limits) -> [UInt8]? {
    EnclosedBlock.removing(blocks(in: text, limits: limits), from: text)
  }
}
