// Cryptographic Message Syntax (RFC 5652): the signed content, read without any certificate or verification.

/// Opaque S/MIME (RFC 8551 §3.5.2): what was signed is in the clear and only needs to be found.
enum CMS {
  /// What kind of content there is, and the content where it is in the clear.
  enum Content: Sendable, Hashable {
    /// SignedData, also DigestedData and AuthenticatedData: the content that was signed, usually a MIME entity.
    case signed([UInt8])
    case enveloped
    /// CompressedData (RFC 3274), inflated; nil when the algorithm is not zlib.
    case compressed([UInt8]?)
    /// RFC 5083.
    case authEnveloped
    case encryptedData
    /// SignedData without content: only certificates, or a detached signature.
    case certificatesOnly
    case unreadable
  }

  /// Reads ContentInfo (RFC 5652 §3) as DER or BER, bare or as PEM (RFC 7468), behind leading junk or as base64 that
  /// nobody decoded. A cut-off structure gives the content as far as it goes.
  static func read(_ bytes: [UInt8], limits: Limits) -> Content {
    guard let start = located(bytes, limits: limits) else { return .unreadable }
    var current = start.bytes
    var offset = start.offset
    var type = ContentType.contentInfo
    // SignedData in SignedData (triple wrapping, RFC 2634 §1.1) is opened in turn.
    for _ in 0..<max(limits.depth, 1) {
      let layer = Layer(bytes: current, limits: limits)
      let found = type == .contentInfo ? layer.contentInfo(at: offset) : layer.content(of: type, at: offset)
      switch found {
      case .final(let content): return content
      case .compressed(let packed, let inner):
        // Bounded by what came in, or a small message of many such parts would cost a thousand times its size.
        let room = packed.count.multipliedReportingOverflow(by: FixedLimit.inflationFactor)
        let data = Inflate.zlib(
          packed, limit: min(limits.decodedBytes, room.overflow ? .max : room.partialValue))
        guard let data, inner != .data else { return .compressed(data) }
        (current, type) = (data, inner)
      case .signed(let content, let inner):
        guard inner != .data else { return .signed(content) }
        (current, type) = (content, inner)
      }
      offset = 0
      // The content of a nested type may be its ContentInfo or the type itself.
      if Layer(bytes: current, limits: limits).isContentInfo(at: 0) { type = .contentInfo }
    }
    return .unreadable
  }

