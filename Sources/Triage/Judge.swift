// The first verdict: weighted rules over the sender's own words, sentence by sentence, added up.
//
// Its probability is a logistic curve over hand-set weights: it orders messages, it is not calibrated. A
// trained model can stand behind the same interface.

import Glibc
import MIME

/// Judges messages by rules; the same input always gives the same verdict.
public struct Judge: Sendable {
  private let book: CueBook
  private let settings: TriageSettings

  static let complaintFrom = 0.5
  static let possibleFrom = 0.22

  public init(taxonomy: Taxonomy, settings: TriageSettings) {
    book = CueBook(taxonomy: taxonomy, settings: settings)
    self.settings = settings
  }

  /// `rules-1+` and a digest of the tables.
  public var model: String { "rules-1+\(book.digest)" }

  /// Judges one message; costs time linear in its text.
  public func judge(_ input: TriageInput) -> Verdict {
    var work = Judgement(input, book, settings)
    return work.verdict(model: model)
  }
}

/// One message being judged.
private struct Judgement {
  private let input: TriageInput
  private let book: CueBook
  private let settings: TriageSettings
  private let bytes: [UInt8]
  private let subject: [UInt8]
  private let attached: [UInt8]
  private let voices: OwnWords
  /// What is judged as the sender's.
  private let own: Words
  private let ownScores: TextScores
  private let subjectWords: Words
  private let subjectScores: TextScores
  private let attachedWords: Words
  private let attachedScores: TextScores
  private let isPassedOn: Bool
  /// The sender's own words, greeting and close left out.
  private let ownCount: Int
  /// All of the sender's own words.
  private let ownWordCount: Int
  private var rules: Set<String> = []
  /// The score before what speaks against.
  private var positive = 0.0

  /// Fewer own words than this leave the verdict to what they came with.
  private static let hardlyAny = 12
  private static let staffNote = 60
  /// Ties to the membership that make a short message without a plain purpose a person's to read.
  private static let ties = 2.0
  /// Score of a message that says nothing, in logits.
  private static let base = -3.0

  init(_ input: TriageInput, _ book: CueBook, _ settings: TriageSettings) {
    self.input = input
    self.book = book
    self.settings = settings
    bytes = Array(input.text.utf8)
    subject = Array(input.subject.utf8.prefix(TriageLimits.subjectBytes))
    attached = Array(input.attachedText.utf8.prefix(TriageLimits.judgedBytes))
    voices = OwnWords(bytes, regions: input.regions)
    var words = Words(bytes, ranges: voices.own)
    let count = Self.content(words)
    // A staff member's "FYI" is no verdict: what is forwarded is judged. So is a bare forward, to `possible`.
    let isStaff = input.isStaffForward && count < Self.staffNote
    let isBare = !input.isStaffForward && count < Self.hardlyAny
    isPassedOn = isStaff || isBare
    ownCount = count
    ownWordCount = words.words.count
    var attachedRanges: [Range<Int>] = []
    if isPassedOn {
      let others = voices.passedOn + (isStaff ? voices.pasted : [])
      if !others.isEmpty {
        words = Words(bytes, ranges: Self.within(voices.own + others))
      } else if input.isStaffForward || count == 0, attached.isEmpty, !voices.quoted.isEmpty {
        // Everything looks quoted: an odd client, or a sender who answers in somebody's quotation marks.
        words = Words(bytes, ranges: Self.within(voices.own + voices.quoted))
      }
      attachedRanges = [0..<attached.count]
    }
    own = words
    ownScores = TextScores(words, book)
    subjectWords = Words(subject, ranges: [0..<subject.count])
    subjectScores = TextScores(subjectWords, book)
    attachedWords = Words(attached, ranges: attachedRanges)
    attachedScores = TextScores(attachedWords, book)
  }

  private static func within(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var left = TriageLimits.judgedBytes
    var out: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where left > 0 {
      out.append(range.lowerBound..<(range.lowerBound + min(left, range.count)))
      left -= min(left, range.count)
    }
    return out
  }

