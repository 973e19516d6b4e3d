// The trained part of judging: linear heads, their calibration, the cut-offs; and its file.

/// What is wrong with a model's file.
public struct ModelProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// A trained model: small, versioned, checksummed.
public struct TriageModel: Sendable {
  /// A flag's head over sentences, and the probability from which it is raised.
  struct FlagHead: Sendable, Hashable {
    var head: LinearHead
    var threshold: Double
    /// How the message's best sentence is weighed with the second reader's word; nil where it has none.
    var combined: FlagCombination?
  }

  /// Both readers' word on a flag: the probability of the weighed logits, and from which it is raised.
  struct FlagCombination: Sendable, Hashable {
    var sentence: Double
    var reader: Double
    var offset: Double
    var threshold: Double

    func probability(sentence score: Double, reader logit: Double) -> Double {
      ExactMath.logistic(sentence * score + reader * logit + offset)
    }
  }

  /// How the second reader's word is weighed with the first model's.
  struct Combination: Sendable, Hashable {
    /// Names the encoder that this was fitted with; another one's logits mean something else.
    var reader: String
    /// Weights of the two logits, and what is added.
    var first: Double
    var second: Double
    var offset: Double
    /// The second reader reads what the first model gives at least this probability.
    var from: Double
    /// The second reader's share of the leaves' log-probabilities, 0 to 1.
    var leafShare: Double
  }

  /// A number that grows with every training: `triage-3`.
  public internal(set) var version: Int
  /// What it learned from, in words for people: sets, counts, origins.
  public internal(set) var origin: String
  public internal(set) var cutOffs: CutOffs
  var calibration: Calibration
  var complaint: LinearHead
  /// Softmax heads in the order of `Taxonomy.ids`; their scores are divided by the temperature.
  var categories: [LinearHead]
  var temperature: Double
  var flags: [Verdict.Flag.Kind: FlagHead]
  /// Nil where the first model judges alone.
  var combination: Combination?

  /// The second reader that the model needs, by its digest; nil where it needs none.
  public var readerDigest: String? { combination?.reader }

  /// What both readers say of a message.
  struct Opinion: Sendable {
    var probability: Double
    var ranking: [CategoryScore]
    var second: SecondReader.Scores?
  }

  /// The first model's word, and the second reader's where the first does not rule a complaint out.
  func opinion(_ features: MessageFeatures, _ reader: SecondReader?) -> Opinion {
    let first = complaint.score(features.vector)
    var probability = calibration.probability(first)
    var leaves = Self.logProbabilities(categories.map { $0.score(features.vector) })
    var second: SecondReader.Scores?
    if let combination, let reader, probability >= combination.from {
      let scores = reader.scores(features.reading)
      probability = ExactMath.logistic(
        combination.first * first + combination.second * scores.complaint + combination.offset)
      leaves = Self.mixed(leaves, Self.logProbabilities(scores.categories), combination.leafShare)
      second = scores
    }
    return Opinion(probability: probability, ranking: ranked(leaves), second: second)
  }

  static func logProbabilities(_ scores: [Double]) -> [Double] {
    let best = scores.max() ?? 0
    let sum = ExactMath.log(scores.reduce(0) { $0 + ExactMath.exp($1 - best) })
    return scores.map { $0 - best - sum }
  }

  static func mixed(_ first: [Double], _ second: [Double], _ share: Double) -> [Double] {
    zip(first, second).map { (1 - share) * $0 + share * $1 }
  }

  /// `triage-3+1f0c44a9`: the version and a digest of all that decides.
  public var name: String { "triage-\(version)+\(FNV.hex(of: encoded).suffix(8))" }

  /// The leaves by probability, best first; they add up to 1.
  private func ranked(_ leaves: [Double]) -> [CategoryScore] {
    let scores = Self.logProbabilities(leaves.map { $0 / temperature })
    return zip(Taxonomy.ids, scores).map { CategoryScore(category: $0, probability: ExactMath.exp($1)) }
      .sorted { ($1.probability, $0.category) < ($0.probability, $1.category) }
  }

  // MARK: The file

  // "ITMODEL" and the form's number; the header as lines "key: value" and an empty line; the heads; a checksum.
  private static let magic = Array("ITMODEL1".utf8)
  /// Shipped models have 1 to 4 MB; a larger file is no model of ours.
  public static let largestFile = 32 << 20

