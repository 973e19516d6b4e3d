import Foundation
import Testing
import Triage

@testable import intake

@Suite struct ConfigurationTests {
  /// A configuration without a fault; each row of the table changes one thing in it.
  static let good = """
    organisation:
      name: Meridian
      domains: [meridian.example]
      addresses: [complaints@meridian.example]
    data: data
    taxonomy: taxonomy.yaml
    deadlines:
      directory: .
      default: [policy]
      by_country:
        IE: [ireland]
    mailboxes:
      - name: complaints
        server: imaps://mail.example
        folder: INBOX
        user: complaints@meridian.example
        password: {file: secret}
        from: now
        after: keep
      - name: second
        server: imap://mail.example:1143
        user: second@meridian.example
        oauth2:
          grant: refresh_token
          token_url: https://login.example/token
          client_id: abc
          refresh_token: {environment: TOKEN}
    low_disk: 500MB
    """

  struct Row: Sendable, CustomTestStringConvertible {
    let change: String
    let to: String
    let line: Int
    let message: String
    init(_ change: String, _ to: String, _ line: Int, _ message: String) {
      self.change = change
      self.to = to
      self.line = line
      self.message = message
    }
    var testDescription: String { "\(change) -> \(to)" }
  }

  static let rows: [Row] = [
    Row(
      "  name: Meridian\n", "  nome: Meridian\n", 2,
      "organisation.nome: is not a known key; did you mean name?"),
    Row("  name: Meridian\n", "  nome: Meridian\n", 2, "organisation.name: is missing"),
    Row(
      "  domains: [meridian.example]", "  domains: meridian.example", 3,
      "organisation.domains: must be a list"),
    Row("  domains: [meridian.example]", "  domains: [a@b.example]", 3, "is no domain"),
    Row("[complaints@meridian.example]", "[complaints]", 4, "is no address"),
    Row("data: data", "date: data", 5, "date: is not a known key; did you mean data?"),
    Row("taxonomy: taxonomy.yaml", "taxonomy: nowhere.yaml", 6, "there is no file"),
    Row("  default: [policy]", "  default: policy", 9, "deadlines.default: must be a list"),
    Row("    IE: [ireland]", "    Ireland: [ireland]", 11, "a country is two capital letters"),
    Row("  - name: complaints", "  - name: ../complaints", 13, "letters, digits"),
    Row("  - name: complaints", "  - name: second", 20, "two mailboxes named second"),
    Row("server: imaps://mail.example", "server: mail.example", 14, "is imaps://HOST"),
    Row(
      "server: imaps://mail.example", "server: imaps://u:p@mail.example", 14, "user and password have keys"),
    Row("server: imaps://mail.example", "server: imaps://mail.example:99999", 14, "a port is 1 to 65535"),
    Row(
      "server: imaps://mail.example", "server: imap+loopback://mail.example", 14, "only this machine itself"),
    Row("server: imaps://mail.example", "server: http://mail.example", 14, "is imaps://HOST"),
    Row("    user: complaints@meridian.example\n", "", 13, "mailboxes.user: is missing"),
    Row("password: {file: secret}", "password: hunter2", 17, "do not write the secret here"),
    Row("password: {file: secret}", "password: {file: missing}", 17, "there is no file"),
    Row("password: {file: secret}", "password: {flie: secret}", 17, "is {file: PATH}"),
    Row("password: {file: secret}", "password: {command: []}", 17, "is {file: PATH}"),
    Row("    password: {file: secret}\n", "", 13, "give password (or oauth2)"),
    Row(
      "    password: {file: secret}\n", "    password: {file: secret}\n    mechanism: cram\n", 18,
      "none of auto, plain"),
    Row("from: now", "from: yesterday", 18, "is now, all, or a date"),
    Row("from: now", "from: 2026-02-30", 18, "is now, all, or a date"),
    Row("after: keep", "after: delete", 19, "is keep, {keyword"),
    Row("after: keep", "after: {keyword: \"a b\"}", 19, "a keyword is up to 64"),
    Row("after: keep", "after: {move: INBOX}", 19, "the very folder"),
    Row("after: keep", "after: keep\n    poll_every: 60", 20, "is no time, such as 60s"),
    Row("after: keep", "after: keep\n    poll_every: 1s", 20, "is 5s to 24h"),
    Row("after: keep", "after: keep\n    size_limit: 25", 20, "is no size"),
    Row("after: keep", "after: keep\n    idle: perhaps", 20, "is true or false"),
    Row("after: keep", "after: keep\n    country: Ireland", 20, "two capital letters"),
    Row("grant: refresh_token", "grant: password", 24, "none of refresh_token, client_credentials"),
    Row("grant: refresh_token", "grant: client_credentials", 24, "client_secret: is missing"),
    Row("https://login.example", "http://login.example", 25, "must begin with https://"),
    Row("client_id: abc", "client_id: [abc]", 26, "client_id: must be a text"),
    Row("low_disk: 500MB", "low_disk: lots", 28, "is no size"),
    Row("low_disk: 500MB", "low_disk: 500MB\nlow_disk: 1MB", 29, "low_disk: is there twice"),
  ]

