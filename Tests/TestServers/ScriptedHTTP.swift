// An HTTP server of a few lines on 127.0.0.1 that keeps what is POSTed to it and answers as a test tells it to.

import Glibc
import Synchronization
import Transport

/// Takes requests, one a connection.
package final class ScriptedHTTP: Sendable {
  /// What came.
  package struct Request: Sendable {
    package let head: String
    package let body: [UInt8]

    /// A header field's value; its name in any case.
    package func header(_ name: String) -> String? {
      head.components("\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { String($0.dropFirst(name.utf8.count + 1).drop { $0 == " " }) }
    }
  }

  package let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())

  private struct State {
    var requests: [Request] = []
    var status: Int? = 200
  }

  package init() throws {
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
        self.serve(client)
        Glibc.close(client)
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  package var requests: [Request] { state.withLock { $0.requests } }
  package var address: String { "http://127.0.0.1:\(port)/hook/SECRET-PATH" }

  /// What is answered from now on; nil: the connection ends without a word.
  package func answer(_ status: Int?) { state.withLock { $0.status = status } }

  private func serve(_ client: Int32) {
    var received: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    func more() -> Bool {
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = recv(client, &buffer, buffer.count, 0)
      if count > 0 { received += buffer[..<count] }
      return count > 0
    }
    while ScriptedSMTP.position(of: end, in: received) == nil { if !more() { return } }
    guard let place = ScriptedSMTP.position(of: end, in: received) else { return }
    let head = String(decoding: received[..<place], as: UTF8.self)
    received.removeSubrange(..<(place + end.count))
    let length = Int(Request(head: head, body: []).header("Content-Length") ?? "") ?? 0
    while received.count < length { if !more() { return } }
    let status = state.withLock { state in
      state.requests.append(Request(head: head, body: received))
      return state.status
    }
    guard let status else { return }
    let answer = Array(
      "HTTP/1.1 \(status) Said\r\nContent-Length: 2\r\nLocation: http://127.0.0.1:1/\r\n\r\nok".utf8)
    _ = answer.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
}
