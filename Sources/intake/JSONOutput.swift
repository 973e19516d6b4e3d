// JSON for scripts: one object a line, each with a `schema` field (docs/json.md).

import Cases

enum JSONOutput {
  static func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSONLine.bytes(value), as: UTF8.self)
  }
}
