import Cases
import Deadlines
import Foundation
import Testing

@testable import Pipeline

@Suite struct MailFilesTests {
  struct Mbox: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let messages: [String]
    var testDescription: String { name }
  }

  static let mboxes: [Mbox] = [
    Mbox(
      name: "two messages",
      text:
        "From a@b Mon Nov 23 09:30:00 2026\nSubject: 1\n\nx\n\nFrom a@b Mon Nov 23 09:31:00 2026\nSubject: 2\n\ny\n",
      messages: ["Subject: 1\n\nx\n", "Subject: 2\n\ny\n"]),
    Mbox(
      name: "a sentence that begins with From",
      text: "From a@b Mon Nov 23 09:30:00 2026\nSubject: 1\n\nx\n\nFrom the very start I was ignored.\n",
      messages: ["Subject: 1\n\nx\n\nFrom the very start I was ignored.\n"]),
    Mbox(
      name: "a separator without an empty line before it",
      text: "From a@b Mon Nov 23 09:30:00 2026\nSubject: 1\n\nx\nFrom a@b Mon Nov 23 09:31:00 2026\n",
      messages: ["Subject: 1\n\nx\nFrom a@b Mon Nov 23 09:31:00 2026\n"]),
    Mbox(
      name: "mboxrd quoting",
      text: "From a@b Mon Nov 23 09:30:00 2026\nSubject: 1\n\n>From here\n>>From there\n> From kept\n",
      messages: ["Subject: 1\n\nFrom here\n>From there\n> From kept\n"]),
    Mbox(
      name: "CRLF",
      text:
        "From - Mon Nov 23 09:30:00 2026\r\nSubject: 1\r\n\r\nx\r\n\r\nFrom - Mon Nov  2 09:31:00 2026\r\n\r\ny\r\n",
      messages: ["Subject: 1\r\n\r\nx\r\n", "\r\ny\r\n"]),
    Mbox(
      name: "a zone, and no seconds",
      text: "From a@b Mon Nov 23 09:30 +0100 2026\nA: 1\n\n",
      messages: ["A: 1\n"]),
    Mbox(
      name: "no last newline", text: "From a@b Mon Nov 23 09:30:00 2026\nA: 1\n\nx", messages: ["A: 1\n\nx"]),
  ]

  @Test(arguments: mboxes)
  func mbox(_ row: Mbox) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/box"
    try row.text.write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try read(path).map { String(decoding: $0.content, as: UTF8.self) } == row.messages)
  }

  @Test func mboxDate() throws {
    let folder = try TemporaryFolder()
    try "From a@b Mon Nov 23 09:30:05 2026\nA: 1\n\nx\n".write(
      toFile: folder.path + "/box", atomically: false, encoding: .utf8)
    #expect(try read(folder.path + "/box").first?.delivered == Instant(iso8601: "2026-11-23T09:30:05Z"))
  }

  @Test func maildir() throws {
    let folder = try TemporaryFolder()
    for name in ["cur", "new", "tmp", ".Sub/cur", ".Sub/new"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    for (name, text) in [
      ("cur/1700000000.M1.host:2,S", "a"), ("new/1700000001.M2.host", "b"), ("tmp/1700000002.M3.host", "no"),
      (".Sub/cur/1700000003.M4.host:2,", "c"),
    ] { try text.write(toFile: "\(folder.path)/\(name)", atomically: false, encoding: .utf8) }
    let found = try read(folder.path)
    #expect(Set(found.map { String(decoding: $0.content, as: UTF8.self) }) == ["a", "b", "c"])
    #expect(
      Set(found.compactMap { $0.delivered?.unixSeconds }) == [1_700_000_000, 1_700_000_001, 1_700_000_003])
  }

  @Test func missingFileIsAProblemAndTheRestGoesOn() throws {
    var problems: [String] = []
    try MailFiles.forEach("/nonexistent/mail") { _ in
    } problem: {
      problems.append($0.description)
    }
    #expect(problems == ["/nonexistent/mail: No such file or directory"])
  }

  private func read(_ path: String) throws -> [FiledMessage] {
    var found: [FiledMessage] = []
    try MailFiles.forEach(path) {
      found.append($0)
    } problem: {
      Issue.record("\($0)")
    }
    return found
  }
}

/// A folder of the test's own, removed with it.
final class TemporaryFolder: Sendable {
  let path = NSTemporaryDirectory() + "intake-pipeline-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
