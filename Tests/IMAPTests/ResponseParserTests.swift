// The response parser against a table of responses, each fed whole, byte by byte and in uneven chunks.

import Testing

@testable import IMAP
@testable import Transport

/// What came out: responses, and bodies as whole strings.
private enum Item: Equatable {
  case response(Response)
  case body(String)
}

/// Feeds text in chunks of these sizes, over and over.
private func parse(_ text: String, chunks: [Int]) throws -> [Item] {
  let bytes = Array(text.utf8)
  var parser = ResponseParser()
  var items: [Item] = []
  var body: [UInt8] = []
  var offset = 0
  var turn = 0
  while offset < bytes.count {
    let chunk = Array(bytes[offset..<min(bytes.count, offset + chunks[turn % chunks.count])])
    offset += chunk.count
    turn += 1
    try chunk.withUnsafeBytes { buffer in
      var position = 0
      while let event = try parser.next(buffer, &position) {
        switch event {
        case .response(let response): items.append(.response(response))
        case .bodyStart: body = []
        case .body(let range): body += buffer[range]
        case .bodyEnd: items.append(.body(String(decoding: body, as: UTF8.self)))
        }
      }
      #expect(position == buffer.count)
    }
  }
  #expect(parser.isBetweenResponses)
  return items
}

private let chunkings = [[1 << 20], [1], [2, 3, 1, 7], [5, 1, 1, 13]]

private func text(_ text: String, _ code: ResponseCode? = nil) -> ResponseText {
  ResponseText(code: code, text: Array(text.utf8))
}

private func code(_ name: String, _ argument: String = "") -> ResponseCode {
  ResponseCode(name: name, argument: Array(argument.utf8))
}

private func set(_ text: String) -> UIDSet { UIDSet(Array(text.utf8)) ?? UIDSet() }

private func fetch(_ sequence: UInt32, _ change: (inout FetchItems) -> Void) -> Item {
  var items = FetchItems(sequence: sequence)
  change(&items)
  return .response(.fetch(items))
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private struct Row: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: String
  let expected: @Sendable () -> [Item]
  init(_ name: String, _ input: String, _ expected: @escaping @Sendable () -> [Item]) {
    testDescription = name
    self.input = input
    self.expected = expected
  }
}

