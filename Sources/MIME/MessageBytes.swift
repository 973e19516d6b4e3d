// The bytes of one message, owned or mapped, shared by everything that points into them.

/// The bytes of one message as they arrived; copying the value shares the storage.
///
/// Parts and header fields are offsets into these bytes, so the evidence stays byte-exact and decoding waits until
/// somebody asks.
public struct MessageBytes: Sendable {
  private final class Storage: Sendable {
    let owned: [UInt8]
    // A mapping is read-only and outlives every reader because `owner` is held beside it.
    nonisolated(unsafe) let mapped: UnsafeRawBufferPointer?
    let owner: (any AnyObject & Sendable)?

    init(owned: [UInt8], mapped: UnsafeRawBufferPointer?, owner: (any AnyObject & Sendable)?) {
      self.owned = owned
      self.mapped = mapped
      self.owner = owner
    }
  }

  private let storage: Storage
  /// Where these bytes stand in the storage.
  private let range: Range<Int>

  /// Takes the bytes of a message held in memory.
  public init(_ bytes: [UInt8]) {
    storage = Storage(owned: bytes, mapped: nil, owner: nil)
    range = 0..<bytes.count
  }

  /// Reads a mapping in place; `owner` is kept alive as long as any value made from it and unmaps when it goes.
  public init(mapped: UnsafeRawBufferPointer, keepingAlive owner: any AnyObject & Sendable) {
    storage = Storage(owned: [], mapped: mapped, owner: owner)
    range = 0..<mapped.count
  }

  private init(storage: Storage, range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// Lends the bytes; the pointer is valid during the call only.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    guard let mapped = storage.mapped else {
      return try storage.owned.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
    return try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(rebasing: mapped[range])) }
  }

  /// Copies a range out; the part of the range outside the message is ignored.
  public func copy(_ range: Range<Int>) -> [UInt8] {
    let valid = range.clamped(to: 0..<count)
    return withUnsafeBytes { [UInt8]($0[valid]) }
  }

  /// A range of the bytes, sharing the storage; the part of the range outside the message is ignored.
  func slice(_ part: Range<Int>) -> MessageBytes {
    let valid = part.clamped(to: 0..<count)
    return MessageBytes(
      storage: storage,
      range: (range.lowerBound + valid.lowerBound)..<(range.lowerBound + valid.upperBound))
  }
}
