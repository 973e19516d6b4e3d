// Sentence by sentence: what reproaches, whom it is about, and how much is left of it.

/// A cue that counted in a sentence.
struct Contribution: Sendable {
  var cue: Int
  /// Words of the text, first and last.
  var first: Int
  var last: Int
  var weight: Double
}

/// A sentence's score.
struct SentenceScore: Sendable {
  var score = 0.0
  var contributions: [Contribution] = []
  var hasOrganisation = false
  var hasThirdParty = false
  /// Outputs that stand for phrases of the taxonomy.
  var phrases: [PatternMatch] = []
}

/// The scores of a text's sentences and what else its cues say.
struct TextScores: Sendable {
  var sentences: [SentenceScore] = []
  /// Strength of each kind of context, each cue's pattern counted with falling weight.
  var context: [Cue.Kind: Double] = [:]
  var contextMatches: [Contribution] = []
  var flags: [PatternMatch] = []
  var contacts = 0
  /// Words of the field by how surely they belong to it.
  var fieldWords: [String: Double] = [:]
  /// A patient's complaint about care, said in one sentence.
  var complainsOfClinician = false
  /// Whether a complaint or claim against the writer is spoken of.
  var isAgainstWriter: Bool { (context[.againstWriter] ?? 0) < 0 }
  var spokeToStaff = false

  init(_ text: Words, _ book: CueBook) {
    let found = book.matcher.matches(in: text)
    collectContext(text, found)
    var referent = Referent.none
    var stretch = -1
    for (index, sentence) in text.sentences.enumerated() {
      if sentence.stretch != stretch { (stretch, referent) = (sentence.stretch, .none) }
      sentences.append(score(sentence, text, found[index], &referent))
    }
  }

  private enum Referent { case none, organisation, thirdParty }

  // MARK: What the whole text says

  private mutating func collectContext(_ text: Words, _ found: [[PatternMatch]]) {
    for matches in found {
      var seen: Set<Int> = []
      for match in matches where match.output < CueBook.cues.count {
        let cue = CueBook.cues[match.output]
        switch cue.kind {
        case .flag: flags.append(match)
        case .field:
          let word = text.vocabulary[text.words[match.last].id]
          fieldWords[word] = max(fieldWords[word] ?? 0, cue.weight)
        case .contact:
          if seen.insert(match.output).inserted || contacts < 2 { contacts += 1 }
        case .assistance, .enquiry, .administration, .praise, .circular, .denial, .againstWriter,
          .aboutClinician:
          guard !Self.isQuoted(match, text) else { continue }
          let before = context[cue.kind] ?? 0
          guard seen.insert(match.output).inserted else { continue }
          context[cue.kind] = before + cue.weight * (before == 0 ? 1 : 0.3)
          contextMatches.append(
            Contribution(cue: match.output, first: match.first, last: match.last, weight: cue.weight))
        default: break
        }
      }
    }
  }

  private static func isQuoted(_ match: PatternMatch, _ text: Words) -> Bool {
    match.last - match.first < 40 && (match.first...match.last).allSatisfy { text.words[$0].isQuoted }
  }

  // MARK: One sentence

  private mutating func score(
    _ sentence: Sentence, _ text: Words, _ matches: [PatternMatch], _ referent: inout Referent
  ) -> SentenceScore {
    var out = SentenceScore()
    var best: [Int: PatternMatch] = [:]
    var courtesies: [ClosedRange<Int>] = []
    var kinds: Set<Cue.Kind> = []
    for match in matches {
      guard match.output < CueBook.cues.count else {
        out.phrases.append(match)
        continue
      }
      let kind = CueBook.cues[match.output].kind
      kinds.insert(kind)
      if kind == .courtesy { courtesies.append(match.first...match.last) }
      if let known = best[match.output], known.last - known.first >= match.last - match.first { continue }
      best[match.output] = match
    }
    var person = false
    var pronoun = false
    for match in matches where match.output < CueBook.cues.count {
      let cue = CueBook.cues[match.output]
      if cue.kind == .organisation {
        if cue.id == "object.staff" { spokeToStaff = true }
        let isCourtesy = courtesies.contains { $0.contains(match.first) && $0.contains(match.last) }
        if !isCourtesy { out.hasOrganisation = true }
      } else if cue.kind == .thirdParty {
        if Self.pronouns.contains(text.vocabulary[text.words[match.first].id]) {
          pronoun = true
        } else {
          person = true
        }
      }
    }
    if pronoun, !person, !out.hasOrganisation {
      out.hasOrganisation = referent == .organisation
      person = referent == .thirdParty
    }
    out.hasThirdParty = person
    if kinds.contains(.aboutClinician), kinds.contains(.explicit) { complainsOfClinician = true }
    let lastReferent = referent
    if person { referent = .thirdParty } else if out.hasOrganisation { referent = .organisation }

    let scene = Scene(
      organisation: out.hasOrganisation, thirdParty: person, follows: lastReferent == .organisation,
      againstWriterHere: kinds.contains(.againstWriter), againstWriter: isAgainstWriter,
      isDenied: kinds.contains(.denial), isAsked: kinds.contains(.enquiry) && sentence.isQuestion,
      hasAssistance: kinds.contains(.assistance))
    for match in best.values.sorted(by: { ($0.output, $0.first) < ($1.output, $1.first) }) {
      let cue = CueBook.cues[match.output]
      var weight = cue.weight * scene.share(of: cue.kind)
      // Exposed data is always somebody else's too, so naming them takes nothing away.
      if cue.id == "errors.disclosed", !scene.againstWriter { weight = max(weight, cue.weight * 0.8) }
      guard weight > 0 else { continue }
      if cue.kind == .grievance, isNegated(match, sentence, text) { weight = 0 }
      if isOfTheWriter(match, sentence, text) { weight *= 0.2 }
      // Irony asks no question.
      if scene.isAsked, cue.id.hasPrefix("sarcasm.") { weight /= 0.6 }
      if cue.id.hasPrefix("feeling."), isNeverSo(match, sentence, text) { weight = 0 }
      if cue.id == "explicit.word", scene.isDenied { weight = 0 }
      if Self.isQuoted(match, text) { weight *= 0.1 }
      if isConditional(match, sentence, text) { weight *= 0.45 }
      if weight >= 0.1 {
        out.contributions.append(
          Contribution(cue: match.output, first: match.first, last: match.last, weight: weight))
      }
    }
    out.contributions.sort { ($1.weight, $0.first, $0.cue) < ($0.weight, $1.first, $1.cue) }
    var share = 1.0
    for contribution in out.contributions {
      out.score += contribution.weight * share
      share = max(0.1, share * 0.5)
    }
    out.score = min(out.score, 6)
    return out
  }

