// Facts that messages state, each with its place.

import Testing

@testable import Triage

@Suite struct StatedFactTests {
  private func found(_ text: String, patterns: [String] = []) -> [StatedFact] {
    let bytes = Array(text.utf8)
    return FactFinder(bytes, own: [0..<bytes.count], signatures: [], patterns: patterns).facts
  }

  @Test(arguments: [
    ("Ring me on +44 20 7946 0018 after six.", StatedFact.Kind.phone, "+44 20 7946 0018", "+442079460018"),
    ("Tel (021) 555 0142", .phone, "(021) 555 0142", "0215550142"),
    ("on 12 March 2026 you wrote", .date, "12 March 2026", "2026-03-12"),
    ("on the 3rd of May you wrote", .date, "3rd of May", ""),
    ("by March 12th, 2026.", .date, "March 12th, 2026", "2026-03-12"),
    ("paid 05/11/2025 by card", .date, "05/11/2025", "2025-11-05"),
    ("since 2026-01-31", .date, "2026-01-31", "2026-01-31"),
    ("Claim no. 2024/1187-B is open", .reference, "2024/1187-B", ""),
    ("your ref: ADV-20931.", .reference, "ADV-20931", ""),
    ("Many thanks\nAnneka Pohl\nConsultant Anaesthetist", .name, "Anneka Pohl", ""),
    ("Regards,\nDr S. van der Merwe\nGP, Upington", .role, "GP, Upington", ""),
  ])
  func isFound(_ text: String, _ kind: StatedFact.Kind, _ words: String, _ value: String) {
    let facts = found(text)
    guard let fact = facts.first(where: { $0.kind == kind }) else {
      Issue.record("no \(kind) in \(facts)")
      return
    }
    #expect(fact.text == words)
    #expect(fact.value ?? "" == value)
    #expect(String(decoding: Array(text.utf8)[fact.start..<fact.end], as: UTF8.self) == words)
  }

  @Test(arguments: [
    ("I may come. March past.", StatedFact.Kind.date), ("paid 41 380 rand", .phone),
    ("on 01.02.2026", .phone),
    ("in case of doubt", .reference), ("31/31/2026", .date), ("the claim was settled in 2019", .reference),
  ])
  func isNotFound(_ text: String, _ kind: StatedFact.Kind) {
    #expect(!found(text).contains { $0.kind == kind }, "\(found(text))")
  }

  @Test func memberNumbersFollowTheirPattern() {
    let facts = found("My number is MED-204417, not MED-2044170.", patterns: ["MED-######"])
    #expect(facts.filter { $0.kind == .memberNumber }.map(\.text) == ["MED-204417"])
  }

  @Test func manyNumbersStayBounded() {
    let text = String(repeating: "+44 20 7946 0018 and 12/03/2026, claim 12345; ", count: 5000)
    #expect(found(text).count == TriageLimits.facts)
  }
}
