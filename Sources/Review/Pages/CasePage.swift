// A case: what was written, why it was called a complaint, what is due, what happened.

import Cases
import Deadlines
internal import HTTPTypes
internal import Hummingbird
import MIME
import Triage

extension Pages {
  func show(_ visit: Visit) throws -> Page {
    let page = try casePage(visit, problem: nil)
    let user = try visit.person()
    // A disk that takes nothing must not keep the page from whoever has to read it; the alarm then stands on.
    if let id = visit.caseID, user.role.allows(.decide), let current = try? desk.store.read(id) {
      _ = try? desk.opened.note(current, by: user.name, at: desk.now())
    }
    return page
  }

  func casePage(
    _ visit: Visit, problem: String?, status: HTTPResponse.Status = .ok
  ) throws -> Page {
    guard let id = visit.caseID else { throw Refusal.notFound }
    let current = try desk.store.read(id)
    let now = desk.now()
    let list = visit.query["list"] ?? visit.form["list"] ?? ""
    let recorded = current.recorded
    let isParsed = recorded.mayBeParsed
    let message = isParsed ? try? Message(parsing: desk.messages.read(recorded.message.digest)) : nil
    var model = caseFacts(current)
    let row = try desk.index.row(id)
    if let row {
      let left = TimeLeft(row, at: now)
      model["left"] = .text(left.words)
      model["urgency"] = .text(left.urgency)
    }
    model.merge(
      try neighbours(
        of: current, row, text: message?.text ?? "", mailboxes: visit.person().mailboxes, at: now)
    ) { $1 }
    model.merge(try letterFacts(current, zone: zone(of: current), list: list)) { $1 }
    model["list"] = .text(list)
    model["back"] = .text("/cases" + (list.isEmpty ? "" : "?" + list))
    model["problem"] = .optional(problem)
    // What was typed is not lost over somebody else's decision.
    model["kept"] = .optional(problem == nil ? nil : visit.form["reason"].map { String($0.prefix(2000)) })
    if let message {
      model["blocks"] = .list(MessageBlocks(message, verdict: recorded.verdict).models)
      model["hasHTML"] = .flag(message.parts.contains { $0.contentType.essence == "text/html" })
      model["files"] = .list(Self.files(message))
      let header = message.headers.fields.prefix(Self.shownHeaders)
      model["hasHeaders"] = .flag(!header.isEmpty)
      model["headers"] = .list(
        header.map {
          ["name": .text(String($0.name.prefix(100))), "value": .text(String($0.text.prefix(2000)))]
        })
    } else if !isParsed, let bytes = try? desk.messages.read(recorded.message.digest) {
      // It ended the program while it was read, so it is shown as it came, and nothing looks into it.
      let shown = bytes.withUnsafeBytes { String(decoding: $0.prefix(Self.shownRaw), as: UTF8.self) }
      model["blocks"] = .list([
        ["kind": "raw", "title": "As it arrived", "isOwn": true, "runs": .list([["text": .text(shown)]])]
      ])
    } else if !current.isErased {
      model["isMissing"] = true
    }
    model["followUps"] = .list(followUps(current))
    model["leaves"] = .list(
      desk.taxonomy.leaves.map {
        [
          "id": .text($0.id), "title": .text($0.title), "definition": .text($0.definition),
          "isCurrent": .flag($0.id == current.category),
        ]
      })
    func choices(_ words: [String]) -> Field { .list(words.map { ["id": .text($0)] }) }
    model["outcomes"] = .list(
      Closure.Outcome.allCases.map { ["id": .text($0.rawValue), "title": .text($0.title)] })
    model["rootCauses"] = choices(desk.closing.rootCauses)
    model["products"] = choices(desk.closing.products)
    model["redresses"] = choices(GrantedRedress.Kind.allCases.map(\.rawValue))
    model["people"] = .list(
      try desk.users.all().filter { $0.role.allows(.decide) && !$0.isDisabled }.map {
        ["name": .text($0.name), "isCurrent": .flag($0.name == (current.assignee ?? visit.user?.name))]
      })
    return framed(
      "case", model, title: "\(current.reference) \(String(recorded.message.subject.prefix(80)))",
      visit: visit, status: status)
  }

  /// Bytes of a message in quarantine that a page shows; the raw file has all.
  private static let shownRaw = 64 << 10
  /// Header fields that a page shows; the raw file has all.
  private static let shownHeaders = 200

  private static func files(_ message: Message) -> [Model] {
    message.files.prefix(200).enumerated().map { number, file in
      [
        "number": .text(String(number)), "name": .text(String((file.name ?? "unnamed").prefix(200))),
        "type": .text(String(file.contentType.prefix(100))),
      ]
    }
  }

  /// Messages that joined the case, in order; of very many the last ones.
  private func followUps(_ current: Case) -> [Model] {
    let zone = zone(of: current)
    return current.events.filter { $0.details.followUp != nil }.suffix(20).compactMap { event in
      guard let followUp = event.details.followUp else { return nil }
      var model: Model = [
        "event": .text(String(event.number)), "subject": .text(String(followUp.message.subject.prefix(200))),
        "from": .text(Self.participants(followUp.message.from)),
        "received": .text(desk.times.text(followUp.receivedAt, zone: zone)),
        "isStranger": .flag(!followUp.senderIsKnown),
      ]
      if let message = try? Message(parsing: desk.messages.read(followUp.message.digest)) {
        model["blocks"] = .list(MessageBlocks(message, verdict: followUp.verdict).models)
        model["files"] = .list(Self.files(message))
      } else if !current.isErased {
        model["isMissing"] = true
      }
      return model
    }
  }

