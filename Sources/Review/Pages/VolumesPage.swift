// How many cases stand where: what operations see, without a word of anybody's mail.

import Cases
import Deadlines

extension Pages {
  func volumes(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    let now = desk.now()
    var model: Model = [
      "states": .list(
        try CaseState.allCases.map { state in
          var filter = CaseFilter()
          filter.state = state
          return try count(state.rawValue, filter, of: user)
        })
    ]
    let views: [ListView.Name] = [.work, .soon, .overdue]
    model["urgent"] = .list(
      try views.map { try count($0.title, ListView.filter(of: $0, for: user, at: now), of: user) })
    model["seesCases"] = .flag(user.role.allows(.seeCases))
    return framed("volumes", model, title: "Volumes", visit: visit)
  }

  private func count(_ title: String, _ filter: CaseFilter, of user: User) throws -> Model {
    var filter = filter
    filter.mailboxes = user.mailboxes
    filter.limit = 1_000_000
    return ["title": .text(title), "count": .text(String(try desk.index.count(filter)))]
  }
}
