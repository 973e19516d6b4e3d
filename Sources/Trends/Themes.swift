// What people have begun to write about: words and word pairs whose share has risen, gathered into themes.

#if canImport(Glibc)
  import Glibc
#endif

/// One case as its words.
public struct TermCase: Sendable {
  public var id: String
  /// Lower-cased words and word pairs, each once: see `Terms`.
  public var terms: [String]
  /// Cases of one group are compared with past cases of the same group, so that a category's own growth makes no theme;
  /// 0 to 63.
  public var group: Int
  public var isRecent: Bool

  public init(id: String, terms: [String], group: Int = 0, isRecent: Bool) {
    self.id = id
    self.terms = terms
    self.group = group
    self.isRecent = isRecent
  }
}

/// Words that rose together.
public struct Theme: Sendable, Hashable {
  public struct Term: Sendable, Hashable {
    public let text: String
    public let recent: Int
    /// What the past lets expect among as many recent cases.
    public let expected: Double
    public let pValue: Double
  }

  /// The least likely first.
  public let terms: [Term]
  /// The recent cases with any of those that stand by themselves, in the order given.
  public let cases: [String]

  public var pValue: Double { terms[0].pValue }
}

public struct ThemeSettings: Sendable, Hashable {
  /// Of the terms reported, the share that may be chance (Benjamini and Hochberg).
  public var falseShare = 0.01
  /// Fewer recent cases than this make no theme.
  public var minimumCases = 5
  /// A share that rose by less is no news.
  public var minimumRatio = 2.5
  /// Distinct terms kept of the recent cases.
  public var maximumTerms = 100_000
  /// Of two terms' recent cases, the share of the rarer one's that must be the other's too for one theme.
  public var overlap = 0.6
  /// Past cases below which nothing is new, because nothing is known.
  public var minimumPast = 50

  public init() {}
}

/// Finds themes in two passes over cases that are handed in one by one: first the recent ones, then the past.
///
/// Memory is bounded: distinct terms are kept of the recent cases only, at most `maximumTerms`, and of the past only
/// counts of terms that are frequent among the recent. When there are too many, terms seen once since the last time
/// there were too many are dropped (lossy counting, Manku and Motwani 2002): a term that matters comes again.
public struct ThemeSearch: Sendable {
  public let settings: ThemeSettings
  private static let groups = 64

  private struct Recent {
    /// Positions in `ids`, ascending.
    var cases: [Int32] = []
    /// The number of droppings before it came.
    var epoch = 0
  }
  private var recent: [String: Recent] = [:]
  private var epoch = 0
  private var ids: [String] = []
  private var groupOfCase: [UInt8] = []

  /// Distinct terms kept at the moment.
  var termCount: Int { recent.count }

  private var past: [String: [Int32]] = [:]
  private var pastCases = [Double](repeating: 0, count: groups)
  private var isCounting = false

  public init(_ settings: ThemeSettings = ThemeSettings()) { self.settings = settings }

  /// Takes a recent case; all of them come before the first past one.
  public mutating func add(recent id: String, terms: [String], group: Int = 0) {
    if isCounting || ids.count >= Int(Int32.max) { return }
    let position = Int32(ids.count)
    ids.append(id)
    groupOfCase.append(UInt8(min(max(group, 0), Self.groups - 1)))
    for term in terms {
      if recent[term, default: Recent(epoch: epoch)].cases.last == position { continue }
      recent[term, default: Recent(epoch: epoch)].cases.append(position)
    }
    if recent.count > settings.maximumTerms {
      epoch += 1
      recent = recent.filter { $0.value.cases.count + $0.value.epoch > epoch }
      // Nothing seen twice yet: then the bound is kept the hard way.
      if recent.count > settings.maximumTerms {
        recent = recent.filter { $0.value.cases.count > 1 }
      }
    }
  }

  /// Takes a past case.
  public mutating func add(past terms: [String], group: Int = 0) {
    startCounting()
    let group = min(max(group, 0), Self.groups - 1)
    pastCases[group] += 1
    var counted: Set<String> = []
    for term in terms where past[term] != nil && counted.insert(term).inserted {
      past[term]?[group] += 1
    }
  }

