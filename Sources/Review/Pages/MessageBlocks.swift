// A message's text cut into whose words they are, with the words marked that made the verdict.

import MIME
import Triage

/// Blocks for the template: each a region of the text, in runs that are marked or not.
struct MessageBlocks {
  /// Text that is shown; the raw file has all.
  private static let mostBytes = 400_000
  /// Strongest first; more would hide what matters.
  private static let mostMarks = 6

  private struct Mark {
    let range: Range<Int>
    /// `for`, `against`, `shows`.
    let kind: String
    let title: String
  }

  let models: [Model]

  init(_ message: Message, verdict: Verdict?) {
    let text = message.text
    let bytes = Array(text.utf8)
    let shown = min(bytes.count, Self.mostBytes)
    let marks = Self.marks(verdict, limit: shown)
    var models: [Model] = []
    for region in message.regions(of: text) {
      let range = region.range.clamped(to: 0..<shown)
      guard !range.isEmpty else { continue }
      models.append([
        "kind": .text(region.kind.rawValue), "title": .text(Self.title(region.kind)),
        "isOwn": .flag(region.kind == .own), "runs": .list(Self.runs(bytes, range, marks)),
      ])
    }
    if shown < bytes.count {
      models.append([
        "kind": "cut", "isOwn": true,
        "runs": .list([["text": .text("… \(bytes.count - shown) more bytes; the raw file has all of it.")]]),
      ])
    }
    self.models = models
  }

  private static func title(_ kind: TextRegion.Kind) -> String {
    switch kind {
    case .own: "The sender's words"
    case .quoted: "Quoted from an earlier message"
    case .forwarded: "Forwarded: somebody else's words"
    case .signature: "Signature"
    case .disclaimer: "Standard footer"
    }
  }

  /// What is marked: evidence first, then flags where no evidence stands.
  private static func marks(_ verdict: Verdict?, limit: Int) -> [Mark] {
    guard let verdict else { return [] }
    var marks: [Mark] = []
    for evidence in verdict.evidence.prefix(mostMarks) where evidence.source == .text {
      let sign = evidence.weight < 0 ? "−" : "+"
      let hundredths = Int((abs(evidence.weight) * 100).rounded())
      let weight = "\(sign)\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
      marks.append(
        Mark(
          range: evidence.start..<max(evidence.start, evidence.end),
          kind: evidence.weight < 0 ? "against" : "for",
          title: "\(weight) \(evidence.rule)"))
    }
    for flag in verdict.flags where flag.source == .text {
      guard let start = flag.start, let end = flag.end, start < end else { continue }
      marks.append(Mark(range: start..<end, kind: "shows", title: FlagWords.words(flag.kind.rawValue)))
    }
    marks = marks.filter { $0.range.lowerBound >= 0 && $0.range.upperBound <= limit }
    return marks
  }

  /// The runs of a region: cut wherever a mark begins or ends; of marks on top of each other the shortest shows.
  private static func runs(_ bytes: [UInt8], _ range: Range<Int>, _ marks: [Mark]) -> [Model] {
    let here = marks.filter { $0.range.overlaps(range) }
    var cuts: Set<Int> = [range.lowerBound, range.upperBound]
    for mark in here {
      cuts.insert(max(mark.range.lowerBound, range.lowerBound))
      cuts.insert(min(mark.range.upperBound, range.upperBound))
    }
    let places = cuts.sorted()
    return zip(places, places.dropFirst()).map { start, end in
      let text = String(decoding: bytes[start..<end], as: UTF8.self)
      let mark = here.filter { $0.range.lowerBound <= start && $0.range.upperBound >= end }
        .min { $0.range.count < $1.range.count }
      guard let mark else { return ["text": .text(text)] }
      return ["text": .text(text), "mark": .text(mark.kind), "why": .text(mark.title)]
    }
  }
}
