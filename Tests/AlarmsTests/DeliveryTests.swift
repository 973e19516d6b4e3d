// Telling people against servers that fail: retried, joined, never held up by one another, over restarts.

import Cases
import Deadlines
import Foundation
import Logging
import Monitoring
import Outbound
import Synchronization
import TestServers
import Testing
import Transport

@testable import Alarms

/// A service with vitals and a clock of the test's own.
private final class World: Sendable {
  let path: String
  let data: DataFolder
  let smtp: ScriptedSMTP
  let http: ScriptedHTTP
  private let state = Mutex(State())

  private struct State {
    var now: Int64 = 1_795_424_400  // 2026-11-23T09:00:00Z
    var vitals = Vitals(at: Instant(unixSeconds: 0))
  }

  init() throws {
    path = NSTemporaryDirectory() + "/intake-alarms-" + UUID().uuidString
    data = try DataFolder(path)
    smtp = try ScriptedSMTP()
    http = try ScriptedHTTP()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var now: Instant { state.withLock { Instant(unixSeconds: $0.now) } }
  func pass(_ seconds: Int64) { state.withLock { $0.now += seconds } }
  func set(_ change: (inout Vitals) -> Void) { state.withLock { change(&$0.vitals) } }

  private var vitals: Vitals {
    state.withLock { state in
      var vitals = state.vitals
      vitals.at = Instant(unixSeconds: state.now)
      return vitals
    }
  }

  static let mail = "ops@meridian.example"

  func settings(_ change: (inout AlarmService.Settings) -> Void = { _ in }) throws -> AlarmService.Settings {
    var settings = AlarmService.Settings(organisation: "Meridian")
    settings.recipients = [
      AlarmRecipient(.mail(try #require(AddrSpec(Self.mail))), name: Self.mail),
      AlarmRecipient(.webhook(Webhook(address: .value(http.address), key: .value("Jefe"))), name: "hook"),
    ]
    settings.mail = AlarmMail(
      smtp: SMTPSettings(
        server: try ServerAddress(.smtp, url: "smtp+loopback://127.0.0.1:\(smtp.port)"),
        credentials: .password(user: "u", secret: .value("hush-hush")), helloDomain: "meridian.example"),
      name: "intake", address: try #require(AddrSpec("intake@meridian.example")))
    settings.firstPause = 0.02
    settings.longestPause = 0.05
    settings.every = .milliseconds(20)
    settings.rules.beginAfter = 0
    settings.rules.endAfter = 0
    change(&settings)
    return settings
  }

  func service(_ change: (inout AlarmService.Settings) -> Void = { _ in }) throws -> AlarmService {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try AlarmService(
      data, settings: settings(change), vitals: { self.vitals },
      facts: { day in
        var facts = DigestFacts(day: day)
        facts.outcomes = [.case: 3]
        return facts
      }, logger: logger, now: { self.now })
  }

  /// Runs a service until a condition holds, or for ten seconds.
  func run(_ service: AlarmService, until condition: @Sendable () -> Bool) async -> Bool {
    let running = Task { await service.run() }
    var holds = false
    for _ in 0..<500 where !holds {
      try? await Task.sleep(for: .milliseconds(20))
      holds = condition()
    }
    service.stop()
    await running.value
    return holds
  }

  /// What the webhook was told, as JSON.
  func hooked() throws -> [[String: Any]] {
    try http.requests.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.body)) as? [String: Any])
    }
  }

  static func header(_ name: String, of mail: String) -> String? {
    let lines = mail.components("\r\n")
    guard let start = lines.firstIndex(where: { $0.hasPrefix(name + ": ") }) else { return nil }
    let rest = lines[(start + 1)...].prefix { $0.hasPrefix(" ") }
    return ([String(lines[start].dropFirst(name.count + 2))] + rest).joined()
  }
}

