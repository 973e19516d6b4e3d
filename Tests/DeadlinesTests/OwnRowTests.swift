// Receipts on awkward days with their deadlines, worked out by another program over the same public holidays.

import Testing

@testable import Deadlines

@Suite struct OwnRowTests {
  static let businessDayRows = """
    B1,GB-EAW,Europe/London,2026-12-24T17:30:00Z,calendar_day,,3,2026-12-31,2027-01-01T00:00:00Z
    B2,GB-EAW,Europe/London,2026-12-24T17:30:00Z,cutoff_next_business_day,17:00,3,2027-01-04,2027-01-05T00:00:00Z
    B3,GB-EAW,Europe/London,2026-12-24T16:59:59Z,cutoff_next_business_day,17:00,3,2026-12-31,2027-01-01T00:00:00Z
    B4,GB-EAW,Europe/London,2026-12-24T17:00:00Z,cutoff_next_business_day,17:00,3,2027-01-04,2027-01-05T00:00:00Z
    B5,GB-EAW,Europe/London,2026-03-28T23:59:59Z,calendar_day,,1,2026-03-30,2026-03-30T23:00:00Z
    B6,GB-EAW,Europe/London,2026-03-29T00:30:00Z,calendar_day,,1,2026-03-30,2026-03-30T23:00:00Z
    B7,GB-EAW,Europe/London,2026-03-29T01:00:00Z,calendar_day,,1,2026-03-30,2026-03-30T23:00:00Z
    B8,GB-EAW,Europe/London,2026-10-25T00:30:00Z,calendar_day,,3,2026-10-28,2026-10-29T00:00:00Z
    B9,GB-SCT,Europe/London,2026-06-12T11:00:00Z,calendar_day,,1,2026-06-16,2026-06-16T23:00:00Z
    B10,GB-EAW,Europe/London,2026-06-12T11:00:00Z,calendar_day,,1,2026-06-15,2026-06-15T23:00:00Z
    B11,GB-SCT,Europe/London,2026-11-27T10:00:00Z,calendar_day,,1,2026-12-01,2026-12-02T00:00:00Z
    B12,GB-NIR,Europe/London,2026-03-16T09:00:00Z,calendar_day,,1,2026-03-18,2026-03-19T00:00:00Z
    B13,GB-NIR,Europe/London,2026-07-10T17:00:00Z,cutoff_next_business_day,17:30,2,2026-07-16,2026-07-16T23:00:00Z
    B14,GB-SCT,Europe/London,2026-12-31T23:59:59Z,calendar_day,,2,2027-01-06,2027-01-07T00:00:00Z
    B15,IE,Europe/Dublin,2026-12-24T12:00:00Z,calendar_day,,5,2027-01-04,2027-01-05T00:00:00Z
    B16,IE,Europe/Dublin,2027-12-24T12:00:00Z,calendar_day,,5,2027-12-31,2028-01-01T00:00:00Z
    B17,IE,Europe/Dublin,2026-10-24T22:30:00Z,calendar_day,,1,2026-10-27,2026-10-28T00:00:00Z
    B18,ZA,Africa/Johannesburg,2026-11-03T13:00:00Z,calendar_day,,1,2026-11-05,2026-11-05T22:00:00Z
    B19,ZA,Africa/Johannesburg,2026-04-02T14:00:00Z,cutoff_next_business_day,16:00,1,2026-04-08,2026-04-08T22:00:00Z
    B20,NZ,Pacific/Auckland,2026-07-09T11:00:00Z,calendar_day,,1,2026-07-13,2026-07-13T12:00:00Z
    B21,NZ,Pacific/Auckland,2026-04-03T23:00:00Z,calendar_day,,10,2026-04-20,2026-04-20T12:00:00Z
    B22,NZ,Pacific/Auckland,2026-09-26T00:00:00Z,calendar_day,,10,2026-10-09,2026-10-09T11:00:00Z
    B23,NZ,Pacific/Auckland,2026-12-24T05:00:00Z,cutoff_next_business_day,17:00,5,2027-01-07,2027-01-07T11:00:00Z
    B24,HK,Asia/Hong_Kong,2026-04-02T12:00:00Z,calendar_day,,1,2026-04-08,2026-04-08T16:00:00Z
    B25,HK,Asia/Hong_Kong,2027-02-05T01:00:00Z,calendar_day,,2,2027-02-11,2027-02-11T16:00:00Z
    B26,SG,Asia/Singapore,2026-02-16T01:00:00Z,calendar_day,,2,2026-02-20,2026-02-20T16:00:00Z
    B27,SG,Asia/Singapore,2026-03-20T15:59:59Z,calendar_day,,2,2026-03-24,2026-03-24T16:00:00Z
    B28,MY-14,Asia/Kuala_Lumpur,2026-02-16T02:00:00Z,calendar_day,,1,2026-02-19,2026-02-19T16:00:00Z
    B29,MY-14,Asia/Kuala_Lumpur,2026-08-28T09:30:00Z,cutoff_next_business_day,17:30,5,2026-09-08,2026-09-08T16:00:00Z
    B30,AU-NSW,Australia/Sydney,2026-10-02T13:59:59Z,calendar_day,,1,2026-10-06,2026-10-06T13:00:00Z
    B31,AU-NSW,Australia/Sydney,2026-04-02T01:00:00Z,calendar_day,,1,2026-04-07,2026-04-07T14:00:00Z
    B32,AU-NSW,Australia/Sydney,2026-12-31T12:00:00Z,cutoff_next_business_day,17:00,20,2027-02-02,2027-02-02T13:00:00Z
    B33,BM,Atlantic/Bermuda,2026-07-29T12:00:00Z,calendar_day,,1,2026-08-03,2026-08-04T03:00:00Z
    B34,BM,Atlantic/Bermuda,2026-03-08T03:00:00Z,calendar_day,,5,2026-03-13,2026-03-14T03:00:00Z
    B35,JM,America/Jamaica,2026-05-22T23:00:00Z,cutoff_next_business_day,17:00,3,2026-05-29,2026-05-30T05:00:00Z
    B36,TT,America/Port_of_Spain,2026-06-18T16:00:00Z,calendar_day,,40,2026-08-14,2026-08-15T04:00:00Z
    B37,BB,America/Barbados,2026-07-31T20:00:00Z,cutoff_next_business_day,16:00,1,2026-08-05,2026-08-06T04:00:00Z
    B38,BB,America/Barbados,2026-11-28T03:59:59Z,calendar_day,,35,2027-01-20,2027-01-21T04:00:00Z
    """

