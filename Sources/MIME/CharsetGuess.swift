// Which charset bytes look like when their label is missing or cannot be right.
//
// Two kinds of evidence: whether the bytes form the pairs that a double-byte charset demands, and whether those pairs
// or letters are the ones that running text is made of. Latin text has single accented letters among ASCII ones, which
// is looked at first: it must never be taken for anything else.

enum CharsetGuess {
  /// ISO-2022 (RFC 1468, RFC 1557, RFC 1922) by its escapes in seven-bit text; nil when there are none.
  static func byEscapes(_ bytes: [UInt8]) -> String? {
    guard let first = bytes.withUnsafeBytes({ firstOffset(of: ASCII.escape, in: $0) }) else { return nil }
    for index in first..<min(bytes.count, first + FixedLimit.sniffedBytes)
    where bytes[index] == ASCII.escape && index + 3 < bytes.count && bytes[index + 1] == 0x24 {
      switch (bytes[index + 2], bytes[index + 3]) {
      case (0x40, _), (0x42, _): return "iso-2022-jp"
      case (0x28, 0x44), (0x28, 0x51): return "iso-2022-jp-3"
      case (0x29, 0x43): return "iso-2022-kr"
      case (0x29, 0x41), (0x29, 0x47): return "iso-2022-cn"
      default: continue
      }
    }
    return nil
  }

  /// The charset of 8-bit text that is not UTF-8; nil when it looks Latin or is too short to tell.
  static func byLook(_ bytes: [UInt8]) -> String? {
    let sample =
      bytes.count > FixedLimit.charsetSampleBytes ? Array(bytes[..<FixedLimit.charsetSampleBytes]) : bytes
    // High bytes that stand in runs are words of another script; alone among ASCII letters they are accents.
    let (high, inRuns) = runs(sample)
    guard inRuns * 10 >= high * 3 else { return nil }
    return multiByte(sample) ?? (inRuns * 10 >= high * 7 ? singleByte(sample, high) : nil)
  }

