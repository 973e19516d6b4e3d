// The server as a thing in the program: loading, starting, stopping, and the pieces that need no socket.

import Glibc
import Testing

@testable import DemoServer

@Suite struct ServerTests {
  @Test func loadsAFolderInOrderWithCRLF() throws {
    var template = Array("/tmp/demo-server-test-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let files = [("b.eml", "B: 1\n\nx\r\ny\n"), ("a.eml", "A: 1\r\n\r\n"), ("c.txt", "no"), (".d.eml", "no")]
    for (name, text) in files {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }
    defer {
      for (name, _) in files { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    let server = DemoServer()
    var names: [String] = []
    try server.load(folder: folder) { name, index in
      names.append(name)
      return Int64(index) * 10
    }
    #expect(names == ["a.eml", "b.eml"])
    #expect(server.messages().map(\.internalDate) == [0, 10])
    #expect(server.bytes(of: 2) == Array("B: 1\r\n\r\nx\r\ny\r\n".utf8))
    #expect(throws: DemoServerError.self) { try server.load(folder: folder + "/none") { _, _ in 0 } }
  }

  @Test func startsStopsAndStartsAgainWithItsMail() throws {
    let scene = try Scene()
    let client = try scene.client()
    #expect(throws: DemoServerError.self) { try scene.server.start() }
    scene.server.stop()
    #expect(client.run("NOOP").end == .closed)
    #expect(throws: TestFailure.self) { _ = try RawClient(scene.port) }
    try scene.server.start(port: scene.port)
    #expect(try scene.client().run("UID SEARCH ALL").has("1 2 3"))
    #expect(throws: DemoServerError.self) { try DemoServer().start(port: scene.port) }
  }

  @Test func stopsInTheMidstOfSilence() throws {
    let scene = try Scene(.init(fault: .silenceMidFetch))
    let client = try scene.client()
    #expect(client.run("UID FETCH 1 BODY[]", patience: 100).end == .silence)
    let start = ContinuousClock.now
    scene.server.stop()
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(scene.server.openConnectionCount == 0)
  }

  @Test func boundsItsConnections() throws {
    let scene = try Scene()
    let clients = try (0..<Limits.connections).map { _ in try RawClient(scene.port, login: false) }
    #expect(try RawClient(scene.port, login: false).greeting.hasPrefix("* BYE"))
    #expect(clients.allSatisfy { $0.greeting.hasPrefix("* OK") })
    #expect(scene.server.connectionCount == Limits.connections + 1)
  }

  @Test func endsALineWithoutEnd() throws {
    let client = try Scene().client(login: false)
    client.send(String(repeating: "x", count: Limits.commandBeforeLogin + 10))
    #expect(client.line().map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("* BYE") == true)
    #expect(client.line() == nil)
  }

  @Test(arguments: [
    (0, "01-Jan-1970 00:00:00 +0000"), (-1, "31-Dec-1969 23:59:59 +0000"),
    (951_782_400, "29-Feb-2000 00:00:00 +0000"), (1_785_778_930, "03-Aug-2026 17:42:10 +0000"),
    (4_107_542_399, "28-Feb-2100 23:59:59 +0000"), (Int64.max, "31-Dec-9999 23:59:59 +0000"),
    (Int64.min, "01-Jan-0001 00:00:00 +0000"),
  ])
  func writesAndReadsDates(_ seconds: Int64, _ text: String) {
    #expect(InternalDate.text(seconds) == text)
    if seconds > .min && seconds < .max {
      #expect(InternalDate.parse(Array(text.utf8)) == seconds)
    }
  }

  @Test(arguments: [
    "", "03-Aug-2026", "30-Feb-2026 00:00:00 +0000", "03-Aug-2026 24:00:00 +0000",
    "03-Aug-0000 00:00:00 +0000",
    "03-Aug-2026 17:42:10 GMT", "03-Aug-2026 17:42:10 +00:00", "+3-Aug-2026 17:42:10 +0000",
    "03-Aug-2026 1:42:10 +0000", "99-99-9999 99:99:99 +9999",
  ])
  func refusesDates(_ text: String) { #expect(InternalDate.parse(Array(text.utf8)) == nil) }

  @Test(arguments: [
    ("1:3", [1, 2, 3]), ("3:1", [1, 2, 3]), ("*", [9]), ("9:*", [9]), ("100:*", [9]), ("*:4", [5, 9]),
    ("2,1,2:3,1:*", [1, 2, 3, 5, 9]), ("4", []), ("4294967295", []),
  ])
  func selectsBySet(_ text: String, _ expected: [UInt32]) throws {
    #expect(try #require(SequenceSet(text.utf8)).select(from: [1, 2, 3, 5, 9]) == expected)
  }

  @Test(arguments: ["", ",", "0", "1:", ":1", "1:2:3", "a", "-1", "+1", "4294967296", "1,", "99999999999"])
  func refusesSets(_ text: String) { #expect(SequenceSet(text.utf8) == nil) }

  @Test func writesSetsShortly() {
    #expect(SequenceSet.text([1, 2, 3, 7, 9, 10]) == "1:3,7,9:10")
    #expect(SequenceSet.text([]) == "")
  }

  @Test(arguments: [
    ("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YQ=", nil), ("Y===", nil), ("YQ==YQ==", nil),
    ("Y-Jj", nil),
  ])
  func readsBase64(_ text: String, _ expected: String?) {
    #expect(ASCII.base64(Array(text.utf8)[...]).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: [
    ("a\nb\n", "a\r\nb\r\n"), ("a\r\nb\n", "a\r\nb\r\n"), ("a\rb", "a\rb"), ("\n\n", "\r\n\r\n"), ("", ""),
  ])
  func makesCRLF(_ text: String, _ expected: String) {
    #expect(DemoServer.crlf(Array(text.utf8)) == Array(expected.utf8))
  }
}
