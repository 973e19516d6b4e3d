// Messages with what a careful specialist says of them: what training learns from and evaluation asks. The form
// is described in docs/labels.md.

/// A message and its labels.
public struct LabelledMessage: Sendable, Hashable, CustomStringConvertible {
  /// A flag and the words of the message that show it.
  public struct FlagLabel: Sendable, Hashable {
    public var kind: Verdict.Flag.Kind
    public var words: String
  }

  /// Author's prefix, a hyphen and a number: `a3-017`.
  public var id: String
  public var isComplaint: Bool
  /// A leaf of the taxonomy; nil for what is no complaint.
  public var category: String?
  public var secondary: [String] = []
  public var difficulty = "ordinary"
  /// What happened, as a slug: messages about the same happening share it.
  public var situation = ""
  /// What it is instead of a complaint.
  public var kind = ""
  public var country: String?
  public var language = "en"
  public var flags: [FlagLabel] = []
  /// Whether somebody looked for flags; where nobody did, none is no label.
  public var hasFlagLabels = true
  public var memberNumber: String?
  /// Written to teach what an earlier model got wrong: learned from, but unlike the mail to come, so that no cut-off,
  /// weight or threshold is chosen by it.
  public var isDrill = false
  public var from = ""
  public var to = ""
  public var subject = ""
  public var attachments: [String] = []
  public var body = ""

  public init(id: String, isComplaint: Bool) {
    self.id = id
    self.isComplaint = isComplaint
  }

  /// Who wrote it: training and testing never share an author.
  public var author: String { String(id.prefix { $0 != "-" }) }
  public var description: String { "\(id) \"\(subject)\"" }

  /// The message as RFC 5322 bytes, so that it is judged by way of the parser, as mail is.
  public var message: [UInt8] {
    var text = "From: \(from)\r\nTo: \(to)\r\nSubject: \(subject)\r\nMIME-Version: 1.0\r\n"
    let body = self.body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    let plain =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\(body)\r\n"
    if attachments.isEmpty { return Array((text + plain).utf8) }
    text += "Content-Type: multipart/mixed; boundary=\"=_labelled_mail\"\r\n\r\n--=_labelled_mail\r\n" + plain
    for name in attachments {
      text += """
        --=_labelled_mail\r\nContent-Type: application/octet-stream; name="\(name)"\r
        Content-Disposition: attachment; filename="\(name)"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r

        """
    }
    return Array((text + "--=_labelled_mail--\r\n").utf8)
  }
}

/// What is wrong with a file of labelled mail.
public struct LabelProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public let line: Int
  public let message: String
  public var description: String { "line \(line): \(message)" }
}

/// Reads files of labelled mail.
public enum LabelledMail {
  /// Reads one file's records.
  ///
  /// - Throws: the first `LabelProblem`, with its line.
  public static func read(_ bytes: [UInt8]) throws(LabelProblem) -> [LabelledMessage] {
    var out: [LabelledMessage] = []
    var lines: [String] = []
    var firstLine = 0
    var number = 0
    for slice in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      let line = String(decoding: slice.last == 0x0D ? slice.dropLast() : slice, as: UTF8.self)
      if line.hasPrefix("=== ") {
        if firstLine > 0 { out.append(try record(lines, firstLine)) }
        (lines, firstLine) = ([line], number)
      } else if firstLine > 0 {
        lines.append(line)
      } else if !line.isEmpty, !line.hasPrefix("#") {
        throw LabelProblem(
          line: number, message: "a record begins with \"=== ID\"; this line stands before any")
      }
    }
    if firstLine > 0 { out.append(try record(lines, firstLine)) }
    return out
  }

  private static func record(_ lines: [String], _ firstLine: Int) throws(LabelProblem) -> LabelledMessage {
    var message = LabelledMessage(id: trimmed(lines[0].dropFirst(4)), isComplaint: false)
    var hasOutcome = false
    guard let bodyMark = lines.firstIndex(of: "---") else {
      throw LabelProblem(line: firstLine, message: "\(message.id): no line \"---\" before its body")
    }
    for (offset, line) in lines[1..<bodyMark].enumerated() where !line.isEmpty {
      let at = firstLine + 1 + offset
      guard let colon = line.firstIndex(of: ":") else {
        throw LabelProblem(line: at, message: "\(message.id): \"\(line)\" is no \"field: value\"")
      }
      let value = trimmed(line[line.index(after: colon)...])
      if value.isEmpty { continue }
      let key = trimmed(line[..<colon])
      if key == "outcome" {
        guard value == Band.complaint.rawValue || value == Band.notAComplaint.rawValue else {
          throw LabelProblem(line: at, message: "\(message.id): outcome is complaint or not-a-complaint")
        }
        (message.isComplaint, hasOutcome) = (value == Band.complaint.rawValue, true)
      } else if let problem = set(key, value, &message) {
        throw LabelProblem(line: at, message: "\(message.id): \(problem)")
      }
    }
    if !hasOutcome { throw LabelProblem(line: firstLine, message: "\(message.id): no outcome") }
    if message.isComplaint, message.category == nil {
      throw LabelProblem(line: firstLine, message: "\(message.id): a complaint without a category")
    }
    if !message.isComplaint { (message.category, message.secondary) = (nil, []) }
    var body = lines[(bodyMark + 1)...]
    while body.last?.isEmpty == true { body.removeLast() }
    message.body = body.joined(separator: "\n")
    return message
  }

  /// - Returns: what is wrong, or nil.
  private static func set(_ key: String, _ value: String, _ message: inout LabelledMessage) -> String? {
    switch key {
    case "category":
      guard Taxonomy.ids.contains(value) else { return "\"\(value)\" is no leaf of the taxonomy" }
      message.category = value
    case "secondary":
      message.secondary = value.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
      if let odd = message.secondary.first(where: { !Taxonomy.ids.contains($0) }) {
        return "\"\(odd)\" is no leaf of the taxonomy"
      }
    case "flag":
      let halves = value.split(separator: "|", maxSplits: 1).map { trimmed($0) }
      guard let kind = Verdict.Flag.Kind(rawValue: halves.first ?? "") else {
        return "\"\(halves.first ?? "")\" is no flag"
      }
      message.flags.append(.init(kind: kind, words: halves.count > 1 ? halves[1] : ""))
    case "flags":
      guard value == "unlabelled" else {
        return "flags is \"unlabelled\" or left out; a flag is a line \"flag: KIND | WORDS\""
      }
      message.hasFlagLabels = false
    case "purpose":
      guard value == "drill" else { return "purpose is \"drill\" or left out" }
      message.isDrill = true
    case "difficulty": message.difficulty = value
    case "situation": message.situation = value
    case "kind": message.kind = value
    case "country": message.country = value
    case "language": message.language = value
    case "member": message.memberNumber = value
    case "from": message.from = value
    case "to": message.to = value
    case "subject": message.subject = value
    case "attachments":
      message.attachments = value.split(separator: ";").map { trimmed($0) }.filter { !$0.isEmpty }
    default: return "there is no field \"\(key)\""
    }
    return nil
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" || text.last == "\r" { text.removeLast() }
    return String(text)
  }
}
