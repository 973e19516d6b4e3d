// A POSIX TZ string such as `GMT0BST,M3.5.0/1,M10.5.0`: the rule for all time after a zone's last listed change.

/// A zone rule as POSIX writes it, with RFC 9636's extension of hours beyond 24.
struct PosixZone: Sendable {
  /// A day of the year and a second of that day at which clocks change.
  private enum Change: Sendable {
    /// Month, week (5 = last), weekday (0 = Sunday).
    case weekday(month: Int, week: Int, weekday: Int)
    /// Day 1...365; 29 February is never counted.
    case julian(Int)
    /// Day 0...365; 29 February is counted.
    case ordinal(Int)

    func date(_ year: Int) -> CivilDate? {
      switch self {
      case .weekday(let month, let week, let weekday):
        guard let first = CivilDate(year: year, month: month, day: 1) else { return nil }
        // `daysSinceMonday` counts from Monday, POSIX from Sunday.
        let ahead = (weekday + 6) % 7 - first.daysSinceMonday
        var date = first.adding(days: (ahead + 7) % 7 + (week - 1) * 7)
        while date.month != month { date = date.adding(days: -7) }
        return date
      case .julian(let day):
        let isLeap = CivilDate(year: year, month: 2, day: 29) != nil
        return CivilDate(year: year, month: 1, day: 1)?.adding(days: day - 1 + (isLeap && day >= 60 ? 1 : 0))
      case .ordinal(let day): return CivilDate(year: year, month: 1, day: 1)?.adding(days: day)
      }
    }
  }

  private let standard: (offset: Int, name: String)
  private let summer: (offset: Int, name: String, from: (Change, Int), to: (Change, Int))?

  /// Parses a TZ string; nil where it is not one.
  init?(_ text: [UInt8]) {
    var parser = Parser(text: text)
    guard let name = parser.name(), let offset = parser.time() else { return nil }
    // POSIX counts west of UTC.
    standard = (-offset, name)
    guard !parser.isAtEnd else {
      summer = nil
      return
    }
    guard let summerName = parser.name() else { return nil }
    var summerOffset = -offset + 3600
    if parser.peek != 0x2C {
      guard let explicit = parser.time() else { return nil }
      summerOffset = -explicit
    }
    guard let from = parser.change(), let to = parser.change(), parser.isAtEnd else { return nil }
    summer = (summerOffset, summerName, from, to)
  }

  /// Seconds east of UTC and the name, at a moment.
  func offset(at time: Int64) -> (Int, String) {
    guard let summer else { return standard }
    let year = Instant(unixSeconds: time).split(offset: standard.offset).date.year
    guard let fromDate = summer.from.0.date(year), let toDate = summer.to.0.date(year) else {
      return standard
    }
    // Each change is told on the clock that is in force before it.
    let from = Int64(fromDate.dayNumber * 86400 + summer.from.1 - standard.offset)
    let to = Int64(toDate.dayNumber * 86400 + summer.to.1 - summer.offset)
    // In the south summer spans the turn of the year.
    let isSummer = from < to ? time >= from && time < to : time >= from || time < to
    return isSummer ? (summer.offset, summer.name) : standard
  }

  private struct Parser {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }
    var peek: UInt8? { position < text.count ? text[position] : nil }

    mutating func name() -> String? {
      let start: Int
      let end: Int
      if peek == 0x3C {  // <+03>
        guard let close = text[position...].firstIndex(of: 0x3E) else { return nil }
        (start, end) = (position + 1, close)
        position = close + 1
      } else {
        start = position
        while let byte = peek, byte | 32 >= 0x61, byte | 32 <= 0x7A { position += 1 }
        end = position
      }
      return end - start >= 3 ? String(decoding: text[start..<end], as: UTF8.self) : nil
    }

    mutating func number() -> Int? {
      var value = 0
      let start = position
      while let byte = peek, (0x30...0x39).contains(byte), position - start < 4 {
        value = value * 10 + Int(byte - 0x30)
        position += 1
      }
      return position > start ? value : nil
    }

    /// `[+-]h[h[h]][:mm[:ss]]` in seconds.
    mutating func time() -> Int? {
      var sign = 1
      if peek == 0x2B || peek == 0x2D {
        sign = peek == 0x2D ? -1 : 1
        position += 1
      }
      guard var seconds = number(), seconds <= 167 else { return nil }
      seconds *= 3600
      for unit in [60, 1] where peek == 0x3A {
        position += 1
        guard let part = number(), part < 60 else { return nil }
        seconds += part * unit
      }
      return sign * seconds
    }

    /// `,date[/time]`
    mutating func change() -> (Change, Int)? {
      guard peek == 0x2C else { return nil }
      position += 1
      let change: Change
      if peek == 0x4D {
        position += 1
        guard let month = number(), (1...12).contains(month), skip(0x2E), let week = number(),
          (1...5).contains(week), skip(0x2E), let weekday = number(), weekday <= 6
        else { return nil }
        change = .weekday(month: month, week: week, weekday: weekday)
      } else if peek == 0x4A {
        position += 1
        guard let day = number(), (1...365).contains(day) else { return nil }
        change = .julian(day)
      } else {
        guard let day = number(), day <= 365 else { return nil }
        change = .ordinal(day)
      }
      guard peek == 0x2F else { return (change, 7200) }
      position += 1
      return time().map { (change, $0) }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
      guard peek == byte else { return false }
      position += 1
      return true
    }
  }
}
