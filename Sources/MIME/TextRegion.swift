// Whose words are whose: the writer's own, quoted and forwarded text, signatures and disclaimers.

/// A run of lines of one kind in a message's text.
public struct TextRegion: Sendable, Hashable, Codable {
  /// Whose words the lines are.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case own, quoted, forwarded, signature, disclaimer
  }

  /// Whose words the lines are.
  public let kind: Kind
  /// UTF-8 offsets in the text, whole lines with their line ends.
  public let range: Range<Int>

  /// Makes a region.
  public init(kind: Kind, range: Range<Int>) {
    self.kind = kind
    self.range = range
  }
}

/// Divides a text into regions that cover it whole, in order, neighbours of different kinds.
///
/// A header block pasted by a reply is `quoted`; after a forward marker, or with `isForward` (the subject says "FW:"),
/// it and what follows is `forwarded`. Answers between quoted lines stay `own`. A mail gateway's warning at the top and
/// legal notices at the end are `disclaimer`. In doubt lines are `own`: a complaint must not be hidden.
public func regions(of text: String, isForward: Bool = false) -> [TextRegion] {
  regions(of: text, isForward: isForward, marks: [])
}

/// As above, with what HTML said about stretches of the text.
func regions(of text: String, isForward: Bool, marks: [TextMark]) -> [TextRegion] {
  var splitter = RegionSplitter(Array(text.utf8), isForward: isForward, marks: marks)
  return splitter.regions()
}

extension Message {
  /// The regions of `text`: the subject's "FW:", the sender's name and, for the message's own text, what its HTML marked
  /// are taken into account.
  public func regions(of text: String) -> [TextRegion] {
    var splitter = RegionSplitter(
      Array(text.utf8), isForward: SubjectPrefix.isForward(subject),
      marks: text == self.text ? textMarks : [],
      sender: from.first?.displayName)
    return splitter.regions()
  }

  /// Those parts of `text` that the writer of this message wrote, joined.
  public var ownText: String {
    let text = text
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    for region in regions(of: text) where region.kind == .own { out.append(contentsOf: bytes[region.range]) }
    return String(decoding: out, as: UTF8.self)
  }
}

/// The prefixes that clients put before a subject.
enum SubjectPrefix {
  private static let forwards: Set<String> = [
    "fw", "fwd", "wg", "tr", "rv", "doorst", "doorgestuurd", "aangestuur", "i", "inoltra", "inoltro", "enc",
    "encaminhada", "vs", "vb", "pd", "weitergeleitet", "wtr", "transf", "transfert", "transféré", "reenv",
    "renv",
    "reenviado", "forward", "forwarded", "forwarding", "转发", "轉寄", "轉發", "转寄", "轉送", "הועבר", "העברה",
    "ar aghaidh", "majukan", "panjangan", "terusan",
  ]
  private static let replies: Set<String> = [
    "re", "aw", "sv", "antw", "ant", "antwort", "odp", "ref", "resp", "r", "rif", "res", "réf", "bls", "回复",
    "回覆",
    "答复", "答覆", "回信", "תשובה", "השב", "freagra", "balas", "bal", "réponse", "rép", "risposta", "antwoord",
  ]

  /// Whether the outermost prefix says that the mail forwards another.
  static func isForward(_ subject: String) -> Bool { first(subject).map { forwards.contains($0) } ?? false }

  /// Whether the outermost prefix says that the mail answers another.
  static func isReply(_ subject: String) -> Bool { first(subject).map { replies.contains($0) } ?? false }

  private static func first(_ subject: String) -> String? {
    let bytes = Array(subject.utf8.prefix(200))
    var start = 0
    // "[EXTERNAL] FW: …": tags that gateways add stand before.
    while start < bytes.count {
      if bytes[start].isSpace {
        start += 1
      } else if bytes[start] == ASCII.bracket, let end = bytes[start...].firstIndex(of: 0x5D) {
        start = end + 1
      } else {
        break
      }
    }
    guard let colon = colon(bytes, start), colon - start < 20 else { return nil }
    var end = colon
    // "RE[2]:" and "Fwd (2):"
    if let open = bytes[start..<colon].firstIndex(where: { $0 == ASCII.bracket || $0 == ASCII.open }) {
      end = open
    }
    let range = trimmed(bytes, start..<end)
    var previous: UInt8 = 0
    let word = bytes[range].map { byte in
      defer { previous = byte }
      return folded(byte, after: previous)
    }
    return String(decoding: word, as: UTF8.self)
  }

  /// The first colon, of either width (U+FF1A).
  private static func colon(_ bytes: [UInt8], _ start: Int) -> Int? {
    bytes.indices.dropFirst(start).first { index in
      bytes[index] == ASCII.colon
        || bytes[index] == 0xEF && index + 2 < bytes.count && bytes[index + 1] == 0xBC
          && bytes[index + 2] == 0x9A
    }
  }
}
