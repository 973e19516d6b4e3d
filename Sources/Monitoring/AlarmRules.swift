// Which alarms one look at the vitals gives. Pure: the same vitals, the same alarms.

import Cases
import Deadlines
import Triage

/// What one look gives.
public struct AlarmLook: Sendable, Equatable {
  public var alarms: [Alarm] = []
  /// Keys of which nothing is known (yet), such as a mailbox just after the start: what stands stands on.
  public var unknown: Set<String> = []
  /// Nothing is known at all: whatever stands stands on.
  public var isBlind = false

  public init(alarms: [Alarm] = [], unknown: Set<String> = []) {
    self.alarms = alarms
    self.unknown = unknown
  }
}

extension AlarmSettings {
  /// - Parameters:
  ///   - started: when this process began to look: nothing can have succeeded before.
  ///   - now: vitals that are old by then tell nothing but that.
  public func look(_ vitals: Vitals, started: Instant, now: Instant) -> AlarmLook {
    let age = now.unixSeconds - vitals.at.unixSeconds
    if age >= blindAfter {
      var look = AlarmLook(alarms: [
        Alarm(
          .cannotLook, "vitals", severity: .page,
          words: "Nothing has been looked at for \(AlarmWords.span(age)).",
          advice: "Restart intake; a disk that hangs shows in `dmesg`.")
      ])
      look.isBlind = true
      return look
    }
    return look(vitals, started: started)
  }

  func look(_ vitals: Vitals, started: Instant) -> AlarmLook {
    var rules = AlarmRules(vitals: vitals, settings: self, started: started)
    return rules.look()
  }
}

/// One rule a method, in the order of `Alarm.Cause`.
private struct AlarmRules {
  let vitals: Vitals
  let settings: AlarmSettings
  let started: Instant
  private var found = AlarmLook()

  init(vitals: Vitals, settings: AlarmSettings, started: Instant) {
    self.vitals = vitals
    self.settings = settings
    self.started = started
  }

  mutating func look() -> AlarmLook {
    for mailbox in vitals.mailboxes {
      access(mailbox)
      stalled(mailbox)
      silent(mailbox)
      flooded(mailbox)
      gap(mailbox)
    }
    duties()
    unopened()
    unreviewed()
    outbox()
    disk()
    unread()
    damaged()
    checks()
    misses()
    return found
  }

  // MARK: mailboxes

  /// Trouble that waiting does not mend (`MailServerError.alarm`).
  private static let forGood: Set<String> = [
    "login-refused", "permission-refused", "mailbox-missing", "mailbox-read-only", "oauth-refresh-failed",
    "secret-unreadable", "server-unsuited", "tls-failed",
  ]

  /// Refused, or without a token to be let in with: two causes, one of which a consent mends.
  private mutating func access(_ mailbox: Vitals.Mailbox) {
    let name = word(mailbox.name)
    let (refusing, token) = (
      Alarm.key(.mailboxRefusing, name), Alarm.key(.oauthToken, name)
    )
    guard mailbox.failures > 0 || mailbox.trouble != nil else {
      // Before the first success nothing says that it is mended.
      if mailbox.lastSuccess == nil { found.unknown.formUnion([refusing, token]) }
      return
    }
    let trouble = word(mailbox.trouble ?? "poll-failed")
    let since = mailbox.lastSuccess ?? started
    let failing = age(since)
    if trouble.hasPrefix("oauth-") {
      found.unknown.insert(refusing)
      let left = mailbox.tokenEnds.map { $0.unixSeconds - vitals.at.unixSeconds } ?? 0
      let isForGood = Self.forGood.contains(trouble)
      guard isForGood || left < settings.tokenWithin else {
        found.unknown.insert(token)
        return
      }
      let state = left > 0 ? "the one in use ends in \(span(left))" : "none is left"
      add(
        .oauthToken, name, .page, "Mailbox \(name): no new access token (\(trouble)), \(state)",
        isForGood
          ? "Renew the consent or the client secret, then look with `intake doctor`"
          : "Check the network to the token endpoint, then look with `intake doctor`")
      return
    }
    found.unknown.insert(token)
    let isForGood = Self.forGood.contains(trouble)
    guard failing >= (isForGood ? settings.refusedForGoodAfter : settings.refusingAfter) else {
      // Not long enough to begin; what stands already goes on.
      found.unknown.insert(refusing)
      return
    }
    let never = mailbox.lastSuccess == nil ? "has let nobody in since the start" : "was last read"
    add(
      .mailboxRefusing, name, .page, "Mailbox \(name) \(never) \(span(failing)) ago: \(trouble)",
      "Look with `intake doctor`; its mail waits on the server meanwhile")
  }

