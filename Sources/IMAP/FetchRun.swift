// What one fetch has under way: which batch each arriving message belongs to, and what became of it at the batch's
// tagged answer. Speaks with nobody.

import Transport

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
    guard bodies.count < Limits.bodies else {
      throw .violation("more than \(Limits.bodies) bodies in one answer")
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
    var delivered: [UID] = []
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
      delivered.append(uid)
    }
    summary.delivered = summary.delivered.union(UIDSet(delivered))
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
