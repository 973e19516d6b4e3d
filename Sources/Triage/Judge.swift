// The verdict: the trained model's probability and the band that it falls in, the rules reported beside it, and
// the words that made both.

import MIME

/// Judges messages; the same input and the same model always give the same verdict, on every machine.
public struct Judge: Sendable {
  private let book: CueBook
  private let settings: TriageSettings
  public let model: TriageModel
  private let reader: SecondReader?
  /// Taken once: naming it hashes all its weights.
  private let modelName: String

  /// - Parameter reader: the encoder that the model was fitted with; a model that needs one and gets none, or
  ///   another, judges by its first part alone, less well: whoever builds a judge checks `TriageModel.readerDigest`.
  public init(taxonomy: Taxonomy, settings: TriageSettings, model: TriageModel, reader: SecondReader? = nil) {
    book = CueBook(taxonomy: taxonomy, settings: settings)
    self.settings = settings
    self.model = model
    self.reader = reader?.digest == model.readerDigest ? reader : nil
    modelName = "\(model.name)+rules-\(book.digest)"
  }

  /// The model's version and digest, and the digest of the tables of rules.
  public var name: String { modelName }

  /// Judges one message; costs time linear in its text.
  public func judge(_ input: TriageInput) -> Verdict {
    var work = Judgement(Reading(input, book, settings), model, reader, book, settings)
    return work.verdict(name: modelName)
  }

  /// Judges one message, and gives every leaf by probability, best first; they add up to 1.
  public func judgeRanked(_ input: TriageInput) -> (verdict: Verdict, ranking: [CategoryScore]) {
    var work = Judgement(Reading(input, book, settings), model, reader, book, settings)
    return (work.verdict(name: modelName), work.opinion.ranking)
  }
}

/// One message being judged.
private struct Judgement {
  private var reading: Reading
  private let features: MessageFeatures
  private let model: TriageModel
  private let settings: TriageSettings
  private let wordWeights: WordWeights
  private let reader: SecondReader?
  let opinion: TriageModel.Opinion
  private var rules: Set<String> = []

  init(
    _ reading: Reading, _ model: TriageModel, _ reader: SecondReader?, _ book: CueBook,
    _ settings: TriageSettings
  ) {
    self.reading = reading
    self.model = model
    self.settings = settings
    features = MessageFeatures(reading, book)
    wordWeights = WordWeights(features, model.complaint)
    self.reader = reader
    opinion = model.opinion(features, reader)
  }

  // MARK: The verdict

  mutating func verdict(name: String) -> Verdict {
    let language = LanguageGuess.language(
      of: reading.own.words.count >= 4 ? reading.own : reading.attachedWords)
    let probability = opinion.probability
    let cuts = model.cutOffs
    var band: Band =
      probability >= cuts.complaintFrom
      ? .complaint : probability >= cuts.possibleFrom ? .possible : .notAComplaint
    // What goes to a person whatever the probability says; the probability itself stands.
    var because: String?
    if band == .notAComplaint || (band == .complaint && language != "en" && language != "und"),
      let doubt = reading.doubt(language)
    {
      band = .possible
      because = doubt
    }
    // A sender who says nothing of it may pass on a letter about somebody else.
    if band == .complaint, reading.isBareForward {
      band = .possible
      because = "passed on without a word of the sender's own"
      rules.insert("forward.bare")
    }
    rules.formUnion(reading.rules)
    let ranked = opinion.ranking
    let primary = ranked[0]
    let others = ranked.dropFirst().prefix(4).filter {
      $0.probability >= max(0.05, primary.probability * 0.2)
    }
    let evidence = evidence()
    let redress = redress()
    let flags = flags(redress)
    let stated = FactFinder(
      reading.bytes, own: reading.voices.own + (reading.input.isStaffForward ? reading.voices.passedOn : []),
      signatures: reading.voices.signatures, patterns: settings.memberNumberPatterns)
    for flag in flags { rules.insert("flag.\(flag.kind.rawValue)") }
    return Verdict(
      band: band, probability: rounded(probability), category: primary.category,
      categoryProbability: rounded(primary.probability),
      secondary: others.map { CategoryScore(category: $0.category, probability: rounded($0.probability)) },
      severity: severity(band, flags), flags: flags, evidence: evidence.filter { $0.source == .text },
      otherEvidence: evidence.filter { $0.source != .text },
      memberNumber: memberNumber ?? stated.facts.first { $0.kind == .memberNumber }?.text, country: country,
      language: language, redress: redress, points: points(), facts: stated.facts,
      rules: rules.sorted(), model: name, reason: because ?? reason(band, evidence))
  }

