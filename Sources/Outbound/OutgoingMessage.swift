// A message of ours as bytes: RFC 5322, ASCII only, every value checked where it is written.

import Deadlines

/// A value that must not go into a message: with it, somebody else could write our header.
public struct MessageRefusal: Error, Sendable, CustomStringConvertible {
  public let field: String
  public let what: String
  public var description: String { "\(field): \(what)" }
}

/// A letter ready to be sent.
public struct OutgoingMessage: Sendable {
  public var date: Instant
  /// Our name in `From`, any Unicode text of one line.
  public var fromName: String
  public var from: AddrSpec
  public var to: AddrSpec
  public var subject: String
  /// Without angle brackets.
  public var messageID: String
  /// The message that is answered; left out where it has none that can be repeated safely.
  public var inReplyTo: String?
  /// That message's own references, the oldest first.
  public var references: [String]
  public var body: String
  /// Whether it answers somebody (RFC 3834 §5: auto-replied) or comes of itself (auto-generated).
  public var isReply = true

  public init(
    date: Instant, fromName: String, from: AddrSpec, to: AddrSpec, subject: String, messageID: String,
    inReplyTo: String?, references: [String], body: String
  ) {
    self.date = date
    self.fromName = fromName
    self.from = from
    self.to = to
    self.subject = subject
    self.messageID = messageID
    self.inReplyTo = inReplyTo
    self.references = references
    self.body = body
  }

  /// The whole message, CRLF line ends, no line above 78 octets but for a Message-ID that is longer.
  ///
  /// - Throws: `MessageRefusal` for a CR, LF or NUL in any field, and for what is too long.
  public func rendered() throws(MessageRefusal) -> String {
    try Self.checkLine(fromName, "From")
    try Self.checkLine(subject, "Subject")
    guard Self.isMessageID(messageID) else {
      throw MessageRefusal(field: "Message-ID", what: "is no Message-ID that can be sent")
    }
    guard subject.utf8.count <= OutboundLimits.subject else {
      throw MessageRefusal(field: "Subject", what: "has more than \(OutboundLimits.subject) bytes")
    }
    guard body.utf8.count <= OutboundLimits.body else {
      throw MessageRefusal(field: "text", what: "has more than \(OutboundLimits.body) bytes")
    }
    guard !body.utf8.contains(0) else { throw MessageRefusal(field: "text", what: "has a NUL in it") }
    var head = "Date: \(Self.date(date))\r\n"
    head += "From: \(Self.phrase(fromName)) <\(from)>\r\n"
    // Answers go to the mailbox that intake watches.
    head += "Reply-To: <\(from)>\r\n"
    // No display name: it would be the sender's own words.
    head += "To: <\(to)>\r\n"
    head += Self.field("Subject", subject)
    head += "Message-ID: <\(messageID)>\r\n"
    if let inReplyTo, Self.isMessageID(inReplyTo) {
      head += "In-Reply-To: <\(inReplyTo)>\r\n"
      let thread = references.filter { Self.isMessageID($0) && $0 != inReplyTo }
      let ids = thread.suffix(OutboundLimits.references - 1) + [inReplyTo]
      head += "References: " + ids.map { "<\($0)>" }.joined(separator: "\r\n ") + "\r\n"
    }
    // RFC 3834 §5: what keeps two machines from answering each other for ever; Exchange has a word of its own.
    head +=
      "Auto-Submitted: \(isReply ? "auto-replied" : "auto-generated")\r\nX-Auto-Response-Suppress: All\r\n"
    head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    let lines = PlainText.lines(body).utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map(Array.init)
    let isPlain = lines.allSatisfy(Self.isPlainLine)
    head += "Content-Transfer-Encoding: \(isPlain ? "7bit" : "quoted-printable")\r\n\r\n"
    let encoded = isPlain ? lines : lines.map(Self.quotedPrintable)
    let text = encoded.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\r\n")
    return head + text + (text.hasSuffix("\r\n") ? "" : "\r\n")
  }

