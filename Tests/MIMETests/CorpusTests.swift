// A folder of real mail, when INTAKE_MAIL_CORPUS names one: every file as LF and as CRLF, without a trap.

import Foundation
import MIME
import Testing

@Suite struct CorpusTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["INTAKE_MAIL_CORPUS"] != nil))
  func everyFile() throws {
    let root = try #require(ProcessInfo.processInfo.environment["INTAKE_MAIL_CORPUS"])
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    var count = 0
    for name in names {
      guard let data = FileManager.default.contents(atPath: root + "/" + name), !data.isEmpty else {
        continue
      }
      count += 1
      var feeds: [UInt8] = []
      for byte in [UInt8](data) where byte != 0x0D { feeds.append(byte) }
      var pairs: [UInt8] = []
      for byte in feeds {
        if byte == 0x0A { pairs.append(0x0D) }
        pairs.append(byte)
      }
      let first = Message(parsing: MessageBytes(feeds))
      let second = Message(parsing: MessageBytes(pairs))
      #expect(first.subject == second.subject, "\(name)")
      #expect(first.parts.map(\.contentType) == second.parts.map(\.contentType), "\(name)")
      #expect(first.attachments == second.attachments, "\(name)")
      // Text in binary or base64 parts keeps its own line ends, so the two agree on words rather than bytes.
      #expect(first.text.isEmpty == second.text.isEmpty, "\(name)")
      _ = first.automatic
      _ = first.forwardedOriginal
      for index in first.parts.indices {
        _ = first.decodedText(of: index)
        _ = first.embeddedMessage(of: index)
      }
    }
    #expect(count > 0, "the folder is empty")
  }
}
