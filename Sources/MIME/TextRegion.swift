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
/// it and what follows is `forwarded`. Answers between quoted lines stay `own`.
public func regions(of text: String, isForward: Bool = false) -> [TextRegion] {
  RegionSplitter(text, isForward: isForward).split()
}

extension Message {
  /// The regions of `text`, the subject's "FW:" taken into account.
  public func regions(of text: String) -> [TextRegion] {
    RegionSplitter(text, isForward: SubjectPrefix.isForward(subject)).split()
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
    "fw", "fwd", "wg", "tr", "rv", "doorst", "aangestuur", "i", "enc", "vs", "vb", "pd", "weitergeleitet",
    "wtr", "transf", "reenv", "renv", "reenviado",
  ]
  private static let replies: Set<String> = [
    "re", "aw", "sv", "antw", "ant", "antwort", "odp", "ref", "resp", "r", "rif", "res", "réf", "bls",
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
    guard let colon = bytes[start...].firstIndex(of: ASCII.colon), colon - start < 20 else { return nil }
    var end = colon
    // "RE[2]:" and "Fwd (2):"
    if let open = bytes[start..<colon].firstIndex(where: { $0 == ASCII.bracket || $0 == ASCII.open }) {
      end = open
    }
    let range = trimmed(bytes, start..<end)
    return String(decoding: bytes[range].map(\.lowered), as: UTF8.self)
  }
}

/// One line of a text: its extent, its quote depth, and what stands after the quote marks.
struct TextLine {
  var range: Range<Int>
  var depth: Int
  var content: Range<Int>

  var isBlank: Bool { content.isEmpty }
}

enum LineSplitter {
  /// Lines with their ends; quote marks are ">" with blanks between.
  static func lines(_ bytes: [UInt8]) -> [TextLine] {
    var out: [TextLine] = []
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != ASCII.lf { end += 1 }
      let next = min(end + 1, bytes.count)
      var index = start
      var depth = 0
      var mark = start
      while index < end, bytes[index] == ASCII.greater || bytes[index].isBlank {
        if bytes[index] == ASCII.greater {
          depth += 1
          mark = index + 1
        } else if index - mark > 2 {
          break
        }
        index += 1
      }
      out.append(
        TextLine(range: start..<next, depth: depth, content: trimmed(bytes, (depth > 0 ? mark : start)..<end))
      )
      start = next
    }
    return out
  }
}

private struct RegionSplitter {
  private let bytes: [UInt8]
  private let lines: [TextLine]
  private let isForward: Bool
  private var kinds: [TextRegion.Kind]

  init(_ text: String, isForward: Bool) {
    bytes = Array(text.utf8)
    lines = LineSplitter.lines(bytes)
    self.isForward = isForward
    kinds = [TextRegion.Kind](repeating: .own, count: lines.count)
  }

  func split() -> [TextRegion] {
    var work = self
    return work.run()
  }

  private mutating func run() -> [TextRegion] {
    var index = 0
    while index < lines.count {
      index = step(index)
    }
    blanksFollow()
    var out: [TextRegion] = []
    for (line, kind) in zip(lines, kinds) {
      if let last = out.last, last.kind == kind {
        out[out.count - 1] = TextRegion(kind: kind, range: last.range.lowerBound..<line.range.upperBound)
      } else {
        out.append(TextRegion(kind: kind, range: line.range))
      }
    }
    return out
  }

  /// Judges the lines from `index` on and returns the first one not judged.
  private mutating func step(_ index: Int) -> Int {
    let line = lines[index]
    let marker = ForwardMarkers.marker(bytes, lines, index)
    if line.depth > 0 {
      // A quoted forward marker is how Apple Mail and HTML quotes show a forwarded mail.
      let kind: TextRegion.Kind =
        marker.map { $0.forwards || isForward } == true
          || (isForward && HeaderBlock.starts(bytes, lines, index))
        ? .forwarded : .quoted
      var end = index
      while end < lines.count, lines[end].depth > 0 || (lines[end].isBlank && quoteGoesOn(end)) {
        kinds[end] = kind
        end += 1
        if kind == .quoted, end < lines.count, lines[end].depth > 0,
          ForwardMarkers.marker(bytes, lines, end)?.forwards == true
        {
          break
        }
      }
      return max(end, index + 1)
    }
    if let marker {
      let kind: TextRegion.Kind = marker.forwards || isForward ? .forwarded : .quoted
      if let quoted = quoteAfter(index + marker.lines) {
        fill(index..<quoted, kind)
        // The block itself is drawn as a quote: it ends where the marks end.
        var end = quoted
        while end < lines.count, lines[end].depth > 0 || (lines[end].isBlank && quoteGoesOn(end)) {
          kinds[end] = kind
          end += 1
        }
        return end
      }
      fill(index..<lines.count, kind)
      return lines.count
    }
    if HeaderBlock.starts(bytes, lines, index) {
      fill(index..<lines.count, isForward ? .forwarded : .quoted)
      return lines.count
    }
    if let count = Attribution.length(bytes, lines, index) {
      if quoteAfter(index + count) != nil {
        fill(index..<(index + count), .quoted)
        return index + count
      }
      fill(index..<lines.count, .quoted)
      return lines.count
    }
    if let end = signatureEnd(index) { return end }
    if Disclaimers.starts(bytes, line.content),
      index == 0 || lines[index - 1].isBlank || kinds[index - 1] != .own
        || Disclaimers.isHeading(bytes, line.content)
    {
      var end = index
      while end < lines.count, !lines[end].isBlank, lines[end].depth == 0 {
        kinds[end] = .disclaimer
        end += 1
      }
      return end
    }
    return index + 1
  }

  private mutating func fill(_ range: Range<Int>, _ kind: TextRegion.Kind) {
    for index in range { kinds[index] = kind }
  }

  private func quoteGoesOn(_ index: Int) -> Bool {
    index + 1 < lines.count && lines[index + 1].depth > 0
  }

  /// The first quoted line at or just after `index`, blank lines between; nil when other text comes first.
  private func quoteAfter(_ index: Int) -> Int? {
    var cursor = index
    while cursor < lines.count, cursor < index + 3, lines[cursor].depth == 0, lines[cursor].isBlank {
      cursor += 1
    }
    return cursor < lines.count && lines[cursor].depth > 0 ? cursor : nil
  }

  /// RFC 3676 §4.3's "-- " and what phones add; returns the first line after the signature.
  private mutating func signatureEnd(_ index: Int) -> Int? {
    let line = lines[index]
    let content = bytes[line.content]
    if content.elementsEqual([ASCII.dash, ASCII.dash]), index > 0 {
      var end = index
      var count = 0
      while end < lines.count, count <= FixedLimit.signatureLines {
        if end > index {
          if lines[end].depth > 0 || ForwardMarkers.marker(bytes, lines, end) != nil
            || HeaderBlock.starts(bytes, lines, end) || Attribution.length(bytes, lines, end) != nil
          {
            break
          }
          if Disclaimers.starts(bytes, lines[end].content), lines[end - 1].isBlank { break }
        }
        if !lines[end].isBlank { count += 1 }
        kinds[end] = .signature
        end += 1
      }
      return end
    }
    guard Signatures.isAppLine(bytes, line.content) else { return nil }
    kinds[index] = .signature
    return index + 1
  }

  /// A blank line belongs with what stands before it, so that regions do not begin with blank lines.
  private mutating func blanksFollow() {
    for index in lines.indices.dropFirst() where lines[index].isBlank && lines[index].depth == 0 {
      kinds[index] = kinds[index - 1]
    }
  }
}
