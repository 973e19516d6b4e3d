// cases and show: the queue from the shell.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline

extension CaseState: ExpressibleByArgument {}

struct CasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases", abstract: "List cases, by what must happen next.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "possible, open, acknowledged, closed, dismissed or quarantined.") var state: CaseState?
  @Option(help: "A category (service.delay_no_response) or group (service).") var category: String?
  @Option(help: "Not acknowledged and due before this instant (2026-12-24T17:30:00Z) or day (2026-12-24).")
  var dueBefore: String?
  @Flag(help: "Not acknowledged and past due.") var overdue = false
  @Option(help: "Words in subject, complainant or text.") var search: String?
  @Flag(help: "As JSON, one line a case (schema intake.case/1).") var json = false
  @Flag(help: "As CSV, safe for spreadsheets.") var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json or --csv, not both") }
  }

  func run() async throws {
    let shared = options.over(parent.options)
    let desk = try CaseDesk(shared)
    var filter = CaseFilter(state: state, category: category, search: search)
    if let dueBefore {
      guard let instant = Instant(iso8601: dueBefore) ?? Instant(iso8601: dueBefore + "T00:00:00Z") else {
        throw BadInput("--due-before \(dueBefore): write it as 2026-12-24 or 2026-12-24T17:30:00Z")
      }
      filter.dueBefore = instant
    }
    if overdue { filter.dueBefore = Pipeline.Intake.systemNow() }
    let rows = try desk.index.list(filter)
    if json {
      for row in rows { print(try JSONOutput.line(CaseLine(row))) }
    } else if csv {
      print(CaseLine.csvHeading)
      for row in rows { print(CaseLine(row).csv) }
    } else {
      for line in desk.table.lines(rows, now: Pipeline.Intake.systemNow()) { print(line) }
    }
  }
}

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a case whole.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "A reference, C-7F3K-9QXD, or a case id.") var id: String
  @Flag(help: "Its events as JSON, one a line (schema intake.event/1).") var json = false
  @Flag(help: "The message as it arrived.") var raw = false

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    let current = try desk.find(id)
    if raw {
      if let at = current.erasedAt {
        throw BadInput("\(current.reference) was erased at \(at): its message is gone, its digest is left")
      }
      let path = desk.messages.path(of: current.recorded.message.digest)
      guard let bytes = try DurableFile.read(path, limit: 512 << 20) else {
        throw BadInput("\(path): the message is missing; run `intake verify`")
      }
      FileHandle.standardOutput.write(Data(bytes))
    } else if json {
      for event in current.events { print(try JSONOutput.line(event)) }
    } else {
      for line in desk.description(of: current) { print(line) }
    }
  }
}
