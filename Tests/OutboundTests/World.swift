// A small world for the tests: a data folder with one open case, an acknowledger, and a sender to a scripted server.

import Cases
import Deadlines
import Foundation
import Logging
import MIME
import Synchronization
import TestServers
import Testing
import Transport
import Triage

@testable import Outbound

final class World: Sendable {
  static let start: Int64 = 1_795_424_400  // 2026-11-23T09:00:00Z
  static let templates =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/config/templates"

  let path: String
  let data: DataFolder
  let index: CaseIndex
  let store: CaseStore
  let clock = Mutex(Instant(unixSeconds: World.start))

  init() throws {
    path = NSTemporaryDirectory() + "/intake-outbound-" + UUID().uuidString
    data = try DataFolder(path)
    index = try CaseIndex(data)
    store = CaseStore(data)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var now: Instant { clock.withLock { $0 } }
  func pass(seconds: Int64) { clock.withLock { $0 = Instant(unixSeconds: $0.unixSeconds + seconds) } }

  static func mail(
    _ number: Int = 1, from: String = "\"A. Member\" <member@example.org>", headers: String = ""
  ) -> String {
    """
    From: \(from)\r
    To: complaints@meridian.example\r
    Subject: Buy cheap watches at http://spam.example\r
    Message-ID: <complaint-\(number)@example.org>\r
    References: <earlier-\(number)@example.org>\r
    Date: Mon, 23 Nov 2026 08:00:00 +0000\r
    \(headers)\r
    Nobody has answered me for six weeks. This is unacceptable. SECRET-WORDS\r

    """
  }

  /// Records a case from a message.
  @discardableResult
  func record(
    _ text: String = mail(), outcome: Outcome = .case, regime: String = "uk-disp", language: String = "en",
    country: String = "GB"
  ) throws -> Case {
    let bytes = Array(text.utf8)
    let digest = try bytes.withUnsafeBytes { try MessageStore(data).store($0) }
    let message = Message(parsing: MessageBytes(bytes))
    let from = message.from.first
    let due = try Self.deadlines(regime)
    let recorded = Recorded(
      outcome: outcome,
      message: MessageFacts(
        digest: digest, size: bytes.count,
        source: SourceFacts(
          mailbox: "inbox", source: .imap(uidValidity: 1, uid: UInt32(digest.hex.utf8.first ?? 1)),
          internalDate: nil, seen: Instant(unixSeconds: Self.start - 60)),
        messageID: message.messageID, references: message.references, subject: message.subject,
        from: message.from.map { .init(name: $0.displayName, address: $0.mailbox) },
        replyTo: message.replyTo.map { .init(name: $0.displayName, address: $0.mailbox) }),
      receivedAt: Instant(unixSeconds: Self.start - 3600), receivedHow: "test",
      complainant: Complainant(
        name: from?.displayName, address: from?.mailbox, how: from == nil ? "unknown" : "sender",
        confidence: from == nil ? 0 : 1),
      country: country, verdict: Self.verdict(language), deadlines: due)
    let id = CaseID(identity: digest)
    guard case .recorded(let made) = try store.record(id, recorded, at: now) else {
      throw MailServerError(.settings, "recorded before")
    }
    try index.put([(made, text: message.text)])
    return made
  }

  private static func verdict(_ language: String) -> Verdict? {
    let json = """
      {"band":"complaint","probability":0.99,"category":"service.delay_no_response","secondary":[],"severity":2,
      "flags":[],"evidence":[],"other_evidence":[],"language":"\(language)","reason":"r","model":"m","points":[],
      "rules":[],"category_probability":0.9}
      """
    return try? JSONDecoder().decode(Verdict.self, from: Data(json.utf8))
  }

  static func deadlines(_ regime: String) throws -> Deadlines {
    let json = """
      {"all":[{"kind":"acknowledge","date":"2026-11-26","end":"2026-11-27T00:00:00Z","regime":"\(regime)",
      "zone":"Europe/London","calendar":"GB-EAW","rule":"own policy","repeats":false,"derivation":[],
      "due_text":"by the end of Thu 26 Nov 2026"},
      {"kind":"final","date":"2027-01-18","end":"2027-01-19T00:00:00Z","regime":"\(regime)","zone":"Europe/London",
      "calendar":"GB-EAW","rule":"DISP 1.6.2R","repeats":false,"derivation":[],
      "due_text":"by the end of Mon 18 Jan 2027"}],"warnings":[]}
      """
    return try JSONDecoder().decode(Deadlines.self, from: Data(json.utf8))
  }

  func acknowledger(_ change: (inout Acknowledger.Settings) -> Void = { _ in }) throws -> Acknowledger {
    let address = try #require(AddrSpec("complaints@meridian.example"))
    var settings = Acknowledger.Settings(
      letterhead: Letterhead(
        organisation: "Meridian Medical Protection", name: "Meridian complaints", address: address,
        handler: "The complaints team of Meridian"))
    change(&settings)
    return Acknowledger(
      data, index: index, settings: settings, templates: try AcknowledgementTemplates(folder: Self.templates),
      zones: [:], isOurs: { $0 == "complaints@meridian.example" || $0.hasSuffix("@meridian.example") },
      regimes: { Array(Set($0.deadlines.all.map(\.regime))) }, now: { self.now })
  }

  /// Queues the case's acknowledgement as a person would.
  @discardableResult
  func queue(_ current: Case, by: String = "anna") throws -> Case {
    let acknowledger = try acknowledger()
    let draft = try acknowledger.draft(for: current)
    return try acknowledger.queue(
      current.id, after: current.events.count, to: draft.to, body: draft.body, isSure: false, by: by)
  }

  func sender(_ server: ScriptedSMTP, _ change: (inout Sender.Settings) -> Void = { _ in }) throws -> Sender {
    var smtp = SMTPSettings(
      server: try ServerAddress(.smtp, url: "smtp+loopback://127.0.0.1:\(server.port)"),
      credentials: .password(user: "u", secret: .value("hush-hush"), mechanism: .auto),
      helloDomain: "meridian.example")
    smtp.connectMilliseconds = 5000
    smtp.replySeconds = 3
    smtp.transactionMilliseconds = 8000
    var settings = Sender.Settings(smtp: smtp)
    settings.firstPause = 0.05
    settings.longestPause = 0.1
    change(&settings)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return Sender(data, index: index, settings: settings, logger: logger, now: { self.now })
  }

  /// What lies in the outbox, by folder, and whether everything on disk holds together.
  func places() throws -> [OutboxPlace: Int] {
    let outbox = Outbox(data)
    var counts: [OutboxPlace: Int] = [:]
    for place in OutboxPlace.allCases {
      let count = try outbox.names(place).count
      if count > 0 { counts[place] = count }
    }
    return counts
  }

  func findings() throws -> [String] { try verify(data).findings.map(\.description) }
}
