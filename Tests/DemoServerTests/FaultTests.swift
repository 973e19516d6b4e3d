// Each fault really happens on the wire, and is over when its count is used up.

import DemoServer
import Glibc
import Testing

@Suite struct FaultTests {
  private let fetchAll = "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"

  @Test(arguments: Fault.allCases)
  func happensOnTheWire(_ fault: Fault) throws {
    var options = DemoServer.Options(fault: fault)
    options.floodBytes = 1 << 20
    options.dripMilliseconds = 5
    let scene = try Scene(options)
    let size = Scene.mail(1).count
    if fault == .silenceAtGreeting {
      #expect(try scene.client(login: false, patience: 150).greeting == "")
      #expect(scene.server.faultsStruck == 1)
      return
    }
    if fault == .loginRefused {
      let client = try scene.client(login: false)
      #expect(client.run("LOGIN demo demo").status.contains("NO [AUTHENTICATIONFAILED]"))
      return
    }
    let client = try scene.client(select: false)
    let selected = client.run("SELECT INBOX", patience: fault == .silenceAfterCommand ? 150 : 5000)
    switch fault {
    case .silenceAfterCommand: #expect(selected.end == .silence && selected.text == "")
    case .folderMissing: #expect(selected.status.contains("NO [NONEXISTENT]"))
    case .readOnlyMailbox:
      #expect(selected.status.contains("[READ-ONLY]"))
      #expect(selected.has("[PERMANENTFLAGS ()]"))
      #expect(client.run("UID STORE 1 +FLAGS (x)").status.contains("NO [READ-ONLY]"))
      #expect(client.run("UID MOVE 1 INBOX").status.contains("NO [READ-ONLY]"))
    case .uidValidityChangesBetweenPolls:
      let again = client.run("SELECT INBOX")
      #expect(selected.has("[UIDVALIDITY 1700000001]"))
      #expect(again.has("[UIDVALIDITY 1700000002]"))
      #expect(client.run("UID FETCH 1 BODY.PEEK[]").has("Letter 3"))
    case .taggedLineInsideLiteral:
      #expect(selected.has("* 4 EXISTS"))
      let reply = client.run(fetchAll)
      #expect(reply.has("\r\nA004 OK Fetch completed\r\n"))
      #expect(reply.has("\r\nt3 OK Fetch completed\r\n"), "the tag in use")
      #expect(reply.has("\r\n* 2 FETCH (UID 2 FLAGS ()"))
      #expect(reply.status == "t3 OK FETCH completed\r\n", "the real end, in capitals")
    case .splitCRLF:
      #expect(client.run(fetchAll).end == .tagged)
      #expect(client.pieces.contains { $0.last == 13 }, "a piece ends between CR and LF")
    case .throttled:
      let wanted = "NO Request is throttled. Suggested Backoff Time: 1500 milliseconds"
      #expect(client.run("UID SEARCH ALL").status.contains(wanted))
      #expect(client.run(fetchAll).status.contains(wanted))
    case .storeRefused:
      #expect(client.run("UID STORE 1 +FLAGS.SILENT ($Intake)").status.contains("NO"))
      #expect(scene.server.messages()[0].flags.isEmpty)
    case .idleDead:
      client.send("i IDLE\r\n")
      #expect(client.line() == Array("+ idling\r\n".utf8))
      scene.server.add(Scene.mail(4), internalDate: Scene.noon)
      client.send("DONE\r\n")
      #expect(client.line(150) == nil)
    case .searchOmits:
      #expect(client.run("UID SEARCH ALL").lines[0] == "* SEARCH 1 3")
      #expect(client.run("UID SEARCH ALL").lines[0] == "* SEARCH 1 2 3")
    case .partialReturnsWhole:
      let reply = client.run("UID FETCH 1 (BODY.PEEK[]<0.10>)")
      #expect(reply.lines[0] == "* 1 FETCH (UID 1 BODY[] {\(size)}")
    case .slowDrip:
      let start = ContinuousClock.now
      #expect(client.run("UID FETCH 1 BODY.PEEK[]").end == .tagged)
      #expect(ContinuousClock.now - start > .milliseconds(5 * size))
      #expect(client.pieces.filter { $0.count == 1 }.count > size / 2)
    case .floodOfUntagged:
      let reply = client.run(fetchAll)
      #expect(reply.end == .tagged)
      #expect(reply.text.utf8.count > 1 << 20)
      #expect(reply.lines[20_000].hasPrefix("* OK Still"))
    default: expectInFetch(fault, client, size)
    }
    #expect(scene.server.faultsStruck > 0)
  }

