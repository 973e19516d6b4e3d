// Which words are judged as the sender's: not what is quoted, forwarded or pasted, unless hardly anything
// else is there.

import MIME

/// The stretches of a text by whose words they are.
struct OwnWords: Sendable {
  /// The sender's.
  var own: [Range<Int>] = []
  /// Somebody else's that was forwarded.
  var passedOn: [Range<Int>] = []
  /// Somebody else's that was pasted among the sender's lines, which say whose it is.
  var pasted: [Range<Int>] = []
  var quoted: [Range<Int>] = []
  var signatures: [Range<Int>] = []
  var isCut = false

  init(_ bytes: [UInt8], regions: [TextRegion]) {
    var left = TriageLimits.judgedBytes
    let regions = regions.isEmpty ? [TextRegion(kind: .own, range: 0..<bytes.count)] : regions
    for region in regions {
      let range = region.range.clamped(to: 0..<bytes.count)
      switch region.kind {
      case .own:
        let judged = range.lowerBound..<(range.lowerBound + min(left, range.count))
        if judged.count < range.count { isCut = true }
        left -= judged.count
        divide(bytes, judged)
      case .forwarded: passedOn.append(Self.first(range))
      case .quoted: quoted.append(Self.first(range))
      case .signature: signatures.append(Self.first(range))
      case .disclaimer: break
      }
    }
  }

  private static func first(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound..<(range.lowerBound + min(range.count, TriageLimits.judgedBytes))
  }

  /// Takes a pasted letter out of the sender's own lines: it begins with a second salutation to a person, or
  /// after a line such as "She writes:", and ends with its close.
  private mutating func divide(_ bytes: [UInt8], _ range: Range<Int>) {
    var start = range.lowerBound
    var line = range.lowerBound
    var pastedFrom: Int?
    var hasSaluted = false
    var ownLines = 0
    var linesToClose: Int?
    while line < range.upperBound {
      var end = line
      while end < range.upperBound, bytes[end] != 0x0A { end += 1 }
      let next = min(end + 1, range.upperBound)
      let words = Self.firstWords(bytes, line..<end)
      if let from = pastedFrom {
        if let left = linesToClose {
          // The name under the close still belongs to the letter.
          if left == 0 || words.count > 6 {
            pasted.append(from..<line)
            (pastedFrom, linesToClose, start) = (nil, nil, line)
          } else if !words.isEmpty {
            linesToClose = left - 1
          }
        } else if Self.closes(words) {
          linesToClose = 2
        } else if Self.isRule(bytes, line..<end) {
          pasted.append(from..<next)
          (pastedFrom, start) = (nil, next)
        }
      } else if !words.isEmpty {
        let salutes = words[0] == "dear"
        if salutes, hasSaluted || ownLines >= 2, words.count > 1, Self.people.contains(words[1]) {
          if line > start { own.append(start..<line) }
          pastedFrom = line
        } else if Self.introduces(bytes, line..<end, words) {
          own.append(start..<next)
          pastedFrom = next
        }
        if salutes || Self.greetings.contains(words[0]) { hasSaluted = true } else { ownLines += 1 }
      }
      line = next
    }
    if let from = pastedFrom {
      pasted.append(from..<range.upperBound)
    } else if start < range.upperBound {
      own.append(start..<range.upperBound)
    }
  }

  private static let people: Set<String> = [
    "dr", "doctor", "mr", "mrs", "ms", "miss", "practice", "surgery", "manager", "sir", "madam", "professor",
    "prof",
  ]
  private static let greetings: Set<String> = [
    "hi", "hello", "good", "to", "greetings", "morning", "afternoon",
  ]

  private static func closes(_ words: [String]) -> Bool {
    guard let first = words.first, words.count <= 5 else { return false }
    return ["yours", "regards", "sincerely", "faithfully"].contains(first)
      || (words.count >= 2 && ["kind", "best", "warm", "with"].contains(first)
        && words.contains { ["regards", "wishes"].contains($0) })
  }

  private static func isRule(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    var marks = 0
    for index in range {
      switch bytes[index] {
      case 0x2D, 0x3D, 0x5F, 0x2A, 0x7E: marks += 1
      case 0x20, 0x09, 0x0D: break
      default: return false
      }
    }
    return marks >= 5
  }

  /// "The patient's husband wrote:": somebody else's words follow.
  private static func introduces(_ bytes: [UInt8], _ range: Range<Int>, _ words: [String]) -> Bool {
    var last = range.upperBound
    while last > range.lowerBound, bytes[last - 1] <= 0x20 { last -= 1 }
    guard last > range.lowerBound, bytes[last - 1] == 0x3A else { return false }
    let verbs: Set<String> = [
      "wrote", "writes", "reads", "says", "said", "letter", "complaint", "email", "message", "text", "below",
      "words",
      "wrote", "received", "sent",
    ]
    let others: Set<String> = [
      "patient", "patients", "she", "he", "her", "his", "their", "they", "husband", "wife", "daughter", "son",
      "mother",
      "father", "family", "complainant", "relative", "mr", "mrs", "ms", "claimant",
    ]
    let addressee: Set<String> = ["you", "your", "yours"]
    return words.contains { verbs.contains($0) } && words.contains { others.contains($0) }
      && !words.contains { addressee.contains($0) }
  }

  private static func firstWords(_ bytes: [UInt8], _ range: Range<Int>) -> [String] {
    let short = range.lowerBound..<min(range.upperBound, range.lowerBound + 200)
    let words = Words(bytes, ranges: [short])
    return words.words.map { words.vocabulary[$0.id] }
  }
}