  /// A watcher that neither fails nor goes on.
  private mutating func stalled(_ mailbox: Vitals.Mailbox) {
    let name = word(mailbox.name)
    guard let beat = mailbox.lastBeat else {
      found.unknown.insert(Alarm.key(.mailboxStalled, name))
      return
    }
    guard age(beat) >= settings.stalledAfter else { return }
    add(
      .mailboxStalled, name, .page, "Mailbox \(name): its watcher has done nothing for \(span(age(beat)))",
      "Restart intake; the log's last lines about the mailbox say where it stopped")
  }

  private mutating func silent(_ mailbox: Vitals.Mailbox) {
    let name = word(mailbox.name)
    let last = mailbox.lastArrival.map { "has had no message for \(span(age($0)))" }
    let advice = "Send it a message from outside; look whether a rule or a filter moves its mail"
    if let silence = mailbox.silence {
      guard silence.isAlarming else { return }
      add(
        .mailboxSilent, name, .page,
        "Mailbox \(name) \(last ?? "has had no message"); \(rounded(silence.expected)) were to be expected",
        advice)
    } else if let limit = settings.silentAfter[mailbox.name] {
      let quiet = age(mailbox.lastArrival ?? started)
      guard quiet >= limit else {
        if mailbox.lastArrival == nil { found.unknown.insert(Alarm.key(.mailboxSilent, name)) }
        return
      }
      add(
        .mailboxSilent, name, .page,
        "Mailbox \(name) \(last ?? "has had no message since the start, \(span(quiet)) ago")", advice)
    } else {
      found.unknown.insert(Alarm.key(.mailboxSilent, name))
    }
  }

  private mutating func flooded(_ mailbox: Vitals.Mailbox) {
    let name = word(mailbox.name)
    guard let flood = mailbox.flood else {
      // Without a rhythm nothing says that it is over.
      if mailbox.silence == nil { found.unknown.insert(Alarm.key(.mailboxFlood, name)) }
      return
    }
    let hours = flood.hours == 1 ? "the last hour" : "\(flood.hours) hours"
    add(
      .mailboxFlood, name, .warn,
      "Mailbox \(name) had \(flood.seen) messages in \(hours); \(rounded(flood.expected)) were to be expected",
      "Look at the volumes page and the work list: one sender, one cause, or a loop; more hands may be needed"
    )
  }

  /// Promise 1: whatever a mailbox showed has an outcome or waits for one.
  private mutating func gap(_ mailbox: Vitals.Mailbox) {
    guard mailbox.gap != 0 else { return }
    let name = word(mailbox.name)
    add(
      .ledgerGap, name, .page, "Mailbox \(name): \(abs(mailbox.gap)) messages are not accounted for",
      "Run `intake reconcile`, then `intake verify`", count: abs(mailbox.gap))
  }

  // MARK: cases

  private mutating func duties() {
    duty(
      vitals.acknowledgement, "acknowledgement", near: .acknowledgementNear,
      within: settings.acknowledgementNear,
      overdue: .acknowledgementOverdue, paths: ("/cases?view=soon", "/cases?view=overdue"))
    duty(
      vitals.final, "final response", near: .finalNear, within: settings.finalNear, overdue: .finalOverdue,
      paths: ("/cases?view=acknowledged", "/cases?view=acknowledged"))
  }

  private mutating func duty(
    _ duty: Vitals.Duty, _ what: String, near: Alarm.Cause, within: Int64, overdue: Alarm.Cause,
    paths: (near: String, overdue: String)
  ) {
    if duty.overdue > 0 {
      let oldest = duty.next.map { ", the oldest for \(span(age($0)))" } ?? ""
      add(
        overdue, nil, .page, "\(counted(duty.overdue, what)) overdue\(oldest)",
        "Answer them, the oldest first",
        path: paths.overdue, count: duty.overdue)
      // The next date is the one that has passed, so how near the others are is not known.
      found.unknown.insert(near.rawValue)
      return
    }
    guard duty.near > 0, let next = duty.next else { return }
    let left = next.unixSeconds - vitals.at.unixSeconds
    guard left <= within else { return }
    add(
      near, nil, .warn, "\(counted(duty.near, what)) due soon, the next in \(span(left))",
      "Answer them in the order of the list", path: paths.near, count: duty.near)
  }

