// Wrapper formats: TNEF, CMS, uuencode, yEnc, compressed RTF and the text in it; and what hostile ones cost.

import Testing

@testable import MIME

private let standard = Limits.standard

@Suite struct UUEncodingTests {
  private func text(_ lines: [String], end: String = "\n") -> [UInt8] {
    ascii(lines.joined(separator: end) + end)
  }

  private static let sizes = [0, 1, 2, 3, 44, 45, 46, 90, 1_000]

  @Test(arguments: sizes, ["\n", "\r\n", "\r"])
  func anySizeAndLineEnd(_ size: Int, _ end: String) {
    var numbers = SameNumbers(UInt64(size))
    let bytes = numbers.bytes(size)
    for zero in [UInt8(0x60), 0x20] {
      let lines =
        ["Words before.", "", "begin 644 my file.dat"] + uuencoded(bytes, zero: zero) + ["Words after."]
      let input = text(lines, end: end)
      let blocks = UUEncoding.blocks(in: input, limits: standard)
      #expect(blocks.map(\.file.bytes) == [bytes])
      #expect(blocks.first?.file.name == "my file.dat")
      #expect(blocks.first?.defects == [])
      let rest = UUEncoding.removed(from: input, limits: standard)
      #expect(rest == text(["Words before.", "", "Words after."], end: end))
    }
  }

  @Test(arguments: [
    Row("trailing spaces stripped", "spaces", true), Row("blank lines between", "blanks", true),
    Row("a checksum character", "checksum", true), Row("a line folded in two", "folded", true),
    Row("no end line", "open", true), Row("a damaged line in the middle", "damaged", false),
  ])
  func forgiven(_ row: Row<Bool>) {
    let bytes = [UInt8](0..<150) + [UInt8](repeating: 0, count: 90)
    var lines = uuencoded(bytes, zero: row.input == "spaces" ? 0x20 : 0x60)
    switch row.input {
    case "spaces": lines = lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    case "blanks": lines = lines.flatMap { [$0, ""] }
    case "checksum": lines = lines.map { $0.count > 60 ? $0 + "X" : $0 }
    case "folded": lines = [String(lines[0].prefix(50)), String(lines[0].dropFirst(50))] + lines.dropFirst()
    case "open": lines = Array(lines.dropLast(2)) + ["", "Kind regards", "AN OTHER"]
    default: lines[1] = "### gateway notice in lower case ###"
    }
    let blocks = UUEncoding.blocks(in: text(["begin 600 x"] + lines), limits: standard)
    #expect(blocks.count == 1)
    #expect((blocks.first?.file.bytes == bytes) == row.expected)
    let codes = blocks.first?.defects.map(\.code)
    switch row.input {
    case "open": #expect(codes == [.truncatedContent])
    case "folded", "damaged": #expect(codes == [.badEncoding])
    default: #expect(codes == [])
    }
    if row.input == "damaged" { #expect(blocks.first?.file.bytes == Array(bytes[..<45] + bytes[90...])) }
    if row.input == "open" {
      #expect(
        UUEncoding.removed(from: text(["begin 600 x"] + lines), limits: standard)
          == ascii("\nKind regards\nAN OTHER\n"))
    }
  }

  @Test(arguments: [
    Row("a sentence", "begin with the first letter you sent\nand then go on.\n", false),
    Row("a number and prose", "begin 644 times if you must\nThe practice never answers.\n", false),
    Row("a number and capitals", "begin 644 TIMES\nOK\nTHEN STOP\n", false),
    Row("no mode", "begin abc file\n#86)C\n`\nend\n", false),
    Row("inside a line", "x begin 644 file\n#86)C\n`\nend\n", false),
    Row("the opening line alone", "begin 644 file\n", false),
    Row("a real one", "begin 644 file\n#86)C\n`\nend\n", true),
    Row("a mode with the file type", "begin 100644 file\n#86)C\n`\nend\n", true),
    Row("base64 and prose", "begin-base64 644 file\nThis is prose, not data.\n", false),
  ])
  func proseIsNoFile(_ row: Row<Bool>) {
    #expect(UUEncoding.files(in: ascii(row.input), limits: standard).isEmpty != row.expected)
  }

  @Test func base64Forms() {
    let plain = "begin-base64 644 a.txt\naGVsbG8gd29ybGQ=\n====\nafter\n"
    let blocks = UUEncoding.blocks(in: ascii(plain), limits: standard)
    #expect(blocks.map(\.file.bytes) == [ascii("hello world")])
    #expect(UUEncoding.removed(from: ascii(plain), limits: standard) == ascii("after\n"))
    let named = "begin-base64-encoded 644 YSBiLnR4dA==\naGVsbG8gd29ybGQ=\n====\n"
    #expect(UUEncoding.files(in: ascii(named), limits: standard).first?.name == "a b.txt")
    let open = "begin-base64 644 a.txt\naGVsbG8gd29ybGQ=\nRegards\n"
    let found = UUEncoding.blocks(in: ascii(open), limits: standard)
    #expect(found.map(\.file.bytes) == [ascii("hello world")])
    #expect(found.first?.defects.map(\.code) == [.truncatedContent])
  }

