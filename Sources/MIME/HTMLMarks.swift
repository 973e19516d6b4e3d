// How mail clients mark quotes, forwards, attributions and signatures in HTML: by classes, ids, names and borders.

import Glibc

/// What the HTML said about a stretch of the rendered text.
struct TextMark: Sendable {
  enum Kind: Sendable {
    /// The element holds quoted history and nothing else.
    case quoted
    /// The element holds an attribution and block quotes, or a forwarded message; text below its block quotes is an
    /// answer.
    case quoteContainer
    /// The element holds a forwarded message.
    case forwarded
    /// From the element on, everything is history.
    case quotedFromHere
    /// The element holds a signature.
    case signature
    /// The element holds the line that says who wrote the quote below.
    case attribution
  }
  var kind: Kind
  /// UTF-8 offsets in the rendered text.
  var range: Range<Int>
}

enum HTMLMarks {
  /// What an opening tag marks, by its element name and its raw attributes; nil for nearly all. Linear in the
  /// attributes.
  static func kind(element: UnsafeRawBufferPointer, attributes: UnsafeRawBufferPointer) -> TextMark.Kind? {
    guard let first = element.first?.lowered, attributes.count >= 6 else { return nil }
    // div, blockquote, span, p, pre, table, td, section: what clients hang their marks on.
    switch (element.count, first) {
    case (3, 0x64), (10, 0x62), (4, 0x73), (1, 0x70), (3, 0x70), (5, 0x74), (2, 0x74), (7, 0x73): break
    default: return nil
    }
    let isBlock = first == 0x64
    let isQuote = first == 0x62
    var cursor = 0
    while let equal = find(ASCII.equal, attributes, cursor, attributes.count) {
      var nameEnd = equal
      while nameEnd > cursor, attributes[nameEnd - 1].isSpace { nameEnd -= 1 }
      var nameStart = nameEnd
      while nameStart > cursor, !attributes[nameStart - 1].isSpace, attributes[nameStart - 1] != ASCII.slash {
        nameStart -= 1
      }
      let value = value(attributes, equal + 1)
      cursor = max(value.upperBound, equal + 1)
      guard nameStart < nameEnd else { continue }
      switch (nameEnd - nameStart, attributes[nameStart].lowered) {
      case (5, 0x63), (2, 0x69), (11, 0x64):  // class, id, data-marker
        if let kind = kind(attributes, tokensIn: value) {
          // A block quote is drawn with marks, and nothing in it is an answer.
          return isQuote && kind == .quoteContainer ? .quoted : kind
        }
      case (4, 0x6E):  // name
        if hash(attributes, value) == quoteName { return .quoted }
        if let kind = kind(attributes, tokensIn: value) { return kind }
      case (5, 0x73) where isBlock:  // style
        if isHeaderBorder(attributes, value) { return .quotedFromHere }
      case (4, 0x74) where isQuote:  // type
        if hash(attributes, value) == citeType { return .quoted }
      default: break
      }
    }
    return nil
  }

