// Whether the service is alive, and whether it does its work, from one look at the vitals: what a supervisor, a load
// balancer or a person asks.

import Deadlines

/// The answer to "how are you", with every reason that speaks against it.
public struct Health: Sendable, Equatable {
  public struct Reason: Sendable, Equatable {
    /// A fixed word, for programs.
    public enum Name: String, Sendable, CaseIterable {
      case starting
      /// The look at the vitals stands still.
      case vitalsStalled = "vitals-stalled"
      /// A mailbox's watcher does nothing at all any more.
      case watcherStalled = "watcher-stalled"
      /// No file can be written in the data folder.
      case dataNotWritable = "data-not-writable"
      case diskLow = "disk-low"
      case indexBroken = "index-broken"
      case mailboxNotPolled = "mailbox-not-polled"
    }

    public let name: Name
    /// Where: a mailbox.
    public var mailbox: String?
    /// For people.
    public let detail: String
  }

  public var reasons: [Reason]
  public var isGood: Bool { reasons.isEmpty }

  /// Seconds without a look at the vitals, which is taken every 15: the disk hangs, or the program does.
  static let vitalsLimit: Int64 = 120
  /// Seconds in which a watcher must have done something. Waiting for news takes 240, and a server has a minute or two
  /// to answer; a restart of a service that hangs is worth more than an hour's patience.
  static let beatLimit: Int64 = 900
  /// Seconds without a pass that succeeded: more than three of the longest regular pauses.
  static let passLimit: Int64 = 900

  /// Whether the process gets on: a supervisor restarts it where not.
  public static func alive(_ vitals: Vitals?, now: Instant) -> Health {
    // Whoever is starting is alive: rebuilding an index may take long.
    guard let vitals else { return Health(reasons: []) }
    return Health(reasons: stalled(vitals, now))
  }

  /// Whether complaints are being taken in and can be recorded.
  public static func ready(_ vitals: Vitals?, now: Instant) -> Health {
    guard let vitals else {
      return Health(reasons: [.init(name: .starting, detail: "nothing has been looked at yet")])
    }
    var reasons = stalled(vitals, now)
    if vitals.unread.contains(.folder) {
      reasons.append(.init(name: .dataNotWritable, detail: "no file can be written in the data folder"))
    }
    if vitals.diskFree < vitals.diskLow {
      reasons.append(
        .init(
          name: .diskLow,
          detail: "\(vitals.diskFree >> 20) MiB free, less than low_disk (\(vitals.diskLow >> 20) MiB)"))
    }
    if vitals.unread.contains(.index) {
      reasons.append(
        .init(name: .indexBroken, detail: "the index cannot be read; `intake reindex` makes it anew"))
    }
    for mailbox in vitals.mailboxes where !isPolled(mailbox, now) {
      let since = mailbox.lastSuccess.map { "since \($0)" } ?? "since the start"
      reasons.append(
        .init(
          name: .mailboxNotPolled, mailbox: mailbox.name,
          detail: "no pass has succeeded \(since)" + (mailbox.trouble.map { "; \($0)" } ?? "")))
    }
    return Health(reasons: reasons)
  }

  private static func stalled(_ vitals: Vitals, _ now: Instant) -> [Reason] {
    let age = now.unixSeconds - vitals.at.unixSeconds
    if age > vitalsLimit {
      return [.init(name: .vitalsStalled, detail: "the last look at the vitals is \(age) s old")]
    }
    return vitals.mailboxes.compactMap { mailbox in
      guard let beat = mailbox.lastBeat, now.unixSeconds - beat.unixSeconds > beatLimit else { return nil }
      return .init(
        name: .watcherStalled, mailbox: mailbox.name, detail: "its watcher has done nothing since \(beat)")
    }
  }

  /// A first pass over a full mailbox may take hours, and is no reason to worry while it gets on.
  private static func isPolled(_ mailbox: Vitals.Mailbox, _ now: Instant) -> Bool {
    if mailbox.trouble == nil, mailbox.backlog > 0 { return true }
    guard let last = mailbox.lastSuccess else { return false }
    return now.unixSeconds - last.unixSeconds <= max(passLimit, 3 * mailbox.passEvery)
  }

  /// One line of JSON (`intake.health/1`, docs/json.md).
  public var json: String {
    let list = reasons.map { reason in
      let mailbox = reason.mailbox.map { "\"mailbox\":\(Self.quoted($0))," } ?? ""
      return "{\"reason\":\"\(reason.name.rawValue)\",\(mailbox)\"detail\":\(Self.quoted(reason.detail))}"
    }
    return
      "{\"schema\":\"intake.health/1\",\"status\":\"\(isGood ? "ok" : "failing")\",\"reasons\":[\(list.joined(separator: ","))]}\n"
  }

  /// Names of mailboxes, numbers and words of ours; whatever else comes is kept harmless.
  private static func quoted(_ text: String) -> String {
    let harmless = text.unicodeScalars.map { scalar -> String in
      scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : scalar.value < 0x20 ? " " : String(scalar)
    }
    return "\"\(harmless.joined())\""
  }
}
