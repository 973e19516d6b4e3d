// Every limit on what goes out and on what a server can make us hold or wait for, each with its reason.

/// Limits of outgoing mail.
enum OutboundLimits {
  /// RFC 5321 §4.5.3.1: octets of a local part, a domain and a whole path less its angle brackets.
  static let localPart = 64
  static let domain = 255
  static let address = 254
  /// A Message-ID that we repeat; RFC 5322 §2.1.1 allows a line 998 octets, honest ones have 80.
  static let messageID = 250
  /// Message-IDs in References, the nearest: RFC 5322 sets no limit, and a long thread would fill the header.
  static let references = 20
  /// RFC 5322 §2.1.1: octets of a line that SHOULD not be exceeded, without CRLF.
  static let line = 78
  /// RFC 2045 §6.7 rule 5: octets of a quoted-printable line.
  static let quotedLine = 76
  /// RFC 2047 §2: octets of an encoded word.
  static let encodedWord = 75
  /// A subject as it was written; ours have 60.
  static let subject = 400
  /// An acknowledgement is a page; this is fifty.
  static let body = 100_000
  /// A template file; ours have 2 kB.
  static let template = 64 << 10
  /// What a server says in one transaction: a reply has up to 512 octets a line (RFC 5321 §4.5.3.1.5), and EHLO twenty
  /// lines.
  static let transcript = 16 << 10
  /// Lines of one reply that are kept as proof.
  static let replyLines = 8
  /// For name, TCP, TLS and login together, in milliseconds.
  static let connectMilliseconds = 30_000
  /// Seconds of silence in which a reply must come: RFC 5321 §4.5.3.2 asks for 5 to 10 minutes, which a queue that tries
  /// again can shorten but for the last one, below.
  static let replySeconds = 120
  /// For a whole transaction, in milliseconds. The final reply may take 10 minutes (RFC 5321 §4.5.3.2.6), and giving up
  /// on it earlier would leave more messages "perhaps sent".
  static let transactionMilliseconds = 600_000
  /// Messages sent before the folder is read again.
  static let batch = 100
  /// Seconds after which a prepared file is nobody's any more: queueing takes milliseconds.
  static let preparedSeconds: Int64 = 60
}
