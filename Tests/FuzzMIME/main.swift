// libFuzzer's entry to the parser and its decoders; `scripts/fuzz` builds and runs it. Built without the fuzzer, this
// program does nothing.
//
// INTAKE_FUZZ chooses what reads the bytes: message (the default), address, date or header.

import Glibc
import MIME

private enum Target: String {
  case message, address, date, header

  static let chosen = getenv("INTAKE_FUZZ").flatMap { Target(rawValue: String(cString: $0)) } ?? .message
}

/// What mail is made of: bytes folded onto it reach deep states soon.
private let alphabet = Array("\r\n\t =?_-:;,.<>@()[]\"'\\/*%+&#0123456789abcfhiklmnoprstuxQBUTF".utf8)

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
  // An odd first byte folds the rest, so that one corpus serves both.
  let isFolded = bytes.first.map { $0 & 1 == 1 } ?? false
  let input = isFolded ? bytes.dropFirst().map { alphabet[Int($0) % alphabet.count] } : bytes
  switch Target.chosen {
  case .message: readMessage(input)
  case .address: readAddresses(input)
  case .date: readDate(input)
  case .header: readHeaders(input)
  }
  return 0
}

/// Everything a caller can ask of a message.
private func readMessage(_ input: [UInt8]) {
  let message = Message(parsing: MessageBytes(input))
  let text = message.text
  // Regions cover the text whole, in order: the promise that nothing is thrown away.
  var end = 0
  for region in message.regions(of: text) {
    precondition(region.range.lowerBound == end, "a gap between regions")
    end = region.range.upperBound
  }
  precondition(end == text.utf8.count, "regions do not cover the text")
  for link in message.links {
    precondition(link.range.upperBound <= text.utf8.count, "a link outside the text")
  }
  _ = (message.subject, message.from, message.sender, message.replyTo, message.to, message.cc, message.date)
  _ = (message.messageID, message.inReplyTo, message.references, message.receivedStamps, message.ownText)
  _ = (message.automatic, message.forwardedOriginal, message.report, message.invitation, message.protections)
  _ = (message.bodyDefects, message.hasEncryptedContent)
  for file in message.files { file.forEachChunk { _ in } }
  for index in message.parts.indices {
    precondition(message.parts[index].bodyRange.upperBound <= input.count, "a part outside the message")
    let whole = message.decodedBody(of: index)
    var pieces = 0
    message.forEachDecodedChunk(of: index) { pieces += $0.count }
    precondition(pieces == whole.count, "decoding in pieces gives another length")
    _ = message.decodedText(of: index)
    _ = message.embeddedMessage(of: index)?.text
  }
}

private func readAddresses(_ input: [UInt8]) {
  for address in Address.parseList(String(decoding: input, as: UTF8.self)) {
    precondition(!address.mailbox.utf8.contains { $0 == 0x0A || $0 == 0x0D }, "a line end in an address")
  }
  let message = Message(parsing: MessageBytes(Array("From: ".utf8) + input + Array("\n\n".utf8)))
  _ = message.from
}

private func readDate(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  if let date = MessageDate.parse(text) {
    precondition(abs(date.offsetMinutes) <= 24 * 60, "an offset of more than a day")
    precondition(
      date.unixSeconds > -63_000_000_000 && date.unixSeconds < 254_000_000_000, "a year outside 1...9999")
  }
}

private func readHeaders(_ input: [UInt8]) {
  var block: [UInt8] = []
  for name in ["Subject", "Content-Type", "Content-Disposition", "Message-ID", "References", "Content-ID"] {
    block += Array((name + ": ").utf8) + input.map { $0 == 0x0A ? 0x20 : $0 } + [0x0A]
  }
  let message = Message(parsing: MessageBytes(block + [0x0A]))
  precondition(
    !message.subject.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }, "a line end in a subject")
  _ = (
    message.parts[0].fileName, message.parts[0].contentType, message.parts[0].charset,
    message.parts[0].contentID
  )
  _ = (message.messageID, message.references)
  for field in message.headers.fields { _ = field.text }
}
