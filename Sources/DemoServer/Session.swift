// One connection: greeting, login, the commands that need no mailbox, and the way to all others.

/// Runs on its connection's thread only.
final class Session {
  /// The mailbox that is open, as this client knows it (RFC 3501 §2.3.1.2).
  struct Selection {
    var name: String
    var isReadOnly: Bool
    /// The UIDs by sequence number; changed only together with an EXISTS or EXPUNGE to the client.
    var view: [UInt32]
    /// The folder's `membership` that the view shows; nil once the mailbox is gone.
    var membership: UInt64?
  }

  let core: Core
  let wire: Wire
  var selection: Selection?
  private var isLoggedIn = false
  private var failedLogins = 0
  /// The tag of the command being served.
  var tag = "*"
  private var isEnded = false

  var options: DemoServer.Options { core.options }

  init(core: Core, wire: Wire) {
    self.core = core
    self.wire = wire
  }

  /// Serves until the client or the server ends it.
  func run() {
    do throws(Hangup) {
      if core.strikes(.silenceAtGreeting) { try wire.fallSilent() }
      if core.strikes(.splitCRLF) { wire.pace = .split }
      try wire.line("* OK [CAPABILITY \(capabilities)] Demo server ready")
      while !isEnded { try serve() }
    } catch {
      // Hangup: there is no one left to tell.
    }
    try? wire.flush()
  }

  private func serve() throws(Hangup) {
    let outcome = try CommandReader.next(
      from: wire, isLoggedIn: isLoggedIn, allowsUnsynchronized: options.literalMinus)
    switch outcome {
    case .refused(let tag, let reason):
      core.note("\(tag) (refused: \(reason))")
      try wire.line("\(tag) BAD \(reason)")
    case .command(let command):
      guard !command.bytes.isEmpty else {
        try wire.line("* BAD empty line")
        return
      }
      try serve(command)
    }
  }

  private func serve(_ command: RawCommand) throws(Hangup) {
    var parser = CommandParser(command.bytes)
    tag = "*"
    var isNoted = false
    do {
      tag = try parser.tag()
      try parser.space()
      var name = ASCII.upper(try parser.atom())
      if name == "UID" {
        try parser.space()
        name += " " + ASCII.upper(try parser.atom())
      }
      core.note(["LOGIN", "AUTHENTICATE"].contains(name) ? "\(tag) \(name) …" : command.text)
      isNoted = true
      if isLoggedIn, !["LOGOUT", "CAPABILITY"].contains(name), core.strikes(.silenceAfterCommand) {
        try wire.fallSilent()
      }
      try dispatch(name, &parser)
    } catch let error as Malformed {
      if !isNoted { core.note("\(tag) (unreadable)") }
      try wire.line("\(tag) BAD \(error.reason)")
    } catch {
      throw Hangup()
    }
  }

  private func dispatch(_ name: String, _ parser: inout CommandParser) throws {
    switch name {
    case "CAPABILITY":
      try parser.end()
      try wire.line("* CAPABILITY \(capabilities)")
      try ok("CAPABILITY completed")
    case "NOOP", "CHECK":
      try parser.end()
      try noop(name)
    case "LOGOUT":
      try parser.end()
      try wire.line("* BYE Logging out")
      try ok("LOGOUT completed")
      isEnded = true
    case "ID":
      try wire.line("* ID (\"name\" \"intake demo server\")")
      try ok("ID completed")
    case "STARTTLS": try bad("There is no TLS on this loopback server")
    case "LOGIN", "AUTHENTICATE":
      guard !isLoggedIn else { return try bad("Already logged in") }
      if name == "LOGIN" { try login(&parser) } else { try authenticate(&parser) }
    default:
      guard isLoggedIn else { return try bad("Log in first, or unknown command") }
      try dispatchLoggedIn(name, &parser)
    }
  }

  private func dispatchLoggedIn(_ name: String, _ parser: inout CommandParser) throws {
    switch name {
    case "ENABLE": try enable(&parser)
    case "NAMESPACE":
      try parser.end()
      try wire.line("* NAMESPACE ((\"\" \"/\")) NIL NIL")
      try ok("NAMESPACE completed")
    case "SELECT", "EXAMINE": try select(name, &parser)
    case "STATUS": try status(&parser)
    case "LIST", "LSUB": try list(name, &parser)
    case "CREATE": try create(&parser)
    case "APPEND": try append(&parser)
    case "IDLE" where options.idle:
      try parser.end()
      try idle()
    default:
      guard let selection else { return try bad("Select a mailbox first, or unknown command") }
      try dispatchSelected(name, selection, &parser)
    }
  }

  private func dispatchSelected(_ name: String, _ open: Selection, _ parser: inout CommandParser) throws {
    let byUID = name.utf8.starts(with: "UID ".utf8)
    switch name {
    case "FETCH", "UID FETCH": try fetch(byUID: byUID, open, &parser)
    case "SEARCH", "UID SEARCH": try search(byUID: byUID, open, &parser)
    case "STORE", "UID STORE": try store(byUID: byUID, open, &parser)
    case "COPY", "UID COPY": try copy(byUID: byUID, move: false, open, &parser)
    case "MOVE" where options.move, "UID MOVE" where options.move:
      try copy(byUID: byUID, move: true, open, &parser)
    case "EXPUNGE": try expunge(byUID: false, open, &parser)
    case "UID EXPUNGE" where options.uidplus: try expunge(byUID: true, open, &parser)
    case "CLOSE", "UNSELECT":
      try parser.end()
      try close(expunging: name == "CLOSE", open)
    default: try bad("Unknown command")
    }
  }

  // MARK: answers

