// Content transfer encodings: base64 and quoted-printable, tolerant of everything that arrives.

/// How a body is encoded for transport (RFC 2045 §6); 7bit, 8bit, binary and unknown names are all `identity`.
public enum TransferEncoding: String, Sendable, Hashable, Codable {
  case identity, base64, quotedPrintable
}

enum Transfer {
  /// The base64 alphabet of RFC 2045 §6.8; the URL-safe pair of RFC 4648 §5 is read too.
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

  static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count / 4 * 3 + 3)
    text.withUnsafeBytes { raw in
      decodeBase64(raw, limit: .max, chunk: .max, into: &out) { _ in }
    }
    return out
  }

  /// Decodes `input`, calling `emit` each time `out` has reached `chunk` bytes; the caller takes what is left in `out`.
  /// At most `limit` bytes come out.
  static func decode(
    _ input: UnsafeRawBufferPointer, _ encoding: TransferEncoding, limit: Int, chunk: Int,
    into out: inout [UInt8], emit: (inout [UInt8]) throws -> Void
  ) rethrows {
    switch encoding {
    case .identity:
      var start = 0
      let end = min(input.count, limit)
      while start < end {
        let stop = chunk < end - start ? start + chunk : end
        out.append(contentsOf: input[start..<stop])
        start = stop
        if out.count >= chunk { try emit(&out) }
      }
    case .base64:
      try decodeBase64(input, limit: limit, chunk: chunk, into: &out, emit: emit)
    case .quotedPrintable:
      try decodeQuotedPrintable(input, limit: limit, chunk: chunk, into: &out, emit: emit)
    }
  }

  /// RFC 2045 §6.8: other characters are ignored, padding ends a quantum, and what follows padding is read on
  /// because mailing lists glue encoded texts together.
  private static func decodeBase64(
    _ input: UnsafeRawBufferPointer, limit: Int, chunk: Int, into out: inout [UInt8],
    emit: (inout [UInt8]) throws -> Void
  ) rethrows {
    try alphabet.withUnsafeBufferPointer { table in
      var bits: UInt32 = 0
      var held = 0
      var total = 0
      var index = 0
      let count = input.count
      while index < count {
        if held == 0 {
          // Whole groups of four, the common case.
          while index + 4 <= count {
            let a = table[Int(input[index])]
            let b = table[Int(input[index + 1])]
            let c = table[Int(input[index + 2])]
            let d = table[Int(input[index + 3])]
            if (a | b | c | d) & 0x80 != 0 { break }
            out.append(a << 2 | b >> 4)
            out.append(b << 4 | c >> 2)
            out.append(c << 6 | d)
            index += 4
            total += 3
            if out.count >= chunk { try emit(&out) }
            if total >= limit { break }
          }
          if total >= limit || index >= count { break }
        }
        let byte = input[index]
        index += 1
        let value = table[Int(byte)]
        if value & 0x80 == 0 {
          bits = bits << 6 | UInt32(value)
          held += 1
          if held == 4 {
            out.append(UInt8(truncatingIfNeeded: bits >> 16))
            out.append(UInt8(truncatingIfNeeded: bits >> 8))
            out.append(UInt8(truncatingIfNeeded: bits))
            total += 3
            bits = 0
            held = 0
          }
        } else if byte == ASCII.equal {
          total += flush(&bits, &held, &out)
        }
        if out.count >= chunk { try emit(&out) }
        if total >= limit { break }
      }
      _ = flush(&bits, &held, &out)
      // Groups are three bytes, so the limit may be passed by two.
      if total > limit, out.count >= total - limit { out.removeLast(total - limit) }
    }
  }

  private static func flush(_ bits: inout UInt32, _ held: inout Int, _ out: inout [UInt8]) -> Int {
    defer {
      bits = 0
      held = 0
    }
    switch held {
    case 2:
      out.append(UInt8(truncatingIfNeeded: bits >> 4))
      return 1
    case 3:
      out.append(UInt8(truncatingIfNeeded: bits >> 10))
      out.append(UInt8(truncatingIfNeeded: bits >> 2))
      return 2
    default:
      return 0
    }
  }

  /// RFC 2045 §6.7: soft breaks vanish, blanks at a line's end are transport's, an "=" that starts nothing stays.
  private static func decodeQuotedPrintable(
    _ input: UnsafeRawBufferPointer, limit: Int, chunk: Int, into out: inout [UInt8],
    emit: (inout [UInt8]) throws -> Void
  ) rethrows {
    let count = input.count
    var index = 0
    var total = 0
    while index < count, total < limit {
      let byte = input[index]
      if byte == ASCII.equal {
        if index + 2 < count, let high = input[index + 1].hexValue, let low = input[index + 2].hexValue {
          out.append(high << 4 | low)
          total += 1
          index += 3
        } else if let next = softBreak(input, after: index) {
          index = next
        } else {
          out.append(byte)
          total += 1
          index += 1
        }
      } else if byte.isBlank {
        var stop = index
        while stop < count, input[stop].isBlank { stop += 1 }
        if stop < count, input[stop] != ASCII.cr, input[stop] != ASCII.lf {
          let take = min(stop - index, limit - total)
          for offset in index..<(index + take) { out.append(input[offset]) }
          total += take
        }
        index = stop
      } else {
        out.append(byte)
        total += 1
        index += 1
      }
      if out.count >= chunk { try emit(&out) }
    }
  }

  private static func softBreak(_ input: UnsafeRawBufferPointer, after equal: Int) -> Int? {
    var index = equal + 1
    while index < input.count, input[index].isBlank { index += 1 }
    if index == input.count { return index }
    if input[index] == ASCII.lf { return index + 1 }
    guard input[index] == ASCII.cr else { return nil }
    return index + 1 < input.count && input[index + 1] == ASCII.lf ? index + 2 : index + 1
  }
}
