// Calendar invitations (RFC 5545, RFC 6047): what people need to see of one.

/// The first event of a text/calendar part.
public struct Invitation: Sendable, Hashable, Codable {
  /// "request", "reply", "cancel" … (RFC 5546 §1.4); nil when not said.
  public let method: String?
  /// What the event is called.
  public let summary: String?
  /// The words that came with it.
  public let description: String?
  /// Where it is.
  public let location: String?
  /// The organiser's address.
  public let organizer: String?
  /// When it begins, as written: a local time unless it ends in Z; the zone's name follows where one is given.
  public let start: String?
  /// Index of the part it stands in.
  public let part: Int

  /// Summary, time, place and description as lines.
  var text: String {
    [summary, start, location, description].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

extension Message {
  /// The calendar invitation that this message carries; nil when it carries none.
  public var invitation: Invitation? {
    guard
      let index = parts.indices.first(where: {
        parts[$0].contentType.isType("text", "calendar") || parts[$0].contentType.isType("application", "ics")
      })
    else { return nil }
    let body = decoded(index, limit: limits.textBytes)
    let label = parts[index].contentType.parameters["charset"]
    let lines = FieldLines.contentLines(
      TextLines.normalised(Charset.utf8(body, label: label)), limit: limits.headerFields)
    // Time zones come first and have properties of the same names.
    let event = lines.firstIndex { $0.name == "begin" && loweredASCII($0.value) == "vevent" } ?? 0
    func first(_ name: String) -> FieldLine? { lines[event...].first { $0.name == name } }
    let start = first("dtstart").map { field in
      field.parameters["tzid"].map { field.value + " " + $0 } ?? field.value
    }
    let method =
      lines.first { $0.name == "method" }?.value ?? parts[index].contentType.parameters["method"]
    let organizer = first("organizer").map { field in
      loweredASCII(field.value).hasPrefix("mailto:") ? String(field.value.dropFirst(7)) : field.value
    }
    return Invitation(
      method: method.map(loweredASCII), summary: first("summary")?.value,
      description: first("description")?.value, location: first("location")?.value, organizer: organizer,
      start: start, part: index)
  }
}
