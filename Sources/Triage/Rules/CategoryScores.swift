// Which leaf: the taxonomy's phrases and the cues that point to a leaf, weighed by how much their sentence
// reproaches.

struct CategoryScores: Sendable {
  private(set) var ranked: [CategoryScore] = []

  /// Below this a leaf is not shown to be meant.
  private static let floor = 0.9
  /// What a symptom leaf must yield to its cause.
  private static let causes: Set<String> = [
    "membership.payment_billing", "membership.cancellation_refund", "membership.joining_renewal_admin",
    "casework.advice_access", "casework.regulatory_case_handling", "casework.claims_handling",
    "casework.legal_representation", "service.complaint_handling", "data_digital.data_protection",
    "data_digital.website_app", "education.courses_events", "access.vulnerability_adjustment",
    "assistance.decision_declined",
  ]

  init(_ texts: [(scores: TextScores, factor: Double)], _ book: CueBook) {
    var totals: [String: Double] = [:]
    var disclosed = false
    for (scores, factor) in texts {
      var seen: [String: Int] = [:]
      for sentence in scores.sentences {
        let heat = (0.35 + min(1, sentence.score / 2.5)) * factor
        for (leaf, value) in Self.leaves(in: sentence, book) {
          let times = seen[leaf, default: 0]
          seen[leaf] = times + 1
          totals[leaf, default: 0] += value * heat * (times == 0 ? 1 : times == 1 ? 0.6 : 0.3)
        }
        if sentence.contributions.contains(where: {
          CueBook.cues[$0.cue].id == "errors.disclosed" && $0.weight > 1
        }) {
          disclosed = true
        }
      }
    }
    Self.breakTies(&totals, disclosed: disclosed)
    let all = totals.values.reduce(0, +) + Self.floor / 2
    ranked = totals.filter { $0.value > 0.2 }
      .map { CategoryScore(category: $0.key, probability: rounded($0.value / all)) }
      .sorted { ($1.probability, $0.category) < ($0.probability, $1.category) }
    let best = totals.values.max() ?? 0
    if best < Self.floor {
      ranked.insert(
        CategoryScore(
          category: Taxonomy.other, probability: rounded((Self.floor - best) / (Self.floor + all))), at: 0)
    }
  }

  private static func leaves(in sentence: SentenceScore, _ book: CueBook) -> [(String, Double)] {
    var best: [String: (Double, Double)] = [:]
    func add(_ leaf: String, _ value: Double) {
      let known = best[leaf] ?? (0, 0)
      best[leaf] = value > known.0 ? (value, known.1 + known.0) : (known.0, known.1 + value)
    }
    var phrases: Set<Int> = []
    for match in sentence.phrases where phrases.insert(match.output).inserted {
      let phrase = book.phrases[match.output - CueBook.cues.count]
      add(book.leaves[phrase.leaf], phrase.weight)
    }
    for contribution in sentence.contributions {
      let cue = CueBook.cues[contribution.cue]
      if let leaf = cue.leaf {
        add(leaf, cue.leafWeight * min(1, contribution.weight / max(0.1, cue.weight)))
      }
    }
    return best.map { ($0.key, $0.value.0 + 0.4 * $0.value.1) }.sorted { $0.0 < $1.0 }
  }

  /// Cause before symptom; a decision beats its tone; exposed data is always data protection.
  private static func breakTies(_ totals: inout [String: Double], disclosed: Bool) {
    let delay = "service.delay_no_response"
    if let waited = totals[delay] {
      let cause = totals.filter { causes.contains($0.key) }.values.max() ?? 0
      if cause > 0.8, cause >= waited * 0.25, cause < waited { totals[delay] = cause * 0.95 }
    }
    let decision = totals["assistance.decision_declined"] ?? 0
    if let tone = totals["service.staff_conduct"], decision > 0.9, decision >= tone * 0.5, decision < tone {
      totals["service.staff_conduct"] = decision * 0.95
    }
    if disclosed, let most = totals.values.max() {
      totals["data_digital.data_protection"] = max(totals["data_digital.data_protection"] ?? 0, most * 1.2)
    }
  }
}

/// Three digits after the point: a figure for people.
func rounded(_ value: Double) -> Double {
  value.isFinite ? (min(max(value, -1000), 1000) * 1000).rounded() / 1000 : 0
}
