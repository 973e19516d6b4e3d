// Little-endian numbers in bytes that may end anywhere, for Microsoft's formats.

extension Array where Element == UInt8 {
  /// Two bytes as a number; nil when they are not all there.
  func uint16(at offset: Int) -> Int? {
    guard offset >= 0, offset < count - 1 else { return nil }
    return Int(self[offset]) | Int(self[offset + 1]) << 8
  }

  /// Four bytes as a number, from 0 to 4,294,967,295.
  func uint32(at offset: Int) -> Int? {
    guard let low = uint16(at: offset), let high = uint16(at: offset + 2) else { return nil }
    return low | high << 16
  }

  func uint64(at offset: Int) -> UInt64? {
    guard let low = uint32(at: offset), let high = uint32(at: offset + 4) else { return nil }
    return UInt64(low) | UInt64(high) << 32
  }

  /// UTF-16LE up to the first NUL.
  func utf16(_ range: Range<Int>) -> String {
    var units: [UInt16] = []
    units.reserveCapacity(range.count / 2)
    var index = range.lowerBound
    while index < range.upperBound - 1 {
      let unit = UInt16(self[index]) | UInt16(self[index + 1]) << 8
      if unit == 0 { break }
      units.append(unit)
      index += 2
    }
    return String(decoding: units, as: UTF16.self)
  }
}
