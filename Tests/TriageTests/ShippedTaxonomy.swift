// The taxonomy that is shipped, read line by line: these tests know no YAML library.

import Glibc
import Testing

@testable import Triage

enum ShippedTaxonomy {
  static func load() throws -> Taxonomy {
    var root = Array(#filePath.split(separator: "/"))
    root.removeLast(3)
    let path = "/" + root.joined(separator: "/") + "/config/taxonomy.yaml"
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
    for line in try text(path).split(separator: "\n") {
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

  private static func text(_ path: String) throws -> String {
    let file = try #require(fopen(path, "rb"), "there is no \(path)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  static func judge() throws -> Judge {
    Judge(
      taxonomy: try load(),
      settings: TriageSettings(
        organisationNames: ["Meridian Medical Protection", "MMP"],
        organisationDomains: ["meridian-mutual.example"]))
  }
}
