// Reads the pieces of one command as the client sent it, literals included (RFC 3501 §9).

/// What is wrong with a command, for the text of its BAD.
struct Malformed: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A place in a command's bytes; every method takes one piece and moves on.
struct CommandParser {
  let bytes: [UInt8]
  private(set) var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at >= bytes.count }
  var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func end() throws(Malformed) {
    guard isAtEnd else { throw Malformed("unexpected text after the arguments") }
  }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  mutating func expect(_ byte: UInt8) throws(Malformed) {
    guard skip(byte) else { throw Malformed("expected \(Character(Unicode.Scalar(byte)))") }
  }

  mutating func space() throws(Malformed) {
    guard skip(ASCII.space) else { throw Malformed("expected a space") }
  }

  /// tag = 1*<any ASTRING-CHAR except "+">
  mutating func tag() throws(Malformed) -> String {
    let start = at
    while let byte = next, byte > 0x20, byte < 0x7F, !Array("(){%*\"\\+".utf8).contains(byte) { at += 1 }
    guard at > start, at - start <= 64 else { throw Malformed("missing tag") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// atom, with `\`, `*`, `%` and `]` let through: flags, sets, list patterns and search keys are read by it
  /// too.
  mutating func atom() throws(Malformed) -> String {
    let start = at
    while let byte = next, byte > 0x20, byte < 0x7F, !Array("(){\"".utf8).contains(byte) { at += 1 }
    guard at > start else { throw Malformed("expected a word") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// A fetch attribute: an atom whose brackets may hold spaces and parentheses, `BODY[HEADER.FIELDS
  /// (TO)]<0.9>`.
  mutating func fetchAttribute() throws(Malformed) -> String {
    let start = at
    var isInside = false
    while let byte = next, byte >= 0x20, byte < 0x7F {
      if byte == UInt8(ascii: "[") { isInside = true }
      if byte == UInt8(ascii: "]") { isInside = false }
      if !isInside, Array(" ()".utf8).contains(byte) { break }
      at += 1
    }
    guard at > start, !isInside else { throw Malformed("expected a fetch attribute") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// number, at most 63 bits.
  mutating func number() throws(Malformed) -> Int {
    let start = at
    while let byte = next, ASCII.isDigit(byte) { at += 1 }
    guard let value = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else {
      throw Malformed("expected a number")
    }
    return value
  }

  /// astring = 1*ASTRING-CHAR / string
  mutating func astring() throws(Malformed) -> [UInt8] {
    if next == ASCII.quote || next == UInt8(ascii: "{") { return try string() }
    return Array(try atom().utf8)
  }

  /// string = quoted / literal
  mutating func string() throws(Malformed) -> [UInt8] {
    if skip(ASCII.quote) {
      var result: [UInt8] = []
      while let byte = next {
        at += 1
        if byte == ASCII.quote { return result }
        guard byte == ASCII.backslash else {
          result.append(byte)
          continue
        }
        guard let escaped = next, escaped == ASCII.quote || escaped == ASCII.backslash else {
          throw Malformed("wrong escape in a quoted string")
        }
        result.append(escaped)
        at += 1
      }
      throw Malformed("quoted string without end")
    }
    return Array(try literal())
  }

  /// literal = "{" number ["+"] "}" CRLF *CHAR8; the reader has put its bytes in place already.
  mutating func literal() throws(Malformed) -> ArraySlice<UInt8> {
    guard skip(UInt8(ascii: "{")) else { throw Malformed("expected a string") }
    let count = try number()
    _ = skip(UInt8(ascii: "+"))
    try expect(UInt8(ascii: "}"))
    guard skip(ASCII.cr), skip(ASCII.lf), count <= bytes.count - at else { throw Malformed("broken literal") }
    defer { at += count }
    return bytes[at..<at + count]
  }

  /// mailbox = "INBOX" / astring; INBOX without case.
  mutating func mailbox() throws(Malformed) -> String {
    let name = try astring()
    guard let text = String(validating: name, as: UTF8.self), !name.contains(0), !name.contains(ASCII.cr),
      !name.contains(ASCII.lf), name.count <= Limits.mailboxName
    else { throw Malformed("this is no mailbox name") }
    return MailFolder.canonical(text)
  }

  mutating func sequenceSet() throws(Malformed) -> SequenceSet {
    guard let set = SequenceSet(try atom().utf8) else { throw Malformed("this is no sequence set") }
    return set
  }

  /// flag-list = "(" [flag *(SP flag)] ")"
  mutating func flagList() throws(Malformed) -> [String] {
    try expect(UInt8(ascii: "("))
    var flags: [String] = []
    while !skip(UInt8(ascii: ")")) {
      if !flags.isEmpty { try space() }
      flags.append(try flag())
    }
    return flags
  }

  /// flag = "\Answered" / "\Flagged" / … / flag-keyword; `\Recent` is the server's alone (RFC 3501 §2.3.2).
  mutating func flag() throws(Malformed) -> String {
    let word = try atom()
    for known in MailFolder.systemFlags where ASCII.equal(known, word) { return known }
    guard !word.utf8.contains(where: { Array("\\*%]".utf8).contains($0) }) else {
      throw Malformed("this is no flag that can be set")
    }
    return word
  }
}