  /// Runs of words that moved the score, and the rules that fired there.
  private mutating func evidence() -> [Evidence] {
    var out: [Evidence] = []
    let slope = wordSlope
    for (text, bytes, source, weights) in [
      (reading.own, reading.bytes, Evidence.Source.text, wordWeights.own),
      (reading.subjectWords, reading.subject, .subject, wordWeights.subject),
      (reading.attachedWords, reading.attached, .attached, wordWeights.attached),
    ] {
      let scores =
        source == .text
        ? reading.ownScores : source == .subject ? reading.subjectScores : reading.attachedScores
      let hits = scores.sentences.flatMap(\.contributions) + scores.contextMatches
      for hit in hits { rules.insert(CueBook.cues[hit.cue].id) }
      for run in WordWeights.runs(weights, text.sentences) where abs(run.weight * slope) >= 0.05 {
        let range = Self.clipped(
          bytes, text.words[run.words.lowerBound].start..<text.words[run.words.upperBound].end)
        // The rule that says most where the words stand.
        let rule =
          hits.filter { ($0.first...$0.last).overlaps(run.words) && ($0.weight > 0) == (run.weight > 0) }
          .max { (abs($0.weight), $1.cue) < (abs($1.weight), $0.cue) }.map { CueBook.cues[$0.cue].id }
        out.append(
          Evidence(
            text: String(decoding: bytes[range], as: UTF8.self), start: range.lowerBound,
            end: range.upperBound,
            weight: rounded(run.weight * slope), rule: rule ?? "words", source: source))
      }
    }
    out += secondEvidence()
    out.sort { (abs($1.weight), $0.start, $0.rule) < (abs($0.weight), $1.start, $1.rule) }
    return Array(out.prefix(TriageLimits.evidence))
  }

  /// Logits of the probability for one of the first model's score.
  private var wordSlope: Double {
    opinion.second == nil ? model.calibration.slope : model.combination?.first ?? model.calibration.slope
  }

  /// Sentences without which the second reader would have said otherwise.
  private func secondEvidence() -> [Evidence] {
    guard let reader, opinion.second != nil, let combination = model.combination,
      opinion.probability >= model.cutOffs.possibleFrom
    else { return [] }
    let weights = reader.sentenceWeights(reading, most: TriageLimits.readSentences)
    return weights.compactMap { one in
      let weight = rounded(one.weight * combination.second)
      guard abs(weight) >= 0.2 else { return nil }
      let sentence = reading.own.sentences[one.sentence]
      let range = Self.clipped(reading.bytes, sentence.start..<sentence.end)
      return Evidence(
        text: String(decoding: reading.bytes[range], as: UTF8.self), start: range.lowerBound,
        end: range.upperBound, weight: weight, rule: "reader", source: .text)
    }
  }

