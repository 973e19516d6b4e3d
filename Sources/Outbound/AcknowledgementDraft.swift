// What an acknowledgement of a case would be, before a person or the configuration says that it goes.

import Cases
import Deadlines
import Triage

/// An acknowledgement as it would be sent.
public struct AcknowledgementDraft: Sendable {
  /// As found in the case; a person may change it.
  public var to: String
  public var subject: String
  public var body: String
  public var language: String
  /// The template's name, `uk-disp.en`.
  public var template: String
  /// What stands against sending it.
  public var refusals: [RecipientRefusal]
  /// What a person should know first, in words.
  public var warnings: [String]
}

/// Who acknowledges: what every letter says of us.
public struct Letterhead: Sendable {
  public var organisation: String
  /// The mailbox that answers go to, and its name.
  public var name: String
  public var address: AddrSpec
  /// Who handles the complaint, as the letter says it.
  public var handler: String

  public init(organisation: String, name: String, address: AddrSpec, handler: String) {
    self.organisation = organisation
    self.name = name
    self.address = address
    self.handler = handler
  }
}

extension AcknowledgementTemplates {
  /// The draft's text for a case; whom it may go to is `RecipientPolicy`'s.
  ///
  /// - Parameters:
  ///   - regimes: those of the case, the most particular first.
  ///   - zones: for the day of receipt as the regime's clock has it.
  func draft(
    _ current: Case, regimes: [String], letterhead: Letterhead, zones: [String: ZoneRules], now: Instant
  ) -> AcknowledgementDraft {
    let told = current.recorded.verdict?.language ?? "und"
    let spoken = told == "und" ? Self.standardLanguage : told
    let name = name(regimes: regimes, language: spoken)
    let language = String(name.split(separator: ".").last ?? "en")
    let regime = String(name.split(separator: ".").first ?? "")
    let dues = current.deadlines
    // The letter gives the date that counts: of all regimes' the earliest.
    let final = dues[.final]
    let zone = dues[.acknowledge]?.zone ?? final?.zone
    let received = zone.flatMap { zones[$0] }?.local(current.receivedAt).date ?? current.receivedAt.utcDate
    let update = dues.all.filter { $0.kind == .update && $0.regime == regime }.min { $0.end < $1.end }
    let body = render(
      name,
      [
        "organisation": letterhead.organisation, "reference": current.reference.description,
        "received": LetterDate.text(received, language: language), "handler": letterhead.handler,
        "mailbox": letterhead.address.text,
        "final": final.map { LetterDate.text($0.date, language: language) },
        "basis": final.map { $0.rule }, "update": update.map { LetterDate.text($0.date, language: language) },
      ])
    var warnings = dues.warnings
    if final == nil { warnings.append("no date for the final response is known, so the letter names none") }
    if spoken != language {
      warnings.append("the message is in another language (\(spoken)) than the letter (\(language))")
    }
    if let due = dues[.acknowledge], due.end <= now {
      warnings.append("the acknowledgement was due \(due.dueText): it is late")
    }
    let replyTo = current.recorded.message.replyTo.map(\.address)
    let to = current.complainant.address ?? ""
    if let other = replyTo.first(where: { lowered($0.utf8) != lowered(to.utf8) }) {
      warnings.append(
        "the message asks for answers to \(PlainText.line(other)); the letter goes to its sender")
    }
    let subject = Self.subjects[language] ?? Self.subjects["en"] ?? ""
    return AcknowledgementDraft(
      to: to, subject: "[\(current.reference)] \(subject)", body: body, language: language, template: name,
      refusals: [], warnings: warnings)
  }

  /// Never the sender's own subject: an answer that repeats what it is sent can be made to say anything.
  private static let subjects = [
    "en": "We have received your complaint", "fr": "Nous avons reçu votre réclamation",
    "af": "Ons het u klagte ontvang",
  ]
}
