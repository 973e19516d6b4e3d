// A message as numbers: hashed words and letters of the sender, hashed words of the subject and of other people's
// text apart, the cues that fired, and a few counts that see who speaks of whom.
//
// The design is TRIAGE.md's (hashed 1-2-grams of words, 3-5-grams of letters, logarithmic counts, each block of unit
// length, no idf), with the rules' score in the place of its base model.

/// Where each block of features begins.
enum FeatureLayout {
  static let ownWords = 0..<(1 << 16)
  static let ownLetters = (1 << 16)..<(1 << 17)
  static let subject = ownLetters.upperBound..<(ownLetters.upperBound + 1 << 14)
  static let others = subject.upperBound..<(subject.upperBound + 1 << 12)
  static let cues = others.upperBound..<(others.upperBound + 1 << 11)
  static let leaves = cues.upperBound..<(cues.upperBound + Taxonomy.ids.count)
  static let counts = leaves.upperBound..<(leaves.upperBound + 48)
  static let width = counts.upperBound

  /// Bytes of other people's text that are looked at: whose letter it is shows at its beginning.
  static let othersBytes = 3_000
}

extension FNV {
  /// A bucket of a block; the low bits of FNV mix least.
  func bucket(_ block: Range<Int>) -> Int {
    let mixed = (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return block.lowerBound + Int((mixed >> 20) % UInt64(block.count))
  }
}

/// What a message's features are made of; keeps the places so that a verdict can point at words.
struct MessageFeatures: Sendable {
  private(set) var vector = SparseVector()
  let reading: Reading

  init(_ reading: Reading, _ book: CueBook) {
    self.reading = reading
    let texts = [reading.own, reading.attachedWords]
    append(FeatureLayout.ownWords, Self.wordGrams(texts, FeatureLayout.ownWords), share: 1)
    append(FeatureLayout.ownLetters, Self.letterGrams(texts, FeatureLayout.ownLetters), share: 1)
    append(
      FeatureLayout.subject, Self.wordGrams([reading.subjectWords], FeatureLayout.subject),
      share: reading.subjectShare)
    append(FeatureLayout.others, others(), share: 0.3)
    appendCues()
    appendLeaves(book)
    for (offset, value) in counts().enumerated() where value != 0 {
      vector.append(FeatureLayout.counts.lowerBound + offset, min(max(value, -4), 4))
    }
  }

  /// Figures are alike: what matters is that there is one.
  static func normal(_ word: String) -> String {
    guard let first = word.utf8.first, first >= 0x30, first <= 0x39 else { return word }
    return "0"
  }

  /// The buckets of a word and of the pair that ends with it.
  static func wordBuckets(_ word: String, after previous: String?, _ block: Range<Int>) -> (Int, Int?) {
    var one = FNV()
    one.add(word)
    guard let previous else { return (one.bucket(block), nil) }
    var two = FNV()
    two.add(previous)
    two.add(0x20)
    two.add(word)
    return (one.bucket(block), two.bucket(block))
  }

  private static func wordGrams(_ texts: [Words], _ block: Range<Int>) -> [Int] {
    var out: [Int] = []
    for text in texts {
      let names = text.vocabulary.map(normal)
      for sentence in text.sentences {
        var previous: String?
        for place in sentence.words {
          let word = names[text.words[place].id]
          let (one, two) = wordBuckets(word, after: previous, block)
          out.append(one)
          if let two { out.append(two) }
          previous = word
        }
      }
    }
    return out
  }

  /// The buckets of a word's letters, three to five at a time, a blank on each side.
  static func letterBuckets(_ word: String, _ block: Range<Int>) -> [Int] {
    let bytes = [0x20] + Array(word.utf8) + [0x20]
    var out: [Int] = []
    for start in bytes.indices {
      var hash = FNV()
      for length in 1...5 where start + length <= bytes.count {
        hash.add(bytes[start + length - 1])
        if length >= 3 { out.append(hash.bucket(block)) }
      }
    }
    return out
  }

  private static func letterGrams(_ texts: [Words], _ block: Range<Int>) -> [Int] {
    var out: [Int] = []
    for text in texts {
      let buckets = text.vocabulary.map { letterBuckets(normal($0), block) }
      for word in text.words { out += buckets[word.id] }
    }
    return out
  }

  private func others() -> [Int] {
    var left = FeatureLayout.othersBytes
    var ranges: [Range<Int>] = []
    let voices = reading.voices
    let taken = reading.isPassedOn ? [] : voices.passedOn
    for range in taken + voices.pasted + voices.quoted where left > 0 {
      ranges.append(range.lowerBound..<(range.lowerBound + min(left, range.count)))
      left -= min(left, range.count)
    }
    let text = Words(reading.bytes, ranges: ranges)
    return text.words.map {
      Self.wordBuckets(Self.normal(text.vocabulary[$0.id]), after: nil, FeatureLayout.others).0
    }
  }

