// A random share of what is passed over goes to a person all the same, so that the share of complaints among it is
// known, not hoped.

/// That a message was drawn, and how likely that was.
public struct CheckSample: Codable, Sendable, Hashable {
  /// `near` the cut-off, where a miss is likeliest, or `far` below it.
  public enum Stratum: String, Codable, Sendable, Hashable, CaseIterable { case near, far }

  public let stratum: Stratum
  /// The chance of being drawn, 0 to 1.
  public let rate: Double

  public init(stratum: Stratum, rate: Double) {
    self.stratum = stratum
    self.rate = rate
  }

  /// Near messages are drawn this many times as often.
  static let nearFactor = 5.0

  /// Draws a message that was passed over, or not.
  ///
  /// The draw is a number made of the message's digest: the same message is drawn again when its recording is redone
  /// after a crash, and nobody can tell from outside which digest is drawn, short of trying it on the same settings.
  ///
  /// - Parameters:
  ///   - digest: uniformly random bytes that belong to the message, such as its SHA-256.
  ///   - share: the chance of a message far from the cut-off.
  public static func draw(
    probability: Double, possibleFrom: Double, digest: some Sequence<UInt8>, share: Double
  ) -> CheckSample? {
    let stratum: Stratum = probability * 4 >= possibleFrom ? .near : .far
    let rate = min(1, stratum == .near ? share * nearFactor : share)
    guard rate > 0 else { return nil }
    var hash = FNV()
    hash.add("intake.check-sample/1")
    hash.add(bytes: digest)
    let mixed = (hash.state ^ (hash.state >> 31)) &* 0x9E37_79B9_7F4A_7C15
    let number = Double((mixed ^ (mixed >> 29)) >> 11) / Double(UInt64(1) << 53)
    return number < rate ? CheckSample(stratum: stratum, rate: rate) : nil
  }
}

/// What the drawn messages say of all that was passed over.
public struct MissEstimate: Sendable, Hashable, Codable {
  /// Drawn messages that a person has decided on.
  public var checked: Int
  /// Of these, complaints.
  public var found: Int
  /// Drawn messages that nobody has decided on yet.
  public var waiting: Int
  /// Complaints among all that was passed over.
  public var misses: Double
  public var low: Double
  public var high: Double
  /// Complaints that reached a person by themselves and were confirmed.
  public var confirmed: Int

  /// Of all complaints, the share that was passed over.
  public var rate: Double { share(misses) }
  public var lowRate: Double { share(low) }
  public var highRate: Double { share(high) }

  private func share(_ misses: Double) -> Double {
    misses + Double(confirmed) == 0 ? 0 : misses / (misses + Double(confirmed))
  }

  /// - Parameters:
  ///   - drawn: the drawn messages, with whether each turned out a complaint; nil where nobody has decided.
  ///   - passedOver: how many messages were passed over, the drawn ones included; the strata's sizes are not kept and
  ///     are estimated from the draws.
  ///
  /// Each stratum's interval is Clopper and Pearson's at 97.5 %, so that both hold together at 95 % (Bonferroni): wide
  /// rather than wrong while little has been checked.
  public init(drawn: [(sample: CheckSample, isComplaint: Bool?)], passedOver: Int, confirmed: Int) {
    self.confirmed = confirmed
    checked = drawn.count { $0.isComplaint != nil }
    found = drawn.count { $0.isComplaint == true }
    waiting = drawn.count - checked
    (misses, low, high) = (0, 0, 0)
    var sizes: [CheckSample.Stratum: Double] = [:]
    for one in drawn { sizes[one.sample.stratum, default: 0] += 1 / one.sample.rate }
    let total = sizes.values.reduce(0, +)
    for stratum in CheckSample.Stratum.allCases {
      let decided = drawn.filter { $0.sample.stratum == stratum && $0.isComplaint != nil }
      let size =
        total == 0
        ? (stratum == .far ? Double(passedOver) : 0) : Double(passedOver) * (sizes[stratum] ?? 0) / total
      let share = Share(decided.count { $0.isComplaint == true }, of: decided.count, confidence: 0.975)
      misses += share.value * size
      low += share.low * size
      high += share.high * size
    }
  }
}
