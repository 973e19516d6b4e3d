// A mail server of a few lines on 127.0.0.1, whose every word the test decides.

import Glibc
import Synchronization

@testable import IMAP
@testable import Transport

/// One accepted connection, as a script sees it. Blocking, and never longer than a few seconds.
final class ScriptSession {
  fileprivate let socket: Int32
  private var received: [UInt8] = []
  let server: ScriptedServer

  fileprivate init(_ socket: Int32, _ server: ScriptedServer) {
    self.socket = socket
    self.server = server
  }

  /// The next line without its CR LF; nil when the client is gone.
  func line() -> String? {
    while true {
      if let end = received.firstIndex(of: 10) {
        let text = String(decoding: received[..<end].filter { $0 != 13 }, as: UTF8.self)
        received.removeSubrange(...end)
        server.note(text)
        return text
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      received += buffer[..<count]
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// In pieces of this many bytes, each in a packet of its own as far as the system allows.
  func drip(_ text: String, every piece: Int = 1, microseconds: UInt32 = 0) {
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      send(Array(bytes[start..<min(bytes.count, start + piece)]))
      if microseconds > 0 { usleep(microseconds) }
    }
  }

  func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }
}

/// A command that the script may answer.
struct ScriptCommand {
  let tag: String
  /// Everything after the tag.
  let text: String
}

/// Answers logins, SELECT and LOGOUT by itself; everything else is the script's.
final class ScriptedServer: Sendable {
  struct Options: Sendable {
    var greeting = "* OK ready\r\n"
    var capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR IDLE UIDPLUS MOVE ESEARCH"
    var password = "pw"
    /// What a wrong password is answered with.
    var refusal = "NO [AUTHENTICATIONFAILED] no"
    var selected =
      "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 4] n\r\n"
      + "* OK [PERMANENTFLAGS (\\Seen \\*)] p\r\n"
  }

  typealias Script = @Sendable (ScriptCommand, ScriptSession) -> Bool

  private let listener: Int32
  let port: UInt16
  private let options: Options
  private let script: Script
  private let heard = Mutex<[String]>([])

  /// - Parameter script: true when it has answered the command.
  init(_ options: Options = Options(), script: @escaping Script = { _, _ in false }) throws {
    self.options = options
    self.script = script
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw IMAPError(.unreachable, "no port: \(errorText(errno))") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.start { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else {
          // Closed here and nowhere else: elsewhere the number could be another server's by the next accept.
          if client >= 0 { Glibc.close(client) }
          Glibc.close(listener)
          return
        }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        Thread.start { self.serve(client) }
      }
    }
  }

  /// Makes the accepting thread end.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Lines received, in order; what follows AUTHENTICATE and LOGIN is left out.
  var transcript: [String] { heard.withLock { $0 } }

  fileprivate func note(_ line: String) { heard.withLock { $0.append(line) } }

  var settings: ServerSettings {
    get throws {
      var settings = try ServerSettings(url: "imap+loopback://127.0.0.1:\(port)")
      // Long enough for a busy machine; a test of a deadline sets a short one.
      settings.connectTimeout = .seconds(10)
      settings.commandTimeout = .seconds(10)
      settings.commandTotal = .seconds(20)
      settings.logoutTimeout = .milliseconds(200)
      settings.minimumRate = 100_000
      return settings
    }
  }

  private func serve(_ client: Int32) {
    defer { Glibc.close(client) }
    let session = ScriptSession(client, self)
    session.send(options.greeting)
    while let line = session.line() {
      guard let space = line.firstIndex(of: " ") else { continue }
      let command = ScriptCommand(
        tag: String(line[..<space]), text: String(line[line.index(after: space)...]))
      if script(command, session) { continue }
      answer(command, session)
    }
  }

  private func answer(_ command: ScriptCommand, _ session: ScriptSession) {
    let tag = command.tag
    let words = command.text.split(separator: " ").map(String.init)
    switch words.first ?? "" {
    case "CAPABILITY":
      session.send("* CAPABILITY \(options.capabilities)\r\n\(tag) OK done\r\n")
    case "AUTHENTICATE":
      var response = words.count > 2 ? words[2] : ""
      if words.count == 2 {
        session.send("+ \r\n")
        response = session.line() ?? ""
      }
      // Base64 of NUL user NUL pw, whatever the user: the password is the last.
      let isGood =
        Self.base64(response).split(separator: 0).last.map(Array.init) == Array(options.password.utf8)
      session.send("\(tag) \(isGood ? "OK in" : options.refusal)\r\n")
    case "LOGIN":
      let isGood = words.last == options.password || words.last == "\"\(options.password)\""
      session.send("\(tag) \(isGood ? "OK in" : options.refusal)\r\n")
    case "SELECT", "EXAMINE":
      session.send(
        "\(options.selected)\(tag) OK [\(words[0] == "SELECT" ? "READ-WRITE" : "READ-ONLY")] open\r\n")
    case "LOGOUT":
      session.send("* BYE bye\r\n\(tag) OK out\r\n")
      session.hangUp()
    default: session.send("\(tag) BAD not in the script: \(command.text)\r\n")
    }
  }

  static func base64(_ text: String) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var held = 0
    for character in text.utf8 {
      guard let value = alphabet.firstIndex(of: character) else { continue }
      bits = (bits << 6 | UInt32(value)) & 0xFFFF
      held += 6
      if held >= 8 {
        held -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    return bytes
  }
}