  func ok(_ text: String) throws(Hangup) { try wire.line("\(tag) OK \(text)") }
  func no(_ text: String) throws(Hangup) { try wire.line("\(tag) NO \(text)") }
  func bad(_ text: String) throws(Hangup) { try wire.line("\(tag) BAD \(text)") }

  /// Refuses the command if the fault says so.
  func isThrottled() throws(Hangup) -> Bool {
    guard core.strikes(.throttled) else { return false }
    try no("Request is throttled. Suggested Backoff Time: 1500 milliseconds")
    return true
  }

  private var capabilities: String {
    var names = ["IMAP4rev1", "AUTH=PLAIN", "AUTH=LOGIN", "ENABLE", "ID", "NAMESPACE", "UNSELECT"]
    if options.idle { names.append("IDLE") }
    if options.move { names.append("MOVE") }
    if options.uidplus { names.append("UIDPLUS") }
    if options.condstore { names.append("CONDSTORE") }
    if options.esearch { names.append("ESEARCH") }
    if options.literalMinus { names.append("LITERAL-") }
    if options.saslIR { names.append("SASL-IR") }
    return names.joined(separator: " ")
  }

  // MARK: login

  private func login(_ parser: inout CommandParser) throws {
    try parser.space()
    let user = try parser.astring()
    try parser.space()
    let password = try parser.astring()
    try parser.end()
    try finishLogin(user, password)
  }

  /// AUTHENTICATE PLAIN (RFC 4616) and LOGIN, the first with an initial response (RFC 4959).
  private func authenticate(_ parser: inout CommandParser) throws {
    try parser.space()
    let mechanism = ASCII.upper(try parser.atom())
    var initial: [UInt8]?
    if !parser.isAtEnd {
      guard options.saslIR else { throw Malformed("SASL-IR is not offered") }
      try parser.space()
      let text = try parser.atom()
      try parser.end()
      initial = text == "=" ? [] : ASCII.base64(Array(text.utf8)[...])
      guard initial != nil else { throw Malformed("this is no base64") }
    }
    switch mechanism {
    case "PLAIN":
      let answer = try initial ?? challenge("+ ")
      // message = [authzid] NUL authcid NUL passwd
      let parts = answer.split(separator: 0, omittingEmptySubsequences: false)
      guard parts.count == 3 else { throw Malformed("this is no PLAIN message") }
      try finishLogin(Array(parts[1]), Array(parts[2]))
    case "LOGIN":
      let user = try initial ?? challenge("+ VXNlcm5hbWU6")
      try finishLogin(user, try challenge("+ UGFzc3dvcmQ6"))
    default: try no("[CANNOT] Unknown mechanism")
    }
  }

  private func challenge(_ text: String) throws -> [UInt8] {
    try wire.line(text)
    guard let line = try wire.readLine(limit: Limits.commandBeforeLogin) else { throw Hangup() }
    guard line != [UInt8(ascii: "*")] else { throw Malformed("cancelled") }
    guard let answer = ASCII.base64(line[...]) else { throw Malformed("this is no base64") }
    return answer
  }

  private func finishLogin(_ user: [UInt8], _ password: [UInt8]) throws(Hangup) {
    let isRight = user == Array(options.user.utf8) && password == Array(options.password.utf8)
    if isRight, !core.strikes(.loginRefused) {
      isLoggedIn = true
      return try ok("[CAPABILITY \(capabilities)] Logged in")
    }
    try no("[AUTHENTICATIONFAILED] Authentication failed")
    failedLogins += 1
    if failedLogins >= Limits.failedLogins {
      try wire.line("* BYE Too many failed logins")
      isEnded = true
    }
  }

  // MARK: small ones

  private func enable(_ parser: inout CommandParser) throws {
    var enabled = ""
    repeat {
      try parser.space()
      if ASCII.upper(try parser.atom()) == "CONDSTORE", options.condstore { enabled = " CONDSTORE" }
    } while !parser.isAtEnd
    try wire.line("* ENABLED\(enabled)")
    try ok("ENABLE completed")
  }

  private func noop(_ name: String) throws(Hangup) {
    if selection != nil, core.strikes(.unsolicitedExpunge) { expungeLast() }
    if selection != nil, core.strikes(.unsolicitedFetchFlags) { try sendFlags(at: 0, withUID: true) }
    try announceChanges()
    try ok("\(name) completed")
  }

  // MARK: what changed meanwhile

  /// Tells the client of what came and went (RFC 3501 §7.3.1, §7.4.1). Not while a command by sequence number
  /// is being answered.
  func announceChanges() throws(Hangup) {
    guard var open = selection else { return }
    let membership = core.withFolder(open.name) { $0.membership }
    guard membership != open.membership else { return }
    // A deleted mailbox is an empty one to whoever has it open.
    let folder = core.withFolder(open.name) { ($0.uids, $0.membership) }
    let now = folder?.0 ?? []
    open.membership = folder?.1
    var kept: [UInt32] = []
    var gone: [Int] = []
    var at = 0
    for (index, uid) in open.view.enumerated() {
      while at < now.count, now[at] < uid { at += 1 }
      if at < now.count, now[at] == uid { kept.append(uid) } else { gone.append(index + 1) }
    }
    // From the last to the first, so that no number shifts before it is said.
    for number in gone.reversed() { try wire.line("* \(number) EXPUNGE") }
    let added = kept.last.map { last in now.drop { $0 <= last } } ?? now[...]
    open.view = kept + added
    selection = open
    if !added.isEmpty { try wire.line("* \(open.view.count) EXISTS") }
  }

  /// Removes the last message, as another client would.
  func expungeLast() {
    guard let selection else { return }
    _ = core.withFolder(selection.name) { folder in
      if let last = folder.messages.last { _ = folder.remove([last.uid]) }
    }
  }
}
