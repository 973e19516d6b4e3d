// What went wrong, for a program (RFC 9457, application/problem+json).

import Cases
internal import HTTPTypes

/// A request that the API refuses, with words for whoever wrote the program.
struct APIProblem: Error {
  let status: HTTPResponse.Status
  let title: String
  let detail: String
  /// What else the answer holds, such as what changed.
  var more: (any Encodable & Sendable)?

  init(
    _ status: HTTPResponse.Status, _ title: String, _ detail: String, more: (any Encodable & Sendable)? = nil
  ) {
    self.status = status
    self.title = title
    self.detail = detail
    self.more = more
  }

  static func badRequest(_ detail: String) -> APIProblem { APIProblem(.badRequest, "Bad request", detail) }

  var page: Page {
    let body = (try? JSONLine.bytes(Body(problem: self))) ?? Array("{}".utf8)
    return Page(
      status: status, contentType: "application/problem+json", body: body, policy: Page.apiPolicy)
  }

  private struct Body: Encodable {
    let problem: APIProblem

    private enum CodingKeys: String, CodingKey {
      case title, detail, status
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(problem.title, forKey: .title)
      try container.encode(problem.detail, forKey: .detail)
      try container.encode(problem.status.code, forKey: .status)
      try problem.more?.encode(to: encoder)
    }
  }
}

extension Refusal {
  /// The refusal as a program is told it.
  func problem(origin: String) -> APIProblem {
    switch self {
    case .signIn, .form:
      APIProblem(
        .unauthorized, "No valid token",
        "Send Authorization: Bearer with a token of `intake token add` that is neither disabled nor expired.")
    case .slowDown(let seconds):
      APIProblem(.tooManyRequests, "Too many wrong tokens", "Try again in \(seconds) seconds.")
    case .role:
      APIProblem(.forbidden, "Not within the token's role", "A token of another role may do this.")
    case .origin:
      APIProblem(.forbidden, "Refused", "The API is for programs, not for other sites' pages.")
    case .host: APIProblem(.badRequest, "Unknown address", "The API is at \(origin)/api/v1.")
    case .notFound:
      APIProblem(.notFound, "Not found", "There is none of that name, or the token may not see it.")
    case .tooLarge: APIProblem(.contentTooLarge, "Too much", "A request's body may have 1 MiB.")
    case .method:
      APIProblem(.methodNotAllowed, "Method not allowed", "The Allow header names the methods.")
    }
  }
}
