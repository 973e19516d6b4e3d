// The body of a decision.

import Cases
import Deadlines
import FoundationEssentials
internal import HTTPTypes

/// What a program sends to decide a case; read strictly, so that a misspelt field is not lost in silence.
struct DecisionRequest: Decodable {
  let decision: Decision.Name
  /// How many events the program had seen.
  let after: Int
  let fields: DecisionFields

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case decision, after, reason, category, assignee, into, complainant, address, received
    case outcome, product, redress, amount
    case rootCause = "root_cause"
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let known = Set(CodingKeys.allCases.map(\.rawValue))
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
      throw APIProblem.badRequest(
        "\(key.stringValue.prefix(40)) is no field of a decision; there are \(known.sorted().joined(separator: ", "))."
      )
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? { try container.decodeIfPresent(String.self, forKey: key) }
    guard let name = try text(.decision), let decision = Decision.Name(rawValue: name) else {
      throw APIProblem(
        .unprocessableContent, "No such decision",
        "decision is one of \(Decision.Name.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self.decision = decision
    guard let after = try container.decodeIfPresent(Int.self, forKey: .after) else {
      throw APIProblem(
        .unprocessableContent, "Nothing seen", "after is the case's event_count when you looked at it.")
    }
    self.after = after
    fields = DecisionFields(
      reason: try text(.reason), category: try text(.category), assignee: try text(.assignee),
      into: try text(.into), complainant: try text(.complainant), address: try text(.address),
      received: try container.decodeIfPresent(Instant.self, forKey: .received),
      closure: ClosureFields(
        outcome: try text(.outcome), rootCause: try text(.rootCause), product: try text(.product),
        redress: try text(.redress), amount: try text(.amount)))
  }

  /// Reads a body.
  ///
  /// - Throws: `APIProblem`.
  static func read(_ body: [UInt8]) throws -> DecisionRequest {
    do {
      return try JSONDecoder().decode(DecisionRequest.self, from: Data(body))
    } catch let problem as APIProblem {
      throw problem
    } catch let error as DecodingError {
      let place: String
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
        .dataCorrupted(let context):
        place = context.codingPath.map(\.stringValue).joined(separator: ".")
      @unknown default: place = ""
      }
      throw APIProblem.badRequest(
        place.isEmpty
          ? "The body is not a JSON object." : "\(place): not of the type that the description names.")
    }
  }
}
