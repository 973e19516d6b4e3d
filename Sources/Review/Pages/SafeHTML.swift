// A message's HTML rebuilt from what can do no harm: known elements without attributes, and text.

/// The output holds no other tags than the ones below and no attribute at all, whatever the input: nothing in it can
/// run, load, link or be styled. It is shown under a policy that forbids all of that as well.
enum SafeHTML {
  /// Tags that a page may have; a million of them would stop a browser.
  private static let mostTags = 20_000

  private static let kept: Set<String> = [
    "p", "br", "div", "span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "h1", "h2", "h3",
    "h4", "h5",
    "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "table", "thead", "tbody", "tfoot",
    "tr",
    "td", "th", "caption", "hr", "center", "address",
  ]
  /// Left out with all that is inside.
  private static let dropped: Set<String> = [
    "script", "style", "title", "template", "object", "applet", "svg", "math", "iframe", "noframes",
    "noscript", "audio",
    "video", "canvas", "textarea", "xmp", "plaintext", "noembed", "select", "head",
  ]

  static func document(_ html: [UInt8]) -> [UInt8] {
    Array(
      "<!doctype html><html lang=\"\"><head><meta charset=\"utf-8\"><title>Message</title></head><body>".utf8)
      + body(html) + Array("</body></html>".utf8)
  }

  static func body(_ html: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var index = 0
    var tags = 0
    // Once no head ends any more, none is sought: looking to the end at every `<head>` costs the square.
    var hasHeadEnd = true
    var marks = 0
    while index < html.count {
      let byte = html[index]
      // Marks piled on a letter stop a browser, written as they are or as references.
      if byte == 0x26 || byte >= 0xCC, let (scalar, length) = character(html, index), Markup.isMark(scalar) {
        marks += 1
        if marks <= Markup.mostMarks { out += html[index..<index + length] }
        index += length
        continue
      }
      marks = 0
      guard byte == 0x3C else {
        append(byte, to: &out)
        index += 1
        continue
      }
      let next = index + 1 < html.count ? html[index + 1] : 0
      if next == 0x21 || next == 0x3F {
        index =
          isComment(html, index)
          ? end(of: "-->", in: html, from: index + 4) : end(of: ">", in: html, from: index + 2)
        continue
      }
      let isEnd = next == 0x2F
      let start = index + (isEnd ? 2 : 1)
      let name = tagName(html, start)
      guard !name.isEmpty else {
        append(byte, to: &out)
        index += 1
        continue
      }
      index = endOfTag(html, start + name.utf8.count)
      if dropped.contains(name) {
        // Body text may follow a head that never ends, so a head ends at a body too.
        if !isEnd, name == "head" {
          // A head without an end is no head: what follows is shown.
          if hasHeadEnd, let end = endOfHead(html, index) { index = end } else { hasHeadEnd = false }
        } else if !isEnd {
          index = endOfElement(name, html, index)
        }
      } else if kept.contains(name), tags < mostTags {
        tags += 1
        out += "<\(isEnd ? "/" : "")\(name)>".utf8
      }
    }
    return out
  }

  /// The character that stands at a place as UTF-8 or as a numeric reference, with its length in bytes; nil where none
  /// of these begins.
  private static func character(_ html: [UInt8], _ start: Int) -> (Unicode.Scalar, Int)? {
    if html[start] == 0x26 {
      guard start + 3 < html.count, html[start + 1] == 0x23 else { return nil }
      let isHex = lowered(html[start + 2]) == 0x78
      var place = start + (isHex ? 3 : 2)
      var value: UInt32 = 0
      // Leading zeros aside, seven figures name every character.
      while place < html.count, place - start < 16,
        let digit = Character(Unicode.Scalar(html[place])).hexDigitValue,
        isHex || digit < 10, value < 0x110000
      {
        value = value * (isHex ? 16 : 10) + UInt32(digit)
        place += 1
      }
      guard place > start + (isHex ? 3 : 2), let scalar = Unicode.Scalar(value) else { return nil }
      return (scalar, place - start + (place < html.count && html[place] == 0x3B ? 1 : 0))
    }
    let length = html[start] < 0xE0 ? 2 : html[start] < 0xF0 ? 3 : 4
    guard start + length <= html.count,
      let text = String(validating: html[start..<start + length], as: UTF8.self)
    else { return nil }
    return text.unicodeScalars.first.map { ($0, length) }
  }

  private static func append(_ byte: UInt8, to out: inout [UInt8]) {
    switch byte {
    case 0x3C: out += "&lt;".utf8
    case 0x3E: out += "&gt;".utf8
    case 0x22: out += "&quot;".utf8
    case 0: break
    // An ampersand stays: a character reference is text to a browser.
    default: out.append(byte)
    }
  }

  private static func isComment(_ html: [UInt8], _ index: Int) -> Bool {
    index + 3 < html.count && html[index + 1] == 0x21 && html[index + 2] == 0x2D && html[index + 3] == 0x2D
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }

  /// The name in small letters; empty where no tag begins.
  private static func tagName(_ html: [UInt8], _ start: Int) -> String {
    guard start < html.count, (0x61...0x7A).contains(lowered(html[start])) else { return "" }
    var end = start
    while end < html.count, end - start < 40, html[end] > 0x20, html[end] != 0x2F, html[end] != 0x3E {
      end += 1
    }
    return String(decoding: html[start..<end].map { $0 < 0x80 ? lowered($0) : 0x3F }, as: UTF8.self)
  }

  /// Behind the `>` that ends a tag; one inside quotes does not.
  private static func endOfTag(_ html: [UInt8], _ start: Int) -> Int {
    var index = start
    var quote: UInt8?
    while index < html.count {
      let byte = html[index]
      index += 1
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == 0x3E {
        return index
      }
    }
    return index
  }

  private static func end(of mark: String, in html: [UInt8], from start: Int) -> Int {
    let mark = Array(mark.utf8)
    var index = max(0, start - 2)
    while index + mark.count <= html.count {
      if html[index] == mark[0], html[index..<index + mark.count].elementsEqual(mark) {
        return index + mark.count
      }
      index += 1
    }
    return html.count
  }

  private static func endOfElement(_ name: String, _ html: [UInt8], _ start: Int) -> Int {
    var index = start
    while index < html.count {
      if html[index] == 0x3C, index + 1 < html.count, html[index + 1] == 0x2F,
        tagName(html, index + 2) == name
      {
        return endOfTag(html, index + 2 + name.utf8.count)
      }
      index += 1
    }
    return html.count
  }

  /// Nil where neither its end nor a body follows.
  private static func endOfHead(_ html: [UInt8], _ start: Int) -> Int? {
    var index = start
    while index < html.count {
      if html[index] == 0x3C, index + 1 < html.count {
        if html[index + 1] == 0x2F, tagName(html, index + 2) == "head" { return endOfTag(html, index + 6) }
        if tagName(html, index + 1) == "body" { return index }
      }
      index += 1
    }
    return nil
  }
}
