// What a program may ask of the case list, in its query.

import Cases
import Deadlines

/// Filters and place of a list, read strictly: a filter that is misspelt would otherwise let everything through.
struct CaseQuery {
  /// Cases of one answer, where the query does not say, and at most.
  static let limits = (standard: 100, most: 500)
  /// What happened less than this ago waits for the next pull of changes: an event that is being written may be
  /// stamped a little earlier than one that was seen already, and a cursor beyond it would skip it for good.
  static let settlingSeconds: Int64 = 30

  var filter = CaseFilter()

  private static let names: Set<String> = [
    "state", "category", "mailbox", "country", "flag", "regime", "assignee", "q", "due_before", "overdue",
    "received_before", "changed_since", "after", "limit",
  ]

  init(_ form: Form, mailboxes: [String]?, at now: Instant) throws(APIProblem) {
    for field in form.fields {
      guard Self.names.contains(field.name) else {
        throw .badRequest(
          "\(field.name.prefix(40)) is no filter; there are \(Self.names.sorted().joined(separator: ", ")).")
      }
      guard form.all(field.name).count == 1 else { throw .badRequest("\(field.name) is there twice.") }
    }
    filter.mailboxes = mailboxes
    if let state = form["state"] {
      guard let state = CaseState(rawValue: state) else {
        throw .badRequest(
          "state is one of \(CaseState.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      filter.state = state
    }
    filter.category = form["category"]
    filter.mailbox = form["mailbox"]
    filter.country = form["country"]
    filter.flag = form["flag"]
    filter.regime = form["regime"]
    filter.assignee = form["assignee"]
    filter.search = form["q"].map { String($0.prefix(200)) }
    filter.dueBefore = try Self.instant(form, "due_before")
    filter.receivedBefore = try Self.instant(form, "received_before")
    switch form["overdue"] {
    case nil, "false": break
    case "true": filter.dueBefore = min(filter.dueBefore ?? now, now)
    default: throw .badRequest("overdue is true or false.")
    }
    if let since = try Self.instant(form, "changed_since") {
      filter.order = .change
      filter.after = CasePlace(rank: since.unixSeconds, id: "")
    } else {
      filter.order = .id
    }
    if let place = form["after"] { try read(place: place) }
    if filter.order == .change {
      filter.changedBefore = Instant(unixSeconds: now.unixSeconds - Self.settlingSeconds)
    }
    filter.limit = Self.limits.standard
    if let limit = form["limit"] {
      guard let number = Int(limit), (1...Self.limits.most).contains(number) else {
        throw .badRequest("limit is a whole number from 1 to \(Self.limits.most).")
      }
      filter.limit = number
    }
  }

  /// Where the list goes on after a row.
  func place(after row: CaseRow) -> String {
    filter.order == .change ? "c.\(row.changedAt.unixSeconds).\(row.id.text)" : "i.\(row.id.text)"
  }

  private mutating func read(place: String) throws(APIProblem) {
    let parts = place.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    switch (parts.first, parts.count) {
    case ("i", 2) where filter.order == .id && CaseID(parts[1]) != nil:
      filter.after = CasePlace(rank: 0, id: parts[1])
    case ("c", 3) where Int64(parts[1]) != nil && CaseID(parts[2]) != nil:
      filter.order = .change
      filter.after = CasePlace(rank: Int64(parts[1]) ?? 0, id: parts[2])
    default: throw .badRequest("after is the `next` of an earlier answer to the same question.")
    }
  }

  private static func instant(_ form: Form, _ name: String) throws(APIProblem) -> Instant? {
    guard let text = form[name] else { return nil }
    guard let instant = Instant(iso8601: text) else {
      throw .badRequest("\(name) is a time such as 2026-11-23T09:30:00Z.")
    }
    return instant
  }
}
