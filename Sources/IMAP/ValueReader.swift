// Reads the values of a response's line - atoms, strings, lists - piece by piece, since a literal may interrupt it.

import Transport

/// A value of the protocol, unread.
enum Value: Equatable {
  case atom([UInt8])
  case string([UInt8])
  case list([Value])
  case missing
  /// A literal that was handed out as it came.
  case streamed(Int)
}

/// A literal that a piece of a line ends with.
struct LiteralStart: Equatable {
  var size: Int
  /// Whether it is a message's body, to be handed out rather than kept.
  var isBody: Bool
}

/// Reads values over as many pieces of line as there are literals, without recursion.
struct ValueReader {
  /// The lists that are open, the outermost first: `open[0]` is the line itself.
  private var open: [[Value]] = [[]]
  /// Whether `BODY[…]` literals in the first list are bodies to be handed out (FETCH only).
  private let streamsBodies: Bool

  init(streamsBodies: Bool) { self.streamsBodies = streamsBodies }

  /// The values of the line.
  ///
  /// - Throws: a violation where a list is still open.
  func finish() throws(IMAPError) -> [Value] {
    guard open.count == 1 else { throw .violation("a line ends inside parentheses") }
    return open[0]
  }

  mutating func append(_ value: Value) { open[open.count - 1].append(value) }

  /// Reads one piece, without its CR LF; what it returns is the literal that follows the piece.
  mutating func read(_ piece: UnsafeBufferPointer<UInt8>, from start: Int) throws(IMAPError) -> LiteralStart?
  {
    var position = start
    while position < piece.count {
      switch piece[position] {
      case ASCII.space:
        position += 1
      case ASCII.open:
        guard open.count <= Limits.depth else {
          throw IMAPError(.limit("\(Limits.depth) nested parentheses"))
        }
        open.append([])
        position += 1
      case ASCII.close:
        guard let list = open.popLast(), !open.isEmpty else {
          throw .violation("a closing parenthesis without its opening one")
        }
        append(.list(list))
        position += 1
      case ASCII.quote:
        position = try readQuoted(piece, position + 1)
      case UInt8(ascii: "{"):
        return try readLiteral(piece, position + 1)
      case UInt8(ascii: "~") where position + 1 < piece.count && piece[position + 1] == UInt8(ascii: "{"):
        return try readLiteral(piece, position + 2)
      default:
        position = try readAtom(piece, position)
      }
    }
    return nil
  }

  /// quoted = DQUOTE *QUOTED-CHAR DQUOTE   (RFC 9051 §9; bytes above 127 and other escapes are let through)
  private mutating func readQuoted(_ piece: UnsafeBufferPointer<UInt8>, _ start: Int) throws(IMAPError) -> Int
  {
    var text: [UInt8] = []
    var position = start
    while position < piece.count {
      switch piece[position] {
      case ASCII.quote:
        append(.string(text))
        return position + 1
      case ASCII.backslash where position + 1 < piece.count:
        text.append(piece[position + 1])
        position += 2
      case 0:
        throw .violation("NUL in a quoted string")
      case let byte:
        text.append(byte)
        position += 1
      }
    }
    throw .violation("a quoted string without its end")
  }

  /// literal = "{" number64 ["+"] "}" CRLF *CHAR8; literal8 = "~" literal   (RFC 9051 §9)
  private func readLiteral(_ piece: UnsafeBufferPointer<UInt8>, _ start: Int) throws(IMAPError)
    -> LiteralStart
  {
    var end = start
    while end < piece.count, ASCII.isDigit(piece[end]) { end += 1 }
    let digits = piece[start..<end]
    if end < piece.count, piece[end] == UInt8(ascii: "+") { end += 1 }
    guard end == piece.count - 1, piece[end] == UInt8(ascii: "}"), let size = ASCII.number(digits) else {
      throw .violation("a literal's length that is no length")
    }
    let isBody = streamsBodies && open.count == 2 && expectsBody
    if !isBody, size > Limits.smallLiteral { throw IMAPError(.limit("a literal of \(size) bytes")) }
    return LiteralStart(size: size, isBody: isBody)
  }

  /// Whether the value that comes next is that of a `BODY[…]` or `BINARY[…]` item.
  private var expectsBody: Bool {
    guard let list = open.last, list.count % 2 == 1, case .atom(let name)? = list.last else { return false }
    return ASCII.hasPrefix(name, "BODY[") || ASCII.hasPrefix(name, "BINARY[")
  }

  /// ATOM-CHAR and the specials that servers put into atoms all the same (`\Seen`, `%`, `*`, `]`). The name
  /// `BODY[HEADER.FIELDS (DATE)]<0>` is one atom here, brackets and all (RFC 9051 §9, msg-att-static).
  private mutating func readAtom(_ piece: UnsafeBufferPointer<UInt8>, _ start: Int) throws(IMAPError) -> Int {
    var position = start
    while position < piece.count {
      let byte = piece[position]
      if byte == ASCII.space || byte == ASCII.open || byte == ASCII.close || byte == ASCII.quote { break }
      guard byte > 0x20, byte != 0x7F else { throw .violation("a control character in an atom") }
      if byte == UInt8(ascii: "["), streamsBodies, Self.hasSection(piece[start..<position]) {
        guard let end = piece[position...].firstIndex(of: UInt8(ascii: "]")) else {
          throw .violation("a body section without its end")
        }
        position = end
      }
      position += 1
    }
    let atom = piece[start..<position]
    append(ASCII.equal(atom, "NIL") ? .missing : .atom(Array(atom)))
    return position
  }

  private static func hasSection(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    ASCII.equal(name, "BODY") || ASCII.equal(name, "BINARY") || ASCII.equal(name, "BINARY.SIZE")
  }
}