  @Test func severalAndBounded() {
    let one = "begin 644 x\n" + uuencoded([UInt8](repeating: 1, count: 100)).joined(separator: "\n") + "\n"
    var limits = Limits()
    limits.parts = 3
    let text = ascii(String(repeating: one, count: 5))
    #expect(UUEncoding.files(in: text, limits: standard).count == 5)
    #expect(UUEncoding.files(in: text, limits: limits).count == 3)
    limits.decodedBytes = 150
    let blocks = UUEncoding.blocks(in: text, limits: limits)
    #expect(blocks.reduce(0) { $0 + $1.file.bytes.count } <= 150)
    #expect(blocks[1].defects.map(\.code) == [.decodedTooLarge])
  }

  @Test func aWinmailIsKnown() {
    let lines = uuencoded(TNEFWriter.sample()).joined(separator: "\n")
    let file = UUEncoding.files(in: ascii("begin 600 winmail.dat\n" + lines), limits: standard).first
    #expect(file?.isTNEF == true && file?.bytes == TNEFWriter.sample())
  }
}

@Suite struct YEncTests {
  private let bytes = [UInt8](0...255) + [UInt8](255...255) + Array([UInt8](0...200).reversed())

  @Test func wholeFile() {
    let input = ascii("Words.\r\n") + yEncoded(bytes, name: "my scan.png") + ascii("More.\r\n")
    let blocks = YEnc.blocks(in: input, limits: standard)
    #expect(blocks.map(\.file.bytes) == [bytes])
    #expect(blocks.first?.file.name == "my scan.png")
    #expect(blocks.first?.defects == [])
    #expect(YEnc.removed(from: input, limits: standard) == ascii("Words.\r\nMore.\r\n"))
  }

  @Test func partIsNamedAndChecked() {
    let part = YEnc.blocks(in: yEncoded(bytes, name: "x", part: "part=2 total=3 "), limits: standard)
    #expect(part.first?.file.bytes == bytes)
    #expect(part.first?.defects.map(\.code) == [.partialMessage])
    #expect(part.first?.defects.first?.detail == "part 2 of 3 of a file")
    let wrong = YEnc.blocks(in: yEncoded(bytes, name: "x", sum: 7), limits: standard)
    #expect(wrong.first?.defects.map(\.code) == [.badChecksum])
  }

  @Test func openAndProse() {
    let cut = Array(yEncoded(bytes, name: "x").dropLast(40))
    #expect(YEnc.blocks(in: cut, limits: standard).first?.defects.map(\.code) == [.truncatedContent])
    #expect(YEnc.blocks(in: ascii("=ybegin is how it starts\n=yend\n"), limits: standard).isEmpty)
    #expect(YEnc.removed(from: ascii("Nothing here.\n"), limits: standard) == nil)
  }
}

@Suite struct CMSTests {
  private let entity = ascii("Content-Type: text/plain\r\n\r\nI wish to complain.\r\n")

  private static let forms = [
    "plain", "streamed", "pieces", "pem", "junk", "base64", "nested", "nested bare", "cut",
  ]

  @Test(arguments: forms)
  func signedContent(_ form: String) {
    let simple = DER.signed(DER.octets(entity))
    let input: [UInt8]
    switch form {
    case "streamed": input = DER.signed(DER.pieces(entity, 7), isStreamed: true)
    case "pieces":
      let inner = DER.element(0x24, DER.pieces(Array(entity[..<20]), 5) + DER.octets(Array(entity[20...])))
      input = DER.signed(inner)
    case "pem": input = ascii("-----BEGIN CMS-----\n" + base64Lines(simple) + "-----END CMS-----\n")
    case "junk": input = ascii("\r\n00 junk 0\r\n") + simple
    case "base64": input = ascii("\n" + base64Lines(simple))
    case "nested": input = DER.signed(DER.octets(DER.signed(DER.octets(entity))), type: DER.pkcs7(2))
    case "nested bare":
      // The SignedData alone, without the ContentInfo around it.
      let bare = DER.element(
        0x30,
        DER.element(2, [1]) + DER.element(0x31, [])
          + DER.element(0x30, DER.pkcs7(1) + DER.element(0xA0, DER.octets(entity))))
      input = DER.signed(DER.octets(bare), type: DER.pkcs7(2))
    case "cut": input = Array(simple.dropLast(10))
    default: input = simple
    }
    #expect(CMS.read(input, limits: standard) == .signed(entity))
  }

