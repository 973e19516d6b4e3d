// What intake's parser costs, as a program that scripts run beside other parsers.

import Foundation
import MIME

@main
enum ParseBench {
  static let usage = """
    ParseBench bench text|all|lines LIST [RUNS]     seconds for all messages, from memory
    ParseBench growth [CASE]                        10 times the input: how many times the cost
    ParseBench growth-cases                         the names of the cases
    ParseBench cost CASE COUNT                      milliseconds by step for one input, no limits
    ParseBench memory FILE                          peak memory above the mapped file
    LIST is a file that names one message file a line.
    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "bench" where arguments.count >= 3:
      guard let mode = Speed.Mode(rawValue: arguments[1]) else { fallthrough }
      let runs = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1
      Speed.measure(mode, paths(in: arguments[2]), runs: max(1, runs))
    case "growth": Growth.printTable(only: arguments.count > 1 ? arguments[1] : nil)
    case "growth-cases": for item in Growth.cases { Swift.print(item.name) }
    case "cost" where arguments.count == 3: Growth.printCost(arguments[1], Int(arguments[2]) ?? 1)
    case "memory" where arguments.count == 2: Memory.measure(arguments[1])
    default:
      FileHandle.standardError.write(Data((usage + "\n").utf8))
      exit(64)
    }
  }

  static func paths(in list: String) -> [String] {
    let text = String(decoding: bytes(of: list), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  static func bytes(of path: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      FileHandle.standardError.write(Data("ParseBench: \(path): not readable\n".utf8))
      exit(66)
    }
    return [UInt8](data)
  }

  static func print(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var line = try? encoder.encode(value) else { return }
    line.append(0x0A)
    FileHandle.standardOutput.write(line)
  }
}

/// Seconds that a piece of work keeps this thread's core busy; what other programs take beside it does not count.
func seconds(_ body: () -> Void) -> Double {
  let start = threadTime()
  body()
  return threadTime() - start
}

private func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
