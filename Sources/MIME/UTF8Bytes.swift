// UTF-8 as bytes: validity (RFC 3629 §4) and writing scalars.

/// Whether the bytes are well-formed UTF-8.
func isValidUTF8(_ bytes: [UInt8]) -> Bool {
  bytes.withUnsafeBytes { bytes in
    var index = 0
    let count = bytes.count
    while index < count {
      if bytes[index] < 0x80 {
        index += 1
        // Long runs of ASCII are the common case.
        while index + 8 <= count,
          bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
          index += 8
        }
        continue
      }
      guard let length = sequenceLength(bytes, index) else { return false }
      index += length
    }
    return true
  }
}

/// The length of the well-formed sequence that begins at `index`, whose byte is 0x80 or above; nil when there is none:
/// a stray byte, an overlong form, a surrogate, a scalar above U+10FFFF, a sequence cut short.
@inline(__always)
func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int? {
  let first = bytes[index]
  let left = bytes.count - index
  func follows(_ offset: Int) -> Bool { bytes[index + offset] & 0xC0 == 0x80 }
  switch first {
  case 0xC2...0xDF:
    return left >= 2 && follows(1) ? 2 : nil
  case 0xE0...0xEF:
    guard left >= 3, follows(1), follows(2) else { return nil }
    let second = bytes[index + 1]
    return first == 0xE0 && second < 0xA0 || first == 0xED && second >= 0xA0 ? nil : 3
  case 0xF0...0xF4:
    guard left >= 4, follows(1), follows(2), follows(3) else { return nil }
    let second = bytes[index + 1]
    return first == 0xF0 && second < 0x90 || first == 0xF4 && second >= 0x90 ? nil : 4
  default: return nil
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