  /// How many high bytes there are, and how many of them have a neighbour that is one.
  private static func runs(_ bytes: [UInt8]) -> (high: Int, inRuns: Int) {
    var high = 0
    var inRuns = 0
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
      high += end - index
      if end - index >= 2 { inRuns += end - index }
      index = max(end, index + 1)
    }
    return (high, inRuns)
  }

  // MARK: Double bytes

  /// What the pairs of one reading come to.
  private struct Pairs {
    var all = 0
    /// Pairs that running text is made of.
    var usual = 0
    /// Pairs that no text of that charset holds.
    var bad = 0

    func isText(atLeast share: Double) -> Bool {
      all >= FixedLimit.charsetPairs && bad * 50 <= all && Double(usual) >= share * Double(all)
    }
  }

  /// Reads the bytes as pairs; `usual` and `fits` judge each one. A lead byte without a trail counts as bad, but for the
  /// last of the sample.
  private static func pairs(
    _ bytes: [UInt8], lead: (UInt8) -> Bool, single: (UInt8) -> Bool = { _ in false },
    fits: (UInt8, UInt8) -> Bool, usual: (UInt8, UInt8) -> Bool
  ) -> Pairs {
    var out = Pairs()
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 || single(byte) {
        index += 1
        continue
      }
      guard index + 1 < bytes.count else { break }
      let trail = bytes[index + 1]
      out.all += 1
      if lead(byte), fits(byte, trail) {
        if usual(byte, trail) { out.usual += 1 }
        index += 2
      } else {
        out.bad += 1
        index += 1
      }
    }
    return out
  }

  private static func multiByte(_ bytes: [UInt8]) -> String? {
    let isHigh: (UInt8, UInt8) -> Bool = { _, trail in trail >= 0xA1 && trail < 0xFF }
    let isEUC: (UInt8) -> Bool = { $0 >= 0xA1 && $0 < 0xFF }
    // A third of Japanese is kana, in both of its charsets a row of their own.
    let euc = pairs(
      bytes, lead: { isEUC($0) || $0 == 0x8E || $0 == 0x8F }, fits: isHigh,
      usual: { lead, _ in lead == 0xA4 || lead == 0xA5 })
    if euc.isText(atLeast: 0.2) { return "euc-jp" }
    let shift = pairs(
      bytes, lead: { (0x81...0x9F).contains($0) || (0xE0...0xFC).contains($0) },
      single: { (0xA1...0xDF).contains($0) },
      fits: { _, trail in trail >= 0x40 && trail != 0x7F && trail < 0xFD },
      usual: { lead, trail in
        lead == 0x82 && trail >= 0x9F && trail <= 0xF1 || lead == 0x83 && trail >= 0x40 && trail <= 0x96
      })
    if shift.isText(atLeast: 0.25) { return "cp932" }
    // Hangul syllables stand in rows B0...C8, and Chinese characters of everyday use in B0...D7.
    let korean = pairs(
      bytes, lead: isEUC, fits: isHigh, usual: { lead, _ in lead >= 0xB0 && lead <= 0xC8 || lead == 0xA1 })
    if korean.isText(atLeast: 0.93) { return "cp949" }
    let chinese = pairs(
      bytes, lead: isEUC, fits: isHigh,
      usual: { lead, _ in lead >= 0xB0 && lead <= 0xD7 || lead == 0xA1 || lead == 0xA3 })
    if chinese.isText(atLeast: 0.85) { return "gb18030" }
    let traditional = pairs(
      bytes, lead: { $0 >= 0xA1 && $0 <= 0xF9 },
      fits: { _, trail in trail >= 0x40 && trail <= 0x7E || trail >= 0xA1 && trail < 0xFF },
      usual: { lead, _ in lead >= 0xA4 && lead <= 0xC6 || lead == 0xA1 })
    if traditional.isText(atLeast: 0.85) { return "big5-hkscs" }
    return nil
  }

  // MARK: Single bytes

  /// A charset whose letters are single bytes: its most frequent small letters, and how its capitals are told.
  private struct Alphabet: Sendable {
    let name: String
    let frequent: Set<UInt8>
    let isSmall: @Sendable (UInt8) -> Bool
    let isCapital: @Sendable (UInt8) -> Bool
  }

  private static let alphabets: [Alphabet] = [
    // о е а и н т с р в л, the ten that make up two thirds of Russian.
    Alphabet(
      name: "windows-1251", frequent: [0xEE, 0xE5, 0xE0, 0xE8, 0xED, 0xF2, 0xF1, 0xF0, 0xE2, 0xEB],
      isSmall: { $0 >= 0xE0 || $0 == 0xB8 }, isCapital: { (0xC0...0xDF).contains($0) || $0 == 0xA8 }),
    Alphabet(
      name: "koi8-r", frequent: [0xCF, 0xC5, 0xC1, 0xC9, 0xCE, 0xD4, 0xD3, 0xD2, 0xD7, 0xCC],
      isSmall: { (0xC0...0xDF).contains($0) || $0 == 0xA3 }, isCapital: { $0 >= 0xE0 || $0 == 0xB3 }),
    // α ο ι ε τ σ ν η ρ κ π ς ό ί ά
    Alphabet(
      name: "windows-1253",
      frequent: [0xE1, 0xEF, 0xE9, 0xE5, 0xF4, 0xF3, 0xED, 0xE7, 0xF1, 0xEA, 0xF0, 0xF2, 0xFC, 0xDF, 0xDC],
      isSmall: { $0 >= 0xDC && $0 < 0xFF }, isCapital: { (0xC1...0xDB).contains($0) }),
    // י ו ה ל א ר ת ב מ ש נ
    Alphabet(
      name: "windows-1255", frequent: [0xE9, 0xE5, 0xE4, 0xEC, 0xE0, 0xF8, 0xFA, 0xE1, 0xEE, 0xF9, 0xF0],
      isSmall: { (0xE0...0xFA).contains($0) }, isCapital: { _ in false }),
  ]

  private static func singleByte(_ bytes: [UInt8], _ high: Int) -> String? {
    guard high >= FixedLimit.charsetLetters else { return nil }
    var best: (name: String, score: Double)?
    for alphabet in alphabets {
      let score = score(bytes, alphabet, high)
      if score > best?.score ?? 0 { best = (alphabet.name, score) }
    }
    return best.flatMap { $0.score >= 0.5 ? $0.name : nil }
  }

  /// The share of the high bytes that are frequent letters, less those that cannot stand where they do.
  private static func score(_ bytes: [UInt8], _ alphabet: Alphabet, _ high: Int) -> Double {
    var frequent = 0
    var odd = 0
    var previous: UInt8 = 0
    for byte in bytes {
      if byte >= 0xA3 {
        if alphabet.frequent.contains(byte) { frequent += 1 }
        if alphabet.isCapital(byte) {
          if alphabet.isSmall(previous) { odd += 1 }
        } else if !alphabet.isSmall(byte) {
          odd += 1
        }
      }
      previous = byte
    }
    return Double(frequent - 2 * odd) / Double(high)
  }
}
