// What a message holds beside plain words: reports, invitations, other messages, signatures, links, odd alternatives.

import MIME
import Testing

@Suite struct ContentTests {
  @Test func deliveryReport() throws {
    let message = parse(
      """
      From: postmaster@relay.example
      Content-Type: multipart/report; report-type=delivery-status; boundary=b

      --b
      Content-Type: text/plain

      Your message could not be delivered.
      --b
      Content-Type: message/delivery-status

      Reporting-MTA: dns; relay.example

      Final-Recipient: rfc822; jane@practice.example
      Action: Failed
      Status: 5.1.1
      Diagnostic-Code: smtp; 550 no such
       person here

      Final-Recipient: rfc822;joe@practice.example
      Action: delayed
      --b
      Content-Type: text/rfc822-headers

      Message-ID: <ack-1@mutual.example>
      --b--
      """)
    let report = try #require(message.report)
    #expect(report.kind == .deliveryStatus)
    #expect(report.reporter == "relay.example")
    #expect(report.recipients.map(\.address) == ["jane@practice.example", "joe@practice.example"])
    #expect(report.recipients.map(\.action) == ["failed", "delayed"])
    #expect(report.recipients[0].status == "5.1.1")
    #expect(report.recipients[0].diagnostic == "550 no such person here")
    #expect(report.originalMessageID == "ack-1@mutual.example")
  }

  @Test func readReceipt() throws {
    let message = parse(
      """
      Content-Type: multipart/report; report-type=disposition-notification; boundary=b

      --b
      Content-Type: message/disposition-notification

      Reporting-UA: phone; mail 3
      Final-Recipient: rfc822;jane@practice.example
      Original-Message-ID: <x@mutual.example>
      Disposition: manual-action/MDN-sent-manually; displayed
      --b--
      """)
    let report = try #require(message.report)
    #expect(report.kind == .dispositionNotification)
    #expect(report.recipients.first?.action == "displayed")
    #expect(report.originalMessageID == "x@mutual.example")
  }

  @Test func invitation() throws {
    let message = parse(
      """
      Content-Type: text/calendar; method=REQUEST; charset=utf-8

      BEGIN:VCALENDAR
      METHOD:REQUEST
      BEGIN:VTIMEZONE
      DTSTART:19700101T000000
      END:VTIMEZONE
      BEGIN:VEVENT
      SUMMARY:Call about my complaint\\, please
      DTSTART;TZID="Africa/Johannesburg":20260310T100000
      ORGANIZER;CN=Jane:mailto:jane@practice.example
      DESCRIPTION:I have waited six weeks.\\nNobody answ
       ers.
      END:VEVENT
      END:VCALENDAR
      """)
    let invitation = try #require(message.invitation)
    #expect(invitation.method == "request")
    #expect(invitation.summary == "Call about my complaint, please")
    #expect(invitation.start == "20260310T100000 Africa/Johannesburg")
    #expect(invitation.organizer == "jane@practice.example")
    #expect(invitation.description == "I have waited six weeks.\nNobody answers.")
    // With no other words, those of the invitation are the message's.
    #expect(message.text.contains("Nobody answers."))
  }

  @Test func messageWithoutOwnWordsShowsThoseItCarries() {
    let message = parse(
      """
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: message/rfc822

      Subject: fees

      You have charged me twice.
      --b--
      """)
    #expect(message.text == "You have charged me twice.")
  }

  @Test(arguments: ["message/rfc822", "message/partial; id=a; number=1; total=2"])
  func nestingDoesNotMultiply(_ type: String) {
    // Rendering each level twice would take 2^90 steps.
    let nested = String(repeating: "Content-Type: \(type)\n\n", count: 90)
    #expect(parse(nested + "Content-Type: text/plain\n\n").text.isEmpty)
    #expect(parse(nested + "Content-Type: text/plain\n\nwords").text == "words")
  }

  @Test func protections() {
    let signed = parse(
      "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nhello\n--b--\n"
    )
    #expect(signed.protections.map(\.kind) == [.pgpSigned])
    #expect(signed.text == "hello")
    let inline = parse("Subject: x\n\nhello\n-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n")
    #expect(inline.protections.map(\.kind) == [.pgpInline])
    let encrypted = parse("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nAAAA")
    #expect(encrypted.protections.map(\.kind) == [.smimeEncrypted])
    #expect(encrypted.hasEncryptedContent)
    #expect(!signed.hasEncryptedContent)
  }

  @Test func linksStandWhereTheirWordsAre() throws {
    let message = parse(
      "Content-Type: text/html\n\n<p>See <a href='https://bank.example/x'>our bank</a> now</p><a href=\"/y\">z"
    )
    let text = Array(message.text.utf8)
    let words = message.links.map { String(decoding: text[$0.range], as: UTF8.self) }
    #expect(words == ["our bank", "z"])
    #expect(message.links.map(\.target) == ["https://bank.example/x", "/y"])
  }

  @Test func standInGivesWayToHTML() {
    func mail(_ plain: String, _ html: String) -> String {
      "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n\(plain)\n--b\n"
        + "Content-Type: text/html\n\n\(html)\n--b--\n"
    }
    let long = String(repeating: "<p>The case manager never called me back about my claim.</p>", count: 10)
    #expect(parse(mail("Your client cannot show this message.", long)).text.contains("never called me back"))
    #expect(parse(mail("My letter, in short.", "<p>My letter, in short.</p>")).text == "My letter, in short.")
  }

  @Test func relatedRootIsTheOneNamed() {
    let message = parse(
      """
      Content-Type: multipart/related; start="<root@x>"; boundary=b

      --b
      Content-Type: text/html
      Content-ID: <other@x>
      Content-Disposition: inline

      <p>frame
      --b
      Content-Type: text/html
      Content-ID: <root@x>

      <p>letter
      --b--
      """)
    #expect(message.text == "letter")
  }

  @Test(arguments: [
    Row("ordered list", "<ol><li>one<li>two</ol>", "1. one\n2. two"),
    Row("preview text hidden", "<div style=\"max-height:0;overflow:hidden\">hush</div><p>seen", "seen"),
    Row("comment closed at once", "<!-->a<!--b--!>c", "ac"),
    Row("reference without its semicolon", "Fish &amp chips &notit;", "Fish & chips ¬it;"),
    Row("two scalars", "&NotEqualTilde;", "\u{2242}\u{338}"),
    Row(
      "indent is no quote", "<blockquote style=\"margin:0 0 0 40px;border:none\">mine</blockquote>", "mine"),
    Row("picture only", "<img alt=\"I want to complain\" src=x>", "[I want to complain]"),
    Row("tag in an attribute", "<p title=\"a > b\">c", "c"),
    Row("unclosed quote", "<p title=\"a>b", "b"),
  ])
  func html(_ row: Row<String>) {
    #expect(parse("Content-Type: text/html; charset=utf-8\n\n" + row.input).text == row.expected)
  }

  @Test func enrichedText() {
    let message = parse(
      "Content-Type: text/enriched\n\n<bold>Why</bold> <<no\nreply?\n\n<param>x</param>Jane")
    #expect(message.text == "Why <no reply?\nJane")
  }

  @Test func strayBytesAreTold() {
    let message = parse("Content-Transfer-Encoding: base64\n\naGVs*bG8=\n")
    #expect(message.text == "hello")
    #expect(message.bodyDefects.map(\.code) == [.badEncoding])
    #expect(message.defects.isEmpty == false || message.bodyDefects.count == 1)
  }
}
