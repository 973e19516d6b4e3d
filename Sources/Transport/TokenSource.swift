// OAuth2 access tokens (RFC 6749): fetched when needed, kept until shortly before they expire, asked for once however
// many mailboxes wait.

import Logging
import Synchronization

/// Where access tokens come from.
public struct OAuthSettings: Sendable {
  public enum Grant: Sendable {
    /// RFC 6749 §6.
    case refreshToken(Secret)
    /// RFC 6749 §4.4.
    case clientCredentials
  }

  public enum ClientAuthentication: Sendable {
    /// `client_id` and `client_secret` in the request's body, which Microsoft and Google expect.
    case body
    /// HTTP Basic (RFC 6749 §2.3.1).
    case basic
  }

  public var grant: Grant
  /// `https://…`; `http://` on this machine only.
  public var tokenURL: String
  public var clientID: String
  /// Nil for a public client.
  public var clientSecret: Secret?
  public var scope: String?
  public var clientAuthentication = ClientAuthentication.body
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?
  public var proxy: String?
  /// For the whole exchange.
  public var timeout: Duration = .seconds(30)

  public init(
    grant: Grant, tokenURL: String, clientID: String, clientSecret: Secret? = nil, scope: String? = nil,
    caFile: String? = nil
  ) {
    self.grant = grant
    self.tokenURL = tokenURL
    self.clientID = clientID
    self.clientSecret = clientSecret
    self.scope = scope
    self.caFile = caFile
  }
}

/// Hands out access tokens; one may serve several connections.
public actor TokenSource {
  private let settings: OAuthSettings
  private let logger: Logger
  private let onRotation: @Sendable (String) async -> Void

  private var kept: (token: String, until: ContinuousClock.Instant)?
  private nonisolated let end = Mutex<ContinuousClock.Instant?>(nil)
  private var underWay: Task<Result<TokenReply, MailServerError>, Never>?
  /// The refresh token that the endpoint gave last, and what the secret was then: a secret that a person has
  /// renewed since is worth more.
  private var rotated: (token: String, replaces: String)?

  /// Renewed this long before it expires, so that no login meets its last second.
  private static let margin = Duration.seconds(300)

  /// - Parameter onRotation: given each new refresh token (RFC 6749 §6 lets an endpoint replace it); whoever owns
  ///   the secret must keep it, or the next start will show the old one.
  public init(
    _ settings: OAuthSettings, logger: Logger,
    onRotation: @escaping @Sendable (String) async -> Void = { _ in }
  ) {
    self.settings = settings
    self.logger = logger
    self.onRotation = onRotation
  }

  /// An access token that is good for a while.
  ///
  /// - Throws: `.oauth`, which says whether a person is needed (`isPermanent`); `.secret`; `.settings`.
  public func token() async throws(MailServerError) -> String { try await tokenForLogin().token }

  /// When the token fetched last expires; nil before the first. It may pass: a connection that stands needs no new one.
  public nonisolated var tokenEnds: ContinuousClock.Instant? { end.withLock { $0 } }

  /// Forgets a token that a server has refused.
  public func invalidate(_ token: String) {
    if kept?.token == token { kept = nil }
  }

  /// A token, and whether it was fetched just now.
  package func tokenForLogin() async throws(MailServerError) -> (token: String, isFresh: Bool) {
    if let kept, kept.until > .now { return (kept.token, false) }
    let task: Task<Result<TokenReply, MailServerError>, Never>
    if let underWay {
      task = underWay
    } else {
      task = Task { await self.fetch() }
      underWay = task
    }
    return (try await task.value.get().accessToken, true)
  }

  private func fetch() async -> Result<TokenReply, MailServerError> {
    defer { underWay = nil }
    do throws(MailServerError) {
      let settings = settings
      let known = rotated
      // Reading a secret may run a program, and libcurl blocks.
      let (result, source) = await Thread.run { Self.ask(settings, rotated: known) }
      let reply = try result.get()
      let lifetime = Duration.seconds(reply.lifetime)
      kept = (reply.accessToken, .now + lifetime - min(Self.margin, lifetime / 10))
      end.withLock { $0 = .now + lifetime }
      if let next = reply.refreshToken, let source, next != source.used {
        rotated = (next, replaces: source.read)
        logger.info("the token endpoint replaced the refresh token")
        await onRotation(next)
      }
      return .success(reply)
    } catch {
      return .failure(error)
    }
  }

  /// The refresh token as it was read, and the one that was used.
  private struct RefreshSource: Sendable {
    var read: String
    var used: String
  }

  private static func ask(
    _ settings: OAuthSettings, rotated: (token: String, replaces: String)?
  ) -> (Result<TokenReply, MailServerError>, RefreshSource?) {
    var source: RefreshSource?
    let result = Result { () throws(MailServerError) -> TokenReply in
      var fields: [(String, String)] = []
      switch settings.grant {
      case .refreshToken(let secret):
        let read = try secret.read()
        let used = rotated.flatMap { $0.replaces == read ? $0.token : nil } ?? read
        source = RefreshSource(read: read, used: used)
        fields = [("grant_type", "refresh_token"), ("refresh_token", used)]
      case .clientCredentials: fields = [("grant_type", "client_credentials")]
      }
      if let scope = settings.scope { fields.append(("scope", scope)) }
      return try TokenRequest(settings, fields: fields).perform()
    }
    return (result, source)
  }
}
