// Every limit of the demo server, each with its reason.

enum Limits {
  /// Connections at a time; one thread each, and no test needs more.
  static let connections = 64
  /// Bytes of a command without APPEND's message: a UID set as long as `ranges` allows fits.
  static let command = 1 << 20
  /// Bytes of a command before login: user name, password and the words around them.
  static let commandBeforeLogin = 8 << 10
  /// Bytes of an appended message: above the largest mail that providers accept.
  static let append = 256 << 20
  /// Bytes of a literal sent without waiting (LITERAL-, RFC 7888 §5).
  static let unsynchronizedLiteral = 4096
  /// Literals in one command; LOGIN and HEADER searches need a handful.
  static let literals = 32
  /// Ranges in a sequence set: every second message of a mailbox of 40,000.
  static let ranges = 20_000
  /// Parentheses inside parentheses, and search keys inside NOT and OR: the parser calls itself.
  static let depth = 32
  /// Search keys in one command.
  static let searchKeys = 1000
  /// Flags of one message.
  static let flags = 128
  /// Bytes of a mailbox name.
  static let mailboxName = 1024
  /// Mailboxes in all, so that CREATE cannot fill the memory.
  static let mailboxes = 1000
  /// Bytes of output gathered before they are sent; a larger piece is sent by itself.
  static let outputBuffer = 64 << 10
  /// Bytes taken from the socket at a time.
  static let inputChunk = 64 << 10
  /// Milliseconds that a client may leave our bytes unread.
  static let sendMilliseconds: Int32 = 60_000
  /// Milliseconds without a command (RFC 3501 §5.4: at least 30 minutes).
  static let idleMilliseconds: Int32 = 31 * 60_000
  /// Failed logins before the connection is closed.
  static let failedLogins = 3
  /// Commands kept in the transcript; the oldest go first.
  static let transcript = 20_000
  /// Bytes of one command in the transcript.
  static let transcriptLine = 4096
  /// Bytes of a file that `load` takes.
  static let file = 256 << 20
  /// Pauses between CR and LF on one connection (`Fault.splitCRLF`), so that much mail still gets through.
  static let splitPauses = 3000
}
