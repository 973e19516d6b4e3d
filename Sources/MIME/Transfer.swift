// Content transfer encodings: base64 and quoted-printable, tolerant of everything that arrives.

import Glibc

/// How a body is encoded for transport (RFC 2045 §6); 7bit, 8bit, binary and unknown names are all `identity`.
public enum TransferEncoding: String, Sendable, Hashable, Codable {
  case identity, base64, quotedPrintable
  /// "x-uuencode": no standard names it, old gateways use it.
  case uuencode
}

enum Transfer {
  /// The decoded bytes, at most `limit` of them.
  static func decode(_ input: UnsafeRawBufferPointer, _ encoding: TransferEncoding, limit: Int) -> [UInt8] {
    guard limit > 0, !input.isEmpty else { return [] }
    switch encoding {
    case .identity:
      return [UInt8](UnsafeRawBufferPointer(rebasing: input.prefix(limit)))
    case .base64:
      // A group is written whole, so the room is a group more than the limit.
      let room = min(limit, input.count / 4 * 3 + 3) + 3
      return [UInt8](unsafeUninitializedCapacity: room) { space, written in
        var decoder = Base64Decoder()
        var index = 0
        let out = UnsafeMutableRawBufferPointer(space)
        written = decoder.decode(input, &index, into: out)
        if index == input.count {
          written += decoder.finish(into: UnsafeMutableRawBufferPointer(rebasing: out[written...]))
        }
        written = min(written, limit)
      }
    case .uuencode:
      return uuencode(input, limit: limit)
    case .quotedPrintable:
      return [UInt8](unsafeUninitializedCapacity: min(limit, input.count)) { space, written in
        var decoder = QuotedPrintableDecoder()
        var index = 0
        written = decoder.decode(input, &index, into: UnsafeMutableRawBufferPointer(space))
      }
    }
  }

  /// Lends the decoded bytes piece by piece, so that digesting a large attachment does not hold it. Returns how many
  /// bytes were no part of the encoding, and whether the limit cut the rest off.
  @discardableResult
  static func forEachChunk(
    _ input: UnsafeRawBufferPointer, _ encoding: TransferEncoding, limit: Int,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows -> (stray: Int, isCut: Bool) {
    if encoding == .identity {
      try body(UnsafeRawBufferPointer(rebasing: input.prefix(max(limit, 0))))
      return (0, input.count > limit)
    }
    if encoding == .uuencode {
      try uuencode(input, limit: limit).withUnsafeBytes(body)
      return (0, false)
    }
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: FixedLimit.chunkBytes, alignment: 16)
    defer { space.deallocate() }
    var base64 = Base64Decoder()
    var quoted = QuotedPrintableDecoder()
    var index = 0
    var left = limit
    while left > 0 {
      var written =
        encoding == .base64
        ? base64.decode(input, &index, into: space) : quoted.decode(input, &index, into: space)
      if written == 0 { break }
      written = min(written, left)
      left -= written
      try body(UnsafeRawBufferPointer(rebasing: space[..<written]))
    }
    if encoding == .base64, left > 0 {
      let written = min(base64.finish(into: space), left)
      if written > 0 { try body(UnsafeRawBufferPointer(rebasing: space[..<written])) }
    }
    return (encoding == .base64 ? base64.stray : quoted.stray, left <= 0 && index < input.count)
  }

  /// The first uuencoded file in the body; the body itself when it holds none.
  private static func uuencode(_ input: UnsafeRawBufferPointer, limit: Int) -> [UInt8] {
    var limits = Limits.standard
    limits.decodedBytes = limit
    let body = [UInt8](UnsafeRawBufferPointer(rebasing: input.prefix(limit)))
    return UUEncoding.files(in: body, limits: limits).first?.bytes ?? body
  }

  static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
    text.withUnsafeBytes { decode($0, .base64, limit: .max) }
  }
}

/// RFC 2045 §6.8: other characters are ignored, padding ends a quantum, and what follows padding is read on because
/// mailing lists glue encoded texts together.
struct Base64Decoder {
  /// Six bits a character; the URL-safe pair of RFC 4648 §5 is read too. 0xFF is no character of the alphabet.
  private static let alphabet: [UInt8] = {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (value, byte) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated()
    {
      table[Int(byte)] = UInt8(value)
    }
    table[0x2D] = 62
    table[0x5F] = 63
    return table
  }()

  private var bits: UInt32 = 0
  private var held = 0
  /// Characters that were neither of the alphabet nor padding nor white space.
  private(set) var stray = 0

