// What is wrong, in a form that can be told: one cause, one line, what to do about it. Counts, names of ours and case
// references only: what alarms say leaves by mail and chat, so nothing personal is in it.

/// A cause that stands at one moment.
public struct Alarm: Sendable, Equatable {
  /// How soon a person is needed.
  public enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
    /// In working hours.
    case warn
    /// Now, at any hour.
    case page

    public static func < (left: Severity, right: Severity) -> Bool { left == .warn && right == .page }
  }

  /// What kind of trouble; `only:` of the configuration and scripts name them so.
  public enum Cause: String, Codable, Sendable, CaseIterable {
    case mailboxRefusing = "mailbox-refusing"
    case mailboxStalled = "mailbox-stalled"
    case mailboxSilent = "mailbox-silent"
    case mailboxFlood = "mailbox-flood"
    case oauthToken = "oauth-token"
    case ledgerGap = "ledger-gap"
    case acknowledgementNear = "acknowledgement-near"
    case acknowledgementOverdue = "acknowledgement-overdue"
    case finalNear = "final-near"
    case finalOverdue = "final-overdue"
    case unopened
    case unreviewed
    case outboxStuck = "outbox-stuck"
    case perhapsSent = "perhaps-sent"
    case lettersFailed = "letters-failed"
    case disk
    case cannotLook = "cannot-look"
    case damaged
    case checkDue = "check-due"
    case missRate = "miss-rate"
    /// Nothing is wrong: somebody wants to know whether alarms arrive.
    case test
  }

  public var cause: Cause
  /// What it is about, where there are several: a mailbox, a case id, a part of the data. Part of the key.
  public var subject: String?
  public var severity: Severity
  /// One line.
  public var words: String
  /// What a person does about it; one line.
  public var advice: String
  /// A page of the desk.
  public var link: String?
  /// How many of them; grows and shrinks while the cause stands. 1 where there is nothing to count.
  public var count: Int

  public init(
    _ cause: Cause, _ subject: String? = nil, severity: Severity, words: String, advice: String,
    link: String? = nil, count: Int = 1
  ) {
    self.cause = cause
    self.subject = subject
    self.severity = severity
    self.words = words
    self.advice = advice
    self.link = link
    self.count = count
  }

  /// What the same trouble is known by from look to look.
  public var key: String { Self.key(cause, subject) }

  static func key(_ cause: Cause, _ subject: String?) -> String {
    subject.map { "\(cause.rawValue):\($0)" } ?? cause.rawValue
  }
}
