// outbox, and the sending half of acknowledge: letters from the shell.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Outbound
import Pipeline

struct OutboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "What waits to be sent, what was perhaps sent, what could not be sent.",
    discussion: """
      After a crash in the middle of sending nobody knows whether the server took the letter. It is then never sent \
      again by itself: look into the server's log for its Message-ID, then say --sent or --again. Exit code 1: \
      something waits for such a word, or could not be sent.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "This case's letter was sent.") var sent: String?
  @Option(help: "Send this case's letter again, under the same Message-ID.") var again: String?
  @Option(help: "Take this case's letter back, while it waits.") var withdraw: String?
  @Flag(help: "Try everything that waits once, now, as `intake run` does by itself.") var flush = false
  @Option(help: "Who says so (default: the user's login name).") var by: String?
  @Flag(help: "As JSON, one line a letter (schema intake.outbox/1).") var json = false

  func validate() throws {
    if [sent, again, withdraw, flush ? "" : nil].compactMap({ $0 }).count > 1 {
      throw ValidationError("one of --sent, --again, --withdraw and --flush at a time")
    }
    if let by, by.utf8.count > 100 || by.isEmpty { throw ValidationError("--by: 1 to 100 bytes") }
  }

  func run() async throws {
    let shell = try AcknowledgementShell(options.over(parent.options))
    let name = DecisionOptions.name(by)
    if let id = sent ?? again {
      let current = try shell.acknowledger.settle(shell.desk.find(id).id, wasSent: sent != nil, by: name)
      print(
        "\(current.reference) \(sent != nil ? "acknowledged" : "will be sent again"), now \(current.state.rawValue)"
      )
    } else if let withdraw {
      let current = try shell.desk.find(withdraw)
      try shell.acknowledger.withdraw(current.id, after: current.events.count, by: name)
      print("\(current.reference) taken back; nothing was sent")
    } else {
      if flush { try await shell.flush() }
      let lines = try shell.lines()
      for line in lines { print(json ? try JSONOutput.line(line) : line.text) }
      if lines.contains(where: \.needsPerson) { throw NeedsPerson() }
    }
  }
}

/// A letter of the outbox (`intake.outbox/1`).
struct OutboxLine: Encodable {
  let schema = "intake.outbox/1"
  let state: String
  let reference: String
  let `case`: String
  let messageID: String
  let to: String
  let since: Instant?
  let detail: String
  let needsPerson: Bool

  enum CodingKeys: String, CodingKey {
    case schema, state, reference, `case`, to, since, detail
    case messageID = "message_id"
    case needsPerson = "needs_person"
  }

  var text: String {
    ("\(state.padding(toLength: 13, withPad: " ", startingAt: 0)) \(reference)  \(to)"
      + (since.map { "  \($0)" } ?? "") + (detail.isEmpty ? "" : "  \(detail)")).printable
  }
}

/// What `outbox` and `acknowledge --draft` and `--send` work with.
struct AcknowledgementShell {
  let workplace: Workplace
  let desk: CaseDesk
  let acknowledger: Acknowledger

  init(_ options: SharedOptions) throws {
    workplace = try Workplace(options, checkFiles: false)
    desk = try CaseDesk(options)
    acknowledger = try workplace.acknowledger(desk.data, index: desk.index)
  }

  func printDraft(_ text: String) throws {
    let current = try desk.find(text)
    let draft = try acknowledger.draft(for: current)
    print("To:       \(draft.to.printable)")
    print("Subject:  \(draft.subject)")
    print("Template: \(draft.template)")
    if let due = current.deadlines[.acknowledge] { print("Due:      \(due.dueText) (\(due.regime))") }
    if let hindrance = Acknowledger.hindrance(current) { print("Not now:  \(hindrance)") }
    for refusal in draft.refusals {
      print("\(refusal.mayBeOverridden ? "Unless --sure" : "Never"): \(refusal)")
    }
    for warning in draft.warnings { print("Warning:  \(warning.printable)") }
    print("\n\(draft.body)")
  }

  func send(_ decision: DecisionOptions, textFile: String?, to: String?, isSure: Bool) throws {
    guard workplace.configuration.acknowledge != nil else {
      throw BadInput(
        "\(workplace.configuration.path): has no `acknowledge:`, so nothing would send it; see config/intake.yaml"
      )
    }
    let current = try desk.find(decision.id)
    let draft = try acknowledger.draft(for: current)
    var body = draft.body
    if let textFile {
      guard let bytes = try DurableFile.read(textFile, limit: 1 << 20) else {
        throw BadInput("\(textFile): there is no such file")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw BadInput("\(textFile): not UTF-8")
      }
      body = text
    }
    let updated = try acknowledger.queue(
      current.id, after: decision.after ?? current.events.count, to: to ?? draft.to, body: body,
      isSure: isSure,
      by: decision.name)
    print("\(updated.reference) queued to \(to ?? draft.to); `intake run` sends it, `intake outbox` shows it")
  }

  func flush() async throws {
    guard let section = workplace.configuration.acknowledge else {
      throw BadInput(
        "\(workplace.configuration.path): has no `acknowledge:`, so there is no server to send to")
    }
    await (try workplace.sender(desk.data, index: desk.index, section)).flush()
  }

  /// Every letter that is not settled, the doubtful first.
  func lines() throws -> [OutboxLine] {
    var lines: [OutboxLine] = []
    for place in [OutboxPlace.sending, .new, .failed] {
      for item in try acknowledger.outbox.list(place) {
        let current = try desk.store.read(item.caseID)
        let reference = current.reference.description
        func add(_ state: String, _ since: Instant?, _ detail: String, _ needsPerson: Bool) {
          lines.append(
            OutboxLine(
              state: state, reference: reference, case: current.id.text, messageID: item.facts.messageID,
              to: item.facts.to, since: since, detail: detail, needsPerson: needsPerson))
        }
        guard place != .failed else {
          let last = current.events.last { $0.kind == .sendFailed || $0.kind == .queued }
          // What was queued again since, or acknowledged otherwise, is nobody's trouble any more.
          if last?.kind == .sendFailed, current.acknowledgedAt == nil,
            current.everQueued.last?.messageID == item.facts.messageID
          {
            add("not sent", last?.at, last?.details.reason ?? "", true)
          }
          continue
        }
        switch try acknowledger.standing(of: current) {
        case .waiting: add("waiting", item.queuedAt, "", false)
        case .beingSent: add("being sent", nil, "", false)
        case .perhapsSent(_, let since):
          add(
            "perhaps sent", since,
            "Message-ID \(item.facts.messageID); say --sent \(reference) or --again \(reference)", true)
        case .none, .sent, .failed, .bounced: break
        }
      }
    }
    return lines
  }
}
