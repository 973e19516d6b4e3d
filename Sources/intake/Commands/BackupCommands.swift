// backup, restore: a copy that is whole, and the data folder back from it.

import ArgumentParser
import Cases
import Foundation
import Pipeline

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the data folder, whole and checked, while the service works on.",
    discussion: """
      Each run makes a folder of its own, named by the time, in DESTINATION. What has not changed since the backup before \
      is linked to it where both are on one file system, so it takes no room. `sha256sum -c SHA256SUMS` in it works too. A \
      backup holds personal data, also of what was erased after it was made: docs/keeping.md.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "The folder of backups.") var destination: String
  @Option(help: "Remove older backups, so that this many stay.") var keep: Int?

  func validate() throws {
    if let keep, keep < 1 { throw ValidationError("--keep: 1 or more") }
  }

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    guard FileManager.default.fileExists(atPath: workplace.dataPath) else {
      throw BadInput("\(workplace.dataPath): there is no data folder; name one with --data")
    }
    let report = try Backup.make(
      of: workplace.openData(), in: destination, keep: keep, at: Pipeline.Intake.systemNow())
    print(report.path)
    print(
      "\(report.files) files, \(megabytes(report.bytes)); \(report.copied) copied (\(megabytes(report.copiedBytes))), "
        + "\(report.files - report.copied) linked")
    for path in report.removed { print("removed \(path)") }
  }

  private func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1_000_000) }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Check a backup and make a data folder of it (--data DIR, empty or not there).",
    discussion: """
      Every file is held against the backup's list before any is copied; a damaged or unfinished backup is refused. Queue \
      links and index are made anew, and the whole is verified. Mail that came after the backup is fetched again at the \
      next poll, as long as the mailbox has it.
      """)
  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "One backup: DESTINATION/20261130T014500Z.") var backup: String
  @ArgumentParser.Flag(help: "Only check the backup.") var check = false

  func run() async throws {
    if check {
      let count = try Restore.check(backup)
      print("\(backup): \(count) files, each with the bytes that it was made with")
      return
    }
    guard let folder = options.over(parent.options).data else {
      throw BadInput("--data DIR: name the folder to restore into, empty or not there")
    }
    let report = try Restore.restore(backup, to: folder, at: Pipeline.Intake.systemNow())
    print(
      "backup of \(report.madeAt): \(report.files) files checked, \(report.bytes) bytes copied to \(folder)")
    print("queue links and index made anew from \(report.cases) cases")
    for finding in report.verified.findings { print(finding) }
    print(
      "\(report.verified.messages) messages, \(report.verified.cases) cases with \(report.verified.events) events, "
        + "\(report.verified.ledgerEntries) ledger lines: "
        + (report.verified.findings.isEmpty ? "clean" : "\(report.verified.findings.count) findings"))
    if !report.verified.findings.isEmpty { throw NeedsPerson() }
  }
}
