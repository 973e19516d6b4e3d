// Address lists (RFC 5322 §3.4) read leniently: names, angle brackets, groups, comments, encoded words.

/// A mailbox that a header field names.
public struct Address: Sendable, Hashable, Codable {
  /// The name shown beside the address; nil when there is none.
  public let displayName: String?
  /// What stands before the "@"; the whole text when there is no "@".
  public let localPart: String
  /// What stands after the "@", in lower case; empty when there is no "@".
  public let domain: String

  /// The address itself, as "local@domain" with the domain in lower case.
  public var mailbox: String { domain.isEmpty ? localPart : localPart + "@" + domain }

  /// Makes an address of its halves.
  public init(displayName: String?, localPart: String, domain: String) {
    self.displayName = displayName
    self.localPart = localPart
    self.domain = loweredASCII(domain)
  }

  /// Reads an address list written in text, groups flattened.
  public static func parseList(_ text: String, limit: Int = Limits.standard.addresses) -> [Address] {
    AddressParser.parse(Array(text.utf8), limit: limit)
  }
}

enum AddressParser {
  private struct Collector {
    var phrase: [UInt8] = []
    var angle: [UInt8]?
    var comment: [UInt8] = []
    /// Where "@" occurred in the phrase outside quotes.
    var hasAt = false
    var quotedLocal = false

    var isEmpty: Bool { angle == nil && phrase.allSatisfy(\.isSpace) && comment.isEmpty }
  }

  /// address-list = address *("," address); address = mailbox / group (RFC 5322 §3.4). One pass, no recursion: the
  /// 100,000 open comments of an attack are a counter here.
  static func parse(_ bytes: [UInt8], limit: Int) -> [Address] {
    var out: [Address] = []
    var item = Collector()
    var index = 0
    while index < bytes.count, out.count < limit {
      let byte = bytes[index]
      switch byte {
      case ASCII.quote:
        if !item.phrase.isEmpty, let last = item.phrase.last, !last.isSpace, last != ASCII.dot {
          item.phrase.append(ASCII.space)
        }
        let start = item.phrase.count
        index = quoted(bytes, index + 1, into: &item.phrase)
        if index < bytes.count, bytes[index] == ASCII.at {
          // A quoted local part keeps its quotes (RFC 5321 §4.1.2).
          item.phrase.insert(ASCII.quote, at: start)
          item.phrase.append(ASCII.quote)
        }
        continue
      case ASCII.open:
        index = comment(bytes, index, into: &item.comment)
        continue
      case ASCII.less:
        var inner: [UInt8] = []
        index += 1
        while index < bytes.count, bytes[index] != ASCII.greater {
          if bytes[index] == ASCII.less {
            inner.removeAll(keepingCapacity: true)
          } else {
            inner.append(bytes[index])
          }
          if bytes[index] == ASCII.quote {
            inner.removeLast()
            inner.append(ASCII.quote)
            index = quoted(bytes, index + 1, into: &inner)
            inner.append(ASCII.quote)
            continue
          }
          index += 1
        }
        if item.angle == nil || item.angle?.isEmpty == true { item.angle = inner }
      case ASCII.comma, ASCII.semicolon:
        finish(&item, &out)
      case ASCII.colon where item.angle == nil && !item.hasAt:
        // The name of a group; its members follow.
        item = Collector()
      default:
        if byte == ASCII.at { item.hasAt = true }
        item.phrase.append(byte)
      }
      index += 1
    }
    if out.count < limit { finish(&item, &out) }
    return out
  }

