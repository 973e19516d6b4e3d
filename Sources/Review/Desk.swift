// What the pages work on: cases, messages, users, and the words for them.

import Cases
import Deadlines
import MIME
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
  let index: CaseIndex
  public let users: UserStore
  let taxonomy: Taxonomy
  let times: LocalTimes
  let regimes: [String: Regime]
  let now: @Sendable () -> Instant
  /// Nil where acknowledgements are only recorded.
  let letters: (any Acknowledging)?

  public init(
    _ data: DataFolder, index: CaseIndex, settings: DeskSettings, taxonomy: Taxonomy, times: LocalTimes,
    regimes: [String: Regime], letters: (any Acknowledging)? = nil, now: @escaping @Sendable () -> Instant
  ) throws {
    self.settings = settings
    store = CaseStore(data)
    messages = MessageStore(data)
    self.index = index
    users = try UserStore(data)
    self.taxonomy = taxonomy
    self.times = times
    self.regimes = regimes
    self.letters = letters
    self.now = now
  }

  /// A decision as a form names it.
  enum Decision: String, CaseIterable {
    case confirm, dismiss, recategorise, assign, note, acknowledge, close, undo
  }

  /// Something that a person must put right in a form.
  struct Mistake: Error {
    let words: String
    init(_ words: String) { self.words = words }
  }

  /// Appends a decision and refreshes the index.
  ///
  /// - Parameter after: how many events the person had seen.
  /// - Throws: `EventConflict` when somebody was first, `Mistake` when something is missing.
  func decide(_ decision: Decision, _ form: Form, on id: CaseID, after: Int, by user: User) throws -> Case {
    let current = try store.read(id)
    let reason = form["reason"].map { String($0.prefix(10_000)) }
    var details = CaseEvent.Details(reason: reason)
    let kind: CaseEvent.Kind
    switch decision {
    case .confirm: kind = .confirmed
    case .dismiss:
      guard reason != nil else {
        throw Mistake("Say why it is not a complaint: the reason is part of the record.")
      }
      kind = .dismissed
    case .recategorise:
      guard let category = form["category"], taxonomy.leaves.contains(where: { $0.id == category }) else {
        throw Mistake("Choose a category from the list.")
      }
      details.category = category
      kind = .recategorised
    case .assign:
      let name = form["assignee"] ?? user.name
      guard let assignee = try users.read(name), assignee.role.allows(.decide), !assignee.isDisabled else {
        throw Mistake("\(name.prefix(40)) is nobody who decides cases here.")
      }
      details.assignee = name
      kind = .assigned
    case .note:
      guard reason != nil else { throw Mistake("An empty note says nothing.") }
      kind = .noted
    case .acknowledge:
      guard current.acknowledgedAt == nil else { throw Mistake("It has been acknowledged already.") }
      kind = .acknowledged
    case .close:
      guard reason != nil else { throw Mistake("Say how it ended: the outcome is part of the record.") }
      kind = .closed
    case .undo:
      guard let last = current.undoable else { throw Mistake("There is no decision to take back.") }
      if last.kind == .queued {
        guard let letters else {
          throw Mistake("A queued acknowledgement is taken back with `intake outbox`.")
        }
        return try letters.withdraw(id, after: after, by: user.name)
      }
      details.undoes = last.number
      kind = .undone
    }
    let updated = try store.append(kind, to: id, by: user.name, at: now(), after: after, details: details)
    try index.put([(updated, text: nil)])
    return updated
  }

  /// The title of a category, or its id where the taxonomy knows it no more.
  func title(of category: String) -> String { taxonomy.leaves.first { $0.id == category }?.title ?? category }

  /// The zone whose clock counts for a case.
  func zone(of regime: String?) -> String { regime.flatMap { regimes[$0]?.zone } ?? settings.zone }
}