  private mutating func startCounting() {
    if isCounting { return }
    isCounting = true
    for (term, entry) in recent where entry.cases.count >= settings.minimumCases {
      past[term] = Array(repeating: 0, count: Self.groups)
    }
  }

  /// What has risen, the least likely first.
  ///
  /// - Parameter limit: themes at most.
  public mutating func themes(limit: Int = 20) -> [Theme] {
    startCounting()
    let total = pastCases.reduce(0, +)
    if total < Double(settings.minimumPast) { return [] }
    var recentOfGroup = [Double](repeating: 0, count: Self.groups)
    for group in groupOfCase { recentOfGroup[Int(group)] += 1 }

    var risen: [(term: Theme.Term, cases: [Int32])] = []
    for (text, counts) in past {
      guard let cases = recent[text]?.cases, cases.count >= settings.minimumCases else { continue }
      let before = counts.reduce(0.0) { $0 + Double($1) }
      let share = (before + 0.5) / (total + 1)
      var expected = 0.0
      for group in 0..<Self.groups where recentOfGroup[group] > 0 {
        // A group of few past cases borrows from all of them.
        let own = (Double(counts[group]) + 10 * share) / (pastCases[group] + 10)
        expected += recentOfGroup[group] * own
      }
      if Double(cases.count) < settings.minimumRatio * expected { continue }
      // The past's own count is an estimate: that is the spread.
      let distribution = CountDistribution(mean: expected, spread: 1 / (before + 0.5))
      let p = distribution.atLeast(cases.count)
      risen.append(
        (Theme.Term(text: text, recent: cases.count, expected: expected, pValue: p), cases))
    }
    // Ties are broken by the text, so that the answer is the same each time.
    risen.sort { ($0.term.pValue, $0.term.text) < ($1.term.pValue, $1.term.text) }
    // Every word there is was a chance of a find, also those too rare to be looked at.
    let standing = ManyTests.standing(
      risen.map(\.term.pValue), rate: settings.falseShare, of: recent.count)
    return gathered(risen, standing: standing.count { $0 }, limit: limit)
  }

  /// Puts terms of mostly the same cases together. Each term that stands joins the first theme that it shares cases
  /// with, or begins one; what rose less clearly only joins.
  private func gathered(
    _ risen: [(term: Theme.Term, cases: [Int32])], standing: Int, limit: Int
  ) -> [Theme] {
    var groups: [(lead: Set<Int32>, all: Set<Int32>, terms: [Theme.Term])] = []
    // Far down the list there is only more of the same; the bound keeps the comparison cheap.
    for (rank, (term, cases)) in risen.prefix(500).enumerated() {
      if rank >= standing, term.pValue > 0.01 { break }
      let set = Set(cases)
      let home = groups.firstIndex { group in
        let shared = group.lead.intersection(set).count
        return Double(shared) >= settings.overlap * Double(min(set.count, group.lead.count))
      }
      if let home {
        groups[home].terms.append(term)
        // A frequent word may hold a theme's cases and many others: those are not the theme's.
        let shared = groups[home].lead.intersection(set).count
        if rank < standing, Double(shared) >= settings.overlap * Double(set.count) {
          groups[home].all.formUnion(set)
        }
      } else if rank < standing, groups.count < limit {
        groups.append((set, set, [term]))
      }
    }
    return groups.map { group in
      Theme(terms: Array(group.terms.prefix(12)), cases: group.all.sorted().map { ids[Int($0)] })
    }
  }
}

/// Finds themes in an array of cases.
public func themes(in cases: [TermCase], settings: ThemeSettings = ThemeSettings(), limit: Int = 20)
  -> [Theme]
{
  var search = ThemeSearch(settings)
  for one in cases where one.isRecent {
    search.add(recent: one.id, terms: one.terms, group: one.group)
  }
  for one in cases where !one.isRecent { search.add(past: one.terms, group: one.group) }
  return search.themes(limit: limit)
}
