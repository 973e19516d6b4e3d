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
    Row("unquoted comma in a name", "Doe, Jane <jane@x.y>, b@x.y", ["Doe, Jane|jane@x.y", "|b@x.y"]),
    Row("dots in a name", "John Q. Public <john@x.y>", ["John Q. Public|john@x.y"]),
    Row("address as name", "\"jane@x.y\" <list@z.y>", ["jane@x.y|list@z.y"]),
    Row("unquoted address as name", "jane@x.y via List <list@z.y>", ["jane@x.y via List|list@z.y"]),
    Row("comments inside", "Pete <pete(his account)@silly.test(his host)>", ["Pete|pete@silly.test"]),
    Row("comment in a domain", "<c@(Chris's host.)public.example>", ["|c@public.example"]),
    Row("blanks around the dot", "jdoe@test   . example", ["|jdoe@test.example"]),
    Row("blanks around the at", "jdoe @ test.example", ["|jdoe@test.example"]),
    Row("escapes in a local part", "\"first\\\"last\"@iana.org", ["|\"first\\\"last\"@iana.org"]),
    Row("group in brackets", "<Undisclosed-Recipient:;@x.example>", []),
    Row("two without a comma", "tim@x.y concierge@z.y", ["|tim@x.y", "|concierge@z.y"]),
    Row("encoded local part", "=?utf-8?Q?jane=40x=2Ey?=@gate.y", ["|\"jane@x.y\"@gate.y"]),
    Row("mailto", "Jane [mailto:jane@x.y]", ["Jane|jane@x.y"]),
    Row("double brackets", "Jane <<jane@x.y>>", ["Jane|jane@x.y"]),
    Row("bracket closed by a comma", "Jane <jane@x.y, Bob <bob@x.y", ["Jane|jane@x.y", "Bob|bob@x.y"]),
    Row("empty brackets", "jane@x.y <>", ["|jane@x.y"]),
    Row("domain literal", "jane@[192.0.2.1]", ["|jane@[192.0.2.1]"]),
    Row("raw UTF-8", "Jané <jané@exámple.y>", ["Jané|jané@exámple.y"]),
    Row("bare words", "abel, bianchi", ["abel|", "bianchi|"]),
    Row("list and words", "abel, jane@x.y", ["abel|", "|jane@x.y"]),
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

  /// Each of these took the square of its length in some reader.
  @Test(arguments: ["(", "<", "<a@b,", "@", "a@b:", "\"", "[", ":", "a ", "x@y ", ",", "\\", "<@"])
  func repetitionIsLinear(_ piece: String) {
    let field = String(repeating: piece, count: 200_000 / piece.utf8.count)
    #expect(parse("From: " + field + "\n\n").from.count <= Limits.standard.addresses)
    #expect(
      parse("From: " + String(repeating: "x ", count: 60_000) + "@" + field + "\n\n").from.count < 2_000)
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
    Row("count from 1900", "Mon, 03 Aug 126 17:42:00 +0000", "1785778920 0 true"),
    Row("count from 1900 in four digits", "Mon, 03 Aug 0126 17:42:00 +0000", "1785778920 0 true"),
    Row("Chinese", "2026年8月3日 下午5:42", "1785778920 0 false"),
    Row("Chinese with weekday", "2026年8月3日（星期一） 17:42", "1785778920 0 false"),
    Row("Japanese", "2026年8月3日(月) 17:42", "1785778920 0 false"),
    Row("Korean", "2026년 8월 3일 (월) 오후 5:42", "1785778920 0 false"),
    Row("Spanish half day", "lun, 3 ago 2026 a las 5:42 p. m.", "1785778920 0 false"),
    Row("Russian", "3 августа 2026 г., 17:42", "1785778920 0 false"),
    Row("Hebrew", "יום ב׳, 3 באוג׳ 2026 ב-17:42", "1785778920 0 false"),
    Row("Irish", "3 Lúnasa 2026 17:42", "1785778920 0 false"),
    Row("Malay", "Isnin, 3 Ogos 2026 17:42", "1785778920 0 false"),
    Row("Polish", "3 sierpnia 2026 17:42", "1785778920 0 false"),
    Row("Portuguese", "segunda-feira, 3 de agosto de 2026 17:42", "1785778920 0 false"),
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
