// A request of somebody, as the pages see it.

import Cases

/// Who asks for what.
struct Visit: Sendable {
  /// Nil before signing in.
  var user: User?
  var session: Session?
  /// The session's token, to end it with.
  var token: String?
  var query = Form()
  var form = Form()
  var parameters: [String: String] = [:]
  /// The case that the path names; there and allowed wherever a route is of a case.
  var caseID: CaseID?
  /// Where the request came from, for slowing down guesses.
  var address = ""

  /// The person of a route that needs one.
  func person() throws -> User {
    guard let user else { throw Refusal.signIn }
    return user
  }
}

/// Why a request gets no answer.
enum Refusal: Error {
  case signIn, role, form, origin, host
  case notFound
  case tooLarge
}
