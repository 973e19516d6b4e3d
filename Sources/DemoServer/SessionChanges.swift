// The commands that change messages: STORE, COPY, MOVE, EXPUNGE.

extension Session {
  // MARK: STORE (RFC 3501 §6.4.6)

  func store(byUID: Bool, _ open: Selection, _ parser: inout CommandParser) throws {
    try parser.space()
    let set = try parser.sequenceSet()
    try parser.space()
    var unchangedSince: UInt64?
    if options.condstore, parser.skip(UInt8(ascii: "(")) {
      // store-modifier = "(UNCHANGEDSINCE n)" (RFC 7162 §3.1.3)
      guard ASCII.equal(try parser.atom(), "UNCHANGEDSINCE") else {
        throw Malformed("unknown STORE modifier")
      }
      try parser.space()
      unchangedSince = UInt64(try parser.number())
      try parser.expect(UInt8(ascii: ")"))
      try parser.space()
    }
    var word = ASCII.upper(try parser.atom())
    let isSilent = word.hasSuffix(".SILENT")
    if isSilent { word.removeLast(7) }
    guard ["FLAGS", "+FLAGS", "-FLAGS"].contains(word) else { throw Malformed("unknown STORE item") }
    try parser.space()
    var flags: [String] = []
    if parser.next == UInt8(ascii: "(") {
      flags = try parser.flagList()
    } else {
      flags.append(try parser.flag())
      while parser.skip(ASCII.space) { flags.append(try parser.flag()) }
    }
    try parser.end()
    guard flags.count <= Limits.flags else { throw Malformed("too many flags") }
    flags = MailFolder.unique(flags)
    guard !open.isReadOnly else { return try no("[READ-ONLY] Mailbox is read-only") }
    if core.strikes(.storeRefused) { return try no("[NOPERM] Flags cannot be changed") }
    if !options.keywords { flags.removeAll { !MailFolder.systemFlags.contains($0) } }

    let allowed = flags
    var modified: [UInt32] = []
    for uid in uids(set, byUID: byUID, open) {
      let result = core.withFolder(open.name) { folder -> (message: StoredMessage?, isModified: Bool) in
        guard let message = folder.message(uid) else { return (nil, false) }
        if let unchangedSince, message.modSeq > unchangedSince { return (nil, true) }
        let others = message.flags.filter { old in !allowed.contains { ASCII.equal($0, old) } }
        let new =
          switch word {
          case "+FLAGS": message.flags + allowed.filter { !message.has($0) }
          case "-FLAGS": others
          default: allowed
          }
        if new.count <= Limits.flags { folder.setFlags(new, of: uid) }
        return (folder.message(uid), false)
      }
      guard let result, let number = sequenceNumber(uid) else { continue }
      if result.isModified { modified.append(byUID ? uid : UInt32(truncatingIfNeeded: number)) }
      guard let message = result.message, !isSilent || unchangedSince != nil else { continue }
      var parts: [String] = byUID ? ["UID \(uid)"] : []
      if !isSilent { parts.append("FLAGS (\(message.flags.joined(separator: " ")))") }
      if unchangedSince != nil { parts.append("MODSEQ (\(message.modSeq))") }
      try wire.line("* \(number) FETCH (\(parts.joined(separator: " ")))")
    }
    if core.strikes(.unsolicitedFetchFlags) { try sendFlags(at: 0, withUID: true) }
    if byUID { try announceChanges() }
    try ok((modified.isEmpty ? "" : "[MODIFIED \(SequenceSet.text(modified))] ") + "STORE completed")
  }

  // MARK: COPY (RFC 3501 §6.4.7), MOVE (RFC 6851 §3)

  func copy(byUID: Bool, move: Bool, _ open: Selection, _ parser: inout CommandParser) throws {
    try parser.space()
    let set = try parser.sequenceSet()
    try parser.space()
    let target = try parser.mailbox()
    try parser.end()
    if move, open.isReadOnly { return try no("[READ-ONLY] Mailbox is read-only") }
    let wanted = uids(set, byUID: byUID, open)
    // One lock for both mailboxes: nobody sees a message in neither or twice.
    let done = core.withState { state -> (uidValidity: UInt32, from: [UInt32], to: [UInt32])? in
      guard let source = state.folders[open.name], var folder = state.folders[target] else { return nil }
      let found = wanted.compactMap { source.message($0) }
      let new = found.map { folder.append($0.bytes, internalDate: $0.internalDate, flags: $0.flags) }
      state.folders[target] = folder
      if move { _ = state.folders[open.name]?.remove(Set(found.map(\.uid))) }
      return (folder.uidValidity, found.map(\.uid), new)
    }
    guard let done else { return try no("[TRYCREATE] Mailbox does not exist") }
    if !done.from.isEmpty { core.announce() }
    let code =
      options.uidplus && !done.from.isEmpty
      ? "[COPYUID \(done.uidValidity) \(SequenceSet.text(done.from)) \(SequenceSet.text(done.to))] " : ""
    if move, !code.isEmpty { try wire.line("* OK \(code)Moved") }
    if move || byUID { try announceChanges() }
    try ok((move ? "" : code) + "\(move ? "MOVE" : "COPY") completed")
  }

  // MARK: EXPUNGE (RFC 3501 §6.4.3), UID EXPUNGE (RFC 4315 §2.1)

  func expunge(byUID: Bool, _ open: Selection, _ parser: inout CommandParser) throws {
    var wanted: Set<UInt32>?
    if byUID {
      try parser.space()
      wanted = Set(uids(try parser.sequenceSet(), byUID: true, open))
    }
    try parser.end()
    guard !open.isReadOnly else { return try no("[READ-ONLY] Mailbox is read-only") }
    let only = wanted
    _ = core.withFolder(open.name) { folder in
      let deleted = folder.messages.filter { $0.has("\\Deleted") && (only?.contains($0.uid) ?? true) }
      return folder.remove(Set(deleted.map(\.uid))).count
    }
    core.announce()
    try announceChanges()
    try ok("EXPUNGE completed")
  }
}
