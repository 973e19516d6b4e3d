// train, evaluate, replay, model: the classifier's life.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline
import Triage

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Fit a new model to the shipped labels and to the specialists' decisions.",
    discussion: """
      Every fifth decided message, by its digest, is never trained on: `intake evaluate --own` measures with these. \
      The new model is kept in DATA/models and judges nothing until `intake replay --model NAME --approve`.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "Labelled mail: a file or folder; may be repeated (default: the shipped labels).")
  var labels: [String] = []
  @Option(help: "Write the model to this file instead of the data folder; leaves decisions out.")
  var output: String?
  @Option(help: "Only write what the second reader would see of each message to this file, as JSON lines.")
  var texts: String?
  @Option(
    help:
      "With --texts: also mail that complains of nothing, files and folders; half of it is left for measuring."
  )
  var ordinary: [String] = []
  @Option(help: "Its number, with --output.") var version: Int?
  @Option(help: "What it learned from, in words, with --output.") var origin: String?

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let reader = MessageTriage.Reader(organisation: workplace.organisation)
    let folders = labels.isEmpty ? [workplace.configuration.triage.labels] : labels
    let shipped = try LabelFiles.read(folders, input: reader.input)
    if let texts {
      let trainer = ModelTrainer(taxonomy: workplace.taxonomy, settings: workplace.triageSettings)
      var lines = try shipped.map { try JSONOutput.line(ReaderLine($0, trainer.readerTexts($0.input))) }
      lines += try OrdinaryMail.sample(ordinary, workplace).enumerated().map { number, content in
        try JSONOutput.line(ReaderLine(ordinary: number + 1, trainer.readerTexts(reader.input(content))))
      }
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: texts))
      return
    }
    let secondReader = try workplace.secondReader()
    let readings = try secondReader.map { try SecondReadings.load(folders, reader: $0) }
    var examples = shipped.map {
      TrainingExample(
        input: $0.input, isComplaint: $0.label.isComplaint, category: $0.label.category,
        flags: $0.label.hasFlagLabels ? $0.label.flags : nil,
        group: $0.label.author)
    }
    for (index, labelled) in shipped.enumerated() { examples[index].isDrill = labelled.label.isDrill }
    var own: [OwnDecision] = []
    if output == nil { own = try OwnDecision.all(workplace).filter { !$0.isHeldOut } }
    let useReader = readings?.isEmpty == false ? secondReader : nil
    let readingTrainer = ModelTrainer(taxonomy: workplace.taxonomy, settings: workplace.triageSettings)
    examples += own.map { $0.example(reader) }
    for index in examples.indices {
      // The readings name every message that the encoder learned from, each read by one that had not; of the others,
      // decisions among them, it has learned nothing, so its own word on them is honest.
      let known = index < shipped.count ? readings?[shipped[index].label.id] : nil
      examples[index].secondReading =
        known ?? useReader.map { readingTrainer.secondReading(examples[index].input, $0) }
    }
    guard examples.contains(where: \.isComplaint), examples.contains(where: { !$0.isComplaint }) else {
      throw BadInput("nothing to learn from: there must be complaints and others among the labels")
    }
    let trainer = ModelTrainer(
      taxonomy: workplace.taxonomy, settings: workplace.triageSettings,
      aim: workplace.configuration.triage.aim)
    let store = workplace.models
    let number = try version ?? (output == nil ? store.nextVersion() : 1)
    let started = ContinuousClock.now
    let model = trainer.train(
      examples, version: number,
      origin: origin ?? "\(shipped.count) shipped messages, \(own.count) decisions of this data folder",
      reader: useReader?.digest)
    let seconds =
      Double((ContinuousClock.now - started).components.attoseconds) / 1e18
      + Double((ContinuousClock.now - started).components.seconds)
    print(String(format: "%@ from %d messages in %.1f s", model.name, examples.count, seconds))
    for line in ModelWords.lines(model) { print(line) }
    if let output {
      try Data(model.encoded).write(to: URL(fileURLWithPath: output))
      print("Written to \(output), \(model.encoded.count) bytes")
    } else {
      let name = try store.add(model)
      print(
        "Kept as \(name). It judges nothing yet: see what it changes with `intake replay --model \(name)`.")
    }
  }
}

/// A specialist's decision on a case, as a label.
struct OwnDecision {
  let digest: Digest
  let isComplaint: Bool
  let category: String?
  let bytes: [UInt8]

  /// Never trained on, whatever happens: one in five, by the message's own digest.
  var isHeldOut: Bool { (digest.hex.utf8.first ?? 0) % 5 == 0 }

  func example(_ reader: MessageTriage.Reader) -> TrainingExample {
    TrainingExample(
      input: reader.input(bytes), isComplaint: isComplaint, category: isComplaint ? category : nil,
      flags: nil,
      group: "own-\(digest.hex.prefix(4))")
  }

  /// The last word on each case that somebody confirmed, dismissed or filed elsewhere.
  static func all(_ workplace: Workplace) throws -> [OwnDecision] {
    guard FileManager.default.fileExists(atPath: workplace.dataPath) else { return [] }
    let data = try workplace.openData()
    let store = CaseStore(data)
    let messages = MessageStore(data)
    var out: [OwnDecision] = []
    try store.forEachID { id in
      let current = try store.read(id)
      var isComplaint: Bool?
      for event in current.standing {
        switch event.kind {
        case .confirmed, .acknowledged, .recategorised: isComplaint = true
        case .dismissed: isComplaint = false
        default: break
        }
      }
      guard let isComplaint, current.recorded.verdict != nil else { return }
      let digest = current.recorded.message.digest
      guard let bytes = try DurableFile.read(messages.path(of: digest), limit: 512 << 20) else { return }
      out.append(
        OwnDecision(digest: digest, isComplaint: isComplaint, category: current.category, bytes: bytes))
    }
    return out
  }
}

/// A model in words.
enum ModelWords {
  static func lines(_ model: TriageModel) -> [String] {
    let cuts = model.cutOffs
    let missed = cuts.missed
    func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
    return [
      "  learned from: \(model.origin)",
      String(
        format:
          "  possible from %.3f, complaint from %.3f; aim: at most %@ of complaints passed over, sure to %@",
        cuts.possibleFrom, cuts.complaintFrom, percent(cuts.aim.missRate), percent(cuts.aim.confidence))
        + (cuts.meetsAim ? "" : " - NOT MET: too few labelled complaints to promise it"),
      String(
        format: "  expected misses in 1,000 complaints: %.0f (%.0f to %.0f)", missed.value * 1000,
        missed.low * 1000,
        missed.high * 1000),
      "  of other labelled mail a person reads \(cuts.read.text)",
    ]
  }
}

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "How good the verdicts are, on labelled mail, with intervals.",
    discussion: "LABELS are .mail files (docs/labels.md), folders of them, or a table .tsv beside .eml files."
  )

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Argument(help: "Labelled mail.") var labels: [String] = []
  @ArgumentParser.Flag(help: "The specialists' decisions that are never trained on.") var own = false
  @Option(help: "A model by name, or a file (default: the one in force).") var model: String?
  @ArgumentParser.Flag(help: "One line of JSON a message: what it is and what it was judged to be.")
  var json = false
  @ArgumentParser.Flag(help: "Also how long loading, parsing and judging took on one core.") var speed = false
  @Option(help: "Also so many verdicts with their reasons, a third of them wrong ones where there are.")
  var verdicts = 0

  func validate() throws {
    if labels.isEmpty != own { throw ValidationError("give LABELS, or --own") }
  }

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let clock = ProcessorClock()
    let judge = try workplace.judge(model)
    let loading = clock.lap()
    let reader = MessageTriage.Reader(organisation: workplace.organisation)
    var inputs: [LabelledInput] = []
    if own {
      inputs = try OwnDecision.all(workplace).filter(\.isHeldOut).map { decision in
        var label = LabelledMessage(
          id: String(decision.digest.hex.prefix(12)), isComplaint: decision.isComplaint)
        label.category = decision.isComplaint ? decision.category : nil
        return LabelledInput(label: label, input: reader.input(decision.bytes))
      }
    } else {
      inputs = try LabelFiles.read(labels, input: reader.input)
    }
    if inputs.isEmpty { throw BadInput("there is nothing to evaluate with") }
    let parsing = clock.lap()
    let judged = inputs.map {
      let (verdict, ranking) = judge.judgeRanked($0.input)
      return JudgedMessage(label: $0.label, verdict: verdict, ranking: ranking)
    }
    if json {
      for one in judged { print(try JSONOutput.line(EvaluatedLine(one))) }
      return
    }
    let judging = clock.lap()
    print("model \(judge.name)")
    print(Evaluation(judged).report)
    for one in VerdictWords.choice(judged, count: verdicts) { print("\n" + VerdictWords.text(one)) }
    if speed {
      let count = Double(judged.count)
      print(
        String(
          format: """
            processor time: %.0f ms to load the configuration's model; %.1f messages/s judged, %.1f with parsing \
            (%.0f and %.0f ms a message)
            """, loading * 1000, count / judging, count / (judging + parsing), judging / count * 1000,
          (judging + parsing) / count * 1000))
    }
  }
}

/// Verdicts in words, for people who want to see what the figures are made of.
private enum VerdictWords {
  /// Up to a third of them wrong, the rest right, each spread evenly over the messages.
  static func choice(_ judged: [JudgedMessage], count: Int) -> [JudgedMessage] {
    guard count > 0 else { return [] }
    func spread(_ some: [JudgedMessage], _ count: Int) -> [JudgedMessage] {
      some.count <= count ? some : (0..<count).map { some[$0 * some.count / count] }
    }
    let wrong = spread(judged.filter { wrongness($0) != nil }, count / 3)
    return wrong + spread(judged.filter { wrongness($0) == nil }, count - wrong.count)
  }

  /// What is wrong with a verdict: the outcome or the leaf; a doubt is wrong only of what is no complaint.
  private static func wrongness(_ one: JudgedMessage) -> String? {
    let band = one.verdict.band
    if one.label.isComplaint {
      if band == .notAComplaint { return "WRONG: passed over" }
      let given = one.ranking.first?.category
      return given == one.label.category ? nil : "WRONG LEAF: is \(one.label.category ?? "")"
    }
    return band == .notAComplaint ? nil : "WRONG: no complaint"
  }

  static func text(_ one: JudgedMessage) -> String {
    let verdict = one.verdict
    var lines = [
      "\(one.label.id) (\(one.label.difficulty)) is \(one.label.isComplaint ? "a complaint" : "not a complaint"): "
        + "\(one.verdict.band.rawValue) \(String(format: "%.2f", verdict.probability)), "
        + "\(verdict.category) \(String(format: "%.2f", verdict.categoryProbability)), severity \(verdict.severity)"
        + (wrongness(one).map { "  \($0)" } ?? ""),
      "  \(verdict.reason.printable)",
    ]
    lines += (verdict.evidence + verdict.otherEvidence).prefix(4).map {
      String(format: "  %+.2f  ", $0.weight) + "\"\($0.text.printable)\"  (\($0.rule))"
    }
    if !verdict.flags.isEmpty {
      lines.append(
        "  flags: "
          + verdict.flags.map { "\($0.kind.rawValue) \"\($0.text.printable)\"" }.joined(
            separator: ", "))
    }
    return lines.joined(separator: "\n")
  }
}

/// Seconds of processor time of this process, all threads.
private final class ProcessorClock {
  private var last = ProcessorClock.now()

  /// Since the last call.
  func lap() -> Double {
    let now = Self.now()
    defer { last = now }
    return now - last
  }

  private static func now() -> Double {
    Double(clock()) / Double(CLOCKS_PER_SEC)
  }
}

private struct EvaluatedLine: Encodable {
  let schema = "intake.evaluated/1"
  let id: String
  let truth: String
  let category: String?
  let difficulty: String
  let band: String
  let probability: Double
  let given: String
  let reason: String
  let evidence: [Evidence]
  let flags: [String]
  let labelledFlags: [String]

  init(_ one: JudgedMessage) {
    id = one.label.id
    truth = one.label.isComplaint ? "complaint" : "not-a-complaint"
    category = one.label.category
    difficulty = one.label.difficulty
    band = one.verdict.band.rawValue
    probability = one.verdict.probability
    given = one.ranking.first?.category ?? ""
    reason = one.verdict.reason
    evidence = Array(one.verdict.evidence.prefix(4))
    flags = Set(one.verdict.flags.map(\.kind.rawValue)).sorted()
    labelledFlags = Set(one.label.flags.map(\.kind.rawValue)).sorted()
  }

  enum CodingKeys: String, CodingKey {
    case schema, id, truth, category, difficulty, band, probability, given, reason, evidence, flags
    case labelledFlags = "labelled_flags"
  }
}

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run all kept mail through another model and list every decision that changes.",
    discussion: """
      Nothing that was recorded changes. With --approve the model judges all mail from then on; a running \
      service takes it up when it is started again.
      """)

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "The model that might take over (default: the newest).") var model: String?
  @ArgumentParser.Flag(help: "Put it in force after listing.") var approve = false
  @Option(help: "Who approves.") var by: String = ProcessInfo.processInfo.userName
  @Option(help: "Why.") var reason: String?

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let store = workplace.models
    guard let name = try (model ?? (try store.names().last)) else {
      throw BadInput("there is no trained model; `intake train` makes one")
    }
    let data = try workplace.openData()
    let old = try workplace.judge(nil)
    let new = try workplace.judge(name)
    let reader = MessageTriage.Reader(organisation: workplace.organisation)
    let messages = MessageStore(data)
    var total = 0
    var changes: [String: Int] = [:]
    var table = Table([("MESSAGE", 16), ("WAS", 48), ("WOULD BE", 48), ("SUBJECT", 60)])
    try messages.forEachDigest { digest in
      guard let bytes = try DurableFile.read(messages.path(of: digest), limit: 512 << 20) else { return }
      let input = reader.input(bytes)
      let (before, after) = (old.judge(input), new.judge(input))
      total += 1
      let hasMoved = before.band != after.band
      guard hasMoved || (after.band != .notAComplaint && before.category != after.category) else { return }
      changes[hasMoved ? "\(before.band.rawValue) -> \(after.band.rawValue)" : "category", default: 0] += 1
      table.add([
        String(digest.hex.prefix(12)),
        String(format: "%@ %.2f %@", before.band.rawValue, before.probability, before.category),
        String(format: "%@ %.2f %@", after.band.rawValue, after.probability, after.category),
        input.subject.printable,
      ])
    }
    print("\(old.name) -> \(new.name): \(total) messages, \(changes.values.reduce(0, +)) decisions change")
    for (what, count) in changes.sorted(by: { $0.key < $1.key }) { print("  \(what): \(count)") }
    for line in table.lines() { print(line) }
    for line in ModelWords.lines(new.model) { print(line) }
    guard approve else {
      print("Nothing has changed. To put it in force: intake replay --model \(name) --approve --by NAME")
      return
    }
    try store.choose(
      .init(
        model: name.hasSuffix(".model") ? name : name + ".model", at: Pipeline.Intake.systemNow(), by: by,
        reason: reason))
    print("\(name) is in force.")
  }
}

struct ModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "List the models, show which is in force, or put an earlier one back.")

  @OptionGroup var options: SharedOptions
  @ParentCommand var parent: IntakeCommand
  @Option(help: "Put back a model that was in force before, or `shipped`.") var restore: String?
  @Option(help: "Who decides.") var by: String = ProcessInfo.processInfo.userName
  @Option(help: "Why.") var reason: String?

  func run() async throws {
    let workplace = try Workplace(options.over(parent.options), checkFiles: false)
    let store = workplace.models
    if let restore {
      let name =
        restore == ModelStore.shippedName || restore.hasSuffix(".model") ? restore : restore + ".model"
      guard try name == ModelStore.shippedName || store.choices().contains(where: { $0.model == name }) else {
        throw BadInput(
          "\(restore): was never in force; see what it changes first, with `intake replay --model \(restore)`"
        )
      }
      try store.choose(.init(model: name, at: Pipeline.Intake.systemNow(), by: by, reason: reason))
    }
    let choices = try store.choices()
    let inForce = choices.last?.model ?? ModelStore.shippedName
    for name in [ModelStore.shippedName] + (try store.names()) {
      let model = try store.read(name)
      print("\(name == inForce ? "*" : " ") \(name)  \(model.name)")
      for line in ModelWords.lines(model) { print("  " + line) }
    }
    for choice in choices {
      print(
        "\(choice.at) \(choice.model) by \(choice.by.printable)"
          + (choice.reason.map { ": \($0)" } ?? ""))
    }
  }
}