  private func base64Lines(_ bytes: [UInt8]) -> String {
    let alphabet = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let value = group.reduce(0) { $0 << 8 | Int($1) } << ((3 - group.count) * 8)
      for index in 0..<4 {
        out.append(index <= group.count ? alphabet[value >> (18 - index * 6) & 63] : 61)
      }
      if out.count % 65 == 64 { out.append(10) }
    }
    return String(decoding: out, as: UTF8.self) + "\n"
  }

  @Test func otherKindsAreNamed() {
    let empty = DER.element(0x30, DER.element(2, [0]))
    #expect(CMS.read(DER.signed(nil), limits: standard) == .certificatesOnly)
    #expect(CMS.read(DER.contentInfo(DER.pkcs7(3), empty), limits: standard) == .enveloped)
    #expect(CMS.read(DER.contentInfo(DER.pkcs7(6), empty), limits: standard) == .encryptedData)
    #expect(CMS.read(DER.contentInfo(DER.smime(23), empty), limits: standard) == .authEnveloped)
    #expect(CMS.read(DER.contentInfo(DER.pkcs7(1), DER.octets(entity)), limits: standard) == .signed(entity))
    #expect(CMS.read(ascii("Dear Sir"), limits: standard) == .unreadable)
    #expect(CMS.read([], limits: standard) == .unreadable)
  }

  @Test func digestedAndAuthenticated() {
    let content = DER.element(0x30, DER.pkcs7(1) + DER.element(0xA0, DER.octets(entity)))
    let algorithm = DER.element(0x30, DER.element(6, [0x60, 0x86]))
    let digested = DER.element(0x30, DER.element(2, [0]) + algorithm + content)
    #expect(CMS.read(DER.contentInfo(DER.pkcs7(5), digested), limits: standard) == .signed(entity))
    let authenticated = DER.element(
      0x30, DER.element(2, [0]) + DER.element(0x31, []) + algorithm + DER.element(0xA1, []) + content)
    #expect(CMS.read(DER.contentInfo(DER.smime(2), authenticated), limits: standard) == .signed(entity))
  }

  private func compressed(_ packed: [UInt8], type: [UInt8] = DER.pkcs7(1)) -> [UInt8] {
    let algorithm = DER.element(0x30, DER.element(6, hexBytes("2a864886f70d0109100308")))
    let content = DER.element(0x30, type + DER.element(0xA0, DER.octets(packed)))
    return DER.contentInfo(DER.smime(9), DER.element(0x30, DER.element(2, [0]) + algorithm + content))
  }

  /// A zlib stream of stored blocks.
  private func stored(_ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count
    let header: [UInt8] = [
      1, UInt8(count & 0xFF), UInt8(count >> 8), ~UInt8(count & 0xFF), ~UInt8(count >> 8),
    ]
    return [0x78, 0x01] + header + bytes + [0, 0, 0, 0]
  }

  @Test func compressedData() {
    let sentence =
      "The practice kept no note of the call, the practice kept no note of the visit, "
      + "and nobody at the practice rang back. "
    let words = (0..<60).map { "word\($0 * $0 % 97)" }.joined(separator: " ")
    let dynamic = hexBytes(
      "78daed4e4b0e823014bcca3b003152e8877b788152aa1208106c34de5ed299856c5cb924217dbc79f3bbdca32cab0fa90f5186b8"
        + "2499e6ed4b51e6aba4ed18fc3816f9ef27edd93ffa54889fba0d6ee7ee2d3eed55ab9f6ed2fa309ce472841ea1ff087dcd6b77ce"
        + "6f99df3abf0d109387d27954d86adc0c880eaa0a4460b5cdc32a80208067b0357484cc321f370db0611afbb01c6f0035740eceb0"
        + "54c8760035880ace8ecd591982129b439c612ae415742513908d0a0e6a0b4bcbadda8d1d8502cacdb7316318ca0ace7c00d3567d"
        + "cf")
    let expected = ascii(String(repeating: sentence, count: 6) + words)
    #expect(CMS.read(compressed(dynamic), limits: standard) == .compressed(expected))
    let fixed = hexBytes("78014bcbac484d5148ce4f492dd65148c3c10100fd2f0d53")
    let thrice = ascii("fixed codes, fixed codes, fixed codes")
    #expect(CMS.read(compressed(fixed), limits: standard) == .compressed(thrice))
    #expect(CMS.read(compressed(stored(entity)), limits: standard) == .compressed(entity))
    #expect(CMS.read(compressed(ascii("not zlib")), limits: standard) == .compressed(nil))
    var limits = Limits()
    limits.decodedBytes = 100
    #expect(CMS.read(compressed(dynamic), limits: limits) == .compressed(Array(expected[..<100])))
    let signed = DER.signed(DER.octets(entity))
    #expect(CMS.read(compressed(stored(signed), type: DER.pkcs7(2)), limits: standard) == .signed(entity))
  }

  @Test func deepNestingAndHostileLengths() {
    for open in [[0x30, 0x80], [0x24, 0x80], [0xA0, 0x80], [0x24, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]] as [[UInt8]]
    {
      let deep = (0..<1_000).flatMap { _ in open }
      _ = CMS.read(deep, limits: standard)
      #expect(
        CMS.read(DER.signed(deep + DER.octets(entity), isStreamed: true), limits: standard) != .unreadable)
      // In place of the digest algorithms, it has to be stepped over.
      let value = DER.indefinite(0x30, DER.element(2, [1]) + DER.indefinite(0x31, deep))
      #expect(CMS.read(DER.contentInfo(DER.pkcs7(2), value), limits: standard) == .unreadable)
    }
    let lengths: [[UInt8]] = [
      [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x88] + [UInt8](repeating: 0xFF, count: 8),
      [0xFE] + [UInt8](repeating: 0xFF, count: 126), [0x88, 0x7F] + [UInt8](repeating: 0xFF, count: 7),
    ]
    for length in lengths {
      let input = [0x30] + length + DER.pkcs7(2) + [0xA0] + length + [0x30] + length
      #expect(CMS.read(input, limits: standard) == .unreadable)
      let octets = [0x04] + length + entity
      #expect(
        CMS.read([0x30, 0x80] + DER.pkcs7(1) + [0xA0, 0x80] + octets, limits: standard) == .signed(entity))
    }
  }

  @Test func signedInSignedEnds() {
    var value = DER.octets(entity)
    for _ in 0..<200 { value = DER.octets(DER.signed(value, type: DER.pkcs7(2))) }
    #expect(CMS.read(DER.signed(value, type: DER.pkcs7(2)), limits: standard) == .unreadable)
  }
}

