// Which regimes set a case's deadlines: chosen when a message is recorded, and again when its receipt is corrected.

import Deadlines

/// Which regimes set a case's deadlines.
public struct RegimeRules: Sendable {
  public var regimes: [String: Regime]
  public var calendars: [String: WorkingCalendar]
  public var zones: [String: ZoneRules]
  /// Regimes of every case, unless its mailbox names its own.
  public var standard: [String]
  /// Added for the complainant's country (ISO 3166 alpha-2).
  public var byCountry: [String: [String]]
  /// Added for the case's category, a leaf or a group.
  public var byCategory: [String: [String]]
  /// In place of the standard ones, by mailbox.
  public var byMailbox: [String: [String]]

  public init(
    regimes: [String: Regime], calendars: [String: WorkingCalendar], zones: [String: ZoneRules],
    standard: [String], byCountry: [String: [String]] = [:], byCategory: [String: [String]] = [:],
    byMailbox: [String: [String]] = [:]
  ) {
    self.regimes = regimes
    self.calendars = calendars
    self.zones = zones
    self.standard = standard
    self.byCountry = byCountry
    self.byCategory = byCategory
    self.byMailbox = byMailbox
  }

  /// The regimes for a case, each once, in the order they were found.
  ///
  /// A regime that was not yet in force on the day of receipt is left out.
  public func regimes(
    mailbox: [String]?, country: String?, category: String?, received: Instant
  ) -> [Regime] {
    var names = mailbox ?? standard
    if let country { names += byCountry[country] ?? [] }
    if let category {
      names += byCategory[category] ?? []
      if let dot = category.firstIndex(of: ".") { names += byCategory[String(category[..<dot])] ?? [] }
    }
    var seen: Set<String> = []
    return names.compactMap { name in
      guard seen.insert(name).inserted, let regime = regimes[name] else { return nil }
      guard let zone = zones[regime.zone], zone.local(received).date >= regime.effectiveFrom else {
        return nil
      }
      return regime
    }
  }

  /// What would be due had a case been received at another time, or were it of another category.
  ///
  /// - Throws: where a regime's calendar or zone is missing.
  public func dates(of current: Case, received: Instant, category: String) throws(DeadlineError) -> Deadlines
  {
    let applying = regimes(
      mailbox: byMailbox[current.recorded.message.source.mailbox], country: current.recorded.country,
      category: category, received: received)
    return try deadlines(received: received, regimes: applying, calendars: calendars, zones: zones)
  }
}
