// hold, release, erase: what is kept of people, and when no longer.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline

struct HoldCommand: DecisionCommand {
  static let decisionName = Decision.Name.hold
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Keep a case whatever retention says, and refuse to erase it.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws { try decision.needsReason("what it is held for") }
}

struct ReleaseCommand: DecisionCommand {
  static let decisionName = Decision.Name.release
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "End a case's hold.")
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @OptionGroup var decision: DecisionOptions

  func validate() throws { try decision.needsReason("why it need not be held any more") }
}

struct EraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase cases, or everything that one address has sent; dates, category and digests stay.",
    discussion: """
      What people wrote, their names and their addresses go: from the case's history, from mail/, from outbox/ and from \
      the index. That it was done, by whom and why stays, so the reason must not name anybody. What backups hold, \
      docs/keeping.md says.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "References, C-7F3K-9QXD, or case ids.") var ids: [String] = []
  @Option(help: "Erase every case and message of this address.") var address: String?
  @Option(help: "Why, without names: it stays in the record.") var reason: String?
  @Option(help: "Who erases (default: the user's login name).") var by: String?
  @Flag(help: "Only say what would be erased.") var dryRun = false

  func validate() throws {
    if ids.isEmpty == (address == nil) { throw ValidationError("give case references, or --address") }
    if let address, address.utf8.count(where: { $0 == 0x40 }) != 1 {
      throw ValidationError("--address: an address such as ada@example.org")
    }
    if !dryRun, reason?.isEmpty != false { throw ValidationError("--reason TEXT: why, without names") }
    if let by, by.utf8.count > 100 || by.isEmpty { throw ValidationError("--by: 1 to 100 bytes") }
  }

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    let deletions = try Deletions(desk.data)
    let erasure = Erasure(desk.data, index: desk.index, deletions: deletions)
    let now = Pipeline.Intake.systemNow()
    try erasure.finishAll(at: now)
    var chosen = try ids.map { try desk.find($0).id }
    var survey: PersonSurvey?
    if let address {
      survey = try PersonSurvey(address, in: desk.data)
      chosen = survey?.cases ?? []
    }
    let plans = try erasure.plan(chosen)
    for plan in plans { print(Self.line(plan, isDone: false)) }
    let messages = survey?.messages ?? []
    if let survey {
      print("\(survey.messages.count) messages that are no case's")
      for id in survey.namedIn {
        print(
          "\(id.reference): another's case that names the address; erase it by its reference if it is theirs")
      }
      if survey.pending > 0 {
        print(
          "\(survey.pending) messages are pending, and nobody has looked into them; run `intake retry`, then this again"
        )
      }
    }
    if dryRun { return }
    let refused = plans.filter { $0.refusal != nil }
    // On request of a person everything goes that may; by reference all or nothing.
    if address == nil, let refusal = refused.first?.refusal { throw DecisionRefusal(refusal) }
    let going = plans.filter { $0.refusal == nil }.map(\.id)
    try erasure.erase(going, reason: reason ?? "", by: DecisionOptions.name(by), at: now)
    try deletions.delete(messages.map { Deletion(digest: $0, cause: .erasure) }, at: now)
    print("\(going.count) cases erased, \(messages.count) other messages deleted")
    let views = try Self.viewsNaming(address, in: desk.data)
    for view in views { print("views/\(view): a saved list searches for the address; remove it on the desk") }
    if !refused.isEmpty || !(survey?.namedIn.isEmpty ?? true) || survey?.pending ?? 0 > 0 || !views.isEmpty {
      throw NeedsPerson("something of it is left to a person; see above")
    }
  }

  static func line(_ plan: Erasure.Plan, isDone: Bool) -> String {
    if let refusal = plan.refusal { return "\(plan.id.reference): not erased: \(refusal)" }
    var line =
      "\(plan.id.reference): \(plan.events) events become stubs, \(plan.messages) messages and \(plan.letters) letters go"
    if !plan.sharing.isEmpty {
      line +=
        "; the message stays for \(plan.sharing.map(\.reference.description).joined(separator: ", ")), split from it"
    }
    return line
  }

  /// Files of saved lists whose queries hold the address.
  private static func viewsNaming(_ address: String?, in data: DataFolder) throws -> [String] {
    guard let address = address?.asciiLowercased() else { return [] }
    let spellings = [address, address.replacingOccurrences(of: "@", with: "%40")]
    return try DurableFile.names(in: data.path + "/views").filter { name in
      let bytes = try DurableFile.read("\(data.path)/views/\(name)", limit: 1 << 20) ?? []
      let text = String(decoding: bytes, as: UTF8.self).asciiLowercased()
      return spellings.contains { text.contains($0) }
    }
  }
}
