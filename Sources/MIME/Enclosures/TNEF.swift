// Transport Neutral Encapsulation Format (MS-OXTNEF): Outlook's winmail.dat.

/// Reads a TNEF stream: a signature, a key, and attributes of the message (level 1) and of its attachments (level 2).
///
///     TNEFStream = signature key *(level identifier length data checksum)
enum TNEF {
  /// Whether the bytes begin with TNEF's signature, 0x223E9F78 (MS-OXTNEF §2.1.3.1).
  static func looksLike(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x78, 0x9F, 0x3E, 0x22]) }

  /// The message inside; nil when the signature is absent.
  ///
  /// A message attached to it is given as a file with `isTNEF`, to be read in turn at `depth` + 1: nothing here
  /// recurses. Beyond `limits.depth` the result is empty but for its defect.
  static func read(_ bytes: [UInt8], limits: Limits, depth: Int) -> Enclosure? {
    guard looksLike(bytes) else { return nil }
    var found = Enclosure(.tnef)
    guard depth < limits.depth else {
      found.note(.tooDeep, "limit", at: nil, "TNEF", limits: limits)
      return found
    }
    var reader = TNEFReader(bytes: bytes, limits: limits, found: found)
    reader.readAttributes()
    return reader.finished()
  }
}

private struct TNEFReader {
  let bytes: [UInt8]
  let limits: Limits
  var found: Enclosure

  private var properties = MAPIProperties()
  private var codePage: Int?
  private var attributes: [Int: Range<Int>] = [:]
  private var attachments: [Attachment] = []
  /// Whether attachments are left out, `limits.parts` being there.
  private var isFull = false

  init(bytes: [UInt8], limits: Limits, found: Enclosure) {
    self.bytes = bytes
    self.limits = limits
    self.found = found
  }

  /// Attribute identifiers (MS-OXTNEF §2.1.3.2), without the type in their upper half.
  private enum Attribute {
    static let from = 0x8000
    static let subject = 0x8004
    static let dateSent = 0x8005
    static let dateReceived = 0x8006
    static let messageClass = 0x8008
    static let body = 0x800C
    static let attachData = 0x800F
    static let attachTitle = 0x8010
    static let attachTransportFilename = 0x9001
    static let attachRendering = 0x9002
    static let messageProperties = 0x9003
    static let attachProperties = 0x9005
    static let oemCodePage = 0x9007
  }

  private struct Attachment {
    var title: Range<Int>?
    var transportName: Range<Int>?
    var data: Range<Int>?
    var properties = MAPIProperties()
    var hasProperties = false
  }

  // MARK: Attributes

  mutating func readAttributes() {
    // The key behind the signature is of no use to a reader.
    var position = 6
    while position < bytes.count {
      let start = position
      let level = bytes[position]
      guard level == 1 || level == 2 else {
        note(.malformedContent, "§2.1.3.1", at: start, "\(bytes.count - start) bytes that are no attribute")
        return
      }
      guard let identifier = bytes.uint32(at: position + 1), let length = bytes.uint32(at: position + 5)
      else {
        note(.truncatedContent, "§2.1.3.1", at: start, "attribute cut off")
        return
      }
      position += 9
      let available = min(length, bytes.count - position)
      let data = position..<(position + available)
      position = data.upperBound
      if available < length {
        note(.truncatedContent, "§2.1.3.1", at: start, "\(available) bytes of \(length)")
      } else if let expected = bytes.uint16(at: position) {
        if expected != checksum(data) { note(.badChecksum, "§2.1.3.1", at: start, name(identifier)) }
        position += 2
      } else {
        note(.truncatedContent, "§2.1.3.1", at: position, "checksum cut off")
        position = bytes.count
      }
      if level == 1 {
        message(identifier & 0xFFFF, data)
      } else {
        attachment(identifier & 0xFFFF, data)
      }
    }
  }