  /// Counts become 1 + ln count; the block gets the length `share`.
  private mutating func append(_ block: Range<Int>, _ buckets: [Int], share: Double) {
    guard !buckets.isEmpty else { return }
    let sorted = buckets.sorted()
    var found: [(Int, Double)] = []
    var start = 0
    var square = 0.0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
      let value = Self.damped(end - start)
      square += value * value
      found.append((sorted[start], value))
      start = end
    }
    let scale = share / square.squareRoot()
    for (index, value) in found { vector.append(index, value * scale) }
  }

  private static let damping: [Double] = (0...64).map { $0 == 0 ? 0 : 1 + ExactMath.log(Double($0)) }

  static func damped(_ count: Int) -> Double {
    count <= 64 ? damping[count] : 1 + ExactMath.log(Double(count))
  }

  private mutating func appendCues() {
    var strengths: [Int: Double] = [:]
    for scores in [reading.ownScores, reading.attachedScores, reading.subjectScores] {
      for sentence in scores.sentences {
        for contribution in sentence.contributions {
          let cue = CueBook.cues[contribution.cue]
          let bucket = Self.cueBucket(cue)
          strengths[bucket] = max(strengths[bucket] ?? 0, min(1, contribution.weight / max(0.5, cue.weight)))
        }
      }
      for match in scores.contextMatches { strengths[Self.cueBucket(CueBook.cues[match.cue])] = 0.7 }
      for match in scores.flags { strengths[Self.cueBucket(CueBook.cues[match.output])] = 0.5 }
    }
    for (bucket, value) in strengths.sorted(by: { $0.key < $1.key }) { vector.append(bucket, value * 0.4) }
  }

  static func cueBucket(_ cue: Cue) -> Int {
    var hash = FNV()
    hash.add(cue.id)
    return hash.bucket(FeatureLayout.cues)
  }

  private mutating func appendLeaves(_ book: CueBook) {
    let ranked = CategoryScores(
      [
        (reading.ownScores, 1), (reading.attachedScores, 1),
        (reading.subjectScores, 0.9 * reading.subjectShare),
      ],
      book
    ).ranked
    for (offset, id) in Taxonomy.ids.enumerated() {
      if let score = ranked.first(where: { $0.category == id }) {
        vector.append(FeatureLayout.leaves.lowerBound + offset, score.probability)
      }
    }
  }

  /// Counts that see who speaks of whom and what for; each about 0 to 2.
  private func counts() -> [Double] {
    let own = reading.ownScores
    let sentences = own.sentences + reading.attachedScores.sentences
    let total = Double(max(1, sentences.count))
    let heats = sentences.map(\.score).sorted(by: >)
    let words = Double(max(1, reading.own.words.count + reading.attachedWords.words.count))
    let asked = reading.own.sentences.count { $0.isQuestion }
    var out: [Double] = [reading.score / 3, min(reading.positive, 6) / 3]
    for kind in [
      Cue.Kind.assistance, .enquiry, .administration, .praise, .circular, .denial, .againstWriter,
      .aboutClinician,
    ] {
      out.append(min(2, -(own.context[kind] ?? 0) / 2))
    }
    out.append(min(2, -(reading.subjectScores.context[.againstWriter] ?? 0) / 2))
    out.append(min(1, reading.fieldWords / 10))
    out.append(Double(min(3, own.contacts)) / 3)
    out += [
      reading.isPassedOn, reading.input.isStaffForward, !reading.voices.quoted.isEmpty,
      !reading.voices.passedOn.isEmpty, !reading.voices.pasted.isEmpty,
      !reading.input.attachmentNames.isEmpty,
      reading.input.isCircular, asked > 0, reading.own.sentences.last?.isQuestion ?? false,
    ].map { $0 ? 0.5 : 0 }
    out.append(ExactMath.log(1 + Double(reading.ownCount)) / 4)
    out.append(Double(asked) / total)
    out.append(Double(min(3, reading.own.exclamations)) / 3)
    out.append(min(1, 5 * Double(reading.firstPersonWords) / words))
    out.append(min(1, 5 * Double(count(Self.secondPerson)) / words))
    out.append(min(1, 5 * Double(count(Self.thirdPerson)) / words))
    out.append(Double(sentences.count { $0.hasOrganisation && !$0.hasThirdParty }) / total)
    out.append(Double(sentences.count { $0.hasThirdParty }) / total)
    for rank in 0..<3 { out.append((heats.dropFirst(rank).first ?? 0) / 3) }
    out.append(heats.reduce(0, +) / total)
    out.append(reading.relevance)
    out.append(reading.isAboutMembership ? 0.5 : 0)
    out.append(reading.complainsOfClinician ? 0.5 : 0)
    out.append(min(1, Double(reading.topical) / 2))
    return out
  }

  private static let secondPerson: Set<String> = ["you", "your", "yours", "youve", "youre", "youd", "youll"]
  private static let thirdPerson: Set<String> = [
    "he", "she", "they", "his", "her", "him", "their", "them", "hes", "shes", "theyre", "theyve",
  ]

  private func count(_ words: Set<String>) -> Int {
    [reading.own, reading.attachedWords].reduce(0) { sum, text in
      let isOne = text.vocabulary.map { words.contains($0) }
      return sum + text.words.count { isOne[$0.id] }
    }
  }
}
