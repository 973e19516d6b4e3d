// From what the configuration says of acknowledgements to what drafts, queues and sends them.

import Cases
import Deadlines
import Foundation
import Logging
import Outbound
import Pipeline
import Review
import Transport

extension Workplace {
  /// Drafts and queues; nothing here needs the mail server. Without `acknowledge:` letters come from the first of the
  /// organisation's addresses, so that a draft can be looked at before anything is set up.
  ///
  /// - Throws: `ConfigurationErrors`; `TemplateError`.
  func acknowledger(_ data: DataFolder, index: CaseIndex) throws -> Acknowledger {
    var section = Configuration.AcknowledgeSection()
    section.name = configuration.organisation.name
    section.address = configuration.organisation.addresses.first ?? ""
    section.handler = "The complaints team of \(configuration.organisation.name)"
    section.templates = configuration.templates
    section = configuration.acknowledge ?? section
    guard let address = AddrSpec(section.address) else {
      throw refuse("acknowledge: from: \(section.address) is no address that mail can come from")
    }
    var settings = Acknowledger.Settings(
      letterhead: Letterhead(
        organisation: configuration.organisation.name, name: section.name, address: address,
        handler: section.handler))
    settings.caps = RecipientCaps(perAddress: section.perAddress, perDomain: section.perDomain)
    settings.automaticWithin = section.automaticWithin.map(Int64.init)
    let organisation = organisation
    let own = address.text.asciiLowercased()
    let deadlines = configuration.deadlines
    return Acknowledger(
      data, index: index, settings: settings,
      templates: try AcknowledgementTemplates(folder: section.templates), zones: deadlineData.zones,
      isOurs: { $0 == own || organisation.isOurs($0) },
      regimes: { current in
        // The most particular first: a rule of the member's country or of the subject says more than our own policy.
        let ofCase = Set(current.deadlines.all.map(\.regime))
        let category = current.category
        let group = String(category.prefix { $0 != "." })
        let particular =
          (deadlines.byCategory[category] ?? []) + (deadlines.byCategory[group] ?? [])
          + (deadlines.byCountry[current.recorded.country ?? ""] ?? [])
        return (particular + deadlines.standard.reversed() + ofCase.sorted()).filter { ofCase.contains($0) }
      }, now: { Pipeline.Intake.systemNow() })
  }

  /// How the server is reached.
  func smtpSettings(_ section: Configuration.AcknowledgeSection) throws -> SMTPSettings {
    let server: ServerAddress
    do {
      server = try ServerAddress(.smtp, url: section.server)
    } catch {
      throw refuse("acknowledge: server: \(error)")
    }
    let credentials = try section.login.map {
      try self.credentials($0, user: section.user, owner: "acknowledge", refuse: refuse)
    }
    return SMTPSettings(
      server: server, credentials: credentials, caFile: section.caFile,
      helloDomain: AddrSpec(section.address)?.domain ?? "localhost")
  }

  func sender(
    _ data: DataFolder, index: CaseIndex, _ section: Configuration.AcknowledgeSection
  ) throws -> Sender {
    var settings = Sender.Settings(smtp: try smtpSettings(section))
    settings.giveUpAfter = Int64(section.giveUpAfter)
    return Sender(
      data, index: index, settings: settings, logger: logger, now: { Pipeline.Intake.systemNow() })
  }

  /// Signs in to the server that takes acknowledgements; nothing is sent.
  func checkAcknowledgements() async -> DoctorFinding? {
    guard let section = configuration.acknowledge else { return nil }
    let what = "acknowledge \(section.server)"
    do {
      let templates = try AcknowledgementTemplates(folder: section.templates)
      let hasSignedIn = try await Sender.check(try smtpSettings(section))
      let detail = "\(templates.names.count) templates, \(hasSignedIn ? "signed in" : "no login")"
      if !hasSignedIn, section.login != nil {
        return DoctorFinding(
          level: .warn, what: what, detail: "the server offers no login",
          advice: "check server: and its port; submission is 587 or 465")
      }
      return DoctorFinding(level: .ok, what: what, detail: detail)
    } catch {
      return DoctorFinding(level: .fail, what: what, detail: "\(error)", advice: Self.advice(error))
    }
  }

