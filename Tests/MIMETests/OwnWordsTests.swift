// Own words against quotes, forwards, signatures and disclaimers, measured by line on a folder of labelled messages.

import Foundation
import MIME
import Testing

/// The folder holds messages/*.eml with *.lines (kind, tab, text of each line that is not blank), and dev.txt and
/// heldout.txt that name the messages. INTAKE_OWN_WORDS names another folder; INTAKE_OWN_WORDS_SET picks "dev" or
/// "heldout" alone.
@Suite struct OwnWordsTests {
  private static var folder: String {
    ProcessInfo.processInfo.environment["INTAKE_OWN_WORDS"]
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("OwnWords").path
  }

  private static let hasFolder = FileManager.default.fileExists(atPath: folder + "/dev.txt")

  @Test(.enabled(if: hasFolder), arguments: ["dev", "heldout"])
  func measured(_ set: String) throws {
    let wanted = ProcessInfo.processInfo.environment["INTAKE_OWN_WORDS_SET"]
    guard wanted == nil || wanted == set else { return }
    let names = try String(contentsOfFile: Self.folder + "/\(set).txt", encoding: .utf8)
      .split(whereSeparator: \.isNewline).map { String($0.split(separator: "\t")[0]) }
    var report = OwnWordsReport()
    for name in names {
      let path = Self.folder + "/messages/" + name
      let bytes = try #require(FileManager.default.contents(atPath: path), "\(name) is missing")
      let labels = path.replacingOccurrences(of: ".eml", with: ".lines")
      let expected = try String(contentsOfFile: labels, encoding: .utf8)
        .split(whereSeparator: \.isNewline).compactMap(LabelledLine.init(labelled:))
      let message = Message(parsing: MessageBytes([UInt8](bytes)))
      report.add(name, expected, LabelledLine.lines(of: message))
    }
    print("== \(set): \(names.count) messages ==\n" + report.summary(listingWrong: set == "dev"))
    #expect(report.total.expected > 0)
    // The floor that a change must not fall through; what is reached stands in the documents.
    #expect(report.total.accuracy > 0.9)
    #expect(report.kinds["own", default: .init()].recall > 0.95)
  }
}

/// One line that is not blank and whose words it is.
private struct LabelledLine {
  let kind: String
  let text: String
  /// Letters and digits only, lower case; of a line without any, its other characters.
  let words: [String]

  init(kind: String, text: String) {
    self.kind = kind
    self.text = text
    var words: [String] = []
    var word = ""
    for scalar in text.unicodeScalars {
      let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      // Scripts without spaces: every character is a word.
      let isAlone = scalar.value >= 0x2E80 && scalar.value < 0xFB00
      if isWord, !isAlone {
        word += scalar.properties.lowercaseMapping
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = isWord ? String(scalar) : ""
      if isWord {
        words.append(word)
        word = ""
      }
    }
    if !word.isEmpty { words.append(word) }
    if words.isEmpty {
      let rest = text.filter { !$0.isWhitespace && $0 != ">" }
      if !rest.isEmpty { words = [String(rest.prefix(2))] }
    }
    self.words = words
  }

  init?(labelled line: Substring) {
    guard let tab = line.firstIndex(of: "\t") else { return nil }
    self.init(kind: String(line[..<tab]), text: String(line[line.index(after: tab)...]))
    if words.isEmpty { return nil }
  }

  static func lines(of message: Message) -> [LabelledLine] {
    let text = message.text
    let bytes = Array(text.utf8)
    return message.regions(of: text).flatMap { region in
      String(decoding: bytes[region.range], as: UTF8.self).split(separator: "\n")
        .map { LabelledLine(kind: region.kind.rawValue, text: String($0)) }.filter { !$0.words.isEmpty }
    }
  }
}

/// Counts of lines of one kind, client or language.
private struct LineCounts {
  /// Lines so labelled, and those of them found so.
  var expected = 0
  var right = 0
  /// Lines found so, rightly or not.
  var found = 0
  var recall: Double { expected == 0 ? 1 : Double(right) / Double(expected) }
  var precision: Double { found == 0 ? 1 : Double(right) / Double(found) }
  var accuracy: Double { recall }
}

private struct OwnWordsReport {
  var kinds: [String: LineCounts] = [:]
  var total = LineCounts()
  private var ownByGroup: [String: LineCounts] = [:]
  private var allByGroup: [String: LineCounts] = [:]
  private var wrong: [String] = []
  private var whole = 0
  private var messages = 0

  /// Names are number-client-language-what.eml.
  mutating func add(_ name: String, _ expected: [LabelledLine], _ actual: [LabelledLine]) {
    let parts = name.split(separator: "-")
    let groups = [
      "client " + (parts.count > 1 ? parts[1] : "?"), "language " + (parts.count > 2 ? parts[2] : "?"),
    ]
    let (judged, strays) = align(expected, actual)
    messages += 1
    var isWhole = strays.isEmpty
    for (line, kind) in zip(expected, judged) {
      // "own|quoted": a careful reader could say either.
      let accepted = line.kind.split(separator: "|").map(String.init)
      let isRight = kind.map { accepted.contains($0) } ?? false
      count(groups, expected: isRight ? kind ?? "" : accepted.first ?? "", found: kind)
      if !isRight {
        isWhole = false
        wrong.append("\(name)\t\(line.kind) -> \(kind ?? "missing")\t\(line.text.prefix(100))")
      }
    }
    for stray in strays {
      kinds[stray.kind, default: .init()].found += 1
      wrong.append("\(name)\tnot labelled -> \(stray.kind)\t\(stray.text.prefix(100))")
    }
    if isWhole { whole += 1 }
  }

