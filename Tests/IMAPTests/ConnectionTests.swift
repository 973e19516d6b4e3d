// Connections against a scripted server: what goes right, and above all what a server can do wrong.

import Glibc
import Logging
import Synchronization
import Testing

@testable import IMAP
@testable import Transport

private let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Messages as they are handed out.
private final class Inbox: Sendable {
  private let messages = Mutex<[FetchedMessage]>([])
  func add(_ message: FetchedMessage) { messages.withLock { $0.append(message) } }
  var all: [FetchedMessage] { messages.withLock { $0 } }
  var uids: [UInt32] { all.map(\.uid.rawValue) }
  var texts: [String] {
    all.map { message in
      switch message.content {
      case .memory(let bytes): String(decoding: bytes, as: UTF8.self)
      case .file(let path, let count): "file \(count) \(path.isEmpty ? "nowhere" : "somewhere")"
      }
    }
  }
}

private func connection(
  _ server: ScriptedServer, password: String = "pw", mechanism: PasswordMechanism = .auto,
  _ change: (inout ServerSettings) -> Void = { _ in }
) throws -> Connection {
  var settings = try server.settings
  change(&settings)
  return Connection(
    settings: settings,
    credentials: .password(user: "u", secret: .value(password), mechanism: mechanism), logger: quiet)
}

private func opened(_ server: ScriptedServer, _ change: (inout ServerSettings) -> Void = { _ in })
  async throws
  -> Connection
{
  let connection = try connection(server, change)
  try await connection.open()
  _ = try await connection.select(.inbox, readOnly: false)
  return connection
}

private func uids(_ numbers: ClosedRange<UInt32>) -> [UID] { numbers.compactMap { UID($0) } }

/// One FETCH response with a whole message.
private func message(_ uid: UInt32, _ body: String, size: Int? = nil) -> String {
  "* \(uid) FETCH (UID \(uid) FLAGS () INTERNALDATE \"03-Aug-2026 17:42:10 +0000\" "
    + "RFC822.SIZE \(size ?? body.utf8.count) BODY[] {\(body.utf8.count)}\r\n\(body))\r\n"
}

private func error(_ work: () async throws -> Void) async -> IMAPError? {
  do {
    try await work()
    return nil
  } catch {
    return error as? IMAPError
  }
}

/// Why a UID FETCH ended, by the name of the error's kind, and what was handed out before.
private struct FaultRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let kind: String
  /// What UID FETCH 1:3 is answered with; `TAG` is its tag.
  let answer: String
  var hangsUp = false
  init(_ name: String, _ kind: String, _ answer: String, hangsUp: Bool = false) {
    testDescription = name
    self.kind = kind
    self.answer = answer
    self.hangsUp = hangsUp
  }
}