@Suite struct TNEFTests {
  @Test func wholeMessage() throws {
    let found = try #require(TNEF.read(TNEFWriter.sample(), limits: standard, depth: 0))
    #expect(found.subject == "Complaint about the Elm Road surgery \u{2013} reply wanted")
    #expect(found.messageClass == "IPM.Note")
    #expect(found.from?.name == "Mary O\u{2019}Neill")
    #expect(found.from?.address == "mary@member.example")
    #expect(found.date == 1_709_647_620)
    #expect(found.plainText == "Dear Sir,\r\nthe letter is enclosed.\r\n")
    #expect(found.htmlBytes == ascii("<p>Dear Sir, <b>caf") + [0xE9] + ascii("</b></p>"))
    #expect(found.htmlCharset == "iso-8859-1")
    #expect(found.defects == [])
    try #require(found.files.count == 2)
    #expect(found.files[0].name == "Letter of 5 March.pdf")
    #expect(found.files[0].contentType == "application/pdf")
    #expect(found.files[0].contentID == "letter@member.example")
    #expect(found.files[0].bytes == ascii("%PDF- not really"))
    #expect(found.files[1].name == "notes.txt")
    #expect(found.files[1].contentType == "application/octet-stream")
    #expect(found.files[1].bytes == ascii("notes taken"))
  }

  /// The attributes of before MAPI, in the OEM code page.
  @Test func oldAttributes() throws {
    var writer = TNEFWriter()
    writer.codePage(850)
    writer.attribute(1, 0x0001_8004, ascii("R") + [0x82] + ascii("clamation") + [0])
    writer.attribute(1, 0x0007_8008, ascii("IPM.Microsoft Mail.Note") + [0])
    writer.attribute(1, 0x0002_800C, ascii("caf") + [0x82] + [0])
    let name = ascii("Ann Other") + [0]
    let address = ascii("SMTP:ann@member.example") + [0]
    let lengths = [4, 0, 50, 0, UInt8(name.count), 0, UInt8(address.count), 0] as [UInt8]
    writer.attribute(1, 0x0000_8000, lengths + name + address)
    // 2003-05-06 07:08:09
    writer.attribute(1, 0x0003_8005, [0xD3, 7, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 2, 0])
    writer.title("without rendering.txt")
    writer.data(ascii("one"))
    writer.title("second.txt")
    writer.data(ascii("two"))
    let found = try #require(TNEF.read(writer.bytes, limits: standard, depth: 0))
    #expect(found.subject == "R\u{E9}clamation")
    #expect(found.plainText == "caf\u{E9}")
    #expect(found.from?.name == "Ann Other" && found.from?.address == "ann@member.example")
    #expect(found.date == 1_052_204_889)
    #expect(found.files.map(\.name) == ["without rendering.txt", "second.txt"])
    #expect(found.files.map(\.bytes) == [ascii("one"), ascii("two")])
  }

