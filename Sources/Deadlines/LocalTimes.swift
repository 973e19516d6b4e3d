// Instants as people read them.

/// Instants in a zone, as people read them.
public struct LocalTimes: Sendable {
  public let zones: [String: ZoneRules]

  public init(zones: [String: ZoneRules]) { self.zones = zones }

  /// `Mon 23 Nov 17:42`, with the year where it is not this one.
  public func text(_ instant: Instant, zone: String?) -> String {
    guard let zone, let rules = zones[zone] else { return instant.description }
    let local = rules.local(instant)
    return "\(Self.day(local.date)) \(clock(local))"
  }

  /// `2026-11-23T17:42`, as a form's field has it.
  public func field(_ instant: Instant, zone: String) -> String? {
    guard let rules = zones[zone] else { return nil }
    let local = rules.local(instant)
    return "\(local.date)T\(clock(local))"
  }

  /// The moment that a form's field names; nil where it is no time.
  public func instant(_ field: String, zone: String) -> Instant? {
    let parts = field.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, let date = CivilDate(String(parts[0])), let rules = zones[zone] else {
      return nil
    }
    let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard (2...3).contains(numbers.count), let hour = numbers[0], let minute = numbers[1],
      (0..<24).contains(hour), (0..<60).contains(minute)
    else { return nil }
    return rules.instant(date, secondsOfDay: hour * 3600 + minute * 60)
  }

  public static func day(_ date: CivilDate) -> String {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(date.weekdayName) \(date.day) \(months[date.month - 1])"
  }

  /// Time until `end`: `2 d 3 h`, `4 h 10 min`, `overdue 3 h`.
  public static func left(until end: Instant, from now: Instant) -> String {
    let seconds = end.unixSeconds - now.unixSeconds
    let text = span(abs(seconds))
    return seconds < 0 ? "overdue \(text)" : text
  }

  private static func span(_ seconds: Int64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return "\(minutes) min"
  }
}