  /// Words but for greeting and close.
  private static func content(_ words: Words) -> Int {
    let small: Set<String> = [
      "dear", "hi", "hello", "kind", "regards", "best", "wishes", "thanks", "many", "yours", "sincerely",
      "faithfully", "dr",
      "sir", "madam", "fyi", "regard", "good", "morning", "afternoon", "all", "team",
    ]
    return words.words.count { !small.contains(words.vocabulary[$0.id]) }
  }

  // MARK: The verdict

  mutating func verdict(model: String) -> Verdict {
    let language = LanguageGuess.language(of: own.words.count >= 4 ? own : attachedWords)
    let score = total()
    let clinician = complainsOfClinician
    if clinician { rules.insert("clinician.complaint") }
    var probability = 1 / (1 + exp(-(Self.base + score)))
    var band: Band =
      probability >= Judge.complaintFrom
      ? .complaint : probability >= Judge.possibleFrom ? .possible : .notAComplaint
    if clinician, band == .complaint { band = .possible }
    if band == .complaint, !isAboutMembership {
      band = .possible
      rules.insert("doubt.unrelated")
    }
    // A sender who says nothing of it may pass on a letter about somebody else.
    if isPassedOn, !input.isStaffForward, own.words.count + attachedWords.words.count > ownWordCount,
      band == .complaint
    {
      band = .possible
      rules.insert("forward.bare")
    }
    var because: String?
    if band == .notAComplaint, let doubt = doubt(language) {
      band = .possible
      because = doubt
    }
    if band == .possible {
      probability = min(max(probability, Judge.possibleFrom), Judge.complaintFrom - 0.01)
    }
    return finish(band: band, probability: probability, language: language, because: because, model: model)
  }

  /// The message's score: the strongest sentences count most, what speaks against counts less the stronger
  /// they are.
  private mutating func total() -> Double {
    var heats = ownScores.sentences.map(\.score) + attachedScores.sentences.map(\.score)
    heats += subjectScores.sentences.map { $0.score * subjectShare }
    heats.sort(by: >)
    var value = 0.0
    var share = 1.0
    for heat in heats.prefix(12) {
      value += heat * share
      share = max(0.12, share * 0.55)
    }
    if ownScores.contacts >= 2, value > 0.5 {
      value += ownScores.contacts >= 3 ? 1.0 : 0.6
      rules.insert("contact.repeated")
    }
    if value > 0.3, !ownScores.isAgainstWriter, ownScores.flags.contains(where: Self.isThreat) {
      value += 1
      rules.insert("threat.made")
    }
    let topics = topical
    if topics > 0 {
      value += min(1.4, 0.7 * Double(topics))
      rules.insert("topic.reproached")
    }
    if value > 0.8, !ownScores.isAgainstWriter, ownScores.flags.contains(where: Self.isVulnerability) {
      value += 0.8
      rules.insert("vulnerable.reproach")
    }
    value *= relevance
    positive = value
    var against = 0.0
    for kind in [Cue.Kind.assistance, .enquiry, .administration, .praise, .denial, .againstWriter] {
      against += max(-3, (ownScores.context[kind] ?? 0) + 0.5 * (subjectScores.context[kind] ?? 0))
    }
    let strongest = heats.first ?? 0
    value += max(-4, against) * max(0.1, 1 - strongest / 4)
    value += max(-5, ownScores.context[.circular] ?? 0)
    return min(max(value, -6), 10)
  }

  /// Sentences that reproach and name the organisation's business.
  private var topical: Int {
    [ownScores, attachedScores].reduce(0) { count, scores in
      count
        + scores.sentences.count { sentence in
          guard sentence.score >= 1, !sentence.hasThirdParty || sentence.hasOrganisation else { return false }
          var best = 0.0
          for match in sentence.phrases {
            best = max(best, book.phrases[match.output - CueBook.cues.count].weight)
          }
          return best >= 1.5
        }
    }
  }

  private static func isVulnerability(_ match: PatternMatch) -> Bool {
    switch CueBook.cues[match.output].flag {
    case .vulnerabilityHealth, .vulnerabilityLifeEvent, .vulnerabilityResilience, .vulnerabilityCapability:
      true
    default: false
    }
  }

