// Verdicts on labelled mail that nothing was trained on: shares, not single messages. `intake evaluate` prints the
// figures; these tests only see that none falls far.

import Testing

@testable import Triage

@Suite struct LabelledMessageTests {
  private static let judged = Result {
    let judge = try ShippedTaxonomy.judge()
    return try ["h0", "t2"].flatMap { try ShippedTaxonomy.testMail($0) }.map {
      let (verdict, ranking) = judge.judgeRanked($0.input)
      return JudgedMessage(label: $0, verdict: verdict, ranking: ranking)
    }
  }

  private let judged: [JudgedMessage]

  init() throws { judged = try Self.judged.get() }

  @Test func setsAreWhole() throws {
    #expect(judged.count == 245)
    #expect(Set(judged.map(\.label.id)).count == judged.count)
  }

  @Test func complaintsReachAPerson() {
    #expect(Evaluation(judged).recall.value >= 0.98)
  }

  @Test func othersAreNotCalledComplaints() {
    #expect(Evaluation(judged).othersCalledComplaint.value <= 0.03)
  }

  @Test func mailInOtherLanguagesReachesAPerson() {
    for one in judged where one.label.difficulty == "foreign" {
      #expect(one.verdict.band == .possible, "\(one.label)")
    }
  }

  @Test func mailInMembersLanguagesIsRecognised() throws {
    let judge = try ShippedTaxonomy.judge()
    let mail = try ShippedTaxonomy.testMail("l0", in: "ForeignMail")
    #expect(mail.count == 14)
    for label in mail {
      let verdict = judge.judge(label.input)
      #expect(verdict.band == .possible, "\(label)")
      #expect(verdict.language == label.language, "\(label.id)")
    }
  }

  @Test func evidenceStandsWhereItSays() {
    for one in judged {
      let input = one.label.input
      let (text, subject) = (Array(input.text.utf8), Array(input.subject.utf8))
      let verdict = one.verdict
      for evidence in verdict.evidence {
        #expect(String(decoding: text[evidence.start..<evidence.end], as: UTF8.self) == evidence.text)
      }
      for point in verdict.points {
        #expect(String(decoding: text[point.start..<point.end], as: UTF8.self) == point.text)
      }
      for flag in verdict.flags where flag.source != .attached {
        let bytes = flag.source == .subject ? subject : text
        if let start = flag.start, let end = flag.end {
          #expect(String(decoding: bytes[start..<end], as: UTF8.self) == flag.text)
        } else {
          Issue.record("\(one.label): \(flag.kind) stands nowhere")
        }
      }
      if verdict.band == .complaint {
        #expect(verdict.evidence.contains { $0.weight > 0 }, "\(one.label)")
        #expect(!verdict.points.isEmpty, "\(one.label)")
      }
      #expect((1...4).contains(verdict.severity))
      #expect(!verdict.reason.isEmpty)
    }
  }

  @Test func verdictsRepeat() throws {
    let other = try ShippedTaxonomy.judge()
    for (index, one) in judged.enumerated() where index % 7 == 0 {
      #expect(one.verdict == other.judge(one.label.input))
    }
  }
}
