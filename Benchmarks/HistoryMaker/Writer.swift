// Writes a history through the stores that `intake` itself writes with: mail, cases with their events, ledgers.

import Cases
import Deadlines
import FoundationEssentials
import Synchronization
import Triage

/// A message with its place in a mailbox.
private struct Item: Sendable {
  enum What: Sendable {
    case recorded(Int)
    case settled(Outcome)
    /// Joins or repeats an earlier case's message.
    case followUp(of: Int)
    case duplicate(of: Int)
    case quarantined
  }
  var mailbox: Int
  var at: Instant
  var what: What
  var uid: UInt32 = 0
  var bytes: [UInt8] = []
  var digest = Digest(of: [])
  var facts: MessageFacts?
  var caseID: CaseID?

  var seen: Instant { at.adding(seconds: Double(2 + uid % 17)) }
  var source: SourceID { .imap(uidValidity: 1_700_000_000 + UInt32(mailbox), uid: uid) }
}

struct Writer {
  let history: History
  let seed: Int
  let rules: RegimeRules
  /// The last moment of the history.
  private let end: Instant
  private var items: [Item] = []
  /// The item that each case began with.
  private var firsts: [Int: Int] = [:]
  private var followUps: [Int: [Int]] = [:]
  private var random: Random

  init(_ history: History, seed: Int, rules: RegimeRules) throws {
    self.history = history
    self.seed = seed
    self.rules = rules
    random = Random(seed: seed, stream: 6)
    guard let last = history.span.days.last, let zone = rules.zones[Mailbox.all[0].zone] else {
      throw Unusable("there are no days to write")
    }
    end = zone.instant(last, secondsOfDay: 86_399)
    try arrange()
    compose()
  }

  private func instant(_ mailbox: Int, _ day: Int, _ second: Int) throws -> Instant {
    guard let zone = rules.zones[Mailbox.all[mailbox].zone] else {
      throw Unusable("there is no time zone \(Mailbox.all[mailbox].zone)")
    }
    return zone.instant(history.span.days[day], secondsOfDay: second)
  }

  /// Puts all messages in order of arrival and numbers them.
  private mutating func arrange() throws {
    for (index, one) in history.cases.enumerated() {
      items.append(
        Item(mailbox: one.mailbox, at: try instant(one.mailbox, one.day, one.second), what: .recorded(index)))
    }
    // Cases of a mailbox, in order, to follow up and repeat.
    var earlier: [Int: [Int]] = [:]
    for (index, one) in history.cases.enumerated() { earlier[one.mailbox, default: []].append(index) }
    for one in history.others {
      let what: Item.What
      let recent = (earlier[one.mailbox] ?? []).filter {
        history.cases[$0].day < one.day && history.cases[$0].day > one.day - 15
      }
      switch one.kind {
      case .other: what = .settled(.notAComplaint)
      case .automatic: what = .settled(.automatic)
      case .quarantined: what = .quarantined
      case .followUp: what = recent.isEmpty ? .settled(.notAComplaint) : .followUp(of: random.one(of: recent))
      case .duplicate: what = recent.isEmpty ? .settled(.automatic) : .duplicate(of: random.one(of: recent))
      }
      items.append(Item(mailbox: one.mailbox, at: try instant(one.mailbox, one.day, one.second), what: what))
    }
    items.sort { ($0.at, $0.mailbox) < ($1.at, $1.mailbox) }
    var uids = [UInt32](repeating: 0, count: Mailbox.all.count)
    for index in items.indices {
      uids[items[index].mailbox] += 1
      items[index].uid = uids[items[index].mailbox]
      switch items[index].what {
      case .recorded(let one): firsts[one] = index
      case .followUp(let one): followUps[one, default: []].append(index)
      case .duplicate, .settled, .quarantined: break
      }
    }
  }

  // MARK: messages

  private mutating func compose() {
    for index in items.indices {
      var subject = random.one(of: Phrases.subjects)
      var name = random.one(of: Phrases.firstNames) + " " + random.one(of: Phrases.lastNames)
      var references: [String] = []
      let text: String
      switch items[index].what {
      case .recorded(let one): text = history.cases[one].text
      case .settled(.automatic):
        subject = "Automatic reply"
        text = Phrases.filled(random.one(of: Phrases.automaticMail), &random)
      case .settled:
        subject = "Question"
        text =
          Phrases.filled(random.one(of: Phrases.otherMail), &random) + " "
          + Phrases.filled(random.one(of: Phrases.otherMail), &random)
      case .quarantined: text = "Kept unread."
      case .followUp(let one):
        let first = firsts[one].flatMap { items[$0].facts }
        subject = "Re: " + (first?.subject ?? subject)
        name = first?.from.first?.name ?? name
        references = first?.messageID.map { [$0] } ?? []
        text = Phrases.filled(random.one(of: Phrases.followUps), &random)
      case .duplicate(let one):
        // The very bytes again.
        if let first = firsts[one] {
          items[index].bytes = items[first].bytes
          items[index].digest = items[first].digest
          items[index].caseID = items[first].caseID
        }
        continue
      }
      write(index, subject: subject, name: name, references: references, text: text)
      if case .followUp(let one) = items[index].what {
        items[index].caseID = firsts[one].flatMap { items[$0].caseID }
      }
    }
  }