  private var firstPersonWords: Int {
    [own, attachedWords].reduce(0) { count, text in
      count + text.words.count { Self.firstPerson.contains(text.vocabulary[$0.id]) }
    }
  }

  private static let firstPerson: Set<String> = [
    "i", "my", "me", "we", "our", "us", "ive", "im", "id", "myself", "mine", "weve", "ill",
  ]

  private static func isThreat(_ match: PatternMatch) -> Bool {
    switch CueBook.cues[match.output].flag {
    case .threatOmbudsman, .threatRegulator, .threatLegal, .threatMedia, .threatPolitical: true
    default: false
    }
  }

  /// A subject taken over from another mail is hardly the sender's.
  private var subjectShare: Double {
    let start = input.subject.utf8.prefix(4).map { $0 | 0x20 }
    if start.starts(with: [0x72, 0x65, 0x3A]) { return 0.4 }
    if start.first == 0x66 && (start.starts(with: [0x66, 0x77]) || start.starts(with: [0x66, 0x77, 0x64])) {
      return input.isStaffForward ? 0.8 : 0.2
    }
    return 0.8
  }

  /// Distinct words of this field, the sure ones counted twice.
  private var fieldWords: Double {
    var all = ownScores.fieldWords
    for other in [subjectScores.fieldWords, attachedScores.fieldWords] { all.merge(other) { max($0, $1) } }
    return all.values.reduce(0, +)
  }

  /// Whether anything but anger ties the message to the organisation; without it a person decides.
  private var isAboutMembership: Bool {
    let sentences = ownScores.sentences + attachedScores.sentences
    let isAddressed = sentences.contains { $0.hasOrganisation && $0.score >= 0.8 }
    let length = own.words.count + attachedWords.words.count
    let enough = length < 40 ? 1.0 : length < 120 ? 2 : 4
    return fieldWords >= enough && (isAddressed || topical > 0 || fieldWords >= enough + 1)
  }

  /// Mail that uses few of this field's words for its length, or speaks little of its writer, is hardly about
  /// the membership: essays and discussions have angry words too.
  private var relevance: Double {
    let words = fieldWords
    let length = own.words.count + attachedWords.words.count
    if length < 60 { return 1 }
    let enough = 3 + Double(min(length, 900)) / 120
    let share = min(1, words / enough)
    let personal = firstPersonWords
    let voice = min(1, Double(personal) / (Double(length) * 0.03))
    return (0.4 + 0.6 * share) * (0.5 + 0.5 * voice)
  }

  /// A patient who complains about a member: a person must see it, but it is no complaint about the
  /// organisation.
  private var complainsOfClinician: Bool {
    let strength = ownScores.context[.aboutClinician] ?? 0
    if strength <= -2 { return !ownScores.spokeToStaff }
    let isSaid = ownScores.complainsOfClinician || strength < -1.2
    return isSaid && !ownScores.spokeToStaff && !ownScores.isAgainstWriter
  }

  /// Why a message without a reproach still goes to a person; nil when it need not.
  private mutating func doubt(_ language: String) -> String? {
    let count = Self.content(own) + attachedWords.words.count
    if input.hasUnreadableParts {
      rules.insert("doubt.unreadable")
      return "part of it cannot be read"
    }
    if language != "en", language != "und", count >= 3 {
      rules.insert("doubt.language")
      return "not in English (\(language))"
    }
    if language == "und", count >= 12, LanguageGuess.looksForeign(own) {
      rules.insert("doubt.language")
      return "language not recognised"
    }
    if let flag = ownScores.flags.first(where: { CueBook.cues[$0.output].flag == .safety }) {
      rules.insert("doubt.safety")
      let words = (flag.first...flag.last).map { own.vocabulary[own.words[$0].id] }
      return "may be in danger: \"\(words.joined(separator: " "))\""
    }
    // "Please find attached" does not say what the attachment is.
    let explained: Set<Cue.Kind> = [.administration, .circular, .praise]
    let isExplained = (ownScores.contextMatches + subjectScores.contextMatches).contains {
      explained.contains(CueBook.cues[$0.cue].kind) && CueBook.cues[$0.cue].id != "administration.attached"
    }
    if !input.attachmentNames.isEmpty, count < Judgement.hardlyAny, !isExplained {
      rules.insert("doubt.attachment_only")
      return "hardly any words beside its attachment"
    }
    if count == 0, subjectWords.words.count < 3 {
      rules.insert("doubt.empty")
      return "no words to judge"
    }
    if isUnexplained {
      rules.insert("doubt.unexplained")
      return "about the membership, and no plain request"
    }
    if voices.isCut {
      rules.insert("doubt.long_text")
      return "too long to judge whole"
    }
    return nil
  }

