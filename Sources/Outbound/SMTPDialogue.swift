// What is said in one SMTP transaction, as libcurl's debug callback shows it: where it stands and the server's replies.
// Of our own lines only the verb is looked at, because passwords are among them.

import Transport

/// One reply (RFC 5321 §4.2).
struct SMTPReply: Equatable {
  var code: Int
  /// The text of its lines, joined by blanks, escaped and cut.
  var text: String

  /// `250 2.0.0 Ok: queued as 4F3A`
  var line: String { text.isEmpty ? "\(code)" : "\(code) \(text)" }
}

/// Follows a transaction. Used by the thread that runs it.
final class SMTPDialogue {
  enum Stage: Int, Comparable {
    case greeting, hello, authentication, sender, recipient, data, text

    static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  private(set) var stage = Stage.greeting
  /// The last whole reply, and the stage it belongs to.
  private(set) var last: (reply: SMTPReply, stage: Stage)?
  /// The first whole reply after the text began to be given: the server's word on the message.
  private(set) var final: SMTPReply?
  private(set) var hasAuthenticated = false

  /// We have said QUIT: what comes now is no word on the message, least of all 221.
  private var isOver = false
  private var partial: [UInt8] = []
  private var lines: [String] = []
  private var total = 0
  private let secret: String?

  init(hiding secret: String?) { self.secret = secret }

  /// A command that we send begins with these bytes.
  func sent(_ bytes: UnsafeRawBufferPointer) {
    let verbs: [(StaticString, Stage)] = [
      ("EHLO", .hello), ("HELO", .hello), ("AUTH", .authentication), ("MAIL", .sender), ("RCPT", .recipient),
      ("DATA", .data),
    ]
    let start = bytes.prefix(4)
    if ASCII.equal(start, "QUIT") { isOver = true }
    if stage < .text, let (_, next) = verbs.first(where: { ASCII.equal(start, $0.0) }) { stage = next }
  }

  /// The text is being given to the server.
  func beginText() { stage = .text }

  func received(_ bytes: UnsafeRawBufferPointer) {
    if isOver { return }
    // A server that talks without end is ended by the time limit; what it says beyond this is not kept.
    for byte in bytes where partial.count < TransportText.longestLine {
      if byte == ASCII.lf {
        take(partial.last == ASCII.cr ? partial.dropLast() : partial[...])
        partial.removeAll(keepingCapacity: true)
      } else {
        partial.append(byte)
      }
    }
    total += bytes.count
    if partial.count >= TransportText.longestLine || total > OutboundLimits.transcript { partial.removeAll() }
  }

  private func take(_ line: ArraySlice<UInt8>) {
    guard line.count >= 3, let code = ASCII.number(line.prefix(3)), (200..<600).contains(code) else { return }
    let rest = line.dropFirst(3)
    if lines.count < OutboundLimits.replyLines {
      lines.append(ServerText.sanitized(rest.dropFirst(), hiding: secret))
    }
    if rest.first == UInt8(ascii: "-") { return }
    let reply = SMTPReply(code: code, text: lines.filter { !$0.isEmpty }.joined(separator: " "))
    lines = []
    if stage == .authentication, code == 235 { hasAuthenticated = true }
    if stage == .text, final == nil { final = reply }
    last = (reply, stage)
  }

  private enum TransportText {
    /// RFC 5321 §4.5.3.1.5 allows 512; some servers write more.
    static let longestLine = 4096
  }
}
