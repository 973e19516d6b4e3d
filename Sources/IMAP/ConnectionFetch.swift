// Fetching whole messages: several commands under way, each one's messages held until its tagged OK, nothing larger
// than a limit in memory.

import Transport

extension Connection {
  /// Fetches messages without marking them seen, and hands each out once the server has said OK to its batch.
  ///
  /// A batch that the server refuses is halved until the message that it cannot deliver stands alone: it is listed
  /// as refused, and all others come through.
  ///
  /// - Parameters:
  ///   - sizes: RFC822.SIZE where it is known, for batches of about 4 MiB; 64 KiB is assumed otherwise.
  ///   - spillDirectory: where a message above `memoryLimit` bytes becomes a file while it arrives.
  ///   - onMessage: called on the connection's own thread; it may block, and then nothing more is read.
  /// - Throws: what ended the connection. Messages handed out before stay handed out; all others can be fetched
  ///   again.
  public func fetch(
    _ uids: [UID], sizes: [UID: Int] = [:], spillDirectory: String, memoryLimit: Int,
    onMessage: @Sendable (FetchedMessage) -> Void
  ) async throws(IMAPError) -> FetchSummary {
    try guarded { () throws(IMAPError) in
      _ = try requireMailbox()
      var run = FetchRun(
        batches: Self.batches(UIDSet(uids), sizes: sizes), spillDirectory: spillDirectory,
        memoryLimit: memoryLimit, messageLimit: settings.messageLimit)
      let wire = try requireWire()
      while true {
        while run.canSend, let batch = run.nextBatch() {
          // Sizes are for the deadline only, so the caller's word is good enough.
          let size = batch.uids.reduce(0) { $0 &+ max(0, sizes[$1] ?? Limits.assumedSize) }
          let tag = try send(
            "UID FETCH \(batch.uids) (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])", on: wire,
            isFirst: run.isIdle, expecting: max(size, 0))
          run.sent(batch, tag: tag, size: max(size, 0))
        }
        if run.isIdle { break }
        try step(&run, on: wire, onMessage)
      }
      run.summary.missing.sort()
      run.summary.refused.sort { $0.uid < $1.uid }
      return run.summary
    }
  }

  /// Takes one event.
  private func step(
    _ run: inout FetchRun, on wire: Wire, _ onMessage: (FetchedMessage) -> Void
  ) throws(IMAPError) {
    switch try wire.next() {
    case .bodyStart(let size): try run.startBody(size)
    case .body(let range): try run.addBody(wire.bytes(range))
    case .bodyEnd: break
    case .response(.fetch(let items)):
      try noteUnasked(.fetch(items))
      try run.take(items)
    case .response(.tagged(let tag, let status, let text)):
      guard let batch = run.finished(tag) else {
        try noteUnasked(.tagged(tag: tag, status: status, text: text))
        return
      }
      do throws(IMAPError) {
        _ = try answer(status, text)
      } catch {
        guard case .no(let reason, _) = error.kind else { throw error }
        run.refuse(batch, reason: reason)
        return
      }
      try run.deliver(batch, onMessage)
      // Whoever took the messages may have taken his time; the server is not to blame for it.
      wire.beginCommand(expecting: run.sizeUnderWay)
    case .response(.continuation):
      throw .violation("the server waits for more of a command that has no more")
    case .response(let response):
      try noteUnasked(response)
    }
  }

  /// Cuts UIDs into batches by count and known size.
  private static func batches(_ uids: UIDSet, sizes: [UID: Int]) -> [UIDSet] {
    var batches: [UIDSet] = []
    var batch: [UID] = []
    var bytes = 0
    for uid in uids {
      let size = max(0, sizes[uid] ?? Limits.assumedSize)
      if !batch.isEmpty,
        batch.count >= Limits.batchCount || bytes > Limits.batchBytes - min(size, Limits.batchBytes)
      {
        batches.append(UIDSet(batch))
        (batch, bytes) = ([], 0)
      }
      batch.append(uid)
      bytes = min(bytes &+ size, Limits.batchBytes)
    }
    if !batch.isEmpty { batches.append(UIDSet(batch)) }
    return batches
  }
}
