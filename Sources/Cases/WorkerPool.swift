// Threads of our own for what blocks: files, fsync, parsing. Nothing here ever blocks Swift's cooperative pool.

import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A fixed number of threads that take jobs in order.
///
/// The kernel commits 8 to 16 concurrent writers together, at 16 to 23 times one writer's rate, so recorders
/// run side by side here rather than batching by hand.
public final class WorkerPool: Sendable {
  private struct Queue {
    var jobs: [@Sendable () -> Void] = []
    var head = 0
    var isClosed = false
  }

  private let queue = Mutex(Queue())
  private let available = DispatchSemaphore(value: 0)
  private let threads: Int

  public init(threads: Int) {
    self.threads = max(1, threads)
    for _ in 0..<self.threads {
      startThread { [self] in
        while let job = next() { job() }
      }
    }
  }

  /// Ends the threads once the jobs at hand are done.
  public func close() {
    queue.withLock { $0.isClosed = true }
    for _ in 0..<threads { available.signal() }
  }

  private func next() -> (@Sendable () -> Void)? {
    available.wait()
    return queue.withLock { queue in
      guard queue.head < queue.jobs.count else { return nil }
      let job = queue.jobs[queue.head]
      queue.head += 1
      if queue.head == queue.jobs.count || queue.head > 1000 {
        queue.jobs.removeFirst(queue.head)
        queue.head = 0
      }
      return job
    }
  }

  /// Runs a job on one of the threads.
  public func submit(_ job: @escaping @Sendable () -> Void) {
    queue.withLock { $0.jobs.append(job) }
    available.signal()
  }

  /// Runs a job on one of the threads without blocking the caller.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      submit { continuation.resume(with: Result(catching: body)) }
    }
  }

  /// Applies `body` to each item side by side and waits for all; blocks, so not from a cooperative thread, nor
  /// from one of this pool's own.
  public func map<Item: Sendable, Value: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Value
  ) -> [Result<Value, any Error>] {
    let results = Mutex([Result<Value, any Error>?](repeating: nil, count: items.count))
    let done = DispatchGroup()
    for (index, item) in items.enumerated() {
      done.enter()
      submit {
        let result = Result { try body(item) }
        results.withLock { $0[index] = result }
        done.leave()
      }
    }
    done.wait()
    return results.withLock { $0.compactMap { $0 } }
  }
}

/// Starts a detached thread that runs `body`.
public func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread: pthread_t = 0
  let box = Unmanaged.passRetained(Box(body))
  let status = pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer else { return nil }
      Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  // Without threads nothing can be recorded; ending loudly leaves everything on the server.
  precondition(status == 0, "cannot start a thread: \(String(cString: strerror(status)))")
  pthread_detach(thread)
}
