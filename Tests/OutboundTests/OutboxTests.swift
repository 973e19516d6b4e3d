// The outbox as a state machine: every moment at which the program can die, two people at once, taking back, settling.

import Cases
import Deadlines
import Glibc
import TestServers
import Testing

@testable import Outbound

@Suite struct OutboxTests {
  private func item(_ world: World, _ current: Case, body: String = "Hello.\n") throws -> OutgoingItem {
    let address = try #require(AddrSpec("complaints@meridian.example"))
    let to = try #require(AddrSpec("member@example.org"))
    let number = current.events.count + 1
    let id = "ack.\(current.id.text).\(number)@meridian.example"
    let text = try OutgoingMessage(
      date: world.now, fromName: "M", from: address, to: to, subject: "s", messageID: id, inReplyTo: nil,
      references: [],
      body: body
    ).rendered()
    return OutgoingItem(
      caseID: current.id, event: number,
      facts: OutgoingFacts(
        messageID: id, to: to.text, subject: "s", digest: Digest(of: text.utf8), isAutomatic: false,
        template: "t"),
      sender: address.text, queuedAt: world.now, queuedBy: "anna", message: text)
  }

  /// The moments between the steps of queueing and sending, each left as a dead process leaves it.
  enum Death: String, CaseIterable, Sendable {
    case afterPreparing, afterEvent, afterNaming, afterClaim, after250, afterAcknowledged
    case afterSendFailed, afterWithholding, afterUndone
  }

  @Test(arguments: Death.allCases) func aDeathLeavesOneOutcome(_ death: Death) async throws {
    let world = try World()
    let current = try world.record()
    let item = try item(world, current)
    let outbox = Outbox(world.data)
    let prepared = try outbox.prepare(item)
    func event(_ kind: CaseEvent.Kind, _ details: CaseEvent.Details) throws {
      _ = try world.store.append(kind, to: current.id, by: "anna", at: world.now, details: details)
    }
    if death != .afterPreparing { try event(.queued, .init(outgoing: item.facts)) }
    if ![.afterPreparing, .afterEvent].contains(death) { try outbox.publish(prepared, item) }
    let proof = AcknowledgementProof(
      messageID: item.facts.messageID, to: item.facts.to, digest: item.digest, serverReply: "250 ok",
      sentAt: world.now)
    switch death {
    case .afterPreparing, .afterEvent, .afterNaming: break
    case .afterClaim, .after250: _ = try outbox.claim(item.fileName)
    case .afterAcknowledged:
      _ = try outbox.claim(item.fileName)
      try event(.acknowledged, .init(acknowledgement: proof))
    case .afterSendFailed: try event(.sendFailed, .init(reason: "no"))
    case .afterWithholding: _ = try outbox.withhold(item)
    case .afterUndone:
      _ = try outbox.withhold(item)
      try event(.undone, .init(undoes: 2))
    }
    // The next start; a prepared file is nobody's only after a while.
    let clock = Instant(unixSeconds: Int64(time(nil)) + 3600)
    let doubtful = try outbox.recover(now: clock) { try world.index.put([($0, text: nil)]) }
    let server = try ScriptedSMTP()
    let sender = try world.sender(server) { $0.giveUpAfter = 1 << 40 }
    await sender.pass()
    await sender.pass()
    let after = try world.store.read(current.id)
    switch death {
    case .afterPreparing, .afterUndone:
      #expect(server.accepted.isEmpty && doubtful.isEmpty)
      #expect(try world.places() == [:])
      #expect(after.state == .open)
    case .afterEvent, .afterNaming, .afterWithholding:
      #expect(server.accepted.count == 1 && doubtful.isEmpty && after.state == .acknowledged)
      #expect(try world.places() == [.sent: 1])
    case .afterClaim, .after250:
      #expect(server.accepted.isEmpty && doubtful == [item.fileName] && after.state == .open)
      #expect(try world.places() == [.sending: 1])
    case .afterAcknowledged:
      #expect(server.accepted.isEmpty && doubtful.isEmpty && after.state == .acknowledged)
      #expect(try world.places() == [.sent: 1])
    case .afterSendFailed:
      #expect(server.accepted.isEmpty && after.state == .open)
      #expect(try world.places() == [.failed: 1])
    }
    #expect(try world.findings().isEmpty)
    #expect(try DurableFile.names(in: world.data.outboxPath(.new)).isEmpty)
    // Link and index say the same as the history, but for what only a person settles.
    #expect(try !doubtful.isEmpty || world.index.row(current.id)?.events == after.events.count)
  }

