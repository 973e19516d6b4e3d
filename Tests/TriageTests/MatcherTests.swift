// Words, patterns, taxonomy, languages and figures.

import Testing

@testable import Triage

@Suite struct MatcherTests {
  private func words(_ text: String) -> Words { Words(Array(text.utf8), ranges: [0..<text.utf8.count]) }

  @Test func tablesFollowThePatternLanguage() { #expect(CueBook.faults.isEmpty) }

  @Test func cueIDsAreUnique() {
    let ids = CueBook.cues.map(\.id)
    #expect(Set(ids).count == ids.count)
    for cue in CueBook.cues { if let leaf = cue.leaf { #expect(Taxonomy.ids.contains(leaf), "\(cue.id)") } }
  }

  @Test(arguments: [
    ("Don\u{2019}t e-mail", ["dont", "email"]), ("Écrivez À Zoë", ["ecrivez", "a", "zoe"]),
    ("£1,240.50!", ["£", "1,240.50"]), ("follow-up", ["follow", "up"]), ("您好", ["您", "好"]),
    ("it's 3.5% off", ["its", "3.5", "%", "off"]), ("\u{FFFD}x\u{0}y", ["x", "y"]),
  ])
  func wordsAreNormalised(_ text: String, _ expected: [String]) {
    let found = words(text)
    #expect(found.words.map { found.vocabulary[$0.id] } == expected)
  }

  @Test(arguments: [
    ("Dr. Low called. I rang back.", 2), ("One line\nwrapped", 2), ("Why? Because! Yes.", 3),
    ("a line long enough to have been wrapped by a client\ngoes on here", 1), ("First.\n\n- item\n- item", 3),
    ("See example.org for J. Smith", 1),
  ])
  func sentencesEnd(_ text: String, _ count: Int) { #expect(words(text).sentences.count == count) }

  @Test func quotesAreMarkedWhenClosed() {
    let text = words("He said \u{201C}you are rude\u{201D} to me. It is 6\" long")
    let quoted = text.words.filter(\.isQuoted).map { text.vocabulary[$0.id] }
    #expect(quoted == ["you", "are", "rude"])
  }

  @Test(arguments: [
    ("still waiting", "I am still waiting.", true), ("still waiting", "Still. Waiting.", false),
    ("no ~2 reply", "no sign of reply", true), ("no ~2 reply", "no sign of any reply", false),
    ("complain*", "complaining", true), ("call_back|callback", "please call back", true),
    ("call_back|callback", "a callback", true), ("call_back|callback", "call me", false),
    ("is [not] fair", "is fair", true), ("is [not] fair", "is not fair", true),
    ("<n> weeks", "11 weeks", true),
    ("<n> weeks", "some weeks", false), ("# %", "38%", true), ("a|b c", "b c", true),
  ])
  func patternsMatch(_ pattern: String, _ text: String, _ expected: Bool) {
    var compiler = PatternCompiler()
    let isAccepted = compiler.add(pattern, output: 0)
    #expect(isAccepted)
    let found = PatternMatcher(compiler).matches(in: words(text)).flatMap { $0 }
    #expect(!found.isEmpty == expected)
  }

  @Test(arguments: [
    "", "~2 x", "x ~2", "x ~0 y", "Upper", "don't", "ab*", "a||b", "<nobody-known>", "[only]", "x ~99 y",
  ])
  func faultyPatternIsRefused(_ pattern: String) { #expect(PatternCompiler.problem(in: pattern) != nil) }

  @Test func shippedTaxonomyIsWhole() throws {
    let taxonomy = try ShippedTaxonomy.load()
    #expect(taxonomy.leaves.map(\.id) == Taxonomy.ids)
    #expect(Taxonomy.ids.count == 21)
  }

  @Test func faultyTaxonomyTellsEverything() {
    let leaf = Taxonomy.Leaf(
      id: "membership.subscription_pricing", title: "", definition: "x", fca: "x",
      phrases: [.init(pattern: "Bad Word", weight: 0)])
    do {
      _ = try Taxonomy(leaves: [
        leaf, leaf, .init(id: "made.up", title: "x", definition: "x", fca: "x", phrases: []),
      ])
      Issue.record("accepted")
    } catch {
      for part in [
        "title is empty", "is there twice", "made.up: is not a known leaf", "weight of", "lower case",
        "other: is missing",
      ] {
        #expect(error.problems.contains { $0.contains(part) }, "\(part)")
      }
    }
  }

  @Test(arguments: [
    ("I have been waiting for the reply and it is not here", "en"),
    ("Ek wag nog steeds vir julle antwoord en dit is nie reg nie", "af"),
    ("Je vous écris car je suis sans réponse depuis des semaines", "fr"),
    ("No he recibido una respuesta y estoy esperando desde hace tres meses", "es"),
    ("Ich warte seit acht Wochen auf eine Antwort und bin nicht zufrieden", "de"),
    ("我三个月前提交了申请", "zh"),
    ("Saya telah menunggu untuk jawapan dari pihak anda dan tidak ada", "ms"),
    ("Tá mé ag fanacht le freagra agus níl aon rud agam ach go bhfuil sé", "ga"),
    ("אני מחכה לתשובה כבר חודש", "he"),
    ("Ja czekam na odpowiedź i nie mam nic od miesiąca w tej sprawie", "pl"),
    ("URL: 4471 Kernel 2.4.18", "und"),
  ])
  func languageIsGuessed(_ text: String, _ expected: String) {
    #expect(LanguageGuess.language(of: words(text)) == expected)
  }

  @Test(arguments: [
    ("1,240.50", 1240.5), ("1.240,50", 1240.5), ("38", 38), ("2,350", 2350), ("12.5", 12.5),
    ("1,000,000", 1_000_000),
  ])
  func figuresAreRead(_ text: String, _ value: Double) { #expect(Facts.figure(text) == value) }

  @Test(arguments: [
    ("refund £35 please", 35, "GBP"), ("pay R2,350 back", 2350, "ZAR"), ("HK$900", 900, "HKD"),
    ("890 euro", 890, "EUR"),
    ("RM450", 450, "MYR"), ("€12,50", 12.5, "EUR"),
  ])
  func sumsAreRead(_ text: String, _ amount: Double, _ currency: String) {
    let words = words(text)
    #expect(Facts.sum(in: 0..<words.words.count, of: words) == Facts.Sum(amount: amount, currency: currency))
  }

  @Test(
    arguments: [
      ("My membership number is 440112.", "440112"), ("Member no. M12345", "M12345"),
      ("Membership: 5582310", "5582310"),
      ("member since 1994", nil), ("members pay 12345678901234 pounds", nil), ("call 0113 4960000", nil),
    ] as [(String, String?)])
  func memberNumberIsFound(_ text: String, _ expected: String?) {
    #expect(Facts.memberNumber(words(text), digits: 5...10) == expected)
  }

  @Test(
    arguments: [
      ("I practise in Cape Town", "ZA"), ("Dublin and Leeds", nil), ("we met in cork", nil),
      ("Belfast, Northern Ireland", "GB"), ("Hong Kong", "HK"),
    ] as [(String, String?)])
  func countryIsStated(_ text: String, _ expected: String?) {
    #expect(Facts.country(words(text), signature: words("")) == expected)
  }
}
