// What a loop sleeps on: a while, or until somebody has something for it.

import Synchronization

/// Wakes a waiter early; a ring before the wait counts too.
package final class Bell: Sendable {
  private struct State {
    var isRung = false
    var waiter: CheckedContinuation<Void, Never>?
  }
  private let state = Mutex(State())

  package init() {}

  package func ring() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      state.isRung = state.waiter == nil
      return state.waiter
    }
    waiter?.resume()
  }

  /// Returns when it rings, or after `duration`.
  package func wait(_ duration: Duration) async {
    let timer = Task {
      try? await Task.sleep(for: duration)
      if !Task.isCancelled { self.ring() }
    }
    await withCheckedContinuation { continuation in
      let isRung = state.withLock { state in
        defer { state.isRung = false }
        if !state.isRung { state.waiter = continuation }
        return state.isRung
      }
      if isRung { continuation.resume() }
    }
    timer.cancel()
  }
}
