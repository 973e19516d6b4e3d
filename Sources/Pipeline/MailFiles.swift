// Mail in files: .eml, mbox with its quoting variants, Maildir. What each gives is a message's bytes and, where
// the format tells, when it was delivered.

import Cases
import Deadlines
import MIME

#if canImport(Glibc)
  import Glibc
#endif

/// One message found in a file.
public struct FiledMessage: Sendable {
  public let content: [UInt8]
  /// Delivery time as the format tells it: an mbox separator's date, a Maildir file's time of creation.
  public let delivered: Instant?
  /// Where it was: a path, for mbox with the number of the message in it.
  public let place: String
}

/// A file that cannot be read as mail; the others go on.
public struct MailFileProblem: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let what: String
  public var description: String { "\(path): \(what)" }
}

/// Reads messages from .eml files, mbox files, Maildirs and folders of these.
public enum MailFiles {
  /// A message above this is refused by name: nothing that a mail server accepts comes near.
  static let messageLimit = 512 << 20

  /// Calls `body` for each message under `path`; problems are handed over and do not stop the rest.
  public static func forEach(
    _ path: String, _ body: (FiledMessage) throws -> Void, problem: (MailFileProblem) -> Void
  ) throws {
    let kind: FileFacts.Kind
    do {
      kind = try FileFacts(path).kind
    } catch {
      return problem(MailFileProblem(path: path, what: String(cString: strerror(error.code))))
    }
    switch kind {
    case .folder: try forEachInFolder(path, body, problem: problem)
    case .other: problem(MailFileProblem(path: path, what: "is neither a file nor a folder"))
    case .file where isMbox(path): try forEachInMbox(path, body, problem: problem)
    case .file: try one(path, delivered: nil, body, problem: problem)
    }
  }

  /// Links are followed: a Maildir may be linked into a backlog folder.
  private static func kind(_ path: String) -> FileFacts.Kind { (try? FileFacts(path).kind) ?? .other }

  private static func forEachInFolder(
    _ path: String, _ body: (FiledMessage) throws -> Void, problem: (MailFileProblem) -> Void
  ) throws {
    let names = try DurableFile.names(in: path)
    if names.contains("cur"), names.contains("new") {
      // Maildir: tmp holds what is not delivered yet. A dot folder beside them is a subfolder (Maildir++).
      for name in names {
        let inner = "\(path)/\(name)"
        if name == "cur" || name == "new" {
          for file in try DurableFile.names(in: inner) where !file.hasPrefix(".") {
            try one("\(inner)/\(file)", delivered: maildirTime(file), body, problem: problem)
          }
        } else if name.hasPrefix("."), Self.kind(inner) == .folder {
          try forEachInFolder(inner, body, problem: problem)
        }
      }
      return
    }
    for name in names where !name.hasPrefix(".") {
      let inner = "\(path)/\(name)"
      switch Self.kind(inner) {
      case .folder: try forEachInFolder(inner, body, problem: problem)
      case .file: try forEach(inner, body, problem: problem)
      case .other: continue
      }
    }
  }

  private static func one(
    _ path: String, delivered: Instant?, _ body: (FiledMessage) throws -> Void,
    problem: (MailFileProblem) -> Void
  ) throws {
    do {
      guard let bytes = try DurableFile.read(path, limit: messageLimit) else {
        return problem(MailFileProblem(path: path, what: "vanished while the folder was read"))
      }
      try body(FiledMessage(content: bytes, delivered: delivered, place: path))
    } catch let error as DiskError where error.path == path {
      problem(MailFileProblem(path: path, what: error.description))
    }
  }

  /// A Maildir name begins with the second of its delivery: `1763870400.M20P7.host:2,S`.
  static func maildirTime(_ name: String) -> Instant? {
    guard let seconds = Int64(name.prefix { $0 != "." }), seconds > 0, seconds < 253_402_300_800 else {
      return nil
    }
    return Instant(unixSeconds: seconds)
  }

  // MARK: mbox

  private static func isMbox(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { _ = close(descriptor) }
    var first = [UInt8](repeating: 0, count: 5)
    // An .eml with a stray separator as its first line is one message, not a mailbox.
    return !path.hasSuffix(".eml") && pread(descriptor, &first, 5, 0) == 5 && first == Array("From ".utf8)
  }

