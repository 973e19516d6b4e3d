// How much memory reading one message takes beside the bytes of the message itself.

import Crypto
import Foundation
import MIME

enum Memory {
  private final class Mapping: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(_ path: String) {
      let descriptor = open(path, O_RDONLY)
      let size = Int(lseek(descriptor, 0, SEEK_END))
      // All pages are in before the peak is counted, so that what comes on top is the parser's own.
      let start = mmap(nil, max(size, 1), PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0)
      guard descriptor >= 0, let start, start != MAP_FAILED else {
        FileHandle.standardError.write(Data("ParseBench: \(path): cannot map it\n".utf8))
        exit(66)
      }
      close(descriptor)
      bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), max(bytes.count, 1)) }
  }

  private struct Figures: Encodable {
    let file: String
    let bytes: Int
    /// Kilobytes of peak resident memory above what was resident before the parse, mapped file included.
    let peakAboveKilobytes: Int
    /// Kilobytes of anonymous memory, all of the process, when the message has been read.
    let anonymousAfterKilobytes: Int
    let textBytes: Int
    let attachmentBytes: Int
    let digest: String
  }

  static func measure(_ path: String) {
    let mapping = Mapping(path)
    warmUp()
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .ascii)
    let before = status("VmRSS")
    let message = Message(
      parsing: MessageBytes(mapped: mapping.bytes, keepingAlive: mapping))
    var digest = SHA256()
    var size = 0
    let text = message.text
    digest.update(data: Data(text.utf8))
    for file in message.files {
      file.forEachChunk {
        digest.update(bufferPointer: $0)
        size += $0.count
      }
    }
    let peak = status("VmHWM") - before
    ParseBench.print(
      Figures(
        file: path, bytes: mapping.bytes.count, peakAboveKilobytes: peak,
        anonymousAfterKilobytes: status("RssAnon"),
        textBytes: text.utf8.count, attachmentBytes: size,
        digest: digest.finalize().map { String(format: "%02x", $0) }.joined()))
  }

  /// A first small message loads iconv's tables and the code itself, which no later message pays for.
  private static func warmUp() {
    let message =
      "Subject: =?iso-8859-1?Q?w=E4rm?=\nContent-Type: text/html; charset=iso-8859-2\n\n<p>w\u{E4}rm</p>"
    _ = Message(parsing: MessageBytes(Array(message.utf8))).text
    _ = SHA256.hash(data: [1])
  }

  private static func status(_ key: String) -> Int {
    guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return 0 }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix(key + ":") {
      return Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "0") ?? 0
    }
    return 0
  }
}