  @Test func exchangeAddressesAreNoAddresses() throws {
    var writer = TNEFWriter()
    var message = PropertyWriter()
    message.unicode(0x0C1A, "Desk")
    message.unicode(0x0C1E, "EX")
    message.unicode(0x0C1F, "/O=ORG/OU=SITE/CN=DESK")
    writer.properties(message)
    let first = TNEF.read(writer.bytes, limits: standard, depth: 0)
    #expect(first?.from?.name == "Desk" && first?.from?.address == nil)
    message.unicode(0x5D01, "desk@member.example")
    writer.properties(message)
    #expect(TNEF.read(writer.bytes, limits: standard, depth: 0)?.from?.address == "desk@member.example")
  }

  @Test func messagesAndObjectsInside() throws {
    var writer = TNEFWriter()
    writer.rendering()
    writer.title("Untitled Attachment")
    writer.data(ascii("A sentence for old readers."))
    var inner = PropertyWriter()
    inner.unicode(0x3001, "Forwarded: my first letter")
    inner.object(0x3701, message: true, TNEFWriter.sample())
    writer.attachmentProperties(inner)
    writer.rendering()
    var object = PropertyWriter()
    object.object(0x3701, message: false, ascii("a compound document"))
    writer.attachmentProperties(object)
    let found = try #require(TNEF.read(writer.bytes, limits: standard, depth: 0))
    try #require(found.files.count == 2)
    #expect(found.files[0].isTNEF && found.files[0].isMessage)
    #expect(found.files[0].name == "Forwarded: my first letter")
    #expect(found.files[0].contentType == "application/ms-tnef")
    #expect(found.files[0].bytes == TNEFWriter.sample())
    #expect(found.files[1].bytes == ascii("a compound document"))
    #expect(!found.files[1].isTNEF && !found.files[1].isMessage && found.files[1].name == nil)
    let tooDeep = TNEF.read(writer.bytes, limits: standard, depth: standard.depth)
    #expect(tooDeep?.files == [] && tooDeep?.defects.map(\.code) == [.tooDeep])
  }

  @Test func damageIsNamed() {
    var writer = TNEFWriter()
    writer.attribute(1, 0x0001_8004, ascii("Kept") + [0], checksum: 1)
    writer.raw([0x55, 1, 2, 3])
    let found = TNEF.read(writer.bytes, limits: standard, depth: 0)
    #expect(found?.subject == "Kept")
    #expect(found?.defects.map(\.code) == [.badChecksum, .malformedContent])
    #expect(TNEF.read(ascii("PK no winmail"), limits: standard, depth: 0) == nil)
    #expect(TNEF.read([0x78, 0x9F, 0x3E, 0x22], limits: standard, depth: 0)?.files == [])
  }

  @Test func attachmentsAreBounded() {
    var limits = Limits()
    limits.parts = 2
    var writer = TNEFWriter()
    for index in 0..<5 {
      writer.rendering()
      writer.title("\(index)")
      writer.data([UInt8(index)])
    }
    let found = TNEF.read(writer.bytes, limits: limits, depth: 0)
    #expect(found?.files.map(\.name) == ["0", "1"])
    #expect(found?.defects.map(\.code) == [.tooManyParts])
  }

  /// A property list in which every count and length is as large as it can be.
  @Test(arguments: [
    0x02, 0x03, 0x0D, 0x1E, 0x1F, 0x48, 0x102, 0x1000, 0x1001, 0x1002, 0x1003, 0x1014, 0x101F, 0x1102,
  ])
  func hostileCounts(_ type: Int) {
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    for identifier in [[0x37, 0x00], [0x00, 0x90]] as [[UInt8]] {
      let list = huge + [UInt8(type & 0xFF), UInt8(type >> 8)] + identifier
      for tail in [huge, huge + huge, huge + huge + huge, [1, 0, 0, 0] + huge, []] {
        var writer = TNEFWriter()
        writer.attribute(1, 0x0006_9003, list + tail)
        writer.attribute(2, 0x0006_9005, list + tail + tail)
        #expect(TNEF.read(writer.bytes, limits: standard, depth: 0) != nil)
        // The attribute's own length, too.
        let open = [1, 3, 0x90, 6, 0] + huge + list + tail
        let found = TNEF.read([0x78, 0x9F, 0x3E, 0x22, 1, 0] + open, limits: standard, depth: 0)
        #expect(found?.defects.contains { $0.code == .truncatedContent } == true)
      }
    }
  }

