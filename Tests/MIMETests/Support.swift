// Builders shared by the tests of this module.

import MIME
import Testing

/// Parses text, as it stands (LF) or with CRLF line ends.
func parse(_ text: String, crlf: Bool = false, limits: Limits = .standard) -> Message {
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if byte == 0x0A, crlf { bytes.append(0x0D) }
    bytes.append(byte)
  }
  return Message(parsing: MessageBytes(bytes), limits: limits)
}

/// A table row that prints its name.
struct Row<Value: Sendable>: Sendable, CustomTestStringConvertible {
  let name: String
  let input: String
  let expected: Value

  init(_ name: String, _ input: String, _ expected: Value) {
    self.name = name
    self.input = input
    self.expected = expected
  }

  var testDescription: String { name }
}
