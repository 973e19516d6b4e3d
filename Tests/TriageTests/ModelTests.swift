// The model's arithmetic, its training and its file.

import Glibc
import Testing

@testable import Triage

@Suite struct ExactMathTests {
  @Test func agreesWithTheCLibrary() {
    for step in -7000...7000 {
      let x = Double(step) / 10.3
      let (ours, theirs) = (ExactMath.exp(x), Glibc.exp(x))
      #expect(abs(ours - theirs) <= theirs * 4e-16, "exp(\(x))")
      let y = Glibc.exp(x)
      if y.isNormal { #expect(abs(ExactMath.log(y) - Glibc.log(y)) <= 1e-15 * max(1, abs(x)), "log(\(y))") }
    }
    #expect(ExactMath.exp(-1e9) == 0)
    #expect(ExactMath.exp(1e9) == .infinity)
    #expect(ExactMath.log(0) == -.infinity)
    #expect(ExactMath.logistic(0) == 0.5)
    #expect(abs(ExactMath.logit(ExactMath.logistic(3)) - 3) < 1e-12)
  }
}

@Suite struct TrainingTests {
  /// scikit-learn 1.9's LogisticRegression(C=2, tol=1e-12) on the same rows: w = (1.1236, -0.5486), b = -0.0735.
  @Test func twoClassesMeetTheKnownSolution() {
    let rows: [(Float, Float, Bool)] = [
      (1, 0, true), (2, 1, true), (0.5, 1.5, false), (-1, 0, false), (0, 2, false), (1.5, 0.5, true),
      (0.2, -0.5, true), (-0.5, -1, false),
    ]
    let vectors = rows.map { SparseVector(indices: [3, 7], values: [$0.0, $0.1]) }
    let head = LogisticRegression.fit(SparseRows(vectors), rows.map(\.2), strength: 2, width: 9)
    // The gradient of the penalised loss vanishes at the solution.
    var gradient = [Double(head.weights[3]) / 2, Double(head.weights[7]) / 2, 0.0]
    for row in rows {
      let score = head.bias + Double(head.weights[3] * row.0 + head.weights[7] * row.1)
      let slope = ExactMath.logistic(score) - (row.2 ? 1 : 0)
      gradient[0] += slope * Double(row.0)
      gradient[1] += slope * Double(row.1)
      gradient[2] += slope
    }
    for part in gradient { #expect(abs(part) < 1e-3, "\(gradient)") }
    #expect(head.weights[0] == 0)
  }

  @Test func manyClassesLearnWhatSeparatesThem() {
    let vectors = (0..<30).map { SparseVector(indices: [Int32($0 % 3)], values: [1]) }
    let heads = LogisticRegression.fit(
      SparseRows(vectors), (0..<30).map { $0 % 3 }, classes: 3, strength: 100,
      weights: .init(repeating: 1, count: 30),
      width: 3)
    for (index, vector) in vectors.enumerated() {
      let scores = heads.map { $0.score(vector) }
      #expect(scores.firstIndex(of: scores.max() ?? 0) == index % 3)
    }
  }

  @Test func calibrationUndoesAStretch() {
    // Scores twice as sure as they should be: of those at logit 2, 73 % are right, not 88 %.
    var scores: [Double] = []
    var labels: [Bool] = []
    for (score, right) in [(2.0, 731), (-2.0, 269)] {
      for index in 0..<1000 {
        scores.append(score)
        labels.append(index < right)
      }
    }
    let calibration = Calibration.fit(scores, labels)
    #expect(abs(calibration.slope - 0.5) < 0.01)
    #expect(abs(calibration.probability(2) - 0.731) < 0.005)
  }
}

@Suite struct CutOffTests {
  @Test func boundsAreExact() {
    // Clopper and Pearson 1934: none of 300 seen is at most 0.99 % with 95 %; 1 - 0.05^(1/300).
    #expect(abs(Binomial.upperBound(0, of: 300, tail: 0.05) - 0.0099362) < 1e-6)
    let share = Share(8, of: 10)
    #expect(abs(share.low - 0.4439) < 1e-4)
    #expect(abs(share.high - 0.9748) < 1e-4)
    #expect(Share(0, of: 0).high == 1)
  }

