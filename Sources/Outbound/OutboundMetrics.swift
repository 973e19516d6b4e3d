// The metrics of letters: what became of each attempt to send one.

import Metering
import Transport

/// Metrics of what is sent.
public enum OutboundMetrics {
  /// How an attempt, or a letter, ended.
  enum Result: String, CaseIterable {
    /// The server has it.
    case sent
    /// It will be tried again.
    case postponed
    /// Given to a server that never answered: a person says whether it was sent.
    case perhapsSent = "perhaps_sent"
    /// Refused or given up: a person looks at the case again.
    case failed
  }

  static let letters = Metric(
    "intake_letters_total", .counter, "Attempts to send an acknowledgement, by how they ended.",
    labels: [.init("result", Result.allCases.map(\.rawValue))])

  static let failures = Metric(
    "intake_smtp_failures_total", .counter, "Attempts that the server, or the way to it, made fail.",
    labels: [.init("trouble", MailServerError.alarms)])

  public static let all = [letters, failures]

  public static func begin() {
    for result in Result.allCases { letters.add(0, result.rawValue) }
    for trouble in MailServerError.alarms { failures.add(0, trouble) }
  }

  static func count(_ result: Result) { letters.add(1, result.rawValue) }
}