  @Test func cutBodyIsKept() {
    var message = PropertyWriter()
    message.string8(0x1000, ascii(String(repeating: "All of my complaint. ", count: 20)))
    var writer = TNEFWriter()
    writer.properties(message)
    let found = TNEF.read(Array(writer.bytes.dropLast(100)), limits: standard, depth: 0)
    #expect(found?.plainText?.hasPrefix("All of my complaint. All") == true)
    #expect(found?.defects.isEmpty == false)
  }
}

@Suite struct RTFTests {
  private func text(_ rtf: [UInt8]) -> String {
    String(decoding: RTF.read(rtf, limits: standard).utf8, as: UTF8.self)
  }
  private func text(_ rtf: String) -> String { text(ascii(rtf)) }

  @Test(arguments: [
    Row("paragraphs and tabs", "{\\rtf1 One\\par Two\\tab three\\line four\\par}", "One\nTwo\tthree\nfour\n"),
    Row("escapes", "{\\rtf1 a\\{b\\}c\\\\d\\~e\\_f\\-g}", "a{b}c\\d\u{A0}e\u{2011}fg"),
    Row("line ends mean nothing", "{\\rtf1 one\r\n two}", "one two"),
    Row("escaped line ends", "{\\rtf1 one\\\ntwo}", "one\ntwo"),
    Row("unicode and its stand-in", "{\\rtf1\\uc1 caf\\u233?s}", "caf\u{E9}s"),
    Row("two stand-ins", "{\\rtf1\\uc2 x\\u8364\\'80 y}", "x\u{20AC}y"),
    Row("no stand-in", "{\\rtf1\\uc0 x\\u8364 y}", "x\u{20AC}y"),
    Row("negative units", "{\\rtf1 \\u-3913?}", "\u{F0B7}"),
    Row("a pair of surrogates", "{\\rtf1 \\u-10179?\\u-8704?!}", "\u{1F600}!"),
    Row("uc ends with its group", "{\\rtf1{\\uc0 \\u233}\\u233?}", "\u{E9}\u{E9}"),
    Row("document code page", "{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0\\'e8}", "\u{41F}\u{440}\u{438}"),
    Row(
      "font charsets",
      "{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}\\f1 \\'cf\\f0 \\'e9}",
      "\u{41F}\u{E9}"),
    Row(
      "two-byte characters", "{\\rtf1{\\fonttbl{\\f3\\fnil\\fcharset128 MS;}}\\f3 \\'83\\'65\\'83X}",
      "\u{30C6}\u{30B9}"),
    Row(
      "pictures and notes", "{\\rtf1 a{\\pict\\wmetafile8 0102}{\\*\\unknown b}{\\info{\\title c}}d}", "ad"),
    Row("links keep their words", "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"x\"}{\\fldrslt here}}}", "here"),
    Row("hidden text", "{\\rtf1 a{\\v hidden}b\\v c\\v0 d}", "abd"),
    Row("tables", "{\\rtf1\\trowd a\\cell b\\cell\\row c}", "a\tb\t\nc"),
    Row("binary data", "{\\rtf1 a{\\pict\\bin5 }}}}}}b}", "ab"),
    Row(
      "typography", "{\\rtf1 \\lquote a\\rquote  \\emdash  \\bullet}", "\u{2018}a\u{2019} \u{2014} \u{2022}"),
    Row("too many closing braces", "{\\rtf1 a}}}}b", "ab"),
  ])
  func plainText(_ row: Row<String>) { #expect(text(row.input) == row.expected) }

  @Test func htmlIsTakenOut() {
    let rtf = """
      {\\rtf1\\ANSI\\ansicpg1251\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fcharset204 X;}}
      {\\*\\htmltag3 <html>}{\\*\\htmltag19 <body>}
      {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Dear \\f1\\'ce, \\u233?{\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0
      \\par {\\*\\mhtmltag1 <a href="other">}{\\*\\htmltag72 </p>}\\htmlrtf }\\par\\htmlrtf0
      {\\*\\htmltag27 </body>\\par\\tab </html>}}
      """
    let found = RTF.read(ascii(rtf), limits: standard)
    #expect(found.isHTML)
    #expect(
      String(decoding: found.utf8, as: UTF8.self)
        == "<html><body><p>Dear \u{41E}, \u{E9}&amp;\n</p></body>\n\t</html>")
  }

