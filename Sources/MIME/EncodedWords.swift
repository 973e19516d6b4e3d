// RFC 2047 encoded words in header text, and the repair of header text that is not ASCII.

/// Header bytes -> text for people: encoded words decoded, raw 8-bit bytes read, no line ends or NULs left.
func decodeHeaderText(_ bytes: [UInt8]) -> String {
  var plain = true
  for byte in bytes where byte < 0x20 || byte >= 0x7F {
    plain = false
    break
  }
  if plain, !hasEncodedWordMark(bytes) { return String(decoding: bytes, as: UTF8.self) }
  return EncodedWords.decode(bytes)
}

private func hasEncodedWordMark(_ bytes: [UInt8]) -> Bool {
  guard bytes.count > 5 else { return false }
  for index in 0..<(bytes.count - 1) where bytes[index] == ASCII.equal && bytes[index + 1] == ASCII.question {
    return true
  }
  return false
}

enum EncodedWords {
  private struct Word {
    var charset: String
    var bytes: [UInt8]
    var end: Int
  }

  /// Whether the bytes are one encoded word and nothing else.
  static func isWord(_ bytes: [UInt8]) -> Bool {
    bytes.count > 6 && bytes[0] == ASCII.equal && bytes[1] == ASCII.question
      && word(in: bytes, at: 0)?.end == bytes.count
  }

  /// Decodes every encoded word; white space between two of them vanishes (RFC 2047 §6.2), and neighbours with the
  /// same charset are joined before decoding because senders split characters between words.
  static func decode(_ bytes: [UInt8]) -> String {
    var out = ""
    var literal: [UInt8] = []
    var pending: [UInt8] = []
    var pendingCharset: String?
    var index = 0
    while index < bytes.count {
      if bytes[index] == ASCII.equal, let word = word(in: bytes, at: index) {
        if pendingCharset != nil {
          // Only blanks since the last word: they are not part of the text.
          if literal.allSatisfy(\.isSpace) {
            literal.removeAll(keepingCapacity: true)
          } else {
            flush(&pending, &pendingCharset, &out)
          }
        }
        if pendingCharset != nil, pendingCharset != word.charset { flush(&pending, &pendingCharset, &out) }
        flushLiteral(&literal, &out)
        pendingCharset = word.charset
        pending.append(contentsOf: word.bytes)
        index = word.end
      } else {
        literal.append(bytes[index])
        index += 1
      }
    }
    flush(&pending, &pendingCharset, &out)
    flushLiteral(&literal, &out)
    return singleLine(out)
  }

  private static func flush(_ pending: inout [UInt8], _ charset: inout String?, _ out: inout String) {
    guard let name = charset else { return }
    out += Charset.decode(pending, label: name)
    pending.removeAll(keepingCapacity: true)
    charset = nil
  }

  private static func flushLiteral(_ literal: inout [UInt8], _ out: inout String) {
    guard !literal.isEmpty else { return }
    out += Charset.unlabelled(literal)
    literal.removeAll(keepingCapacity: true)
  }

  /// encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" (RFC 2047 §2).
  ///
  /// Longer words than the 75 characters of the rule and blanks inside are accepted. A failed match has looked no
  /// further than the next "=?", so a line of half-open words stays linear.
  private static func word(in bytes: [UInt8], at start: Int) -> Word? {
    let count = bytes.count
    guard start + 5 < count, bytes[start + 1] == ASCII.question else { return nil }
    var index = start + 2
    let charsetStart = index
    while index < count, bytes[index] != ASCII.question {
      guard bytes[index] > ASCII.space, bytes[index] < 0x7F, bytes[index] != ASCII.equal,
        index - charsetStart < 64
      else { return nil }
      index += 1
    }
    guard index > charsetStart, index + 2 < count else { return nil }
    let label = String(decoding: bytes[charsetStart..<index], as: UTF8.self)
    let encoding = bytes[index + 1].lowered
    guard bytes[index + 2] == ASCII.question, encoding == 0x62 || encoding == 0x71 else { return nil }
    let textStart = index + 3
    index = textStart
    while index < count {
      if bytes[index] == ASCII.question, index + 1 < count, bytes[index + 1] == ASCII.equal {
        let text = bytes[textStart..<index]
        let decoded = encoding == 0x62 ? Transfer.base64(text) : quotedWord(text)
        return Word(charset: label, bytes: decoded, end: index + 2)
      }
      // Another word begins; "=?=" is base64 padding and the end.
      if bytes[index] == ASCII.equal, index + 2 < count, bytes[index + 1] == ASCII.question,
        bytes[index + 2] != ASCII.equal
      {
        return nil
      }
      index += 1
    }
    return nil
  }

  /// RFC 2047 §4.2: "_" is a space, "=XX" a byte.
  private static func quotedWord(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == ASCII.equal, index + 2 < text.endIndex, let high = text[index + 1].hexValue,
        let low = text[index + 2].hexValue
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(byte == ASCII.underscore ? ASCII.space : byte)
        index += 1
      }
    }
    return out
  }

  /// Line ends become spaces so that a decoded value can never start a new field; NUL becomes U+FFFD.
  static func singleLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    var out: [UInt8] = []
    for byte in text.utf8 {
      if byte == 0 {
        appendUTF8(0xFFFD, to: &out)
      } else {
        out.append(byte == ASCII.cr || byte == ASCII.lf || byte == ASCII.tab ? ASCII.space : byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
