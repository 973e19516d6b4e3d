// A case: what was written, why it was called a complaint, what is due, what happened.

import Cases
import Deadlines
internal import HTTPTypes
internal import Hummingbird
import MIME
import Triage

extension Pages {
  func show(_ visit: Visit) throws -> Page { try casePage(visit, problem: nil) }

  private func casePage(
    _ visit: Visit, problem: String?, status: HTTPResponse.Status = .ok
  ) throws -> Page {
    guard let id = visit.caseID else { throw Refusal.notFound }
    let current = try desk.store.read(id)
    let now = desk.now()
    let list = visit.query["list"] ?? visit.form["list"] ?? ""
    let recorded = current.recorded
    let zone = desk.zone(of: current.deadlines[.acknowledge]?.regime)
    let message = try? Message(parsing: desk.messages.read(recorded.message.digest))
    var model = caseFacts(current, zone: zone)
    if let row = try desk.index.row(id) {
      let left = TimeLeft(row, at: now)
      model["left"] = .text(left.words)
      model["urgency"] = .text(left.urgency)
      model["others"] = .list(
        try desk.index.others(like: row, mailboxes: visit.person().mailboxes, limit: 10).map {
          rowModel($0, list: "", at: now)
        })
    }
    model["list"] = .text(list)
    model["back"] = .text("/cases" + (list.isEmpty ? "" : "?" + list))
    model["problem"] = .optional(problem)
    if let message {
      model["blocks"] = .list(MessageBlocks(message, verdict: recorded.verdict).models)
      model["hasHTML"] = .flag(message.parts.contains { $0.contentType.essence == "text/html" })
      model["files"] = .list(
        message.files.prefix(200).enumerated().map { number, file in
          [
            "number": .text(String(number)), "name": .text(String((file.name ?? "unnamed").prefix(200))),
            "type": .text(String(file.contentType.prefix(100))),
          ]
        })
    } else {
      model["isMissing"] = true
    }
    model["leaves"] = .list(
      desk.taxonomy.leaves.map {
        ["id": .text($0.id), "title": .text($0.title), "isCurrent": .flag($0.id == current.category)]
      })
    model["people"] = .list(
      try desk.users.all().filter { $0.role.allows(.decide) && !$0.isDisabled }.map {
        ["name": .text($0.name), "isCurrent": .flag($0.name == (current.assignee ?? visit.user?.name))]
      })
    return framed(
      "case", model, title: "\(current.reference) \(String(recorded.message.subject.prefix(80)))",
      visit: visit,
      status: status)
  }

  private func caseFacts(_ current: Case, zone: String) -> Model {
    let recorded = current.recorded
    let message = recorded.message
    let who = current.complainant
    func participants(_ list: [MessageFacts.Participant]) -> String {
      list.prefix(20).map { person in
        [person.name, "<\(person.address)>"].compactMap { $0 }.joined(separator: " ")
      }.joined(separator: ", ")
    }
    func times(_ instant: Instant) -> String { desk.times.text(instant, zone: zone) }
    var model: Model = [
      "id": .text(current.id.text), "reference": .text(current.reference.description),
      "state": .text(current.state.rawValue), "events": .text(String(current.events.count)),
      "subject": .text(message.subject.isEmpty ? "(no subject)" : String(message.subject.prefix(500))),
      "category": .text(desk.title(of: current.category)), "categoryID": .text(current.category),
      "assignee": .optional(current.assignee), "mailbox": .text(message.source.mailbox),
      "received": .text("\(times(current.receivedAt)) (\(zone))"), "receivedHow": .text(current.receivedHow),
      "who": .text([who.name, who.address].compactMap { $0 }.joined(separator: " ")),
      "whoDoubt": .optional(who.confidence < 1 ? "\(who.how): please check" : nil),
      "from": .text(participants(message.from)), "to": .text(participants(message.to)),
      "cc": .optional(participants(message.cc)),
      "country": .optional(recorded.country), "quarantine": .optional(recorded.quarantineReason),
      "authentication": .optional(message.authenticationResults.prefix(3).joined(separator: "; ")),
      "defects": .optional(message.defects.prefix(20).joined(separator: "; ")),
      "sent": .optional(message.sentAt.map(times)),
      "canConfirm": .flag(
        current.state == .possible || current.state == .quarantined || current.state == .dismissed),
      "canUndo": .flag(current.undoable != nil),
      "undoes": .optional(current.undoable.map { "\($0.kind.rawValue) by \($0.by)" }),
      "canAcknowledge": .flag(current.acknowledgedAt == nil && current.state == .open),
      "notes": .list(recorded.notes.prefix(20).map { ["words": .text($0)] }),
      "duplicates": .list(
        (recorded.possibleDuplicates + recorded.claimsToBelongTo).prefix(20).map {
          ["href": .text("/cases/\($0.text)"), "reference": .text($0.reference.description)]
        }),
    ]
    let replyTo = message.replyTo.filter { reply in !message.from.contains { $0.address == reply.address } }
    model["replyTo"] = .optional(participants(replyTo))
    model["dues"] = .list(
      current.deadlines.all.prefix(40).map { due in
        [
          "kind": .text(due.kind.title), "text": .text(due.dueText), "regime": .text(due.regime),
          "rule": .text(due.rule), "steps": .list(due.derivation.map { ["words": .text($0)] }),
        ]
      })
    model["warnings"] = .list(current.deadlines.warnings.map { ["words": .text($0)] })
    let standing = Set(current.standing.map(\.number))
    model["history"] = .list(
      current.events.reversed().map { event in
        [
          "number": .text(String(event.number)), "kind": .text(event.kind.rawValue), "by": .text(event.by),
          "at": .text(times(event.at)), "what": .optional(Self.words(of: event)),
          "isUndone": .flag(!standing.contains(event.number)),
        ]
      })
    if let verdict = recorded.verdict { model.merge(verdictFacts(verdict)) { $1 } }
    return model
  }

