// Logs for machines: one JSON object a line, with the level before it where the journal reads it. What is written holds
// nothing of people: callers see to that, and here every word with an `@` in it goes, whoever forgot.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Logging
import Monitoring
import Transport

/// What the configuration and the command line may ask for.
enum LogChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
  case auto, text, json
}

/// How standard error is written.
enum LogForm: Sendable, Equatable {
  case text
  /// - Parameter forJournal: whether each line begins with its level as `<3>`.
  case json(forJournal: Bool)

  init(_ choice: LogChoice) { self.init(choice, isJournal: Self.isJournal()) }

  init(_ choice: LogChoice, isJournal: Bool) {
    switch choice {
    case .auto: self = isJournal ? .json(forJournal: true) : .text
    case .text: self = .text
    case .json: self = .json(forJournal: isJournal)
    }
  }

  /// Whether standard error is the journal itself: systemd names the stream it made (systemd.exec(5),
  /// $JOURNAL_STREAM), and programs that redirect standard error leave the variable as it is.
  static func isJournal(
    stream: String? = ProcessInfo.processInfo.environment["JOURNAL_STREAM"],
    standardError: FileFacts? = try? FileFacts("/proc/self/fd/2")
  ) -> Bool {
    guard let stream, let standardError else { return false }
    return stream == "\(standardError.device):\(standardError.inode)"
  }

  func logger(verbose: Bool = false) -> Logger {
    var logger = Logger(label: "intake") { label in
      let handler: any LogHandler =
        switch self {
        case .text: StreamLogHandler.standardError(label: label)
        case .json(let forJournal): JSONLogHandler(forJournal: forJournal)
        }
      return CountingLogHandler(handler)
    }
    logger.logLevel = verbose ? .debug : .notice
    return logger
  }

  /// A line for whoever started the program; an entry where a machine reads.
  func say(_ text: String, level: Logger.Level = .notice) {
    switch self {
    case .text: StandardError.write("intake: \(text)")
    // Several problems come as lines that each name the program.
    case .json: logger().log(level: level, "\(text.replacing("\nintake: ", with: "\n"))")
    }
  }
}

/// Bounds of what one entry can hold, so that no text from outside fills a disk.
enum LogLimits {
  /// Bytes of a value before it is escaped.
  static let value = 2000
  /// Entries of metadata.
  static let keys = 40
}

/// Writes `{"at":…,"level":…,"message":…}` with the metadata beside it, flattened.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level = .notice
  private let forJournal: Bool
  private let now: @Sendable () -> Date
  private let write: @Sendable ([UInt8]) -> Void

  init(
    forJournal: Bool, now: @escaping @Sendable () -> Date = { Date() },
    write: @escaping @Sendable ([UInt8]) -> Void = { FileHandle.standardError.writeWhole($0) }
  ) {
    self.forJournal = forJournal
    self.now = now
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadataProvider?.get() ?? [:]
    all.merge(metadata) { $1 }
    all.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
    var fields: [(key: String, value: String)] = [
      ("at", Self.time(now())), ("level", event.level.rawValue), ("message", Self.clean("\(event.message)")),
    ]
    let reserved = Set(fields.map(\.key))
    var flat: [(key: String, value: String)] = []
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { Self.flatten(key, value, into: &flat) }
    for (key, value) in flat.prefix(LogLimits.keys) {
      fields.append((reserved.contains(key) ? "metadata.\(key)" : Self.clean(key), Self.clean(value)))
    }
    var line: [UInt8] = forJournal ? Array("<\(Self.priority(event.level))>".utf8) : []
    line.append(UInt8(ascii: "{"))
    for (index, field) in fields.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      Self.append(field.key, to: &line)
      line.append(UInt8(ascii: ":"))
      Self.append(field.value, to: &line)
    }
    line += Array("}\n".utf8)
    write(line)
  }

  /// sd-daemon(3): the levels of syslog.
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// `2026-11-23T09:30:00.125Z`
  private static func time(_ date: Date) -> String {
    let milliseconds = Int64(date.timeIntervalSince1970 * 1000)
    let text = Instant(unixSeconds: milliseconds / 1000).description
    let rest = String(milliseconds % 1000)
    return text.dropLast() + "." + String(repeating: "0", count: max(0, 3 - rest.count)) + rest + "Z"
  }

  private static func flatten(
    _ key: String, _ value: Logger.Metadata.Value, into flat: inout [(key: String, value: String)]
  ) {
    // One more than is shown is enough.
    if flat.count > LogLimits.keys { return }
    switch value {
    case .string(let text): flat.append((key, text))
    case .stringConvertible(let value): flat.append((key, "\(value)"))
    case .dictionary(let inner):
      for (name, value) in inner.sorted(by: { $0.key < $1.key }) {
        flatten("\(key).\(name)", value, into: &flat)
      }
    case .array(let inner):
      for (index, value) in inner.enumerated() { flatten("\(key).\(index)", value, into: &flat) }
    }
  }

  /// Cut to the limit, and without words that could be addresses; blanks stay as they are.
  static func clean(_ text: String) -> String {
    let bytes = Array(text.utf8.prefix(LogLimits.value + 1))
    var result: [UInt8] = []
    for word in words(bytes[...].prefix(LogLimits.value)) {
      result += word.contains(UInt8(ascii: "@")) ? ArraySlice("…".utf8) : word
    }
    // A character that the cut went through is left out.
    var kept = String(decoding: result, as: UTF8.self)
    if bytes.count > LogLimits.value {
      while kept.unicodeScalars.last == "\u{FFFD}" { kept.unicodeScalars.removeLast() }
      kept += "…"
    }
    return kept
  }

  /// Runs of blanks and of what is between them, in order.
  private static func words(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var words: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }
    for index in bytes.indices.dropFirst() where isBlank(bytes[index]) != isBlank(bytes[index - 1]) {
      words.append(bytes[start..<index])
      start = index
    }
    if start < bytes.endIndex { words.append(bytes[start...]) }
    return words
  }

  /// A JSON string (RFC 8259 §7); beyond what must be escaped, everything that could move a cursor, turn the writing
  /// round or end a line.
  private static func append(_ text: String, to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: line += [0x5C, UInt8(scalar.value)]
      case 0x0A: line += Array("\\n".utf8)
      case 0x09: line += Array("\\t".utf8)
      case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
        let digits = String(scalar.value, radix: 16)
        line += Array("\\u".utf8) + Array(repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
        line += Array(digits.utf8)
      default: line += Array(String(scalar).utf8)
      }
    }
    line.append(UInt8(ascii: "\""))
  }
}

extension FileHandle {
  /// Writes in one call where the system takes it at once, so that lines of several threads do not mix; a reader that
  /// has gone is no reason to stop.
  fileprivate func writeWhole(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Foundation.write(fileDescriptor, buffer.baseAddress! + done, buffer.count - done)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        done += count
      }
    }
  }
}
