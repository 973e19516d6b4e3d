// Where the bands begin: chosen from labelled mail that the scoring model had not seen, by a rule with a guarantee.

/// The cut-offs of the bands, and what they were chosen from.
public struct CutOffs: Sendable, Hashable, Codable {
  /// What a department asks of the bands.
  public struct Aim: Sendable, Hashable, Codable {
    /// The largest share of complaints that may be passed over.
    public var missRate: Double
    /// How sure it must be that the share is no larger.
    public var confidence: Double
    /// The largest share of other mail that may be called `complaint` without a person's word.
    public var falseComplaintRate: Double

    public init(missRate: Double = 0.01, confidence: Double = 0.9, falseComplaintRate: Double = 0.02) {
      self.missRate = missRate
      self.confidence = confidence
      self.falseComplaintRate = falseComplaintRate
    }

    enum CodingKeys: String, CodingKey {
      case confidence
      case missRate = "miss_rate"
      case falseComplaintRate = "false_complaint_rate"
    }
  }

  /// A message of at least this probability is `possible`.
  public var possibleFrom: Double
  /// A message of at least this probability is `complaint`.
  public var complaintFrom: Double
  public var aim: Aim
  /// Whether there was enough labelled mail to promise the aim; otherwise nothing that was seen is passed over.
  public var meetsAim: Bool
  /// Complaints among the labelled mail that would have been passed over.
  public var missed: Share
  /// Other mail that a person would have had to read.
  public var read: Share

  enum CodingKeys: String, CodingKey {
    case aim, missed, read
    case possibleFrom = "possible_from"
    case complaintFrom = "complaint_from"
    case meetsAim = "meets_aim"
  }

  /// Chooses the cut-offs.
  ///
  /// The miss rate only grows with the cut-off, so the largest cut-off whose upper confidence bound (Clopper and
  /// Pearson's, one-sided) is within the aim keeps it with that confidence over mail like the labelled mail: risk
  /// control for a monotone loss (Bates, Angelopoulos, Lei, Malik and Jordan 2021, "Distribution-free,
  /// risk-controlling prediction sets", theorem 1; conformal risk control's rule with a bound in place of the mean).
  ///
  /// - Parameter probabilities: given by models that the messages did not train.
  public static func choose(_ probabilities: [Double], _ labels: [Bool], aim: Aim) -> CutOffs {
    let complaints = zip(probabilities, labels).filter(\.1).map(\.0).sorted()
    let others = zip(probabilities, labels).filter { !$0.1 }.map(\.0).sorted()
    var allowed: Int?
    for misses in 0...complaints.count
    where Binomial.upperBound(misses, of: complaints.count, tail: 1 - aim.confidence) <= aim.missRate {
      allowed = misses
    }
    // Below the first complaint that must not be missed; the step down keeps equal scores on its side.
    let possible = complaints.isEmpty ? 0 : complaints[min(allowed ?? 0, complaints.count - 1)]
    let wrong = Int((Double(others.count) * aim.falseComplaintRate).rounded(.down))
    let complaint = others.isEmpty ? 1 : (others[others.count - 1 - min(wrong, others.count - 1)]).nextUp
    // Where the two overlap, whatever is not passed over is called a complaint only above both.
    let possibleFrom = possible
    return CutOffs(
      possibleFrom: possibleFrom, complaintFrom: max(possibleFrom, max(0.5, complaint)), aim: aim,
      meetsAim: allowed != nil,
      missed: Share(complaints.count { $0 < possibleFrom }, of: complaints.count),
      read: Share(others.count { $0 >= possibleFrom }, of: others.count))
  }
}
