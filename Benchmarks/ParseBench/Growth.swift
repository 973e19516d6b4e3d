// Whether cost grows as the input does: each shape of input at two sizes, one ten times the other.

import Foundation
import MIME

/// An input whose size follows a count, for example of parts or of open brackets.
struct GrowthCase: Sendable {
  let name: String
  let make: @Sendable (Int) -> [UInt8]
  /// Whether the standard limits are all that keeps the parser's recursion from the stack's end.
  var standardOnly = false

  init(_ name: String, _ make: @escaping @Sendable (Int) -> String) {
    self.name = name
    self.make = { Array(make($0).utf8) }
  }

  init(_ name: String, bytes make: @escaping @Sendable (Int) -> [UInt8]) {
    self.name = name
    self.make = make
  }
}

enum Growth {
  /// What ten times the input may cost: 10, and room for caches that no longer hold it all.
  private static let allowed = 12.0
  /// A small input that takes less than this says more about the clock than about the parser.
  private static let leastSeconds = 0.01
  /// Small inputs are not doubled beyond this, so that ten of them still fit the processor's caches.
  private static let mostBytes = 256 << 10

  static func printTable(only: String?) {
    say(
      "case                                  limits      bytes       ms  10x bytes        ms   ratio        steepest step"
    )
    var failed = 0
    for item in cases where only.map({ item.name == $0 }) ?? true {
      for (name, limits) in [("standard", Limits.standard), ("none", unlimited)]
      where name == "standard" || !item.standardOnly {
        let result = measure(item, limits)
        failed += result.ratio > allowed ? 1 : 0
        let columns = [
          pad(item.name, 37), pad(name, 8), left(result.bytes, 8), left(result.small * 1e3, 8),
          left(result.tenBytes, 10), left(result.large * 1e3, 9), left(result.ratio, 7),
          result.ratio > allowed ? " FAIL " : "      ", result.steepest,
        ]
        say(columns.joined(separator: " "))
      }
    }
    say(failed == 0 ? "all within \(allowed)x" : "\(failed) above \(allowed)x")
    exit(failed == 0 ? 0 : 1)
  }

  private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  /// For looking closer at one case: how each step grows when the count does.
  static func printCost(_ name: String, _ count: Int) {
    guard let item = cases.first(where: { $0.name == name }) else { return say("no such case") }
    let input = item.make(count)
    let cost = best(input, item.standardOnly ? .standard : unlimited, runs: 3)
    let steps = cost.steps.sorted { $0.value > $1.value }.map {
      $0.key + String(format: " %.2f", $0.value * 1e3)
    }
    say(
      "\(input.count) bytes, \(String(format: "%.2f", cost.total * 1e3)) ms: " + steps.joined(separator: ", ")
    )
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }

