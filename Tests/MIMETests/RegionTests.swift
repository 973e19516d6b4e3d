// Own, quoted and forwarded words; forwarded originals; automatic mail.

import MIME
import Testing

@Suite struct RegionTests {
  private func kinds(_ text: String, forward: Bool = false) -> [String] {
    let found = regions(of: text, isForward: forward)
    // Regions cover the text in order.
    var offset = 0
    for region in found {
      #expect(region.range.lowerBound == offset)
      offset = region.range.upperBound
    }
    #expect(offset == text.utf8.count)
    return found.map(\.kind.rawValue)
  }

  @Test(arguments: [
    Row("own only", "I complain.\n", ["own"]),
    Row(
      "Gmail reply", "Thanks\n\nOn Mon, Aug 3, 2026 at 5:42 PM Jane <j@x.y> wrote:\n> a\n> b\n",
      ["own", "quoted"]),
    Row(
      "wrapped attribution", "Ok\n\nOn Mon, Aug 3, 2026 at 5:42 PM\nJane Doe <j@x.y> wrote:\n\n> a\n",
      ["own", "quoted"]),
    Row("inline answers", "> a\nmine\n> b\nmine too\n", ["quoted", "own", "quoted", "own"]),
    Row("Outlook reply", "Hi\n\nFrom: A\nSent: Monday\nTo: B\nSubject: c\n\nold\n", ["own", "quoted"]),
    Row("Original Message", "Hi\n\n-----Original Message-----\nFrom: A\n\nold\n", ["own", "quoted"]),
    Row("German block", "Hallo\n\nVon: A\nGesendet: Montag\nAn: B\nBetreff: c\n\nalt\n", ["own", "quoted"]),
    Row("French block", "Bonjour\n\nDe : A\nEnvoyé : lundi\nÀ : B\nObjet : c\n\nvieux\n", ["own", "quoted"]),
    Row("Spanish block", "Hola\n\nDe: A\nEnviado: lunes\nPara: B\nAsunto: c\n\nviejo\n", ["own", "quoted"]),
    Row(
      "Afrikaans block", "Hallo\n\nVan: A\nGestuur: Maandag\nAan: B\nOnderwerp: c\n\noud\n",
      ["own", "quoted"]),
    Row("German attribution", "Ja\n\nAm 03.08.2026 um 17:42 schrieb Jane Doe:\n> a\n", ["own", "quoted"]),
    Row(
      "Gmail forward", "fyi\n\n---------- Forwarded message ---------\nFrom: A <a@b>\n\nx\n",
      ["own", "forwarded"]),
    Row(
      "Apple forward", "fyi\n\nBegin forwarded message:\n\n> From: A <a@b>\n> Subject: s\n> \n> x\n",
      ["own", "forwarded"]),
    Row(
      "Thunderbird forward", "-------- Forwarded Message --------\nSubject: s\nFrom: A\n\nx\n", ["forwarded"]),
    Row("signature", "Hi\n\n-- \nJane\nExample Ltd\n", ["own", "signature"]),
    Row("phone", "Hi\n\nSent from my iPhone\n", ["own", "signature"]),
    Row(
      "disclaimer", "Hi\n\nThis email and any attachments are confidential.\nDelete it.\n",
      ["own", "disclaimer"]),
    Row("a From sentence is own", "From: my point of view this is bad.\nI complain.\n", ["own"]),
    Row("empty", "", []),
  ])
  func split(_ row: Row<[String]>) {
    #expect(kinds(row.input) == row.expected)
  }

  @Test func blockAfterForwardSubject() {
    let text = "Please handle\n\nFrom: A\nSent: Monday\nTo: B\nSubject: c\n\nold\n"
    #expect(kinds(text, forward: true) == ["own", "forwarded"])
  }

  @Test func hostileTextIsLinear() {
    for piece in ["> ", ">", "On 1\n", "From: a\n", "-- \n", "\n", "--", "De: 1\n\n"] {
      _ = regions(of: String(repeating: piece, count: 20_000))
    }
  }
}

@Suite struct ForwardTests {
  private let block =
    "From: Jane Doe <jane@x.y>\nSent: Monday, 3 August 2026 17:42\nTo: Support\nSubject: My bill\n\nI complain.\n"

  private func inline(_ subject: String, _ text: String) -> ForwardedOriginal? {
    parse("From: staff@b.c\nSubject: \(subject)\n\n\(text)").forwardedOriginal
  }