  private mutating func write(
    _ index: Int, subject: String, name: String, references: [String], text: String
  ) {
    let mailbox = Mailbox.all[items[index].mailbox]
    let address = "\(name.asciiLowercased().split(separator: " ").joined(separator: "."))@members.example"
    let messageID = "\(mailbox.name).\(items[index].uid).\(seed)@members.example"
    let at = items[index].at
    let sent = at.adding(seconds: -Double(3 + items[index].uid % 40))
    var lines = [
      "From: \(name) <\(address)>", "To: \(mailbox.address)", "Subject: \(subject)",
      "Date: \(Self.date(sent))", "Message-ID: <\(messageID)>",
    ]
    for reference in references { lines += ["In-Reply-To: <\(reference)>", "References: <\(reference)>"] }
    if case .settled(.automatic) = items[index].what { lines.append("Auto-Submitted: auto-replied") }
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", text, "", name, ""]
    items[index].bytes = Array(lines.joined(separator: "\r\n").utf8)
    items[index].digest = Digest(of: items[index].bytes)
    let isUnread = if case .quarantined = items[index].what { true } else { false }
    let source = SourceFacts(
      mailbox: mailbox.name, source: items[index].source, internalDate: at, seen: items[index].seen)
    items[index].facts =
      isUnread
      ? MessageFacts(digest: items[index].digest, size: items[index].bytes.count, source: source)
      : MessageFacts(
        digest: items[index].digest, size: items[index].bytes.count, source: source, messageID: messageID,
        references: references, subject: subject, from: [.init(name: name, address: address)],
        to: [.init(name: nil, address: mailbox.address)], sentAt: sent)
    var hasher = DigestHasher()
    hasher.update(field: "history/1")
    hasher.update(field: items[index].digest.hex)
    items[index].caseID = CaseID(identity: hasher.finalize())
  }

