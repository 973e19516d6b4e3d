// CRC-32, to tell a damaged model file from a sound one. It is no defence against somebody who means harm.

/// CRC-32 as in ISO 3309 and zip: polynomial 0xEDB88320 reflected, all ones before and after.
struct Checksum {
  // Eight tables, so that eight bytes go in one step: table k is a byte followed by k zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[byte] = value
    }
    for index in 256..<8 * 256 {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 255)]
    }
    return tables
  }()

  /// The CRC-32 of `bytes`.
  static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { raw in
      tables.withUnsafeBufferPointer { tables in
        var crc = UInt32.max
        var place = 0
        while place &+ 8 <= raw.count {
          let word =
            UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(crc)
          crc =
            tables[1_792 &+ Int(word & 255)] ^ tables[1_536 &+ Int(word >> 8 & 255)]
            ^ tables[1_280 &+ Int(word >> 16 & 255)] ^ tables[1_024 &+ Int(word >> 24 & 255)]
            ^ tables[768 &+ Int(word >> 32 & 255)] ^ tables[512 &+ Int(word >> 40 & 255)]
            ^ tables[256 &+ Int(word >> 48 & 255)] ^ tables[Int(word >> 56)]
          place &+= 8
        }
        while place < raw.count {
          crc = crc >> 8 ^ tables[Int((crc ^ UInt32(raw[place])) & 255)]
          place &+= 1
        }
        return ~crc
      }
    }
  }
}
