// Dates as mail writes them: RFC 5322 and its ancestors, and what mail clients print above forwarded text.

/// An instant that a message states, with the offset it was stated in.
public struct MessageDate: Sendable, Hashable, Codable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public let unixSeconds: Int64
  /// Minutes east of UTC in which the date was written.
  public let offsetMinutes: Int
  /// False when no offset was written; the clock time was then taken for UTC.
  public let offsetKnown: Bool

  /// Makes an instant.
  public init(unixSeconds: Int64, offsetMinutes: Int, offsetKnown: Bool = true) {
    self.unixSeconds = unixSeconds
    self.offsetMinutes = offsetMinutes
    self.offsetKnown = offsetKnown
  }

  /// Reads a date leniently (RFC 5322 §3.3, §4.3, and clients' forms in English, German, French, Spanish, Afrikaans,
  /// Dutch, Italian); nil when no valid day can be found. A missing time is midnight.
  ///
  /// Numeric dates with slashes are day first unless that is impossible or the time has AM or PM and the day may
  /// be a month.
  public static func parse(_ text: String) -> MessageDate? {
    parse(Array(text.utf8.prefix(256)))
  }

  /// The same for bytes, as a header field has them.
  static func parse(_ bytes: [UInt8]) -> MessageDate? {
    if let date = StandardDate.read(bytes) { return date }
    var reader = DateReader(EastAsianDate.rewritten(Array(bytes.prefix(256))))
    return reader.read()
  }

  /// Whether the month, from 1 to 12, has such a day.
  fileprivate static func isDay(_ year: Int, _ month: Int, _ day: Int) -> Bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length =
      switch month {
      case 2: leap ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    return (1...length).contains(day)
  }

  /// Days from 1970-01-01 to a civil date of the Gregorian calendar.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

