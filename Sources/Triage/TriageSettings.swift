// What judging must know about the organisation that the mail is for.

/// The organisation's names, as people write them.
public struct TriageSettings: Sendable {
  /// Full names and short ones: "Meridian Medical Protection", "MMP".
  public var organisationNames: [String]
  /// Its mail domains.
  public var organisationDomains: [String]
  /// Digits of a member number, fewest and most.
  public var memberNumberDigits: ClosedRange<Int>

  /// Forms of a member number by which it is known without a word before it: `#` is a figure, `@` a letter, anything
  /// else itself, as in `MED-######`.
  public var memberNumberPatterns: [String]

  public init(
    organisationNames: [String], organisationDomains: [String], memberNumberDigits: ClosedRange<Int> = 5...10,
    memberNumberPatterns: [String] = []
  ) {
    self.memberNumberPatterns = memberNumberPatterns
    self.organisationNames = organisationNames
    self.organisationDomains = organisationDomains
    self.memberNumberDigits = memberNumberDigits
  }
}
