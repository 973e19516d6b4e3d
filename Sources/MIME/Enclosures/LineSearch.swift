// Finds the lines of a text that open a wrapped file.

import Glibc

enum LineSearch {
  /// Where the next line that begins with `prefix`, case and all, starts; nil when none does. `start` is the start of
  /// a line.
  static func nextLine(startingWith prefix: StaticString, in lines: LineScanner, from start: Int) -> Int? {
    let first = prefix.utf8Start[0]
    var position = start
    while position < lines.bytes.count {
      if lines.bytes[position] == first, hasPrefix(prefix, lines.bytes, at: position) { return position }
      position = lines.line(at: position).next
    }
    return nil
  }

  /// Whether the bytes at a position are those of `prefix`.
  static func hasPrefix(_ prefix: StaticString, _ text: UnsafeRawBufferPointer, at position: Int) -> Bool {
    let length = prefix.utf8CodeUnitCount
    guard position >= 0, length <= text.count - position, let base = text.baseAddress else { return false }
    return memcmp(base + position, prefix.utf8Start, length) == 0
  }

  /// A scanner for the line ends that a text uses: a lone CR ends lines only where there is no LF at all.
  static func scanner(_ text: UnsafeRawBufferPointer) -> LineScanner {
    let hasFeed = text.baseAddress.map { memchr($0, 0x0A, text.count) != nil } ?? false
    return LineScanner(bytes: text, loneCR: !hasFeed)
  }
}