  @Test(arguments: [
    Row("Outlook", "pls\n\n________________________________\n@", "outlook"),
    Row("Outlook bare", "pls\n\n@", "outlook"),
    Row("Outlook original", "-----Original Message-----\n@", "outlook"),
    Row("Gmail", "---------- Forwarded message ---------\n@", "gmail"),
    Row("Apple", "Begin forwarded message:\n\n@", "apple"),
    Row("Thunderbird", "-------- Forwarded Message --------\n@", "thunderbird"),
    Row("Thunderbird original", "-------- Original Message --------\n@", "thunderbird"),
  ])
  func clients(_ row: Row<String>) throws {
    for subject in ["Fwd: My bill", "FW: My bill", "WG: My bill", "[EXT] TR: My bill"] {
      let text = row.input.dropLast() + block
      let found = try #require(inline(subject, String(text)))
      #expect(found.source == row.expected)
      #expect(found.from?.mailbox == "jane@x.y")
      #expect(found.from?.displayName == "Jane Doe")
      #expect(found.date?.unixSeconds == 1_785_778_920)
      #expect(found.date?.offsetKnown == false)
      #expect(found.subject == "My bill")
      #expect(found.text == "I complain.")
      #expect(found.confidence == 0.8)
    }
  }

  @Test func quotedApple() throws {
    let text =
      "Begin forwarded message:\n\n"
      + block.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "> " + $0 }.joined(separator: "\n")
    let found = try #require(inline("Fwd: x", text))
    #expect(found.from?.mailbox == "jane@x.y")
    #expect(found.text == "I complain.\n>" || found.text == "I complain.")
  }

  @Test func nameOnlyIsLessCertain() throws {
    let found = try #require(inline("FW: x", "From: Jane Doe\nSent: Monday\nTo: A\nSubject: s\n\nwords"))
    #expect(found.confidence == 0.5)
    #expect(found.from?.displayName == "Jane Doe")
  }

  @Test func repliesAreNone() {
    #expect(inline("RE: My bill", "Thanks\n\n" + block) == nil)
    #expect(inline("RE: My bill", "Thanks\n\n-----Original Message-----\n" + block) == nil)
    #expect(inline("RE: x", "Ok\n\nOn 3 Aug 2026, Jane <j@x.y> wrote:\n> a") == nil)
    #expect(inline("My bill", "I complain.") == nil)
  }

  @Test func attachedMessage() throws {
    let found = try #require(
      parse(
        """
        From: staff@b.c
        Subject: FW: complaint
        Content-Type: multipart/mixed; boundary=b

        --b

        see attached
        --b
        Content-Type: message/rfc822

        From: Jane <jane@x.y>
        Subject: My bill
        Date: Mon, 3 Aug 2026 17:42:00 +0000

        I complain.
        --b--
        """
      ).forwardedOriginal)
    #expect(found.source == "message/rfc822" && found.confidence == 0.95)
    #expect(found.from?.mailbox == "jane@x.y" && found.text == "I complain.")
  }
}

@Suite struct AutomaticTests {
  @Test(arguments: [
    Row("person", "Subject: My bill", "nil"),
    Row("auto-replied", "Auto-Submitted: auto-replied", "autoReply Auto-Submitted"),
    Row("auto-generated", "Auto-Submitted: auto-generated; x", "generated Auto-Submitted"),
    Row("Auto-Submitted no", "Auto-Submitted: no", "nil"),
    Row("Auto-Submitted no with comment", "Auto-Submitted: no (really)", "nil"),
    Row("first class", "Precedence: first-class", "nil"),
    Row("bulk", "Precedence: bulk", "bulk Precedence"),
    Row("auto_reply", "Precedence: auto_reply", "autoReply Precedence"),
    Row("list id", "List-Id: <x.y>", "list List-Id"),
    Row("unsubscribe", "List-Unsubscribe: <mailto:x@y>", "list List-Unsubscribe"),
    Row("null path", "Return-Path: <>", "bounce Return-Path"),
    Row("path", "Return-Path: <a@b.c>", "nil"),
    Row("suppress alone", "X-Auto-Response-Suppress: All", "nil"),
    Row(
      "suppress and subject", "X-Auto-Response-Suppress: All\nSubject: Automatic reply: x",
      "autoReply Subject"),
    Row("autoreply header", "X-Autoreply: yes", "autoReply X-Autoreply"),
    Row(
      "delivery status", "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
      "bounce Content-Type"),
    Row(
      "read receipt", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
      "readReceipt Content-Type"),
  ])
  func signs(_ row: Row<String>) {
    let found = parse("From: jane@x.y\n\(row.input)\n\nwords").automatic
    #expect((found.map { $0.kind.rawValue + " " + $0.header } ?? "nil") == row.expected)
  }

  @Test func daemon() {
    #expect(parse("From: MAILER-DAEMON@x.y\n\nx").automatic?.kind == .bounce)
    #expect(parse("From: Postmaster <postmaster@x.y>\n\nx").automatic?.kind == .bounce)
  }

  @Test func subjectAboveALongTextIsAPersons() {
    let text = String(repeating: "I received your automatic reply and am not content. ", count: 40)
    #expect(parse("From: a@b.c\nSubject: Automatic reply: x\n\n" + text).automatic == nil)
  }
}
