// Bytes in a named charset -> text. Labels lie often, so valid UTF-8 wins and nothing that arrives is lost.

import Glibc
import Synchronization

/// The charsets of mail, through the C library's iconv.
enum Charset {
  /// The name without quotes and white space, lower case; nil when it cannot be a charset name.
  static func normalised(_ label: String?) -> String? {
    guard let label else { return nil }
    var out: [UInt8] = []
    for byte in label.utf8 {
      // Slashes would reach iconv as "//TRANSLIT" and the like.
      if byte.isDigit || byte.isLetter || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x3A {
        out.append(byte.lowered)
      } else if byte == ASCII.star {
        break  // RFC 2231 §5: a language follows.
      } else if byte.isSpace || byte == ASCII.quote || byte == 0x27 {
        continue
      } else {
        return nil
      }
      if out.count > 40 { return nil }
    }
    return out.isEmpty ? nil : String(decoding: out, as: UTF8.self)
  }

  /// Names that iconv does not know, or reads more narrowly than senders mean them (as WHATWG does for the web).
  private static let aliases: [String: String] = [
    "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252", "iso_8859-1": "windows-1252",
    "iso88591": "windows-1252", "8859-1": "windows-1252", "latin1": "windows-1252",
    "latin-1": "windows-1252", "l1": "windows-1252", "iso-8859-1-windows-3.1-latin-1": "windows-1252",
    "cp1252": "windows-1252", "x-cp1252": "windows-1252", "ansi": "windows-1252", "cp-1252": "windows-1252",
    "win-1252": "windows-1252", "win1252": "windows-1252", "windows1252": "windows-1252",
    "cp-850": "cp850", "iso-8859-9": "windows-1254", "latin5": "windows-1254", "iso-8859-11": "windows-874",
    "tis-620": "windows-874", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6", "iso-8859-6-e": "iso-8859-6", "x-mac-roman": "macintosh",
    "macroman": "macintosh", "x-macroman": "macintosh", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "euc-cn": "gb18030", "gb-2312": "gb18030",
    "gb_2312-80": "gb18030", "csgb2312": "gb18030", "chinese": "gb18030", "hz-gb-2312": "hz",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "euc-kr": "cp949",
    "ksc5601": "cp949", "korean": "cp949", "windows-949": "cp949", "x-windows-949": "cp949",
    "big5": "big5-hkscs", "x-x-big5": "big5-hkscs", "cn-big5": "big5-hkscs", "cp950": "big5-hkscs",
    "x-euc-jp": "euc-jp", "eucjp": "euc-jp", "iso-2022-jp": "iso-2022-jp", "csiso2022jp": "iso-2022-jp",
    "x-koi8-r": "koi8-r", "koi": "koi8-r", "koi8": "koi8-r", "cp-1251": "windows-1251",
    "cp1250": "windows-1250", "cp1251": "windows-1251", "x-cp1251": "windows-1251",
    "win-1251": "windows-1251", "cp1253": "windows-1253", "cp1254": "windows-1254", "cp1255": "windows-1255",
    "cp1256": "windows-1256", "cp1257": "windows-1257", "cp1258": "windows-1258", "utf7": "utf-7",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf16": "utf-16", "unicode": "utf-16",
    "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be",
    "utf8": "utf-8", "utf-8": "utf-8", "utf_8": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-utf-8": "utf-8",
    "utf8mb4": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8",
    "iso646-us": "utf-8", "unknown-8bit": "utf-8", "x-unknown": "utf-8", "unknown": "utf-8", "8bit": "utf-8",
    "7bit": "utf-8", "default": "utf-8", "default_charset": "utf-8", "x-user-defined": "utf-8",
    "iso-8859-7": "iso-8859-7", "_iso-2022-jp": "iso-2022-jp",
  ]

  private enum Kind { case utf8, latin, singleByte, multiByte, stateful, utf16 }

  private static func kind(of name: String) -> Kind {
    switch name {
    case "utf-8": .utf8
    case "windows-1252": .latin
    case "utf-16", "utf-16le", "utf-16be": .utf16
    case "utf-7", "hz", "utf-32", "utf-32le", "utf-32be", "utf-7-imap", "ucs-4", "scsu": .stateful
    case "gb18030", "cp932", "cp949", "big5-hkscs", "euc-jp", "euc-tw", "euc-jisx0213", "johab":
      .multiByte
    default:
      if name.hasPrefix("iso-2022") {
        .stateful
      } else if name.hasPrefix("windows-") || name.hasPrefix("iso-8859-") || name.hasPrefix("koi8")
        || name == "macintosh" || name == "cp850" || name == "cp437" || name == "cp866"
      {
        .singleByte
      } else {
        .stateful
      }
    }
  }

