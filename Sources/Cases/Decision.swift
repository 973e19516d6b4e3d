// What a person may decide about a case, and what must be true before it becomes an event: the one place that the
// shell, the desk and the API go through.

import Deadlines

/// A decision with all that it needs.
public enum Decision: Sendable {
  /// It is a complaint.
  case confirm(reason: String?)
  /// It is none.
  case dismiss(reason: String)
  case recategorise(category: String, reason: String?)
  case assign(to: String, reason: String?)
  case note(text: String)
  /// The complainant has been sent an acknowledgement.
  case acknowledge(reason: String?)
  case close(reason: String, Closure?)
  /// Part of it goes on as a case of its own, of this category.
  case split(category: String, reason: String?)
  /// It goes on as part of another case.
  case merge(into: CaseID, reason: String?)
  /// Somebody else complains, or it was received at another time. Dates that are missing follow from the receipt.
  case correct(Correction, reason: String)
  /// Nothing of it may be erased, whatever the rules say, until it is released.
  case hold(reason: String)
  case release(reason: String)
  /// The last decision that can be taken back counts no more.
  case undo(reason: String?)

  /// The decisions as a form, a JSON field and a subcommand name them.
  public enum Name: String, Sendable, CaseIterable {
    case confirm, dismiss, recategorise, assign, note, acknowledge, close, split, merge, correct, hold,
      release, undo
  }

  public var name: Name {
    switch self {
    case .confirm: .confirm
    case .dismiss: .dismiss
    case .recategorise: .recategorise
    case .assign: .assign
    case .note: .note
    case .acknowledge: .acknowledge
    case .close: .close
    case .split: .split
    case .merge: .merge
    case .correct: .correct
    case .hold: .hold
    case .release: .release
    case .undo: .undo
    }
  }

  /// The event that it becomes.
  public var kind: CaseEvent.Kind {
    switch self {
    case .confirm: .confirmed
    case .dismiss: .dismissed
    case .recategorise: .recategorised
    case .assign: .assigned
    case .note: .noted
    case .acknowledge: .acknowledged
    case .close: .closed
    case .split: .split
    case .merge: .merged
    case .correct: .corrected
    case .hold: .held
    case .release: .released
    case .undo: .undone
    }
  }
}

/// What a person gave with a decision, before anything is checked; nil where nothing.
public struct DecisionFields: Sendable {
  public var reason: String?
  /// A leaf of the taxonomy.
  public var category: String?
  public var assignee: String?
  /// The case to merge into: its id or its reference.
  public var into: String?
  /// The complainant's name and address; what is nil stays as it is.
  public var complainant: String?
  public var address: String?
  public var received: Instant?
  public var closure: ClosureFields

  public init(
    reason: String? = nil, category: String? = nil, assignee: String? = nil, into: String? = nil,
    complainant: String? = nil, address: String? = nil, received: Instant? = nil,
    closure: ClosureFields = ClosureFields()
  ) {
    self.reason = reason
    self.category = category
    self.assignee = assignee
    self.into = into
    self.complainant = complainant
    self.address = address
    self.received = received
    self.closure = closure
  }
}

/// What decisions are checked against.
public struct DecisionRules: Sendable {
  /// The leaves of the taxonomy.
  public var categories: Set<String>
  /// Whether cases can be given to somebody of this name.
  public var isDecider: @Sendable (String) throws -> Bool
  /// Whether whoever decides may see a case, for decisions that name a second one.
  public var sees: @Sendable (Case) -> Bool
  /// Where new dates come from when the receipt is corrected.
  public var regimes: RegimeRules
  public var closing: ClosingRules

  public init(
    categories: Set<String>, regimes: RegimeRules, closing: ClosingRules = ClosingRules(),
    isDecider: @escaping @Sendable (String) throws -> Bool = { _ in true },
    sees: @escaping @Sendable (Case) -> Bool = { _ in true }
  ) {
    self.categories = categories
    self.regimes = regimes
    self.closing = closing
    self.isDecider = isDecider
    self.sees = sees
  }
}

/// A decision that cannot be taken as given; the words are for the person who can put it right.
public struct DecisionRefusal: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ words: String) { description = words }
}