private let fatalFaults = [
  FaultRow("cut in a literal", "unreachable", "* 1 FETCH (UID 1 BODY[] {100}\r\nabc", hangsUp: true),
  FaultRow("cut in a line", "unreachable", "* 1 FETCH (UID 1 BO", hangsUp: true),
  FaultRow("cut before the tagged OK", "unreachable", message(1, "x"), hangsUp: true),
  FaultRow("silence", "timeout", ""),
  FaultRow("silence in a literal", "timeout", "* 1 FETCH (UID 1 BODY[] {100}\r\nabc"),
  FaultRow("silence after the data", "timeout", message(1, "x")),
  FaultRow(
    "literal longer than what is sent", "timeout", "* 1 FETCH (UID 1 BODY[] {99}\r\nabc)\r\nTAG OK done\r\n"),
  FaultRow(
    "literal shorter than what is sent", "protocolViolation",
    "* 1 FETCH (UID 1 BODY[] {1}\r\nabc\r\nTAG OK\r\n"),
  FaultRow("huge literal", "limit", "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nabc"),
  FaultRow("negative literal", "protocolViolation", "* 1 FETCH (UID 1 BODY[] {-1}\r\n"),
  FaultRow("overflowing literal", "protocolViolation", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n"),
  FaultRow("answer to another command", "protocolViolation", message(1, "x") + "zz9 OK done\r\n"),
  FaultRow("BYE", "bye", "* BYE shutting down\r\n"),
  FaultRow("throttled BYE", "throttled", "* BYE Suggested Backoff Time: 1500 milliseconds\r\n"),
  FaultRow(
    "throttled NO", "throttled", "TAG NO Request is throttled. Suggested Backoff Time: 1500 milliseconds\r\n"),
  FaultRow("continuation", "protocolViolation", "+ go on\r\n"),
  FaultRow("no IMAP", "protocolViolation", "HTTP/1.1 200 Fine\r\n"),
  FaultRow("no CR", "protocolViolation", "* 3 EXISTS\n"),
]

@Suite struct ConnectionTests {
  // MARK: opening

  @Test(arguments: [
    "IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 AUTH=PLAIN", "IMAP4rev1", "IMAP4rev2 AUTH=PLAIN",
    "IMAP4rev1 AUTH=PLAIN AUTH=CRAM-MD5 AUTH=NTLM AUTH=GSSAPI",
  ])
  func logsIn(_ capabilities: String) async throws {
    let server = try ScriptedServer(.init(capabilities: capabilities))
    let connection = try connection(server)
    try await connection.open()
    #expect(
      await connection.capabilities == Set(capabilities.uppercased().split(separator: " ").map(String.init)))
    await connection.close()
    #expect(server.transcript.last?.hasSuffix("LOGOUT") == true)
    #expect(await !connection.isOpen)
  }

  @Test(arguments: [
    ("NO [AUTHENTICATIONFAILED] bad password pw2x!", "authentication"), ("NO nope", "authentication"),
    ("NO [UNAVAILABLE] try later", "no"), ("NO [CONTACTADMIN] locked", "authorization"),
    ("NO Suggested Backoff Time: 2000 milliseconds", "throttled"),
  ])
  func saysWhyALoginWasRefused(_ refusal: String, _ kind: String) async throws {
    let server = try ScriptedServer(.init(refusal: refusal))
    let connection = try connection(server, password: "pw2x!")
    let error = await error { try await connection.open() }
    #expect(error.map { "\($0.kind)".hasPrefix(kind) } == true, "\(String(describing: error))")
    #expect(error?.place == "127.0.0.1:\(server.port)")
    #expect(error?.curlCode == 67)
    #expect(error?.description.contains("pw2x!") == false)
  }

  @Test func doesNotTryAPasswordThatTheServerForbids() async throws {
    let server = try ScriptedServer(.init(capabilities: "IMAP4rev1 LOGINDISABLED"))
    let connection = try connection(server)
    #expect(await error { try await connection.open() }?.kind == .authentication)
    #expect(!server.transcript.contains { $0.contains("LOGIN ") || $0.contains("AUTHENTICATE") })
  }

  /// With TLS asked for, nothing is said before it: RFC 8314, and the many STARTTLS injections.
  @Test(arguments: [
    ("no STARTTLS", "* OK ready\r\n", "IMAP4rev1 AUTH=PLAIN", ""),
    ("PREAUTH", "* PREAUTH welcome\r\n", "IMAP4rev1 STARTTLS AUTH=PLAIN", ""),
    ("STARTTLS refused", "* OK ready\r\n", "IMAP4rev1 STARTTLS AUTH=PLAIN", "NO not now"),
    ("plaintext after STARTTLS", "* OK ready\r\n", "IMAP4rev1 STARTTLS AUTH=PLAIN", "OK go\r\n* OK injected"),
  ])
  func neverLogsInWithoutTLS(_ row: (String, String, String, String)) async throws {
    let server = try ScriptedServer(.init(greeting: row.1, capabilities: row.2)) { command, session in
      guard command.text == "STARTTLS" else { return false }
      session.send("\(command.tag) \(row.3)\r\n")
      return true
    }
    var settings = try ServerSettings(security: .startTLS, host: "127.0.0.1", port: server.port)
    settings.connectTimeout = .seconds(2)
    let connection = Connection(
      settings: settings, credentials: .password(user: "u", secret: .value("pw")), logger: quiet)
    let error = await error { try await connection.open() }
    #expect(error != nil, "\(row.0)")
    #expect(await !connection.isOpen)
    #expect(!server.transcript.contains { $0.contains("LOGIN") || $0.contains("AUTHENTICATE") })
  }

  @Test func endsWhereNobodyListens() async throws {
    let server = try ScriptedServer()
    var settings = try server.settings
    settings.connectTimeout = .milliseconds(300)
    let silent = try ScriptedServer(.init(greeting: ""))
    let connection = Connection(
      settings: try ServerSettings(url: "imap+loopback://127.0.0.1:1"),
      credentials: .password(user: "u", secret: .value("pw")), logger: quiet)
    #expect(await error { try await connection.open() }?.kind == .unreachable)
    let waiting = try self.silentConnection(silent)
    #expect(await error { try await waiting.open() }?.kind == .timeout)
  }

  private func silentConnection(_ server: ScriptedServer) throws -> Connection {
    try connection(server) { $0.connectTimeout = .milliseconds(300) }
  }

  @Test func canBeStoppedWhileItOpens() async throws {
    let server = try ScriptedServer(.init(greeting: ""))
    let connection = try connection(server) { $0.connectTimeout = .seconds(30) }
    let start = ContinuousClock.now
    Thread.start {
      usleep(100_000)
      connection.abort()
    }
    #expect(await error { try await connection.open() }?.kind == .aborted)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func scramIsRefusedWhereItIsNotOffered() async throws {
    let server = try ScriptedServer(.init(capabilities: "IMAP4rev1 AUTH=PLAIN"))
    let connection = try connection(server, mechanism: .scramSHA256)
    #expect(await error { try await connection.open() }?.kind == .unsupported("SCRAM-SHA-256"))
    #expect(!server.transcript.contains { $0.contains("AUTHENTICATE") || $0.contains("LOGIN") })
  }

  @Test func opensAFolder() async throws {
    let server = try ScriptedServer(
      .init(
        selected: "* FLAGS (\\Seen $Old)\r\n* 17 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 3857529045] v\r\n"
          + "* OK [UIDNEXT 4392] n\r\n* OK [HIGHESTMODSEQ 715194045007] m\r\n"
          + "* OK [PERMANENTFLAGS (\\Seen $Old)] p\r\n"))
    let connection = try connection(server)
    try await connection.open()
    let status = try await connection.select(try #require(MailboxName("Entwürfe")), readOnly: true)
    #expect(server.transcript.last?.hasSuffix("EXAMINE \"Entw&APw-rfe\"") == true)
    #expect(status.uidValidity.rawValue == 3_857_529_045 && status.uidNext?.rawValue == 4392)
    #expect(status.exists == 17 && status.highestModSeq == 715_194_045_007 && status.readOnly)
    #expect(!status.allowsKeywords && status.allows(keyword: "$old") && !status.allows(keyword: "$New"))
    #expect(
      await error { try await connection.store(keyword: "$Old", on: UIDSet([.first])) }?.kind == .readOnly)
  }

  @Test(arguments: [
    ("NO [NONEXISTENT] gone", IMAPError.Kind.mailboxMissing),
    ("NO Mailbox doesn't exist: X", .mailboxMissing),
    ("NO [NOPERM] not yours", .authorization), ("NO busy", .no(text: "busy", code: nil)),
    ("BAD what", .no(text: "what", code: "BAD")),
    ("OK open", .protocolViolation("the folder has no UIDVALIDITY, so its messages have no lasting names")),
  ])
  func saysWhyAFolderCannotBeOpened(_ answer: String, _ kind: IMAPError.Kind) async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("SELECT") else { return false }
      session.send("\(command.tag) \(answer)\r\n")
      return true
    }
    let connection = try connection(server)
    try await connection.open()
    #expect(await error { _ = try await connection.select(.inbox, readOnly: false) }?.kind == kind)
  }

  @Test func searches() async throws {
    let server = try ScriptedServer { command, session in
      switch command.text {
      case "UID SEARCH RETURN (ALL) UID 1:*":
        session.send("* ESEARCH (TAG \"\(command.tag)\") UID ALL 1:3\r\n\(command.tag) OK\r\n")
      // A server that offers ESEARCH and does not use it, and `n:*` that returns the last message.
      case "UID SEARCH RETURN (ALL) UID 9:*": session.send("* SEARCH 3\r\n\(command.tag) OK\r\n")
      case "UID SEARCH RETURN (ALL) UID 1:* SINCE 3-Aug-2026":
        session.send("* ESEARCH (TAG \"\(command.tag)\") UID\r\n\(command.tag) OK\r\n")
      case "UID SEARCH RETURN (ALL) UID 1:* UNKEYWORD $Intake":
        session.send("* ESEARCH (TAG \"\(command.tag)\") UID ALL 2\r\n\(command.tag) OK\r\n")
      case "UID SEARCH RETURN (ALL) UID 2:3": session.send("* SEARCH 3 4\r\n\(command.tag) OK\r\n")
      case "UID FETCH 1:3 (UID RFC822.SIZE)":
        session.send(
          "* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n* 9 FETCH (FLAGS () UID 9 RFC822.SIZE 1)\r\n"
            + "* 3 FETCH (RFC822.SIZE 30 UID 3)\r\n\(command.tag) OK\r\n")
      default: return false
      }
      return true
    }
    let connection = try await opened(server)
    #expect(try await connection.search(.all).description == "1:3")
    #expect(try await connection.search(.uids(from: #require(UID(9)))).isEmpty)
    #expect(try await connection.search(.since(year: 2026, month: 8, day: 3)).isEmpty)
    #expect(try await connection.search(.unkeyword("$Intake")).description == "2")
    #expect(try await connection.search(.set(UIDSet(uids(2...3)))).description == "3")
    #expect(try await connection.sizes(UIDSet(uids(1...3))) == [UID(1): 10, UID(3): 30])
    #expect(await error { _ = try await connection.search(.unkeyword("a b")) }?.kind == .settings)
    #expect(
      await error { _ = try await connection.search(.since(year: 2025, month: 2, day: 29)) }?.kind
        == .settings)
    #expect(await connection.isOpen)
  }

  @Test func searchesALargeMailboxInWindows() async throws {
    let server = try ScriptedServer(
      .init(
        capabilities: "IMAP4rev1 AUTH=PLAIN",
        selected: "* 60000 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 65001]\r\n")
    ) { command, session in
      guard command.text.hasPrefix("UID SEARCH UID ") else { return false }
      let low = command.text.dropFirst(15).prefix { $0 != ":" }
      session.send("* SEARCH \(low) 1\r\n\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let found = try await connection.search(.all)
    #expect(found.map(\.rawValue) == [1, 10_001, 20_001, 30_001, 40_001, 50_001, 60_001])
    #expect(server.transcript.last?.hasSuffix("UID SEARCH UID 60001:*") == true)
  }

  @Test(arguments: [
    ("* ESEARCH (TAG \"other\") UID ALL 1", "protocolViolation"), ("* ESEARCH ALL 1", "protocolViolation"),
    ("* ESEARCH UID ALL 1:4294967295", "limit"), ("* SEARCH 0", "protocolViolation"),
  ])
  func doesNotBelieveASearch(_ answer: String, _ kind: String) async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID SEARCH") else { return false }
      session.send("\(answer)\r\n\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let error = await error { _ = try await connection.search(.all) }
    #expect(error.map { "\($0.kind)".hasPrefix(kind) } == true)
    #expect(await !connection.isOpen)
  }

  @Test func marksMessages() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID STORE") else { return false }
      session.send("\(command.tag) \(command.text.contains("$No") ? "NO [CANNOT] no" : "OK")\r\n")
      return true
    }
    let connection = try await opened(server)
    try await connection.store(keyword: "$Intake", on: UIDSet(uids(1...3)))
    #expect(server.transcript.last?.hasSuffix("UID STORE 1:3 +FLAGS.SILENT ($Intake)") == true)
    #expect(
      await error { try await connection.store(keyword: "$No", on: UIDSet([.first])) }?.kind
        == .no(text: "no", code: "CANNOT"))
    for keyword in ["\\Seen", "\\Deleted", "a b", "a)", ""] {
      #expect(
        await error { try await connection.store(keyword: keyword, on: UIDSet([.first])) }?.kind == .settings)
    }
    #expect(await connection.isOpen)
  }

  @Test(arguments: [
    ("MOVE UIDPLUS", ["UID MOVE 1:2 \"Done\""]),
    (
      "UIDPLUS", ["UID COPY 1:2 \"Done\"", "UID STORE 1:2 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 1:2"]
    ), ("", []),
  ])
  func moves(_ capabilities: String, _ commands: [String]) async throws {
    let server = try ScriptedServer(.init(capabilities: "IMAP4rev1 AUTH=PLAIN \(capabilities)")) {
      command, session in
      guard command.text.hasPrefix("UID ") else { return false }
      if command.text.contains(" MOVE ") {
        session.send("* OK [COPYUID 9 1:2 11:12]\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n\(command.tag) OK done\r\n")
      } else {
        session.send(
          "\(command.tag) OK \(command.text.contains("COPY") ? "[COPYUID 9 1:2 11:12] " : "")done\r\n")
      }
      return true
    }
    let connection = try await opened(server)
    let target = try #require(MailboxName("Done"))
    if commands.isEmpty {
      #expect(
        await error { _ = try await connection.move(UIDSet(uids(1...2)), to: target) }?.kind
          == .unsupported("MOVE"))
    } else {
      let outcome = try await connection.move(UIDSet(uids(1...2)), to: target)
      #expect(outcome.asked == 2)
      #expect(outcome.destination.map(\.target.description) == ["11:12"])
      #expect(outcome.method == (commands.count == 1 ? .move : .copyAndExpunge))
    }
    let said = server.transcript.compactMap {
      $0.contains(" UID ") ? String($0.drop { $0 != " " }.dropFirst()) : nil
    }
    #expect(said == commands)
  }

  // MARK: fetching

  @Test func fetchesMessages() async throws {
    let folder = try TemporaryFolder()
    let large = String(repeating: "0123456789", count: 5000)
    let server = try ScriptedServer { command, session in
      guard command.text == "UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])" else {
        return false
      }
      session.drip(message(1, "one") + "* 2 EXPUNGE\r\n* 4 EXISTS\r\n", every: 1)
      session.send(message(2, large) + "* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n")
      session.send("* 3 FETCH (UID 3 INTERNALDATE \" 3-Aug-2026 17:42:10 +0000\")\r\n")
      session.send("* 3 FETCH (UID 3 BODY[] \"quoted\")\r\n\(command.tag) OK done\r\n")
      return true
    }
    let connection = try await opened(server)
    let inbox = Inbox()
    let summary = try await connection.fetch(uids(1...3), spillDirectory: folder.path, memoryLimit: 1000) {
      inbox.add($0)
    }
    #expect(inbox.uids == [1, 2, 3])
    #expect(inbox.texts == ["one", "file 50000 somewhere", "quoted"])
    #expect(inbox.all.map(\.internalDate) == [1_785_778_930, 1_785_778_930, 1_785_778_930])
    #expect(inbox.all.last?.flags == ["\\Seen"])
    #expect(summary == FetchSummary(delivered: UIDSet(uids(1...3))))
    guard case .file(let path, _) = inbox.all[1].content else {
      Issue.record("no file")
      return
    }
    #expect(folder.read(path) == Array(large.utf8))
    #expect(folder.names.count == 1)
  }

  @Test(arguments: fatalFaults)
  fileprivate func endsTheConnection(_ row: FaultRow) async throws {
    let folder = try TemporaryFolder()
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      session.send(row.answer.replacingTag(command.tag))
      if row.hangsUp { session.hangUp() }
      return true
    }
    let connection = try await opened(server) {
      if row.kind == "timeout" { $0.commandTimeout = .milliseconds(400) }
    }
    let inbox = Inbox()
    let start = ContinuousClock.now
    let error = await error {
      _ = try await connection.fetch(uids(1...3), spillDirectory: folder.path, memoryLimit: 0) {
        inbox.add($0)
      }
    }
    #expect(error.map { "\($0.kind)".hasPrefix(row.kind) } == true, "\(String(describing: error))")
    #expect(inbox.all.isEmpty)
    #expect(folder.names.isEmpty)
    #expect(await !connection.isOpen)
    #expect(ContinuousClock.now - start < .seconds(3))
    // And it can be opened anew.
    try await connection.open()
    #expect(await connection.isOpen)
  }

  @Test(
    arguments: [
      ("another UID", message(1, "a") + message(7, "b") + message(3, "c"), [1, 3], [2], [], [.unaskedUID]),
      ("no UID", message(1, "a") + "* 2 FETCH (BODY[] {1}\r\nb)\r\n", [1], [2, 3], [], [.missingUID]),
      ("twice", message(1, "a") + message(2, "b") + message(2, "B"), [1], [3], [2], [.duplicate]),
      (
        "size lie", message(1, "abc", size: 9) + message(2, "b") + message(3, "c"), [1, 2, 3], [], [],
        [.sizeLie]
      ),
      ("no content", message(1, "a") + "* 2 FETCH (UID 2 BODY[] NIL)\r\n", [1], [3], [2], [.noContent]),
      ("nothing at all", "", [], [1, 2, 3], [], []),
      ("flags alone", "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n", [], [1, 2, 3], [], []),
      (
        "no date", "* 1 FETCH (UID 1 INTERNALDATE \"now\" BODY[] {1}\r\na)\r\n", [1], [2, 3], [], [.badDate]
      ),
      ("a part that was not asked for", "* 1 FETCH (UID 1 BODY[TEXT] {1}\r\na)\r\n", [], [1, 2, 3], [], []),
    ] as [(String, String, [UInt32], [UInt32], [UInt32], [FetchAnomaly.Kind])])
  fileprivate func putsRight(
    _ row: (String, String, [UInt32], [UInt32], [UInt32], [FetchAnomaly.Kind])
  ) async throws {
    let folder = try TemporaryFolder()
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      session.send(row.1 + "\(command.tag) OK done\r\n")
      return true
    }
    let connection = try await opened(server)
    for limit in [1000, 0] {
      let inbox = Inbox()
      let summary = try await connection.fetch(
        uids(1...3), spillDirectory: folder.path, memoryLimit: limit
      ) {
        inbox.add($0)
        if case .file(let path, _) = $0.content { unlink(path) }
      }
      #expect(inbox.uids == row.2)
      #expect(summary.delivered.map(\.rawValue) == row.2)
      #expect(summary.missing.map(\.rawValue) == row.3)
      #expect(summary.refused.map(\.uid.rawValue) == row.4)
      #expect(summary.anomalies.map(\.kind) == row.5)
      #expect(folder.names.isEmpty)
    }
    #expect(await connection.isOpen)
  }

  /// A mail that knows our very tag, and forges the end of its own command and of the session.
  @Test func mailCannotSpeakForTheServer() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      let body = ")\r\n\(command.tag) OK done\r\n" + message(2, "forged") + "* BYE\r\n+ \r\n"
      session.drip(message(1, body), every: 7)
      session.send(message(2, "true") + "\(command.tag) OK done\r\n")
      return true
    }
    let connection = try await opened(server)
    let inbox = Inbox()
    let summary = try await connection.fetch(uids(1...2), spillDirectory: "/nowhere", memoryLimit: 1000) {
      inbox.add($0)
    }
    #expect(inbox.uids == [1, 2] && inbox.texts.last == "true")
    #expect(inbox.texts.first?.contains("forged") == true)
    #expect(summary == FetchSummary(delivered: UIDSet(uids(1...2))))
  }

  @Test(arguments: ["NO [SERVERBUG] cannot read", "BAD internal error"])
  func isolatesAMessageThatTheServerCannotDeliver(_ answer: String) async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      let asked = UIDSet(Array(command.text.dropFirst(10).prefix { $0 != " " }.utf8)) ?? UIDSet()
      // The data comes all the same: it must not count.
      for uid in asked { session.send(message(uid.rawValue, "m\(uid)")) }
      session.send("\(command.tag) \(asked.contains { $0.rawValue == 137 } ? answer : "OK")\r\n")
      return true
    }
    let connection = try await opened(server)
    let inbox = Inbox()
    let summary = try await connection.fetch(uids(1...300), spillDirectory: "/nowhere", memoryLimit: 1000) {
      inbox.add($0)
    }
    #expect(Set(inbox.uids) == Set(1...300).subtracting([137]))
    #expect(inbox.uids.count == 299)
    #expect(summary.refused.map(\.uid.rawValue) == [137])
    #expect(summary.missing.isEmpty && summary.delivered.count == 299)
    #expect(server.transcript.count < 40)
  }

  @Test func keepsTwoBatchesUnderWay() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH 1:100 ") else { return false }
      // The second command must come before the first is answered, and may be answered first.
      guard let second = session.line(), second.contains("UID FETCH 101:150 "),
        let tag = second.split(separator: " ").first
      else { return false }
      for uid in 101...150 as ClosedRange<UInt32> { session.send(message(uid, "x")) }
      for uid in 1...100 as ClosedRange<UInt32> { session.send(message(uid, "x")) }
      session.send("\(tag) OK\r\n\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let inbox = Inbox()
    let sizes = Dictionary(uniqueKeysWithValues: uids(1...150).map { ($0, 1) })
    let summary = try await connection.fetch(
      uids(1...150), sizes: sizes, spillDirectory: "/nowhere", memoryLimit: 1000
    ) { inbox.add($0) }
    #expect(inbox.uids == Array(101...150) + Array(1...100))
    #expect(summary.delivered.description == "1:150")
  }

  @Test func cutsBatchesBySize() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      let asked = UIDSet(Array(command.text.dropFirst(10).prefix { $0 != " " }.utf8)) ?? UIDSet()
      for uid in asked { session.send(message(uid.rawValue, "x")) }
      session.send("\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let sizes = Dictionary(uniqueKeysWithValues: uids(1...4).map { ($0, 1_250_000) })
    _ = try await connection.fetch(
      uids(1...5), sizes: sizes, spillDirectory: "/nowhere", memoryLimit: 1000
    ) { _ in }
    let asked = server.transcript.filter { $0.contains("UID FETCH") }.map { $0.split(separator: " ")[3] }
    #expect(asked == ["1", "2", "3", "4:5"])
  }

  @Test func reportsAFullDisk() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      session.send(message(1, "x") + "\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let error = await error {
      _ = try await connection.fetch([.first], spillDirectory: "/nowhere", memoryLimit: 0) { _ in }
    }
    #expect(error?.kind == .disk(errno: ENOENT))
    #expect(error?.alarm == "disk")
  }

  /// A byte now and then is as good as silence.
  @Test func endsADrip() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text.hasPrefix("UID FETCH") else { return false }
      session.send("* 1 FETCH (UID 1 BODY[] {1000}\r\n")
      session.drip(String(repeating: "x", count: 100), every: 1, microseconds: 40_000)
      return true
    }
    let connection = try await opened(server) { $0.commandTimeout = .milliseconds(400) }
    let start = ContinuousClock.now
    let error = await error {
      _ = try await connection.fetch([.first], spillDirectory: "/nowhere", memoryLimit: 9999) { _ in }
    }
    #expect(error?.kind == .timeout)
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  @Test func endsAFlood() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "NOOP" else { return false }
      let block = String(repeating: "* 3 EXISTS\r\n", count: 1000)
      for _ in 0..<210 { session.send(block) }
      return true
    }
    let connection = try await opened(server) {
      $0.commandTotal = .seconds(20)
      $0.commandTimeout = .seconds(5)
    }
    let error = await error { _ = try await connection.noop() }
    if case .limit = error?.kind {} else { Issue.record("\(String(describing: error))") }
  }

  @Test func canBeStoppedWhileItFetches() async throws {
    let server = try ScriptedServer { command, _ in command.text.hasPrefix("UID FETCH") }
    let connection = try await opened(server) {
      $0.commandTimeout = .seconds(30)
      $0.commandTotal = .seconds(30)
    }
    let start = ContinuousClock.now
    Thread.start {
      usleep(100_000)
      connection.abort()
    }
    let error = await error {
      _ = try await connection.fetch([.first], spillDirectory: "/nowhere", memoryLimit: 9) { _ in }
    }
    #expect(error?.kind == .aborted)
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  /// An answer that lies ready before its command was sent answers nothing.
  @Test func refusesAnAnswerBeforeTheCommand() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "NOOP" else { return false }
      let next = command.tag.dropLast() + String((Int(String(command.tag.suffix(1))) ?? 0) + 1)
      session.send("\(command.tag) OK\r\n\(next) OK already\r\n")
      return true
    }
    let connection = try await opened(server)
    _ = try await connection.noop()
    usleep(50_000)
    let error = await error { _ = try await connection.noop() }
    #expect(error.map { "\($0.kind)".hasPrefix("protocolViolation") } == true, "\(String(describing: error))")
  }

  // MARK: parts

  @Test(arguments: [
    // The server's habit, the message's size, what it claims, parts of 10.
    ("well-behaved", 35, 35, 4), ("a whole number of parts", 30, 30, 4), ("claims too much", 35, 40, 5),
    ("claims too little", 35, 12, 4), ("short parts", 35, 35, 7), ("NIL at the end", 30, 30, 4),
    ("NO at the end", 30, 30, 4), ("the whole for a part", 35, 35, 1), ("empty", 0, 0, 1),
  ])
  func fetchesInParts(_ habit: String, size: Int, claimed: Int, commands: Int) async throws {
    let folder = try TemporaryFolder()
    let whole = String(String(repeating: "0123456789", count: 10).prefix(size))
    let server = try ScriptedServer { command, session in
      guard let open = command.text.firstIndex(of: "<"), let close = command.text.firstIndex(of: ">") else {
        return false
      }
      let numbers = command.text[command.text.index(after: open)..<close].split(separator: ".").compactMap {
        Int($0)
      }
      let (offset, length) = (numbers[0], habit == "short parts" ? 5 : numbers[1])
      let part = String(whole.dropFirst(offset).prefix(length))
      let start = "* 3 FETCH (UID 3 INTERNALDATE \"03-Aug-2026 17:42:10 +0000\" BODY[]"
      switch habit {
      case "NIL at the end" where part.isEmpty:
        session.send("\(start)<\(offset)> NIL)\r\n\(command.tag) OK\r\n")
      case "NO at the end" where part.isEmpty: session.send("\(command.tag) NO beyond the end\r\n")
      case "the whole for a part":
        session.send("\(start) {\(whole.utf8.count)}\r\n\(whole))\r\n\(command.tag) OK\r\n")
      default: session.send("\(start)<\(offset)> {\(part.utf8.count)}\r\n\(part))\r\n\(command.tag) OK\r\n")
      }
      return true
    }
    let connection = try await opened(server)
    let path = "\(folder.path)/whole"
    let fetched = try await connection.fetchInParts(UID(nonzero: 3), size: claimed, to: path, partSize: 10)
    #expect(fetched.count == size && fetched.internalDate == 1_785_778_930)
    #expect(folder.read(path) == Array(whole.utf8))
    #expect(fetched.anomalies.map(\.kind) == (size == claimed ? [] : [.sizeLie]))
    #expect(server.transcript.filter { $0.contains("BODY.PEEK[]<") }.count == commands)
  }

  @Test(arguments: [
    ("another origin", "* 3 FETCH (UID 3 BODY[]<5> {2}\r\nab)\r\nTAG OK\r\n"),
    ("the whole, again and again", "* 3 FETCH (UID 3 BODY[] {20}\r\n01234567890123456789)\r\nTAG OK\r\n"),
    ("another message", "* 4 FETCH (UID 4 BODY[]<10> {2}\r\nab)\r\nTAG OK\r\n"),
    ("two parts", "* 3 FETCH (UID 3 BODY[]<10> {2}\r\nab BODY[]<10> {2}\r\nab)\r\nTAG OK\r\n"),
    ("NO after the data", "* 3 FETCH (UID 3 BODY[]<10> {2}\r\nab)\r\nTAG NO failed\r\n"),
    ("cut", "* 3 FETCH (UID 3 BODY[]<10> {20}\r\nab"),
  ])
  func refusesAPart(_ name: String, _ second: String) async throws {
    let folder = try TemporaryFolder()
    let server = try ScriptedServer { command, session in
      guard command.text.contains("BODY.PEEK[]<") else { return false }
      if command.text.contains("<0.10>") {
        session.send("* 3 FETCH (UID 3 BODY[]<0> {10}\r\n0123456789)\r\n\(command.tag) OK\r\n")
      } else {
        session.send(second.replacingTag(command.tag))
      }
      return true
    }
    let connection = try await opened(server) { $0.commandTimeout = .milliseconds(400) }
    let error = await error {
      _ = try await connection.fetchInParts(UID(nonzero: 3), size: 50, to: "\(folder.path)/p", partSize: 10)
    }
    #expect(error != nil, "\(name)")
    #expect(folder.names.isEmpty)
  }

  /// A byte a part would go on for as long as the message is claimed to be.
  @Test func endsPartsThatDoNotGetOn() async throws {
    let folder = try TemporaryFolder()
    let server = try ScriptedServer { command, session in
      guard let open = command.text.firstIndex(of: "<") else { return false }
      let offset = command.text[command.text.index(after: open)...].prefix { $0 != "." }
      session.send("* 3 FETCH (UID 3 BODY[]<\(offset)> {1}\r\nx)\r\n\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server) { $0.messageLimit = 1 << 20 }
    let error = await error {
      _ = try await connection.fetchInParts(
        UID(nonzero: 3), size: 1 << 19, to: "\(folder.path)/p", partSize: 1 << 18)
    }
    #expect(error?.kind == .limit("parts of one message"))
    #expect(folder.names.isEmpty)
  }

  // MARK: waiting

  /// What the server says in IDLE, and how it ends.
  @Test(arguments: [
    ("* 4 EXISTS\r\n", "changed"), ("* 1 EXPUNGE\r\n", "changed"), ("* VANISHED 2\r\n", "changed"),
    ("* OK Still here\r\n", "timedOut"), ("* 3 EXISTS\r\n", "timedOut"), ("", "timedOut"),
    ("* 1 FETCH (FLAGS (\\Seen))\r\n", "timedOut"),
  ])
  func idles(_ news: String, _ outcome: String) async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "IDLE" else { return false }
      session.send("+ idling\r\n")
      session.drip(news)
      if session.line() == "DONE" { session.send("\(command.tag) OK done\r\n") }
      return true
    }
    let connection = try await opened(server)
    let ended = try await connection.idle(atMost: .milliseconds(outcome == "changed" ? 5000 : 200))
    #expect("\(ended)".hasPrefix(outcome))
    #expect(server.transcript.last == "DONE")
    #expect(await connection.isOpen)
  }

  @Test func idleEndsWhenItIsWoken() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "IDLE" else { return false }
      session.send("+ idling\r\n")
      if session.line() == "DONE" { session.send("\(command.tag) OK done\r\n") }
      return true
    }
    let connection = try await opened(server)
    let start = ContinuousClock.now
    Thread.start {
      usleep(50_000)
      connection.wake()
    }
    #expect(try await connection.idle(atMost: 4) == .woken)
    // A call that comes before the wait counts too, once.
    connection.wake()
    #expect(try await connection.idle(atMost: 4) == .woken)
    #expect(try await connection.idle(atMost: .milliseconds(50)) == .timedOut)
    let task = Task { try await connection.idle(atMost: 4) }
    task.cancel()
    #expect(try await task.value == .woken)
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  @Test func idleNoticesADeadServer() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "IDLE" else { return false }
      session.send("+ idling\r\n")
      return true
    }
    let connection = try await opened(server) { $0.commandTimeout = .milliseconds(400) }
    #expect(await error { _ = try await connection.idle(atMost: .milliseconds(50)) }?.kind == .timeout)
    #expect(await !connection.isOpen)
  }

  @Test(arguments: [
    ("IDLE", "NO not now", "no"), ("IDLE", "OK strange", "protocolViolation"), ("", "", "unsupported"),
  ])
  func idleThatIsRefused(_ capability: String, _ answer: String, _ kind: String) async throws {
    let server = try ScriptedServer(.init(capabilities: "IMAP4rev1 AUTH=PLAIN \(capability)")) {
      command, session in
      guard command.text == "IDLE" else { return false }
      session.send("\(command.tag) \(answer)\r\n")
      return true
    }
    let connection = try await opened(server)
    let error = await error { _ = try await connection.idle(atMost: 1) }
    #expect(error.map { "\($0.kind)".hasPrefix(kind) } == true)
  }

  /// News that came with another answer must not wait for the next news.
  @Test func idleDoesNotSleepOverNews() async throws {
    let server = try ScriptedServer { command, session in
      switch command.text {
      case "UID SEARCH RETURN (ALL) UID 1:*":
        session.send("* SEARCH 1 2 3\r\n* 4 EXISTS\r\n\(command.tag) OK\r\n")
      case "UID STORE 1 +FLAGS.SILENT ($Intake)", "UID SEARCH RETURN (ALL) UID 1:* UNKEYWORD $Intake":
        session.send("\(command.tag) OK\r\n")
      default: return false
      }
      return true
    }
    let connection = try await opened(server)
    _ = try await connection.search(.all)
    try await connection.store(keyword: "$Intake", on: UIDSet([.first]))
    _ = try await connection.search(.unkeyword("$Intake"))
    let outcome = try await connection.idle(atMost: 4)
    guard case .changed(let changes) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(changes.exists == 4)
  }

  @Test func collectsWhatItWasNotAskedFor() async throws {
    let server = try ScriptedServer { command, session in
      guard command.text == "NOOP" else { return false }
      session.send(
        "* 2 EXPUNGE\r\n* VANISHED 7:9\r\n* 5 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK [ALERT] hello\r\n"
          + "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n\(command.tag) OK\r\n")
      return true
    }
    let connection = try await opened(server)
    let changes = try await connection.noop()
    #expect(changes.expunged == 1 && changes.vanished.description == "7:9" && changes.exists == 5)
    #expect(changes.flagChanges == 1)
  }

  @Test func needsToBeOpen() async throws {
    let connection = try connection(try ScriptedServer())
    #expect(await error { _ = try await connection.noop() }?.kind == .unreachable)
    #expect(await error { _ = try await connection.search(.all) }?.kind == .settings)
    await connection.close()
  }

  /// Whatever the moment at which a server goes away, there is an error, nothing half is handed out, and no file
  /// stays behind.
  @Test func survivesACutAtEveryByte() async throws {
    let folder = try TemporaryFolder()
    let answer =
      message(1, "Subject: a\r\n\r\nhello\r\n") + "* 4 EXISTS\r\n" + message(2, "b") + "TAG OK done\r\n"
    for cut in 0..<answer.utf8.count {
      let server = try ScriptedServer { command, session in
        guard command.text.hasPrefix("UID FETCH") else { return false }
        session.send(Array(Array(answer.replacingTag(command.tag).utf8).prefix(cut)))
        session.hangUp()
        return true
      }
      let connection = try await opened(server)
      let inbox = Inbox()
      let error = await error {
        _ = try await connection.fetch(uids(1...2), spillDirectory: folder.path, memoryLimit: 10) {
          inbox.add($0)
        }
      }
      #expect(error?.kind == .unreachable)
      #expect(inbox.all.isEmpty)
    }
    #expect(folder.names.isEmpty)
  }
}

extension String {
  fileprivate func replacingTag(_ tag: String) -> String {
    var rest = self[...]
    var result = ""
    while let range = rest.utf8.indices.first(where: { rest[$0...].hasPrefix("TAG ") }) {
      result += rest[..<range]
      result += tag
      rest = rest[rest.index(range, offsetBy: 3)...]
    }
    return result + rest
  }
}
