// A sentence as numbers, for the flags: hashed words, pairs and triples, the cues in it, and whom it names.

enum SentenceFeatures {
  private static let words = 0..<(1 << 14)
  private static let cues = words.upperBound..<(words.upperBound + 1 << 10)
  static let width = cues.upperBound + 4

  static func vector(_ index: Int, of text: Words, _ scores: TextScores) -> SparseVector {
    let sentence = text.sentences[index]
    var strengths: [Int: Double] = [:]
    var history: [String] = []
    for place in sentence.words {
      history.append(MessageFeatures.normal(text.vocabulary[text.words[place].id]))
      for length in 1...3 where history.count >= length {
        var hash = FNV()
        for word in history.suffix(length) {
          hash.add(word)
          hash.add(0x20)
        }
        strengths[hash.bucket(words)] = length == 1 ? 1 : 0.8
      }
    }
    // Long sentences hold more by chance; halfway between a count and a share.
    let scale = 2 / Double(max(4, history.count)).squareRoot()
    for key in strengths.keys { strengths[key]! *= scale }
    func add(_ cue: Cue, _ strength: Double) {
      var hash = FNV()
      hash.add(cue.id)
      strengths[hash.bucket(cues)] = strength
    }
    for match in scores.flags where sentence.words.contains(match.first) {
      add(CueBook.cues[match.output], 1.5)
    }
    let score = scores.sentences[index]
    for contribution in score.contributions { add(CueBook.cues[contribution.cue], 0.7) }
    var out = SparseVector()
    for (bucket, value) in strengths.sorted(by: { $0.key < $1.key }) { out.append(bucket, value) }
    let tail = [score.hasOrganisation, score.hasThirdParty, sentence.isQuestion].map { $0 ? 0.7 : 0.0 }
    for (offset, value) in (tail + [score.score / 3]).enumerated() where value != 0 {
      out.append(cues.upperBound + offset, value)
    }
    return out
  }
}