/// A text that names no case, or more than one.
public struct NoSuchCase: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// Sizes of what people write; events stay small, and every form and field is held to the same.
public enum DecisionLimits {
  /// Bytes of a reason or note: some three pages.
  public static let reason = 10_000
  /// Bytes of a name.
  public static let name = 200
  /// Bytes of an address (RFC 5321 §4.5.3.1.3, without its brackets).
  public static let address = 254
  /// No mail of ours was received before 2000-01-01T00:00:00Z.
  public static let earliestReceipt = Instant(unixSeconds: 946_684_800)
}

extension Case {
  /// How `receivedAt` was derived, in words: as recorded, or by whom it was corrected.
  public var receivedHow: String {
    standing.last { $0.details.correction?.receivedAt != nil }.map { "as \($0.by) corrected it" }
      ?? recorded.receivedHow
  }
}

extension CaseStore {
  /// The case that a reference or an id names.
  ///
  /// - Throws: `NoSuchCase` where there is none, or where a reference stands for several.
  public func find(_ text: String) throws -> Case {
    if let id = CaseID(text), exists(id) { return try read(id) }
    guard let reference = CaseReference(text) else {
      throw NoSuchCase(
        description: "\(text.prefix(60)): not a case reference; one looks like C-7F3K-9QXD, and its last "
          + "character checks the others")
    }
    let ids = try ids(with: reference)
    switch ids.count {
    case 0: throw NoSuchCase(description: "\(reference): there is no such case")
    case 1: return try read(ids[0])
    default:
      throw NoSuchCase(
        description:
          "\(reference) stands for \(ids.map(\.text).joined(separator: " and ")); give the whole id")
    }
  }

  /// Makes a decision from what a person gave.
  ///
  /// - Parameters:
  ///   - by: who decides, and in which role, as far as that matters to what they may grant.
  /// - Throws: `DecisionRefusal` where something is missing or cannot be, `NoSuchCase` for the case to merge into.
  public func decision(
    _ name: Decision.Name, _ fields: DecisionFields, on current: Case, by: String, role: String? = nil,
    rules: DecisionRules
  ) throws -> Decision {
    let reason = try fields.reason.flatMap { try Self.checked($0, "A reason", DecisionLimits.reason) }
    func needed(_ words: String) throws -> String {
      guard let reason else { throw DecisionRefusal(words) }
      return reason
    }
    switch name {
    case .confirm: return .confirm(reason: reason)
    case .dismiss:
      return .dismiss(
        reason: try needed("Say why it is not a complaint: the reason is part of the record."))
    case .recategorise:
      guard let category = fields.category else { throw DecisionRefusal("Choose a category.") }
      return .recategorise(category: category, reason: reason)
    case .assign:
      guard let assignee = fields.assignee else { throw DecisionRefusal("Say who is to have the case.") }
      return .assign(to: assignee, reason: reason)
    case .note: return .note(text: try needed("An empty note says nothing."))
    case .acknowledge: return .acknowledge(reason: reason)
    case .close:
      let reason = try needed("Say how it ended: the outcome is part of the record.")
      return .close(
        reason: reason, try rules.closing.closure(fields.closure, by: by, role: role))
    case .split:
      guard let category = fields.category else {
        throw DecisionRefusal("Choose what the new case is about.")
      }
      return .split(category: category, reason: reason)
    case .merge:
      guard let into = fields.into else { throw DecisionRefusal("Say which case it becomes part of.") }
      return .merge(into: try find(into).id, reason: reason)
    case .correct:
      let correction = Correction(
        complainant: try Self.complainant(fields, current.complainant), receivedAt: fields.received)
      return .correct(correction, reason: try needed("Say why it is corrected: the record keeps both."))
    case .hold: return .hold(reason: try needed("Say what it is held for: a claim, an inquiry, a court."))
    case .release: return .release(reason: try needed("Say why it need not be held any more."))
    case .undo: return .undo(reason: reason)
    }
  }

