// New themes: words that recent cases share and earlier ones did not.

import Cases
import Deadlines
import Trends

/// Themes found in the words of the last weeks against the year before.
///
/// They are what members wrote, so they are for those who may read cases.
public struct ThemeWatch: Sendable {
  /// Days of cases that are recent, and of those that are past.
  public static let recentDays = 21
  public static let pastDays = 365
  /// Cases read at most, the latest.
  private static let mostCases = 20_000

  public struct Found: Sendable {
    /// The words that stand for it, the least likely first.
    public let words: [String]
    public let cases: [CaseID]
    /// Recent cases with its first word, and how many of as many earlier ones had it.
    public let seen: Int
    public let expected: Double
  }

  public let themes: [Found]
  /// Recent and past cases read.
  public let recent: Int
  public let past: Int

  /// - Parameter categories: in a fixed order; cases are compared with past cases of the same one.
  public init(index: CaseIndex, mailboxes: [String]?, categories: [String], now: Instant) throws {
    let groups = Dictionary(
      categories.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let split = Instant(unixSeconds: now.unixSeconds - Int64(Self.recentDays) * 86400)
    let since = Instant(unixSeconds: split.unixSeconds - Int64(Self.pastDays) * 86400)
    var search = ThemeSearch()
    var (recent, past) = (0, 0)
    // The latest first, so that all recent ones come before the first past one.
    try index.texts(since: since, mailboxes: mailboxes, limit: Self.mostCases) { one in
      let terms = Terms.of(one.text)
      let group = groups[one.category] ?? 0
      if one.receivedAt >= split {
        search.add(recent: one.id.text, terms: terms, group: group)
        recent += 1
      } else {
        search.add(past: terms, group: group)
        past += 1
      }
    }
    self.recent = recent
    self.past = past
    themes = search.themes().map { theme in
      Found(
        words: theme.terms.prefix(6).map(\.text), cases: theme.cases.compactMap { CaseID($0) },
        seen: theme.terms[0].recent, expected: theme.terms[0].expected)
    }
  }
}
