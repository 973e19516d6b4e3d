// Who is reproached, what is passed on, what cannot be judged, and what goes with a verdict.

import Foundation
import MIME
import Testing

@testable import Triage

@Suite struct JudgeTests {
  private let judge: Judge
  /// Compiling the tables takes longer than most tests.
  private static let shared = Result { try ShippedTaxonomy.ruleJudge() }

  init() throws { judge = try Self.shared.get() }

  private func verdict(_ text: String, subject: String = "", attachments: [String] = []) -> Verdict {
    let regions = MIME.regions(of: text, isForward: subject.hasPrefix("Fwd:") || subject.hasPrefix("FW:"))
    return judge.judge(
      TriageInput(subject: subject, text: text, regions: regions, attachmentNames: attachments))
  }

  /// The same words about the organisation and about somebody else.
  @Test(arguments: [
    (
      "your team ignored me and the adviser was rude", "the patient says the nurses ignored her and were rude"
    ),
    (
      "I want to make a formal complaint about your service", "a patient has made a formal complaint about me"
    ),
    ("You failed to reply to my letters", "He alleges that I failed to reply to his letters"),
    (
      "Nobody at your office has called me back for weeks", "The family say nobody called them back for weeks"
    ),
  ])
  func objectDecides(_ ours: String, _ theirs: String) {
    let first = verdict(ours + ". My membership number is 440112.")
    let second = verdict(theirs + ". My membership number is 440112. Please advise how I should respond.")
    #expect(first.band != .notAComplaint, "\(first.reason)")
    #expect(second.band == .notAComplaint, "\(second.reason)")
    #expect(first.probability > second.probability)
  }

