// What becomes of a report that our acknowledgement could not be delivered, and of answers to it.

import Cases
import Deadlines
import Testing
import Transport

@testable import Pipeline

@Suite struct BounceTests {
  private static let ours = "ack.X.2@meridian-mutual.example"

  /// A delivery report (RFC 3464) about a message of ours.
  private static func report(
    about messageID: String = ours, action: String = "failed", number: Int = 1, returned: Bool = true
  ) -> String {
    """
    From: Mail Delivery System <MAILER-DAEMON@mail.example.org>
    To: complaints@meridian-mutual.example
    Subject: Undelivered Mail Returned to Sender
    Message-ID: <bounce-\(number)@mail.example.org>
    Auto-Submitted: auto-replied
    \(returned ? "X-Kind: report" : "References: <\(messageID)>")
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status; boundary=b

    --b
    Content-Type: text/plain

    Your message could not be delivered.
    --b
    Content-Type: message/delivery-status

    Reporting-MTA: dns; mail.example.org

    Final-Recipient: rfc822; dr.okafor@example.org
    Action: \(action)
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 <dr.okafor@example.org> no such user
    --b
    Content-Type: \(returned ? "text/rfc822-headers" : "text/plain")

    \(returned ? "Message-ID: <\(messageID)>" : "nothing came back")
    --b--
    """
  }

  /// A case that was acknowledged under `ours`.
  private func acknowledged(_ world: World) async throws -> CaseID {
    world.deliver(Mail.complaint())
    let poller = try world.poller()
    let id = try #require(try await poller.pass().settled.first?.caseID)
    await poller.close()
    let digest = Digest(of: Array("letter".utf8))
    let at = Instant(unixSeconds: World.now)
    let to = "dr.okafor@example.org"
    let store = world.intake.cases
    _ = try store.append(
      .queued, to: id, by: "anna", at: at,
      details: .init(
        outgoing: OutgoingFacts(
          messageID: Self.ours, to: to, subject: "s", digest: digest, isAutomatic: false, template: "t")))
    let current = try store.append(
      .acknowledged, to: id, by: "anna", at: at,
      details: .init(
        acknowledgement: AcknowledgementProof(
          messageID: Self.ours, to: to, digest: digest, serverReply: "250 ok", sentAt: at)))
    try world.intake.index.put([(current, text: nil)])
    return id
  }

  private func pass(_ world: World) async throws -> [SettledMessage] {
    let poller = try world.poller()
    defer { Task { await poller.close() } }
    return try await poller.pass().settled
  }

  @Test(arguments: [true, false]) func aFailureReopensTheDutyOnce(_ returned: Bool) async throws {
    let world = try World()
    let id = try await acknowledged(world)
    world.deliver(Self.report(returned: returned))
    let settled = try await pass(world)
    #expect(settled.map(\.outcome) == [.automatic] && settled.first?.caseID == id)
    let after = try world.intake.cases.read(id)
    #expect(after.state == .open && after.acknowledgedAt == nil && after.events.last?.kind == .bounced)
    let reason = try #require(after.events.last?.details.reason)
    #expect(reason == "5.1.1: 550 5.1.1 … no such user", "\(reason)")
    #expect(try world.intake.index.row(id)?.state == .open)
    // The same report again, and one more from elsewhere: nothing new.
    world.deliver(Self.report(number: 2))
    #expect(try await pass(world).map(\.outcome) == [.automatic])
    #expect(try world.intake.cases.read(id).events.count == after.events.count)
    #expect(try world.account().reconciliation.gap == 0)
    #expect(try world.account().reconciliation.outcomes == [.case: 1, .automatic: 2])
  }

  @Test(arguments: ["delayed", "delivered", "relayed", "expanded"]) func whatIsNoFailureChangesNothing(
    _ action: String
  ) async throws {
    let world = try World()
    let id = try await acknowledged(world)
    world.deliver(Self.report(action: action))
    #expect(try await pass(world).map(\.outcome) == [.automatic])
    #expect(try world.intake.cases.read(id).state == .acknowledged)
  }

  @Test func aReportOnSomebodyElsesMailChangesNothing() async throws {
    let world = try World()
    let id = try await acknowledged(world)
    world.deliver(Self.report(about: "other@meridian-mutual.example"))
    // Of the complaint itself: that is not ours to have been bounced.
    world.deliver(Self.report(about: "complaint-1@example.org", number: 2))
    #expect(try await pass(world).map(\.outcome) == [.automatic, .automatic])
    #expect(try world.intake.cases.read(id).state == .acknowledged)
  }

  @Test func anAnswerToOurLetterJoinsTheCase() async throws {
    let world = try World()
    let id = try await acknowledged(world)
    world.deliver(Mail.reply(to: Self.ours, from: "dr.okafor@example.org"))
    let settled = try await pass(world)
    #expect(settled.map(\.outcome) == [.followUp] && settled.first?.caseID == id)
    // Known from the files alone, too.
    _ = try CaseIndex.reindex(world.intake.data)
    let index = try CaseIndex(world.intake.data)
    #expect(try index.cases(holding: [Self.ours]) == [Self.ours: [id]])
    #expect(try index.caseOfOutgoing(["x", Self.ours]) == id)
    #expect(try index.caseOfOutgoing(["complaint-1@example.org"]) == nil)
  }

  @Test func anAbsenceAnsweringOurLetterIsAutomatic() async throws {
    let world = try World()
    let id = try await acknowledged(world)
    world.deliver(
      """
      From: Dr Okafor <dr.okafor@example.org>
      To: complaints@meridian-mutual.example
      Subject: Automatic reply: [C-7F3K-9QXD] We have received your complaint
      Message-ID: <away@example.org>
      In-Reply-To: <\(Self.ours)>
      Auto-Submitted: auto-replied

      I am away.
      """)
    #expect(try await pass(world).map(\.outcome) == [.automatic])
    #expect(try world.intake.cases.read(id).state == .acknowledged)
  }

  @Test(arguments: [
    ("550 <a@b.example> no", "550 … no"), ("a@b", "…"), ("no\r\nBcc: x", "no Bcc: x"), ("", ""),
  ]) func reasonsHoldNoAddresses(_ text: String, _ expected: String) {
    #expect(ServerText.withoutAddresses(text) == expected)
  }
}
