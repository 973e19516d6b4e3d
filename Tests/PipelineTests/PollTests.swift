import Cases
import Deadlines
import DemoServer
import Foundation
import IMAP
import Testing
import Transport

@testable import Pipeline

@Suite struct PollTests {
  @Test func everyUIDEndsInOneOutcome() async throws {
    let world = try World()
    for number in 0..<5 { world.deliver(Mail.complaint(number)) }
    for number in 0..<5 { world.deliver(Mail.enquiry(number)) }
    let poller = try world.poller()
    let report = try await poller.pass()
    #expect(report.reconciliation.found == 10)
    #expect(report.reconciliation.outcomes == [.case: 5, .notAComplaint: 5])
    #expect(report.reconciliation.gap == 0 && report.reconciliation.pending == 0)
    // Byte for byte, and unseen.
    for message in world.server.messages() {
      let bytes = try #require(world.server.bytes(of: message.uid))
      #expect(try world.intake.messages.isIntact(Digest(of: bytes)))
      #expect(!message.flags.contains("\\Seen"))
    }
    // A second pass does nothing.
    let again = try await poller.pass()
    #expect(again.settled.isEmpty && again.reconciliation.found == 10)
    await poller.close()
    #expect(try world.account().findings == [])
  }

  @Test func deadlineComesFromTheServersReceipt() async throws {
    let world = try World()
    world.deliver(Mail.complaint().replacing("Mon, 23 Nov 2026", with: "Tue, 01 Jan 2019"))
    let poller = try world.poller()
    let settled = try await poller.pass().settled
    let current = try world.intake.cases.read(try #require(settled.first?.caseID))
    #expect(current.recorded.receivedAt == Instant(unixSeconds: World.now - 3600))
    // Received Mon 23 Nov 2026 08:00 London; three business days: Thu 26 Nov.
    #expect(current.recorded.deadlines[.acknowledge]?.date.description == "2026-11-26")
    await poller.close()
  }

  @Test func followUpsJoinAndStrangersDoNot() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    let poller = try world.poller()
    let first = try await poller.pass()
    let id = try #require(first.settled.first?.caseID)
    // By References, in the next pass; by our reference in the subject, from a participant; and from a stranger.
    world.deliver(Mail.reply(to: "complaint-1@example.org", from: "dr.okafor@example.org", number: 1))
    world.deliver(
      Mail.reply(
        to: "unknown@example.org", from: "dr.okafor@example.org", subject: "Re: [\(id.reference)]", number: 2)
    )
    world.deliver(
      Mail.reply(
        to: "unknown@example.org", from: "stranger@example.net", subject: "Re: [\(id.reference)]", number: 3))
    // An empty reference belongs to nothing.
    world.deliver(
      Mail.enquiry(4).replacing("Message-ID:", with: "In-Reply-To: <>\nReferences: <>\nMessage-ID:"))
    // A Message-ID that somebody has seen or guessed proves nothing either.
    world.deliver(Mail.reply(to: "complaint-1@example.org", from: "stranger@example.net", number: 5))
    let second = try await poller.pass()
    let outcomes = second.settled.sorted { "\($0.source)" < "\($1.source)" }
    try #require(outcomes.map(\.outcome) == [.followUp, .followUp, .possible, .notAComplaint, .possible])
    #expect(outcomes[0].caseID == id && outcomes[1].caseID == id)
    for outcome in [outcomes[2], outcomes[4]] {
      let stranger = try world.intake.cases.read(try #require(outcome.caseID))
      #expect(stranger.id != id && stranger.recorded.claimsToBelongTo == [id])
    }
    #expect(try world.intake.cases.read(id).events.count == 3)
    await poller.close()
    #expect(try world.account().findings == [])
  }

  @Test func replyInTheSameBatchJoins() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    world.deliver(Mail.reply(to: "complaint-1@example.org", from: "dr.okafor@example.org"))
    let poller = try world.poller()
    let report = try await poller.pass()
    #expect(report.reconciliation.outcomes == [.case: 1, .followUp: 1])
    await poller.close()
  }

