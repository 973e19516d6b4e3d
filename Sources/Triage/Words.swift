// Text as words and sentences: lower case, accents and apostrophes dropped, each with its place in the bytes.

/// A word of a text.
struct Word: Sendable {
  /// UTF-8 offsets in the source.
  var start: Int
  var end: Int
  /// Index into `Words.vocabulary`.
  var id: Int
  /// Inside double quotation marks: somebody's words, reported.
  var isQuoted: Bool
  var isCapitalised: Bool
}

/// A sentence: a run of words.
struct Sentence: Sendable {
  var words: Range<Int>
  /// UTF-8 offsets in the source, closing mark included.
  var start: Int
  var end: Int
  var isQuestion: Bool
  /// Which stretch of the text (paragraphs between other people's words) it belongs to.
  var stretch: Int
}

/// A text cut into words and sentences; one pass over its bytes.
struct Words: Sendable {
  private(set) var words: [Word] = []
  private(set) var sentences: [Sentence] = []
  /// Distinct words as they are compared.
  private(set) var vocabulary: [String] = []
  private(set) var exclamations = 0

  private var ids: [String: Int] = [:]
  private var first = 0
  private var isQuoted = false
  private var quoteOpenedAt = 0

  init(_ bytes: [UInt8], ranges: [Range<Int>]) {
    for (index, range) in ranges.enumerated() {
      cut(bytes, range.clamped(to: 0..<bytes.count), stretch: index)
    }
  }

  private mutating func cut(_ bytes: [UInt8], _ range: Range<Int>, stretch: Int) {
    var index = range.lowerBound
    var lineStart = index
    first = words.count
    isQuoted = false
    var buffer: [UInt8] = []
    while index < range.upperBound {
      let (scalar, length) = Self.scalar(bytes, index, range.upperBound)
      switch Self.kind(scalar) {
      case .letter, .digit:
        let start = index
        let isCapital = scalar >= 0x41 && scalar <= 0x5A
        index = Self.word(bytes, index, range.upperBound, into: &buffer)
        append(buffer, start, index, isCapital)
        if words.count - first >= TriageLimits.sentenceWords { end(index, false, stretch) }
        continue
      case .ideograph, .sign:
        append(Array(bytes[index..<(index + length)]), index, index + length, false)
        if words.count - first >= TriageLimits.sentenceWords { end(index + length, false, stretch) }
      case .quote:
        isQuoted ? closeQuote() : openQuote()
      case .openingQuote: openQuote()
      case .closingQuote: closeQuote()
      case .stop:
        if scalar == 0x21 || scalar == 0xFF01 { exclamations += 1 }
        if scalar != 0x2E || Self.endsSentence(bytes, index, range, lastWord) {
          end(index + length, scalar == 0x3F || scalar == 0xFF1F, stretch)
        }
      case .newline:
        let lineLength = index - lineStart
        let next = index + 1
        // A blank line, a list item or a short line ends a sentence; other line ends are a client's wrapping.
        if next >= range.upperBound || bytes[next] == 0x0A || lineLength < 45
          || Self.startsItem(bytes, next, range.upperBound)
        {
          end(index, false, stretch)
          if next < range.upperBound, bytes[next] == 0x0A { abandonQuote() }
        }
        lineStart = next
      case .other: break
      }
      index += length
    }
    end(range.upperBound, false, stretch)
    abandonQuote()
  }

  private var lastWord: String? { words.count > first ? words.last.map { vocabulary[$0.id] } : nil }

  private mutating func append(_ text: [UInt8], _ start: Int, _ end: Int, _ isCapital: Bool) {
    let word = String(decoding: text.prefix(TriageLimits.wordBytes), as: UTF8.self)
    let id: Int
    if let known = ids[word] {
      id = known
    } else {
      id = vocabulary.count
      ids[word] = id
      vocabulary.append(word)
    }
    words.append(Word(start: start, end: end, id: id, isQuoted: isQuoted, isCapitalised: isCapital))
  }

  private mutating func end(_ offset: Int, _ isQuestion: Bool, _ stretch: Int) {
    guard words.count > first else { return }
    sentences.append(
      Sentence(
        words: first..<words.count, start: words[first].start, end: offset, isQuestion: isQuestion,
        stretch: stretch))
    first = words.count
  }

  private mutating func openQuote() {
    isQuoted = true
    quoteOpenedAt = words.count
  }

  private mutating func closeQuote() { isQuoted = false }

  /// A quotation mark that is never closed quotes nothing.
  private mutating func abandonQuote() {
    guard isQuoted else { return }
    for index in quoteOpenedAt..<words.count { words[index].isQuoted = false }
    isQuoted = false
  }

  // MARK: Bytes

  private enum Kind {
    case letter, digit, ideograph, sign, quote, openingQuote, closingQuote, stop, newline, other
  }

