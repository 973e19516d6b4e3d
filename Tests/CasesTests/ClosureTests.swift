// What may be said of how a case ended.

import Cases
import Deadlines
import Testing

@Suite struct ClosureTests {
  @Test func amounts() {
    for (text, hundredths) in [
      ("125.50 GBP", 12550), ("125 GBP", 12500), ("0.05 EUR", 5), ("9999999.99 ZAR", 999_999_999),
      (" 1 GBP ", 100), ("1.5 GBP", nil), ("1.505 GBP", nil), ("-1 GBP", nil), ("1,000 GBP", nil),
      ("1 XXX", nil),
      ("10000000 GBP", nil), ("GBP", nil), ("1", nil), ("1. GBP", nil), (".5 GBP", nil), ("１ GBP", nil),
      ("1 GBP x", nil), ("1 JPY", nil),
    ] as [(String, Int?)] {
      #expect(Money(text)?.hundredths == hundredths, "\(text)")
    }
    #expect(GrantedRedress(kind: .refund, hundredths: 12505, currency: "GBP").amount == "125.05 GBP")
  }

  @Test func limits() {
    let rules = ClosingRules(limits: ["specialist": ["GBP": 25000], "anna": ["EUR": 100]])
    for (name, role, currency, limit) in [
      ("ben", "specialist", "GBP", 25000), ("ben", "specialist", "EUR", 0), ("ben", nil, "GBP", 0),
      // A person's own limits stand in place of the role's.
      ("anna", "specialist", "EUR", 100), ("anna", "specialist", "GBP", 0),
    ] as [(String, String?, String, Int)] {
      #expect(rules.limit(of: name, role: role, currency: currency) == limit, "\(name) \(currency)")
    }
    #expect(ClosingRules().limit(of: "ben", role: nil, currency: "GBP") == nil)
  }
}
