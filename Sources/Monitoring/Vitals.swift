// How the service is doing at one moment: what metrics show and what alarms are made from. Counts, times and
// references only; no personal data ever enters it.

import Cases
import Deadlines
import Triage

/// One look at everything that operations watch.
public struct Vitals: Sendable {
  /// A watched mailbox.
  public struct Mailbox: Sendable {
    public var name: String
    /// When a pass last succeeded; nil where none has since the start.
    public var lastSuccess: Instant?
    /// Passes that failed since.
    public var failures: Int
    /// The named trouble that stands, such as `oauth-refresh-failed`; nil when all is well.
    public var trouble: String?
    /// When a message last arrived, by the server's receipt.
    public var lastArrival: Instant?
    /// Messages that have arrived and have no outcome yet.
    public var pending: Int
    /// Found minus outcomes minus pending: anything but 0 is an alarm (promise 1).
    public var gap: Int
    /// Messages by outcome, all of them.
    public var outcomes: [Outcome: Int]
    /// When its OAuth2 access token ends; nil for a password.
    public var tokenEnds: Instant?
    /// Messages that the pass under way has found and not yet on disk.
    public var backlog: Int
    /// Seconds between two passes when nothing comes.
    public var passEvery: Int64
    /// When its watcher last did anything at all, be it waiting.
    public var lastBeat: Instant?
    /// Ledger lines that do not read as they were written.
    public var damage: Int
    /// Why its silence is, or is not, as expected; nil where that is not known (yet).
    public var silence: Silence?
    /// That more came than can be believed; nil where not, or where that is not known.
    public var flood: Flood?

    public init(
      name: String, lastSuccess: Instant? = nil, failures: Int = 0, trouble: String? = nil,
      lastArrival: Instant? = nil, pending: Int = 0, gap: Int = 0, outcomes: [Outcome: Int] = [:],
      tokenEnds: Instant? = nil, backlog: Int = 0, passEvery: Int64 = 240, lastBeat: Instant? = nil,
      damage: Int = 0,
      silence: Silence? = nil
    ) {
      self.name = name
      self.lastSuccess = lastSuccess
      self.failures = failures
      self.trouble = trouble
      self.lastArrival = lastArrival
      self.pending = pending
      self.gap = gap
      self.outcomes = outcomes
      self.tokenEnds = tokenEnds
      self.backlog = backlog
      self.passEvery = passEvery
      self.lastBeat = lastBeat
      self.damage = damage
      self.silence = silence
    }
  }

  /// How much mail was to be expected since the last message, and whether none, or this much, is a reason to look.
  public struct Silence: Sendable, Equatable {
    /// Messages expected since the last one, by hour and weekday.
    public var expected: Double
    /// The chance of hearing nothing for so long when all is well.
    public var chance: Double
    /// Whether that is too small to be believed.
    public var isAlarming: Bool

    public init(expected: Double, chance: Double, isAlarming: Bool) {
      self.expected = expected
      self.chance = chance
      self.isAlarming = isAlarming
    }
  }

  /// More mail than the hour and weekday let expect.
  public struct Flood: Sendable, Equatable {
    /// The last so many hours.
    public var hours: Int
    public var seen: Int
    public var expected: Double

    public init(hours: Int, seen: Int, expected: Double) {
      self.hours = hours
      self.seen = seen
      self.expected = expected
    }
  }

  /// Cases with a date that has passed, or soon will have.
  public struct Duty: Sendable, Equatable {
    /// Not done, and due within the warning time.
    public var near: Int
    /// Not done, and past due.
    public var overdue: Int
    /// The earliest date that stands open, passed or not.
    public var next: Instant?

    public init(near: Int = 0, overdue: Int = 0, next: Instant? = nil) {
      self.near = near
      self.overdue = overdue
      self.next = next
    }
  }

  /// A case that somebody must see at once, and nobody has.
  public struct Unopened: Sendable, Equatable {
    public var id: CaseID
    /// `safety` or `executive_addressee`.
    public var flag: String
    public var since: Instant

    public init(id: CaseID, flag: String, since: Instant) {
      self.id = id
      self.flag = flag
      self.since = since
    }
  }

  /// Letters of ours.
  public struct Outbox: Sendable, Equatable {
    public var waiting: Int
    public var oldestWaiting: Instant?
    /// Given to a server that never answered: a person says whether they were sent.
    public var perhapsSent: Int
    public var failed: Int

    public init(waiting: Int = 0, oldestWaiting: Instant? = nil, perhapsSent: Int = 0, failed: Int = 0) {
      self.waiting = waiting
      self.oldestWaiting = oldestWaiting
      self.perhapsSent = perhapsSent
      self.failed = failed
    }
  }

  /// A calendar or regime that a person should compare with its source.
  public struct Check: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case calendar, regime }
    public var kind: Kind
    public var id: String
    public var by: CivilDate

    public init(kind: Kind, id: String, by: CivilDate) {
      self.kind = kind
      self.id = id
      self.by = by
    }
  }

  public var at: Instant
  public var mailboxes: [Mailbox] = []
  public var acknowledgement = Duty()
  public var final = Duty()
  /// Possible and quarantined cases: what no person has decided.
  public var unreviewed = 0
  public var oldestUnreviewed: Instant?
  public var casesByState: [CaseState: Int] = [:]
  public var unopened: [Unopened] = []
  public var outbox = Outbox()
  /// Bytes free where the data is, and below which nothing is fetched.
  public var diskFree: UInt64 = 0
  public var diskLow: UInt64 = 0
  /// Calendars and regimes to be checked within 30 days, or overdue for it.
  public var checks: [Check] = []
  /// Of all complaints, how many were passed over, from the drawn messages; nil where nothing has been drawn.
  public var misses: MissEstimate?
  /// Files that were found damaged and set aside, and ledger lines that do not read as they were written.
  public var damaged = 0
  /// What could not be looked at, and so stands at its last figures.
  public var unread: Set<Part> = []

  /// A part of the data that is looked at.
  public enum Part: String, Sendable, CaseIterable {
    /// A file can be written and read back in the data folder.
    case folder
    case disk, index, outbox, ledger
  }

  public init(at: Instant) { self.at = at }
}
