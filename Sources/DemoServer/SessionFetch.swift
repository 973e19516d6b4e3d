// FETCH and UID FETCH (RFC 3501 §6.4.5, §7.4.2), and most of what can go wrong on purpose.

/// One thing that a client asks of a message.
enum FetchItem {
  enum Section {
    case whole, header, text
    /// `not`: HEADER.FIELDS.NOT.
    case fields([[UInt8]], not: Bool)
  }

  case uid, flags, internalDate, size, modSeq
  /// `label` is the item's name in the answer; `partial` the first byte and the largest count.
  case body(Section, label: String, peek: Bool, partial: (start: Int, count: Int)?)

  var isBody: Bool { if case .body = self { true } else { false } }
}

extension Session {
  func fetch(byUID: Bool, _ open: Selection, _ parser: inout CommandParser) throws {
    try parser.space()
    let set = try parser.sequenceSet()
    try parser.space()
    var items = try Self.items(&parser, allowsModSeq: options.condstore)
    var changedSince: UInt64?
    if !parser.isAtEnd {
      // fetch-modifier = "(CHANGEDSINCE n)" (RFC 7162 §3.1.4.1)
      try parser.space()
      try parser.expect(UInt8(ascii: "("))
      guard options.condstore, ASCII.equal(try parser.atom(), "CHANGEDSINCE") else {
        throw Malformed("unknown FETCH modifier")
      }
      try parser.space()
      changedSince = UInt64(try parser.number())
      try parser.expect(UInt8(ascii: ")"))
      try parser.end()
      items.append(.modSeq)
    }
    if byUID, !items.contains(where: { if case .uid = $0 { true } else { false } }) {
      items.insert(.uid, at: 0)
    }
    if try isThrottled() { return }

    let hasBody = items.contains(where: \.isBody)
    if hasBody, core.strikes(.forgedTagUnknown) { try wire.line("ZZ99 OK Fetch completed") }
    if hasBody, core.strikes(.floodOfUntagged) { try flood() }
    var answered = 0
    for uid in uids(set, byUID: byUID, open) {
      guard let number = sequenceNumber(uid), let message = message(uid, reading: items, open) else {
        continue
      }
      if let changedSince, message.modSeq <= changedSince { continue }
      if hasBody, core.strikes(.unsolicitedFetchFlags) {
        try sendFlags(at: 0, withUID: answered % 2 == 0)
        try sendFlags(at: number - 1, withUID: answered % 2 == 1)
      }
      let repeats = hasBody && core.strikes(.duplicateFetch) ? 2 : 1
      for _ in 0..<repeats { try answer(number, message, items) }
      answered += 1
      if hasBody, core.strikes(.byeMidFetch) {
        try wire.line("* BYE Server is going down")
        try wire.flush()
        throw Hangup()
      }
      if hasBody, byUID, answered == 1, open.view.count > 1, core.strikes(.unsolicitedExpunge) {
        expungeLast()
        try announceChanges()
      }
    }
    if hasBody, core.strikes(.noAfterData) { return try no("[SERVERBUG] Fetch failed") }
    if byUID { try announceChanges() }
    try ok("FETCH completed")
  }

  /// The UIDs that a set means, in the order of the mailbox as this client knows it.
  func uids(_ set: SequenceSet, byUID: Bool, _ open: Selection) -> [UInt32] {
    if byUID { return set.select(from: open.view) }
    let numbers = open.view.indices.map { UInt32(truncatingIfNeeded: $0 + 1) }
    return set.select(from: numbers).map { open.view[Int($0) - 1] }
  }

  func sequenceNumber(_ uid: UInt32) -> Int? {
    guard let view = selection?.view else { return nil }
    let index = view.firstIndex(notBelow: uid)
    return index < view.count && view[index] == uid ? index + 1 : nil
  }

  /// The message as it is now; BODY[] sets \Seen where BODY.PEEK[] does not.
  private func message(_ uid: UInt32, reading items: [FetchItem], _ open: Selection) -> StoredMessage? {
    let marks = items.contains { item in
      if case .body(_, _, let peek, _) = item { !peek } else { false }
    }
    return core.withFolder(open.name) { folder in
      if marks, !open.isReadOnly, let message = folder.message(uid), !message.has("\\Seen") {
        folder.setFlags(message.flags + ["\\Seen"], of: uid)
      }
      return folder.message(uid)
    } ?? nil
  }

