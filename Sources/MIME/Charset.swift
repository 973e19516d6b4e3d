// Bytes in a named charset -> UTF-8. Labels lie often, so valid UTF-8 wins and nothing that arrives is lost.

import Glibc
import Synchronization

/// The charsets of mail, through the C library's iconv.
enum Charset {
  private enum Kind { case utf8, latin, singleByte, multiByte, stateful, utf16 }

  private static func kind(of name: String) -> Kind {
    switch name {
    case "utf-8": .utf8
    case "windows-1252": .latin
    case "utf-16", "utf-16le", "utf-16be": .utf16
    case "gb18030", "cp932", "cp949", "big5-hkscs", "euc-jp", "euc-tw", "johab": .multiByte
    default:
      name.hasPrefix("iso-2022") || name.hasPrefix("utf-") || name == "hz" ? .stateful : .singleByte
    }
  }

  /// Single-byte tables by name, and names that are in no list of ours but that iconv may know.
  private struct Memory {
    var tables: [String: [UInt32]] = [:]
    var known: [String: Bool] = [:]
  }
  private static let memory = Mutex(Memory())

  /// Whether text in this charset can be decoded under its own name.
  static func isKnown(_ label: String) -> Bool { name(of: label) != nil }

  /// The name for iconv; nil when neither our list nor iconv knows the label.
  private static func name(of label: String) -> String? {
    if let name = CharsetLabels.name(of: label) { return name }
    // Slashes would reach iconv as "//TRANSLIT" and the like.
    let bytes = trimmed(Array(label.utf8)).map(\.lowered)
    guard bytes.count >= 3, bytes.count <= 40,
      bytes.allSatisfy({ $0.isDigit || $0.isLetter || $0 == ASCII.dash || $0 == ASCII.underscore })
    else { return nil }
    let name = String(decoding: bytes, as: UTF8.self)
    if let answer = memory.withLock({ $0.known[name] }) { return answer ? name : nil }
    let handle = iconv_open("UTF-8", name)
    let answer = !isInvalid(handle)
    if answer { iconv_close(handle) }
    memory.withLock { if $0.known.count < FixedLimit.rememberedCharsets { $0.known[name] = answer } }
    return answer ? name : nil
  }

  private static func isInvalid(_ handle: iconv_t?) -> Bool {
    Int(bitPattern: handle) == -1 || handle == nil
  }

  /// Decodes to text; see `utf8(_:label:)`.
  static func decode(_ bytes: [UInt8], label: String?) -> String {
    String(decoding: utf8(bytes, label: label), as: UTF8.self)
  }

  /// Decodes bytes nobody labelled.
  static func unlabelled(_ bytes: [UInt8]) -> String { decode(bytes, label: nil) }

  /// Decodes to valid UTF-8, the input itself when it is that already. Valid UTF-8 wins over a wrong label; where a
  /// label is missing or cannot be right the bytes are looked at (`CharsetGuess`), with windows-1252 for what nothing
  /// speaks against; what cannot be decoded becomes U+FFFD. Never a byte order mark at the front.
  static func utf8(_ bytes: [UInt8], label: String?) -> [UInt8] {
    if bytes.isEmpty { return bytes }
    let name = label.flatMap { Charset.name(of: $0) }
    switch name.map({ kind(of: $0) }) ?? .utf8 {
    case .utf8, .latin:
      return openDecoded(bytes, isLabelled: name != nil)
    case .singleByte:
      guard let name, let table = table(for: name) else { return openDecoded(bytes, isLabelled: false) }
      return isValidUTF8(bytes) ? bytes : decoded(bytes, table: table)
    case .multiByte:
      // A short text of two-byte sequences may be valid in both; three-byte ones, or several, hardly by accident.
      if isValidUTF8(bytes) {
        let (good, _) = sequences(bytes)
        if good == 0 || longSequences(bytes) > 1 || good >= FixedLimit.charsetPairs { return bytes }
      }
      return name.flatMap { converted(bytes, from: $0) } ?? openDecoded(bytes, isLabelled: false)
    case .utf16:
      return utf16(bytes, name: name ?? "utf-16")
    case .stateful:
      // A label of UTF-7 or ISO-2022 on 8-bit text is wrong when the text is valid UTF-8.
      let name = name ?? ""
      if !name.hasPrefix("utf-32"), !isASCII(bytes), isValidUTF8(bytes) { return bytes }
      if name == "hz" { return hz(bytes) }
      return converted(bytes, from: name) ?? openDecoded(bytes, isLabelled: false)
    }
  }

