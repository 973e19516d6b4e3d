// Header fields: folding, encoded words, raw bytes, parameters, identifiers.

import MIME
import Testing

@Suite struct HeaderTests {
  @Test(arguments: [
    Row("plain", "Subject: hello", "hello"),
    Row("folded", "Subject: hello\n  world", "hello  world"),
    Row("Q word", "Subject: =?iso-8859-1?Q?Caf=E9_au_lait?=", "Café au lait"),
    Row("B word", "Subject: =?utf-8?B?w6nDqA==?=", "éè"),
    Row(
      "split character across words", "Subject: =?utf-8?B?w6k=?= =?utf-8?B?4g==?=\n =?utf-8?B?gqw=?=", "é€"),
    Row("blank between word and text stays", "Subject: =?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
    Row("word inside a word", "Subject: pre=?utf-8?Q?=C3=A9?=post", "preépost"),
    Row("question mark inside Q", "Subject: =?utf-8?Q?why??=", "why?"),
    Row("unclosed word stays", "Subject: =?utf-8?Q?abc", "=?utf-8?Q?abc"),
    Row("unknown charset, valid UTF-8", "Subject: =?x-nonsense?Q?=C3=A9?=", "é"),
    Row("koi8-r", "Subject: =?koi8-r?B?8NLJ18XU?=", "Привет"),
    Row("gb2312", "Subject: =?gb2312?B?xOO6ww==?=", "你好"),
    Row("iso-2022-jp", "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"),
    Row("line end hidden in a word", "Subject: =?utf-8?Q?x=0D=0ABcc:_v=40w?=", "x  Bcc: v@w"),
    Row("language suffix", "Subject: =?utf-8*en?Q?hi?=", "hi"),
    Row("raw UTF-8", "Subject: Beschwerde über Gebühren", "Beschwerde über Gebühren"),
    Row("empty", "Subject:", ""),
  ])
  func subject(_ row: Row<String>) {
    for crlf in [false, true] {
      #expect(parse(row.input + "\nFrom: a@b.c\n\nx\n", crlf: crlf).subject == row.expected)
    }
  }

  @Test func rawLatinFallsBackToWindows1252() {
    let message = Message(parsing: MessageBytes(Array("Subject: Caf".utf8) + [0xE9, 0x80, 0x0A, 0x0A]))
    #expect(message.subject == "Café€")
    #expect(message.defects.contains { $0.code == .rawEightBitHeader })
  }

  @Test(arguments: [
    Row("quoted", "attachment; filename=\"a b.pdf\"", "a b.pdf"),
    Row("bare with blanks", "attachment; filename=a (1) b.pdf", "a (1) b.pdf"),
    Row("2231 charset", "attachment; filename*=utf-8'en'%E2%82%AC%20rates.txt", "€ rates.txt"),
    Row("2231 sections out of order", "attachment; filename*1=\"b.txt\"; filename*0=\"a\"", "ab.txt"),
    Row("2231 mixed sections", "attachment; filename*0*=iso-8859-1''caf%E9; filename*1=\" x\"", "café x"),
    Row("extended beats plain", "attachment; filename=\"x.txt\"; filename*=utf-8''%C3%A9.txt", "é.txt"),
    Row("encoded word", "attachment; filename=\"=?utf-8?Q?=C3=A9.txt?=\"", "é.txt"),
    Row("escaped quote", "attachment; filename=\"a\\\"b\"", "a\"b"),
    Row("nameless parameter before it", "attachment; =x; filename=a.txt", "a.txt"),
  ])
  func fileName(_ row: Row<String>) {
    let message = parse("Content-Type: application/pdf\nContent-Disposition: \(row.input)\n\nx")
    #expect(message.parts[0].fileName == row.expected)
    #expect(message.parts[0].disposition == "attachment")
    #expect(message.attachments == [0])
  }

  @Test(arguments: [
    Row("plain", "<a@b>", ["a@b"]),
    Row("blank and fold", " <a@b>\n <c@d>", ["a@b", "c@d"]),
    Row("no brackets", "a@b c@d", ["a@b", "c@d"]),
    Row("empty brackets", "<> <x@y>", ["x@y"]),
    Row("unclosed", "<a@b", ["a@b"]),
    Row("comment between", "<a@b> (was: hello) <c@d>", ["a@b", "c@d"]),
  ])
  func identifiers(_ row: Row<[String]>) {
    let message = parse("References: \(row.input)\nMessage-ID: \(row.input)\n\n")
    #expect(message.references == row.expected)
    #expect(message.messageID == row.expected.first)
  }

  @Test func missingIdentifierIsNil() {
    #expect(parse("Message-ID: <>\n\n").messageID == nil)
    #expect(parse("Message-ID:\n\n").messageID == nil)
    #expect(parse("Subject: x\n\n").messageID == nil)
  }

  @Test func contentTypeVariants() {
    let odd = parse("Content-Type: TEXT/HTML (comment) charset=\"UTF-8\"; format = flowed\n\n<p>x")
    #expect(odd.parts[0].contentType.essence == "text/html")
    #expect(odd.parts[0].contentType.parameters["format"] == "flowed")
    let twice = parse("Content-Type: text/plain\nContent-Type: text/html\n\n<b>x</b>")
    #expect(twice.parts[0].contentType.essence == "text/plain")
    #expect(twice.defects.contains { $0.code == .duplicateField })
  }
}
