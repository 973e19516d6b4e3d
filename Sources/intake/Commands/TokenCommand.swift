// token: which programs may use the API.

import ArgumentParser
import Cases
import Deadlines
import Foundation
import Pipeline
import Review

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Which programs may use the desk's JSON API.",
    subcommands: [TokenAddCommand.self, TokenListCommand.self, TokenDisableCommand.self])
}

struct TokenAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a token and print it, once.",
    discussion: "Only its digest is kept: a token that is lost is disabled, and another made.")
  @OptionGroup var options: SharedOptions
  @Argument(help: "Of the program: small letters, digits, . - _") var name: String
  @Option(help: "specialist, lead, operations, auditor or administrator.") var role: Role
  @Option(help: "Only the cases of this mailbox; may be repeated.") var mailbox: [String] = []
  @Option(help: "Worth nothing from this day (2027-01-31) or instant (2027-01-31T12:00:00Z) on.")
  var expires: String?

  func run() async throws {
    var end: Instant?
    if let expires {
      guard let instant = Instant(iso8601: expires) ?? Instant(iso8601: expires + "T00:00:00Z") else {
        throw BadInput("--expires \(expires): write it as 2027-01-31 or 2027-01-31T12:00:00Z")
      }
      end = instant
    }
    let tokens = try TokenStore(try Workplace(options, checkFiles: false).openData())
    print(
      try tokens.add(
        name, role: role, mailboxes: mailbox.isEmpty ? nil : mailbox, expires: end,
        at: Pipeline.Intake.systemNow()))
    StandardError.write("intake: this is shown once; keep it where the program's secrets are")
  }
}

struct TokenListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "All tokens: what they may do, never the tokens themselves.")
  @OptionGroup var options: SharedOptions

  func run() async throws {
    let now = Pipeline.Intake.systemNow()
    var table = Table([
      ("NAME", 40), ("ROLE", 16), ("MAILBOXES", 60), ("CREATED", 20), ("EXPIRES", 20), ("", 10),
    ])
    for token in try TokenStore(try Workplace(options, checkFiles: false).openData()).all() {
      table.add([
        token.name, token.role.rawValue, token.mailboxes?.joined(separator: ", ") ?? "all",
        token.created.description, token.expires?.description ?? "never",
        token.isDisabled ? "disabled" : token.isValid(at: now) ? "" : "expired",
      ])
    }
    for line in table.lines() { print(line) }
  }
}

struct TokenDisableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Let a token in no more, from its next request on.")
  @OptionGroup var options: SharedOptions
  @Argument var name: String
  @Flag(help: "Let it in again.") var undo = false

  func run() async throws {
    try TokenStore(try Workplace(options, checkFiles: false).openData()).setDisabled(name, !undo)
    print("\(name) \(undo ? "works again" : "is disabled")")
  }
}
