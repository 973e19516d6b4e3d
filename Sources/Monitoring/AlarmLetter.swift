// What alarms look like to those who are told: a subject and a text for mail, a line for chat, JSON for programs.

import Cases
import Deadlines
import FoundationEssentials

/// What one audience is told at once.
public struct AlarmLetter: Sendable {
  public let subject: String
  public let body: String
  /// Short: what a chat shows.
  public let line: String
  private let items: [AlarmItem]
  private let at: Instant

  /// - Parameters:
  ///   - items: at least one; as `AlarmBook.waiting` orders them.
  ///   - organisation: whose service speaks.
  ///   - time: a moment as people read it.
  public init(_ items: [AlarmItem], organisation: String, at: Instant, time: (Instant) -> String) {
    self.items = items
    self.at = at
    subject = "[intake] " + Self.subject(items)
    line =
      "\(organisation): " + items.prefix(10).map { Self.headline($0) }.joined(separator: " | ")
      + (items.count > 10 ? " | and \(items.count - 10) more" : "")
    var lines: [String] = []
    for item in items {
      lines.append(Self.headline(item))
      if item.notice == .ended, let ended = item.entry.ended {
        lines.append("  stood from \(time(item.entry.began)) to \(time(ended))")
      } else {
        lines.append("  since \(time(item.entry.began)); \(item.entry.key)")
        lines.append("  \(item.entry.advice)")
        if let link = item.entry.link { lines.append("  \(link)") }
      }
      lines.append("")
    }
    lines.append("-- ")
    lines.append("intake of \(organisation), \(time(at)). `intake alarms` lists what stands.")
    body = lines.joined(separator: "\n") + "\n"
  }

  private static func subject(_ items: [AlarmItem]) -> String {
    guard items.count > 1 else { return items.first.map { headline($0) } ?? "" }
    let standing = items.filter { $0.notice != .ended }
    let ended = items.count - standing.count
    let parts = [
      standing.isEmpty ? nil : "\(standing.count) alarm\(standing.count == 1 ? "" : "s")",
      ended == 0 ? nil : "\(ended) ended",
    ]
    let worst = standing.contains { $0.entry.severity == .page } ? "PAGE: " : ""
    return worst + parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// `PAGE: Mailbox complaints …`, `Ended: …`.
  private static func headline(_ item: AlarmItem) -> String {
    let kind =
      switch item.notice {
      case .began: item.entry.severity == .page ? "PAGE" : "Warning"
      case .worse: item.entry.severity == .page ? "PAGE, worse" : "Worse"
      case .reminder: item.entry.severity == .page ? "PAGE, still" : "Still"
      case .ended: "Ended"
      }
    return "\(kind): \(item.entry.words)"
  }

  // MARK: for programs

  /// The same for a program (schema `intake.alarm/1`, docs/json.md).
  ///
  /// - Parameter id: the same whenever the same is told again.
  public func json(id: String) throws -> [UInt8] {
    try JSONLine.bytes(
      Told(id: id, at: at, text: line, alarms: items.map { AlarmLine($0.entry, notice: $0.notice) }))
  }

  private struct Told: Encodable {
    let schema = "intake.alarm/1"
    let id: String
    let at: Instant
    let text: String
    let alarms: [AlarmLine]
  }
}

/// One cause as a program reads it: of `intake.alarm/1` and of `intake alarms --json`.
public struct AlarmLine: Encodable, Sendable {
  public let schema: String?
  let key: String
  let cause: Alarm.Cause
  let severity: Alarm.Severity
  let notice: AlarmEntry.Notice?
  let words: String
  let advice: String
  let link: String?
  let count: Int
  let began: Instant
  let ended: Instant?
  let mailbox: String?
  let caseID: String?

  public init(_ entry: AlarmEntry, notice: AlarmEntry.Notice? = nil) {
    schema = notice == nil ? "intake.alarm-line/1" : nil
    key = entry.key
    cause = entry.cause
    severity = entry.severity
    self.notice = notice
    words = entry.words
    advice = entry.advice
    link = entry.link
    count = entry.count
    began = entry.began
    ended = entry.ended
    let subject =
      entry.key.utf8.count > entry.cause.rawValue.utf8.count + 1
      ? String(entry.key.dropFirst(entry.cause.rawValue.count + 1)) : nil
    switch entry.cause {
    case .mailboxRefusing, .mailboxStalled, .mailboxSilent, .oauthToken, .ledgerGap:
      (mailbox, caseID) = (subject, nil)
    case .unopened: (mailbox, caseID) = (nil, subject.flatMap { CaseID($0)?.text })
    default: (mailbox, caseID) = (nil, nil)
    }
  }

  enum CodingKeys: String, CodingKey {
    case schema, key, cause, severity, notice, words, advice, link, count, began, ended, mailbox
    case caseID = "case"
  }
}
