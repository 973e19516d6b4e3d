// Writers of the wrapper formats, for the tests of their readers: TNEF, compressed RTF, DER, uuencode, yEnc.

/// Numbers that look random and are the same in every run (xorshift).
struct SameNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 2_685_821_657_736_338_717 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 11) }
  }
}

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

func hexBytes(_ text: String) -> [UInt8] {
  let digits = Array(text.utf8).map { Int($0) }.map { $0 > 0x60 ? $0 - 0x57 : $0 - 0x30 }
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

private func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { little(Int($0), 2) } }

/// A checksum made bit by bit, with no table that could share a mistake with the reader's.
func slowCRC(_ bytes: [UInt8], register: UInt32) -> UInt32 {
  var value = register
  for byte in bytes {
    value ^= UInt32(byte)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }
  return value
}

/// Writes a list of MAPI properties.
struct PropertyWriter {
  private var body: [UInt8] = []
  private var count = 0

  var bytes: [UInt8] { little(count, 4) + body }

  private static func padded(_ data: [UInt8]) -> [UInt8] {
    data + [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
  }

  private mutating func tag(_ type: Int, _ identifier: Int) {
    body += little(type, 2) + little(identifier, 2)
    count += 1
  }

  mutating func fixed(_ type: Int, _ identifier: Int, _ value: [UInt8]) {
    tag(type, identifier)
    body += Self.padded(value)
  }

  mutating func variable(_ type: Int, _ identifier: Int, _ values: [[UInt8]]) {
    tag(type, identifier)
    body += little(values.count, 4)
    for value in values { body += little(value.count, 4) + Self.padded(value) }
  }

  mutating func fixedValues(_ type: Int, _ identifier: Int, _ values: [[UInt8]]) {
    tag(type | 0x1000, identifier)
    body += little(values.count, 4)
    for value in values { body += Self.padded(value) }
  }

  mutating func unicode(_ identifier: Int, _ text: String) {
    variable(0x1F, identifier, [utf16(text) + [0, 0]])
  }
  mutating func string8(_ identifier: Int, _ bytes: [UInt8]) { variable(0x1E, identifier, [bytes + [0]]) }
  mutating func binary(_ identifier: Int, _ bytes: [UInt8]) { variable(0x102, identifier, [bytes]) }
  mutating func long(_ identifier: Int, _ value: Int) { fixed(0x03, identifier, little(value, 4)) }

  /// A property with a name: a number or a string in a namespace.
  mutating func named(_ name: String?, _ value: String) {
    tag(0x1F, 0x8001)
    body += [UInt8](repeating: 7, count: 16)
    if let name {
      body += little(1, 4) + little(name.utf16.count * 2 + 2, 4) + Self.padded(utf16(name) + [0, 0])
    } else {
      body += little(0, 4) + little(0x8530, 4)
    }
    let text = utf16(value) + [0, 0]
    body += little(1, 4) + little(text.count, 4) + Self.padded(text)
  }

  /// An object: the interface identifier of a message, or another one, then the object.
  mutating func object(_ identifier: Int, message: Bool, _ bytes: [UInt8]) {
    let tail: [UInt8] = [0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
    variable(0x0D, identifier, [(message ? [0x07, 0x03, 0x02] : [0x0B, 0, 0]) + tail + bytes])
  }
}

/// Writes a TNEF stream.
struct TNEFWriter {
  private(set) var bytes: [UInt8] = [0x78, 0x9F, 0x3E, 0x22, 0x01, 0x00]

  mutating func attribute(_ level: UInt8, _ identifier: Int, _ data: [UInt8], checksum: Int? = nil) {
    let sum = data.reduce(0) { ($0 + Int($1)) & 0xFFFF }
    bytes += [level] + little(identifier, 4) + little(data.count, 4) + data + little(checksum ?? sum, 2)
  }

  mutating func codePage(_ number: Int) { attribute(1, 0x0006_9007, little(number, 4) + little(0, 4)) }
  mutating func properties(_ writer: PropertyWriter) { attribute(1, 0x0006_9003, writer.bytes) }
  mutating func rendering() { attribute(2, 0x0006_9002, [UInt8](repeating: 0, count: 14)) }
  mutating func title(_ name: String) { attribute(2, 0x0001_8010, ascii(name) + [0]) }
  mutating func data(_ data: [UInt8]) { attribute(2, 0x0006_800F, data) }
  mutating func attachmentProperties(_ writer: PropertyWriter) { attribute(2, 0x0006_9005, writer.bytes) }
  mutating func raw(_ more: [UInt8]) { bytes += more }

  /// A message with most of what a stream can hold.
  static func sample() -> [UInt8] {
    var writer = TNEFWriter()
    writer.codePage(1_252)
    writer.attribute(1, 0x0001_8004, ascii("Old subject") + [0])
    var message = PropertyWriter()
    message.named("content-class", "x")
    message.named(nil, "y")
    message.fixedValues(0x03, 0x6001, [little(1, 4), little(2, 4), little(3, 4)])
    message.fixedValues(0x02, 0x6002, [little(1, 2), little(2, 2)])
    message.variable(0x101F, 0x6003, [utf16("one") + [0, 0], utf16("two") + [0, 0]])
    message.fixed(0x0B, 0x6004, [1, 0])
    message.fixed(0x48, 0x6005, [UInt8](repeating: 9, count: 16))
    message.unicode(0x001A, "IPM.Note")
    message.unicode(0x0037, "Complaint about the Elm Road surgery \u{2013} reply wanted")
    message.unicode(0x0042, "Mary O\u{2019}Neill")
    message.unicode(0x0064, "SMTP")
    message.unicode(0x0065, "mary@member.example")
    // 2024-03-05 14:07:00 UTC in units of 100 ns since 1601.
    message.fixed(0x40, 0x0039, little((1_709_647_620 + 11_644_473_600) * 10_000_000, 8))
    message.unicode(0x1000, "Dear Sir,\r\nthe letter is enclosed.\r\n")
    message.binary(0x1013, ascii("<p>Dear Sir, <b>caf") + [0xE9] + ascii("</b></p>"))
    message.long(0x3FDE, 28_591)
    writer.properties(message)
    writer.rendering()
    writer.title("LETTER~1.PDF")
    writer.data(ascii("%PDF- not really"))
    var first = PropertyWriter()
    first.unicode(0x3707, "Letter of 5 March.pdf")
    first.unicode(0x370E, "Application/PDF")
    first.unicode(0x3712, "<letter@member.example>")
    writer.attachmentProperties(first)
    writer.rendering()
    var second = PropertyWriter()
    second.string8(0x3704, ascii("notes.txt"))
    second.binary(0x3701, ascii("notes taken"))
    writer.attachmentProperties(second)
    return writer.bytes
  }
}

/// Writes compressed RTF, with a reference wherever the last bytes came before.
func compressedRTF(_ text: [UInt8], packing: Bool = true, sum: UInt32? = nil) -> [UInt8] {
  // Where writing starts: behind what the format puts into the dictionary.
  var place = 207
  var seen: [[UInt8]: Int] = [:]
  var tokens: [(bytes: [UInt8], isReference: Bool)] = []
  var index = 0
  func at(_ dictionary: Int) -> Int { dictionary & 0xFFF }
  while index < text.count {
    let key = Array(text[index..<min(index + 3, text.count)])
    if packing, key.count == 3, let found = seen[key], index - found < 3_000 {
      var length = 0
      while length < 17, index + length < text.count, text[found + length] == text[index + length] {
        length += 1
      }
      let offset = at(207 + found)
      tokens.append(([UInt8(offset >> 4), UInt8(offset & 0xF) << 4 | UInt8(length - 2)], true))
      index += length
      place += length
    } else {
      if key.count == 3 { seen[key] = index }
      tokens.append(([text[index]], false))
      index += 1
      place += 1
    }
  }
  let end = at(place)
  tokens.append(([UInt8(end >> 4), UInt8(end & 0xF) << 4], true))
  var body: [UInt8] = []
  for start in stride(from: 0, to: tokens.count, by: 8) {
    let run = tokens[start..<min(start + 8, tokens.count)]
    body.append(run.enumerated().reduce(0) { $0 | ($1.element.isReference ? UInt8(1) << $1.offset : 0) })
    for token in run { body += token.bytes }
  }
  let header = little(body.count + 12, 4) + little(text.count, 4) + ascii("LZFu")
  return header + little(Int(sum ?? slowCRC(body, register: 0)), 4) + body
}

/// Writes DER and BER elements.
enum DER {
  static func element(_ identifier: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(rest & 0xFF), at: 0)
      rest >>= 8
    }
    if content.count < 128 { return [identifier, UInt8(content.count)] + content }
    return [identifier, 0x80 | UInt8(length.count)] + length + content
  }