  /// Checks a decision against the case as it stands, and appends it; durable on return.
  ///
  /// - Parameter after: how many events the decider had seen; nil where `current` is what was seen.
  /// - Throws: `EventConflict` when somebody was first, `DecisionRefusal` when it cannot be.
  @discardableResult
  public func decide(
    _ decision: Decision, on current: Case, by: String, at now: Instant, after: Int? = nil,
    rules: DecisionRules
  ) throws -> Case {
    let after = after ?? current.events.count
    // Before any other check: what was decided on what is no longer so is a conflict, not a mistake.
    guard current.events.count == after else {
      throw EventConflict(on: current, after: after)
    }
    if let at = current.erasedAt {
      throw DecisionRefusal("\(current.reference) was erased at \(at); nothing is decided about it any more.")
    }
    let details = try details(of: decision, on: current, at: now, rules)
    let updated = try append(decision.kind, to: current.id, by: by, at: now, after: after, details: details)
    // What follows in a second case comes after the event that says so: one person's word was first.
    switch decision {
    case .split(let category, _): try makeSplit(of: updated, category: category, by: by, at: now, rules)
    case .merge(let target, _):
      try append(
        .noted, to: target, by: by, at: now,
        details: .init(reason: "\(updated.reference) was merged into this case"))
    default: break
    }
    return updated
  }

  /// The second case that a case's last event changed, to be indexed with it.
  public func other(changedWith current: Case) throws -> Case? {
    guard let last = current.events.last else { return nil }
    return try (last.details.splitInto ?? last.details.mergedInto).map { try read($0) }
  }

  /// The id of the case that is split from another one, for a category: doing it again meets the same case.
  static func splitID(of id: CaseID, category: String) -> CaseID {
    var hasher = DigestHasher()
    hasher.update(field: "intake.case-id/1 split")
    hasher.update(field: id.text)
    hasher.update(field: category)
    return CaseID(identity: hasher.finalize())
  }

  private func makeSplit(
    of current: Case, category: String, by: String, at now: Instant, _ rules: DecisionRules
  ) throws {
    var recorded = current.recorded
    recorded.outcome = .case
    recorded.receivedAt = current.receivedAt
    recorded.complainant = current.complainant
    recorded.splitFrom = current.id
    recorded.possibleDuplicates = []
    recorded.notes.append("split from \(current.reference) by \(by): the same message complains of this too")
    recorded.deadlines = try dates(of: current, category: category, rules)
    let id = Self.splitID(of: current.id, category: category)
    _ = try record(id, recorded, at: now)
    if try read(id).events.count == 1 {
      try append(.recategorised, to: id, by: by, at: now, details: .init(category: category))
    }
  }

  /// What is due in another category, whose regimes may be others (DOMAIN: data protection has a clock of its own).
  private func dates(of current: Case, category: String, _ rules: DecisionRules) throws -> Deadlines {
    do throws(DeadlineError) {
      return try rules.regimes.dates(of: current, received: current.receivedAt, category: category)
    } catch {
      throw DecisionRefusal("No deadline follows for that category: \(error).")
    }
  }

  private func details(
    of decision: Decision, on current: Case, at now: Instant, _ rules: DecisionRules
  ) throws -> CaseEvent.Details {
    switch decision {
    case .confirm(let reason): return .init(reason: reason)
    case .dismiss(let reason), .note(let reason): return .init(reason: reason)
    case .close(let reason, let closure): return .init(reason: reason, closure: closure)
    case .hold(let reason):
      if let at = current.heldAt { throw DecisionRefusal("It has been held since \(at).") }
      return .init(reason: reason)
    case .release(let reason):
      guard current.isHeld else { throw DecisionRefusal("It is not held.") }
      return .init(reason: reason)
    case .recategorise(let category, let reason):
      guard rules.categories.contains(category) else {
        throw DecisionRefusal(
          "\(category.prefix(60)) is no category; there are \(rules.categories.sorted().joined(separator: ", "))"
        )
      }
      // Another category may bring another regime; dates that stay the same are not written again.
      let dates = try dates(of: current, category: category, rules)
      return .init(
        reason: reason, category: category,
        correction: dates == current.deadlines ? nil : Correction(deadlines: dates))
    case .split(let category, let reason):
      guard rules.categories.contains(category) else {
        throw DecisionRefusal("\(category.prefix(60)) is no category.")
      }
      guard category != current.category else {
        throw DecisionRefusal("The new case needs another category than this one's.")
      }
      let id = Self.splitID(of: current.id, category: category)
      guard !exists(id) else { throw DecisionRefusal("That was split off already: \(id.reference).") }
      return .init(reason: reason, category: category, splitInto: id)
    case .assign(let assignee, let reason):
      let name = try Self.checked(assignee, "A name", DecisionLimits.name) ?? ""
      guard !name.isEmpty, try rules.isDecider(name) else {
        throw DecisionRefusal("\(name.prefix(40)) is nobody who decides cases here.")
      }
      return .init(reason: reason, assignee: name)
    case .acknowledge(let reason):
      if let at = current.acknowledgedAt {
        throw DecisionRefusal("It has been acknowledged already, at \(at).")
      }
      return .init(reason: reason)
    case .merge(let target, let reason):
      return .init(reason: reason, mergedInto: try mergeTarget(target, of: current, rules))
    case .correct(let correction, let reason):
      return .init(reason: reason, correction: try complete(correction, of: current, at: now, rules))
    case .undo(let reason):
      guard let last = current.undoable else { throw DecisionRefusal("There is no decision to take back.") }
      guard last.kind != .queued else {
        // Its file must leave the outbox first, or it would be sent all the same.
        throw DecisionRefusal("An acknowledgement waits in the outbox: take it back with `intake outbox`.")
      }
      return .init(reason: reason, undoes: last.number)
    }
  }