  @Test func choosesTheLargestCutOffWithinTheAim() {
    // 1,000 complaints at 0.101 ... 0.9, 1,000 others at 0 ... 0.5.
    let complaints = (0..<1000).map { 0.1 + Double($0 + 1) * 0.0008 }
    let others = (0..<1000).map { Double($0) * 0.0005 }
    let cuts = CutOffs.choose(
      complaints + others, complaints.map { _ in true } + others.map { _ in false },
      aim: .init(missRate: 0.01, confidence: 0.9, falseComplaintRate: 0.02))
    #expect(cuts.meetsAim)
    // The most misses of 1,000 whose 90 % upper bound is within 1 %: five (upper bound 0.93 %; six give 1.05 %).
    #expect(cuts.missed.count == 5)
    #expect(cuts.possibleFrom == complaints[5])
    #expect(others.count { $0 >= cuts.complaintFrom } <= 20)
  }

  @Test func tooFewLabelsPromiseNothing() {
    let cuts = CutOffs.choose([0.9, 0.4, 0.3], [true, true, false], aim: .init())
    #expect(!cuts.meetsAim)
    #expect(cuts.possibleFrom == 0.4)
    #expect(cuts.complaintFrom >= cuts.possibleFrom)
  }
}

@Suite struct ModelFileTests {
  @Test func fileReadsBackAsWritten() throws {
    let bytes = try ShippedTaxonomy.bytes(ShippedTaxonomy.path("config/triage/shipped.model"))
    let model = try TriageModel(bytes)
    #expect(model.encoded == bytes)
    #expect(model.name.hasPrefix("triage-\(model.version)+"))
    #expect(model.cutOffs.possibleFrom <= model.cutOffs.complaintFrom)
    #expect(!model.origin.isEmpty)
  }

  @Test func bothReadersWordOnAFlagIsKept() throws {
    var model = try ShippedTaxonomy.model()
    let both = TriageModel.FlagCombination(sentence: 0.5, reader: 1.25, offset: -2, threshold: 0.3)
    model.flags[.chaser]?.combined = both
    #expect(try TriageModel(model.encoded).flags[.chaser]?.combined == both)
    #expect(both.probability(sentence: 0, reader: 1.6) == 0.5)
  }

  @Test func damageIsRefused() throws {
    let bytes = try ShippedTaxonomy.bytes(ShippedTaxonomy.path("config/triage/shipped.model"))
    for place in [0, 20, 300, bytes.count / 2, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 0x20
      #expect(throws: ModelProblem.self) { try TriageModel(damaged) }
    }
    for count in [0, 8, 100, bytes.count / 3, bytes.count - 1] {
      #expect(throws: ModelProblem.self) { try TriageModel(Array(bytes.prefix(count))) }
    }
  }

  /// A checksum is no signature: whoever makes one can make any header.
  @Test func hostileHeadersAreRefused() throws {
    let headers = [
      "", "version: 1", "version: x\nleaves: a",
      "version: 1\nleaves: \(Taxonomy.ids.joined(separator: " "))\ncalibration: nan 1",
      "version: 1\nleaves: \(Taxonomy.ids.joined(separator: " "))\ncalibration: 1 1\ntemperature: 0\naim: 1 1 1\n"
        + "cut-offs: 0 0 0 1e300 1 1 1",
    ]
    for header in headers {
      var bytes = Array("ITMODEL1\(header)\n\n".utf8) + [UInt8](repeating: 0xFF, count: 64)
      var hash = FNV()
      hash.add(bytes: bytes)
      withUnsafeBytes(of: hash.state.littleEndian) { bytes += Array($0) }
      #expect(throws: ModelProblem.self) { try TriageModel(bytes) }
    }
  }
}

@Suite struct CheckSampleTests {
  @Test func drawsTheShareItSays() {
    var drawn = [0, 0]
    for number in 0..<20_000 {
      let digest = Array("message \(number)".utf8)
      if CheckSample.draw(probability: 0.001, possibleFrom: 0.1, digest: digest, share: 0.02) != nil {
        drawn[0] += 1
      }
      if CheckSample.draw(probability: 0.09, possibleFrom: 0.1, digest: digest, share: 0.02) != nil {
        drawn[1] += 1
      }
    }
    // Four standard deviations.
    #expect(abs(drawn[0] - 400) < 80)
    #expect(abs(drawn[1] - 2000) < 170)
    let digest = Array("x".utf8)
    #expect(CheckSample.draw(probability: 0, possibleFrom: 0.1, digest: digest, share: 0) == nil)
    #expect(CheckSample.draw(probability: 0, possibleFrom: 0.1, digest: digest, share: 1)?.rate == 1)
  }

