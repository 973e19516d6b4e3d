// Erasing what the pipeline recorded: nothing of a person is left anywhere in the data folder, the chain still verifies,
// and what arrives again brings nothing back.

import Cases
import Deadlines
import Foundation
import Testing
import Triage

@testable import Pipeline

@Suite struct ErasureTests {
  /// A complaint full of words that stand nowhere else.
  static let mail = """
    From: Xenia Quillfeather <xenia.quillfeather@zephyrmail.example>
    Reply-To: <x.quill@privatebox.example>
    To: complaints@meridian-mutual.example
    Cc: Barnaby Wolfthorpe <barnaby@wolfthorpe.example>
    Subject: Formal complaint about the Yarrowgate renewal
    Message-ID: <zq-81723@zephyrmail.example>
    Date: Mon, 23 Nov 2026 08:00:00 +0000
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary=b

    --b
    Content-Type: text/plain

    I am writing to make a formal complaint about Meridian. I have emailed your team four times since August about
    my renewal and nobody has replied. My member number is MED-778899. This is unacceptable, and my solicitor
    Thaddeus Grimwald will write to the ombudsman. Please tell me what you will do.

    Xenia Quillfeather, Vlissingenhof 17
    --b
    Content-Type: application/pdf; name="quillfeather-letter.pdf"
    Content-Disposition: attachment; filename="quillfeather-letter.pdf"

    x
    --b--
    """

  static let reply = """
    From: Xenia Quillfeather <xenia.quillfeather@zephyrmail.example>
    To: complaints@meridian-mutual.example
    Subject: Re: Formal complaint about the Yarrowgate renewal
    Message-ID: <zq-81724@zephyrmail.example>
    In-Reply-To: <zq-81723@zephyrmail.example>
    References: <zq-81723@zephyrmail.example>
    Date: Mon, 23 Nov 2026 08:30:00 +0000

    Further to the message below: the Ombersleyan affair too.
    """

  static let personal = [
    "quillfeather", "zephyrmail", "privatebox", "wolfthorpe", "barnaby", "yarrowgate", "zq-8172", "778899",
    "grimwald", "thaddeus", "vlissingenhof", "ombersleyan", "solicitor",
  ]

