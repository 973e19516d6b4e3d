// Bytes of a server, in whatever pieces they come, into responses, by the grammar of RFC 9051 §9 (and RFC 3501 §9
// for servers of that age). Pure: no socket, no clock. A message's body is handed out as it comes and nothing in it
// is looked at, so mail can never be taken for protocol.
//
// Tolerated on purpose: more than one space between values, spaces before a line's end, bytes above 127 in texts and
// strings, `\` before any character of a quoted string, SEARCH followed by (MODSEQ n), unknown responses and items.

import Glibc
import Transport

/// The parser; after it throws it is of no further use, nor is its connection.
struct ResponseParser {
  enum Event: Equatable {
    case response(Response)
    /// A body of this many bytes follows.
    case bodyStart(Int)
    /// The next bytes of the body: a range of the buffer that was given.
    case body(Range<Int>)
    case bodyEnd
  }

  private enum Mode {
    case line
    /// Bytes of a body that are still to come.
    case body(Int, size: Int)
    /// Bytes of another literal that are still to come.
    case literal(Int)
  }

  /// Where the values of an unfinished response go.
  private enum Pending {
    case fetch(UInt32)
    case named(String)
  }

  private var mode = Mode.line
  private var line: [UInt8] = []
  private var literal: [UInt8] = []
  private var reader = ValueReader(streamsBodies: false)
  private var pending: Pending?
  /// Text of the response so far, its finished pieces and kept literals.
  private var held = 0

  /// Whether nothing is half read.
  var isBetweenResponses: Bool {
    if case .line = mode { return line.isEmpty && pending == nil }
    return false
  }