  private static func forEachInMbox(
    _ path: String, _ body: (FiledMessage) throws -> Void, problem: (MailFileProblem) -> Void
  ) throws {
    guard let file = fopen(path, "re") else {
      return problem(MailFileProblem(path: path, what: String(cString: strerror(errno))))
    }
    defer { fclose(file) }
    var splitter = MboxSplitter()
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var number = 0
    func deliver(_ message: MboxSplitter.Message) throws {
      number += 1
      if message.isTooLarge {
        problem(MailFileProblem(path: "\(path)#\(number)", what: "is larger than \(messageLimit >> 20) MiB"))
      } else {
        try body(
          FiledMessage(content: message.bytes, delivered: message.delivered, place: "\(path)#\(number)"))
      }
    }
    while true {
      let length = getline(&line, &capacity, file)
      guard length > 0, let line else { break }
      let bytes = UnsafeRawBufferPointer(start: line, count: length)
      if let message = splitter.take(bytes) { try deliver(message) }
    }
    if ferror(file) != 0 { problem(MailFileProblem(path: path, what: "could not be read to its end")) }
    if let message = splitter.finish() { try deliver(message) }
  }
}

/// Splits an mbox file line by line (RFC 4155 and its elder variants).
///
/// A separator is a line `From ADDRESS DATE` at the file's start or after an empty line, with a date that reads as
/// asctime's. So a sentence that begins with "From " splits nothing, quoted or not (mboxo, mboxrd, mboxcl's
/// unquoted). Quoting is undone as mboxrd does: one `>` less on lines of `>+From `.
struct MboxSplitter {
  struct Message {
    var bytes: [UInt8] = []
    var delivered: Instant?
    var isTooLarge = false
  }

  private var current: Message?
  private var previousIsEmpty = true
  private let limit = MailFiles.messageLimit

  /// Takes a line with its line end.
  ///
  /// - Returns: the message that this line's separator ends.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Message? {
    if previousIsEmpty, let delivered = Self.separatorDate(line) {
      let done = finish()
      current = Message(delivered: delivered.date)
      previousIsEmpty = false
      return done
    }
    previousIsEmpty = line.count <= 2 && line.allSatisfy { $0 == 0x0A || $0 == 0x0D }
    if current == nil {
      // Text before the first separator is a message too: nothing is dropped.
      if previousIsEmpty { return nil }
      current = Message()
    }
    guard (current?.bytes.count ?? 0) + line.count <= limit else {
      current?.isTooLarge = true
      return nil
    }
    var start = 0
    if Self.isQuotedFrom(line) { start = 1 }
    current?.bytes.append(contentsOf: line[start...])
    return nil
  }

  /// The last message. The empty line before a separator belongs to the format, not to the message.
  mutating func finish() -> Message? {
    guard var message = current else { return nil }
    current = nil
    if message.bytes.suffix(2) == [0x0A, 0x0A] {
      message.bytes.removeLast()
    } else if message.bytes.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] {
      message.bytes.removeLast(2)
    }
    return message
  }

  private static func isQuotedFrom(_ line: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < line.count, line[index] == UInt8(ascii: ">") { index += 1 }
    return index > 0 && line[index...].starts(with: Array("From ".utf8))
  }

  /// A separator's date; nil inside where its day does not exist.
  private struct SeparatorDate {
    let date: Instant?
  }

  /// Whether a line separates messages, and the delivery time it gives (UTC, as RFC 4155 has it).
  private static func separatorDate(_ line: UnsafeRawBufferPointer) -> SeparatorDate? {
    guard line.count < 512, line.starts(with: Array("From ".utf8)) else { return nil }
    let words = line.dropFirst(5).split { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      .map { String(decoding: $0, as: UTF8.self) }
    // The sender may be missing, or hold blanks; a zone may stand before or after the year. Anchor on weekday,
    // month and time.
    let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    for (index, word) in words.enumerated() where weekdays.contains(word) && index + 4 < words.count {
      let dayWord = words[index + 2]
      guard let month = months.firstIndex(of: words[index + 1]), let day = Int(dayWord),
        (1...31).contains(day),
        let clock = secondsOfDay(words[index + 3]),
        let year = words[(index + 4)...].compactMap({ Int($0) }).first(where: { (1970...9999).contains($0) })
      else { continue }
      guard let date = CivilDate(year: year, month: month + 1, day: day),
        let midnight = Instant(iso8601: "\(date)T00:00:00Z")
      else { return SeparatorDate(date: nil) }
      return SeparatorDate(date: Instant(unixSeconds: midnight.unixSeconds + Int64(clock)))
    }
    return nil
  }

  private static func secondsOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
      (0...59).contains(minute)
    else { return nil }
    let second = parts.count == 3 ? parts[2] : 0
    guard let second, (0...60).contains(second) else { return nil }
    return hour * 3600 + minute * 60 + second
  }
}
