// When a server received a message, as IMAP writes it, into seconds; and the other way for SINCE.

import Transport

enum InternalDate {
  private static let months: [StaticString] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
  ]
  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE   (RFC 9051 §9)
  ///
  /// Seconds since 1970, UTC; nil where it is no such moment.
  static func unixSeconds(_ bytes: [UInt8]) -> Int64? {
    let fields = bytes.split(separator: ASCII.space)
    guard fields.count == 3 else { return nil }
    let date = fields[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let time = fields[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard date.count == 3, time.count == 3, date[2].count == 4,
      let day = ASCII.number(date[0]), let month = months.firstIndex(where: { ASCII.equal(date[1], $0) }),
      let year = ASCII.number(date[2]),
      let hour = ASCII.number(time[0]), let minute = ASCII.number(time[1]),
      let second = ASCII.number(time[2]),
      year >= 1, day >= 1, day <= length(of: month + 1, in: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    // zone = ("+" / "-") 4DIGIT
    let zone = fields[2]
    guard zone.count == 5, let sign = zone.first, let digits = ASCII.number(zone.dropFirst()),
      sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), digits / 100 < 24, digits % 100 < 60
    else { return nil }
    let offset = (digits / 100 * 60 + digits % 100) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
    return Int64(days(year, month + 1, day) * 86400 + hour * 3600 + minute * 60 + second - offset)
  }

  /// date-text = date-day "-" date-month "-" date-year   (RFC 9051 §9); nil where there is no such day.
  static func text(year: Int, month: Int, day: Int) -> String? {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= length(of: month, in: year)
    else { return nil }
    let digits = String(year)
    return "\(day)-\(monthNames[month - 1])-" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private static func length(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01; years begin in March here, so that the leap day is a year's last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