  private static func words(of event: CaseEvent) -> String {
    [
      event.details.reason, event.details.category, event.details.assignee.map { "to \($0)" },
      event.details.mergedInto.map { "into \($0.reference)" },
      event.details.followUp.map {
        "by \($0.tie)" + ($0.senderIsKnown ? "" : ", from someone who had no part in it: please look")
      },
      event.details.sighting.map { "also in \($0.mailbox)" },
      event.details.correction?.words, event.details.undoes.map { "event \($0) no longer counts" },
    ].compactMap { $0 }.joined(separator: "; ")
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
      "points": .list(verdict.points.prefix(12).map { ["text": .text(String($0.text.prefix(300)))] }),
      "redress": .optional(
        verdict.redress.map { redress in
          redress.kinds.map(\.rawValue).joined(separator: ", ")
            + (redress.amount.map { " \(redress.currency ?? "") \($0)" } ?? "")
        }),
    ]
  }

  // MARK: deciding

  func decide(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    guard let id = visit.caseID, let after = visit.form["after"].flatMap({ Int($0) }) else {
      throw Refusal.notFound
    }
    guard let decision = visit.form["decision"].flatMap(Decision.Name.init(rawValue:)) else {
      throw Refusal.notFound
    }
    let before = try desk.index.row(id)
    do {
      let updated = try desk.decide(decision, try DecisionFields(visit.form), on: id, after: after, by: user)
      return try next(after: before, updated, decision, visit, user)
    } catch let conflict as EventConflict {
      return try casePage(visit, problem: "Not done: \(conflict.description).", status: .conflict)
    } catch let refusal as DecisionRefusal {
      return try casePage(visit, problem: refusal.description, status: .unprocessableContent)
    } catch let missing as NoSuchCase {
      return try casePage(visit, problem: missing.description, status: .unprocessableContent)
    }
  }

  /// After a decision that ends the work on a case: the next one of the list. After others: the case again.
  private func next(
    after before: CaseRow?, _ updated: Case, _ decision: Decision.Name, _ visit: Visit, _ user: User
  ) throws -> Page {
    let list = visit.form["list"] ?? ""
    let tail = list.isEmpty ? "" : "?list=" + Form.encoded(list)
    switch decision {
    case .recategorise, .assign, .note, .correct, .undo: return .redirect("/cases/\(updated.id.text)\(tail)")
    case .confirm, .dismiss, .acknowledge, .close, .merge: break
    }
    var view = ListView(Form(list), for: user, at: desk.now())
    view.filter.limit = 2
    view.filter.after = before?.place
    let following = try desk.index.list(view.filter).first { $0.id != updated.id }
    view.filter.after = nil
    if let next = try following ?? desk.index.list(view.filter).first(where: { $0.id != updated.id }) {
      return .redirect("/cases/\(next.id.text)\(tail)")
    }
    return .redirect(
      "/cases?" + Form(list).setting("done", "\(updated.reference): that was the last one here").encoded)
  }

  // MARK: what mail brought

  private func message(_ visit: Visit) throws -> Message {
    guard let id = visit.caseID else { throw Refusal.notFound }
    return Message(parsing: try desk.messages.read(try desk.store.read(id).recorded.message.digest))
  }

  func raw(_ visit: Visit) throws -> Page {
    let bytes = try message(visit).bytes.withUnsafeBytes { Array($0) }
    return .download(bytes, name: "\(visit.caseID?.reference.description ?? "case").eml")
  }

  func attachment(_ visit: Visit) throws -> Page {
    let files = try message(visit).files
    guard let number = Int(visit.parameters["number"] ?? ""), files.indices.contains(number) else {
      throw Refusal.notFound
    }
    var bytes: [UInt8] = []
    files[number].forEachChunk { bytes += $0 }
    return .download(bytes, name: files[number].name ?? "unnamed")
  }

  /// The message's HTML, rebuilt from what is known to be harmless, for a sandboxed frame.
  func html(_ visit: Visit) throws -> Page {
    let message = try message(visit)
    guard let part = message.parts.firstIndex(where: { $0.contentType.essence == "text/html" }) else {
      throw Refusal.notFound
    }
    return Page(body: SafeHTML.document(message.decodedHTML(of: part)), policy: Page.mailPolicy)
  }
}
