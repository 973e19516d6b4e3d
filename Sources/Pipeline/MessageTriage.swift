// A verdict on bytes alone, for `intake triage`: the same screening and judging as the pipeline's, recording
// nothing.

import Cases
import Deadlines
import MIME
import Triage

/// Judges messages without recording them.
public struct MessageTriage: Sendable {
  /// What the pipeline would make of the message by itself; follow-ups and duplicates need the cases.
  public struct Result: Sendable {
    /// `complaint`, `possible`, `not-a-complaint` or `automatic`.
    public let outcome: String
    /// What shows it to be automatic, where it is.
    public let automatic: String?
    public let verdict: Verdict
  }

  /// Reads messages as judging sees them.
  public struct Reader: Sendable {
    private let organisation: Organisation

    public init(organisation: Organisation) { self.organisation = organisation }

    public func input(_ bytes: [UInt8]) -> TriageInput {
      Assessor.input(Message(parsing: MessageBytes(bytes)), organisation)
    }
  }

  private let assessor: Assessor

  public init(organisation: Organisation, judge: Judge) {
    assessor = Assessor(organisation: organisation, judge: judge)
  }

  public func triage(_ bytes: [UInt8]) -> Result {
    let message = Message(parsing: MessageBytes(bytes))
    let verdict = assessor.verdict(message)
    let outcome: String
    if let automatic = message.automatic {
      let isPassedOver = !Assessor.mayHoldComplaint(automatic) || verdict.band == .notAComplaint
      outcome = isPassedOver ? "automatic" : Band.possible.rawValue
    } else {
      outcome = verdict.band.rawValue
    }
    return Result(
      outcome: outcome, automatic: message.automatic.map { "\($0.kind.rawValue): \($0.header)" },
      verdict: verdict)
  }
}
