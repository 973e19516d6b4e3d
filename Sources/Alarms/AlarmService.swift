// The loop of `intake run` that looks at the vitals, keeps the book, and tells people: each recipient at a pace of its
// own, so that a mail server that is down holds up no chat.

import Cases
import Deadlines
import Logging
import Monitoring
import Synchronization
import Transport

/// Watches the vitals and tells people.
public final class AlarmService: Sendable {
  public struct Settings: Sendable {
    public var organisation: String
    public var rules = AlarmSettings()
    public var recipients: [AlarmRecipient] = []
    /// Nil where nobody is told by mail.
    public var mail: AlarmMail?
    /// How often the vitals are looked at.
    public var every: Duration = .seconds(30)
    /// A moment as people read it.
    public var time: @Sendable (Instant) -> String = { "\($0)" }
    public var digest: DailyDigest?
    /// Who gets the digest.
    public var digestTo: [AlarmRecipient] = []
    /// Seconds: the first and the longest pause before something is told again that could not be.
    var firstPause = 15.0
    var longestPause = 900.0

    public init(organisation: String) { self.organisation = organisation }
  }

  private let data: DataFolder
  private let settings: Settings
  private let book: AlarmBook
  private let vitals: @Sendable () -> Vitals?
  private let facts: @Sendable (CivilDate) throws -> DigestFacts
  private let logger: Logger
  private let now: @Sendable () -> Instant
  private let started: Instant
  private let isStopped = Atomic<Bool>(false)
  private let bells: [Bell]
  private let lookBell = Bell()
  /// By which others know that somebody looks.
  public let heartbeat = Heartbeat()
  private let digestBell = Bell()

  /// - Parameters:
  ///   - vitals: the latest look; called on a thread of its own. Nil before the first.
  ///   - facts: what the digest of a day says, alarms left out; called on a thread of its own.
  public init(
    _ data: DataFolder, settings: Settings, vitals: @escaping @Sendable () -> Vitals?,
    facts: @escaping @Sendable (CivilDate) throws -> DigestFacts, logger: Logger,
    now: @escaping @Sendable () -> Instant
  ) throws {
    self.data = data
    self.settings = settings
    book = try AlarmBook(data)
    self.vitals = vitals
    self.facts = facts
    self.logger = logger
    self.now = now
    started = now()
    bells = settings.recipients.map { _ in Bell() }
  }

  /// Ends `run` once what is being told has been told, or has failed.
  public func stop() {
    isStopped.store(true, ordering: .releasing)
    for bell in bells + [lookBell, digestBell] { bell.ring() }
  }

  private var mustStop: Bool { isStopped.load(ordering: .acquiring) }

