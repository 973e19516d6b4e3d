// The listening socket, one thread for it and one for each connection.

import Glibc

enum Listener {
  static func start(_ core: Core, port: UInt16) throws -> UInt16 {
    let isFree = core.withState { state in
      defer { state.isAccepting = true }
      return !state.isAccepting
    }
    guard isFree else { throw DemoServerError(description: "the demo server runs already") }
    do {
      let (listener, bound) = try open(port)
      core.withState { $0.listener = listener }
      guard Thread.start({ accept(on: listener, core) }) else {
        core.withState { $0.listener = nil }
        close(listener)
        throw DemoServerError(description: "no thread for the demo server")
      }
      return bound
    } catch {
      core.withState { $0.isAccepting = false }
      throw error
    }
  }

  static func stop(_ core: Core) {
    core.withState { state in
      if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
      state.listener = nil
      for client in state.clients.values { shutdown(client.socket, Int32(SHUT_RDWR)) }
    }
    for _ in 0..<5000 {
      if core.withState({ !$0.isAccepting && $0.clients.isEmpty }) { return }
      usleep(1000)
    }
  }

  private static func open(_ port: UInt16) throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw failure("no socket") }
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    // 127.0.0.1 and nothing else: there is no TLS here.
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else {
      let error = failure("127.0.0.1:\(port)")
      close(listener)
      throw error
    }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  private static func failure(_ what: String) -> DemoServerError {
    DemoServerError(description: "\(what): \(String(cString: strerror(errno)))")
  }

  private static func accept(on listener: Int32, _ core: Core) {
    defer {
      close(listener)
      core.withState { $0.isAccepting = false }
    }
    while core.withState({ $0.listener == listener }) {
      let socket = Glibc.accept(listener, nil, nil)
      guard socket >= 0 else {
        // Out of descriptors, or a client that went before it was taken: neither ends the server.
        if errno != EINTR, errno != ECONNABORTED { usleep(10_000) }
        continue
      }
      serve(socket, core)
    }
  }

  private static func serve(_ socket: Int32, _ core: Core) {
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    var yes: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      close(socket)
      return
    }
    let (readEnd, writeEnd) = (ends[0], ends[1])
    for end in [readEnd, writeEnd] {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    let number = core.withState { state -> Int? in
      state.connections += 1
      // `stop` may have come between accept and here; then nobody would close this socket.
      guard state.listener != nil, state.clients.count < Limits.connections else { return nil }
      state.clients[state.connections] = Core.Client(socket: socket, signal: writeEnd)
      return state.connections
    }
    let cut = core.withState { state -> Int? in
      guard number != nil, let bytes = core.options.cutAfterBytes, state.cutsLeft > 0 else { return nil }
      state.cutsLeft -= 1
      return bytes
    }
    let isStarted =
      number != nil
      && Thread.start {
        let wire = Wire(socket: socket, signal: readEnd)
        wire.cutAfter = cut
        Session(core: core, wire: wire).run()
        end(number, socket, readEnd, writeEnd, core)
      }
    if !isStarted {
      var refusal = Array("* BYE Too many connections\r\n".utf8)
      send(socket, &refusal, refusal.count, Int32(MSG_NOSIGNAL))
      end(number, socket, readEnd, writeEnd, core)
    }
  }

  private static func end(
    _ number: Int?, _ socket: Int32, _ readEnd: Int32, _ writeEnd: Int32, _ core: Core
  ) {
    shutdown(socket, Int32(SHUT_WR))
    // What is left unread would turn the close into a reset, which can overtake our last words.
    var waste = [UInt8](repeating: 0, count: Limits.inputChunk)
    var reads = 0
    while reads < 64,
      waste.withUnsafeMutableBytes({ recv(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }) > 0
    { reads += 1 }
    core.withState { state in
      if let number { state.clients[number] = nil }
      // Closed under the lock, so that no one signals or shuts down a number that has become another's.
      close(socket)
      close(readEnd)
      close(writeEnd)
    }
  }
}

/// A detached POSIX thread: connections block, and the cooperative pool must not.
enum Thread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// - Returns: whether the thread could be made.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
