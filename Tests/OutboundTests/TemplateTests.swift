// Every template states what an acknowledgement must, and nothing of what the sender wrote.

import Cases
import Deadlines
import Foundation
import Testing

@testable import Outbound

@Suite struct TemplateTests {
  static let names: [String] = {
    ((try? AcknowledgementTemplates(folder: World.templates)) ?? nil)?.names ?? []
  }()

  @Test func allAreThere() {
    for name in [
      "acknowledgement.en", "acknowledgement.fr", "acknowledgement.af", "uk-disp.en", "uk-data-protection.en",
      "ireland.en",
      "singapore.en", "south-africa.en", "south-africa.af", "australia.en",
    ] { #expect(Self.names.contains(name)) }
  }

  @Test(arguments: names) func statesWhatItMust(_ name: String) throws {
    let templates = try AcknowledgementTemplates(folder: World.templates)
    let values: [String: String?] = [
      "organisation": "ORGANISATION", "reference": "REFERENCE", "received": "RECEIVED", "handler": "HANDLER",
      "mailbox": "MAILBOX", "final": "FINAL", "basis": "BASIS", "update": "UPDATE",
    ]
    let text = templates.render(name, values)
    for value in ["ORGANISATION", "REFERENCE", "RECEIVED", "HANDLER", "MAILBOX", "FINAL", "BASIS"] {
      #expect(text.contains(value), "\(name) does not state \(value)")
    }
    // Where to go, and only for those who may.
    let conditions = ["if you are eligible", "si vous y avez droit", "in aanmerking kom"]
    #expect(conditions.contains { text.contains($0) }, "\(name): eligibility")
    #expect(!text.contains("{{") && !text.contains("&"), "\(name): \(text)")
    let bare = templates.render(name, ["final": nil, "update": nil].merging(values) { left, _ in left })
    #expect(!bare.contains("FINAL") && !bare.contains("BASIS") && bare.contains("REFERENCE"))
    #expect(!text.hasPrefix("\n") && !text.contains("\n\n\n"))
  }

  @Test func valuesCannotBreakOut() throws {
    let templates = try AcknowledgementTemplates(folder: World.templates)
    let text = templates.render(
      "uk-disp.en", ["handler": "A\r\nB\u{0}C {{x}} <b>&\u{202E}", "reference": "R"])
    #expect(text.contains("A  B C {{x}} <b>& "))
  }

  @Test(arguments: [
    (["uk-disp"], "en", "uk-disp.en"), (["uk-disp"], "fr", "uk-disp.en"),
    (["policy"], "fr", "acknowledgement.fr"),
    (["south-africa", "uk-disp"], "af", "south-africa.af"), (["policy"], "de", "acknowledgement.en"),
    ([], "en", "acknowledgement.en"),
    (["none", "ireland"], "en", "ireland.en"),
  ]) func regimeThenLanguage(_ regimes: [String], _ language: String, _ expected: String) throws {
    #expect(
      try AcknowledgementTemplates(folder: World.templates).name(regimes: regimes, language: language)
        == expected)
  }

  @Test func theDraftSaysNothingOfTheSenders() throws {
    let world = try World()
    let current = try world.record()
    let draft = try world.acknowledger().draft(for: current)
    #expect(draft.to == "member@example.org" && draft.template == "uk-disp.en")
    #expect(draft.subject == "[\(current.reference)] We have received your complaint")
    for word in ["watches", "spam", "SECRET-WORDS", "A. Member"] { #expect(!draft.body.contains(word)) }
    #expect(draft.body.contains("23 November 2026") && draft.body.contains("18 January 2027"))
    #expect(draft.body.contains("DISP 1.6.2R") && draft.body.contains(current.reference.description))
    #expect(draft.refusals.isEmpty && draft.warnings.isEmpty)
  }

  @Test func aDraftWarns() throws {
    let world = try World()
    let current = try world.record(
      World.mail(headers: "Reply-To: elsewhere@example.net\r\n"), language: "fr")
    world.pass(seconds: 10 * 86400)
    let draft = try world.acknowledger().draft(for: current)
    #expect(draft.warnings.count == 3, "\(draft.warnings)")
  }

  @Test func aFolderWithoutTheFallbackIsRefused() throws {
    let folder = NSTemporaryDirectory() + "/templates-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: TemplateError.self) { try AcknowledgementTemplates(folder: folder) }
    try Data("{{#open}}".utf8).write(to: URL(filePath: folder + "/acknowledgement.en.mustache"))
    #expect(throws: TemplateError.self) { try AcknowledgementTemplates(folder: folder) }
  }
}
