// Fetching whole messages: several commands under way, each one's messages held until its tagged OK, nothing larger
// than a limit in memory.

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
    case .bodyEnd: run.endBody()
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

/// The state of one `fetch`: batches to come, batches under way, and what has arrived for them.
struct FetchRun {
  struct Batch {
    var uids: UIDSet
    var size = 0
    /// Messages by UID, and the order in which they came.
    var arrived: [UID: Arrived] = [:]
    var order: [UID] = []
    /// Their bytes in memory.
    var memory = 0
  }

  /// What has come of one message; a server may spread it over several FETCH responses.
  struct Arrived {
    var flags: [String]?
    var internalDate: [UInt8]?
    var size: Int?
    var body: BodySink?
    /// Why it cannot be taken.
    var refusal: String?
  }

  var summary = FetchSummary()
  private var waiting: [UIDSet]
  private var underWay: [(tag: String, batch: Batch)] = []
  /// Bodies of the FETCH response that is arriving, in its order.
  private var bodies: [BodySink] = []
  private let spillDirectory: String
  private let memoryLimit: Int
  private let messageLimit: Int

  init(batches: [UIDSet], spillDirectory: String, memoryLimit: Int, messageLimit: Int) {
    waiting = batches.reversed()
    self.spillDirectory = spillDirectory
    self.memoryLimit = memoryLimit
    self.messageLimit = messageLimit
  }

  var isIdle: Bool { underWay.isEmpty }
  var canSend: Bool { underWay.count < Limits.pipeline && !waiting.isEmpty }
  var sizeUnderWay: Int { underWay.reduce(0) { $0 &+ $1.batch.size } }

  mutating func nextBatch() -> Batch? { waiting.popLast().map { Batch(uids: $0) } }

  mutating func sent(_ batch: Batch, tag: String, size: Int) {
    var batch = batch
    batch.size = size
    underWay.append((tag, batch))
  }

  // MARK: what arrives

  mutating func startBody(_ size: Int) throws(IMAPError) {
    guard size <= messageLimit else {
      throw IMAPError(.limit("a message of \(size) bytes, above \(messageLimit)"))
    }
    let held = underWay.reduce(0) { $0 + $1.batch.memory } + bodies.reduce(0) { $0 + $1.memoryCount }
    if size > memoryLimit || size > Limits.batchMemory * Limits.pipeline - held {
      bodies.append(try BodySink(spillingInto: spillDirectory))
    } else {
      bodies.append(BodySink(announced: size))
    }
  }

  mutating func addBody(_ bytes: UnsafeRawBufferPointer) throws(IMAPError) {
    try bodies.last?.append(bytes)
  }

  func endBody() {}

  /// Takes one FETCH response; what was not asked for is noted and dropped.
  mutating func take(_ items: FetchItems) throws(IMAPError) {
    defer { bodies = [] }
    guard let uid = items.uid else {
      if !items.bodies.isEmpty { note(.missingUID, nil, "a message came without its UID; dropped") }
      return
    }
    guard let index = underWay.firstIndex(where: { $0.batch.uids.contains(uid) }) else {
      if !items.bodies.isEmpty { note(.unaskedUID, uid, "a message came that was not asked for; dropped") }
      return
    }
    var arrived = underWay[index].batch.arrived[uid] ?? Arrived()
    arrived.flags = items.flags ?? arrived.flags
    arrived.internalDate = items.internalDate ?? arrived.internalDate
    arrived.size = items.size ?? arrived.size
    var streamed = bodies.makeIterator()
    for body in items.bodies {
      let sink: BodySink
      switch body.content {
      case .streamed:
        guard let next = streamed.next() else { throw .violation("a message without its literal") }
        sink = next
      case .inline(let bytes):
        sink = BodySink(announced: bytes.count)
        try bytes.withUnsafeBytesThrowing { buffer throws(IMAPError) in try sink.append(buffer) }
      case .missing:
        note(.noContent, uid, "the server sends no content")
        arrived.refusal = "the server sends no content"
        continue
      }
      guard body.section.isEmpty, body.origin == nil else { continue }
      if arrived.body != nil {
        note(.duplicate, uid, "the message came twice in one answer")
        arrived.refusal = "the message came twice in one answer"
      }
      arrived.body = sink
      underWay[index].batch.memory += sink.memoryCount
    }
    if underWay[index].batch.arrived[uid] == nil { underWay[index].batch.order.append(uid) }
    underWay[index].batch.arrived[uid] = arrived
  }

  // MARK: tagged answers

  /// The batch that this tag answers, which is no longer under way; nil for a tag that was not sent.
  mutating func finished(_ tag: String) -> Batch? {
    guard let index = underWay.firstIndex(where: { $0.tag == tag }) else { return nil }
    return underWay.remove(at: index).batch
  }

  /// After a NO nothing of the batch counts; a batch of one is given up, a larger one is tried in halves.
  mutating func refuse(_ batch: Batch, reason: String) {
    let uids = Array(batch.uids)
    guard uids.count > 1 else {
      for uid in uids { summary.refused.append(.init(uid: uid, reason: reason)) }
      return
    }
    waiting.append(UIDSet(Array(uids[(uids.count / 2)...])))
    waiting.append(UIDSet(Array(uids[..<(uids.count / 2)])))
  }

  /// Hands out what came for a batch that was answered with OK.
  mutating func deliver(_ batch: Batch, _ onMessage: (FetchedMessage) -> Void) throws(IMAPError) {
    for uid in batch.order {
      guard let arrived = batch.arrived[uid] else { continue }
      if let refusal = arrived.refusal {
        summary.refused.append(.init(uid: uid, reason: refusal))
        continue
      }
      // Flags alone: somebody changed them just now. The message itself is missing, or gone.
      guard let body = arrived.body else { continue }
      let internalDate = arrived.internalDate.flatMap { InternalDate.unixSeconds($0) }
      if internalDate == nil { note(.badDate, uid, "INTERNALDATE is missing or no date") }
      if let size = arrived.size, size != body.count {
        note(.sizeLie, uid, "RFC822.SIZE says \(size), \(body.count) bytes came")
      }
      let content = try body.take()
      onMessage(
        FetchedMessage(
          uid: uid, internalDate: internalDate, flags: arrived.flags ?? [], size: arrived.size,
          content: content))
      summary.delivered = summary.delivered.union(UIDSet([uid]))
    }
    for uid in batch.uids where batch.arrived[uid]?.body == nil && batch.arrived[uid]?.refusal == nil {
      summary.missing.append(uid)
    }
  }

  private mutating func note(_ kind: FetchAnomaly.Kind, _ uid: UID?, _ text: String) {
    // A server that does nothing else must not fill the memory with complaints about it.
    guard summary.anomalies.count < Limits.anomalies else { return }
    summary.anomalies.append(FetchAnomaly(kind: kind, uid: uid, text: text))
  }
}

extension [UInt8] {
  /// `withUnsafeBytes` that keeps the error's type.
  func withUnsafeBytesThrowing(
    _ body: (UnsafeRawBufferPointer) throws(IMAPError) -> Void
  ) throws(IMAPError) {
    let result = withUnsafeBytes { buffer in Result { () throws(IMAPError) in try body(buffer) } }
    try result.get()
  }
}
