// Steps 3 to 9 of a message's life, for a batch at a time: bytes, then ledger, then case, then the ledger's
// outcome line. Whatever dies in between is redone from mail/ and meets what is there.

import Cases
import Deadlines
import Logging
import MIME
import Metering
import Synchronization
import Triage

#if canImport(Glibc)
  import Glibc
#endif

/// A message as it came from a mailbox or a file, not yet on our disk.
public struct IncomingMessage: Sendable {
  public enum Content: Sendable {
    case memory([UInt8])
    /// A file under `tmp/`, complete; it is taken over.
    case file(path: String)
  }

  /// Nil for a file of `intake ingest`, whose digest becomes its place.
  public let source: SourceID?
  public let content: Content
  public let internalDate: Instant?

  public init(source: SourceID?, content: Content, internalDate: Instant?) {
    self.source = source
    self.content = content
    self.internalDate = internalDate
  }
}

/// What became of one message.
public struct SettledMessage: Sendable {
  public let source: SourceID
  public let outcome: Outcome
  public let caseID: CaseID?
}

/// Takes messages in: the part of the pipeline behind every source of mail.
///
/// All methods block on the disk; call them from threads of your own.
public final class Intake: Sendable {
  public let data: DataFolder
  public let index: CaseIndex
  public let cases: CaseStore
  let messages: MessageStore
  /// What was deleted on purpose: the same bytes are not stored again.
  public let deletions: Deletions
  let organisation: Organisation
  let rules: RegimeRules
  let assessor: Assessor
  public let limits: PipelineLimits
  public let pool: WorkerPool
  /// As many as there are processors: judging needs no disk, and must not keep the recorders from theirs.
  let judges: WorkerPool
  /// The cut-off below which messages are passed over.
  private let possibleFrom: Double
  /// The share of what is passed over that is drawn for a check.
  private let checkShare: Double
  /// By mailbox, what this process has begun again and lived through: trouble with the disk or the index is not the
  /// message's doing, and must not end in quarantine.
  private let livedThrough = Mutex<[String: Set<SourceID>]>([:])
  let logger: Logger

  /// The clock; a parameter so that tests can set it.
  let now: @Sendable () -> Instant

