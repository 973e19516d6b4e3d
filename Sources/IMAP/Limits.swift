// Every limit on what a server can make us hold, wait for or repeat, each with its reason.

/// Limits that no server we know comes near, so that a hostile or broken one is stopped in bounded memory.
enum Limits {
  /// A SEARCH, ESEARCH or VANISHED line: a reply of 1.5 million UIDs is about 16 MiB.
  static let numberLine = 16 << 20
  /// Text of any other response, quoted strings included: CAPABILITY, FLAGS and FETCH lines stay below 10 kB.
  static let line = 1 << 20
  /// A literal that is not a message's body (mailbox names, envelopes that we never ask for).
  static let smallLiteral = 1 << 20
  /// Parentheses within parentheses; FETCH data that we ask for has two levels, BODYSTRUCTURE perhaps 30.
  static let depth = 100
  /// UIDs in one search result; iterating over `1:4294967295` would take minutes.
  static let searchResults = 5_000_000
  /// Untagged responses to one command that nobody asked for; a mailbox losing 100,000 messages at once while
  /// we look is the most that is thinkable.
  static let unsolicited = 200_000

  /// Bytes of a UID set in one command. RFC 7162 §4 asks clients to keep whole lines below 8,192.
  static let setLength = 4_000
  /// UIDs asked for in one command that returns a short line for each (sizes, flags, keywords).
  static let setCount = 10_000
  /// Messages in one FETCH of whole messages, and their bytes: enough that a round trip does not matter, little
  /// enough to hold two such batches until their tagged OK.
  static let batchCount = 100
  static let batchBytes = 2 << 20
  /// Taken for a message whose size the caller does not know.
  static let assumedSize = 64 << 10
  /// Bodies that lie about their size go to disk above this many bytes a command.
  static let batchMemory = 16 << 20
  /// Parts of one message beyond those that its size needs: some servers cut parts short.
  static let shortParts = 256
  /// Bodies in one FETCH response: one was asked for, and each can become a file.
  static let bodies = 4
  /// Ranges of vanished UIDs that are kept for whoever asks what changed; joining them costs time.
  static let vanishedRanges = 1_000
  /// Anomalies that one fetch lists.
  static let anomalies = 1_000
  /// FETCH commands under way at once.
  static let pipeline = 2
  /// Width of a UID SEARCH window where a mailbox shows more messages than `windowAbove`.
  static let searchWindow: UInt32 = 10_000
  static let windowAbove: UInt32 = 50_000
  /// Windows in one search: a sparse numbering widens them rather than asking a million times.
  static let searchWindows: UInt32 = 500

  /// Bytes taken from libcurl at once; TLS hands out 16 KiB a record, plain TCP whatever has come.
  static let receiveBuffer = 128 << 10
  /// What a server says during login is kept to this many bytes, for its refusal's text.
  static let loginTranscript = 8 << 10
  /// A mailbox name, in bytes; servers allow 255 or fewer per level.
  static let mailboxName = 1_000
}
