// The parsed message: what callers ask of it, without walking parts themselves.

/// A message as it was read: always a value, with a list of what was wrong.
public struct Message: Sendable {
  /// The bytes it was read from.
  public let bytes: MessageBytes
  /// The flat list of parts; [0] is the root and always there.
  public let parts: [MIMEPart]
  /// What broke a rule or met a limit, in the order it was found.
  public let defects: [Defect]
  let limits: Limits
  /// How many messages this one is embedded in.
  let embedding: Int
  let textCache = TextCache()

  /// Reads any bytes; never fails and costs time linear in their number.
  public init(parsing bytes: MessageBytes, limits: Limits = .standard) {
    self.init(parsing: bytes, limits: limits, embedding: 0)
  }

  init(parsing bytes: MessageBytes, limits: Limits, embedding: Int) {
    var parser = StructureParser(bytes, limits: limits)
    parser.parse()
    self.bytes = bytes
    self.parts = parser.parts
    self.limits = limits
    self.embedding = embedding
    var defects = parser.defects
    if let root = parser.parts.first {
      for defect in HeaderChecks.defects(root.headers, bytes, limits: limits)
      where defects.count < limits.defects {
        defects.append(defect)
      }
    }
    self.defects = defects
  }

  /// The message's header block.
  public var headers: Headers { parts.first?.headers ?? Headers() }

  /// The decoded Subject in one line; empty when there is none.
  public var subject: String { headers.first("Subject") ?? "" }

  /// The From addresses; several From fields are read one after the other.
  public var from: [Address] { addresses("From") }
  /// The Sender addresses.
  public var sender: [Address] { addresses("Sender") }
  /// The Reply-To addresses.
  public var replyTo: [Address] { addresses("Reply-To") }
  /// The To addresses.
  public var to: [Address] { addresses("To") }
  /// The Cc addresses.
  public var cc: [Address] { addresses("Cc") }

  private func addresses(_ name: String) -> [Address] {
    var out: [Address] = []
    let hash = HeaderField.hash(name)
    for field in headers.fields where field.isNamed(name, hash: hash) && out.count < limits.addresses {
      out.append(contentsOf: AddressParser.parse(field.unfolded, limit: limits.addresses - out.count))
    }
    return out
  }

  /// What the sender's Date says; nil when missing or unreadable. Never a clock to rely on.
  public var date: MessageDate? {
    // Of several the first that can be read: a broken one does not void the others.
    headers.allFields("Date").lazy.compactMap { MessageDate.parse($0.unfolded) }.first
  }

  /// The time stamps of the Received fields, topmost (latest hop) first (RFC 5321 §4.4).
  public var receivedStamps: [MessageDate] {
    var out: [MessageDate] = []
    for field in headers.allFields("Received") where out.count < limits.receivedFields {
      let value = field.unfolded
      guard let semicolon = value.lastIndex(of: ASCII.semicolon) else { continue }
      if let date = MessageDate.parse(Array(value[(semicolon + 1)...])) {
        out.append(date)
      }
    }
    return out
  }

  /// The Message-ID without its angle brackets (RFC 5322 §3.6.4); nil when missing or empty.
  public var messageID: String? { headers.rawBytes("Message-ID").flatMap { MessageIDs.first(in: $0) } }

  /// The identifiers of In-Reply-To, in order, each like `messageID`.
  public var inReplyTo: [String] { identifiers("In-Reply-To") }

  /// The identifiers of References, oldest first, each like `messageID`.
  public var references: [String] { identifiers("References") }

  private func identifiers(_ name: String) -> [String] {
    guard let value = headers.rawBytes(name) else { return [] }
    return MessageIDs.all(in: value, limit: limits.references)
  }

  /// The parts beside the message's own text, attached messages included.
  public var attachments: [Int] { parts.indices.filter { parts[$0].isAttachment } }

  // MARK: Bodies

  /// What is wrong inside the bodies: told apart from `defects` because it takes decoding every part.
  public var bodyDefects: [Defect] {
    var out: [Defect] = []
    for index in parts.indices where parts[index].children.isEmpty && out.count < limits.defects {
      let info = parts[index]
      let start = info.bodyRange.lowerBound
      let result = bytes.withUnsafeBytes { raw in
        Transfer.forEachChunk(
          UnsafeRawBufferPointer(rebasing: raw[info.bodyRange.clamped(to: 0..<raw.count)]),
          info.transferEncoding, limit: limits.decodedBytes, { _ in })
      }
      if result.stray > 0 {
        let rule = info.transferEncoding == .base64 ? "RFC 2045 §6.8" : "RFC 2045 §6.7"
        out.append(Defect(.badEncoding, rule, at: start, "\(result.stray) stray characters"))
      }
      if result.isCut {
        out.append(Defect(.decodedTooLarge, "limit", at: start, "more than \(limits.decodedBytes) bytes"))
      }
    }
    return out
  }

  /// The part's bytes with its transfer encoding undone, at most `Limits.decodedBytes`; empty for an unknown part.
  public func decodedBody(of part: Int) -> [UInt8] { decoded(part, limit: limits.decodedBytes) }

  func decoded(_ part: Int, limit: Int) -> [UInt8] {
    guard parts.indices.contains(part) else { return [] }
    let info = parts[part]
    return bytes.withUnsafeBytes { raw in
      let input = UnsafeRawBufferPointer(rebasing: raw[info.bodyRange.clamped(to: 0..<raw.count)])
      return Transfer.decode(input, info.transferEncoding, limit: limit)
    }
  }

  /// Lends the decoded body piece by piece (about 64 KiB each), so that digesting an attachment does not hold it.
  public func forEachDecodedChunk(
    of part: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    guard parts.indices.contains(part) else { return }
    let info = parts[part]
    try bytes.withUnsafeBytes { raw in
      let input = UnsafeRawBufferPointer(rebasing: raw[info.bodyRange.clamped(to: 0..<raw.count)])
      try Transfer.forEachChunk(input, info.transferEncoding, limit: limits.decodedBytes, body)
    }
  }

  /// The message inside a message/rfc822 or message/global part; nil for other parts and beyond the depth limit.
  public func embeddedMessage(of part: Int) -> Message? {
    guard parts.indices.contains(part), parts[part].isMessage else { return nil }
    return enclosedMessage(of: part)
  }

  /// The part's body read as a message, whatever type the part has; nil beyond the depth limit.
  func enclosedMessage(of part: Int) -> Message? {
    guard embedding < limits.depth else { return nil }
    // Unencoded, as RFC 2046 §5.2.1 wants it, it shares the bytes: a chain of forwards costs no more than its length.
    let inner =
      parts[part].transferEncoding == .identity
      ? bytes.slice(parts[part].bodyRange) : MessageBytes(decodedBody(of: part))
    return Message(parsing: inner, limits: limits, embedding: embedding + 1)
  }
}
