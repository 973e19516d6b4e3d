// Transactions with a server that does everything wrong that one can, and what becomes of the message each time.

import Cases
import Deadlines
import TestServers
import Testing
import Transport

@testable import Outbound

@Suite(.serialized) struct SendingTests {
  @Test func sendsOnceWithProof() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    let current = try world.queue(world.record())
    let sender = try world.sender(server)
    world.pass(seconds: 300)
    await sender.pass()
    await sender.pass()
    let after = try world.store.read(current.id)
    #expect(server.accepted.count == 1)
    #expect(after.state == .acknowledged && after.acknowledgedAt == world.now && after.outgoing == nil)
    let proof = try #require(after.proof)
    #expect(proof.serverReply == "250 2.0.0 Ok: queued as TEST1" && proof.to == "member@example.org")
    #expect(after.events.map(\.kind) == [.recorded, .queued, .acknowledged])
    #expect(after.events.last?.by == "anna")
    let sent = try #require(server.accepted.first)
    #expect(Digest(of: sent.utf8) == proof.digest)
    #expect(server.commands.contains("MAIL FROM:<complaints@meridian.example>"))
    #expect(server.commands.contains("RCPT TO:<member@example.org>"))
    #expect(server.commands.contains("EHLO meridian.example") && server.commands.contains("AUTH"))
    #expect(try world.places() == [.sent: 1])
    #expect(try world.findings().isEmpty)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let faults: ScriptedSMTP.Faults
    /// Where the message is after one attempt.
    let place: OutboxPlace
    /// How many the server took.
    var accepted = 0
    /// Whether another attempt with a good server gets it there.
    var recovers = true
    var testDescription: String { name }

