// What the desk asks of whoever drafts and sends acknowledgements. The desk knows no mail server: the command hands it
// something that does, or nothing.

import Cases
import Deadlines

/// An acknowledgement before it goes.
public struct LetterDraft: Sendable {
  public var to: String
  /// Not to be edited: it carries the case's reference.
  public var subject: String
  public var body: String
  /// What stands against sending it, each with whether a person's word is enough.
  public var objections: [Objection]
  /// What a person should know first.
  public var warnings: [String]

  public struct Objection: Sendable {
    public var words: String
    public var mayBeOverridden: Bool

    public init(words: String, mayBeOverridden: Bool) {
      self.words = words
      self.mayBeOverridden = mayBeOverridden
    }
  }

  public init(to: String, subject: String, body: String, objections: [Objection], warnings: [String]) {
    self.to = to
    self.subject = subject
    self.body = body
    self.objections = objections
    self.warnings = warnings
  }
}

/// Where a case's acknowledgement stands.
public enum LetterStanding: Sendable {
  case none
  case waiting(to: String)
  case beingSent(to: String)
  /// Its text was given to the server and no word came back: a person says.
  case perhapsSent(to: String, since: Instant, messageID: String)
  case sent(to: String, at: Instant, reply: String)
  case failed(reason: String)
  case bounced(reason: String)
}

/// It cannot be done; the words say why and what to do.
public struct LetterRefusal: Error, Sendable {
  public let words: String
  public init(_ words: String) { self.words = words }
}

/// Drafts, queues and settles acknowledgements. Everything here blocks for the disk. All of it throws `EventConflict` when
/// somebody was first and `LetterRefusal` when it may not be.
public protocol Acknowledging: Sendable {
  /// What a person should know of sending as such, such as that no server is configured.
  var remark: String? { get }
  func draft(for current: Case) throws -> LetterDraft
  /// - Parameter isSure: the person's word where `mayBeOverridden`.
  func queue(_ id: CaseID, after: Int, to: String, body: String, isSure: Bool, by: String) throws -> Case
  /// Takes a letter back that still waits.
  func withdraw(_ id: CaseID, after: Int, by: String) throws -> Case
  /// A person's word on a letter that was perhaps sent: it was, or it is to be sent again.
  func settle(_ id: CaseID, wasSent: Bool, after: Int, by: String) throws -> Case
  func standing(of current: Case) throws -> LetterStanding
}
