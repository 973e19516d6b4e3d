// A file of receipts to a file of deadlines: `intake deadline --batch`.

/// Computes deadlines for the rows of a CSV file (RFC 4180).
///
/// Two kinds of file are told apart by their header: business days (`receipt_rule`, `cutoff_local`,
/// `n_business_days`) and calendar periods (`unit`, `n`, `roll`). Both have `case_id`, `jurisdiction` (a calendar's
/// id), `time_zone` and `received_utc`. Other columns, such as answers, are ignored.
public enum DeadlineBatch {
  public struct Row: Hashable, Sendable {
    public let caseID: String
    public let date: CivilDate
    public let end: Instant
    /// Set where the calendar does not cover the years from the receipt to the date.
    public let warning: String?

    /// `case_id,deadline_date,deadline_end_utc`, the id quoted where RFC 4180 §2 asks for it.
    public var line: String {
      let needsQuotes = caseID.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
      let escaped = caseID.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      return "\(needsQuotes ? "\"\(escaped)\"" : caseID),\(date),\(end)"
    }
  }

  public struct Problem: Error, Hashable, Sendable {
    /// Line in the file, from 1.
    public let line: Int
    public let message: String
  }

  public struct Output: Sendable {
    public var rows: [Result<Row, Problem>] = []
  }

  public static func run(
    csv bytes: [UInt8], calendars: [String: WorkingCalendar], zones: [String: ZoneRules]
  ) -> Output {
    var output = Output()
    var reader = CSVReader(bytes)
    guard let header = reader.record() else {
      output.rows.append(.failure(Problem(line: 1, message: "the file is empty; it needs a header line")))
      return output
    }
    var columns: [String: Int] = [:]
    for (index, name) in header.fields.enumerated() where columns.updateValue(index, forKey: name) != nil {
      let problem = Problem(line: header.line, message: "the header has \(name) twice")
      output.rows.append(.failure(problem))
      return output
    }
    let isBusiness = columns["n_business_days"] != nil
    let needed =
      ["case_id", "jurisdiction", "time_zone", "received_utc"]
      + (isBusiness ? ["receipt_rule", "cutoff_local"] : ["unit", "n", "roll"])
    let missing = needed.filter { columns[$0] == nil }
    guard missing.isEmpty else {
      let message = "the header lacks \(missing.joined(separator: ", "))"
      output.rows.append(.failure(Problem(line: header.line, message: message)))
      return output
    }
    while let record = reader.record() {
      if record.fields == [""] { continue }
      if record.isUnclosed {
        let message = "a quotation mark is never closed; what follows was not read"
        output.rows.append(.failure(Problem(line: record.line, message: message)))
        continue
      }
      let row = Fields(record: record, columns: columns)
      do throws(Problem) {
        let day =
          isBusiness
          ? try businessDay(row, calendars: calendars, zones: zones)
          : try period(row, calendars: calendars, zones: zones)
        guard !day.isBeyondDates else { throw row.fail("the deadline lies beyond the year 9999") }
        let warning = uncovered(row, day, calendars)
        output.rows.append(
          .success(Row(caseID: row["case_id"], date: day.date, end: day.end, warning: warning)))
      } catch {
        output.rows.append(.failure(error))
      }
    }
    return output
  }

  private static func uncovered(
    _ row: Fields, _ day: CountedDay, _ calendars: [String: WorkingCalendar]
  ) -> String? {
    guard let covers = calendars[row["jurisdiction"]]?.covers,
      !covers.contains(day.dayZero.year) || !covers.contains(day.date.year)
    else { return nil }
    return "case \(row["case_id"]): calendar \(row["jurisdiction"]) covers \(covers.lowerBound) to "
      + "\(covers.upperBound) only: holidays beyond are not taken into account"
  }

  private struct Fields {
    let record: CSVReader.Record
    let columns: [String: Int]

    subscript(name: String) -> String {
      guard let index = columns[name], index < record.fields.count else { return "" }
      return record.fields[index]
    }

    func fail(_ message: String) -> Problem { Problem(line: record.line, message: message) }

    func number(_ name: String) throws(Problem) -> Int {
      guard let value = Int(self[name]), (1...10_000).contains(value) else {
        throw fail("\(name): \"\(self[name])\" is not a whole number from 1 to 10000")
      }
      return value
    }
  }

  private static func common(
    _ row: Fields, calendars: [String: WorkingCalendar], zones: [String: ZoneRules]
  ) throws(Problem) -> (Instant, WorkingCalendar, ZoneRules) {
    guard let received = Instant(iso8601: row["received_utc"]) else {
      throw row.fail("received_utc: \"\(row["received_utc"])\" is not a moment such as 2026-12-24T17:30:00Z")
    }
    guard let calendar = calendars[row["jurisdiction"]] else {
      throw row.fail("jurisdiction: there is no calendar \"\(row["jurisdiction"])\"")
    }
    guard let zone = zones[row["time_zone"]] else {
      throw row.fail("time_zone: there is no time zone \"\(row["time_zone"])\"")
    }
    return (received, calendar, zone)
  }

  private static func businessDay(
    _ row: Fields, calendars: [String: WorkingCalendar], zones: [String: ZoneRules]
  ) throws(Problem) -> CountedDay {
    let (received, calendar, zone) = try common(row, calendars: calendars, zones: zones)
    let rule: DayZero
    switch row["receipt_rule"] {
    case "calendar_day": rule = .calendarDay
    case "cutoff_next_business_day":
      let parts = row["cutoff_local"].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
        (0..<60).contains(minute)
      else { throw row.fail("cutoff_local: \"\(row["cutoff_local"])\" is not a time such as 17:30") }
      rule = .cutoffNextBusinessDay(cutoff: hour * 3600 + minute * 60)
    default:
      throw row.fail(
        "receipt_rule: \"\(row["receipt_rule"])\" is neither calendar_day nor cutoff_next_business_day")
    }
    return businessDayDeadline(
      received: received, calendar: calendar, zone: zone, dayZero: rule,
      count: try row.number("n_business_days"))
  }

  private static func period(
    _ row: Fields, calendars: [String: WorkingCalendar], zones: [String: ZoneRules]
  ) throws(Problem) -> CountedDay {
    let (received, calendar, zone) = try common(row, calendars: calendars, zones: zones)
    let count = try row.number("n")
    let period: Period
    switch row["unit"] {
    case "days": period = .days(count)
    case "weeks": period = .weeks(count)
    case "months": period = .months(count)
    default: throw row.fail("unit: \"\(row["unit"])\" is none of days, weeks, months")
    }
    guard let roll = Roll(rawValue: row["roll"]) else {
      throw row.fail("roll: \"\(row["roll"])\" is neither none nor next_business_day")
    }
    return periodDeadline(received: received, calendar: calendar, zone: zone, period: period, roll: roll)
  }
}

