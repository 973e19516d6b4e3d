// Reading YAML files that people write, strictly: unknown keys, wrong types and missing values are all collected,
// each with its line.

import Cases
import Foundation
import Yams

/// Collects what is wrong while a file is read.
final class ProblemList {
  let file: String
  private(set) var problems: [ConfigurationProblem] = []

  init(file: String) { self.file = file }

  /// What the YAML parser itself stumbles over.
  func add(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      problems.append(ConfigurationProblem(file: file, line: mark.line, message: "not YAML: \(problem)"))
    case .duplicatedKeysInMapping(let keys, let context):
      for key in keys {
        problems.append(
          ConfigurationProblem(
            file: file, line: repetition(of: key, after: context.mark.line), message: "\(key): is there twice"
          ))
      }
    case .reader(let problem, let offset, _, let yaml):
      // Yams' own description shows the line, which may hold a password that somebody wrote there.
      let line = offset.map { yaml.unicodeScalars.prefix($0).count { $0 == "\n" } + 1 }
      problems.append(ConfigurationProblem(file: file, line: line, message: "not YAML: \(problem)"))
    default: add(nil, "not YAML")
    }
  }

  func add(line: Int?, _ message: String) {
    problems.append(ConfigurationProblem(file: file, line: line, message: message))
  }

  /// The line on which a key stands for the second time; the parser tells only where its mapping begins.
  private func repetition(of key: String, after start: Int) -> Int? {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return start }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    let found = lines.filter {
      $0.offset + 1 >= start && $0.element.drop { $0 == " " || $0 == "-" }.hasPrefix(key + ":")
    }
    return found.dropFirst().first.map { $0.offset + 1 } ?? start
  }

  func add(_ node: Node?, _ message: String) {
    problems.append(ConfigurationProblem(file: file, line: node?.mark?.line, message: message))
  }
}

/// A YAML mapping whose keys are taken one by one; what is left over at the end is unknown.
final class YAMLMapping {
  let node: Node
  private let problems: ProblemList
  private let path: String
  private var entries: [String: Node] = [:]
  private var taken: Set<String> = []

  /// Aliases in one file. Each level of them multiplies: nine levels of ten, 600 bytes in all, kept the parser
  /// busy for good when used as a key. Eight aliases can make a file some twenty times as long at most.
  private static let aliasLimit = 8

  /// Reads a file's top mapping.
  ///
  /// - Parameter limit: bytes; these files are short.
  static func load(_ file: String, _ problems: ProblemList, limit: Int = 1 << 20) -> YAMLMapping? {
    do {
      guard let bytes = try DurableFile.read(file, limit: limit) else {
        problems.add(nil, "there is no such file")
        return nil
      }
      guard let text = text(bytes, problems) else { return nil }
      guard let node = try compose(yaml: text) else {
        problems.add(nil, "the file is empty")
        return nil
      }
      return YAMLMapping(node, problems, path: "")
    } catch let error as YamlError {
      problems.add(error)
    } catch {
      problems.add(nil, "\(error)")
    }
    return nil
  }

  /// The file's text, without a byte order mark; nil where the parser should not see it.
  private static func text(_ bytes: [UInt8], _ problems: ProblemList) -> String? {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    var line = 1
    var start = bytes.startIndex
    var aliases = 0
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
      let content = bytes[start..<end]
      if String(validating: content, as: UTF8.self) == nil {
        problems.add(line: line, "not UTF-8; save the file as UTF-8")
        return nil
      }
      aliases += aliasesSeen(in: content)
      if aliases > aliasLimit {
        problems.add(line: line, "more than \(aliasLimit) aliases (*name); write the values out")
        return nil
      }
      start = end < bytes.endIndex ? end + 1 : end
      line += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How many times `*name` stands where an alias can stand; in comments and texts too, which costs nothing.
  private static func aliasesSeen(in line: ArraySlice<UInt8>) -> Int {
    var count = 0
    var before = UInt8(ascii: " ")
    for (index, byte) in zip(line.indices, line) {
      if byte == UInt8(ascii: "*"), " \t\r[{,:?-".utf8.contains(before), index + 1 < line.endIndex,
        !" \t\r".utf8.contains(line[index + 1])
      {
        count += 1
      }
      before = byte
    }
    return count
  }

  init?(_ node: Node, _ problems: ProblemList, path: String) {
    guard let mapping = node.mapping else {
      problems.add(node, "\(path.isEmpty ? "the file" : path): must be a mapping (key: value)")
      return nil
    }
    self.node = node
    self.problems = problems
    self.path = path
    for (key, value) in mapping {
      let name = key.scalar?.string ?? "?"
      if entries[name] != nil { problems.add(key, "\(path)\(name): is there twice") }
      entries[name] = value
    }
  }

  func fail(_ key: String, _ message: String) {
    problems.add(entries[key] ?? node, "\(path)\(key): \(message)")
  }

  /// A key's node; a missing required one is a problem.
  func take(_ key: String, required: Bool = true) -> Node? {
    taken.insert(key)
    if let node = entries[key] { return node }
    if required { problems.add(node, "\(path)\(key): is missing") }
    return nil
  }

  func text(_ key: String, required: Bool = true) -> String? {
    guard let node = take(key, required: required) else { return nil }
    guard let scalar = node.scalar, !scalar.string.isEmpty else {
      fail(key, "must be a text")
      return nil
    }
    if scalar.style == .plain, ["~", "null", "Null", "NULL"].contains(scalar.string) {
      fail(key, "is empty (\(scalar.string) means nothing in YAML); put quotes round it if it is meant")
      return nil
    }
    if scalar.string.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      fail(key, "holds a line break or another control character")
      return nil
    }
    return scalar.string
  }

  /// Whether the key is there, taken or not.
  func has(_ key: String) -> Bool { entries[key] != nil }

  func texts(_ key: String, required: Bool = true) -> [String] {
    list(key, required: required).compactMap { node in
      if let text = node.scalar?.string, !text.isEmpty { return text }
      problems.add(node, "\(path)\(key): must be a list of texts")
      return nil
    }
  }

  func flag(_ key: String) -> Bool? {
    guard let node = take(key, required: false) else { return nil }
    if let flag = node.bool { return flag }
    fail(key, "is true or false")
    return nil
  }

  /// One of a few words.
  func choice(_ key: String, _ words: [String], required: Bool = false) -> String? {
    guard let text = text(key, required: required) else { return nil }
    if words.contains(text) { return text }
    fail(key, "\"\(text)\" is none of \(words.joined(separator: ", "))")
    return nil
  }

  func list(_ key: String, required: Bool = true) -> [Node] {
    guard let node = take(key, required: required) else { return [] }
    guard let sequence = node.sequence else {
      fail(key, "must be a list")
      return []
    }
    return Array(sequence)
  }

  func mapping(_ key: String, required: Bool = true) -> YAMLMapping? {
    take(key, required: required).flatMap { YAMLMapping($0, problems, path: "\(path)\(key).") }
  }

  /// All entries as text, for mappings whose keys are data.
  func pairs() -> [(key: String, value: Node)] {
    taken.formUnion(entries.keys)
    return entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Names every key that nobody took.
  func finish() {
    for (key, value) in entries.sorted(by: { $0.key < $1.key }) where !taken.contains(key) {
      let close = taken.filter { Self.distance($0, key) <= 2 }.min()
      problems.add(value, "\(path)\(key): is not a known key" + (close.map { "; did you mean \($0)?" } ?? ""))
    }
  }

  /// Edits between two keys (Levenshtein), for "did you mean".
  private static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let changed = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(changed, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
