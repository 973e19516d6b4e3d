// The work list: what must happen next, first.

import Cases
import Deadlines
internal import HTTPTypes
import Monitoring
import Triage

/// A list as its address names it.
struct ListView {
  /// The fixed views, in the order of the side bar.
  enum Name: String, CaseIterable {
    case work, possible, open, quarantined, soon, overdue, mine, acknowledged, closed, dismissed
    /// The cases that a number on the volumes page counts; in no side bar.
    case figure

    static let shown = allCases.filter { $0 != .figure }

    var title: String {
      switch self {
      case .work: "All work"
      case .possible: "Possible"
      case .open: "Open"
      case .quarantined: "Quarantined"
      case .soon: "Due soon"
      case .overdue: "Overdue"
      case .mine: "Mine"
      case .acknowledged: "Acknowledged"
      case .closed: "Closed"
      case .dismissed: "Dismissed"
      case .figure: "Behind a figure"
      }
    }
  }

  static let pageRows = 50
  /// "Due soon" begins so long before the acknowledgement is due.
  static let soonSeconds: Int64 = 2 * 86400

  let name: Name
  var filter: CaseFilter
  /// The address's query without the place in the list.
  let query: Form

  init(_ asked: Form, for user: User, at now: Instant, _ days: ReportingDays) {
    name = asked["view"].flatMap(Name.init(rawValue:)) ?? .work
    var filter = Self.filter(of: name, for: user, at: now)
    if name == .figure { filter.figure = Self.figure(asked, at: now, days) }
    if name != .figure {
      filter.category = asked["category"]
      filter.mailbox = asked["mailbox"]
      filter.country = asked["country"]
      filter.regime = asked["regime"]
    }
    filter.flag = asked["flag"]
    if let assignee = asked["assignee"] { filter.assignee = assignee }
    if let days = asked["age"].flatMap({ Int64($0) }), (0...10_000).contains(days) {
      filter.receivedBefore = Instant(unixSeconds: now.unixSeconds - days * 86400)
    }
    filter.search = asked["q"].map { String($0.prefix(200)) }
    filter.limit = Self.pageRows + 1
    let place = asked["after"]?.split(separator: ".").map(String.init) ?? []
    if place.count == 2, let rank = Int64(place[0]) { filter.after = CasePlace(rank: rank, id: place[1]) }
    self.filter = filter
    query = Form(asked.fields.filter { $0.name != "after" && !$0.value.isEmpty })
  }

  static func filter(of name: Name, for user: User, at now: Instant) -> CaseFilter {
    var filter = CaseFilter()
    filter.mailboxes = user.mailboxes
    switch name {
    case .work: filter.isPending = true
    case .possible: filter.state = .possible
    case .open: filter.state = .open
    case .quarantined: filter.state = .quarantined
    case .soon: filter.dueBefore = Instant(unixSeconds: now.unixSeconds + soonSeconds)
    case .overdue: filter.dueBefore = now
    case .mine:
      filter.isPending = true
      filter.assignee = user.name
    case .acknowledged: filter.state = .acknowledged
    case .closed: filter.state = .closed
    case .dismissed: filter.state = .dismissed
    case .figure: break
    }
    return filter
  }

  /// What an address from the volumes page means; today's cases where it says nothing.
  private static func figure(_ asked: Form, at now: Instant, _ days: ReportingDays) -> FigureFilter {
    let today = days.date(now)
    let from = asked["from"].flatMap { CivilDate($0) } ?? today
    let to = asked["to"].flatMap { CivilDate($0) } ?? today
    var only: [MeasureFilter.Dimension: String] = [:]
    for dimension in MeasureFilter.Dimension.allCases {
      if let value = asked[dimension.rawValue] { only[dimension] = value == VolumesQuery.none ? "" : value }
    }
    return FigureFilter(
      asked["figure"].flatMap(FigureFilter.Kind.init(rawValue:)) ?? .cases, from: days.start(from),
      to: days.start(to.adding(days: 1)), now: now, only: only)
  }
}

