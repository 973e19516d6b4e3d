// The shapes of input that a hostile or broken sender can make large.

import Foundation

extension Growth {
  private static let plain = "Content-Type: text/plain; charset=utf-8\n\n"
  private static let html = "Content-Type: text/html; charset=utf-8\n\n"

  private static func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  private static func joined(_ count: Int, _ line: (Int) -> String) -> String {
    var out = ""
    for number in 0..<count { out += line(number) }
    return out
  }

  /// Messages and fragments within each other, which the parser opens one inside the other.
  private static let enclosed: [GrowthCase] = [
    GrowthCase("nested messages") {
      times("Content-Type: message/rfc822\n\n", $0) + plain + "x\n"
    },
    GrowthCase("nested messages, no text") { times("Content-Type: message/rfc822\n\n", $0) },
    GrowthCase("nested messages in multiparts") { count in
      joined(count) {
        "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\nContent-Type: message/rfc822\n\n"
      } + plain + "x\n"
    },
    GrowthCase("nested message/partial") {
      times("Content-Type: message/partial; id=a; number=1; total=2\n\n", $0) + plain + "x\n"
    },
    GrowthCase("nested message/partial, no text") {
      times("Content-Type: message/partial; id=a; number=1; total=2\n\n", $0)
    },
    GrowthCase("text in the deepest of 90 messages") {
      times("Content-Type: message/rfc822\n\n", 90) + plain + times("words\n", $0)
    },
  ].map {
    var item = $0
    item.standardOnly = true
    return item
  }

  static let cases: [GrowthCase] = structure + enclosed + fields + bodies + wrappers + rendered + quoted

