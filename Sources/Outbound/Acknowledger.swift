// Drafts, queues, takes back and settles acknowledgements: everything that a person or the configuration decides.
// Sending is `Sender`'s.

import Cases
import Deadlines
import MIME

/// What was asked cannot be done; the text says why and what to do.
public struct AcknowledgementRefusal: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// Where a case's acknowledgement stands.
public enum AcknowledgementStanding: Sendable {
  /// Nothing was queued, or it was taken back.
  case none
  case waiting(OutgoingFacts)
  /// A server is being given it just now.
  case beingSent(OutgoingFacts)
  /// The program ended, or the connection, after its text was given and before the server's word: a person says.
  case perhapsSent(OutgoingFacts, since: Instant)
  case sent(AcknowledgementProof)
  /// Why it could not be sent.
  case failed(String)
  /// It was sent and came back; what the report says.
  case bounced(String)
}

/// The acknowledgements of a data folder. Everything here blocks for the disk.
public final class Acknowledger: Sendable {
  public struct Settings: Sendable {
    public var letterhead: Letterhead
    public var caps = RecipientCaps()
    /// Seconds since receipt within which acknowledgements go without a person; nil: never.
    public var automaticWithin: Int64?

    public init(letterhead: Letterhead) { self.letterhead = letterhead }
  }

  public let settings: Settings
  public let outbox: Outbox
  let data: DataFolder
  let store: CaseStore
  let messages: MessageStore
  let index: CaseIndex
  private let templates: AcknowledgementTemplates
  private let zones: [String: ZoneRules]
  private let isOurs: @Sendable (String) -> Bool
  private let regimes: @Sendable (Case) -> [String]
  let now: @Sendable () -> Instant

  /// The day of the caps, in seconds.
  private static let day: Int64 = 86400

  /// - Parameters:
  ///   - isOurs: whether an address, in lower case, is the organisation's.
  ///   - regimes: those of a case, the most particular first.
  public init(
    _ data: DataFolder, index: CaseIndex, settings: Settings, templates: AcknowledgementTemplates,
    zones: [String: ZoneRules], isOurs: @escaping @Sendable (String) -> Bool,
    regimes: @escaping @Sendable (Case) -> [String], now: @escaping @Sendable () -> Instant
  ) {
    self.data = data
    self.index = index
    self.settings = settings
    self.templates = templates
    self.zones = zones
    self.isOurs = isOurs
    self.regimes = regimes
    self.now = now
    store = CaseStore(data)
    messages = MessageStore(data)
    outbox = Outbox(data)
  }

  // MARK: drafting

  /// The draft for a case, with everything that stands against sending it.
  public func draft(for current: Case) throws -> AcknowledgementDraft {
    var draft = templates.draft(
      current, regimes: regimes(current), letterhead: settings.letterhead, zones: zones, now: now())
    draft.refusals = try refusals(current, to: draft.to)
    return draft
  }

  /// What stands against sending an acknowledgement of this case to this address.
  public func refusals(_ current: Case, to address: String) throws -> [RecipientRefusal] {
    let recorded = current.recorded
    var facts = RecipientFacts(
      to: address, sender: recorded.message.from.first?.address, automatic: nil, isOurs: isOurs)
    facts.isUnread = !recorded.mayBeParsed
    if recorded.mayBeParsed {
      let message = Message(parsing: try messages.read(recorded.message.digest))
      facts.automatic = message.automatic
      facts.hasEmptyReturnPath = Self.hasEmptyReturnPath(message)
    }
    facts.isCorrected = current.standing.contains {
      $0.details.correction?.complainant?.address?.asciiLowercased() == address.asciiLowercased()
    }
    (facts.toAddress, facts.toDomain) = try index.outgoing(
      to: address, since: Instant(unixSeconds: now().unixSeconds - Self.day))
    return RecipientPolicy.refusals(facts, caps: settings.caps)
  }

  private static func hasEmptyReturnPath(_ message: Message) -> Bool {
    guard let path = message.headers.rawBytes("Return-Path") else { return false }
    return path.filter { $0 != 0x20 && $0 != 0x09 } == Array("<>".utf8)
  }

  // MARK: queueing