  /// What a sender declares reaches a person whatever the models say; what somebody else declares does not.
  @Test(arguments: [
    ("Five emails, no reply to any of them. Please log a formal complaint.", true),
    ("I wish to make a formal complaint about the delay.", true),
    ("The workshop was an hour late. I am making a formal complaint.", true),
    ("A patient wrote: \"I wish to make a formal complaint about the delay.\" What should I reply?", false),
    ("Please send me my certificate for the year.", false),
  ])
  func aDeclaredComplaintReachesAPerson(_ text: String, _ isDeclared: Bool) throws {
    let settings = TriageSettings(
      organisationNames: ["Meridian Medical Protection"], organisationDomains: ["meridian-mutual.example"])
    let book = CueBook(taxonomy: try ShippedTaxonomy.load(), settings: settings)
    var reading = Reading(
      TriageInput(subject: "", text: text, regions: MIME.regions(of: text, isForward: false)), book, settings)
    let doubt = reading.doubt("en")
    #expect((doubt?.hasPrefix("says that it complains") ?? false) == isDeclared, "\(doubt ?? "no doubt")")
    if isDeclared { #expect(verdict(text).band != .notAComplaint) }
  }

  @Test(arguments: [
    "This is unacceptable.", "Complaint.", "ombudsman", "appalling",
    "No complaints at all, thank you for your help.",
    "Our complaints policy is attached for your records.",
  ])
  func noKeywordMakesACase(_ text: String) { #expect(verdict(text).band != .complaint) }

  private let letter = """
    From: Karen Dossett <kd@post.example>
    Sent: 3 August 2026 17:42
    To: Meridian Medical Protection
    Subject: my membership

    I am disgusted with your service. You have ignored four emails and your adviser was rude to me. I want an
    apology and I shall go to the ombudsman.
    """

  @Test func forwardByStaffIsJudged() {
    let text = "FYI, please deal.\n\n-----Original Message-----\n" + letter
    let regions = MIME.regions(of: text, isForward: true)
    let byStaff = judge.judge(
      TriageInput(subject: "FW: my membership", text: text, regions: regions, isStaffForward: true))
    #expect(byStaff.band == .complaint)
    #expect(byStaff.flags.contains { $0.kind == .threatOmbudsman })
    let bare = judge.judge(TriageInput(subject: "FW: my membership", text: text, regions: regions))
    #expect(bare.band == .possible)
    let asked = verdict(
      "A patient sent us this. Could an adviser please tell me how I should reply to her complaint? I have"
        + " never had one before and would be grateful for help.\n\n-----Original Message-----\n" + letter,
      subject: "FW: x"
    )
    #expect(asked.band == .notAComplaint, "\(asked.reason)")
  }

  @Test func allQuotedIsJudged() {
    let verdict = verdict(
      "> You ignored my emails and I want to complain about your service.\n", subject: "Re: x")
    #expect(verdict.band == .possible)
  }

  @Test func forwardAsAttachmentIsJudged() {
    let input = TriageInput(
      subject: "FW: member", text: "For you.", isStaffForward: true,
      attachedText:
        "Your team has ignored my emails since May. I want to complain about your service and my refund.")
    let verdict = judge.judge(input)
    #expect(verdict.band == .complaint)
    #expect(verdict.evidence.allSatisfy { $0.source == .text })
    #expect(verdict.otherEvidence.contains { $0.source == .attached })
  }

  @Test func pastedLetterIsNotTheSenders() {
    let text = """
      Please help, the patient's daughter writes:

      You are a disgrace. You ignored my mother, you lied and nobody called us back. I demand compensation.
      -----
      I must answer by Friday and would be grateful for advice on my reply.
      """
    #expect(verdict(text).band == .notAComplaint)
  }

  @Test(
    arguments: [
      ("", [], "doubt.empty"),
      ("Please see attached.", ["letter.pdf"], "doubt.attachment_only"),
      ("Please find attached.", ["scan.jpg"], "doubt.attachment_only"),
      ("Llevo tres meses esperando y nadie me contesta, es una vergüenza.", [], "doubt.language"),
      ("I do not want to go on, I want to die.", [], "doubt.safety"),
    ] as [(String, [String], String)])
  func doubtGoesToAPerson(_ text: String, _ attachments: [String], _ rule: String) {
    let verdict = verdict(text, attachments: attachments)
    #expect(verdict.band == .possible)
    #expect(verdict.rules.contains(rule), "\(verdict.rules)")
  }

  @Test func unreadablePartsGoToAPerson() {
    let input = TriageInput(subject: "x", text: "Kind regards", hasUnreadableParts: true)
    #expect(judge.judge(input).band == .possible)
  }

  @Test func longTextIsCutAndSaysSo() {
    let text = String(repeating: "The minutes of the meeting are below. ", count: 6000)
    let verdict = verdict(text)
    #expect(verdict.rules.contains("limit.long_text"))
    #expect(verdict.band != .notAComplaint)
  }

  @Test func tieBreaks() {
    #expect(
      verdict("I am still waiting for the refund of my subscription after three months and four emails.")
        .category == "membership.cancellation_refund")
    #expect(
      verdict("You sent me another member's file. Nobody has replied to my emails about it for weeks.")
        .category == "data_digital.data_protection")
    #expect(
      verdict("Your response to my complaint was wrong and I do not accept the outcome.").category
        == "service.complaint_handling")
    #expect(
      verdict("You refused to support me before the tribunal, and the adviser who told me was rude.").category
        == "assistance.decision_declined")
  }

  @Test func factsAndFlags() {
    let verdict = verdict(
      """
      I act on behalf of my father, whose letter of authority is attached; he has cancer. I want you to
      reimburse his costs of £1,240.50. Your adviser Gareth ignored him. If not I shall go to the ICO and the
      newspapers.
      Membership number: 440112. Dublin, Ireland
      """)
    let kinds = Set(verdict.flags.map(\.kind))
    #expect(
      kinds.isSuperset(of: [
        .representative, .vulnerabilityHealth, .threatRegulator, .threatMedia, .redressSought, .staffNamed,
      ]))
    #expect(verdict.flags.first { $0.kind == .representative }?.authorityShown == true)
    #expect(verdict.redress?.amount == 1240.5)
    #expect(verdict.redress?.currency == "GBP")
    #expect(verdict.memberNumber == "440112")
    #expect(verdict.country == "IE")
    #expect(verdict.severity == 4)
  }

  @Test func codedAndRead() throws {
    let verdict = verdict(
      "Third time I have asked. Your adviser ignored me. I want an apology and £50 compensation.")
    let data = try JSONEncoder().encode(verdict)
    #expect(try JSONDecoder().decode(Verdict.self, from: data) == verdict)
    let json = String(decoding: data, as: UTF8.self)
    #expect(json.contains("\"category_probability\"") && json.contains("\"redress_sought\""))
    #expect(verdict.model.hasPrefix("triage-0+") && verdict.model.contains("+rules-"))
  }

  /// Any bytes, in time: repeated cue words are the worst case.
  @Test(arguments: [
    String(repeating: "you not ", count: 4000),
    String(repeating: "still waiting my email told you i not ", count: 1000),
    String(repeating: "\"\n", count: 20_000), String(repeating: "Dear Dr x\n", count: 5000),
    String(repeating: "she wrote:\n\n-----\n", count: 3000),
    String(repeating: "\u{FFFD}\u{202E}\u{0}", count: 5000),
    String(repeating: "a", count: 100_000), String(repeating: "1,", count: 20_000), "£", "Member number",
    "$ HK R RM1",
  ])
  func hostileText(_ text: String) {
    let clock = ContinuousClock()
    let spent = clock.measure { _ = verdict(text, subject: String(text.prefix(3000))) }
    #expect(spent < .seconds(20))
  }
}
