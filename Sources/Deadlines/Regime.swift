// A rule book: which duties a complaint brings, by when, and on whose authority. Data, read from config/regimes.

/// From which day the count starts.
public enum DayZero: Hashable, Sendable {
  /// The day of receipt, whatever the hour, even on a weekend (the literal reading of DISP 1.5 and 1.6).
  case calendarDay
  /// The day of receipt if it is a business day and the clock is before the cut-off (seconds of the local day),
  /// otherwise the next business day.
  case cutoffNextBusinessDay(cutoff: Int)
}

/// How long an obligation runs.
public enum Period: Hashable, Sendable {
  case businessDays(Int)
  case days(Int)
  case weeks(Int)
  case months(Int)
  /// By the clock, from the moment of receipt.
  case hours(Int)

  var text: String {
    switch self {
    case .businessDays(let count): "\(count) business day\(count == 1 ? "" : "s")"
    case .days(let count): "\(count) day\(count == 1 ? "" : "s")"
    case .weeks(let count): "\(count) week\(count == 1 ? "" : "s")"
    case .months(let count): "\(count) month\(count == 1 ? "" : "s")"
    case .hours(let count): "\(count) hour\(count == 1 ? "" : "s")"
    }
  }
}

/// What happens to a calendar period that ends on a day that does not count.
public enum Roll: String, Hashable, Sendable {
  case none
  case nextBusinessDay = "next_business_day"
}

/// One duty of a regime.
public struct Obligation: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case acknowledge
    /// Resolved by then, a lighter procedure suffices (DISP 1.5).
    case quickResolution = "quick_resolution"
    case update
    /// The organisation's own look at a case that runs long.
    case internalCheck = "internal_check"
    case final
    /// From then on the complainant may go to an ombudsman.
    case referral

    /// For people.
    public var title: String {
      switch self {
      case .acknowledge: "Acknowledge"
      case .quickResolution: "Quick resolution"
      case .update: "Update"
      case .internalCheck: "Internal check"
      case .final: "Final response"
      case .referral: "Referral"
      }
    }
  }

  public let kind: Kind
  public let period: Period
  public let roll: Roll
  /// Due again after each further period, such as an update each 20 business days; the first date is computed.
  public let repeats: Bool
  /// The rule it comes from: `DISP 1.6.2R`.
  public let rule: String

  public init(kind: Kind, period: Period, roll: Roll = .none, repeats: Bool = false, rule: String) {
    self.kind = kind
    self.period = period
    self.roll = roll
    self.repeats = repeats
    self.rule = rule
  }
}

/// A rule book for complaints.
public struct Regime: Sendable {
  /// `uk-disp`.
  public let id: String
  public let title: String
  /// Whose rule it is.
  public let authority: String
  /// The working calendar's id.
  public let calendar: String
  /// The IANA time zone in which dates are taken.
  public let zone: String
  public let dayZero: DayZero
  public let obligations: [Obligation]
  public let source: String
  /// How sure the source is: `issuer` (read in the issuer's own text), `secondary`, `policy`.
  public let status: String
  public let effectiveFrom: CivilDate
  /// When a person should look at it again.
  public let checkBy: CivilDate
  public let notes: String

  /// - Throws: `CalendarError` where a period is not positive or a cut-off is no time of day.
  public init(
    id: String, title: String, authority: String, calendar: String, zone: String, dayZero: DayZero,
    obligations: [Obligation], source: String, status: String, effectiveFrom: CivilDate, checkBy: CivilDate,
    notes: String = ""
  ) throws(CalendarError) {
    for obligation in obligations {
      let count =
        switch obligation.period {
        case .businessDays(let count), .days(let count), .weeks(let count), .months(let count),
          .hours(let count):
          count
        }
      guard (1...3660).contains(count) else {
        throw CalendarError(
          description: "regime \(id): \(obligation.kind.rawValue): a period is 1 to 3660, not \(count)")
      }
    }
    if case .cutoffNextBusinessDay(let cutoff) = dayZero, !(0..<86400).contains(cutoff) {
      throw CalendarError(description: "regime \(id): the cut-off is no time of day")
    }
    self.id = id
    self.title = title
    self.authority = authority
    self.calendar = calendar
    self.zone = zone
    self.dayZero = dayZero
    self.obligations = obligations
    self.source = source
    self.status = status
    self.effectiveFrom = effectiveFrom
    self.checkBy = checkBy
    self.notes = notes
  }
}