  public init(
    data: DataFolder, organisation: Organisation, rules: RegimeRules, judge: Judge, limits: PipelineLimits,
    checkShare: Double = 0, logger: Logger, now: @escaping @Sendable () -> Instant = { Intake.systemNow() }
  ) throws {
    self.data = data
    self.organisation = organisation
    self.rules = rules
    self.limits = limits
    self.logger = logger
    self.now = now
    index = try CaseIndex(data)
    cases = CaseStore(data)
    messages = MessageStore(data)
    deletions = try Deletions(data)
    possibleFrom = judge.model.cutOffs.possibleFrom
    self.checkShare = checkShare
    assessor = Assessor(organisation: organisation, judge: judge)
    pool = WorkerPool(threads: limits.recorders)
    judges = WorkerPool(threads: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Ends the threads once what is at hand is done; for tests, which make many of these.
  func close() {
    pool.close()
    judges.close()
  }

  /// The system clock, in whole seconds.
  public static func systemNow() -> Instant { Instant(unixSeconds: Int64(time(nil))) }

  /// The system clock, for callers outside.
  public var currentTime: Instant { now() }

  // MARK: step 3

  /// Makes a batch's bytes durable, then writes its arrival lines.
  ///
  /// - Returns: the arrivals with their bytes where these are still in memory.
  func receive(_ batch: [IncomingMessage], into ledger: Ledger) throws -> [(Arrival, MessageBytes?)] {
    let seen = now()
    let messages = messages
    let deletions = deletions
    try deletions.refresh()
    // Contents side by side, then names, then directories: the kernel commits each step together.
    let prepared = pool.map(batch) { incoming -> Stored in
      switch incoming.content {
      case .memory(let memory):
        let prepared = try memory.withUnsafeBytes {
          try messages.prepare($0) { !deletions.contains($0) }
        }
        return Stored(incoming: incoming, prepared: prepared, size: memory.count, bytes: MessageBytes(memory))
      case .file(let path):
        let (digest, size) = try messages.adopt(file: path) { !deletions.contains($0) }
        return Stored(incoming: incoming, prepared: .stored(digest), size: size, bytes: nil)
      }
    }
    let contents = try prepared.map { try $0.get() }
    for stored in contents { _ = try messages.name(stored.prepared) }
    try syncDirectories(contents.map { messages.directory(of: $0.prepared.digest) })
    let stored = contents.map { stored -> (Arrival, MessageBytes?) in
      let arrival = Arrival(
        source: stored.incoming.source ?? .file(stored.prepared.digest), digest: stored.prepared.digest,
        size: stored.size, internalDate: stored.incoming.internalDate, seen: seen)
      return (arrival, stored.bytes)
    }
    var arrivals: [(Arrival, MessageBytes?)] = []
    var events: [LedgerEntry.Event] = []
    for (arrival, bytes) in stored {
      // A file handed in twice, or a UID that another process took meanwhile: its line is there already.
      if ledger.withState({ $0.hasArrived(arrival.source) }) { continue }
      if arrivals.contains(where: { $0.0.source == arrival.source }) { continue }
      arrivals.append((arrival, bytes))
      events.append(.arrival(arrival))
    }
    try ledger.append(events, at: seen)
    return arrivals
  }

  /// A message whose content is durable.
  private struct Stored: Sendable {
    let incoming: IncomingMessage
    let prepared: MessageStore.Prepared
    let size: Int
    let bytes: MessageBytes?
  }

  /// Syncs each of these directories once, side by side.
  private func syncDirectories(_ paths: [String]) throws {
    for result in pool.map(Array(Set(paths)), { try DurableFile.syncDirectory($0) }) { try result.get() }
  }

  // MARK: steps 4 to 9

  /// Processes arrivals and writes their outcomes.
  ///
  /// - Throws: for trouble with the disk or the index, which concerns every message; the batch stays pending.
  @discardableResult
  func process(
    _ batch: [(Arrival, MessageBytes?)], ledger: Ledger, rules mailbox: MailboxRules
  ) throws -> [SettledMessage] {
    try record(assess(batch, mailbox: mailbox), ledger: ledger, rules: mailbox)
  }

  /// An arrival with what it is, or why it could not be read.
  typealias Assessed = (arrival: Arrival, result: Result<Assessment, any Error>)

  /// Steps 4 to 6: parses and judges, side by side; needs no disk, so it goes on while another batch is recorded.
  func assess(_ batch: [(Arrival, MessageBytes?)], mailbox: MailboxRules) -> [Assessed] {
    let assessor = assessor
    let messages = messages
    let results = judges.map(batch) { arrival, bytes -> Assessment in
      assessor.assess(try bytes ?? messages.read(arrival.digest), arrival: arrival, mailbox: mailbox.name)
    }
    return zip(batch, results).map { (arrival: $0.0, result: $1) }
  }

  /// Steps 7 to 9: decides in order of arrival, records, and writes the outcomes.
  func record(
    _ batch: [Assessed], ledger: Ledger, rules mailbox: MailboxRules
  ) throws -> [SettledMessage] {
    if batch.isEmpty { return [] }
    let arrivals = batch.map(\.arrival)
    try index.note(arrivals, mailbox: mailbox.name)
    let firsts = try index.firstSightings(of: arrivals, mailbox: mailbox.name)
    try deletions.refresh()
    var plans: [Plan] = []
    var decided = Decided()
    for (arrival, result) in batch {
      if let deletion = deletions.deletion(of: arrival.digest) {
        plans.append(try gone(arrival, deletion, mailbox))
        continue
      }
      switch result {
      case .success(let assessment):
        plans.append(
          try plan(assessment, arrival, isFirst: firsts.contains(arrival.source), mailbox, decided: &decided))
      case .failure(let error):
        plans.append(quarantine(arrival, reason: "its stored bytes cannot be read: \(error)", mailbox))
      }
    }
    return try carryOut(plans, ledger: ledger, mailbox: mailbox)
  }

  /// Puts a message that kills the process, or that cannot be processed, into quarantine: a case with a running
  /// deadline, for a person.
  func quarantine(_ arrival: Arrival, reason: String, _ mailbox: MailboxRules) -> Plan {
    let (facts, id) = Assessor.unprocessed(arrival, mailbox: mailbox.name)
    let (receivedAt, how) = Self.receipt(arrival)
    let regimes = rules.regimes(
      mailbox: mailbox.regimes, country: mailbox.country, category: nil, received: receivedAt)
    let dates = try? deadlines(
      received: receivedAt, regimes: regimes, calendars: rules.calendars, zones: rules.zones)
    let recorded = Recorded(
      outcome: .quarantined, message: facts, receivedAt: receivedAt, receivedHow: how,
      complainant: Complainant(name: nil, address: nil, how: "unknown", confidence: 0),
      country: mailbox.country,
      verdict: nil, deadlines: dates ?? Deadlines(all: []),
      notes: dates == nil ? ["no deadline could be computed; a person sets it"] : [], quarantineReason: reason
    )
    return Plan(arrival: arrival, action: .record(id, recorded, text: ""))
  }

  /// When the clock starts: the server's receipt or our first sight, whichever is earlier and credible
  /// (promise 3; never the sender's Date).
  static func receipt(_ arrival: Arrival) -> (at: Instant, how: String) {
    guard let date = arrival.internalDate else { return (arrival.seen, "first seen by intake") }
    // Before 2000 there was no such mailbox; five minutes is what two clocks may differ.
    if date.unixSeconds < 946_684_800 {
      return (arrival.seen, "first seen by intake; the server's date \(date) is not credible")
    }
    if date.unixSeconds > arrival.seen.unixSeconds + 300 {
      return (arrival.seen, "first seen by intake; the server's date \(date) lies in the future")
    }
    if case .file = arrival.source {
      return (min(date, arrival.seen), "the time of delivery that its file tells")
    }
    return (min(date, arrival.seen), "the mail server's receipt (INTERNALDATE)")
  }

  /// What is to be done about one message.
  struct Plan: Sendable {
    enum Action: Sendable {
      case settle(Outcome, CaseID?)
      case record(CaseID, Recorded, text: String)
      case followUp(CaseID, FollowUp)
      /// An acknowledgement of ours came back: the case's duty stands again. The report's own outcome is `automatic`.
      case bounced(CaseID, reason: String, SourceFacts)
      /// The same bytes or the same message again.
      case duplicate(CaseID?, SourceFacts)
      /// Recorded before a crash, the outcome line still missing.
      case recordedBefore(CaseID)
      /// Bytes that were deleted on purpose, or another copy of an erased case's message: they are not kept.
      case gone(Outcome, Deletion)
    }
    let arrival: Arrival
    var action: Action
  }

  /// What this batch has decided so far; its cases are not on disk yet.
  private struct Decided {
    var messageIDs: [String: CaseID] = [:]
    var digests: [CaseID: Digest] = [:]
    var participants: [CaseID: Set<String>] = [:]
  }

  private func plan(
    _ assessment: Assessment, _ arrival: Arrival, isFirst: Bool, _ mailbox: MailboxRules,
    decided: inout Decided
  ) throws -> Plan {
    let facts = assessment.facts
    // Before anything else: what was recorded stays what it was, whatever has come in since.
    if let earlier = try recordedEarlier(assessment.caseID, arrival, facts.source) { return earlier }
    if !isFirst {
      let known = cases.exists(assessment.caseID) || decided.digests[assessment.caseID] != nil
      return Plan(arrival: arrival, action: .duplicate(known ? assessment.caseID : nil, facts.source))
    }
    if let bounce = assessment.bounce, let id = try index.caseOfOutgoing(bounce.messageIDs),
      try concernsTheLatest(bounce, id)
    {
      return Plan(arrival: arrival, action: .bounced(id, reason: bounce.reason, facts.source))
    }
    if assessment.automatic != nil, assessment.verdict?.band ?? .notAComplaint == .notAComplaint {
      return Plan(arrival: arrival, action: .settle(.automatic, nil))
    }
    if decided.digests[assessment.caseID] != nil {
      return Plan(arrival: arrival, action: .duplicate(assessment.caseID, facts.source))
    }

    let (receivedAt, how) = Self.receipt(arrival)
    var claims: [CaseID] = []
    if let tie = try tie(of: assessment, decided: decided, claims: &claims) {
      let known = tie.participants.contains(facts.from.first?.address ?? "")
      let followUp = FollowUp(
        message: facts, receivedAt: receivedAt, tie: tie.kind, senderIsKnown: known,
        verdict: assessment.verdict)
      if let messageID = facts.messageID { decided.messageIDs[messageID] = tie.id }
      return Plan(arrival: arrival, action: .followUp(tie.id, followUp))
    }

    guard var verdict = assessment.verdict else {
      return quarantine(arrival, reason: "it could not be judged", mailbox)
    }
    let outcome: Outcome
    switch verdict.band {
    // A machine's mail that reads like a complaint: a person says whose words they are.
    case .complaint where assessment.automatic != nil: outcome = .possible
    case .complaint: outcome = .case
    case .possible: outcome = .possible
    // Somebody who quotes a case, theirs or not, known or mistyped, or a message that names no sender, is never passed over in
    // silence.
    case .notAComplaint:
      let namesCase = !claims.isEmpty || CaseReference.isShaped(in: facts.subject)
      verdict.checkSample =
        namesCase || facts.from.isEmpty
        ? nil
        : CheckSample.draw(
          probability: verdict.probability, possibleFrom: possibleFrom,
          digest: arrival.digest.hex.utf8, share: checkShare)
      let isSeen = namesCase || facts.from.isEmpty || verdict.checkSample != nil
      outcome = isSeen ? .possible : .notAComplaint
    }
    if outcome == .notAComplaint { return Plan(arrival: arrival, action: .settle(.notAComplaint, nil)) }

    var notes = assessment.notes
    if let stamp = assessment.receivedStamp, stamp.unixSeconds + 86400 < receivedAt.unixSeconds,
      stamp.unixSeconds >= 946_684_800
    {
      notes.append(
        "its topmost Received line says \(stamp): was it moved here later? a person may set the date back")
    }
    var duplicates: [CaseID] = []
    if let messageID = facts.messageID {
      duplicates =
        try (index.cases(holding: [messageID])[messageID] ?? [])
        + [decided.messageIDs[messageID]].compactMap { $0 }
      duplicates.removeAll { $0 == assessment.caseID }
      if !duplicates.isEmpty { notes.append("another message with other content bears the same Message-ID") }
    }
    if let automatic = assessment.automatic {
      notes.append("sent by a machine (\(automatic.header)), perhaps a form")
    }
    if facts.from.isEmpty { notes.append("names no sender") }
    if verdict.checkSample != nil {
      notes.append(
        "passed over, and drawn at random for a check: confirm it if it is a complaint, else dismiss it")
    }
    if !claims.isEmpty { notes.append("names a case that its sender is not known to have a part in") }

    let country = verdict.country ?? mailbox.country
    let regimes = rules.regimes(
      mailbox: mailbox.regimes, country: country, category: verdict.category, received: receivedAt)
    let dates: Deadlines
    do {
      dates = try deadlines(
        received: receivedAt, regimes: regimes, calendars: rules.calendars, zones: rules.zones)
    } catch {
      return quarantine(arrival, reason: "no deadline could be computed: \(error)", mailbox)
    }
    let recorded = Recorded(
      outcome: outcome, message: facts, receivedAt: receivedAt, receivedHow: how,
      complainant: assessment.complainant, country: country, verdict: verdict, deadlines: dates,
      possibleDuplicates: duplicates, claimsToBelongTo: claims, notes: notes)
    decided.digests[assessment.caseID] = arrival.digest
    decided.participants[assessment.caseID] = Set(
      (facts.from + facts.replyTo + facts.to + facts.cc).map(\.address))
    if let messageID = facts.messageID { decided.messageIDs[messageID] = assessment.caseID }
    return Plan(arrival: arrival, action: .record(assessment.caseID, recorded, text: assessment.text))
  }

  /// Whether a report is about the acknowledgement that counts: an older one has been told of before, and whoever says
  /// it again says nothing new.
  private func concernsTheLatest(_ bounce: BounceReport, _ id: CaseID) throws -> Bool {
    guard let proof = try cases.read(id).proof else { return false }
    return bounce.messageIDs.contains(proof.messageID)
  }

  /// The plan for bytes that were deleted on purpose: they bring nothing back. Where they had arrived before a crash and
  /// lack their outcome, it is the one they had; else they are a duplicate of what is gone.
  private func gone(_ arrival: Arrival, _ deletion: Deletion, _ mailbox: MailboxRules) throws -> Plan {
    var outcome = Outcome.duplicate
    if let id = deletion.caseID, cases.exists(id) {
      let source = SourceFacts(
        mailbox: mailbox.name, source: arrival.source, internalDate: nil, seen: arrival.seen)
      let current = try cases.read(id)
      let messages = current.messages.filter {
        $0.digest == arrival.digest && $0.source.isSamePlace(as: source)
      }
      if let message = messages.first {
        let isFirst = message.source == current.recorded.message.source
        outcome = isFirst ? current.recorded.outcome : .followUp
      }
    }
    return Plan(arrival: arrival, action: .gone(outcome, deletion))
  }

  /// Another copy of an erased case's message goes too; its own stays as long as a case that was split from it has it.
  private static func deletion(_ digest: Digest, of current: Case) -> Deletion? {
    guard current.isErased, !current.messages.contains(where: { $0.digest == digest }) else { return nil }
    return Deletion(digest: digest, cause: .erasure, caseID: current.id)
  }

  /// The plan for a message whose case is there already, under its own id.
  private func recordedEarlier(_ id: CaseID, _ arrival: Arrival, _ source: SourceFacts) throws -> Plan? {
    guard cases.exists(id) else { return nil }
    let current = try cases.read(id)
    if let deletion = Self.deletion(arrival.digest, of: current) {
      return Plan(arrival: arrival, action: .gone(.duplicate, deletion))
    }
    let message = current.recorded.message
    let isOurs = message.source.isSamePlace(as: source) && message.digest == arrival.digest
    return Plan(arrival: arrival, action: isOurs ? .recordedBefore(id) : .duplicate(id, source))
  }

  private struct Tie {
    let id: CaseID
    let kind: String
    let participants: Set<String>
  }

  /// The case a message belongs to: by a reference to one of its messages, or by our case reference in the
  /// subject, each together with a sender who has a part in that case. What merely claims to belong is added to
  /// `claims`; a forward is new intake and only claims.
  private func tie(of assessment: Assessment, decided: Decided, claims: inout [CaseID]) throws -> Tie? {
    let sender = assessment.facts.from.first?.address ?? ""
    func isKnown(_ sender: String, _ participants: Set<String>) -> Bool {
      !sender.isEmpty && (participants.contains(sender) || organisation.isOurs(sender))
    }
    func claim(_ id: CaseID) { if !claims.contains(id) && id != assessment.caseID { claims.append(id) } }
    let ties = assessment.ties
    let known = ties.isEmpty ? [:] : try index.cases(holding: ties)
    for messageID in ties {
      guard let id = decided.messageIDs[messageID] ?? known[messageID]?.first, id != assessment.caseID else {
        continue
      }
      // A reference is no proof: whoever has seen or guessed a Message-ID can name it, and a stranger's complaint must
      // not vanish into somebody else's case.
      let participants = try participants(id, decided)
      if isKnown(sender, participants), !assessment.isForward, try !isErased(id, decided) {
        return Tie(id: id, kind: "references", participants: participants)
      }
      claim(id)
    }
    for reference in assessment.subjectReferences {
      for id in try cases.ids(with: reference) where id != assessment.caseID {
        let participants = try participants(id, decided)
        if isKnown(sender, participants), !assessment.isForward, try !isErased(id, decided) {
          return Tie(id: id, kind: "subject", participants: participants)
        }
        claim(id)
      }
    }
    return nil
  }

  /// Nothing joins what was erased: a message that names it is new intake.
  private func isErased(_ id: CaseID, _ decided: Decided) throws -> Bool {
    try decided.digests[id] == nil && cases.read(id).isErased
  }

  /// Who has a part in a case, our own addresses excepted: everyone writes to those.
  private func participants(_ id: CaseID, _ decided: Decided) throws -> Set<String> {
    let all = try decided.participants[id] ?? cases.read(id).participants
    return all.filter { !organisation.addresses.contains($0) }
  }

  // MARK: steps 8 and 9

  func carryOut(_ plans: [Plan], ledger: Ledger, mailbox: MailboxRules) throws -> [SettledMessage] {
    let now = now()
    let store = cases
    // New cases first, side by side; what joins them follows.
    let records = plans.indices.filter { if case .record = plans[$0].action { true } else { false } }
    var settled = [SettledMessage?](repeating: nil, count: plans.count)
    var touched: [CaseID: (Case, String?)] = [:]
    let prepared = pool.map(records) { index -> (CaseID, CaseStore.Prepared) in
      guard case .record(let id, let recorded, _) = plans[index].action else {
        preconditionFailure("only records are carried out here")
      }
      return (id, try store.prepare(id, recorded, at: now))
    }
    var results: [CaseStore.RecordResult] = []
    var folders: [String] = []
    for result in prepared {
      let (id, ready) = try result.get()
      results.append(try store.name(ready))
      folders += store.directories(of: id)
    }
    try syncDirectories(folders)
    for (index, result) in zip(records, results) {
      guard case .record(let id, let recorded, let text) = plans[index].action else { continue }
      let arrival = plans[index].arrival
      switch result {
      case .recorded(let current):
        touched[id] = (current, text)
        settled[index] = SettledMessage(source: arrival.source, outcome: recorded.outcome, caseID: id)
      case .existed(let current):
        touched[id] = (current, text)
        if current.recorded.message.source.isSamePlace(as: recorded.message.source),
          current.recorded.message.digest == arrival.digest
        {
          // Ours, from before a crash: the first event stands, whatever a later model would say.
          settled[index] = SettledMessage(
            source: arrival.source, outcome: current.recorded.outcome, caseID: id)
        } else {
          if let deletion = Self.deletion(arrival.digest, of: current) {
            try deletions.delete([deletion], at: now)
          }
          try seeAgain(id, recorded.message.source, at: now, touched: &touched)
          settled[index] = SettledMessage(source: arrival.source, outcome: .duplicate, caseID: id)
        }
      }
    }
    for (index, plan) in plans.enumerated() {
      switch plan.action {
      case .record: continue
      case .settle(let outcome, let id):
        settled[index] = SettledMessage(source: plan.arrival.source, outcome: outcome, caseID: id)
      case .followUp(let id, let followUp):
        let updated = try store.append(
          .followedUp, to: id, by: CaseEvent.program, at: now, details: .init(followUp: followUp))
        touched[id] = (updated, touched[id]?.1)
        settled[index] = SettledMessage(source: plan.arrival.source, outcome: .followUp, caseID: id)
      case .bounced(let id, let reason, let source):
        // The sighting is where the report was found, so that a redo meets it and adds nothing.
        let updated = try store.append(
          .bounced, to: id, by: CaseEvent.program, at: now, details: .init(sighting: source, reason: reason))
        touched[id] = (updated, touched[id]?.1)
        settled[index] = SettledMessage(source: plan.arrival.source, outcome: .automatic, caseID: id)
        PipelineMetrics.bounces.add()
        logger.error(
          "acknowledgement-bounced: the duty stands again", metadata: ["case": "\(id.reference)"])
      case .recordedBefore(let id):
        let current = try store.read(id)
        // Whoever recorded it may have died before the link was there.
        try store.updateLinks(current)
        // No text: a message that may kill the process is not parsed here. `reindex` adds it to the search.
        touched[id] = (current, nil)
        settled[index] = SettledMessage(
          source: plan.arrival.source, outcome: current.recorded.outcome, caseID: id)
      case .gone(let outcome, let deletion):
        // Also where another process stored the bytes again before it had seen the deletion.
        try deletions.delete([deletion], at: now)
        settled[index] = SettledMessage(
          source: plan.arrival.source, outcome: outcome, caseID: deletion.caseID)
        logger.notice(
          "seen again after it was deleted; it is not kept",
          metadata: [
            "mailbox": "\(mailbox.name)", "message": "\(plan.arrival.source)",
            "cause": "\(deletion.cause.rawValue)",
          ])
      case .duplicate(let id, let source):
        if let id { try seeAgain(id, source, at: now, touched: &touched) }
        settled[index] = SettledMessage(source: plan.arrival.source, outcome: .duplicate, caseID: id)
      }
    }
    try index.put(touched.values.map { ($0.0, text: $0.1) })
    let outcomes = settled.compactMap { $0 }
    try ledger.append(
      outcomes.map { .outcome($0.source, $0.outcome, caseReference: $0.caseID) }, at: now)
    count(plans, outcomes, mailbox: mailbox.name)
    return outcomes
  }

  private func count(_ plans: [Plan], _ outcomes: [SettledMessage], mailbox: String) {
    for outcome in outcomes { PipelineMetrics.messages.add(1, mailbox, outcome.outcome.rawValue) }
    let now = now().unixSeconds
    for plan in plans {
      PipelineMetrics.messageToRecord.observe(
        Double(now - Self.receipt(plan.arrival).at.unixSeconds), mailbox)
    }
  }

  /// Notes on a case that its message came by another mailbox too; within one mailbox the ledger says enough.
  private func seeAgain(
    _ id: CaseID, _ source: SourceFacts, at now: Instant, touched: inout [CaseID: (Case, String?)]
  ) throws {
    let current = try cases.read(id)
    guard current.recorded.message.source.mailbox != source.mailbox, !current.isErased else { return }
    let updated = try cases.append(
      .seenAgain, to: id, by: CaseEvent.program, at: now, details: .init(sighting: source))
    touched[id] = (updated, touched[id]?.1)
  }

  // MARK: what a dead process left

  /// Processes whatever of a mailbox has arrived but has no outcome.
  public func retry(_ mailbox: MailboxRules) async throws -> Reconciliation {
    try await onOwnThread {
      let ledger = try Ledger(self.data, mailbox: mailbox.name)
      try self.redoPending(ledger, rules: mailbox)
      return ledger.withState { Reconciliation(mailbox: mailbox.name, state: $0) }
    }
  }

  /// Processes every arrival that has no outcome, from `mail/`.
  ///
  /// The first redo takes them together. Whatever was among them when the process died again is redone alone,
  /// so the third death names its message, and that one is quarantined unread.
  @discardableResult
  public func redoPending(_ ledger: Ledger, rules mailbox: MailboxRules) throws -> [SettledMessage] {
    var settled: [SettledMessage] = []
    let pending = ledger.withState { Array($0.pending.values) }
      .sorted { $0.arrival.source.order < $1.arrival.source.order }
    let mine = livedThrough.withLock { lived in
      let mine = lived[mailbox.name, default: []].intersection(pending.map(\.arrival.source))
      lived[mailbox.name] = mine.isEmpty ? nil : mine
      return mine
    }
    /// How many processes have died over it, as far as the ledger can tell.
    func deaths(_ one: LedgerState.Pending) -> Int {
      one.attempts - (mine.contains(one.arrival.source) ? 1 : 0)
    }
    /// Writes down that this process begins with them, once.
    func begin(_ sources: [SourceID]) throws {
      let first = sources.filter { !mine.contains($0) }
      try ledger.append(first.map { .attempt($0) }, at: now())
      livedThrough.withLock { $0[mailbox.name, default: []].formUnion(first) }
    }
    let fresh = pending.filter { deaths($0) < limits.attempts - 1 }
    for start in stride(from: 0, to: fresh.count, by: limits.batchMessages) {
      let batch = fresh[start..<min(start + limits.batchMessages, fresh.count)].map {
        ($0.arrival, MessageBytes?.none)
      }
      try begin(batch.map(\.0.source))
      settled += try process(batch, ledger: ledger, rules: mailbox)
    }
    for suspect in pending where deaths(suspect) >= limits.attempts - 1 {
      if deaths(suspect) >= limits.attempts {
        // It may have been recorded before the last death; then that stands.
        try deletions.refresh()
        let plan =
          try deletions.deletion(of: suspect.arrival.digest).map { try gone(suspect.arrival, $0, mailbox) }
          ?? cases.find(suspect.arrival.digest, changedSince: suspect.arrival.seen)
          .map { Plan(arrival: suspect.arrival, action: .recordedBefore($0)) }
          ?? quarantine(
            suspect.arrival, reason: "the program ended \(deaths(suspect)) times while processing it",
            mailbox)
        settled += try carryOut([plan], ledger: ledger, mailbox: mailbox)
        logger.error(
          "message quarantined",
          metadata: ["mailbox": "\(mailbox.name)", "message": "\(suspect.arrival.source)"])
      } else {
        try begin([suspect.arrival.source])
        settled += try process([(suspect.arrival, nil)], ledger: ledger, rules: mailbox)
      }
    }
    return settled
  }
}

extension SourceID {
  /// Arrival order within a mailbox, so that a redo decides in the same order.
  fileprivate var order: String {
    switch self {
    case .imap(let uidValidity, let uid):
      String(repeating: "0", count: 10 - String(uidValidity).utf8.count) + "\(uidValidity)/"
        + String(repeating: "0", count: 10 - String(uid).utf8.count) + "\(uid)"
    case .file(let digest): "file/\(digest.hex)"
    }
  }
}
