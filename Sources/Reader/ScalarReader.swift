// UTF-8 to scalars, whatever the bytes.

/// Decodes UTF-8 from a buffer, one scalar at a time.
struct ScalarReader {
  /// Given for bytes that are no UTF-8, U+FFFD; one for each maximal part of a sequence (Unicode Standard,
  /// section 3.9, table 3-8), so that a sound character after a broken one is never lost.
  static let replacement: UInt32 = 0xFFFD

  let bytes: UnsafeBufferPointer<UInt8>
  let end: Int
  var place: Int

  /// The next scalar; `place` is then behind it. Must not be called at the end.
  @inline(__always) mutating func next() -> UInt32 {
    let first = bytes[place]
    place += 1
    return first < 0x80 ? UInt32(first) : sequence(first)
  }

  private mutating func sequence(_ first: UInt8) -> UInt32 {
    // Well-formed sequences, Unicode Standard table 3-7: only the second byte has bounds of its own.
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    var more: Int
    var value: UInt32
    switch first {
    case 0xC2...0xDF: (more, value) = (1, UInt32(first & 0x1F))
    case 0xE0...0xEF:
      (more, value) = (2, UInt32(first & 0x0F))
      if first == 0xE0 { low = 0xA0 } else if first == 0xED { high = 0x9F }
    case 0xF0...0xF4:
      (more, value) = (3, UInt32(first & 0x07))
      if first == 0xF0 { low = 0x90 } else if first == 0xF4 { high = 0x8F }
    default: return Self.replacement
    }
    while more > 0 {
      guard place < end, low <= bytes[place], bytes[place] <= high else { return Self.replacement }
      value = value << 6 | UInt32(bytes[place] & 0x3F)
      place += 1
      (low, high) = (0x80, 0xBF)
      more -= 1
    }
    return value
  }
}
