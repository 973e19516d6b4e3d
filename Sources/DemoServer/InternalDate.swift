// The date-time of INTERNALDATE and APPEND (RFC 3501 §9) from and to seconds since 1970, by civil-date
// arithmetic.

enum InternalDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  /// 0001-01-01 and 9999-12-31: the years that four digits can write.
  private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// `03-Aug-2026 17:42:10 +0000`; instants outside the years 1 to 9999 are moved to the nearest end.
  static func text(_ unixSeconds: Int64) -> String {
    let seconds = min(max(unixSeconds, range.lowerBound), range.upperBound)
    let date = civil(day(seconds))
    let time = Int(seconds - day(seconds) * 86_400)
    return padded(date.day) + "-" + months[date.month - 1] + "-" + padded(date.year, 4) + " "
      + padded(time / 3600) + ":" + padded(time / 60 % 60) + ":" + padded(time % 60) + " +0000"
  }

  /// Days since 1970-01-01 of an instant, in UTC, which is this server's zone for SINCE, ON and BEFORE.
  static func day(_ unixSeconds: Int64) -> Int64 {
    let quotient = unixSeconds / 86_400
    return unixSeconds % 86_400 < 0 ? quotient - 1 : quotient
  }

  /// date-text = date-day "-" date-month "-" date-year, one or two digits for the day; the result counts
  /// days.
  static func parseDay(_ text: [UInt8]) -> Int64? {
    let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 3, (1...2).contains(parts[0].count), parts[2].count == 4,
      let day = number(parts[0]), let year = number(parts[2]), year >= 1,
      let month = months.firstIndex(where: { ASCII.equal(Array($0.utf8), parts[1]) })
    else { return nil }
    let result = days(year: year, month: month + 1, day: day)
    let back = civil(result)
    return back.day == day && back.month == month + 1 ? result : nil
  }

  /// date-time = date-day-fixed "-" date-month "-" date-year SP time SP zone.
  static func parse(_ text: [UInt8]) -> Int64? {
    var parts = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    guard parts.count == 3 else { return nil }
    let zone = parts.removeLast()
    let clock = parts[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard let day = parseDay(Array(parts[0])), clock.count == 3, clock.allSatisfy({ $0.count == 2 }),
      let hour = number(clock[0]), let minute = number(clock[1]), let second = number(clock[2]),
      hour < 24, minute < 60, second < 61,
      zone.count == 5, let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let offset = number(zone.dropFirst()), offset % 100 < 60
    else { return nil }
    let east = Int64(offset / 100 * 3600 + offset % 100 * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    return day * 86_400 + Int64(hour * 3600 + minute * 60 + second) - east
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...4).contains(digits.count) else { return nil }
    var value = 0
    for digit in digits {
      guard ASCII.isDigit(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  /// Days since 1970-01-01, counted in eras of 400 years that start in March, so that leap days come last.
  private static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fifth = (5 * dayOfYear + 2) / 153
    let month = fifth < 10 ? fifth + 3 : fifth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * fifth + 2) / 5 + 1)
  }
}