  @Test func estimateCoversTheTruth() {
    let far = CheckSample(stratum: .far, rate: 0.02)
    let near = CheckSample(stratum: .near, rate: 0.1)
    // 2,000 passed over, a tenth of them near; of 20 near ones checked 2 are complaints, of 36 far ones none.
    var drawn: [(sample: CheckSample, isComplaint: Bool?)] = []
    for index in 0..<20 { drawn.append((near, index < 2)) }
    for _ in 0..<36 { drawn.append((far, false)) }
    drawn.append((far, nil))
    let estimate = MissEstimate(drawn: drawn, passedOver: 2000, confirmed: 100)
    #expect(estimate.checked == 56)
    #expect(estimate.found == 2)
    #expect(estimate.waiting == 1)
    // 200 of about 2,050 weighted messages are near; a tenth of these.
    #expect(abs(estimate.misses - 19.5) < 0.5)
    #expect(estimate.low > 0 && estimate.low < estimate.misses)
    #expect(estimate.high > estimate.misses)
    let nothing = MissEstimate(drawn: [], passedOver: 500, confirmed: 0)
    #expect(nothing.high == 500)
    #expect(nothing.misses == 0)
  }
}

@Suite struct LabelledMailTests {
  @Test func readsARecord() throws {
    let text = """
      # a comment
      === x1-001
      outcome: complaint
      category: service.delay_no_response
      secondary: casework.claims_handling
      flag: chaser | asked twice
      member: 1234567
      from: Dr Wen <w@post.example>
      subject: Hello
      attachments: a.pdf; b.jpg
      ---
      I asked twice.
      > --- no mark
      === x1-002
      outcome: not-a-complaint
      kind: enquiry
      ---
      What does it cost?

      """
    let messages = try LabelledMail.read(Array(text.utf8))
    #expect(messages.count == 2)
    let first = messages[0]
    #expect(first.author == "x1")
    #expect(first.isComplaint)
    #expect(first.flags == [.init(kind: .chaser, words: "asked twice")])
    #expect(first.body == "I asked twice.\n> --- no mark")
    #expect(first.input.attachmentNames == ["a.pdf", "b.jpg"])
    #expect(first.input.text.contains("I asked twice."))
    #expect(messages[1].category == nil)
    #expect(messages[1].body == "What does it cost?")
  }

  @Test(arguments: [
    ("text", 1, "stands before any"), ("=== a\noutcome: complaint\n---", 1, "without a category"),
    ("=== a\noutcome: maybe\n---", 2, "outcome is"), ("=== a\noutcome: not-a-complaint", 1, "no line"),
    ("=== a\n\nflag: anger | x\n---", 3, "is no flag"), ("=== a\ncolour: red\n---", 2, "no field"),
    ("=== a\noutcome: complaint\ncategory: x\n---", 3, "no leaf"), ("=== a\n---\nx", 1, "no outcome"),
  ])
  func saysWhatIsWrong(_ text: String, _ line: Int, _ words: String) {
    do {
      _ = try LabelledMail.read(Array(text.utf8))
      Issue.record("was read")
    } catch {
      #expect(error.line == line)
      #expect(error.message.contains(words), "\(error)")
    }
  }
}