  private static func left(_ value: Int, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - "\(value)".utf8.count)) + "\(value)"
  }

  private static func left(_ value: Double, _ width: Int) -> String {
    let text = String(format: "%.2f", value)
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  /// Bounds so wide that none of them hides growth.
  private static let unlimited: Limits = {
    var limits = Limits()
    let wide = 1 << 40
    limits.depth = wide
    limits.parts = wide
    limits.headerBytes = wide
    limits.headerFields = wide
    limits.fieldBytes = wide
    limits.addresses = wide
    limits.parameters = wide
    limits.decodedBytes = wide
    limits.textBytes = wide
    limits.references = wide
    limits.receivedFields = wide
    limits.defects = wide
    return limits
  }()

  // MARK: Measuring

  private struct Result {
    let bytes: Int
    let tenBytes: Int
    let small: Double
    let large: Double
    let ratio: Double
    let steepest: String
  }

  private static func measure(_ item: GrowthCase, _ limits: Limits) -> Result {
    var count = 16
    var input = item.make(count)
    var small = best(input, limits, runs: 2)
    while small.total < leastSeconds, input.count < mostBytes {
      count *= 2
      input = item.make(count)
      small = best(input, limits, runs: 2)
    }
    var result = compare(item, count, limits)
    // Where a cache is outgrown, cost leaps once; where it grows faster than its input, it does so again. So ten times
    // that is asked too, unless the first answer is beyond doubt.
    if result.ratio > allowed, result.large < 0.5, result.tenBytes < mostBytes * 100 {
      let next = compare(item, count * 10, limits)
      if next.ratio < result.ratio { result = next }
    }
    return result
  }

  private static func compare(_ item: GrowthCase, _ count: Int, _ limits: Limits) -> Result {
    let input = item.make(count)
    let tenfold = item.make(count * 10)
    var small = best(input, limits, runs: 5)
    if small.total < leastSeconds { small = best(input, limits, runs: 20) }
    var large = best(tenfold, limits, runs: 1)
    // A machine that others use too is slow by chance, never fast by chance: look again before saying no.
    if large.total < 5 { large = best(tenfold, limits, runs: 3) }
    if large.total < 2, large.total > allowed * small.total {
      small = best(input, limits, runs: 20)
      large = best(tenfold, limits, runs: 8)
    }
    // A step counts when it is a part of the whole that can be felt.
    let steep = large.steps.keys.filter { (large.steps[$0] ?? 0) > large.total / 20 }
      .map { (name: $0, ratio: (large.steps[$0] ?? 0) / max(small.steps[$0] ?? 0, 1e-7)) }
      .max { $0.ratio < $1.ratio }
    return Result(
      bytes: input.count, tenBytes: tenfold.count, small: small.total, large: large.total,
      ratio: large.total / small.total,
      steepest: steep.map { $0.name + " " + String(format: "%.1f", $0.ratio) } ?? "")
  }

  private struct Cost {
    var total = 0.0
    var steps: [String: Double] = [:]
  }

  private static func best(_ input: [UInt8], _ limits: Limits, runs: Int) -> Cost {
    let bytes = MessageBytes(input)
    var best = Cost()
    for run in 0..<runs {
      let cost = cost(bytes, limits)
      best.total = run == 0 ? cost.total : min(best.total, cost.total)
      for (name, seconds) in cost.steps { best.steps[name] = min(best.steps[name] ?? .infinity, seconds) }
    }
    return best
  }

  /// Everything a caller may ask of a message, asked.
  private static func cost(_ bytes: MessageBytes, _ limits: Limits) -> Cost {
    var cost = Cost()
    func step(_ name: String, _ body: () -> Void) {
      let spent = seconds(body)
      cost.total += spent
      cost.steps[name] = spent
    }
    var message = Message(parsing: MessageBytes([]))
    var sink = 0
    step("parse") { message = Message(parsing: bytes, limits: limits) }
    step("fields") {
      sink &+= message.subject.utf8.count &+ (message.messageID?.utf8.count ?? 0)
      sink &+= message.inReplyTo.count &+ message.references.count &+ message.receivedStamps.count
      sink &+= message.date == nil ? 0 : 1
    }
    step("addresses") {
      sink &+= message.from.count &+ message.sender.count &+ message.replyTo.count
      sink &+= message.to.count &+ message.cc.count
    }
    step("text") { sink &+= message.text.utf8.count }
    step("regions") { sink &+= message.regions(of: message.text).count }
    step("forwarded") { sink &+= message.forwardedOriginal?.text.utf8.count ?? 0 }
    step("automatic") { sink &+= message.automatic == nil ? 0 : 1 }
    step("messages inside") {
      var inner = message
      while let index = inner.parts.firstIndex(where: { $0.isMessage }),
        let next = inner.embeddedMessage(of: index)
      {
        inner = next
        sink &+= inner.parts.count
      }
    }
    step("files") { for file in message.files { file.forEachChunk { sink &+= $0.count } } }
    step("decoding") {
      for part in message.attachments { message.forEachDecodedChunk(of: part) { sink &+= $0.count } }
    }
    withExtendedLifetime(sink) {}
    return cost
  }
}
