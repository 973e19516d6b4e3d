// A listener of its own for those who watch: /metrics, /healthz, /readyz. It is not the desk's, so that it can be reached
// where the desk must not be, and answers while the desk is down.

import Deadlines
internal import HTTPTypes
internal import Hummingbird
import Logging

/// The server for Prometheus, supervisors and load balancers.
public struct MonitoringServer: Sendable {
  private let registry: PrometheusRegistry
  private let vitals: @Sendable () -> Vitals?
  private let now: @Sendable () -> Instant
  private let token: String?
  private let logger: Logger

  /// - Parameters:
  ///   - token: what an Authorization header must bear (RFC 6750 §2.1); nil where only this machine can ask.
  ///   - vitals: the last look.
  public init(
    _ registry: PrometheusRegistry, token: String?, vitals: @escaping @Sendable () -> Vitals?, logger: Logger,
    now: @escaping @Sendable () -> Instant
  ) {
    self.registry = registry
    self.token = token
    self.vitals = vitals
    self.now = now
    // Hummingbird tells of each start and stop.
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    self.logger = logger
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter isReady: is told the port once requests are taken.
  public func run(
    host: String, port: Int, isReady: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws {
    let application = Application(
      router: router(), configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { isReady($0.localAddress?.port ?? port) }, logger: logger)
    try await application.run()
  }

  static let paths = ["/metrics", "/healthz", "/readyz"]

  private func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    for path in Self.paths {
      for method in [HTTPRequest.Method.get, .head] {
        router.on(RouterPath(path), method: method) { request, _ in
          Self.response(answer(path, authorization: request.headers[.authorization]))
        }
      }
      for method in [HTTPRequest.Method.post, .put, .patch, .delete, .options] {
        router.on(RouterPath(path), method: method) { _, _ in
          Self.response(Answer(status: 405, body: "GET and HEAD only\n", allow: "GET, HEAD"))
        }
      }
    }
    return router
  }

  /// What is answered, before it is HTTP.
  struct Answer: Equatable {
    var status = 200
    var type = "text/plain; charset=utf-8"
    var body = ""
    var allow: String?
    var challenge = false
  }

  /// - Parameter authorization: the header's value.
  func answer(_ path: String, authorization: String?) -> Answer {
    let isTrusted = isTrusted(authorization)
    switch path {
    case "/metrics":
      guard isTrusted else { return Answer(status: 401, body: "a token is needed\n", challenge: true) }
      ProcessMetrics.show()
      return Answer(type: Exposition.contentType, body: registry.exposition)
    case "/healthz": return answer(.alive(vitals(), now: now()), isTrusted)
    case "/readyz": return answer(.ready(vitals(), now: now()), isTrusted)
    default: return Answer(status: 404, body: "\(Self.paths.joined(separator: " "))\n")
    }
  }

  /// A supervisor that has no token still learns yes or no, and nothing else.
  private func answer(_ health: Health, _ isTrusted: Bool) -> Answer {
    let status = health.isGood ? 200 : 503
    guard isTrusted else { return Answer(status: status, body: health.isGood ? "ok\n" : "failing\n") }
    return Answer(status: status, type: "application/json", body: health.json)
  }

  private func isTrusted(_ authorization: String?) -> Bool {
    guard let token else { return true }
    guard let authorization else { return false }
    let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
    return Self.isEqual(Array(parts[1].utf8), Array(token.utf8))
  }

  /// Takes as long wherever the two differ.
  private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func response(_ answer: Answer) -> Response {
    var fields = HTTPFields()
    fields[.contentType] = answer.type
    fields[.cacheControl] = "no-store"
    fields[.xContentTypeOptions] = "nosniff"
    if let allow = answer.allow { fields[.allow] = allow }
    if answer.challenge { fields[.wwwAuthenticate] = "Bearer" }
    return Response(
      status: .init(code: answer.status), headers: fields,
      body: .init(byteBuffer: ByteBuffer(string: answer.body)))
  }
}