  /// The sum of the bytes, of which 16 bits are kept.
  private func checksum(_ range: Range<Int>) -> Int {
    bytes.withUnsafeBytes { raw in
      var sum: UInt16 = 0
      for byte in UnsafeRawBufferPointer(rebasing: raw[range]) { sum &+= UInt16(byte) }
      return Int(sum)
    }
  }

  private func name(_ identifier: Int) -> String {
    "attribute 0x" + String(identifier, radix: 16, uppercase: true)
  }

  private mutating func note(_ code: Defect.Code, _ section: String, at offset: Int, _ detail: String) {
    found.note(
      code, section == "limit" ? section : "MS-OXTNEF " + section, at: offset, detail, limits: limits)
  }

  private mutating func message(_ attribute: Int, _ data: Range<Int>) {
    switch attribute {
    case Attribute.messageProperties:
      if !properties.add(bytes, data) {
        note(.malformedContent, "§2.1.3.4", at: data.lowerBound, "message properties")
      }
    case Attribute.oemCodePage: if data.count >= 4 { codePage = bytes.uint32(at: data.lowerBound) }
    default: if attributes[attribute] == nil { attributes[attribute] = data }
    }
  }

  private mutating func attachment(_ attribute: Int, _ data: Range<Int>) {
    guard !isFull else { return }
    // Rendering data opens an attachment (MS-OXTNEF §2.1.3.3.15); writers that leave it out repeat another one.
    var last = attachments.last ?? Attachment()
    let isNew: Bool
    switch attribute {
    case Attribute.attachRendering: isNew = true
    case Attribute.attachTitle: isNew = last.title != nil
    case Attribute.attachData: isNew = last.data != nil
    case Attribute.attachProperties: isNew = last.hasProperties
    default: isNew = false
    }
    if isNew || attachments.isEmpty {
      guard attachments.count < limits.parts else {
        if !isFull { note(.tooManyParts, "limit", at: data.lowerBound, "attachments") }
        isFull = true
        return
      }
      attachments.append(Attachment())
      last = Attachment()
    }
    switch attribute {
    case Attribute.attachTitle: last.title = data
    case Attribute.attachTransportFilename: last.transportName = data
    case Attribute.attachData: last.data = data
    case Attribute.attachProperties:
      last.hasProperties = true
      if !last.properties.add(bytes, data) {
        note(.malformedContent, "§2.1.3.4", at: data.lowerBound, "attachment properties")
      }
    default: break
    }
    attachments[attachments.count - 1] = last
  }

  // MARK: Values

  /// The charset of 8-bit strings.
  private var charset: String? {
    if let codePage, codePage > 0 { return CodePage.charset(codePage) }
    return number(MAPIProperty.messageCodePage).flatMap { CodePage.charset($0) }
  }

  private func number(_ property: UInt16) -> Int? {
    if case .number(let value) = properties[property] { Int(exactly: value) } else { nil }
  }

  /// An 8-bit string up to its NUL.
  private func string8(_ range: Range<Int>) -> String {
    let text = bytes[range].prefix(limits.textBytes)
    return Charset.decode(Array(text.prefix { $0 != 0 }), label: charset)
  }

  private func string(_ value: MAPIProperties.Value?) -> String? {
    switch value {
    case .string8(let range), .binary(let range): string8(range)
    case .unicode(let range):
      bytes.utf16(range.lowerBound..<min(range.upperBound, range.lowerBound + limits.textBytes))
    default: nil
    }
  }

  /// A line of text; nil when it is blank.
  private func line(_ text: String?) -> String? {
    let text = text.map(trimmedText) ?? ""
    return text.isEmpty ? nil : text
  }

  private func line(_ property: UInt16) -> String? { line(string(properties[property])) }
  private func line(attribute: Int) -> String? { line(attributes[attribute].map(string8)) }

  // MARK: The message

