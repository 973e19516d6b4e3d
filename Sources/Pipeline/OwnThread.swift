// Blocking work beside the pool's: one call on a thread of its own, and batches handed from thread to thread.

import Cases
import Dispatch
import Synchronization

/// Runs blocking work on a thread of its own and resumes the caller with its result.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    startThread { continuation.resume(with: Result(catching: body)) }
  }
}

/// Hands batches from one thread to another; a full queue makes the sender wait, which is what bounds memory.
final class BoundedQueue<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  private let free: DispatchSemaphore

  init(capacity: Int) { free = DispatchSemaphore(value: capacity) }

  /// Waits for room, then adds. After `close` elements are dropped: the receiver has given up.
  func send(_ element: Element) {
    free.wait()
    let kept = state.withLock { state in
      if state.isClosed { return false }
      state.elements.append(element)
      return true
    }
    if kept { filled.signal() } else { free.signal() }
  }

  /// No more elements will come (from the sender), or are wanted (from the receiver).
  func close() {
    state.withLock { $0.isClosed = true }
    filled.signal()
    free.signal()
  }

  /// Waits for an element; nil when the queue is closed and empty.
  func receive() -> Element? {
    filled.wait()
    let element = state.withLock { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
    if element == nil { filled.signal() } else { free.signal() }
    return element
  }
}
