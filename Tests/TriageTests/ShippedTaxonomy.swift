// The taxonomy that is shipped, read line by line: these tests know no YAML library.

import Glibc
import MIME
import Testing

@testable import Triage

enum ShippedTaxonomy {
  /// A path in the repository.
  static func path(_ inside: String) -> String {
    var root = Array(#filePath.split(separator: "/"))
    root.removeLast(3)
    return "/" + root.joined(separator: "/") + "/" + inside
  }

  static func load() throws -> Taxonomy {
    var leaves: [Taxonomy.Leaf] = []
    var fields: [String: String] = [:]
    var phrases: [Taxonomy.Phrase] = []
    func finish() {
      guard let id = fields["id"] else { return }
      leaves.append(
        Taxonomy.Leaf(
          id: id, title: fields["title"] ?? "", definition: fields["definition"] ?? "",
          fca: fields["fca"] ?? "",
          phrases: phrases))
      (fields, phrases) = ([:], [])
    }
    for line in String(decoding: try bytes(path("config/taxonomy.yaml")), as: UTF8.self).split(
      separator: "\n")
    {
      let line = line.drop { $0 == " " }
      if line.hasPrefix("- {phrase: \"") {
        let parts = line.split(separator: "\"")
        let weight = parts.count > 2 ? parts[2].filter { $0.isNumber || $0 == "." } : ""
        phrases.append(
          Taxonomy.Phrase(pattern: String(try #require(parts.dropFirst().first)), weight: Double(weight) ?? 1)
        )
      } else if !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") {
        let key = line[..<colon].drop { $0 == "-" || $0 == " " }
        if key == "id" { finish() }
        fields[String(key)] = String(line[line.index(after: colon)...].drop { $0 == " " })
      }
    }
    finish()
    return try Taxonomy(leaves: leaves)
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"), "there is no \(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  static let settings = TriageSettings(
    organisationNames: ["Meridian Medical Protection", "MMP"],
    organisationDomains: ["meridian-mutual.example"])

  static func model() throws -> TriageModel { try TriageModel(bytes(path("config/triage/shipped.model"))) }

  static func secondReader() throws -> SecondReader {
    try SecondReader(bytes(path("config/triage/second-reader.encoder")))
  }

  /// What is shipped, both readers.
  static func judge() throws -> Judge {
    Judge(taxonomy: try load(), settings: settings, model: try model(), reader: try secondReader())
  }

  /// The rules alone.
  static func ruleJudge() throws -> Judge {
    Judge(taxonomy: try load(), settings: settings, model: .rulesOnly)
  }

  /// Labelled mail of Tests/TriageTests/TestMail, which nothing is trained on: the files whose names begin so.
  static func testMail(_ prefix: String, in name: String = "TestMail") throws -> [LabelledMessage] {
    let folder = path("Tests/TriageTests/\(name)")
    let entries = try #require(opendir(folder), "there is no \(folder)")
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { raw in
        raw.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(prefix), name.hasSuffix(".mail") { names.append(name) }
    }
    return try names.sorted().flatMap { try LabelledMail.read(bytes("\(folder)/\($0)")) }
  }
}

extension LabelledMessage {
  var input: TriageInput { TriageInput(Message(parsing: MessageBytes(message)), isStaffForward: false) }
}
