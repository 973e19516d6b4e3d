// Phrases of many languages found at a place in a text without trying each: buckets by their first two bytes.

/// Upper case to lower case for ASCII and for the Latin letters of U+00C0...U+00DE (0xC3 is their first byte).
@inline(__always)
func folded(_ byte: UInt8, after previous: UInt8) -> UInt8 {
  if byte >= 0x41, byte <= 0x5A { return byte | 0x20 }
  if previous == 0xC3, byte >= 0x80, byte <= 0x9E, byte != 0x97 { return byte | 0x20 }
  return byte
}

/// A fixed set of phrases in lower case, each with a value.
struct PhraseTable<Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var start: Int
    var count: Int
    var value: Value
  }

  private var pool: [UInt8] = []
  private var entries: [Entry] = []
  /// Where each bucket's entries begin; the next bucket's beginning is its end.
  private var buckets = [Int](repeating: 0, count: 257)

  /// Phrases have at least two bytes; of those that fit, the longest is found.
  init(_ groups: [(Value, [StaticString])]) {
    var sorted: [(key: Int, bytes: [UInt8], value: Value)] = []
    for (value, phrases) in groups {
      for phrase in phrases {
        let bytes = Array(UnsafeBufferPointer(start: phrase.utf8Start, count: phrase.utf8CodeUnitCount))
        guard bytes.count >= 2 else { continue }
        sorted.append((Self.key(bytes[0], bytes[1]), bytes, value))
      }
    }
    sorted.sort { $0.key != $1.key ? $0.key < $1.key : $0.bytes.count > $1.bytes.count }
    for (key, bytes, value) in sorted {
      entries.append(Entry(start: pool.count, count: bytes.count, value: value))
      pool += bytes
      buckets[key + 1] += 1
    }
    for key in 0..<256 { buckets[key + 1] += buckets[key] }
  }

  @inline(__always)
  private static func key(_ first: UInt8, _ second: UInt8) -> Int {
    Int(folded(first, after: 0) &* 31 ^ folded(second, after: first))
  }

  /// Phrases that are only looked for.
  init(words: [StaticString]) where Value == Void { self.init([((), words)]) }

  /// The longest phrase that stands at `index`, and where it ends; nil when none does.
  @inline(__always)
  func match(_ bytes: [UInt8], at index: Int, limit: Int) -> (value: Value, end: Int)? {
    guard index >= 0, index + 1 < limit, limit <= bytes.count else { return nil }
    let key = Self.key(bytes[index], bytes[index + 1])
    let low = buckets[key]
    let high = buckets[key + 1]
    return low == high ? nil : match(bytes, at: index, limit: limit, among: low..<high)
  }

  private func match(_ bytes: [UInt8], at index: Int, limit: Int, among candidates: Range<Int>)
    -> (value: Value, end: Int)?
  {
    for candidate in candidates {
      let entry = entries[candidate]
      guard entry.count <= limit - index else { continue }
      var offset = 0
      var previous: UInt8 = 0
      while offset < entry.count {
        let byte = bytes[index + offset]
        guard folded(byte, after: previous) == pool[entry.start + offset] else { break }
        previous = byte
        offset += 1
      }
      if offset == entry.count { return (entry.value, index + entry.count) }
    }
    return nil
  }

  /// The first phrase that begins a word in `range`, and where it stands. Up to four letters are a whole word; longer
  /// ones may be stems.
  func first(in bytes: [UInt8], _ range: Range<Int>) -> (value: Value, range: Range<Int>)? {
    var found: (Value, Range<Int>)?
    forEach(in: bytes, range) { value, range in
      found = (value, range)
      return false
    }
    return found
  }

  /// Calls `body` for each phrase that begins a word in `range`, in order, until it returns false.
  func forEach(in bytes: [UInt8], _ range: Range<Int>, _ body: (Value, Range<Int>) -> Bool) {
    var index = range.lowerBound
    var isInWord = false
    while index < range.upperBound {
      let byte = bytes[index]
      // Letters of two bytes go on with a word; of longer ones (Chinese, punctuation) each is a word by itself.
      let isWide = byte >= 0xE0
      if isWide || !isInWord, byte < 0x80 || byte >= 0xC0,
        let (value, end) = match(bytes, at: index, limit: range.upperBound),
        end - index > 4 || end == range.upperBound || !(bytes[end - 1].isLetter && bytes[end].isLetter)
      {
        guard body(value, index..<end) else { return }
        isInWord = bytes[end - 1].isLetter
        index = end
        continue
      }
      if isWide {
        isInWord = false
        index += byte >= 0xF0 ? 4 : 3
      } else {
        isInWord = byte.isLetter || byte.isDigit || byte >= 0x80
        index += 1
      }
    }
  }
}
