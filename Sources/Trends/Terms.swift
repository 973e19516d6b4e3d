// A text as the terms that themes are made of.

/// Words and word pairs of a text.
public enum Terms {
  /// Bytes of a text that are looked at: a theme shows in the beginning, and a log file pasted in is none.
  public static let textLimit = 20_000
  /// Terms kept of one text.
  public static let termLimit = 1_500

  /// The distinct words of three letters and more, lower-cased, without stop words, and the pairs of neighbours.
  ///
  /// Words with a digit in them (references, dates, sums) are no words.
  public static func of(_ text: String) -> [String] {
    var terms: [String] = []
    var known: Set<String> = []
    var previous: String?
    func keep(_ term: String) {
      if terms.count < termLimit, known.insert(term).inserted { terms.append(term) }
    }
    func close(_ word: [UInt8], hasDigit: Bool) {
      if word.isEmpty { return }
      var text = String(decoding: word, as: UTF8.self)
      // ASCII is lowered in the loop; this is for the rest, and rare.
      if word.contains(where: { $0 >= 0x80 }) { text = text.lowercased() }
      if hasDigit || word.count < 3 || word.count > 40 || stopWords.contains(text) {
        previous = nil
        return
      }
      keep(text)
      if let previous { keep("\(previous) \(text)") }
      previous = text
    }
    var word: [UInt8] = []
    var hasDigit = false
    for byte in text.utf8.prefix(textLimit) {
      switch byte {
      case 0x61...0x7A, 0x80...: word.append(byte)
      case 0x41...0x5A: word.append(byte + 0x20)
      case 0x30...0x39:
        word.append(byte)
        hasDigit = true
      case 0x27: continue
      default:
        close(word, hasDigit: hasDigit)
        word.removeAll(keepingCapacity: true)
        hasDigit = false
        // A sentence's end parts neighbours.
        if byte == 0x2E || byte == 0x0A || byte == 0x3F || byte == 0x21 { previous = nil }
      }
    }
    close(word, hasDigit: hasDigit)
    return terms
  }

  /// English words that say nothing of a subject. Other languages' are left to their frequency: what is in the past as
  /// often as now does not rise.
  static let stopWords: Set<String> = [
    "about", "after", "again", "all", "also", "and", "any", "are", "because", "been", "before",
    "but", "can",
    "could",
    "dear", "did", "does", "dont", "for", "from", "get", "got", "had", "has", "have", "her", "him",
    "his",
    "how",
    "into", "its", "ive", "just", "kind", "let", "like", "may", "more", "most", "much", "must",
    "not", "now",
    "off",
    "one", "only", "other", "our", "out", "over", "please", "regards", "sent", "she", "should",
    "since",
    "sir", "some",
    "such", "than", "thank", "thanks", "that", "the", "their", "them", "then", "there", "these",
    "they",
    "this",
    "those", "too", "two", "until", "upon", "very", "was", "were", "what", "when", "where", "which",
    "while",
    "who",
    "why", "will", "with", "would", "yet", "you", "your", "yours",
  ]
}