  static func indefinite(_ identifier: UInt8, _ content: [UInt8]) -> [UInt8] {
    [identifier, 0x80] + content + [0, 0]
  }

  /// 1.2.840.113549.1.7.n
  static func pkcs7(_ last: UInt8) -> [UInt8] { element(6, hexBytes("2a864886f70d0107") + [last]) }
  /// 1.2.840.113549.1.9.16.1.n
  static func smime(_ last: UInt8) -> [UInt8] {
    element(6, hexBytes("2a864886f70d01091001") + [last])
  }

  static func contentInfo(_ type: [UInt8], _ value: [UInt8], isStreamed: Bool = false) -> [UInt8] {
    isStreamed
      ? indefinite(0x30, type + indefinite(0xA0, value)) : element(0x30, type + element(0xA0, value))
  }

  /// SignedData with an algorithm, and a signer nobody could verify.
  static func signed(_ content: [UInt8]?, type: [UInt8] = pkcs7(1), isStreamed: Bool = false) -> [UInt8] {
    func wrap(_ identifier: UInt8, _ content: [UInt8]) -> [UInt8] {
      isStreamed ? indefinite(identifier, content) : element(identifier, content)
    }
    let algorithm = element(0x31, element(0x30, element(6, [0x60, 0x86, 0x48]) + [5, 0]))
    let encapsulated = wrap(0x30, type + (content.map { wrap(0xA0, $0) } ?? []))
    let signers = element(0x31, element(0x30, element(2, [1]) + element(4, [1, 2, 3])))
    return contentInfo(
      pkcs7(2), wrap(0x30, element(2, [1]) + algorithm + encapsulated + signers), isStreamed: isStreamed)
  }

