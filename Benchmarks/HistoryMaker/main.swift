// HistoryMaker: two years of generated mail and cases, with anomalies planted; and how well `Trends` finds them.
//
//   HistoryMaker DATA [--seed N] [--end DATE] [--scale F] [--config FOLDER]
//       writes a data folder that `intake --data DATA` reads, and what was planted to anomalies.json beside it
//   HistoryMaker --evaluate [SEED ...] [--end DATE] [--scale F] [--config FOLDER] [--misses]
//       runs the detectors day by day over a history a seed, in memory
//
// Seeds 1 to 5 are for choosing thresholds, 101 to 105 for reporting: do not choose by the latter.

import Cases
import Deadlines
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

struct Arguments {
  var data: String?
  var seed = 1
  var seeds: [Int] = []
  var end = Instant(unixSeconds: Int64(time(nil))).utcDate.adding(days: -1)
  var scale = 1.0
  var config = "config"
  var evaluates = false
  var showsMisses = false

  static let usage = """
    usage: HistoryMaker DATA [--seed N] [--end DATE] [--scale F] [--config FOLDER]
           HistoryMaker --evaluate [SEED ...] [--end DATE] [--scale F] [--config FOLDER] [--misses]
    """

  init(_ words: [String]) throws {
    var left = words[...]
    func value<Value>(_ option: String, _ read: (String) -> Value?) throws -> Value {
      guard let word = left.popFirst(), let value = read(word) else {
        throw Unusable("\(option): its value is missing or cannot be read\n\(Self.usage)")
      }
      return value
    }
    while let word = left.popFirst() {
      switch word {
      case "--seed": seed = try value(word) { Int($0) }
      case "--end": end = try value(word) { CivilDate($0) }
      case "--scale": scale = try value(word) { Double($0).flatMap { $0 > 0 && $0 <= 20 ? $0 : nil } }
      case "--config": config = try value(word) { $0 }
      case "--evaluate": evaluates = true
      case "--misses": showsMisses = true
      default:
        if evaluates, let number = Int(word) {
          seeds.append(number)
        } else if data == nil, !evaluates, !word.hasPrefix("-") {
          data = word
        } else {
          throw Unusable("\(word) is not known\n\(Self.usage)")
        }
      }
    }
    if !evaluates, data == nil { throw Unusable(Self.usage) }
    if seeds.isEmpty { seeds = Array(101...105) }
  }
}

/// Days of a history.
let dayCount = 730

func make(_ arguments: Arguments, _ data: String) throws {
  let rules = try Rules(arguments.config)
  if !(try DurableFile.names(in: data + "/cases").isEmpty) {
    throw Unusable("\(data): holds cases; a history goes into a folder of its own")
  }
  let start = ContinuousClock().now
  func tell(_ words: String) {
    let seconds = Double((ContinuousClock().now - start).components.seconds)
    print("\(Int(seconds)) s: \(words)")
  }
  let span = Span(end: arguments.end, count: dayCount, holidays: rules.holidays)
  let history = History(seed: arguments.seed, span: span, scale: arguments.scale)
  let writer = try Writer(history, seed: arguments.seed, rules: rules.regimes)
  _ = try writer.write(to: data, progress: tell)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  let bytes = try Array(encoder.encode(history.planted.map(\.anomaly))) + [0x0A]
  let parent = data.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  let path = (data.contains("/") ? parent + "/" : "") + "anomalies.json"
  try Data(bytes).write(to: URL(filePath: path))
  tell("\(history.planted.count) anomalies, in \(path)")
  let (cases, _) = try reindex(try DataFolder(data))
  tell("the index, of \(cases) cases")
}

func evaluate(_ arguments: Arguments) throws {
  let rules = try Rules(arguments.config)
  let span = Span(end: arguments.end, count: dayCount, holidays: rules.holidays)
  var kinds: [Anomaly.Kind: Evaluation.Kind] = [:]
  var falseAlarms: [String: Int] = [:]
  var aftermath = 0
  var cells = 0
  for seed in arguments.seeds {
    let history = History(seed: seed, span: span, scale: arguments.scale)
    let evaluation = Evaluation(history)
    for (kind, one) in evaluation.kinds {
      kinds[kind, default: .init()].planted += one.planted
      kinds[kind, default: .init()].found += one.found
      kinds[kind, default: .init()].delays += one.delays
      kinds[kind, default: .init()].missed += one.missed
      kinds[kind, default: .init()].foundOnes += one.foundOnes
    }
    falseAlarms.merge(evaluation.falseAlarms, uniquingKeysWith: +)
    aftermath += evaluation.aftermath
    cells = max(cells, evaluation.cells)
    if arguments.showsMisses { for line in evaluation.log { print("seed \(seed): \(line)") } }
  }
  let count = arguments.seeds.count
  print(
    "\(count) histories of \(dayCount) days, \(cells) cells, \(Mailbox.all.count) mailboxes, seeds \(arguments.seeds)"
  )
  for kind in Anomaly.Kind.allCases {
    guard let one = kinds[kind] else { continue }
    let delays = one.delays.sorted()
    let unit = kind == .silence || kind == .flood ? "hours" : "days"
    let median = delays.isEmpty ? "-" : "\(delays[delays.count / 2])"
    print(
      "\(kind.rawValue): planted \(one.planted), found \(one.found); "
        + "delay in \(unit): median \(median), longest \(delays.last ?? 0)")
    if arguments.showsMisses {
      for miss in one.missed { print("  missed \(miss)") }
      for found in one.foundOnes { print("  found \(found)") }
    }
  }
  for (detector, number) in falseAlarms.sorted(by: { $0.key < $1.key }) {
    print("false \(detector): \(number), \((Double(number) / Double(count) * 10).rounded() / 10) a history")
  }
  print("alarms that the end of something planted, or its closings, explain: \(aftermath)")
}

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if let data = arguments.data { try make(arguments, data) } else { try evaluate(arguments) }
} catch {
  let words = Array("\(error)\n".utf8)
  _ = words.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  exit(1)
}
