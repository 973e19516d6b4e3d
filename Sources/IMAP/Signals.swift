// How another thread reaches a connection that waits: a descriptor in its poll(2), and two flags.

import Glibc
import Synchronization

final class Signals: Sendable {
  /// Readable as soon as there is something to look at; -1 where the system gave none, which poll(2) skips.
  let descriptor: Int32
  private let bell: Int32
  private let aborted = Atomic<Bool>(false)
  private let woken = Atomic<Bool>(false)

  init() {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    _ = socketpair(AF_UNIX, kind, 0, &ends)
    (descriptor, bell) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(bell)
  }

  var isAborted: Bool { aborted.load(ordering: .acquiring) }

  func abort() {
    aborted.store(true, ordering: .releasing)
    ring()
  }

  func wake() {
    woken.store(true, ordering: .releasing)
    ring()
  }

  /// Whether `wake` was called since the last time; a call that came before the wait counts too.
  func takeWake() -> Bool { woken.exchange(false, ordering: .acquiringAndReleasing) }

  /// Makes the descriptor unreadable until the next ring.
  func quiet() {
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) > 0 {}
  }

  private func ring() {
    // When it is full, it is readable already.
    var byte: UInt8 = 1
    _ = send(bell, &byte, 1, Int32(MSG_NOSIGNAL))
  }
}