  @Test func aForwardIsNewIntakeAndNamesTheMember() async throws {
    let world = try World()
    world.deliver(
      """
      From: Jo Clerk <jo.clerk@meridian-mutual.example>
      To: complaints@meridian-mutual.example
      Subject: FW: still waiting
      Message-ID: <fw-1@meridian-mutual.example>
      Date: Mon, 23 Nov 2026 08:00:00 +0000

      Please log.

      From: Dr Amara Nwosu <amara@example.org>
      Sent: Friday, 20 November 2026 16:05
      To: Jo Clerk <jo.clerk@meridian-mutual.example>
      Subject: still waiting

      I have now written to you five times about my claim and nobody has answered. I am very disappointed with
      your service and want this treated as a complaint.
      """)
    let poller = try world.poller()
    let settled = try await poller.pass().settled
    let current = try world.intake.cases.read(try #require(settled.first?.caseID))
    let complainant = current.recorded.complainant
    #expect(complainant.address == "amara@example.org")
    #expect(complainant.forwardedBy == "jo.clerk@meridian-mutual.example")
    #expect(complainant.originalDate?.contains("20 November 2026") == true)
    #expect(complainant.confidence > 0.5 && complainant.confidence < 1)
    await poller.close()
  }

  @Test func duplicatesAreOneCase() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    // The same bytes at another UID, and the same message by another way.
    world.deliver(Mail.complaint())
    world.deliver("Received: by mx2; Mon, 23 Nov 2026 08:00:05 +0000\n" + Mail.complaint())
    // The same Message-ID with other words is another message.
    world.deliver(Mail.complaint().replacing("four times", with: "nine times"))
    let poller = try world.poller()
    let report = try await poller.pass()
    #expect(report.reconciliation.outcomes == [.case: 2, .duplicate: 2])
    let cases = try report.settled.filter { $0.outcome == .case }.map {
      try world.intake.cases.read(try #require($0.caseID))
    }
    #expect(cases.contains { !$0.recorded.possibleDuplicates.isEmpty })
    await poller.close()
    #expect(try world.account().findings == [])
  }

  @Test func withoutMessageIDNothingMatches() async throws {
    let world = try World()
    for number in 0..<3 {
      world.deliver(
        Mail.complaint(number).replacing(
          "Message-ID: <complaint-\(number)@example.org>", with: "Message-ID: <>"))
    }
    world.deliver(
      Mail.complaint(9).replacing("Message-ID: <complaint-9@example.org>", with: "References: <>"))
    let poller = try world.poller()
    #expect(try await poller.pass().reconciliation.outcomes == [.case: 4])
    await poller.close()
  }

  @Test func keywordIsSetOnWhatIsRecordedAndNothingElseChanges() async throws {
    let world = try World()
    for number in 0..<3 { world.deliver(Mail.complaint(number)) }
    let poller = try world.poller(after: .keyword("$Intake"))
    #expect(try await poller.pass().told == 3)
    #expect(world.server.messages().allSatisfy { $0.flags == ["$Intake"] })
    #expect(try await poller.pass().told == 0)
    await poller.close()
  }

  @Test(arguments: [true, false])
  func moveTakesOutOnlyWhatIsRecorded(_ hasMove: Bool) async throws {
    var options = DemoServer.Options(mailboxes: ["Done"])
    options.move = hasMove
    let world = try World(options)
    for number in 0..<3 { world.deliver(Mail.complaint(number)) }
    let poller = try world.poller(after: .move(try #require(MailboxName("Done"))))
    #expect(try await poller.pass().told == 3)
    #expect(world.server.messages().isEmpty)
    #expect(world.server.messages(in: "Done").count == 3)
    await poller.close()
    #expect(try world.account().reconciliation.gap == 0)
  }

  @Test func withoutMoveAndUIDPLUSNothingIsTouched() async throws {
    var options = DemoServer.Options(mailboxes: ["Done"])
    options.move = false
    options.uidplus = false
    let world = try World(options)
    world.deliver(Mail.complaint())
    let poller = try world.poller(after: .move(try #require(MailboxName("Done"))))
    await #expect(throws: IMAPError.self) { try await poller.pass() }
    #expect(world.server.messages().map(\.flags) == [[]])
    #expect(try world.account().reconciliation.outcomes == [.case: 1])
  }

  @Test func fromNowLeavesOldMailAlone() async throws {
    let world = try World()
    world.deliver(Mail.complaint(1))
    let poller = try world.poller(from: .now)
    #expect(try await poller.pass().reconciliation.found == 0)
    world.deliver(Mail.complaint(2))
    #expect(try await poller.pass().reconciliation.outcomes == [.case: 1])
    await poller.close()
    // The choice is in the ledger: a later process takes no more and no less.
    let later = try world.poller(from: .now)
    #expect(try await later.pass().reconciliation.found == 1)
    await later.close()
  }

  @Test func fromADateTakesWhatCameSince() async throws {
    let world = try World()
    let day: Int64 = 86400
    for age in [5, 3, 1] as [Int64] {
      world.server.add(
        DemoServer.crlf(Array(Mail.complaint(Int(age)).utf8)), internalDate: World.now - age * day)
    }
    let poller = try world.poller(from: .since(try #require(CivilDate(year: 2026, month: 11, day: 20))))
    #expect(try await poller.pass().reconciliation.outcomes == [.case: 2])
    await poller.close()
  }

  @Test func renumberedFolderDoublesNothing() async throws {
    let world = try World()
    for number in 0..<4 { world.deliver(Mail.complaint(number)) }
    let first = try world.poller()
    _ = try await first.pass()
    await first.close()
    world.server.setUIDValidity(99)
    world.deliver(Mail.complaint(7))
    let second = try world.poller()
    let report = try await second.pass()
    await second.close()
    #expect(report.reconciliation.outcomes == [.case: 5, .duplicate: 4])
    #expect(report.anomalies.contains { $0.contains("UIDVALIDITY") })
    #expect(try world.intake.index.list(CaseFilter()).count == 5)
    #expect(try world.account().findings == [])
  }

  @Test func aLargeMessageIsFetchedInParts() async throws {
    let world = try World()
    world.deliver(Mail.complaint() + String(repeating: "Line of a long attachment\n", count: 20_000))
    world.deliver(Mail.complaint(2))
    let poller = try world.poller(sizeLimit: 100_000)
    let report = try await poller.pass()
    await poller.close()
    #expect(report.reconciliation.outcomes == [.case: 2])
    let bytes = try #require(world.server.bytes(of: 1))
    #expect(try world.intake.messages.isIntact(Digest(of: bytes)))
    #expect(try DurableFile.names(in: world.intake.data.path + "/tmp") == [])
  }

  @Test func whatADeadProcessLeftIsRedone() async throws {
    let world = try World()
    let ledger = try Ledger(world.intake.data, mailbox: "inbox")
    let rules = MailboxRules(name: "inbox")
    // Bytes and arrival line are there, the process died before the outcome.
    let arrived = try world.intake.receive(
      (0..<3).map {
        IncomingMessage(
          source: .imap(uidValidity: 1, uid: UInt32($0 + 1)),
          content: .memory(Array(Mail.complaint($0).utf8)),
          internalDate: nil)
      }, into: ledger)
    // One of them even had its case.
    let plans = try world.intake.process([arrived[0]], ledger: ledger, rules: rules)
    #expect(plans.map(\.outcome) == [.case])
    try world.intake.redoPending(Ledger(world.intake.data, mailbox: "inbox"), rules: rules)
    #expect(try world.account().reconciliation.outcomes == [.case: 3])
    #expect(try world.account().findings == [])
    #expect(try world.account().findings == [])
  }

  @Test func aLinkThatADeadProcessDidNotMakeIsMade() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    let poller = try world.poller()
    let id = try #require(try await poller.pass().settled.first?.caseID)
    await poller.close()
    // The case is there; link and outcome line are not, as when the process dies between them.
    let ledger = "\(world.intake.data.path)/ledger/inbox"
    for name in try DurableFile.names(in: ledger) {
      let path = "\(ledger)/\(name)"
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let kept = lines.filter { !$0.contains("\"outcome\"") }.joined(separator: "\n") + "\n"
      try kept.write(toFile: path, atomically: false, encoding: .utf8)
    }
    DurableFile.remove("\(world.intake.data.path)/queue/open/\(id)")
    try world.intake.redoPending(
      Ledger(world.intake.data, mailbox: "inbox"), rules: MailboxRules(name: "inbox"))
    #expect(try world.account().findings == [])
    #expect(try world.account().reconciliation.outcomes == [.case: 1])
  }

  @Test func thirdDeathQuarantines() async throws {
    let world = try World()
    let ledger = try Ledger(world.intake.data, mailbox: "inbox")
    let source = SourceID.imap(uidValidity: 1, uid: 1)
    _ = try world.intake.receive(
      [IncomingMessage(source: source, content: .memory(Array(Mail.complaint().utf8)), internalDate: nil)],
      into: ledger)
    let now = Instant(unixSeconds: World.now)
    try ledger.append([.attempt(source), .attempt(source)], at: now)
    let settled = try world.intake.redoPending(ledger, rules: MailboxRules(name: "inbox"))
    #expect(settled.map(\.outcome) == [.quarantined])
    let current = try world.intake.cases.read(try #require(settled.first?.caseID))
    #expect(current.state == .quarantined)
    #expect(current.recorded.deadlines[.acknowledge] != nil, "the deadline runs in quarantine too")
    #expect(try world.account().findings == [])
  }

  /// A disk or an index that fails is not the message's doing, however often it is tried.
  @Test func whatAProcessLivesThroughQuarantinesNothing() async throws {
    let world = try World()
    let (data, rules) = (world.intake.data, MailboxRules(name: "inbox"))
    let ledger = try Ledger(data, mailbox: "inbox")
    let source = SourceID.imap(uidValidity: 1, uid: 1)
    _ = try world.intake.receive(
      [IncomingMessage(source: source, content: .memory(Array(Mail.complaint().utf8)), internalDate: nil)],
      into: ledger)
    try FileManager.default.moveItem(atPath: data.path + "/cases", toPath: data.path + "/away")
    for _ in 0..<5 {
      #expect(throws: (any Error).self) { try world.intake.redoPending(ledger, rules: rules) }
    }
    #expect(ledger.withState { $0.pending[source]?.attempts } == 2)
    try FileManager.default.moveItem(atPath: data.path + "/away", toPath: data.path + "/cases")
    #expect(try world.intake.redoPending(ledger, rules: rules).map(\.outcome) == [.case])
    #expect(try world.account().findings == [])
  }

  @Test func lowDiskFetchesNothing() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    var limits = PipelineLimits()
    limits.lowDisk = .max
    let full = try Intake(
      data: world.intake.data, organisation: world.intake.organisation, rules: world.intake.rules,
      judge: TestRules.judge(), limits: limits, logger: world.intake.logger)
    let poller = MailboxPoller(try world.settings(), intake: full, logger: world.intake.logger)
    await #expect(throws: PollError.self) { try await poller.pass() }
    #expect(world.server.transcript.isEmpty)
  }
}