  /// Queues an acknowledgement: the case has its `queued` event, and the message waits in outbox/new.
  ///
  /// - Parameters:
  ///   - after: how many events the decider had seen.
  ///   - isSure: a person's word for what `mayBeOverridden`.
  /// - Throws: `EventConflict` when somebody was first, `AcknowledgementRefusal`, `MessageRefusal`.
  @discardableResult
  public func queue(
    _ id: CaseID, after: Int, to: String, body: String, isSure: Bool, by: String, isAutomatic: Bool = false
  ) throws -> Case {
    let current = try store.read(id)
    guard current.events.count == after else { throw EventConflict(on: current, after: after) }
    if let why = Self.hindrance(current) { throw AcknowledgementRefusal(description: why) }
    let refusals = try refusals(current, to: to)
    if let refusal = refusals.first(where: { !(isSure && $0.mayBeOverridden) }) {
      throw AcknowledgementRefusal(
        description: refusal.description
          + (refusal.mayBeOverridden ? "; say that you are sure to send it all the same" : ""))
    }
    guard let address = AddrSpec(to) else {
      throw AcknowledgementRefusal(description: RecipientRefusal.unusableAddress.description)
    }
    guard !body.utf8.allSatisfy({ $0 <= 0x20 }) else {
      throw AcknowledgementRefusal(description: "an acknowledgement without text says nothing")
    }
    let draft = templates.draft(
      current, regimes: regimes(current), letterhead: settings.letterhead, zones: zones, now: now())
    let item = try item(
      current, to: address, subject: draft.subject, body: body, draft: draft, by: by, isAutomatic)
    let prepared = try outbox.prepare(item)
    let updated: Case
    do {
      updated = try store.append(
        .queued, to: id, by: by, at: now(), after: after, details: .init(outgoing: item.facts))
    } catch let conflict as EventConflict {
      // Only then is it certain that the event is not there; after any other trouble the next start decides.
      DurableFile.remove(prepared)
      throw conflict
    }
    try outbox.publish(prepared, item)
    try index.put([(updated, text: nil)])
    return updated
  }

  private func item(
    _ current: Case, to: AddrSpec, subject: String, body: String, draft: AcknowledgementDraft, by: String,
    _ isAutomatic: Bool
  ) throws -> OutgoingItem {
    let number = current.events.count + 1
    let from = settings.letterhead.address
    // From the case and the event's number alone: whoever queues it again after a crash makes the same id.
    let messageID = "ack.\(current.id.text).\(number)@\(from.domain)"
    let original = current.recorded.message
    let message = OutgoingMessage(
      date: now(), fromName: settings.letterhead.name, from: from, to: to, subject: subject,
      messageID: messageID, inReplyTo: original.messageID, references: original.references, body: body)
    let text = try message.rendered()
    return OutgoingItem(
      caseID: current.id, event: number,
      facts: OutgoingFacts(
        messageID: messageID, to: to.text, subject: subject, digest: Digest(of: text.utf8),
        isAutomatic: isAutomatic, template: draft.template),
      sender: from.text, queuedAt: now(), queuedBy: by, message: text)
  }

  /// Why a case is not to be acknowledged by mail now; nil where it is.
  public static func hindrance(_ current: Case) -> String? {
    if current.outgoing != nil { return "an acknowledgement of \(current.reference) is queued already" }
    if current.acknowledgedAt != nil { return "\(current.reference) has been acknowledged already" }
    switch current.state {
    case .open: return nil
    case .possible, .quarantined: return "confirm first that \(current.reference) is a complaint"
    case .acknowledged, .closed, .dismissed: return "\(current.reference) is \(current.state.rawValue)"
    }
  }

  // MARK: taking back, settling

  /// Takes a queued acknowledgement back, as long as it waits.
  ///
  /// - Throws: `AcknowledgementRefusal` where it does not wait any more.
  @discardableResult
  public func withdraw(_ id: CaseID, after: Int, by: String, reason: String? = nil) throws -> Case {
    let current = try store.read(id)
    guard let queued = current.outgoing else {
      throw AcknowledgementRefusal(description: "\(current.reference): no acknowledgement is queued")
    }
    let name = OutgoingItem.fileName(id, queued.number)
    guard let item = try? OutgoingItem.read(outbox.path(.new, name)),
      let prepared = try outbox.withhold(item)
    else {
      throw AcknowledgementRefusal(
        description: "\(current.reference): too late, the acknowledgement is being sent or was")
    }
    do {
      let updated = try store.append(
        .undone, to: id, by: by, at: now(), after: after,
        details: .init(reason: reason, undoes: queued.number))
      DurableFile.remove(prepared)
      try index.put([(updated, text: nil)])
      return updated
    } catch let conflict as EventConflict {
      // It was not taken back, so it goes on waiting.
      try outbox.publish(prepared, item)
      throw conflict
    }
  }

