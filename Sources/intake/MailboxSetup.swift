// From what the configuration says of a mailbox to what the poller takes.

import Cases
import Deadlines
import Foundation
import IMAP
import Logging
import Pipeline
import Transport

extension Workplace {
  /// The mailboxes to watch.
  ///
  /// - Throws: `ConfigurationErrors` where a value is well-formed but cannot be used.
  func mailboxes() throws -> [MailboxSettings] { try configuration.mailboxes.map { try settings(for: $0) } }

  func settings(for mailbox: Configuration.Mailbox) throws -> MailboxSettings {
    func refuse(_ message: String) -> ConfigurationErrors {
      ConfigurationErrors(problems: [
        ConfigurationProblem(
          file: configuration.path, line: nil, message: "mailbox \(mailbox.name): \(message)")
      ])
    }
    var server: ServerSettings
    do {
      server = try ServerSettings(url: mailbox.server)
    } catch {
      throw refuse("\(error)")
    }
    server.caFile = mailbox.caFile
    guard let folder = MailboxName(mailbox.folder) else {
      throw refuse("folder: \(mailbox.folder) is no folder's name")
    }
    let after: AfterRecording
    switch mailbox.after {
    case .keep: after = .keep
    case .keyword(let keyword): after = .keyword(keyword)
    case .move(let target):
      guard let name = MailboxName(target) else { throw refuse("after: \(target) is no folder's name") }
      after = .move(name)
    }
    let from: FirstRun
    switch mailbox.from {
    case .now: from = .now
    case .all: from = .all
    case .since(let text):
      guard let date = CivilDate(text) else { throw refuse("from: \(text) is no date") }
      from = .since(date)
    }
    return MailboxSettings(
      rules: MailboxRules(name: mailbox.name, country: mailbox.country, regimes: mailbox.regimes),
      server: server,
      credentials: try credentials(
        mailbox.login, user: mailbox.user, owner: "mailbox \(mailbox.name)", refuse: refuse), folder: folder,
      from: from, after: after,
      pollEvery: mailbox.pollEvery, idle: mailbox.idle, sizeLimit: mailbox.sizeLimit)
  }

  /// - Parameter owner: whose login it is, for the log.
  func credentials(
    _ login: Configuration.Login, user: String, owner: String, refuse: (String) -> ConfigurationErrors
  ) throws -> Credentials {
    switch login {
    case .password(let source, let mechanism):
      let mechanisms: [String: PasswordMechanism] = [
        "plain": .plain, "login": .login, "scram-sha-1": .scramSHA1, "scram-sha-256": .scramSHA256,
      ]
      return .password(user: user, secret: Secret(source), mechanism: mechanisms[mechanism] ?? .auto)
    case .oauth2(let oauth2):
      let grant: OAuthSettings.Grant
      switch oauth2.grant {
      case .refreshToken:
        guard let token = oauth2.refreshToken else { throw refuse("oauth2: refresh_token is missing") }
        grant = .refreshToken(Secret(token))
      case .clientCredentials: grant = .clientCredentials
      }
      let settings = OAuthSettings(
        grant: grant, tokenURL: oauth2.tokenURL, clientID: oauth2.clientID,
        clientSecret: oauth2.clientSecret.map { Secret($0) }, scope: oauth2.scope, caFile: oauth2.caFile)
      let tokens = TokenSource(settings, logger: logger) { [logger] token in
        Self.keep(refreshToken: token, source: oauth2.refreshToken, owner: owner, logger: logger)
      }
      return .oauth2(
        user: user, mechanism: TokenMechanism(rawValue: oauth2.mechanism) ?? .auto, tokens: tokens)
    }
  }

  /// Keeps a refresh token that the endpoint replaced (RFC 6749 §6): the old one may be worthless at the next start.
  private static func keep(
    refreshToken token: String, source: Configuration.SecretSource?, owner: String, logger: Logger
  ) {
    guard case .file(let path)? = source else {
      logger.error(
        "oauth-token-rotated: the endpoint replaced the refresh token, and only one from a file can be kept",
        metadata: ["login": "\(owner)"])
      return
    }
    do {
      try DurableFile.replace(path, Array((token + "\n").utf8), through: "\(path).new-\(getpid())")
    } catch {
      logger.error(
        "oauth-token-rotated: the new refresh token was not kept",
        metadata: ["login": "\(owner)", "error": "\(error)"])
    }
  }
}

extension Secret {
  init(_ source: Configuration.SecretSource) {
    switch source {
    case .file(let path): self = .file(path)
    case .credential(let name): self = .credential(name)
    case .environment(let name): self = .environment(name)
    case .command(let words): self = .command(words)
    }
  }
}
