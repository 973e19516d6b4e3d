// Structured fields of the form value *(";" name "=" value): Content-Type and Content-Disposition (RFC 2045, 2183, 2231).

/// A media type with its parameters (RFC 2045 §5.1).
public struct ContentType: Sendable, Hashable {
  /// The type in lower case, as "text".
  public let type: String
  /// The subtype in lower case, as "plain".
  public let subtype: String
  /// The parameters by lower-case name, RFC 2231 sections joined and decoded.
  public let parameters: [String: String]

  /// RFC 2045 §5.2: what a part without Content-Type is.
  static let plain = ContentType(type: "text", subtype: "plain", parameters: [:])

  /// Both halves, as "text/plain".
  public var essence: String { type + "/" + subtype }

  func isType(_ type: String, _ subtype: String) -> Bool { self.type == type && self.subtype == subtype }
}

/// What reading a structured field gave.
struct StructuredField {
  var value = ""
  var parameters: [String: String] = [:]
  /// The boundary's bytes, never decoded.
  var boundary: [UInt8]?
  var defects: [(code: Defect.Code, rule: String, detail: String)] = []
}

extension StructuredField {
  private struct Section {
    var number: Int
    var extended: Bool
    var bytes: [UInt8]
  }

  /// Reads an unfolded field value.
  init(_ bytes: [UInt8], limit: Int) {
    var index = 0
    value = StructuredField.leadingValue(bytes, &index)
    var sections: [String: [Section]] = [:]
    var order = 0
    while index < bytes.count {
      guard let (name, extended, number, raw, quoted) = StructuredField.parameter(bytes, &index) else {
        continue
      }
      order += 1
      if order > limit {
        defects.append((.tooManyParameters, "limit", "more than \(limit) parameters"))
        break
      }
      if let number {
        sections[name, default: []].append(Section(number: number, extended: extended, bytes: raw))
        continue
      }
      if name == "boundary" {
        if let first = boundary {
          if first != raw { defects.append((.conflictingParameter, "RFC 2045 §5.1", "two boundaries")) }
          continue
        }
        boundary = raw
      }
      if parameters[name] != nil {
        defects.append((.conflictingParameter, "RFC 2045 §5.1", "two parameters " + name))
        continue
      }
      _ = quoted
      parameters[name] = decodeHeaderText(raw)
    }
    for (name, list) in sections {
      // RFC 2231 §3: the extended form replaces the plain one that is there for old readers.
      parameters[name] = join(list, name: name)
      if name == "boundary", boundary == nil { boundary = parameters[name].map { Array($0.utf8) } }
    }
  }

  /// RFC 2231 §3 and §4.1: sections in numeric order from 0, charset and language in the first.
  private mutating func join(_ list: [Section], name: String) -> String {
    var joined: [UInt8] = []
    var charset: String?
    var expected = 0
    for section in list.sorted(by: { $0.number < $1.number }) {
      if section.number < expected {
        defects.append((.conflictingParameter, "RFC 2231 §3", "section of \(name) twice"))
        continue
      }
      if section.number > expected {
        defects.append((.parameterGap, "RFC 2231 §3", "section \(expected) of \(name) is missing"))
      }
      expected = section.number &+ 1
      guard section.extended else {
        joined.append(contentsOf: section.bytes)
        continue
      }
      var body = section.bytes[...]
      if section.number == 0, let first = body.firstIndex(of: 0x27),
        let second = body[(first + 1)...].firstIndex(of: 0x27)
      {
        charset = String(decoding: body[..<first], as: UTF8.self)
        body = body[(second + 1)...]
      }
      joined.append(contentsOf: StructuredField.percentDecoded(body))
    }
    let text = charset.map { EncodedWords.singleLine(Charset.decode(joined, label: $0)) }
    return text ?? decodeHeaderText(joined)
  }

