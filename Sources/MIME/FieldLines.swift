// Lines of "name: value" that are not a message's header: reports' field groups and calendar content lines.

/// A field of a report or a property of a calendar.
struct FieldLine: Sendable {
  /// The name in lower case.
  var name: String
  /// Parameters between name and colon, as iCalendar has them; names in lower case.
  var parameters: [String: String] = [:]
  var value: String
}

enum FieldLines {
  /// Groups of fields separated by blank lines (RFC 3464 §2.1), continuation lines joined; at most `limit` fields.
  static func groups(_ text: [UInt8], limit: Int) -> [[FieldLine]] {
    var groups: [[FieldLine]] = [[]]
    var count = 0
    for line in unfolded(text, keepsBlankLines: true) where count < limit {
      if line.isEmpty {
        if groups.last?.isEmpty == false { groups.append([]) }
        continue
      }
      guard let colon = line.firstIndex(of: ASCII.colon), colon > 0 else { continue }
      let name = String(decoding: trimmed(Array(line[..<colon])).map(\.lowered), as: UTF8.self)
      let value = decodeHeaderText(trimmed(Array(line[(colon + 1)...])))
      groups[groups.count - 1].append(FieldLine(name: name, value: value))
      count += 1
    }
    return groups.filter { !$0.isEmpty }
  }

  /// Content lines of a calendar (RFC 5545 §3.1): name *(";" parameter) ":" value; at most `limit`.
  static func contentLines(_ text: [UInt8], limit: Int) -> [FieldLine] {
    var out: [FieldLine] = []
    for line in unfolded(text, keepsBlankLines: false) where out.count < limit {
      var isQuoted = false
      var pieces: [Range<Int>] = []
      var start = 0
      var colon: Int?
      for index in line.indices {
        if line[index] == ASCII.quote { isQuoted.toggle() }
        guard !isQuoted else { continue }
        if line[index] == ASCII.semicolon {
          pieces.append(start..<index)
          start = index + 1
        } else if line[index] == ASCII.colon {
          pieces.append(start..<index)
          colon = index
          break
        }
      }
      guard let colon, let first = pieces.first else { continue }
      func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
      var parameters: [String: String] = [:]
      for piece in pieces.dropFirst() {
        guard let equal = line[piece].firstIndex(of: ASCII.equal) else { continue }
        let value = line[(equal + 1)..<piece.upperBound].filter { $0 != ASCII.quote }
        parameters[text(line[piece.lowerBound..<equal].map(\.lowered))] = text(value)
      }
      out.append(
        FieldLine(
          name: text(line[first].map(\.lowered)), parameters: parameters,
          value: unescaped(line[(colon + 1)...])))
    }
    return out
  }

  /// RFC 5545 §3.3.11: backslash before n, comma, semicolon, backslash.
  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var out: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == ASCII.backslash, index + 1 < bytes.endIndex {
        index += 1
        out.append(bytes[index].lowered == 0x6E ? ASCII.lf : bytes[index])
      } else {
        out.append(bytes[index])
      }
      index += 1
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func unfolded(_ text: [UInt8], keepsBlankLines: Bool) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for slice in text.split(separator: ASCII.lf, omittingEmptySubsequences: false) {
      var line = slice
      while line.last == ASCII.cr { line.removeLast() }
      if let first = line.first, first.isBlank, let last = lines.last, !last.isEmpty {
        // RFC 5545 takes one blank away; for reports the blank is folding white space.
        lines[lines.count - 1].append(contentsOf: keepsBlankLines ? line : line.dropFirst())
      } else if keepsBlankLines || !line.isEmpty {
        lines.append(Array(line))
      }
    }
    return lines
  }
}
