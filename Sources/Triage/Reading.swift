// What the rules and the counts say of one message: whose words are whose, what reproaches in them, and what
// speaks against a complaint. Features and verdicts are made from it.

import MIME

/// One message, read.
struct Reading: Sendable {
  let input: TriageInput
  let book: CueBook
  let settings: TriageSettings
  let bytes: [UInt8]
  let subject: [UInt8]
  let attached: [UInt8]
  let voices: OwnWords
  /// What is judged as the sender's.
  let own: Words
  let ownScores: TextScores
  let subjectWords: Words
  let subjectScores: TextScores
  let attachedWords: Words
  let attachedScores: TextScores
  let isPassedOn: Bool
  /// The sender's own words, greeting and close left out.
  let ownCount: Int
  /// All of the sender's own words.
  let ownWordCount: Int
  private(set) var rules: Set<String> = []
  /// The score before what speaks against.
  private(set) var positive = 0.0
  /// What the rules add up to, -6 to 10.
  private(set) var score = 0.0

  /// Fewer own words than this leave the verdict to what they came with.
  private static let hardlyAny = 12
  private static let staffNote = 60

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
    score = total()
    if complainsOfClinician { rules.insert("clinician.complaint") }
    if voices.isCut { rules.insert("limit.long_text") }
    if own.words.count + attachedWords.words.count > ownWordCount { rules.insert("forward.judged") }
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

  /// What is judged is somebody else's, and no colleague sent it on.
  var isBareForward: Bool {
    isPassedOn && !input.isStaffForward && own.words.count + attachedWords.words.count > ownWordCount
  }

  /// The texts that are judged, with their bytes.
  var texts: [(text: Words, scores: TextScores, bytes: [UInt8])] {
    [
      (own, ownScores, bytes), (subjectWords, subjectScores, subject),
      (attachedWords, attachedScores, attached),
    ]
  }

  /// Sentences that reproach and name the organisation's business.
  var topical: Int {
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

  var firstPersonWords: Int {
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
  var subjectShare: Double {
    let start = input.subject.utf8.prefix(4).map { $0 | 0x20 }
    if start.starts(with: [0x72, 0x65, 0x3A]) { return 0.4 }
    if start.first == 0x66 && (start.starts(with: [0x66, 0x77]) || start.starts(with: [0x66, 0x77, 0x64])) {
      return input.isStaffForward ? 0.8 : 0.2
    }
    return 0.8
  }

  /// Distinct words of this field, the sure ones counted twice.
  var fieldWords: Double {
    var all = ownScores.fieldWords
    for other in [subjectScores.fieldWords, attachedScores.fieldWords] { all.merge(other) { max($0, $1) } }
    return all.values.reduce(0, +)
  }

  /// Whether anything but anger ties the message to the organisation; without it a person decides.
  var isAboutMembership: Bool {
    let sentences = ownScores.sentences + attachedScores.sentences
    let isAddressed = sentences.contains { $0.hasOrganisation && $0.score >= 0.8 }
    let length = own.words.count + attachedWords.words.count
    let enough = length < 40 ? 1.0 : length < 120 ? 2 : 4
    return fieldWords >= enough && (isAddressed || topical > 0 || fieldWords >= enough + 1)
  }

  /// Mail that uses few of this field's words for its length, or speaks little of its writer, is hardly about
  /// the membership: essays and discussions have angry words too.
  var relevance: Double {
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
  var complainsOfClinician: Bool {
    let strength = ownScores.context[.aboutClinician] ?? 0
    if strength <= -2 { return !ownScores.spokeToStaff }
    let isSaid = ownScores.complainsOfClinician || strength < -1.2
    return isSaid && !ownScores.spokeToStaff && !ownScores.isAgainstWriter
  }

  /// The sender's own words that call it a complaint, about the organisation or about nobody in particular: no model
  /// overrules that alone.
  private var explicitComplaint: String? {
    guard !ownScores.complainsOfClinician else { return nil }
    for (text, scores) in [(own, ownScores), (subjectWords, subjectScores)] {
      for sentence in scores.sentences {
        let hit = sentence.contributions.first {
          switch CueBook.cues[$0.cue].id {
          case "explicit.declared": $0.weight >= Self.declared
          case "explicit.complaint": $0.weight >= Self.plainlySaid
          default: false
          }
        }
        if let hit {
          return (hit.first...hit.last).map { text.vocabulary[text.words[$0].id] }.joined(separator: " ")
        }
      }
    }
    return nil
  }

  /// The weight of `explicit.complaint` where nobody else is in the scene, or little of it is left.
  private static let plainlySaid = 2.7

  /// Less is left of `explicit.declared` only where it is quoted, or somebody else's complaint about the writer.
  private static let declared = 0.55

  /// Why a message without a reproach still goes to a person; nil when it need not.
  mutating func doubt(_ language: String) -> String? {
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
    if let words = explicitComplaint {
      rules.insert("doubt.explicit")
      return "says that it complains: \"\(words)\""
    }
    // "Please find attached" does not say what the attachment is.
    let explained: Set<Cue.Kind> = [.administration, .circular, .praise]
    let isExplained = (ownScores.contextMatches + subjectScores.contextMatches).contains {
      explained.contains(CueBook.cues[$0.cue].kind) && CueBook.cues[$0.cue].id != "administration.attached"
    }
    if !input.attachmentNames.isEmpty, count < Self.hardlyAny, !isExplained {
      rules.insert("doubt.attachment_only")
      return "hardly any words beside its attachment"
    }
    if count == 0, subjectWords.words.count < 3 {
      rules.insert("doubt.empty")
      return "no words to judge"
    }
    if voices.isCut {
      rules.insert("doubt.long_text")
      return "too long to judge whole"
    }
    return nil
  }
}
