// Builds the parts from the configuration: the one place where modules meet.

import Cases
import Deadlines
import Foundation
import IMAP
import Logging
import Monitoring
import Pipeline
import Review
import Transport
import Triage

/// What a subcommand works with.
struct Workplace {
  let options: SharedOptions
  let configuration: Configuration
  let deadlineData: DeadlineData
  let taxonomy: Taxonomy
  let log: LogForm
  let logger: Logger

  /// Reads the configuration and everything that it names, and checks it whole.
  ///
  /// - Throws: every problem at once, each with its file and line.
  init(_ options: SharedOptions, checkFiles: Bool = true) throws {
    let path = options.config ?? Places().configuration
    try self.init(options, configuration: Configuration.load(path: path, checkFiles: checkFiles))
  }

  init(_ options: SharedOptions, configuration: Configuration) throws {
    self.options = options
    self.configuration = configuration
    log = LogForm(options.log ?? configuration.log ?? .auto)
    logger = log.logger(verbose: options.verbose)
    deadlineData = try DeadlineData.load(directory: configuration.deadlines.directory)
    taxonomy = try TaxonomyData.load(path: configuration.taxonomy)
    let problems = configuration.validate(
      regimeIDs: Set(deadlineData.regimes.keys), categoryIDs: Set(taxonomy.leaves.map(\.id)))
    if !problems.isEmpty { throw ConfigurationProblems(problems: problems) }
  }

  var dataPath: String { options.data ?? configuration.data }

  func openData() throws -> DataFolder { try DataFolder(dataPath) }

  var organisation: Organisation {
    Organisation(
      name: configuration.organisation.name,
      domains: Set(configuration.organisation.domains.map { $0.asciiLowercased() }),
      addresses: Set(configuration.organisation.addresses.map { $0.asciiLowercased() }))
  }

  /// The models, trained and shipped.
  var models: ModelStore { ModelStore(dataPath: dataPath, shippedPath: configuration.triage.model) }

  /// - Parameter model: a model's name or a file; the one in force where nil.
  func judge(_ model: String? = nil) throws -> Judge {
    let trained: TriageModel
    if let model, model.contains("/") {
      trained = try ModelStore(dataPath: dataPath, shippedPath: model).read(ModelStore.shippedName)
    } else {
      trained = try model.map { try models.read($0) } ?? models.current()
    }
    return Judge(
      taxonomy: taxonomy, settings: triageSettings, model: trained, reader: try reader(for: trained))
  }

  /// The encoder that a model was fitted with.
  ///
  /// - Throws: where it is missing or another: a model that quietly judged by half would miss what it promised.
  private func reader(for model: TriageModel) throws -> SecondReader? {
    guard let digest = model.readerDigest else { return nil }
    let path = configuration.triage.reader
    guard let reader = try secondReader() else {
      throw BadInput("\(path): there is no such encoder, and model \(model.name) needs one (\(digest))")
    }
    guard reader.digest == digest else {
      throw BadInput("\(path): is encoder \(reader.digest); model \(model.name) was fitted with \(digest)")
    }
    return reader
  }

  /// The shipped encoder; nil where there is none.
  func secondReader() throws -> SecondReader? {
    let path = configuration.triage.reader
    guard let bytes = try DurableFile.read(path, limit: SecondReader.largestFile) else { return nil }
    do {
      return try SecondReader(bytes)
    } catch {
      throw BadInput("\(path): \(error)")
    }
  }

  var triageSettings: TriageSettings {
    TriageSettings(
      organisationNames: [configuration.organisation.name] + configuration.organisation.otherNames,
      organisationDomains: configuration.organisation.domains,
      memberNumberPatterns: configuration.triage.memberNumberPatterns)
  }

  var rules: RegimeRules {
    RegimeRules(
      regimes: deadlineData.regimes, calendars: deadlineData.calendars, zones: deadlineData.zones,
      standard: configuration.deadlines.standard, byCountry: configuration.deadlines.byCountry,
      byCategory: configuration.deadlines.byCategory,
      byMailbox: Dictionary(
        configuration.mailboxes.compactMap { mailbox in mailbox.regimes.map { (mailbox.name, $0) } },
        uniquingKeysWith: { first, _ in first }))
  }

  /// Whose days count in reports.
  ///
  /// - Throws: `BadInput` where the configuration names a calendar or zone that is not there.
  func reportingDays() throws -> ReportingDays {
    let section = configuration.reporting
    guard let calendar = deadlineData.calendars[section.calendar] else {
      throw BadInput(
        "\(configuration.path): reporting.calendar: there is no calendar \(section.calendar); there are "
          + deadlineData.calendars.keys.sorted().joined(separator: ", "))
    }
    return ReportingDays(
      zone: try deadlineData.zones[section.zone]
        ?? DeadlineData.zone(section.zone, in: "/usr/share/zoneinfo"), calendar: calendar)
  }

  var limits: PipelineLimits {
    var limits = PipelineLimits()
    limits.recorders = configuration.limits.recorders
    limits.batchMessages = configuration.limits.batchMessages
    limits.batchBytes = configuration.limits.batchBytes
    limits.lowDisk = UInt64(configuration.lowDisk)
    return limits
  }

  /// Single sign-on as the configuration has it.
  var openID: OpenIDSettings? {
    guard let section = configuration.desk?.openID else { return nil }
    let secret = section.clientSecret.map { Secret($0) }
    var settings = OpenIDSettings(
      issuer: section.issuer, clientID: section.clientID, rolesClaim: section.rolesClaim,
      roles: section.roles,
      nameClaim: section.nameClaim
    ) { asked in
      var request = SmallRequest(asked.url, timeout: .seconds(asked.seconds), limit: asked.limit)
      request.caFile = section.caFile
      request.form = asked.form
      switch (asked.authentication, secret) {
      case (.none, _), (_, nil): break
      case (.basic, let secret?):
        request.user = section.clientID
        request.password = secret
      case (.body, let secret?): request.form?.append(("client_secret", try secret.read()))
      }
      let reply = try request.perform()
      return OpenIDReply(status: reply.status, body: reply.body)
    }
    if let scope = section.scope { settings.scope = scope }
    return settings
  }

  /// The desk's server over the same index as the pipeline's.
  func makeDesk(
    _ data: DataFolder, index: CaseIndex, _ settings: DeskSettings, letters: (any Acknowledging)?
  ) throws -> ReviewServer {
    let desk = try Desk(
      data, index: index, settings: settings, taxonomy: taxonomy,
      times: LocalTimes(zones: deadlineData.zones),
      rules: rules, reporting: reportingDays(),
      returns: ReturnData.load(directory: configuration.deadlines.directory), causes: causes,
      closing: configuration.closing, letters: letters,
      now: { Pipeline.Intake.systemNow() })
    return try ReviewServer(desk, logger: logger)
  }

  /// The pipeline over a data folder, once what an earlier process left of erasures is finished.
  func makeIntake(_ data: DataFolder) throws -> Pipeline.Intake {
    let intake = try Pipeline.Intake(
      data: data, organisation: organisation, rules: rules, judge: judge(), limits: limits,
      checkShare: configuration.triage.sample, logger: logger)
    let finished = try Erasure(data, index: intake.index, deletions: intake.deletions).finishAll(
      at: intake.currentTime)
    if !finished.isEmpty { logger.notice("erasures finished", metadata: ["cases": "\(finished.count)"]) }
    return intake
  }
}
