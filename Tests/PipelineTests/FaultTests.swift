// The demo server misbehaves on purpose; each row says what a pass makes of it. Whatever happens, a later pass with
// the fault gone has every message exactly once.

import Cases
import Deadlines
import DemoServer
import Foundation
import IMAP
import Testing
import Transport

@testable import Pipeline

@Suite struct FaultTests {
  enum First: Sendable {
    /// The pass succeeds and has everything.
    case complete
    /// It succeeds, says what was odd, and has everything.
    case completeNoting(String)
    /// It succeeds, says what was odd, and leaves some for later.
    case partNoting(String)
    /// It fails under this alarm; what was taken is recorded.
    case fails(String)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let fault: Fault
    let first: First
    var options: @Sendable (inout DemoServer.Options) -> Void = { _ in }
    var testDescription: String { "\(fault)" }
  }

  static let rows: [Row] = [
    Row(fault: .cutMidLiteral, first: .fails("server-unreachable")),
    Row(fault: .cutMidLine, first: .fails("server-unreachable")),
    Row(fault: .silenceAtGreeting, first: .fails("server-unreachable")),
    Row(fault: .silenceMidFetch, first: .fails("server-unreachable")),
    Row(fault: .silenceAfterCommand, first: .fails("server-unreachable")),
    Row(fault: .lyingSizeLarger, first: .completeNoting("size-lie")) { $0.faultCount = nil },
    Row(fault: .lyingSizeSmaller, first: .completeNoting("size-lie")) { $0.faultCount = nil },
    Row(fault: .literalShorterThanSaid, first: .fails("")),
    Row(fault: .wrongUID, first: .partNoting("unasked-uid")),
    Row(fault: .duplicateFetch, first: .partNoting("duplicate")),
    Row(fault: .unsolicitedExpunge, first: .complete),
    Row(fault: .uidValidityChangesBetweenPolls, first: .complete),
    Row(fault: .taggedLineInsideLiteral, first: .complete),
    Row(fault: .forgedTagUnknown, first: .fails("protocol-violation")),
    // What a NO took back is asked for again, UID by UID.
    Row(fault: .noAfterData, first: .complete),
    Row(fault: .byeMidFetch, first: .fails("server-unreachable")),
    Row(fault: .hugeLiteral, first: .fails("protocol-violation")),
    Row(fault: .negativeLiteral, first: .fails("protocol-violation")),
    Row(fault: .floodOfUntagged, first: .fails("protocol-violation")) { $0.floodBytes = 96 << 20 },
    Row(fault: .slowDrip, first: .fails("server-unreachable")),
    Row(fault: .partialReturnsWhole, first: .complete),
    Row(fault: .nilBody, first: .partNoting("no-content")),
    Row(fault: .missingUIDInFetch, first: .partNoting("missing-uid")),
    Row(fault: .splitCRLF, first: .complete),
    Row(fault: .readOnlyMailbox, first: .complete),
    Row(fault: .folderMissing, first: .fails("mailbox-missing")),
    Row(fault: .loginRefused, first: .fails("login-refused")),
    Row(fault: .throttled, first: .fails("server-throttles")),
    Row(fault: .storeRefused, first: .fails("")),
    Row(fault: .idleDead, first: .complete),
    Row(fault: .searchOmits, first: .complete),
    Row(fault: .unsolicitedFetchFlags, first: .complete),
  ]

  @Test func noFaultIsForgotten() {
    #expect(Set(Self.rows.map(\.fault)) == Set(Fault.allCases))
  }

  @Test(arguments: rows)
  func eachIsNamedAndNothingIsLost(_ row: Row) async throws {
    var options = DemoServer.Options(fault: row.fault, faultCount: 1)
    row.options(&options)
    let world = try World(options)
    for number in 0..<6 {
      world.deliver(number.isMultiple(of: 2) ? Mail.complaint(number) : Mail.enquiry(number))
    }
    // Where the server is to be told something, the fault can strike there.
    let after = row.fault == .storeRefused ? AfterRecording.keyword("$Intake") : .keep
    let sizeLimit = row.fault == .partialReturnsWhole ? 100 : 25 << 20
    var poller = try world.poller(after: after, sizeLimit: sizeLimit)

    do {
      let report = try await poller.pass()
      #expect(report.reconciliation.gap == 0)
      switch row.first {
      case .complete: #expect(report.reconciliation.pending == 0)
      case .completeNoting(let note):
        #expect(report.reconciliation.pending == 0)
        #expect(report.anomalies.contains { $0.contains(note) }, "\(report.anomalies)")
      case .partNoting(let note):
        #expect(report.reconciliation.pending > 0)
        #expect(report.anomalies.contains { $0.contains(note) }, "\(report.anomalies)")
      case .fails(let alarm): Issue.record("expected \(alarm), got \(report.reconciliation)")
      }
    } catch let error as IMAPError {
      guard case .fails(let alarm) = row.first else {
        Issue.record("unexpected: \(error)")
        return
      }
      if !alarm.isEmpty { #expect(error.alarm == alarm, "\(error)") }
    }
    await poller.close()

    // The fault is over: a new connection has everything, each message once.
    world.server.setFault(nil)
    poller = try world.poller(after: after, sizeLimit: sizeLimit)
    let report = try await poller.pass()
    await poller.close()
    let (reconciliation, findings) = try world.account()
    #expect(findings == [])
    #expect(reconciliation.gap == 0 && report.reconciliation.pending == 0, "\(report.reconciliation)")
    let shown = world.server.messages()
    for message in shown {
      let bytes = try #require(world.server.bytes(of: message.uid))
      #expect(try world.intake.messages.isIntact(Digest(of: bytes)), "UID \(message.uid) is in mail/")
    }
    // Six came; the fault may have brought one more, or taken one away after it was seen.
    let complaints = try world.intake.index.list(CaseFilter(state: .open)).count
    #expect((3...4).contains(complaints), "\(reconciliation)")
    #expect(!shown.contains { $0.flags.contains("\\Seen") })
  }

  @Test func aDeadIdleEndsAtItsDeadline() async throws {
    let world = try World(DemoServer.Options(fault: .idleDead))
    let poller = try world.poller()
    _ = try await poller.pass()
    let connection = try #require(poller.connection)
    let start = ContinuousClock.now
    // The server accepts IDLE and never says a word again: the wait ends, and so does the wait for DONE's answer.
    _ = try? await connection.idle(atMost: 1)
    #expect(ContinuousClock.now - start < .seconds(10))
    await poller.close()
  }

  @Test func aMessageThatIsGoneBeforeItIsFetchedIsAccountedFor() async throws {
    let world = try World(DemoServer.Options(fault: .unsolicitedExpunge, faultCount: 1))
    for number in 0..<4 { world.deliver(Mail.complaint(number)) }
    let poller = try world.poller()
    let report = try await poller.pass()
    let again = try await poller.pass()
    await poller.close()
    #expect(report.reconciliation.gap == 0 && again.reconciliation.gap == 0)
    #expect(again.reconciliation.pending == 0)
    #expect(again.reconciliation.found == 4)
  }

  @Test func whatWasLeftIsTakenAtTheNextPassOfTheSameConnection() async throws {
    let world = try World(DemoServer.Options(fault: .nilBody, faultCount: 1))
    for number in 0..<4 { world.deliver(Mail.complaint(number)) }
    let poller = try world.poller()
    #expect(try await poller.pass().reconciliation.pending == 1)
    #expect(try await poller.pass().reconciliation.outcomes == [.case: 4])
    await poller.close()
  }
}