private let rows: [Row] = [
  Row("tagged OK", "a1 OK done\r\n") { [.response(.tagged(tag: "a1", status: .ok, text: text("done")))] },
  Row("tagged NO with a code, lower case", "a1 no [nonexistent] nothing there\r\n") {
    [.response(.tagged(tag: "a1", status: .no, text: text("nothing there", code("NONEXISTENT"))))]
  },
  Row("tagged OK without text", "a1 OK\r\n") { [.response(.tagged(tag: "a1", status: .ok, text: text("")))] },
  Row("continuation with and without text", "+ idling\r\n+\r\n+ \r\n") {
    [
      .response(.continuation(text("idling"))), .response(.continuation(text(""))),
      .response(.continuation(text(""))),
    ]
  },
  Row("status with a number", "* OK [UIDNEXT 4392] Predicted\r\n") {
    [.response(.status(.ok, text("Predicted", code("UIDNEXT", "4392"))))]
  },
  Row("a code that holds ] within parentheses", "* OK [PERMANENTFLAGS (\\Seen a]b \\*)] x\r\n") {
    [.response(.status(.ok, text("x", code("PERMANENTFLAGS", "(\\Seen a]b \\*)"))))]
  },
  Row("a text that ends like a literal is text", "* OK see {5}\r\n* 3 EXISTS\r\n") {
    [.response(.status(.ok, text("see {5}"))), .response(.exists(3))]
  },
  Row("a bracket that never closes is text", "* NO [oops\r\n") { [.response(.status(.no, text("[oops")))] },
  Row("8-bit text", "* BYE auf Wiederh\u{F6}ren\r\n") {
    [.response(.status(.bye, text("auf Wiederh\u{F6}ren")))]
  },
  Row("capabilities, trailing space", "* CAPABILITY IMAP4rev1 idle AUTH=PLAIN \r\n") {
    [.response(.capability(["IMAP4REV1", "IDLE", "AUTH=PLAIN"]))]
  },
  Row("enabled, empty", "* ENABLED\r\n") { [.response(.enabled([]))] },
  Row("flags", "* FLAGS (\\Answered $Intake)\r\n") { [.response(.flags(["\\Answered", "$Intake"]))] },
  Row("numbers", "* 18 EXISTS\r\n* 0 RECENT\r\n* 3 EXPUNGE\r\n* 0 EXISTS\r\n") {
    [
      .response(.exists(18)), .response(.recent(0)), .response(.expunge(3)), .response(.exists(0)),
    ]
  },
  Row("search", "* SEARCH 2 3 4 882 6\r\n") { [.response(.search(set("2:4,6,882")))] },
  Row("search, empty, with and without space", "* SEARCH\r\n* SEARCH \r\n") {
    [.response(.search(UIDSet())), .response(.search(UIDSet()))]
  },
  Row("search with MODSEQ", "* SEARCH 2 5 (MODSEQ 917162500)\r\n") { [.response(.search(set("2,5")))] },
  Row("search up to the last number", "* SEARCH 4294967294 4294967295 1\r\n") {
    [.response(.search(set("1,4294967294:4294967295")))]
  },
  Row("extended search", "* ESEARCH (TAG \"a7\") UID COUNT 5 ALL 4:18,21,28\r\n") {
    [.response(.extendedSearch(tag: "a7", isUID: true, all: set("4:18,21,28")))]
  },
  Row("extended search, nothing found", "* ESEARCH (TAG \"a7\") UID\r\n") {
    [.response(.extendedSearch(tag: "a7", isUID: true, all: UIDSet()))]
  },
  Row("extended search of sequence numbers", "* ESEARCH ALL 2\r\n") {
    [.response(.extendedSearch(tag: nil, isUID: false, all: set("2")))]
  },
  Row("vanished", "* VANISHED (EARLIER) 41,43:116\r\n* VANISHED 7\r\n") {
    [.response(.vanished(set("41,43:116"))), .response(.vanished(set("7")))]
  },
  Row("unknown, nested, with a literal", "* XTHING ((a {3}\r\n)\r\n \"b\") NIL) (())\r\n* 1 EXISTS\r\n") {
    [.response(.other("XTHING")), .response(.exists(1))]
  },
  Row("list with a literal name", "* LIST (\\HasNoChildren) \"/\" {5}\r\nINBOX\r\n") {
    [.response(.other("LIST"))]
  },
  Row("unknown numbered", "* 7 XFETCH (A B)\r\n") { [.response(.other("XFETCH"))] },
  Row(
    "a whole message",
    "* 12 FETCH (UID 5 FLAGS (\\Seen a) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 11 "
      + "BODY[] {11}\r\nHello\r\nyou\n)\r\n"
  ) {
    [
      .body("Hello\r\nyou\n"),
      fetch(12) {
        $0.uid = UID(5)
        $0.flags = ["\\Seen", "a"]
        $0.internalDate = bytes("17-Jul-1996 02:44:25 -0700")
        $0.size = 11
        $0.bodies = [.init(section: [], origin: nil, content: .streamed(11))]
      },
    ]
  },
  Row("UID after the body, other case", "* 1 Fetch (body[] {2}\r\nab uid 9)\r\n") {
    [
      .body("ab"),
      fetch(1) {
        $0.uid = UID(9)
        $0.bodies = [.init(section: [], origin: nil, content: .streamed(2))]
      },
    ]
  },
  Row("an empty body", "* 1 FETCH (UID 9 BODY[] {0}\r\n)\r\n") {
    [
      .body(""),
      fetch(1) {
        $0.uid = UID(9)
        $0.bodies = [.init(section: [], origin: nil, content: .streamed(0))]
      },
    ]
  },
  Row("a body as a quoted string", "* 1 FETCH (BODY[] \"say \\\"hi\\\" \\\\\")\r\n") {
    [fetch(1) { $0.bodies = [.init(section: [], origin: nil, content: .inline(bytes("say \"hi\" \\")))] }]
  },
  Row("no body", "* 1 FETCH (UID 4 BODY[] NIL)\r\n") {
    [
      fetch(1) {
        $0.uid = UID(4)
        $0.bodies = [.init(section: [], origin: nil, content: .missing)]
      }
    ]
  },
  Row("a part", "* 1 FETCH (UID 4 BODY[]<2048> {3}\r\nabc)\r\n") {
    [
      .body("abc"),
      fetch(1) {
        $0.uid = UID(4)
        $0.bodies = [.init(section: [], origin: 2048, content: .streamed(3))]
      },
    ]
  },
  Row("a literal8 and a non-synchronising length", "* 1 FETCH (BINARY[1] ~{2}\r\n\0a BODY[] {1+}\r\nb)\r\n") {
    [
      .body("\0a"), .body("b"),
      fetch(1) {
        $0.bodies = [
          .init(section: bytes("1"), origin: nil, content: .streamed(2)),
          .init(section: [], origin: nil, content: .streamed(1)),
        ]
      },
    ]
  },
  Row(
    "unknown items, an envelope with a literal, a section with spaces",
    "* 3 FETCH (MODSEQ (65) X-GM-LABELS (\"\\\\Inbox\" {3}\r\na)b) ENVELOPE (NIL {4}\r\n\") x NIL) "
      + "BODY[HEADER.FIELDS (DATE \"FROM\")] {2}\r\nhi UID 8)\r\n"
  ) {
    [
      .body("hi"),
      fetch(3) {
        $0.uid = UID(8)
        $0.bodies = [
          .init(section: bytes("HEADER.FIELDS (DATE \"FROM\")"), origin: nil, content: .streamed(2))
        ]
      },
    ]
  },
  Row(
    "mail that looks like protocol",
    "* 1 FETCH (UID 2 BODY[] {68}\r\n)\r\na2 OK done\r\n* 2 FETCH (UID 3 BODY[] {1}\r\nx)\r\n* BYE go away\r\n+ \r\nx)\r\na1 OK\r\n"
  ) {
    [
      .body(
        ")\r\na2 OK done\r\n* 2 FETCH (UID 3 BODY[] {1}\r\nx)\r\n* BYE go away\r\n+ \r\nx"),
      fetch(1) {
        $0.uid = UID(2)
        $0.bodies = [.init(section: [], origin: nil, content: .streamed(68))]
      },
      .response(.tagged(tag: "a1", status: .ok, text: text(""))),
    ]
  },
  Row(
    "a quoted string that looks like protocol", "* 1 FETCH (X \") BODY[] {9}\" UID 2)\r\n"
  ) { [fetch(1) { $0.uid = UID(2) }] },
  Row("a keyword with brackets", "* 1 FETCH (FLAGS ([x \\Seen) UID 2)\r\n") {
    [
      fetch(1) {
        $0.uid = UID(2)
        $0.flags = ["[x", "\\Seen"]
      }
    ]
  },
  Row(
    "deep, but not too deep",
    "* 1 FETCH (X " + String(repeating: "(", count: 90) + String(repeating: ")", count: 90) + " UID 2)\r\n"
  ) { [fetch(1) { $0.uid = UID(2) }] },
]

