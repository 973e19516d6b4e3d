// What a message states that a record needs: numbers to reach and to find the sender by, dates, name and role, each
// where it stands.

/// A fact that the words state.
public struct StatedFact: Codable, Sendable, Hashable {
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    case memberNumber = "member_number"
    case phone
    /// A claim, case, file or complaint that the sender names by its number.
    case reference
    case date
    /// How the sender signs.
    case name
    /// What the sender is: "consultant anaesthetist", "practice manager".
    case role
  }

  public let kind: Kind
  /// The words as they were written.
  public let text: String
  /// UTF-8 offsets into the message's text.
  public let start: Int
  public let end: Int
  /// In one form: figures alone for a phone number, ISO 8601 for a date that names its year.
  public let value: String?
}

/// Finds facts in the sender's own words and signature; one pass over the bytes a kind.
struct FactFinder {
  private let bytes: [UInt8]
  private(set) var facts: [StatedFact] = []

  /// - Parameters:
  ///   - own: the ranges that are the sender's.
  ///   - signatures: the sender's signature, if one was told apart.
  ///   - patterns: forms of a member number: `#` is a figure, `@` a letter, anything else itself.
  init(_ bytes: [UInt8], own: [Range<Int>], signatures: [Range<Int>], patterns: [String]) {
    self.bytes = bytes
    for range in own + signatures { findTokens(range, patterns.map { Array($0.utf8) }) }
    for range in own + signatures { findDates(Words(bytes, ranges: [range])) }
    for range in own + signatures { findReferences(Words(bytes, ranges: [range])) }
    findSigner(own: own, signatures: signatures)
    facts.sort { ($0.start, $0.kind.rawValue) < ($1.start, $1.kind.rawValue) }
    facts = Array(facts.prefix(TriageLimits.facts))
  }

  private mutating func add(_ kind: StatedFact.Kind, _ range: Range<Int>, _ value: String? = nil) {
    guard !range.isEmpty, facts.count < 4 * TriageLimits.facts,
      !facts.contains(where: { $0.kind == kind && $0.start == range.lowerBound })
    else { return }
    facts.append(
      StatedFact(
        kind: kind, text: String(decoding: bytes[range], as: UTF8.self), start: range.lowerBound,
        end: range.upperBound, value: value))
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
  private func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte >= 0x80 }

  // MARK: Numbers

  private mutating func findTokens(_ range: Range<Int>, _ patterns: [[UInt8]]) {
    var place = range.lowerBound
    while place < range.upperBound {
      let starts = place == range.lowerBound || !isWord(bytes[place - 1])
      if starts, let end = memberNumber(patterns, place, range.upperBound) {
        add(.memberNumber, place..<end)
        place = end
      } else if starts, let end = phone(place, range.upperBound) {
        add(.phone, place..<end, plain(place..<end))
        place = end
      } else {
        place += 1
      }
    }
  }

  private func memberNumber(_ patterns: [[UInt8]], _ start: Int, _ limit: Int) -> Int? {
    for pattern in patterns {
      if let end = matched(pattern, start, limit) { return end }
    }
    return nil
  }

  private func matched(_ pattern: [UInt8], _ start: Int, _ limit: Int) -> Int? {
    guard !pattern.isEmpty, start + pattern.count <= limit else { return nil }
    for (offset, sign) in pattern.enumerated() {
      let byte = bytes[start + offset]
      let fits =
        switch sign {
        case 0x23: isDigit(byte)
        case 0x40: isLetter(byte)
        default: byte == sign
        }
      if !fits { return nil }
    }
    let end = start + pattern.count
    return end < limit && isWord(bytes[end]) ? nil : end
  }

  /// Eight to fifteen figures (E.164's most) that begin with + or 0 or a bracket, with blanks, dots, hyphens and
  /// brackets between them.
  private func phone(_ start: Int, _ limit: Int) -> Int? {
    guard [0x2B, 0x30, 0x28].contains(bytes[start]) else { return nil }
    var figures = 0
    var end = start
    var place = start
    while place < limit, place < start + 30 {
      let byte = bytes[place]
      if isDigit(byte) {
        figures += 1
        end = place + 1
      } else if !(byte == 0x20 || byte == 0x2D || byte == 0x28 || byte == 0x29 || byte == 0x2E
        || place == start)
        || byte == 0x20 && place + 1 < limit && bytes[place + 1] == 0x20
      {
        break
      }
      place += 1
    }
    guard (8...15).contains(figures), end == limit || !isWord(bytes[end]) else { return nil }
    // "01.02.2026" is a date.
    let separators = bytes[start..<end].count { $0 == 0x2E || $0 == 0x2D }
    return figures == 8 && separators == 2 && bytes[start] == 0x30 ? nil : end
  }