  /// A person's words about the organisation's business that neither ask, thank, notify nor seek help: an
  /// understated grievance looks so, and no rule knows all of them.
  private var isUnexplained: Bool {
    // A question may hold a reproach; by itself it explains only a message without one.
    var kinds: [Cue.Kind] = [.assistance, .administration, .praise, .circular, .denial, .againstWriter]
    if positive < 1 { kinds.append(.enquiry) }
    guard !input.isCircular, (4...300).contains(ownCount), firstPersonWords > 0,
      kinds.allSatisfy({ (ownScores.context[$0] ?? 0) == 0 })
    else { return false }
    var ties = fieldWords
    let isAddressed = ownScores.sentences.contains { $0.hasOrganisation }
    if isAddressed { ties += 1 }
    if ownScores.spokeToStaff { ties += 1 }
    let phrases = ownScores.sentences.flatMap(\.phrases)
    if phrases.contains(where: { book.phrases[$0.output - CueBook.cues.count].weight >= 1.2 }) { ties += 1 }
    let enough = ownCount < 40 ? Self.ties - 1 : ownCount < 120 ? Self.ties : Self.ties + 2
    return ties >= enough
  }

  // MARK: What goes with it

  private mutating func finish(
    band: Band, probability: Double, language: String, because: String?, model: String
  ) -> Verdict {
    if voices.isCut { rules.insert("limit.long_text") }
    if own.words.count + attachedWords.words.count > ownWordCount { rules.insert("forward.judged") }
    let evidence = evidence()
    let categories = CategoryScores(
      [(ownScores, 1), (attachedScores, 1), (subjectScores, 0.9 * subjectShare)], book)
    let primary = categories.ranked.first ?? CategoryScore(category: Taxonomy.other, probability: 0)
    let others = categories.ranked.dropFirst().filter {
      $0.category != Taxonomy.other && $0.probability >= primary.probability * 0.35
    }
    let redress = redress()
    let flags = flags(redress)
    for flag in flags { rules.insert("flag.\(flag.kind.rawValue)") }
    return Verdict(
      band: band, probability: rounded(probability), category: primary.category,
      categoryProbability: primary.probability, secondary: Array(others.prefix(4)),
      severity: severity(band, flags), flags: flags, evidence: evidence.filter { $0.source == .text },
      otherEvidence: evidence.filter { $0.source != .text },
      memberNumber: memberNumber, country: country, language: language, redress: redress, points: points(),
      rules: rules.sorted(), model: model, reason: because ?? reason(band, evidence))
  }

  private var facts: Words {
    Words(bytes, ranges: (voices.own + voices.signatures + (input.isStaffForward ? voices.passedOn : [])))
  }

  private var memberNumber: String? {
    Facts.memberNumber(facts, digits: settings.memberNumberDigits)
      ?? Facts.memberNumber(subjectWords, digits: settings.memberNumberDigits)
      ?? Facts.memberNumber(attachedWords, digits: settings.memberNumberDigits)
  }

  private var country: String? {
    Facts.country(own, signature: Words(bytes, ranges: voices.signatures))
      ?? Facts.country(attachedWords, signature: subjectWords)
  }

