// Byte predicates of mail protocols. Locale-free, unlike the C library's; inlinable, since the parsers that call them for
// every byte are in other modules.

public enum ASCII {
  @inlinable public static var space: UInt8 { UInt8(ascii: " ") }
  @inlinable public static var cr: UInt8 { 13 }
  @inlinable public static var lf: UInt8 { 10 }
  @inlinable public static var quote: UInt8 { UInt8(ascii: "\"") }
  @inlinable public static var backslash: UInt8 { UInt8(ascii: "\\") }
  @inlinable public static var open: UInt8 { UInt8(ascii: "(") }
  @inlinable public static var close: UInt8 { UInt8(ascii: ")") }

  @inlinable public static func upper(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
  }

  @inlinable public static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Whether bytes are this upper-case word, in any case.
  @inlinable public static func equal(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount && hasPrefix(bytes, word)
  }

  /// Whether bytes begin with this upper-case word, in any case.
  @inlinable public static func hasPrefix(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
    guard bytes.count >= word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { expected in
      zip(bytes, expected).allSatisfy { upper($0) == $1 }
    }
  }

  /// Whether bytes contain this upper-case text, in any case; for short texts.
  @inlinable public static func contains(_ bytes: [UInt8], _ word: StaticString) -> Bool {
    position(of: word, in: bytes) != nil
  }

  /// Where this upper-case text first begins, in any case; for short texts.
  @inlinable public static func position(of word: StaticString, in bytes: [UInt8]) -> Int? {
    let length = word.utf8CodeUnitCount
    guard bytes.count >= length else { return nil }
    return (0...(bytes.count - length)).first { hasPrefix(bytes[$0...], word) }
  }

  /// Upper-cased; only for words of the protocol, where other bytes mean nothing.
  @inlinable public static func word(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes.map(upper), as: UTF8.self)
  }

  /// number64 = 1*DIGIT (RFC 9051 §9); nil for anything else and above 2^63-1.
  @inlinable public static func number(_ bytes: some Collection<UInt8>) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var value = 0
    for byte in bytes {
      guard isDigit(byte) else { return nil }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// nz-number = digit-nz *DIGIT, 32 bits (RFC 9051 §9).
  @inlinable public static func nonzeroNumber(_ bytes: some Collection<UInt8>) -> UInt32? {
    guard let value = number(bytes), value != 0 else { return nil }
    return UInt32(exactly: value)
  }

  /// Whether text can stand as an atom (RFC 9051 §9): a keyword that we set must.
  @inlinable public static func isAtom(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && !#"(){%*"\]"#.utf8.contains(byte)
      }
  }
}
