// What judging a message yields: a band, a category, flags, and the words that made them.

/// What happens to a message: a case, a person's decision, or neither.
public enum Band: String, Codable, Sendable, Hashable, CaseIterable {
  case complaint, possible
  case notAComplaint = "not-a-complaint"
}

/// Words that moved the verdict.
public struct Evidence: Codable, Sendable, Hashable {
  /// Where the words stand.
  public enum Source: String, Codable, Sendable, Hashable { case text, subject, attached }

  /// The words as they were written.
  public let text: String
  /// UTF-8 offsets into the source.
  public let start: Int
  public let end: Int
  /// Added to the score, in logits; negative speaks against a complaint.
  public let weight: Double
  /// The id of the rule that fired there; `words` where none did.
  public let rule: String
  public let source: Source
}

/// A leaf of the taxonomy and its probability.
public struct CategoryScore: Codable, Sendable, Hashable {
  public let category: String
  public let probability: Double
}

/// What the sender asks for.
public struct Redress: Codable, Sendable, Hashable {
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    case apology, explanation, refund, compensation, correction, review
  }

  public var kinds: [Kind]
  /// The sum asked for, in units of `currency`; nil where none is named beside a request for money.
  public var amount: Double?
  /// ISO 4217; nil where the currency cannot be told.
  public var currency: String?
}

/// One thing complained of: a sentence that reproaches.
public struct ComplaintPoint: Codable, Sendable, Hashable {
  public let text: String
  /// UTF-8 offsets into the message's text.
  public let start: Int
  public let end: Int
}

/// A judgement of one message, with its reasons.
public struct Verdict: Codable, Sendable, Hashable {
  public var band: Band
  /// That it is a complaint, 0 to 1, calibrated on labelled mail by other authors than the model's.
  public var probability: Double
  /// `group.leaf`, or `other`.
  public var category: String
  /// That the category is the primary one, if it is a complaint.
  public var categoryProbability: Double
  /// Other leaves that show, best first.
  public var secondary: [CategoryScore]
  /// 1 to 4; 4 is for safety and for what cannot wait.
  public var severity: Int
  public var flags: [Flag]
  /// The words in the message's text that made the verdict, strongest first, at most 24.
  public var evidence: [Evidence]
  /// The same for words in the subject and in an attached message.
  public var otherEvidence: [Evidence]
  public var memberNumber: String?
  /// ISO 3166-1 alpha-2, where the message states it.
  public var country: String?
  /// ISO 639-1 of the sender's words; `und` where too few are left to tell.
  public var language: String
  public var redress: Redress?
  public var points: [ComplaintPoint]
  /// Nil in verdicts of the first rules.
  public var facts: [StatedFact]?
  /// The ids of all rules that fired, sorted.
  public var rules: [String]
  /// `triage-N+` the model's digest `+rules-` the digest of the tables, so that a verdict names what made it.
  public var model: String
  /// A few words for a table.
  public var reason: String
  /// Set where the message was passed over and drawn to be checked by a person.
  public var checkSample: CheckSample?

  enum CodingKeys: String, CodingKey {
    case band, probability, category, secondary, severity, flags, evidence, country, language, redress,
      points, facts
    case rules, model, reason
    case categoryProbability = "category_probability"
    case otherEvidence = "other_evidence"
    case memberNumber = "member_number"
    case checkSample = "check_sample"
  }
}

extension Verdict {
  /// Something a person should know at once, whatever the band.
  public struct Flag: Codable, Sendable, Hashable {
    /// What it is about; the vulnerability drivers are FG21/1's.
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
      case vulnerabilityHealth = "vulnerability_health"
      case vulnerabilityLifeEvent = "vulnerability_life_event"
      case vulnerabilityResilience = "vulnerability_resilience"
      case vulnerabilityCapability = "vulnerability_capability"
      case safety
      case threatOmbudsman = "threat_ombudsman"
      case threatRegulator = "threat_regulator"
      case threatLegal = "threat_legal"
      case threatMedia = "threat_media"
      case threatPolitical = "threat_political"
      case executiveAddressee = "executive_addressee"
      case redressSought = "redress_sought"
      case chaser, representative
      case dataBreach = "data_breach"
      case discrimination
      case staffNamed = "staff_named"
    }

    public let kind: Kind
    /// The words that show it.
    public let text: String
    /// UTF-8 offsets into the source; absent in verdicts of the first rules.
    public var start: Int?
    public var end: Int?
    public var source: Evidence.Source?
    /// That the sentence shows it, 0 to 1; 1 where a rule alone raised it.
    public var probability: Double?
    /// For `redressSought`: the sum, in units of `currency`, where one is named.
    public var amount: Double?
    /// ISO 4217, where the sum has one.
    public var currency: String?
    /// For `representative`: whether the message speaks of an authority to act.
    public var authorityShown: Bool?

    public init(
      kind: Kind, text: String, start: Int? = nil, end: Int? = nil, source: Evidence.Source? = nil,
      probability: Double? = nil, amount: Double? = nil, currency: String? = nil, authorityShown: Bool? = nil
    ) {
      self.kind = kind
      self.text = text
      self.start = start
      self.end = end
      self.source = source
      self.probability = probability
      self.amount = amount
      self.currency = currency
      self.authorityShown = authorityShown
    }

    enum CodingKeys: String, CodingKey {
      case kind, text, start, end, source, probability, amount, currency
      case authorityShown = "authority_shown"
    }
  }
}

/// Short inside this module; outside, `ArgumentParser` has a `Flag` too.
typealias Flag = Verdict.Flag