  /// A person's word on an acknowledgement that was perhaps sent: it was, or it is to be sent again under the same
  /// Message-ID.
  @discardableResult
  public func settle(_ id: CaseID, wasSent: Bool, after: Int? = nil, by: String) throws -> Case {
    let current = try store.read(id)
    guard case .perhapsSent(let facts, let since) = try standing(of: current), let queued = current.outgoing
    else {
      throw AcknowledgementRefusal(
        description: "\(current.reference): nothing is in doubt; `intake outbox` lists what is")
    }
    let name = OutgoingItem.fileName(id, queued.number)
    let seen = after ?? current.events.count
    let updated: Case
    if wasSent {
      let proof = AcknowledgementProof(
        messageID: facts.messageID, to: facts.to, digest: facts.digest,
        serverReply: "none was seen; \(PlainText.line(by)) says that it was sent", sentAt: since)
      updated = try store.append(
        .acknowledged, to: id, by: by, at: now(), after: seen, details: .init(acknowledgement: proof))
      try outbox.move(name, from: .sending, to: .sent)
    } else {
      updated = try store.append(
        .noted, to: id, by: by, at: now(), after: seen,
        details: .init(reason: "perhaps sent before; send it again", outgoing: facts))
      try outbox.move(name, from: .sending, to: .new)
    }
    try index.put([(updated, text: nil)])
    return updated
  }

  /// Where a case's acknowledgement stands.
  public func standing(of current: Case) throws -> AcknowledgementStanding {
    if let queued = current.outgoing, let facts = queued.details.outgoing {
      let name = OutgoingItem.fileName(current.id, queued.number)
      guard outbox.place(of: current.id, event: queued.number) == .sending else { return .waiting(facts) }
      if outbox.isHeld(name) { return .beingSent(facts) }
      return .perhapsSent(facts, since: outbox.since(.sending, name) ?? queued.at)
    }
    let last = current.standing.last { [.acknowledged, .sendFailed, .bounced].contains($0.kind) }
    switch last?.kind {
    case .acknowledged: return last?.details.acknowledgement.map { .sent($0) } ?? .none
    case .sendFailed: return .failed(last?.details.reason ?? "")
    case .bounced: return .bounced(last?.details.reason ?? "")
    default: return .none
    }
  }

  // MARK: without a person

  /// Queues the acknowledgement of a case that has just been recorded, where configuration says so and nothing at all
  /// stands against it.
  ///
  /// - Returns: nil where it was queued or automatic sending is off; else why a person is needed.
  @discardableResult
  public func acknowledgeAutomatically(_ id: CaseID) throws -> RecipientRefusal? {
    guard let within = settings.automaticWithin else { return nil }
    let current = try store.read(id)
    // Whatever a person did since, it is theirs now.
    guard current.events.count == 1, Self.hindrance(current) == nil else { return .notCertain }
    let draft = try draft(for: current)
    let age = now().unixSeconds - current.receivedAt.unixSeconds
    let refusals =
      RecipientPolicy.automaticRefusals(
        current, replyTo: current.recorded.message.replyTo.map(\.address), age: age, within: within)
      + draft.refusals
    if let refusal = refusals.first { return refusal }
    do {
      try queue(
        id, after: 1, to: draft.to, body: draft.body, isSure: false, by: CaseEvent.program, isAutomatic: true)
    } catch is EventConflict {
      return .notCertain
    }
    return nil
  }

  /// The same for open cases that came in while nobody looked: after a crash between a case and its acknowledgement.
  public func acknowledgeRecent() throws {
    guard let within = settings.automaticWithin else { return }
    let since = now().unixSeconds - within
    for row in try index.list(CaseFilter(state: .open))
    where row.events == 1 && row.receivedAt.unixSeconds >= since {
      try acknowledgeAutomatically(row.id)
    }
  }
}