  /// The file's bytes.
  public var encoded: [UInt8] {
    var out = Self.magic
    var header = "version: \(version)\n"
    header += "origin: \(origin.split(separator: "\n").joined(separator: " "))\n"
    func line(_ key: String, _ values: [Double]) {
      header += "\(key): \(values.map { "\($0)" }.joined(separator: " "))\n"
    }
    line("calibration", [calibration.slope, calibration.offset])
    line("temperature", [temperature])
    line(
      "cut-offs",
      [
        cutOffs.possibleFrom, cutOffs.complaintFrom, cutOffs.meetsAim ? 1 : 0, Double(cutOffs.missed.count),
        Double(cutOffs.missed.of), Double(cutOffs.read.count), Double(cutOffs.read.of),
      ])
    line("aim", [cutOffs.aim.missRate, cutOffs.aim.confidence, cutOffs.aim.falseComplaintRate])
    if let combination {
      header += "reader: \(combination.reader)\n"
      line(
        "combination",
        [combination.first, combination.second, combination.offset, combination.from, combination.leafShare])
    }
    let kinds = flags.keys.sorted { $0.rawValue < $1.rawValue }
    header += "leaves: \(Taxonomy.ids.joined(separator: " "))\n"
    header += "flags: \(kinds.map(\.rawValue).joined(separator: " "))\n"
    line("flag-thresholds", kinds.map { flags[$0]?.threshold ?? 1 })
    for kind in kinds {
      guard let both = flags[kind]?.combined else { continue }
      line("flag-\(kind.rawValue)", [both.sentence, both.reader, both.offset, both.threshold])
    }
    out += Array((header + "\n").utf8)
    for head in [complaint] + categories + kinds.compactMap({ flags[$0]?.head }) {
      Self.write(head, to: &out)
    }
    var hash = FNV()
    hash.add(bytes: out)
    withUnsafeBytes(of: hash.state.littleEndian) { out += Array($0) }
    return out
  }

  /// Which weights there are as bits, then each of them as 16 bits of the largest.
  private static func write(_ head: LinearHead, to out: inout [UInt8]) {
    let largest = head.weights.reduce(Float(0)) { max($0, abs($1)) }
    withUnsafeBytes(of: head.bias.bitPattern.littleEndian) { out += Array($0) }
    withUnsafeBytes(of: largest.bitPattern.littleEndian) { out += Array($0) }
    withUnsafeBytes(of: UInt32(head.weights.count).littleEndian) { out += Array($0) }
    let whole = head.weights.map { quantised($0, largest) }
    for start in stride(from: 0, to: whole.count, by: 8) {
      var bits: UInt8 = 0
      for (offset, value) in whole[start..<min(start + 8, whole.count)].enumerated() where value != 0 {
        bits |= 1 << offset
      }
      out.append(bits)
    }
    for value in whole where value != 0 {
      out.append(UInt8(truncatingIfNeeded: value))
      out.append(UInt8(truncatingIfNeeded: value >> 8))
    }
  }

  private static func quantised(_ weight: Float, _ largest: Float) -> Int16 {
    largest > 0 ? Int16((weight / largest * 32767).rounded(.toNearestOrEven)) : 0
  }

