import Cases
import Foundation
import Monitoring
import Review
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

  /// The same with letters.
  static let sending =
    good + """

      acknowledge:
        server: smtp://mail.example
        user: complaints@meridian.example
        password: {file: secret}
        from: {name: Meridian, address: complaints@meridian.example}
        automatic: complaint-only
        automatic_within: 2h
        caps: {per_address: 2, per_domain: 9}
        give_up_after: 12h
      """

  /// And with alarms, from line 38 on.
  static let alarming =
    sending + """

      alarms:
        recipients:
          - mail: duty@meridian.example
          - webhook: https://chat.example/hook
            secret: {file: secret}
            only: [page, unreviewed]
        refusing_after: 20m
        silent_after: {second: 48h}
        digest: {at: "06:15", zone: Europe/Paris, to: [lead@meridian.example]}
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

  /// The end of the file with a desk that has single sign-on, one line of it changed.
  private static func openID(_ change: String = "", _ to: String = "") -> String {
    """
    low_disk: 500MB
    desk:
      openid:
        issuer: https://login.example/tenant
        client_id: abc
        client_secret: {environment: SECRET}
        roles: {staff: specialist, audit: auditor}
    """.replacingOccurrences(of: change, with: to)
  }

  static let rows: [Row] = [
    Row(
      "low_disk: 500MB", openID("https://login.example", "http://login.example"), 31,
      "must begin with https://"),
    Row("low_disk: 500MB", openID("https://login.example", "https://me@login.example"), 31, "without user"),
    Row("low_disk: 500MB", openID("issuer", "isuer"), 31, "did you mean issuer?"),
    Row("low_disk: 500MB", openID("{environment: SECRET}", "hunter2"), 33, "do not write the secret here"),
    Row("low_disk: 500MB", openID("auditor", "auditer"), 34, "desk.openid.roles.audit: is one of specialist"),
    Row("low_disk: 500MB", openID("{staff: specialist, audit: auditor}", "{}"), 34, "nobody could sign in"),
    Row("low_disk: 500MB", openID("roles: ", "scope: profile\n    roles: "), 34, "must hold openid"),
    Row("low_disk: 500MB", "monitoring: {address: 0.0.0.0:9464}", 28, "so `token: {file: PATH}` must say"),
    Row("low_disk: 500MB", "monitoring: {address: 9464}", 28, "is no address, such as 127.0.0.1:9464"),
    Row("low_disk: 500MB", "monitoring: {token: hunter2}", 28, "do not write the secret here"),
    Row("low_disk: 500MB", "monitoring: {every: 5m}", 28, "monitoring.every: is 1s to 60s"),
    Row("low_disk: 500MB", "monitoring: {adress: 127.0.0.1:1}", 28, "did you mean address?"),
    Row(
      "  name: Meridian\n", "  nome: Meridian\n", 2,
      "organisation.nome: is not a known key; did you mean name?"),
    Row("  name: Meridian\n", "  nome: Meridian\n", 2, "organisation.name: is missing"),
    Row(
      "  domains: [meridian.example]", "  domains: meridian.example", 3,
      "organisation.domains: must be a list"),
    Row("  domains: [meridian.example]", "  domains: [a@b.example]", 3, "is no domain"),
    Row("[complaints@meridian.example]", "[complaints]", 4, "is no address"),
    Row("  name: Meridian\n", "  name: null\n", 2, "is empty (null"),
    Row("  name: Meridian\n", "  name: \"a\\r\\nb\"\n", 2, "a line break or another control character"),
    Row("data: data", "data:", 5, "data: must be a text"),
    Row("data: data", "data: ~", 5, "is empty (~ means nothing in YAML)"),
    Row("data: data", "data: ~/intake", 5, "~ is not known here"),
    Row("data: data", "date: data", 5, "date: is not a known key; did you mean data?"),
    Row("taxonomy: taxonomy.yaml", "taxonomy: nowhere.yaml", 6, "there is no file"),
    Row("taxonomy: taxonomy.yaml", "taxonomy: .", 6, "is a folder"),
    Row("  default: [policy]", "  default: []", 9, "deadlines.default: names none"),
    Row("after: keep", "after: keep\n    regimes: []", 20, "mailboxes.regimes: names none"),
    Row("after: keep", "after: keep\n    regimes: [{a: b}]", 20, "mailboxes.regimes: must be a list"),
    Row("  default: [policy]", "  default: policy", 9, "deadlines.default: must be a list"),
    Row("    IE: [ireland]", "    Ireland: [ireland]", 11, "a country is two capital letters"),
    Row("  - name: complaints", "  - name: ../complaints", 13, "letters, digits"),
    Row("  - name: complaints", "  - name: second", 20, "two mailboxes named second"),
    Row("server: imaps://mail.example", "server: mail.example", 14, "a server is imaps://HOST"),
    Row(
      "server: imaps://mail.example", "server: imaps://u:hunter2@mail.example", 14,
      "host and port only; user, password"),
    Row(
      "server: imaps://mail.example", "server: imaps://mail.example:99999", 14,
      "a port is a number from 1 to 65535"),
    Row(
      "server: imaps://mail.example", "server: imap+loopback://mail.example", 14, "takes 127.0.0.1"),
    Row("server: imaps://mail.example", "server: http://mail.example", 14, "a server is imaps://HOST"),
    Row("server: imaps://mail.example", "server: imaps://:993", 14, "is no host name"),
    Row("server: imaps://mail.example", "server: imaps://a:b:993", 14, "a port is a number"),
    Row("server: imaps://mail.example", "server: imaps://[::1", 14, "[ but no ]"),
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
    Row("after: keep", "after: {move: inbox}", 19, "the very folder"),
    Row("after: keep", "after: {move: \"a\\0b\"}", 19, "no folder's name"),
    Row("folder: INBOX", "folder: \"a\\0b\"", 15, "control character"),
    Row("password: {file: secret}", "password: hunter2\u{7}", 17, "control characters are not allowed"),
    Row("after: keep", "after: {move: INBOX}", 19, "the very folder"),
    Row("after: keep", "after: keep\n    poll_every: 60", 20, "is no time, such as 60s"),
    Row("after: keep", "after: keep\n    poll_every: 1s", 20, "is 5s to 24h"),
    Row("after: keep", "after: keep\n    size_limit: 25", 20, "is no size"),
    Row("after: keep", "after: keep\n    idle: perhaps", 20, "is true or false"),
    Row("after: keep", "after: keep\n    country: Ireland", 20, "two capital letters"),
    Row("grant: refresh_token", "grant: password", 24, "none of refresh_token, client_credentials"),
    Row("grant: refresh_token", "grant: client_credentials", 24, "client_secret: is missing"),
    Row("https://login.example", "http://login.example", 25, "must begin with https://"),
    Row("https://login.example/token", "https:///token", 25, "names no host"),
    Row("https://login.example", "https://u:hunter2@login.example", 25, "keys of their own"),
    Row("client_id: abc", "client_id: [abc]", 26, "client_id: must be a text"),
    Row("password: {file: secret}", "password: {credential: ../x}", 17, "a credential is named as"),
    Row("password: {file: secret}", "password: {credential: .x}", 17, "a credential is named as"),
    Row("password: {file: secret}", "password: {credential: \"\"}", 17, "is {file: PATH}"),
    Row("low_disk: 500MB", "low_disk: lots", 28, "is no size"),
    Row("low_disk: 500MB", "log: loud", 28, "none of auto, text, json"),
    Row("low_disk: 500MB", "low_disk: 500MB\nlow_disk: 1MB", 29, "low_disk: is there twice"),
  ]

  @Test func theGoodOneIsGood() throws {
    let configuration = try load(Self.good)
    #expect(configuration.mailboxes.map(\.name) == ["complaints", "second"])
    #expect(configuration.mailboxes[1].from == .now)
    #expect(configuration.lowDisk == 500 << 20)
    #expect(configuration.deadlines.byCountry == ["IE": ["ireland"]])
  }

  @Test func credentialsAndTheLog() throws {
    let text = Self.good.replacing("{file: secret}", with: "{credential: secret_complaints}") + "\nlog: json"
    let configuration = try load(text)
    guard case .password(let source, _) = configuration.mailboxes[0].login else {
      throw ConfigurationErrors(problems: [])
    }
    #expect(source == .credential("secret_complaints") && configuration.log == .json)
    #expect(try load(Self.good).log == nil)
  }

  @Test func monitoring() throws {
    #expect(try load(Self.good).monitoring == nil)
    let local = try load(Self.good + "\nmonitoring: {}").monitoring
    #expect(local?.host == "127.0.0.1" && local?.port == 9464 && local?.every == 15 && local?.token == nil)
    let text = Self.good + "\nmonitoring: {address: 10.1.2.3:9000, every: 5s, token: {environment: WATCHERS}}"
    let wide = try load(text).monitoring
    #expect(wide?.host == "10.1.2.3" && wide?.port == 9000 && wide?.every == 5)
    #expect(wide?.token == .environment("WATCHERS"))
  }

  @Test func singleSignOn() throws {
    let text = Self.good.replacingOccurrences(of: "low_disk: 500MB", with: Self.openID())
    let openID = try #require(try load(text).desk?.openID)
    #expect(openID.issuer == "https://login.example/tenant" && openID.clientSecret == .environment("SECRET"))
    #expect(openID.roles == ["staff": .specialist, "audit": .auditor])
    #expect(openID.rolesClaim == "groups" && openID.nameClaim == "preferred_username")
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

  @Test func whatSaysHowLettersAreSent() throws {
    let section = try #require(try load(Self.sending).acknowledge)
    #expect(section.automaticWithin == 7200 && section.perAddress == 2 && section.perDomain == 9)
    #expect(section.giveUpAfter == 43200 && section.handler == "The complaints team of Meridian")
    #expect(section.templates.hasSuffix("/templates") || section.templates == "templates")
    #expect(try load(Self.good).acknowledge == nil)
    let off = Self.sending.replacing(
      "automatic: complaint-only\n  automatic_within: 2h", with: "automatic: off")
    #expect(try load(off).acknowledge?.automaticWithin == nil)
    // A relay on this machine needs no login.
    let relay = Self.sending.replacing("smtp://mail.example", with: "smtp+loopback://127.0.0.1:25").replacing(
      "  user: complaints@meridian.example\n  password: {file: secret}\n  from:", with: "  from:")
    #expect(try load(relay).acknowledge?.login == nil)
  }

  /// Change, to, message: each names the line of what was changed.
  @Test(arguments: [
    (
      "server: smtp://mail.example", "server: imaps://mail.example",
      "acknowledge.server: a server is smtps://HOST"
    ),
    (
      "server: smtp://mail.example", "server: smtp+loopback://mail.example",
      "takes 127.0.0.1, ::1 or localhost only"
    ),
    ("server: smtp://mail.example", "server: smtp://u:p@mail.example", "host and port only"),
    (
      "from: {name: Meridian, address: complaints@meridian.example}", "from: {name: M, address: nobody}",
      "is no address"
    ),
    (
      "from: {name: Meridian, address: complaints@meridian.example}", "from: {name: M, adress: a@b.example}",
      "did you mean address?"
    ),
    ("automatic: complaint-only", "automatic: always", "is none of off, complaint-only"),
    ("automatic_within: 2h", "automatic_within: 48h", "is 1m to 24h"),
    ("automatic: complaint-only\n", "automatic: off\n", "goes with automatic: complaint-only"),
    (
      "caps: {per_address: 2, per_domain: 9}", "caps: {per_address: 0, per_domain: 9}",
      "a whole number from 1 to 1000"
    ),
    ("caps: {per_address: 2, per_domain: 9}", "caps: {per_adress: 2}", "did you mean per_address?"),
    ("give_up_after: 12h", "give_up_after: 1m", "is 10m to 720h"),
    ("give_up_after: 12h", "giveup_after: 12h", "did you mean give_up_after?"),
  ])
  func faultsOfLettersAreNamed(_ change: String, _ to: String, _ message: String) throws {
    try #require(Self.sending.contains(change))
    let text = Self.sending.replacing(change, with: to, maxReplacements: 1)
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    let problems = error?.problems ?? []
    #expect(
      problems.contains { $0.message.contains(message) && ($0.line ?? 0) >= 29 },
      "expected \(message); got \(problems)")
  }

  @Test(arguments: ["password: hunter2", "mechanism: scram-sha-256\n  password: {file: secret}"])
  func loginOfLetters(_ login: String) throws {
    let text = Self.sending.replacing("  password: {file: secret}\n  from:", with: "  \(login)\n  from:")
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    #expect(
      error?.problems.count == 1 && error?.problems.contains { $0.message.contains("hunter2") } == false)
  }

  @Test func whoIsToldOfAlarms() throws {
    let section = try #require(try load(Self.alarming).alarms)
    #expect(section.recipients.count == 2 && section.recipients[1].only == ["page", "unreviewed"])
    #expect(section.rules.refusingAfter == 1200 && section.rules.refusedForGoodAfter == 120)
    #expect(section.rules.silentAfter == ["second": 172_800] && section.rules.endAfter == 300)
    let digest = try #require(section.digest)
    #expect(
      digest.at == 6 * 3600 + 900 && digest.zone == "Europe/Paris" && digest.to == ["lead@meridian.example"])
    #expect(try load(Self.sending).alarms == nil)
    // A server of their own; the address of a chat's hook kept as a secret.
    let own = Self.alarming.replacing(
      "  refusing_after: 20m",
      with: "  server: smtp+loopback://127.0.0.1:25\n  from: {name: intake, address: i@meridian.example}"
    ).replacing("webhook: https://chat.example/hook", with: "webhook: {environment: HOOK}")
    #expect(try load(own).alarms?.address == "i@meridian.example" && load(own).alarms?.login == nil)
    let alone = Self.good + "\nalarms:\n  recipients: [{webhook: http://127.0.0.1:9/hook}]\n"
    #expect(try load(alone).alarms?.recipients.count == 1)
  }

  /// Change, to, line, message.
  @Test(arguments: [
    ("mail: duty@meridian.example", "mail: duty", 40, "\"duty\" is no address that mail can go to"),
    ("mail: duty@meridian.example", "mail: Complaints@meridian.example", 40, "is a mailbox that is watched"),
    ("mail: duty@meridian.example", "male: duty@meridian.example", 40, "did you mean mail?"),
    (
      "mail: duty@meridian.example", "mail: duty@meridian.example\n      webhook: https://x.example/", 40,
      "one of them"
    ),
    ("https://chat.example/hook", "http://chat.example/hook", 41, "would show secrets to the network"),
    ("https://chat.example/hook", "https://u:hunter2@chat.example/hook", 41, "neither user nor password"),
    ("secret: {file: secret}", "secret: hunter2", 42, "do not write the secret here"),
    ("secret: {file: secret}", "secret: {file: nowhere}", 42, "there is no file"),
    ("only: [page, unreviewed]", "only: [pages]", 43, "\"pages\" is none of warn, page, mailbox-refusing"),
    ("only: [page, unreviewed]", "only: []", 43, "names nothing"),
    ("refusing_after: 20m", "refusing_after: 20", 44, "is no time, such as 60s"),
    ("refusing_after: 20m", "refusing_after: 25h", 44, "is 5s to 24h"),
    ("refusing_after: 20m", "every: 11m", 44, "is 1s to 10m"),
    ("refusing_after: 20m", "end_after: 25h", 44, "is 0s to 24h"),
    ("refusing_after: 20m", "user: me", 44, "goes with server:"),
    ("refusing_after: 20m", "server: imaps://mail.example", 44, "a server is smtps://HOST"),
    ("refusing_after: 20m", "safety_unopened: 5m", 44, "is not a known key"),
    (
      "silent_after: {second: 48h}", "silent_after: {third: 48h}", 45,
      "there is no such mailbox; there are complaints, second"
    ),
    ("silent_after: {second: 48h}", "silent_after: {second: 5m}", 45, "is a time from 10m to 2160h"),
    ("at: \"06:15\"", "at: \"6:15\"", 46, "is no time of the day"),
    ("at: \"06:15\"", "at: \"24:00\"", 46, "is no time of the day"),
    ("Europe/Paris", "Europe/Nowhere", 46, "there is no such time zone"),
    ("Europe/Paris", "../../etc/passwd", 46, "not a time zone"),
    ("[lead@meridian.example]", "[]", 46, "names nobody"),
    ("[lead@meridian.example]", "[complaints@meridian.example]", 46, "is a mailbox that is watched"),
    ("to: [lead@meridian.example]", "too: [lead@meridian.example]", 46, "alarms.digest.to: is missing"),
  ])
  func faultsOfAlarmsAreNamed(_ change: String, _ to: String, _ line: Int, _ message: String) throws {
    try #require(Self.alarming.contains(change))
    let text = Self.alarming.replacing(change, with: to, maxReplacements: 1)
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    let problems = error?.problems ?? []
    #expect(
      problems.contains { $0.message.contains(message) && $0.line == line },
      "expected \(line): \(message); got \(problems)")
    #expect(!problems.contains { $0.message.contains("hunter2") })
  }

  @Test func retentionIsReadAndOffWithout() throws {
    #expect(try load(Self.good).retention == nil)
    let text =
      Self.good
      + "\nretention:\n  closed: 6y\n  dismissed: 18m\n  not_a_complaint: 90d\n  by_regime: {policy: 5y}\n  daily: true\n"
    let section = try #require(try load(text).retention)
    #expect(section.isDaily && section.rules.automatic == nil)
    #expect(section.rules.closed?.description == "6y" && section.rules.dismissed?.description == "18m")
    #expect(section.rules.notAComplaint?.description == "90d")
    #expect(section.rules.byRegime.mapValues(\.description) == ["policy": "5y"])
    for (wrong, word) in [
      ("closed: 6", "is no length of time"), ("closed: 0d", "is no length of time"),
      ("by_regime: {policy: soon}", "retention.by_regime.policy"), ("open: 1y", "is not a known key"),
      ("daily: often", "is true or false"),
    ] {
      let error = #expect(throws: ConfigurationErrors.self, "\(wrong)") {
        try load(Self.good + "\nretention: {\(wrong)}\n")
      }
      #expect(error?.description.contains(word) == true, "\(wrong): \(error?.description ?? "")")
    }
  }

  @Test func alarmsNeedSomebodyAndAServer() throws {
    for (text, message) in [
      ("alarms: {every: 10s}", "name at least one, or nobody is told"),
      (
        "alarms: {recipients: [{mail: a@b.example}]}",
        "mail needs a server: give server: here, or acknowledge:"
      ),
      ("alarms: {digest: {to: [a@b.example]}}", "mail comes from somewhere: give from:"),
    ] {
      let error = #expect(throws: ConfigurationErrors.self) { try load(Self.good + "\n" + text + "\n") }
      #expect(
        error?.problems.contains { $0.line == 29 && $0.message.contains(message) } == true,
        "\(error?.problems ?? [])")
    }
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

  /// One folder, named twice in two ways.
  @Test(arguments: ["imaps://mail.example:993", "IMAPS://Mail.Example", "imaps://mail.example/"])
  func sameFolderTwice(_ server: String) throws {
    let text = Self.good.replacing("imap://mail.example:1143", with: server).replacing(
      "    user: second@meridian.example\n",
      with: "    user: complaints@meridian.example\n    folder: inbox\n")
    let error = #expect(throws: ConfigurationErrors.self) { try load(text) }
    #expect(error?.problems.map(\.line) == [23])
    #expect(
      error?.problems.first?.message.contains("same folder of the same user as mailbox complaints") == true)
  }

  @Test func otherFolderOfTheSameUserIsFine() throws {
    let text = Self.good.replacing("imap://mail.example:1143", with: "imaps://mail.example").replacing(
      "    user: second@meridian.example\n",
      with: "    user: complaints@meridian.example\n    folder: Inbox2\n")
    #expect(try load(text).mailboxes.count == 2)
  }

  @Test func byteOrderMarkAndLineEndsAndEncoding() throws {
    #expect(try load("\u{FEFF}" + Self.good).mailboxes.count == 2)
    #expect(try load(Self.good.replacing("\n", with: "\r\n")).mailboxes.count == 2)
    var bytes = Array(Self.good.utf8)
    let middle = bytes.count / 2
    bytes[middle] = 0xE9
    let error = #expect(throws: ConfigurationErrors.self) { try load(bytes: bytes) }
    #expect(error?.problems.map(\.line) == [bytes[..<middle].count { $0 == 0x0A } + 1])
    #expect(error?.problems.first?.message.contains("not UTF-8") == true)
  }

  /// The parser compares keys by walking through them whole: nine levels of ten, as a key, never came to an end.
  @Test(.timeLimit(.minutes(1))) func aliasesAsKeyDoNotExplode() throws {
    var text = "a: &x0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      let aliases = Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ", ")
      text += "b\(level): &x\(level) [\(aliases)]\n"
    }
    let error = #expect(throws: ConfigurationErrors.self) { try load(text + "? *x8\n: v\n") }
    #expect(error?.problems.map(\.line) == [2])
    #expect(error?.problems.first?.message.contains("more than 8 aliases") == true)
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

  private func load(_ text: String) throws -> Configuration { try load(bytes: Array(text.utf8)) }

  private func load(bytes: [UInt8]) throws -> Configuration {
    let folder = NSTemporaryDirectory() + "intake-configuration-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, content) in [("intake.yaml", bytes), ("taxonomy.yaml", [0x78]), ("secret", [0x73])] {
      try Data(content).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    return try Configuration.load(path: folder + "/intake.yaml")
  }
}
