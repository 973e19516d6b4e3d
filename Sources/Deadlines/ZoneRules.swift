// A time zone's rules, read from TZif bytes (RFC 9636). Foundation's zones are nil in a statically linked build, and
// deadlines must not depend on the process's own zone.

/// Why bytes are not a time zone.
public struct ZoneError: Error, Sendable, CustomStringConvertible {
  public let name: String
  public let what: String
  public var description: String { "time zone \(name): \(what)" }
}

/// Wall-clock time somewhere.
public struct LocalTime: Hashable, Sendable {
  public let date: CivilDate
  /// Seconds since local midnight, as the clock shows them.
  public let secondsOfDay: Int
  /// Seconds east of UTC.
  public let offset: Int
  /// `GMT`, `BST`.
  public let abbreviation: String
}

/// The offsets of a time zone, past and future.
public struct ZoneRules: Sendable {
  /// The IANA name, such as `Europe/London`.
  public let name: String

  private struct Period: Sendable {
    let offset: Int
    let abbreviation: String
  }

  private let transitions: [Int64]
  private let periods: [Period]
  private let first: Period
  private let footer: PosixZone?

  /// Reads TZif bytes of version 1 to 4 (RFC 9636 §3).
  public init(name: String, tzif bytes: [UInt8]) throws(ZoneError) {
    self.name = name
    var reader = TZifReader(bytes)
    guard let header = reader.header() else { throw ZoneError(name: name, what: "not a TZif file") }
    var block = header
    var isLong = false
    if header.version >= 0x32 {
      // The 64-bit block follows the 32-bit one.
      reader.position += header.byteCount(timeSize: 4)
      guard let second = reader.header() else {
        throw ZoneError(name: name, what: "its second header is missing")
      }
      block = second
      isLong = true
    }
    guard let data = reader.data(block, isLong: isLong) else {
      throw ZoneError(name: name, what: "its data block is cut short")
    }
    guard !data.types.isEmpty, zip(data.times, data.times.dropFirst()).allSatisfy(<),
      data.indices.allSatisfy({ $0 < data.types.count })
    else { throw ZoneError(name: name, what: "its data block contradicts itself") }
    let all = data.types.map { Period(offset: $0.offset, abbreviation: $0.abbreviation) }
    transitions = data.times
    periods = data.indices.map { all[$0] }
    first = all[0]
    guard block.leapSeconds == 0 else {
      throw ZoneError(
        name: name, what: "it counts leap seconds, which Unix time does not (a \"right/\" zone)")
    }
    guard isLong else {
      footer = nil
      return
    }
    guard let text = reader.footer() else { throw ZoneError(name: name, what: "its footer is cut short") }
    if text.isEmpty {
      footer = nil
      return
    }
    // Without its rule the zone would silently stay on its last offset for ever.
    guard let rule = PosixZone(text) else {
      throw ZoneError(
        name: name, what: "its footer is no TZ string: \(String(decoding: text, as: UTF8.self))")
    }
    footer = rule
  }

  /// Wall-clock time at a moment.
  public func local(_ instant: Instant) -> LocalTime {
    let period = period(at: instant.unixSeconds)
    let (date, seconds) = instant.split(offset: period.offset)
    return LocalTime(
      date: date, secondsOfDay: seconds, offset: period.offset, abbreviation: period.abbreviation)
  }

  private func period(at time: Int64) -> Period {
    guard let last = transitions.last else { return footerPeriod(time) ?? first }
    if time >= last { return footerPeriod(time) ?? periods[periods.count - 1] }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : periods[low - 1]
  }

  private func footerPeriod(_ time: Int64) -> Period? {
    footer.map { zone in
      let (offset, abbreviation) = zone.offset(at: time)
      return Period(offset: offset, abbreviation: abbreviation)
    }
  }

