// Who a case is: an id that comes from the message, and the short reference that people read and type.

/// A case's id: 26 characters of Crockford's base 32, from the message's identity.
///
/// Recording the same message twice, from two hosts or after a crash, yields the same id and so meets its own
/// file. The id's first seven characters and a check character are the reference, `C-7F3K-9QXD`.
public struct CaseID: Hashable, Sendable, Codable, CustomStringConvertible {
  public let text: String

  /// Digits and letters without I, L, O and U, which people misread.
  static let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  private static let symbols = Array(alphabet.utf8)
  private static let length = 26

  /// The id that stands for `identity`.
  public init(identity: Digest) {
    // 130 bits of the digest: five bits a character.
    var accumulator: UInt32 = 0
    var bits: UInt32 = 0
    var characters: [UInt8] = []
    let nibbles = identity.hex.utf8.map { UInt32($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
    for nibble in nibbles where characters.count < Self.length {
      accumulator = (accumulator << 4 | nibble) & 0xFFFF
      bits += 4
      if bits >= 5 {
        bits -= 5
        characters.append(Self.symbols[Int(accumulator >> bits & 31)])
      }
    }
    text = String(decoding: characters, as: UTF8.self)
  }

  /// An id from its written form; nil unless it has exactly that form, because ids become paths.
  public init?(_ text: String) {
    guard text.utf8.count == Self.length, text.utf8.allSatisfy({ Self.symbols.contains($0) }) else {
      return nil
    }
    self.text = text
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = CaseID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a case id: \(text)")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  public var description: String { text }

  public var reference: CaseReference { CaseReference(prefix: String(text.prefix(7))) }
}

/// The short form of a case id, `C-7F3K-9QXD`: seven characters and one that checks them.
public struct CaseReference: Hashable, Sendable, CustomStringConvertible {
  /// The first seven characters of the case's id.
  public let prefix: String

  fileprivate init(prefix: String) { self.prefix = prefix }

  /// A reference as people type it: case and dashes do not matter, `O` is 0, `I` and `L` are 1.
  ///
  /// - Returns: nil where the form or the check character is wrong.
  public init?(_ text: String) {
    var symbols: [UInt8] = []
    for byte in text.utf8 where byte != 0x2D {
      var upper = byte >= 0x61 && byte <= 0x7A ? byte - 32 : byte
      if upper == 0x4F { upper = 0x30 }  // O
      if upper == 0x49 || upper == 0x4C { upper = 0x31 }  // I, L
      symbols.append(upper)
    }
    guard symbols.count == 9, symbols[0] == 0x43 else { return nil }
    let prefix = Array(symbols[1..<8])
    guard let check = Self.check(prefix), check == symbols[8] else { return nil }
    self.prefix = String(decoding: prefix, as: UTF8.self)
  }

  public var description: String {
    let bytes = Array(prefix.utf8)
    let check = Self.check(bytes) ?? 0x3F
    return "C-\(String(decoding: bytes.prefix(4), as: UTF8.self))-"
      + String(decoding: bytes.dropFirst(4) + [check], as: UTF8.self)
  }

  /// The check character: the sum over GF(32) of each character's value times 2 to its place.
  ///
  /// The multipliers are different and none is zero, so one wrong character or two exchanged ones never pass.
  private static func check(_ prefix: [UInt8]) -> UInt8? {
    let symbols = Array(CaseID.alphabet.utf8)
    var sum = 0
    for byte in prefix.reversed() {
      guard let value = symbols.firstIndex(of: byte) else { return nil }
      sum = doubled(sum ^ value)
    }
    return symbols[sum]
  }

  /// Times 2 in GF(32), modulo x^5 + x^2 + 1.
  private static func doubled(_ value: Int) -> Int {
    value & 16 == 0 ? value << 1 : (value << 1 ^ 0b100101) & 31
  }

  /// Every well-formed reference in a text, in order; at most `limit`.
  public static func all(in text: String, limit: Int = 8) -> [CaseReference] {
    let bytes = Array(text.utf8)
    var found: [CaseReference] = []
    var position = 0
    while position + 11 <= bytes.count, found.count < limit {
      let starts = bytes[position] == 0x43 || bytes[position] == 0x63
      let free = position == 0 || !isWord(bytes[position - 1])
      if starts, free, bytes[position + 1] == 0x2D, bytes[position + 6] == 0x2D,
        position + 11 == bytes.count || !isWord(bytes[position + 11]),
        let reference = CaseReference(String(decoding: bytes[position..<position + 11], as: UTF8.self))
      {
        if !found.contains(reference) { found.append(reference) }
        position += 11
      } else {
        position += 1
      }
    }
    return found
  }

  /// Whether a text holds something of a reference's shape, right or mistyped: `C-` and twice four characters.
  public static func isShaped(in text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 11 else { return false }
    return (0...bytes.count - 11).contains { start in
      (start == 0 || !isWord(bytes[start - 1])) && bytes[start] | 32 == 0x63 && bytes[start + 1] == 0x2D
        && bytes[start + 2..<start + 6].allSatisfy(isWord) && bytes[start + 6] == 0x2D
        && bytes[start + 7..<start + 11].allSatisfy(isWord)
        && (start + 11 == bytes.count || !isWord(bytes[start + 11]))
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte | 32 >= 0x61 && byte | 32 <= 0x7A)
  }
}
