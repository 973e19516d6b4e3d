// A text cut into lines with their quote marks counted, and what each line's look says at no further cost.

import Glibc

/// One line of a text: its extent, its quote depth, and what stands after the quote marks.
struct TextLine {
  private var low: UInt32
  private var high: UInt32
  private var contentLow: UInt32
  private var contentHigh: UInt32
  /// How many ">" stand before the content, at most 255.
  var depth: UInt8
  /// The label of a pasted header block that stands first in the line; nil for nearly all lines.
  var label: HeaderBlock.Label?
  /// Whether the content ends with a colon of either width.
  var endsWithColon: Bool

  /// The whole line with its line end, UTF-8 offsets.
  var range: Range<Int> { Int(low)..<Int(high) }
  /// What is between the quote marks and the white space at the end.
  var content: Range<Int> { Int(contentLow)..<Int(contentHigh) }
  var isBlank: Bool { contentLow == contentHigh }

  init(range: Range<Int>, content: Range<Int>, depth: UInt8, label: HeaderBlock.Label?, endsWithColon: Bool) {
    low = UInt32(truncatingIfNeeded: range.lowerBound)
    high = UInt32(truncatingIfNeeded: range.upperBound)
    contentLow = UInt32(truncatingIfNeeded: content.lowerBound)
    contentHigh = UInt32(truncatingIfNeeded: content.upperBound)
    self.depth = depth
    self.label = label
    self.endsWithColon = endsWithColon
  }
}

enum LineSplitter {
  /// Lines with their ends. At most `FixedLimit.regionLines`: the last one then holds the rest. Offsets must fit 32 bits.
  static func lines(_ bytes: [UInt8]) -> [TextLine] {
    var out: [TextLine] = []
    out.reserveCapacity(min(bytes.count / 32 + 8, FixedLimit.regionLines))
    var start = 0
    while start < bytes.count {
      var end = bytes.count
      if out.count + 1 < FixedLimit.regionLines { end = feed(bytes, from: start) }
      out.append(line(bytes, start, end))
      start = min(end + 1, bytes.count)
    }
    return out
  }

  @inline(__always)
  private static func feed(_ bytes: [UInt8], from start: Int) -> Int {
    bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let hit = memchr(base + start, 0x0A, raw.count - start) else {
        return raw.count
      }
      return UnsafeRawPointer(hit) - base
    }
  }

  @inline(__always)
  private static func line(_ bytes: [UInt8], _ start: Int, _ end: Int) -> TextLine {
    var low = start
    var high = end
    var depth = 0
    // Quote marks: ">" with at most two blanks between, RFC 3676 §4.5 writes none.
    var index = start
    while index < end {
      let byte = bytes[index]
      if byte == ASCII.greater {
        depth += 1
        low = index + 1
      } else if !byte.isBlank || index - low > 2 {
        break
      }
      index += 1
    }
    while high > low, bytes[high - 1] <= ASCII.space { high -= 1 }
    while low < high, bytes[low] <= ASCII.space { low += 1 }
    if low < high, bytes[high - 1] >= 0x80 || bytes[low] >= 0x80 {
      (low, high) = invisibleTrimmed(bytes, low, high)
    }
    let next = min(end + 1, bytes.count)
    guard low < high else {
      return TextLine(
        range: start..<next, content: low..<low, depth: UInt8(min(depth, 255)), label: nil,
        endsWithColon: false)
    }
    let last = bytes[high - 1]
    let endsWithColon =
      last == ASCII.colon
      || last == 0x9A && high - low >= 3 && bytes[high - 2] == 0xBC && bytes[high - 3] == 0xEF
    return TextLine(
      range: start..<next, content: low..<high, depth: UInt8(min(depth, 255)),
      label: HeaderBlock.label(bytes, low..<high)?.label, endsWithColon: endsWithColon)
  }

  /// Without the no-break spaces, direction marks and zero-width characters at either side.
  private static func invisibleTrimmed(_ bytes: [UInt8], _ start: Int, _ end: Int) -> (Int, Int) {
    var low = start
    var high = end
    while low < high {
      if bytes[low] <= ASCII.space {
        low += 1
      } else if bytes[low] == 0xC2, low + 1 < high, bytes[low + 1] == 0xA0 {
        low += 2
      } else if low + 2 < high, isInvisible(bytes[low], bytes[low + 1], bytes[low + 2]) {
        low += 3
      } else {
        break
      }
    }
    while high > low {
      if bytes[high - 1] <= ASCII.space {
        high -= 1
      } else if high - low >= 2, bytes[high - 1] == 0xA0, bytes[high - 2] == 0xC2 {
        high -= 2
      } else if high - low >= 3, isInvisible(bytes[high - 3], bytes[high - 2], bytes[high - 1]) {
        high -= 3
      } else {
        break
      }
    }
    return (low, high)
  }

  /// U+200B...U+200F, U+202A...U+202F, U+2066...U+2069, U+3000 and U+FEFF.
  static func isInvisible(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    switch (first, second, third) {
    case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAF), (0xE2, 0x81, 0xA6...0xA9),
      (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF):
      true
    default: false
    }
  }
}
