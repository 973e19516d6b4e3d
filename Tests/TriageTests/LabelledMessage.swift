// Labelled messages as text: read into values.

import MIME
import Triage

/// A message with what a person says it is.
struct LabelledMessage: Sendable, CustomStringConvertible {
  /// `complaint`, or what it is instead: help, enquiry, admin, compliment, newsletter, other, foreign,
  /// unsure.
  var label: String
  var category: String
  var subject: String
  var text: String

  var description: String { "\(label) \"\(subject)\"" }
  var isComplaint: Bool { label == "complaint" }
  /// A complaint, or a message that a person must see.
  var mustBeSeen: Bool { label == "complaint" || label == "foreign" || label == "unsure" }

  var input: TriageInput {
    let lower = subject.lowercased()
    let isForward = lower.hasPrefix("fw:") || lower.hasPrefix("fwd:")
    return TriageInput(
      subject: subject, text: text, regions: regions(of: text, isForward: isForward), from: "dr@post.example")
  }

  /// Reads records: "@ label category | subject", then the text.
  static func read(_ source: String) -> [LabelledMessage] {
    var out: [LabelledMessage] = []
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@ ") {
        let halves = line.dropFirst(2).split(separator: "|", maxSplits: 1)
        let words = halves.first?.split(separator: " ") ?? []
        guard halves.count == 2, words.count == 2 else { continue }
        out.append(
          LabelledMessage(
            label: String(words[0]), category: String(words[1]),
            subject: String(halves[1].drop { $0 == " " }), text: ""))
      } else if !out.isEmpty {
        out[out.count - 1].text += line + "\n"
      }
    }
    return out
  }
}
