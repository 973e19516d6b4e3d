// A thread of one's own for work that blocks. libcurl blocks, and a blocked thread of the cooperative pool holds up
// everything else: four blocked calls on two cores delayed an innocent task by a second.

import Glibc
import Synchronization

/// Runs an actor on one thread that nothing else uses; the thread ends with the executor.
package final class ThreadExecutor: SerialExecutor {
  /// What the thread shares with the executor. A waiting job holds the executor, so it cannot end under the job.
  private final class Queue: Sendable {
    struct State {
      var jobs: [(job: UnownedJob, owner: ThreadExecutor)] = []
      var isClosed = false
    }
    let state = Mutex(State())
    let ready = Semaphore()
  }

  private let queue = Queue()

  package init() {
    let queue = queue
    Thread.start { Self.work(queue) }
  }

  deinit {
    queue.state.withLock { $0.isClosed = true }
    queue.ready.signal()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.state.withLock { $0.jobs.append((job, self)) }
    queue.ready.signal()
  }

  private static func work(_ queue: Queue) {
    while true {
      queue.ready.wait()
      let (jobs, isClosed) = queue.state.withLock { state in
        defer { state.jobs.removeAll() }
        return (state.jobs, state.isClosed)
      }
      for (job, owner) in jobs {
        job.runSynchronously(on: owner.asUnownedSerialExecutor())
      }
      if isClosed, jobs.isEmpty { return }
    }
  }
}

/// A counting semaphore of the C library.
package final class Semaphore: Sendable {
  // sem_t is made for concurrent use; the pointer itself never changes.
  private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  package func signal() { sem_post(semaphore) }

  package func wait() {
    while sem_wait(semaphore) != 0, errno == EINTR {}
  }
}

/// Threads with all signals blocked: signals are the main thread's, and writing to a connection that is gone must
/// not end the process.
package enum Thread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  package static func start(_ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        pthread_detach(pthread_self())
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
        body.run()
        return nil
      }, body.toOpaque())
    // Without threads nothing here can go on, and no caller could do better.
    precondition(result == 0, "pthread_create: \(errorText(result))")
  }

  /// Runs blocking work on a thread made for it.
  package static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      start { continuation.resume(returning: work()) }
    }
  }
}