extension Pages {
  func list(_ visit: Visit) throws -> Page {
    // Who types a reference wants that case.
    if let asked = visit.query["q"], let reference = CaseReference(asked),
      let id = try desk.store.ids(with: reference).first(where: {
        try visit.person().sees(mailbox: desk.store.read($0).recorded.message.source.mailbox)
      })
    {
      return .redirect("/cases/\(id.text)")
    }
    return try listPage(
      ListView(visit.query, for: visit.person(), at: desk.now(), desk.reporting), visit, problem: nil)
  }

  private func listPage(_ view: ListView, _ visit: Visit, problem: String?) throws -> Page {
    let user = try visit.person()
    let now = desk.now()
    var model = try rowsModel(view, visit)
    model["problem"] = .optional(problem)
    let saved = desk.views.views(of: user.name)
    let here = saved.first { $0.query == view.query.encoded }
    model["saved"] = .list(
      saved.map {
        [
          "title": .text($0.name), "href": .text("/cases?" + $0.query),
          "isCurrent": .flag($0.name == here?.name),
        ]
      })
    model["hasSaved"] = .flag(!saved.isEmpty)
    model["savedAs"] = .optional(here?.name)
    model["views"] = .list(try views(current: view, user, at: now))
    model["view"] = .text(view.name.rawValue)
    model["heading"] = .text(view.name.title)
    model["q"] = .optional(view.filter.search)
    model["filters"] = .list(try filters(view))
    model["isFiltered"] = .flag(view.query.fields.contains { $0.name != "view" })
    model["narrowed"] = .list(
      try narrowed(view).map { ["words": .text($0.words), "href": .text($0.without)] })
    let refresh = view.filter.after == nil ? view.query : view.query.setting("after", visit.query["after"])
    model["refresh"] = .text("/cases/rows?" + refresh.encoded)
    return framed(
      "list", model, title: view.name.title, visit: visit,
      status: problem == nil ? .ok : .unprocessableContent)
  }

  func saveView(_ visit: Visit) throws -> Page { try changeViews(visit) { try desk.views.save($0, of: $1) } }

  func removeView(_ visit: Visit) throws -> Page {
    try changeViews(visit) { try desk.views.remove($0.name, of: $1) }
  }

  private func changeViews(_ visit: Visit, _ change: (SavedView, String) throws -> Void) throws -> Page {
    let user = try visit.person()
    let view = ListView(Form(visit.form["list"] ?? ""), for: user, at: desk.now(), desk.reporting)
    do {
      try change(SavedView(name: visit.form["name"] ?? "", query: view.query.encoded), user.name)
    } catch let mistake as DecisionRefusal {
      return try listPage(view, visit, problem: mistake.description)
    }
    return .redirect("/cases?" + view.query.encoded)
  }

  /// What narrows a list, each with the address of the list without it.
  private func narrowed(_ view: ListView) throws -> [(words: String, without: String)] {
    view.query.fields.filter { $0.name != "view" }.map { field in
      let words =
        switch field.name {
        case "q": "“\(field.value)”"
        case "category": desk.title(of: field.value)
        case "flag": FlagWords.words(field.value)
        case "figure": FigureFilter.Kind(rawValue: field.value)?.title ?? field.value
        case "age": "older than \(field.value) day\(field.value == "1" ? "" : "s")"
        default: "\(field.name) \(field.value)"
        }
      return (String(words.prefix(80)), "/cases?" + view.query.setting(field.name, nil).encoded)
    }
  }

  /// The rows alone, for a page that keeps itself fresh.
  func rows(_ visit: Visit) throws -> Page {
    let view = ListView(visit.query, for: try visit.person(), at: desk.now(), desk.reporting)
    return framed("rows", try rowsModel(view, visit), title: "", visit: visit)
  }

  private func rowsModel(_ view: ListView, _ visit: Visit) throws -> Model {
    let now = desk.now()
    var rows = try desk.index.list(view.filter)
    let hasMore = rows.count > ListView.pageRows
    if hasMore { rows.removeLast() }
    let query = view.query.encoded
    return [
      "rows": .list(rows.map { rowModel($0, list: query, at: now) }), "isEmpty": .flag(rows.isEmpty),
      "next": .optional(
        hasMore
          ? rows.last.map { "/cases?" + view.query.setting("after", "\($0.rank).\($0.id.text)").encoded }
          : nil),
      "list": .text(query),
    ]
  }