  private func refuse(_ message: String) -> ConfigurationErrors {
    ConfigurationErrors(problems: [
      ConfigurationProblem(file: configuration.path, line: nil, message: message)
    ])
  }
}

extension Acknowledger {
  /// Acknowledges what a pass has just recorded, where configuration says so; what it may not stays in front of people.
  /// On a thread of its own, since it waits for the disk.
  func acknowledge(_ settled: [SettledMessage], logger: Logger, onQueued: @escaping @Sendable () -> Void) {
    let ids = settled.filter { $0.outcome == .case }.compactMap(\.caseID)
    guard settings.automaticWithin != nil, !ids.isEmpty else { return }
    Transport.Thread.start {
      for id in ids {
        do {
          if let refusal = try self.acknowledgeAutomatically(id) {
            logger.info(
              "left to a person", metadata: ["case": "\(id.reference)", "why": "\(Self.forLog(refusal))"])
          }
        } catch {
          logger.error(
            "not acknowledged", metadata: ["case": "\(id.reference)", "error": "\(Self.forLog(error))"])
        }
      }
      onQueued()
    }
  }

  /// What stands against a letter may name whom it would have gone to.
  private static func forLog(_ reason: Any) -> String {
    ServerText.withoutAddresses("\(reason)", limit: LogLimits.value)
  }

  /// The same for what came in shortly before the start.
  func acknowledgeRecent(logger: Logger) {
    guard settings.automaticWithin != nil else { return }
    Transport.Thread.start {
      do {
        try self.acknowledgeRecent()
      } catch {
        logger.error(
          "recent cases were not looked at for acknowledgement", metadata: ["error": "\(Self.forLog(error))"])
      }
    }
  }
}

/// The desk's letters, by the acknowledger.
struct DeskLetters: Acknowledging {
  let acknowledger: Acknowledger
  /// Why nothing is sent, where nothing is.
  let remark: String?
  /// Called when something waits to be sent.
  let onQueued: @Sendable () -> Void

  func draft(for current: Case) throws -> LetterDraft {
    let draft = try acknowledger.draft(for: current)
    return LetterDraft(
      to: draft.to, subject: draft.subject, body: draft.body,
      objections: draft.refusals.map {
        .init(words: $0.description.capitalizedFirst, mayBeOverridden: $0.mayBeOverridden)
      }, warnings: draft.warnings.map(\.capitalizedFirst))
  }

  func queue(_ id: CaseID, after: Int, to: String, body: String, isSure: Bool, by: String) throws -> Case {
    let updated = try inWords {
      try acknowledger.queue(id, after: after, to: to, body: body, isSure: isSure, by: by)
    }
    onQueued()
    return updated
  }

  func withdraw(_ id: CaseID, after: Int, by: String) throws -> Case {
    try inWords { try acknowledger.withdraw(id, after: after, by: by) }
  }

  func settle(_ id: CaseID, wasSent: Bool, after: Int, by: String) throws -> Case {
    let updated = try inWords { try acknowledger.settle(id, wasSent: wasSent, after: after, by: by) }
    onQueued()
    return updated
  }

  func standing(of current: Case) throws -> LetterStanding {
    switch try acknowledger.standing(of: current) {
    case .none: .none
    case .waiting(let facts): .waiting(to: facts.to)
    case .beingSent(let facts): .beingSent(to: facts.to)
    case .perhapsSent(let facts, let since):
      .perhapsSent(to: facts.to, since: since, messageID: facts.messageID)
    case .sent(let proof): .sent(to: proof.to, at: proof.sentAt, reply: proof.serverReply)
    case .failed(let reason): .failed(reason: reason)
    case .bounced(let reason): .bounced(reason: reason)
    }
  }

  private func inWords<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch let refusal as AcknowledgementRefusal {
      throw LetterRefusal(refusal.description)
    } catch let refusal as MessageRefusal {
      throw LetterRefusal(refusal.description)
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