  @Test func theGoodOneIsGood() throws {
    let configuration = try load(Self.good)
    #expect(configuration.mailboxes.map(\.name) == ["complaints", "second"])
    #expect(configuration.mailboxes[1].from == .now)
    #expect(configuration.lowDisk == 500 << 20)
    #expect(configuration.deadlines.byCountry == ["IE": ["ireland"]])
  }

  @Test(arguments: rows)
  func eachFaultIsNamedWithItsLine(_ row: Row) throws {
    try #require(Self.good.contains(row.change))
    let text = Self.good.replacing(row.change, with: row.to, maxReplacements: 1)
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    let problems = error?.problems ?? []
    #expect(
      problems.contains { $0.line == row.line && $0.message.contains(row.message) },
      "expected \(row.line): \(row.message); got \(problems)")
    #expect(!problems.contains { $0.message.contains("hunter2") })
  }

  @Test func allAtOnce() throws {
    let text = Self.good.replacing("from: now", with: "from: never").replacing(
      "low_disk: 500MB", with: "low_disc: 1MB"
    )
    .replacing("client_id: abc", with: "client: abc")
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    #expect(error?.problems.count == 4)
    #expect(error?.problems.map { $0.line ?? 0 } == error?.problems.map { $0.line ?? 0 }.sorted())
  }

  @Test(arguments: ["", "a: b: c", "- list", "organisation: {", "\tx: y", "&a [*a, *a]"])
  func notEvenYAML(_ text: String) throws {
    #expect(throws: ConfigurationErrors.self) { try load(text) }
  }

  @Test func aliasesDoNotExplode() throws {
    var text = "a: &x0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      text +=
        "b\(level): &x\(level) [" + Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ", ")
        + "]\n"
    }
    #expect(throws: ConfigurationErrors.self) { try load(text) }
  }

  @Test func theShippedOneIsGood() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appendingPathComponent("config/intake.yaml").path
    let configuration = try Configuration.load(path: path, checkFiles: false)
    let data = try DeadlineData.load(directory: configuration.deadlines.directory)
    let taxonomy = try TaxonomyData.load(path: configuration.taxonomy)
    let problems = configuration.validate(
      regimeIDs: Set(data.regimes.keys), categoryIDs: Set(taxonomy.leaves.map(\.id)))
    #expect(problems == [])
  }

  @Test func unknownRegimesAndCategories() throws {
    let configuration = try load(Self.good)
    let problems = configuration.validate(regimeIDs: ["policy"], categoryIDs: [])
    #expect(problems.map(\.line) == [11])
    #expect(problems.first?.message.contains("no regime ireland") == true)
  }

  private func load(_ text: String) throws -> Configuration {
    let folder = NSTemporaryDirectory() + "intake-configuration-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, content) in [("intake.yaml", text), ("taxonomy.yaml", "x"), ("secret", "s")] {
      try content.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    return try Configuration.load(path: folder + "/intake.yaml")
  }
}
