// HTTP for the desk: who asks is settled here, before any page sees a request.

import Cases
internal import HTTPTypes
internal import Hummingbird
import Logging
import Metering

/// The desk's web server.
public struct ReviewServer: Sendable {
  let pages: Pages
  private let workers: WorkerPool
  /// For what waits for somebody else's server: it must not hold up the desk.
  private let waiters: WorkerPool
  private let logger: Logger
  private let origin: String
  private let hosts: Set<String>

  /// Bytes of a form; what a page shows is never sent back.
  static let formBytes = 1 << 20
  /// Without its Secure attribute a cookie may go over plain HTTP: only for this machine itself.
  private var cookieName: String { origin.hasPrefix("https://") ? "__Host-intake" : "intake" }
  /// Of a sign-in elsewhere that has begun. Lax: coming back from the other site is a link that is followed.
  private var attemptName: String { cookieName + "-openid" }

  public init(_ desk: Desk, logger: Logger) throws {
    try self.init(desk, logger: logger, cost: StoredPassword.standardCost)
  }

  init(_ desk: Desk, logger: Logger, cost: StoredPassword.Cost) throws {
    pages = try Pages(desk, cost: cost, logger: logger)
    workers = WorkerPool(threads: 8)
    waiters = WorkerPool(threads: desk.settings.openID == nil ? 1 : 2)
    self.logger = logger
    origin = desk.settings.origin
    let host = String(origin.drop { $0 != ":" }.dropFirst(3))
    hosts = [host]
  }

  /// Serves until the task is cancelled or the process is told to end.
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

  func router() -> Router<DeskContext> {
    let router = Router(context: DeskContext.self)
    router.add(middleware: NothingHere(pages: pages))
    for route in Route.all {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        let begun = ContinuousClock.now
        let response = await answer(route, request, context)
        DeskMetrics.count(
          route.path, status: response.status.code, seconds: (.now - begun).inSeconds)
        return response
      }
    }
    for (path, kind, refused, allowed) in Route.otherMethods {
      for method in refused {
        router.on(RouterPath(path), method: method) { _, _ in
          var page = pages.refused(.method, kind: kind, isPost: true, path: path)
          page.headers.append((.allow, allowed))
          return page.response
        }
      }
    }
    return router
  }

  private func answer(_ route: Route, _ request: Request, _ context: DeskContext) async -> Response {
    do {
      let asked = try await visit(route, request, context)
      return settled(try await (route.waits ? waiters : workers).run { try pages.answer(route, asked) })
    } catch let refusal as Refusal {
      return settled(
        pages.refused(
          refusal, kind: route.kind, isPost: route.method == .post, path: request.uri.string))
    } catch let problem as APIProblem {
      return problem.page.response
    } catch {
      logger.error(
        "the desk could not answer", metadata: ["route": "\(route.path)", "error": "\(type(of: error))"])
      return pages.failed(kind: route.kind).response
    }
  }

  /// The request as the pages see it, once it is known to be meant for us.
  private func visit(_ route: Route, _ request: Request, _ context: DeskContext) async throws -> Visit {
    var request = request
    var visit = Visit(query: Form(request.uri.query ?? ""), address: context.address)
    for (name, value) in context.parameters { visit.parameters[String(name)] = String(value) }
    guard hosts.contains(request.head.authority ?? "") else { throw Refusal.host }
    switch route.kind {
    case .page:
      visit.token = request.cookies[cookieName]?.value
      visit.attempt = request.cookies[attemptName]?.value
    case .api: visit.bearer = Self.bearer(request)
    }
    // A page of another site has no business with a program's API, not even to read.
    if route.kind == .api || route.method == .post { try checkOrigin(request) }
    guard route.method == .post else { return visit }
    let body: ByteBuffer
    do {
      body = try await request.collectBody(upTo: Self.formBytes)
    } catch { throw Refusal.tooLarge }
    switch route.kind {
    case .page: visit.form = Form(String(buffer: body))
    case .api:
      // What a form or a page of another site can send without asking is none of these (CORS-safelisted types).
      let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
      guard type.lowercased() == "application/json" else {
        throw APIProblem(.unsupportedMediaType, "Not JSON", "Send Content-Type: application/json.")
      }
      visit.body = Array(buffer: body)
    }
    return visit
  }

  /// The token of an Authorization header (RFC 6750 §2.1).
  private static func bearer(_ request: Request) -> String? {
    guard let field = request.headers[.authorization] else { return nil }
    let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  /// A page with the cookie that it gives or takes.
  private func settled(_ page: Page) -> Response {
    var page = page
    if let token = page.newToken { page.headers.append((.setCookie, cookie(token, age: nil))) }
    if let secret = page.newAttempt {
      page.headers.append((.setCookie, cookie(secret, name: attemptName, age: OpenIDLimits.attemptSeconds)))
    }
    if page.endsAttempt { page.headers.append((.setCookie, cookie("", name: attemptName, age: 0))) }
    if page.endsSession { page.headers.append((.setCookie, cookie("", age: 0))) }
    return page.response
  }

  /// A form may only come from our own pages (ASVS 3.5.1, 3.5.3); its token is checked with the session.
  private func checkOrigin(_ request: Request) throws {
    if let from = request.headers[.origin], from != origin { throw Refusal.origin }
    if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }),
      site != "same-origin" && site != "none"
    {
      throw Refusal.origin
    }
  }

  private func cookie(_ token: String, name: String? = nil, age: Int64?) -> String {
    "\(name ?? cookieName)=\(token); Path=/; HttpOnly; SameSite=Lax"
      + (origin.hasPrefix("https://") ? "; Secure" : "")
      + (age.map { "; Max-Age=\($0)" } ?? "")
  }
}

/// Answers what no route has, like everything else: with the headers of a page, or as a problem.
private struct NothingHere: RouterMiddleware {
  let pages: Pages

  func handle(
    _ request: Request, context: DeskContext, next: (Request, DeskContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      DeskMetrics.requests.add(1, "other", "4xx")
      if request.uri.path.hasPrefix(Route.apiPath) {
        return APIProblem(.notFound, "Not found", "openapi.json describes what there is.").page.response
      }
      return pages.problem(.notFound, "Nothing here", "There is no page of that address.").response
    }
  }
}

/// What Hummingbird carries along with a request.
struct DeskContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The peer's address without its port.
  let address: String

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    address = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }
}
