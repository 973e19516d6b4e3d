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

/// address-list = address *("," address); address = mailbox / group (RFC 5322 §3.4), with §4.4's obsolete forms and what
/// clients make of it. One pass, no recursion: the 100,000 open comments of an attack are a counter here.
enum AddressParser {
  /// A lexical token of one address (RFC 5322 §3.2).
  private enum Token {
    /// Where an atom stands in the field.
    case atom(Range<Int>)
    /// The content of a quoted string, its escapes undone.
    case quoted([UInt8])
    /// Where a domain literal stands, with its brackets.
    case literal(Range<Int>)
    case at, dot, blank
  }

  /// What stands between two commas.
  private struct Item {
    var phrase: [Token] = []
    var angle: [Token]?
    /// Whether the angle brackets held a group, which names nobody.
    var angleIsGroup = false
    var comment: [UInt8] = []

    /// Whether there is an "@" outside quotes and brackets.
    var hasAt = false
    var isBlank: Bool {
      angle == nil && comment.isEmpty && phrase.allSatisfy { if case .blank = $0 { true } else { false } }
    }
  }

  static func parse(_ bytes: [UInt8], limit: Int) -> [Address] {
    var reader = Reader(bytes: bytes)
    var out: [Address] = []
    // "Doe, Jane <jane@x>": a comma that should have been quoted. The words wait for the address they belong to.
    var surname: [UInt8]?
    while out.count < limit, let item = reader.item() {
      guard !item.isBlank else { continue }
      if item.angle == nil, !item.hasAt, surname == nil, item.comment.isEmpty {
        surname = text(item.phrase, bytes)
        continue
      }
      var found = addresses(item, bytes, surname: item.angle == nil ? nil : surname)
      if item.angle == nil || found.isEmpty, let words = surname {
        found.insert(contentsOf: bare(words), at: 0)
      }
      surname = nil
      out.append(contentsOf: found.prefix(limit - out.count))
    }
    if let words = surname, out.count < limit {
      out.append(contentsOf: bare(words).prefix(limit - out.count))
    }
    return out
  }

  // MARK: Reading

  private struct Reader {
    let bytes: [UInt8]
    var index = 0

    /// Whether any angle bracket closes after a place: looked for once, so that unclosed ones stay linear.
    private lazy var lastClose = bytes.lastIndex(of: ASCII.greater) ?? -1

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The tokens up to the next comma or semicolon outside quotes, comments and brackets; nil at the end.
    mutating func item() -> Item? {
      guard index < bytes.count else { return nil }
      var item = Item()
      while index < bytes.count {
        switch bytes[index] {
        case ASCII.comma, ASCII.semicolon:
          index += 1
          return item
        case ASCII.colon where item.angle == nil && !item.hasAt:
          // The name of a group; its members follow. "mailto:" goes the same way.
          item = Item()
          index += 1
        case ASCII.less:
          index += 1
          let (tokens, isGroup) = angle()
          // "<<jane@x>>" and "Jane <> <jane@x>": the first that holds anything.
          if item.angle?.isEmpty ?? true {
            item.angle = tokens
            item.angleIsGroup = isGroup
          }
        case ASCII.greater: index += 1
        default:
          token(into: &item.phrase, &item.comment)
          switch item.phrase.last {
          case .at?: item.hasAt = true
          // "[mailto:jane@x]"
          case .literal(let inner)? where bytes[inner].contains(ASCII.at): item.hasAt = true
          default: break
          }
        }
      }
      return item
    }

    /// What stands in angle brackets, a source route left out (RFC 5322 §4.4 obs-angle-addr).
    private mutating func angle() -> (tokens: [Token], isGroup: Bool) {
      var tokens: [Token] = []
      var comment: [UInt8] = []
      let isClosed = lastClose >= index
      var sawColon = false
      while index < bytes.count {
        switch bytes[index] {
        case ASCII.greater:
          index += 1
          return (tokens, false)
        case ASCII.less:
          tokens.removeAll()
          index += 1
        case ASCII.colon:
          tokens.removeAll()
          sawColon = true
          index += 1
        case ASCII.semicolon where sawColon:
          // "<Undisclosed:;@x>": a group where an address should be.
          while index < bytes.count, bytes[index] != ASCII.greater, bytes[index] != ASCII.comma { index += 1 }
          if index < bytes.count, bytes[index] == ASCII.greater { index += 1 }
          return ([], true)
        case ASCII.comma, ASCII.semicolon:
          // Inside a route a comma belongs to it; elsewhere the bracket was not closed.
          if case .at? = tokens.first, isClosed {
            index += 1
          } else {
            return (tokens, false)
          }
        default: token(into: &tokens, &comment)
        }
      }
      return (tokens, false)
    }

