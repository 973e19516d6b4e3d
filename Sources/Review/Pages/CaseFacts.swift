// What a case is, as values for its page: facts, dates, history, and why it was called a complaint.

import Cases
import Deadlines
import MIME
import Triage

extension Pages {
  func caseFacts(_ current: Case) -> Model {
    let recorded = current.recorded
    let message = recorded.message
    let who = current.complainant
    let zone = zone(of: current)
    func times(_ instant: Instant) -> String { desk.times.text(instant, zone: zone) }
    var model: Model = [
      "id": .text(current.id.text), "reference": .text(current.reference.description),
      "state": .text(current.state.rawValue), "events": .text(String(current.events.count)),
      "subject": .text(message.subject.isEmpty ? "(no subject)" : String(message.subject.prefix(500))),
      "category": .text(desk.title(of: current.category)), "categoryID": .text(current.category),
      "assignee": .optional(current.assignee), "mailbox": .text(message.source.mailbox),
      "received": .text("\(times(current.receivedAt)) (\(zone))"), "receivedHow": .text(current.receivedHow),
      "who": .text(
        current.isErased ? "erased" : [who.name, who.address].compactMap { $0 }.joined(separator: " ")),
      "isErased": .flag(current.isErased), "erased": .optional(current.erasedAt.map(times)),
      "held": .optional(current.heldAt.map(times)),
      "whoDoubt": .optional(who.confidence < 1 ? "\(who.how): please check" : nil),
      "from": .text(Self.participants(message.from)), "to": .text(Self.participants(message.to)),
      "cc": .optional(Self.participants(message.cc)),
      "country": .optional(recorded.country), "quarantine": .optional(recorded.quarantineReason),
      "authentication": .optional(message.authenticationResults.prefix(3).joined(separator: "; ")),
      "authenticationShort": .text(Self.authentication(message.authenticationResults.first ?? "")),
      "defects": .optional(message.defects.prefix(20).joined(separator: "; ")),
      "sent": .optional(message.sentAt.map(times)),
      "canConfirm": .flag(
        current.state == .possible || current.state == .quarantined || current.state == .dismissed),
      "canUndo": .flag(current.undoable != nil),
      "undoes": .optional(current.undoable.map { "\($0.kind.rawValue) by \($0.by)" }),
      "canAcknowledge": .flag(current.acknowledgedAt == nil && current.state == .open),
      "notes": .list(recorded.notes.prefix(20).map { ["words": .text($0)] }),
      "complainantName": .optional(who.name), "complainantAddress": .optional(who.address),
      "receivedField": .optional(desk.times.field(current.receivedAt, zone: zone)), "zone": .text(zone),
    ]
    let replyTo = message.replyTo.filter { reply in !message.from.contains { $0.address == reply.address } }
    model["replyTo"] = .optional(Self.participants(replyTo))
    model["dues"] = .list(Self.dues(current.deadlines))
    model["next"] = .optional(Self.next(current).map { "\($0.kind.title.lowercased()) \($0.dueText)" })
    model["warnings"] = .list(current.deadlines.warnings.map { ["words": .text($0)] })
    let standing = Set(current.standing.map(\.number))
    model["history"] = .list(
      current.events.reversed().map { event in
        [
          "number": .text(String(event.number)), "kind": .text(event.kind.rawValue), "by": .text(event.by),
          "at": .text(times(event.at)), "what": .optional(event.words),
          "isUndone": .flag(!standing.contains(event.number)),
        ]
      })
    if let verdict = recorded.verdict { model.merge(verdictFacts(verdict)) { $1 } }
    return model
  }

  /// The results of an Authentication-Results field (RFC 8601), such as `spf pass, dkim pass`; only the topmost field is
  /// our own server's word.
  private static func authentication(_ field: String) -> String {
    let results = ["spf", "dkim", "dmarc"].compactMap { method -> String? in
      guard let range = field.asciiLowercased().firstRange(of: method + "=") else { return nil }
      let value = field.asciiLowercased()[range.upperBound...].prefix { $0.isLetter }
      return "\(method) \(value)"
    }
    return results.isEmpty ? "as reported" : results.joined(separator: ", ")
  }

  /// What is due next, where anything is.
  private static func next(_ current: Case) -> Due? {
    switch current.state {
    case .possible, .open, .quarantined: current.deadlines[.acknowledge]
    case .acknowledged: current.deadlines[.final]
    case .closed, .dismissed: nil
    }
  }

  /// One line for each obligation, with the date that counts; every regime's own date and its steps below it.
  private static func dues(_ deadlines: Deadlines) -> [Model] {
    Obligation.Kind.allCases.compactMap { kind in
      guard let counts = deadlines[kind] else { return nil }
      let all = deadlines.all.filter { $0.kind == kind }
      return [
        "kind": .text(kind.title), "text": .text(counts.dueText), "regime": .text(counts.regime),
        "more": .optional(all.count > 1 ? "+\(all.count - 1)" : nil),
        "dates": .list(
          all.prefix(20).map { due in
            [
              "text": .text(due.dueText), "regime": .text(due.regime), "rule": .text(due.rule),
              "steps": .list(due.derivation.map { ["words": .text($0)] }),
            ]
          }),
      ]
    }
  }

  private func verdictFacts(_ verdict: Verdict) -> Model {
    func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
    return [
      "verdict": true, "band": .text(verdict.band.rawValue),
      "probability": .text(percent(verdict.probability)),
      "why": .text(verdict.reason), "severity": .text(String(verdict.severity)),
      "model": .text(verdict.model),
      "categoryProbability": .text(percent(verdict.categoryProbability)),
      "secondary": .list(
        verdict.secondary.prefix(3).map {
          ["title": .text(desk.title(of: $0.category)), "probability": .text(percent($0.probability))]
        }),
      "flags": .list(
        verdict.flags.prefix(20).map { flag in
          var model = FlagWords.model(flag.kind.rawValue)
          model["text"] = .text(String(flag.text.prefix(200)))
          return model
        }),
      "member": .optional(verdict.memberNumber),
      "hasPoints": .flag(!verdict.points.isEmpty),
      "points": .list(verdict.points.prefix(12).map { ["text": .text(String($0.text.prefix(300)))] }),
      "redress": .optional(
        verdict.redress.map { redress in
          redress.kinds.map(\.rawValue).joined(separator: ", ")
            + (redress.amount.map { " \(redress.currency ?? "") \($0)" } ?? "")
        }),
    ]
  }
}
