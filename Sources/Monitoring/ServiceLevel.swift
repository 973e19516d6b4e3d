// Whether what was due was done in time: the one definition that page, command line and reports use.

import Cases
import Deadlines

/// What became of a duty.
public enum Service: String, Sendable {
  /// Done before its time was over.
  case met
  case late
  /// Still to be done, in time or past due.
  case due, overdue
  /// The case ended in time without it: nothing was owed any more (DISP 1.5.2R).
  case notNeeded = "not-needed"
}

extension CaseMeasure {
  /// The acknowledgement; nil where no regime sets a date, or where it is no complaint of its own.
  ///
  /// A case that was closed without one after its date counts as late: ending it does not mend the breach.
  public func acknowledgement(at now: Instant) -> Service? {
    guard isComplaint, let due = acknowledgeBy else { return nil }
    if let done = acknowledgedAt { return done < due ? .met : .late }
    if let closed = closedAt { return closed < due ? .notNeeded : .late }
    return now < due ? .due : .overdue
  }

  /// The final response, which closing the case is the end of.
  public func final(at now: Instant) -> Service? {
    guard isComplaint, let due = finalBy else { return nil }
    if let closed = closedAt { return closed < due ? .met : .late }
    return now < due ? .due : .overdue
  }
}

/// Duties whose date lies in a period.
public struct ServiceCount: Sendable, Equatable, Encodable {
  public var met = 0
  public var late = 0
  public var overdue = 0
  public var due = 0

  public init() {}

  mutating func add(_ service: Service) {
    switch service {
    case .met: met += 1
    case .late: late += 1
    case .overdue: overdue += 1
    case .due: due += 1
    case .notNeeded: break
    }
  }

  mutating func add(_ other: ServiceCount) {
    met += other.met
    late += other.late
    overdue += other.overdue
    due += other.due
  }

  /// Done in time, of all that was done or should have been: the denominator goes by due date, so that open cases
  /// do not flatter it. Nil where nothing was.
  public var share: Double? {
    let all = met + late + overdue
    return all == 0 ? nil : Double(met) / Double(all)
  }
}
