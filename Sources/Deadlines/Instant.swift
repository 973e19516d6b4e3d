// Moments in time, in whole seconds, written as ISO 8601 in UTC.

/// A moment, counted in seconds from 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let unixSeconds: Int64

  public init(unixSeconds: Int64) { self.unixSeconds = unixSeconds }

  /// A moment as `2026-12-24T17:30:00Z` or with an offset, `2026-12-24T17:30:00+01:00` (RFC 3339 §5.6). Fractions
  /// of a second are dropped.
  public init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20, bytes[13] == 0x3A,
      bytes[16] == 0x3A, let date = CivilDate(String(decoding: bytes[0..<10], as: UTF8.self)),
      let hour = Self.twoDigits(bytes, 11), hour < 24, let minute = Self.twoDigits(bytes, 14), minute < 60,
      let second = Self.twoDigits(bytes, 17), second <= 60
    else { return nil }
    var position = 19
    if bytes[position] == 0x2E {
      position += 1
      let start = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      guard position > start else { return nil }
    }
    var offset = 0
    let rest = bytes[position...]
    switch rest.first {
    case 0x5A where rest.count == 1, 0x7A where rest.count == 1: break
    case 0x2B where rest.count == 6, 0x2D where rest.count == 6:
      guard bytes[position + 3] == 0x3A, let hours = Self.twoDigits(bytes, position + 1), hours < 24,
        let minutes = Self.twoDigits(bytes, position + 4), minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (rest.first == 0x2D ? -1 : 1)
    default: return nil
    }
    let secondOfDay = hour * 3600 + minute * 60 + min(second, 59)
    unixSeconds = Int64(date.dayNumber * 86400 + secondOfDay - offset)
  }

  private static func twoDigits(_ bytes: [UInt8], _ position: Int) -> Int? {
    guard position + 1 < bytes.count, (0x30...0x39).contains(bytes[position]),
      (0x30...0x39).contains(bytes[position + 1])
    else { return nil }
    return Int(bytes[position] - 0x30) * 10 + Int(bytes[position + 1] - 0x30)
  }

  /// The date in UTC, for sorting and file names; never for a deadline.
  public var utcDate: CivilDate { split(offset: 0).date }

  /// Date and second of the day at a distance from UTC.
  func split(offset: Int) -> (date: CivilDate, secondsOfDay: Int) {
    // Far beyond any calendar the sum is clamped rather than overflowed.
    let bound: Int64 = 400_000_000_000
    let local = Int(min(max(unixSeconds, -bound), bound)) + offset
    let day = local >= 0 ? local / 86400 : (local - 86399) / 86400
    return (CivilDate(dayNumber: day), local - day * 86400)
  }

  public static func < (left: Instant, right: Instant) -> Bool { left.unixSeconds < right.unixSeconds }

  public var description: String {
    let (date, seconds) = split(offset: 0)
    return "\(date)T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))Z"
  }
}

extension Instant: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let instant = Instant(iso8601: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an instant: \(text)")
    }
    self = instant
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