private struct BadRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: String
  init(_ name: String, _ input: String) {
    testDescription = name
    self.input = input
  }
}

private let badRows = [
  BadRow("negative literal", "* 1 FETCH (UID 1 BODY[] {-5}\r\n"),
  BadRow("literal without a number", "* 1 FETCH (UID 1 BODY[] {}\r\n"),
  BadRow("literal of 2^64", "* 1 FETCH (UID 1 BODY[] {18446744073709551616}\r\n"),
  BadRow("literal of 10^40", "* 1 FETCH (UID 1 BODY[] {1" + String(repeating: "0", count: 40) + "}\r\n"),
  BadRow("text after a literal's length", "* 1 FETCH (UID 1 BODY[] {5} \r\n"),
  BadRow("large literal that is no body", "* LIST () \"/\" {99999999}\r\n"),
  BadRow("large literal within a list of FETCH", "* 1 FETCH (ENVELOPE ({99999999}\r\n"),
  BadRow("large literal that only looks like a body", "* 1 FETCH (X (BODY[] {99999999}\r\n"),
  BadRow("open quote", "* 1 FETCH (X \"abc)\r\n"),
  BadRow("NUL in quotes", "* 1 FETCH (X \"a\0c\")\r\n"),
  BadRow("open parenthesis", "* 1 FETCH (UID 1\r\n"),
  BadRow("extra parenthesis", "* 1 FETCH (UID 1))\r\n"),
  BadRow("too deep", "* 1 FETCH (X " + String(repeating: "(", count: 101) + "\r\n"),
  BadRow("UID zero", "* 1 FETCH (UID 0)\r\n"),
  BadRow("UID above 32 bits", "* 1 FETCH (UID 4294967296)\r\n"),
  BadRow("two UIDs", "* 1 FETCH (UID 1 UID 2)\r\n"),
  BadRow("message zero", "* 0 FETCH (UID 1)\r\n"),
  BadRow("message above 32 bits", "* 4294967296 EXISTS\r\n"),
  BadRow("FETCH without pairs", "* 1 FETCH (UID)\r\n"),
  BadRow("FETCH without a list", "* 1 FETCH UID\r\n"),
  BadRow("control character in an atom", "* 1 FETCH (UID 1\u{1})\r\n"),
  BadRow("bare LF", "* OK hello\n"),
  BadRow("search of a word", "* SEARCH 1 x\r\n"),
  BadRow("search of zero", "* SEARCH 0\r\n"),
  BadRow("search above 32 bits", "* SEARCH 4294967296\r\n"),
  BadRow("search of a number without end", "* SEARCH " + String(repeating: "9", count: 1000) + "\r\n"),
  BadRow("extended search of nonsense", "* ESEARCH (TAG \"a\") UID ALL 1:x\r\n"),
  BadRow("vanished, nothing named", "* VANISHED\r\n"),
  BadRow("no response at all", "hello there\r\n"),
  BadRow("an empty line", "\r\n"),
  BadRow("a tag alone", "a1\r\n"),
  BadRow("a tagged BYE", "a1 BYE\r\n"),
  BadRow("untagged, unnamed", "* \r\n"),
  BadRow("a body's origin that is none", "* 1 FETCH (BODY[]<x> NIL)\r\n"),
  BadRow("a body's section without end", "* 1 FETCH (BODY[ NIL)\r\n"),
]