  /// What fits beside each other in a row.
  private static var shownFlags: Int { 2 }

  func rowModel(_ row: CaseRow, list: String, at now: Instant) -> Model {
    let zone = desk.zone(of: row.acknowledgeRegime)
    let left = TimeLeft(row, at: now)
    let flags = FlagWords.distinct(row.flags)
    // The complainant's address, where there is one, is the last word of the line that the index keeps.
    let words = row.complainant.split(separator: " ")
    let address = words.last.flatMap { $0.contains("@") ? String($0) : nil }
    let name = address == nil ? row.complainant : words.dropLast().joined(separator: " ")
    return [
      "id": .text(row.id.text), "reference": .text(row.id.reference.description),
      "state": .text(row.state.rawValue),
      "events": .text(String(row.events)),
      "href": .text("/cases/\(row.id.text)" + (list.isEmpty ? "" : "?list=" + Form.encoded(list))),
      "subject": .text(row.subject.isEmpty ? "(no subject)" : String(row.subject.prefix(200))),
      "name": .text(name.isEmpty ? address ?? "unknown" : String(name.prefix(120))),
      "address": .optional(name.isEmpty ? nil : address.map { String($0.prefix(120)) }),
      "category": .text(desk.title(of: row.category)), "reason": .text(String(row.reason.prefix(160))),
      "flags": .list(flags.prefix(Self.shownFlags).map { FlagWords.model($0) }),
      "moreFlags": .optional(flags.count > Self.shownFlags ? String(flags.count - Self.shownFlags) : nil),
      "allFlags": .text(flags.map(FlagWords.words).joined(separator: ", ")),
      "left": .text(left.words),
      "urgency": .text(left.urgency), "received": .text(desk.times.text(row.receivedAt, zone: zone)),
      "assignee": .optional(row.assignee), "severity": .text(String(row.severity)),
      "isPossible": .flag(row.state == .possible),
    ]
  }

  private func views(current: ListView, _ user: User, at now: Instant) throws -> [Model] {
    try ListView.Name.shown.map { name in
      var filter = ListView.filter(of: name, for: user, at: now)
      filter.limit = 1000
      let count = try desk.index.count(filter)
      return [
        "name": .text(name.rawValue), "title": .text(name.title),
        "count": .text(count == 1000 ? "999+" : String(count)),
        "isCurrent": .flag(name == current.name), "isAlarm": .flag(name == .overdue && count > 0),
        "isBreak": .flag(name == .acknowledged || name == .soon),
      ]
    }
  }

  private func filters(_ view: ListView) throws -> [Model] {
    let (mailboxes, countries) = try desk.index.mailboxesAndCountries()
    func choice(_ name: String, _ title: String, _ current: String?, _ options: [(String, String)]) -> Model {
      [
        "name": .text(name), "title": .text(title),
        "options": .list(
          options.map { ["value": .text($0.0), "title": .text($0.1), "isCurrent": .flag($0.0 == current)] }),
      ]
    }
    let people = try desk.users.all().filter { $0.role.allows(.decide) }.map { ($0.name, $0.name) }
    return [
      choice(
        "category", "Category", view.filter.category,
        desk.groups.map { ($0, "All of \($0)") } + desk.taxonomy.leaves.map { ($0.id, $0.title) }),
      choice(
        "mailbox", "Mailbox", view.filter.mailbox,
        mailboxes.filter { view.filter.mailboxes?.contains($0) ?? true }.map { ($0, $0) }),
      choice("country", "Country", view.filter.country, countries.map { ($0, $0) }),
      choice(
        "flag", "Flag", view.filter.flag,
        Verdict.Flag.Kind.allCases.map { ($0.rawValue, FlagWords.words($0.rawValue)) }),
      choice("regime", "Regime", view.filter.regime, desk.regimes.keys.sorted().map { ($0, $0) }),
      choice("assignee", "Assignee", view.query["assignee"], people),
      choice(
        "age", "Age", view.query["age"], [("1", "over 1 day"), ("3", "over 3 days"), ("7", "over a week")]),
    ]
  }

