// report: the morning's digest, and what a regulator asks for.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Monitoring
import Pipeline

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Reports in counts.",
    subcommands: [DigestCommand.self, ReturnCommand.self])
}

struct DigestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest",
    abstract: "What the morning's digest says, or said: a day's counts, and how it stands now.")

  @OptionGroup var options: SharedOptions
  @Option(help: "The day, as 2026-11-22 (default: yesterday).") var date: String?
  @Flag(help: "As JSON (schema intake.digest/1).") var json = false

  func run() async throws {
    let workplace = try Workplace(options, checkFiles: false)
    guard FileManager.default.fileExists(atPath: workplace.dataPath) else {
      throw BadInput("\(workplace.dataPath): there is no data folder; name one with --data")
    }
    let data = try workplace.openData()
    let now = Pipeline.Intake.systemNow()
    let section = workplace.configuration.alarms?.digest ?? Configuration.DigestSection()
    let clock = DailyDigest(
      at: section.at, zone: try DeadlineData.zone(section.zone, in: DeadlineData.zoneinfo))
    var day = clock.zone.local(now).date.adding(days: -1)
    if let date {
      guard let asked = CivilDate(date) else { throw BadInput("--date \(date): write it as 2026-11-22") }
      day = asked
    }
    var facts = try workplace.digestSource(data, index: CaseIndex(data), zone: clock.zone).facts(
      of: day, now: now)
    facts.alarms = AlarmBook.sorted(try AlarmBook.read(data)).filter(\.stands)
    if json {
      print(String(decoding: try DailyDigest.json(facts), as: UTF8.self))
    } else {
      print(
        DailyDigest.text(facts, organisation: workplace.configuration.organisation.name, now: now),
        terminator: "")
    }
  }
}

struct ReturnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "return", abstract: "A regulator's return for some days.",
    discussion: """
      What a return asks for is data: returns/ID.yaml beside the configuration's deadline data. The desk shows the same \
      under /reports/ID, to be printed. Exit code 1: cases were closed without an outcome, so it is not complete.
      """)

  @OptionGroup var options: SharedOptions
  @Argument(help: "Its id, such as fca.") var id: String
  @Option(help: "The first day, as 2027-01-01 (default: of the last whole half-year).") var from: String?
  @Option(help: "The last day.") var to: String?
  @Flag(help: "As CSV.") var csv = false
  @Flag(help: "As JSON (schema intake.return/1).") var json = false

  func run() async throws {
    let workplace = try Workplace(options, checkFiles: false)
    let definitions = try ReturnData.load(directory: workplace.configuration.deadlines.directory)
    guard let definition = definitions[id] else {
      throw BadInput(
        "there is no return \(id); there are \(definitions.keys.sorted().joined(separator: ", "))")
    }
    guard FileManager.default.fileExists(atPath: workplace.dataPath) else {
      throw BadInput("\(workplace.dataPath): there is no data folder; name one with --data")
    }
    let days = try workplace.reportingDays()
    let range = try Self.range(from, to, today: days.date(Pipeline.Intake.systemNow()))
    let filled = try RegulatorReturn(
      definition, range: range, index: CaseIndex(workplace.openData()), causes: workplace.causes, days: days)
    if json {
      print(try JSONOutput.line(ReturnDocument(filled)))
    } else if csv {
      for line in filled.csv { print(line) }
    } else {
      print("\(definition.title), \(range.lowerBound) to \(range.upperBound)")
      var table = Table([("CAUSE", 20)] + definition.fields.map { ($0.title, 40) })
      for row in filled.rows { table.add([row.cause] + row.values.map(\.words)) }
      for line in table.lines() { print(line) }
      if let must = filled.mustBePublished {
        print(
          "opened: \(filled.opened); results \(must ? "must be published" : "need not be published") "
            + "(from \(definition.publishFrom ?? 0) on)")
      }
    }
    if filled.withoutOutcome > 0 {
      throw NeedsPerson("\(filled.withoutOutcome) cases were closed without an outcome; say how each ended")
    }
  }

  /// The half-year before this one, unless days are named.
  static func range(_ from: String?, _ to: String?, today: CivilDate) throws -> ClosedRange<CivilDate> {
    func date(_ text: String, _ option: String) throws -> CivilDate {
      guard let date = CivilDate(text) else { throw BadInput("\(option) \(text): write it as 2027-01-01") }
      return date
    }
    let range = HalfYear.last(before: today)
    let first = try from.map { try date($0, "--from") } ?? range.lowerBound
    let last = try to.map { try date($0, "--to") } ?? range.upperBound
    guard first <= last else { throw BadInput("--from \(first) is after --to \(last)") }
    return first...last
  }
}
