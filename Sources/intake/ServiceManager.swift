// What systemd is told of a service of Type=notify: that it is ready, that it ends, how it is, and that it is alive
// (sd_notify(3)). Nothing where nobody asked.

import Foundation

/// The service manager behind `NOTIFY_SOCKET`.
struct ServiceManager: Sendable {
  private let address: String
  /// A sign of life is due at least this often; nil where there is no watchdog.
  let watchdog: Duration?

  /// - Returns: nil where no service manager asked to be told.
  init?(_ environment: [String: String] = ProcessInfo.processInfo.environment, process: Int32 = getpid()) {
    // A path, or a name in the abstract namespace written with @ (unix(7)).
    guard let address = environment["NOTIFY_SOCKET"], address.hasPrefix("/") || address.hasPrefix("@"),
      (2...Self.longestAddress).contains(address.utf8.count)
    else { return nil }
    self.address = address
    // sd_watchdog_enabled(3): the variables may be meant for another process.
    if let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0,
      environment["WATCHDOG_PID"].map({ Int32($0) == process }) ?? true
    {
      watchdog = .microseconds(microseconds)
    } else {
      watchdog = nil
    }
  }

  /// Bytes of `sun_path`, less the one that ends it.
  private static let longestAddress = 107

  /// Sends one datagram of `NAME=value` lines. It is not worth stopping for when it cannot be sent.
  ///
  /// - Returns: whether it was.
  @discardableResult
  func tell(_ lines: String...) -> Bool {
    let message = lines.map { $0.replacingOccurrences(of: "\n", with: " ") }.joined(separator: "\n")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    var path = Array(address.utf8)
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
    // The length tells where an abstract name ends; a path ends with its zero.
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + path.count + (path[0] == 0 ? 0 : 1)
    let sent = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, message, message.utf8.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
      }
    }
    return sent == message.utf8.count
  }
}