  private struct Memory {
    var tables: [String: [UInt32]] = [:]
    var known: [String: Bool] = [:]
  }
  private static let memory = Mutex(Memory())

  /// Whether text in this charset can be decoded under its own name.
  static func isKnown(_ label: String) -> Bool {
    guard let name = normalised(label) else { return false }
    if aliases[name] != nil { return true }
    if let answer = memory.withLock({ $0.known[name] }) { return answer }
    let handle = iconv_open("UTF-8", name)
    let answer = !isInvalid(handle)
    if answer { iconv_close(handle) }
    memory.withLock { if $0.known.count < FixedLimit.rememberedCharsets { $0.known[name] = answer } }
    return answer
  }

  private static func isInvalid(_ handle: iconv_t?) -> Bool {
    Int(bitPattern: handle) == -1 || handle == nil
  }

  static func utf8(_ bytes: [UInt8], label: String?) -> [UInt8] {
    let given = normalised(label)
    let name = given.map { aliases[$0] ?? $0 } ?? "utf-8"
    if kind(of: name) == .utf8 || kind(of: name) == .latin, isASCII(bytes) { return bytes }
    return Array((label == nil ? unlabelled(bytes) : decode(bytes, label: label)).utf8)
  }

  /// Decodes bytes; valid UTF-8 wins over a wrong label, what cannot be decoded becomes U+FFFD.
  static func decode(_ bytes: [UInt8], label: String?) -> String {
    if bytes.isEmpty { return "" }
    let given = normalised(label)
    let name = given.map { aliases[$0] ?? $0 } ?? "utf-8"
    switch kind(of: name) {
    case .utf8:
      let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
      if let text = String(validating: body, as: UTF8.self) { return text }
      return mostlyUTF8(body) ? String(decoding: body, as: UTF8.self) : decodeLatin(body)
    case .latin:
      return String(validating: bytes, as: UTF8.self) ?? decodeLatin(bytes)
    case .singleByte:
      if let text = String(validating: bytes, as: UTF8.self) { return text }
      guard let table = table(for: name) else { return decodeLatin(bytes) }
      return decode(bytes, table: table)
    case .multiByte:
      // Two-byte sequences occur in both; three-byte ones hardly by accident.
      if let text = String(validating: bytes, as: UTF8.self), isASCII(bytes) || longSequences(bytes) > 1 {
        return text
      }
      return convert(bytes, from: name) ?? unlabelled(bytes)
    case .utf16:
      return decodeUTF16(bytes, name: name)
    case .stateful:
      // A label of UTF-7 or ISO-2022 on 8-bit text is wrong when the text is valid UTF-8.
      if !isASCII(bytes), name != "hz", !name.hasPrefix("utf-32"),
        let text = String(validating: bytes, as: UTF8.self)
      {
        return text
      }
      return convert(bytes, from: name) ?? unlabelled(bytes)
    }
  }

  /// Decodes bytes nobody labelled: UTF-8 if valid, ISO-2022-JP if its escapes are there, else windows-1252.
  static func unlabelled(_ bytes: [UInt8]) -> String {
    if bytes.contains(ASCII.escape), isASCII(bytes), hasJapaneseEscape(bytes),
      let text = convert(bytes, from: "iso-2022-jp")
    {
      return text
    }
    return String(validating: bytes, as: UTF8.self) ?? decodeLatin(bytes)
  }

  private static func hasJapaneseEscape(_ bytes: [UInt8]) -> Bool {
    for index in bytes.indices.dropLast(2) where bytes[index] == ASCII.escape && bytes[index + 1] == 0x24 {
      if bytes[index + 2] == 0x42 || bytes[index + 2] == 0x40 { return true }
    }
    return false
  }

