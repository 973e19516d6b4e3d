// What the service manager is told: over a real socket, of both kinds, and only while there is life.

import Foundation
import Logging
import Synchronization
import Testing

@testable import Pipeline
@testable import intake

/// A service manager that writes down what it is told.
private final class Listener {
  let descriptor: Int32
  let address: String

  /// - Parameter isAbstract: whether the name is in the abstract namespace, where it leaves no file.
  init(isAbstract: Bool) throws {
    let name = "intake-notify-" + UUID().uuidString
    address = isAbstract ? "@" + name : NSTemporaryDirectory() + "/" + name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var local = sockaddr_un()
    local.sun_family = sa_family_t(AF_UNIX)
    var path = Array(address.utf8)
    if isAbstract { path[0] = 0 }
    withUnsafeMutableBytes(of: &local.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(2 + path.count + (isAbstract ? 0 : 1))
    let bound = withUnsafePointer(to: &local) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(bound == 0)
  }

  deinit {
    close(descriptor)
    unlink(address)
  }

  /// The next message; nil when none comes in time.
  func next(_ milliseconds: Int32 = 500) -> String? {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&item, 1, milliseconds) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}

@Suite struct ServiceManagerTests {
  @Test(arguments: [false, true])
  func oneDatagramOfLines(_ isAbstract: Bool) throws {
    let listener = try Listener(isAbstract: isAbstract)
    let manager = try #require(ServiceManager(["NOTIFY_SOCKET": listener.address]))
    #expect(manager.tell("READY=1", "STATUS=two\nlines"))
    #expect(listener.next() == "READY=1\nSTATUS=two lines")
    #expect(listener.next(20) == nil)
  }

  @Test(arguments: [
    [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/"], ["NOTIFY_SOCKET": "relative"],
    ["NOTIFY_SOCKET": "vsock:2:1234"], ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)],
    ["WATCHDOG_USEC": "1000000"],
  ])
  func nobodyAsked(_ environment: [String: String]) { #expect(ServiceManager(environment) == nil) }

  @Test func nobodyListens() throws {
    let manager = try #require(ServiceManager(["NOTIFY_SOCKET": "/nowhere/notify"]))
    #expect(!manager.tell("READY=1"))
  }

  @Test(
    arguments: [
      ("2000000", nil, .seconds(2)), ("2000000", "42", .seconds(2)), ("2000000", "43", nil), ("0", nil, nil),
      ("-1", nil, nil), ("soon", nil, nil), (nil, "42", nil),
    ] as [(String?, String?, Duration?)])
  func watchdog(_ microseconds: String?, _ process: String?, _ expected: Duration?) throws {
    var environment = ["NOTIFY_SOCKET": "/run/notify"]
    environment["WATCHDOG_USEC"] = microseconds
    environment["WATCHDOG_PID"] = process
    #expect(try #require(ServiceManager(environment, process: 42)).watchdog == expected)
  }

  /// A loop that shows life is told of; one that hangs is not, however well the other does, until it lives again.
  @Test func aliveOnlyWhileEveryLoopIs() throws {
    let listener = try Listener(isAbstract: true)
    let manager = try #require(
      ServiceManager(["NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "120000000"]))
    let silence = Mutex(Duration.zero)
    let watch = ServiceWatch(
      manager: manager,
      loops: [
        WatchedLoop(name: "complaints") { .seconds(240) },
        WatchedLoop(name: "outbox") { silence.withLock { $0 } },
      ], status: { "fine" }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    var said = ServiceWatch.Said()
    /// What is told at one look, when the outbox has been silent for so many seconds.
    func told(_ seconds: Int) -> [String] {
      silence.withLock { $0 = .seconds(seconds) }
      watch.look(&said)
      var messages: [String] = []
      // A datagram is there when `tell` returns.
      while let message = listener.next(0) { messages.append(message) }
      return messages
    }
    #expect(told(0) == ["WATCHDOG=1", "STATUS=fine"])
    #expect(told(900) == ["WATCHDOG=1"])
    #expect(told(901) == ["STATUS=no sign of life from outbox"])
    #expect(told(3000) == [])
    #expect(told(1) == ["WATCHDOG=1", "STATUS=fine"])
  }

  /// Without a watchdog there is nobody to be told of life.
  @Test func readyAndStatusOnly() async throws {
    let listener = try Listener(isAbstract: true)
    let manager = try #require(ServiceManager(["NOTIFY_SOCKET": listener.address]))
    let watch = ServiceWatch(
      manager: manager, loops: [WatchedLoop(name: "complaints") { .zero }], status: { "fine" },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let telling = Task { await watch.run() }
    let end = ContinuousClock.now + .seconds(60)
    var first: String?
    while first == nil, .now < end {
      try await Task.sleep(for: .milliseconds(10))
      first = listener.next(0)
    }
    #expect(first == "READY=1\nSTATUS=fine")
    telling.cancel()
    await telling.value
    #expect(listener.next(0) == nil)
  }

  @Test(
    arguments: [
      ([], "watching 0 mailboxes"),
      ([("a", nil, 0, true)], "watching 1 mailbox"),
      ([("a", nil, 0, true), ("b", nil, 0, false)], "watching 2 mailboxes, 1 not looked at yet"),
      (
        [("a", "login-refused", 3, false), ("b", nil, 0, true)],
        "watching 2 mailboxes; in trouble: a: login-refused (3 times)"
      ),
    ] as [([(String, String?, Int, Bool)], String)])
  func status(_ mailboxes: [(String, String?, Int, Bool)], _ expected: String) {
    let healths = mailboxes.map { name, alarm, failures, hasSucceeded in
      var health = MailboxHealth()
      health.alarm = alarm
      health.consecutiveFailures = failures
      if hasSucceeded { health.lastSuccess = .now }
      return (name: name, health: health)
    }
    #expect(ServiceWatch.status(healths) == expected)
  }
}
