// Messages as a server delivered them.

/// A whole message, delivered once the command that asked for it was answered with OK.
public struct FetchedMessage: Sendable {
  public enum Content: Sendable, Equatable {
    case memory([UInt8])
    /// A file of this many bytes that belongs to the receiver from now on.
    case file(path: String, count: Int)
  }
  public var uid: UID
  /// When the server received it: seconds since 1970, UTC. Nil where the server does not say, or nothing sensible.
  public var internalDate: Int64?
  public var flags: [String]
  /// RFC822.SIZE, which is not always the truth.
  public var size: Int?
  public var content: Content
}

/// What became of the messages that were asked for: each UID is delivered, missing or refused.
public struct FetchSummary: Sendable, Equatable {
  public struct Refusal: Sendable, Equatable {
    public var uid: UID
    public var reason: String
  }
  public var delivered = UIDSet()
  /// Asked for, answered with OK, and not among the answers: gone meanwhile, or hidden by the server.
  public var missing: [UID] = []
  public var refused: [Refusal] = []
  public var anomalies: [FetchAnomaly] = []
}

/// Something that a server should not have sent, and that could be put right without guessing.
public struct FetchAnomaly: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// A message that was not asked for; it was dropped.
    case unaskedUID = "unasked-uid"
    /// A message without its UID; it was dropped.
    case missingUID = "missing-uid"
    /// One message twice in one answer; neither was taken.
    case duplicate
    /// RFC822.SIZE is not the number of bytes that came; they were taken.
    case sizeLie = "size-lie"
    /// A message without content; not taken.
    case noContent = "no-content"
    /// INTERNALDATE is no date; the message was taken.
    case badDate = "bad-date"
  }
  public var kind: Kind
  public var uid: UID?
  public var text: String

  public var description: String { "\(uid.map { "UID \($0): " } ?? "")\(text) (\(kind.rawValue))" }
}

/// A message that was fetched in parts.
public struct PartialFetch: Sendable, Equatable {
  /// Bytes written.
  public var count: Int
  public var internalDate: Int64?
  public var flags: [String]
  public var anomalies: [FetchAnomaly]
}
