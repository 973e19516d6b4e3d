// Bytes to and from a server on a connection that libcurl opened: sends commands, receives events, and lets no wait
// go on for ever. Blocks; belongs to one thread.

import Glibc
import Transport

/// How much longer an answer may take.
struct Patience {
  let silence: Duration
  let minimumRate: Int
  /// When the silence has lasted too long.
  private(set) var deadline: ContinuousClock.Instant
  /// When the whole command has.
  var total: ContinuousClock.Instant
  private var windowBytes = 0

  init(_ settings: ServerSettings) {
    silence = settings.commandTimeout
    minimumRate = settings.minimumRate
    let now = ContinuousClock.now
    deadline = now + silence
    total = now + settings.commandTotal
  }

  /// A complete response has come: the next one has all its time.
  mutating func restart() {
    windowBytes = 0
    deadline = ContinuousClock.now + silence
  }

  /// Bytes have come, which counts once they are enough for the minimum rate: a drip does not.
  mutating func received(_ count: Int) {
    windowBytes += count
    let seconds = Int(silence.components.seconds) + 1
    let (enough, overflow) = seconds.multipliedReportingOverflow(by: minimumRate)
    if !overflow, windowBytes >= enough { restart() }
  }

  var nextDeadline: ContinuousClock.Instant { min(deadline, total) }
}

/// A logged-in connection.
final class Wire {
  /// What ended a wait.
  enum Arrival {
    case event(ResponseParser.Event)
    case deadline
    case woken
  }

  private let handle: CurlHandle
  private let signals: Signals
  private let settings: ServerSettings
  private let heartbeat: Heartbeat?
  private let socket: Int32
  private var parser = ResponseParser()
  private let buffer: UnsafeMutableRawBufferPointer
  /// The bytes of `buffer` that were received, and how many of them are parsed.
  private var filled = 0
  private var parsed = 0
  private(set) var patience: Patience

  init(
    _ handle: CurlHandle, _ settings: ServerSettings, _ signals: Signals, _ heartbeat: Heartbeat?
  ) throws(IMAPError) {
    guard let socket = handle.socket else { throw IMAPError(.unreachable, "the connection is gone already") }
    // A program that prints a secret for another mailbox must not inherit this one's connection.
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    self.handle = handle
    self.settings = settings
    self.signals = signals
    self.heartbeat = heartbeat
    self.socket = socket
    patience = Patience(settings)
    buffer = .allocate(byteCount: Limits.receiveBuffer, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// The bytes of a `.body` event; only until the next wait.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer[range])
  }

  /// A command begins: it has all its time, plus what its answer's size needs.
  func beginCommand(expecting size: Int = 0) {
    patience = Patience(settings)
    patience.total += .seconds(size / max(settings.minimumRate, 1))
  }

  /// Gives the answer to be waited for less time than usual.
  func shorten(to time: Duration) { patience.total = min(patience.total, .now + time) }

  func send(_ bytes: [UInt8]) throws(IMAPError) {
    var sent = 0
    while sent < bytes.count {
      if signals.isAborted { throw IMAPError(.aborted) }
      let result: Result<Int?, IMAPError> = bytes.withUnsafeBytes { all in
        do throws(IMAPError) {
          return .success(try handle.send(UnsafeRawBufferPointer(rebasing: all[sent...])))
        } catch {
          return .failure(error)
        }
      }
      if let count = try result.get() {
        sent += count
      } else if try !wait(for: Int16(POLLOUT), until: patience.nextDeadline) {
        throw IMAPError(.timeout, "the server takes no command")
      }
    }
  }

  /// The next event, within the answer's time.
  func next() throws(IMAPError) -> ResponseParser.Event {
    while true {
      if let event = try parse() { return event }
      if try receive() { continue }
      guard try wait(for: Int16(POLLIN), until: patience.nextDeadline) else {
        throw IMAPError(
          .timeout, patience.total <= .now ? "the command took too long" : "silence, or a trickle of bytes")
      }
    }
  }

  /// The next event, or the moment, or a call of `wake`: while nothing is due from the server.
  func next(until moment: ContinuousClock.Instant) throws(IMAPError) -> Arrival {
    while true {
      if let event = try parse() { return .event(event) }
      if signals.takeWake() { return .woken }
      if try receive() { continue }
      _ = try wait(for: Int16(POLLIN), until: moment)
      if ContinuousClock.now >= moment { return .deadline }
    }
  }

  /// What is there already, without waiting: nil when there is nothing, or half a response.
  func nextAtHand() throws(IMAPError) -> ResponseParser.Event? {
    while true {
      if let event = try parse() { return event }
      if try !receive() { return nil }
    }
  }

  private func parse() throws(IMAPError) -> ResponseParser.Event? {
    let event = try parser.next(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), &parsed)
    if case .response = event { patience.restart() }
    return event
  }

  /// Takes what has come; false when there is nothing. TLS keeps bytes that poll(2) knows nothing of, so this
  /// must say "nothing" before anyone waits.
  private func receive() throws(IMAPError) -> Bool {
    if signals.isAborted { throw IMAPError(.aborted) }
    guard let count = try handle.receive(buffer) else { return false }
    guard count > 0 else { throw IMAPError(.unreachable, "the server closed the connection") }
    (filled, parsed) = (count, 0)
    patience.received(count)
    heartbeat?.beat()
    // With bytes always at hand poll is never asked, so a flood meets the command's end here.
    if ContinuousClock.now > patience.total, !isIdle {
      throw IMAPError(.timeout, "the command took too long")
    }
    return true
  }

  /// In IDLE no answer is due.
  var isIdle = false

  /// Waits for the socket; false at the deadline. `abort` and `wake` end it early.
  private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(IMAPError) -> Bool {
    if signals.isAborted { throw IMAPError(.aborted) }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return false }
    var items = [
      pollfd(fd: socket, events: events, revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let ready = poll(&items, 2, left.milliseconds)
    if ready < 0, errno != EINTR { throw IMAPError(.unreachable, "poll: \(errorText(errno))") }
    if items[1].revents != 0 { signals.quiet() }
    if signals.isAborted { throw IMAPError(.aborted) }
    return true
  }
}
