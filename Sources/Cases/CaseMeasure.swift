// A case as figures see it: dates, places and outcomes, nothing of what anybody wrote.

import Deadlines
import Triage

/// What is counted of a case. Figures are made of these alone.
public struct CaseMeasure: Sendable, Equatable {
  /// How the case bears on the regulator's two counts of vulnerable complainants (DOMAIN section 5).
  public enum Vulnerability: Int, Sendable {
    case none
    /// Signs of vulnerability were seen.
    case signs
    /// The complaint is that no allowance was made for it.
    case failure
  }

  public var mailbox: String
  public var country: String?
  public var category: String
  /// The category that the verdict named; nil where nothing was judged.
  public var predicted: String?
  /// The regime that sets the acknowledgement's date.
  public var regime: String?
  public var state: CaseState
  public var isMerged: Bool
  public var receivedAt: Instant
  public var recordedAt: Instant
  public var acknowledgeBy: Instant?
  public var acknowledgedAt: Instant?
  public var finalBy: Instant?
  /// When it was closed; nil unless it is closed now, as a complaint of its own.
  public var closedAt: Instant?
  /// When a person first decided something; nil where none has.
  public var decidedAt: Instant?
  /// Whether a person has said that it is a complaint.
  public var isConfirmed: Bool
  public var closure: Closure?
  public var vulnerability: Vulnerability
  /// That it was drawn from what was passed over.
  public var sample: CheckSample?

  /// Whether it counts as a complaint: not dismissed, and no part of another case.
  public var isComplaint: Bool { state != .dismissed && !isMerged }
  /// Whether no person has said yet what it is.
  public var isUnreviewed: Bool { state == .possible || state == .quarantined }

  public init(_ current: Case) {
    let recorded = current.recorded
    let verdict = recorded.verdict
    let standing = current.standing
    let isMerged = current.mergedInto != nil
    mailbox = recorded.message.source.mailbox
    country = recorded.country
    category = current.category
    predicted = verdict?.category
    regime = current.deadlines[.acknowledge]?.regime
    state = current.state
    self.isMerged = isMerged
    receivedAt = current.receivedAt
    recordedAt = current.events.first?.at ?? current.receivedAt
    // What was erased before anybody had ended it owes nobody anything more.
    acknowledgeBy = current.wasErasedOpen ? nil : current.deadlines[.acknowledge]?.end
    acknowledgedAt = current.acknowledgedAt
    finalBy = current.wasErasedOpen ? nil : current.deadlines[.final]?.end
    // What was erased before anybody had ended it was never closed.
    closedAt =
      current.state == .closed && !isMerged && !current.wasErasedOpen ? current.closedAt : nil
    decidedAt =
      standing.first { event in
        switch event.kind {
        case .confirmed, .dismissed, .recategorised, .acknowledged, .closed, .merged, .split, .corrected:
          event.by != CaseEvent.program
        default: false
        }
      }?.at
    isConfirmed =
      switch current.state {
      case .possible, .quarantined, .dismissed: false
      case .open: standing.contains { $0.kind == .confirmed }
      case .closed where current.wasErasedOpen: false
      case .acknowledged, .closed: true
      }
    closure = closedAt == nil ? nil : current.closure
    let signs = verdict?.flags.contains { $0.kind.rawValue.hasPrefix("vulnerability_") } ?? false
    vulnerability = category == "access.vulnerability_adjustment" ? .failure : signs ? .signs : .none
    sample = verdict?.checkSample
  }
}

/// Which measures are wanted; what is nil does not narrow them.
public struct MeasureFilter: Sendable, Hashable {
  /// What figures are grouped and narrowed by.
  public enum Dimension: String, Sendable, CaseIterable {
    case mailbox, category, group, country, regime
    case rootCause = "root-cause"
    case product

    var column: String {
      switch self {
      case .group: "category_group"
      case .rootCause: "root_cause"
      default: rawValue
      }
    }
  }

  /// Only these mailboxes, for people who may see no others.
  public var mailboxes: [String]?
  /// The empty text stands for cases that have none.
  public var only: [Dimension: String]
  /// Received at or after this.
  public var since: Instant?
  public var before: Instant?

  public init(
    mailboxes: [String]? = nil, only: [Dimension: String] = [:], since: Instant? = nil,
    before: Instant? = nil
  ) {
    self.mailboxes = mailboxes
    self.only = only
    self.since = since
    self.before = before
  }
}

extension CaseMeasure {
  /// Its value of a dimension; nil where it has none.
  public func value(_ dimension: MeasureFilter.Dimension) -> String? {
    switch dimension {
    case .mailbox: mailbox
    case .category: category
    case .group: String(category.prefix { $0 != "." })
    case .country: country
    case .regime: regime
    case .rootCause: closure?.rootCause
    case .product: closure?.product
    }
  }
}
