// Opening a folder, looking for messages in it, and marking or moving those that are done.

import Transport

extension Connection {
  /// Opens a folder; for reading only, it cannot be changed by accident (EXAMINE).
  ///
  /// - Throws: `.mailboxMissing`, `.authorization`, `.no`, or what ended the connection.
  public func select(_ name: MailboxName, readOnly: Bool) async throws(IMAPError) -> MailboxStatus {
    try guarded { () throws(IMAPError) in
      mailbox = nil
      changes = MailboxChanges()
      var exists = 0
      var validity: UIDValidity?
      var next: UID?
      var modSeq: UInt64?
      var permanent: [String]?
      var isSticky = true
      let done: ResponseText
      do throws(IMAPError) {
        done = try command("\(readOnly ? "EXAMINE" : "SELECT") \(name.wire)") { response throws(IMAPError) in
          switch response {
          case .exists(let count): exists = Int(count)
          case .status(_, let text):
            guard let code = text.code else { return }
            switch code.name {
            case "UIDVALIDITY": validity = ASCII.nonzeroNumber(code.argument).flatMap { UIDValidity($0) }
            case "UIDNEXT": next = ASCII.nonzeroNumber(code.argument).flatMap { UID($0) }
            case "HIGHESTMODSEQ": modSeq = ASCII.number(code.argument).map { UInt64($0) }
            case "PERMANENTFLAGS": permanent = code.flags
            case "UIDNOTSTICKY": isSticky = false
            default: break
            }
          default: break
          }
        }
      } catch {
        throw Self.folderError(error, name)
      }
      guard let validity else {
        throw .violation("the folder has no UIDVALIDITY, so its messages have no lasting names")
      }
      let status = MailboxStatus(
        uidValidity: validity, uidNext: next, exists: exists, highestModSeq: modSeq == 0 ? nil : modSeq,
        readOnly: readOnly || done.code?.name == "READ-ONLY", permanentFlags: permanent,
        uidsAreSticky: isSticky)
      mailbox = status
      changes = MailboxChanges()
      hasNews = false
      return status
    }
  }

  /// Old servers refuse a folder that is not there in words only.
  private static func folderError(_ error: IMAPError, _ name: MailboxName) -> IMAPError {
    guard case .no(let text, nil) = error.kind else { return error }
    let said = Array(text.utf8)
    let phrases: [StaticString] = [
      "DOESN'T EXIST", "DOES NOT EXIST", "NOT EXIST", "NOT FOUND", "UNKNOWN MAILBOX", "NO SUCH",
    ]
    guard phrases.contains(where: { ASCII.contains(said, $0) }) else { return error }
    return IMAPError(.mailboxMissing, "\(ServerText.sanitized(name.description.utf8)): \(text)")
  }

  /// The UIDs that the key fits, in ascending order.
  ///
  /// A large mailbox is asked in windows of UIDs. `.all` and `.uids(from:)` count as a look at the mailbox: mail
  /// that is announced after such a search makes the next `idle` return at once.
  public func search(_ key: SearchKey) async throws(IMAPError) -> UIDSet {
    try guarded { () throws(IMAPError) in
      let mailbox = try requireMailbox()
      var criterion = ""
      var from = UID.first
      switch key {
      case .all: hasNews = false
      case .uids(let first):
        hasNews = false
        from = first
      case .set(let set):
        var found = UIDSet()
        for piece in set.split(maximumLength: Limits.setLength, maximumCount: Limits.setCount) {
          found = found.union(try searchOnce("UID \(piece)").intersection(piece))
        }
        return found
      case .since(let year, let month, let day):
        guard let date = InternalDate.text(year: year, month: month, day: day) else {
          throw IMAPError(.settings, "\(year)-\(month)-\(day) is no date")
        }
        criterion = " SINCE \(date)"
      case .keyword(let keyword): criterion = " KEYWORD \(try Self.checked(keyword))"
      case .unkeyword(let keyword): criterion = " UNKEYWORD \(try Self.checked(keyword))"
      }
      var found = UIDSet()
      var start = from.rawValue
      if mailbox.exists > Limits.windowAbove, let next = mailbox.uidNext, next > from {
        // A sparse numbering must not make a million windows.
        let width = max(Limits.searchWindow, (next.rawValue - from.rawValue) / Limits.searchWindows + 1)
        while next.rawValue - start > width {
          let window = start...(start + width - 1)
          let piece = UIDSet(merging: [window])
          found = found.union(
            try searchOnce("UID \(window.lowerBound):\(window.upperBound)\(criterion)").intersection(piece))
          start += width
        }
      }
      // `n:*` includes the last message even where its UID is below n (RFC 9051 §6.4.9).
      let rest = try searchOnce("UID \(start):*\(criterion)")
      found = found.union(rest.intersection(UIDSet(merging: [start...UInt32.max])))
      return found
    }
  }

