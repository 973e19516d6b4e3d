// What every page shares: who may see it, its frame, and what is shown when it cannot be.

import Cases
import Deadlines
internal import HTTPTypes
internal import Hummingbird
import Logging
import Monitoring
import Triage

/// The pages.
final class Pages: Sendable {
  let desk: Desk
  let templates: Templates
  let sessions = Sessions()
  let throttle = SignInThrottle()
  /// Nil where single sign-on is not set up.
  let provider: OpenIDProvider?
  let attempts = SignInAttempts()
  let figuresCache = FiguresCache()
  let trends = WatchCache<TrendWatch>(seconds: 900)
  let themes = WatchCache<ThemeWatch>(seconds: 3600)
  let logger: Logger
  /// Compared with where there is no such user, so that a wrong name takes as long as a wrong password.
  private let nobody: StoredPassword

  init(_ desk: Desk, cost: StoredPassword.Cost, logger: Logger) throws {
    self.desk = desk
    self.logger = logger
    provider = desk.settings.openID.map(OpenIDProvider.init)
    templates = try Templates()
    nobody = try StoredPassword(Sessions.randomToken(), cost: cost)
  }

  /// Answers a route once session or token, role, form token and case have been checked.
  func answer(_ route: Route, _ asked: Visit) throws -> Page {
    var visit = asked
    switch route.kind {
    case .page: try admitPerson(&visit, route)
    case .api: try admitProgram(&visit, route)
    }
    if route.isOfCase {
      guard let id = CaseID(visit.parameters["id"] ?? ""), desk.store.exists(id) else {
        throw Refusal.notFound
      }
      guard try visit.person().sees(mailbox: try desk.store.read(id).recorded.message.source.mailbox) else {
        throw Refusal.notFound
      }
      visit.caseID = id
    }
    return try route.answer(self, visit)
  }

  /// A person by the session of their cookie.
  private func admitPerson(_ visit: inout Visit, _ route: Route) throws {
    if let token = visit.token, let session = sessions.find(token, at: desk.now()),
      let user = try desk.users.read(session.user), !user.isDisabled, user.stamp == session.stamp
    {
      visit.session = session
      visit.user = user
    }
    guard let permission = route.permission else { return }
    guard let user = visit.user, let session = visit.session else { throw Refusal.signIn }
    guard user.role.allows(permission) else { throw Refusal.role }
    if route.method == .post {
      guard isEqualInConstantTime((visit.form["token"] ?? "").utf8, session.formToken.utf8) else {
        throw Refusal.form
      }
    }
  }

  /// A program by its token. A right token is let in however many wrong ones came from the same address before:
  /// behind a proxy that is everybody's.
  private func admitProgram(_ visit: inout Visit, _ route: Route) throws {
    let now = desk.now()
    guard let token = try visit.bearer.flatMap({ try desk.tokens.find($0, at: now) }) else {
      guard visit.bearer != nil else { throw Refusal.signIn }
      let wait = throttle.wait(Self.bearers, from: visit.address, at: now)
      throttle.failed(Self.bearers, from: visit.address, at: now)
      throw wait > 0 ? Refusal.slowDown(wait) : Refusal.signIn
    }
    guard let permission = route.permission, token.role.allows(permission) else { throw Refusal.role }
    visit.user = token.bearer
  }

  /// What wrong tokens are counted under; no user has such a name.
  private static let bearers = "*"

  // MARK: signing in

  func signIn(_ visit: Visit) throws -> Page { signInPage(next: visit.query["next"], problem: nil) }

  private func signInPage(next: String?, problem: String?) -> Page {
    framed(
      "sign-in",
      [
        "next": .text(Self.safePath(next)), "problem": .optional(problem),
        "openID": .optional(
          provider == nil ? nil : "\(Self.openIDPath)?next=" + Form.encoded(Self.safePath(next))),
      ], title: "Sign in",
      visit: Visit(),
      status: problem == nil ? .ok : .unauthorized)
  }

  func trySignIn(_ visit: Visit) throws -> Page {
    let name = visit.form["name"] ?? ""
    let password = visit.form.all("password").first ?? ""
    let now = desk.now()
    let wait = throttle.wait(name, from: visit.address, at: now)
    if wait > 0 {
      return signInPage(
        next: visit.form["next"], problem: "Too many wrong passwords. Try again in \(wait) seconds.")
    }
    let user = try desk.users.read(name)
    let isRight = (user?.password ?? nobody).matches(
      String(password.prefix(StoredPassword.lengths.upperBound)))
    guard isRight, let user, !user.isDisabled else {
      throttle.failed(name, from: visit.address, at: now)
      return signInPage(next: visit.form["next"], problem: "That name and password do not belong together.")
    }
    throttle.succeeded(name, from: visit.address)
    if let token = visit.token { sessions.end(token) }
    var page = Page.redirect(Self.safePath(visit.form["next"]))
    page.newToken = sessions.begin(user, at: now)
    return page
  }

