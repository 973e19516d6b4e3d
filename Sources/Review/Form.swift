// Form fields, from a body or a query (application/x-www-form-urlencoded).

/// Named values as a browser sends them; a name may come more than once.
struct Form: Sendable {
  private(set) var fields: [(name: String, value: String)] = []
  /// More than any page of ours sends.
  private static let most = 2000

  init(_ encoded: some StringProtocol) {
    for pair in encoded.split(separator: "&", maxSplits: Self.most) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      fields.append((Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : ""))
    }
  }

  init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

  /// The value, trimmed; nil where missing or blank.
  subscript(name: String) -> String? {
    guard let value = fields.first(where: { $0.name == name })?.value else { return nil }
    let trimmed = value.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// As a query, in the order given.
  var encoded: String {
    fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
  }

  func setting(_ name: String, _ value: String?) -> Form {
    var copy = fields.filter { $0.name != name }
    if let value { copy.append((name, value)) }
    return Form(copy)
  }

  private static func decoded(_ text: some StringProtocol) -> String {
    var out: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x25, index + 2 < bytes.count, let high = hex(bytes[index + 1]),
        let low = hex(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(byte == 0x2B ? 0x20 : byte)
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// Percent-encoded but for unreserved characters (RFC 3986 §2.3), which RFC 8187's `attr-char` all holds.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
      default: out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
