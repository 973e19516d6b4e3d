// Sets of UIDs as IMAP writes them, `1:5,9`: kept as ranges, because a mailbox of 400,000 messages is one.

/// A set of UIDs, in ascending order when iterated.
public struct UIDSet: Equatable, Sendable, CustomStringConvertible {
  /// Ascending, and neither touching nor overlapping.
  public private(set) var ranges: [ClosedRange<UInt32>]

  public init() { ranges = [] }

  public init(_ uids: [UID]) {
    self.init(merging: uids.map { $0.rawValue...$0.rawValue })
  }

  /// All UIDs from one to the other, both included, whichever is the lower.
  public init(_ one: UID, through other: UID) {
    ranges = [Swift.min(one, other).rawValue...Swift.max(one, other).rawValue]
  }

  /// In any order, overlapping or not; zero is left out.
  init(merging unordered: [ClosedRange<UInt32>]) {
    ranges = []
    ranges.reserveCapacity(Swift.min(unordered.count, 1024))
    let isOrdered = zip(unordered, unordered.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }
    let ordered = isOrdered ? unordered : unordered.sorted { $0.lowerBound < $1.lowerBound }
    for range in ordered where range.upperBound != 0 {
      let low = Swift.max(range.lowerBound, 1)
      if let last = ranges.last, low <= last.upperBound || low == last.upperBound &+ 1 {
        ranges[ranges.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
      } else {
        ranges.append(low...range.upperBound)
      }
    }
  }

  public var isEmpty: Bool { ranges.isEmpty }
  public var first: UID? { ranges.first.map { UID(nonzero: $0.lowerBound) } }
  public var last: UID? { ranges.last.map { UID(nonzero: $0.upperBound) } }

  /// How many UIDs are in it; computed from the ranges.
  public var count: Int {
    ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 }
  }

  public func contains(_ uid: UID) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].contains(uid.rawValue) { return true }
      if ranges[middle].upperBound < uid.rawValue { low = middle + 1 } else { high = middle }
    }
    return false
  }

  public func union(_ other: UIDSet) -> UIDSet {
    if other.isEmpty { return self }
    if isEmpty { return other }
    return UIDSet(merging: ranges + other.ranges)
  }

  public func intersection(_ other: UIDSet) -> UIDSet {
    var result = UIDSet()
    var mine = 0
    var theirs = 0
    while mine < ranges.count, theirs < other.ranges.count {
      let low = Swift.max(ranges[mine].lowerBound, other.ranges[theirs].lowerBound)
      let high = Swift.min(ranges[mine].upperBound, other.ranges[theirs].upperBound)
      if low <= high { result.ranges.append(low...high) }
      if ranges[mine].upperBound < other.ranges[theirs].upperBound { mine += 1 } else { theirs += 1 }
    }
    return result
  }

  /// As a command carries it (RFC 9051 §9, sequence-set); empty for the empty set, which no command may carry.
  public var description: String {
    var text = ""
    for range in ranges {
      if !text.isEmpty { text += "," }
      text += Self.text(of: range)
    }
    return text
  }

  private static func text(of range: ClosedRange<UInt32>) -> String {
    range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
  }

  /// Cut so that each piece is written in at most `maximumLength` bytes and holds at most `maximumCount` UIDs.
  public func split(maximumLength: Int, maximumCount: Int = .max) -> [UIDSet] {
    var pieces: [UIDSet] = []
    var piece = UIDSet()
    var length = 0
    var count = 0
    for whole in ranges {
      var rest: ClosedRange<UInt32>? = whole
      while let range = rest {
        let room = Swift.max(1, maximumCount) - count
        let have = Int(range.upperBound - range.lowerBound) + 1
        let isCut = have > room
        let taken = isCut ? range.lowerBound...(range.lowerBound + UInt32(room - 1)) : range
        let written = Self.text(of: taken).utf8.count + 1
        if !piece.isEmpty, length + written > maximumLength + 1 {
          pieces.append(piece)
          (piece, length, count) = (UIDSet(), 0, 0)
          continue
        }
        piece.ranges.append(taken)
        length += written
        count += Int(taken.upperBound - taken.lowerBound) + 1
        if count >= Swift.max(1, maximumCount) {
          pieces.append(piece)
          (piece, length, count) = (UIDSet(), 0, 0)
        }
        rest = isCut ? (taken.upperBound + 1)...range.upperBound : nil
      }
    }
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }
}

extension UIDSet: Sequence {
  public struct Iterator: IteratorProtocol, Sendable {
    private let ranges: [ClosedRange<UInt32>]
    private var index = 0
    private var offset: UInt32 = 0

    init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

    public mutating func next() -> UID? {
      guard index < ranges.count else { return nil }
      let value = ranges[index].lowerBound + offset
      if value == ranges[index].upperBound {
        index += 1
        offset = 0
      } else {
        offset += 1
      }
      return UID(nonzero: value)
    }
  }

  public func makeIterator() -> Iterator { Iterator(ranges) }
  /// A promise that memory is reserved for, so a server's `1:4294967295` is not believed here.
  public var underestimatedCount: Int { Swift.min(count, 1 << 20) }
}

extension UIDSet {
  /// uid-set = (uniqueid / uid-range) *("," uid-set)   (RFC 9051 §9; `*` stands in commands only)
  ///
  /// Nil where it is not one.
  init?(_ bytes: some Collection<UInt8>) {
    var found: [ClosedRange<UInt32>] = []
    var low: UInt32?
    var value: UInt64 = 0
    var hasDigit = false
    func finished() -> UInt32? {
      hasDigit && value != 0 ? UInt32(exactly: value) : nil
    }
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        hasDigit = true
        if value > UInt64(UInt32.max) { return nil }
      case UInt8(ascii: ":"):
        guard low == nil, let number = finished() else { return nil }
        low = number
        (value, hasDigit) = (0, false)
      case UInt8(ascii: ","):
        guard let number = finished() else { return nil }
        let other = low ?? number
        found.append(Swift.min(other, number)...Swift.max(other, number))
        (value, hasDigit, low) = (0, false, nil)
      default: return nil
      }
    }
    guard let number = finished() else { return nil }
    let other = low ?? number
    found.append(Swift.min(other, number)...Swift.max(other, number))
    self.init(merging: found)
  }
}