  /// An answer with nothing but flags, for the message at this place.
  func sendFlags(at index: Int, withUID: Bool) throws(Hangup) {
    guard let open = selection, open.view.indices.contains(index) else { return }
    let uid = open.view[index]
    let message = core.withFolder(open.name) { $0.message(uid) } ?? nil
    let flags = (message?.flags ?? []).joined(separator: " ")
    try wire.line("* \(index + 1) FETCH (\(withUID ? "UID \(uid) " : "")FLAGS (\(flags)))")
  }

  private func flood() throws(Hangup) {
    var left = options.floodBytes
    let lines = String(repeating: "* OK Still working on it\r\n", count: 2000)
    while left > 0 {
      try wire.put(lines)
      left -= lines.utf8.count
    }
  }

  // MARK: one answer

  private func answer(_ number: Int, _ message: StoredMessage, _ items: [FetchItem]) throws(Hangup) {
    let hasBody = items.contains(where: \.isBody)
    try wire.put("* \(number) FETCH (")
    if hasBody, core.strikes(.cutMidLine) {
      try wire.put("UID \(message.uid) FLA")
      try wire.flush()
      throw Hangup()
    }
    var isFirst = true
    for item in items {
      if case .uid = item, hasBody, core.strikes(.missingUIDInFetch) { continue }
      if !isFirst { try wire.put(" ") }
      isFirst = false
      switch item {
      case .uid:
        let isWrong = hasBody && core.strikes(.wrongUID)
        try wire.put("UID \(isWrong ? message.uid &+ 1000 : message.uid)")
      case .flags: try wire.put("FLAGS (\(message.flags.joined(separator: " ")))")
      case .internalDate: try wire.put("INTERNALDATE \"\(InternalDate.text(message.internalDate))\"")
      case .size: try wire.put("RFC822.SIZE \(saidSize(message))")
      case .modSeq: try wire.put("MODSEQ (\(message.modSeq))")
      case .body(let section, let label, _, let partial): try body(of: message, section, label, partial)
      }
    }
    try wire.line(")")
  }

  private func saidSize(_ message: StoredMessage) -> Int {
    if core.strikes(.lyingSizeLarger) { return message.bytes.count * 2 + 1000 }
    if core.strikes(.lyingSizeSmaller) { return message.bytes.count / 2 }
    return message.bytes.count
  }

  private func body(
    of message: StoredMessage, _ section: FetchItem.Section, _ label: String,
    _ partial: (start: Int, count: Int)?
  ) throws(Hangup) {
    var content: ArraySlice<UInt8>
    switch section {
    case .whole: content = message.bytes[...]
    case .header: content = message.header
    case .text: content = message.text
    case .fields(let names, let not): content = Self.fields(of: message, names, not: not)[...]
    }
    if let partial {
      if core.strikes(.partialReturnsWhole) {
        try wire.put(label)
      } else {
        content = content.dropFirst(partial.start).prefix(partial.count)
        // The answer names the first byte alone (RFC 3501 §7.4.2).
        try wire.put("\(label)<\(partial.start)>")
      }
    } else {
      try wire.put(label)
    }
    try literal(content)
  }

  private func literal(_ content: ArraySlice<UInt8>) throws(Hangup) {
    if core.strikes(.nilBody) { return try wire.put(" NIL") }
    var said = "\(content.count)"
    if core.strikes(.hugeLiteral) { said = "99999999999" }
    if core.strikes(.negativeLiteral) { said = "-5" }
    if core.strikes(.literalShorterThanSaid) { said = "\(content.count + 64)" }
    try wire.line(" {\(said)}")
    if core.strikes(.cutMidLiteral) {
      try wire.put(content.prefix(content.count / 2))
      try wire.flush()
      throw Hangup()
    }
    if core.strikes(.silenceMidFetch) {
      try wire.put(content.prefix(content.count / 2))
      try wire.fallSilent()
    }
    if core.strikes(.slowDrip) {
      try wire.flush()
      let pace = wire.pace
      wire.pace = .drip(milliseconds: options.dripMilliseconds)
      try wire.put(content)
      try wire.flush()
      wire.pace = pace
      return
    }
    try wire.put(content)
  }

