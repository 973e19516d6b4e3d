// The categories of complaints: data, checked when it is made.

/// What is wrong with a taxonomy.
public struct TaxonomyError: Error, Sendable, Hashable, CustomStringConvertible {
  public let problems: [String]
  public var description: String { problems.joined(separator: "; ") }
}

/// The leaves that a complaint can be filed under.
public struct Taxonomy: Sendable {
  /// Words that point to a leaf, and how strongly.
  public struct Phrase: Sendable, Hashable {
    /// In the pattern language of `PatternCompiler`: words, `a|b`, `stem*`, `[optional]`, `~3` for up to
    /// three words.
    public let pattern: String
    /// Above 0, at most 10.
    public let weight: Double

    public init(pattern: String, weight: Double = 1) {
      self.pattern = pattern
      self.weight = weight
    }
  }

  /// One category.
  public struct Leaf: Sendable, Hashable {
    /// `group.leaf`, or `other`.
    public let id: String
    public let title: String
    public let definition: String
    /// The cause that the FCA's return counts it under: data, because the return's own list changes.
    public let fca: String
    public let phrases: [Phrase]

    public init(id: String, title: String, definition: String, fca: String, phrases: [Phrase]) {
      self.id = id
      self.title = title
      self.definition = definition
      self.fca = fca
      self.phrases = phrases
    }
  }

  public let leaves: [Leaf]

  /// The ids that rules and regimes know by name; a taxonomy has all of them, in any order.
  public static let ids: [String] = [
    "membership.subscription_pricing", "membership.payment_billing", "membership.cancellation_refund",
    "membership.joining_renewal_admin", "membership.information_given", "assistance.decision_declined",
    "assistance.scope_terms", "casework.advice_quality", "casework.advice_access",
    "casework.regulatory_case_handling", "casework.claims_handling", "casework.legal_representation",
    "service.delay_no_response", "service.staff_conduct", "service.communication_error",
    "service.complaint_handling", "data_digital.data_protection", "data_digital.website_app",
    "education.courses_events", "access.vulnerability_adjustment", other,
  ]

  /// The leaf for what fits none.
  public static let other = "other"

  /// Checks ids, titles and phrases.
  ///
  /// - Throws: `TaxonomyError` with every problem.
  public init(leaves: [Leaf]) throws(TaxonomyError) {
    var problems: [String] = []
    var seen: Set<String> = []
    for leaf in leaves {
      if !seen.insert(leaf.id).inserted { problems.append("\(leaf.id): is there twice") }
      if !Self.ids.contains(leaf.id) { problems.append("\(leaf.id): is not a known leaf") }
      problems += Self.problems(of: leaf)
    }
    for id in Self.ids where !seen.contains(id) { problems.append("\(id): is missing") }
    guard problems.isEmpty else { throw TaxonomyError(problems: problems) }
    self.leaves = leaves
  }

  /// What is wrong with a phrase's pattern, in words that follow it; nil when nothing is.
  public static func problem(in phrase: Phrase) -> String? { PatternCompiler.problem(in: phrase.pattern) }

  /// What is wrong with one leaf by itself.
  public static func problems(of leaf: Leaf) -> [String] {
    var problems: [String] = []
    if leaf.title.isEmpty { problems.append("\(leaf.id): title is empty") }
    if leaf.definition.isEmpty { problems.append("\(leaf.id): definition is empty") }
    if leaf.phrases.count > TriageLimits.phrasesOfALeaf {
      problems.append("\(leaf.id): has more than \(TriageLimits.phrasesOfALeaf) phrases")
    }
    if leaf.phrases.isEmpty, leaf.id != other { problems.append("\(leaf.id): has no phrases") }
    for phrase in leaf.phrases {
      if !(phrase.weight > 0 && phrase.weight <= 10) {
        problems.append("\(leaf.id): the weight of \"\(phrase.pattern)\" is not above 0 and at most 10")
      }
      if let problem = problem(in: phrase) {
        problems.append("\(leaf.id): \"\(phrase.pattern)\" \(problem)")
      }
    }
    return problems
  }
}