    private mutating func token(into tokens: inout [Token], _ comment: inout [UInt8]) {
      let byte = bytes[index]
      switch byte {
      case ASCII.quote:
        tokens.append(.quoted(quoted()))
      case ASCII.open:
        skipComment(into: &comment)
      case ASCII.at:
        tokens.append(.at)
        index += 1
      case ASCII.dot:
        tokens.append(.dot)
        index += 1
      case ASCII.bracket:
        let start = index
        while index < bytes.count, bytes[index] != 0x5D, bytes[index] != ASCII.comma { index += 1 }
        if index < bytes.count, bytes[index] == 0x5D { index += 1 }
        tokens.append(.literal(start..<index))
      case _ where byte.isSpace || byte == 0:
        while index < bytes.count, bytes[index].isSpace || bytes[index] == 0 { index += 1 }
        tokens.append(.blank)
      default:
        let start = index
        while index < bytes.count, !Reader.endsAtom(bytes[index]) { index += 1 }
        // A byte that ends atoms and begins nothing, such as a lone ")", counts as one.
        if index == start { index += 1 }
        tokens.append(.atom(start..<index))
      }
    }

    private static func endsAtom(_ byte: UInt8) -> Bool {
      byte <= ASCII.space
        || [
          ASCII.quote, ASCII.open, ASCII.close, ASCII.comma, ASCII.dot, ASCII.colon, ASCII.semicolon,
          ASCII.less,
          ASCII.greater, ASCII.at, ASCII.bracket,
        ].contains(byte)
    }

    private mutating func quoted() -> [UInt8] {
      var out: [UInt8] = []
      index += 1
      while index < bytes.count, bytes[index] != ASCII.quote {
        if bytes[index] == ASCII.backslash, index + 1 < bytes.count { index += 1 }
        if bytes[index] != 0 { out.append(bytes[index]) }
        index += 1
      }
      index += 1
      return out
    }

    private mutating func skipComment(into out: inout [UInt8]) {
      var depth = 0
      while index < bytes.count {
        let byte = bytes[index]
        if byte == ASCII.open {
          depth += 1
        } else if byte == ASCII.close {
          depth -= 1
          if depth == 0 {
            index += 1
            return
          }
        } else {
          if byte == ASCII.backslash, index + 1 < bytes.count { index += 1 }
          out.append(bytes[index])
        }
        index += 1
      }
    }
  }

  // MARK: Meaning

  private static func addresses(_ item: Item, _ bytes: [UInt8], surname: [UInt8]?) -> [Address] {
    let comment = trimmedText(decodeHeaderText(trimmed(item.comment)))
    guard let angle = item.angle, !item.angleIsGroup else {
      if item.angleIsGroup { return bare(text(item.phrase, bytes)) }
      return unbracketed(item.phrase, bytes, comment: comment)
    }
    var name = trimmedText(decodeHeaderText(text(item.phrase, bytes)))
    if let surname {
      let first = trimmedText(decodeHeaderText(surname))
      name = name.isEmpty ? first : first + ", " + name
    }
    if name.isEmpty { name = comment }
    if let address = addrSpec(angle, bytes, name: name) { return [address] }
    // "jane@x <>"
    if item.hasAt { return unbracketed(item.phrase, bytes, comment: comment) }
    let inner = text(angle, bytes)
    if inner.isEmpty { return name.isEmpty ? [] : [Address(displayName: name, localPart: "", domain: "")] }
    let local = trimmedText(decodeHeaderText(inner))
    return [Address(displayName: name.isEmpty ? nil : name, localPart: local, domain: "")]
  }

  /// Words without an address: worth showing as a name. An encoded word may hide a whole address.
  private static func bare(_ words: [UInt8]) -> [Address] {
    let words = trimmed(words)
    guard !words.isEmpty else { return [] }
    let shown = trimmedText(decodeHeaderText(words))
    let decoded = Array(shown.utf8)
    if decoded != words, decoded.contains(ASCII.at) {
      var reader = Reader(bytes: decoded)
      if let item = reader.item(), item.angle != nil || item.hasAt {
        if let angle = item.angle {
          return addrSpec(
            angle, decoded, name: trimmedText(String(decoding: text(item.phrase, decoded), as: UTF8.self))
          ).map {
            [$0]
          } ?? []
        }
        return unbracketed(item.phrase, decoded, comment: "")
      }
    }
    return shown.isEmpty ? [] : [Address(displayName: shown, localPart: "", domain: "")]
  }

