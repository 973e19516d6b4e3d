// A case among others: earlier ones of the same person, similar ones, and what it could be merged with or split into.

import Cases
import Deadlines
import Triage

extension Pages {
  /// A secondary category is worth a case of its own from this probability on.
  private static let splitFrom = 0.35

  func neighbours(
    of current: Case, _ row: CaseRow?, text: String, mailboxes: [String]?, at now: Instant
  ) throws -> Model {
    let recorded = current.recorded
    let others = try row.map { try desk.index.others(like: $0, mailboxes: mailboxes, limit: 10) } ?? []
    let alike = try desk.index.similar(to: text, besides: current.id, mailboxes: mailboxes, limit: 5)
    let named = (recorded.possibleDuplicates + recorded.claimsToBelongTo).prefix(20)
    let duplicates = try named.compactMap { try desk.index.row($0) }.filter {
      mailboxes?.contains($0.mailbox) ?? true
    }
    var model: Model = [
      "others": .list(others.map { rowModel($0, list: "", at: now) }),
      "alike": .list(
        alike.map { similar in
          var model = rowModel(similar.row, list: "", at: now)
          model["share"] = .text("\(Int((similar.share * 100).rounded())) %")
          model["isPerhapsSame"] = .flag(similar.share >= SimilarCase.perhapsSame)
          return model
        }),
      "duplicates": .list(duplicates.map { rowModel($0, list: "", at: now) }),
      "mergeable": .list(
        Self.mergeable(duplicates, alike, others).map { other in
          [
            "id": .text(other.id.reference.description),
            "title": .text("\(other.id.reference) \(other.subject.prefix(60)) (\(other.state.rawValue))"),
          ]
        }),
      "splitFrom": .model(link(recorded.splitFrom)), "mergedInto": .model(link(current.mergedInto)),
      "hasSplitFrom": .flag(recorded.splitFrom != nil), "hasMergedInto": .flag(current.mergedInto != nil),
    ]
    model["hasAlike"] = .flag(!alike.isEmpty)
    let done = Set(current.events.compactMap { $0.details.splitInto == nil ? nil : $0.details.category })
    model["splits"] = .list(
      (recorded.verdict?.secondary ?? []).filter {
        $0.probability >= Self.splitFrom && $0.category != current.category && !done.contains($0.category)
      }.map {
        [
          "id": .text($0.category), "title": .text(desk.title(of: $0.category)),
          "probability": .text("\(Int(($0.probability * 100).rounded())) %"),
        ]
      })
    return model
  }

  private func link(_ id: CaseID?) -> Model {
    guard let id else { return [:] }
    return ["href": .text("/cases/\(id.text)"), "reference": .text(id.reference.description)]
  }

  /// What a case is most likely part of, each once: what names itself, what says the same, what the same person wrote.
  private static func mergeable(_ named: [CaseRow], _ alike: [SimilarCase], _ others: [CaseRow]) -> [CaseRow]
  {
    var seen: Set<CaseID> = []
    let same = alike.filter { $0.share >= SimilarCase.perhapsSame }.map(\.row)
    let rest = alike.filter { $0.share < SimilarCase.perhapsSame }.map(\.row)
    return (named + same + others + rest).filter { seen.insert($0.id).inserted }
  }
}
