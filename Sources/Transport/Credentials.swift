// Who we are to a mail server.

/// How a password is shown to the server (RFC 4422 mechanisms).
public enum PasswordMechanism: String, Sendable, CaseIterable {
  /// SASL PLAIN, SASL LOGIN or, where the server offers neither, the LOGIN command.
  case auto
  case plain = "PLAIN"
  case login = "LOGIN"
  /// RFC 5802 and 7677. Ours, not libcurl's: Debian builds libcurl without the library it needs for SCRAM.
  case scramSHA1 = "SCRAM-SHA-1"
  case scramSHA256 = "SCRAM-SHA-256"
}

/// How an OAuth2 access token is shown to the server.
public enum TokenMechanism: String, Sendable, CaseIterable {
  case auto
  case xoauth2
  /// RFC 7628.
  case oauthbearer
}

/// What a connection logs in with.
public enum Credentials: Sendable {
  case password(user: String, secret: Secret, mechanism: PasswordMechanism = .auto)
  case oauth2(user: String, mechanism: TokenMechanism = .auto, tokens: TokenSource)

  package var user: String {
    switch self {
    case .password(let user, _, _), .oauth2(let user, _, _): user
    }
  }
}
