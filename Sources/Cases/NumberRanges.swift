// A set of numbers kept as ranges: the UIDs that a mailbox has given us are nearly always consecutive.

/// A set of UInt32 as sorted, disjoint, non-adjacent closed ranges; a million consecutive UIDs cost one range.
public struct NumberRanges: Sendable, Equatable {
  public private(set) var ranges: [ClosedRange<UInt32>] = []
  public private(set) var count = 0

  public init() {}

  public init(_ numbers: some Sequence<UInt32>) {
    for number in numbers { insert(number) }
  }

  public var isEmpty: Bool { ranges.isEmpty }
  public var first: UInt32? { ranges.first?.lowerBound }
  public var last: UInt32? { ranges.last?.upperBound }

  public func contains(_ number: UInt32) -> Bool {
    let index = firstRange(endingAtOrAfter: number)
    return index < ranges.count && ranges[index].lowerBound <= number
  }

  /// Adds a number.
  ///
  /// - Returns: whether it was new.
  @discardableResult
  public mutating func insert(_ number: UInt32) -> Bool {
    let index = firstRange(endingAtOrAfter: number)
    if index < ranges.count, ranges[index].lowerBound <= number { return false }
    count += 1
    let joinsLeft = index > 0 && ranges[index - 1].upperBound &+ 1 == number
    let joinsRight = index < ranges.count && number &+ 1 == ranges[index].lowerBound
    switch (joinsLeft, joinsRight) {
    case (true, true):
      ranges[index - 1] = ranges[index - 1].lowerBound...ranges[index].upperBound
      ranges.remove(at: index)
    case (true, false): ranges[index - 1] = ranges[index - 1].lowerBound...number
    case (false, true): ranges[index] = number...ranges[index].upperBound
    case (false, false): ranges.insert(number...number, at: index)
    }
    return true
  }

  private func firstRange(endingAtOrAfter number: UInt32) -> Int {
    var low = 0
    var high = ranges.count
    // Appending at the end is the common case.
    if let last = ranges.last, last.upperBound < number { return ranges.count }
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The written form, as in IMAP: `1:5,9`; empty for the empty set.
  public var text: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }.joined(
      separator: ",")
  }

  /// The set from its written form; nil if that is malformed.
  public init?(text: String) {
    guard !text.isEmpty else { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: ":", omittingEmptySubsequences: false)
      guard ends.count <= 2, let low = UInt32(ends[0]), let high = UInt32(ends[ends.count - 1]), low <= high,
        ranges.last.map({ $0.upperBound < low }) ?? true
      else { return nil }
      ranges.append(low...high)
      count += Int(high - low) + 1
    }
  }
}