  private static let pronouns: Set<String> = ["he", "she", "they", "his", "her", "him", "their", "them"]

  /// "not rude", "no delay": directly before, so that "never been so upset" still counts.
  private func isNegated(_ match: PatternMatch, _ sentence: Sentence, _ text: Words) -> Bool {
    guard match.first == match.last else { return false }
    let from = max(sentence.words.lowerBound, match.first - 2)
    return (from..<match.first).contains {
      ["no", "not", "without", "wasnt", "isnt", "werent", "nothing", "avoid", "prevent", "by"].contains(
        text.vocabulary[text.words[$0].id])
    }
  }

  /// "a complaint that we failed to answer": the fault is the writer's own.
  private func isOfTheWriter(_ match: PatternMatch, _ sentence: Sentence, _ text: Words) -> Bool {
    guard match.first > sentence.words.lowerBound else { return false }
    let word = text.vocabulary[text.words[match.first].id]
    guard
      [
        "failed", "failure", "refused", "missed", "mistake", "error", "lost", "ignored", "sent", "emailed",
        "gave", "forwarded",
      ].contains(word)
    else {
      return false
    }
    return ["we", "i", "our", "my"].contains(text.vocabulary[text.words[match.first - 1].id])
  }

  /// "never once made me feel a nuisance"
  private func isNeverSo(_ match: PatternMatch, _ sentence: Sentence, _ text: Words) -> Bool {
    let from = max(sentence.words.lowerBound, match.first - 3)
    return (from..<match.first).contains {
      ["never", "nobody", "without", "nor"].contains(text.vocabulary[text.words[$0].id])
    }
  }

  /// "What happens if you refuse": nothing has been refused.
  private func isConditional(_ match: PatternMatch, _ sentence: Sentence, _ text: Words) -> Bool {
    let from = max(sentence.words.lowerBound, match.first - 6)
    guard from < match.first else { return false }
    return (from..<match.first).contains {
      ["if", "whether", "suppose", "unless"].contains(
        text.vocabulary[text.words[$0].id])
        && !["i", "you", "we", "as", "even"].contains($0 > from ? text.vocabulary[text.words[$0 - 1].id] : "")
    }
  }
}

/// Who is in a sentence, and what that leaves of each kind of cue.
private struct Scene {
  var organisation: Bool
  var thirdParty: Bool
  /// The sentence before was about the organisation.
  var follows: Bool
  var againstWriterHere: Bool
  var againstWriter: Bool
  var isDenied: Bool
  var isAsked: Bool
  var hasAssistance: Bool

  func share(of kind: Cue.Kind) -> Double {
    let shares: (reproach: Double, grievance: Double, explicit: Double, redress: Double)
    if againstWriterHere {
      shares = organisation ? (0.75, 0.35, 0.08, 0.4) : (0.35, 0.08, 0, 0.08)
    } else if thirdParty, organisation {
      shares = againstWriter ? (0.7, 0.4, 0.3, 0.4) : (0.85, 0.65, 0.8, 0.7)
    } else if thirdParty {
      shares = againstWriter ? (0.25, 0.08, 0.05, 0.1) : (0.45, 0.2, 0.5, 0.3)
    } else if organisation {
      shares = againstWriter ? (0.95, 0.8, 0.6, 0.7) : (1, 1, 1, 1)
    } else if follows {
      shares = againstWriter ? (0.8, 0.5, 0.4, 0.5) : (1, 0.9, 1, 0.9)
    } else {
      shares = againstWriter ? (0.6, 0.2, 0.2, 0.25) : (0.9, 0.6, 1, 0.7)
    }
    var share: Double
    switch kind {
    case .reproach: share = shares.reproach
    case .grievance: share = shares.grievance
    case .explicit: share = shares.explicit
    case .redress: share = shares.redress
    default: return 0
    }
    if isAsked, kind != .explicit { share *= 0.6 }
    if hasAssistance, kind == .grievance || kind == .redress { share *= 0.6 }
    return share
  }
}