  /// RFC 5322 §3.3, in UTC.
  private static func date(_ at: Instant) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let date = at.utcDate
    return "\(date.weekdayName), \(date.day) \(months[date.month - 1]) \(date.year) "
      + "\(at.description.dropFirst(11).dropLast()) +0000"
  }

  // MARK: the disk

  /// Writes all of it: bytes, then cases, then ledgers, so that nothing is named before it is there.
  ///
  /// - Returns: the number of cases.
  func write(to path: String, progress: (String) -> Void) throws -> Int {
    let data = try DataFolder(path)
    let pool = WorkerPool(threads: 16)
    defer { pool.close() }
    let messages = MessageStore(data)
    // Names of one folder are synced together: the bytes first, then each folder once.
    for batch in Self.batches(items) {
      let prepared = try pool.map(batch) { item in try item.bytes.withUnsafeBytes { try messages.prepare($0) }
      }
      .map { try $0.get() }
      for one in prepared { _ = try messages.name(one) }
      for result in pool.map(
        Array(Set(prepared.map { messages.directory(of: $0.digest) })),
        {
          try DurableFile.syncDirectory($0)
        })
      { try result.get() }
    }
    progress("\(items.count) messages")
    let store = CaseStore(data)
    let plans = try items.compactMap { try plan($0) }
    for result in pool.map(plans, { try $0.carryOut(in: store) }) { try result.get() }
    progress("\(plans.count) cases, \(plans.reduce(0) { $0 + 1 + $1.life.count }) events")
    let all = items
    for result in pool.map(
      Array(Mailbox.all.indices),
      { mailbox in
        try Self.writeLedger(data, mailbox, all.filter { $0.mailbox == mailbox }, history.cases)
      })
    { try result.get() }
    progress("\(Mailbox.all.count) ledgers")
    return plans.count
  }

  private static func batches(_ items: [Item]) -> [[Item]] {
    stride(from: 0, to: items.count, by: 512).map { Array(items[$0..<min($0 + 512, items.count)]) }
  }

  /// A case with all that happens to it.
  private struct Plan: Sendable {
    var id: CaseID
    var recorded: Recorded
    var at: Instant
    var life: [LifeEvent]

    func carryOut(in store: CaseStore) throws {
      _ = try store.record(id, recorded, at: at)
      for event in life {
        try store.append(event.kind, to: id, by: event.by, at: event.at, details: event.details)
      }
    }
  }

  private func plan(_ item: Item) throws -> Plan? {
    guard let id = item.caseID, let facts = item.facts else { return nil }
    let lives = Lives(seed: seed, rules: rules, end: end)
    let how = "the mail server's receipt (INTERNALDATE)"
    if case .quarantined = item.what {
      let applying = rules.regimes(
        mailbox: nil, country: Mailbox.all[item.mailbox].country, category: nil, received: item.at)
      let recorded = Recorded(
        outcome: .quarantined, message: facts, receivedAt: item.at, receivedHow: how,
        complainant: Complainant(name: nil, address: nil, how: "unknown", confidence: 0),
        country: Mailbox.all[item.mailbox].country, verdict: nil,
        deadlines: try .following(item.at, applying, rules),
        quarantineReason: "the program ended 3 times while processing it")
      return Plan(id: id, recorded: recorded, at: item.seen.adding(seconds: 60), life: [])
    }
    guard case .recorded(let number) = item.what else { return nil }
    let one = history.cases[number]
    guard let due = lives.deadlines(one, item.at, category: one.judged) else {
      throw Unusable("no deadline for a message received at \(item.at)")
    }
    let sender = facts.from.first
    let recorded = Recorded(
      outcome: one.isPossible ? .possible : .case, message: facts, receivedAt: item.at, receivedHow: how,
      complainant: Complainant(name: sender?.name, address: sender?.address, how: "sender", confidence: 1),
      country: one.country, verdict: try Self.verdict(one, number), deadlines: due)
    let closed = try one.closedDay.map { try instant(one.mailbox, $0, 9 * 3600 + number % 28_800) }
    var life = lives.life(of: one, number: number, received: item.seen, due: due, closed: closed)
    for index in followUps[number] ?? [] {
      guard let message = items[index].facts else { continue }
      let followUp = FollowUp(
        message: message, receivedAt: items[index].at, tie: "references", senderIsKnown: true, verdict: nil)
      life.append(
        LifeEvent(
          at: items[index].seen, kind: .followedUp, by: "intake", details: .init(followUp: followUp)))
    }
    // Who writes after the end opens the case again, and a person ends it as before.
    if let ending = life.first(where: { $0.kind == .closed || $0.kind == .dismissed }) {
      for event in life where event.kind == .followedUp && event.at > ending.at {
        let again = event.at.adding(seconds: Double(3600 + number % 80_000))
        if again <= end {
          life.append(LifeEvent(at: again, kind: ending.kind, by: ending.by, details: ending.details))
        }
      }
    }
    // As they happened; of one moment, as they were put.
    life = life.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    return Plan(id: id, recorded: recorded, at: item.seen.adding(seconds: 1), life: life)
  }

  /// A verdict as far as lists and figures look at it. It is read from JSON because only judging makes verdicts.
  private static func verdict(_ one: HistoryCase, _ number: Int) throws -> Verdict {
    var flags: [String] = []
    if one.text.contains("ombudsman") { flags.append(#"{"kind":"threat_ombudsman","text":"ombudsman"}"#) }
    if number % 17 == 3 { flags.append(#"{"kind":"vulnerability_health","text":"stress"}"#) }
    if number % 97 == 5 { flags.append(#"{"kind":"executive_addressee","text":"chief executive"}"#) }
    let probability = one.isPossible ? 0.3 + Double(number % 40) / 100 : 0.9 + Double(number % 10) / 101
    let json = """
      {"band":"\(one.isPossible ? "possible" : "complaint")","probability":\(probability),
      "category":"\(one.judged)","category_probability":0.8,"secondary":[],"severity":\(1 + number % 3),
      "flags":[\(flags.joined(separator: ","))],"evidence":[],"other_evidence":[],"language":"en","points":[],
      "country":"\(one.country)","rules":[],"model":"history","reason":"\(one.judged)"}
      """
    return try JSONDecoder().decode(Verdict.self, from: Data(json.utf8))
  }

  /// A mailbox's lines, a day's together.
  private static func writeLedger(
    _ data: DataFolder, _ mailbox: Int, _ items: [Item], _ cases: [HistoryCase]
  ) throws {
    let ledger = try Ledger(data, mailbox: Mailbox.all[mailbox].name)
    guard let first = items.first else { return }
    try ledger.append(
      [.scope(uidValidity: 1_700_000_000 + UInt32(mailbox), firstUID: 1, older: NumberRanges())],
      at: first.at.adding(seconds: -3600))
    var start = 0
    while start < items.count {
      let day = items[start].at.utcDate
      let rest = items[start...]
      let end = rest.firstIndex { $0.at.utcDate != day } ?? items.count
      var events: [LedgerEntry.Event] = []
      for item in items[start..<end] {
        events.append(
          .arrival(
            Arrival(
              source: item.source, digest: item.digest, size: item.bytes.count, internalDate: item.at,
              seen: item.seen)))
        let (outcome, id): (Outcome, CaseID?) =
          switch item.what {
          case .recorded(let one): (cases[one].isPossible ? .possible : .case, item.caseID)
          case .settled(let outcome): (outcome, nil)
          case .followUp: (.followUp, item.caseID)
          case .duplicate: (.duplicate, item.caseID)
          case .quarantined: (.quarantined, item.caseID)
          }
        events.append(.outcome(item.source, outcome, caseReference: id))
      }
      try ledger.append(events, at: items[end - 1].seen.adding(seconds: 2))
      start = end
    }
  }
}
