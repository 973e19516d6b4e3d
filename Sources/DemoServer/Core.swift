// What all connections share, behind one lock: mailboxes, the fault's count, the transcript, who is
// connected.

import Glibc
import Synchronization

final class Core: Sendable {
  struct Client {
    var socket: Int32
    /// Writing a byte here wakes the connection's IDLE.
    var signal: Int32
  }

  struct State {
    var folders: [String: MailFolder] = [:]
    var fault: Fault?
    var faultSkips = 0
    var faultsLeft = 0
    var faultsStruck = 0
    var cutsLeft = 0
    var transcript: [String] = []
    var clients: [Int: Client] = [:]
    var connections = 0
    var listener: Int32?
    var isAccepting = false
  }

  let options: DemoServer.Options
  private let state: Mutex<State>

  init(_ options: DemoServer.Options) {
    var state = State()
    for name in options.mailboxes + ["INBOX"] {
      state.folders[MailFolder.canonical(name)] = MailFolder(uidValidity: options.uidValidity)
    }
    state.fault = options.fault
    state.faultSkips = options.faultSkips
    state.faultsLeft = options.faultCount ?? options.fault?.usualCount ?? 0
    state.cutsLeft = options.faultCount ?? .max
    self.options = options
    self.state = Mutex(state)
  }

  func withState<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
    state.withLock(body)
  }

  func withFolder<Result: Sendable>(_ name: String, _ body: (inout MailFolder) -> Result) -> Result? {
    state.withLock { state -> Result? in
      guard var folder = state.folders.removeValue(forKey: name) else { return nil }
      defer { state.folders[name] = folder }
      return body(&folder)
    }
  }

  /// Whether this fault is on and happens now; each yes uses up one of its count.
  func strikes(_ fault: Fault) -> Bool {
    state.withLock { state in
      guard state.fault == fault, state.faultsLeft > 0 else { return false }
      if state.faultSkips > 0 {
        state.faultSkips -= 1
        return false
      }
      state.faultsLeft -= 1
      state.faultsStruck += 1
      return true
    }
  }

  func note(_ command: String) {
    state.withLock { state in
      if state.transcript.count >= Limits.transcript {
        state.transcript.removeFirst(Limits.transcript / 4)
      }
      state.transcript.append(String(decoding: command.utf8.prefix(Limits.transcriptLine), as: UTF8.self))
    }
  }

  /// Wakes every IDLE; each looks for itself whether its mailbox has news.
  func announce() {
    state.withLock { state in
      for client in state.clients.values {
        var byte: UInt8 = 1
        // A full pipe is as good a signal as one byte more.
        _ = Glibc.write(client.signal, &byte, 1)
      }
    }
  }
}