  private static func checkLine(_ text: String, _ field: String) throws(MessageRefusal) {
    // Every control character, though only three of them end a field: none belongs there.
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw MessageRefusal(field: field, what: "has a line end or another control character in it")
    }
  }

  /// Whether a Message-ID, ours or theirs, can be repeated: `left@right` of visible ASCII without angle brackets.
  static func isMessageID(_ text: String) -> Bool {
    let bytes = text.utf8
    return (3...OutboundLimits.messageID).contains(bytes.count) && bytes.contains(UInt8(ascii: "@"))
      && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
  }

  /// date-time (RFC 5322 §3.3), in UTC: `Mon, 23 Nov 2026 14:02:00 +0000`.
  static func date(_ instant: Instant) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day = instant.utcDate
    // `2026-11-23T14:02:00Z`
    let clock = String(decoding: Array(instant.description.utf8.dropFirst(11).prefix(8)), as: UTF8.self)
    return "\(day.weekdayName), \(day.day) \(months[day.month - 1]) \(day.year) \(clock) +0000"
  }

  /// phrase (RFC 5322 §3.2.5): a quoted string where it is ASCII, encoded words where it is not.
  private static func phrase(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }), text.utf8.count <= 60 {
      var quoted: [UInt8] = []
      for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
        quoted.append(byte)
      }
      return "\"" + String(decoding: quoted, as: UTF8.self) + "\""
    }
    return encodedWords(text).joined(separator: "\r\n ")
  }

  /// An unstructured field, folded (RFC 5322 §2.2.3).
  private static func field(_ name: String, _ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }), name.utf8.count + 2 + text.utf8.count <= OutboundLimits.line,
      !text.contains("=?")
    {
      return "\(name): \(text)\r\n"
    }
    return "\(name): " + encodedWords(text).joined(separator: "\r\n ") + "\r\n"
  }

  /// Encoded words (RFC 2047), each whole in its characters (§5) and at most 75 octets.
  private static func encodedWords(_ text: String) -> [String] {
    let room = (OutboundLimits.encodedWord - "=?UTF-8?B??=".utf8.count) / 4 * 3
    var words: [String] = []
    var chunk: [UInt8] = []
    func flush() {
      if !chunk.isEmpty { words.append("=?UTF-8?B?\(base64(chunk))?=") }
      chunk = []
    }
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if chunk.count + bytes.count > room { flush() }
      chunk += bytes
    }
    flush()
    return words
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value = group.reduce(0) { $0 << 8 | Int($1) }
      value <<= 8 * (3 - group.count)
      for place in 0..<4 {
        out.append(place <= group.count ? alphabet[value >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Whether a line can go as it is: short, ASCII, nothing at its end that a relay might cut, and not `From `, which
  /// mbox files escape.
  private static func isPlainLine(_ line: [UInt8]) -> Bool {
    line.count <= OutboundLimits.line && line.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 }
      && line.last != 0x20 && line.last != 0x09 && !line.starts(with: "From ".utf8)
  }

  /// One line, quoted-printable (RFC 2045 §6.7), with soft line breaks.
  private static func quotedPrintable(_ line: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    var column = 0
    for (index, byte) in line.enumerated() {
      let isLast = index == line.count - 1
      let isLiteral =
        (byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "="))
        || ((byte == 0x20 || byte == 0x09) && !isLast)
      let isFrom = index == 0 && line.starts(with: "From ".utf8)
      // A dot that begins a line is SMTP's; encoded it survives every relay.
      let isDot = byte == UInt8(ascii: ".") && column == 0
      let coded =
        isLiteral && !isFrom && !isDot
        ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      if column + coded.count > OutboundLimits.quotedLine - 1 {
        out += "=\r\n".utf8
        column = 0
      }
      out += coded
      column += coded.count
    }
    return out
  }
}
