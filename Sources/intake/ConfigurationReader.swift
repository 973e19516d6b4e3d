// Reads the configuration file whole and collects everything that is wrong with it, each with its line.

import Cases
import Deadlines
import Foundation
import IMAP
import Monitoring
import Outbound
import Review
import Transport
import Triage
import Yams

extension Configuration {
  /// Reads a configuration file.
  ///
  /// - Parameter checkFiles: whether the files that hold secrets and certificates must be there; commands that sign in
  ///   nowhere do without.
  /// - Throws: `ConfigurationErrors`.
  static func load(path: String, checkFiles: Bool = true) throws -> Configuration {
    let problems = ProblemList(file: path)
    var reader = ConfigurationReader(path: path, problems: problems, checkFiles: checkFiles)
    let configuration = reader.read()
    guard problems.problems.isEmpty else {
      // Problems come out in the order of the file.
      throw ConfigurationErrors(problems: problems.problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    return configuration
  }
}

private struct ConfigurationReader {
  let path: String
  let problems: ProblemList
  let checkFiles: Bool
  private var configuration = Configuration()
  /// What each mailbox so far watches: server, port, user and folder.
  private var watched: [String: String] = [:]

  init(path: String, problems: ProblemList, checkFiles: Bool) {
    self.path = path
    self.problems = problems
    self.checkFiles = checkFiles
  }

  mutating func read() -> Configuration {
    configuration.path = path
    guard let top = YAMLMapping.load(path, problems) else { return configuration }
    if let organisation = top.mapping("organisation") { readOrganisation(organisation) }
    configuration.data = path(top, "data") ?? ""
    configuration.taxonomy = path(top, "taxonomy") ?? ""
    if !configuration.taxonomy.isEmpty { mustExist(configuration.taxonomy, top, "taxonomy", always: true) }
    readTriage(top.mapping("triage", required: false))
    if let deadlines = top.mapping("deadlines") { readDeadlines(deadlines) }
    for node in top.list("mailboxes") {
      if let mapping = YAMLMapping(node, problems, path: "mailboxes.") { readMailbox(mapping) }
    }
    if top.has("mailboxes"), configuration.mailboxes.isEmpty { top.fail("mailboxes", "names none") }
    if let limits = top.mapping("limits", required: false) { readLimits(limits) }
    readDesk(top.mapping("desk", required: false))
    if let mapping = top.mapping("monitoring", required: false) { readMonitoring(mapping) }
    configuration.templates = shippedFolder + "templates"
    if let mapping = top.mapping("acknowledge", required: false) { readAcknowledge(mapping) }
    configuration.log = top.choice("log", LogChoice.allCases.map(\.rawValue)).flatMap(LogChoice.init)
    if let mapping = top.mapping("closing", required: false) { configuration.closing = ClosingRules(mapping) }
    if let mapping = top.mapping("reporting", required: false) {
      configuration.reporting = Configuration.ReportingSection(mapping)
    }
    if let mapping = top.mapping("retention", required: false) { readRetention(mapping) }
    if let mapping = top.mapping("alarms", required: false) { readAlarms(mapping) }
    if let size = size(top, "low_disk") { configuration.lowDisk = size }
    top.finish()
    return configuration
  }

  /// Paths are relative to the configuration file.
  private func resolve(_ text: String) -> String {
    if text.hasPrefix("/") { return text }
    guard let slash = path.utf8.lastIndex(of: 0x2F) else { return text }
    return String(path[...slash]) + text
  }

  /// A path; `~` is the shell's, not ours, and would become a folder of that name.
  private func path(_ mapping: YAMLMapping, _ key: String, required: Bool = true) -> String? {
    guard let text = mapping.text(key, required: required) else { return nil }
    if text.hasPrefix("~") { mapping.fail(key, "~ is not known here; write the path out") }
    return resolve(text)
  }

  private func mustExist(_ file: String, _ mapping: YAMLMapping, _ key: String, always: Bool = false) {
    guard checkFiles || always else { return }
    var isFolder: ObjCBool = false
    if !FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) {
      mapping.fail(key, "there is no file \(file)")
    } else if isFolder.boolValue {
      mapping.fail(key, "\(file) is a folder; name the file")
    }
  }

  // MARK: sections

  private mutating func readOrganisation(_ mapping: YAMLMapping) {
    configuration.organisation.name = mapping.text("name") ?? ""
    configuration.organisation.otherNames = mapping.texts("other_names", required: false)
    configuration.organisation.domains = mapping.texts("domains")
    configuration.organisation.addresses = mapping.texts("addresses")
    for domain in configuration.organisation.domains where domain.contains("@") || !domain.contains(".") {
      mapping.fail("domains", "\"\(domain)\" is no domain, such as example.org")
    }
    for address in configuration.organisation.addresses where address.split(separator: "@").count != 2 {
      mapping.fail("addresses", "\"\(address)\" is no address, such as complaints@example.org")
    }
    mapping.finish()
  }

  private mutating func readDesk(_ mapping: YAMLMapping?) {
    guard let mapping else { return }
    var desk = Configuration.DeskSection()
    if let (host, port) = listener(mapping, example: "127.0.0.1:8080") {
      (desk.host, desk.port) = (host, port)
      desk.origin = "http://\(host):\(port)"
    }
    if let origin = mapping.text("origin", required: false) {
      let rest = origin.split(separator: "/", omittingEmptySubsequences: false)
      let isLoopback = origin.hasPrefix("http://127.0.0.1:") || origin.hasPrefix("http://localhost:")
      if rest.count != 3 || !(origin.hasPrefix("https://") || isLoopback) {
        mapping.fail(
          "origin", "\"\(origin)\" must be https://HOST, or http://127.0.0.1:PORT; nothing after the host")
      }
      desk.origin = origin
    } else if desk.host != "127.0.0.1" && desk.host != "localhost" {
      mapping.fail(
        "address", "reaches other machines, so `origin: https://…` must name the proxy that adds TLS")
    }
    desk.zone = mapping.text("zone", required: false) ?? desk.zone
    if let openID = mapping.mapping("openid", required: false) { desk.openID = readOpenID(openID) }
    configuration.desk = desk
    mapping.finish()
  }

  private mutating func readMonitoring(_ mapping: YAMLMapping) {
    var monitoring = Configuration.MonitoringSection()
    if let (host, port) = listener(mapping, example: "127.0.0.1:9464") {
      (monitoring.host, monitoring.port) = (host, port)
    }
    if let seconds = seconds(mapping, "every") {
      if !(1...60).contains(seconds) { mapping.fail("every", "is 1s to 60s") }
      monitoring.every = seconds
    }
    if mapping.has("token") {
      monitoring.token = secret(mapping, "token")
    } else if monitoring.host != "127.0.0.1" && monitoring.host != "localhost" {
      mapping.fail(
        "address", "reaches other machines, so `token: {file: PATH}` must say what they have to show")
    }
    configuration.monitoring = monitoring
    mapping.finish()
  }

  /// `HOST:PORT` under `address`; nil where it is missing or wrong.
  private func listener(_ mapping: YAMLMapping, example: String) -> (host: String, port: Int)? {
    guard let address = mapping.text("address", required: false) else { return nil }
    let parts = address.split(separator: ":")
    if parts.count == 2, let port = Int(parts[1]), (1...65535).contains(port) {
      return (String(parts[0]), port)
    }
    mapping.fail("address", "\"\(address)\" is no address, such as \(example)")
    return nil
  }

  private func readOpenID(_ mapping: YAMLMapping) -> Configuration.OpenIDSection {
    var openID = Configuration.OpenIDSection()
    openID.issuer = mapping.text("issuer") ?? ""
    let isLoopback = openID.issuer.hasPrefix("http://127.0.0.1:")
    if !openID.issuer.isEmpty, !openID.issuer.hasPrefix("https://"), !isLoopback {
      mapping.fail(
        "issuer", "must begin with https://, and be written as the service's own documents have it")
    }
    if openID.issuer.utf8.contains(where: { "?#@ ".utf8.contains($0) }) {
      mapping.fail("issuer", "is an address without user, query or fragment")
    }
    openID.clientID = mapping.text("client_id") ?? ""
    if mapping.has("client_secret") { openID.clientSecret = secret(mapping, "client_secret") }
    openID.scope = mapping.text("scope", required: false)
    if let scope = openID.scope, !scope.split(separator: " ").contains("openid") {
      mapping.fail("scope", "must hold openid, such as \"openid profile\"")
    }
    openID.rolesClaim = mapping.text("roles_claim", required: false) ?? openID.rolesClaim
    openID.nameClaim = mapping.text("name_claim", required: false) ?? openID.nameClaim
    let roles = mapping.mapping("roles")?.pairs() ?? []
    for (group, node) in roles {
      guard let role = node.scalar.flatMap({ Role(rawValue: $0.string) }) else {
        problems.add(
          node,
          "desk.openid.roles.\(group): is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        continue
      }
      openID.roles[group] = role
    }
    if mapping.has("roles"), roles.isEmpty {
      mapping.fail("roles", "names none, so that nobody could sign in; write GROUP: ROLE")
    }
    openID.caFile = file(mapping, "ca_file")
    mapping.finish()
    return openID
  }

  /// Model, labels and templates are shipped beside the taxonomy; ends in `/`, or is empty.
  private var shippedFolder: String {
    let folder = configuration.taxonomy.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let base = configuration.taxonomy.hasPrefix("/") ? folder : String(folder.dropFirst())
    return base.isEmpty ? "" : base + "/"
  }

  private mutating func readAcknowledge(_ mapping: YAMLMapping) {
    var section = Configuration.AcknowledgeSection()
    section.server = mapping.text("server") ?? ""
    var isLoopback = false
    if !section.server.isEmpty {
      do {
        isLoopback = try ServerAddress(.smtp, url: section.server).security == .loopbackPlaintext
      } catch {
        mapping.fail(
          "server",
          "\(error.detail); smtps://HOST[:PORT], smtp://HOST[:PORT] with STARTTLS, or smtp+loopback://")
      }
    }
    // A relay on this machine may ask for no login; no other server is believed to.
    if mapping.has("user") || !isLoopback {
      section.user = mapping.text("user") ?? ""
      section.login = readLogin(mapping, mechanisms: ["auto", "plain", "login"])
    }
    section.caFile = file(mapping, "ca_file")
    if let from = mapping.mapping("from") {
      section.name = from.text("name") ?? ""
      section.address = from.text("address") ?? ""
      if !section.address.isEmpty, AddrSpec(section.address) == nil {
        from.fail("address", "\"\(section.address)\" is no address that mail can come from")
      }
      from.finish()
    }
    section.handler =
      mapping.text("handler", required: false)
      ?? "The complaints team of \(configuration.organisation.name)"
    section.templates = path(mapping, "templates", required: false) ?? configuration.templates
    switch mapping.choice("automatic", ["off", "complaint-only"]) ?? "off" {
    case "complaint-only": section.automaticWithin = 4 * 3600
    default: break
    }
    if let within = seconds(mapping, "automatic_within") {
      if section.automaticWithin == nil {
        mapping.fail("automatic_within", "goes with automatic: complaint-only")
      }
      if !(60...86400).contains(within) { mapping.fail("automatic_within", "is 1m to 24h") }
      section.automaticWithin = section.automaticWithin.map { _ in within }
    }
    if let caps = mapping.mapping("caps", required: false) {
      if let count = number(caps, "per_address", 1...1000) { section.perAddress = count }
      if let count = number(caps, "per_domain", 1...100_000) { section.perDomain = count }
      caps.finish()
    }
    if let age = seconds(mapping, "give_up_after") {
      if !(600...(30 * 86400)).contains(age) { mapping.fail("give_up_after", "is 10m to 720h") }
      section.giveUpAfter = age
    }
    mapping.finish()
    configuration.acknowledge = section
  }

  private mutating func readRetention(_ mapping: YAMLMapping) {
    var section = Configuration.RetentionSection()
    func period(_ text: String?, _ fail: (String) -> Void) -> RetentionPeriod? {
      guard let text else { return nil }
      let period = RetentionPeriod(text)
      if period == nil { fail("\"\(text)\" is no length of time, such as 90d, 18m or 6y") }
      return period
    }
    func rule(_ key: String) -> RetentionPeriod? {
      period(mapping.text(key, required: false)) { mapping.fail(key, $0) }
    }
    section.rules.closed = rule("closed")
    section.rules.dismissed = rule("dismissed")
    section.rules.notAComplaint = rule("not_a_complaint")
    section.rules.automatic = rule("automatic")
    for (regime, node) in mapping.mapping("by_regime", required: false)?.pairs() ?? [] {
      configuration.references.append((.regime, regime, node.mark?.line))
      section.rules.byRegime[regime] = period(node.scalar?.string ?? "") {
        problems.add(node, "retention.by_regime.\(regime): \($0)")
      }
    }
    section.isDaily = mapping.flag("daily") ?? false
    mapping.finish()
    configuration.retention = section
  }

  // MARK: alarms

  private mutating func readAlarms(_ mapping: YAMLMapping) {
    var section = Configuration.AlarmsSection()
    section.rules.missRate = configuration.triage.aim.missRate
    section.recipients = mapping.list("recipients", required: false).compactMap {
      YAMLMapping($0, problems, path: "alarms.recipients.").flatMap { readRecipient($0) }
    }
    readAlarmServer(mapping, &section)
    readThresholds(mapping, &section)
    if let digest = mapping.mapping("digest", required: false) { section.digest = readDigest(digest) }
    if section.recipients.isEmpty, section.digest == nil {
      mapping.fail(
        "recipients", "name at least one, or nobody is told: - mail: ADDRESS or - webhook: https://…")
    }
    let needsMail =
      section.digest != nil
      || section.recipients.contains {
        if case .mail = $0.way { return true }
        return false
      }
    if needsMail, section.server.isEmpty, configuration.acknowledge == nil {
      mapping.fail("recipients", "mail needs a server: give server: here, or acknowledge:")
    }
    if needsMail, section.address.isEmpty, configuration.acknowledge == nil {
      mapping.fail("recipients", "mail comes from somewhere: give from: here, or acknowledge:")
    }
    mapping.finish()
    configuration.alarms = section
  }

  private func readRecipient(_ mapping: YAMLMapping) -> Configuration.AlarmsSection.Recipient? {
    var recipient: Configuration.AlarmsSection.Recipient?
    switch (mapping.has("mail"), mapping.has("webhook")) {
    case (true, false):
      if let address = mapping.text("mail") {
        checkAlarmAddress(address, mapping, "mail")
        recipient = .init(way: .mail(address))
      }
    case (false, true):
      if let hook = readHook(mapping) {
        let secret = mapping.has("secret") ? self.secret(mapping, "secret") : nil
        recipient = .init(way: .webhook(hook, secret: secret, caFile: file(mapping, "ca_file")))
      }
    default: mapping.fail("mail", "each recipient has mail: ADDRESS or webhook: https://…, one of them")
    }
    for key in ["mail", "webhook", "secret", "ca_file"] { _ = mapping.take(key, required: false) }
    let only = mapping.texts("only", required: false)
    for word in only where !AlarmAudience.words.contains(word) {
      mapping.fail("only", "\"\(word)\" is none of \(AlarmAudience.words.joined(separator: ", "))")
    }
    if mapping.has("only"), only.isEmpty { mapping.fail("only", "names nothing, so that nothing is told") }
    recipient?.only = only
    mapping.finish()
    return recipient
  }

  /// Mail about trouble must not come back as mail to be looked at.
  private func checkAlarmAddress(_ address: String, _ mapping: YAMLMapping, _ key: String) {
    if AddrSpec(address) == nil {
      mapping.fail(key, "\"\(address)\" is no address that mail can go to")
    } else if configuration.organisation.addresses.contains(where: {
      $0.asciiLowercased() == address.asciiLowercased()
    }) {
      mapping.fail(key, "\(address) is a mailbox that is watched; name people, or the team that is on duty")
    }
  }

  /// Most chat services make the address itself the secret, so it may be kept as one.
  private func readHook(_ mapping: YAMLMapping) -> Configuration.AlarmsSection.Hook? {
    guard let node = mapping.take("webhook") else { return nil }
    guard node.scalar != nil else { return secret(mapping, "webhook").map { .secret($0) } }
    guard let address = mapping.text("webhook") else { return nil }
    do {
      _ = try SmallRequest.checkAddress(address)
    } catch {
      mapping.fail("webhook", "\(error.detail)")
    }
    return .address(address)
  }

  private func readAlarmServer(_ mapping: YAMLMapping, _ section: inout Configuration.AlarmsSection) {
    if let from = mapping.mapping("from", required: false) {
      section.name = from.text("name") ?? ""
      section.address = from.text("address") ?? ""
      if !section.address.isEmpty, AddrSpec(section.address) == nil {
        from.fail("address", "\"\(section.address)\" is no address that mail can come from")
      }
      from.finish()
    }
    guard let server = mapping.text("server", required: false) else {
      for key in ["user", "password", "oauth2", "ca_file"] where mapping.has(key) {
        mapping.fail(key, "goes with server:; without one the server of acknowledge: is used")
        _ = mapping.take(key, required: false)
      }
      return
    }
    section.server = server
    var isLoopback = false
    do {
      isLoopback = try ServerAddress(.smtp, url: server).security == .loopbackPlaintext
    } catch {
      mapping.fail(
        "server",
        "\(error.detail); smtps://HOST[:PORT], smtp://HOST[:PORT] with STARTTLS, or smtp+loopback://")
    }
    if mapping.has("user") || !isLoopback {
      section.user = mapping.text("user") ?? ""
      section.login = readLogin(mapping, mechanisms: ["auto", "plain", "login"])
    }
    section.caFile = file(mapping, "ca_file")
  }

  private func readThresholds(_ mapping: YAMLMapping, _ section: inout Configuration.AlarmsSection) {
    func time(
      _ key: String, _ range: ClosedRange<Int>, _ words: String,
      _ field: WritableKeyPath<AlarmSettings, Int64>
    ) {
      guard let seconds = seconds(mapping, key) else { return }
      if !range.contains(seconds) { mapping.fail(key, "is \(words)") }
      section.rules[keyPath: field] = Int64(seconds)
    }
    let day = 86400
    if let seconds = seconds(mapping, "every") {
      if !(1...600).contains(seconds) { mapping.fail("every", "is 1s to 10m") }
      section.every = seconds
    }
    time("begin_after", 0...3600, "0s to 1h", \.beginAfter)
    time("end_after", 0...day, "0s to 24h", \.endAfter)
    time("remind_after", 60...(30 * day), "1m to 720h", \.remindAfter)
    time("refusing_after", 5...day, "5s to 24h", \.refusingAfter)
    section.rules.refusedForGoodAfter = min(section.rules.refusedForGoodAfter, section.rules.refusingAfter)
    time("safety_unopened_after", 60...day, "1m to 24h", \.safetyUnopenedAfter)
    time("executive_unopened_after", 60...(7 * day), "1m to 168h", \.executiveUnopenedAfter)
    time("acknowledgement_near", 600...(7 * day), "10m to 168h", \.acknowledgementNear)
    time("final_near", 600...(60 * day), "10m to 1440h", \.finalNear)
    time("unreviewed_after", 600...(60 * day), "10m to 1440h", \.unreviewedAfter)
    time("outbox_after", 60...(7 * day), "1m to 168h", \.outboxAfter)
    section.rules.outboxPageAfter = max(section.rules.outboxPageAfter, section.rules.outboxAfter)
    for (name, node) in mapping.mapping("silent_after", required: false)?.pairs() ?? [] {
      guard configuration.mailboxes.contains(where: { $0.name == name }) else {
        let names = configuration.mailboxes.map(\.name).joined(separator: ", ")
        problems.add(node, "alarms.silent_after.\(name): there is no such mailbox; there are \(names)")
        continue
      }
      guard let text = node.scalar?.string, let seconds = Self.time(text),
        (600...(90 * day)).contains(seconds)
      else {
        problems.add(node, "alarms.silent_after.\(name): is a time from 10m to 2160h, such as 48h")
        continue
      }
      section.rules.silentAfter[name] = Int64(seconds)
    }
  }

  private func readDigest(_ mapping: YAMLMapping) -> Configuration.DigestSection {
    var digest = Configuration.DigestSection()
    if let text = mapping.text("at", required: false) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      if text.utf8.count == 5, parts.count == 2, let hour = parts[0], let minute = parts[1],
        (0..<24).contains(hour), (0..<60).contains(minute)
      {
        digest.at = hour * 3600 + minute * 60
      } else {
        mapping.fail("at", "\"\(text)\" is no time of the day, such as \"07:30\" (in quotes)")
      }
    }
    if let zone = mapping.text("zone", required: false) { digest.zone = zone }
    do {
      _ = try DeadlineData.zone(digest.zone, in: DeadlineData.zoneinfo)
    } catch {
      mapping.fail("zone", "\(error)")
    }
    digest.to = mapping.texts("to")
    for address in digest.to { checkAlarmAddress(address, mapping, "to") }
    if mapping.has("to"), digest.to.isEmpty { mapping.fail("to", "names nobody") }
    mapping.finish()
    return digest
  }

  private mutating func readTriage(_ mapping: YAMLMapping?) {
    configuration.triage.model = shippedFolder + "triage/shipped.model"
    configuration.triage.labels = shippedFolder + "triage/labels"
    configuration.triage.reader = shippedFolder + "triage/second-reader.encoder"
    guard let mapping else { return }
    if let file = path(mapping, "reader", required: false) { configuration.triage.reader = file }
    if let file = path(mapping, "model", required: false) { configuration.triage.model = file }
    if let folder = path(mapping, "labels", required: false) { configuration.triage.labels = folder }
    func share(_ key: String, _ range: ClosedRange<Double>, _ set: (Double) -> Void) {
      guard let text = mapping.text(key, required: false) else { return }
      guard let value = Double(text), range.contains(value) else {
        return mapping.fail(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
      }
      set(value)
    }
    configuration.triage.memberNumberPatterns = mapping.texts("member_numbers", required: false)
    for pattern in configuration.triage.memberNumberPatterns
    where pattern.utf8.count > 40 || pattern.utf8.count(where: { $0 == 0x23 }) < 3 {
      mapping.fail("member_numbers", "\"\(pattern)\" needs three # (figures) at least and 40 signs at most")
    }
    share("miss_rate", 0.001...0.2) { configuration.triage.aim.missRate = $0 }
    share("confidence", 0.5...0.999) { configuration.triage.aim.confidence = $0 }
    share("false_complaint_rate", 0.001...0.5) { configuration.triage.aim.falseComplaintRate = $0 }
    share("sample", 0...1) { configuration.triage.sample = $0 }
    mapping.finish()
  }

  private mutating func readDeadlines(_ mapping: YAMLMapping) {
    configuration.deadlines.directory = path(mapping, "directory") ?? ""
    configuration.deadlines.standard = regimeList(mapping, "default", path: "deadlines.default")
    for (key, node) in mapping.mapping("by_country", required: false)?.pairs() ?? [] {
      if key.utf8.count != 2 || !key.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
        problems.add(node, "deadlines.by_country.\(key): a country is two capital letters, such as GB")
      }
      configuration.deadlines.byCountry[key] = regimes(
        node.sequence.map(Array.init) ?? [node], "deadlines.by_country.\(key)")
    }
    for (key, node) in mapping.mapping("by_category", required: false)?.pairs() ?? [] {
      configuration.references.append((.category, key, node.mark?.line))
      configuration.deadlines.byCategory[key] = regimes(
        node.sequence.map(Array.init) ?? [node], "deadlines.by_category.\(key)")
    }
    mapping.finish()
  }

  /// The regimes of cases; with none of them a case would have no deadline, and nobody would notice.
  private mutating func regimeList(_ mapping: YAMLMapping, _ key: String, path: String) -> [String] {
    let nodes = mapping.list(key)
    if nodes.isEmpty, mapping.take(key, required: false)?.sequence != nil {
      mapping.fail(key, "names none, so that cases would have no deadline; name one, such as [policy]")
    }
    return regimes(nodes, path)
  }

  private mutating func regimes(_ nodes: [Node], _ path: String) -> [String] {
    nodes.compactMap { node in
      guard let name = node.scalar?.string, !name.isEmpty else {
        problems.add(node, "\(path): must be a list of regimes, such as [policy]")
        return nil
      }
      configuration.references.append((.regime, name, node.mark?.line))
      return name
    }
  }

  private mutating func readLimits(_ mapping: YAMLMapping) {
    if let count = number(mapping, "recorders", 1...64) { configuration.limits.recorders = count }
    if let count = number(mapping, "batch_messages", 1...1000) { configuration.limits.batchMessages = count }
    if let bytes = size(mapping, "batch_bytes") {
      if !(65536...(64 << 20)).contains(bytes) { mapping.fail("batch_bytes", "is 64kB to 64MB") }
      configuration.limits.batchBytes = bytes
    }
    mapping.finish()
  }

  private mutating func readMailbox(_ mapping: YAMLMapping) {
    var mailbox = Configuration.Mailbox()
    mailbox.name = mapping.text("name") ?? ""
    if !mailbox.name.isEmpty, !Configuration.isMailboxName(mailbox.name) {
      mapping.fail(
        "name", "letters, digits, dots, dashes and underscores only, 64 at most, not beginning with a dot")
    }
    mailbox.server = mapping.text("server") ?? ""
    let server = mailbox.server.isEmpty ? nil : server(mapping, mailbox.server)
    mailbox.folder = mapping.text("folder", required: false) ?? "INBOX"
    if MailboxName(mailbox.folder) == nil { mapping.fail("folder", "is no folder's name") }
    mailbox.user = mapping.text("user") ?? ""
    mailbox.caFile = file(mapping, "ca_file")
    if let login = readLogin(mapping, mechanisms: ["auto", "plain", "login", "scram-sha-1", "scram-sha-256"])
    {
      mailbox.login = login
    }
    readChoices(mapping, &mailbox)
    if let country = mapping.text("country", required: false) {
      if country.utf8.count != 2 || !country.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
        mapping.fail("country", "is two capital letters, such as GB")
      }
      mailbox.country = country
    }
    if mapping.has("regimes") {
      mailbox.regimes = regimeList(mapping, "regimes", path: "mailboxes.regimes")
    }
    if let seconds = seconds(mapping, "poll_every") {
      if !(5...86400).contains(seconds) { mapping.fail("poll_every", "is 5s to 24h") }
      mailbox.pollEvery = seconds
    }
    if let idle = mapping.flag("idle") { mailbox.idle = idle }
    if let bytes = size(mapping, "size_limit") {
      if bytes < 65536 { mapping.fail("size_limit", "is 64kB at least") }
      mailbox.sizeLimit = bytes
    }
    mapping.finish()
    for other in configuration.mailboxes where other.name == mailbox.name && !mailbox.name.isEmpty {
      mapping.fail("name", "there are two mailboxes named \(mailbox.name)")
    }
    if let server { refuseSecondWatch(mapping, mailbox, server) }
    configuration.mailboxes.append(mailbox)
  }

