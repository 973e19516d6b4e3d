// Where configuration and samples are looked for.

import Testing

@testable import intake

@Suite struct PlacesTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let there: Set<String>
    let configuration: String
    let demo: String
    let samples: String
    var testDescription: String { there.isEmpty ? "nothing" : there.sorted().joined(separator: " ") }
  }

  static let rows = [
    // Nothing: the error names what the repository has.
    Row(
      there: [], configuration: "config/intake.yaml", demo: "config/intake.yaml", samples: "samples/mailbox"),
    Row(
      there: ["config/intake.yaml", "samples/mailbox"], configuration: "config/intake.yaml",
      demo: "config/intake.yaml",
      samples: "samples/mailbox"),
    Row(
      there: ["/e/intake.yaml", "/s/intake.yaml", "/s/samples/mailbox"], configuration: "/e/intake.yaml",
      demo: "/s/intake.yaml", samples: "/s/samples/mailbox"),
    // The working directory goes first, each for itself.
    Row(
      there: ["config/intake.yaml", "/e/intake.yaml", "/s/intake.yaml", "/s/samples/mailbox"],
      configuration: "config/intake.yaml", demo: "config/intake.yaml", samples: "/s/samples/mailbox"),
    // The demonstration does without the system's own.
    Row(
      there: ["/e/intake.yaml"], configuration: "/e/intake.yaml", demo: "config/intake.yaml",
      samples: "samples/mailbox"),
  ]

  @Test(
    arguments: [
      ("/usr/bin/intake", "/usr/share/intake"),
      ("/opt/intake-0.1.0/usr/bin/intake", "/opt/intake-0.1.0/usr/share/intake"),
      ("/bin/intake", "/share/intake"), ("/intake", "/share/intake"), (nil, "/usr/share/intake"),
    ] as [(String?, String)])
  func besideTheProgram(_ program: String?, _ expected: String) {
    #expect(Places.besideProgram(program) == expected)
  }

  @Test(arguments: rows)
  func looksIn(_ row: Row) {
    let places = Places(settings: "/e", shared: "/s") { row.there.contains($0) }
    #expect(places.configuration == row.configuration)
    #expect(places.demoConfiguration == row.demo)
    #expect(places.samples == row.samples)
  }
}
