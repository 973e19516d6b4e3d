// Entries of the log: one JSON object a line, whatever is in them.

import Cases
import Foundation
import Logging
import Synchronization
import Testing

@testable import intake

@Suite struct JSONLogHandlerTests {
  /// What a logger writes for one call.
  private func written(
    forJournal: Bool = false, _ work: (inout Logger) -> Void
  ) throws -> String {
    let lines = Mutex<[[UInt8]]>([])
    let handler = JSONLogHandler(
      forJournal: forJournal, now: { Date(timeIntervalSince1970: 1_795_424_400.045) },
      write: { line in lines.withLock { $0.append(line) } })
    var logger = Logger(label: "test") { _ in handler }
    work(&logger)
    let line = try #require(lines.withLock { $0.count == 1 ? $0.first : nil })
    return String(decoding: line, as: UTF8.self)
  }

  /// The entry as a JSON parser reads it; fails where it is not one line.
  private func entry(_ work: (inout Logger) -> Void) throws -> [String: String] {
    let line = try written(work)
    #expect(line.hasSuffix("}\n") && line.utf8.count { $0 == 0x0A } == 1)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
  }

  @Test func orderAndTime() throws {
    let line = try written { logger in
      logger[metadataKey: "mailbox"] = "complaints"
      logger.error("pass failed", metadata: ["failures": "3", "alarm": "disk"])
    }
    #expect(
      line == #"{"at":"2026-11-23T09:00:00.045Z","level":"error","message":"pass failed","#
        + #""alarm":"disk","failures":"3","mailbox":"complaints"}"# + "\n")
  }

  @Test(
    arguments: [
      (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ] as [(Logger.Level, Int)])
  func levelsForTheJournal(_ level: Logger.Level, _ priority: Int) throws {
    let line = try written(forJournal: true) { logger in
      logger.logLevel = .trace
      logger.log(level: level, "m")
    }
    #expect(line.hasPrefix("<\(priority)>{\"at\":"))
  }

  /// What stands in a value, and how it is written.
  @Test(
    arguments: [
      ("plain", "plain"), ("two  blanks", "two  blanks"), ("a \"b\" \\ c", #"a \"b\" \\ c"#),
      ("a\nb\tc", #"a\nb\tc"#), ("\u{1B}[2Jgone", #"\u001b[2Jgone"#), ("\u{0}", #"\u0000"#),
      ("x\u{7F}\u{85}\u{9B}", #"x\u007f\u0085\u009b"#), ("a\u{202E}b\u{200F}", #"a\u202eb\u200f"#),
      ("l\u{2028}p", #"l\u2028p"#), ("Müller 北", "Müller 北"), ("", ""),
      ("user anna@example.org refused", "user … refused"), ("<anna@example.org>\nto", #"…\nto"#),
      ("@", "…"), ("imaps://anna@example.org:993", "…"),
    ])
  func values(_ value: String, _ expected: String) throws {
    let line = try written { $0.notice("m", metadata: ["v": "\(value)"]) }
    #expect(line.hasSuffix(#","v":"\#(expected)"}"# + "\n"), "\(line)")
    let message = try written { $0.notice("\(value)") }
    #expect(message.hasSuffix(#","message":"\#(expected)"}"# + "\n"), "\(message)")
  }

  @Test func keysAreNoSecretDoor() throws {
    let fields = try entry { logger in
      logger.notice(
        "m", metadata: ["level": "fake", "at": "never", "a\n@b": "x", "deep": ["b": ["c", "d"], "a": "1"]])
    }
    #expect(fields["level"] == "notice" && fields["metadata.level"] == "fake")
    #expect(fields["metadata.at"] == "never" && fields["a\n…"] == "x")
    #expect(fields["deep.a"] == "1" && fields["deep.b.0"] == "c" && fields["deep.b.1"] == "d")
  }

  /// Cut within a character of two bytes, and of four.
  @Test(arguments: ["x", "é", "😀", "xé", "xxx😀"])
  func longValuesAreCut(_ unit: String) throws {
    let text = String(repeating: unit, count: 10_000)
    let value = try #require(try entry { $0.notice("m", metadata: ["v": "\(text)"]) }["v"])
    #expect(value.hasSuffix("…") && text.hasPrefix(value.dropLast()))
    #expect((LogLimits.value - 3...LogLimits.value + 3).contains(value.utf8.count))
  }

  @Test func manyKeysAreCut() throws {
    let metadata = Dictionary(uniqueKeysWithValues: (0..<500).map { ("k\($0)", "v" as Logger.MetadataValue) })
    #expect(try entry { $0.notice("m", metadata: metadata) }.count == LogLimits.keys + 3)
    let nested: Logger.Metadata = ["list": .array(Array(repeating: "v", count: 500))]
    #expect(try entry { $0.notice("m", metadata: nested) }.count == LogLimits.keys + 3)
  }

  @Test func levelsAreAValue() throws {
    var first = Logger(label: "test") { _ in JSONLogHandler(forJournal: false, write: { _ in }) }
    let second = first
    first.logLevel = .trace
    #expect(second.logLevel == .notice)
  }

  @Test(
    arguments: [
      (.auto, false, .text), (.auto, true, .json(forJournal: true)), (.text, true, .text),
      (.json, false, .json(forJournal: false)), (.json, true, .json(forJournal: true)),
    ] as [(LogChoice, Bool, LogForm)])
  func whichForm(_ choice: LogChoice, _ isJournal: Bool, _ expected: LogForm) {
    #expect(LogForm(choice, isJournal: isJournal) == expected)
  }

  @Test func theJournalIsKnownByItsStream() throws {
    let facts = try FileFacts("/dev/null")
    let own = "\(facts.device):\(facts.inode)"
    #expect(LogForm.isJournal(stream: own, standardError: facts))
    // Redirected since: the variable names the journal, and standard error is something else.
    #expect(!LogForm.isJournal(stream: own + "1", standardError: facts))
    #expect(!LogForm.isJournal(stream: nil, standardError: facts))
    #expect(!LogForm.isJournal(stream: own, standardError: nil))
  }
}
