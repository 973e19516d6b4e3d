// Every limit on what a server, a token endpoint or a secret's source can make us hold, each with its reason.

/// TransportLimits that nothing honest comes near.
enum TransportLimits {
  /// Server text in an error, in bytes after escaping.
  static let serverText = 200
  /// A password, token or key read from a file, the environment or a command.
  static let secret = 64 << 10
  /// Seconds that a command which prints a secret may take.
  static let secretCommandSeconds = 30
  /// A token endpoint's answer; Microsoft's are 2-6 kB.
  static let tokenReply = 256 << 10
}