  /// One decision on many cases: each is decided or named with what was in the way.
  func decideMany(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    guard let decision = visit.form["decision"].flatMap(Decision.Name.init(rawValue:)) else {
      throw Refusal.notFound
    }
    var done = 0
    var problems: [String] = []
    for chosen in visit.form.all("case").prefix(ListView.pageRows) {
      let parts = chosen.split(separator: ":")
      guard parts.count == 2, let id = CaseID(String(parts[0])), let after = Int(parts[1]),
        desk.store.exists(id),
        user.sees(mailbox: try desk.store.read(id).recorded.message.source.mailbox)
      else { continue }
      do {
        _ = try desk.decide(
          decision, try DecisionFields(visit.form) { Instant(iso8601: $0) }, on: id, after: after, by: user)
        done += 1
      } catch let conflict as EventConflict {
        problems.append(conflict.description)
      } catch let refusal as DecisionRefusal {
        problems.append("\(id.reference): \(refusal)")
      } catch let missing as NoSuchCase {
        problems.append("\(id.reference): \(missing)")
      }
    }
    let words = (["\(done) case\(done == 1 ? "" : "s") decided"] + problems).joined(separator: ". ")
    if let token = visit.token { sessions.say(Said(words: String(words.prefix(1000))), to: token) }
    let list = visit.form["list"] ?? ""
    return .redirect("/cases" + (list.isEmpty ? "" : "?" + Form(list).encoded))
  }
}

/// The time to the acknowledgement, in words and as a class of the style sheet.
struct TimeLeft {
  let words: String
  let urgency: String

  init(_ row: CaseRow, at now: Instant) {
    switch row.state {
    case .acknowledged: (words, urgency) = ("acknowledged", "done")
    case .closed: (words, urgency) = ("closed", "done")
    case .dismissed: (words, urgency) = ("dismissed", "done")
    case .possible, .open, .quarantined:
      guard let due = row.acknowledgeBy else {
        (words, urgency) = ("no date set", "later")
        return
      }
      let left = due.unixSeconds - now.unixSeconds
      words =
        left < 0 ? LocalTimes.left(until: due, from: now) : LocalTimes.left(until: due, from: now) + " left"
      urgency =
        left < 0
        ? "overdue"
        : left < ListView.soonSeconds / 2 ? "today" : left < ListView.soonSeconds ? "soon" : "later"
    }
  }
}

/// Flags for people.
enum FlagWords {
  static func words(_ kind: String) -> String {
    switch Verdict.Flag.Kind(rawValue: kind) {
    case .vulnerabilityHealth: "health"
    case .vulnerabilityLifeEvent: "life event"
    case .vulnerabilityResilience: "resilience"
    case .vulnerabilityCapability: "capability"
    case .safety: "SAFETY"
    case .threatOmbudsman: "ombudsman"
    case .threatRegulator: "regulator"
    case .threatLegal: "legal threat"
    case .threatMedia: "media"
    case .threatPolitical: "politics"
    case .executiveAddressee: "to the board"
    case .redressSought: "redress"
    case .chaser: "chaser"
    case .representative: "representative"
    case .dataBreach: "data breach"
    case .discrimination: "discrimination"
    case .staffNamed: "staff named"
    case nil: kind
    }
  }

  /// Each kind once, safety first.
  static func distinct(_ kinds: [String]) -> [String] {
    var seen: Set<String> = []
    let safety = Verdict.Flag.Kind.safety.rawValue
    return (kinds.filter { $0 == safety } + kinds).filter { seen.insert($0).inserted }
  }

  static func model(_ kind: String) -> Model {
    ["words": .text(words(kind)), "isSafety": .flag(kind == Verdict.Flag.Kind.safety.rawValue)]
  }
}