  private func mergeTarget(_ target: CaseID, of current: Case, _ rules: DecisionRules) throws -> CaseID {
    guard target != current.id else { throw DecisionRefusal("A case cannot be merged into itself.") }
    if let other = current.mergedInto {
      throw DecisionRefusal("It was merged already, into \(other.reference).")
    }
    guard exists(target) else {
      throw NoSuchCase(description: "\(target.reference): there is no such case")
    }
    let other = try read(target)
    if let at = other.erasedAt {
      throw DecisionRefusal("\(other.reference) was erased at \(at): nothing can become part of it.")
    }
    // Whoever may not see it learns no more than that.
    guard rules.sees(other) else {
      throw NoSuchCase(description: "\(target.reference): there is no such case")
    }
    if let next = other.mergedInto {
      throw DecisionRefusal("\(other.reference) was itself merged, into \(next.reference): merge into that.")
    }
    return target
  }

  /// A correction with the dates that follow from it.
  private func complete(
    _ correction: Correction, of current: Case, at now: Instant, _ rules: DecisionRules
  ) throws -> Correction {
    guard correction.complainant != nil || correction.receivedAt != nil else {
      throw DecisionRefusal("Say what is to be corrected: who complains, or when it was received.")
    }
    guard let received = correction.receivedAt else { return correction }
    guard received >= DecisionLimits.earliestReceipt, received <= now else {
      throw DecisionRefusal(
        "It cannot have been received at \(received): that is in the future, or too early.")
    }
    var correction = correction
    if correction.deadlines == nil {
      do throws(DeadlineError) {
        correction.deadlines = try rules.regimes.dates(
          of: current, received: received, category: current.category)
      } catch {
        throw DecisionRefusal("No deadline follows from that receipt: \(error).")
      }
    }
    return correction
  }

  /// The complainant as a person names them: what is not given stays.
  private static func complainant(_ fields: DecisionFields, _ before: Complainant) throws -> Complainant? {
    let name = try fields.complainant.flatMap { try checked($0, "A name", DecisionLimits.name) }
    let address = try fields.address.flatMap { try checked($0, "An address", DecisionLimits.address) }
    guard name != nil || address != nil else { return nil }
    if let address {
      let parts = address.utf8.split(separator: 0x40, omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !address.utf8.contains(where: { $0 <= 0x20 })
      else { throw DecisionRefusal("\(address) is no address, such as ada@example.org.") }
    }
    var complainant = before
    complainant.name = name ?? before.name
    complainant.address = address ?? before.address
    complainant.how = "corrected"
    complainant.confidence = 1
    return complainant
  }

  /// A text without blanks round it; nil where nothing is left.
  private static func checked(_ text: String, _ what: String, _ limit: Int) throws -> String? {
    let trimmed = text.trimmingWhitespace()
    if trimmed.isEmpty { return nil }
    guard trimmed.utf8.count <= limit else {
      throw DecisionRefusal("\(what) has at most \(limit) bytes; this has \(trimmed.utf8.count).")
    }
    return trimmed
  }
}
