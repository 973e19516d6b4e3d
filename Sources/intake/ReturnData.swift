// Returns, read from config/returns.

import Cases
import Deadlines
import Monitoring
import Triage

/// What regulators ask for, by id.
enum ReturnData {
  /// Reads `directory`/returns/*.yaml; none where the folder is not there.
  ///
  /// - Throws: `ConfigurationProblems`, all of them at once.
  static func load(directory: String) throws -> [String: ReturnDefinition] {
    let folder = directory + "/returns"
    guard (try? FileFacts(folder)) != nil else { return [:] }
    var found: [String: ReturnDefinition] = [:]
    var problems: [ConfigurationProblem] = []
    for name in try DurableFile.names(in: folder).sorted() where name.hasSuffix(".yaml") {
      let list = ProblemList(file: "\(folder)/\(name)")
      if let definition = definition(list.file, list) { found[definition.id] = definition }
      problems += list.problems
    }
    guard problems.isEmpty else { throw ConfigurationProblems(problems: problems) }
    return found
  }

  private static func definition(_ file: String, _ problems: ProblemList) -> ReturnDefinition? {
    guard let top = YAMLMapping.load(file, problems) else { return nil }
    let (id, title, source) = (top.text("id"), top.text("title"), top.text("source"))
    if let id,
      !id.utf8.allSatisfy({ ($0 | 32 >= 0x61 && $0 | 32 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
      )
    {
      top.fail("id", "is letters, digits and dashes: it becomes part of an address")
    }
    var checkBy: CivilDate?
    if let text = top.text("check_by") {
      checkBy = CivilDate(text)
      if checkBy == nil { top.fail("check_by", "a date is written 2026-12-25") }
    }
    func set(_ key: String) -> Set<String>? { top.has(key) ? Set(top.texts(key)) : nil }
    let (countries, mailboxes) = (set("countries"), set("mailboxes"))
    var publishFrom: Int?
    if let text = top.text("publish_from", required: false) {
      publishFrom = Int(text)
      if publishFrom == nil { top.fail("publish_from", "is a whole number") }
    }
    var names: Set<String> = []
    let fields = top.list("fields").compactMap { node -> ReturnDefinition.Field? in
      guard let entry = YAMLMapping(node, problems, path: "fields.") else { return nil }
      let (name, title) = (entry.text("name"), entry.text("title"))
      let counts = ReturnDefinition.Count.allCases.map(\.rawValue)
      let count = entry.choice("count", counts, required: true).flatMap(
        ReturnDefinition.Count.init(rawValue:))
      func period(_ key: String) -> Period? {
        guard let text = entry.text(key, required: false) else { return nil }
        let period = DeadlineData.period(text)
        if period == nil { entry.fail(key, "\"\(text)\": write it as `3 business days` or `8 weeks`") }
        return period
      }
      let (after, within) = (period("after"), period("within"))
      entry.finish()
      guard let name, let title, let count else { return nil }
      if !names.insert(name).inserted { entry.fail("name", "\(name) is there twice") }
      return .init(name: name, title: title, count: count, after: after, within: within)
    }
    top.finish()
    guard problems.problems.isEmpty, let id, let title, let source, let checkBy else { return nil }
    return ReturnDefinition(
      id: id, title: title, source: source, checkBy: checkBy, countries: countries, mailboxes: mailboxes,
      publishFrom: publishFrom, fields: fields)
  }
}

extension Workplace {
  /// The regulator's headline cause of each category, from the taxonomy's `fca`.
  var causes: [String: String] {
    let headlines: Set<Substring> = ["ASA", "ISP", "GAC", "ARR", "OTH"]
    return Dictionary(
      uniqueKeysWithValues: taxonomy.leaves.map { leaf in
        let first = leaf.fca.prefix { $0 != " " && $0 != ";" }
        return (leaf.id, headlines.contains(first) ? String(first) : "OTH")
      })
  }
}