  static func octets(_ bytes: [UInt8]) -> [UInt8] { element(4, bytes) }

  /// An octet string in pieces of `size`.
  static func pieces(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    indefinite(
      0x24,
      stride(from: 0, to: bytes.count, by: size).flatMap {
        octets(Array(bytes[$0..<min($0 + size, bytes.count)]))
      })
  }
}

/// The lines of a uuencoded file without its opening line.
func uuencoded(_ bytes: [UInt8], zero: UInt8 = 0x60) -> [String] {
  var lines: [String] = []
  func character(_ value: UInt8) -> UInt8 { value == 0 ? zero : value + 0x20 }
  for start in stride(from: 0, to: bytes.count, by: 45) {
    let piece = bytes[start..<min(start + 45, bytes.count)]
    var line = [character(UInt8(piece.count))]
    for group in stride(from: piece.startIndex, to: piece.endIndex, by: 3) {
      let a = piece[group]
      let b = group + 1 < piece.endIndex ? piece[group + 1] : 0
      let c = group + 2 < piece.endIndex ? piece[group + 2] : 0
      line += [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63].map(character)
    }
    lines.append(String(decoding: line, as: UTF8.self))
  }
  return lines + [String(decoding: [zero], as: UTF8.self), "end"]
}

/// A yEnc file between its keyword lines.
func yEncoded(_ bytes: [UInt8], name: String, part: String = "", sum: UInt32? = nil) -> [UInt8] {
  let key = part.isEmpty ? "crc32" : "pcrc32"
  var out = ascii("=ybegin \(part)line=64 size=\(bytes.count) name=\(name)\r\n")
  if !part.isEmpty { out += ascii("=ypart begin=1 end=\(bytes.count)\r\n") }
  for start in stride(from: 0, to: bytes.count, by: 64) {
    for byte in bytes[start..<min(start + 64, bytes.count)] {
      let shifted = byte &+ 42
      out += [0, 10, 13, 61].contains(shifted) ? [61, shifted &+ 64] : [shifted]
    }
    out += [13, 10]
  }
  let value = String(sum ?? ~slowCRC(bytes, register: 0xFFFF_FFFF), radix: 16)
  return out + ascii("=yend size=\(bytes.count) \(part)\(key)=\(value)\r\n")
}