  /// Watches until `stop`.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch() }
      for (recipient, bell) in zip(settings.recipients, bells) {
        group.addTask { await self.keepTelling(recipient, bell) }
      }
      if let digest = settings.digest, !settings.digestTo.isEmpty {
        group.addTask { await self.keepDigesting(digest) }
      }
    }
  }

  // MARK: looking

  private func watch() async {
    while !mustStop {
      await Thread.run { self.look() }
      heartbeat.beat()
      await lookBell.wait(settings.every)
    }
  }

  /// One look; blocks for the disk.
  func look() {
    guard let vitals = vitals() else { return }
    let look = settings.rules.look(vitals, started: started, now: now())
    let before = Set(book.entries.filter(\.stands).map(\.key))
    let (isAnythingToTell, problem) = book.take(
      look, settings: settings.rules, audiences: settings.recipients.map(\.audience), at: now())
    if let problem { logger.error("the alarms cannot be written", metadata: ["error": "\(problem)"]) }
    for entry in book.entries where entry.stands != before.contains(entry.key) {
      if entry.stands {
        logger.error(
          "alarm: \(entry.words)",
          metadata: ["alarm": "\(entry.key)", "severity": "\(entry.severity.rawValue)"])
      } else {
        logger.notice("alarm ended", metadata: ["alarm": "\(entry.key)"])
      }
    }
    if isAnythingToTell { for bell in bells { bell.ring() } }
  }

  // MARK: telling

  private func keepTelling(_ recipient: AlarmRecipient, _ bell: Bell) async {
    var backoff = Backoff(base: settings.firstPause, cap: settings.longestPause)
    while !mustStop {
      var pause = 60.0
      if let problem = await tell(recipient) {
        // Half of the pause at least, as with letters.
        pause = backoff.next(random: Double.random(in: 0.5...1))
        logger.error(
          "alarm-undelivered",
          metadata: [
            "recipient": "\(recipient.audience.id)", "error": "\(ServerText.withoutAddresses("\(problem)"))",
            "next": "in \(Int(pause.rounded(.up))) s",
          ])
        let end = ContinuousClock.now + .seconds(pause)
        // Rung for something new, it still waits: the way is closed.
        while !mustStop, ContinuousClock.now < end { await bell.wait(end - .now) }
      } else {
        backoff.reset()
        await bell.wait(.seconds(pause))
      }
    }
  }

  /// Tells a recipient everything that waits for it, in one.
  ///
  /// - Returns: what stood in the way.
  func tell(_ recipient: AlarmRecipient) async -> MailServerError? {
    let items = book.waiting(for: recipient.audience.id)
    if items.isEmpty { return nil }
    let letter = AlarmLetter(items, organisation: settings.organisation, at: now(), time: settings.time)
    let identity = ([recipient.audience.id] + items.map(\.id)).joined(separator: "\n")
    let id = "alarm." + Cases.Digest(of: identity.utf8).hex.prefix(24)
    var threads: [String] = []
    for case let thread? in items.map(\.thread) where !threads.contains(thread) { threads.append(thread) }
    do throws(MailServerError) {
      let json: [UInt8]
      do {
        json = try letter.json(id: id)
      } catch {
        throw MailServerError(.settings, "\(error)")
      }
      let messageID = try await courier.tell(
        recipient,
        Dispatch(id: id, subject: letter.subject, body: letter.body, json: json, references: threads),
        at: now())
      let book = book
      let problem = await Thread.run {
        book.told(recipient.audience.id, items, messageID: messageID).map { "\($0)" }
      }
      if let problem { logger.error("the alarms cannot be written", metadata: ["error": "\(problem)"]) }
      logger.notice(
        "alarms told", metadata: ["recipient": "\(recipient.audience.id)", "alarms": "\(items.count)"])
      return nil
    } catch {
      return error
    }
  }

  private var courier: Courier { Courier(mail: settings.mail) { self.mustStop } }

  // MARK: the digest

  private func keepDigesting(_ digest: DailyDigest) async {
    var backoff = Backoff(base: settings.firstPause, cap: settings.longestPause)
    while !mustStop {
      // A minute late is on time.
      var pause = 60.0
      if let problem = await sendDigest(digest) {
        pause = backoff.next(random: Double.random(in: 0.5...1))
        logger.error(
          "digest-undelivered",
          metadata: [
            "error": "\(ServerText.withoutAddresses("\(problem)"))",
            "next": "in \(Int(pause.rounded(.up))) s",
          ])
      } else {
        backoff.reset()
      }
      await digestBell.wait(.seconds(pause))
    }
  }

  /// Sends the digest that is due to whoever has not had it.
  ///
  /// - Returns: what stood in the way, of the first that it stood in the way of.
  func sendDigest(_ digest: DailyDigest) async -> (any Error)? {
    let moment = now()
    guard let day = digest.day(at: moment) else { return nil }
    let data = data
    var mark = await Thread.run { DigestMark.read(data) } ?? DigestMark(day: day)
    // A clock that went back sends nothing again.
    if mark.day > day { return nil }
    if mark.day < day { mark = DigestMark(day: day) }
    let left = settings.digestTo.filter { !mark.sent.contains($0.audience.id) }
    if left.isEmpty { return nil }
    var problem: (any Error)?
    do {
      let (facts, book) = (facts, book)
      let counted = try await Thread.run { () -> Result<DigestFacts, any Error> in
        Result {
          var counted = try facts(day)
          counted.alarms = book.entries.filter(\.stands)
          return counted
        }
      }.get()
      let text = DailyDigest.text(counted, organisation: settings.organisation, now: moment)
      for recipient in left {
        do {
          let identity = "\(recipient.audience.id)\n\(day)"
          _ = try await courier.tell(
            recipient,
            Dispatch(
              id: "digest." + Cases.Digest(of: identity.utf8).hex.prefix(24),
              subject: DailyDigest.subject(counted), body: text, json: try DailyDigest.json(counted)),
            at: moment)
          mark.sent.insert(recipient.audience.id)
          let written = mark
          try await Thread.run { Result { try written.write(data) } }.get()
        } catch {
          problem = problem ?? error
        }
      }
    } catch {
      problem = error
    }
    return problem
  }

  // MARK: a test

  /// Tells every recipient that this is a test.
  ///
  /// - Returns: what stood in the way of each, in the order of the settings; nil where it was told.
  public static func test(_ settings: Settings, at now: Instant) async -> [MailServerError?] {
    let entry = AlarmEntry(
      test: "This is a test: whoever reads it is told of alarms.", advice: "Nothing is to be done.", at: now)
    let letter = AlarmLetter(
      [AlarmItem(notice: .began, entry: entry)], organisation: settings.organisation, at: now,
      time: settings.time)
    return await withTaskGroup(of: (Int, MailServerError?).self) { group in
      for (place, recipient) in settings.recipients.enumerated() {
        group.addTask {
          let id = "alarm-test.\(now.unixSeconds).\(recipient.audience.id)"
          do throws(MailServerError) {
            let json: [UInt8]
            do { json = try letter.json(id: id) } catch { throw MailServerError(.settings, "\(error)") }
            _ = try await Courier(mail: settings.mail, stop: { false }).tell(
              recipient, Dispatch(id: id, subject: letter.subject, body: letter.body, json: json), at: now)
            return (place, nil)
          } catch {
            return (place, error)
          }
        }
      }
      var results = [MailServerError?](repeating: nil, count: settings.recipients.count)
      for await (place, error) in group { results[place] = error }
      return results
    }
  }
}
