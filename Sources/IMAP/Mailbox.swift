// What a server tells about an open folder, and what can be asked of it.

import Transport

/// A folder as it was when it was opened.
public struct MailboxStatus: Sendable, Equatable {
  public var uidValidity: UIDValidity
  /// The lowest UID that the next message can get; nil where the server does not say.
  public var uidNext: UID?
  public var exists: Int
  /// RFC 7162 §3.1.2.1; nil where the server keeps none.
  public var highestModSeq: UInt64?
  public var readOnly: Bool
  /// Flags that stay when changed; nil where the server does not say, which means all of them (RFC 9051 §6.3.2).
  public var permanentFlags: [String]?
  /// Whether the server keeps its UIDs from one session to the next (RFC 4315 §3).
  public var uidsAreSticky: Bool

  /// Whether any keyword can be set.
  public var allowsKeywords: Bool { permanentFlags?.contains("\\*") ?? true }

  /// Whether this keyword can be set: any can, or this one is known already.
  public func allows(keyword: String) -> Bool {
    allowsKeywords
      || permanentFlags?.contains { ASCII.word($0.utf8) == ASCII.word(keyword.utf8) } ?? false
  }
}

/// Which messages to look for.
public enum SearchKey: Sendable {
  case all
  /// This UID and all above it.
  case uids(from: UID)
  case set(UIDSet)
  /// Received on or after this day, in the server's own time zone (RFC 9051 §6.4.4, SINCE).
  case since(year: Int, month: Int, day: Int)
  case keyword(String)
  case unkeyword(String)
}

/// What a server told without being asked.
public struct MailboxChanges: Sendable, Equatable {
  /// The number of messages now, where it was told.
  public var exists: Int?
  /// Messages that went without their UIDs being told.
  public var expunged = 0
  /// The UIDs of those that went, where the server tells them; a thousand ranges at most, the rest in `expunged`.
  public var vanished = UIDSet()
  /// Messages whose flags changed.
  public var flagChanges = 0

  public init() {}

  public var isEmpty: Bool { self == MailboxChanges() }
}

/// What ended an IDLE.
public enum IdleOutcome: Sendable, Equatable {
  /// Messages came or went.
  case changed(MailboxChanges)
  case timedOut
  /// `wake` was called.
  case woken
}

/// How messages were moved.
public struct MoveOutcome: Sendable, Equatable {
  public enum Method: Sendable { case move, copyAndExpunge }
  public var method: Method
  /// The commands of this many UIDs were answered with OK; one of them that is gone already moves nowhere and is
  /// no error (RFC 6851 §3.3).
  public var asked: Int
  /// Where they are now, where the server says (COPYUID, RFC 4315 §3).
  public var destination: [Destination] = []

  public struct Destination: Sendable, Equatable {
    public var uidValidity: UIDValidity
    public var source: UIDSet
    public var target: UIDSet
  }
}
