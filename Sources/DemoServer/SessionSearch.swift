// SEARCH and UID SEARCH (RFC 3501 §6.4.4), with RETURN (RFC 4731).

/// A condition on a message.
indirect enum SearchKey {
  case all
  case never
  case uids(Set<UInt32>)
  case flag(String)
  /// Days since 1970 of INTERNALDATE.
  case before(Int64)
  case on(Int64)
  case since(Int64)
  case larger(Int)
  case smaller(Int)
  case modSeq(UInt64)
  /// A header's name and a piece of its value; any header with an empty piece.
  case header([UInt8], [UInt8])
  case body([UInt8])
  case text([UInt8])
  case not(SearchKey)
  case either(SearchKey, SearchKey)
  case both([SearchKey])

  func matches(_ message: StoredMessage) -> Bool {
    switch self {
    case .all: true
    case .never: false
    case .uids(let uids): uids.contains(message.uid)
    case .flag(let flag): message.has(flag)
    case .before(let day): InternalDate.day(message.internalDate) < day
    case .on(let day): InternalDate.day(message.internalDate) == day
    case .since(let day): InternalDate.day(message.internalDate) >= day
    case .larger(let count): message.bytes.count > count
    case .smaller(let count): message.bytes.count < count
    case .modSeq(let value): message.modSeq >= value
    case .header(let name, let piece):
      message.header.split(separator: ASCII.lf).contains { line in
        let found = line.prefix { $0 != UInt8(ascii: ":") }
        return ASCII.equal(found, name) && ASCII.contains(line[found.endIndex...].dropFirst(), piece)
      }
    case .body(let piece): ASCII.contains(message.text, piece)
    case .text(let piece): ASCII.contains(message.bytes[...], piece)
    case .not(let key): !key.matches(message)
    case .either(let a, let b): a.matches(message) || b.matches(message)
    case .both(let keys): keys.allSatisfy { $0.matches(message) }
    }
  }
}

extension Session {
  func search(byUID: Bool, _ open: Selection, _ parser: inout CommandParser) throws {
    try parser.space()
    var returns: [String]?
    var reader = SearchReader(uids: { [self] set, byUID in Set(uids(set, byUID: byUID, open)) })
    var word = reader.peekWord(parser)
    if word == "RETURN", options.esearch {
      _ = try parser.atom()
      try parser.space()
      let wanted = try parser.flagList().map(ASCII.upper)
      guard wanted.allSatisfy({ ["ALL", "COUNT", "MIN", "MAX"].contains($0) }) else {
        throw Malformed("unknown RETURN option")
      }
      returns = wanted.isEmpty ? ["ALL"] : wanted
      try parser.space()
      word = reader.peekWord(parser)
    }
    if word == "CHARSET" {
      _ = try parser.atom()
      try parser.space()
      let charset = try parser.astring()
      guard ["US-ASCII", "UTF-8"].contains(where: { ASCII.equal($0.utf8, charset) }) else {
        return try no("[BADCHARSET (US-ASCII UTF-8)] Unknown charset")
      }
      try parser.space()
    }
    let key = try reader.keys(&parser, until: nil, depth: 0)
    try parser.end()
    if try isThrottled() { return }

    var found: [UInt32] = core.withFolder(open.name) { $0.messages }?.filter(key.matches).map(\.uid) ?? []
    // What the client has not been told of yet has no sequence number.
    found.removeAll { sequenceNumber($0) == nil }
    if core.strikes(.searchOmits) {
      found = found.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    let numbers =
      byUID ? found : found.compactMap { sequenceNumber($0).map { UInt32(truncatingIfNeeded: $0) } }
    // RFC 7162 §3.1.5: an answer to a MODSEQ search names the highest mod-sequence found.
    var modSeq: UInt64?
    if reader.asksModSeq, !found.isEmpty {
      let matched = Set(found)
      modSeq =
        core.withFolder(open.name) { folder in
          folder.messages.lazy.filter { matched.contains($0.uid) }.map(\.modSeq).max()
        } ?? nil
    }
    if let returns {
      let highest = modSeq.map { " MODSEQ \($0)" } ?? ""
      let prefix = "* ESEARCH (TAG \"\(tag)\")\(byUID ? " UID" : "")"
      try wire.line(prefix + Self.returned(numbers, returns) + highest)
    } else {
      let highest = modSeq.map { " (MODSEQ \($0))" } ?? ""
      try wire.line((["* SEARCH"] + numbers.map(String.init)).joined(separator: " ") + highest)
    }
    if byUID { try announceChanges() }
    try ok("SEARCH completed")
  }

  private static func returned(_ numbers: [UInt32], _ wanted: [String]) -> String {
    var result = ""
    if wanted.contains("MIN"), let first = numbers.first { result += " MIN \(first)" }
    if wanted.contains("MAX"), let last = numbers.last { result += " MAX \(last)" }
    if wanted.contains("COUNT") { result += " COUNT \(numbers.count)" }
    if wanted.contains("ALL"), !numbers.isEmpty { result += " ALL \(SequenceSet.text(numbers))" }
    return result
  }
}

/// Reads search keys; counts them, so that one command cannot ask without end.
private struct SearchReader {
  /// Turns a set, by UID or by sequence number, into UIDs.
  let uids: (SequenceSet, _ byUID: Bool) -> Set<UInt32>
  private var count = 0
  private(set) var asksModSeq = false