  /// Decodes from `index` on until the input ends or `out` has no room for a group; returns the bytes written.
  mutating func decode(
    _ input: UnsafeRawBufferPointer, _ index: inout Int, into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    Self.alphabet.withUnsafeBufferPointer { table in
      var written = 0
      var position = index
      let count = input.count
      while position < count, written + 3 <= out.count {
        if held == 0 {
          // Whole groups of four, the common case.
          while position + 4 <= count, written + 3 <= out.count {
            let a = UInt32(table[Int(input[position])])
            let b = UInt32(table[Int(input[position + 1])])
            let c = UInt32(table[Int(input[position + 2])])
            let d = UInt32(table[Int(input[position + 3])])
            if (a | b | c | d) & 0x80 != 0 { break }
            let group = a << 18 | b << 12 | c << 6 | d
            out[written] = UInt8(truncatingIfNeeded: group >> 16)
            out[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
            out[written + 2] = UInt8(truncatingIfNeeded: group)
            position += 4
            written += 3
          }
          if position >= count || written + 3 > out.count { break }
        }
        let byte = input[position]
        position += 1
        let value = table[Int(byte)]
        if value & 0x80 == 0 {
          bits = bits << 6 | UInt32(value)
          held += 1
          if held == 4 {
            out[written] = UInt8(truncatingIfNeeded: bits >> 16)
            out[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            out[written + 2] = UInt8(truncatingIfNeeded: bits)
            written += 3
            bits = 0
            held = 0
          }
        } else if byte == ASCII.equal {
          written += finish(into: UnsafeMutableRawBufferPointer(rebasing: out[written...]))
        } else if !byte.isSpace {
          stray += 1
        }
      }
      index = position
      return written
    }
  }

  /// Writes what a quantum cut short still says, at most two bytes.
  mutating func finish(into out: UnsafeMutableRawBufferPointer) -> Int {
    defer {
      bits = 0
      held = 0
    }
    if held == 2, out.count >= 1 {
      out[0] = UInt8(truncatingIfNeeded: bits >> 4)
      return 1
    }
    if held == 3, out.count >= 2 {
      out[0] = UInt8(truncatingIfNeeded: bits >> 10)
      out[1] = UInt8(truncatingIfNeeded: bits >> 2)
      return 2
    }
    return 0
  }
}

/// RFC 2045 §6.7: soft breaks vanish, blanks at a line's end are transport's, an "=" that starts nothing stays.
struct QuotedPrintableDecoder {
  /// Where the open line's content ends, trailing blanks left out, and where the next line starts.
  private var contentEnd = -1
  private var next = 0
  /// The next LF from the open line on, looked for once, so that a text of lone CRs stays linear.
  private var feed = -1
  /// "=" signs that start neither a byte nor a soft break.
  private(set) var stray = 0

  /// Decodes from `index` on until the input ends or `out` is full; returns the bytes written.
  mutating func decode(
    _ input: UnsafeRawBufferPointer, _ index: inout Int, into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    guard let source = input.baseAddress, let target = out.baseAddress else { return 0 }
    var written = 0
    while index < input.count, written < out.count {
      if contentEnd < index { openLine(input, source, at: index) }
      while index < contentEnd, written < out.count {
        if input[index] != ASCII.equal {
          let run = min(contentEnd - index, out.count - written)
          let hit = memchr(source + index, 0x3D, run)
          let length = hit.map { UnsafeRawPointer($0) - (source + index) } ?? run
          (target + written).copyMemory(from: source + index, byteCount: length)
          written += length
          index += length
        } else if index + 2 < contentEnd, let high = input[index + 1].hexValue,
          let low = input[index + 2].hexValue
        {
          out[written] = high << 4 | low
          written += 1
          index += 3
        } else if index + 1 == contentEnd {
          // A soft break: the line end, and the blanks that transport put before it, vanish.
          index = next
          contentEnd = -1
        } else {
          stray += 1
          out[written] = ASCII.equal
          written += 1
          index += 1
        }
      }
      guard contentEnd >= 0, index >= contentEnd else { continue }
      // The line end itself, as it was written.
      var end = index
      while end < next, input[end].isBlank { end += 1 }
      while end < next, written < out.count {
        out[written] = input[end]
        written += 1
        end += 1
      }
      index = end
      contentEnd = end < next ? end : -1
    }
    return written
  }

  private mutating func openLine(_ input: UnsafeRawBufferPointer, _ source: UnsafeRawPointer, at start: Int) {
    if feed < start {
      let hit = memchr(source + start, 0x0A, input.count - start)
      feed = hit.map { UnsafeRawPointer($0) - source } ?? input.count
    }
    var end = feed
    next = min(feed + 1, input.count)
    if let hit = memchr(source + start, 0x0D, end - start) {
      end = UnsafeRawPointer(hit) - source
      // A lone CR ends a line as well.
      if end + 1 != feed { next = end + 1 }
    }
    while end > start, input[end - 1].isBlank { end -= 1 }
    contentEnd = end
  }
}