  /// Sentences that show a flag, each with the words of the cue that shows it where there is one.
  ///
  /// Where both readers have a word, the message's best sentence and the second reader together decide whether the
  /// flag is raised at all.
  private func flags(_ redress: Redress?) -> [Flag] {
    var out: [Flag] = []
    func add(_ flag: Flag) {
      if out.count(where: { $0.kind == flag.kind }) < TriageLimits.flagsOfAKind, !out.contains(flag) {
        out.append(flag)
      }
    }
    let sentences = zip([Evidence.Source.text, .subject, .attached], reading.texts).flatMap { source, part in
      part.text.sentences.indices.map { place in
        (source, part, place, vector: SentenceFeatures.vector(place, of: part.text, part.scores))
      }
    }
    for (number, kind) in Flag.Kind.allCases.enumerated() {
      let head = model.flags[kind]
      let scores = head.map { head in sentences.map { head.head.score($0.vector) } }
      let best = scores?.indices.max { (scores?[$0] ?? 0, $1) < (scores?[$1] ?? 0, $0) }
      var whole: Double?
      if let both = head?.combined, let second = opinion.second, let scores, let best {
        whole = both.probability(sentence: scores[best], reader: second.flags[number])
      }
      let isRuledOut = whole.map { $0 < head?.combined?.threshold ?? 0 } ?? false
      for (index, (source, part, place, _)) in sentences.enumerated() {
        let cue = part.scores.flags.first {
          part.text.sentences[place].words.contains($0.first) && CueBook.cues[$0.output].flag == kind
            && !part.text.words[$0.first].isQuoted
        }
        let span = cue.map { $0.first...$0.last } ?? ruleSpan(kind, place, part.text, part.scores)
        let own = scores.map { ExactMath.logistic($0[index]) }
        let isShown =
          own.map { $0 >= head?.threshold ?? 1 || (whole != nil && index == best) } ?? (span != nil)
        // Where a life may be at stake the rule alone is enough; so it is where no head was trained.
        guard (isShown && !isRuledOut) || (kind == .safety && span != nil) else { continue }
        let sentence = part.text.sentences[place]
        var range = sentence.start..<sentence.end
        if let span { range = part.text.words[span.lowerBound].start..<part.text.words[span.upperBound].end }
        range = Self.clipped(part.bytes, range)
        var flag = Flag(
          kind: kind, text: String(decoding: part.bytes[range], as: UTF8.self), start: range.lowerBound,
          end: range.upperBound, source: source, probability: rounded(whole ?? own ?? 1))
        if kind == .representative { flag.authorityShown = speaksOfAuthority }
        if kind == .redressSought { (flag.amount, flag.currency) = (redress?.amount, redress?.currency) }
        add(flag)
      }
    }
    return out.sorted {
      ($0.kind.rawValue, $0.start ?? 0, $0.text) < ($1.kind.rawValue, $1.start ?? 0, $1.text)
    }
  }

  /// The words by which the rules see a flag that no cue of its own shows.
  private func ruleSpan(_ kind: Flag.Kind, _ place: Int, _ text: Words, _ scores: TextScores) -> ClosedRange<
    Int
  >? {
    let score = scores.sentences[place]
    switch kind {
    case .redressSought:
      return score.contributions.first {
        $0.weight >= 0.5 && Self.redressKinds[CueBook.cues[$0.cue].id] != nil
      }.map { $0.first...$0.last }
    case .staffNamed where score.hasOrganisation && score.score >= 1:
      return Facts.namedStaff(in: text.sentences[place], of: text)
    default: return nil
    }
  }

  private var facts: Words {
    Words(
      reading.bytes,
      ranges: (reading.voices.own + reading.voices.signatures
        + (reading.input.isStaffForward ? reading.voices.passedOn : [])))
  }

  private var memberNumber: String? {
    Facts.memberNumber(facts, digits: settings.memberNumberDigits)
      ?? Facts.memberNumber(reading.subjectWords, digits: settings.memberNumberDigits)
      ?? Facts.memberNumber(reading.attachedWords, digits: settings.memberNumberDigits)
  }

  private var country: String? {
    Facts.country(reading.own, signature: Words(reading.bytes, ranges: reading.voices.signatures))
      ?? Facts.country(reading.attachedWords, signature: reading.subjectWords)
  }

  /// A range of at most `evidenceBytes`, cut between characters.
  private static func clipped(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var end = min(range.upperBound, range.lowerBound + TriageLimits.evidenceBytes)
    while end > range.lowerBound, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return range.lowerBound..<end
  }

  /// The sentences that reproach, by the rules or by their words' weights; where none does plainly, the one that does
  /// most.
  private func points() -> [ComplaintPoint] {
    let slope = wordSlope
    let scored = zip(reading.own.sentences, reading.ownScores.sentences).map { sentence, score in
      (
        sentence,
        strength: score.score / 1.8 + sentence.words.reduce(0) { $0 + wordWeights.own[$1] } * slope / 0.8
      )
    }.filter { $0.strength > 0.2 }
    var chosen = scored.filter { $0.strength >= 1 }
    if chosen.isEmpty, let best = scored.max(by: { $0.strength < $1.strength }) { chosen = [best] }
    return chosen.prefix(TriageLimits.points).map {
      let range = Self.clipped(reading.bytes, $0.0.start..<$0.0.end)
      return ComplaintPoint(
        text: String(decoding: reading.bytes[range], as: UTF8.self), start: range.lowerBound,
        end: range.upperBound)
    }
  }

