// The sign of life of a loop that runs as long as the service does: a watchdog asks how long there was none.

import Synchronization

/// When a loop last did something: began a step, received bytes, ended a batch.
///
/// On the clock that stands still while the machine sleeps, as the service manager's watchdog is.
public final class Heartbeat: Sendable {
  private let last = Mutex(SuspendingClock.now)

  public init() {}

  /// Whoever is called is alive; cheap enough for every packet.
  public func beat() { last.withLock { $0 = .now } }

  /// How long there was no sign.
  public var silence: Duration { last.withLock { $0 }.duration(to: .now) }
}
