// Tells the service manager how `run` is doing. A sign of life is passed on only while every loop shows its own: a
// watcher that hangs makes the manager end and restart the program, which loses nothing.

import Logging
import Pipeline

/// A loop that must not stand still.
struct WatchedLoop: Sendable {
  let name: String
  /// How long it has shown no sign of life.
  let silence: @Sendable () -> Duration
}

/// What the service manager is told, again and again.
struct ServiceWatch: Sendable {
  /// No loop is silent for longer when all is well: IDLE is issued anew after 4 minutes, a mail server that says nothing
  /// is given up after one, and a letter's transaction may take 10 (RFC 5321 §4.5.3.2.6).
  static let patience = Duration.seconds(900)

  let manager: ServiceManager
  let loops: [WatchedLoop]
  /// How the service is, in a line for `systemctl status`.
  let status: @Sendable () -> String
  let logger: Logger

  /// What was said last, which is not said again.
  struct Said {
    var status = ""
    var silent: [String] = []
  }

  /// Says that the service is ready, and then how it is, until the task is cancelled.
  func run() async {
    var said = Said(status: status())
    manager.tell("READY=1", "STATUS=\(said.status)")
    // Half of the time allowed, as sd_watchdog_enabled(3) advises; without a watchdog only the status is told.
    let pause = min((manager.watchdog ?? .seconds(20)) / 2, .seconds(10))
    while !Task.isCancelled {
      look(&said)
      try? await Task.sleep(for: pause)
    }
  }

  /// Passes a sign of life on where every loop shows one, and the status where it has changed.
  func look(_ said: inout Said) {
    let silent = loops.filter { $0.silence() > Self.patience }.map(\.name)
    if silent.isEmpty {
      if manager.watchdog != nil { manager.tell("WATCHDOG=1") }
    } else if silent != said.silent {
      logger.critical(
        "watchdog: no sign of life; the service manager is told nothing more until there is one",
        metadata: ["loops": "\(silent.joined(separator: ", "))"])
    }
    said.silent = silent
    let now = silent.isEmpty ? status() : "no sign of life from \(silent.joined(separator: ", "))"
    if now != said.status {
      manager.tell("STATUS=\(now)")
      said.status = now
    }
  }

  /// The mailboxes in a line: how many, and which are in trouble.
  static func status(_ mailboxes: [(name: String, health: MailboxHealth)]) -> String {
    let troubles = mailboxes.compactMap { mailbox in
      mailbox.health.alarm.map { "\(mailbox.name): \($0) (\(mailbox.health.consecutiveFailures) times)" }
    }
    let waiting = mailboxes.count { $0.health.lastSuccess == nil && $0.health.alarm == nil }
    var text = "watching \(mailboxes.count) mailbox\(mailboxes.count == 1 ? "" : "es")"
    if waiting > 0 { text += ", \(waiting) not looked at yet" }
    if !troubles.isEmpty { text += "; in trouble: " + troubles.joined(separator: ", ") }
    return text
  }
}
