// Parts and boundaries, and everything that can be wrong with them.

import MIME
import Testing

@Suite struct StructureTests {
  private func essence(_ message: Message) -> [String] {
    message.parts.map { "\($0.depth) " + $0.contentType.essence }
  }

  private let alternative = """
    From: a@b.c
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="out"

    preamble
    --out
    Content-Type: multipart/alternative; boundary="outer"

    --outer
    Content-Type: text/plain

    plain --out
    --outermost is text
     --outer is text
    --outer
    Content-Type: text/html

    <p>html</p>
    --outer--
    --out
    Content-Type: application/pdf; name="a.pdf"
    Content-Transfer-Encoding: base64

    aGVs
    bG8=
    --out--
    epilogue
    """

  @Test(arguments: [false, true])
  func prefixBoundaries(_ crlf: Bool) {
    let message = parse(alternative, crlf: crlf)
    #expect(
      essence(message) == [
        "0 multipart/mixed", "1 multipart/alternative", "2 text/plain", "2 text/html", "1 application/pdf",
      ])
    #expect(message.text == "plain --out\n--outermost is text\n --outer is text")
    #expect(message.attachments == [4])
    #expect(message.decodedBody(of: 4) == Array("hello".utf8))
    #expect(message.parts[1].children == [2, 3])
    #expect(message.parts[3].parent == 1)
    #expect(message.defects.isEmpty)
  }

  @Test func carriageReturnsAlone() {
    let bytes = alternative.utf8.map { $0 == 0x0A ? 0x0D : $0 }
    let message = Message(parsing: MessageBytes(bytes))
    #expect(message.parts.count == 5)
    #expect(message.text == "plain --out\n--outermost is text\n --outer is text")
    #expect(message.defects.map(\.code) == [.bareCarriageReturns])
  }

  @Test(arguments: [
    Row("empty", "", "|emptyMessage"),
    Row("body only", "I complain.\nStrongly.", "I complain.\nStrongly.|noHeaders"),
    Row("mbox line", "From jane Mon Aug  3\nFrom: a@b.c\n\nhi", "hi|mboxFromLine"),
    Row("leading blank line", "\nFrom: a@b.c\n\nhi", "hi|leadingBlankLine"),
    Row("missing blank line", "From: a@b.c\nDear team, I complain", "Dear team, I complain|missingBlankLine"),
    Row("broken field", "From: a@b.c\ngarbage here\nSubject: x\n\nhi", "hi|malformedField"),
    Row("headers only", "From: a@b.c\nSubject: x", "|"),
    Row(
      "missing boundary", "From: a@b.c\nContent-Type: multipart/mixed\n\n--xyz\n\nhi\n--xyz--\n",
      "hi|missingBoundary"),
    Row(
      "no parts", "From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\nstill words",
      "still words|noPartsFound"),
    Row(
      "unclosed", "From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n",
      "hi\n|unclosedBoundary"),
    Row(
      "part without blank line",
      "From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\nhi\n--b--",
      "hi|"),
    Row(
      "padding after delimiter",
      "From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b  \n\nhi\n--b-- \n", "hi|"),
    Row(
      "unknown encoding", "From: a@b.c\nContent-Transfer-Encoding: rot13\n\nhi", "hi|unknownTransferEncoding"),
    Row("encrypted", "From: a@b.c\nContent-Type: application/pkcs7-mime\n\nAAAA", "|encryptedContent"),
  ])
  func tolerated(_ row: Row<String>) {
    for crlf in [false, true] {
      let message = parse(row.input, crlf: crlf)
      #expect(
        message.text + "|" + message.defects.map(\.code.rawValue).joined(separator: ",") == row.expected)
    }
  }

  @Test func twentyThousandLevels() {
    var text = "From: a@b.c\n"
    for level in 0..<20_000 { text += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n" }
    let message = parse(text + "\nhi")
    #expect(message.parts.map(\.depth).max() == Limits.standard.depth)
    #expect(message.defects.contains { $0.code == .tooDeep })
  }

  @Test func tooManyPartsStayInTheLast() {
    let text =
      "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 100_000)
    let message = parse(text)
    #expect(message.parts.count == Limits.standard.parts)
    #expect(message.defects.contains { $0.code == .tooManyParts })
    #expect(message.parts[999].bodyRange.upperBound == text.utf8.count)
  }

  @Test func hugeHeaderBlockIsCut() {
    let message = parse("From: a@b.c\n" + String(repeating: "X-A: y\n", count: 200_000) + "\nhi")
    #expect(message.headers.count == Limits.standard.headerFields)
    #expect(message.text == "hi")
    let long = parse("Subject: " + String(repeating: "x", count: 10 << 20) + "\n\nhi")
    #expect(long.subject.utf8.count <= Limits.standard.fieldBytes)
    #expect(long.text == "hi")
  }

  @Test func embeddedMessages() {
    var text = "From: last@b.c\n\nend"
    for level in 0..<200 { text = "From: l\(level)@b.c\nContent-Type: message/rfc822\n\n" + text }
    var message: Message? = parse(text)
    var depth = 0
    while let inner = message?.embeddedMessage(of: 0) {
      message = inner
      depth += 1
    }
    #expect(depth == Limits.standard.depth)
  }

  @Test func chunksEqualTheWhole() {
    let body = String(repeating: "QUJD", count: 100_000)
    let message = parse("Content-Type: application/x-y\nContent-Transfer-Encoding: base64\n\n" + body)
    var joined: [UInt8] = []
    var pieces = 0
    message.forEachDecodedChunk(of: 0) {
      joined.append(contentsOf: $0)
      pieces += 1
    }
    #expect(joined == message.decodedBody(of: 0))
    #expect(joined.count == 300_000 && pieces > 3)
    #expect(message.decodedBody(of: 7).isEmpty)
  }

  @Test(arguments: [
    Row("base64 with junk", "base64\n\naG!Vs\nbG*8=", "hello"),
    Row("base64 glued", "base64\n\naGk=aGk=", "hihi"),
    Row("base64 unpadded", "base64\n\naGVsbG8", "hello"),
    Row("QP soft break", "quoted-printable\n\nhel=\nlo", "hello"),
    Row("QP bad escape", "quoted-printable\n\n100=ZZ =e9=", "100=ZZ é"),
    Row("QP trailing blanks", "quoted-printable\n\na  \nb=20\nc", "a\nb \nc"),
  ])
  func transferEncodings(_ row: Row<String>) {
    let message = parse(
      "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: \(row.input)")
    #expect(message.text == row.expected)
  }

  @Test func limitCutsDecoding() {
    var limits = Limits()
    limits.decodedBytes = 100
    let message = parse(
      "Content-Transfer-Encoding: base64\n\n" + String(repeating: "AAAA", count: 1_000), limits: limits)
    #expect(message.decodedBody(of: 0).count == 100)
  }

  @Test func mangledBytesNeverTrap() {
    var seed: UInt64 = 42
    let source = Array(alternative.utf8)
    for _ in 0..<300 {
      var bytes = source
      for _ in 0..<8 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int(seed >> 33) % bytes.count
        let pool: [UInt8] = [
          0, 0x0A, 0x0D, 0x2D, 0x3D, 0x3F, 0x22, 0x28, 0x3B, 0x3A, 0xFF, 0xC3, 0x2A, 0x3C, 0x3E,
        ]
        if seed & 1 == 0 {
          bytes[place] = pool[Int(seed >> 20) % pool.count]
        } else {
          bytes.remove(at: place)
        }
      }
      let message = Message(parsing: MessageBytes(bytes))
      #expect(!message.parts.isEmpty)
      _ = message.text
      _ = message.from
      _ = message.automatic
      _ = message.forwardedOriginal
      for index in message.parts.indices { _ = message.decodedText(of: index) }
    }
  }
}
