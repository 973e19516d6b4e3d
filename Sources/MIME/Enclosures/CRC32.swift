// The CRC-32 of ISO 3309, as yEnc and compressed RTF use it.

/// A running checksum.
struct CRC32 {
  private static let table: [UInt32] = (0..<256).map { (byte: UInt32) -> UInt32 in
    (0..<8).reduce(byte) { (value: UInt32, _: Int) -> UInt32 in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }

  private(set) var register: UInt32

  /// Starts with all ones as ISO 3309 does, or with zero as MS-OXRTFCP §3.1.3.2 does.
  init(register: UInt32 = 0xFFFF_FFFF) { self.register = register }

  mutating func add(_ bytes: ArraySlice<UInt8>) {
    let table = Self.table
    var value = register
    for byte in bytes { value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] }
    register = value
  }

  /// The complement, which is what ISO 3309 transmits.
  var value: UInt32 { ~register }
}