  mutating func finished() -> Enclosure {
    found.subject = subject()
    found.messageClass = line(MAPIProperty.messageClass) ?? line(attribute: Attribute.messageClass)
    found.from = sender()
    found.date =
      time(MAPIProperty.clientSubmitTime) ?? attributes[Attribute.dateSent].flatMap(date)
      ?? time(MAPIProperty.deliveryTime) ?? attributes[Attribute.dateReceived].flatMap(date)
    readBody()
    found.files = attachments.compactMap(file)
    return found
  }

  private func subject() -> String? {
    if let subject = line(MAPIProperty.subject) { return subject }
    if let rest = line(MAPIProperty.normalizedSubject) {
      return (string(properties[MAPIProperty.subjectPrefix]) ?? "") + rest
    }
    return line(attribute: Attribute.subject)
  }

  /// Whom the message is from (RFC 5322's From is who was represented, Sender who sent).
  private func sender() -> (name: String?, address: String?)? {
    let candidates = [
      (
        line(MAPIProperty.representingName), line(MAPIProperty.representingSMTPAddress),
        line(MAPIProperty.representingAddress), line(MAPIProperty.representingAddressType)
      ),
      (
        line(MAPIProperty.senderName), line(MAPIProperty.senderSMTPAddress), line(MAPIProperty.senderAddress),
        line(MAPIProperty.senderAddressType)
      ),
    ]
    for (name, smtp, other, type) in candidates {
      // An Exchange address ("EX") is of no use outside its organisation.
      let isSMTP = type.map { loweredASCII($0) == "smtp" } ?? other?.utf8.contains(ASCII.at) ?? false
      let address = smtp ?? (isSMTP ? other : nil)
      if name != nil || address != nil { return (name, address) }
    }
    return attributes[Attribute.from].flatMap(triple)
  }

  /// MS-OXTNEF §2.1.3.3.1: kind, total, name length, address length (words), then name and "TYPE:address".
  private func triple(_ range: Range<Int>) -> (name: String?, address: String?)? {
    let start = range.lowerBound
    guard let nameLength = bytes.uint16(at: start + 4), let addressLength = bytes.uint16(at: start + 6) else {
      return nil
    }
    let nameStart = min(start + 8, range.upperBound)
    let nameEnd = min(nameStart + nameLength, range.upperBound)
    let name = line(string8(nameStart..<nameEnd))
    var address = line(string8(nameEnd..<min(nameEnd + addressLength, range.upperBound)))
    if let given = address, let colon = given.utf8.firstIndex(of: ASCII.colon) {
      let type = loweredASCII(String(given[..<colon]))
      address = type == "smtp" ? String(given[given.utf8.index(after: colon)...]) : nil
    }
    return name == nil && address == nil ? nil : (name, address)
  }

  /// A FILETIME, 100 ns since 1601, as Unix seconds; nil outside the years that mail can have.
  private func time(_ property: UInt16) -> Int64? {
    guard case .number(let ticks) = properties[property] else { return nil }
    let seconds = Int64(ticks / 10_000_000) - 11_644_473_600
    return (0...253_402_300_799).contains(seconds) ? seconds : nil
  }

  /// MS-OXTNEF §2.1.3.3 DTR: year, month, day, hour, minute, second as words; taken for UTC, since no zone is given.
  private func date(_ range: Range<Int>) -> Int64? {
    let words = (0..<6).compactMap { bytes.uint16(at: range.lowerBound + $0 * 2) }
    guard range.count >= 12, words.count == 6, (1970...9999).contains(words[0]), (1...12).contains(words[1]),
      (1...31).contains(words[2]), words[3] < 24, words[4] < 60, words[5] < 61
    else { return nil }
    let days = MessageDate.days(year: words[0], month: words[1], day: words[2])
    return Int64(days * 86_400 + words[3] * 3_600 + words[4] * 60 + words[5])
  }

  // MARK: The body