  static func isASCII(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 < 0x80 } }

  private static func longSequences(_ bytes: [UInt8]) -> Int {
    bytes.reduce(0) { $0 + ($1 >= 0xE0 ? 1 : 0) }
  }

  /// Whether broken UTF-8 is still UTF-8 rather than Latin: most non-ASCII bytes are in well-formed sequences.
  private static func mostlyUTF8(_ bytes: [UInt8]) -> Bool {
    var good = 0
    var bad = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        index += 1
        continue
      }
      let length = byte >= 0xF0 && byte < 0xF5 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0
      let whole =
        length > 0 && byte < 0xF5 && index + length <= bytes.count
        && bytes[(index + 1)..<(index + length)].allSatisfy { $0 & 0xC0 == 0x80 }
      if whole {
        good += 1
        index += length
      } else {
        bad += 1
        index += 1
      }
    }
    return good > bad
  }

  /// windows-1252's 0x80...0x9F; the five unassigned bytes become U+FFFD.
  private static let latinHigh: [UInt32] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
    0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
  ]
  private static let latinTable: [UInt32] = (0..<256).map { (byte: Int) -> UInt32 in
    (0x80..<0xA0).contains(byte) ? latinHigh[byte - 0x80] : UInt32(byte)
  }

  private static func decodeLatin(_ bytes: [UInt8]) -> String { decode(bytes, table: latinTable) }

  private static func decode(_ bytes: [UInt8], table: [UInt32]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      let scalar = byte < 0x80 ? UInt32(byte) : table[Int(byte)]
      appendUTF8(scalar, to: &out)
    }
    return String(decoding: out, as: UTF8.self)
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
        if let text = convert([UInt8(byte)], with: handle), let scalar = text.unicodeScalars.first {
          table[byte] = scalar.value
        }
      }
      iconv_close(handle)
    }
    let made = table
    memory.withLock { if $0.tables.count < FixedLimit.rememberedCharsets { $0.tables[name] = made } }
    return made.isEmpty ? nil : made
  }

  /// UTF-16 without a mark: RFC 2781 §4.3 says big-endian, Windows writes little-endian, so the zeros decide.
  private static func decodeUTF16(_ bytes: [UInt8], name: String) -> String {
    var little = name == "utf-16le"
    var start = 0
    if bytes.count >= 2, bytes[0] == 0xFF, bytes[1] == 0xFE {
      little = true
      start = 2
    } else if bytes.count >= 2, bytes[0] == 0xFE, bytes[1] == 0xFF {
      little = false
      start = 2
    } else {
      var even = 0
      var odd = 0
      for (index, byte) in bytes.prefix(1_024).enumerated() where byte == 0 {
        if index & 1 == 0 { even += 1 } else { odd += 1 }
      }
      // Labelled UTF-16 but written in single bytes: no zeros at all.
      if even + odd == 0, let text = String(validating: bytes, as: UTF8.self) { return text }
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
    return String(decoding: units, as: UTF16.self)
  }

  private static func convert(_ bytes: [UInt8], from name: String) -> String? {
    let handle = iconv_open("UTF-8", name)
    guard !isInvalid(handle) else { return nil }
    defer { iconv_close(handle) }
    return convert(bytes, with: handle)
  }

  /// Runs one conversion, a bad byte becoming U+FFFD; linear, since each round consumes input or grows the output.
  private static func convert(_ bytes: [UInt8], with handle: iconv_t?) -> String? {
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
          if result == Int.max || Int(bitPattern: UInt(bitPattern: Int(truncatingIfNeeded: result))) == -1 {
            status = Int(code)
          }
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
    return String(decoding: out, as: UTF8.self)
  }
}

/// Appends a scalar as UTF-8; what is no scalar becomes U+FFFD.
@inline(__always)
func appendUTF8(_ scalar: UInt32, to out: inout [UInt8]) {
  if scalar < 0x80 {
    out.append(UInt8(scalar))
  } else if scalar < 0x800 {
    out.append(UInt8(0xC0 | scalar >> 6))
    out.append(UInt8(0x80 | scalar & 0x3F))
  } else if scalar < 0x10000, !(0xD800..<0xE000).contains(scalar) {
    out.append(UInt8(0xE0 | scalar >> 12))
    out.append(UInt8(0x80 | scalar >> 6 & 0x3F))
    out.append(UInt8(0x80 | scalar & 0x3F))
  } else if scalar >= 0x10000, scalar < 0x110000 {
    out.append(UInt8(0xF0 | scalar >> 18))
    out.append(UInt8(0x80 | scalar >> 12 & 0x3F))
    out.append(UInt8(0x80 | scalar >> 6 & 0x3F))
    out.append(UInt8(0x80 | scalar & 0x3F))
  } else {
    out.append(contentsOf: [0xEF, 0xBF, 0xBD])
  }
}