  private func expectInFetch(_ fault: Fault, _ client: RawClient, _ size: Int) {
    let isSilent = [.silenceMidFetch, .literalShorterThanSaid, .hugeLiteral].contains(fault)
    let reply = client.run(fetchAll, patience: isSilent ? 300 : 5000)
    let first = reply.lines.first ?? ""
    switch fault {
    case .cutMidLiteral:
      #expect(reply.end == .closed)
      #expect(first.hasSuffix("{\(size)}"))
      #expect(reply.text.utf8.count < first.utf8.count + size)
    case .cutMidLine:
      #expect(reply.end == .closed)
      #expect(reply.text == "* 1 FETCH (UID 1 FLA")
    case .silenceMidFetch:
      #expect(reply.end == .silence)
      #expect(reply.text.utf8.count == first.utf8.count + 2 + size / 2)
    case .lyingSizeLarger: #expect(first.contains("RFC822.SIZE \(size * 2 + 1000) BODY[] {\(size)}"))
    case .lyingSizeSmaller: #expect(first.contains("RFC822.SIZE \(size / 2) BODY[] {\(size)}"))
    case .literalShorterThanSaid:
      #expect(first.hasSuffix("{\(size + 64)}"))
      #expect(reply.end == .silence, "the tagged line went down with the last literal")
    case .wrongUID: #expect(first.hasPrefix("* 1 FETCH (UID 1001 "))
    case .duplicateFetch: #expect(reply.lines.filter { $0.hasPrefix("* 1 FETCH (UID 1 ") }.count == 2)
    case .unsolicitedExpunge:
      #expect(reply.has(")\r\n* 3 EXPUNGE\r\n* 2 FETCH (UID 2 "))
      #expect(!reply.has("UID 3 "))
      #expect(client.run("NOOP").has("* 2 EXPUNGE"))
    case .forgedTagUnknown:
      #expect(first == "ZZ99 OK Fetch completed")
      #expect(reply.end == .tagged)
    case .noAfterData:
      #expect(reply.has("Letter 3"))
      #expect(reply.status.hasPrefix("t3 NO "))
    case .byeMidFetch:
      #expect(reply.end == .closed)
      #expect(reply.has("Letter 1"))
      #expect(!reply.has("Letter 2"))
      #expect(reply.lines.last?.hasPrefix("* BYE") == true)
    case .hugeLiteral: #expect(first.hasSuffix("BODY[] {99999999999}"))
    case .negativeLiteral: #expect(first.hasSuffix("BODY[] {-5}"))
    case .nilBody: #expect(first.hasSuffix("BODY[] NIL)"))
    case .missingUIDInFetch: #expect(first.hasPrefix("* 1 FETCH (FLAGS ()"))
    case .unsolicitedFetchFlags:
      #expect(reply.lines[0] == "* 1 FETCH (UID 1 FLAGS ())")
      #expect(reply.lines[1] == "* 1 FETCH (FLAGS ())")
      #expect(reply.has("* 3 FETCH (UID 3 FLAGS () INTERNALDATE"))
    default: Issue.record("\(fault) has no expectation")
    }
  }

  /// One strike, then a client that tries again gets everything that is still there.
  @Test(arguments: Fault.allCases)
  func isOverWhenCounted(_ fault: Fault) throws {
    var options = DemoServer.Options(fault: fault, faultCount: 1)
    options.floodBytes = 1 << 16
    options.dripMilliseconds = 0
    let scene = try Scene(options)
    // The first round meets the fault; for the faults of SELECT it takes a second visit to see it.
    for round in 1...2 {
      guard let client = try? RawClient(scene.port, login: false, patience: 300) else { continue }
      for command in [
        "LOGIN demo demo", "SELECT INBOX", "UID SEARCH ALL", "UID FETCH 1 BODY.PEEK[]<0.5>", fetchAll, "NOOP",
        "UID STORE 1 +FLAGS (seen\(round))",
      ] where client.run(command, patience: 300).end != .tagged { break }
      client.send("i IDLE\r\n")
      _ = client.line(50)
    }
    #expect(scene.server.faultsStruck == 1)
    let client = try scene.client()
    let reply = client.run(fetchAll)
    #expect(reply.status.contains("OK"))
    let there = scene.server.messages()
    #expect(there.count == (fault == .unsolicitedExpunge ? 2 : fault == .taggedLineInsideLiteral ? 4 : 3))
    for message in there {
      #expect(reply.has("(UID \(message.uid) ") && reply.has("BODY[] {\(message.count)}\r\n"))
    }
    #expect(client.run("UID STORE 1 +FLAGS (done)").status.contains("OK"))
    #expect(client.run("NOOP").status.contains("OK"))
  }

  @Test func skipsChancesBeforeItStrikes() throws {
    let scene = try Scene()
    scene.server.setFault(.wrongUID, count: 1, skips: 1)
    let reply = try scene.client().run(fetchAll)
    #expect(
      reply.lines.filter { $0.contains("FETCH (UID ") }.map { $0.prefix(20) } == [
        "* 1 FETCH (UID 1 FLA", "* 2 FETCH (UID 1002 ", "* 3 FETCH (UID 3 FLA",
      ])
  }

  /// A session cut after every possible number of bytes, and whole when nothing cuts it.
  @Test func cutsAtEveryByte() throws {
    func session(_ scene: Scene) throws -> String {
      let client = try scene.client(login: false)
      var text = client.greeting
      for command in ["LOGIN demo demo", "SELECT INBOX", "UID FETCH 1 BODY.PEEK[]"] {
        let reply = client.run(command)
        text += reply.text
        if reply.end != .tagged { break }
      }
      return text
    }
    let whole = try session(Scene(messages: 1))
    #expect(whole.utf8.count > 500)
    for count in stride(from: 0, to: whole.utf8.count, by: 7) {
      var options = DemoServer.Options(faultCount: 1)
      options.cutAfterBytes = count
      let scene = try Scene(options, messages: 1)
      #expect(try Array(session(scene).utf8) == Array(whole.utf8.prefix(count)))
      #expect(try session(scene) == whole)
    }
  }
}