  // Words are compared by their FNV-1a hash: a clash made on purpose only marks the sender's own text oddly.
  private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
  private static func hash(_ word: StaticString) -> UInt64 {
    hash(
      UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount), 0..<word.utf8CodeUnitCount
    )
  }
  @inline(__always)
  private static func hash(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64 {
    var hash = seed
    for index in range { hash = (hash ^ UInt64(bytes[index].lowered)) &* 0x100_0000_01b3 }
    return hash
  }

  /// GMX and web.de name their quote so; as a class the word is anybody's.
  private static let quoteName = hash("quote")
  private static let citeType = hash("cite")

  private static let marks: [UInt64: TextMark.Kind] = {
    let groups: [(TextMark.Kind, [StaticString])] = [
      // Gmail, Proton, Tuta
      (.quoteContainer, ["gmail_quote", "gmail_quote_container", "protonmail_quote", "tutanota_quote"]),
      // Yahoo, Zoho, Outlook for phones and Mac, Spark, NetEase, Zimbra, Roundcube, Front, Alimail
      (
        .quoted,
        [
          "yahoo_quoted", "zmail_extra", "ms-outlook-mobile-reference-message",
          "mail-editor-reference-message-container", "olk_src_body_section", "messagereplysection",
          "isreplycontent", "__quoted_text__", "replybody1", "v1replybody1", "front-blockquote",
          "appleoriginalcontents", "__aliyun_previous_email_wrap",
        ]
      ),
      // Thunderbird, Roundcube, NetEase
      (.forwarded, ["moz-forward-container", "forwardbody1", "v1forwardbody1", "isforwardcontent"]),
      // Outlook on the web, Outlook 2003, Zimbra
      (.quotedFromHere, ["divrplyfwdmsg", "appendonsend", "outlookmessageheader", "zwchr"]),
      // Gmail, Thunderbird, Outlook, Apple, Proton, Samsung, Spark, Airmail, Zimbra, Zoho, Tuta, Roundcube
      (
        .signature,
        [
          "gmail_signature", "moz-signature", "signature", "ms-outlook-mobile-signature",
          "applemailsignature",
          "protonmail_signature_block", "composer_signature", "messagesignaturesection", "bloop_sign",
          "__sig_post__", "__sig_pre__", "zm-_id_-sgn", "mobile-signature", "tutanota_signature", "_rc_sig",
        ]
      ),
      // Gmail, Thunderbird, Roundcube, Airmail
      (.attribution, ["gmail_attr", "moz-cite-prefix", "reply-intro", "airmail_on"]),
    ]
    var out: [UInt64: TextMark.Kind] = [:]
    for (kind, words) in groups {
      for word in words { out[hash(word)] = kind }
    }
    return out
  }()

  private static func kind(_ bytes: UnsafeRawBufferPointer, tokensIn value: Range<Int>) -> TextMark.Kind? {
    var start = value.lowerBound
    while start < value.upperBound {
      while start < value.upperBound, bytes[start].isSpace { start += 1 }
      var end = start
      while end < value.upperBound, !bytes[end].isSpace { end += 1 }
      if end - start >= 4, end - start <= FixedLimit.markBytes, let found = kind(bytes, token: start..<end) {
        return found
      }
      start = end
    }
    return nil
  }

  @inline(__always)
  private static func kind(_ bytes: UnsafeRawBufferPointer, token: Range<Int>) -> TextMark.Kind? {
    var start = token.lowerBound
    // Outlook on the web puts "x_" before the classes and ids of what it quotes, once for every reply.
    while start + 2 < token.upperBound, bytes[start].lowered == 0x78, bytes[start + 1] == ASCII.underscore {
      start += 2
    }
    switch bytes[start].lowered {
    case 0x67, 0x70, 0x74, 0x79, 0x7A, 0x6D, 0x6F, 0x69, 0x5F, 0x72, 0x76, 0x66, 0x61, 0x64, 0x73, 0x63, 0x62:
      break
    default: return nil
    }
    // Yahoo puts "ydp" and eight digits before classes of what was pasted or quoted.
    if token.upperBound - start > 15, bytes[start] == 0x79, bytes[start + 1] == 0x64, bytes[start + 2] == 0x70
    {
      let quoted = token.upperBound - 12
      if hash(bytes, quoted..<token.upperBound) == yahooQuoted { return .quoted }
    }
    // Fastmail numbers its signatures.
    if bytes[start].lowered == 0x73, token.upperBound - start >= 5, bytes[start + 3].isDigit,
      bytes[start + 1] == 0x69, bytes[start + 2] == 0x67
    {
      return .signature
    }
    return marks[hash(bytes, start..<token.upperBound)]
  }

  private static let yahooQuoted = hash("yahoo_quoted")

  /// Word draws a line above the header block: "border-top:solid #E1E1E1 1.0pt" or #B5C4DF, which Outlook on the web
  /// writes as rgb(225, 225, 225) and rgb(181, 196, 223).
  private static func isHeaderBorder(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) -> Bool {
    guard value.count >= 20 else { return false }
    var cursor = value.lowerBound
    var hasColour = false
    while let hit = find(0x23, bytes, cursor, value.upperBound) {
      cursor = hit + 1
      if holds("e1e1e1", bytes, cursor, value.upperBound) || holds("b5c4df", bytes, cursor, value.upperBound)
      {
        hasColour = true
        break
      }
    }
    cursor = value.lowerBound
    while !hasColour, let hit = find(ASCII.open, bytes, cursor, value.upperBound) {
      cursor = hit + 1
      hasColour =
        holds("225, 225, 225", bytes, cursor, value.upperBound)
        || holds("181, 196, 223", bytes, cursor, value.upperBound)
        || holds("225,225,225", bytes, cursor, value.upperBound)
        || holds("181,196,223", bytes, cursor, value.upperBound)
    }
    guard hasColour else { return false }
    var index = value.lowerBound
    while let hit = find(ASCII.dash, bytes, index, value.upperBound) {
      if hit - 6 >= value.lowerBound, holds("border-top", bytes, hit - 6, value.upperBound) { return true }
      // "border-width: 1pt medium medium; border-color: rgb(225, 225, 225)"
      if hit - 6 >= value.lowerBound, holds("border-color", bytes, hit - 6, value.upperBound) { return true }
      index = hit + 1
    }
    return false
  }

  private static func holds(
    _ word: StaticString, _ bytes: UnsafeRawBufferPointer, _ index: Int, _ limit: Int
  ) -> Bool {
    guard word.utf8CodeUnitCount <= limit - index else { return false }
    for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset].lowered != word.utf8Start[offset] {
      return false
    }
    return true
  }

  /// An attribute's value without its quotes.
  private static func value(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Range<Int> {
    var low = start
    while low < bytes.count, bytes[low].isSpace { low += 1 }
    guard low < bytes.count else { return low..<low }
    if bytes[low] == ASCII.quote || bytes[low] == 0x27 {
      return (low + 1)..<(find(bytes[low], bytes, low + 1, bytes.count) ?? bytes.count)
    }
    var high = low
    while high < bytes.count, !bytes[high].isSpace { high += 1 }
    return low..<high
  }

  private static func find(_ byte: UInt8, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ limit: Int) -> Int?
  {
    guard start < limit, limit <= bytes.count, let base = bytes.baseAddress,
      let hit = memchr(base + start, Int32(byte), limit - start)
    else { return nil }
    return UnsafeRawPointer(hit) - base
  }
}
