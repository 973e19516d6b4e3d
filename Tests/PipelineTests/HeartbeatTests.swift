// Signs of life: a watch that goes on shows them, one whose server says nothing does not.

import Foundation
import IMAP
import Logging
import Testing
import Transport

@testable import Pipeline

@Suite struct HeartbeatTests {
  @Test func aPassShowsLife() async throws {
    let world = try World()
    world.deliver(Mail.complaint())
    let poller = try world.poller()
    try await Task.sleep(for: .milliseconds(300))
    #expect(poller.heartbeat.silence >= .milliseconds(300))
    let begun = ContinuousClock.now
    _ = try await poller.pass()
    #expect(poller.heartbeat.silence <= .now - begun)
    await poller.close()
  }

  /// A server that takes the connection and never says a word: no sign, until the pass has failed.
  @Test func aSilentServerIsNoSign() async throws {
    let world = try World()
    var settings = try world.settings(timeout: 2)
    let listener = try MuteServer()
    settings.server = try ServerSettings(url: "imap+loopback://127.0.0.1:\(listener.port)")
    settings.server.connectTimeout = .seconds(30)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let watcher = MailboxWatcher(settings, intake: world.intake, logger: logger) { _ in }
    let watch = Task { await watcher.run() }
    let isSilent = try await comes { watcher.poller.heartbeat.silence >= .seconds(1) }
    #expect(isSilent)
    #expect(watcher.currentHealth.alarm == nil)
    // Then it is given up, the watcher backs off, and waiting is life.
    watcher.poller.abort()
    let isHeard = try await comes {
      watcher.currentHealth.consecutiveFailures > 0 && watcher.poller.heartbeat.silence < .milliseconds(500)
    }
    #expect(isHeard)
    watcher.stop()
    await watch.value
    // Their ends close the pipeline and the port.
    withExtendedLifetime((world, listener)) {}
  }

  /// Whether something becomes true in time.
  private func comes(_ isTrue: () -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while !isTrue() {
      if ContinuousClock.now > end { return false }
      try await Task.sleep(for: .milliseconds(20))
    }
    return true
  }
}

/// Accepts (the kernel does) and says nothing.
private final class MuteServer {
  let descriptor: Int32
  let port: UInt16

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(bound == 0 && listen(descriptor, 8) == 0)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