  @Test func aFreshPreparedFileIsLeftToWhoeverIsAtIt() throws {
    let world = try World()
    let item = try item(world, world.record())
    let outbox = Outbox(world.data)
    _ = try outbox.prepare(item)
    _ = try outbox.recover(now: Instant(unixSeconds: Int64(time(nil))))
    #expect(try DurableFile.names(in: world.data.outboxPath(.new)).count == 1)
  }

  @Test func twoPeopleCannotBothQueue() async throws {
    let world = try World()
    let current = try world.record()
    let acknowledger = try world.acknowledger()
    let results = await withTaskGroup(of: Bool.self) { group in
      for name in ["anna", "ben", "cara", "dan"] {
        group.addTask {
          (try? acknowledger.queue(
            current.id, after: 1, to: "member@example.org", body: "From \(name)", isSure: false, by: name))
            != nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(results == 1)
    #expect(try world.places() == [.new: 1])
    let after = try world.store.read(current.id)
    #expect(after.events.count == 2)
    #expect(throws: EventConflict.self) {
      try acknowledger.queue(
        current.id, after: 1, to: "member@example.org", body: "x", isSure: false, by: "eve")
    }
    #expect(throws: AcknowledgementRefusal.self) {
      try acknowledger.queue(
        current.id, after: 2, to: "member@example.org", body: "x", isSure: false, by: "eve")
    }
    #expect(try world.findings().isEmpty)
  }

  @Test func takenBackWhileItWaits() async throws {
    let world = try World()
    let acknowledger = try world.acknowledger()
    let queued = try world.queue(world.record())
    #expect(queued.undoable?.kind == .queued)
    let back = try acknowledger.withdraw(queued.id, after: 2, by: "ben")
    #expect(back.outgoing == nil && back.state == .open && back.events.last?.kind == .undone)
    #expect(try world.places() == [:])
    #expect(try world.findings().isEmpty)
    let server = try ScriptedSMTP()
    await (try world.sender(server)).pass()
    #expect(server.accepted.isEmpty)
    // Again, under another number.
    let again = try world.queue(back)
    #expect(again.outgoing?.number == 4)
    await (try world.sender(server)).pass()
    #expect(server.accepted.count == 1)
    #expect(throws: AcknowledgementRefusal.self) { try acknowledger.withdraw(queued.id, after: 5, by: "ben") }
    #expect(try world.store.read(queued.id).undoable == nil)
  }

  @Test func notTakenBackOnceItIsBeingSent() throws {
    let world = try World()
    let acknowledger = try world.acknowledger()
    let queued = try world.queue(world.record())
    let name = OutgoingItem.fileName(queued.id, 2)
    let hold = try #require(try acknowledger.outbox.claim(name))
    #expect(throws: AcknowledgementRefusal.self) { try acknowledger.withdraw(queued.id, after: 2, by: "ben") }
    guard case .beingSent = try acknowledger.standing(of: queued) else {
      Issue.record("held, and not shown as being sent")
      return
    }
    #expect(throws: AcknowledgementRefusal.self) {
      try acknowledger.settle(queued.id, wasSent: true, by: "ben")
    }
    withExtendedLifetime(hold) {}
  }

  @Test func aConflictWhileTakingBackLeavesItWaiting() throws {
    let world = try World()
    let acknowledger = try world.acknowledger()
    let queued = try world.queue(world.record())
    _ = try world.store.append(.noted, to: queued.id, by: "cara", at: world.now, details: .init(reason: "n"))
    #expect(throws: EventConflict.self) { try acknowledger.withdraw(queued.id, after: 2, by: "ben") }
    #expect(try world.places() == [.new: 1])
  }

  @Test(arguments: [true, false]) func aPersonSettlesWhatIsInDoubt(_ wasSent: Bool) async throws {
    let world = try World()
    let acknowledger = try world.acknowledger()
    let queued = try world.queue(world.record())
    _ = try acknowledger.outbox.claim(OutgoingItem.fileName(queued.id, 2))
    let settled = try acknowledger.settle(queued.id, wasSent: wasSent, by: "ben")
    let server = try ScriptedSMTP()
    world.pass(seconds: 5 * 86400)
    await (try world.sender(server)).pass()
    let after = try world.store.read(queued.id)
    if wasSent {
      #expect(settled.state == .acknowledged && server.accepted.isEmpty)
      #expect(settled.proof?.serverReply.contains("ben says") == true)
    } else {
      // Five days on: it was to be sent again then, not given up for its age.
      _ = try acknowledger.standing(of: after)
      #expect(server.accepted.isEmpty && after.events.last?.kind == .sendFailed)
    }
    #expect(try world.findings().isEmpty)
  }

