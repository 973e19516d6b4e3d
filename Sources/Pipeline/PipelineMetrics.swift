// The metrics of taking mail in: messages by outcome, passes, failures, and how long a message took to become a record.

import Cases
import Metering
import Transport

/// Metrics of the pipeline.
public enum PipelineMetrics {
  static let messages = Metric(
    "intake_messages_total", .counter, "Messages that were given an outcome.",
    labels: [.mailbox, .init("outcome", Outcome.allCases.map(\.rawValue))])

  /// A pass with nothing new is one round trip; one that drains a backlog may take an hour.
  static let passDuration = Metric(
    "intake_pass_duration_seconds", .histogram([0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]),
    "How long passes over a mailbox that succeeded took.", labels: [.mailbox])

  /// The promise is seconds; the receipt is in whole seconds, so nothing is told below one. A minute is a server without
  /// IDLE, a quarter of an hour an outage that nobody need hear of, a day a weekend's.
  static let messageToRecord = Metric(
    "intake_message_to_record_seconds", .histogram([1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400]),
    "From the mail server's receipt of a message to its outcome on disk.", labels: [.mailbox])

  static let failures = Metric(
    "intake_pass_failures_total", .counter, "Passes over a mailbox that failed, by named trouble.",
    labels: [.mailbox, .trouble])

  static let anomalies = Metric(
    "intake_anomalies_total", .counter, "What a server showed or did that was not as it should be.",
    labels: [.mailbox])

  static let bounces = Metric(
    "intake_bounces_total", .counter, "Acknowledgements of ours that came back: the duty stands again.")

  public static let all = [messages, passDuration, messageToRecord, failures, anomalies, bounces]

  /// What a mailbox's trouble can be: the server's, and ours.
  public static let troubles =
    MailServerError.alarms
    + [PollError.lowDisk, "poll-failed"].filter {
      !MailServerError.alarms.contains($0)
    }

  /// Makes every series known at 0, so that the first increase of each is seen.
  public static func begin(mailboxes: [String]) {
    for mailbox in mailboxes {
      for outcome in Outcome.allCases { messages.add(0, mailbox, outcome.rawValue) }
      for trouble in troubles { failures.add(0, mailbox, trouble) }
      anomalies.add(0, mailbox)
      passDuration.begin(mailbox)
      messageToRecord.begin(mailbox)
    }
    bounces.add(0)
  }
}
