// Addresses and dates in the shapes they arrive in.

import MIME
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    Row("bare", "jane@Example.COM", ["|jane@example.com"]),
    Row("named", "Jane Doe <jane@example.com>", ["Jane Doe|jane@example.com"]),
    Row("quoted comma", "\"Doe, Jane\" <j@x.y>, b@x.y", ["Doe, Jane|j@x.y", "|b@x.y"]),
    Row("encoded comma", "=?utf-8?Q?Doe=2C_J=C3=A9?= <j@x.y>", ["Doe, Jé|j@x.y"]),
    Row("group", "Team: a@x.y, B <b@x.y>;, c@x.y", ["|a@x.y", "B|b@x.y", "|c@x.y"]),
    Row("empty group", "undisclosed-recipients:;", []),
    Row("comment name", "jane@x.y (Jane Doe)", ["Jane Doe|jane@x.y"]),
    Row("nested comments", "(a (b) c) jane@x.y", ["a b c|jane@x.y"]),
    Row("source route", "<@a.b,@c.d:jane@x.y>", ["|jane@x.y"]),
    Row("quoted local part", "\"odd one\"@x.y", ["|\"odd one\"@x.y"]),
    Row("unclosed bracket", "Jane <jane@x.y", ["Jane|jane@x.y"]),
    Row("semicolons as separators", "a@x.y; b@x.y", ["|a@x.y", "|b@x.y"]),
    Row("name and address without brackets", "Jane Doe jane@x.y", ["Jane Doe|jane@x.y"]),
    Row("wholly encoded", "=?utf-8?Q?Jane_=3Cjane=40x.y=3E?=", ["Jane|jane@x.y"]),
    Row("name only", "Jane", ["Jane|"]),
    Row("empty", "", []),
  ])
  func list(_ row: Row<[String]>) {
    let message = parse("From: \(row.input)\nSubject: x\n\n")
    #expect(message.from.map { ($0.displayName ?? "") + "|" + $0.mailbox } == row.expected)
  }

  @Test func aHundredThousandAddressesAreCapped() {
    let message = parse("To: " + String(repeating: "a@b.c,", count: 100_000) + "\n\n")
    #expect(message.to.count == Limits.standard.addresses)
    #expect(message.defects.contains { $0.code == .tooManyAddresses })
  }

  @Test func openCommentsAreLinear() {
    #expect(parse("From: " + String(repeating: "(", count: 200_000) + "\n\n").from.isEmpty)
  }
}

@Suite struct DateTests {
  // 2026-08-03T17:42:00Z
  private static let base: Int64 = 1_785_778_920

  @Test(arguments: [
    Row("RFC 5322", "Mon, 03 Aug 2026 18:42:00 +0100", "1785778920 60 true"),
    Row("comment", "Mon, 3 Aug 2026 17:42 +0000 (UTC)", "1785778920 0 true"),
    Row("named zone", "03 Aug 26 13:42:00 EDT", "1785778920 -240 true"),
    Row("negative zero", "3 Aug 2026 17:42:00 -0000", "1785778920 0 true"),
    Row("asctime", "Mon Aug  3 17:42:00 2026", "1785778920 0 false"),
    Row("Outlook", "Monday, 3 August 2026 17:42", "1785778920 0 false"),
    Row("Outlook US", "Monday, August 3, 2026 5:42 PM", "1785778920 0 false"),
    Row("Gmail", "Mon, Aug 3, 2026 at 5:42 PM", "1785778920 0 false"),
    Row("Gmail narrow space", "Mon, Aug 3, 2026 at 5:42\u{202F}PM", "1785778920 0 false"),
    Row("Apple", "3 August 2026 at 18:42:00 BST", "1785778920 60 true"),
    Row("ISO", "2026-08-03 17:42", "1785778920 0 false"),
    Row("ISO with zone", "2026-08-03T17:42:00.000Z", "1785778920 0 true"),
    Row("German", "Montag, 3. August 2026 17:42", "1785778920 0 false"),
    Row("German numeric", "03.08.2026 17:42", "1785778920 0 false"),
    Row("French", "lundi 3 août 2026 17:42", "1785778920 0 false"),
    Row("French h", "lundi 3 août 2026 à 17h42", "1785778920 0 false"),
    Row("Spanish", "lunes, 3 de agosto de 2026 17:42", "1785778920 0 false"),
    Row("Afrikaans", "Maandag 3 Augustus 2026 19:42 SAST", "1785778920 120 true"),
    Row("slashes", "03/08/2026 17:42", "1785778920 0 false"),
    Row("slashes US", "8/3/2026 5:42 PM", "1785778920 0 false"),
    Row("GMT+2", "3 Aug 2026 19:42:00 GMT+2", "1785778920 120 true"),
    Row("noon", "Aug 3, 2026, 12:00 PM", "1785758400 0 false"),
    Row("midnight", "Aug 3, 2026, 12:00 AM", "1785715200 0 false"),
    Row("leap day", "29 Feb 2024 00:00:00 +0000", "1709164800 0 true"),
    Row("not a leap day", "29 Feb 2026 00:00:00 +0000", "nil"),
    Row("hour 25", "3 Aug 2026 25:00:00 +0000", "nil"),
    Row("year 1601", "1 Jan 1601 00:00:00 +0000", "-11644473600 0 true"),
    Row("words only", "yesterday", "nil"),
    Row("huge number", "99999999999999999999 Aug 2026", "nil"),
    Row("empty", "", "nil"),
  ])
  func read(_ row: Row<String>) {
    let date = MessageDate.parse(row.input)
    let shown = date.map { "\($0.unixSeconds) \($0.offsetMinutes) \($0.offsetKnown)" } ?? "nil"
    #expect(shown == row.expected)
  }

  @Test func everyDayOfFourCenturiesCounts() {
    var expected: Int64 = -11_644_473_600
    for year in 1601...2000 {
      let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      #expect(MessageDate.parse("1 Jan \(year) 00:00 +0000")?.unixSeconds == expected)
      expected += leap ? 366 * 86_400 : 365 * 86_400
    }
  }

  @Test func receivedStampsTopmostFirst() {
    let message = parse(
      """
      Received: from a by b; Mon, 3 Aug 2026 17:42:00 +0000
      Received: from c by d
       ; Mon, 3 Aug 2026 17:41:00 +0000
      Received: no stamp

      """)
    #expect(message.receivedStamps.map(\.unixSeconds) == [Self.base, Self.base - 60])
  }
}