  private static let structure: [GrowthCase] = [
    GrowthCase("parts") {
      "Content-Type: multipart/mixed; boundary=b\n\n" + times("--b\nContent-Type: text/plain\n\nx\n", $0)
        + "--b--\n"
    },
    GrowthCase("parts in alternative") {
      "Content-Type: multipart/alternative; boundary=b\n\n" + times("--b\nContent-Type: text/html\n\n \n", $0)
        + "--b--\n"
    },
    GrowthCase("parts in related") {
      "Content-Type: multipart/related; boundary=b\n\n"
        + times("--b\nContent-Type: image/png\nContent-ID: <a@b>\n\nx\n", $0) + "--b--\n"
    },
    GrowthCase("attachments") {
      "Content-Type: multipart/mixed; boundary=b\n\n"
        + times(
          "--b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nQUJD\n", $0)
    },
    GrowthCase("nested multiparts") { count in
      joined(count) { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" } + plain + "x\n"
    },
    GrowthCase("nested multiparts, same boundary") {
      times("Content-Type: multipart/mixed; boundary=b\n\n--b\n", $0) + plain + "x\n"
    },
    GrowthCase("nested multiparts, closed") { count in
      joined(count) { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" } + plain + "x\n"
        + joined(count) { "--b\(count - 1 - $0)--\n" }
    },
    GrowthCase("nested prefix boundaries") { count in
      joined(min(count, 300)) {
        "Content-Type: multipart/mixed; boundary=\(times("b", $0 + 1))\n\n--\(times("b", $0 + 1))\n"
      } + plain + times("--c\n", count * 10)
    },
    GrowthCase("nested messages, base64") { count in
      // Encoding adds a third at each level, so the levels stay few and the innermost text grows.
      var inner = Data((plain + times("deep\n", count)).utf8)
      for _ in 0..<8 {
        inner =
          Data("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n".utf8)
          + inner.base64EncodedData(options: [.lineLength76Characters, .endLineWithLineFeed])
      }
      return String(decoding: inner, as: UTF8.self)
    },
    GrowthCase("messages side by side") {
      "Content-Type: multipart/digest; boundary=b\n\n" + times("--b\n\nSubject: x\n\nx\n", $0)
    },
    GrowthCase("near-boundary lines") {
      "Content-Type: multipart/mixed; boundary=boundary\n\n--boundary\n\n" + times("--boundarx\n", $0)
    },
    GrowthCase("lines of two dashes") {
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + times("--\n", $0)
    },
    GrowthCase("delimiters with long padding") {
      "Content-Type: multipart/mixed; boundary=b\n\n" + times("--b\(times(" ", 2000))x\n", $0)
    },
    GrowthCase("message/partial") {
      "Content-Type: message/partial; id=a; number=1; total=2\n\n" + plain + times("x\n", $0)
    },
    GrowthCase("delivery-status fields") {
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\n"
        + "Content-Type: message/delivery-status\n\n" + times("Final-Recipient: rfc822; a@b.example\n\n", $0)
        + "--b--\n"
    },
  ]

  private static let fields: [GrowthCase] = [
    GrowthCase("header length") { "Subject: " + times("words ", $0) + "\n\nx\n" },
    GrowthCase("header folds") { "Subject: x" + times("\n words", $0) + "\n\nx\n" },
    GrowthCase("header fields") { times("X-Field: value\n", $0) + "\nx\n" },
    GrowthCase("header fields, same address field") { times("To: a@b.example\n", $0) + "\nx\n" },
    GrowthCase("received fields") {
      times("Received: from a by b; Mon, 3 Aug 2026 17:42:10 +0100\n", $0) + "\nx\n"
    },
    GrowthCase("header without colon") { "Subject: x\n" + times("no colon\n", $0) + "\nx\n" },
    GrowthCase("recipients") { "To: " + times("Some Name <someone@member.example>,\n ", $0) + "\n\nx\n" },
    GrowthCase("groups") { "To: " + times("group: a@b.example;, ", $0) + "\n\nx\n" },
    GrowthCase("group names only") { "To: " + times("group: ", $0) + "\n\nx\n" },
    GrowthCase("commas") { "To: " + times(",", $0) + "\n\nx\n" },
    GrowthCase("open angles") { "From: " + times("<", $0) + "\n\nx\n" },
    GrowthCase("angles closed") { "From: " + times("<a@b.example>", $0) + "\n\nx\n" },
    GrowthCase("open quotes") { "From: " + times("\" ", $0 * 2 + 1) + "\n\nx\n" },
    GrowthCase("quoted local parts") { "To: " + times("\"a b\"@c.example ", $0) + "\n\nx\n" },
    GrowthCase("quoted local part, long") { "To: \"" + times("a", $0) + "\"@c.example\n\nx\n" },
    GrowthCase("backslashes") { "From: \"" + times("\\", $0) + "\n\nx\n" },
    GrowthCase("address comments open") { "From: a@b.example " + times("(", $0) + "\n\nx\n" },
    GrowthCase("address comments nested") {
      "From: " + times("(", $0) + times(")", $0) + " a@b.example\n\nx\n"
    },
    GrowthCase("address comments") { "From: " + times("(a) ", $0) + "a@b.example\n\nx\n" },
    GrowthCase("date comments") {
      "Date: Mon, 3 Aug 2026 17:42:10 " + times("(", $0) + times(")", $0) + " +0100\n\nx\n"
    },
    GrowthCase("date words") { "Date: " + times("Monday 3 August ", $0) + "\n\nx\n" },
    GrowthCase("encoded words") { "Subject: " + times("=?utf-8?Q?w=C3=A4rm?= ", $0) + "\n\nx\n" },
    GrowthCase("encoded words, charsets change") {
      "Subject: " + times("=?iso-8859-1?Q?w=E4rm?= =?koi8-r?B?wNA=?= ", $0) + "\n\nx\n"
    },
    GrowthCase("encoded words, split letters") {
      "Subject: " + times("=?utf-8?B?ww==?= =?utf-8?B?pA==?= ", $0) + "\n\nx\n"
    },
    GrowthCase("encoded words never ended") { "Subject: " + times("=?utf-8?Q?", $0) + "\n\nx\n" },
    GrowthCase("encoded words in names") {
      "To: " + times("=?utf-8?Q?w=C3=A4rm?= <a@b.example>, ", $0) + "\n\nx\n"
    },
    GrowthCase("unknown charset names") { count in
      "Subject: " + joined(count) { "=?x-\($0)?Q?w=E4rm?= " } + "\n\nx\n"
    },
    GrowthCase("references") { "References: " + times("<a@b.example>\n ", $0) + "\n\nx\n" },
    GrowthCase("message identifier with comments") { "Message-ID: " + times("(", $0) + "<a@b>\n\nx\n" },
    GrowthCase("message identifier, open angles") { "In-Reply-To: " + times("<", $0) + "\n\nx\n" },
    GrowthCase("semicolons in received") { "Received: " + times("; ", $0) + "\n\nx\n" },
    GrowthCase("addresses without commas") { "To: " + times("a@b.example ", $0) + "\n\nx\n" },
    GrowthCase("address words") { "To: " + times("word ", $0) + "\n\nx\n" },
    GrowthCase("address dots") { "To: a" + times(" . ", $0) + "@b.example\n\nx\n" },
    GrowthCase("address at-signs") { "To: " + times("@", $0) + "\n\nx\n" },
    GrowthCase("address routes") { "To: <" + times("@a.example,", $0) + ":x@b.example>\n\nx\n" },
    GrowthCase("quotes in an angle") { "To: <" + times("\"a\"", $0) + "@b.example>\n\nx\n" },
    GrowthCase("date digits") { "Date: " + times("1", $0) + "\n\nx\n" },
    GrowthCase("date colons") { "Date: Mon, 3 Aug 2026 " + times("1:", $0) + "\n\nx\n" },
    GrowthCase("references never closed") { "References: " + times("<a@b.example ", $0) + "\n\nx\n" },
    GrowthCase("parameters") { count in
      "Content-Type: text/plain" + joined(count) { "; p\($0)=v" } + "\n\nx\n"
    },
    GrowthCase("parameters, same name") {
      "Content-Type: text/plain" + times("; charset=utf-8", $0) + "\n\nx\n"
    },
    GrowthCase("RFC 2231 sections") { count in
      "Content-Disposition: attachment" + joined(count) { ";\n name*\($0)*=w%C3%A4rm" } + "\n\nx\n"
    },
    GrowthCase("RFC 2231 sections backwards") { count in
      "Content-Disposition: attachment" + joined(count) { ";\n filename*\(count - $0)*=w%C3%A4rm" }
        + "\n\nx\n"
    },
    GrowthCase("semicolons in content type") { "Content-Type: text/plain" + times(";", $0) + "\n\nx\n" },
    GrowthCase("words in content type") { "Content-Type: " + times("a ", $0) + "\n\nx\n" },
    GrowthCase("spaces before a slash in content type") {
      "Content-Type: a/b" + times(" ", $0) + "/c\n\nx\n"
    },
    GrowthCase("slashes in content type") { "Content-Type: " + times("a/ ", $0) + "\n\nx\n" },
    GrowthCase("words in disposition") { "Content-Disposition: " + times("a ", $0) + "\n\nx\n" },
    GrowthCase("parameters without a value") { "Content-Type: text/plain" + times("; a", $0) + "\n\nx\n" },
    GrowthCase("parameters, open quote") { "Content-Type: text/plain" + times("; a=\"", $0) + "\n\nx\n" },
    GrowthCase("parameters, spaces") { "Content-Type: text/plain; a=" + times(" b", $0) + "\n\nx\n" },
    GrowthCase("comments in transfer encoding") {
      "Content-Transfer-Encoding: " + times("(a)", $0) + "base64\n\nx\n"
    },
    GrowthCase("comments in content type") { "Content-Type: text/plain " + times("(", $0) + "\n\nx\n" },
  ]

  private static let bodies: [GrowthCase] = [
    GrowthCase("NULs") { plain + times("\0", $0) },
    GrowthCase("NULs in header") { "Subject: " + times("\0", $0) + "\n\nx" },
    GrowthCase("lone CRs") { "Subject: x\r\r" + times("x\r", $0) },
    GrowthCase("lone CRs among LF") { plain + times("x\r", $0) + "\n" },
    GrowthCase("empty lines") { plain + times("\n", $0) },
    GrowthCase("one long line") { plain + times("words ", $0) },
    GrowthCase(
      "bytes that are no charset",
      bytes: { count in
        Array("Content-Type: text/plain; charset=utf-8\n\n".utf8)
          + (0..<count).map { UInt8(truncatingIfNeeded: 128 &+ ($0 &* 37) % 128) }
      }),
    GrowthCase(
      "bad ISO-2022-JP",
      bytes: { count in
        Array("Content-Type: text/plain; charset=iso-2022-jp\n\n".utf8)
          + [UInt8](repeating: 0x1B, count: count)
      }),
    GrowthCase(
      "bad GB18030",
      bytes: { count in
        Array("Content-Type: text/plain; charset=gb18030\n\n".utf8) + [UInt8](repeating: 0xFF, count: count)
      }),
    GrowthCase(
      "bad windows-1252 in unknown charset",
      bytes: { count in
        Array("Content-Type: text/plain; charset=x-none\n\n".utf8) + [UInt8](repeating: 0x81, count: count)
      }),
    GrowthCase(
      "UTF-16 halves",
      bytes: { count in
        Array("Content-Type: text/plain; charset=utf-16le\n\n".utf8) + [UInt8](repeating: 0xD8, count: count)
      }),
    GrowthCase("UTF-7", { "Content-Type: text/plain; charset=utf-7\n\n" + times("+AOQ-", $0) }),
    GrowthCase("flowed lines") { "Content-Type: text/plain; format=flowed\n\n" + times("words \n", $0) },
    GrowthCase("flowed lines, depths change") {
      "Content-Type: text/plain; format=flowed; delsp=yes\n\n" + times("> a \n>> b \n", $0)
    },
    GrowthCase("quoted-printable escapes") {
      "Content-Transfer-Encoding: quoted-printable\n" + plain + times("=C3=A4", $0)
    },
    GrowthCase("quoted-printable junk") {
      "Content-Transfer-Encoding: quoted-printable\n" + plain + times("=", $0)
    },
    GrowthCase("quoted-printable trailing space") {
      "Content-Transfer-Encoding: quoted-printable\n" + plain + times(" ", $0) + "\n"
    },
    GrowthCase("base64 junk") {
      "Content-Transfer-Encoding: base64\n" + plain + times("!\"$%", $0)
    },
    GrowthCase("base64 padding") { "Content-Transfer-Encoding: base64\n" + plain + times("QQ==", $0) },
    GrowthCase("uuencode begin lines") { plain + times("begin 644 a.txt\n", $0) },
    GrowthCase("uuencode files") { plain + times("begin 644 a.txt\n#86)C\n`\nend\n", $0) },
    GrowthCase("uuencode encoding") {
      "Content-Transfer-Encoding: x-uuencode\n" + plain + times("begin 644 a.txt\n#86)C\n", $0)
    },
    GrowthCase("uuencode files never ended") { plain + times("begin 644 a.txt\n#86)C\n\n", $0) },
    GrowthCase("uuencode rows never ended") { plain + "begin 644 a.txt\n" + times("#86)C\n", $0) },
    GrowthCase("yEnc files never ended") {
      plain + times("=ybegin line=128 size=3 name=a.bin\nabc\n", $0)
    },
    GrowthCase("yEnc parts") {
      plain
        + times("=ybegin part=1 line=128 size=3 name=a.bin\n=ypart begin=1 end=3\nabc\n=yend size=3\n", $0)
    },
    GrowthCase("enriched less-than signs") { "Content-Type: text/enriched\n\n" + times("<", $0) },
    GrowthCase("enriched tags") { "Content-Type: text/enriched\n\n" + times("<bold>x", $0) },
    GrowthCase("enriched parameters") { "Content-Type: text/enriched\n\n" + times("<param>x", $0) },
    GrowthCase("external bodies") {
      "Content-Type: multipart/mixed; boundary=b\n\n"
        + times(
          "--b\nContent-Type: message/external-body; access-type=URL\n\nContent-Type: text/plain\n\n", $0)
    },
    GrowthCase("delivery-status, one long field") {
      "Content-Type: message/delivery-status\n\nDiagnostic-Code: smtp" + times("; x", $0) + "\n"
    },
    GrowthCase("delivery-status folds") {
      "Content-Type: message/delivery-status\n\nDiagnostic-Code: smtp;" + times("\n x", $0) + "\n"
    },
    GrowthCase("yEnc begin lines") { plain + times("=ybegin line=128 size=3 name=a.bin\n", $0) },
    GrowthCase("PGP begin lines") { plain + times("-----BEGIN PGP MESSAGE-----\n", $0) },
    GrowthCase("calendar folds") {
      "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + times("X:a\n b\n", $0)
    },
    GrowthCase("calendar begin lines") { "Content-Type: text/calendar\n\n" + times("BEGIN:VEVENT\n", $0) },
  ]

  private static func base64(_ type: String, _ bytes: [UInt8]) -> [UInt8] {
    Array("Content-Type: \(type)\nContent-Transfer-Encoding: base64\n\n".utf8)
      + [UInt8](Data(bytes).base64EncodedData(options: [.lineLength76Characters, .endLineWithLineFeed]))
  }

  /// An attribute of a winmail.dat: level, identifier, length, data, checksum (MS-OXTNEF §2.1.1).
  private static func attribute(_ level: UInt8, _ name: UInt32, _ data: [UInt8]) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
    let sum = data.reduce(UInt32(0)) { $0 &+ UInt32($1) }
    return [level] + little(name, 4) + little(UInt32(data.count), 4) + data + little(sum, 2)
  }

  private static func tnef(_ attributes: [UInt8]) -> [UInt8] {
    base64(
      "application/ms-tnef",
      [0x78, 0x9F, 0x3E, 0x22, 1, 0] + attribute(1, 0x0008_9006, [0, 0, 1, 0]) + attributes)
  }

  /// A message whose RTF body is stored as it is (MS-OXRTFCP §2.1.3.1.4: "MELA").
  private static func rtf(_ text: String) -> [UInt8] {
    let body = Array(text.utf8)
    func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let packed = little(body.count + 12) + little(body.count) + [0x4D, 0x45, 0x4C, 0x41, 0, 0, 0, 0] + body
    let padding = [UInt8](repeating: 0, count: (4 - packed.count % 4) % 4)
    let property = [0x02, 0x01, 0x09, 0x10] + little(1) + little(packed.count) + packed + padding
    return tnef(attribute(1, 0x0006_9003, little(1) + property))
  }

  /// Opaque-signed content in BER with lengths left open (RFC 5652 §5), `inner` where its octets stand.
  private static func signed(_ inner: [UInt8]) -> [UInt8] {
    let identifier: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
    let start = [0x30, 0x80] + identifier + [2, 0xA0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0, 0x30, 0x80]
    return base64(
      "application/pkcs7-mime; smime-type=signed-data", start + identifier + [1, 0xA0, 0x80] + inner)
  }

  private static let wrappers: [GrowthCase] = [
    GrowthCase(
      "winmail.dat attributes",
      bytes: { count in
        tnef((0..<count).flatMap { _ in attribute(1, 0x0001_8004, [0x78, 0]) })
      }),
    GrowthCase(
      "winmail.dat attachments",
      bytes: { count in
        let rendering = attribute(2, 0x0006_9002, [1, 0] + [UInt8](repeating: 0xFF, count: 12))
        let file = attribute(2, 0x0001_8010, Array("a.txt\0".utf8)) + attribute(2, 0x0006_800F, [0x78])
        return tnef((0..<count).flatMap { _ in rendering + file })
      }),
    GrowthCase(
      "winmail.dat in winmail.dat",
      bytes: { count in
        // The levels stay few, because each is a whole file inside the other; the innermost data grows.
        var inner = [UInt8](repeating: 0x78, count: count)
        for _ in 0..<6 {
          let rendering = attribute(2, 0x0006_9002, [1, 0] + [UInt8](repeating: 0xFF, count: 12))
          let name = attribute(2, 0x0001_8010, Array("winmail.dat\0".utf8))
          let content = rendering + name + attribute(2, 0x0006_800F, inner)
          inner = [0x78, 0x9F, 0x3E, 0x22, 1, 0] + attribute(1, 0x0008_9006, [0, 0, 1, 0]) + content
        }
        return base64("application/ms-tnef", inner)
      }),
    GrowthCase("RTF open braces", bytes: { rtf("{\\rtf1 " + times("{", $0)) }),
    GrowthCase("RTF groups", bytes: { rtf("{\\rtf1 " + times("{\\b x}", $0) + "}") }),
    GrowthCase("RTF close braces", bytes: { rtf("{\\rtf1 " + times("}", $0)) }),
    GrowthCase("RTF escapes", bytes: { rtf("{\\rtf1 " + times("\\'e4\\u8364?", $0) + "}") }),
    GrowthCase(
      "RTF fonts",
      bytes: { count in
        rtf("{\\rtf1{\\fonttbl" + joined(count) { "{\\f\($0) A;}" } + "}x}")
      }),
    GrowthCase("RTF ignored groups", bytes: { rtf("{\\rtf1 " + times("{\\*\\x ", $0)) }),
    GrowthCase(
      "RTF HTML tags", bytes: { rtf("{\\rtf1\\fromhtml1 " + times("{\\*\\htmltag64 <p>}x\\par ", $0) + "}") }),
    GrowthCase(
      "signed content in pieces",
      bytes: { count in
        signed([0x24, 0x80] + (0..<count).flatMap { _ in [4, 1, 0x78] as [UInt8] } + [0, 0])
      }),
    GrowthCase(
      "signed content, nested",
      bytes: { count in
        signed((0..<count).flatMap { _ in [0x24, 0x80] as [UInt8] } + [4, 1, 0x78])
      }),
    GrowthCase(
      "signed content, nested and closed",
      bytes: { count in
        signed(
          (0..<count).flatMap { _ in [0x24, 0x80] as [UInt8] } + [4, 1, 0x78]
            + [UInt8](repeating: 0, count: 2 * count))
      }),
  ]

  private static let rendered: [GrowthCase] = [
    GrowthCase("HTML entities") { html + times("&auml;&#8364;&amp;", $0) },
    GrowthCase("HTML unended entities") { html + times("&", $0) },
    GrowthCase("HTML long entity names") { html + times("&amplitude", $0) },
    GrowthCase("HTML numeric entity, long") { html + "&#" + times("9", $0) },
    GrowthCase("HTML nesting") { html + times("<div>", $0) + "x" + times("</div>", $0) },
    GrowthCase("HTML nesting, no ends") { html + times("<b><i>", $0) + "x" },
    GrowthCase("HTML ends without starts") { html + times("</div></p>", $0) + "x" },
    GrowthCase("HTML ends that match nothing") { html + times("<div>", $0) + times("</span>", $0) },
    GrowthCase("HTML paragraphs") { html + times("<p>words here</p>", $0) },
    GrowthCase("HTML blockquotes") { html + times("<blockquote>x", $0) },
    GrowthCase("HTML lists") { html + times("<ul><li>x", $0) },
    GrowthCase("HTML tables") { html + times("<table><tr><td>x", $0) },
    GrowthCase("HTML table cells") { html + "<table>" + times("<tr><td>x<td>y", $0) },
    GrowthCase("HTML less-than signs") { html + times("<", $0) },
    GrowthCase("HTML unclosed tags") { html + times("<a ", $0) },
    GrowthCase("HTML unclosed quotes") { html + times("<a href=\"", $0) },
    GrowthCase("HTML attributes") { html + "<a" + times(" b=c", $0) + ">x</a>" },
    GrowthCase("HTML styles") { html + "<p style=\"" + times("color:red;", $0) + "\">x" },
    GrowthCase("HTML many styles") { html + times("<p style=\"display:none\">x</p>", $0) },
    GrowthCase("HTML unclosed comments") { html + times("<!--", $0) },
    GrowthCase("HTML comments") { html + times("<!-- a -->", $0) },
    GrowthCase("HTML conditional comments") { html + times("<!--[if mso]>x<![endif]-->", $0) },
    GrowthCase("HTML scripts never closed") { html + times("<script>", $0) },
    GrowthCase("HTML scripts half closed") { html + "<script>" + times("</script", $0) },
    GrowthCase("HTML style blocks never closed") { html + times("<style>", $0) },
    GrowthCase("HTML titles never closed") { html + times("<title>", $0) },
    GrowthCase("HTML textareas never closed") { html + times("<textarea>", $0) },
    GrowthCase("HTML CDATA") { html + times("<![CDATA[", $0) },
    GrowthCase("HTML processing instructions") { html + times("<?", $0) },
    GrowthCase("HTML links") { html + times("<a href=\"https://a.example/b\">https://a.example/b</a> ", $0) },
    GrowthCase("HTML spaces") { html + times(" ", $0) + "x" },
    GrowthCase("HTML breaks") { html + times("<br>", $0) },
    GrowthCase("HTML pre lines") { html + "<pre>" + times("x\n", $0) },
    GrowthCase("HTML meta tags") {
      "Content-Type: text/html\n\n" + times("<meta charset=\"x\">", $0) + "w\u{E4}"
    },
    GrowthCase("HTML signature marks") { html + times("<div class=\"gmail_signature\">x", $0) },
    GrowthCase("HTML quote marks") { html + times("<div class=\"gmail_quote\">x", $0) },
  ]

  private static let quoted: [GrowthCase] = [
    GrowthCase("quoted lines") { plain + times("> words\n", $0) },
    GrowthCase("quote depth") { plain + times(">", $0) + " words\n" },
    GrowthCase("quote depth, every line deeper") { count in
      plain + joined(Int(Double(count).squareRoot()) + 1) { times(">", $0) + " words\n" }
    },
    GrowthCase("attribution lines") { plain + times("On Monday, Jo wrote:\n", $0) },
    GrowthCase("attribution lines never ended") { plain + times("On Monday, Jo\n", $0) },
    GrowthCase("attribution, one long line") { plain + times("On Monday, Jo wrote ", $0) + "\n" },
    GrowthCase("attributions and quotes") { plain + times("On Monday, Jo wrote:\n> words\n\nown\n", $0) },
    GrowthCase("header blocks") {
      plain + times("From: Jo\nSent: Monday\nTo: Sam\nSubject: x\n\nwords\n", $0)
    },
    GrowthCase("From lines") { plain + times("From:\n", $0) },
    GrowthCase("From and Sent lines") { plain + times("From: a\nSent: b\n", $0) },
    GrowthCase("original message marks") { plain + times("-----Original Message-----\n", $0) },
    GrowthCase("forward marks") { plain + times("---------- Forwarded message ---------\n", $0) },
    GrowthCase("forward marks, Apple") { plain + times("Begin forwarded message:\n\n", $0) },
    GrowthCase("forwards within forwards") {
      "Subject: Fwd: x\n" + plain
        + times(
          "---------- Forwarded message ---------\nFrom: Jo <jo@a.example>\nDate: Mon, 3 Aug 2026\nSubject: x\n\n",
          $0)
    },
    GrowthCase("forward whose mailto never ends") {
      "Subject: Fwd: x\n" + plain + "-----Original Message-----\nFrom: Jo " + times("[mailto:", $0)
        + "\nSent: Monday\nTo: Sam\nSubject: x\n\nwords\n"
    },
    GrowthCase("forward whose angles never end") {
      "Subject: Fwd: x\n" + plain + "-----Original Message-----\nFrom: Jo " + times("<", $0)
        + "\nSent: Monday\nTo: Sam\nSubject: x\n\nwords\n"
    },
    GrowthCase("subject prefixes") { "Subject: " + times("Fwd: ", $0) + "\n\nx\n" },
    GrowthCase("subject brackets") { "Subject: " + times("[", $0) + "\n\nx\n" },
    GrowthCase("subject bracket pairs") { "Subject: " + times("[a] ", $0) + "\n\nx\n" },
    GrowthCase("signature marks") { plain + times("-- \n", $0) },
    GrowthCase("signatures") { plain + times("words\n-- \nJo\n\n", $0) },
    GrowthCase("mobile signatures") { plain + times("Sent from my iPhone\n\n", $0) },
    GrowthCase("disclaimers") {
      plain + times("This e-mail is confidential and intended only for the addressee.\n\n", $0)
    },
    GrowthCase("underscores") { plain + times("________________________________\n", $0) },
    GrowthCase("one line of dashes") { plain + times("-", $0) + "\n" },
    GrowthCase("plain paragraphs") { plain + times("These are words of a letter.\n\n", $0) },
  ]
}
