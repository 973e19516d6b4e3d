// Byte classes and small byte-array helpers shared by the parsers of this module.

import Glibc

enum ASCII {
  static let nul: UInt8 = 0x00
  static let tab: UInt8 = 0x09
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  static let escape: UInt8 = 0x1B
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let ampersand: UInt8 = 0x26
  static let open: UInt8 = 0x28
  static let close: UInt8 = 0x29
  static let star: UInt8 = 0x2A
  static let comma: UInt8 = 0x2C
  static let dash: UInt8 = 0x2D
  static let dot: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let zero: UInt8 = 0x30
  static let nine: UInt8 = 0x39
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let less: UInt8 = 0x3C
  static let equal: UInt8 = 0x3D
  static let greater: UInt8 = 0x3E
  static let question: UInt8 = 0x3F
  static let at: UInt8 = 0x40
  static let bracket: UInt8 = 0x5B
  static let backslash: UInt8 = 0x5C
  static let underscore: UInt8 = 0x5F
}

extension UInt8 {
  /// Space or tab (RFC 5234 WSP).
  @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
  /// Space, tab, carriage return or line feed.
  @inline(__always) var isSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
  @inline(__always) var isDigit: Bool { self >= 0x30 && self <= 0x39 }
  @inline(__always) var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
  @inline(__always) var lowered: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
  /// A field-name byte: RFC 5322 §2.2, printable US-ASCII except colon.
  @inline(__always) var isFieldName: Bool { self > 0x20 && self < 0x7F && self != 0x3A }

  var hexValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x37
    case 0x61...0x66: self - 0x57
    default: nil
    }
  }
}

/// Where a byte first stands; nil when it does not.
func firstOffset(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
  guard let base = bytes.baseAddress, let hit = memchr(base, Int32(byte), bytes.count) else { return nil }
  return UnsafeRawPointer(hit) - base
}

/// Whether every byte is below 0x80, eight bytes at a look.
func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
  var index = 0
  while index + 8 <= bytes.count {
    if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
      return false
    }
    index += 8
  }
  while index < bytes.count {
    if bytes[index] >= 0x80 { return false }
    index += 1
  }
  return true
}

/// Whether two byte sequences are the same but for the case of ASCII letters.
func sameIgnoringCase(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).allSatisfy { $0.lowered == $1.lowered }
}

/// A copy in ASCII lower case.
func loweredASCII(_ text: String) -> String {
  String(decoding: text.utf8.map(\.lowered), as: UTF8.self)
}

/// The range without blanks and line ends at either side.
func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
  var low = range.lowerBound
  var high = range.upperBound
  while low < high, bytes[low].isSpace || bytes[low] == 0 { low += 1 }
  while high > low, bytes[high - 1].isSpace || bytes[high - 1] == 0 { high -= 1 }
  return low..<high
}

/// The bytes without blanks and line ends at either side.
func trimmed(_ bytes: [UInt8]) -> [UInt8] {
  Array(bytes[trimmed(bytes, 0..<bytes.count)])
}

/// The text without ASCII white space at either side.
func trimmedText(_ text: String) -> String {
  let utf8 = Array(text.utf8)
  let range = trimmed(utf8, 0..<utf8.count)
  return range.count == utf8.count ? text : String(decoding: utf8[range], as: UTF8.self)
}

/// Whether UTF-8 text holds nothing but white space and characters that take no room.
func isBlankText(_ text: [UInt8]) -> Bool {
  var index = 0
  while index < text.count {
    let byte = text[index]
    if byte <= ASCII.space {
      index += 1
      continue
    }
    guard byte >= 0xC2 else { return false }
    let second = index + 1 < text.count ? text[index + 1] : 0
    let third = index + 2 < text.count ? text[index + 2] : 0
    switch (byte, second, third) {
    // U+00A0, U+00AD, U+034F
    case (0xC2, 0xA0, _), (0xC2, 0xAD, _), (0xCD, 0x8F, _): index += 2
    // U+200B...U+200F, U+2060, U+FEFF
    case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x81, 0xA0), (0xEF, 0xBB, 0xBF): index += 3
    default: return false
    }
  }
  return true
}

/// Whether `bytes` holds `pattern` at `index`, ASCII case ignored; `pattern` is lower case.
func hasPrefix(_ pattern: StaticString, in bytes: [UInt8], at index: Int, limit: Int) -> Bool {
  let length = pattern.utf8CodeUnitCount
  guard index >= 0, length <= limit - index else { return false }
  let start = pattern.utf8Start
  for i in 0..<length where bytes[index + i].lowered != start[i] { return false }
  return true
}

/// Whether a line of LF-ended text begins with `pattern`, ASCII case ignored; `pattern` is lower case.
func hasLine(startingWith pattern: StaticString, in text: [UInt8]) -> Bool {
  var start = 0
  while start < text.count {
    if hasPrefix(pattern, in: text, at: start, limit: text.count) { return true }
    guard let feed = text[start...].firstIndex(of: ASCII.lf) else { return false }
    start = feed + 1
  }
  return false
}

/// One line of a message: where its content ends and where the next line starts.
struct Line {
  var start: Int
  var end: Int
  var next: Int
}

/// Finds line ends: CRLF and LF always, a lone CR only in messages that use it as one.
struct LineScanner {
  let bytes: UnsafeRawBufferPointer
  let loneCR: Bool

  /// The line starting at `start`, which is below `bytes.count`.
  @inline(__always)
  func line(at start: Int) -> Line {
    let count = bytes.count
    if loneCR { return mixedLine(at: start) }
    guard start < count, let base = bytes.baseAddress,
      let hit = memchr(base + start, 0x0A, count - start)
    else { return Line(start: start, end: count, next: count) }
    let feed = UnsafeRawPointer(hit) - base
    let end = feed > start && bytes[feed - 1] == 0x0D ? feed - 1 : feed
    return Line(start: start, end: end, next: feed + 1)
  }

  /// The next line from `start`, itself the start of a line, that begins with two dashes; `bytes.count` when none does.
  func dashes(from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return bytes.count }
    var position = start
    while position + 1 < bytes.count {
      // Dashes are rarer than line ends, in encoded bodies much rarer.
      guard let hit = memchr(base + position, 0x2D, bytes.count - position) else { break }
      let dash = UnsafeRawPointer(hit) - base
      if dash + 1 < bytes.count, bytes[dash + 1] == 0x2D, dash == start || bytes[dash - 1] == 0x0A {
        return dash
      }
      position = dash + 1
      // A rule drawn with dashes is passed over at once.
      while position < bytes.count, bytes[position] == 0x2D { position += 1 }
    }
    return bytes.count
  }

  /// Where the line before `start` ends, its CRLF or LF left out.
  func contentEnd(before start: Int) -> Int {
    guard start > 0 else { return 0 }
    return start > 1 && bytes[start - 2] == 0x0D ? start - 2 : start - 1
  }

  private func mixedLine(at start: Int) -> Line {
    let count = bytes.count
    var index = start
    while index < count, bytes[index] != 0x0A, bytes[index] != 0x0D { index += 1 }
    guard index < count else { return Line(start: start, end: count, next: count) }
    let pair = bytes[index] == 0x0D && index + 1 < count && bytes[index + 1] == 0x0A
    return Line(start: start, end: index, next: index + (pair ? 2 : 1))
  }

  /// Whether a line holds nothing but stray carriage returns.
  @inline(__always)
  func isEmpty(_ line: Line) -> Bool {
    var index = line.start
    while index < line.end, bytes[index] == 0x0D { index += 1 }
    return index == line.end
  }
}
