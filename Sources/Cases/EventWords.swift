// What an event says, in a line for people: the same on the desk and in the shell.

extension CaseEvent {
  /// Everything but its kind, who and when; empty where that says all.
  public var words: String {
    [
      details.reason, details.category, details.assignee.map { "to \($0)" },
      details.mergedInto.map { "into \($0.reference)" },
      details.splitInto.map { "\($0.reference) goes on with it" },
      details.followUp.map {
        "by \($0.tie)" + ($0.senderIsKnown ? "" : ", from someone who had no part in it: please look")
      },
      kind == .bounced ? nil : details.sighting.map { "also in \($0.mailbox)" },
      details.outgoing.map { $0.words }, details.acknowledgement.map { $0.words },
      details.correction?.words, details.closure?.words,
      details.undoes.map { "event \($0) no longer counts" }, erasedWords,
    ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  private var erasedWords: String? {
    guard let files = details.erased, !files.isEmpty else { return nil }
    let numbers = files.map { String($0.number) }.joined(separator: ", ")
    return "only dates, category and digests are left of event \(numbers)"
  }
}

extension OutgoingFacts {
  fileprivate var words: String {
    "to \(to.isEmpty ? "somebody erased" : to)" + (isAutomatic ? ", without a person" : "")
  }
}

extension AcknowledgementProof {
  fileprivate var words: String {
    to.isEmpty ? "to somebody erased, sent \(sentAt)" : "to \(to): \(serverReply)"
  }
}

extension Correction {
  /// What was corrected, for people.
  public var words: String {
    [
      receivedAt.map { "received \($0)" },
      complainant.map { who in
        "complainant " + [who.name, who.address.map { "<\($0)>" }].compactMap { $0 }.joined(separator: " ")
      },
      deadlines.map { _ in "dates computed anew" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
