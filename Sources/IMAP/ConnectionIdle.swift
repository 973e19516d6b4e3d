// Waiting for mail: IDLE where the server has it, NOOP otherwise.

import Transport

extension Connection {
  /// Waits until messages come or go, the time is over, or `wake` is called (RFC 2177).
  ///
  /// Returns at once where mail was announced after the last look at the mailbox. Issue it anew well before 29
  /// minutes, after which servers hang up.
  ///
  /// - Throws: `.unsupported` where the server has no IDLE; `.timeout` where the connection is dead.
  public func idle(atMost seconds: Int) async throws(IMAPError) -> IdleOutcome {
    try await idle(atMost: .seconds(seconds))
  }

  /// See `idle(atMost:)` with seconds.
  public func idle(atMost time: Duration) async throws(IMAPError) -> IdleOutcome {
    let result = await withTaskCancellationHandler {
      Result { () throws(IMAPError) in try idleNow(time) }
    } onCancel: {
      wake()
    }
    return try result.get()
  }

  private func idleNow(_ time: Duration) throws(IMAPError) -> IdleOutcome {
    try guarded { () throws(IMAPError) in
      _ = try requireMailbox()
      guard supportsIdle else { throw IMAPError(.unsupported("IDLE")) }
      if hasNews {
        hasNews = false
        return .changed(takeChanges())
      }
      changes = MailboxChanges()
      let wire = try requireWire()
      let tag = try send("IDLE", on: wire)
      try waitForContinuation(tag, on: wire)
      wire.isIdle = true
      defer { wire.isIdle = false }
      let end = ContinuousClock.now + time
      var outcome: IdleOutcome?
      // What came while IDLE began is news too.
      while outcome == nil, !hasNews, changes.expunged == 0, changes.vanished.isEmpty {
        switch try wire.next(until: end) {
        case .deadline: outcome = .timedOut
        case .woken: outcome = .woken
        case .event(.response(let response)): try noteUnasked(response)
        case .event: break
        }
      }
      wire.isIdle = false
      wire.beginCommand()
      try wire.send(Array("DONE\r\n".utf8))
      try finish(tag, on: wire) { _ in }
      let isNews = hasNews || changes.expunged > 0 || !changes.vanished.isEmpty
      hasNews = false
      if isNews, outcome != .woken { return .changed(takeChanges()) }
      return outcome ?? .timedOut
    }
  }

  /// Waits for the `+` that IDLE is answered with.
  private func waitForContinuation(_ tag: String, on wire: Wire) throws(IMAPError) {
    while true {
      guard case .response(let response) = try wire.next() else { continue }
      switch response {
      case .continuation: return
      case .tagged(tag, let status, let text):
        _ = try answer(status, text)
        throw .violation("IDLE ended before it began")
      default: try noteUnasked(response)
      }
    }
  }

  /// Asks for nothing, so that the server can tell what changed.
  public func noop() async throws(IMAPError) -> MailboxChanges {
    try guarded { () throws(IMAPError) in
      _ = try command("NOOP")
      return takeChanges()
    }
  }

  private func takeChanges() -> MailboxChanges {
    defer { changes = MailboxChanges() }
    return changes
  }
}
