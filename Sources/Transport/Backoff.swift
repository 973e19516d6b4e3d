// How long to wait before the next attempt: pure, so that a test can go through the years.

/// Exponential back-off with full jitter: before attempt n a random time between nothing and 2^n seconds, at most
/// five minutes, and never less than the server asked for.
///
/// Full jitter, because many mailboxes on one server fail together and must not come back together.
public struct Backoff: Sendable {
  /// The first delay's upper end, in seconds.
  public let base: Double
  /// The upper end of every later delay, in seconds.
  public let cap: Double
  private var failures = 0
  private var floor = 0.0

  /// What a server may ask for at most, in seconds; an hour is more than Exchange Online ever asks.
  private static let longestSuggestion = 3600.0

  public init(base: Double = 1, cap: Double = 300) {
    self.base = max(base, 0.001)
    self.cap = max(cap, base)
  }

  /// All is well again.
  public mutating func reset() {
    failures = 0
    floor = 0
  }

  /// The next delay is at least this long, because the server said so; an hour at most.
  public mutating func atLeast(seconds: Double) {
    guard seconds.isFinite else { return }
    floor = max(floor, min(seconds, Self.longestSuggestion))
  }

  /// Seconds to wait now, for a random number from 0 up to 1.
  public mutating func next(random: Double) -> Double {
    var upper = base
    for _ in 0..<min(failures, 64) where upper < cap { upper *= 2 }
    failures += 1
    let share = random.isFinite ? min(max(random, 0), 1) : 1
    // Spread above the server's time too, or all come back the moment it ends.
    let delay = floor + min(upper, cap) * share
    floor = 0
    return delay
  }
}
