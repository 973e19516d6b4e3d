// How many complaints were passed over, from the cases that were drawn at random.

import Cases
import Triage

/// Sums up what the drawn cases turned out to be.
struct MissCounter {
  private var drawn: [(sample: CheckSample, isComplaint: Bool?)] = []
  private var confirmed = 0

  mutating func add(_ measure: CaseMeasure) {
    let isComplaint: Bool? = measure.state == .dismissed ? false : measure.isConfirmed ? true : nil
    if let sample = measure.sample {
      drawn.append((sample, isComplaint))
    } else if isComplaint == true {
      confirmed += 1
    }
  }

  /// Nil where nothing was drawn.
  ///
  /// - Parameter passedOver: messages that were passed over and not drawn.
  func estimate(passedOver: Int) -> MissEstimate? {
    drawn.isEmpty
      ? nil : MissEstimate(drawn: drawn, passedOver: passedOver + drawn.count, confirmed: confirmed)
  }
}

extension MissEstimate {
  /// From everything there is; nil where nothing was drawn.
  public static func current(index: CaseIndex, mail: [String: LedgerState]) throws -> MissEstimate? {
    var counter = MissCounter()
    try index.measures { counter.add($0) }
    return counter.estimate(
      passedOver: mail.values.reduce(0) { $0 + ($1.outcomes[.notAComplaint] ?? 0) })
  }
}
