// Public benchmarks of the first model's design, its learning curve and its speed; scripts/bench-triage prepares the
// input and runs it.
//
// Input is lines of tabs: fold, label, text (with tabs and line ends as blanks). A fold of `train` or `test` splits
// once; numbers are cross-validated.

import Glibc
import Triage

struct Row {
  var fold: String
  var label: String
  var text: String
}

func readAll(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else {
    print("triage-bench: \(path): \(String(cString: strerror(errno)))")
    exit(66)
  }
  defer { fclose(file) }
  var out: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = fread(&piece, 1, piece.count, file)
    if count <= 0 { return out }
    out += piece[..<count]
  }
}

func rows(_ path: String) -> [Row] {
  readAll(path).split(separator: 0x0A).compactMap { line in
    let cells = line.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
    guard cells.count == 3 else { return nil }
    return Row(
      fold: String(decoding: cells[0], as: UTF8.self), label: String(decoding: cells[1], as: UTF8.self),
      text: String(decoding: cells[2], as: UTF8.self))
  }
}

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func figure(_ value: Double) -> String {
  let thousandths = Int((value * 1000).rounded())
  let digits = String(thousandths % 1000)
  return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
}

/// Detection by cross-validation: means over the folds, as the study gives them.
func detect(_ rows: [Row], _ extractor: FeatureExtractor, ngramsOnly: Bool) {
  let vectors = rows.map { extractor.vector(text: $0.text, ngramsOnly: ngramsOnly) }
  let folds = Array(Set(rows.map(\.fold))).sorted()
  var sums = [Double](repeating: 0, count: 6)
  for fold in folds {
    let seen = rows.indices.filter { rows[$0].fold != fold }
    let model = BinaryModel(seen.map { vectors[$0] }, seen.map { rows[$0].label == "1" }, strength: 10)
    let tested = rows.indices.filter { rows[$0].fold == fold }
    let figures = Detection(tested.map { (model.probability(vectors[$0]), rows[$0].label == "1") })
    for (index, value) in figures.values.enumerated() { sums[index] += value / Double(folds.count) }
  }
  let names = ["accuracy", "macro-F1", "AUC", "recall at P=.9", "ECE", "FPR at .95"]
  print(zip(names, sums).map { "\($0) \(figure($1))" }.joined(separator: ", "))
}

/// Many classes, by folds or by one split.
func classify(_ rows: [Row], _ extractor: FeatureExtractor) {
  let names = Array(Set(rows.map(\.label))).sorted()
  let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  let vectors = rows.map { extractor.vector(text: $0.text, ngramsOnly: true) }
  let split = rows.contains { $0.fold == "test" }
  var given: [(truth: Int, ranked: [Int])] = []
  for fold in split ? ["test"] : Array(Set(rows.map(\.fold))).sorted() {
    let seen = rows.indices.filter { rows[$0].fold != fold }
    let model = ClassModel(
      seen.map { vectors[$0] }, seen.map { numbers[rows[$0].label]! }, classes: names.count, strength: 30)
    for index in rows.indices where rows[index].fold == fold {
      given.append((numbers[rows[index].label]!, model.ranked(vectors[index])))
    }
  }
  let right = Double(given.count { $0.ranked[0] == $0.truth }) / Double(given.count)
  let three = Double(given.count { $0.ranked.prefix(3).contains($0.truth) }) / Double(given.count)
  var f1 = 0.0
  for number in names.indices {
    let hits = Double(given.count { $0.truth == number && $0.ranked[0] == number })
    let all = Double(given.count { $0.truth == number } + given.count { $0.ranked[0] == number })
    f1 += all == 0 ? 0 : 2 * hits / all / Double(names.count)
  }
  print("accuracy \(figure(right)), macro-F1 \(figure(f1)), top-3 \(figure(three)), \(names.count) classes")
}

/// Detection with few labels: the first n of each label in a shuffled order, tested on the last fold.
func curve(_ rows: [Row], _ extractor: FeatureExtractor, ngramsOnly: Bool) {
  let vectors = rows.map { extractor.vector(text: $0.text, ngramsOnly: ngramsOnly) }
  let last = rows.map(\.fold).max() ?? ""
  let tested = rows.indices.filter { rows[$0].fold == last }
  for count in [10, 30, 100, 300, 1000] {
    var areas: [Double] = []
    for seed in 1...5 {
      var state = UInt64(seed)
      let order = rows.indices.filter { rows[$0].fold != last }.map { index -> (UInt64, Int) in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 20, index)
      }.sorted { $0 < $1 }.map(\.1)
      var seen: [Int] = []
      for label in ["0", "1"] { seen += order.filter { rows[$0].label == label }.prefix(count) }
      let model = BinaryModel(seen.map { vectors[$0] }, seen.map { rows[$0].label == "1" }, strength: 10)
      areas.append(
        Detection(tested.map { (model.probability(vectors[$0]), rows[$0].label == "1") }).values[2])
    }
    print("\(count) a class: AUC \(figure(areas.reduce(0, +) / 5))")
  }
}

/// Documents a second on one core: features and score, the text taken from memory.
func speed(_ rows: [Row], _ extractor: FeatureExtractor) {
  let vectors = rows.prefix(500).map { extractor.vector(text: $0.text, ngramsOnly: true) }
  let model = BinaryModel(Array(vectors), rows.prefix(500).map { $0.label == "1" }, strength: 10)
  for (name, ngramsOnly) in [("n-grams", true), ("n-grams, cues and counts", false)] {
    let start = seconds()
    var sum = 0.0
    for row in rows { sum += model.probability(extractor.vector(text: row.text, ngramsOnly: ngramsOnly)) }
    let rate = Double(rows.count) / (seconds() - start)
    print("\(name): \(Int(rate)) documents/s (mean probability \(figure(sum / Double(rows.count))))")
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  print("usage: triage-bench detect|ngrams|classify|curve|speed ROWS.tsv")
  exit(64)
}
let extractor = FeatureExtractor()
let all = rows(arguments[2])
switch arguments[1] {
case "detect": detect(all, extractor, ngramsOnly: false)
case "ngrams": detect(all, extractor, ngramsOnly: true)
case "classify": classify(all, extractor)
case "curve": curve(all, extractor, ngramsOnly: false)
case "speed": speed(all, extractor)
default:
  print("triage-bench: \(arguments[1]): no such measurement")
  exit(64)
}
