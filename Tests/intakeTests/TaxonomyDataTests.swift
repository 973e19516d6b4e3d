// The taxonomy's file: the shipped one loads; what is wrong in one is told with its line, all at once.

import Foundation
import Testing
import Triage

@testable import intake

@Suite struct TaxonomyDataTests {
  private static let shipped: String = {
    var root = Array(#filePath.split(separator: "/"))
    root.removeLast(3)
    return "/" + root.joined(separator: "/") + "/config/taxonomy.yaml"
  }()

  @Test func shippedFileLoads() throws {
    let taxonomy = try TaxonomyData.load(path: Self.shipped)
    #expect(taxonomy.leaves.map(\.id) == Taxonomy.ids)
    #expect(taxonomy.leaves.allSatisfy { $0.id == Taxonomy.other || $0.phrases.count >= 4 })
  }

  /// A change to the shipped file, and a piece of what must be said of it.
  @Test(arguments: [
    ("title: Subscription price", "titel: Subscription price", "did you mean title"),
    ("id: membership.payment_billing", "id: membership.paying", "is none of"),
    ("id: membership.payment_billing", "id: membership.subscription_pricing", "is there twice"),
    ("weight: 2.5}", "weight: heavy}", "must be a number"),
    ("weight: 2.5}", "weight: 12}", "must be a number"),
    ("\"loyalty|loyal\"", "\"Loyalty\"", "lower case"),
    ("\"loyalty|loyal\"", "\"~3 loyal\"", "begins or ends with a gap"),
    ("\"loyalty|loyal\", weight", "\"loyalty|loyal\", wait", "is not a known key"),
    ("leaves:", "leaf:", "leaves: is missing"), ("phrases: []", "phrases: none", "must be a list"),
  ])
  func faultIsTold(_ old: String, _ new: String, _ message: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "taxonomy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("taxonomy.yaml").path
    let source = try String(contentsOfFile: Self.shipped, encoding: .utf8)
    let place = try #require(source.range(of: old))
    let line = source[..<place.lowerBound].utf8.count { $0 == 0x0A } + 1
    try source.replacingCharacters(in: place, with: new).write(
      toFile: path, atomically: true, encoding: .utf8)
    do {
      _ = try TaxonomyData.load(path: path)
      Issue.record("accepted")
    } catch let error as ConfigurationProblems {
      let told = error.problems.filter { $0.message.contains(message) }
      #expect(!told.isEmpty, "\(error)")
      // A missing key is told at the mapping it is missing from, a doubled id at its leaf.
      #expect(
        told.contains { problem in problem.line.map { abs($0 - line) <= 1 } ?? true }, "\(told), not \(line)")
    }
  }

  @Test func missingFileIsTold() {
    #expect(throws: ConfigurationProblems.self) { try TaxonomyData.load(path: "/nowhere/taxonomy.yaml") }
  }
}