  private static func quoted(_ bytes: [UInt8], _ start: Int, into out: inout [UInt8]) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != ASCII.quote {
      if bytes[index] == ASCII.backslash, index + 1 < bytes.count { index += 1 }
      out.append(bytes[index])
      index += 1
    }
    return index + 1
  }

  private static func comment(_ bytes: [UInt8], _ start: Int, into out: inout [UInt8]) -> Int {
    var depth = 0
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.open {
        depth += 1
      } else if byte == ASCII.close {
        depth -= 1
        if depth == 0 { return index + 1 }
      } else {
        if byte == ASCII.backslash, index + 1 < bytes.count { index += 1 }
        out.append(bytes[index])
      }
      index += 1
    }
    return index
  }

  private static func finish(_ item: inout Collector, _ out: inout [Address]) {
    defer { item = Collector() }
    guard !item.isEmpty else { return }
    let phrase = trimmed(item.phrase)
    if let angle = item.angle {
      let name = trimmedText(decodeHeaderText(phrase))
      guard !trimmed(angle).isEmpty || !name.isEmpty else { return }
      if trimmed(angle).isEmpty, item.hasAt {
        out.append(address(phrase, name: nil))
      } else {
        out.append(address(trimmed(angle), name: name.isEmpty ? nil : name))
      }
      return
    }
    guard !phrase.isEmpty else { return }
    let text = decodeHeaderText(phrase)
    if !item.hasAt, let open = text.utf8.lastIndex(of: ASCII.less),
      let close = text.utf8[open...].firstIndex(of: ASCII.greater)
    {
      // The whole address was written as an encoded word.
      let inner = Array(text.utf8[text.utf8.index(after: open)..<close])
      let name = trimmedText(String(decoding: Array(text.utf8[..<open]), as: UTF8.self))
      out.append(address(inner, name: name.isEmpty ? nil : name))
      return
    }
    let name = trimmedText(decodeHeaderText(item.comment))
    if !item.hasAt {
      // A name without an address is worth showing; an encoded bare address is one.
      out.append(
        text.utf8.contains(ASCII.at)
          ? address(Array(text.utf8), name: nil)
          : Address(displayName: text, localPart: "", domain: ""))
      return
    }
    // "Jane Doe jane@example.com": the address is the word with the "@".
    if phrase.contains(where: \.isBlank), !phrase.contains(ASCII.quote) {
      let words = phrase.split(whereSeparator: \.isBlank)
      if let word = words.last(where: { $0.contains(ASCII.at) && $0.count > 2 }) {
        let rest = words.filter { $0 != word }.joined(separator: [ASCII.space])
        let joined = words.contains { $0 == [ASCII.at] }
        if !joined {
          let shown = trimmedText(decodeHeaderText(Array(rest)))
          out.append(address(Array(word), name: shown.isEmpty ? (name.isEmpty ? nil : name) : shown))
          return
        }
      }
    }
    out.append(address(phrase, name: name.isEmpty ? nil : name))
  }

  /// addr-spec = local-part "@" domain, a source route dropped (RFC 5322 §4.4).
  private static func address(_ bytes: [UInt8], name: String?) -> Address {
    var spec = bytes[...]
    if spec.first == ASCII.at, let colon = spec.firstIndex(of: ASCII.colon) { spec = spec[(colon + 1)...] }
    if hasPrefix("mailto:", in: bytes, at: 0, limit: bytes.count) { spec = bytes[7...] }
    var text = spec.filter { $0 != ASCII.cr && $0 != ASCII.lf && $0 != 0 }
    if !text.contains(ASCII.quote) { text.removeAll(where: \.isBlank) }
    if Charset.isASCII(text), hasEncodedMark(text) { text = Array(decodeHeaderText(text).utf8) }
    guard let at = text.lastIndex(of: ASCII.at) else {
      return Address(displayName: name, localPart: Charset.unlabelled(text), domain: "")
    }
    var domain = text[(at + 1)...]
    while let last = domain.last, last == ASCII.dot || last == ASCII.greater { domain = domain.dropLast() }
    return Address(
      displayName: name, localPart: Charset.unlabelled(Array(text[..<at])),
      domain: Charset.unlabelled(Array(domain)))
  }

  private static func hasEncodedMark(_ bytes: [UInt8]) -> Bool {
    bytes.count > 6 && bytes[0] == ASCII.equal && bytes[1] == ASCII.question
  }
}