  private mutating func evidence() -> [Evidence] {
    var out: [Evidence] = []
    func add(
      _ contribution: Contribution, _ text: Words, _ bytes: [UInt8], _ source: Evidence.Source,
      _ share: Double
    ) {
      let range = Self.clipped(
        bytes, text.words[contribution.first].start..<text.words[contribution.last].end)
      let cue = CueBook.cues[contribution.cue]
      rules.insert(cue.id)
      out.append(
        Evidence(
          text: String(decoding: bytes[range], as: UTF8.self), start: range.lowerBound, end: range.upperBound,
          weight: rounded(contribution.weight * share), rule: cue.id, source: source))
    }
    for (scores, text, bytes, source, share) in [
      (ownScores, own, bytes, Evidence.Source.text, 1.0),
      (subjectScores, subjectWords, subject, .subject, subjectShare),
      (attachedScores, attachedWords, attached, .attached, 1.0),
    ] {
      for sentence in scores.sentences {
        for contribution in sentence.contributions { add(contribution, text, bytes, source, share) }
      }
      for contribution in scores.contextMatches { add(contribution, text, bytes, source, share) }
    }
    out.sort { (abs($1.weight), $0.start, $0.rule) < (abs($0.weight), $1.start, $1.rule) }
    return Array(out.prefix(TriageLimits.evidence))
  }

  /// A range of at most `evidenceBytes`, cut between characters.
  private static func clipped(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var end = min(range.upperBound, range.lowerBound + TriageLimits.evidenceBytes)
    while end > range.lowerBound, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return range.lowerBound..<end
  }

  /// The sentences that reproach; where none does plainly, the one that does most.
  private func points() -> [ComplaintPoint] {
    let scored = zip(own.sentences, ownScores.sentences).filter { $0.1.score > 0.5 }
    var chosen = scored.filter { $0.1.score >= 1.8 }
    if chosen.isEmpty, let best = scored.max(by: { $0.1.score < $1.1.score }) { chosen = [best] }
    return chosen.prefix(TriageLimits.points).map {
      let range = Self.clipped(bytes, $0.0.start..<$0.0.end)
      return ComplaintPoint(
        text: String(decoding: bytes[range], as: UTF8.self), start: range.lowerBound, end: range.upperBound)
    }
  }

  private func redress() -> Redress? {
    var out = Redress(kinds: [], amount: nil, currency: nil)
    for (text, scores) in [(own, ownScores), (attachedWords, attachedScores)] {
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

  private func flags(_ redress: Redress?) -> [Flag] {
    var out: [Flag] = []
    func add(_ flag: Flag) {
      if out.count(where: { $0.kind == flag.kind }) < TriageLimits.flagsOfAKind, !out.contains(flag) {
        out.append(flag)
      }
    }
    for (text, scores, bytes) in [
      (own, ownScores, bytes), (subjectWords, subjectScores, subject),
      (attachedWords, attachedScores, attached),
    ] {
      for match in scores.flags {
        guard let kind = CueBook.cues[match.output].flag, !text.words[match.first].isQuoted else { continue }
        let range = Self.clipped(bytes, text.words[match.first].start..<text.words[match.last].end)
        var flag = Flag(kind: kind, text: String(decoding: bytes[range], as: UTF8.self))
        if kind == .representative { flag.authorityShown = speaksOfAuthority }
        add(flag)
      }
      for (sentence, score) in zip(text.sentences, scores.sentences)
      where score.hasOrganisation && score.score >= 1 {
        guard let name = Facts.namedStaff(in: sentence, of: text) else { continue }
        let range = Self.clipped(bytes, text.words[name.lowerBound].start..<text.words[name.upperBound].end)
        add(Flag(kind: .staffNamed, text: String(decoding: bytes[range], as: UTF8.self)))
      }
    }
    if let redress {
      add(
        Flag(
          kind: .redressSought, text: redress.kinds.map(\.rawValue).joined(separator: ", "),
          amount: redress.amount,
          currency: redress.currency))
    }
    return out.sorted { ($0.kind.rawValue, $0.text) < ($1.kind.rawValue, $1.text) }
  }

  private var speaksOfAuthority: Bool {
    own.vocabulary.contains {
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
      let said = kinds.map { ($0.1, ownScores.context[$0.0] ?? 0) }.filter { $0.1 < 0 }
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