  func signOut(_ visit: Visit) throws -> Page {
    if let token = visit.token { sessions.end(token) }
    if visit.form["everywhere"] != nil { sessions.endAll(of: try visit.person().name) }
    var page = Page.redirect("/sign-in")
    page.endsSession = true
    return page
  }

  /// Only a path of ours: `//evil.example` and `/\evil.example` lead elsewhere.
  static func safePath(_ path: String?) -> String {
    guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.hasPrefix("/sign"),
      path.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && $0 != 0x5C })
    else { return "/" }
    return path
  }

  // MARK: frame

  func framed(
    _ template: String, _ model: Model, title: String, visit: Visit, status: HTTPResponse.Status = .ok
  ) -> Page {
    var model = model
    model["title"] = .text(title)
    model["organisation"] = .text(desk.settings.organisation)
    model["token"] = .optional(visit.session?.formToken)
    model["user"] = .optional(visit.user?.name)
    model["role"] = .optional(visit.user?.role.rawValue)
    model["decides"] = .flag(visit.user?.role.allows(.decide) ?? false)
    // Rows are no page of their own: a list that keeps itself fresh must not swallow what was said.
    if template != "rows", visit.user != nil, let said = visit.token.flatMap(sessions.takeSaid) {
      model["said"] = .model([
        "words": .text(said.words), "isUndoable": .flag(said.undoes != nil),
        "id": .text(said.undoes?.id.text ?? ""),
        "events": .text(said.undoes.map { String($0.events) } ?? ""),
      ])
      model["hasSaid"] = true
    }
    return Page(status: status, body: templates.render(template, model))
  }

  func home(_ visit: Visit) throws -> Page {
    .redirect(try visit.person().role.allows(.seeCases) ? "/cases" : "/volumes")
  }

  func file(_ bytes: [UInt8], _ type: String) -> Page {
    var page = Page(contentType: "\(type); charset=utf-8", body: bytes)
    page.headers = [(.cacheControl, "max-age=300")]
    return page
  }

  func refused(_ refusal: Refusal, kind: Route.Kind, isPost: Bool, path: String) -> Page {
    if kind == .api {
      var page = refusal.problem(origin: desk.settings.origin).page
      switch refusal {
      case .signIn: page.headers.append((.wwwAuthenticate, "Bearer"))
      case .slowDown(let seconds): page.headers.append((.retryAfter, String(seconds)))
      default: break
      }
      return page
    }
    switch refusal {
    case .signIn:
      if !isPost, let name = desk.settings.visitor, let visitor = try? desk.users.read(name) {
        var page = Page.redirect(path)
        page.newToken = sessions.begin(visitor, at: desk.now())
        return page
      }
      return !isPost
        ? .redirect("/sign-in?next=" + Form.encoded(path))
        : problem(
          .unauthorized, "You are signed out", "Sign in again, then repeat what you did: it was not done.")
    case .role: return problem(.forbidden, "Not yours to open", "Your role does not include this page.")
    case .form:
      return problem(
        .forbidden, "This form is out of date", "Go back, load the page again and repeat it: it was not done."
      )
    case .origin:
      return problem(
        .forbidden, "Refused", "This form did not come from a page of the desk. Nothing was done.")
    case .host: return problem(.badRequest, "Unknown address", "The desk is at \(desk.settings.origin).")
    case .notFound:
      return problem(.notFound, "No such case", "There is none of that name, or it is not yours to see.")
    case .tooLarge: return problem(.contentTooLarge, "Too much", "A form may have 1 MB.")
    case .slowDown(let seconds):
      return problem(.tooManyRequests, "Too many tries", "Try again in \(seconds) seconds.")
    case .method:
      return problem(.methodNotAllowed, "Not so", "This address does not take requests of that kind.")
    }
  }

  func failed(kind: Route.Kind) -> Page {
    if kind == .api {
      return APIProblem(
        .internalServerError, "That did not work",
        "What was needed could not be read or written; nothing was lost. The log says more. Try again in a moment."
      ).page
    }
    return problem(
      .internalServerError, "That did not work",
      "The desk could not read or write what it needed; nothing was lost. Its log says more. Try again in a moment."
    )
  }

  func problem(_ status: HTTPResponse.Status, _ title: String, _ words: String) -> Page {
    framed("problem", ["words": .text(words)], title: title, visit: Visit(), status: status)
  }
}
