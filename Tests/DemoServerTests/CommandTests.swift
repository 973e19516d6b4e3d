// The protocol without faults: each command's answer, as bytes on the wire.

import DemoServer
import Glibc
import Testing

@Suite struct CommandTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var command: String
    /// Pieces that the answer must hold.
    var expected: [String]
    var testDescription: String { command }

    init(_ command: String, _ expected: String...) {
      self.command = command
      self.expected = expected
    }
  }

  /// Against three messages at 12:00:00, :01 and :02 on 3 August 2026; the second is \Seen and $Old.
  @Test(arguments: [
    Row("CAPABILITY", "* CAPABILITY IMAP4rev1 ", " AUTH=PLAIN", " IDLE", " LITERAL-", " OK "),
    Row("NOOP", "OK"), Row("CHECK", "OK"), Row("STARTTLS", "BAD"), Row("BOGUS", "BAD"),
    Row("ID NIL", "* ID (", "OK"), Row("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL"),
    Row("ENABLE CONDSTORE", "* ENABLED CONDSTORE", "OK"), Row("ENABLE X", "* ENABLED\r\n"),
    Row("LOGIN demo demo", "BAD"),
    Row(
      "SELECT inbox", "* 3 EXISTS", "[UIDVALIDITY 1700000001]", "[UIDNEXT 4]", "[UNSEEN 1]",
      "[HIGHESTMODSEQ 4]", "[PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Old \\*)]",
      "OK [READ-WRITE]"),
    Row("EXAMINE INBOX", "[PERMANENTFLAGS ()]", "OK [READ-ONLY]"),
    Row("SELECT Nowhere", "NO [NONEXISTENT]"),
    Row(
      "STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
      "* STATUS \"INBOX\" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1700000001 UNSEEN 2)"),
    Row("STATUS INBOX (SIZES)", "BAD"),
    Row("LIST \"\" *", "* LIST () \"/\" \"Done\"", "* LIST () \"/\" \"INBOX\"", "\"Teams/A\""),
    Row("LIST \"\" \"Teams/%\"", "* LIST () \"/\" \"Teams/A\"\r\nt3 OK"),
    Row("LIST \"\" \"%\"", "* LIST () \"/\" \"Done\"\r\n* LIST () \"/\" \"INBOX\"\r\nt3 OK"),
    Row("LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\""),
    Row("CREATE New", "OK"), Row("CREATE INBOX", "NO [ALREADYEXISTS]"),
    Row("UID SEARCH ALL", "* SEARCH 1 2 3\r\n"), Row("SEARCH 2:*", "* SEARCH 2 3\r\n"),
    Row("UID SEARCH UID 9:*", "* SEARCH 3\r\n"), Row("UID SEARCH UID 7:9", "* SEARCH\r\n"),
    Row("UID SEARCH SEEN", "* SEARCH 2\r\n"), Row("UID SEARCH UNSEEN", "* SEARCH 1 3\r\n"),
    Row("UID SEARCH UNKEYWORD $old", "* SEARCH 1 3\r\n"), Row("UID SEARCH KEYWORD $Old", "* SEARCH 2\r\n"),
    Row("UID SEARCH SINCE 3-Aug-2026", "* SEARCH 1 2 3"), Row("UID SEARCH SINCE 04-Aug-2026", "* SEARCH\r\n"),
    Row("UID SEARCH ON 3-Aug-2026 BEFORE 4-Aug-2026", "* SEARCH 1 2 3"),
    Row("UID SEARCH ON 31-Feb-2026", "BAD"),
    Row("UID SEARCH OR UID 1 (SEEN NOT DELETED)", "* SEARCH 1 2\r\n"),
    Row("UID SEARCH SUBJECT \"letter 3\"", "* SEARCH 3\r\n"),
    Row("UID SEARCH HEADER From a1@", "* SEARCH 1\r\n"),
    Row("UID SEARCH BODY \"letter 2.\"", "* SEARCH 2\r\n"),
    Row("UID SEARCH CHARSET KOI8-R ALL", "NO [BADCHARSET"),
    Row("UID SEARCH LARGER 1 SMALLER 9999 1,3", "* SEARCH 1 3\r\n"),
    Row("UID SEARCH MODSEQ 4", "* SEARCH 3 (MODSEQ 4)\r\n"),
    Row("UID SEARCH RETURN (ALL) UID 1:3", "* ESEARCH (TAG \"t3\") UID ALL 1:3\r\n"),
    Row("UID SEARCH RETURN (MIN MAX COUNT) ALL", "* ESEARCH (TAG \"t3\") UID MIN 1 MAX 3 COUNT 3\r\n"),
    Row("SEARCH RETURN () SEEN", "* ESEARCH (TAG \"t3\") ALL 2\r\n"),
    Row(
      "UID FETCH 2 (FLAGS INTERNALDATE MODSEQ)",
      "* 2 FETCH (UID 2 FLAGS (\\Seen $Old) INTERNALDATE \"03-Aug-2026 12:00:01 +0000\" MODSEQ (3))\r\n"),
    Row("FETCH 1 FAST", "* 1 FETCH (FLAGS () INTERNALDATE \"03-Aug-2026 12:00:00 +0000\" RFC822.SIZE "),
    Row("UID FETCH 1 BODY.PEEK[]<0.9>", "* 1 FETCH (UID 1 BODY[]<0> {9}\r\nSubject: )\r\n"),
    Row("UID FETCH 1 BODY.PEEK[]<9999.9>", "BODY[]<9999> {0}\r\n)\r\n"),
    Row("UID FETCH 1 BODY.PEEK[HEADER]", "BODY[HEADER] {43}\r\nSubject: Letter 1\r\n", "\r\n\r\n)\r\n"),
    Row(
      "UID FETCH 1 BODY.PEEK[HEADER.FIELDS (subject)]",
      "BODY[HEADER.FIELDS (SUBJECT)] {21}\r\nSubject: Letter 1\r\n\r\n)"),
    Row("UID FETCH 1 (BODY.PEEK[TEXT])", "BODY[TEXT] {84}\r\nA line"),
    Row("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)", "* 3 FETCH (UID 3 FLAGS () MODSEQ (4))\r\nt3 OK"),
    Row("UID FETCH 9 (FLAGS)", "t3 OK"), Row("UID FETCH 1 ENVELOPE", "BAD"), Row("UID FETCH 0 FLAGS", "BAD"),
    Row("FETCH 7 FLAGS", "t3 OK"), Row("UID FETCH 1 BODY[", "BAD"), Row("UID FETCH 1 BODY[]<1>", "BAD"),
    Row("UID STORE 1 +FLAGS ($Intake)", "* 1 FETCH (UID 1 FLAGS ($Intake))\r\nt3 OK"),
    Row("UID STORE 1 +FLAGS.SILENT $Intake", "t3 OK"),
    Row("STORE 2 -FLAGS (\\seen)", "* 2 FETCH (FLAGS ($Old))"),
    Row("UID STORE 2 FLAGS (a A)", "FLAGS (a)"), Row("UID STORE 1 FLAGS (\\Recent)", "BAD"),
    Row("UID STORE 1,3 (UNCHANGEDSINCE 3) +FLAGS (x)", "UID 1 FLAGS (x) MODSEQ (5)", "OK [MODIFIED 3]"),
    Row("UID COPY 1:2 Done", "OK [COPYUID 1700000001 1:2 1:2]"), Row("UID COPY 1 Nowhere", "NO [TRYCREATE]"),
    Row("UID MOVE 1:2 Done", "* OK [COPYUID 1700000001 1:2 1:2]", "* 2 EXPUNGE\r\n* 1 EXPUNGE\r\nt3 OK"),
    Row("EXPUNGE", "t3 OK"), Row("CLOSE", "OK"), Row("UNSELECT", "OK"), Row("LOGOUT", "* BYE", "t3 OK"),
  ])
  func answers(_ row: Row) throws {
    let scene = try Scene(.init(mailboxes: ["Done", "Teams/A"]), messages: 0)
    for number in 1...3 {
      scene.server.add(
        Scene.mail(number), internalDate: Scene.noon + Int64(number) - 1,
        flags: number == 2 ? ["\\Seen", "$Old"] : [])
    }
    let reply = try scene.client().run(row.command)
    for piece in row.expected { #expect(reply.has(piece), "\(reply.text)") }
    #expect(reply.end == .tagged)
  }

  struct Malformation: CustomTestStringConvertible, Sendable {
    var command: String
    var testDescription: String { "\(command.prefix(60)) (\(command.utf8.count))" }
  }

  @Test(
    arguments: [
      "", " ", "a", "a ", "t", "* NOOP", "t1", "t1 LOGIN", "t1 LOGIN \"x", "t1 LOGIN \"\\x\" y", "t1 UID",
      "t1 FETCH", "t1 UID FETCH 1:2:3 FLAGS", "t1 UID FETCH , FLAGS", "t1 UID FETCH 1 (FLAGS",
      "t1 UID FETCH 99999999999 FLAGS", "t1 UID FETCH 1 BODY[]<99999999999999999999.1>", "t1 NOOP now",
      "t1 UID STORE 1 FLAGS (\\Bogus)", "t1 UID STORE 1 ++FLAGS (a)", "t1 UID SEARCH", "t1 UID SEARCH NOT",
      "t1 UID SEARCH (ALL", "t1 UID SEARCH SINCE yesterday", "t1 APPEND INBOX", "t1 APPEND INBOX (",
      "t1 APPEND INBOX \"32-Foo-2026 00:00:00 +0000\" {1}\r\nx", "t1 SELECT {3}\r\na\rb", "t1 LIST \"\"",
      "t1 STATUS INBOX ()()", "t1 AUTHENTICATE PLAIN =x", "t1 COPY 1 {99999999999999999999}",
      "t1 SEARCH " + String(repeating: "NOT ", count: 5000) + "ALL",
      "t1 SEARCH " + String(repeating: "(", count: 5000),
      "t1 UID FETCH " + String(repeating: "1,", count: 25_000) + "1 FLAGS",
    ].map(Malformation.init))
  func malformedCommandsGetBAD(_ row: Malformation) throws {
    let scene = try Scene()
    let client = try scene.client()
    client.send(row.command + "\r\n")
    var line = ""
    repeat { line = String(decoding: client.line() ?? [], as: UTF8.self) } while line.hasPrefix("+")
    #expect(line.contains("BAD"), "\(line.prefix(200))")
    #expect(client.run("NOOP").status.contains("OK"))
  }

  /// Any bytes at all: the connection may end, the server may not.
  @Test func survivesNoise() throws {
    let scene = try Scene()
    var seed: UInt64 = 7
    let alphabet = Array("t1 UID FETCH SEARCH STORE BODY[]()<>{}+\"\\,:*%0123456789\r\n\u{0}ÿ".utf8)
    for _ in 0..<60 {
      let client = try scene.client()
      var noise: [UInt8] = []
      for _ in 0..<2000 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = Int(seed >> 33)
        noise.append(
          value % 3 == 0 ? UInt8(truncatingIfNeeded: value >> 8) : alphabet[value % alphabet.count])
      }
      client.send(bytes: noise)
    }
    #expect(try scene.client().run("UID SEARCH ALL").lines[0] == "* SEARCH 1 2 3")
  }

  @Test(arguments: [
    ("AUTHENTICATE PLAIN AGRlbW8AZGVtbw==", []), ("AUTHENTICATE PLAIN", ["AGRlbW8AZGVtbw=="]),
    ("AUTHENTICATE LOGIN", ["ZGVtbw==", "ZGVtbw=="]), ("LOGIN {4}", ["demo {4}", "demo"]),
    ("LOGIN {4+}\r\ndemo \"demo\"", []),
  ])
  func logsIn(_ command: String, _ more: [String]) throws {
    let scene = try Scene()
    let client = try scene.client(login: false)
    #expect(client.greeting.hasPrefix("* OK [CAPABILITY IMAP4rev1 "))
    #expect(client.run("SELECT INBOX").status.contains("BAD"))
    client.send("x \(command)\r\n")
    for line in more {
      #expect(client.line()?.first == UInt8(ascii: "+"))
      client.send(line + "\r\n")
    }
    #expect(client.read(until: "x").status.contains("x OK [CAPABILITY"))
    #expect(!scene.server.transcript.joined().contains("demo"), "no password in the transcript")
    #expect(!scene.server.transcript.joined().contains("ZGVtb"))
  }

  @Test func anyTextIsAPassword() throws {
    let password = "é\" \\{3}\r\n$\u{7F}"
    let scene = try Scene(.init(user: "a b@c", password: password))
    let client = try scene.client(login: false)
    client.send("x LOGIN \"a b@c\" {\(password.utf8.count)}\r\n")
    #expect(client.line()?.first == UInt8(ascii: "+"))
    client.send(password + "\r\n")
    #expect(client.read(until: "x").status.contains("x OK"))
  }

  @Test func closesAfterThreeFailedLogins() throws {
    let client = try Scene().client(login: false)
    #expect(client.run("LOGIN demo wrong").status.contains("NO [AUTHENTICATIONFAILED]"))
    #expect(client.run("LOGIN wrong demo").status.contains("NO"))
    _ = client.run("LOGIN demo \"\"")
    #expect(client.run("NOOP").end == .closed)
  }

  @Test func missingCapabilitiesAreMissing() throws {
    var options = DemoServer.Options()
    options.idle = false
    options.move = false
    options.uidplus = false
    options.condstore = false
    options.esearch = false
    options.literalMinus = false
    options.saslIR = false
    options.keywords = false
    let scene = try Scene(options)
    let stranger = try scene.client(login: false)
    #expect(!stranger.greeting.contains("IDLE") && !stranger.greeting.contains("SASL-IR"))
    #expect(stranger.run("AUTHENTICATE PLAIN AGRlbW8AZGVtbw==").status.contains("BAD"))
    #expect(stranger.run("LOGIN {4+}\r\ndemo demo").status.contains("BAD"))
    let client = try scene.client(select: false)
    #expect(!client.run("SELECT INBOX").has("\\*"))
    for command in [
      "IDLE", "UID MOVE 1 INBOX", "UID EXPUNGE 1", "UID FETCH 1 MODSEQ", "UID SEARCH RETURN (ALL) ALL",
      "STATUS INBOX (HIGHESTMODSEQ)",
    ] { #expect(client.run(command).status.contains("BAD"), "\(command)") }
    _ = client.run("UID STORE 1 +FLAGS ($Intake \\Seen)")
    #expect(scene.server.messages()[0].flags == ["\\Seen"])
  }

  @Test func peekLeavesSeenAlone() throws {
    let scene = try Scene()
    let client = try scene.client()
    _ = client.run("UID FETCH 1:3 (BODY.PEEK[] RFC822.HEADER BODY.PEEK[TEXT])")
    #expect(scene.server.messages().allSatisfy { $0.flags.isEmpty })
    _ = client.run("UID FETCH 2 BODY[]")
    #expect(scene.server.messages().map(\.flags) == [[], ["\\Seen"], []])
    _ = client.run("EXAMINE INBOX")
    _ = client.run("UID FETCH 1 BODY[]")
    #expect(scene.server.messages()[0].flags.isEmpty)
  }

  @Test func pipelinedCommandsAreAllAnswered() throws {
    let client = try Scene().client()
    var text = ""
    for number in 1...300 { text += "p\(number) UID FETCH 1:3 (BODY.PEEK[])\r\n" }
    client.send(text)
    for number in 1...300 { #expect(client.read(until: "p\(number)").status.contains("OK")) }
  }

  @Test func idleHearsOfMailAtOnce() throws {
    let scene = try Scene()
    let client = try scene.client()
    client.send("i IDLE\r\n")
    #expect(client.line() == Array("+ idling\r\n".utf8))
    scene.server.add(Scene.mail(4), internalDate: Scene.noon)
    let start = ContinuousClock.now
    #expect(client.line() == Array("* 4 EXISTS\r\n".utf8))
    #expect(ContinuousClock.now - start < .seconds(2))
    scene.server.expunge(2)
    #expect(client.line() == Array("* 2 EXPUNGE\r\n".utf8))
    client.send("DONE\r\n")
    #expect(client.read(until: "i").status.contains("OK"))
    #expect(client.run("FETCH 3 (UID)").has("* 3 FETCH (UID 4)"))
    #expect(scene.server.transcript.suffix(2) == ["DONE", "t3 FETCH 3 (UID)"])
  }

  @Test func appendKeepsDateFlagsAndBytes() throws {
    let scene = try Scene(messages: 0)
    let client = try scene.client()
    let bytes: [UInt8] = [0x53, 0x3A, 0xFF, 0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x7B, 0x31, 0x7D, 0x0D, 0x0A]
    client.send("x APPEND inbox (\\Flagged a) \"03-Aug-2026 19:42:10 +0200\" {\(bytes.count)}\r\n")
    #expect(client.line()?.first == UInt8(ascii: "+"))
    client.send(bytes: bytes + [13, 10])
    let reply = client.read(until: "x")
    #expect(reply.text == "* 1 EXISTS\r\nx OK [APPENDUID 1700000001 1] APPEND completed\r\n")
    let message = try #require(scene.server.messages().first)
    #expect(message.flags == ["\\Flagged", "a"] && message.internalDate == 1_785_778_930)
    #expect(scene.server.bytes(of: 1) == bytes)
  }

  @Test func expungeTakesOnlyWhatIsNamed() throws {
    let scene = try Scene()
    let client = try scene.client()
    _ = client.run("UID STORE 1,3 +FLAGS.SILENT (\\Deleted)")
    #expect(client.run("UID EXPUNGE 2:3").has("* 3 EXPUNGE\r\nt4 OK"))
    #expect(scene.server.messages().map(\.uid) == [1, 2])
    #expect(client.run("EXPUNGE").has("* 1 EXPUNGE"))
    #expect(scene.server.messages().map(\.uid) == [2])
    #expect(client.run("UID SEARCH 1").lines[0] == "* SEARCH 2")
  }

  @Test func otherClientsSeeEachOthersChanges() throws {
    let scene = try Scene(.init(mailboxes: ["Done"]))
    let (first, second) = (try scene.client(), try scene.client())
    _ = first.run("UID MOVE 1 Done")
    #expect(second.run("FETCH 1 (UID FLAGS)").text.hasPrefix("t3 OK"), "gone, and not renumbered yet")
    #expect(second.run("NOOP").has("* 1 EXPUNGE"))
    #expect(second.run("FETCH 1 (UID)").has("* 1 FETCH (UID 2)"))
    scene.server.deleteMailbox("Done")
    #expect(second.run("SELECT Done").status.contains("NO [NONEXISTENT]"))
    scene.server.setUIDValidity(77)
    #expect(second.run("SELECT INBOX").has("[UIDVALIDITY 77]"))
    #expect(scene.server.mailboxNames == ["INBOX"])
  }

  @Test func longSearchLineAndLargeMessage() throws {
    let scene = try Scene(messages: 0)
    for _ in 0..<20_000 { scene.server.add([65, 13, 10], internalDate: 0) }
    let large = [UInt8](repeating: 0x2E, count: 8 << 20)
    scene.server.add(large, internalDate: 0)
    let client = try scene.client()
    #expect(client.run("UID SEARCH ALL").lines[0].utf8.count > 100_000)
    let reply = client.run("UID FETCH 20001 BODY.PEEK[]")
    #expect(reply.status.contains("OK") && reply.text.utf8.count > large.count)
  }
}
