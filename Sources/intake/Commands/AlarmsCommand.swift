// alarms: what is wrong just now, and whether those who should know would.

import Alarms
import ArgumentParser
import Cases
import Deadlines
import Foundation
import Monitoring
import Pipeline

struct AlarmsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alarms", abstract: "What is wrong just now, and what was lately.",
    discussion: """
      `intake run` keeps the list, so it is as old as that process's last look. Exit code 1: something stands, or with \
      --test somebody could not be told.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Flag(help: "Tell every recipient that this is a test.") var test = false
  @Option(help: "How many ended alarms are listed, the latest first.") var ended = 10
  @Flag(help: "As JSON, one line an alarm (schema intake.alarm-line/1).") var json = false

  func validate() throws {
    if ended < 0 { throw ValidationError("--ended: 0 or more") }
  }

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: test)
    if test { return try await tryAll(workplace) }
    guard FileManager.default.fileExists(atPath: workplace.dataPath) else {
      throw BadInput("\(workplace.dataPath): there is no data folder; name one with --data")
    }
    let entries = AlarmBook.sorted(try AlarmBook.read(workplace.openData()))
    let standing = entries.filter(\.stands)
    let times = LocalTimes(zones: workplace.deadlineData.zones)
    let zone = workplace.configuration.desk?.zone ?? workplace.configuration.alarms?.digest?.zone
    if !json, standing.isEmpty { print("nothing stands") }
    for entry in standing + entries.filter({ !$0.stands }).prefix(ended) {
      if json {
        print(try JSONOutput.line(AlarmLine(entry)))
        continue
      }
      let since = times.text(entry.began, zone: zone)
      let state =
        entry.ended.map { "ended \(times.text($0, zone: zone)), began \(since)" }
        ?? "\(entry.severity == .page ? "PAGE" : "warn"), since \(since)"
      print("\(entry.key)  \(state)")
      print("  \(entry.words.printable)")
      if entry.stands { print("  \(entry.advice.printable)") }
    }
    if !standing.isEmpty { throw NeedsPerson() }
  }

  private func tryAll(_ workplace: Workplace) async throws {
    guard let settings = try workplace.alarmSettings(), !settings.recipients.isEmpty else {
      throw BadInput("\(workplace.configuration.path): alarms: names no recipients")
    }
    let results = await AlarmService.test(settings, at: Pipeline.Intake.systemNow())
    for (recipient, error) in zip(settings.recipients, results) {
      print("\(recipient.title): \(error.map { "not told: \($0)" } ?? "told")")
    }
    let failed = results.count { $0 != nil }
    if failed > 0 { throw NeedsPerson("\(failed) of \(results.count) recipients could not be told") }
  }
}