/// Reads records of a CSV file: quoted fields, doubled quotes, CRLF or LF.
private struct CSVReader {
  struct Record {
    let line: Int
    var fields: [String]
    /// Whether the file ended inside quotation marks.
    var isUnclosed = false
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark that spreadsheets write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func record() -> Record? {
    guard position < bytes.count else { return nil }
    var record = Record(line: line, fields: [])
    var field: [UInt8] = []
    var quoted = false
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if quoted {
        if byte == 0x22 {
          if position < bytes.count, bytes[position] == 0x22 {
            field.append(0x22)
            position += 1
          } else {
            quoted = false
          }
        } else {
          if byte == 0x0A { line += 1 }
          field.append(byte)
        }
        continue
      }
      switch byte {
      case 0x22 where field.isEmpty: quoted = true
      case 0x2C:
        record.fields.append(String(decoding: field, as: UTF8.self))
        field = []
      case 0x0A:
        line += 1
        if field.last == 0x0D { field.removeLast() }
        record.fields.append(String(decoding: field, as: UTF8.self))
        return record
      default: field.append(byte)
      }
    }
    record.isUnclosed = quoted
    if field.last == 0x0D { field.removeLast() }
    record.fields.append(String(decoding: field, as: UTF8.self))
    return record
  }
}
