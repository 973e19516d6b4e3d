// From where on something is an alarm, and how it is kept from flapping: each number with its reason.

/// Thresholds; all times in seconds.
public struct AlarmSettings: Sendable, Equatable {
  // MARK: from where on

  /// A mailbox whose passes have failed since: a server's restart takes less, and a quiet mailbox is looked at every four
  /// minutes, so a single failure never gets there.
  public var refusingAfter: Int64 = 600
  /// The same for trouble that no waiting mends: a password, a consent, a certificate, a folder that is gone.
  public var refusedForGoodAfter: Int64 = 120
  /// A watcher that has done nothing at all: its own longest wait is 4 minutes, and a network timeout 5.
  public var stalledAfter: Int64 = 900
  /// Vitals that are older tell nothing any more: they are gathered every few seconds.
  public var blindAfter: Int64 = 300
  /// By mailbox, where no rhythm of its mail is known: that long without any message.
  public var silentAfter: [String: Int64] = [:]
  /// A refresh that fails for want of the network matters once the token has less than this left.
  public var tokenWithin: Int64 = 600
  /// A case flagged `safety` that nobody has opened: minutes matter, and mail is not an emergency line.
  public var safetyUnopenedAfter: Int64 = 900
  /// A case that went to the board, the same: an executive's office asks within the day.
  public var executiveUnopenedAfter: Int64 = 4 * 3600
  /// The next acknowledgement is due within this: it ends with a day, so this is that day's noon.
  public var acknowledgementNear: Int64 = 12 * 3600
  /// The same for the final response, which takes longer to write: noon of the day before.
  public var finalNear: Int64 = 36 * 3600
  /// The oldest case that no person has decided: a weekend, so that Monday begins without an alarm.
  public var unreviewedAfter: Int64 = 72 * 3600
  /// The oldest letter that waits: half an hour of greylisting is common.
  public var outboxAfter: Int64 = 1800
  /// From here on somebody is called for it.
  public var outboxPageAfter: Int64 = 2 * 3600
  /// Free disk is near low below this many times `low_disk`.
  public var diskNear = 2.0
  /// Days before a calendar's or regime's date for checking.
  public var checkWithin = 7
  /// The share of complaints that may be passed over (`triage: miss_rate`).
  public var missRate = 0.01
  /// Checked messages before "probably above" is said: fewer make an interval as wide as the scale.
  public var missChecked = 100
  /// Unopened cases that have an alarm each, the oldest first; the rest share one.
  public var unopenedEach = 20

  // MARK: no flapping

  /// A cause must be seen for so long before it begins: two looks.
  public var beginAfter: Int64 = 60
  /// And be gone for so long before it ends. Doubled each time it begins again within an hour of its end, up to an hour.
  public var endAfter: Int64 = 300
  /// A cause that still stands is told again.
  public var remindAfter: Int64 = 86400

  /// The desk's address, without a slash at its end; nil where there is none to point to.
  public var origin: String?

  public init() {}
}
