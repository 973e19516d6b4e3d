// user: who may sign in to the desk.

import ArgumentParser
import Cases
import Foundation
import Glibc
import Review

extension Role: ExpressibleByArgument {}

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Who may sign in to the desk.",
    subcommands: [UserAddCommand.self, UserListCommand.self, UserDisableCommand.self])
}

struct UserAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a user, or give one a new role and password.",
    discussion: "The password is one line on standard input: it is in no argument and no history.")
  @OptionGroup var options: SharedOptions
  @Argument(help: "Small letters, digits, . - _") var name: String
  @Option(help: "specialist, lead, operations, auditor or administrator.") var role: Role
  @Option(help: "Only the cases of this mailbox; may be repeated.") var mailbox: [String] = []

  func run() async throws {
    let data = try Workplace(options, checkFiles: false).openData()
    if isatty(0) == 1 { StandardError.write("Password:") }
    guard let password = readHidden() else { throw BadInput("there was no password on standard input") }
    try UserStore(data).put(
      name: name, role: role, password: password, mailboxes: mailbox.isEmpty ? nil : mailbox)
    print("\(name) may sign in as \(role.rawValue)")
  }

  /// A line from standard input; a terminal does not show it.
  private func readHidden() -> String? {
    var before = termios()
    let isTerminal = tcgetattr(0, &before) == 0
    if isTerminal {
      var hidden = before
      hidden.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(0, TCSANOW, &hidden)
    }
    defer { if isTerminal { tcsetattr(0, TCSANOW, &before) } }
    return readLine()
  }
}

struct UserListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "All users and their roles.")
  @OptionGroup var options: SharedOptions

  func run() async throws {
    let data = try Workplace(options, checkFiles: false).openData()
    var table = Table([("NAME", 100), ("ROLE", 16), ("MAILBOXES", 60), ("", 10)])
    for user in try UserStore(data).all() {
      table.add([
        user.name, user.role.rawValue, user.mailboxes?.joined(separator: ", ") ?? "all",
        user.isDisabled ? "disabled" : "",
      ])
    }
    for line in table.lines() { print(line) }
  }
}

struct UserDisableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Sign a user out and let them in no more; what they did stays.")
  @OptionGroup var options: SharedOptions
  @Argument var name: String
  @Flag(help: "Let them in again.") var undo = false

  func run() async throws {
    try UserStore(try Workplace(options, checkFiles: false).openData()).setDisabled(name, !undo)
    print("\(name) \(undo ? "may sign in again" : "is disabled")")
  }
}
