// parse, triage, deadline: one part of the pipeline alone, recording nothing.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import MIME
import Pipeline
import Triage

struct ParseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse", abstract: "Print messages as the parser sees them.",
    discussion: """
      Own words stand at the margin; quoted, forwarded, signature and disclaimer lines are marked. With --files, each \
      file that came with the message, those inside a winmail.dat or signed content too, is written to a folder under a \
      safe name; nothing is overwritten.
      """)

  @Argument(help: "Message files.") var paths: [String]
  @ArgumentParser.Flag(help: "As JSON, one line a message (schema intake.message/1).") var json = false
  @Option(name: .customLong("files"), help: "A folder to write the message's files to.") var folder: String?

  func run() async throws {
    var problems: [String] = []
    for path in paths {
      guard let bytes = try DurableFile.read(path, limit: 512 << 20) else {
        problems.append("\(path): there is no such file")
        continue
      }
      let message = Message(parsing: MessageBytes(bytes))
      if let folder { try PartFiles.write(message, to: folder) }
      let description = MessageDescription(message, file: path)
      if json {
        print(try JSONOutput.line(description))
      } else {
        for line in description.lines { print(line) }
      }
    }
    if !problems.isEmpty { throw BadInput(problems.joined(separator: "\n")) }
  }
}

struct TriageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triage", abstract: "Verdicts on messages, without recording anything.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "Files and folders.") var paths: [String]
  @ArgumentParser.Flag(help: "As JSON, one line a message (schema intake.triage/1).") var json = false

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let assessor = try MessageTriage(organisation: workplace.organisation, judge: workplace.judge())
    var problems = 0
    for path in paths {
      try MailFiles.forEach(path) { message in
        let result = assessor.triage(message.content)
        if json {
          print(
            try JSONOutput.line(TriageLine(file: message.place, content: message.content, result: result)))
        } else {
          print("\(message.place)\t\(result.outcome)\t\(TriageLine.summary(result))")
        }
      } problem: {
        problems += 1
        StandardError.write("intake: \($0)")
      }
    }
    if problems > 0 { throw BadInput("\(problems) files could not be read") }
  }
}

/// One line of `triage --json`.
private struct TriageLine: Encodable {
  struct Span: Encodable {
    let text: String
    let start: Int
    let end: Int
    let weight: Double
    let rule: String
  }

  let schema = "intake.triage/1"
  let file: String
  let sha256: String
  let outcome: String
  let automatic: String?
  let probability: Double
  let category: String
  let secondary: [String]
  let severity: Int
  let flags: [Verdict.Flag]
  let evidence: [Span]
  let points: [ComplaintPoint]
  let facts: [StatedFact]
  let memberNumber: String?
  let country: String?
  let language: String
  let reason: String
  let rules: [String]
  let model: String

  init(file: String, content: [UInt8], result: MessageTriage.Result) {
    let verdict = result.verdict
    self.file = file
    sha256 = Digest(of: content).hex
    outcome = result.outcome
    automatic = result.automatic
    probability = verdict.probability
    category = verdict.category
    secondary = verdict.secondary.map(\.category)
    severity = verdict.severity
    flags = verdict.flags
    evidence = verdict.evidence.map {
      Span(text: $0.text, start: $0.start, end: $0.end, weight: $0.weight, rule: $0.rule)
    }
    points = verdict.points
    facts = verdict.facts ?? []
    memberNumber = verdict.memberNumber
    country = verdict.country
    language = verdict.language
    reason = verdict.reason
    rules = verdict.rules
    model = verdict.model
  }

  static func summary(_ result: MessageTriage.Result) -> String {
    if let automatic = result.automatic { return automatic }
    let verdict = result.verdict
    return
      "\(String(format: "%.2f", verdict.probability))\t\(verdict.category)\t\(verdict.reason.printable)"
  }

  enum CodingKeys: String, CodingKey {
    case schema, file, sha256, outcome, automatic, probability, category, secondary, severity, flags,
      evidence,
      country
    case language, reason, rules, model, points, facts
    case memberNumber = "member_number"
  }
}

struct DeadlineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deadline", abstract: "The clock alone: what is due when, and why.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "A regime, such as policy or uk-disp; may be given several times.") var regime: [String] = []
  @Option(help: "When it was received, as 2026-12-24T17:30:00Z.") var received: String?
  @ArgumentParser.Flag(help: "Print every step.") var explain = false
  @Option(help: "A CSV file of cases; prints case_id,deadline_date,deadline_end_utc.") var batch: String?

  func validate() throws {
    if batch == nil, regime.isEmpty || received == nil {
      throw ValidationError("give --regime and --received, or --batch FILE.csv")
    }
  }

  func run() async throws {
    let shared = options.over(parent.options)
    let path = shared.config ?? Places().configuration
    let configuration = try Configuration.load(path: path, checkFiles: false)
    let data = try DeadlineData.load(directory: configuration.deadlines.directory)
    if let batch { return try runBatch(batch, data) }
    guard let received, let instant = Instant(iso8601: received) else {
      throw BadInput(
        "--received \(received ?? ""): write it as 2026-12-24T17:30:00Z, or with an offset as +01:00")
    }
    let regimes = try regime.map { name in
      guard let found = data.regimes[name] else {
        throw BadInput(
          "--regime \(name): there is none; there are \(data.regimes.keys.sorted().joined(separator: ", "))")
      }
      return found
    }
    let dates = try deadlines(
      received: instant, regimes: regimes, calendars: data.calendars, zones: data.zones)
    for kind in Obligation.Kind.allCases {
      guard let due = dates[kind] else { continue }
      print("\(kind.title): \(due.dueText) (\(due.regime), \(due.rule))")
      if explain { for line in due.derivation { print("  \(line)") } }
    }
    for warning in dates.warnings { StandardError.write("intake: \(warning)") }
  }

  private func runBatch(_ file: String, _ data: DeadlineData) throws {
    guard let bytes = try DurableFile.read(file, limit: 256 << 20) else {
      throw BadInput("\(file): there is no such file")
    }
    let result = DeadlineBatch.run(csv: bytes, calendars: data.calendars, zones: data.zones)
    print("case_id,deadline_date,deadline_end_utc")
    var problems = 0
    for row in result.rows {
      switch row {
      case .success(let row):
        print(row.line)
        if let warning = row.warning { StandardError.write("intake: \(row.caseID): \(warning)") }
      case .failure(let error):
        problems += 1
        StandardError.write("intake: \(file):\(error.line): \(error.message)")
      }
    }
    if problems > 0 { throw BadInput("\(problems) rows of \(file) could not be computed") }
  }
}
