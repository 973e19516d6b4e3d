// One mailbox of the demo server, in memory: messages in UID order, their flags, UIDVALIDITY and
// mod-sequences.

struct StoredMessage: Sendable {
  var uid: UInt32
  var flags: [String]
  var internalDate: Int64
  var bytes: [UInt8]
  /// RFC 7162 §3.1.1.
  var modSeq: UInt64

  func has(_ flag: String) -> Bool { flags.contains { ASCII.equal($0, flag) } }

  /// The header with its empty line.
  var header: ArraySlice<UInt8> { bytes[..<headerEnd] }
  var text: ArraySlice<UInt8> { bytes[headerEnd...] }

  private var headerEnd: Int {
    var lineStart = 0
    for index in bytes.indices where bytes[index] == ASCII.lf {
      let length = index - lineStart
      if length == 0 || (length == 1 && bytes[lineStart] == ASCII.cr) { return index + 1 }
      lineStart = index + 1
    }
    return bytes.count
  }
}

struct MailFolder: Sendable {
  static let systemFlags = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"]

  var uidValidity: UInt32
  private(set) var uidNext: UInt32 = 1
  private(set) var messages: [StoredMessage] = []
  private(set) var highestModSeq: UInt64 = 1
  /// Changes whenever a message comes or goes.
  private(set) var membership: UInt64 = 0
  var timesSelected = 0

  init(uidValidity: UInt32) { self.uidValidity = uidValidity }

  /// INBOX without case (RFC 3501 §5.1), every other name as it is.
  static func canonical(_ name: String) -> String { ASCII.equal(name, "INBOX") ? "INBOX" : name }

  var uids: [UInt32] { messages.map(\.uid) }
  /// Every flag that a message has here, after the ones that every mailbox has.
  var flagsInUse: [String] {
    var result = Self.systemFlags
    var known = Set(result)
    for message in messages {
      for flag in message.flags where known.insert(flag).inserted { result.append(flag) }
    }
    return result
  }

  /// Each flag once; flags compare without case.
  static func unique(_ flags: [String]) -> [String] {
    var known: Set<String> = []
    return flags.filter { known.insert(ASCII.upper($0)).inserted }
  }

  func index(of uid: UInt32) -> Int? {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].uid < uid { low = middle + 1 } else { high = middle }
    }
    return low < messages.count && messages[low].uid == uid ? low : nil
  }

  func message(_ uid: UInt32) -> StoredMessage? { index(of: uid).map { messages[$0] } }

  mutating func append(_ bytes: [UInt8], internalDate: Int64, flags: [String]) -> UInt32 {
    let flags = Self.unique(flags)
    let uid = uidNext
    uidNext = uidNext == .max ? .max : uidNext + 1
    membership += 1
    highestModSeq += 1
    messages.append(
      StoredMessage(uid: uid, flags: flags, internalDate: internalDate, bytes: bytes, modSeq: highestModSeq))
    return uid
  }

  mutating func setFlags(_ flags: [String], of uid: UInt32) {
    guard let index = index(of: uid), messages[index].flags != flags else { return }
    highestModSeq += 1
    messages[index].flags = flags
    messages[index].modSeq = highestModSeq
  }

  /// Takes these messages out and returns them.
  mutating func remove(_ uids: Set<UInt32>) -> [StoredMessage] {
    let gone = messages.filter { uids.contains($0.uid) }
    guard !gone.isEmpty else { return [] }
    highestModSeq += 1
    membership += 1
    messages.removeAll { uids.contains($0.uid) }
    return gone
  }

  /// What a restore from backup does at its worst: the same mail under other numbers.
  mutating func renumberBackwards() {
    uidValidity = uidValidity == .max ? 1 : uidValidity + 1
    messages.reverse()
    membership += 1
    for index in messages.indices {
      highestModSeq += 1
      messages[index].uid = UInt32(truncatingIfNeeded: index + 1)
      messages[index].modSeq = highestModSeq
    }
    uidNext = UInt32(truncatingIfNeeded: messages.count + 1)
  }
}