    init(
      _ name: String, _ place: OutboxPlace, accepted: Int = 0, recovers: Bool = true,
      _ change: (inout ScriptedSMTP.Faults) -> Void
    ) {
      var faults = ScriptedSMTP.Faults()
      change(&faults)
      (self.name, self.faults, self.place, self.accepted, self.recovers) = (
        name, faults, place, accepted, recovers
      )
    }
  }

  static let rows: [Row] = [
    Row("greeting refuses", .new) { $0.greeting = "554 5.3.2 no\r\n" },
    Row("greeting is not SMTP", .new) { $0.greeting = "* PREAUTH IMAP4rev1\r\n" },
    Row("greeting never comes", .new) { $0.greeting = "" },
    Row("login refused", .new) { $0.auth = "535 5.7.8 no hush-hush here\r\n" },
    Row("login for later", .new) { $0.auth = "454 4.7.0 later\r\n" },
    Row("MAIL refused", .new) { $0.mail = "550 5.7.1 not you\r\n" },
    Row("MAIL for later", .new) { $0.mail = "451 4.3.0 later\r\n" },
    Row("RCPT refused", .failed) { $0.rcpt = "550 5.1.1 no such user\r\n" },
    Row("RCPT for later", .new) { $0.rcpt = "450 4.2.0 greylisted\r\n" },
    Row("DATA refused", .failed) { $0.data = "554 5.5.1 no\r\n" },
    Row("DATA for later", .new) { $0.data = "451 4.3.0 later\r\n" },
    Row("text refused", .failed) { $0.final = "550 5.7.1 spam\r\n" },
    Row("text for later", .new) { $0.final = "452 4.3.1 full\r\n" },
    Row("several lines", .sent, accepted: 1) { $0.final = "250-2.0.0 Ok\r\n250 queued as AB\r\n" },
    Row("end after MAIL", .new) { $0.dropAt = "MAIL" },
    Row("end after RCPT", .new) { $0.dropAt = "RCPT" },
    Row("end after DATA", .new) { $0.dropAt = "DATA" },
    Row("end before the reply, taken or not", .sending, accepted: 1, recovers: false) { $0.final = nil },
    Row("end within the text", .sending, recovers: false) { $0.dropAfter = 100 },
    Row("nonsense for a reply", .sending, accepted: 0, recovers: false) { $0.final = "what?\r\n" },
    Row("an endless line for a reply", .sending, recovers: false) {
      $0.final = String(repeating: "x", count: 100_000)
    },
    Row("slow, letter by letter", .sent, accepted: 1) { $0.drip = 2 },
    Row("no login on offer", .sent, accepted: 1) { $0.capabilities = ["test"] },
  ]

  @Test(arguments: rows) func endsAt(_ row: Row) async throws {
    let world = try World()
    let server = try ScriptedSMTP(row.faults)
    let current = try world.queue(world.record())
    let sender = try world.sender(server)
    await sender.pass()
    #expect(try world.places() == [row.place: 1])
    #expect(server.accepted.count == row.accepted)
    #expect(try world.findings().isEmpty)
    let after = try world.store.read(current.id)
    #expect(!after.events.contains { ($0.details.reason ?? "").contains("hush-hush") })
    switch row.place {
    case .sent: #expect(after.state == .acknowledged)
    case .failed:
      #expect(after.state == .open && after.events.last?.kind == .sendFailed)
      #expect(after.events.last?.details.reason?.hasPrefix("the server refused it: 5") == true)
    case .new, .sending: #expect(after.events.count == 2 && after.state == .open)
    }
    // A good server now: what waits goes, what is in doubt never goes by itself.
    let good = try ScriptedSMTP()
    let second = try world.sender(good)
    await second.pass()
    #expect(good.accepted.count == (row.place == .new ? 1 : 0))
    if row.place == .sending {
      guard case .perhapsSent = try world.acknowledger().standing(of: after) else {
        Issue.record("not shown as perhaps sent")
        return
      }
    }
  }

  @Test func withoutSTARTTLSNothingIsSaid() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    try world.queue(world.record())
    var smtp = SMTPSettings(
      server: try ServerAddress(.smtp, url: "smtp://127.0.0.1:\(server.port)"),
      credentials: .password(user: "u", secret: .value("hush-hush"), mechanism: .auto),
      helloDomain: "meridian.example")
    smtp.transactionMilliseconds = 5000
    let sender = try world.sender(server) { $0.smtp = smtp }
    await sender.pass()
    #expect(server.accepted.isEmpty && !server.commands.contains("AUTH"))
    #expect(!server.commands.contains { $0.hasPrefix("MAIL") })
    #expect(try world.places() == [.new: 1])
    await #expect(throws: MailServerError.self) { try await Sender.check(smtp) }
  }

  @Test func checkSignsInAndSendsNothing() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    let smtp = SMTPSettings(
      server: try ServerAddress(.smtp, url: "smtp+loopback://127.0.0.1:\(server.port)"),
      credentials: .password(user: "u", secret: .value("hush-hush"), mechanism: .auto),
      helloDomain: "meridian.example")
    #expect(try await Sender.check(smtp))
    #expect(server.accepted.isEmpty && !server.commands.contains { $0.hasPrefix("MAIL") })
    server.set { $0.auth = "535 5.7.8 no\r\n" }
    await #expect(throws: MailServerError.self) { try await Sender.check(smtp) }
    _ = world
  }

  @Test func backsOffAndGivesUp() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    server.set { $0.rcpt = "450 4.2.0 greylisted\r\n" }
    let current = try world.queue(world.record())
    let sender = try world.sender(server) { $0.giveUpAfter = 3600 }
    for _ in 0..<5 { await sender.pass() }
    #expect(server.connections < 5, "a pause lies between attempts")
    world.pass(seconds: 3601)
    await sender.pass()
    try await Task.sleep(for: .milliseconds(150))
    await sender.pass()
    let after = try world.store.read(current.id)
    #expect(after.events.last?.kind == .sendFailed && after.state == .open)
    #expect(try world.places() == [.failed: 1])
    // It can be queued anew, as another event with another Message-ID.
    let again = try world.queue(after)
    #expect(again.everQueued.map(\.messageID).count == 2 && Set(again.everQueued.map(\.messageID)).count == 2)
  }

  @Test func aServerInTroubleIsNotHammered() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    server.set { $0.auth = "535 5.7.8 no\r\n" }
    for number in 1...5 { try world.queue(world.record(World.mail(number, from: "m\(number)@example.org"))) }
    let sender = try world.sender(server) { $0.firstPause = 60 }
    await sender.pass()
    await sender.pass()
    #expect(server.connections == 1)
    #expect(try world.places() == [.new: 5])
  }

  @Test func runSendsWhatIsQueuedAndEnds() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    let sender = try world.sender(server) { $0.lookEvery = .milliseconds(50) }
    let running = Task { await sender.run() }
    for number in 1...3 { try world.queue(world.record(World.mail(number, from: "m\(number)@example.org"))) }
    sender.wake()
    for _ in 0..<200 where server.accepted.count < 3 { try await Task.sleep(for: .milliseconds(20)) }
    sender.stop()
    await running.value
    #expect(server.accepted.count == 3)
    #expect(try world.places() == [.sent: 3])
  }

  /// Two programs over one folder, whichever is faster: each letter once.
  @Test func twoSendersSendEachOnce() async throws {
    let world = try World()
    let server = try ScriptedSMTP()
    for number in 1...10 { try world.queue(world.record(World.mail(number, from: "m\(number)@example.org"))) }
    let (one, two) = (try world.sender(server), try world.sender(server))
    await withTaskGroup(of: Void.self) { group in
      for sender in [one, two] {
        group.addTask { for _ in 0..<20 { await sender.pass() } }
      }
    }
    let ids = server.accepted.compactMap { $0.components("\r\n").first { $0.hasPrefix("Message-ID:") } }
    #expect(ids.count == 10 && Set(ids).count == 10)
    #expect(try world.places() == [.sent: 10])
    #expect(try world.findings().isEmpty)
  }
}
