// From what the configuration says of alarms to the service that tells people.

import Alarms
import Cases
import Deadlines
import Foundation
import Glibc
import Monitoring
import Outbound
import Pipeline
import Transport

extension Workplace {
  /// Nil where nobody is to be told.
  ///
  /// - Throws: `ConfigurationErrors`.
  func alarmSettings() throws -> AlarmService.Settings? {
    guard let section = configuration.alarms else { return nil }
    var settings = AlarmService.Settings(organisation: configuration.organisation.name)
    settings.rules = section.rules
    settings.rules.origin = configuration.desk?.origin
    settings.every = .seconds(section.every)
    settings.mail = try alarmMail(section)
    settings.recipients = try section.recipients.map { recipient in
      let only = Set(recipient.only)
      switch recipient.way {
      case .mail(let text): return AlarmRecipient(.mail(try address(text)), only: only, name: text)
      case .webhook(let hook, let secret, let caFile):
        let (place, name): (Secret, String) =
          switch hook {
          case .address(let address): (.value(address), address.prefixOfHost)
          case .secret(let source): (Secret(source), source.place)
          }
        let webhook = Webhook(address: place, key: secret.map { Secret($0) }, caFile: caFile)
        return AlarmRecipient(.webhook(webhook), only: only, name: name)
      }
    }
    let times = LocalTimes(zones: deadlineData.zones)
    var zone = configuration.desk?.zone
    if let digest = section.digest {
      let rules = try DeadlineData.zone(digest.zone, in: DeadlineData.zoneinfo)
      settings.digest = DailyDigest(at: digest.at, zone: rules)
      settings.digestTo = try digest.to.map { AlarmRecipient(.mail(try address($0)), name: $0) }
      zone = zone ?? digest.zone
    }
    settings.time = { [zone] in zone == nil ? "\($0)" : "\(times.text($0, zone: zone)) (\($0))" }
    return settings
  }

  private func address(_ text: String) throws -> AddrSpec {
    guard let address = AddrSpec(text) else { throw refuseAlarms("\(text) is no address") }
    return address
  }

  /// The own server, else the one that takes acknowledgements.
  private func alarmMail(_ section: Configuration.AlarmsSection) throws -> AlarmMail? {
    let acknowledge = configuration.acknowledge
    let text = section.address.isEmpty ? acknowledge?.address ?? "" : section.address
    let smtp: SMTPSettings
    if !section.server.isEmpty {
      let server: ServerAddress
      do {
        server = try ServerAddress(.smtp, url: section.server)
      } catch {
        throw refuseAlarms("server: \(error)")
      }
      let credentials = try section.login.map {
        try self.credentials($0, user: section.user, owner: "alarms", refuse: refuseAlarms)
      }
      smtp = SMTPSettings(
        server: server, credentials: credentials, caFile: section.caFile,
        helloDomain: AddrSpec(text)?.domain ?? "localhost")
    } else if let acknowledge {
      smtp = try smtpSettings(acknowledge)
    } else {
      return nil
    }
    let name = section.name.isEmpty ? acknowledge?.name ?? "intake" : section.name
    return AlarmMail(smtp: smtp, name: name, address: try address(text))
  }

  private func refuseAlarms(_ message: String) -> ConfigurationErrors {
    ConfigurationErrors(problems: [
      ConfigurationProblem(file: configuration.path, line: nil, message: "alarms: \(message)")
    ])
  }

  /// Watches the vitals that the collector has gathered last; nil where nobody is to be told.
  func alarmService(
    _ data: DataFolder, index: CaseIndex, collector: VitalsCollector
  ) throws -> AlarmService? {
    guard let settings = try alarmSettings() else { return nil }
    let source = try settings.digest.map { try digestSource(data, index: index, zone: $0.zone) }
    return try AlarmService(
      data, settings: settings, vitals: { collector.current },
      facts: { day in
        try source?.facts(of: day, now: Pipeline.Intake.systemNow()) ?? DigestFacts(day: day)
      }, logger: logger, now: { Pipeline.Intake.systemNow() })
  }

  /// Whether somebody is told, and whether the server lets us in where it is one of its own; nothing is sent.
  func checkAlarms() async -> DoctorFinding? {
    let what = "alarms"
    do {
      guard let settings = try alarmSettings() else {
        return DoctorFinding(
          level: .warn, what: what, detail: "nobody is told when something is wrong",
          advice: "name recipients in alarms:")
      }
      let count = "\(settings.recipients.count) recipients, \(settings.digestTo.count) of the digest"
      if let mail = settings.mail, configuration.alarms?.server.isEmpty == false {
        _ = try await Sender.check(mail.smtp)
      }
      return DoctorFinding(level: .ok, what: what, detail: count)
    } catch {
      return DoctorFinding(level: .fail, what: what, detail: "\(error)", advice: Self.advice(error))
    }
  }
}

/// Counts what a digest says, as the volumes page counts it.
struct DigestSource: Sendable {
  let mail: MailLedgers
  let index: CaseIndex
  /// Whose days they are.
  let days: ReportingDays

  func facts(of day: CivilDate, now: Instant) throws -> DigestFacts {
    let figures = try Figures(
      FigureQuery(range: day...day, period: .day, by: .group), index: index, mail: mail.current(), days: days,
      at: now)
    let total = figures.total
    var facts = DigestFacts(day: day)
    facts.outcomes = total.messages
    facts.groups = total.groups
    let service = total.acknowledgement
    facts.due = service.met + service.late + service.overdue + service.due
    facts.inTime = service.met
    facts.acknowledgement = Vitals.Duty(
      near: figures.now.acknowledgementNear, overdue: figures.now.acknowledgementOverdue)
    facts.final = Vitals.Duty(near: figures.now.finalNear, overdue: figures.now.finalOverdue)
    facts.unreviewed = figures.now.unreviewed
    facts.oldestUnreviewed = figures.now.oldestUnreviewed
    facts.misses = figures.misses
    return facts
  }
}

extension Workplace {
  /// Business days are those of reports; a day begins where the digest's clock stands.
  func digestSource(_ data: DataFolder, index: CaseIndex, zone: ZoneRules) throws -> DigestSource {
    DigestSource(
      mail: try MailLedgers(data), index: index,
      days: ReportingDays(zone: zone, calendar: try reportingDays().calendar))
  }
}

extension Configuration.SecretSource {
  /// Where it is kept, for people.
  fileprivate var place: String {
    switch self {
    case .file(let path): "at file \(path)"
    case .environment(let name): "at environment variable \(name)"
    case .credential(let name): "at credential \(name)"
    case .command(let words): "at command \(words.first ?? "")"
    }
  }
}

extension String {
  /// An address's scheme and host: what follows may be a secret.
  fileprivate var prefixOfHost: String {
    let parts = split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count > 2 ? "\(parts[0])//\(parts[2])" : "webhook"
  }
}
