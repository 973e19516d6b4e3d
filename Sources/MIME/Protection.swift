// Signed and encrypted content, named as such; nothing is verified or decrypted here.

/// A signature or encryption that a part carries.
public struct Protection: Sendable, Hashable, Codable {
  /// The kinds of protection.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// multipart/signed with a CMS signature (RFC 8551 §3.5.3) or a PGP one (RFC 3156 §5).
    case smimeSigned, pgpSigned
    /// application/pkcs7-mime whose content is readable without a key (RFC 8551 §3.5.2).
    case smimeOpaqueSigned
    /// Content that only the holder of a key can read (RFC 8551 §3.3, RFC 3156 §4).
    case smimeEncrypted, pgpEncrypted
    /// ASCII armour inside a text part (RFC 9580 §6).
    case pgpInline
  }

  /// The kind of protection.
  public let kind: Kind
  /// Index of the part it covers.
  public let part: Int
}

extension Message {
  /// The signatures and encryptions in the message, in the order of the parts.
  public var protections: [Protection] {
    var out: [Protection] = []
    for index in parts.indices {
      let type = parts[index].contentType
      switch (type.type, type.subtype) {
      case ("multipart", "signed"):
        let protocolName = type.parameters["protocol"].map(loweredASCII) ?? ""
        out.append(
          Protection(kind: protocolName.hasPrefix("application/pgp") ? .pgpSigned : .smimeSigned, part: index)
        )
      case ("multipart", "encrypted"):
        out.append(Protection(kind: .pgpEncrypted, part: index))
      case ("application", "pkcs7-mime"), ("application", "x-pkcs7-mime"):
        out.append(
          Protection(
            kind: signedContent(of: index) != nil ? .smimeOpaqueSigned : .smimeEncrypted, part: index))
      case ("text", "plain"):
        if hasLine(startingWith: "-----begin pgp ", in: rendering(of: index, collectingLinks: false).text) {
          out.append(Protection(kind: .pgpInline, part: index))
        }
      default: break
      }
    }
    return out
  }

  /// Whether a part can only be read with a key.
  public var hasEncryptedContent: Bool {
    parts.indices.contains { index in
      let type = parts[index].contentType
      switch (type.type, type.subtype) {
      case ("multipart", "encrypted"), ("application", "pgp-encrypted"): return true
      case ("application", "pkcs7-mime"), ("application", "x-pkcs7-mime"):
        return signedContent(of: index) == nil
      default: return false
      }
    }
  }
}