/// The one form that nearly all mail has: [day-name ","] day month year hour ":" minute [":" second] ("+" / "-") 4DIGIT
/// (RFC 5322 §3.3), a comment perhaps after it. Everything else is the lenient reader's.
private enum StandardDate {
  static func read(_ bytes: [UInt8]) -> MessageDate? {
    var index = 0
    if bytes.count > 4, bytes[0].isLetter, bytes[3] == ASCII.comma { index = 4 }
    func skipBlanks() { while index < bytes.count, bytes[index].isBlank { index += 1 } }
    func number(_ lengths: ClosedRange<Int>) -> Int? {
      var value = 0
      let start = index
      while index < bytes.count, bytes[index].isDigit, index - start < lengths.upperBound {
        value = value * 10 + Int(bytes[index] - ASCII.zero)
        index += 1
      }
      return lengths.contains(index - start) ? value : nil
    }
    skipBlanks()
    guard let day = number(1...2) else { return nil }
    skipBlanks()
    guard index + 4 < bytes.count, bytes[index + 3].isBlank,
      let month = month(bytes[index].lowered, bytes[index + 1].lowered, bytes[index + 2].lowered)
    else { return nil }
    index += 3
    skipBlanks()
    guard let year = number(4...4), year >= 1_600 else { return nil }
    skipBlanks()
    guard let hour = number(1...2), index < bytes.count, bytes[index] == ASCII.colon else { return nil }
    index += 1
    guard let minute = number(2...2) else { return nil }
    var second = 0
    if index < bytes.count, bytes[index] == ASCII.colon {
      index += 1
      guard let value = number(2...2) else { return nil }
      second = value
    }
    skipBlanks()
    guard index < bytes.count, bytes[index] == 0x2B || bytes[index] == ASCII.dash else { return nil }
    let isWest = bytes[index] == ASCII.dash
    index += 1
    guard let zone = number(4...4) else { return nil }
    skipBlanks()
    guard index == bytes.count || bytes[index] == ASCII.open,
      MessageDate.isDay(year, month, day), hour < 24, minute < 60, second < 60, zone % 100 < 60, zone <= 1_400
    else { return nil }
    let offset = zone / 100 * 60 + zone % 100
    let local =
      MessageDate.days(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
    let signed = isWest ? -offset : offset
    return MessageDate(unixSeconds: Int64(local - signed * 60), offsetMinutes: signed)
  }

  private static func month(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Int? {
    switch UInt32(a) << 16 | UInt32(b) << 8 | UInt32(c) {
    case 0x6A_616E: 1
    case 0x66_6562: 2
    case 0x6D_6172: 3
    case 0x61_7072: 4
    case 0x6D_6179: 5
    case 0x6A_756E: 6
    case 0x6A_756C: 7
    case 0x61_7567: 8
    case 0x73_6570: 9
    case 0x6F_6374: 10
    case 0x6E_6F76: 11
    case 0x64_6563: 12
    default: nil
    }
  }
}

private struct DateReader {
  let bytes: [UInt8]
  var index = 0
  var year: Int?
  var month: Int?
  var day: Int?
  var hour: Int?
  var minute = 0
  var second = 0
  var offset: Int?
  var half: Int?
  var slashed: (Int, Int)?
  var failed = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Month names by their beginnings, ASCII-folded: "mär" is read as "m" + "r", so it is listed that way.
  private static let months: [([UInt8], Int)] = [
    // Finnish, Malay, Irish, Polish and Czech names, those first that begin like another's.
    ("marras", 11), ("maalis", 3), ("meith", 6), ("mac", 3), ("mrta", 3), ("tammi", 1), ("helmi", 2),
    ("huhti", 4), ("touko", 5), ("keskuu", 6), ("hein", 7), ("elo", 8), ("syys", 9), ("loka", 10),
    ("joulu", 12),
    ("ogos", 8), ("dis", 12), ("ean", 1), ("feabh", 2), ("aib", 4), ("beal", 5), ("iil", 7), ("lnasa", 8),
    ("men", 9), ("deire", 10), ("samh", 11), ("noll", 12), ("stycz", 1), ("lut", 2), ("kwie", 4), ("maj", 5),
    ("czerw", 6), ("lip", 7), ("sier", 8), ("wrze", 9), ("padz", 10), ("list", 11), ("grud", 12), ("led", 1),
    ("nora", 2), ("bezna", 3), ("dub", 4), ("kvt", 5), ("ervna", 6), ("ervence", 7), ("srp", 8), ("pros", 12),
    ("jan", 1), ("ene", 1), ("gen", 1), ("feb", 2), ("fev", 2), ("fvr", 2), ("mar", 3), ("mr", 3),
    ("maart", 3),
    ("maa", 3), ("mrt", 3), ("apr", 4), ("avr", 4), ("abr", 4), ("may", 5), ("mai", 5), ("mei", 5),
    ("mag", 5),
    ("juin", 6), ("jun", 6), ("giu", 6), ("juil", 7), ("jul", 7), ("lug", 7), ("aug", 8), ("aou", 8),
    ("aot", 8),
    ("ago", 8), ("sep", 9), ("set", 9), ("oct", 10), ("okt", 10), ("out", 10), ("ott", 10), ("nov", 11),
    ("dec", 12), ("dez", 12), ("des", 12), ("dic", 12), ("dc", 12),
  ].map { (Array($0.0.utf8), $0.1) }
  /// Names in other scripts by their beginnings; Hebrew puts "in" before, which is left out.
  private static let otherMonths: [([UInt8], Int)] = [
    ("январ", 1), ("феврал", 2), ("март", 3), ("апрел", 4), ("май", 5), ("мая", 5), ("июн", 6), ("июл", 7),
    ("август", 8), ("сентябр", 9), ("октябр", 10), ("ноябр", 11), ("декабр", 12), ("ינו", 1), ("פבר", 2),
    ("מרץ", 3), ("מרס", 3), ("אפר", 4), ("מאי", 5), ("יונ", 6), ("יול", 7), ("אוג", 8), ("ספט", 9),
    ("אוק", 10),
    ("נוב", 11), ("דצמ", 12),
  ].map { (Array($0.0.utf8), $0.1) }
  private static let hebrewIn = Array("ב".utf8)
  private static let zones: [String: Int] = [
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "bst": 60, "west": 60, "ist": 330, "cet": 60,
    "cest": 120, "mez": 60, "mesz": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180, "msk": 180,
    "sast": 120, "cat": 120, "eat": 180, "wat": 60, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480,
    "aest": 600, "aedt": 660, "acst": 570, "awst": 480, "nzst": 720, "nzdt": 780, "akst": -540, "akdt": -480,
    "hst": -600, "ast": -240, "adt": -180, "gst": 240, "pkt": 300,
  ]

  mutating func read() -> MessageDate? {
    var depth = 0
    while index < bytes.count, !failed {
      let byte = bytes[index]
      if byte == ASCII.open {
        depth += 1
        index += 1
      } else if byte == ASCII.close {
        if depth > 0 { depth -= 1 }
        index += 1
      } else if depth > 0 {
        index += 1
      } else if byte.isDigit {
        number()
      } else if byte.isLetter || byte >= 0x80 {
        word()
      } else if byte == 0x2B || byte == ASCII.dash {
        sign()
      } else {
        index += 1
      }
    }
    return failed ? nil : result()
  }

  private mutating func digits() -> (value: Int, length: Int) {
    var value = 0
    let start = index
    while index < bytes.count, bytes[index].isDigit {
      if index - start < 9 { value = value * 10 + Int(bytes[index] - ASCII.zero) }
      index += 1
    }
    return (value, index - start)
  }

  private func peek(_ offset: Int = 0) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

  private mutating func number() {
    let (value, length) = digits()
    let next = peek()
    if next == ASCII.colon || (next.lowered == 0x68 && peek(1).isDigit && hour == nil)
      || (next == ASCII.dot && hour == nil && day != nil && year != nil && length <= 2 && peek(1).isDigit),
      hour == nil, length <= 2
    {
      clock(value)
      return
    }
    if length == 4, next == ASCII.dash || next == ASCII.slash, year == nil, peek(1).isDigit {
      index += 1
      let second = digits()
      guard peek() == next, peek(1).isDigit else {
        failed = true
        return
      }
      index += 1
      let third = digits()
      (year, month, day) = (value, second.value, third.value)
      if peek().lowered == 0x74 { index += 1 }
      return
    }
    if length <= 2, next == ASCII.dot || next == ASCII.slash || next == ASCII.dash, peek(1).isDigit,
      day == nil,
      month == nil
    {
      index += 1
      let second = digits()
      if second.length <= 2, peek() == next || (next == ASCII.dot && peek() == ASCII.space) {
        index += 1
        if peek().isDigit {
          let third = digits()
          year = fullYear(third.value, third.length)
        }
        if next == ASCII.slash { slashed = (value, second.value) }
        (day, month) = (value, second.value)
        return
      }
      failed = true
      return
    }
    if length >= 3, year == nil {
      if length <= 4 { year = fullYear(value, length) }
    } else if day == nil, length <= 2 {
      day = value
    } else if year == nil, length == 2 {
      year = fullYear(value, length)
    } else if hour == nil, length == 4, day != nil, year != nil {
      // "1742" after the date, as some logs write it.
      hour = value / 100
      minute = value % 100
    }
  }

  /// RFC 5322 §4.3: two digits are 1950...2049, three digits are counted from 1900.
  private func fullYear(_ value: Int, _ length: Int) -> Int {
    switch length {
    case 2: value < 50 ? 2_000 + value : 1_900 + value
    case 3: 1_900 + value
    // "0102": a count from 1900 made to look like a year.
    case 4 where (100..<200).contains(value): 1_900 + value
    default: value
    }
  }

  private mutating func clock(_ first: Int) {
    hour = first
    index += 1
    let (value, length) = digits()
    guard length > 0 else { return }
    minute = value
    if peek() == ASCII.colon || peek() == ASCII.dot, peek(1).isDigit {
      index += 1
      second = digits().value
      if peek() == ASCII.dot || peek() == ASCII.comma, peek(1).isDigit {
        index += 1
        _ = digits()
      }
    }
  }

  private mutating func word() {
    var letters: [UInt8] = []
    let start = index
    while index < bytes.count, bytes[index].isLetter || bytes[index] >= 0x80 || bytes[index] == ASCII.dot {
      // "p.m." is one word; "Aug." loses its dot.
      if bytes[index].isLetter { letters.append(bytes[index].lowered) }
      index += 1
    }
    let name = String(decoding: letters, as: UTF8.self)
    // "5:42 p. m." is Spanish.
    let isSplit = letters.count == 1 && peek() == ASCII.space && peek(1).lowered == 0x6D && !peek(2).isLetter
    if name == "am" || name == "pm" || isSplit && (name == "a" || name == "p") {
      half = name.utf8.first == 0x70 ? 12 : 0
      return
    }
    if hour != nil, let zone = DateReader.zones[name] {
      // "GMT+2": the sign that follows replaces the zero.
      offset = zone
      return
    }
    if hour != nil, month != nil, letters.count == 1, name != "a", name != "h" {
      // RFC 5322 §4.3: military letters were defined the wrong way round, so they count as unknown.
      return
    }
    guard month == nil else { return }
    if name.hasPrefix("mart") || name.hasPrefix("marted") || name == "mardi" || name == "maandag"
      || name == "mardi"
      || name.hasPrefix("mond") || name == "martes"
    {
      return
    }
    month = DateReader.months.first { letters.starts(with: $0.0) }?.1
    if month == nil, bytes[start] >= 0x80 {
      var word = bytes[start..<index]
      if word.starts(with: DateReader.hebrewIn) { word = word.dropFirst(DateReader.hebrewIn.count) }
      month = DateReader.otherMonths.first { word.starts(with: $0.0) }?.1
    }
  }

  private mutating func sign() {
    let negative = bytes[index] == ASCII.dash
    index += 1
    guard hour != nil, peek().isDigit else { return }
    let start = index
    let (value, length) = digits()
    var minutes: Int
    if peek() == ASCII.colon, length <= 2, peek(1).isDigit {
      index += 1
      minutes = value * 60 + digits().value
    } else if length >= 3 {
      minutes = value / 100 * 60 + value % 100
    } else {
      minutes = value * 60
    }
    // A year after a dash ("17:42 - 2026") is no zone.
    if length == 4, year == nil, value >= 1_900 {
      index = start
      return
    }
    if minutes > 24 * 60 { minutes = 0 }
    offset = negative ? -minutes : minutes
  }

  private mutating func result() -> MessageDate? {
    if let (first, second) = slashed {
      let monthFirst = second > 12 || (half != nil && first <= 12)
      (month, day) = monthFirst ? (first, second) : (second, first)
    }
    guard let year, let month, let day, (1...9_999).contains(year), (1...12).contains(month) else {
      return nil
    }
    guard MessageDate.isDay(year, month, day) else { return nil }
    var hour = hour ?? 0
    if let half {
      guard (0...12).contains(hour) || half == 12 && hour < 24 else { return nil }
      if hour <= 12 { hour = hour % 12 + half }
    }
    if hour == 24, minute == 0 { return make(year, month, day, 24) }
    guard hour < 24, minute < 60, second <= 60 else { return nil }
    return make(year, month, day, hour)
  }

  private func make(_ year: Int, _ month: Int, _ day: Int, _ hour: Int) -> MessageDate {
    let seconds =
      MessageDate.days(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60
      + min(second, 59)
    return MessageDate(
      unixSeconds: Int64(seconds - (offset ?? 0) * 60), offsetMinutes: offset ?? 0, offsetKnown: offset != nil
    )
  }
}

/// Chinese, Japanese and Korean dates: year, month, day by their characters, the half of the day before the hour.
private enum EastAsianDate {
  private static let marks: [([UInt8], String)] = [
    ("年", "-"), ("月", "-"), ("日", " "), ("년", "-"), ("월", "-"), ("일", " "), ("上午", " am "), ("下午", " pm "),
    ("晚上", " pm "), ("早上", " am "), ("午前", " am "), ("午後", " pm "), ("오전", " am "), ("오후", " pm "),
    ("：", ":"),
  ].map { (Array($0.0.utf8), $0.1) }

  /// "2026年8月3日 下午5:42" as "2026-8-3  pm 5:42"; other dates as they are.
  static func rewritten(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 >= 0xE4 }) else { return bytes }
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] >= 0xE3,
        let (mark, text) = marks.first(where: { bytes[index...].starts(with: $0.0) })
      else {
        out.append(bytes[index])
        index += 1
        continue
      }
      index += mark.count
      // Only after a number: "월" is also Monday.
      if text == "-", out.last?.isDigit != true { continue }
      out.append(contentsOf: text.utf8)
      // Korean puts blanks between.
      while text == "-", index < bytes.count, bytes[index].isBlank { index += 1 }
    }
    return out
  }
}
