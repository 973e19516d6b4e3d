// To whom an acknowledgement may go: each refusal by a row.

import Cases
import Foundation
import MIME
import Testing

@testable import Outbound

@Suite struct PolicyTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var to: String? = "member@example.org"
    var sender: String? = "member@example.org"
    var kind: AutomaticMail.Kind?
    var header = "Auto-Submitted"
    var emptyPath = false
    var counts = (0, 0)
    var corrected = false
    var unread = false
    let expected: [RecipientRefusal]
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "a person's mail", expected: []),
    Row(name: "letter case does not matter", to: "Member@Example.org", expected: []),
    Row(name: "an invitation is a person's", kind: .calendar, expected: []),
    Row(name: "auto-reply", kind: .autoReply, expected: [.automaticMail("Auto-Submitted")]),
    Row(name: "generated", kind: .generated, expected: [.automaticMail("Auto-Submitted")]),
    Row(name: "bounce", kind: .bounce, expected: [.automaticMail("Auto-Submitted")]),
    Row(name: "delivery report", kind: .deliveryReport, expected: [.automaticMail("Auto-Submitted")]),
    Row(name: "read receipt", kind: .readReceipt, expected: [.automaticMail("Auto-Submitted")]),
    Row(name: "list", kind: .list, header: "List-Id", expected: [.list("List-Id")]),
    Row(name: "bulk", kind: .bulk, header: "Precedence", expected: [.list("Precedence")]),
    Row(name: "empty Return-Path", emptyPath: true, expected: [.emptyReturnPath]),
    Row(
      name: "our own mailbox", to: "complaints@meridian.example", sender: "complaints@meridian.example",
      expected: [.ours]),
    Row(name: "staff", to: "Staff@meridian.example", sender: "staff@meridian.example", expected: [.ours]),
    Row(name: "nobody", to: nil, expected: [.noAddress]),
    Row(name: "empty", to: "", expected: [.noAddress]),
    Row(name: "another than the sender", to: "victim@example.net", expected: [.differsFromSender]),
    Row(name: "another, corrected by a person", to: "victim@example.net", corrected: true, expected: []),
    Row(name: "no sender at all", sender: nil, expected: [.differsFromSender]),
    Row(
      name: "daemon", to: "MAILER-DAEMON@example.org", sender: "mailer-daemon@example.org",
      expected: [.machineAddress]),
    Row(
      name: "noreply", to: "no-reply@example.org", sender: "no-reply@example.org", expected: [.machineAddress]
    ),
    Row(
      name: "list owner", to: "owner-x@example.org", sender: "owner-x@example.org",
      expected: [.machineAddress]),
    Row(
      name: "list request", to: "x-request@example.org", sender: "x-request@example.org",
      expected: [.machineAddress]),
    Row(
      name: "nobody has read it", sender: nil, corrected: true, unread: true, expected: [.unread]),
    Row(name: "below the address cap", counts: (2, 2), expected: []),
    Row(name: "address cap", counts: (3, 3), expected: [.addressCap(3)]),
    Row(name: "domain cap", counts: (0, 50), expected: [.domainCap(50)]),
    Row(
      name: "several at once", to: "victim@example.net", kind: .list, header: "List-Id", emptyPath: true,
      counts: (3, 50),
      expected: [.list("List-Id"), .emptyReturnPath, .differsFromSender, .addressCap(3), .domainCap(50)]),
  ]

  @Test(arguments: rows) func refuses(_ row: Row) {
    var facts = RecipientFacts(
      to: row.to, sender: row.sender,
      automatic: row.kind.flatMap { AutomaticMailBuilder.make($0, row.header) },
      hasEmptyReturnPath: row.emptyPath, isOurs: { $0.hasSuffix("@meridian.example") })
    facts.isCorrected = row.corrected
    facts.isUnread = row.unread
    (facts.toAddress, facts.toDomain) = row.counts
    #expect(RecipientPolicy.refusals(facts, caps: RecipientCaps()) == row.expected)
  }

  @Test func onlyFourRefusalsAreAPersonsToLift() {
    let all: [RecipientRefusal] = [
      .noAddress, .unusableAddress, .ours, .machineAddress, .automaticMail("h"), .emptyReturnPath, .list("h"),
      .unread, .differsFromSender, .addressCap(1), .domainCap(1), .backfill, .notCertain,
    ]
    #expect(all.filter(\.mayBeOverridden) == [.unread, .differsFromSender, .addressCap(1), .domainCap(1)])
  }

  @Test(arguments: [
    "a@b.example", "a.b+c@sub.b.example", "o'neil@b.example", "x=y@b.example", "1@2.3",
  ]) func takesPlainAddresses(_ text: String) { #expect(AddrSpec(text) != nil) }

  @Test(arguments: [
    "", "@", "a@", "@b.example", "a b@c.example", "a@b", "a@b..example", "a@-b.example", "a@b-.example",
    ".a@b.example",
    "a.@b.example", "a..b@c.example", "\"a b\"@c.example", "\"a\r\nBcc: v@w.example\"@c.example",
    "a@[127.0.0.1]",
    "a@b.example\r\n", "a\r\nRCPT TO:<v@w.example>@b.example", "a@b.example>", "<a@b.example>",
    "a@b.example,c@d.example",
    "a@b.example c@d.example", "ä@b.example", "a@bücher.example", "a@b.example\0", "a\0@b.example",
    "a@b@c .example",
    String(repeating: "a", count: 65) + "@b.example", "a@" + String(repeating: "b.", count: 130) + "example",
    "a;b@c.example", "a:b@c.example", "a(c)@b.example", "a@b_c.example",
  ]) func refusesEverythingElse(_ text: String) { #expect(AddrSpec(text) == nil) }
}

/// `AutomaticMail` has no initializer outside its module; its coding is the way in.
enum AutomaticMailBuilder {
  static func make(_ kind: AutomaticMail.Kind, _ header: String) -> AutomaticMail? {
    try? JSONDecoder().decode(
      AutomaticMail.self,
      from: Data("{\"kind\":\"\(kind.rawValue)\",\"header\":\"\(header)\",\"value\":\"x\"}".utf8))
  }
}
