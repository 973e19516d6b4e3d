// Message identifiers: msg-id tokens in one normal form, so that they can be compared.

enum MessageIDs {
  /// msg-id = "<" id-left "@" id-right ">" (RFC 5322 §3.6.4): the inner texts in order, at most `limit`.
  ///
  /// Values without angle brackets are split at white space. Folding white space inside an identifier is removed.
  static func all(in bytes: [UInt8], limit: Int) -> [String] {
    var out: [String] = []
    var index = 0
    var open: Int?
    var sawBracket = false
    while index < bytes.count, out.count < limit {
      if bytes[index] == ASCII.less {
        open = index + 1
        sawBracket = true
      } else if bytes[index] == ASCII.greater, let start = open {
        append(bytes[start..<index], to: &out)
        open = nil
      }
      index += 1
    }
    if let start = open, out.count < limit { append(bytes[start...], to: &out) }
    if !sawBracket {
      for token in bytes.split(whereSeparator: { $0.isSpace || $0 == ASCII.comma }) where out.count < limit {
        append(token, to: &out)
      }
    }
    return out
  }

  static func first(in bytes: [UInt8]) -> String? { all(in: bytes, limit: 1).first }

  private static func append(_ token: ArraySlice<UInt8>, to out: inout [String]) {
    let inner = token.filter { $0 > ASCII.space && $0 != 0x7F }
    if !inner.isEmpty { out.append(Charset.unlabelled(inner)) }
  }
}
