// The acknowledgement of a case: its draft to edit and send, or a record of what a person did elsewhere.

import Cases
import Deadlines
internal import HTTPTypes
internal import Hummingbird

extension Pages {
  func letter(_ visit: Visit) throws -> Page { try letterPage(visit, problem: nil) }

  /// - Parameter kept: what the person had written, where it could not be sent.
  private func letterPage(
    _ visit: Visit, problem: String?, kept: Form? = nil, status: HTTPResponse.Status = .ok
  ) throws -> Page {
    guard let id = visit.caseID else { throw Refusal.notFound }
    let current = try desk.store.read(id)
    let list = visit.query["list"] ?? visit.form["list"] ?? ""
    let due = current.deadlines[.acknowledge]
    var model: Model = [
      "id": .text(id.text), "reference": .text(current.reference.description), "list": .text(list),
      "back": .text("/cases/\(id.text)" + (list.isEmpty ? "" : "?list=" + Form.encoded(list))),
      // What the person saw when they began; a conflict is told once, then they have seen the case as it is now.
      "events": .text(String(current.events.count)), "problem": .optional(problem),
      "due": .optional(due?.dueText), "dueRegime": .optional(due?.regime),
      "isLate": .flag(due.map { $0.end <= desk.now() } ?? false),
      "hasState": .flag(current.state != .open || current.acknowledgedAt != nil),
      "state": .text(current.state.rawValue),
    ]
    if let letters = desk.letters, current.state == .open {
      let draft = try letters.draft(for: current)
      let objections = draft.objections
      model["letter"] = .model([
        "to": .text(kept?["to"] ?? draft.to), "subject": .text(draft.subject),
        "body": .text((kept?["body"] ?? draft.body).replacing("\r\n", with: "\n")),
        "remark": .optional(letters.remark),
        "objections": .list(objections.map { ["words": .text($0.words)] }),
        "warnings": .list(draft.warnings.map { ["words": .text($0)] }),
        // Offered where it is of use; another address than the draft's is asked about when it is sent.
        "asksSure": .flag(kept != nil || objections.contains { $0.mayBeOverridden }),
      ])
    }
    return framed(
      "acknowledge", model, title: "Acknowledge \(current.reference)", visit: visit, status: status)
  }

  /// Sends the letter, or records that a person acknowledged elsewhere.
  func acknowledge(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    guard let id = visit.caseID, let after = visit.form["after"].flatMap({ Int($0) }) else {
      throw Refusal.notFound
    }
    let before = try desk.index.row(id)
    do {
      let updated: Case
      switch visit.form["choice"] {
      case "send":
        guard let letters = desk.letters else { throw LetterRefusal("no mail server is configured") }
        updated = try letters.queue(
          id, after: after, to: visit.form["to"] ?? "", body: visit.form["body"] ?? "",
          isSure: visit.form["sure"] == "yes", by: user.name)
      case "record":
        updated = try desk.decide(
          .acknowledge, DecisionFields(reason: visit.form["reason"]), on: id, after: after, by: user)
      default: throw Refusal.notFound
      }
      return try next(after: before, updated, .acknowledge, visit, user)
    } catch let conflict as EventConflict {
      return try letterPage(
        visit, problem: "Not done: \(conflict.description).", kept: visit.form, status: .conflict)
    } catch let refusal as LetterRefusal {
      return try letterPage(
        visit, problem: "Not sent: \(refusal.words).", kept: visit.form, status: .unprocessableContent)
    } catch let refusal as DecisionRefusal {
      return try letterPage(
        visit, problem: refusal.description, kept: visit.form, status: .unprocessableContent)
    }
  }

  /// A person's word on a letter that was perhaps sent.
  func settleLetter(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    guard let id = visit.caseID, let after = visit.form["after"].flatMap({ Int($0) }),
      let letters = desk.letters,
      let word = visit.form["settle"], word == "sent" || word == "again"
    else { throw Refusal.notFound }
    do {
      _ = try letters.settle(id, wasSent: word == "sent", after: after, by: user.name)
    } catch let conflict as EventConflict {
      return try casePage(visit, problem: "Not done: \(conflict.description).", status: .conflict)
    } catch let refusal as LetterRefusal {
      return try casePage(visit, problem: "Not done: \(refusal.words).", status: .conflict)
    }
    let list = visit.form["list"] ?? ""
    return .redirect("/cases/\(id.text)" + (list.isEmpty ? "" : "?list=" + Form.encoded(list)))
  }

  /// Where the case's letter stands, for the case's page.
  func letterFacts(_ current: Case, zone: String, list: String) throws -> Model {
    var model: Model = ["tail": .text(list.isEmpty ? "" : "?list=" + Form.encoded(list))]
    guard let letters = desk.letters else { return model }
    func time(_ instant: Instant) -> String { desk.times.text(instant, zone: zone) }
    let words: String
    var isBad = true
    var mayBeSettled = false
    switch try letters.standing(of: current) {
    case .none: return model
    case .waiting(let to):
      (words, isBad) = (
        "Acknowledgement to \(to): queued, will be sent" + (letters.remark.map { ". \($0)" } ?? ""), false
      )
    case .beingSent(let to): (words, isBad) = ("Acknowledgement to \(to): being sent", false)
    case .perhapsSent(let to, let since, let messageID):
      words =
        "Acknowledgement to \(to): perhaps sent, \(time(since)). The program or the connection ended before the "
        + "server's word. Look for \(messageID) in the server's log, then say which."
      mayBeSettled = true
    case .sent(let to, let at, let reply):
      (words, isBad) = ("Acknowledgement to \(to): sent \(time(at)), \(reply)", false)
    case .failed(let reason): words = "The acknowledgement could not be sent: \(reason)"
    case .bounced(let reason): words = "The acknowledgement came back, so the duty stands again: \(reason)"
    }
    model["letterWords"] = .text(words)
    model["letterIsBad"] = .flag(isBad)
    model["letterIsInDoubt"] = .flag(mayBeSettled)
    // One at a time: while a letter waits or is in doubt no other is offered.
    if current.outgoing != nil { model["canAcknowledge"] = false }
    return model
  }
}