  init(uids: @escaping (SequenceSet, _ byUID: Bool) -> Set<UInt32>) { self.uids = uids }

  func peekWord(_ parser: CommandParser) -> String? {
    var copy = parser
    return (try? copy.atom()).map(ASCII.upper)
  }

  /// search-key *(SP search-key)
  mutating func keys(
    _ parser: inout CommandParser, until end: UInt8?, depth: Int
  ) throws(Malformed) -> SearchKey {
    var keys = [try key(&parser, depth)]
    while !parser.isAtEnd, parser.next != end {
      try parser.space()
      keys.append(try key(&parser, depth))
    }
    return .both(keys)
  }

  private mutating func key(_ parser: inout CommandParser, _ depth: Int) throws(Malformed) -> SearchKey {
    count += 1
    guard depth < Limits.depth, count <= Limits.searchKeys else { throw Malformed("search too large") }
    let close = UInt8(ascii: ")")
    if parser.skip(UInt8(ascii: "(")) {
      let result = try keys(&parser, until: close, depth: depth + 1)
      try parser.expect(close)
      return result
    }
    let word = try keyword(&parser)
    if let flag = Self.flags[word] { return .flag(flag) }
    if word.utf8.starts(with: "UN".utf8), let flag = Self.flags[String(word.dropFirst(2))] {
      return .not(.flag(flag))
    }
    switch word {
    case "ALL", "OLD": return .all
    case "NEW", "RECENT": return .never
    case "KEYWORD", "UNKEYWORD":
      try parser.space()
      let flag = SearchKey.flag(try keyword(&parser))
      return word == "KEYWORD" ? flag : .not(flag)
    case "UID":
      try parser.space()
      return .uids(uids(try set(&parser), true))
    case "BEFORE": return .before(try day(&parser))
    case "ON": return .on(try day(&parser))
    case "SINCE": return .since(try day(&parser))
    case "LARGER", "SMALLER", "MODSEQ":
      try parser.space()
      let number = try parser.number()
      if word == "MODSEQ" { asksModSeq = true }
      return word == "LARGER"
        ? .larger(number) : word == "SMALLER" ? .smaller(number) : .modSeq(UInt64(number))
    case "HEADER":
      let name = try text(&parser)
      return .header(name, try text(&parser))
    case "SUBJECT", "FROM", "TO", "CC", "BCC": return .header(Array(word.utf8), try text(&parser))
    case "BODY": return .body(try text(&parser))
    case "TEXT": return .text(try text(&parser))
    case "NOT":
      try parser.space()
      return .not(try key(&parser, depth + 1))
    case "OR":
      try parser.space()
      let first = try key(&parser, depth + 1)
      try parser.space()
      return .either(first, try key(&parser, depth + 1))
    default:
      guard let set = SequenceSet(word.utf8) else { throw Malformed("unknown search key") }
      return .uids(uids(set, false))
    }
  }

  private static let flags = [
    "SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
  ]

  /// An atom up to a parenthesis, in capitals: flags compare without case.
  private func keyword(_ parser: inout CommandParser) throws(Malformed) -> String {
    ASCII.upper(try parser.atom())
  }

  private func set(_ parser: inout CommandParser) throws(Malformed) -> SequenceSet {
    try parser.sequenceSet()
  }

  private func text(_ parser: inout CommandParser) throws(Malformed) -> [UInt8] {
    try parser.space()
    let text = try parser.astring()
    guard text.count <= Limits.mailboxName else { throw Malformed("search text too long") }
    return text
  }

  private func day(_ parser: inout CommandParser) throws(Malformed) -> Int64 {
    try parser.space()
    guard let day = InternalDate.parseDay(try parser.astring()) else { throw Malformed("this is no date") }
    return day
  }
}