@Suite struct ResponseParserTests {
  @Test(arguments: rows, chunkings)
  fileprivate func reads(_ row: Row, chunks: [Int]) throws {
    #expect(try parse(row.input, chunks: chunks) == row.expected())
  }

  @Test(arguments: badRows, chunkings)
  fileprivate func refuses(_ row: BadRow, chunks: [Int]) {
    #expect(throws: IMAPError.self) { try parse(row.input, chunks: chunks) }
  }

  @Test func readsAllRowsInOneStream() throws {
    let stream = rows.map(\.input).joined()
    let expected = rows.flatMap { $0.expected() }
    for chunks in chunkings { #expect(try parse(stream, chunks: chunks) == expected) }
  }

  @Test func readsAVeryLongSearchLine() throws {
    let line = "* SEARCH " + (0..<400_000).map { String($0 * 2 + 1) }.joined(separator: " ") + "\r\n"
    let items = try parse(line, chunks: [65_536])
    guard case .response(.search(let uids)) = items.first else {
      Issue.record("no search response")
      return
    }
    #expect(uids.count == 400_000)
    #expect(uids.last == UID(799_999))
  }

  /// A line without an end must not fill the memory.
  @Test(arguments: [("* SEARCH ", Limits.numberLine), ("* OK ", Limits.line), ("a1 ", Limits.line)])
  func stopsAtALineWithoutEnd(_ start: String, limit: Int) {
    let block = [UInt8](repeating: UInt8(ascii: "1"), count: 1 << 16)
    var parser = ResponseParser()
    var taken = 0
    let error = #expect(throws: IMAPError.self) {
      var chunk = Array(start.utf8)
      while taken <= limit + 2 * block.count {
        try chunk.withUnsafeBytes { buffer in
          var position = 0
          while try parser.next(buffer, &position) != nil {}
        }
        taken += chunk.count
        chunk = block
      }
    }
    #expect(taken <= limit + block.count)
    if case .limit = error?.kind {} else { Issue.record("\(String(describing: error))") }
  }

  /// Whatever bytes come, the parser ends in a value or an error.
  @Test func survivesMutations() {
    var random = SplitMix(state: 7)
    let seeds = rows.map { Array($0.input.utf8) }
    for turn in 0..<20_000 {
      var input = seeds[turn % seeds.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) where !input.isEmpty {
        let at = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: input[at] = UInt8.random(in: 0...255, using: &random)
        case 1: input.remove(at: at)
        case 2: input.insert(Array("(){}\"[]\\ \r\n0~*+".utf8).randomElement(using: &random) ?? 0, at: at)
        default: input.append(contentsOf: input[at...].prefix(20))
        }
      }
      var parser = ResponseParser()
      input.withUnsafeBytes { buffer in
        var position = 0
        do { while try parser.next(buffer, &position) != nil {} } catch {}
      }
    }
  }
}

/// A random number generator whose run can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
