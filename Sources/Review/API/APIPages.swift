// The JSON API: what programs may read and decide (Resources/openapi.json describes it).

import Cases
import Deadlines
internal import HTTPTypes

extension Pages {
  /// What an answer with a list holds.
  private struct List: Encodable {
    let cases: [CaseLine]
    /// Where the list goes on: now, where `more` is true; later, for a list of changes.
    let next: String?
    let more: Bool
  }

  /// What a conflict holds besides its words.
  private struct Changed: Encodable {
    let changed: [CaseEvent]
    let eventCount: Int

    enum CodingKeys: String, CodingKey {
      case changed
      case eventCount = "event_count"
    }
  }

  func apiList(_ visit: Visit) throws -> Page {
    var query = try CaseQuery(visit.query, mailboxes: visit.person().mailboxes, at: desk.now())
    let limit = query.filter.limit
    query.filter.limit += 1
    var rows = try desk.index.list(query.filter)
    let more = rows.count > limit
    if more { rows.removeLast() }
    let next = rows.last.map(query.place(after:)) ?? visit.query["after"]
    return try .json(List(cases: rows.map(CaseLine.init), next: next, more: more))
  }

  func apiCase(_ visit: Visit) throws -> Page { try .json(CaseDocument(try apiCurrent(visit))) }

  private func apiCurrent(_ visit: Visit) throws -> Case {
    guard let id = visit.caseID else { throw Refusal.notFound }
    return try desk.store.read(id)
  }

  func apiRaw(_ visit: Visit) throws -> Page {
    var page = try raw(visit)
    page.contentType = "message/rfc822"
    return page
  }

  func apiDecide(_ visit: Visit) throws -> Page {
    let current = try apiCurrent(visit)
    let asked = try DecisionRequest.read(visit.body)
    if asked.decision == .assign, asked.fields.assignee == nil {
      throw APIProblem(.unprocessableContent, "Not done", "Say who is to have the case.")
    }
    do {
      let updated = try desk.decide(
        asked.decision, asked.fields, on: current.id, after: asked.after, by: visit.person())
      return try .json(CaseDocument(updated))
    } catch let conflict as EventConflict {
      let now = try desk.store.read(current.id)
      let changed = now.events.count > asked.after ? now.events.dropFirst(max(0, asked.after)) : []
      throw APIProblem(
        .conflict, "The case has changed", conflict.description,
        more: Changed(changed: Array(changed), eventCount: now.events.count))
    } catch let refusal as DecisionRefusal {
      throw APIProblem(.unprocessableContent, "Not done", refusal.description)
    } catch let missing as NoSuchCase {
      throw APIProblem(.unprocessableContent, "Not done", missing.description)
    }
  }

  func apiDescription() -> Page {
    Page(contentType: "application/json", body: PackageResources.openapi_json, policy: Page.apiPolicy)
  }
}

extension Page {
  /// Nothing that a browser could make of an answer to a program.
  static let apiPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

  static func json(_ value: some Encodable) throws -> Page {
    Page(contentType: "application/json", body: try JSONLine.bytes(value), policy: apiPolicy)
  }
}
