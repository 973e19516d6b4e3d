// A cue: patterns with a meaning and a weight. The tables of cues are the rules of `rules-1`.

/// Patterns that mean the same.
struct Cue: Sendable {
  /// What a cue does in a sentence and to the message.
  enum Kind: String, Sendable {
    /// Reproaches by itself: what is missed or blamed can hardly be anyone's but the addressee's.
    case reproach
    /// A grievance that needs an object: the organisation's (counts), somebody else's (hardly counts).
    case grievance
    /// Says that it is a complaint.
    case explicit
    /// Asks that something be put right.
    case redress
    /// Names the organisation or somebody who acts for it.
    case organisation
    /// Names somebody else: patient, regulator, employer.
    case thirdParty
    /// A "you" of courtesy, which reproaches nobody.
    case courtesy
    /// Tells of a complaint or claim against the writer.
    case againstWriter
    /// Asks for assistance with the writer's own trouble.
    case assistance
    case enquiry
    case administration
    case praise
    /// A circular, an advertisement, a list.
    case circular
    /// Takes back: "no complaints".
    case denial
    /// A patient's complaint about clinical care.
    case aboutClinician
    /// Words of this field, which show that the mail is about the membership.
    case field
    /// The writer got in touch; several of them in one message are a sign by themselves.
    case contact
    case flag
  }

  let id: String
  let kind: Kind
  /// Logits, for the kinds that are added up.
  let weight: Double
  let patterns: [String]
  /// The leaf that the cue points to, if any, and how strongly.
  var leaf: String?
  var leafWeight = 0.0
  var flag: Flag.Kind?

  init(_ id: String, _ kind: Kind, _ weight: Double, _ patterns: [String]) {
    self.id = id
    self.kind = kind
    self.weight = weight
    self.patterns = patterns
  }

  func leaf(_ leaf: String, _ weight: Double) -> Cue {
    var copy = self
    copy.leaf = leaf
    copy.leafWeight = weight
    return copy
  }

  /// A cue that only raises a flag.
  static func flag(_ flag: Flag.Kind, _ id: String, _ patterns: [String]) -> Cue {
    var cue = Cue(id, .flag, 0, patterns)
    cue.flag = flag
    return cue
  }
}
