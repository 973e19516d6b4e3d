// The table of everything that can be asked of the desk; what each needs is said here and nowhere else.

internal import HTTPTypes
internal import Hummingbird

/// One path and method.
struct Route: Sendable {
  /// Who asks.
  enum Kind: Sendable {
    /// A person's browser, with the cookie of a session.
    case page
    /// A program, with a token in the Authorization header.
    case api
  }

  let kind: Kind
  let method: HTTPRequest.Method
  /// With `:name` for what varies.
  let path: String
  /// Nil where nobody need be signed in.
  let permission: Permission?
  /// Whether `:id` is a case, which the person must be allowed to see.
  let isOfCase: Bool
  /// Whether answering may wait for somebody else's server.
  var waits = false
  let answer: @Sendable (Pages, Visit) throws -> Page

  private static func get(
    _ path: String, _ permission: Permission?, ofCase: Bool = false,
    _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route {
    Route(
      kind: .page, method: .get, path: path, permission: permission, isOfCase: ofCase, answer: answer)
  }

  private static func post(
    _ path: String, _ permission: Permission?, ofCase: Bool = false,
    _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route {
    Route(
      kind: .page, method: .post, path: path, permission: permission, isOfCase: ofCase, answer: answer)
  }

  private static func waiting(
    _ path: String, _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route {
    Route(
      kind: .page, method: .get, path: path, permission: nil, isOfCase: false, waits: true, answer: answer)
  }

  /// What begins the path of everything for programs.
  static let apiPath = "/api/v1"

  private static func api(
    _ method: HTTPRequest.Method, _ path: String, _ permission: Permission, ofCase: Bool = false,
    _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route {
    Route(
      kind: .api, method: method, path: apiPath + path, permission: permission, isOfCase: ofCase,
      answer: answer)
  }

  static let all: [Route] = [
    .get("/sign-in", nil) { try $0.signIn($1) },
    .post("/sign-in", nil) { try $0.trySignIn($1) },
    .waiting("/sign-in/openid") { try $0.beginOpenID($1) },
    .waiting("/sign-in/openid/return") { try $0.endOpenID($1) },
    .post("/sign-out", .seeVolumes) { try $0.signOut($1) },
    .get("/static/desk.css", nil) { pages, _ in pages.file(PackageResources.desk_css, "text/css") },
    .get("/static/desk.js", nil) { pages, _ in pages.file(PackageResources.desk_js, "text/javascript") },
    .get("/static/icon.svg", nil) { pages, _ in pages.file(PackageResources.icon_svg, "image/svg+xml") },
    .get("/", .seeVolumes) { try $0.home($1) },
    .get("/volumes", .seeVolumes) { try $0.volumes($1) },
    .get("/volumes.csv", .seeVolumes) { try $0.volumesCSV($1) },
    .get("/reports/:name", .seeVolumes) { try $0.report($1) },
    .get("/cases", .seeCases) { try $0.list($1) },
    .get("/cases/rows", .seeCases) { try $0.rows($1) },
    .post("/cases/decide", .decide) { try $0.decideMany($1) },
    .post("/views/save", .seeCases) { try $0.saveView($1) },
    .post("/views/remove", .seeCases) { try $0.removeView($1) },
    .get("/cases/:id", .seeCases, ofCase: true) { try $0.show($1) },
    .post("/cases/:id/decide", .decide, ofCase: true) { try $0.decide($1) },
    .get("/cases/:id/acknowledge", .decide, ofCase: true) { try $0.letter($1) },
    .post("/cases/:id/acknowledge", .decide, ofCase: true) { try $0.acknowledge($1) },
    .post("/cases/:id/letter", .decide, ofCase: true) { try $0.settleLetter($1) },
    .get("/cases/:id/raw", .seeCases, ofCase: true) { try $0.raw($1) },
    .get("/cases/:id/html", .seeCases, ofCase: true) { try $0.html($1) },
    .get("/cases/:id/files/:number", .seeCases, ofCase: true) { try $0.attachment($1) },
    .get("/cases/:id/messages/:event/raw", .seeCases, ofCase: true) { try $0.raw($1) },
    .get("/cases/:id/messages/:event/files/:number", .seeCases, ofCase: true) { try $0.attachment($1) },
    .api(.get, "/openapi.json", .seeVolumes) { pages, _ in pages.apiDescription() },
    .api(.get, "/cases", .seeCases) { try $0.apiList($1) },
    .api(.get, "/cases/:id", .seeCases, ofCase: true) { try $0.apiCase($1) },
    .api(.post, "/cases/:id/decisions", .decide, ofCase: true) { try $0.apiDecide($1) },
    .api(.get, "/cases/:id/raw", .seeCases, ofCase: true) { try $0.apiRaw($1) },
    .api(.get, "/cases/:id/files/:number", .seeCases, ofCase: true) { try $0.attachment($1) },
  ]

  /// The methods that a path has none of ours for: they are answered, with those that it has.
  static let otherMethods: [(path: String, kind: Kind, refused: [HTTPRequest.Method], allowed: String)] = {
    let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    return Dictionary(grouping: all, by: \.path).sorted { $0.key < $1.key }.compactMap { path, routes in
      guard let kind = routes.first?.kind else { return nil }
      let methods = routes.map(\.method)
      return (
        path, kind, known.filter { !methods.contains($0) },
        methods.map(\.rawValue).sorted().joined(separator: ", ")
      )
    }
  }()
}
