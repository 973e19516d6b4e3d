import Testing

@testable import Trends

@Suite struct ThemeTests {
  /// Cases of words by chance, frequent and rare ones as in a language, with a theme in some of the recent.
  static func cases(recent: Int, past: Int, themed: Int, seed: Int) -> [TermCase] {
    var chance = Chance(seed: seed)
    return (0..<recent + past).map { index in
      var terms = Set(
        (0..<30).map { _ in "w\(Int(2000 * chance.share() * chance.share() * chance.share()))" })
      if index < themed { terms.formUnion(["portal", "locked", "portal locked"]) }
      if index > recent, index % 60 == 0 { terms.insert("portal") }
      return TermCase(
        id: "c\(index)", terms: terms.sorted(), group: index % 3, isRecent: index < recent)
    }
  }

  @Test func aNewThemeIsFoundWithItsCases() throws {
    let found = themes(in: Self.cases(recent: 100, past: 2000, themed: 9, seed: 1))
    #expect(found.count == 1)
    let theme = try #require(found.first)
    #expect(Set(theme.terms.map(\.text)) == ["portal", "locked", "portal locked"])
    #expect(theme.cases == (0..<9).map { "c\($0)" })
    let portal = try #require(theme.terms.first { $0.text == "portal" })
    #expect(portal.recent == 9 && portal.expected > 0.5 && portal.expected < 4)
    #expect(theme.pValue < 1e-6)
  }

  /// One in a hundred of the runs may report something by chance.
  @Test func chanceMakesNoThemes() {
    let runs = (0..<100).count {
      !themes(in: Self.cases(recent: 100, past: 1000, themed: 0, seed: $0)).isEmpty
    }
    #expect(runs <= 4, "\(runs) of 100")
  }

  /// A category that grows brings its words with it: that is no theme within it.
  @Test func growthOfAGroupIsNoTheme() {
    func batch(_ count: Int, group: Int, isRecent: Bool) -> [TermCase] {
      (0..<count).map {
        TermCase(
          id: "\(group).\($0)",
          terms: group == 1 ? ["refund", "x\($0 % 7)"] : ["advice", "x\($0 % 7)"],
          group: group, isRecent: isRecent)
      }
    }
    let grown =
      batch(60, group: 1, isRecent: true) + batch(20, group: 0, isRecent: true)
      + batch(100, group: 1, isRecent: false) + batch(900, group: 0, isRecent: false)
    #expect(themes(in: grown).isEmpty)
    let ungrouped = grown.map { TermCase(id: $0.id, terms: $0.terms, isRecent: $0.isRecent) }
    #expect(themes(in: ungrouped).first?.terms.first?.text == "refund")
  }

  @Test func termsAreBounded() {
    var settings = ThemeSettings()
    settings.maximumTerms = 500
    var search = ThemeSearch(settings)
    for index in 0..<2000 {
      let own = (0..<20).map { "only\(index * 20 + $0)" }
      search.add(recent: "c\(index)", terms: own + (index % 4 == 0 ? ["breach"] : []))
      #expect(search.termCount <= 500 + 21)
    }
    for _ in 0..<500 { search.add(past: ["usual"]) }
    #expect(search.themes().first?.terms.first?.text == "breach")
  }

  @Test(arguments: [
    (0, 0), (1, 0), (0, 1), (10, 3), (3, 60),
  ])
  func littleIsNoTheme(recent: Int, past: Int) {
    let cases = (0..<recent + past).map {
      TermCase(id: "\($0)", terms: ["a", "b"], isRecent: $0 < recent)
    }
    #expect(themes(in: cases).isEmpty)
    #expect(
      themes(in: cases.map { TermCase(id: $0.id, terms: [], group: -4, isRecent: $0.isRecent) })
        .isEmpty)
  }

  struct Text: CustomTestStringConvertible {
    var text: String
    var terms: [String]
    var testDescription: String { text }
  }

  static let texts = [
    Text(text: "", terms: []),
    Text(
      text: "The Direct Debit was taken twice.",
      terms: ["direct", "debit", "direct debit", "taken", "twice", "taken twice"]
    ),
    Text(text: "Portal locked. Portal locked!", terms: ["portal", "locked", "portal locked"]),
    Text(text: "Ref C-7F3K of 12/03/2025: £300", terms: ["ref"]),
    Text(text: "Ma réponse: ÉCRITE\r\nici", terms: ["réponse", "écrite", "réponse écrite", "ici"]),
    Text(text: "don't won't member's", terms: ["wont", "members", "wont members"]),
  ]

  @Test(arguments: texts)
  func words(_ row: Text) { #expect(Terms.of(row.text) == row.terms) }

  @Test func hugeTextsAreCut() {
    var text = ""
    for index in 0..<20_000 {
      text += "word\(Character(UnicodeScalar(97 + index % 26)!))q\(index % 2 == 0 ? "a" : "b") "
    }
    #expect(Terms.of(text).count <= Terms.termLimit)
    #expect(Terms.of(String(repeating: "a", count: 1_000_000)).isEmpty)
  }
}
