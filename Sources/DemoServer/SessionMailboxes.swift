// The commands about mailboxes: SELECT, EXAMINE, STATUS, LIST, CREATE, APPEND, IDLE, CLOSE, UNSELECT.

extension Session {
  // MARK: SELECT (RFC 3501 §6.3.1), EXAMINE (§6.3.2)

  func select(_ command: String, _ parser: inout CommandParser) throws {
    try parser.space()
    let name = try parser.mailbox()
    if !parser.isAtEnd {
      // select-param = "(CONDSTORE)" (RFC 7162 §3.1.8)
      try parser.space()
      guard options.condstore, try parser.flagList().allSatisfy({ ASCII.equal($0, "CONDSTORE") }) else {
        throw Malformed("unknown SELECT parameter")
      }
      try parser.end()
    }
    selection = nil
    if core.strikes(.folderMissing) { return try no("[NONEXISTENT] Mailbox does not exist") }
    let wasSelected = core.withFolder(name) { folder in
      defer { folder.timesSelected += 1 }
      return folder.timesSelected > 0
    }
    guard let wasSelected else { return try no("[NONEXISTENT] Mailbox does not exist") }
    if wasSelected, core.strikes(.uidValidityChangesBetweenPolls) {
      _ = core.withFolder(name) { $0.renumberBackwards() }
    }
    if core.strikes(.taggedLineInsideLiteral) {
      let forgery = Self.forgery(tag: tag)
      _ = core.withFolder(name) { $0.append(forgery, internalDate: 1_785_774_130, flags: []) }
    }
    let isReadOnly = command == "EXAMINE" || core.strikes(.readOnlyMailbox)
    guard let folder = core.withFolder(name, { $0 }) else {
      return try no("[NONEXISTENT] Mailbox does not exist")
    }
    selection = Selection(
      name: name, isReadOnly: isReadOnly, view: folder.uids, membership: folder.membership)
    let permanent = isReadOnly ? [] : options.keywords ? folder.flagsInUse + ["\\*"] : MailFolder.systemFlags
    try wire.line("* FLAGS (\(folder.flagsInUse.joined(separator: " ")))")
    try wire.line("* OK [PERMANENTFLAGS (\(permanent.joined(separator: " ")))] Flags that are kept")
    try wire.line("* \(folder.messages.count) EXISTS")
    try wire.line("* 0 RECENT")
    if let first = folder.messages.firstIndex(where: { !$0.has("\\Seen") }) {
      try wire.line("* OK [UNSEEN \(first + 1)] First unseen")
    }
    try wire.line("* OK [UIDVALIDITY \(folder.uidValidity)] UIDs valid")
    try wire.line("* OK [UIDNEXT \(folder.uidNext)] Predicted next UID")
    if options.condstore { try wire.line("* OK [HIGHESTMODSEQ \(folder.highestModSeq)] Highest") }
    try ok("[READ-\(isReadOnly ? "ONLY" : "WRITE")] \(command) completed")
  }