  @Test func compressedRoundTrip() {
    var numbers = SameNumbers(3)
    let samples = [
      [], ascii("{\\rtf1}"),
      ascii("{\\rtf1 " + String(repeating: "the same words again \\par ", count: 400) + "}"),
      ascii(String(repeating: "x", count: 10_000)), numbers.bytes(9_000),
    ]
    for sample in samples {
      for packing in [true, false] {
        let packed = compressedRTF(sample, packing: packing)
        let found = CompressedRTF.decompress(packed[...], limit: 1 << 20)
        #expect(found.bytes == sample)
        #expect(found.defects.isEmpty)
      }
    }
    let wrong = CompressedRTF.decompress(compressedRTF(samples[2], sum: 5)[...], limit: 1 << 20)
    #expect(wrong.bytes == samples[2] && wrong.defects.map(\.0) == [.badChecksum])
    let cut = CompressedRTF.decompress(compressedRTF(samples[2]).dropLast(50), limit: 1 << 20)
    #expect(samples[2].starts(with: cut.bytes) && !cut.bytes.isEmpty)
    #expect(cut.defects.map(\.0).contains(.truncatedContent))
  }

  /// References into the dictionary that the format starts with, and overlapping ones.
  @Test func dictionaryReferences() {
    // "{\rtf1\ansi" from the start of the dictionary (offset 0, 11 bytes), then the end mark at 207 + 11.
    let body: [UInt8] = [0b11, 0x00, 0x09, 0x0D, 0xA0]
    let size: [UInt8] = [UInt8(body.count + 12), 0, 0, 0, 11, 0, 0, 0]
    let sum = slowCRC(body, register: 0)
    let packed = size + ascii("LZFu") + (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } + body
    let found = CompressedRTF.decompress(packed[...], limit: 100)
    #expect(found.bytes == ascii("{\\rtf1\\ansi") && found.defects.isEmpty)
    let stored = [UInt8(19), 0, 0, 0, 7, 0, 0, 0] + ascii("MELA") + [0, 0, 0, 0] + ascii("{\\rtf1}")
    #expect(CompressedRTF.decompress(stored[...], limit: 100).bytes == ascii("{\\rtf1}"))
  }

  @Test func bodyOfATNEF() throws {
    let html = ascii("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Please answer.{\\*\\htmltag72 </p>}}")
    var message = PropertyWriter()
    message.binary(0x1009, compressedRTF(html))
    var writer = TNEFWriter()
    writer.properties(message)
    let first = try #require(TNEF.read(writer.bytes, limits: standard, depth: 0))
    #expect(first.plainText == nil)
    #expect(first.htmlBytes == ascii("<p>Please answer.</p>") && first.htmlCharset == "utf-8")
    var rich = PropertyWriter()
    rich.unicode(0x1000, " \r\n")
    rich.binary(0x1009, compressedRTF(ascii("{\\rtf1 Please \\b answer\\b0 .\\par}")))
    var second = TNEFWriter()
    second.properties(rich)
    let found = try #require(TNEF.read(second.bytes, limits: standard, depth: 0))
    #expect(found.plainText == "Please answer.\n" && found.htmlBytes == nil)
  }
}

/// What must hold for any bytes: an answer, in time and within its bounds.
@Suite struct HostileEnclosureTests {
  private static func richTNEF() -> [UInt8] {
    var message = PropertyWriter()
    message.binary(
      0x1009,
      compressedRTF(
        ascii(
          "{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset128 M;}}\\f1 \\'83X\\u-10179?{\\*\\x y}z\\par again again}"))
    )
    var inner = PropertyWriter()
    inner.object(0x3701, message: true, TNEFWriter.sample())
    var writer = TNEFWriter()
    writer.properties(message)
    writer.rendering()
    writer.attachmentProperties(inner)
    return writer.bytes
  }

  private static func samples() -> [[UInt8]] {
    var numbers = SameNumbers(11)
    let entity = ascii("Content-Type: text/plain\r\n\r\nwords\r\n")
    let uu = ascii(
      "Words.\nbegin 644 x\n" + uuencoded(numbers.bytes(100)).joined(separator: "\n") + "\nWords.\n")
    let compressed = DER.contentInfo(
      DER.smime(9),
      DER.element(
        0x30,
        DER.element(2, [0]) + DER.element(0x30, [])
          + DER.element(
            0x30,
            DER.pkcs7(1)
              + DER.element(0xA0, DER.octets(hexBytes("78014bcbac484d5148ce4f492dd65148c3c10100fd2f0d53"))))))
    return [
      TNEFWriter.sample(), richTNEF(), DER.signed(DER.octets(entity)),
      DER.signed(DER.pieces(entity, 7), isStreamed: true), compressed, uu,
      yEncoded(numbers.bytes(200), name: "x"),
      ascii(
        "{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f1\\fcharset128 M;}}a\\'83X\\u233?\\bin3 abc{\\*\\htmltag1 <p>}}"
      ),
      compressedRTF(ascii("{\\rtf1 again and again and again\\par}")),
    ]
  }