  /// The header lines with (or without) these names, and the empty line (RFC 3501 §6.4.5).
  private static func fields(of message: StoredMessage, _ names: [[UInt8]], not: Bool) -> [UInt8] {
    var result: [UInt8] = []
    var isTaken = false
    for line in message.header.split(separator: ASCII.lf, omittingEmptySubsequences: true) {
      let isFolded = line.first == ASCII.space || line.first == UInt8(ascii: "\t")
      if !isFolded {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        isTaken = line.count > 1 && names.contains { ASCII.equal($0, name) } != not
      }
      if isTaken { result += line + [ASCII.lf] }
    }
    return result + [ASCII.cr, ASCII.lf]
  }

  // MARK: what is asked

  /// "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
  private static func items(_ parser: inout CommandParser, allowsModSeq: Bool) throws(Malformed)
    -> [FetchItem]
  {
    guard parser.skip(UInt8(ascii: "(")) else {
      let word = try parser.fetchAttribute()
      if ASCII.equal(word, "FAST") { return [.flags, .internalDate, .size] }
      return [try item(word, allowsModSeq)]
    }
    var items: [FetchItem] = []
    repeat {
      if !items.isEmpty { try parser.space() }
      items.append(try item(try parser.fetchAttribute(), allowsModSeq))
    } while !parser.skip(UInt8(ascii: ")")) && items.count < Limits.depth
    return items
  }

  private static func item(_ word: String, _ allowsModSeq: Bool) throws(Malformed) -> FetchItem {
    switch ASCII.upper(word) {
    case "UID": return .uid
    case "FLAGS": return .flags
    case "INTERNALDATE": return .internalDate
    case "RFC822.SIZE": return .size
    case "MODSEQ" where allowsModSeq: return .modSeq
    case "RFC822": return .body(.whole, label: "RFC822", peek: false, partial: nil)
    case "RFC822.HEADER": return .body(.header, label: "RFC822.HEADER", peek: true, partial: nil)
    case "RFC822.TEXT": return .body(.text, label: "RFC822.TEXT", peek: false, partial: nil)
    default: return try bodyItem(ASCII.upper(word))
    }
  }

  /// "BODY" [".PEEK"] "[" [section] "]" ["<" number "." nz-number ">"]
  private static func bodyItem(_ word: String) throws(Malformed) -> FetchItem {
    var rest = Substring(word).utf8
    let peek = rest.starts(with: "BODY.PEEK[".utf8)
    guard peek || rest.starts(with: "BODY[".utf8), let end = rest.lastIndex(of: UInt8(ascii: "]")) else {
      throw Malformed("this server cannot fetch that")
    }
    let start = rest.index(rest.startIndex, offsetBy: peek ? 10 : 5)
    guard start <= end else { throw Malformed("wrong section") }
    let name = Array(rest[start..<end])
    rest = rest[rest.index(after: end)...]
    var partial: (start: Int, count: Int)?
    if !rest.isEmpty {
      var parser = CommandParser(Array(rest))
      try parser.expect(UInt8(ascii: "<"))
      let first = try parser.number()
      try parser.expect(UInt8(ascii: "."))
      partial = (first, try parser.number())
      try parser.expect(UInt8(ascii: ">"))
      try parser.end()
    }
    let label = "BODY[\(String(decoding: name, as: UTF8.self))]"
    return .body(try section(name), label: label, peek: peek, partial: partial)
  }

  private static func section(_ name: [UInt8]) throws(Malformed) -> FetchItem.Section {
    switch String(decoding: name, as: UTF8.self) {
    case "": return .whole
    case "HEADER": return .header
    case "TEXT": return .text
    default:
      var parser = CommandParser(name)
      let word = try parser.atom()
      guard word == "HEADER.FIELDS" || word == "HEADER.FIELDS.NOT" else {
        throw Malformed("this server has no such section")
      }
      try parser.space()
      let names = try parser.flagList().map { Array($0.utf8) }
      try parser.end()
      return .fields(names, not: word == "HEADER.FIELDS.NOT")
    }
  }
}