  @Test func sentAgainUnderTheSameMessageID() async throws {
    let world = try World()
    let acknowledger = try world.acknowledger()
    let queued = try world.queue(world.record())
    world.pass(seconds: 3 * 86400)
    _ = try acknowledger.outbox.claim(OutgoingItem.fileName(queued.id, 2))
    try acknowledger.settle(queued.id, wasSent: false, by: "ben")
    let server = try ScriptedSMTP()
    await (try world.sender(server)).pass()
    let id = try #require(queued.outgoing?.details.outgoing?.messageID)
    #expect(server.accepted.count == 1 && server.accepted[0].holds("Message-ID: <\(id)>\r\n"))
    #expect(try world.store.read(queued.id).state == .acknowledged)
  }

  @Test(arguments: [CaseEvent.Kind.dismissed, .closed, .acknowledged]) func aCaseThatEndedIsNotWrittenTo(
    _ kind: CaseEvent.Kind
  ) async throws {
    let world = try World()
    let queued = try world.queue(world.record())
    _ = try world.store.append(kind, to: queued.id, by: "ben", at: world.now, details: .init(reason: "r"))
    let server = try ScriptedSMTP()
    await (try world.sender(server)).pass()
    #expect(server.accepted.isEmpty)
    #expect(try world.store.read(queued.id).events.last?.kind == .sendFailed)
    #expect(try world.places() == [.failed: 1])
  }

  @Test func aBounceReopensTheDuty() async throws {
    let world = try World()
    let queued = try world.queue(world.record())
    let server = try ScriptedSMTP()
    await (try world.sender(server)).pass()
    let bounced = try world.store.append(
      .bounced, to: queued.id, by: "intake", at: world.now, details: .init(reason: "5.1.1"))
    #expect(bounced.state == .open && bounced.acknowledgedAt == nil && bounced.proof == nil)
    guard case .bounced("5.1.1") = try world.acknowledger().standing(of: bounced) else {
      Issue.record("not shown as bounced")
      return
    }
    let again = try world.queue(bounced)
    await (try world.sender(server)).pass()
    #expect(try world.store.read(again.id).state == .acknowledged && server.accepted.count == 2)
  }

  @Test func whatIsDamagedIsFoundAndNotSent() async throws {
    let world = try World()
    let queued = try world.queue(world.record())
    let outbox = Outbox(world.data)
    let path = outbox.path(.new, OutgoingItem.fileName(queued.id, 2))
    let bytes = try #require(try DurableFile.read(path, limit: 1 << 20))
    let changed = String(decoding: bytes, as: UTF8.self).replacing("Dear Sir", with: "Dear Fool")
    DurableFile.remove(path)
    try Array(changed.utf8).withUnsafeBytes { try DurableFile.create(path, $0, mode: 0o400) }
    #expect(try world.findings().count == 1)
    let server = try ScriptedSMTP()
    await (try world.sender(server)).pass()
    #expect(server.accepted.isEmpty)
    DurableFile.remove(path)
    #expect(try world.findings().count == 1)
  }

  @Test func capsCountWhatWasQueued() throws {
    let world = try World()
    for number in 1...3 { try world.queue(world.record(World.mail(number))) }
    let fourth = try world.record(World.mail(4))
    let acknowledger = try world.acknowledger()
    #expect(try acknowledger.draft(for: fourth).refusals == [.addressCap(3)])
    #expect(throws: AcknowledgementRefusal.self) { try world.queue(fourth) }
    try acknowledger.queue(fourth.id, after: 1, to: "member@example.org", body: "x", isSure: true, by: "anna")
    // The index is derived: the count survives its loss.
    let fifth = try world.record(World.mail(5))
    _ = try CaseIndex.reindex(world.data)
    #expect(try world.acknowledger().draft(for: fifth).refusals == [.addressCap(4)])
    world.pass(seconds: 86401)
    #expect(try world.acknowledger().draft(for: fifth).refusals.isEmpty)
  }

