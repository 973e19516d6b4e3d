// Takes one whole command off the wire, asking for its literals, so that the parser sees all of it in one
// piece.

/// A command as the client sent it.
struct RawCommand {
  /// Line and literals; each literal still behind its `{n}` and CRLF, the last CRLF left out.
  var bytes: [UInt8]
  /// The lines alone, for the transcript.
  var text: String
}

enum CommandReader {
  enum Outcome {
    case command(RawCommand)
    /// Too long or broken; what of it could be taken has been taken.
    case refused(tag: String, reason: String)
  }

  /// - Parameter isLoggedIn: a stranger gets less room.
  static func next(
    from wire: Wire, isLoggedIn: Bool, allowsUnsynchronized: Bool
  ) throws(Hangup) -> Outcome {
    var bytes: [UInt8] = []
    var text: [UInt8] = []
    var literals = 0
    var excess: String?
    while true {
      let limit = isLoggedIn ? Limits.command : Limits.commandBeforeLogin
      guard let line = try wire.readLine(limit: max(0, limit - text.count)) else {
        // Where the next command starts is unknown now.
        try wire.line("* BYE Command line too long")
        try wire.flush()
        throw Hangup()
      }
      text.append(contentsOf: line)
      if excess == nil { bytes.append(contentsOf: line) }
      guard let announced = announcement(line) else {
        if let excess { return .refused(tag: tag(of: text), reason: excess) }
        return .command(RawCommand(bytes: bytes, text: String(decoding: text, as: UTF8.self)))
      }
      literals += 1
      let allowed = isLoggedIn && isAppendCommand(text) ? Limits.append : limit
      var problem: String?
      if literals > Limits.literals {
        problem = "too many literals"
      } else if announced.count > max(0, allowed - bytes.count) {
        problem = "literal too large"
      } else if announced.isUnsynchronized, !allowsUnsynchronized {
        problem = "LITERAL- is not offered"
      } else if announced.isUnsynchronized, announced.count > Limits.unsynchronizedLiteral {
        problem = "a literal above 4096 bytes has to wait"
      }
      if announced.isUnsynchronized {
        // It is on its way whatever we say. RFC 7888 §4: take it, or close.
        guard announced.count <= Limits.command else {
          try wire.line("* BYE Literal too large")
          try wire.flush()
          throw Hangup()
        }
        excess = excess ?? problem
        let literal = try wire.read(announced.count, keep: excess == nil)
        if excess == nil {
          bytes.append(contentsOf: [ASCII.cr, ASCII.lf])
          bytes.append(contentsOf: literal)
        }
        text.append(ASCII.space)
        guard literals <= 2 * Limits.literals else { throw Hangup() }
      } else {
        if let reason = excess ?? problem { return .refused(tag: tag(of: text), reason: reason) }
        try wire.line("+ OK")
        bytes.append(contentsOf: [ASCII.cr, ASCII.lf])
        bytes.append(contentsOf: try wire.read(announced.count))
      }
    }
  }

  /// literal = "{" number ["+"] "}" at the end of a line.
  private static func announcement(_ line: [UInt8]) -> (count: Int, isUnsynchronized: Bool)? {
    guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
    var digits = line[(open + 1)..<(line.count - 1)]
    let isUnsynchronized = digits.last == UInt8(ascii: "+")
    if isUnsynchronized { digits.removeLast() }
    guard !digits.isEmpty, digits.allSatisfy(ASCII.isDigit) else { return nil }
    return (Int(String(decoding: digits, as: UTF8.self)) ?? .max, isUnsynchronized)
  }

  private static func isAppendCommand(_ text: [UInt8]) -> Bool {
    let words = text.split(separator: ASCII.space, maxSplits: 2)
    return words.count > 1 && ASCII.equal(words[1], "APPEND".utf8)
  }

  private static func tag(of text: [UInt8]) -> String {
    var parser = CommandParser(text)
    return (try? parser.tag()) ?? "*"
  }
}