  /// One UID SEARCH; as ranges where the server knows ESEARCH (RFC 4731).
  private func searchOnce(_ criteria: String) throws(IMAPError) -> UIDSet {
    let isExtended = capabilities.contains("ESEARCH") || capabilities.contains("IMAP4REV2")
    let wire = try requireWire()
    let tag = try send("UID SEARCH \(isExtended ? "RETURN (ALL) " : "")\(criteria)", on: wire)
    // Merged once: a server may spread its answer over many responses.
    var ranges: [ClosedRange<UInt32>] = []
    var count = 0
    try finish(tag, on: wire) { response throws(IMAPError) in
      let found: UIDSet
      switch response {
      case .search(let uids): found = uids
      case .extendedSearch(let asked, let isUID, let uids):
        guard asked == nil || asked == tag else { throw .violation("ESEARCH for another command") }
        guard isUID else { throw .violation("ESEARCH with sequence numbers where UIDs were asked for") }
        found = uids
      default: return
      }
      count += found.count
      guard count <= Limits.searchResults else {
        throw IMAPError(.limit("\(Limits.searchResults) messages in a search result"))
      }
      ranges += found.ranges
    }
    return UIDSet(merging: ranges)
  }

  /// RFC822.SIZE of each message that is still there.
  public func sizes(_ uids: UIDSet) async throws(IMAPError) -> [UID: Int] {
    try guarded { () throws(IMAPError) in
      _ = try requireMailbox()
      var sizes: [UID: Int] = [:]
      for piece in uids.split(maximumLength: Limits.setLength, maximumCount: Limits.setCount) {
        _ = try command("UID FETCH \(piece) (UID RFC822.SIZE)") { response throws(IMAPError) in
          guard case .fetch(let items) = response, let uid = items.uid, let size = items.size else { return }
          if piece.contains(uid) { sizes[uid] = size }
        }
      }
      return sizes
    }
  }

  /// Sets a keyword on messages.
  ///
  /// - Throws: `.readOnly`; `.settings` for a system flag such as `\Seen`, which nothing here ever sets.
  public func store(keyword: String, on uids: UIDSet) async throws(IMAPError) {
    try guarded { () throws(IMAPError) in
      let keyword = try Self.checked(keyword)
      guard try !requireMailbox().readOnly else { throw IMAPError(.readOnly, "keyword \(keyword)") }
      for piece in uids.split(maximumLength: Limits.setLength, maximumCount: Limits.setCount) {
        _ = try command("UID STORE \(piece) +FLAGS.SILENT (\(keyword))")
      }
    }
  }

  /// Moves messages into another folder: MOVE (RFC 6851), or else copy, mark and expunge just these (RFC 4315).
  ///
  /// Without MOVE it is three steps: dying between them leaves a copy in both folders.
  ///
  /// - Throws: `.unsupported` where the server has neither MOVE nor UIDPLUS, before anything is touched: a bare
  ///   EXPUNGE could remove what others marked. `.mailboxMissing` where the target is not there.
  public func move(_ uids: UIDSet, to target: MailboxName) async throws(IMAPError) -> MoveOutcome {
    try guarded { () throws(IMAPError) in
      guard try !requireMailbox().readOnly else { throw IMAPError(.readOnly, "MOVE") }
      let canMove = capabilities.contains("MOVE") || capabilities.contains("IMAP4REV2")
      guard canMove || capabilities.contains("UIDPLUS") else {
        throw IMAPError(
          .unsupported("MOVE"), "the server has neither MOVE nor UIDPLUS; set a keyword instead of moving")
      }
      var outcome = MoveOutcome(method: canMove ? .move : .copyAndExpunge, asked: 0)
      for piece in uids.split(maximumLength: Limits.setLength, maximumCount: Limits.setCount) {
        do throws(IMAPError) {
          // COPYUID comes untagged with MOVE (RFC 6851 §4.3), tagged with COPY.
          let done = try command("UID \(canMove ? "MOVE" : "COPY") \(piece) \(target.wire)") {
            response throws(IMAPError) in
            if case .status(_, let text) = response, let found = Self.destination(text) {
              outcome.destination.append(found)
            }
          }
          if let found = Self.destination(done) { outcome.destination.append(found) }
        } catch {
          throw Self.folderError(error, target)
        }
        if !canMove {
          _ = try command("UID STORE \(piece) +FLAGS.SILENT (\\Deleted)")
          _ = try command("UID EXPUNGE \(piece)")
        }
        outcome.asked += piece.count
      }
      return outcome
    }
  }

  /// resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set   (RFC 4315 §4)
  private static func destination(_ text: ResponseText) -> MoveOutcome.Destination? {
    guard let code = text.code, code.name == "COPYUID", code.words.count == 3,
      let validity = ASCII.nonzeroNumber(code.words[0]).flatMap({ UIDValidity($0) }),
      let source = UIDSet(code.words[1]), let target = UIDSet(code.words[2])
    else { return nil }
    return MoveOutcome.Destination(uidValidity: validity, source: source, target: target)
  }

  private static func checked(_ keyword: String) throws(IMAPError) -> String {
    guard ASCII.isAtom(keyword) else {
      throw IMAPError(.settings, "\(ServerText.sanitized(keyword.utf8)) cannot be an IMAP keyword")
    }
    return keyword
  }
}
