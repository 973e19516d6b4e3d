// What wrapper formats hold: the message and the files that someone put inside a file or a text.

import Glibc

/// A file or body found inside a wrapper format.
struct EnclosedFile: Sendable, Hashable {
  /// The name the sender gave; hostile, so never a path.
  var name: String?
  /// The media type in lower case.
  var contentType = "application/octet-stream"
  /// The Content-ID without its angle brackets.
  var contentID: String?
  var bytes: [UInt8]
  /// Whether the bytes are a whole message: by RFC 5322, or as TNEF when `isTNEF` says so.
  var isMessage = false
  /// Whether the bytes are a TNEF stream, to be read with `TNEF.read`.
  var isTNEF = false
}

/// A wrapped file in a text, and the stretch of text that it takes up.
struct EnclosedBlock: Sendable {
  /// From the first byte of the opening line to behind the closing line.
  var range: Range<Int>
  var file: EnclosedFile
  var defects: [Defect]

  /// Whether a line begins as those do that open a block: "begin" of uuencode, "=ybegin" of yEnc. One look for both,
  /// as it is taken at every text.
  static func mayOpen(in text: UnsafeRawBufferPointer) -> Bool {
    guard let base = text.baseAddress else { return false }
    var start = 0
    while start < text.count {
      switch text[start] {
      case 0x62: if LineSearch.hasPrefix("begin", text, at: start) { return true }
      case ASCII.equal: if LineSearch.hasPrefix("=ybegin", text, at: start) { return true }
      default: break
      }
      // A lone CR ends lines only where there is no LF at all, and then everything is looked at.
      guard let hit = memchr(base + start, 0x0A, text.count - start) else {
        return start == 0 && memchr(base, 0x0D, text.count) != nil
      }
      start = UnsafeRawPointer(hit) - base + 1
    }
    return false
  }

  /// The text without the blocks, which are in order and do not overlap; nil when there are none.
  static func removing(_ blocks: [EnclosedBlock], from text: [UInt8]) -> [UInt8]? {
    guard !blocks.isEmpty else { return nil }
    var out: [UInt8] = []
    var kept = 0
    for block in blocks {
      out.append(contentsOf: text[kept..<block.range.lowerBound])
      kept = block.range.upperBound
    }
    out.append(contentsOf: text[kept...])
    return out
  }
}

/// What a wrapper holds.
struct Enclosure: Sendable {
  enum Kind: String, Sendable { case tnef, signedData, uuencode, yEnc }
  var kind: Kind
  var subject: String?
  var from: (name: String?, address: String?)?
  /// Unix seconds.
  var date: Int64?
  /// The MAPI message class, such as "IPM.Note".
  var messageClass: String?
  var plainText: String?
  var htmlBytes: [UInt8]?
  /// The charset of `htmlBytes`; nil when only the HTML itself may say.
  var htmlCharset: String?
  var files: [EnclosedFile] = []
  var defects: [Defect] = []

  init(_ kind: Kind) { self.kind = kind }

  /// Notes a defect, as long as there is room for more.
  mutating func note(_ code: Defect.Code, _ rule: String, at offset: Int?, _ detail: String, limits: Limits) {
    if defects.count < limits.defects { defects.append(Defect(code, rule, at: offset, detail)) }
  }
}
