// One client's socket: buffered lines and bytes both ways, waiting, and the ways of sending badly on purpose.

import Glibc

/// The client has gone, or must go.
struct Hangup: Error {}

/// Not for concurrent use: it belongs to its connection's thread. Descriptors are closed by whoever opened
/// them.
final class Wire {
  enum Wake { case input, signal, timeout }

  /// How bytes are put on the wire.
  enum Pace {
    case plain
    /// CR and LF apart, everything in odd chunks.
    case split
    /// One byte at a time.
    case drip(milliseconds: Int32)
  }

  let socket: Int32
  /// Readable when the mailboxes have changed.
  private let signal: Int32
  var pace = Pace.plain
  /// Bytes after which the connection is closed.
  var cutAfter: Int?
  private var sent = 0
  private var splitPauses = 0
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  private var inputStart = 0

  /// POLLRDHUP: the peer has closed its writing half. A macro that Swift's Glibc does not show.
  private static let peerClosed: Int16 = 0x2000

  init(socket: Int32, signal: Int32) {
    self.socket = socket
    self.signal = signal
  }

  // MARK: out

  func put(_ text: String) throws(Hangup) {
    output.append(contentsOf: text.utf8)
    if output.count >= Limits.outputBuffer { try flush() }
  }

  func put(_ bytes: ArraySlice<UInt8>) throws(Hangup) {
    if bytes.count >= Limits.outputBuffer {
      try flush()
      try send(bytes)
    } else {
      output.append(contentsOf: bytes)
      if output.count >= Limits.outputBuffer { try flush() }
    }
  }

  func line(_ text: String) throws(Hangup) { try put(text + "\r\n") }

  func flush() throws(Hangup) {
    guard !output.isEmpty else { return }
    let bytes = output
    output.removeAll(keepingCapacity: true)
    try send(bytes[...])
  }

  private func send(_ bytes: ArraySlice<UInt8>) throws(Hangup) {
    switch pace {
    case .plain: try sendNow(bytes)
    case .split:
      var at = bytes.startIndex
      var odd = 0
      while at < bytes.endIndex {
        // Lengths that share no factor with any client's buffer.
        let sizes = [1, 3, 7, 13, 61, 251, 1021]
        var end = min(bytes.endIndex, at + sizes[odd % sizes.count])
        odd += 1
        if let cr = bytes[at..<end].firstIndex(of: ASCII.cr) { end = cr + 1 }
        try sendNow(bytes[at..<end])
        if bytes[end - 1] == ASCII.cr, splitPauses < Limits.splitPauses {
          splitPauses += 1
          try pause(milliseconds: 1)
        }
        at = end
      }
    case .drip(let milliseconds):
      for at in bytes.indices {
        try sendNow(bytes[at...at])
        try pause(milliseconds: milliseconds)
      }
    }
  }

  private func sendNow(_ bytes: ArraySlice<UInt8>) throws(Hangup) {
    var bytes = bytes
    var isCut = false
    if let cutAfter, bytes.count >= cutAfter - sent {
      bytes = bytes.prefix(max(0, cutAfter - sent))
      isCut = true
    }
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        var wait = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, Limits.sendMilliseconds) != 0 else { throw Hangup() }
      } else if errno != EINTR {
        throw Hangup()
      }
    }
    if isCut { throw Hangup() }
  }

  /// Sends what is there and then nothing, for as long as the client stays.
  func fallSilent() throws(Hangup) -> Never {
    try flush()
    while true { _ = try fill(signals: false, milliseconds: Limits.idleMilliseconds, keep: false) }
  }

  /// Waits; ends early by throwing when the client goes.
  func pause(milliseconds: Int32) throws(Hangup) {
    var wait = pollfd(fd: socket, events: Self.peerClosed, revents: 0)
    guard poll(&wait, 1, milliseconds) <= 0 else { throw Hangup() }
  }

  // MARK: in

  /// The bytes up to and without the next LF, and without the CR before it.
  ///
  /// - Returns: nil when there are more than `limit` before any line end.
  func readLine(limit: Int) throws(Hangup) -> [UInt8]? {
    var searched = inputStart
    while true {
      if let end = input[searched...].firstIndex(of: ASCII.lf) {
        var line = Array(input[inputStart..<end])
        consume(end + 1 - inputStart)
        if line.last == ASCII.cr { line.removeLast() }
        return line.count > limit ? nil : line
      }
      guard input.count - inputStart <= limit else { return nil }
      let buffered = input.count - inputStart
      try flush()
      guard try fill(signals: false, milliseconds: Limits.idleMilliseconds) == .input else { throw Hangup() }
      searched = inputStart + buffered
    }
  }

  /// Exactly so many bytes; `keep` false throws them away as they come.
  func read(_ count: Int, keep: Bool = true) throws(Hangup) -> [UInt8] {
    var result: [UInt8] = []
    var left = count
    while left > 0 {
      if inputStart == input.count {
        try flush()
        guard try fill(signals: false, milliseconds: Limits.idleMilliseconds) == .input else {
          throw Hangup()
        }
      }
      let part = min(left, input.count - inputStart)
      if keep { result.append(contentsOf: input[inputStart..<inputStart + part]) }
      consume(part)
      left -= part
    }
    return result
  }

  /// Sends what is there, then waits for input or for news of the mailboxes.
  func wait() throws(Hangup) -> Wake {
    try flush()
    if input.count > inputStart { return .input }
    return try fill(signals: true, milliseconds: Limits.idleMilliseconds)
  }

  private func consume(_ count: Int) {
    inputStart += count
    if inputStart == input.count {
      input.removeAll(keepingCapacity: true)
      inputStart = 0
    }
  }

  private func fill(signals: Bool, milliseconds: Int32, keep: Bool = true) throws(Hangup) -> Wake {
    while true {
      var waits = [
        pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals ? signal : -1, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&waits, 2, milliseconds)
      if ready < 0 {
        guard errno == EINTR else { throw Hangup() }
        continue
      }
      if ready == 0 { return .timeout }
      if waits[0].revents != 0 {
        if inputStart > 0 {
          input.removeFirst(inputStart)
          inputStart = 0
        }
        var chunk = [UInt8](repeating: 0, count: Limits.inputChunk)
        let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        if count > 0 {
          if keep { input.append(contentsOf: chunk[..<count]) }
          return .input
        }
        guard count < 0, errno == EINTR || errno == EAGAIN else { throw Hangup() }
      } else {
        var waste = [UInt8](repeating: 0, count: 256)
        while waste.withUnsafeMutableBytes({ Glibc.read(signal, $0.baseAddress, $0.count) }) > 0 {}
        return .signal
      }
    }
  }
}