  private static func kind(_ scalar: UInt32) -> Kind {
    switch scalar {
    case 0x41...0x5A, 0x61...0x7A: .letter
    case 0x30...0x39: .digit
    case 0x0A: .newline
    case 0x22: .quote
    case 0x21, 0x2E, 0x3F, 0x2026, 0x3002, 0xFF01, 0xFF1F: .stop
    case 0x24, 0x25, 0xA3, 0x20AC: .sign
    case 0..<0x80: .other
    case 0xAB, 0x201C, 0x201E: .openingQuote
    case 0xBB, 0x201D: .closingQuote
    case 0x80...0xBF, 0xD7, 0xF7, 0x2000...0x2BFF, 0x3000...0x303F, 0xFF00...0xFF0F, 0xFFF0...0xFFFF: .other
    case 0x3040...0x30FF, 0x3400...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0x20000...0x3FFFF: .ideograph
    default: .letter
    }
  }

  /// A word from its first letter or digit; accents folded, apostrophes dropped, figures with their
  /// separators.
  private static func word(_ bytes: [UInt8], _ from: Int, _ limit: Int, into buffer: inout [UInt8]) -> Int {
    buffer.removeAll(keepingCapacity: true)
    var index = from
    while index < limit {
      let (scalar, length) = scalar(bytes, index, limit)
      switch kind(scalar) {
      case .letter:
        fold(scalar, bytes, index, length, into: &buffer)
      case .digit:
        buffer.append(bytes[index])
      default:
        guard let next = joined(scalar, bytes, index, length, limit, buffer) else { return index }
        if scalar == 0x2E || scalar == 0x2C { buffer.append(bytes[index]) }
        index = next
        continue
      }
      index += length
    }
    return index
  }

  /// Where the word goes on after a mark inside it: "don't", "e-mail", "1,240.50".
  private static func joined(
    _ scalar: UInt32, _ bytes: [UInt8], _ index: Int, _ length: Int, _ limit: Int, _ buffer: [UInt8]
  ) -> Int? {
    let next = index + length
    guard next < limit, let last = buffer.last else { return nil }
    let following = kind(Self.scalar(bytes, next, limit).0)
    switch scalar {
    case 0x27, 0x2019, 0x2018, 0x60: return following == .letter ? next : nil
    case 0x2D: return buffer == [0x65] && following == .letter ? next : nil
    case 0x2E, 0x2C: return isDigit(last) && following == .digit ? next : nil
    default: return nil
    }
  }

  private static func fold(
    _ scalar: UInt32, _ bytes: [UInt8], _ index: Int, _ length: Int, into buffer: inout [UInt8]
  ) {
    if scalar < 0x80 {
      buffer.append(bytes[index] | (bytes[index] < 0x61 ? 0x20 : 0))
    } else if let plain = plain(scalar) {
      buffer.append(plain)
    } else {
      buffer.append(contentsOf: bytes[index..<(index + length)])
    }
  }

  /// The unaccented letter of Latin-1's letters.
  private static func plain(_ scalar: UInt32) -> UInt8? {
    switch scalar {
    case 0xC0...0xC6, 0xE0...0xE6: 0x61
    case 0xC7, 0xE7: 0x63
    case 0xC8...0xCB, 0xE8...0xEB: 0x65
    case 0xCC...0xCF, 0xEC...0xEF: 0x69
    case 0xD1, 0xF1: 0x6E
    case 0xD2...0xD6, 0xD8, 0xF2...0xF6, 0xF8: 0x6F
    case 0xD9...0xDC, 0xF9...0xFC: 0x75
    case 0xDD, 0xFD, 0xFF: 0x79
    default: nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// "Dr. Lowe" and "J. Smith" do not end a sentence; a stop inside a word ("example.org") does not either.
  private static func endsSentence(_ bytes: [UInt8], _ index: Int, _ range: Range<Int>, _ last: String?)
    -> Bool
  {
    let next = index + 1
    if next < range.upperBound, bytes[next] > 0x20, bytes[next] != 0x22, bytes[next] != 0x29,
      bytes[next] < 0x80,
      bytes[next] != 0x2E
    {
      return false
    }
    guard let last else { return true }
    return !(last.utf8.count == 1 && last != "i") && !abbreviations.contains(last)
  }

  private static let abbreviations: Set<String> = [
    "dr", "mr", "mrs", "ms", "prof", "messrs", "st", "no", "nr", "eg", "ie", "etc", "approx", "ref", "tel",
  ]

  /// Whether a line begins a list item.
  private static func startsItem(_ bytes: [UInt8], _ index: Int, _ limit: Int) -> Bool {
    var index = index
    while index < limit, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    guard index + 1 < limit else { return true }
    if bytes[index] == 0x2D || bytes[index] == 0x2A || bytes[index] == 0xE2 { return true }
    var digits = index
    while digits < limit, isDigit(bytes[digits]), digits - index < 3 { digits += 1 }
    return digits > index && digits < limit && (bytes[digits] == 0x2E || bytes[digits] == 0x29)
  }

  /// The scalar at an offset; a byte that begins none stands for itself as U+FFFD of length 1.
  private static func scalar(_ bytes: [UInt8], _ index: Int, _ limit: Int) -> (UInt32, Int) {
    let lead = bytes[index]
    if lead < 0x80 { return (UInt32(lead), 1) }
    let length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
    guard length > 1, lead < 0xF8, index + length <= limit else { return (0xFFFD, 1) }
    var scalar = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for offset in 1..<length {
      let byte = bytes[index + offset]
      guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return (scalar, length)
  }
}
