// An SMTP server of a few lines on 127.0.0.1, whose every reply a test may change.

import Glibc
import Synchronization
import Transport

/// Speaks enough SMTP for libcurl, keeps what it accepted, and misbehaves where it is told to.
package final class ScriptedSMTP: Sendable {
  /// What may go wrong, and what is said instead.
  package struct Faults: Sendable {
    package var greeting = "220 test ESMTP\r\n"
    package var capabilities = ["test", "AUTH PLAIN LOGIN", "8BITMIME"]
    package var auth = "235 2.7.0 in\r\n"
    package var mail = "250 2.1.0 ok\r\n"
    package var rcpt = "250 2.1.5 ok\r\n"
    package var data = "354 go on\r\n"
    /// After the text; nil: the connection ends without a word.
    package var final: String? = "250 2.0.0 Ok: queued as TEST1\r\n"
    /// Ends the connection after this many bytes of the text.
    package var dropAfter: Int?
    /// Ends the connection once this command came.
    package var dropAt: String?
    /// Milliseconds between the bytes of each reply.
    package var drip: UInt32 = 0

    package init() {}
  }

  package let port: UInt16
  private let listener: Int32
  private let faults: Mutex<Faults>
  private let state = Mutex(State())

  private struct State {
    package var accepted: [String] = []
    var commands: [String] = []
    var connections = 0
  }

  package init(_ faults: Faults = Faults()) throws {
    self.faults = Mutex(faults)
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
    guard bound else { throw MailServerError(.unreachable, "no port") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.start { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else {
          if client >= 0 { Glibc.close(client) }
          Glibc.close(listener)
          return
        }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        Thread.start {
          self.serve(client)
          Glibc.close(client)
        }
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The messages that were accepted: what followed DATA, dots undone.
  package var accepted: [String] { state.withLock { $0.accepted } }
  /// Commands, verbs only for AUTH.
  package var commands: [String] { state.withLock { $0.commands } }
  package var connections: Int { state.withLock { $0.connections } }

  package func set(_ change: (inout Faults) -> Void) { faults.withLock { change(&$0) } }

  private func serve(_ client: Int32) {
    let faults = faults.withLock { $0 }
    state.withLock { $0.connections += 1 }
    func say(_ text: String) {
      if faults.drip == 0 {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      } else {
        for byte in text.utf8 {
          var byte = byte
          if send(client, &byte, 1, Int32(MSG_NOSIGNAL)) <= 0 { return }
          usleep(faults.drip * 1000)
        }
      }
    }
    var received: [UInt8] = []
    func more() -> Bool {
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(client, &buffer, buffer.count, 0)
      if count > 0 { received += buffer[..<count] }
      return count > 0
    }
    func line() -> String? {
      while true {
        if let end = received.firstIndex(of: 10) {
          let text = String(decoding: received[..<end].filter { $0 != 13 }, as: UTF8.self)
          received.removeSubrange(...end)
          return text
        }
        if !more() { return nil }
      }
    }
    say(faults.greeting)
    while let command = line() {
      let verb = String(command.prefix(4)).uppercased()
      state.withLock { $0.commands.append(verb == "AUTH" ? "AUTH" : command) }
      if faults.dropAt == verb { return }
      switch verb {
      case "EHLO":
        let lines = faults.capabilities
        for (index, text) in lines.enumerated() {
          say("250\(index == lines.count - 1 ? " " : "-")\(text)\r\n")
        }
      case "AUTH":
        if command.split(separator: " ").count == 2 {
          say("334 \r\n")
          _ = line()
        }
        say(faults.auth)
      case "MAIL": say(faults.mail)
      case "RCPT": say(faults.rcpt)
      case "NOOP", "HELP": say("250 ok\r\n")
      case "QUIT":
        say("221 bye\r\n")
        return
      case "DATA":
        say(faults.data)
        if !faults.data.hasPrefix("354") { continue }
        let end = Array("\r\n.\r\n".utf8)
        while true {
          if let limit = faults.dropAfter, received.count >= limit { return }
          if let place = Self.position(of: end, in: received) {
            let text = String(decoding: received[..<(place + 2)], as: UTF8.self)
            received.removeSubrange(..<(place + end.count))
            if faults.final?.hasPrefix("2") ?? true {
              state.withLock { $0.accepted.append(Self.undotted(text)) }
            }
            break
          }
          if !more() { return }
        }
        guard let final = faults.final else { return }
        say(final)
      default: say("502 5.5.2 what\r\n")
      }
    }
  }

  private static func undotted(_ text: String) -> String {
    text.components("\r\n").map { $0.hasPrefix("..") ? String($0.dropFirst()) : $0 }.joined(separator: "\r\n")
  }

  package static func position(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    return (0...bytes.count - needle.count).first { bytes[$0..<$0 + needle.count].elementsEqual(needle) }
  }
}

extension String {
  /// Split at a text, by bytes: CR LF is one Character.
  package func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var current: [UInt8] = []
    let bytes = Array(utf8)
    let mark = Array(separator.utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: mark) {
        parts.append(String(decoding: current, as: UTF8.self))
        current = []
        index += mark.count
      } else {
        current.append(bytes[index])
        index += 1
      }
    }
    return parts + [String(decoding: current, as: UTF8.self)]
  }

  /// Whether it holds a text, by bytes.
  package func holds(_ text: String) -> Bool {
    ScriptedSMTP.position(of: Array(text.utf8), in: Array(utf8)) != nil
  }
}
