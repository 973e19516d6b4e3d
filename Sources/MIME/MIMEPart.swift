// One part of a message: what it says it is, and where its bytes are.

/// A part of a message; parts stand in one flat list and name each other by index.
public struct MIMEPart: Sendable {
  /// Index of the enclosing multipart; nil for the root.
  public let parent: Int?
  /// Indices of the parts inside this one, in order; empty for a leaf and for an attached message.
  public internal(set) var children: [Int] = []
  /// 0 for the root.
  public let depth: Int
  /// The part's own header block.
  public internal(set) var headers = Headers()
  /// The media type, text/plain when none is given or it cannot be read.
  public internal(set) var contentType = ContentType.plain
  /// "inline", "attachment" or another word in lower case; nil when not given (RFC 2183 §2).
  public internal(set) var disposition: String?
  /// The name the sender gave, decoded (RFC 2231, RFC 2047); hostile, so never a path.
  public internal(set) var fileName: String?
  /// The Content-ID without its angle brackets.
  public internal(set) var contentID: String?
  /// How the body is encoded.
  public internal(set) var transferEncoding = TransferEncoding.identity
  /// Where the body stands in the message, still encoded.
  public internal(set) var bodyRange: Range<Int> = 0..<0
  /// Whether the part is something beside the message's own text.
  public internal(set) var isAttachment = false

  /// The charset parameter in lower case; nil when not given.
  public var charset: String? { contentType.parameters["charset"].map { loweredASCII(trimmedText($0)) } }

  /// Whether the part is a container of parts.
  public var isMultipart: Bool { contentType.type == "multipart" }

  /// Whether the part is a whole message (RFC 2046 §5.2.1, RFC 6532 §3.7).
  public var isMessage: Bool {
    contentType.type == "message" && (contentType.subtype == "rfc822" || contentType.subtype == "global")
  }

  init(parent: Int?, depth: Int) {
    self.parent = parent
    self.depth = depth
  }
}