  /// The next event in `bytes` from `position` on, which moves; nil when all bytes are taken.
  mutating func next(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(IMAPError) -> Event? {
    while true {
      switch mode {
      case .body(0, let size):
        mode = .line
        reader.append(.streamed(size))
        return .bodyEnd
      case .body(let left, let size):
        guard position < bytes.count else { return nil }
        let taken = min(left, bytes.count - position)
        let range = position..<(position + taken)
        position += taken
        mode = .body(left - taken, size: size)
        return .body(range)
      case .literal(0):
        mode = .line
        reader.append(.string(literal))
        literal = []
      case .literal(let left):
        guard position < bytes.count else { return nil }
        let taken = min(left, bytes.count - position)
        literal.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + taken)]))
        position += taken
        mode = .literal(left - taken)
      case .line:
        guard try takeLine(bytes, &position) else { return nil }
        let event = try readLine()
        held += line.count
        line.removeAll(keepingCapacity: line.capacity <= 64 << 10)
        if let event { return event }
      }
    }
  }

  /// Moves bytes into `line` up to its CR LF, which is left out; false when the end has not come yet.
  private mutating func takeLine(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(IMAPError) -> Bool {
    guard position < bytes.count, let base = bytes.baseAddress else { return false }
    let rest = bytes.count - position
    let end = memchr(base + position, Int32(ASCII.lf), rest)
    let length = end.map { UnsafeRawPointer($0) - (base + position) + 1 } ?? rest
    line.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)]))
    position += length
    let limit = isNumberLine ? Limits.numberLine : Limits.line
    guard line.count + held <= limit else { throw IMAPError(.limit("a response of \(limit) bytes of text")) }
    if end == nil { return false }
    guard line.count >= 2, line[line.count - 2] == ASCII.cr else {
      throw .violation("a line that does not end in CR LF")
    }
    line.removeLast(2)
    return true
  }

  /// Whether the line is one of those that list numbers and may be long.
  private var isNumberLine: Bool {
    guard pending == nil, line.count > Limits.line else { return false }
    let start = line[..<16]
    return ASCII.hasPrefix(start, "* SEARCH") || ASCII.hasPrefix(start, "* ESEARCH")
      || ASCII.hasPrefix(start, "* VANISHED")
  }

  /// response = *(continue-req / response-data) response-done   (RFC 9051 §9)
  private mutating func readLine() throws(IMAPError) -> Event? {
    if pending != nil { return try readValues(from: 0) }
    held = 0
    if line.first == UInt8(ascii: "+") {
      let text = line.dropFirst().drop { $0 == ASCII.space }
      return .response(.continuation(Self.responseText(text)))
    }
    if line.starts(with: "* ".utf8) { return try readUntagged() }
    return .response(try taggedResponse())
  }

  /// response-tagged = tag SP resp-cond-state CRLF   (RFC 9051 §9)
  private func taggedResponse() throws(IMAPError) -> Response {
    guard let space = line.firstIndex(of: ASCII.space), space > 0, space <= 64,
      line[..<space].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let (status, text) = Self.condition(line[(space + 1)...]), [.ok, .no, .bad].contains(status)
    else {
      throw .violation("a line that is no response: \(ServerText.sanitized(line.prefix(80)))")
    }
    return .tagged(tag: String(decoding: line[..<space], as: UTF8.self), status: status, text: text)
  }

  /// response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data /
  /// enable-data) CRLF   (RFC 9051 §9)
  private mutating func readUntagged() throws(IMAPError) -> Event? {
    let rest = line[2...]
    if let (status, text) = Self.condition(rest) { return .response(.status(status, text)) }
    let first = rest.prefix { $0 != ASCII.space && $0 != ASCII.open }
    guard !first.isEmpty else { throw .violation("an untagged response without a name") }
    if ASCII.isDigit(first[first.startIndex]) { return try readNumbered(first) }
    if ASCII.equal(first, "SEARCH") {
      return .response(.search(try Self.searchNumbers(line[first.endIndex...])))
    }
    pending = .named(ASCII.word(first))
    reader = ValueReader(streamsBodies: false)
    return try readValues(from: first.endIndex)
  }

  /// message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)); number SP ("EXISTS" / "RECENT")
  /// (RFC 9051 §9; RECENT: RFC 3501 §9)
  private mutating func readNumbered(_ digits: ArraySlice<UInt8>) throws(IMAPError) -> Event? {
    guard let number = ASCII.number(digits).flatMap({ UInt32(exactly: $0) }) else {
      throw .violation("a message number that is no number")
    }
    let rest = line[digits.endIndex...].drop { $0 == ASCII.space }
    let word = rest.prefix { $0 != ASCII.space && $0 != ASCII.open }
    if ASCII.equal(word, "EXISTS") { return .response(.exists(number)) }
    if ASCII.equal(word, "RECENT") { return .response(.recent(number)) }
    if ASCII.equal(word, "EXPUNGE") {
      guard number != 0 else { throw .violation("EXPUNGE of message 0") }
      return .response(.expunge(number))
    }
    if ASCII.equal(word, "FETCH") {
      guard number != 0 else { throw .violation("FETCH of message 0") }
      pending = .fetch(number)
      reader = ValueReader(streamsBodies: true)
    } else {
      pending = .named(ASCII.word(word))
      reader = ValueReader(streamsBodies: false)
    }
    return try readValues(from: word.endIndex)
  }

  /// Reads the line's values, and finishes the response unless a literal follows.
  private mutating func readValues(from start: Int) throws(IMAPError) -> Event? {
    let literalStart: LiteralStart?
    do {
      literalStart = try line.withUnsafeBufferPointer { try reader.read($0, from: start) }
    } catch let error as IMAPError {
      throw error
    } catch {
      throw .violation("unreadable values")
    }
    if let literalStart {
      if literalStart.isBody {
        mode = .body(literalStart.size, size: literalStart.size)
        return .bodyStart(literalStart.size)
      }
      held += literalStart.size
      guard held <= Limits.line * 2 else { throw IMAPError(.limit("literals of a response")) }
      literal = []
      literal.reserveCapacity(literalStart.size)
      mode = .literal(literalStart.size)
      return nil
    }
    let values = try reader.finish()
    defer {
      pending = nil
      reader = ValueReader(streamsBodies: false)
    }
    switch pending {
    case .fetch(let sequence): return .response(.fetch(try Self.fetchItems(sequence, values)))
    case .named(let name): return .response(try Self.named(name, values))
    case nil: throw .violation("values without a response")
    }
  }

  // MARK: status responses

  /// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text; also BYE and PREAUTH   (RFC 9051 §9)
  private static func condition(_ bytes: ArraySlice<UInt8>) -> (StatusWord, ResponseText)? {
    let word = bytes.prefix { $0 != ASCII.space }
    let status: StatusWord
    if ASCII.equal(word, "OK") {
      status = .ok
    } else if ASCII.equal(word, "NO") {
      status = .no
    } else if ASCII.equal(word, "BAD") {
      status = .bad
    } else if ASCII.equal(word, "BYE") {
      status = .bye
    } else if ASCII.equal(word, "PREAUTH") {
      status = .preauth
    } else {
      return nil
    }
    return (status, responseText(bytes[word.endIndex...].drop { $0 == ASCII.space }))
  }

  /// resp-text = ["[" resp-text-code "]" SP] [text]   (RFC 9051 §9)
  ///
  /// The code ends at the first `]` outside parentheses and quotes, since flags and charsets may hold one.
  private static func responseText(_ bytes: ArraySlice<UInt8>) -> ResponseText {
    guard bytes.first == UInt8(ascii: "[") else { return ResponseText(code: nil, text: Array(bytes)) }
    var depth = 0
    var isQuoted = false
    var end = bytes.firstIndex(of: UInt8(ascii: "]"))
    search: for index in bytes.indices.dropFirst() {
      switch bytes[index] {
      case ASCII.quote: isQuoted.toggle()
      case ASCII.open where !isQuoted: depth += 1
      case ASCII.close where !isQuoted: depth -= 1
      case UInt8(ascii: "]") where !isQuoted && depth <= 0:
        end = index
        break search
      default: break
      }
    }
    guard let end else { return ResponseText(code: nil, text: Array(bytes)) }
    let inside = bytes[(bytes.startIndex + 1)..<end]
    let name = inside.prefix { $0 != ASCII.space }
    let code = ResponseCode(
      name: ASCII.word(name.prefix(64)), argument: Array(inside[name.endIndex...].drop { $0 == ASCII.space }))
    return ResponseText(code: code, text: Array(bytes[(end + 1)...].drop { $0 == ASCII.space }))
  }

  // MARK: data responses

  /// mailbox-data =/ "SEARCH" *(SP nz-number) [SP search-sort-mod-seq]   (RFC 3501 §9, RFC 7162 §7)
  private static func searchNumbers(_ bytes: ArraySlice<UInt8>) throws(IMAPError) -> UIDSet {
    var ranges: [ClosedRange<UInt32>] = []
    var value: UInt64 = 0
    var hasDigit = false
    func add() throws(IMAPError) {
      guard let number = UInt32(exactly: value), number != 0 else {
        throw .violation("SEARCH lists a number that is none")
      }
      if let last = ranges.last, last.upperBound != .max, number == last.upperBound + 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
      (value, hasDigit) = (0, false)
    }
    for byte in bytes {
      if ASCII.isDigit(byte) {
        value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        guard value <= UInt64(UInt32.max) else { throw .violation("SEARCH lists a number above 2^32-1") }
        hasDigit = true
      } else if byte == ASCII.space {
        if hasDigit { try add() }
      } else if byte == ASCII.open {
        break
      } else {
        throw .violation("SEARCH lists something that is no number")
      }
    }
    if hasDigit { try add() }
    return UIDSet(merging: ranges)
  }

  /// esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)   (RFC 9051 §9)
  private static func extendedSearch(_ values: [Value]) throws(IMAPError) -> Response {
    var tag: String?
    var isUID = false
    var all = UIDSet()
    var index = 0
    if case .list(let correlator)? = values.first {
      index = 1
      if correlator.count == 2, case .atom(let name) = correlator[0], ASCII.equal(name, "TAG") {
        switch correlator[1] {
        case .string(let text), .atom(let text): tag = String(decoding: text, as: UTF8.self)
        default: break
        }
      }
    }
    if index < values.count, case .atom(let word) = values[index], ASCII.equal(word, "UID") {
      isUID = true
      index += 1
    }
    while index + 1 < values.count {
      if case .atom(let name) = values[index], ASCII.equal(name, "ALL"),
        case .atom(let set) = values[index + 1]
      {
        guard let found = UIDSet(set) else { throw .violation("ESEARCH with an unreadable set") }
        all = all.union(found)
      }
      index += 2
    }
    return .extendedSearch(tag: tag, isUID: isUID, all: all)
  }

  private static func named(_ name: String, _ values: [Value]) throws(IMAPError) -> Response {
    switch name {
    case "CAPABILITY": return .capability(words(values).map { ASCII.word($0.utf8) })
    case "ENABLED": return .enabled(words(values).map { ASCII.word($0.utf8) })
    case "FLAGS":
      guard case .list(let flags)? = values.first else { return .other(name) }
      return .flags(words(flags))
    case "ESEARCH": return try extendedSearch(values)
    case "VANISHED":
      // expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids   (RFC 7162 §7)
      guard case .atom(let set)? = values.last, let uids = UIDSet(set) else {
        throw .violation("VANISHED without UIDs")
      }
      return .vanished(uids)
    default: return .other(name)
    }
  }

  private static func words(_ values: [Value]) -> [String] {
    values.compactMap { value in
      switch value {
      case .atom(let text), .string(let text): String(decoding: text, as: UTF8.self)
      default: nil
      }
    }
  }

  /// msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
  /// (RFC 9051 §9), in any order; items that we do not know are skipped.
  private static func fetchItems(_ sequence: UInt32, _ values: [Value]) throws(IMAPError) -> FetchItems {
    guard values.count == 1, case .list(let list) = values[0], list.count.isMultiple(of: 2) else {
      throw .violation("FETCH data that are no pairs")
    }
    var items = FetchItems(sequence: sequence)
    for index in stride(from: 0, to: list.count, by: 2) {
      guard case .atom(let name) = list[index] else { throw .violation("a FETCH item without a name") }
      let value = list[index + 1]
      if ASCII.equal(name, "UID") {
        guard case .atom(let digits) = value, let uid = ASCII.nonzeroNumber(digits).flatMap({ UID($0) })
        else {
          throw .violation("FETCH with a UID that is none")
        }
        guard items.uid == nil || items.uid == uid else { throw .violation("FETCH with two UIDs") }
        items.uid = uid
      } else if ASCII.equal(name, "FLAGS") {
        if case .list(let flags) = value { items.flags = words(flags) }
      } else if ASCII.equal(name, "INTERNALDATE") {
        if case .string(let text) = value { items.internalDate = text }
      } else if ASCII.equal(name, "RFC822.SIZE") {
        if case .atom(let digits) = value { items.size = ASCII.number(digits) }
      } else if ASCII.hasPrefix(name, "BODY[") || ASCII.hasPrefix(name, "BINARY[") {
        items.bodies.append(try body(name, value))
      }
    }
    return items
  }

  /// "BODY" section ["<" number ">"] SP nstring   (RFC 9051 §9)
  private static func body(_ name: [UInt8], _ value: Value) throws(IMAPError) -> FetchItems.Body {
    guard let open = name.firstIndex(of: UInt8(ascii: "[")),
      let close = name.lastIndex(of: UInt8(ascii: "]")),
      open < close
    else { throw .violation("a body section without its end") }
    var origin: Int?
    let tail = name[(close + 1)...]
    if !tail.isEmpty {
      guard tail.first == UInt8(ascii: "<"), tail.last == UInt8(ascii: ">"),
        let number = ASCII.number(tail.dropFirst().dropLast())
      else { throw .violation("a body origin that is no number") }
      origin = number
    }
    let content: FetchItems.Content =
      switch value {
      case .streamed(let size): .streamed(size)
      case .string(let text): .inline(text)
      default: .missing
      }
    return FetchItems.Body(section: Array(name[(open + 1)..<close]), origin: origin, content: content)
  }
}