  private mutating func count(_ groups: [String], expected: String, found: String?) {
    let isRight = expected == found
    kinds[expected, default: .init()].expected += 1
    if let found { kinds[found, default: .init()].found += 1 }
    if isRight { kinds[expected, default: .init()].right += 1 }
    total.expected += 1
    total.right += isRight ? 1 : 0
    for group in groups {
      allByGroup[group, default: .init()].expected += 1
      allByGroup[group, default: .init()].right += isRight ? 1 : 0
      if expected == "own" { ownByGroup[group, default: .init()].expected += 1 }
      if found == "own" { ownByGroup[group, default: .init()].found += 1 }
      if isRight, expected == "own" { ownByGroup[group, default: .init()].right += 1 }
    }
  }

  /// The kind found for each expected line, nil when its words are nowhere; and the found lines that none expects.
  private func align(_ expected: [LabelledLine], _ actual: [LabelledLine]) -> ([String?], [LabelledLine]) {
    var judged = [String?](repeating: nil, count: expected.count)
    var strays: [LabelledLine] = []
    var left = 0
    var right = 0
    let pairs =
      commonSubsequence(expected.map(\.words), actual.map(\.words)) + [(expected.count, actual.count)]
    for (pairLeft, pairRight) in pairs {
      gap(expected, left..<pairLeft, actual, right..<pairRight, &judged, &strays)
      if pairLeft < expected.count { judged[pairLeft] = actual[pairRight].kind }
      (left, right) = (pairLeft + 1, pairRight + 1)
    }
    return (judged, strays)
  }

  /// Lines that were joined, split or altered: matched word by word, the kind of most of a line's words counts.
  private func gap(
    _ expected: [LabelledLine], _ left: Range<Int>, _ actual: [LabelledLine], _ right: Range<Int>,
    _ judged: inout [String?], _ strays: inout [LabelledLine]
  ) {
    let wanted = left.flatMap { line in expected[line].words.map { (line, $0) } }
    let found = right.flatMap { line in actual[line].words.map { (line, $0) } }
    var votes: [Int: [String: Int]] = [:]
    var used: [Int: Int] = [:]
    for (a, b) in commonSubsequence(wanted.map(\.1), found.map(\.1)) {
      votes[wanted[a].0, default: [:]][actual[found[b].0].kind, default: 0] += 1
      used[found[b].0, default: 0] += 1
    }
    for (line, kinds) in votes {
      guard kinds.values.reduce(0, +) * 2 >= expected[line].words.count else { continue }
      judged[line] = kinds.max { $0.value != $1.value ? $0.value < $1.value : $0.key < $1.key }?.key
    }
    for line in right where used[line, default: 0] * 2 < actual[line].words.count {
      strays.append(actual[line])
    }
  }

  private func commonSubsequence<Element: Equatable>(_ left: [Element], _ right: [Element]) -> [(Int, Int)] {
    guard !left.isEmpty, !right.isEmpty else { return [] }
    let width = right.count + 1
    var lengths = [Int32](repeating: 0, count: (left.count + 1) * width)
    for i in left.indices.reversed() {
      for j in right.indices.reversed() {
        lengths[i * width + j] =
          left[i] == right[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
      }
    }
    var pairs: [(Int, Int)] = []
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if left[i] == right[j] {
        pairs.append((i, j))
        (i, j) = (i + 1, j + 1)
      } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return pairs
  }

  func summary(listingWrong: Bool) -> String {
    func percent(_ value: Double) -> String { String(format: "%5.1f %%", value * 100) }
    var out =
      "lines right \(percent(total.accuracy)) of \(total.expected); messages without fault \(whole) of \(messages)\n"
    out += "kind         lines  precision   recall\n"
    for (kind, counts) in kinds.sorted(by: { $0.key < $1.key }) {
      out += kind.padding(toLength: 11, withPad: " ", startingAt: 0)
      out +=
        String(format: "%7d", counts.expected)
        + "    \(percent(counts.precision))  \(percent(counts.recall))\n"
    }
    out += "group                       lines    right   own precision, recall\n"
    for (group, counts) in allByGroup.sorted(by: { $0.key < $1.key }) {
      let own = ownByGroup[group, default: .init()]
      out += group.padding(toLength: 26, withPad: " ", startingAt: 0)
      out += String(format: "%7d", counts.expected) + "  \(percent(counts.accuracy))"
      out += "  \(percent(own.precision))  \(percent(own.recall))\n"
    }
    if listingWrong { out += wrong.joined(separator: "\n") + "\n" }
    return out
  }
}