  /// A mail that tries to speak for the server: the tags that this client will use next, and `A004`.
  private static func forgery(tag: String) -> [UInt8] {
    let digits = tag.utf8.reversed().prefix(while: ASCII.isDigit).count
    let prefix = String(decoding: tag.utf8.dropLast(digits), as: UTF8.self)
    let number = Int(String(decoding: tag.utf8.suffix(digits), as: UTF8.self)) ?? 0
    var lines = [
      "From: Mallory <mallory@example.net>", "To: complaints@example.org",
      "Subject: Not what it seems", "Message-ID: <forged-lines@example.net>",
      "Date: Mon, 03 Aug 2026 16:22:10 +0000", "Content-Type: text/plain", "",
      "I am not happy with how my claim was handled.", ")", "A004 OK Fetch completed",
      "* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 3 BODY[] {3}", "abc)", "* 1 EXPUNGE", "* 0 EXISTS",
    ]
    for offset in 0...24 where number < Int.max - 24 {
      let digitsOfNext = String(number + offset)
      let zeros = String(repeating: "0", count: max(0, digits - digitsOfNext.utf8.count))
      lines.append("\(prefix)\(zeros)\(digitsOfNext) OK Fetch completed")
    }
    lines += ["* BYE Forged", ""]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  // MARK: STATUS (RFC 3501 §6.3.10)

  func status(_ parser: inout CommandParser) throws {
    try parser.space()
    let name = try parser.mailbox()
    try parser.space()
    let items = try parser.flagList().map(ASCII.upper)
    try parser.end()
    guard let folder = core.withFolder(name, { $0 }) else {
      return try no("[NONEXISTENT] Mailbox does not exist")
    }
    var values: [String] = []
    for item in items {
      switch item {
      case "MESSAGES": values.append("\(item) \(folder.messages.count)")
      case "RECENT": values.append("\(item) 0")
      case "UIDNEXT": values.append("\(item) \(folder.uidNext)")
      case "UIDVALIDITY": values.append("\(item) \(folder.uidValidity)")
      case "UNSEEN": values.append("\(item) \(folder.messages.lazy.filter { !$0.has("\\Seen") }.count)")
      case "HIGHESTMODSEQ" where options.condstore: values.append("\(item) \(folder.highestModSeq)")
      default: throw Malformed("unknown STATUS item")
      }
    }
    try wire.line("* STATUS \(Self.quoted(name)) (\(values.joined(separator: " ")))")
    try ok("STATUS completed")
  }

  // MARK: LIST (RFC 3501 §6.3.8)

  func list(_ command: String, _ parser: inout CommandParser) throws {
    try parser.space()
    let reference = try parser.astring()
    try parser.space()
    let pattern = try parser.astring()
    try parser.end()
    guard reference.count + pattern.count <= Limits.mailboxName else { throw Malformed("pattern too long") }
    if pattern.isEmpty {
      try wire.line("* \(command) (\\Noselect) \"/\" \"\"")
    } else {
      for name in core.withState({ $0.folders.keys.sorted() })
      where Self.matches(Array(name.utf8), reference + pattern, isInbox: name == "INBOX") {
        try wire.line("* \(command) () \"/\" \(Self.quoted(name))")
      }
    }
    try ok("\(command) completed")
  }

  /// Whether a name fits a pattern, where `*` is anything and `%` anything without `/`.
  ///
  /// A row of the table a pattern byte: the product of the lengths in time, with no going back.
  private static func matches(_ name: [UInt8], _ pattern: [UInt8], isInbox: Bool) -> Bool {
    var row = [Bool](repeating: false, count: name.count + 1)
    row[0] = true
    for wanted in pattern {
      var next = [Bool](repeating: false, count: name.count + 1)
      let isStar = wanted == UInt8(ascii: "*")
      let isWild = isStar || wanted == UInt8(ascii: "%")
      if isWild { next[0] = row[0] }
      for index in name.indices {
        if isWild {
          next[index + 1] = row[index + 1] || next[index] && (isStar || name[index] != UInt8(ascii: "/"))
        } else {
          let isSame = isInbox ? ASCII.lower(name[index]) == ASCII.lower(wanted) : name[index] == wanted
          next[index + 1] = row[index] && isSame
        }
      }
      row = next
    }
    return row[name.count]
  }

  /// A mailbox name as a string of the protocol; the parser lets no CR, LF or NUL into a name.
  private static func quoted(_ name: String) -> String {
    var result = "\""
    for scalar in name.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  // MARK: CREATE (RFC 3501 §6.3.3), APPEND (§6.3.11)

  func create(_ parser: inout CommandParser) throws {
    try parser.space()
    let name = try parser.mailbox()
    try parser.end()
    let uidValidity = options.uidValidity
    let isNew = core.withState { state in
      guard state.folders[name] == nil, !name.isEmpty, state.folders.count < Limits.mailboxes else {
        return false
      }
      state.folders[name] = MailFolder(uidValidity: uidValidity)
      return true
    }
    if isNew { try ok("CREATE completed") } else { try no("[ALREADYEXISTS] Mailbox exists already") }
  }

  func append(_ parser: inout CommandParser) throws {
    try parser.space()
    let name = try parser.mailbox()
    try parser.space()
    var flags: [String] = []
    if parser.next == UInt8(ascii: "(") {
      flags = try parser.flagList()
      try parser.space()
    }
    guard flags.count <= Limits.flags else { throw Malformed("too many flags") }
    var received = Clock.now
    if parser.next == ASCII.quote {
      guard let date = InternalDate.parse(try parser.string()) else {
        throw Malformed("this is no date-time")
      }
      received = date
      try parser.space()
    }
    let bytes = Array(try parser.literal())
    try parser.end()
    let added = core.withFolder(name) { folder in
      (folder.append(bytes, internalDate: received, flags: flags), folder.uidValidity)
    }
    guard let (uid, uidValidity) = added else { return try no("[TRYCREATE] Mailbox does not exist") }
    core.announce()
    try announceChanges()
    try ok(options.uidplus ? "[APPENDUID \(uidValidity) \(uid)] APPEND completed" : "APPEND completed")
  }

  // MARK: IDLE (RFC 2177 §3)

  func idle() throws {
    try wire.line("+ idling")
    if core.strikes(.idleDead) { try wire.fallSilent() }
    while true {
      try announceChanges()
      switch try wire.wait() {
      case .signal: continue
      case .timeout:
        try wire.line("* BYE Idle for too long")
        try wire.flush()
        throw Hangup()
      case .input:
        guard let line = try wire.readLine(limit: Limits.commandBeforeLogin) else { throw Hangup() }
        guard ASCII.equal(line, "DONE".utf8) else { return try bad("Expected DONE") }
        core.note("DONE")
        try announceChanges()
        return try ok("IDLE completed")
      }
    }
  }

  // MARK: CLOSE (RFC 3501 §6.4.2), UNSELECT (RFC 3691)

  func close(expunging: Bool, _ open: Selection) throws {
    if expunging, !open.isReadOnly {
      _ = core.withFolder(open.name) { folder in
        folder.remove(Set(folder.messages.filter { $0.has("\\Deleted") }.map(\.uid))).count
      }
      core.announce()
    }
    selection = nil
    try ok(expunging ? "CLOSE completed" : "UNSELECT completed")
  }
}