  private func plain(_ range: Range<Int>) -> String {
    String(decoding: bytes[range].filter { isDigit($0) || $0 == 0x2B }, as: UTF8.self)
  }

  private static let referenceWords: Set<String> = [
    "claim", "case", "reference", "ref", "file", "matter", "complaint", "incident", "query", "ticket",
  ]
  private static let numberWords: Set<String> = [
    "number", "no", "nr", "ref", "reference", "id", "is", "file",
  ]

  /// "claim no 2024/1187-B", "your ref: ADV-20931": a token with a figure after a word for what it numbers.
  private mutating func findReferences(_ text: Words) {
    for index in text.words.indices where Self.referenceWords.contains(text.vocabulary[text.words[index].id])
    {
      var next = index + 1
      while next < text.words.count, next <= index + 2,
        Self.numberWords.contains(text.vocabulary[text.words[next].id])
      {
        next += 1
      }
      guard next < text.words.count, text.words[next].start - text.words[next - 1].end <= 4 else { continue }
      var end = text.words[next].start
      let limit = text.sentences.last?.end ?? bytes.count
      while end < min(limit, bytes.count), isWord(bytes[end]) || [0x2D, 0x2F, 0x5F].contains(bytes[end]) {
        end += 1
      }
      while end > text.words[next].start, [0x2D, 0x2F, 0x5F].contains(bytes[end - 1]) { end -= 1 }
      let token = bytes[text.words[next].start..<end]
      let figures = token.count(where: isDigit)
      guard figures >= 3, token.count >= 4, token.count <= 30 else { continue }
      add(.reference, text.words[next].start..<end)
    }
  }

  // MARK: Dates

  private static let months: [String: Int] = [
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5,
    "jun": 6, "june": 6, "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9,
    "oct": 10, "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
  ]

  /// "12 March 2026", "March 12th", "12/3/2026", "2026-03-12". Day before month, as everywhere that members live.
  private mutating func findDates(_ text: Words) {
    func word(_ index: Int) -> String? {
      text.words.indices.contains(index) ? text.vocabulary[text.words[index].id] : nil
    }
    func day(_ index: Int) -> Int? {
      guard let word = word(index) else { return nil }
      let figures = word.prefix { $0.isNumber }
      let rest = word.dropFirst(figures.count)
      guard let value = Int(figures), (1...31).contains(value),
        ["", "st", "nd", "rd", "th"].contains(String(rest))
      else { return nil }
      return value
    }
    func year(_ index: Int) -> Int? {
      guard let word = word(index), word.utf8.count == 4, let value = Int(word) else { return nil }
      return (1900...2100).contains(value) ? value : nil
    }
    for index in text.words.indices {
      if let month = word(index).flatMap({ Self.months[$0] }) {
        // "may" and "march" are words too: a day beside them is needed.
        var first = index - 1
        if word(first) == "of" { first -= 1 }
        var last = index
        var number = day(first)
        if number == nil {
          first = index
          number = day(index + 1)
          last = index + 1
        }
        guard let number else { continue }
        let named = year(last + 1)
        if named != nil { last += 1 }
        add(
          .date, text.words[first].start..<text.words[last].end,
          named.map { Self.iso($0, month, number) })
      }
    }
    for word in text.words where word.start == 0 || !isWord(bytes[word.start - 1]) {
      if let (range, value) = numericDate(word.start) { add(.date, range, value) }
    }
  }