  private mutating func unopened() {
    let late = vitals.unopened.filter { age($0.since) >= patience($0) }.sorted {
      ($0.since, $0.id.text) < ($1.since, $1.id.text)
    }
    for one in late.prefix(settings.unopenedEach) {
      let isSafety = one.flag == Verdict.Flag.Kind.safety.rawValue
      add(
        .unopened, one.id.text, isSafety ? .page : .warn,
        "Case \(one.id.reference), \(isSafety ? "flagged for safety" : "addressed to the board"): "
          + "nobody has opened it for \(span(age(one.since)))",
        isSafety ? "Open it now; somebody may be in danger" : "Open it",
        path: "/cases/\(one.id.text)")
    }
    let rest = late.dropFirst(settings.unopenedEach)
    guard !rest.isEmpty else { return }
    let isSafety = rest.contains { $0.flag == Verdict.Flag.Kind.safety.rawValue }
    add(
      .unopened, "more", isSafety ? .page : .warn,
      "\(rest.count) further cases that somebody must see at once are unopened",
      "Open them, the oldest first",
      path: isSafety ? "/cases?view=work&flag=safety" : "/cases?view=work&flag=executive_addressee",
      count: rest.count)
  }

  private func patience(_ one: Vitals.Unopened) -> Int64 {
    one.flag == Verdict.Flag.Kind.safety.rawValue
      ? settings.safetyUnopenedAfter : settings.executiveUnopenedAfter
  }

  private mutating func unreviewed() {
    guard vitals.unreviewed > 0, let oldest = vitals.oldestUnreviewed,
      age(oldest) >= settings.unreviewedAfter
    else { return }
    add(
      .unreviewed, nil, .warn,
      "\(counted(vitals.unreviewed, "case")) undecided, the oldest for \(span(age(oldest)))",
      "Decide them, the oldest first; their clocks run", path: "/cases?view=possible",
      count: vitals.unreviewed)
  }

  // MARK: letters

  private mutating func outbox() {
    let outbox = vitals.outbox
    if outbox.waiting > 0, let oldest = outbox.oldestWaiting, age(oldest) >= settings.outboxAfter {
      add(
        .outboxStuck, nil, age(oldest) >= settings.outboxPageAfter ? .page : .warn,
        "\(counted(outbox.waiting, "letter")) waiting to be sent, the oldest for \(span(age(oldest)))",
        "Look with `intake doctor` whether the mail server takes mail, then `intake outbox`",
        count: outbox.waiting)
    }
    if outbox.perhapsSent > 0 {
      add(
        .perhapsSent, nil, .warn, "\(counted(outbox.perhapsSent, "letter")) perhaps sent",
        "Look into the mail server's log, then say with `intake outbox --sent` or `--again`",
        count: outbox.perhapsSent)
    }
    if outbox.failed > 0 {
      add(
        .lettersFailed, nil, .warn, "\(counted(outbox.failed, "letter")) could not be sent",
        "`intake outbox` says why; acknowledge those cases in another way", count: outbox.failed)
    }
  }

  // MARK: the machine

  private mutating func disk() {
    guard vitals.diskLow > 0 else { return }
    let (free, low) = (vitals.diskFree >> 20, vitals.diskLow >> 20)
    if vitals.diskFree < vitals.diskLow {
      add(
        .disk, nil, .page, "\(free) MiB free where the data is: below \(low) MiB no mail is fetched",
        "Make room; the mailboxes keep the mail until then")
    } else if Double(vitals.diskFree) < Double(vitals.diskLow) * settings.diskNear {
      add(
        .disk, nil, .warn, "\(free) MiB free where the data is; at \(low) MiB no mail is fetched any more",
        "Make room")
    }
  }

