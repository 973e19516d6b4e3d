// Bodies as text: charsets, flowed lines, HTML.

import MIME
import Testing

@Suite struct TextTests {
  private func text(_ type: String, _ bytes: [UInt8]) -> String {
    Message(parsing: MessageBytes(Array("Content-Type: \(type)\n\n".utf8) + bytes)).text
  }

  @Test(arguments: [
    ("iso-8859-1", [0xE9, 0x80] as [UInt8], "é€"), ("utf-8", [0xE9], "é"), ("us-ascii", [0xC3, 0xA9], "é"),
    ("iso-8859-1", [0xC3, 0xA9], "é"), ("iso-8859-15", [0xA4], "€"), ("windows-1251", [0xCF, 0xF0], "Пр"),
    ("koi8-r", [0xF0, 0xD2], "Пр"), ("gb2312", [0xC4, 0xE3], "你"), ("big5", [0xA7, 0x41], "你"),
    ("shift_jis", [0x93, 0xFA], "日"), ("euc-kr", [0xC7, 0xD1], "한"),
    ("utf-16", [0xFF, 0xFE, 0x41, 0x00], "A"),
    ("utf-16", [0x41, 0x00, 0x42, 0x00], "AB"), ("utf-7", Array("+AOk-".utf8), "é"),
    ("no-such-charset", [0xE9], "é"), ("utf-8", [0x61, 0xC3, 0xA9, 0xC3, 0xA9, 0xFF], "aéé\u{FFFD}"),
    ("windows-1252", [0x61, 0x81], "a\u{FFFD}"), ("utf-8", [0x61, 0x00, 0x62], "a\u{FFFD}b"),
  ])
  func charsets(_ label: String, _ bytes: [UInt8], _ expected: String) {
    #expect(text("text/plain; charset=\(label)", bytes) == expected)
  }

  @Test(arguments: [
    Row("joined", "one \ntwo\nthree", "one two\nthree"),
    Row("stuffed", " >not a quote\n From here", ">not a quote\nFrom here"),
    Row("quoted", "> a \n> b\nc", "> a b\nc"),
    Row("depth ends a paragraph", "> a \nb", "> a \nb"),
    Row("signature kept", "end \n-- \nJane", "end \n-- \nJane"),
  ])
  func flowed(_ row: Row<String>) {
    #expect(text("text/plain; format=flowed", Array(row.input.utf8)) == row.expected)
  }

  @Test func delSp() {
    #expect(text("text/plain; format=flowed; delsp=yes", Array("won \nder".utf8)) == "wonder")
  }

  @Test(arguments: [
    Row("paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo"),
    Row("divs and breaks", "<div>one<br>two</div><div>three</div>", "one\ntwo\nthree"),
    Row("list", "<ul><li>a<li>b</ul>", "- a\n- b"),
    Row("blanks collapse", "a  \n\t b", "a b"),
    Row("pre keeps", "<pre>a  b\nc</pre>", "a  b\nc"),
    Row("entities", "&lt;&eacute;&#8364;&#x20AC;&#128;&amp;&unknown; &nbsp;x", "<é€€€&&unknown; x"),
    Row("script, style, comment", "<style>p{}</style>a<script>if(1<2)x</script><!-- no -->b", "ab"),
    Row("hidden", "a<div style='display: none'>x<p>y</p></div><span hidden>z</span>b", "ab"),
    Row("font size 0", "<td style=\"font-size:0\">x<b style=\"font-size:12px\">y</b></td>", "y"),
    Row(
      "quote", "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e", "a\n\n> b\n> c\n>\n>> d\n\ne"),
    Row("link text", "<a href=\"http://x.y/?a>b\">click</a> here", "click here"),
    Row("table cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    Row("less-than is text", "1 < 2 and 3 <4", "1 < 2 and 3 <4"),
    Row("unclosed quote", "<a href=\"x>one</a> two <b>three</b>", "one two three"),
    Row("unclosed comment", "a<!-- b", "a<!-- b"),
    Row("only hidden text is shown", "<div style=\"display:none\">words</div>", "words"),
  ])
  func html(_ row: Row<String>) {
    #expect(text("text/html; charset=utf-8", Array(row.input.utf8)) == row.expected)
  }

  @Test func htmlCharsetFromMeta() {
    #expect(text("text/html", Array("<meta charset=koi8-r><p>".utf8) + [0xF0]) == "П")
  }

  @Test func hostileHTMLIsLinear() {
    for piece in ["<a '", "<!--", "<script>", "<div>", "<blockquote>", "&#", "<b style='font-size:", "</x>"] {
      _ = text("text/html", Array(String(repeating: piece, count: 20_000).utf8))
    }
  }

  @Test func alternativeFallsBackToHTML() {
    let message = parse(
      "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n  \n--b\nContent-Type: text/html\n\n<p>hi</p>\n--b--"
    )
    #expect(message.text == "hi")
  }

  @Test func inlineTextsAreJoinedAndNamedOnesAreNot() {
    let message = parse(
      """
      Content-Type: multipart/mixed; boundary=b

      --b

      one
      --b
      Content-Type: text/plain; name=log.txt

      log
      --b

      two
      --b--
      """)
    #expect(message.text == "one\ntwo")
    #expect(message.attachments == [2])
  }
}
