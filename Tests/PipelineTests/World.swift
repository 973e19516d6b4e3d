// A small world for the pipeline's tests: the demo server, an intake with one simple regime, a poller.

import Cases
import Deadlines
import DemoServer
import Foundation
import IMAP
import Logging
import Transport
import Triage

@testable import Pipeline

final class World: Sendable {
  let folder: TemporaryFolder
  let server: DemoServer
  let intake: Intake
  let port: UInt16

  static let now: Int64 = 1_795_424_400  // 2026-11-23T09:00:00Z

  init(
    _ options: DemoServer.Options = .init(), limits: PipelineLimits = PipelineLimits()
  ) throws {
    folder = try TemporaryFolder()
    server = DemoServer(options: options)
    port = try server.start()
    intake = try Self.makeIntake(folder.path + "/data", limits: limits)
  }

  deinit {
    server.stop()
    intake.close()
  }

  static func makeIntake(_ path: String, limits: PipelineLimits = PipelineLimits()) throws -> Intake {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var limits = limits
    limits.lowDisk = 0
    return try Intake(
      data: DataFolder(path),
      organisation: Organisation(
        name: "Meridian Medical Protection", domains: ["meridian-mutual.example"],
        addresses: ["complaints@meridian-mutual.example"]),
      rules: TestRules.make(), judge: TestRules.judge(), limits: limits, logger: logger,
      now: { Instant(unixSeconds: World.now) })
  }

  func settings(
    from: FirstRun = .all, after: AfterRecording = .keep, sizeLimit: Int = 25 << 20, timeout: Int = 2
  ) throws -> MailboxSettings {
    var server = try ServerSettings(url: "imap+loopback://127.0.0.1:\(port)")
    server.commandTimeout = .seconds(timeout)
    server.connectTimeout = .seconds(timeout)
    return MailboxSettings(
      rules: MailboxRules(name: "inbox", country: "GB"), server: server,
      credentials: .password(user: "demo", secret: .value("demo"), mechanism: .auto), folder: .inbox,
      from: from,
      after: after, pollEvery: 1, sizeLimit: sizeLimit)
  }

  func poller(
    from: FirstRun = .all, after: AfterRecording = .keep, sizeLimit: Int = 25 << 20, timeout: Int = 2
  ) throws -> MailboxPoller {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return MailboxPoller(
      try settings(from: from, after: after, sizeLimit: sizeLimit, timeout: timeout), intake: intake,
      logger: logger)
  }

  @discardableResult
  func deliver(_ text: String) -> UInt32 {
    server.add(DemoServer.crlf(Array(text.utf8)), internalDate: World.now - 3600)
  }

  /// Nothing lost, nothing doubled, and everything on disk holds together.
  func account() throws -> (reconciliation: Reconciliation, findings: [String]) {
    let ledger = try Ledger(intake.data, mailbox: "inbox")
    return (
      ledger.withState { Reconciliation(mailbox: "inbox", state: $0) },
      try verify(intake.data).findings.map(\.description)
    )
  }
}

/// Messages of the tests' own.
enum Mail {
  static func complaint(_ number: Int = 1, from: String = "dr.okafor@example.org", extra: String = "")
    -> String
  {
    """
    From: Dr Okafor <\(from)>
    To: complaints@meridian-mutual.example
    Subject: Formal complaint, message \(number)
    Message-ID: <complaint-\(number)@example.org>
    Date: Mon, 23 Nov 2026 08:00:00 +0000
    \(extra)
    I am writing to make a formal complaint about Meridian. I have emailed your team four times since
    August about my renewal and nobody has replied. This is unacceptable. Please tell me what you will do.

    Dr Okafor
    """
  }

  static func enquiry(_ number: Int) -> String {
    """
    From: Dr Lim <lim\(number)@example.org>
    To: complaints@meridian-mutual.example
    Subject: Change of address \(number)
    Message-ID: <enquiry-\(number)@example.org>
    Date: Mon, 23 Nov 2026 08:00:00 +0000

    Hello, I have moved. My new address is 5 Park Road. Could you update my record, please? Thank you.
    """
  }

  static func reply(to id: String, from: String, subject: String = "Re: my message", number: Int = 1)
    -> String
  {
    """
    From: <\(from)>
    To: complaints@meridian-mutual.example
    Subject: \(subject)
    Message-ID: <reply-\(number)@example.org>
    In-Reply-To: <\(id)>
    References: <\(id)>
    Date: Mon, 23 Nov 2026 08:30:00 +0000

    Further to the message below, here is the letter I mentioned.
    """
  }
}