  static let periodRows = """
    P1,GB-EAW,Europe/London,2026-01-31T10:00:00Z,months,1,none,2026-02-28,2026-03-01T00:00:00Z
    P2,GB-EAW,Europe/London,2028-01-31T10:00:00Z,months,1,none,2028-02-29,2028-03-01T00:00:00Z
    P3,GB-EAW,Europe/London,2026-01-31T10:00:00Z,months,1,next_business_day,2026-03-02,2026-03-03T00:00:00Z
    P4,GB-EAW,Europe/London,2026-12-31T23:59:59Z,months,2,none,2027-02-28,2027-03-01T00:00:00Z
    P5,GB-EAW,Europe/London,2026-08-30T09:00:00Z,months,6,next_business_day,2027-03-01,2027-03-02T00:00:00Z
    P6,GB-EAW,Europe/London,2026-02-02T10:00:00Z,weeks,8,none,2026-03-30,2026-03-30T23:00:00Z
    P7,GB-EAW,Europe/London,2026-10-30T10:00:00Z,weeks,8,next_business_day,2026-12-29,2026-12-30T00:00:00Z
    P8,GB-EAW,Europe/London,2026-10-30T10:00:00Z,weeks,8,none,2026-12-25,2026-12-26T00:00:00Z
    P9,GB-EAW,Europe/London,2026-06-18T23:00:00Z,days,29,none,2026-07-18,2026-07-18T23:00:00Z
    P10,GB-EAW,Europe/London,2026-09-25T22:30:00Z,days,30,none,2026-10-25,2026-10-26T00:00:00Z
    P11,IE,Europe/Dublin,2026-02-27T08:00:00Z,days,30,next_business_day,2026-03-30,2026-03-30T23:00:00Z
    P12,NZ,Pacific/Auckland,2026-02-04T22:00:00Z,months,2,none,2026-04-05,2026-04-05T12:00:00Z
    P13,NZ,Pacific/Auckland,2026-07-26T12:30:00Z,months,2,next_business_day,2026-09-28,2026-09-28T11:00:00Z
    P14,AU-NSW,Australia/Sydney,2026-09-04T12:00:00Z,days,30,none,2026-10-04,2026-10-04T13:00:00Z
    P15,AU-NSW,Australia/Sydney,2026-03-05T13:00:00Z,days,30,next_business_day,2026-04-07,2026-04-07T14:00:00Z
    P16,ZA,Africa/Johannesburg,2026-02-20T21:59:59Z,weeks,6,next_business_day,2026-04-07,2026-04-07T22:00:00Z
    P17,HK,Asia/Hong_Kong,2026-01-17T01:00:00Z,days,30,next_business_day,2026-02-16,2026-02-16T16:00:00Z
    P18,HK,Asia/Hong_Kong,2026-01-17T01:00:00Z,days,60,none,2026-03-18,2026-03-18T16:00:00Z
    P19,BM,Atlantic/Bermuda,2026-02-01T03:00:00Z,weeks,5,none,2026-03-07,2026-03-08T04:00:00Z
    P20,BM,Atlantic/Bermuda,2026-10-03T02:00:00Z,days,30,next_business_day,2026-11-02,2026-11-03T04:00:00Z
    P21,TT,America/Port_of_Spain,2026-12-31T16:00:00Z,months,2,next_business_day,2027-03-01,2027-03-02T04:00:00Z
    P22,JM,America/Jamaica,2026-11-01T03:00:00Z,months,4,next_business_day,2027-03-01,2027-03-02T05:00:00Z
    P23,SG,Asia/Singapore,2026-01-18T04:00:00Z,days,30,next_business_day,2026-02-19,2026-02-19T16:00:00Z
    P24,MY-14,Asia/Kuala_Lumpur,2026-06-30T15:59:59Z,months,2,next_business_day,2026-09-01,2026-09-01T16:00:00Z
    """

  @Test(arguments: businessDayRows.split(separator: "\n").map(String.init))
  func businessDays(_ row: String) throws {
    try check(row, "receipt_rule,cutoff_local,n_business_days")
  }

  @Test(arguments: periodRows.split(separator: "\n").map(String.init))
  func period(_ row: String) throws {
    try check(row, "unit,n,roll")
  }

  private func check(_ row: String, _ columns: String) throws {
    let fields = row.split(separator: ",", omittingEmptySubsequences: false)
    try #require(fields.count == 9)
    let csv = Array(("case_id,jurisdiction,time_zone,received_utc,\(columns),answer,end\n" + row).utf8)
    let output = DeadlineBatch.run(
      csv: csv, calendars: try Fixtures.calendars(), zones: try Fixtures.zones(in: csv))
    let result = try #require(output.rows.first).get()
    #expect(output.rows.count == 1)
    #expect(result.line == "\(fields[0]),\(fields[7]),\(fields[8])")
  }
}
