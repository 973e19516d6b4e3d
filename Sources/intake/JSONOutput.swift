// JSON for scripts: one object a line, each with a `schema` field (docs/json.md).

import Foundation

enum JSONOutput {
  /// One line: keys sorted, slashes as they are.
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
