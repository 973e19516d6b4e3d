// The taxonomy of complaints, read from config/taxonomy.yaml.

import Triage
import Yams

/// Reads taxonomies.
enum TaxonomyData {
  /// Reads one file.
  ///
  /// - Throws: `ConfigurationProblems`, all of them at once.
  static func load(path: String) throws -> Taxonomy {
    let problems = ProblemList(file: path)
    var leaves: [Taxonomy.Leaf] = []
    if let top = YAMLMapping.load(path, problems) {
      var lines: [String: Int] = [:]
      for node in top.list("leaves") {
        guard let leaf = leaf(node, problems) else { continue }
        if lines.updateValue(node.mark?.line ?? 0, forKey: leaf.id) != nil {
          problems.add(node, "\(leaf.id): is there twice")
        }
        leaves.append(leaf)
      }
      top.finish()
      for id in Taxonomy.ids where lines[id] == nil { problems.add(nil, "\(id): is missing") }
    }
    guard problems.problems.isEmpty else { throw ConfigurationProblems(problems: problems.problems) }
    do {
      return try Taxonomy(leaves: leaves)
    } catch {
      throw ConfigurationProblems(
        problems: error.problems.map { ConfigurationProblem(file: path, line: nil, message: $0) })
    }
  }

  private static func leaf(_ node: Node, _ problems: ProblemList) -> Taxonomy.Leaf? {
    guard let mapping = YAMLMapping(node, problems, path: "leaves.") else { return nil }
    let id = mapping.text("id")
    let title = mapping.text("title")
    let definition = mapping.text("definition")
    let fca = mapping.text("fca")
    var phrases: [Taxonomy.Phrase] = []
    for item in mapping.list("phrases") {
      if let phrase = phrase(item, problems) { phrases.append(phrase) }
    }
    mapping.finish()
    guard let id, let title, let definition, let fca else { return nil }
    if !Taxonomy.ids.contains(id) {
      mapping.fail("id", "\"\(id)\" is none of \(Taxonomy.ids.joined(separator: ", "))")
      return nil
    }
    let leaf = Taxonomy.Leaf(id: id, title: title, definition: definition, fca: fca, phrases: phrases)
    // Phrases were checked one by one, with their lines.
    let shell = Taxonomy.Leaf(
      id: id, title: title, definition: definition, fca: fca, phrases: phrases.prefix(1).map { $0 })
    for problem in Taxonomy.problems(of: shell) { problems.add(node, problem) }
    return leaf
  }

  private static func phrase(_ node: Node, _ problems: ProblemList) -> Taxonomy.Phrase? {
    let phrase: Taxonomy.Phrase
    if let text = node.scalar?.string {
      phrase = Taxonomy.Phrase(pattern: text)
    } else {
      guard let mapping = YAMLMapping(node, problems, path: "phrases.") else { return nil }
      let pattern = mapping.text("phrase")
      let weight = mapping.text("weight", required: false)
      mapping.finish()
      guard let pattern else { return nil }
      guard let value = Double(weight ?? "1"), value > 0, value <= 10 else {
        mapping.fail("weight", "must be a number above 0 and at most 10")
        return nil
      }
      phrase = Taxonomy.Phrase(pattern: pattern, weight: value)
    }
    if let problem = Taxonomy.problem(in: phrase) {
      problems.add(node, "phrases: \"\(phrase.pattern)\" \(problem)")
      return nil
    }
    return phrase
  }
}