  /// The moment at which clocks show a time of a date: the first of two where they go back, and where they skip it,
  /// the moment that would have shown it.
  public func instant(_ date: CivilDate, secondsOfDay: Int) -> Instant {
    let shown = Int64(date.dayNumber) * 86400 + Int64(secondsOfDay)
    // A zone's offset is within a day, and changes less than twice in two.
    let offsets = [shown - 86400, shown + 86400].map { Int64(period(at: $0).offset) }
    let candidates = offsets.map { Instant(unixSeconds: shown - $0) }
    let right = candidates.filter { candidate in
      let local = local(candidate)
      return local.date == date && local.secondsOfDay == secondsOfDay
    }
    return right.min { $0.unixSeconds < $1.unixSeconds } ?? candidates[0]
  }

  /// The first moment of a local date.
  ///
  /// Where midnight is skipped (clocks go forward at 00:00), the first moment that exists; where it comes twice,
  /// the first of the two.
  public func startOfDay(_ date: CivilDate) -> Instant {
    // The answer lies within a day of UTC midnight; the date changes there from earlier to this one.
    let midnight = Int64(date.dayNumber) * 86400
    var low = midnight - 2 * 86400
    var high = midnight + 2 * 86400
    while high - low > 1 {
      let middle = (low + high) / 2
      if local(Instant(unixSeconds: middle)).date < date { low = middle } else { high = middle }
    }
    return Instant(unixSeconds: high)
  }
}

/// Reads the blocks of a TZif file; nil wherever bytes are missing.
private struct TZifReader {
  struct Header {
    let version: UInt8
    let utcIndicators, standardIndicators, leapSeconds, times, types, characters: Int

    func byteCount(timeSize: Int) -> Int {
      times * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + standardIndicators
        + utcIndicators
    }
  }

  struct Block {
    var times: [Int64] = []
    var indices: [Int] = []
    var types: [(offset: Int, abbreviation: String)] = []
  }

  /// No zone has more; a larger count is damage.
  private static let countLimit = 100_000

  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func number(_ size: Int) -> Int64? {
    guard position >= 0, position + size <= bytes.count else { return nil }
    var value: UInt64 = bytes[position] & 0x80 != 0 ? .max : 0
    for byte in bytes[position..<position + size] { value = value << 8 | UInt64(byte) }
    position += size
    return Int64(bitPattern: value)
  }

  mutating func header() -> Header? {
    guard position + 44 <= bytes.count, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
      return nil
    }
    let version = bytes[position + 4]
    position += 20
    var counts: [Int] = []
    for _ in 0..<6 {
      guard let count = number(4), (0...Int64(Self.countLimit)).contains(count) else { return nil }
      counts.append(Int(count))
    }
    return Header(
      version: version, utcIndicators: counts[0], standardIndicators: counts[1], leapSeconds: counts[2],
      times: counts[3], types: counts[4], characters: counts[5])
  }

  mutating func data(_ header: Header, isLong: Bool) -> Block? {
    let size = isLong ? 8 : 4
    guard position + header.byteCount(timeSize: size) <= bytes.count else { return nil }
    var block = Block()
    for _ in 0..<header.times {
      guard let time = number(size) else { return nil }
      block.times.append(time)
    }
    for _ in 0..<header.times {
      block.indices.append(Int(bytes[position]))
      position += 1
    }
    let names = position + header.types * 6
    for _ in 0..<header.types {
      guard let offset = number(4), abs(offset) < 100_000 else { return nil }
      let start = names + Int(bytes[position + 1])
      guard start < names + header.characters else { return nil }
      let end = bytes[start..<names + header.characters].firstIndex(of: 0) ?? start
      block.types.append((Int(offset), String(decoding: bytes[start..<end], as: UTF8.self)))
      position += 2
    }
    position =
      names + header.characters + header.leapSeconds * (size + 4) + header.standardIndicators
      + header.utcIndicators
    return block
  }

  /// The TZ string between two newlines (RFC 9636 §3.3), empty where no rule is given.
  mutating func footer() -> [UInt8]? {
    guard position < bytes.count, bytes[position] == 0x0A,
      let end = bytes[(position + 1)...].firstIndex(of: 0x0A)
    else { return nil }
    let text = Array(bytes[(position + 1)..<end])
    return text
  }
}
