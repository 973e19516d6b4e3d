// A tiny IMAP client over a plain socket, so that the tests see the server's very bytes.

import DemoServer
import Glibc
import Testing

/// What came back for a command: everything up to its tagged line, or to whatever ended it.
struct Reply {
  enum End { case tagged, closed, silence }

  var text: String
  /// The tagged line, empty without one.
  var status: String
  var end: End

  func has(_ piece: String) -> Bool { text.contains(piece) }
  /// Lines, with CRLF cut by bytes: "\r\n" is one Character.
  var lines: [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self)
    }
  }
}

struct TestFailure: Error { let what: String }

final class RawClient {
  private let socket: Int32
  private var buffer: [UInt8] = []
  private var count = 0
  /// The size of each piece that one recv gave.
  private(set) var pieces: [[UInt8]] = []
  let greeting: String
  /// A server ends with its last reference.
  var server: DemoServer?

  /// Connects and, unless `login` is false, logs in.
  init(_ port: UInt16, login: Bool = true, patience: Int32 = 5000) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let fd = socket
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      close(socket)
      throw TestFailure(what: "connect: \(errno)")
    }
    var first: [UInt8] = []
    while !first.contains(UInt8(ascii: "\n")), let piece = Self.receive(fd, patience), !piece.isEmpty {
      first += piece
    }
    if let end = first.firstIndex(of: UInt8(ascii: "\n")) {
      greeting = String(decoding: first[...end], as: UTF8.self)
      buffer = Array(first[(end + 1)...])
    } else {
      greeting = String(decoding: first, as: UTF8.self)
    }
    if login { #expect(run("LOGIN demo demo").status.contains("OK")) }
  }

  deinit { close(socket) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func send(bytes: [UInt8]) { _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Sends a command under a new tag and reads to its tagged line, never looking for it inside a literal.
  func run(_ command: String, patience: Int32 = 5000) -> Reply {
    count += 1
    let tag = "t\(count)"
    send("\(tag) \(command)\r\n")
    return read(until: tag, patience: patience)
  }

  func read(until tag: String, patience: Int32 = 5000) -> Reply {
    var text: [UInt8] = []
    while true {
      guard let line = line(patience) else { return unfinished(text) }
      text += line
      if line.starts(with: Array("\(tag) ".utf8)) {
        return Reply(
          text: String(decoding: text, as: UTF8.self), status: String(decoding: line, as: UTF8.self),
          end: .tagged)
      }
      guard var size = Self.literal(line) else { continue }
      while size > 0 {
        if buffer.isEmpty, !fill(patience) { return unfinished(text) }
        let part = min(size, buffer.count)
        text += buffer[..<part]
        buffer.removeFirst(part)
        size -= part
      }
    }
  }

  /// The next line with its CRLF; nil when the server is silent or gone.
  func line(_ patience: Int32 = 5000) -> [UInt8]? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeFirst(end + 1) }
        return Array(buffer[...end])
      }
      guard fill(patience) else { return nil }
    }
  }

  private var isClosed = false

  private func unfinished(_ text: [UInt8]) -> Reply {
    defer { buffer = [] }
    return Reply(
      text: String(decoding: text + buffer, as: UTF8.self), status: "", end: isClosed ? .closed : .silence)
  }

  private func fill(_ patience: Int32) -> Bool {
    guard let piece = Self.receive(socket, patience) else { return false }
    isClosed = piece.isEmpty
    pieces.append(piece)
    buffer += piece
    return !piece.isEmpty
  }

  /// What one recv gives; empty at the end, nil after the wait.
  private static func receive(_ socket: Int32, _ patience: Int32) -> [UInt8]? {
    var wait = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, patience) > 0 else { return nil }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
    return count > 0 ? Array(chunk[..<count]) : []
  }

  private static func literal(_ line: [UInt8]) -> Int? {
    guard line.suffix(3) == [UInt8(ascii: "}"), 13, 10],
      let open = line.lastIndex(of: UInt8(ascii: "{"))
    else { return nil }
    return Int(String(decoding: line[(open + 1)..<(line.count - 3)], as: UTF8.self))
  }
}

/// A running server with three messages, and what is needed to look at it.
struct Scene {
  let server: DemoServer
  let port: UInt16

  static let noon: Int64 = 1_785_758_400  // 3 August 2026, 12:00 UTC

  static func mail(_ number: Int, lines: Int = 4) -> [UInt8] {
    let body = String(repeating: "A line of letter \(number).\r\n", count: lines)
    return Array("Subject: Letter \(number)\r\nFrom: a\(number)@example.org\r\n\r\n\(body)".utf8)
  }

  init(_ options: DemoServer.Options = .init(), messages: Int = 3) throws {
    server = DemoServer(options: options)
    for number in 0..<messages { server.add(Self.mail(number + 1), internalDate: Self.noon + Int64(number)) }
    port = try server.start()
  }

  func client(login: Bool = true, select: Bool = true, patience: Int32 = 5000) throws -> RawClient {
    let client = try RawClient(port, login: login, patience: patience)
    client.server = server
    if login, select { _ = client.run("SELECT INBOX", patience: patience) }
    return client
  }
}
