// Sends what waits in the outbox: one message after another, each on a thread of its own, tried again with growing pauses.

import Cases
import Deadlines
import Logging
import Metering
import Synchronization
import Transport

/// The loop that empties the outbox.
public actor Sender {
  public struct Settings: Sendable {
    public var smtp: SMTPSettings
    /// Seconds after queueing at which a message that could not be sent is given up and shown to a person.
    public var giveUpAfter: Int64 = 86400
    /// Seconds: the first and the longest pause between two attempts.
    var firstPause = 30.0
    var longestPause = 1800.0
    /// How often the folder is looked at, for what other processes queue.
    var lookEvery: Duration = .seconds(2)

    public init(smtp: SMTPSettings) { self.smtp = smtp }
  }

  private struct Retry {
    var backoff: Backoff
    var next: ContinuousClock.Instant
  }

  private let outbox: Outbox
  private let store: CaseStore
  private let index: CaseIndex
  private let settings: Settings
  private let logger: Logger
  private let now: @Sendable () -> Instant

  private var retries: [String: Retry] = [:]
  /// The server itself is in trouble: no message would fare better before.
  private var server: Retry
  private nonisolated let isStopped = Atomic<Bool>(false)
  private nonisolated let bell = Bell()
  /// Beats with every look at the outbox and every message dealt with; one takes `transactionMilliseconds` at most.
  public nonisolated let heartbeat = Heartbeat()

  public init(
    _ data: DataFolder, index: CaseIndex, settings: Settings, logger: Logger,
    now: @escaping @Sendable () -> Instant
  ) {
    outbox = Outbox(data)
    store = CaseStore(data)
    self.index = index
    self.settings = settings
    self.logger = logger
    self.now = now
    server = Retry(backoff: Backoff(base: settings.firstPause, cap: settings.longestPause), next: .now)
  }

  /// Ends `run` once the message under way is done with: what has begun to be given is given.
  public nonisolated func stop() {
    isStopped.store(true, ordering: .releasing)
    bell.ring()
  }

  /// Something was queued.
  public nonisolated func wake() { bell.ring() }

  /// Sends until `stop`.
  public func run() async {
    var isFirst = true
    while !isStopped.load(ordering: .acquiring) {
      heartbeat.beat()
      let doubtful = await recover()
      if isFirst {
        await refresh(doubtful)
        for name in doubtful {
          logger.error(
            "acknowledgement-perhaps-sent: the program ended while it was sent; a person says with `intake outbox`",
            metadata: ["message": "\(name)"])
        }
        isFirst = false
      }
      await pass()
      await bell.wait(settings.lookEvery)
    }
  }

  /// Whoever queued them may have died before the index followed, and nothing else touches these cases now.
  private func refresh(_ names: [String]) async {
    let (outbox, store, index) = (outbox, store, index)
    await report("the index cannot be written") {
      try await inThread {
        for name in names {
          let item = try OutgoingItem.read(outbox.path(.sending, name))
          try Self.refresh(store.read(item.caseID), store, index)
        }
      }
    }
  }

  /// Tries everything that waits once, and ends.
  public func flush() async {
    _ = await recover()
    await pass()
  }

  private func recover() async -> [String] {
    let (outbox, store, index, now) = (outbox, store, index, now)
    return await report("the outbox cannot be read") {
      try await inThread { try outbox.recover(now: now()) { try Self.refresh($0, store, index) } }
    } ?? []
  }

  /// Whoever appended the case's last event may have died before link and index followed.
  private static func refresh(_ current: Case, _ store: CaseStore, _ index: CaseIndex) throws {
    try store.updateLinks(current)
    try index.put([(current, text: nil)])
  }

  /// Tries everything that waits and is due once.
  func pass() async {
    let outbox = outbox
    let waiting =
      await report("the outbox cannot be read") {
        try await Thread.run { Result { try outbox.names(.new) } }.get()
      } ?? []
    // What has left new/ by another's hand begins anew if it comes back.
    retries = retries.filter { waiting.contains($0.key) }
    for name in waiting.prefix(OutboundLimits.batch) {
      if isStopped.load(ordering: .acquiring) || server.next > .now { return }
      if let retry = retries[name], retry.next > .now { continue }
      heartbeat.beat()
      await report("an acknowledgement was not dealt with") { try await self.deal(with: name) }
    }
  }

  @discardableResult
  private func report<Value>(_ what: String, _ work: () async throws -> Value) async -> Value? {
    do {
      return try await work()
    } catch {
      // The message stays where it is; the next look tries again.
      logger.error("\(what)", metadata: ["error": "\(ServerText.withoutAddresses("\(error)", limit: 1000))"])
      return nil
    }
  }

  private func deal(with name: String) async throws {
    let (outbox, store, giveUpAfter, now) = (outbox, store, settings.giveUpAfter, now)
    let judged = try await Thread.run {
      Result { try Self.judge(name, outbox, store, giveUpAfter: giveUpAfter, now: now()) }
    }.get()
    guard let (item, decision) = judged else { return }
    switch decision {
    case .drop(let place):
      let index = index
      try await inThread {
        try Self.refresh(store.read(item.caseID), store, index)
        try outbox.move(name, from: .new, to: place)
      }
    case .fail(let reason): try await fail(item, reason: reason, from: .new)
    case .send: try await attempt(item)
    }
  }

  private enum Decision {
    case send
    case fail(String)
    /// An event has settled it; the file follows.
    case drop(OutboxPlace)
  }

  /// What is to be done about a waiting message, by the case as it is now.
  private static func judge(
    _ name: String, _ outbox: Outbox, _ store: CaseStore, giveUpAfter: Int64, now: Instant
  ) throws -> (OutgoingItem, Decision)? {
    let path = outbox.path(.new, name)
    guard (try? FileFacts(path)) != nil else { return nil }
    let item = try OutgoingItem.read(path)
    guard item.fileName == name, Digest(of: item.message.utf8) == item.digest else {
      throw CaseDamage(path: path, what: "its bytes are not those that were queued; it is not sent")
    }
    switch try outbox.fate(of: item) {
    case .sent: return (item, .drop(.sent))
    case .failed, .takenBack: return (item, .drop(.failed))
    case .pending: break
    }
    // A message of this name is perhaps sent already: no second one goes.
    if (try? FileFacts(outbox.path(.sending, name))) != nil { return nil }
    let current = try store.read(item.caseID)
    switch current.state {
    case .dismissed, .closed:
      return (item, .fail("the case was \(current.state.rawValue) before it was sent"))
    default: break
    }
    if current.acknowledgedAt != nil {
      return (item, .fail("the case was acknowledged otherwise before it was sent"))
    }
    let begun =
      current.events.last { $0.details.outgoing?.messageID == item.facts.messageID }?.at ?? item.queuedAt
    if now.unixSeconds - begun.unixSeconds > giveUpAfter {
      return (item, .fail("not sent within \(giveUpAfter / 3600) h; the log has each attempt"))
    }
    return (item, .send)
  }

  // MARK: one attempt

  private func attempt(_ item: OutgoingItem) async throws {
    let secret: String?
    do throws(MailServerError) {
      secret = try await readSecret()
    } catch {
      return postpone(item, error, concernsServer: true)
    }
    let (outbox, smtp, name) = (outbox, settings.smtp, item.fileName)
    let stopped: @Sendable () -> Bool = { self.isStopped.load(ordering: .acquiring) }
    let attempt = await Thread.run { () -> Attempt in
      var hold: Outbox.Hold?
      let (outcome, claimError) = SMTP.send(
        Array(item.message.utf8), from: item.sender, to: item.facts.to, settings: smtp, secret: secret,
        claim: {
          hold = try outbox.claim(name)
          return hold != nil
        }, stop: stopped)
      return Attempt(outcome: outcome, claimError: claimError.map { "\($0)" }, hold: hold, secret: secret)
    }
    try await conclude(item, attempt)
    // Until here others see it as being sent.
    withExtendedLifetime(attempt.hold) {}
  }

  private struct Attempt: Sendable {
    let outcome: SMTPOutcome
    let claimError: String?
    let hold: Outbox.Hold?
    /// What was shown to the server, to know a refused token by.
    let secret: String?
  }

  private func conclude(_ item: OutgoingItem, _ attempt: Attempt) async throws {
    let (outbox, name) = (outbox, item.fileName)
    let place: OutboxPlace = attempt.hold == nil ? .new : .sending
    switch attempt.outcome {
    case .accepted(let reply):
      retries[name] = nil
      server.backoff.reset()
      OutboundMetrics.count(.sent)
      let proof = AcknowledgementProof(
        messageID: item.facts.messageID, to: item.facts.to, digest: item.digest, serverReply: reply,
        sentAt: now())
      // Event first: a crash between the two leaves it in sending/, and the event says what became of it.
      try await append(.acknowledged, item, .init(acknowledgement: proof))
      try await inThread { try outbox.move(name, from: place, to: .sent) }
      logger.notice(
        "acknowledged",
        metadata: ["case": "\(item.caseID.reference)", "reply": "\(ServerText.withoutAddresses(reply))"])
    case .refused(let reply): try await fail(item, reason: "the server refused it: \(reply)", from: place)
    case .later(let error, let concernsServer):
      if error.kind == .authentication, let secret = attempt.secret,
        case .oauth2(_, _, let tokens)? = settings.smtp.credentials
      {
        // A token that is refused before its time is fetched anew.
        await tokens.invalidate(secret)
      }
      if place == .sending { try await inThread { try outbox.move(name, from: .sending, to: .new) } }
      postpone(item, error, concernsServer: concernsServer)
    case .unknown(let error):
      OutboundMetrics.count(.perhapsSent)
      logger.error(
        "acknowledgement-perhaps-sent: its text was given and no reply came; a person says with `intake outbox`",
        metadata: [
          "case": "\(item.caseID.reference)", "error": "\(ServerText.withoutAddresses("\(error)"))",
        ])
    case .notClaimed:
      if let trouble = attempt.claimError {
        logger.error(
          "the outbox cannot be written",
          metadata: ["case": "\(item.caseID.reference)", "error": "\(trouble)"])
        postpone(item, MailServerError(.disk(errno: 0), trouble), concernsServer: false)
      }
    }
  }

  private func postpone(_ item: OutgoingItem, _ error: MailServerError, concernsServer: Bool) {
    OutboundMetrics.count(.postponed)
    if concernsServer { OutboundMetrics.failures.add(1, error.alarm) }
    var retry =
      concernsServer
      ? server
      : retries[item.fileName]
        ?? Retry(backoff: Backoff(base: settings.firstPause, cap: settings.longestPause), next: .now)
    if case .throttled(let seconds) = error.kind { retry.backoff.atLeast(seconds: seconds) }
    // Half of the pause at least: full jitter is for many clients, and a greylisting server wants some patience.
    let pause = retry.backoff.next(random: Double.random(in: 0.5...1))
    retry.next = .now + .seconds(pause)
    if concernsServer { server = retry } else { retries[item.fileName] = retry }
    logger.error(
      "\(concernsServer ? "smtp-" + error.alarm : "acknowledgement-postponed")",
      metadata: [
        "case": "\(item.caseID.reference)", "error": "\(ServerText.withoutAddresses("\(error)"))",
        "next": "in \(Int(pause.rounded(.up))) s",
      ])
  }

  private func fail(_ item: OutgoingItem, reason: String, from place: OutboxPlace) async throws {
    let (outbox, name) = (outbox, item.fileName)
    retries[name] = nil
    OutboundMetrics.count(.failed)
    try await append(.sendFailed, item, .init(reason: reason))
    try await inThread { try outbox.move(name, from: place, to: .failed) }
    logger.error(
      "acknowledgement-failed: a person looks at the case again",
      metadata: ["case": "\(item.caseID.reference)", "reason": "\(ServerText.withoutAddresses(reason))"])
  }

  private func append(_ kind: CaseEvent.Kind, _ item: OutgoingItem, _ details: CaseEvent.Details) async throws
  {
    let (store, index, now) = (store, index, now)
    let by = kind == .acknowledged ? item.queuedBy : CaseEvent.program
    try await inThread {
      let updated = try store.append(kind, to: item.caseID, by: by, at: now(), details: details)
      try index.put([(updated, text: nil)])
    }
  }

  @discardableResult
  private func inThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    try await Thread.run { Result { try work() } }.get()
  }

  // MARK: signing in

  private func readSecret() async throws(MailServerError) -> String? {
    try await Self.secret(of: settings.smtp.credentials)
  }

  static func secret(of credentials: Credentials?) async throws(MailServerError) -> String? {
    switch credentials {
    case nil: return nil
    case .password(_, let secret, _):
      // Reading it may run a program.
      return try await Thread.run { () -> Result<String, MailServerError> in
        do throws(MailServerError) { return .success(try secret.read()) } catch { return .failure(error) }
      }.get()
    case .oauth2(_, _, let tokens): return try await tokens.token()
    }
  }

  /// Whether the server can be reached and lets us in; nothing is sent.
  ///
  /// - Returns: whether a login took place.
  public static func check(_ settings: SMTPSettings) async throws(MailServerError) -> Bool {
    let secret = try await secret(of: settings.credentials)
    return try await Thread.run { () -> Result<Bool, MailServerError> in
      do throws(MailServerError) {
        return .success(try SMTP.check(settings, secret: secret))
      } catch {
        return .failure(error)
      }
    }.get()
  }
}