  private mutating func unread() {
    for part in vitals.unread.sorted(by: { $0.rawValue < $1.rawValue }) {
      let what =
        part == .folder ? "nothing can be written in the data folder" : "the \(part.rawValue) cannot be read"
      add(
        .cannotLook, part.rawValue, .page, "Not all can be looked at: \(what)",
        "The log has the error (vitals-unread); look with `intake doctor`")
    }
  }

  private mutating func damaged() {
    guard vitals.damaged > 0 else { return }
    add(
      .damaged, nil, .page,
      "\(counted(vitals.damaged, "file or ledger line", "files and ledger lines")) damaged",
      "Run `intake verify`; restore what it names from the backup", count: vitals.damaged)
  }

  // MARK: what people keep right

  private mutating func checks() {
    let today = vitals.at.utcDate
    let due = vitals.checks.filter { $0.by < today.adding(days: settings.checkWithin) }
    guard !due.isEmpty else { return }
    let shown = due.prefix(3).map { "\($0.kind.rawValue) \(word($0.id)) by \($0.by)" }
    add(
      .checkDue, nil, .warn,
      "To be compared with the source: \(shown.joined(separator: ", "))\(due.count > 3 ? " and \(due.count - 3) more" : "")",
      "`intake doctor` names them; compare each with its source, then move check_by", count: due.count)
  }

  /// Surely above the aim where even the interval's lower end is; probably above where the estimate is, and enough was
  /// checked. An interval that only reaches above it says that little is known, which is no finding.
  private mutating func misses() {
    guard let misses = vitals.misses else {
      found.unknown.insert(Alarm.key(.missRate, nil))
      return
    }
    let interval = "\(percent(misses.lowRate)) to \(percent(misses.highRate)) from \(misses.checked) checked"
    let advice = "Train on the decisions since (`intake train`, `intake replay`), or widen the possible band"
    if misses.lowRate > settings.missRate {
      add(
        .missRate, nil, .page,
        "More complaints are passed over than allowed: \(interval), allowed \(percent(settings.missRate))",
        advice)
    } else if misses.rate > settings.missRate, misses.checked >= settings.missChecked {
      add(
        .missRate, nil, .warn,
        "Probably more complaints are passed over than allowed: \(interval), allowed \(percent(settings.missRate))",
        advice)
    }
  }

  // MARK: words

  private mutating func add(
    _ cause: Alarm.Cause, _ subject: String?, _ severity: Alarm.Severity, _ words: String, _ advice: String,
    path: String? = nil, count: Int = 1
  ) {
    let link = path.flatMap { path in settings.origin.map { $0 + path } }
    found.alarms.append(
      Alarm(
        cause, subject, severity: severity, words: words + ".", advice: advice + ".", link: link, count: count
      ))
  }

  private func age(_ since: Instant) -> Int64 { max(0, vitals.at.unixSeconds - since.unixSeconds) }

  private func span(_ seconds: Int64) -> String { AlarmWords.span(seconds) }

  private func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    count == 1 ? "1 \(one) is" : "\(count) \(many ?? one + "s") are"
  }

  private func percent(_ share: Double) -> String { AlarmWords.percent(share) }

  private func rounded(_ number: Double) -> String { AlarmWords.decimal(number) }

  /// A name of ours, and nothing else: what does not look like one could be anything.
  private func word(_ text: String) -> String { AlarmWords.name(text) }
}

/// Numbers and names as alarms write them.
enum AlarmWords {
  /// `2 d 3 h`, `4 h 10 min`, `12 min`, `40 s`.
  static func span(_ seconds: Int64) -> String {
    let seconds = max(0, seconds)
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return minutes > 0 ? "\(minutes) min" : "\(seconds) s"
  }

  /// `1.2 %`.
  static func percent(_ share: Double) -> String { decimal(share * 100) + " %" }

  /// One decimal.
  static func decimal(_ number: Double) -> String {
    let tenths = Int((min(max(number, 0), 1e12) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Letters, digits, dots, dashes and underscores, 64 at most: what mailboxes, calendars and troubles are called.
  /// Anything else is not repeated.
  static func name(_ text: String) -> String {
    let isName =
      (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        ($0 | 32 >= 0x61 && $0 | 32 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || ".-_".utf8.contains($0)
      }
    return isName ? text : "unnamed"
  }
}
