// Fowler, Noll and Vo's hash (FNV-1a, 64 bits): names tables and finds damage; it keeps no secrets.

struct FNV {
  private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }

  /// A text and a mark of its end, so that "ab", "c" is not "a", "bc".
  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0xFF)
  }

  mutating func add(bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

  static func value(of text: String) -> UInt64 {
    var hash = FNV()
    hash.add(text)
    return hash.state
  }

  static func hex(of bytes: some Sequence<UInt8>) -> String {
    var hash = FNV()
    hash.add(bytes: bytes)
    return hash.text
  }

  /// Eight digits.
  var text: String {
    let digits = String(UInt32(truncatingIfNeeded: state >> 32 ^ state), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
