// Bytes as IMAP sees them: ASCII letters without case, digits, line ends, base64.

enum ASCII {
  static let cr = UInt8(ascii: "\r")
  static let lf = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

  static func equal(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
    a.lazy.map(lower).elementsEqual(b.lazy.map(lower))
  }

  static func equal(_ a: String, _ b: String) -> Bool { equal(a.utf8, b.utf8) }

  static func upper(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 & 0xDF : $0 }, as: UTF8.self)
  }

  /// Whether `needle` occurs in `bytes`, ASCII letters without case.
  ///
  /// Time is the product of the lengths at worst; the reader bounds both.
  static func contains(_ bytes: ArraySlice<UInt8>, _ needle: [UInt8]) -> Bool {
    guard let first = needle.first.map(lower) else { return true }
    guard bytes.count >= needle.count else { return false }
    let lowered = needle.map(lower)
    for start in bytes.startIndex...(bytes.endIndex - lowered.count) where lower(bytes[start]) == first {
      var offset = 1
      while offset < lowered.count, lower(bytes[start + offset]) == lowered[offset] { offset += 1 }
      if offset == lowered.count { return true }
    }
    return false
  }

  /// The same text with every bare LF as CRLF, as mail travels (RFC 5322 §2.1); a bare CR stays.
  static func crlf(_ bytes: [UInt8]) -> [UInt8] {
    var bare = 0
    var previous: UInt8 = 0
    for byte in bytes {
      if byte == lf, previous != cr { bare += 1 }
      previous = byte
    }
    guard bare > 0 else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bare)
    previous = 0
    for byte in bytes {
      if byte == lf, previous != cr { result.append(cr) }
      result.append(byte)
      previous = byte
    }
    return result
  }

  /// Base64 with padding (RFC 4648 §4), or nil for anything else.
  static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var padding = 0
    for (index, byte) in text.enumerated() {
      let value: UInt8
      switch byte {
      case 0x41...0x5A: value = byte - 0x41
      case 0x61...0x7A: value = byte - 0x61 + 26
      case 0x30...0x39: value = byte - 0x30 + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "=") where index >= text.count - 2:
        value = 0
        padding += 1
      default: return nil
      }
      if padding > 0, byte != UInt8(ascii: "=") { return nil }
      bits = bits << 6 | UInt32(value)
      if index % 4 == 3 {
        result.append(UInt8(truncatingIfNeeded: bits >> 16))
        result.append(UInt8(truncatingIfNeeded: bits >> 8))
        result.append(UInt8(truncatingIfNeeded: bits))
        bits = 0
      }
    }
    result.removeLast(min(padding, result.count))
    return result
  }
}