  /// The content types of RFC 5652, RFC 3274 and RFC 5083 by what is done with them.
  fileprivate enum ContentType {
    case contentInfo, data, signed, digested, authenticated, enveloped, encrypted, compressed, authEnveloped

    /// From the content octets of the object identifier.
    init?(identifier: ArraySlice<UInt8>) {
      // 1.2.840.113549.1.7 (PKCS #7) and 1.2.840.113549.1.9.16.1 (S/MIME content types).
      let pkcs7: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
      let smime: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01]
      guard let last = identifier.last else { return nil }
      if identifier.count == pkcs7.count + 1, identifier.starts(with: pkcs7) {
        switch last {
        case 1: self = .data
        case 2: self = .signed
        case 3, 4: self = .enveloped
        case 5: self = .digested
        case 6: self = .encrypted
        default: return nil
        }
      } else if identifier.count == smime.count + 1, identifier.starts(with: smime) {
        switch last {
        case 2: self = .authenticated
        case 9: self = .compressed
        case 23: self = .authEnveloped
        default: return nil
        }
      } else {
        return nil
      }
    }
  }

  fileprivate enum Found {
    case final(Content)
    case signed([UInt8], ContentType)
    case compressed([UInt8], ContentType)
  }

  /// One level of the structure.
  private struct Layer {
    let bytes: [UInt8]
    let limits: Limits

    func isContentInfo(at offset: Int) -> Bool {
      let ber = BER(bytes)
      guard let outer = ber.element(at: offset, end: bytes.count), outer.identifier == BER.sequence,
        let first = ber.element(at: outer.content.lowerBound, end: outer.content.upperBound),
        first.identifier == BER.objectIdentifier
      else { return false }
      return ContentType(identifier: bytes[first.content]) != nil
    }

    /// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }
    func contentInfo(at offset: Int) -> Found {
      var cursor = BERCursor(BER(bytes), at: offset)
      guard cursor.enter(BER.sequence), let identifier = cursor.take(BER.objectIdentifier),
        let type = ContentType(identifier: bytes[identifier.content])
      else { return .final(.unreadable) }
      let hasContent = cursor.enter(BER.explicit0)
      if type == .data {
        guard hasContent, let value = cursor.next() else { return .final(.unreadable) }
        return .final(.signed(cursor.ber.octets(value, limits: limits)))
      }
      guard hasContent else { return content(of: type, at: bytes.count) }
      return content(of: type, at: cursor.position)
    }

    /// The value of a content type, itself a SEQUENCE.
    func content(of type: ContentType, at offset: Int) -> Found {
      switch type {
      case .enveloped: return .final(.enveloped)
      case .authEnveloped: return .final(.authEnveloped)
      case .encrypted: return .final(.encryptedData)
      case .contentInfo: return contentInfo(at: offset)
      case .data:
        guard let value = BER(bytes).element(at: offset, end: bytes.count) else { return .final(.unreadable) }
        return .final(.signed(BER(bytes).octets(value, limits: limits)))
      case .signed, .digested, .compressed, .authenticated: break
      }
      // RFC 5652 §5.1, §7, §9.1 and RFC 3274 §1.1: a version and what prepares for it, then EncapsulatedContentInfo.
      var cursor = BERCursor(BER(bytes), at: offset)
      guard cursor.enter(BER.sequence), cursor.take(BER.integer) != nil else { return .final(.unreadable) }
      switch type {
      case .signed: _ = cursor.take(BER.set)
      case .authenticated:
        _ = cursor.take(BER.explicit0)
        _ = cursor.take(BER.set)
        _ = cursor.take(BER.sequence)
        _ = cursor.take(BER.explicit1)
      default: _ = cursor.take(BER.sequence)
      }
      // EncapsulatedContentInfo ::= SEQUENCE { eContentType OBJECT IDENTIFIER, eContent [0] EXPLICIT OCTET STRING OPTIONAL }
      guard cursor.enter(BER.sequence), let identifier = cursor.take(BER.objectIdentifier) else {
        return .final(.unreadable)
      }
      let inner = ContentType(identifier: bytes[identifier.content]) ?? .data
      guard cursor.enter(BER.explicit0), let value = cursor.next() else {
        return .final(type == .compressed ? .compressed(nil) : .certificatesOnly)
      }
      let content = cursor.ber.octets(value, limits: limits)
      return type == .compressed ? .compressed(content, inner) : .signed(content, inner)
    }
  }

  /// The bytes that hold a ContentInfo, and where in them it starts.
  private static func located(_ bytes: [UInt8], limits: Limits) -> (bytes: [UInt8], offset: Int)? {
    func search(_ bytes: [UInt8]) -> Int? {
      let layer = Layer(bytes: bytes, limits: limits)
      return (0..<min(bytes.count, FixedLimit.sniffedBytes)).first {
        bytes[$0] == BER.sequence && layer.isContentInfo(at: $0)
      }
    }
    if bytes.first == BER.sequence, let offset = search(bytes) { return (bytes, offset) }
    if let text = encodedText(bytes) {
      let decoded = Transfer.base64(text)
      if let offset = search(decoded) { return (decoded, offset) }
    }
    return search(bytes).map { (bytes, $0) }
  }

  /// The base64 between PEM's encapsulation boundaries, or all of the bytes when they look like base64.
  private static func encodedText(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let range: Range<Int>? = bytes.withUnsafeBytes { raw in
      let lines = LineSearch.scanner(raw)
      guard let opening = LineSearch.nextLine(startingWith: "-----BEGIN ", in: lines, from: 0) else {
        return nil
      }
      let start = lines.line(at: opening).next
      let end = LineSearch.nextLine(startingWith: "-----END ", in: lines, from: start) ?? raw.count
      return start..<max(start, end)
    }
    if let range { return bytes[range] }
    // SEQUENCE with a length in the long or indefinite form encodes as "MI", "MH" or "MC".
    let head = trimmed(bytes, 0..<min(bytes.count, 128))
    let isText = bytes[head].allSatisfy {
      $0.isLetter || $0.isDigit || $0.isSpace || $0 == 0x2B || $0 == ASCII.slash || $0 == ASCII.equal
    }
    return isText && head.count >= 16 && bytes[head.lowerBound] == 0x4D ? bytes[head.lowerBound...] : nil
  }
}