  /// Two mailboxes over one folder would settle each other's messages; names of one folder are compared as the
  /// server would: port given or not, host and INBOX in any case (RFC 9051 §5.1).
  private mutating func refuseSecondWatch(
    _ mapping: YAMLMapping, _ mailbox: Configuration.Mailbox, _ server: ServerSettings
  ) {
    let folder = mailbox.folder.lowercased() == "inbox" ? "INBOX" : mailbox.folder
    let place = "\(server.host)\n\(server.port)\n\(mailbox.user)\n\(folder)"
    if let other = watched[place] {
      mapping.fail("folder", "is the same folder of the same user as mailbox \(other)")
    } else {
      watched[place] = mailbox.name
    }
  }

  /// One of password or oauth2, the same for every server.
  private func readLogin(_ mapping: YAMLMapping, mechanisms: [String]) -> Configuration.Login? {
    let mechanism = mapping.choice("mechanism", mechanisms) ?? "auto"
    var login: Configuration.Login?
    switch (mapping.has("password"), mapping.has("oauth2")) {
    case (true, true): mapping.fail("oauth2", "give password or oauth2, not both")
    case (false, false): mapping.fail("password", "is missing: give password (or oauth2)")
    case (true, false):
      if let secret = secret(mapping, "password") { login = .password(secret, mechanism: mechanism) }
    case (false, true):
      if let inner = mapping.mapping("oauth2") { login = .oauth2(readOAuth2(inner)) }
      if mapping.has("mechanism") { mapping.fail("mechanism", "goes with password; oauth2 has its own") }
    }
    _ = mapping.take("password", required: false)
    _ = mapping.take("oauth2", required: false)
    return login
  }

