// How fast the parser reads messages that are in memory.

import Foundation
import MIME

enum Speed {
  enum Mode: String {
    /// Structure, header fields that people see, and the body text decoded and rendered.
    case text
    /// The same, and every attachment decoded.
    case all
    /// Nothing but finding the line ends, with memchr: what merely looking at the bytes costs.
    case lines
  }

  struct Figures: Encodable {
    let parser: String
    let mode: String
    let messages: Int
    let bytes: Int
    let seconds: [Double]
    let found: Int
  }

  static func measure(_ mode: Mode, _ paths: [String], runs: Int) {
    // The list names a file once for each turn of the corpus; one copy in memory serves them.
    var known: [String: MessageBytes] = [:]
    let messages = paths.map { path in
      if let bytes = known[path] { return bytes }
      let bytes = MessageBytes(ParseBench.bytes(of: path))
      known[path] = bytes
      return bytes
    }
    var found = 0
    let spent = (0..<runs).map { _ in
      found = 0
      return seconds {
        for bytes in messages {
          found += mode == .lines ? lineEnds(bytes) : work(bytes, attachments: mode == .all)
        }
      }
    }
    ParseBench.print(
      Figures(
        parser: mode == .lines ? "memchr" : "intake", mode: mode.rawValue, messages: messages.count,
        bytes: messages.reduce(0) { $0 + $1.count }, seconds: spent, found: found))
  }

  private static func work(_ bytes: MessageBytes, attachments: Bool) -> Int {
    let message = Message(parsing: bytes)
    var size = message.subject.utf8.count + message.from.count + message.to.count + message.cc.count
    size += message.date == nil ? 0 : 1
    size += message.text.utf8.count
    if attachments {
      for index in message.attachments { message.forEachDecodedChunk(of: index) { size += $0.count } }
    }
    return size
  }

  private static func lineEnds(_ bytes: MessageBytes) -> Int {
    bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return 0 }
      var count = 0
      var offset = 0
      while offset < raw.count, let end = memchr(base + offset, 0x0A, raw.count - offset) {
        count += 1
        offset = UnsafeRawPointer(end) - base + 1
      }
      return count
    }
  }
}
