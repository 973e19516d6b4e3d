// Byte predicates of the protocol. Locale-free, unlike the C library's.

enum ASCII {
  static let space = UInt8(ascii: " ")
  static let cr: UInt8 = 13
  static let lf: UInt8 = 10
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let open = UInt8(ascii: "(")
  static let close = UInt8(ascii: ")")

  static func upper(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Whether bytes are this upper-case word, in any case.
  static func equal(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount && hasPrefix(bytes, word)
  }

  /// Whether bytes begin with this upper-case word, in any case.
  static func hasPrefix(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
    guard bytes.count >= word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { expected in
      zip(bytes, expected).allSatisfy { upper($0) == $1 }
    }
  }

  /// Whether bytes contain this upper-case text, in any case; for short texts.
  static func contains(_ bytes: [UInt8], _ word: StaticString) -> Bool {
    position(of: word, in: bytes) != nil
  }

  /// Where this upper-case text first begins, in any case; for short texts.
  static func position(of word: StaticString, in bytes: [UInt8]) -> Int? {
    let length = word.utf8CodeUnitCount
    guard bytes.count >= length else { return nil }
    return (0...(bytes.count - length)).first { hasPrefix(bytes[$0...], word) }
  }

  /// Upper-cased; only for words of the protocol, where other bytes mean nothing.
  static func word(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes.map(upper), as: UTF8.self)
  }

  /// number64 = 1*DIGIT (RFC 9051 §9); nil for anything else and above 2^63-1.
  static func number(_ bytes: some Collection<UInt8>) -> Int? {
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
  static func nonzeroNumber(_ bytes: some Collection<UInt8>) -> UInt32? {
    guard let value = number(bytes), value != 0 else { return nil }
    return UInt32(exactly: value)
  }

  /// Whether text can stand as an atom (RFC 9051 §9): a keyword that we set must.
  static func isAtom(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && !#"(){%*"\]"#.utf8.contains(byte)
      }
  }
}
