// The table of everything that can be asked of the desk; what each needs is said here and nowhere else.

internal import HTTPTypes
internal import Hummingbird

/// One path and method.
struct Route: Sendable {
  let method: HTTPRequest.Method
  /// With `:name` for what varies.
  let path: String
  /// Nil where nobody need be signed in.
  let permission: Permission?
  /// Whether `:id` is a case, which the person must be allowed to see.
  let isOfCase: Bool
  let answer: @Sendable (Pages, Visit) throws -> Page

  private static func get(
    _ path: String, _ permission: Permission?, ofCase: Bool = false,
    _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route { Route(method: .get, path: path, permission: permission, isOfCase: ofCase, answer: answer) }

  private static func post(
    _ path: String, _ permission: Permission?, ofCase: Bool = false,
    _ answer: @escaping @Sendable (Pages, Visit) throws -> Page
  ) -> Route { Route(method: .post, path: path, permission: permission, isOfCase: ofCase, answer: answer) }

  static let all: [Route] = [
    .get("/sign-in", nil) { try $0.signIn($1) },
    .post("/sign-in", nil) { try $0.trySignIn($1) },
    .post("/sign-out", .seeVolumes) { try $0.signOut($1) },
    .get("/static/desk.css", nil) { pages, _ in pages.file(PackageResources.desk_css, "text/css") },
    .get("/static/desk.js", nil) { pages, _ in pages.file(PackageResources.desk_js, "text/javascript") },
    .get("/", .seeVolumes) { pages, _ in pages.home() },
    .get("/cases", .seeCases) { try $0.list($1) },
    .get("/cases/rows", .seeCases) { try $0.rows($1) },
    .post("/cases/decide", .decide) { try $0.decideMany($1) },
    .get("/cases/:id", .seeCases, ofCase: true) { try $0.show($1) },
    .post("/cases/:id/decide", .decide, ofCase: true) { try $0.decide($1) },
    .get("/cases/:id/acknowledge", .decide, ofCase: true) { try $0.letter($1) },
    .post("/cases/:id/acknowledge", .decide, ofCase: true) { try $0.acknowledge($1) },
    .post("/cases/:id/letter", .decide, ofCase: true) { try $0.settleLetter($1) },
    .get("/cases/:id/raw", .seeCases, ofCase: true) { try $0.raw($1) },
    .get("/cases/:id/html", .seeCases, ofCase: true) { try $0.html($1) },
    .get("/cases/:id/files/:number", .seeCases, ofCase: true) { try $0.attachment($1) },
  ]
}