  private func readOAuth2(_ mapping: YAMLMapping) -> Configuration.OAuth2 {
    var oauth2 = Configuration.OAuth2()
    let grant = mapping.choice("grant", Configuration.OAuth2.Grant.allCases.map(\.rawValue), required: true)
    oauth2.grant = grant.flatMap { .init(rawValue: $0) } ?? .refreshToken
    oauth2.mechanism = mapping.choice("mechanism", ["auto", "xoauth2", "oauthbearer"]) ?? "auto"
    oauth2.tokenURL = mapping.text("token_url") ?? ""
    if !oauth2.tokenURL.isEmpty { checkTokenURL(mapping, oauth2.tokenURL) }
    oauth2.clientID = mapping.text("client_id") ?? ""
    if mapping.has("client_secret") { oauth2.clientSecret = secret(mapping, "client_secret") }
    if mapping.has("refresh_token") { oauth2.refreshToken = secret(mapping, "refresh_token") }
    switch oauth2.grant {
    case .refreshToken where !mapping.has("refresh_token"):
      mapping.fail("refresh_token", "is missing; grant refresh_token needs it")
    case .clientCredentials where !mapping.has("client_secret"):
      mapping.fail("client_secret", "is missing; grant client_credentials needs it")
    default: break
    }
    oauth2.scope = mapping.text("scope", required: false)
    oauth2.caFile = file(mapping, "ca_file")
    mapping.finish()
    return oauth2
  }

