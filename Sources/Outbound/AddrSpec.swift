// Addresses that mail goes out to: an allow-list, because what else a parser may make of an address is how recipients
// and header lines are smuggled in.

/// An address of plain form: `dot-atom@domain` (RFC 5322 §3.4.1), ASCII, no quoting, no comments, no address literal.
public struct AddrSpec: Hashable, Sendable, CustomStringConvertible {
  public let text: String
  private let at: Int

  /// Nil for anything but the plain form; a quoted local part is refused even where it is well-formed.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= OutboundLimits.address, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
      return nil
    }
    let local = bytes[..<at]
    let domain = bytes[(at + 1)...]
    guard local.count <= OutboundLimits.localPart, domain.count <= OutboundLimits.domain,
      Self.isDotAtom(local), Self.isDomain(domain)
    else { return nil }
    self.text = text
    self.at = at
  }

  /// In lower case, for comparing.
  public var domain: String { lowered(text.utf8.dropFirst(at + 1)) }
  /// In lower case, for comparing.
  public var localPart: String { lowered(text.utf8.prefix(at)) }
  public var description: String { text }

  /// dot-atom-text = 1*atext *("." 1*atext)
  private static func isDotAtom(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
      !atom.isEmpty && atom.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
    }
  }

  /// sub-domain *("." sub-domain) with at least two labels (RFC 5321 §4.1.2): mail from a bare host has no way back.
  private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.count >= 2
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
          && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }
}

/// Lower case for ASCII letters only.
func lowered(_ bytes: some Sequence<UInt8>) -> String {
  String(decoding: bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
}

/// Text that can stand in a line of a template or a header.
enum PlainText {
  /// Without control characters, direction overrides and line ends, which become blanks.
  static func line(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isControl(scalar) ? " " : scalar) }
    return String(scalars)
  }

  /// Lines that end in LF, without other control characters than tabs.
  static func lines(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var previous: UInt32 = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0D: bytes.append(0x0A)
      case 0x0A: if previous != 0x0D { bytes.append(0x0A) }
      case 0x09: bytes.append(0x09)
      default: if !isControl(scalar) { bytes += Array(String(scalar).utf8) }
      }
      previous = scalar.value
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