  private static func iso(_ year: Int, _ month: Int, _ day: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  private func numericDate(_ start: Int) -> (Range<Int>, String)? {
    var parts: [Int] = []
    var widths: [Int] = []
    var place = start
    var separator: UInt8?
    while parts.count < 3 {
      var value = 0
      let from = place
      while place < bytes.count, isDigit(bytes[place]), place - from < 5 {
        value = value * 10 + Int(bytes[place] - 0x30)
        place += 1
      }
      guard place > from else { return nil }
      parts.append(value)
      widths.append(place - from)
      if parts.count == 3 { break }
      guard place < bytes.count, [0x2F, 0x2D, 0x2E].contains(bytes[place]),
        separator ?? bytes[place] == bytes[place]
      else { return nil }
      separator = bytes[place]
      place += 1
    }
    guard place == bytes.count || !isWord(bytes[place]) else { return nil }
    let (year, month, day) =
      widths[0] == 4
      ? (parts[0], parts[1], parts[2]) : (widths[2] == 2 ? 2000 + parts[2] : parts[2], parts[1], parts[0])
    guard (1900...2100).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    return (start..<place, Self.iso(year, month, day))
  }

  // MARK: Who signs

  private static let closes: Set<String> = [
    "regards", "sincerely", "faithfully", "thanks", "wishes", "truly", "yours", "cheers", "best",
    "respectfully",
  ]
  private static let roles: [String] = [
    "consultant", "registrar", "general practitioner", "gp", "dentist", "dental", "nurse", "midwife",
    "surgeon",
    "physician", "anaesthetist", "anesthesiologist", "radiologist", "paediatrician", "psychiatrist",
    "pathologist",
    "obstetrician", "orthodontist", "hygienist", "therapist", "physiotherapist", "optometrist", "pharmacist",
    "practice manager", "manager", "secretary", "solicitor", "attorney", "executor", "executrix", "locum",
    "trainee",
    "resident", "intern", "medical officer", "student", "paramedic", "partner", "professor", "specialist",
  ]

  /// The first short line of capitals after the close, or of the signature; a role on it or on the next three.
  private mutating func findSigner(own: [Range<Int>], signatures: [Range<Int>]) {
    var lines: [Range<Int>] = []
    if let last = own.last {
      let all = Self.lines(bytes, last)
      if let close = all.lastIndex(where: { line in
        let words = Words(bytes, ranges: [line])
        return words.words.count <= 5 && words.vocabulary.contains { Self.closes.contains($0) }
      }) {
        lines = Array(all[(close + 1)...].prefix(5))
      } else if let end = all.last {
        lines = [end]
      }
    }
    lines += signatures.flatMap { Self.lines(bytes, $0).prefix(6) }
    guard let at = lines.firstIndex(where: isName) else { return }
    add(.name, trimmed(lines[at]))
    for line in lines[at...].prefix(4) {
      let words = Words(bytes, ranges: [line])
      let text = " " + words.words.map { words.vocabulary[$0.id] }.joined(separator: " ") + " "
      let isRole = Self.roles.contains { text.contains(" \($0) ") }
      if isRole, line.count <= 100 {
        add(.role, trimmed(line))
        return
      }
    }
  }

  private static func lines(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var start = range.lowerBound
    for place in range.lowerBound...range.upperBound where place == range.upperBound || bytes[place] == 0x0A {
      if bytes[start..<place].contains(where: { $0 > 0x20 }) { out.append(start..<place) }
      start = place + 1
    }
    return out
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while end > start, bytes[end - 1] <= 0x20 || [0x2C, 0x2E].contains(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  /// One to five words, each but particles with a capital, no figures, no sentence.
  private func isName(_ line: Range<Int>) -> Bool {
    let text = String(decoding: bytes[trimmed(line)], as: UTF8.self)
    let name = text.split(separator: ",").first.map(String.init) ?? ""
    let words = name.split(separator: " ")
    guard (1...5).contains(words.count), name.utf8.count <= 60,
      !name.contains(where: { $0.isNumber || $0 == ":" })
    else { return false }
    let particles: Set<String> = [
      "de", "van", "der", "von", "bin", "binti", "al", "ap", "ní", "mac", "le", "du", "da", "den",
    ]
    return words.allSatisfy { $0.first?.isUppercase == true || particles.contains($0.lowercased()) }
      && words.contains { $0.first?.isUppercase == true }
      && !words.contains { Self.closes.contains($0.lowercased()) }
  }
}