  /// Files under a folder that hold a text, whatever its letter case.
  static func files(holding text: String, in folder: String) throws -> [String] {
    let grep = Process()
    let output = Pipe()
    grep.executableURL = URL(fileURLWithPath: "/usr/bin/grep")
    grep.arguments = ["-rliaF", text, "."]
    grep.currentDirectoryURL = URL(fileURLWithPath: folder)
    grep.standardOutput = output
    try grep.run()
    let names = output.fileHandleForReading.readDataToEndOfFile()
    grep.waitUntilExit()
    return String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func erasure(_ world: World) -> Erasure {
    Erasure(world.intake.data, index: world.intake.index, deletions: world.intake.deletions)
  }

  /// Everything that may hold something of a person: the message, a reply, a note, a correction, a letter.
  private func recorded(_ world: World) async throws -> CaseID {
    world.deliver(Self.mail)
    let poller = try world.poller()
    let id = try #require(try await poller.pass().settled.first?.caseID)
    world.deliver(Self.reply)
    #expect(try await poller.pass().settled.map(\.outcome) == [.followUp])
    await poller.close()
    let store = world.intake.cases
    let now = Instant(unixSeconds: World.now)
    try store.append(
      .noted, to: id, by: "anna", at: now, details: .init(reason: "Ms Quillfeather rang; Grimwald too"))
    var complainant = try store.read(id).complainant
    complainant.name = "Xenia B. Quillfeather"
    try store.append(
      .corrected, to: id, by: "anna", at: now,
      details: .init(reason: "as Quillfeather says", correction: Correction(complainant: complainant)))
    let facts = OutgoingFacts(
      messageID: "ack.\(id.text).5@meridian-mutual.example", to: "xenia.quillfeather@zephyrmail.example",
      subject: "[C] Yarrowgate", digest: Digest(of: Array("To: quillfeather".utf8)), isAutomatic: false,
      template: "acknowledgement.en")
    try store.append(.queued, to: id, by: "anna", at: now, details: .init(outgoing: facts))
    let item = OutgoingItem(
      caseID: id, event: 5, facts: facts, sender: "complaints@meridian-mutual.example", queuedAt: now,
      queuedBy: "anna", message: "To: quillfeather")
    try Data(item.encoded()).write(
      to: URL(fileURLWithPath: "\(world.intake.data.outboxPath(.sent))/\(item.fileName)"))
    let proof = AcknowledgementProof(
      messageID: facts.messageID, to: facts.to, digest: facts.digest,
      serverReply: "250 quillfeather queued", sentAt: now)
    let current = try store.append(
      .acknowledged, to: id, by: "anna", at: now, details: .init(acknowledgement: proof))
    try world.intake.index.put([(current, text: nil)])
    return id
  }

  @Test func nothingOfThePersonIsLeftAndTheChainVerifies() async throws {
    let world = try World()
    let id = try await recorded(world)
    world.deliver(Mail.complaint())
    let poller = try world.poller()
    #expect(try await poller.pass().settled.map(\.outcome) == [.case])
    await poller.close()
    let before = try world.intake.cases.read(id)
    let folder = world.folder.path + "/data"
    for text in Self.personal {
      #expect(try !Self.files(holding: text, in: folder).isEmpty, "\(text) must be there to be erased")
    }
    #expect(try Self.files(holding: "vlissingenhof", in: folder).contains { $0.hasPrefix("./index.sqlite") })

    try erasure(world).erase(
      [id], reason: "request 2026-117", by: "lena", at: Instant(unixSeconds: World.now))
    for text in Self.personal {
      let found = try Self.files(holding: text, in: folder)
      #expect(found == [], "\(text)")
    }
    #expect(try world.account().findings == [])
    let after = try world.intake.cases.read(id)
    #expect(after.isErased && after.events.last?.by == "lena")
    #expect(after.events.last?.details.reason == "request 2026-117")
    // What stays: dates, category, digests, who of us did what and when.
    #expect(after.recorded.message.digest == before.recorded.message.digest)
    #expect(after.receivedAt == before.receivedAt && after.deadlines == before.deadlines)
    #expect(after.category == before.category && after.acknowledgedAt == before.acknowledgedAt)
    #expect(after.recorded.verdict?.probability == before.recorded.verdict?.probability)
    #expect(
      after.recorded.verdict?.flags.map(\.kind) == before.recorded.verdict?.flags.map(\.kind))
    #expect(after.events.dropLast().map(\.kind) == before.events.map(\.kind))
    #expect(after.events.dropLast().map(\.predecessor) == before.events.map(\.predecessor))
    // The other case is whole, and everything that reads cases goes on.
    let row = try #require(try world.intake.index.row(id))
    #expect(row.complainant == "erased" && row.subject.isEmpty && row.member == nil && row.state == .closed)
    #expect(try world.intake.index.list(CaseFilter(search: "unacceptable")).map(\.id) != [id])
    let again = try reindex(world.intake.data)
    #expect(again.cases == 2)
    #expect(try again.index.row(id)?.complainant == "erased")
    for text in Self.personal {
      #expect(try Self.files(holding: text, in: folder) == [], "\(text), after the index was made anew")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 6])
  func tamperingWithAStubIsFound(_ number: Int) async throws {
    let world = try World()
    let id = try await recorded(world)
    try erasure(world).erase([id], reason: "request", by: "lena", at: Instant(unixSeconds: World.now))
    let folder = "\(world.folder.path)/data/cases/\(id.text.prefix(2))/\(id)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    for name in names where name.contains("000\(number)") {
      let path = folder + "/" + name
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try FileManager.default.removeItem(atPath: path)
      try text.replacingOccurrences(of: "2026-11-23T09:00:00Z", with: "2026-11-23T09:00:01Z").write(
        toFile: path, atomically: false, encoding: .utf8)
    }
    #expect(throws: CaseDamage.self) { try world.intake.cases.read(id) }
    #expect(try world.account().findings.contains { $0.contains("neither the event that was recorded") })
  }

  @Test func aStubWithoutItsErasureIsDamage() async throws {
    let world = try World()
    let id = try await recorded(world)
    let folder = "\(world.folder.path)/data/cases/\(id.text.prefix(2))/\(id)"
    try erasure(world).erase([id], reason: "request", by: "lena", at: Instant(unixSeconds: World.now))
    for name in [".0007", "0007-erased.json"] {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    #expect(try world.account().findings.contains { $0.contains("does not follow the event before it") })
  }

  /// How the same bytes, or the same message, may come again.
  static let returns = ["another mailbox", "another file", "other trace headers"]

  @Test(arguments: returns)
  func whatWasErasedDoesNotComeBack(_ way: String) async throws {
    let world = try World()
    let id = try await recorded(world)
    let folder = world.folder.path + "/data"
    try erasure(world).erase([id], reason: "request", by: "lena", at: Instant(unixSeconds: World.now))
    let events = try world.intake.cases.read(id).events.count
    // The mailbox still shows it: nothing is fetched.
    let poller = try world.poller()
    #expect(try await poller.pass().settled.isEmpty)
    await poller.close()
    var text = Self.mail
    if way == "other trace headers" { text = "Received: from elsewhere\n" + text }
    let file = world.folder.path + "/again.eml"
    let stored = text.replacingOccurrences(of: "\n", with: "\r\n")
    try stored.write(toFile: file, atomically: false, encoding: .utf8)
    let rules = MailboxRules(name: way == "another file" ? "inbox" : "second", country: "GB")
    let report = try await world.intake.ingest([file], as: rules, received: nil) { _ in }
    #expect(report.settled.map(\.outcome) == [.duplicate])
    #expect(report.settled.map(\.caseID) == [id])
    #expect(try world.intake.cases.read(id).events.count == events)
    for text in Self.personal { #expect(try Self.files(holding: text, in: folder) == [], "\(text)") }
    #expect(try verify(world.intake.data).findings.map(\.description) == [])
    #expect(report.reconciliation.gap == 0)
  }

  @Test func aMessageThatNamesAnErasedCaseIsNewIntake() async throws {
    let world = try World()
    let id = try await recorded(world)
    try erasure(world).erase([id], reason: "request", by: "lena", at: Instant(unixSeconds: World.now))
    let poller = try world.poller()
    world.deliver(
      Mail.reply(
        to: "zq-81723@zephyrmail.example", from: "xenia.quillfeather@zephyrmail.example",
        subject: "Re: [\(id.reference)] again", number: 9))
    world.deliver(
      Mail.reply(
        to: "x@y.example", from: "colleague@meridian-mutual.example", subject: "[\(id.reference)]", number: 10
      ))
    let settled = try await poller.pass().settled
    await poller.close()
    #expect(settled.map(\.outcome) == [.possible, .possible])
    #expect(settled.allSatisfy { $0.caseID != id })
    #expect(throws: CaseErased.self) {
      try world.intake.cases.append(
        .noted, to: id, by: "anna", at: Instant(unixSeconds: World.now), details: .init(reason: "late"))
    }
    #expect(try world.account().findings == [])
  }

  @Test func byAddressEverythingOfAPersonGoes() async throws {
    let world = try World()
    world.deliver(Self.mail)
    world.deliver(Mail.complaint())
    world.deliver(
      Mail.enquiry(7).replacing("lim7@example.org", with: "Xenia.Quillfeather@zephyrmail.example"))
    let poller = try world.poller()
    let settled = try await poller.pass().settled
    await poller.close()
    #expect(settled.map(\.outcome) == [.case, .case, .notAComplaint])
    let survey = try PersonSurvey("xenia.quillfeather@ZEPHYRMAIL.example", in: world.intake.data)
    #expect(survey.cases == [settled[0].caseID] && survey.messages.count == 1)
    #expect(survey.namedIn.isEmpty && survey.pending == 0)
    // Copied in somebody's complaint, it is not theirs.
    let copied = try PersonSurvey("barnaby@wolfthorpe.example", in: world.intake.data)
    #expect(copied.cases.isEmpty && copied.namedIn == survey.cases)
    let now = Instant(unixSeconds: World.now)
    try erasure(world).erase(survey.cases, reason: "request", by: "lena", at: now)
    try world.intake.deletions.delete(
      survey.messages.map { Deletion(digest: $0, cause: .erasure) }, at: now)
    #expect(try Self.files(holding: "quillfeather", in: world.folder.path + "/data") == [])
    #expect(try world.account().findings == [])
    #expect(try PersonSurvey("xenia.quillfeather@zephyrmail.example", in: world.intake.data).cases == [])
  }
}
