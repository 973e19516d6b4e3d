// The files that came with a message, wherever they were put: attached parts, and what wrapper formats hold.

/// A file that came with a message.
public struct AttachedFile: Sendable {
  /// Where a file was found when it is no part of the message itself.
  public enum Wrapper: String, Sendable, Hashable, Codable {
    /// In a winmail.dat (MS-OXTNEF).
    case tnef
    /// In opaque-signed S/MIME content (RFC 8551 §3.5.2).
    case signedData
    /// Between "begin" and "end" lines of a text.
    case uuencode
    /// Between "=ybegin" and "=yend" lines of a text.
    case yEnc
  }

  /// The name the sender gave; hostile, so never a path.
  public let name: String?
  /// The media type, "application/octet-stream" when nobody says.
  public let contentType: String
  /// The Content-ID without its angle brackets, for files that HTML refers to (RFC 2392).
  public let contentID: String?
  /// Index of the part that it is, or in which it was found.
  public let part: Int
  /// How it was wrapped; nil when it is a part.
  public let wrapper: Wrapper?
  /// Whether it is a whole message.
  public let isMessage: Bool
  private let content: Content

  private enum Content: Sendable {
    case part(Message, Int)
    case bytes([UInt8])
  }

  /// The part of that index, which must exist.
  public init(_ message: Message, part index: Int) {
    let part = message.parts[index]
    name = part.fileName
    contentType = part.contentType.essence
    contentID = part.contentID
    self.part = index
    wrapper = nil
    isMessage = part.isMessage
    content = .part(message, index)
  }

  init(_ file: EnclosedFile, part: Int, wrapper: Wrapper) {
    name = file.name
    contentType = file.contentType
    contentID = file.contentID
    self.part = part
    self.wrapper = wrapper
    isMessage = file.isMessage
    content = .bytes(file.bytes)
  }

  /// A file of an enclosed message, told by the part that encloses it.
  init(_ file: AttachedFile, movedTo part: Int) {
    name = file.name
    contentType = file.contentType
    contentID = file.contentID
    self.part = part
    wrapper = file.wrapper ?? .signedData
    isMessage = file.isMessage
    content = file.content
  }

  /// Lends the decoded bytes piece by piece (about 64 KiB each).
  public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    switch content {
    case .part(let message, let index): try message.forEachDecodedChunk(of: index, body)
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    }
  }
}

extension Message {
  /// The files that came with the message, in order: attached parts, the files inside a winmail.dat or opaque-signed
  /// content in its place, uuencoded and yEnc blocks of the text. A wrapper that cannot be read is listed itself.
  public var files: [AttachedFile] {
    var out: [AttachedFile] = []
    for index in parts.indices where out.count < limits.parts {
      if isTNEF(index), let found = tnef(of: index) {
        out += found.files.map { AttachedFile($0, part: index, wrapper: .tnef) }
      } else if let inner = signedContent(of: index) {
        out += inner.files.map { AttachedFile($0, movedTo: index) }
      } else if parts[index].isAttachment {
        out.append(AttachedFile(self, part: index))
      }
      if parts[index].contentType.type == "text" { out += textFiles(of: index) }
    }
    return Array(out.prefix(limits.parts))
  }

  private func textFiles(of index: Int) -> [AttachedFile] {
    let text = decodedLines(of: index)
    guard text.withUnsafeBytes({ EnclosedBlock.mayOpen(in: $0) }) else { return [] }
    return UUEncoding.files(in: text, limits: limits).map {
      AttachedFile($0, part: index, wrapper: .uuencode)
    }
      + YEnc.files(in: text, limits: limits).map { AttachedFile($0, part: index, wrapper: .yEnc) }
  }

  /// Whether a part says that it is a winmail.dat.
  func isTNEF(_ index: Int) -> Bool {
    let type = parts[index].contentType
    if type.type == "application", type.subtype == "ms-tnef" || type.subtype == "vnd.ms-tnef" { return true }
    guard type.type == "application", let name = parts[index].fileName else { return false }
    return loweredASCII(name) == "winmail.dat"
  }

  /// What a winmail.dat holds; nil when it is none.
  func tnef(of index: Int) -> Enclosure? {
    TNEF.read(decodedBody(of: index), limits: limits, depth: embedding)
  }

  /// The message inside opaque-signed or compressed S/MIME content, which needs no certificate to be read; nil for
  /// other parts.
  public func signedContent(of index: Int) -> Message? {
    guard parts.indices.contains(index), embedding < limits.depth else { return nil }
    let type = parts[index].contentType
    let isNamed = parts[index].fileName.map { loweredASCII($0).hasSuffix(".p7m") } ?? false
    guard type.type == "application",
      type.subtype == "pkcs7-mime" || type.subtype == "x-pkcs7-mime"
        || (type.subtype == "octet-stream" && isNamed)
    else { return nil }
    switch CMS.read(decodedBody(of: index), limits: limits) {
    case .signed(let content),
      .compressed(let content?):
      return Message(parsing: MessageBytes(content), limits: limits, embedding: embedding + 1)
    default: return nil
    }
  }
}
