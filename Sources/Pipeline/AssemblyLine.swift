// Three stages behind a source of mail: bytes and arrival lines become durable; messages are judged; cases are
// recorded. While one batch is synced the next is judged and a third comes in; queues of one batch bound memory.

import Cases
import MIME
import Synchronization
import Transport

/// Takes messages one by one, in order, and records them batch by batch.
///
/// `add` blocks while the stages are busy, which is what slows the source down; call it from a thread of your
/// own. After a failure further messages are dropped (the source still has them) and `finish` throws.
final class AssemblyLine: Sendable {
  private struct Input {
    var batch: [IncomingMessage] = []
    var bytes = 0
    var isFinished = false
  }

  private struct Output {
    var settled: [SettledMessage] = []
    var failure: (any Error)?
    var isDone = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let limits: PipelineLimits
  private let input = Mutex(Input())
  private let output = Mutex(Output())
  private let arriving = BoundedQueue<[IncomingMessage]>(capacity: 1)
  private let arrived = BoundedQueue<[(Arrival, MessageBytes?)]>(capacity: 1)
  private let assessed = BoundedQueue<[Intake.Assessed]>(capacity: 1)

  /// - Parameter heartbeat: beats with every batch that a stage is done with.
  init(intake: Intake, ledger: Ledger, rules: MailboxRules, heartbeat: Heartbeat? = nil) {
    limits = intake.limits
    startThread { [self] in
      while let batch = arriving.receive() {
        if failed {
          Self.discard(batch)
          continue
        }
        do {
          arrived.send(try intake.receive(batch, into: ledger))
          heartbeat?.beat()
        } catch {
          fail(error)
          Self.discard(batch)
        }
      }
      arrived.close()
    }
    startThread { [self] in
      while let batch = arrived.receive() {
        if !failed { assessed.send(intake.assess(batch, mailbox: rules)) }
        heartbeat?.beat()
      }
      assessed.close()
    }
    startThread { [self] in
      while let batch = assessed.receive() {
        if failed { continue }
        do {
          let settled = try intake.record(batch, ledger: ledger, rules: rules)
          output.withLock { $0.settled += settled }
          heartbeat?.beat()
        } catch {
          fail(error)
        }
      }
      let waiters = output.withLock { output in
        output.isDone = true
        defer { output.waiters = [] }
        return output.waiters
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  private var failed: Bool { output.withLock { $0.failure != nil } }

  private func fail(_ error: any Error) {
    output.withLock { if $0.failure == nil { $0.failure = error } }
  }

  /// Files under `tmp/` of messages that will not be recorded now.
  private static func discard(_ batch: [IncomingMessage]) {
    for message in batch { if case .file(let path) = message.content { DurableFile.remove(path) } }
  }

  func add(_ message: IncomingMessage) {
    let full = input.withLock { input -> [IncomingMessage]? in
      input.batch.append(message)
      if case .memory(let bytes) = message.content { input.bytes += bytes.count }
      guard input.batch.count >= limits.batchMessages || input.bytes >= limits.batchBytes else { return nil }
      defer {
        input.batch = []
        input.bytes = 0
      }
      return input.batch
    }
    if let full { arriving.send(full) }
  }

  /// Sends the last batch and waits until everything is recorded.
  ///
  /// - Throws: the first failure of a stage.
  func finish() async throws -> [SettledMessage] {
    let last = input.withLock { input -> [IncomingMessage]? in
      if input.isFinished { return nil }
      input.isFinished = true
      defer { input.batch = [] }
      return input.batch
    }
    if let last {
      let arriving = arriving
      // `send` may have to wait for room, so not on this thread.
      startThread {
        if !last.isEmpty { arriving.send(last) }
        arriving.close()
      }
    }
    await withCheckedContinuation { continuation in
      let isDone = output.withLock { output in
        if !output.isDone { output.waiters.append(continuation) }
        return output.isDone
      }
      if isDone { continuation.resume() }
    }
    return try output.withLock { output in
      if let failure = output.failure { throw failure }
      return output.settled
    }
  }
}