  /// Text that is ASCII, UTF-8 or Latin by its label, or has none: the labels that senders put on everything.
  private static func openDecoded(_ bytes: [UInt8], isLabelled: Bool) -> [UInt8] {
    if isASCII(bytes) {
      guard let name = CharsetGuess.byEscapes(bytes) else { return bytes }
      return converted(bytes, from: name) ?? bytes
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      return openDecoded(Array(bytes[3...]), isLabelled: isLabelled)
    }
    if isValidUTF8(bytes) { return bytes }
    if !isLabelled, bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return utf16(bytes, name: "utf-16")
    }
    let (good, bad) = sequences(bytes)
    // Broken UTF-8, cut in the middle of a character or with a stray byte in it.
    if good > bad * FixedLimit.brokenUTF8Factor { return repaired(bytes) }
    if let name = CharsetGuess.byLook(bytes) {
      if kind(of: name) == .singleByte, let table = table(for: name) { return decoded(bytes, table: table) }
      if let text = converted(bytes, from: name) { return text }
    }
    return good > bad ? repaired(bytes) : decoded(bytes, table: latinTable)
  }

  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  static func isASCII(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { MIME.isASCII($0) } }

  private static func longSequences(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      for byte in bytes where byte >= 0xE0 { count += 1 }
      return count
    }
  }

  /// How many well-formed sequences of several bytes there are, and how many bytes that belong to none.
  private static func sequences(_ bytes: [UInt8]) -> (good: Int, bad: Int) {
    bytes.withUnsafeBytes { bytes in
      var good = 0
      var bad = 0
      var index = 0
      while index < bytes.count {
        if bytes[index] < 0x80 {
          index += 1
        } else if let length = sequenceLength(bytes, index) {
          good += 1
          index += length
        } else {
          bad += 1
          index += 1
        }
      }
      return (good, bad)
    }
  }

  // MARK: Tables

  /// windows-1252's 0x80...0x9F; the five unassigned bytes become U+FFFD.
  private static let latinHigh: [UInt32] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
    0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
  ]
  private static let latinTable: [UInt32] = (0..<256).map { (byte: Int) -> UInt32 in
    (0x80..<0xA0).contains(byte) ? latinHigh[byte - 0x80] : UInt32(byte)
  }

  private static func decoded(_ bytes: [UInt8], table: [UInt32]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 4)
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, bytes[end] < 0x80 { end += 1 }
      out.append(contentsOf: bytes[index..<end])
      while end < bytes.count, bytes[end] >= 0x80 {
        appendUTF8(table[Int(bytes[end])], to: &out)
        end += 1
      }
      index = end
    }
    return out
  }

  /// A single-byte charset as a table, made once through iconv.
  private static func table(for name: String) -> [UInt32]? {
    if let table = memory.withLock({ $0.tables[name] }) { return table.isEmpty ? nil : table }
    var table = [UInt32](repeating: 0xFFFD, count: 256)
    let handle = iconv_open("UTF-8", name)
    if isInvalid(handle) {
      table = []
    } else {
      for byte in 0..<256 {
        let text = String(decoding: converted([UInt8(byte)], with: handle), as: UTF8.self)
        if let scalar = text.unicodeScalars.first { table[byte] = scalar.value }
      }
      iconv_close(handle)
    }
    let made = table
    memory.withLock { if $0.tables.count < FixedLimit.rememberedCharsets { $0.tables[name] = made } }
    return made.isEmpty ? nil : made
  }

  // MARK: Conversions

  /// UTF-16 without a mark: RFC 2781 §4.3 says big-endian, Windows writes little-endian, so the zeros decide.
  private static func utf16(_ bytes: [UInt8], name: String) -> [UInt8] {
    var little = name == "utf-16le"
    var start = 0
    if bytes.starts(with: [0xFF, 0xFE]) {
      little = true
      start = 2
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      little = false
      start = 2
    } else {
      var even = 0
      var odd = 0
      for (index, byte) in bytes.prefix(1_024).enumerated() where byte == 0 {
        if index & 1 == 0 { even += 1 } else { odd += 1 }
      }
      // Labelled UTF-16 but written in single bytes: no zeros at all.
      if even + odd == 0, isValidUTF8(bytes) { return bytes }
      if name == "utf-16" { little = odd > even }
    }
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = start
    while index + 1 < bytes.count {
      let first = UInt16(bytes[index])
      let second = UInt16(bytes[index + 1])
      units.append(little ? second << 8 | first : first << 8 | second)
      index += 2
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  /// RFC 1843: GB2312 in seven bits between "~{" and "~}"; "~~" is a tilde, "~" before a line end joins lines.
  private static func hz(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var isChinese = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if byte == 0x7E, next == 0x7B || next == 0x7D || next == 0x7E || next == ASCII.lf {
        if next == 0x7E { out.append(byte) } else if next != ASCII.lf { isChinese = next == 0x7B }
        index += 2
      } else if isChinese, byte > ASCII.space, next > ASCII.space {
        out.append(byte | 0x80)
        out.append(next | 0x80)
        index += 2
      } else {
        // A line end returns to ASCII.
        if byte == ASCII.lf { isChinese = false }
        out.append(byte)
        index += 1
      }
    }
    return converted(out, from: "gb18030") ?? out
  }

  private static func converted(_ bytes: [UInt8], from name: String) -> [UInt8]? {
    let handle = iconv_open("UTF-8", name)
    guard !isInvalid(handle) else { return nil }
    defer { iconv_close(handle) }
    let out = converted(bytes, with: handle)
    // iconv lets through what is no scalar in some stateful charsets.
    return isValidUTF8(out) ? out : repaired(out)
  }

  /// Runs one conversion, a bad byte becoming U+FFFD; linear, since each round consumes input or grows the output.
  private static func converted(_ bytes: [UInt8], with handle: iconv_t?) -> [UInt8] {
    var input = bytes
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 2)
    var chunk = [UInt8](repeating: 0, count: 4_096)
    input.withUnsafeMutableBytes { raw in
      var source = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      var left = raw.count
      while left > 0 {
        var written = 0
        var status = 0
        chunk.withUnsafeMutableBytes { space in
          var target = space.baseAddress?.assumingMemoryBound(to: CChar.self)
          var room = space.count
          let before = left
          let result = iconv(handle, &source, &left, &target, &room)
          let code = errno
          written = space.count - room
          if Int(truncatingIfNeeded: result) == -1 { status = Int(code) }
          if status == Int(E2BIG), written == 0, before == left { status = Int(EILSEQ) }
        }
        out.append(contentsOf: chunk[0..<written])
        if status == Int(EILSEQ) || status == Int(EINVAL) {
          appendUTF8(0xFFFD, to: &out)
          if left == 0 || status == Int(EINVAL) { break }
          source = source?.advanced(by: 1)
          left -= 1
        } else if status != 0, status != Int(E2BIG) {
          break
        }
      }
    }
    // Charsets with combining marks (windows-1255, windows-1258, TCVN) hold back the last letter, stateful ones reset.
    let held = chunk.withUnsafeMutableBytes { space in
      var target = space.baseAddress?.assumingMemoryBound(to: CChar.self)
      var room = space.count
      _ = iconv(handle, nil, nil, &target, &room)
      return space.count - room
    }
    out.append(contentsOf: chunk[0..<held])
    return out
  }
}