  /// A head as its file will hold it: training rounds so, and measures what will run.
  static func rounded(_ head: LinearHead) -> LinearHead {
    let largest = head.weights.reduce(Float(0)) { max($0, abs($1)) }
    return LinearHead(
      bias: head.bias, weights: head.weights.map { Float(quantised($0, largest)) / 32767 * largest })
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `ModelProblem` where they are damaged, of another form, or made for other leaves.
  public init(_ bytes: [UInt8]) throws(ModelProblem) {
    guard bytes.count > Self.magic.count + 8, bytes.starts(with: Self.magic) else {
      throw ModelProblem("is no model of triage (form 1)")
    }
    guard bytes.count <= Self.largestFile else { throw ModelProblem("is larger than any model") }
    var hash = FNV()
    hash.add(bytes: bytes.dropLast(8))
    let stored = bytes.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard hash.state == stored else { throw ModelProblem("is damaged: its checksum does not match") }
    var place = Self.magic.count
    var fields: [String: String] = [:]
    while let end = bytes[place...].firstIndex(of: 0x0A) {
      let line = String(decoding: bytes[place..<end], as: UTF8.self)
      place = end + 1
      if line.isEmpty { break }
      let halves = line.split(separator: ":", maxSplits: 1)
      if halves.count == 2 { fields[String(halves[0])] = String(halves[1].dropFirst()) }
    }
    func numbers(_ key: String, _ count: Int?) throws(ModelProblem) -> [Double] {
      let found = (fields[key] ?? "").split(separator: " ").compactMap { Double($0) }
      guard found.allSatisfy(\.isFinite), count == nil || found.count == count else {
        throw ModelProblem("its header has no usable \"\(key)\"")
      }
      return found
    }
    guard let version = fields["version"].flatMap({ Int($0) }) else {
      throw ModelProblem("its header has no version")
    }
    guard fields["leaves"] == Taxonomy.ids.joined(separator: " ") else {
      throw ModelProblem("was trained for another list of leaves; train it anew")
    }
    self.version = version
    origin = fields["origin"] ?? ""
    let line = try numbers("calibration", 2)
    calibration = Calibration(slope: line[0], offset: line[1])
    temperature = try numbers("temperature", 1)[0]
    let aim = try numbers("aim", 3)
    let cuts = try numbers("cut-offs", 7)
    guard temperature > 0, cuts.suffix(4).allSatisfy({ $0 >= 0 && $0 < 1e9 }) else {
      throw ModelProblem("its header holds impossible numbers")
    }
    cutOffs = CutOffs(
      possibleFrom: cuts[0], complaintFrom: cuts[1],
      aim: .init(missRate: aim[0], confidence: aim[1], falseComplaintRate: aim[2]), meetsAim: cuts[2] == 1,
      missed: Share(Int(cuts[3]), of: Int(cuts[4])), read: Share(Int(cuts[5]), of: Int(cuts[6])))
    let kinds = (fields["flags"] ?? "").split(separator: " ").compactMap { Flag.Kind(rawValue: String($0)) }
    let thresholds = try numbers("flag-thresholds", kinds.count)
    if let reader = fields["reader"] {
      let weights = try numbers("combination", 5)
      combination = Combination(
        reader: reader, first: weights[0], second: weights[1], offset: weights[2], from: weights[3],
        leafShare: weights[4])
    }
    let end = bytes.count - 8
    complaint = try Self.read(bytes, &place, end, FeatureLayout.width)
    categories = []
    for _ in Taxonomy.ids { categories.append(try Self.read(bytes, &place, end, FeatureLayout.width)) }
    flags = [:]
    for (kind, threshold) in zip(kinds, thresholds) {
      var flag = FlagHead(
        head: try Self.read(bytes, &place, end, SentenceFeatures.width), threshold: threshold)
      if fields["flag-\(kind.rawValue)"] != nil {
        let both = try numbers("flag-\(kind.rawValue)", 4)
        flag.combined = FlagCombination(
          sentence: both[0], reader: both[1], offset: both[2], threshold: both[3])
      }
      flags[kind] = flag
    }
    guard place == end else { throw ModelProblem("holds more than its heads") }
  }

  private static func read(
    _ bytes: [UInt8], _ place: inout Int, _ end: Int, _ width: Int
  ) throws(ModelProblem) -> LinearHead {
    guard place + 16 <= end else { throw ModelProblem("ends before its heads do") }
    func number(_ from: Int, _ count: Int) -> UInt64 {
      (0..<count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[from + $1]) }
    }
    let bias = Double(bitPattern: number(place, 8))
    let largest = Float(bitPattern: UInt32(number(place + 8, 4)))
    guard number(place + 12, 4) == width, bias.isFinite, largest.isFinite else {
      throw ModelProblem("was made by another build: its features are not this one's; train it anew")
    }
    place += 16
    let bits = place
    place += (width + 7) / 8
    guard place <= end else { throw ModelProblem("ends before its heads do") }
    var weights = [Float](repeating: 0, count: width)
    for index in 0..<width where bytes[bits + index / 8] & (1 << (index % 8)) != 0 {
      guard place + 2 <= end else { throw ModelProblem("ends before its heads do") }
      let value = Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
      weights[index] = Float(value) / 32767 * largest
      place += 2
    }
    return LinearHead(bias: bias, weights: weights)
  }

  init(
    version: Int, origin: String, cutOffs: CutOffs, calibration: Calibration, complaint: LinearHead,
    categories: [LinearHead], temperature: Double, flags: [Verdict.Flag.Kind: FlagHead],
    combination: Combination? = nil
  ) {
    self.version = version
    self.origin = origin
    self.cutOffs = cutOffs
    self.calibration = calibration
    self.complaint = complaint
    self.categories = categories
    self.temperature = temperature
    self.flags = flags
    self.combination = combination
  }
}