  private static func percentDecoded(_ body: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    var index = body.startIndex
    while index < body.endIndex {
      if body[index] == 0x25, index + 2 < body.endIndex, let high = body[index + 1].hexValue,
        let low = body[index + 2].hexValue
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(body[index])
        index += 1
      }
    }
    return out
  }

  /// The value before the first ";" or blank, comments left out, in lower case.
  private static func leadingValue(_ bytes: [UInt8], _ index: inout Int) -> String {
    var out: [UInt8] = []
    var sawSlash = false
    var depth = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.open {
        depth += 1
      } else if depth > 0 {
        if byte == ASCII.close { depth -= 1 }
      } else if byte == ASCII.semicolon {
        break
      } else if byte.isBlank {
        // "text/plain charset=x": the semicolon was forgotten; "text / plain" is allowed white space.
        var next = index
        while next < bytes.count, bytes[next].isBlank { next += 1 }
        if sawSlash, out.last != ASCII.slash, next == bytes.count || bytes[next] != ASCII.slash { break }
        index = next
        continue
      } else if byte != ASCII.quote, byte > ASCII.space {
        if byte == ASCII.slash { sawSlash = true }
        out.append(byte.lowered)
      }
      index += 1
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func nextVisible(_ bytes: [UInt8], _ index: Int) -> UInt8? {
    var index = index
    while index < bytes.count, bytes[index].isBlank { index += 1 }
    return index < bytes.count ? bytes[index] : nil
  }

  /// parameter := attribute "=" value, with RFC 2231's attribute "*" [section] ["*"].
  private static func parameter(_ bytes: [UInt8], _ index: inout Int)
    -> (name: String, extended: Bool, number: Int?, value: [UInt8], quoted: Bool)?
  {
    while index < bytes.count, bytes[index].isSpace || bytes[index] == ASCII.semicolon { index += 1 }
    let nameStart = index
    while index < bytes.count, bytes[index] != ASCII.equal, bytes[index] != ASCII.semicolon { index += 1 }
    let nameRange = trimmed(bytes, nameStart..<index)
    guard index < bytes.count, bytes[index] == ASCII.equal else { return nil }
    index += 1
    // "=value" has no name; going on behind the "=" is what keeps this from standing still.
    guard !nameRange.isEmpty else { return nil }
    var key = bytes[nameRange].map(\.lowered)
    var extended = false
    var number: Int?
    if key.last == ASCII.star {
      extended = true
      number = 0
      key.removeLast()
    }
    if let star = key.lastIndex(of: ASCII.star), star + 1 < key.count,
      let section = Int(String(decoding: key[(star + 1)...], as: UTF8.self)), (0...100_000).contains(section)
    {
      number = section
      key.removeSubrange(star...)
    }
    let name = String(decoding: key, as: UTF8.self)
    while index < bytes.count, bytes[index].isSpace { index += 1 }
    var value: [UInt8] = []
    let quoted = index < bytes.count && bytes[index] == ASCII.quote
    if quoted {
      index += 1
      while index < bytes.count, bytes[index] != ASCII.quote {
        if bytes[index] == ASCII.backslash, index + 1 < bytes.count { index += 1 }
        value.append(bytes[index])
        index += 1
      }
      index += 1
      while index < bytes.count, bytes[index] != ASCII.semicolon, !bytes[index].isBlank { index += 1 }
    } else {
      let start = index
      let isName = name == "name" || name == "filename"
      while index < bytes.count, bytes[index] != ASCII.semicolon {
        if !isName, bytes[index].isBlank || bytes[index] == ASCII.open { break }
        index += 1
      }
      value = Array(bytes[trimmed(bytes, start..<index)])
      // A comment may follow (RFC 2045 §5.1); it is no parameter.
      if !isName, nextVisible(bytes, index) == ASCII.open {
        while index < bytes.count, bytes[index] != ASCII.semicolon { index += 1 }
      }
    }
    return (name, extended, number, value, quoted)
  }
}