  /// "jane@x", "Jane Doe jane@x", "jane@x (Jane)", "jane@x joe@y", "Jane [mailto:jane@x]".
  private static func unbracketed(_ tokens: [Token], _ bytes: [UInt8], comment: String) -> [Address] {
    // Runs of tokens that belong together: blanks part them, but not beside "@" or "." (RFC 5322 §4.4).
    var runs: [[Token]] = [[]]
    for (index, token) in tokens.enumerated() {
      guard case .blank = token else {
        runs[runs.count - 1].append(token)
        continue
      }
      if joins(runs[runs.count - 1].last) || index + 1 < tokens.count && joins(tokens[index + 1]) { continue }
      runs.append([])
    }
    var names: [UInt8] = []
    var specs: [[Token]] = []
    var hidden: [[UInt8]] = []
    for run in runs where !run.isEmpty {
      if run.contains(where: { if case .at = $0 { true } else { false } }) {
        specs.append(run)
      } else if run.count == 1, case .literal(let inner) = run[0], bytes[inner].contains(ASCII.at) {
        // The brackets end the address, "mailto:" is dropped as a group's name would be.
        hidden.append(Array(bytes[inner].dropFirst().dropLast()))
      } else {
        if !names.isEmpty { names.append(ASCII.space) }
        names.append(contentsOf: text(run, bytes))
      }
    }
    if specs.isEmpty, hidden.isEmpty { return bare(names) }
    let words = trimmedText(decodeHeaderText(names))
    let name = specs.count + hidden.count > 1 ? "" : words.isEmpty ? comment : words
    return specs.compactMap { addrSpec($0, bytes, name: name) }
      + hidden.compactMap { inner in
        var reader = Reader(bytes: inner)
        return reader.item().flatMap { addrSpec($0.phrase, inner, name: name) }
      }
  }

  private static func joins(_ token: Token?) -> Bool {
    switch token {
    case .at, .dot: true
    default: false
    }
  }

  /// addr-spec = local-part "@" domain (RFC 5322 §3.4.1); nil without an "@". The last "@" counts.
  private static func addrSpec(_ tokens: [Token], _ bytes: [UInt8], name: String) -> Address? {
    // Leading ones are of a source route whose colon was forgotten.
    let tokens = Array(tokens.drop { if case .at = $0 { true } else { false } })
    guard let at = tokens.lastIndex(where: { if case .at = $0 { true } else { false } }) else { return nil }
    var local: [UInt8] = []
    for token in tokens[..<at] {
      switch token {
      case .atom(let range):
        let atom = Array(bytes[range])
        let decoded = EncodedWords.isWord(atom) ? Array(decodeHeaderText(atom).utf8) : atom
        // Decoded, it may hold what must be quoted (RFC 5322 §3.4.1).
        local.append(contentsOf: decoded.contains(where: needsQuotes) ? quotedString(decoded) : decoded)
      case .quoted(let inner): local.append(contentsOf: quotedString(inner))
      case .literal(let range): local.append(contentsOf: bytes[range])
      case .dot: local.append(ASCII.dot)
      case .at: local.append(ASCII.at)
      case .blank: break
      }
    }
    var domain: [UInt8] = []
    for token in tokens[(at + 1)...] {
      switch token {
      case .atom(let range):
        let atom = Array(bytes[range])
        domain.append(contentsOf: EncodedWords.isWord(atom) ? Array(decodeHeaderText(atom).utf8) : atom)
      case .quoted(let inner): domain.append(contentsOf: inner.filter { !$0.isSpace })
      case .literal(let range): domain.append(contentsOf: bytes[range].filter { !$0.isSpace })
      case .dot: domain.append(ASCII.dot)
      case .at, .blank: break
      }
    }
    while let last = domain.last, last == ASCII.dot { domain.removeLast() }
    guard !local.isEmpty || !domain.isEmpty else { return nil }
    return Address(
      displayName: name.isEmpty ? nil : name, localPart: line(local), domain: line(domain))
  }

  private static func line(_ bytes: [UInt8]) -> String { EncodedWords.singleLine(Charset.unlabelled(bytes)) }

  private static func needsQuotes(_ byte: UInt8) -> Bool {
    byte == ASCII.at || byte == ASCII.quote || byte == ASCII.comma || byte == ASCII.less
      || byte == ASCII.greater
      || byte.isSpace
  }

  /// A quoted string with its escapes (RFC 5321 §4.1.2).
  private static func quotedString(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [ASCII.quote]
    for byte in bytes {
      if byte == ASCII.quote || byte == ASCII.backslash { out.append(ASCII.backslash) }
      out.append(byte)
    }
    out.append(ASCII.quote)
    return out
  }

  /// The tokens as they read, blanks made single.
  private static func text(_ tokens: [Token], _ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    for token in tokens {
      switch token {
      case .atom(let range), .literal(let range): out.append(contentsOf: bytes[range])
      case .quoted(let inner):
        if let last = out.last, !last.isSpace, last != ASCII.dot { out.append(ASCII.space) }
        out.append(contentsOf: inner)
      case .at: out.append(ASCII.at)
      case .dot: out.append(ASCII.dot)
      case .blank: if !out.isEmpty { out.append(ASCII.space) }
      }
    }
    return trimmed(out)
  }
}
