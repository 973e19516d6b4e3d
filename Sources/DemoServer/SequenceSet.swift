// A client's set of UIDs or sequence numbers (RFC 3501 §9, sequence-set), resolved against a mailbox.

struct SequenceSet: Sendable {
  /// Ends as written; `*` is nil.
  private(set) var ranges: [(first: UInt32?, last: UInt32?)] = []

  /// sequence-set = (seq-number / seq-range) *("," sequence-set); nil for anything else.
  init?(_ text: some Collection<UInt8>) {
    for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let ends = part.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard ranges.count < Limits.ranges, (1...2).contains(ends.count), let first = ends.first,
        let last = ends.last, Self.isNumber(first), Self.isNumber(last)
      else { return nil }
      ranges.append((Self.number(first), Self.number(last)))
    }
  }

  /// The members of `sorted` that the set names, in order; `*` is the largest of them (RFC 3501 §6.4.8).
  func select(from sorted: [UInt32]) -> [UInt32] {
    guard let largest = sorted.last else { return [] }
    let resolved = ranges.map { range in
      let first = range.first ?? largest
      let last = range.last ?? largest
      return (min(first, last), max(first, last))
    }.sorted { $0 < $1 }
    var result: [UInt32] = []
    var at = 0
    for (first, last) in resolved {
      at = max(at, sorted.firstIndex(notBelow: first))
      while at < sorted.count, sorted[at] <= last {
        result.append(sorted[at])
        at += 1
      }
    }
    return result
  }

  /// The shortest way to write these ascending numbers: `1:3,7`.
  static func text(_ sorted: [UInt32]) -> String {
    var result = ""
    var at = 0
    while at < sorted.count {
      var end = at
      while end + 1 < sorted.count, sorted[end + 1] - sorted[end] == 1 { end += 1 }
      if !result.isEmpty { result += "," }
      result += end == at ? "\(sorted[at])" : "\(sorted[at]):\(sorted[end])"
      at = end + 1
    }
    return result
  }

  private static func isNumber(_ text: some Collection<UInt8>) -> Bool {
    text.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) || number(text) != nil
  }

  /// nz-number; nil for `*` too.
  private static func number(_ text: some Collection<UInt8>) -> UInt32? {
    guard (1...10).contains(text.count), text.allSatisfy(ASCII.isDigit) else { return nil }
    guard let value = UInt32(String(decoding: text, as: UTF8.self)), value > 0 else { return nil }
    return value
  }
}

extension Array where Element: Comparable {
  /// The first index whose element is not below `value`, by halving; the array is sorted.
  func firstIndex(notBelow value: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