  private mutating func readBody() {
    found.plainText = (string(properties[MAPIProperty.body]) ?? attributes[Attribute.body].map(string8))
    if let text = found.plainText, isBlankText(Array(text.utf8)) { found.plainText = nil }
    readHTML()
    if found.htmlBytes == nil, case .binary(let range) = properties[MAPIProperty.compressedRTF] {
      readRTF(range)
    }
  }

  private mutating func readHTML() {
    switch properties[MAPIProperty.html] {
    case .binary(let range), .string8(let range):
      let html = Array(bytes[range].prefix(limits.textBytes))
      guard !html.allSatisfy({ $0 == 0 || $0.isSpace }) else { return }
      found.htmlBytes = html
      found.htmlCharset = number(MAPIProperty.internetCodePage).flatMap { CodePage.charset($0) }
    case .unicode:
      guard let text = string(properties[MAPIProperty.html]), !text.isEmpty else { return }
      found.htmlBytes = Array(text.utf8)
      found.htmlCharset = "utf-8"
    default: return
    }
  }

  private mutating func readRTF(_ range: Range<Int>) {
    let limit = min(limits.decodedBytes, FixedLimit.rtfBytes)
    let rtf = CompressedRTF.decompress(bytes[range], limit: limit)
    for (code, detail) in rtf.defects {
      found.note(code, "MS-OXRTFCP §2.1.3.1", at: range.lowerBound, detail, limits: limits)
    }
    let text = RTF.read(rtf.bytes, limits: limits)
    guard !isBlankText(text.utf8) else { return }
    if text.isHTML {
      found.htmlBytes = text.utf8
      found.htmlCharset = "utf-8"
    } else if found.plainText == nil {
      found.plainText = String(decoding: text.utf8, as: UTF8.self)
    }
  }

  // MARK: Attachments

  private func file(_ attachment: Attachment) -> EnclosedFile? {
    let properties = attachment.properties
    var range = attachment.data.flatMap { $0.isEmpty ? nil : $0 }
    var isMessage = false
    switch properties[MAPIProperty.attachData] {
    case .binary(let data): range = range ?? data
    case .object(let data):
      // MS-OXTNEF §2.1.3.4: an interface identifier of 16 bytes says what the object is; the object follows. For a
      // message the attachment's data is only a sentence that old readers show.
      let object = min(data.lowerBound + 16, data.upperBound)..<data.upperBound
      isMessage = TNEF.looksLike(Array(bytes[object].prefix(4)))
      range = isMessage ? object : range ?? object
    default: break
    }
    let displayName = string(properties[MAPIProperty.displayName])
    let names = [
      string(properties[MAPIProperty.attachLongFilename]), isMessage ? displayName : nil,
      attachment.transportName.map(string8), attachment.title.map(string8),
      string(properties[MAPIProperty.attachFilename]), displayName,
    ]
    let name = names.lazy.compactMap(line).first
    guard range != nil || name != nil else { return nil }
    var file = EnclosedFile(
      name: name, bytes: range.map { Array(bytes[$0].prefix(limits.decodedBytes)) } ?? [])
    if let type = line(string(properties[MAPIProperty.attachMimeTag])), Self.isMediaType(type) {
      file.contentType = loweredASCII(type)
    }
    file.contentID = line(string(properties[MAPIProperty.attachContentID])).map(Self.withoutBrackets)
    file.isTNEF = TNEF.looksLike(file.bytes)
    if isMessage {
      file.isMessage = true
      file.contentType = "application/ms-tnef"
    }
    if file.contentType == "message/rfc822" || file.contentType == "message/global" { file.isMessage = true }
    return file
  }

  private static func isMediaType(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count < 128 && bytes.filter { $0 == ASCII.slash }.count == 1 && bytes.first != ASCII.slash
      && bytes.last != ASCII.slash && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != ASCII.semicolon }
  }

  private static func withoutBrackets(_ text: String) -> String {
    text.utf8.first == ASCII.less && text.utf8.last == ASCII.greater
      ? String(decoding: text.utf8.dropFirst().dropLast(), as: UTF8.self) : text
  }
}
