// The numbers by which a mailbox names its messages.

/// A message's number in a mailbox: never zero, never reused under one `UIDValidity` (RFC 9051 §2.3.1.1).
public struct UID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  /// The lowest number that there is.
  public static let first = UID(nonzero: 1)

  /// Nil for zero, which is no UID.
  public init?(_ rawValue: UInt32) {
    guard rawValue != 0 else { return nil }
    self.rawValue = rawValue
  }

  init(nonzero: UInt32) { rawValue = nonzero }

  public var description: String { String(rawValue) }

  public static func < (left: UID, right: UID) -> Bool { left.rawValue < right.rawValue }
}

/// The age of a mailbox's numbering: when it changes, every UID known before means nothing (RFC 9051 §2.3.1.1).
public struct UIDValidity: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  /// Nil for zero, which no server may give.
  public init?(_ rawValue: UInt32) {
    guard rawValue != 0 else { return nil }
    self.rawValue = rawValue
  }

  public var description: String { String(rawValue) }
}