  private func redress() -> Redress? {
    var out = Redress(kinds: [], amount: nil, currency: nil)
    for (text, scores) in [(reading.own, reading.ownScores), (reading.attachedWords, reading.attachedScores)]
    {
      for (sentence, score) in zip(text.sentences, scores.sentences) {
        for contribution in score.contributions where contribution.weight >= 0.5 {
          guard let kind = Self.redressKinds[CueBook.cues[contribution.cue].id] else { continue }
          let words = (contribution.first...contribution.last).map { text.vocabulary[text.words[$0].id] }
          let exact = Self.refined(kind, words)
          if !out.kinds.contains(exact) { out.kinds.append(exact) }
          if kind == .compensation, out.amount == nil, let sum = Facts.sum(in: sentence.words, of: text) {
            (out.amount, out.currency) = (sum.amount, sum.currency)
          }
        }
      }
    }
    return out.kinds.isEmpty ? nil : out
  }

  private static let redressKinds: [String: Redress.Kind] = [
    "redress.apology": .apology, "redress.money": .compensation, "redress.review": .review,
    "redress.stop": .correction,
  ]

  private static func refined(_ kind: Redress.Kind, _ words: [String]) -> Redress.Kind {
    if kind == .apology, words.contains(where: { $0.hasPrefix("expla") || $0 == "answers" }) {
      return .explanation
    }
    if kind == .compensation, words.contains(where: { $0.hasPrefix("refund") || $0 == "money" }) {
      return .refund
    }
    if kind == .review, words.contains("right") || words.contains("sort") || words.contains("sorted") {
      return .correction
    }
    return kind
  }

  private var speaksOfAuthority: Bool {
    reading.own.vocabulary.contains {
      ["authority", "authorised", "authorization", "authorisation", "consent", "mandate", "signed"].contains(
        $0)
    }
  }

  private func severity(_ band: Band, _ flags: [Flag]) -> Int {
    let kinds = Set(flags.map(\.kind))
    if kinds.contains(.safety) { return 4 }
    let grave: Set<Flag.Kind> = [
      .threatLegal, .threatMedia, .threatOmbudsman, .threatPolitical, .threatRegulator, .dataBreach,
      .discrimination,
      .executiveAddressee, .vulnerabilityHealth, .vulnerabilityLifeEvent, .vulnerabilityResilience,
      .vulnerabilityCapability,
    ]
    let count = kinds.intersection(grave).count
    switch band {
    case .notAComplaint: return count >= 2 ? 2 : 1
    case .possible: return min(3, 1 + count)
    case .complaint: return min(4, 2 + count)
    }
  }

  // MARK: In a few words

  private func reason(_ band: Band, _ evidence: [Evidence]) -> String {
    if band == .notAComplaint {
      let kinds: [(Cue.Kind, String)] = [
        (.againstWriter, "asks for help with a complaint against the writer"), (.circular, "circular"),
        (.praise, "thanks"), (.administration, "administrative"), (.assistance, "asks for help"),
        (.enquiry, "enquiry"),
      ]
      let said = kinds.map { ($0.1, reading.ownScores.context[$0.0] ?? 0) }.filter { $0.1 < 0 }
      return said.min { $0.1 < $1.1 }?.0 ?? "no reproach found"
    }
    guard let best = evidence.first(where: { $0.weight > 0 }) else { return "in doubt" }
    let topic = Self.topics.first { best.rule.hasPrefix($0.0) }?.1 ?? "dissatisfied"
    let words = best.text.utf8.count <= 80 ? best.text : String(best.text.prefix(70)) + "…"
    let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return (rules.contains("clinician.complaint") ? "about a clinician; " : "") + "\(topic): \"\(line)\""
  }

  private static let topics: [(String, String)] = [
    ("silence.", "no reply"), ("waiting.", "waiting"), ("chasing.", "asked again"), ("failing.", "reproach"),
    ("feeling.", "dissatisfied"), ("explicit.", "says it complains"), ("redress.", "asks for redress"),
    ("threat.leave", "may leave"), ("sarcasm.", "ironic"), ("quality.tone", "conduct"),
    ("quality.", "poor service"),
    ("errors.disclosed", "data exposed"), ("errors.", "error"), ("money.", "money"), ("refusal.", "refusal"),
    ("technical.", "site or event"), ("unfair.", "unfair treatment"),
  ]
}
