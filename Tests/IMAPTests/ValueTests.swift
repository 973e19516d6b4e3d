// The small values: UID sets, folder names, dates, settings, server text, back-off.

import Testing

@testable import IMAP
@testable import Transport

private func uids(_ numbers: [UInt32]) -> [UID] { numbers.compactMap { UID($0) } }

@Suite struct UIDSetTests {
  @Test(
    arguments: [
      ([], ""), ([5], "5"), ([1, 2, 3], "1:3"), ([3, 1, 2, 2], "1:3"), ([1, 3, 5, 6], "1,3,5:6"),
      ([4_294_967_295, 4_294_967_294, 1], "1,4294967294:4294967295"),
    ] as [([UInt32], String)])
  func writesRanges(_ numbers: [UInt32], _ written: String) {
    let set = UIDSet(uids(numbers))
    #expect(set.description == written)
    #expect(set.count == Set(numbers).count)
    #expect(set.map(\.rawValue) == Set(numbers).sorted())
    #expect(set.first?.rawValue == numbers.min() && set.last?.rawValue == numbers.max())
    for number in numbers { #expect(UID(number).map(set.contains) == true) }
    #expect(UID(77).map(set.contains) == false)
  }

  @Test(arguments: [
    ("1:3,5", "1:3,5"), ("3:1", "1:3"), ("5,1:9,2", "1:9"), ("4294967295", "4294967295"), ("7,8", "7:8"),
  ])
  func readsSets(_ text: String, _ written: String) {
    #expect(UIDSet(Array(text.utf8))?.description == written)
  }

  @Test(arguments: [
    "", ",", "1,", ",1", "1:", ":1", "1:2:3", "0", "4294967296", "1 2", "*", "-1", "1:*", "a",
  ])
  func refuses(_ text: String) { #expect(UIDSet(Array(text.utf8)) == nil) }

  @Test func intersectsAndUnites() {
    let left = UIDSet(Array("1:10,20:30,50".utf8)) ?? UIDSet()
    let right = UIDSet(Array("5:25,50:60".utf8)) ?? UIDSet()
    #expect(left.intersection(right).description == "5:10,20:25,50")
    #expect(left.union(right).description == "1:30,50:60")
    #expect(left.intersection(UIDSet()).isEmpty)
    #expect(UIDSet().union(left) == left)
  }

  @Test func doesNotIterateOverAWholeRangeToCountIt() {
    #expect(UIDSet(.first, through: UID(nonzero: .max)).count == 4_294_967_295)
  }

  @Test(arguments: [20, 50, 4000], [1, 7, 10_000])
  func splitsWithinBounds(length: Int, count: Int) {
    var random = SplitMix(state: 3)
    let numbers = (0..<500).map { _ in UInt32.random(in: 1...3000, using: &random) }
    let set = UIDSet(uids(numbers))
    let pieces = set.split(maximumLength: length, maximumCount: count)
    for piece in pieces {
      #expect(piece.description.utf8.count <= length)
      #expect(piece.count <= count && !piece.isEmpty)
    }
    #expect(pieces.flatMap { $0.map(\.rawValue) } == set.map(\.rawValue))
  }

  @Test func zeroIsNoUID() {
    #expect(UID(0) == nil)
    #expect(UIDValidity(0) == nil)
    #expect(UIDSet(merging: [0...3, 0...0]).description == "1:3")
  }
}

@Suite struct MailboxNameTests {
  @Test(arguments: [
    ("INBOX", #""INBOX""#), ("inbox", #""INBOX""#), ("Complaints/UK", #""Complaints/UK""#),
    ("R&D", #""R&-D""#), ("Entwürfe", #""Entw&APw-rfe""#), ("Réclamations", #""R&AOk-clamations""#),
    ("~peter/mail/台北/日本語", #""~peter/mail/&U,BTFw-/&ZeVnLIqe-""#), ("a\"b\\c", #""a\"b\\c""#),
    ("✉️ Klagen", #""&Jwn+Dw- Klagen""#), ("🙂", #""&2D3eQg-""#), ("ü&", #""&APw-&-""#),
  ])
  func encodes(_ name: String, _ wire: String) throws {
    #expect(try #require(MailboxName(name)).wire == wire)
  }

  @Test(arguments: ["", "a\r\nb", "a\0b", "a\u{85}", String(repeating: "x", count: 1001)])
  func refuses(_ name: String) { #expect(MailboxName(name) == nil) }
}

@Suite struct InternalDateTests {
  @Test(
    arguments: [
      ("17-Jul-1996 02:44:25 -0700", 837_596_665), (" 1-Jan-1970 00:00:00 +0000", 0),
      ("01-Jan-1970 00:00:00 +0100", -3600), ("29-Feb-2024 23:59:60 +0000", 1_709_251_200),
      ("03-Aug-2026 17:42:10 +0000", 1_785_778_930), ("31-dec-9999 23:59:59 +0000", 253_402_300_799),
    ] as [(String, Int64)])
  func reads(_ text: String, _ seconds: Int64) {
    #expect(InternalDate.unixSeconds(Array(text.utf8)) == seconds)
  }

  @Test(arguments: [
    "", "17-Jul-1996", "30-Feb-2024 00:00:00 +0000", "29-Feb-2023 00:00:00 +0000",
    "17-Foo-1996 02:44:25 -0700",
    "17-Jul-1996 24:00:00 +0000", "17-Jul-1996 02:44:25 GMT", "17-Jul-96 02:44:25 +0000",
    "17-Jul-1996 02:44:25 +9900", "00-Jul-1996 02:44:25 +0000", "17-Jul-0000 02:44:25 +0000",
  ])
  func refuses(_ text: String) { #expect(InternalDate.unixSeconds(Array(text.utf8)) == nil) }

  @Test func writesSearchDates() {
    #expect(InternalDate.text(year: 2026, month: 8, day: 3) == "3-Aug-2026")
    #expect(InternalDate.text(year: 26, month: 12, day: 31) == "31-Dec-0026")
    #expect(InternalDate.text(year: 2025, month: 2, day: 29) == nil)
  }
}

@Suite struct ServerSettingsTests {
  @Test(arguments: [
    ("imaps://mail.example.org", "imaps://mail.example.org:993/"),
    ("IMAPS://Mail.Example.org:1993/", "imaps://mail.example.org:1993/"),
    ("imap://mail.example.org", "imap://mail.example.org:143/"),
    ("imaps://[2001:db8::1]", "imaps://[2001:db8::1]:993/"),
    ("imap+loopback://127.0.0.1:1143", "imap://127.0.0.1:1143/"),
    ("imap+loopback://[::1]:9", "imap://[::1]:9/"),
    ("imap+loopback://localhost", "imap://localhost:143/"),
  ])
  func reads(_ url: String, _ curl: String) throws {
    #expect(try ServerSettings(url: url).address.curlURL == curl)
  }

  @Test(arguments: [
    "", "mail.example.org", "http://mail.example.org", "imaps://", "imaps://user@mail.example.org",
    "imaps://mail.example.org/INBOX", "imaps://mail.example.org:0", "imaps://mail.example.org:65536",
    "imaps://mail.example.org:", "imaps://[::1", "imaps://[::1]x", "imaps://a b", "imaps://-x",
    "imap+loopback://mail.example.org", "imap+loopback://127.0.0.2", "imap+loopback://localhost.example.org",
    "imap+loopback://0.0.0.0", "imaps://mail.example.org%0d%0a", "imaps://mail\r\n.example.org",
  ])
  func refuses(_ url: String) {
    let error = #expect(throws: IMAPError.self) { try ServerSettings(url: url) }
    #expect(error?.kind == .settings)
  }
}

@Suite struct ServerTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("a\u{1B}[31mred", "a\\u{1b}[31mred"), ("line\r\nforged", "line\\u{d}\\u{a}forged"),
    ("\u{202E}evil", "\\u{202e}evil"), ("schön", "schön"), ("\u{200B}x\u{9B}", "\\u{200b}x\\u{9b}"),
  ])
  func escapes(_ text: String, _ shown: String) { #expect(ServerText.sanitized(text.utf8) == shown) }

  @Test func cuts() {
    let shown = ServerText.sanitized([UInt8](repeating: 7, count: 1 << 20))
    #expect(shown.utf8.count <= 200 && shown.hasSuffix("…"))
  }

  @Test func hidesTheSecret() {
    #expect(
      ServerText.sanitized("no user x with hunter22!".utf8, hiding: "hunter22") == "no user x with •••!")
  }

  @Test(
    arguments: [
      ("Request is throttled. Suggested Backoff Time: 299961 milliseconds", 299.961),
      ("suggested backoff time:1500 milliseconds", 1.5), ("Suggested Backoff Time: soon", nil), ("", nil),
    ] as [(String, Double?)])
  func readsTheBackoffTime(_ text: String, _ seconds: Double?) {
    #expect(ServerText.suggestedBackoff(Array(text.utf8)) == seconds)
  }
}

@Suite struct BackoffTests {
  @Test func growsToItsCap() {
    var backoff = Backoff()
    let delays = (0..<12).map { _ in backoff.next(random: 1) }
    #expect(delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
    backoff.reset()
    #expect(backoff.next(random: 0.5) == 0.5)
    #expect(backoff.next(random: 0) == 0)
  }

  @Test func neverComesBackBeforeTheServerSaid() {
    var backoff = Backoff()
    backoff.atLeast(seconds: 299.961)
    #expect(backoff.next(random: 0) == 299.961)
    #expect(backoff.next(random: 0) == 0)
    backoff.atLeast(seconds: .infinity)
    #expect(backoff.next(random: 0) == 0)
    backoff.atLeast(seconds: 1e300)
    #expect(backoff.next(random: 0) == 3600)
  }

  @Test func staysFiniteForYears() {
    var backoff = Backoff()
    for _ in 0..<10_000 { #expect(backoff.next(random: 1) <= 300) }
    #expect(backoff.next(random: .nan) <= 300)
  }
}
