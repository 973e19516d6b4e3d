// What is checked of the root's fields at the parse, because it needs no decoding.

import Glibc

enum HeaderChecks {
  /// The fields that RFC 5322 §3.6 allows once.
  private static let single = ["From", "Subject", "Date", "Message-ID", "To", "Cc", "Reply-To", "Sender"].map
  {
    (name: $0, hash: HeaderField.hash($0))
  }
  private static let date = 2
  private static let messageID = 3

  static func defects(_ headers: Headers, _ bytes: MessageBytes, limits: Limits) -> [Defect] {
    var out: [Defect] = []
    guard let first = headers.fields.first, let last = headers.fields.last else { return out }
    var counts = [Int](repeating: 0, count: single.count)
    bytes.withUnsafeBytes { raw in
      let block = (first.nameRange.lowerBound..<max(last.valueRange.upperBound, first.nameRange.lowerBound))
        .clamped(to: 0..<raw.count)
      findUnusualBytes(headers, raw, block, &out)
      for field in headers.fields {
        guard let index = single.firstIndex(where: { field.isNamed($0.name, hash: $0.hash) }) else {
          continue
        }
        counts[index] += 1
        if counts[index] == 2 {
          out.append(Defect(.duplicateField, "RFC 5322 §3.6", at: field.nameRange.lowerBound, field.name))
        }
        let isAddress = index == 0 || index > messageID
        if isAddress, field.valueRange.count > limits.addresses {
          let value = raw[field.valueRange.clamped(to: 0..<raw.count)]
          let commas = value.reduce(0) { $0 + ($1 == ASCII.comma ? 1 : 0) }
          if commas >= limits.addresses {
            out.append(Defect(.tooManyAddresses, "limit", at: field.valueRange.lowerBound, field.name))
          }
        }
        if index == date, MessageDate.parse(field.unfolded) == nil {
          out.append(Defect(.invalidDate, "RFC 5322 §3.3", at: field.valueRange.lowerBound, field.text))
        }
      }
    }
    if counts[0] == 0 { out.append(Defect(.missingFrom, "RFC 5322 §3.6")) }
    return out
  }

  /// Raw 8-bit text that is not UTF-8, and NULs; most blocks have neither, which one look at the whole tells.
  private static func findUnusualBytes(
    _ headers: Headers, _ raw: UnsafeRawBufferPointer, _ block: Range<Int>, _ out: inout [Defect]
  ) {
    let whole = UnsafeRawBufferPointer(rebasing: raw[block])
    guard let base = whole.baseAddress else { return }
    var hasNul = memchr(base, 0, whole.count) != nil
    var hasHigh = !isASCII(whole)
    guard hasNul || hasHigh else { return }
    for field in headers.fields where hasNul || hasHigh {
      let value = UnsafeRawBufferPointer(rebasing: raw[field.valueRange.clamped(to: 0..<raw.count)])
      if hasHigh, !isASCII(value), String(validating: value, as: UTF8.self) == nil {
        hasHigh = false
        out.append(Defect(.rawEightBitHeader, "RFC 6532 §3.2", at: field.valueRange.lowerBound, field.name))
      }
      if hasNul, value.contains(0) {
        hasNul = false
        out.append(Defect(.nulInHeader, "RFC 5322 §2.2", at: field.valueRange.lowerBound, field.name))
      }
    }
  }
}