@Suite(.serialized) struct DeliveryTests {
  /// RFC 4231 §4.3, test case 2.
  @Test func signatureOfAKnownText() {
    #expect(
      Webhook.signature(of: Array("what do ya want for nothing?".utf8), key: "Jefe")
        == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func beginsAndEndsOnceEachWay() async throws {
    let world = try World()
    let service = try world.service()
    world.set {
      $0.damaged = 1
      $0.outbox.failed = 1
    }
    service.look()
    for recipient in try world.settings().recipients { #expect(await service.tell(recipient) == nil) }
    for recipient in try world.settings().recipients { #expect(await service.tell(recipient) == nil) }
    // Two at once are one mail and one call.
    #expect(world.smtp.accepted.count == 1 && world.http.requests.count == 1)
    world.set { $0.damaged = 0 }
    world.pass(30)
    service.look()
    world.pass(30)
    service.look()
    for recipient in try world.settings().recipients { #expect(await service.tell(recipient) == nil) }
    #expect(world.smtp.accepted.count == 2 && world.http.requests.count == 2)
    let mails = world.smtp.accepted
    #expect(World.header("Subject", of: mails[0]) == "[intake] PAGE: 2 alarms")
    #expect(World.header("Subject", of: mails[1]) == "[intake] Ended: 1 file or ledger line is damaged.")
    #expect(World.header("Auto-Submitted", of: mails[0]) == "auto-generated")
    #expect(World.header("From", of: mails[0]) == "\"intake\" <intake@meridian.example>")
    #expect(world.smtp.commands.contains("RCPT TO:<\(World.mail)>"))
    // The end lands beside the beginning.
    let first = try #require(World.header("Message-ID", of: mails[0]))
    #expect(first.hasPrefix("<alarm.") && first.hasSuffix("@meridian.example>"))
    #expect(World.header("In-Reply-To", of: mails[0]) == nil)
    #expect(
      World.header("In-Reply-To", of: mails[1]) == first && World.header("References", of: mails[1]) == first)
    let hooked = try world.hooked()
    #expect(hooked.map { $0["schema"] as? String } == ["intake.alarm/1", "intake.alarm/1"])
    #expect((hooked[0]["alarms"] as? [[String: Any]])?.map { $0["notice"] as? String } == ["began", "began"])
    #expect((hooked[1]["alarms"] as? [[String: Any]])?.map { $0["notice"] as? String } == ["ended"])
    #expect(
      (hooked[0]["text"] as? String)?.hasPrefix("Meridian: PAGE: 1 file or ledger line is damaged.") == true)
    let request = try #require(world.http.requests.first)
    #expect(request.header("Content-Type") == "application/json")
    #expect(request.header("X-Intake-Signature") == Webhook.signature(of: request.body, key: "Jefe"))
  }

  /// Each row: what the mail server does to the first attempts; the mail comes once it relents.
  @Test(arguments: [
    "refuses the login", "says 4yz", "says 5yz to the recipient", "hangs up", "never replies after the text",
  ])
  func mailIsTriedAgain(_ fault: String) async throws {
    let world = try World()
    world.smtp.set { faults in
      switch fault {
      case "refuses the login": faults.auth = "535 5.7.8 no\r\n"
      case "says 4yz": faults.mail = "451 4.3.0 later\r\n"
      case "says 5yz to the recipient": faults.rcpt = "550 5.1.1 nobody\r\n"
      case "hangs up": faults.dropAt = "MAIL"
      default: faults.final = nil
      }
    }
    world.set { $0.damaged = 1 }
    let service = try world.service()
    // The mail server's trouble holds up no webhook.
    let (smtp, http) = (world.smtp, world.http)
    #expect(await world.run(service) { smtp.connections >= 3 && http.requests.count == 1 })
    #expect(world.http.requests.count == 1)
    let doubtful = world.smtp.accepted
    world.smtp.set { $0 = ScriptedSMTP.Faults() }
    // After a restart, with the same Message-ID, and the webhook is told nothing again.
    let again = try world.service()
    #expect(await world.run(again) { smtp.accepted.count > doubtful.count })
    #expect(world.http.requests.count == 1)
    let ids = Set(world.smtp.accepted.map { World.header("Message-ID", of: $0) })
    #expect(ids.count == 1 && world.smtp.accepted.count == doubtful.count + 1)
  }

  @Test(arguments: [500, 404, 302, nil] as [Int?])
  func aWebhookIsTriedAgain(_ status: Int?) async throws {
    let world = try World()
    world.http.answer(status)
    world.set { $0.damaged = 1 }
    let service = try world.service()
    let (smtp, http) = (world.smtp, world.http)
    #expect(await world.run(service) { http.requests.count >= 3 && smtp.accepted.count == 1 })
    #expect(world.smtp.accepted.count == 1)
    let tried = world.http.requests.count
    world.http.answer(200)
    let again = try world.service()
    #expect(await world.run(again) { http.requests.count > tried })
    try await Task.sleep(for: .milliseconds(100))
    #expect(world.http.requests.count == tried + 1 && world.smtp.accepted.count == 1)
    // The same id each time, so that a receiver can tell twins.
    #expect(Set(try world.hooked().map { $0["id"] as? String }).count == 1)
  }

  @Test func theErrorNamesNoSecret() async throws {
    let world = try World()
    world.http.answer(403)
    let recipient = try #require(try world.settings().recipients.last)
    world.set { $0.damaged = 1 }
    let service = try world.service()
    service.look()
    let error = try #require(await service.tell(recipient))
    #expect("\(error)".contains("403") && "\(error)".contains("127.0.0.1:\(world.http.port)"))
    #expect(!"\(error)".contains("SECRET-PATH") && !"\(error)".contains("Jefe"))
    #expect(!"\(recipient)".contains("SECRET-PATH"))
  }

  /// Only what leaves this machine under TLS, or does not leave it.
  @Test(arguments: [
    "http://chat.example/hook", "ftp://127.0.0.1/", "https://u:p@chat.example/", "https:///x",
  ])
  func addressesThatAreRefused(_ address: String) async throws {
    let recipient = AlarmRecipient(.webhook(Webhook(address: .value(address))), name: "hook")
    var settings = AlarmService.Settings(organisation: "Meridian")
    settings.recipients = [recipient]
    let errors = await AlarmService.test(settings, at: Instant(unixSeconds: 0))
    #expect(errors.first??.kind == .settings)
  }

  @Test func onlyThose() async throws {
    let world = try World()
    world.set {
      $0.damaged = 1
      $0.outbox.failed = 2
    }
    let hook = AlarmRecipient(
      .webhook(Webhook(address: .value(world.http.address))), only: ["letters-failed"], name: "hook")
    let service = try world.service { $0.recipients = [hook] }
    service.look()
    #expect(await service.tell(hook) == nil)
    let alarms = try world.hooked().first?["alarms"] as? [[String: Any]]
    #expect(alarms?.map { $0["key"] as? String } == ["letters-failed"] && alarms?[0]["count"] as? Int == 2)
    #expect(world.http.requests.first?.header("X-Intake-Signature") == nil)
  }

  @Test func aTestReachesEverybody() async throws {
    let world = try World()
    world.smtp.set { $0.auth = "535 no\r\n" }
    let results = await AlarmService.test(try world.settings(), at: world.now)
    #expect(results.map { $0?.alarm } == ["login-refused", nil])
    #expect((try world.hooked().first?["alarms"] as? [[String: Any]])?.first?["cause"] as? String == "test")
    world.smtp.set { $0 = ScriptedSMTP.Faults() }
    #expect(await AlarmService.test(try world.settings(), at: world.now).allSatisfy { $0 == nil })
    #expect(World.header("Subject", of: world.smtp.accepted[0])?.contains("This is a test") == true)
    // Nothing of it stands.
    #expect(try AlarmBook.read(world.data).isEmpty)
  }

  @Test func nothingToLookAtYet() async throws {
    let world = try World()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let service = try AlarmService(
      world.data, settings: world.settings(), vitals: { nil }, facts: { DigestFacts(day: $0) },
      logger: logger,
      now: { world.now })
    service.look()
    #expect(try AlarmBook.read(world.data).isEmpty)
  }

  // MARK: the digest

  @Test func aDigestADay() async throws {
    let world = try World()
    let bytes = try #require(try DurableFile.read("/usr/share/zoneinfo/Europe/London", limit: 1 << 20))
    let digest = DailyDigest(at: 7 * 3600 + 1800, zone: try ZoneRules(name: "Europe/London", tzif: bytes))
    let people = try ["a@meridian.example", "b@later.example"].map {
      AlarmRecipient(.mail(try #require(AddrSpec($0))), name: $0)
    }
    func service() throws -> AlarmService {
      try world.service {
        $0.recipients = []
        $0.digest = digest
        $0.digestTo = people
      }
    }
    // Nine o'clock: an hour and a half late, so it is caught up; one of the two cannot be reached.
    world.smtp.set { $0.rcpt = "451 later\r\n" }
    #expect(await (try service()).sendDigest(digest) != nil)
    world.smtp.set { $0 = ScriptedSMTP.Faults() }
    #expect(await (try service()).sendDigest(digest) == nil)
    #expect(world.smtp.accepted.count == 2)
    // A restart sends nothing again, nor does a clock that goes back.
    #expect(await (try service()).sendDigest(digest) == nil)
    world.pass(-86400)
    #expect(await (try service()).sendDigest(digest) == nil)
    #expect(world.smtp.accepted.count == 2)
    world.pass(2 * 86400)
    #expect(await (try service()).sendDigest(digest) == nil)
    #expect(world.smtp.accepted.count == 4)
    // Thirteen hours late is too late.
    world.pass(86400 + 12 * 3600)
    #expect(await (try service()).sendDigest(digest) == nil)
    #expect(world.smtp.accepted.count == 4)
    let mail = world.smtp.accepted[0]
    #expect(World.header("Subject", of: mail) == "[intake] Sun 22 Nov 2026: 3 messages, 3 new cases")
    #expect(World.header("Message-ID", of: mail)?.hasPrefix("<digest.") == true)
    #expect(mail.holds("\r\n  case                              3\r\n"))
  }
}