  private func checkTokenURL(_ mapping: YAMLMapping, _ text: String) {
    guard text.hasPrefix("https://") else { return mapping.fail("token_url", "must begin with https://") }
    let host = text.dropFirst(8).prefix { !"/?#".contains($0) }
    if host.isEmpty { mapping.fail("token_url", "names no host") }
    if host.contains("@") { mapping.fail("token_url", "user and secret have keys of their own") }
  }

  private func readChoices(_ mapping: YAMLMapping, _ mailbox: inout Configuration.Mailbox) {
    switch mapping.text("from", required: false) {
    case nil, "now": mailbox.from = .now
    case "all": mailbox.from = .all
    case let date?:
      if CivilDate(date) == nil { mapping.fail("from", "is now, all, or a date such as 2026-01-31") }
      mailbox.from = .since(date)
    }
    guard let node = mapping.take("after", required: false) else { return }
    if node.scalar?.string == "keep" { return }
    guard let inner = node.mapping, inner.count == 1, let (key, value) = inner.first,
      let text = value.scalar?.string,
      !text.isEmpty
    else { return mapping.fail("after", "is keep, {keyword: $Intake} or {move: Processed}") }
    switch key.scalar?.string {
    case "keyword":
      // RFC 9051 §9: a keyword is an atom.
      let special = Set(Array("(){ %*\"\\]".utf8))
      if !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !special.contains($0) })
        || text.utf8.count > 64
      {
        mapping.fail(
          "after", "a keyword is up to 64 letters, digits and signs without blanks, ( ) { % * \" \\ ]")
      }
      mailbox.after = .keyword(text)
    case "move":
      if MailboxName(text) == nil { mapping.fail("after", "move: is no folder's name") }
      if text == mailbox.folder || (text.lowercased() == "inbox" && mailbox.folder.lowercased() == "inbox") {
        mapping.fail("after", "move: is the very folder that is watched")
      }
      mailbox.after = .move(text)
    default: mapping.fail("after", "is keep, {keyword: $Intake} or {move: Processed}")
    }
  }

  // MARK: values

  private func file(_ mapping: YAMLMapping, _ key: String) -> String? {
    guard let file = path(mapping, key, required: false) else { return nil }
    mustExist(file, mapping, key)
    return file
  }

  /// `{file: …}`, `{credential: NAME}`, `{environment: NAME}` or `{command: [program, argument]}`; never the secret
  /// itself.
  private func secret(_ mapping: YAMLMapping, _ key: String) -> Configuration.SecretSource? {
    let advice = "is {file: PATH}, {credential: NAME}, {environment: NAME} or {command: [PROGRAM, ARGUMENT]}"
    guard let node = mapping.take(key) else { return nil }
    if node.scalar != nil {
      mapping.fail(key, "do not write the secret here: \(advice)")
      return nil
    }
    guard let inner = node.mapping, inner.count == 1, let (kind, value) = inner.first else {
      mapping.fail(key, advice)
      return nil
    }
    switch (kind.scalar?.string, value.scalar?.string) {
    case ("file", let path?) where !path.isEmpty:
      mustExist(resolve(path), mapping, key)
      return .file(resolve(path))
    case ("credential", let name?) where !name.isEmpty:
      // systemd.exec(5): a file's name, and nothing outside the folder has one.
      guard !name.hasPrefix("."), !name.contains("/") else {
        mapping.fail(key, "a credential is named as LoadCredential= names it, without / or a dot before it")
        return nil
      }
      return .credential(name)
    case ("environment", let name?) where !name.isEmpty: return .environment(name)
    case ("command", _):
      let words = value.sequence?.compactMap { $0.scalar?.string } ?? []
      if !words.isEmpty, words.count == value.sequence?.count { return .command(words) }
    default: break
    }
    mapping.fail(key, advice)
    return nil
  }

  private func number(_ mapping: YAMLMapping, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    guard let text = mapping.text(key, required: false) else { return nil }
    if let number = Int(text), range.contains(number) { return number }
    mapping.fail(key, "is a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// Bytes: `500MB`, `64kB`; a thousand twenty-four to the kilo.
  private func size(_ mapping: YAMLMapping, _ key: String) -> Int? {
    guard let text = mapping.text(key, required: false) else { return nil }
    for (suffix, unit) in [("kB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)] where text.hasSuffix(suffix) {
      if let number = Int(text.dropLast(2)), (0...1_000_000).contains(number) { return number * unit }
    }
    mapping.fail(key, "\"\(text)\" is no size, such as 64kB, 25MB or 2GB")
    return nil
  }

  private func seconds(_ mapping: YAMLMapping, _ key: String) -> Int? {
    guard let text = mapping.text(key, required: false) else { return nil }
    if let seconds = Self.time(text) { return seconds }
    mapping.fail(key, "\"\(text)\" is no time, such as 60s, 5m or 1h")
    return nil
  }

  /// Seconds: `60s`, `5m`, `1h`.
  private static func time(_ text: String) -> Int? {
    for (suffix, unit) in [("s", 1), ("m", 60), ("h", 3600)] where text.hasSuffix(suffix) {
      if let number = Int(text.dropLast()), (0...1_000_000).contains(number) { return number * unit }
    }
    return nil
  }

  /// A server's URL as the connection itself will read it.
  private func server(_ mapping: YAMLMapping, _ text: String) -> ServerSettings? {
    do {
      return try ServerSettings(url: text)
    } catch {
      mapping.fail(
        "server",
        "\(error.detail); imaps://HOST[:PORT], imap://HOST[:PORT] with STARTTLS, or imap+loopback://")
      return nil
    }
  }
}
