// A request of somebody, as the pages see it.

import Cases

/// Who asks for what.
struct Visit: Sendable {
  /// Nil before signing in.
  var user: User?
  var session: Session?
  /// The session's token, to end it with.
  var token: String?
  /// The token of the Authorization header, where a program asks.
  var bearer: String?
  /// The secret of a sign-in that this browser has begun.
  var attempt: String?
  /// What a program sent.
  var body: [UInt8] = []
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
  /// Too many wrong tokens from there; with the seconds to wait.
  case slowDown(Int64)
  /// The path has no such method.
  case method
}
