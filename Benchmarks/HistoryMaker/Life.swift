// What people do with a case: review it, acknowledge it mostly in time, close it, or leave it open at the end.

import Cases
import Deadlines
import Glibc

/// One event of a case's life after it was recorded.
struct LifeEvent {
  var at: Instant
  var kind: CaseEvent.Kind
  var by: String
  var details: CaseEvent.Details
}

/// Makes lives, each from the seed and the case's number.
struct Lives {
  let seed: Int
  let rules: RegimeRules
  /// Nothing happens after this.
  let end: Instant

  private static let people = ["amara", "ben", "chidi", "eilidh", "farah"]

  func life(
    of one: HistoryCase, number: Int, received: Instant, due: Deadlines, closed: Instant?
  ) -> [LifeEvent] {
    var random = Random(seed: seed, stream: 10_000 + number)
    var events: [LifeEvent] = []
    let person = random.one(of: Self.people)
    func add(_ at: Instant, _ kind: CaseEvent.Kind, _ details: CaseEvent.Details, by: String? = nil) {
      if at <= end { events.append(LifeEvent(at: at, kind: kind, by: by ?? person, details: details)) }
    }
    // Half of what needs a decision is decided within five hours.
    var now = received.adding(seconds: 300 + 18_000 * exp(0.9 * random.normal()))
    guard one.isComplaint else {
      let reasons = ["asks, does not complain", "about somebody else's service", "thanks"]
      add(now, .dismissed, .init(reason: random.one(of: reasons)))
      return events
    }
    if one.isPossible || random.chance(0.6) { add(now, .confirmed, .init(reason: "")) }
    if one.judged != one.category {
      now = now.adding(seconds: Double(random.number(20...600)))
      add(
        now, .recategorised,
        .init(
          reason: "what it is about", category: one.category,
          correction: Correction(deadlines: deadlines(one, received))))
    }
    if random.chance(0.4) {
      now = now.adding(seconds: Double(random.number(20...600)))
      add(now, .assigned, .init(assignee: random.one(of: Self.people)))
    }
    now = acknowledge(after: now, received: received, due: due, &random, add)
    if random.chance(0.15) {
      now = now.adding(seconds: 86_400 * Double(random.number(1...5)))
      add(now, .noted, .init(reason: "spoke to the unit; statement awaited"))
    }
    if let closed {
      let at = max(closed, now.adding(seconds: 3600))
      let closure = closure(one, &random)
      add(at, .closed, .init(reason: "answered in full", closure: closure))
    }
    return events
  }

  /// Two in a hundred late, one in a hundred comes back and is sent anew.
  private func acknowledge(
    after start: Instant, received: Instant, due: Deadlines, _ random: inout Random,
    _ add: (Instant, CaseEvent.Kind, CaseEvent.Details, String?) -> Void
  ) -> Instant {
    let limit = due[.acknowledge]?.end ?? received.adding(seconds: 5 * 86_400)
    let room = Double(limit.unixSeconds - start.unixSeconds)
    var at =
      random.chance(0.02) || room < 600
      ? max(limit, start).adding(seconds: 1 + 90_000 * random.exponential())
      : start.adding(seconds: 60 + (room - 120) * random.share() * random.share())
    add(at, .acknowledged, .init(reason: "letter sent"), nil)
    if random.chance(0.01) {
      at = at.adding(seconds: Double(random.number(5...600)))
      add(at, .bounced, .init(reason: "550 5.1.1 no such user"), "intake")
      at = at.adding(seconds: 86_400 * random.exponential() + 600)
      add(at, .acknowledged, .init(reason: "sent again to the corrected address"), nil)
    }
    return at
  }

  func deadlines(_ one: HistoryCase, _ received: Instant, category: String? = nil) -> Deadlines? {
    let applying = rules.regimes(
      mailbox: nil, country: one.country, category: category ?? one.category, received: received)
    return try? Deadlines.following(received, applying, rules)
  }

  private func closure(_ one: HistoryCase, _ random: inout Random) -> Closure {
    let outcomes: [Closure.Outcome] = [.upheld, .partlyUpheld, .notUpheld, .withdrawn, .resolvedEarly]
    let weights = one.rootCause == "no-failing" ? [0, 0.05, 0.85, 0.1, 0] : [0.4, 0.25, 0.2, 0.05, 0.1]
    let outcome = outcomes[random.position(weights)]
    var redress: GrantedRedress?
    if outcome == .upheld || outcome == .partlyUpheld {
      let kinds: [GrantedRedress.Kind?] = [.apology, .correction, .refund, .distress, .exGratia, nil]
      if let kind = kinds[random.position([0.35, 0.15, 0.15, 0.2, 0.05, 0.1])] {
        let isPaid = kind != .apology && kind != .correction
        redress = GrantedRedress(
          kind: kind, hundredths: isPaid ? 100 * Int(25 * exp(1.6 + 0.8 * random.normal())) : 0,
          currency: isPaid ? Mailbox.all[one.mailbox].currency : nil)
      }
    }
    return Closure(outcome: outcome, rootCause: one.rootCause, product: one.product, redress: redress)
  }
}

extension Instant {
  func adding(seconds: Double) -> Instant { Instant(unixSeconds: unixSeconds + Int64(seconds)) }
}

extension Deadlines {
  static func following(_ received: Instant, _ regimes: [Regime], _ rules: RegimeRules) throws -> Deadlines {
    try deadlines(received: received, regimes: regimes, calendars: rules.calendars, zones: rules.zones)
  }
}