  struct Automatic: Sendable, CustomTestStringConvertible {
    let name: String
    var mail = World.mail()
    var outcome = Outcome.case
    var age: Int64 = 0
    var isOn = true
    let sends: Bool
    var testDescription: String { name }
  }

  static let automatic: [Automatic] = [
    Automatic(name: "a plain complaint", sends: true),
    Automatic(name: "off", isOn: false, sends: false),
    Automatic(name: "old mail", age: 5 * 3600, sends: false),
    Automatic(name: "possible only", outcome: .possible, sends: false),
    Automatic(
      name: "Reply-To elsewhere", mail: World.mail(headers: "Reply-To: victim@example.net\r\n"), sends: false),
    Automatic(
      name: "automatic", mail: World.mail(headers: "Auto-Submitted: auto-generated\r\n"), sends: false),
    Automatic(name: "list", mail: World.mail(headers: "List-Id: <x.example.org>\r\n"), sends: false),
    Automatic(name: "Return-Path empty", mail: World.mail(headers: "Return-Path: <>\r\n"), sends: false),
    Automatic(name: "our own address", mail: World.mail(from: "staff@meridian.example"), sends: false),
    Automatic(name: "quoted address", mail: World.mail(from: "\"a b\"@example.org"), sends: false),
    Automatic(name: "two senders", mail: World.mail(from: "a@example.org, b@example.org"), sends: false),
  ]

  @Test(arguments: automatic) func automaticOnlyWhenNothingStandsAgainstIt(_ row: Automatic) throws {
    let world = try World()
    let current = try world.record(row.mail, outcome: row.outcome)
    world.pass(seconds: row.age)
    let acknowledger = try world.acknowledger { $0.automaticWithin = row.isOn ? 4 * 3600 : nil }
    let refusal = try acknowledger.acknowledgeAutomatically(current.id)
    #expect((try world.places() == [.new: 1]) == row.sends, "\(String(describing: refusal))")
    if row.sends {
      let after = try world.store.read(current.id)
      #expect(after.events.last?.by == "intake" && after.outgoing?.details.outgoing?.isAutomatic == true)
      #expect(try acknowledger.acknowledgeAutomatically(current.id) != nil)
      try acknowledger.acknowledgeRecent()
      #expect(try world.store.read(current.id).events.count == 2)
    }
  }

  /// A message that once ended the program is not read for its acknowledgement either, nor to find it again.
  @Test func whatIsInQuarantineIsNotParsed() throws {
    let world = try World()
    // Parsing it would show both that a machine sent it and its words.
    let current = try world.record(
      World.mail(headers: "Auto-Submitted: auto-generated\r\n"), outcome: .quarantined)
    try world.store.append(.confirmed, to: current.id, by: "anna", at: world.now, details: .init())
    let confirmed = try world.store.read(current.id)
    let acknowledger = try world.acknowledger()
    #expect(try acknowledger.draft(for: confirmed).refusals == [.unread])
    #expect(throws: AcknowledgementRefusal.self) { try world.queue(confirmed) }
    _ = try CaseIndex.reindex(world.data)
    #expect(try CaseIndex(world.data).list(CaseFilter(search: "secret-words")).isEmpty)
    try world.acknowledger().queue(
      current.id, after: 2, to: "member@example.org", body: "x", isSure: true, by: "anna")
    #expect(try world.places() == [.new: 1])
  }

  @Test func aPersonMayWriteElsewhereIfSure() throws {
    let world = try World()
    let current = try world.record()
    let acknowledger = try world.acknowledger()
    #expect(throws: AcknowledgementRefusal.self) {
      try acknowledger.queue(
        current.id, after: 1, to: "other@example.net", body: "x", isSure: false, by: "anna")
    }
    // Nobody's word lifts RFC 3834's refusals.
    for address in [
      "staff@meridian.example", "noreply@example.org", "a b@example.org", "x@y\r\nBcc: v@w.example",
    ] {
      #expect(throws: AcknowledgementRefusal.self) {
        try acknowledger.queue(current.id, after: 1, to: address, body: "x", isSure: true, by: "anna")
      }
    }
    #expect(throws: AcknowledgementRefusal.self) {
      try acknowledger.queue(
        current.id, after: 1, to: "member@example.org", body: " \n ", isSure: true, by: "anna")
    }
    #expect(try world.places() == [:])
    try acknowledger.queue(current.id, after: 1, to: "other@example.net", body: "x", isSure: true, by: "anna")
    #expect(try world.places() == [.new: 1])
  }
}
