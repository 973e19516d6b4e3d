// All cues and the taxonomy's phrases in one matcher, with a digest that names them.

/// The compiled tables that a judge works with.
struct CueBook: Sendable {
  static let cues: [Cue] =
    ReproachCues.all + GrievanceCues.all + ObjectCues.all + ContextCues.all + FlagCues.all

  let matcher: PatternMatcher
  /// For an output number beyond the cues: the leaf and the phrase's weight.
  let phrases: [(leaf: Int, weight: Double)]
  let leaves: [String]
  let digest: String

  /// Patterns of the tables that do not follow the pattern language: none, or a test fails.
  static var faults: [String] {
    cues.flatMap { cue in
      cue.patterns.compactMap { pattern in
        PatternCompiler.problem(in: pattern).map { "\(cue.id): \"\(pattern)\" \($0)" }
      }
    }
  }

  init(taxonomy: Taxonomy, settings: TriageSettings) {
    self.init(phrases: taxonomy.leaves, settings: settings)
  }

  /// - Parameter phrases: leaves with their phrases; none to judge text that has no taxonomy.
  init(phrases taxonomy: [Taxonomy.Leaf], settings: TriageSettings) {
    var compiler = PatternCompiler()
    var hash = FNV()
    let names = Self.organisationWords(settings)
    for (output, cue) in Self.cues.enumerated() {
      hash.add("\(cue.id) \(cue.weight) \(cue.leaf ?? "") \(cue.leafWeight)")
      for pattern in cue.patterns {
        hash.add(pattern)
        compiler.add(Self.naming(pattern, names), output: output)
      }
    }
    var phrases: [(leaf: Int, weight: Double)] = []
    for (index, leaf) in taxonomy.enumerated() {
      hash.add(leaf.id)
      for phrase in leaf.phrases {
        hash.add("\(phrase.weight) \(phrase.pattern)")
        compiler.add(phrase.pattern, output: Self.cues.count + phrases.count)
        phrases.append((index, phrase.weight))
      }
    }
    matcher = PatternMatcher(compiler)
    self.phrases = phrases
    leaves = taxonomy.map(\.id)
    digest = hash.text
  }

  /// The organisation's names as single words: those of its names that no other body has, and their initials.
  static func organisationWords(_ settings: TriageSettings) -> [String] {
    var out: [String] = []
    func add(_ word: String) {
      if word.utf8.count >= 3, !commonNameWords.contains(word), !out.contains(word),
        word.utf8.allSatisfy(isPlain)
      {
        out.append(word)
      }
    }
    for name in settings.organisationNames {
      let words = Words(Array(name.utf8), ranges: [0..<name.utf8.count])
      let list = words.words.map { words.vocabulary[$0.id] }
      for word in list { add(word) }
      if list.count >= 2 { add(String(list.compactMap(\.first))) }
    }
    for domain in settings.organisationDomains {
      if let label = domain.lowercased().split(separator: ".").first { add(String(label)) }
    }
    return out
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
  }

  private static let commonNameWords: Set<String> = [
    "medical", "dental", "protection", "society", "union", "mutual", "limited", "ltd", "the", "and",
    "defence",
    "insurance", "group", "services", "company", "association", "indemnity", "professional", "health",
    "healthcare",
    "doctors", "dentists", "support", "for", "international", "national", "mail", "www",
  ]

  /// `organisationname` in a pattern stands for every name there is; without names it matches nothing.
  private static func naming(_ pattern: String, _ names: [String]) -> String {
    let names = (names + ["organisationname"]).joined(separator: "|")
    return pattern.split(separator: " ").map { element in
      element.split(separator: "|").map { $0 == "organisationname" ? names : String($0) }.joined(
        separator: "|")
    }.joined(separator: " ")
  }
}
