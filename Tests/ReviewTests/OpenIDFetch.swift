// The desk's requests to a provider, as the command makes them.

import Transport

@testable import Review

extension TestProvider {
  static let fetch: @Sendable (OpenIDRequest) throws -> OpenIDReply = { asked in
    var request = SmallRequest(asked.url, timeout: .seconds(asked.seconds), limit: asked.limit)
    request.form = asked.form
    if case .basic = asked.authentication {
      request.user = clientID
      request.password = .value(secret)
    }
    let reply = try request.perform()
    return OpenIDReply(status: reply.status, body: reply.body)
  }
}
