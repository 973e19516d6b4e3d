// alarms/<key>.json: what stands, what was said about it to whom, and what has still to be said. One file a cause, put in
// place whole, so that a restart neither repeats nor forgets: the change and its notices are one step on the disk.

import Cases
import Deadlines
import FoundationEssentials
import Synchronization

/// Somebody who is told, as far as the book is concerned.
public struct AlarmAudience: Sendable, Equatable {
  /// The same after a restart.
  public var id: String
  /// Severities and causes; empty: everything.
  public var only: Set<String>

  public init(id: String, only: Set<String> = []) {
    self.id = id
    self.only = only
  }

  /// Every word that `only` may hold.
  public static let words =
    Alarm.Severity.allCases.map(\.rawValue) + Alarm.Cause.allCases.filter { $0 != .test }.map(\.rawValue)

  func wants(_ cause: Alarm.Cause, _ severity: Alarm.Severity) -> Bool {
    only.isEmpty || only.contains(cause.rawValue) || only.contains(severity.rawValue)
  }
}

/// One cause, standing or ended (schema `intake.alarm-book/1`).
public struct AlarmEntry: Codable, Sendable, Equatable {
  /// What is said about a cause.
  public enum Notice: String, Codable, Sendable {
    case began
    /// Its count has doubled, or it has become more severe.
    case worse
    /// It still stands.
    case reminder
    case ended
  }

  public var schema = "intake.alarm-book/1"
  public let key: String
  public let cause: Alarm.Cause
  /// As it was seen last.
  public var severity: Alarm.Severity
  public var words: String
  public var advice: String
  public var link: String?
  public var count: Int
  /// When it was first seen.
  public let began: Instant
  /// When it was gone; nil while it stands.
  public var ended: Instant?
  /// How often it has begun again within an hour of its end.
  var returns = 0
  /// What the last notice was about.
  var noticed: Noticed
  /// By audience: what it has not been told yet.
  var waiting: [String: Notice] = [:]
  /// Audiences that were told that it began, or will be, with the Message-ID of that mail.
  var told: [String: String] = [:]

  struct Noticed: Codable, Sendable, Equatable {
    var number: Int
    var at: Instant
    var severity: Alarm.Severity
    var count: Int
  }

  public var stands: Bool { ended == nil }

  /// One that tells of no trouble, to see whether alarms arrive.
  public init(test words: String, advice: String, at now: Instant) {
    self.init(
      key: Alarm.Cause.test.rawValue, cause: .test, severity: .page, words: words, advice: advice, count: 1,
      began: now, noticed: .init(number: 1, at: now, severity: .page, count: 1))
  }

  init(
    key: String, cause: Alarm.Cause, severity: Alarm.Severity, words: String, advice: String,
    link: String? = nil,
    count: Int, began: Instant, noticed: Noticed
  ) {
    self.key = key
    self.cause = cause
    self.severity = severity
    self.words = words
    self.advice = advice
    self.link = link
    self.count = count
    self.began = began
    self.noticed = noticed
  }

  enum CodingKeys: String, CodingKey {
    case schema, key, cause, severity, words, advice, link, count, began, ended, returns, noticed, waiting,
      told
  }
}

/// What one audience is still to be told about one cause.
public struct AlarmItem: Sendable, Equatable {
  public let notice: AlarmEntry.Notice
  public let entry: AlarmEntry
  /// The mail that this one belongs beside; nil where it is the first.
  public let thread: String?

  public init(notice: AlarmEntry.Notice, entry: AlarmEntry, thread: String? = nil) {
    self.notice = notice
    self.entry = entry
    self.thread = thread
  }

  /// Names this notice of this cause for ever.
  public var id: String { "\(entry.key) \(entry.began.unixSeconds) \(entry.noticed.number)" }
}

/// The alarms of a data folder. One process writes; others may read.
public final class AlarmBook: Sendable {
  /// What ended is kept so long, and at most so many.
  private static let keptSeconds: Int64 = 30 * 86400
  private static let keptCount = 200
  /// A file of ours is a few kilobytes; more is damage.
  private static let limit = 1 << 18
  /// A cause that begins again within this time of its end has not really ended.
  private static let returnSeconds: Int64 = 3600

  private struct State {
    var entries: [String: AlarmEntry] = [:]
    /// Seen, but not for long enough: since when.
    var candidates: [String: Instant] = [:]
    /// Standing, but not seen any more: since when.
    var fineSince: [String: Instant] = [:]
    /// Keys whose file is behind what is known here.
    var unwritten: Set<String> = []
  }

  private let data: DataFolder
  private let state: Mutex<State>
  private var folder: String { Self.folder(data) }
  private static func folder(_ data: DataFolder) -> String { data.path + "/alarms" }

