// Names of IMAP folders, and how they travel: as a quoted string in modified UTF-7.

import Transport

/// The name of an IMAP folder, hierarchy separators included, as people write it.
public struct MailboxName: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// Where mail arrives; its name is the same in any case (RFC 9051 §5.1).
  public static let inbox = MailboxName(checked: "INBOX")

  /// Nil when empty, above 1,000 bytes, or with a control character in it.
  public init?(_ name: String) {
    guard !name.isEmpty, name.utf8.count <= Limits.mailboxName,
      name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    else { return nil }
    self.init(checked: ASCII.equal(Array(name.utf8), "INBOX") ? "INBOX" : name)
  }

  private init(checked: String) { description = checked }

  /// As a command carries it: a quoted string (RFC 9051 §9), the name in modified UTF-7.
  var wire: String {
    var quoted = "\""
    for character in modifiedUTF7.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }

  /// Printable ASCII as it is, `&` as `&-`, everything else as `&` + base64 of its UTF-16 + `-`, with `,` in
  /// place of `/` and without padding (RFC 3501 §5.1.3; RFC 9051 Appendix A.1). Servers without UTF8=ACCEPT
  /// want it, and nothing here enables that.
  var modifiedUTF7: String {
    var encoded = ""
    var shifted: [UInt8] = []
    func flush() {
      if shifted.isEmpty { return }
      encoded += "&" + Base64.modified(shifted) + "-"
      shifted.removeAll()
    }
    for scalar in description.unicodeScalars {
      if (0x20...0x7E).contains(scalar.value) {
        flush()
        encoded.unicodeScalars.append(scalar)
        if scalar == "&" { encoded += "-" }
      } else {
        for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] {
          shifted.append(UInt8(unit >> 8))
          shifted.append(UInt8(unit & 0xFF))
        }
      }
    }
    flush()
    return encoded
  }
}

/// The base64 of mailbox names.
private enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".unicodeScalars)

  static func modified(_ bytes: [UInt8]) -> String {
    var text = ""
    var bits: UInt32 = 0
    var held = 0
    for byte in bytes {
      bits = (bits << 8 | UInt32(byte)) & 0xFFFF
      held += 8
      while held >= 6 {
        held -= 6
        text.unicodeScalars.append(alphabet[Int(bits >> UInt32(held)) & 0x3F])
      }
    }
    if held > 0 { text.unicodeScalars.append(alphabet[Int(bits << UInt32(6 - held)) & 0x3F]) }
    return text
  }
}
