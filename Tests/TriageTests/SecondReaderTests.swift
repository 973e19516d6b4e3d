// The shipped encoder among what is shipped: that it fits the model, and what leaving sentences out tells.

import MIME
import Testing

@testable import Triage

@Suite struct SecondReaderTests {
  private static let shipped = Result { try ShippedTaxonomy.secondReader() }
  private let reader: SecondReader

  init() throws { reader = try Self.shipped.get() }

  private func reading(_ text: String, subject: String = "") throws -> Reading {
    let settings = ShippedTaxonomy.settings
    let book = CueBook(taxonomy: try ShippedTaxonomy.load(), settings: settings)
    return Reading(TriageInput(subject: subject, text: text), book, settings)
  }

  @Test func theModelWasFittedWithIt() throws {
    #expect(try ShippedTaxonomy.model().readerDigest == reader.digest)
  }

  @Test func aGrievanceWithoutItsWordsOutweighsAnEnquiry() throws {
    let grievance = try reading(
      "I rang on Monday, Tuesday and Thursday about the inquest. Nobody has rung back and it was this morning."
    )
    let enquiry = try reading("Could you tell me when the inquest adviser is in? Any day this week would do.")
    #expect(reader.scores(grievance).complaint > reader.scores(enquiry).complaint + 2)
  }

  @Test func theSentenceThatReproachesWeighsMost() throws {
    let text = """
      Thank you for the card. My new address is 4 Kiln Row. The refund that you promised in May has never come, and \
      nobody answers my letters. Please also note that I am away until the 4th.
      """
    let reading = try reading(text)
    let weights = reader.sentenceWeights(reading, most: 4)
    let strongest = try #require(weights.max { $0.weight < $1.weight })
    let sentence = reading.own.sentences[strongest.sentence]
    let words = String(decoding: reading.bytes[sentence.start..<sentence.end], as: UTF8.self)
    #expect(words.contains("refund"))
    #expect(reader.sentenceWeights(reading, most: 2).count == 2)
  }

  @Test func oneSentenceCannotBeLeftOut() throws {
    #expect(reader.sentenceWeights(try reading("Where is my refund?"), most: 3).isEmpty)
  }

  @Test func damageIsRefused() throws {
    var bytes = try ShippedTaxonomy.bytes(ShippedTaxonomy.path("config/triage/second-reader.encoder"))
    bytes[bytes.count / 2] ^= 1
    #expect(throws: ModelProblem.self) { try SecondReader(bytes) }
  }

  /// Another encoder's logits mean something else: the model then judges by its first part.
  @Test func aModelWithoutItsEncoderStillJudges() throws {
    let judge = Judge(
      taxonomy: try ShippedTaxonomy.load(), settings: ShippedTaxonomy.settings,
      model: try ShippedTaxonomy.model())
    let verdict = judge.judge(TriageInput(subject: "", text: "I wish to complain about your delay."))
    #expect(verdict.band != .notAComplaint)
  }
}
