// export: every case, for spreadsheets and for other systems.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write cases with their dates and outcomes, as CSV or JSON lines.",
    discussion: """
      The columns are described in docs/json.md (intake.export/1). It holds personal data: a file is made readable by \
      its owner alone, and takes its name once it is complete.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Flag(help: "As CSV, safe for spreadsheets (the default).") var csv = false
  @Flag(help: "As JSON, one line a case (schema intake.export/1).") var json = false
  @Option(help: "Received on or after this day (2026-11-23) or instant (2026-11-23T09:30:00Z).")
  var since: String?
  @Option(help: "possible, open, acknowledged, closed, dismissed or quarantined.") var state: CaseState?
  @Option(help: "The file to write (default: standard output).") var output: String?

  func validate() throws {
    if json && csv { throw ValidationError("--json or --csv, not both") }
  }

  func run() async throws {
    let desk = try CaseDesk(options.over(parent.options))
    var filter = CaseFilter(state: state)
    if let since {
      guard let instant = Instant(iso8601: since) ?? Instant(iso8601: since + "T00:00:00Z") else {
        throw BadInput("--since \(since): write it as 2026-11-23 or 2026-11-23T09:30:00Z")
      }
      filter.receivedSince = instant
    }
    let writer = try LineWriter(output)
    let export = Export(store: desk.store, index: desk.index, filter: filter, json: json)
    let unread = try export.write(at: Pipeline.Intake.systemNow()) { try writer.write($0) }
    try writer.finish()
    if unread > 0 {
      throw NeedsPerson("\(unread) cases could not be read and are not in the export; run `intake verify`")
    }
  }
}

/// Goes through the cases by id, some at a time: a million of them need no more memory than a thousand.
struct Export {
  let store: CaseStore
  let index: CaseIndex
  var filter: CaseFilter
  let json: Bool

  /// Rows of the index that are held at once.
  var page = 1000

  /// Writes a line a case, and for CSV the heading before.
  ///
  /// - Returns: how many cases could not be read.
  func write(at now: Instant, _ line: (String) throws -> Void) throws -> Int {
    var filter = filter
    filter.order = .id
    filter.limit = page
    var unread = 0
    if !json { try line(ExportLine.heading + "\r\n") }
    while true {
      let rows = try index.list(filter)
      for row in rows {
        let current: Case
        do {
          current = try store.read(row.id)
        } catch let damage as CaseDamage {
          StandardError.write("intake: \(damage)")
          unread += 1
          continue
        }
        let export = ExportLine(current, at: now)
        // RFC 4180 §2: lines end with CRLF.
        try line(json ? JSONOutput.line(export) + "\n" : export.csv + "\r\n")
      }
      guard rows.count == page, let last = rows.last else { return unread }
      filter.after = CasePlace(rank: 0, id: last.id.text)
    }
  }
}

/// Standard output, or a file that takes its name when it is complete.
private final class LineWriter {
  private let path: String?
  private let temporary: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private static let block = 1 << 16

  init(_ path: String?) throws {
    self.path = path
    temporary = path.map { "\($0).new-\(getpid())" } ?? ""
    guard path != nil else {
      descriptor = 1
      return
    }
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DiskError(call: "open", path: temporary, code: errno) }
  }

  deinit {
    // Nothing is left where it was not finished.
    if path != nil { DurableFile.remove(temporary) }
  }

  func write(_ line: String) throws {
    buffer += line.utf8
    if buffer.count >= Self.block { try flush() }
  }

  private func flush() throws {
    try buffer.withUnsafeBytes {
      try DurableFile.writeAll($0, to: descriptor, path: path ?? "standard output")
    }
    buffer.removeAll(keepingCapacity: true)
  }

  func finish() throws {
    try flush()
    guard let path else { return }
    try DurableFile.syncContent(descriptor, path: temporary)
    guard close(descriptor) == 0 else { throw DiskError(call: "close", path: temporary, code: errno) }
    guard rename(temporary, path) == 0 else { throw DiskError(call: "rename", path: path, code: errno) }
  }
}