  /// Gives the bytes to every reader, whatever they are.
  private func readAll(_ bytes: [UInt8]) {
    if let found = TNEF.read(bytes, limits: standard, depth: 0) {
      for file in found.files where file.isTNEF { _ = TNEF.read(file.bytes, limits: standard, depth: 1) }
    }
    _ = CMS.read(bytes, limits: standard)
    for blocks in [UUEncoding.blocks(in: bytes, limits: standard), YEnc.blocks(in: bytes, limits: standard)] {
      var end = 0
      for block in blocks {
        #expect(block.range.lowerBound >= end && block.range.upperBound <= bytes.count)
        end = block.range.upperBound
      }
    }
    _ = RTF.read(bytes, limits: standard)
    _ = CompressedRTF.decompress(bytes[...], limit: 1 << 20)
    _ = Inflate.zlib(bytes, limit: 1 << 20)
  }

  @Test(arguments: 0..<9)
  func cutAtEveryByte(_ sample: Int) {
    let bytes = Self.samples()[sample]
    for end in 0...bytes.count { readAll(Array(bytes[..<end])) }
  }

  @Test(arguments: 0..<9)
  func mutated(_ sample: Int) {
    let original = Self.samples()[sample]
    var numbers = SameNumbers(UInt64(sample) + 77)
    let edges: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0x30, 0x24, 0x0A]
    for _ in 0..<1_200 {
      var bytes = original
      for _ in 0...numbers.below(6) {
        let index = numbers.below(bytes.count)
        switch numbers.below(5) {
        case 0: bytes[index] ^= UInt8(1) << UInt8(numbers.below(8))
        case 1: bytes[index] = edges[numbers.below(edges.count)]
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: numbers.next()), at: index)
        default: for at in index..<min(index + 4, bytes.count) { bytes[at] = 0xFF }
        }
        if bytes.isEmpty { bytes = [0] }
      }
      readAll(bytes)
    }
  }

  @Test func bombsAreBounded() {
    // Every reference yields 17 bytes for its two.
    let run = [UInt8(0xFF)] + [UInt8](repeating: 0x0F, count: 16)
    let body = (0..<20_000).flatMap { _ in run }
    let header: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + ascii("LZFu") + [0, 0, 0, 0]
    let found = CompressedRTF.decompress((header + body)[...], limit: 50_000)
    #expect(found.bytes.count == 50_000)
    #expect(found.defects.map(\.0).contains(.decodedTooLarge))
    // A whole zlib stream of one distance-one copy after another.
    let zeros = [0x78, 0x9C, 0xED, 0xC1] + [UInt8](repeating: 0, count: 100_000)
    #expect((Inflate.zlib(zeros, limit: 10_000)?.count ?? 0) <= 10_000)
  }

  /// Ten times the input must not take much more than ten times as long.
  @Test(arguments: [
    "groups", "open groups", "fonts", "switches", "begin lines", "ybegin lines", "asn1", "attributes",
    "m lines",
  ])
  func linear(_ kind: String) {
    func input(_ count: Int) -> [UInt8] {
      switch kind {
      case "groups": ascii("{\\rtf1 " + String(repeating: "{a}", count: count) + "}")
      case "open groups":
        ascii(String(repeating: "{", count: count) + "x" + String(repeating: "}", count: count))
      case "fonts":
        ascii("{\\rtf1{\\fonttbl" + (0..<count).map { "{\\f\($0)\\fcharset204 x;}" }.joined() + "}x}")
      case "switches":
        ascii(
          "{\\rtf1{\\fonttbl{\\f1\\fcharset128 x;}{\\f2\\fcharset134 y;}}"
            + String(repeating: "\\f1\\'83\\f2\\'c4", count: count) + "}")
      case "begin lines": ascii(String(repeating: "begin 644 x\n", count: count))
      case "ybegin lines": ascii(String(repeating: "=ybegin line=1 size=1 name=x\n", count: count))
      case "asn1": (0..<count).flatMap { _ in [0x30, 0x80] as [UInt8] }
      case "attributes":
        TNEFWriter().bytes + (0..<count).flatMap { _ in [2, 2, 0x90, 6, 0, 0, 0, 0, 0, 0, 0] as [UInt8] }
      default: ascii("begin 644 x\n" + String(repeating: "M\n", count: count))
      }
    }
    func seconds(_ bytes: [UInt8]) -> Double {
      (0..<3).map { _ in
        let time = ContinuousClock().measure { readAll(bytes) }.components
        return Double(time.seconds) + Double(time.attoseconds) / 1e18
      }.min() ?? 0
    }
    let small = seconds(input(10_000))
    let large = seconds(input(100_000))
    #expect(large < max(small, 0.002) * 30, "\(small) s, \(large) s")
  }
}
