// What the pages work on: cases, messages, users, and the words for them.

import Cases
import Deadlines
import MIME
import Monitoring
import Triage

/// How the desk is reached and whose it is.
public struct DeskSettings: Sendable {
  public var organisation: String
  /// As a browser names it, without a slash at its end: `https://intake.example`.
  public var origin: String
  /// Where people are when nothing else says (an IANA zone).
  public var zone: String
  /// Whoever comes without a session is signed in as this user: for a demonstration on one machine.
  public var visitor: String?
  /// Nil where nobody signs in from elsewhere.
  public var openID: OpenIDSettings?

  public init(organisation: String, origin: String, zone: String = "Europe/London", visitor: String? = nil) {
    self.organisation = organisation
    self.origin = origin
    self.zone = zone
    self.visitor = visitor
  }
}

/// The queue as the desk sees it. Everything here blocks for the disk: it runs on the desk's own threads.
public final class Desk: Sendable {
  public let settings: DeskSettings
  let store: CaseStore
  let messages: MessageStore
  let opened: OpenedStore
  let index: CaseIndex
  /// What all mailboxes have brought.
  let mail: MailLedgers
  /// Whether mailboxes are as quiet, or as loud, as they should be.
  let mailWatch: MailWatch
  /// Whose days count in figures.
  let reporting: ReportingDays
  /// What regulators ask for, by id, and their cause of each category.
  let returns: [String: ReturnDefinition]
  let causes: [String: String]
  public let users: UserStore
  let views: SavedViewStore
  /// Which programs may use the API.
  public let tokens: TokenStore
  let taxonomy: Taxonomy
  let times: LocalTimes
  private let categories: Set<String>
  private let rules: RegimeRules
  /// What a closure may say, and who may grant how much.
  let closing: ClosingRules
  let now: @Sendable () -> Instant
  /// Nil where acknowledgements are only recorded.
  let letters: (any Acknowledging)?

  public init(
    _ data: DataFolder, index: CaseIndex, settings: DeskSettings, taxonomy: Taxonomy, times: LocalTimes,
    rules: RegimeRules, reporting: ReportingDays, returns: [String: ReturnDefinition] = [:],
    causes: [String: String] = [:], closing: ClosingRules = ClosingRules(),
    letters: (any Acknowledging)? = nil,
    now: @escaping @Sendable () -> Instant
  ) throws {
    self.settings = settings
    store = CaseStore(data)
    messages = MessageStore(data)
    opened = OpenedStore(data)
    self.index = index
    mail = try MailLedgers(data)
    self.reporting = reporting
    self.returns = returns
    self.causes = causes
    mailWatch = MailWatch(mail, days: reporting)
    users = try UserStore(data)
    views = try SavedViewStore(data)
    tokens = try TokenStore(data)
    self.taxonomy = taxonomy
    self.times = times
    categories = Set(taxonomy.leaves.map(\.id))
    self.rules = rules
    self.closing = closing
    self.letters = letters
    self.now = now
  }

  /// Checks a decision, appends it and refreshes the index.
  ///
  /// - Parameter after: how many events the person had seen.
  /// - Throws: `EventConflict` when somebody was first, `DecisionRefusal` when something is missing.
  func decide(
    _ name: Decision.Name, _ fields: DecisionFields, on id: CaseID, after: Int, by user: User
  ) throws -> Case {
    let current = try store.read(id)
    if name == .undo, current.undoable?.kind == .queued, let letters {
      return try letters.withdraw(id, after: after, by: user.name)
    }
    var fields = fields
    // A form without a name means: mine.
    if name == .assign, fields.assignee == nil { fields.assignee = user.name }
    let users = users
    let rules = DecisionRules(
      categories: categories, regimes: rules, closing: closing, isDecider: { try users.decides($0) },
      sees: { user.sees(mailbox: $0.recorded.message.source.mailbox) })
    let decision = try store.decision(
      name, fields, on: current, by: user.name, role: user.role.rawValue, rules: rules)
    let updated = try store.decide(
      decision, on: current, by: user.name, at: now(), after: after, rules: rules)
    try index.put(updated, and: store.other(changedWith: updated))
    return updated
  }

  /// The taxonomy's groups, in its order.
  var groups: [String] {
    var seen: Set<String> = []
    return taxonomy.leaves.compactMap { leaf in
      guard let dot = leaf.id.firstIndex(of: ".") else { return nil }
      let group = String(leaf.id[..<dot])
      return seen.insert(group).inserted ? group : nil
    }
  }

  var regimes: [String: Regime] { rules.regimes }

  /// The title of a category, or its id where the taxonomy knows it no more.
  func title(of category: String) -> String { taxonomy.leaves.first { $0.id == category }?.title ?? category }

  /// The zone whose clock counts for a case.
  func zone(of regime: String?) -> String { regime.flatMap { regimes[$0]?.zone } ?? settings.zone }
}

extension DecisionFields {
  /// What a decision's form holds.
  ///
  /// - Throws: `DecisionRefusal` for a time that is none.
  ///
  /// - Parameter instant: reads a time as the page shows times.
  init(_ form: Form, instant: (String) -> Instant?) throws {
    self.init(
      reason: form["reason"], category: form["category"], assignee: form["assignee"], into: form["into"],
      complainant: form["complainant"], address: form["address"],
      closure: ClosureFields(
        outcome: form["outcome"], rootCause: form["root_cause"], product: form["product"],
        redress: form["redress"], amount: form["amount"]))
    if let text = form["received"] {
      guard let moment = instant(text) else {
        throw DecisionRefusal("\(text.prefix(40)) is no time; write it as 2026-11-23T09:30.")
      }
      received = moment
    }
  }
}
