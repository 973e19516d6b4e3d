// What goes out, byte for byte: no field lets another in, nothing but ASCII, no line too long.

import Deadlines
import MIME
import TestServers
import Testing

@testable import Outbound

@Suite struct MessageTests {
  static func message(_ change: (inout OutgoingMessage) -> Void = { _ in }) throws -> OutgoingMessage {
    let from = try #require(AddrSpec("complaints@meridian.example"))
    let to = try #require(AddrSpec("member@example.org"))
    var message = OutgoingMessage(
      date: Instant(unixSeconds: 1_795_442_520), fromName: "Meridian complaints", from: from, to: to,
      subject: "[C-7F3K-9QXD] We have received your complaint", messageID: "ack.X.2@meridian.example",
      inReplyTo: "complaint-1@example.org", references: ["earlier-1@example.org"],
      body: "Dear Sir or Madam,\n\nHello.\n")
    change(&message)
    return message
  }

  @Test func saysWhatItMust() throws {
    let text = try Self.message().rendered()
    let expected = [
      "Date: Mon, 23 Nov 2026 14:02:00 +0000", "From: \"Meridian complaints\" <complaints@meridian.example>",
      "Reply-To: <complaints@meridian.example>", "To: <member@example.org>",
      "Subject: [C-7F3K-9QXD] We have received your complaint", "Message-ID: <ack.X.2@meridian.example>",
      "In-Reply-To: <complaint-1@example.org>", "References: <earlier-1@example.org>",
      " <complaint-1@example.org>",
      "Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "Dear Sir or Madam,",
      "",
      "Hello.", "",
    ]
    #expect(text.components("\r\n") == expected)
    let parsed = Message(parsing: MessageBytes(Array(text.utf8)))
    #expect(parsed.defects.isEmpty, "\(parsed.defects)")
    // Another intake would not answer it.
    #expect(parsed.automatic?.kind == .autoReply)
  }

  static let breaks = ["\r\n", "\n", "\r", "\0", "\u{1}", "\u{7F}"]

  @Test(arguments: breaks, ["subject", "name", "message-id"]) func refusesLineEnds(
    _ mark: String, _ field: String
  ) throws {
    let evil = "x\(mark)Bcc: victim@example.net"
    let message = try Self.message {
      switch field {
      case "subject": $0.subject = evil
      case "name": $0.fromName = evil
      default: $0.messageID = "a@b\(mark)Bcc:v"
      }
    }
    #expect(throws: MessageRefusal.self) { try message.rendered() }
  }

  /// What came from outside is left out where it is not of plain form; our own fields refuse.
  @Test(arguments: breaks) func leavesOutHostileThreads(_ mark: String) throws {
    let text = try Self.message {
      $0.inReplyTo = "x@y\(mark)Bcc:_v@w"
      $0.references = ["a@b\(mark)Bcc:v@w", "ok@b"]
    }.rendered()
    #expect(!text.holds("Bcc") && !text.holds("In-Reply-To") && !text.holds("References"))
    let other = try Self.message {
      $0.references = ["a@b\(mark)Bcc:v@w", "ok@b", "<nested@x>", "no-at-sign"]
    }.rendered()
    #expect(!other.holds("Bcc") && other.holds("References: <ok@b>\r\n <complaint-1@example.org>\r\n"))
  }

  @Test(arguments: breaks) func aLineEndInTheTextEndsALineAndNoMore(_ mark: String) throws {
    let text = try? Self.message { $0.body = "one\(mark).\(mark)two\(mark)\(mark)RCPT TO:<v@w>" }.rendered()
    if mark == "\0" {
      #expect(text == nil)
      return
    }
    let head = try #require(text?.components("\r\n\r\n").first)
    #expect(!head.holds("RCPT"))
    // Every CR is followed by LF and every LF follows a CR.
    let bytes = Array(try #require(text).utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == 13 { #expect(index + 1 < bytes.count && bytes[index + 1] == 10) }
      if byte == 10 { #expect(index > 0 && bytes[index - 1] == 13) }
    }
  }

  @Test(arguments: [
    "Ça ne va pas, à bientôt — “quotes” 日本語 🙂", String(repeating: "long ", count: 400),
    "trailing blank \nand tab\t",
    "From the start", ".", "..\n.\n", "a = b\n= at the start", String(repeating: "é", count: 300), "",
    String(repeating: "x", count: 2000), "tab\tinside", "\n\n\n",
    String(repeating: "日", count: 200) + "\n.hidden",
  ]) func textComesBackAsItWas(_ body: String) throws {
    let text = try Self.message { $0.body = body }.rendered()
    let lines = text.components("\r\n")
    #expect(text.utf8.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 13 || $0 == 10 || $0 == 9) })
    #expect(lines.allSatisfy { $0.utf8.count <= 78 }, "\(lines.map(\.utf8.count).max() ?? 0)")
    let parsed = Message(parsing: MessageBytes(Array(text.utf8)))
    func trimmed(_ text: String) -> String {
      var bytes = Array(text.utf8)
      while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
      return String(decoding: bytes.filter { $0 != 13 }, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    let leaf = try #require(parsed.parts.indices.first { parsed.parts[$0].children.isEmpty })
    parsed.forEachDecodedChunk(of: leaf) { decoded += $0 }
    #expect(trimmed(String(decoding: decoded, as: UTF8.self)) == trimmed(body))
  }

  @Test(arguments: [
    "Réclamation reçue", String(repeating: "é", count: 150), "=?UTF-8?Q?already?=",
    "日本語の件名 日本語の件名 日本語の件名 日本語の件名",
  ]) func subjectsComeBackAsTheyWere(_ subject: String) throws {
    let text = try Self.message { $0.subject = subject }.rendered()
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(Message(parsing: MessageBytes(Array(text.utf8))).subject == subject)
  }

  @Test(arguments: ["Jürgen \"X\" <evil@x>", "back\\slash", "a, b; c <d@e>", "Plain"]) func namesStayNames(
    _ name: String
  ) throws {
    let text = try Self.message { $0.fromName = name }.rendered()
    let from = Message(parsing: MessageBytes(Array(text.utf8))).from
    #expect(from.count == 1 && from.first?.mailbox == "complaints@meridian.example")
    #expect(from.first?.displayName == name)
  }

  @Test func referencesAreCapped() throws {
    let text = try Self.message { $0.references = (0..<500).map { "id\($0)@example.org" } }.rendered()
    let ids = Message(parsing: MessageBytes(Array(text.utf8))).references
    #expect(ids.count == 20 && ids.last == "complaint-1@example.org" && ids.first == "id481@example.org")
  }

  @Test func tooMuchIsRefused() throws {
    #expect(throws: MessageRefusal.self) {
      try Self.message { $0.body = String(repeating: "x", count: 100_001) }.rendered()
    }
    #expect(throws: MessageRefusal.self) {
      try Self.message { $0.subject = String(repeating: "x", count: 401) }.rendered()
    }
  }
}