  func zone(of current: Case) -> String { desk.zone(of: current.deadlines[.acknowledge]?.regime) }

  static func participants(_ list: [MessageFacts.Participant]) -> String {
    list.prefix(20).map { person in
      [person.name, "<\(person.address)>"].compactMap { $0 }.joined(separator: " ")
    }.joined(separator: ", ")
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
      let updated = try desk.decide(
        decision, try fields(visit, current: desk.store.read(id)), on: id, after: after, by: user)
      return try next(after: before, updated, decision, visit, user)
    } catch let conflict as EventConflict {
      return try casePage(visit, problem: Self.words(of: conflict, for: user), status: .conflict)
    } catch let refusal as DecisionRefusal {
      return try casePage(visit, problem: refusal.description, status: .unprocessableContent)
    } catch let missing as NoSuchCase {
      return try casePage(visit, problem: missing.description, status: .unprocessableContent)
    } catch let refusal as LetterRefusal {
      return try casePage(visit, problem: "Not done: \(refusal.words).", status: .conflict)
    }
  }

  /// A conflict for people: a key pressed twice meets one's own decision.
  static func words(of conflict: EventConflict, for user: User) -> String {
    if let first = conflict.first, first.by == user.name {
      return "Not done twice: you \(first.kind.rawValue) it a moment ago."
    }
    return "Not done: \(conflict.description)."
  }

  func fields(_ visit: Visit, current: Case) throws -> DecisionFields {
    let zone = zone(of: current)
    var fields = try DecisionFields(visit.form) { [times = desk.times] in times.instant($0, zone: zone) }
    // A field that shows what is so already asks for no correction.
    if let received = fields.received,
      desk.times.field(received, zone: zone) == desk.times.field(current.receivedAt, zone: zone)
    {
      fields.received = nil
    }
    if fields.complainant == current.complainant.name { fields.complainant = nil }
    if fields.address == current.complainant.address { fields.address = nil }
    return fields
  }

  /// After a decision that ends the work on a case: the next one of the list. After others: the case again.
  func next(
    after before: CaseRow?, _ updated: Case, _ decision: Decision.Name, _ visit: Visit, _ user: User
  ) throws -> Page {
    let list = visit.form["list"] ?? ""
    let tail = list.isEmpty ? "" : "?list=" + Form.encoded(list)
    switch decision {
    case .recategorise, .assign, .note, .split, .correct, .hold, .release, .undo:
      return .redirect("/cases/\(updated.id.text)\(tail)")
    case .confirm, .dismiss, .acknowledge, .close, .merge: break
    }
    var view = ListView(Form(list), for: user, at: desk.now(), desk.reporting)
    view.filter.limit = 1000
    let left = try desk.index.count(view.filter)
    if let token = visit.token {
      let done =
        updated.events.last.map { $0.kind == .queued ? "acknowledgement queued" : $0.kind.rawValue } ?? ""
      let rest = left == 0 ? "nothing is left" : "\(left == 1000 ? "999+" : String(left)) left"
      sessions.say(
        Said(
          words: "\(updated.reference) \(done). In \(view.name.title.lowercased()): \(rest).",
          undoes: updated.undoable?.number == updated.events.count ? (updated.id, updated.events.count) : nil),
        to: token)
    }
    view.filter.limit = 2
    view.filter.after = before?.place
    let following = try desk.index.list(view.filter).first { $0.id != updated.id }
    view.filter.after = nil
    if let next = try following ?? desk.index.list(view.filter).first(where: { $0.id != updated.id }) {
      return .redirect("/cases/\(next.id.text)\(tail)")
    }
    return .redirect("/cases" + (list.isEmpty ? "" : "?" + Form(list).encoded))
  }

  // MARK: what mail brought

  /// The bytes of the message that the path names: the first, or the one that an event brought.
  private func bytes(_ visit: Visit, isParsed: Bool) throws -> MessageBytes {
    guard let id = visit.caseID else { throw Refusal.notFound }
    let current = try desk.store.read(id)
    let number = visit.parameters["event"] ?? "1"
    let event = current.events.first { String($0.number) == number }
    guard let facts = event?.details.followUp?.message ?? event?.details.recorded?.message,
      !isParsed || event?.details.recorded?.mayBeParsed != false
    else { throw Refusal.notFound }
    // What was erased is nowhere any more.
    if current.isErased { throw Refusal.notFound }
    return try desk.messages.read(facts.digest)
  }

  private func message(_ visit: Visit) throws -> Message {
    Message(parsing: try bytes(visit, isParsed: true))
  }

  func raw(_ visit: Visit) throws -> Page {
    let name = [visit.caseID?.reference.description ?? "case", visit.parameters["event"]].compactMap { $0 }
    return .download(
      try bytes(visit, isParsed: false).withUnsafeBytes { Array($0) },
      name: name.joined(separator: "-") + ".eml")
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