  /// Opens the book, making its folder where there is none.
  public init(_ data: DataFolder) throws {
    self.data = data
    if try DurableFile.makeDirectory(Self.folder(data)) { try DurableFile.syncDirectory(data.path) }
    var state = State()
    for entry in try Self.read(data) { state.entries[entry.key] = entry }
    self.state = Mutex(state)
  }

  /// The entries on disk; a damaged file is left out, and is replaced when its cause begins again.
  public static func read(_ data: DataFolder) throws -> [AlarmEntry] {
    try DurableFile.names(in: folder(data)).filter { $0.hasSuffix(".json") && $0 != AlarmBook.digestName }
      .compactMap { name in
        guard let bytes = try DurableFile.read("\(folder(data))/\(name)", limit: limit),
          let entry = try? JSONDecoder().decode(AlarmEntry.self, from: Data(bytes)),
          fileName(entry.key) == name
        else { return nil }
        return entry
      }
  }

  /// A file beside the alarms that is none of them: which digest was sent.
  static let digestName = "digest.json"

  /// Keys are names of ours; what is not a plain character becomes `%` and two figures.
  static func fileName(_ key: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var name: [UInt8] = []
    for byte in key.utf8 {
      let isPlain =
        (byte | 32 >= 0x61 && byte | 32 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
        || (":._-".utf8.contains(byte) && !(name.isEmpty && byte == 0x2E))
      name += isPlain ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: name, as: UTF8.self) + ".json"
  }

  /// What stands, then what has ended, each the latest first.
  public static func sorted(_ entries: some Sequence<AlarmEntry>) -> [AlarmEntry] {
    entries.sorted { left, right in
      switch (left.ended, right.ended) {
      case (nil, nil): (right.began, left.key) < (left.began, right.key)
      case (nil, _): true
      case (_, nil): false
      case (let first?, let second?): (second, left.key) < (first, right.key)
      }
    }
  }

  public var entries: [AlarmEntry] { state.withLock { Self.sorted($0.entries.values) } }

  // MARK: one look

  /// Takes in what one look gave.
  ///
  /// - Returns: whether somebody is to be told something, and what the disk had against it. A disk that takes nothing is
  ///   itself an alarm, so people are told all the same; what could not be written is tried again with the next look.
  @discardableResult
  public func take(
    _ look: AlarmLook, settings: AlarmSettings, audiences: [AlarmAudience], at now: Instant
  ) -> (isAnythingToTell: Bool, problem: (any Error)?) {
    state.withLock { state in
      var seen: Set<String> = []
      for alarm in look.alarms where seen.insert(alarm.key).inserted {
        Self.see(alarm, &state, settings, audiences, now)
      }
      state.candidates = state.candidates.filter { seen.contains($0.key) }
      for (key, entry) in state.entries where entry.stands && !seen.contains(key) {
        if look.isBlind || look.unknown.contains(key) {
          state.fineSince[key] = nil
        } else {
          Self.miss(key, &state, settings, now)
        }
      }
      Self.forgetAudiences(&state, Set(audiences.map(\.id)))
      let problem = write(&state)
      prune(&state, now)
      return (state.entries.values.contains { !$0.waiting.isEmpty }, problem)
    }
  }

  private static func see(
    _ alarm: Alarm, _ state: inout State, _ settings: AlarmSettings, _ audiences: [AlarmAudience],
    _ now: Instant
  ) {
    let key = alarm.key
    state.fineSince[key] = nil
    guard var entry = state.entries[key], entry.stands else {
      let since = state.candidates[key] ?? now
      state.candidates[key] = since
      if now.unixSeconds - since.unixSeconds < settings.beginAfter { return }
      state.candidates[key] = nil
      let previous = state.entries[key]
      // From when its end was told, which is a while after it was gone.
      let hasReturned =
        previous.map { now.unixSeconds - $0.noticed.at.unixSeconds < returnSeconds } ?? false
      var begun = AlarmEntry(
        key: key, cause: alarm.cause, severity: alarm.severity, words: alarm.words, advice: alarm.advice,
        link: alarm.link, count: alarm.count, began: since,
        noticed: .init(number: 1, at: now, severity: alarm.severity, count: alarm.count))
      begun.returns = hasReturned ? (previous?.returns ?? 0) + 1 : 0
      tell(.began, &begun, audiences)
      state.entries[key] = begun
      state.unwritten.insert(key)
      return
    }
    // The words carry a time that goes on; the file follows where something else changed.
    if entry.count != alarm.count || entry.severity != alarm.severity { state.unwritten.insert(key) }
    entry.severity = alarm.severity
    entry.words = alarm.words
    entry.advice = alarm.advice
    entry.link = alarm.link
    entry.count = alarm.count
    let isWorse =
      alarm.severity > entry.noticed.severity || alarm.count >= 2 * max(1, entry.noticed.count)
    let isOld = now.unixSeconds - entry.noticed.at.unixSeconds >= settings.remindAfter
    if isWorse || isOld {
      entry.noticed = .init(
        number: entry.noticed.number + 1, at: now, severity: alarm.severity, count: alarm.count)
      tell(isWorse ? .worse : .reminder, &entry, audiences)
      state.unwritten.insert(key)
    }
    state.entries[key] = entry
  }

  private static func tell(
    _ notice: AlarmEntry.Notice, _ entry: inout AlarmEntry, _ audiences: [AlarmAudience]
  ) {
    for audience in audiences where audience.wants(entry.cause, entry.severity) {
      // Whoever has not heard of the beginning hears of it, as it is now.
      let isNew = entry.told[audience.id] == nil
      entry.waiting[audience.id] = isNew || entry.waiting[audience.id] == .began ? .began : notice
      if isNew { entry.told[audience.id] = "" }
    }
  }

  private static func miss(
    _ key: String, _ state: inout State, _ settings: AlarmSettings, _ now: Instant
  ) {
    guard var entry = state.entries[key] else { return }
    let since = state.fineSince[key] ?? now
    state.fineSince[key] = since
    guard now.unixSeconds - since.unixSeconds >= patience(entry, settings) else { return }
    state.fineSince[key] = nil
    entry.ended = since
    entry.noticed.number += 1
    entry.noticed.at = now
    for audience in entry.told.keys { entry.waiting[audience] = .ended }
    state.entries[key] = entry
    state.unwritten.insert(key)
  }

  /// How long a cause must be gone before it has ended.
  private static func patience(_ entry: AlarmEntry, _ settings: AlarmSettings) -> Int64 {
    max(settings.endAfter, min(settings.endAfter << min(entry.returns, 12), returnSeconds))
  }

  /// Whoever is not in the configuration any more is told nothing more.
  private static func forgetAudiences(_ state: inout State, _ known: Set<String>) {
    for (key, entry) in state.entries where !known.isSuperset(of: entry.waiting.keys) {
      state.entries[key]?.waiting = entry.waiting.filter { known.contains($0.key) }
      state.unwritten.insert(key)
    }
  }

  // MARK: telling

  /// What an audience is to be told; what stands first, of that the most severe.
  public func waiting(for audience: String) -> [AlarmItem] {
    state.withLock { state in
      state.entries.values.compactMap { entry in
        guard let notice = entry.waiting[audience] else { return nil }
        let thread = entry.told[audience].flatMap { $0.isEmpty ? nil : $0 }
        return AlarmItem(notice: notice, entry: entry, thread: thread)
      }.sorted { Self.order($0) < Self.order($1) }
    }
  }

  private static func order(_ item: AlarmItem) -> (Int, Int, Int64, String) {
    (
      item.notice == .ended ? 1 : 0, item.entry.severity == .page ? 0 : 1, item.entry.began.unixSeconds,
      item.entry.key
    )
  }

  /// An audience has been told these; a notice that came about meanwhile still waits.
  ///
  /// - Parameter messageID: of the mail, which what follows about the same cause names; nil for other ways.
  /// - Returns: what the disk had against it: after a restart the audience may then be told again.
  @discardableResult
  public func told(_ audience: String, _ items: [AlarmItem], messageID: String?) -> (any Error)? {
    state.withLock { state in
      for item in items {
        guard var entry = state.entries[item.entry.key], entry.began == item.entry.began else { continue }
        if entry.noticed.number == item.entry.noticed.number {
          entry.waiting[audience] = nil
        } else if entry.waiting[audience] == .began {
          entry.waiting[audience] = .worse
        }
        if item.thread == nil { entry.told[audience] = messageID ?? "told" }
        state.entries[entry.key] = entry
        state.unwritten.insert(entry.key)
      }
      return write(&state)
    }
  }

  // MARK: the disk

  private func write(_ state: inout State) -> (any Error)? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var problem: (any Error)?
    for key in state.unwritten {
      do {
        if let entry = state.entries[key] {
          try DurableFile.replace(
            "\(folder)/\(Self.fileName(key))", Array(encoder.encode(entry)) + [0x0A],
            through: data.newTemporary())
        }
        state.unwritten.remove(key)
      } catch {
        problem = error
      }
    }
    return problem
  }

  private func prune(_ state: inout State, _ now: Instant) {
    let ended = state.entries.values.filter { !$0.stands && $0.waiting.isEmpty }
      .sorted { ($1.ended ?? now) < ($0.ended ?? now) }
    for (place, entry) in ended.enumerated() {
      let age = now.unixSeconds - (entry.ended ?? now).unixSeconds
      guard place >= Self.keptCount || age > Self.keptSeconds else { continue }
      state.entries[entry.key] = nil
      DurableFile.remove("\(folder)/\(Self.fileName(entry.key))")
    }
  }
}
