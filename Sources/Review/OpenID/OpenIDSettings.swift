// Single sign-on: whom we trust to say who somebody is, and what that makes them here.

import Deadlines

/// An OpenID Connect provider and what its claims mean.
public struct OpenIDSettings: Sendable {
  /// As the provider's own documents spell it.
  public var issuer: String
  public var clientID: String
  /// What is asked for besides who it is.
  public var scope = "openid profile"
  /// The claim that holds groups or roles: a text or a list of texts.
  public var rolesClaim: String
  /// What each of them makes somebody here; of several the one that may do most counts.
  public var roles: [String: Role]
  /// The claim that holds the name that colleagues know.
  public var nameClaim: String
  /// Sends a request and waits; with the client's own credentials where it says so.
  public var fetch: @Sendable (OpenIDRequest) throws -> OpenIDReply

  public init(
    issuer: String, clientID: String, rolesClaim: String, roles: [String: Role], nameClaim: String,
    fetch: @escaping @Sendable (OpenIDRequest) throws -> OpenIDReply
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.rolesClaim = rolesClaim
    self.roles = roles
    self.nameClaim = nameClaim
    self.fetch = fetch
  }
}

extension OpenIDSettings {
  /// Whether the provider's documents can be had and used, for `intake doctor`; blocks.
  ///
  /// - Returns: what is wrong, as a code; nil where nothing is.
  public func problem(at now: Instant) -> String? {
    do {
      _ = try OpenIDProvider(self).document(at: now)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// What the desk asks of the provider.
public struct OpenIDRequest: Sendable {
  /// How the client says who it is.
  public enum Authentication: Sendable {
    case none
    /// HTTP Basic with the client's id and secret (OpenID Connect Core §9, client_secret_basic).
    case basic
    /// `client_secret` beside the other fields (client_secret_post).
    case body
  }

  public var url: String
  /// POSTed; nil for a GET.
  public var form: [(String, String)]?
  public var authentication = Authentication.none
  /// Seconds for the whole exchange, and bytes of the answer.
  public var seconds = OpenIDLimits.seconds
  public var limit = OpenIDLimits.document
}

/// What the provider answered.
public struct OpenIDReply: Sendable {
  public var status: Int
  public var body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Bounds on what a provider may cost us.
public enum OpenIDLimits {
  /// A person waits; two threads of the desk do nothing else.
  public static let seconds = 10
  /// Bytes of a document: Microsoft's keys are 15 kB, an answer with groups 10 kB.
  public static let document = 256 << 10
  /// Keys that are looked at.
  static let keys = 100
  /// Bytes of an ID token; some list every group.
  static let idToken = 64 << 10
  /// Bytes of a code (RFC 6749 sets no limit; Microsoft's have 1,500).
  static let code = 8 << 10
  /// How long documents and keys are kept, and how soon they are asked for again at most.
  static let keptSeconds: Int64 = 3600
  static let pauseSeconds: Int64 = 30
  /// How long somebody may take to sign in there.
  static let attemptSeconds: Int64 = 600
  static let attempts = 10_000
  /// What two clocks may differ by.
  static let leewaySeconds = 60.0
}

/// Why somebody was not let in.
struct OpenIDFailure: Error, Sendable, CustomStringConvertible {
  /// For the log and for whoever helps: never what the provider or the person sent.
  let code: String
  /// For the person.
  let words: String

  var description: String { code }

  init(_ code: String, _ words: String = "The answer of the sign-in service cannot be trusted or understood.")
  {
    self.code = code
    self.words = words
  }
}
