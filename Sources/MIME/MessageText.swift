// From parts to the text that people read: which parts, and how each becomes lines.

import Glibc
import Synchronization

extension Message {
  /// The message's own text for people, lines ended by LF; empty when there is none.
  ///
  /// Of a multipart/alternative the plain text if it says anything, else another alternative; inline text parts of
  /// other multiparts are joined. A message whose only text is marked as an attachment, or outside all parts, shows
  /// that rather than nothing.
  ///
  /// Rendered at the first call and kept: triage, forwards and region marks all ask for it.
  public var text: String { rendered.text }

  /// What the HTML of `text` said about stretches of it; none for plain text.
  var textMarks: [TextMark] { rendered.marks }

  /// The links in `text`, as far as HTML drew them.
  public var links: [TextLink] { render(collectingLinks: true).links }

  private var rendered: RenderedText {
    textCache.value {
      let text = render(collectingLinks: false)
      return RenderedText(text: String(decoding: text.text, as: UTF8.self), marks: text.marks)
    }
  }

  fileprivate func render(collectingLinks: Bool) -> HTMLRendering {
    var walk = TextWalk(message: self, collectsLinks: collectingLinks)
    walk.run(includingAttached: false)
    if walk.isBlank { walk.addWrapped() }
    if walk.isBlank { walk.run(includingAttached: true) }
    if walk.isBlank { walk.addEmbedded() }
    return walk.isBlank ? HTMLRendering() : walk.out
  }

  /// A part as text, lines ended by LF: charset decoded, HTML rendered, flowed lines joined. The part need not be
  /// text; what cannot be decoded shows as U+FFFD.
  public func decodedText(of part: Int) -> String {
    String(decoding: rendering(of: part, collectingLinks: false).text, as: UTF8.self)
  }

  /// A part's HTML in UTF-8, as written: hostile, never to be shown as it is. Empty for a part of another type.
  public func decodedHTML(of part: Int) -> [UInt8] {
    guard parts.indices.contains(part), parts[part].contentType.isType("text", "html") else { return [] }
    let body = decoded(part, limit: min(limits.textBytes, limits.decodedBytes))
    return Charset.utf8(body, label: charset(of: part) ?? HTMLText.declaredCharset(body))
  }

  func rendering(of part: Int, collectingLinks: Bool) -> HTMLRendering {
    guard parts.indices.contains(part) else { return HTMLRendering() }
    let info = parts[part]
    let body = decoded(part, limit: min(limits.textBytes, limits.decodedBytes))
    let type = info.contentType
    if type.isType("text", "html") {
      let label = charset(of: part) ?? HTMLText.declaredCharset(body)
      return HTMLText.render(Charset.utf8(body, label: label), collectingLinks: collectingLinks)
    }
    if type.subtype == "rtf" {
      let (text, isHTML) = RTF.read(body, limits: limits)
      return isHTML
        ? HTMLText.render(text, collectingLinks: collectingLinks)
        : HTMLRendering(text: TextLines.normalised(text))
    }
    let text = removingFiles(from: TextLines.normalised(Charset.utf8(body, label: charset(of: part))))
    if type.isType("text", "enriched") || type.isType("text", "richtext") {
      return HTMLRendering(text: EnrichedText.plain(text))
    }
    guard type.parameters["format"].map(loweredASCII) == "flowed" else { return HTMLRendering(text: text) }
    let delSp = type.parameters["delsp"].map(loweredASCII) == "yes"
    return HTMLRendering(text: TextLines.unflowed(text, delSp: delSp))
  }

  /// The charset a part names, else the one that the multipart around it does, which some senders take for the place.
  private func charset(of part: Int) -> String? {
    parts[part].contentType.parameters["charset"]
      ?? parts[part].parent.flatMap { parts[$0].contentType.parameters["charset"] }
  }

  /// The lines of a text part before anything is made of them: uuencoded and yEnc blocks still in place. yEnc is
  /// bytes rather than text, so no charset is applied.
  func decodedLines(of part: Int) -> [UInt8] {
    decoded(part, limit: min(limits.textBytes, limits.decodedBytes))
  }

  private func removingFiles(from text: [UInt8]) -> [UInt8] {
    guard text.withUnsafeBytes({ EnclosedBlock.mayOpen(in: $0) }) else { return text }
    let text = UUEncoding.removed(from: text, limits: limits) ?? text
    return YEnc.removed(from: text, limits: limits) ?? text
  }
}

/// Walks the parts in order with a work list; a multipart/alternative is settled when its turn comes.
private struct TextWalk {
  let message: Message
  let collectsLinks: Bool
  var out = HTMLRendering()
  /// Renderings by part, so that a part looked at again, messages inside messages above all, is rendered once.
  private var made: [Int: HTMLRendering] = [:]

  var isBlank: Bool { isBlankText(out.text) }

  init(message: Message, collectsLinks: Bool) {
    self.message = message
    self.collectsLinks = collectsLinks
  }

  mutating func run(includingAttached: Bool) {
    let parts = message.parts
    out = HTMLRendering()
    var work = [0]
    while let index = work.popLast(), out.text.count < message.limits.textBytes {
      guard parts.indices.contains(index) else { continue }
      let part = parts[index]
      if part.isMultipart {
        if part.children.isEmpty {
          // Nothing was found between the delimiters: the body itself is all there is.
          let low = part.bodyRange.lowerBound
          let raw = message.bytes.copy(low..<min(part.bodyRange.upperBound, low + message.limits.textBytes))
          add(HTMLRendering(text: TextLines.normalised(Charset.utf8(raw, label: nil))))
          continue
        }
        switch part.contentType.subtype {
        case "alternative":
          if let chosen = bestAlternative(part.children, includingAttached) { work.append(chosen) }
        case "related":
          let root = relatedRoot(part)
          work.append(root)
          if parts[root].isAttachment {
            work.append(contentsOf: part.children.filter { $0 != root }.reversed())
          }
        case "signed": work.append(part.children[0])
        case "encrypted": continue
        default: work.append(contentsOf: part.children.reversed())
        }
        continue
      }
      if part.contentType.isType("message", "partial") || part.contentType.type == "application",
        let inner = inner(index)
      {
        add(inner)
        continue
      }
      guard part.contentType.type == "text" || part.contentType.subtype == "rtf",
        includingAttached ? isReadable(part) : !part.isAttachment
      else {
        continue
      }
      add(rendering(index))
    }
  }

  /// The body inside a winmail.dat, for a message that has no other.
  mutating func addWrapped() {
    for index in message.parts.indices where message.isTNEF(index) {
      guard let found = message.tnef(of: index) else { continue }
      if let plain = found.plainText {
        add(HTMLRendering(text: TextLines.normalised(Array(plain.utf8))))
      } else if let html = found.htmlBytes {
        let text = Charset.utf8(html, label: found.htmlCharset ?? HTMLText.declaredCharset(html))
        add(HTMLText.render(text, collectingLinks: collectsLinks))
      }
    }
  }

  /// The text of the messages or the invitation that a message without words of its own carries.
  mutating func addEmbedded() {
    for index in message.parts.indices where out.text.count < message.limits.textBytes {
      if message.parts[index].isMessage, let inner = inner(index) { add(inner) }
    }
    if let invitation = message.invitation { add(HTMLRendering(text: Array(invitation.text.utf8))) }
  }

  private mutating func rendering(_ index: Int) -> HTMLRendering {
    if let found = made[index] { return found }
    let found = message.rendering(of: index, collectingLinks: collectsLinks)
    made[index] = found
    return found
  }

  private mutating func add(_ piece: HTMLRendering) {
    guard !isBlankText(piece.text) else { return }
    guard !out.text.isEmpty else {
      out = piece
      return
    }
    out.text.append(ASCII.lf)
    let offset = out.text.count
    out.text.append(contentsOf: piece.text)
    func moved(_ range: Range<Int>) -> Range<Int> {
      (range.lowerBound + offset)..<(range.upperBound + offset)
    }
    out.marks += piece.marks.map { TextMark(kind: $0.kind, range: moved($0.range)) }
    out.links += piece.links.map { TextLink(range: moved($0.range), target: $0.target) }
  }

  /// The text of what a part encloses: opaque-signed content, an attached message, or a fragment of one, the first of
  /// which carries the enclosed header (RFC 2046 §5.2.2).
  private mutating func inner(_ index: Int) -> HTMLRendering? {
    if let found = made[index] { return found }
    let part = message.parts[index]
    var enclosed = message.signedContent(of: index) ?? message.embeddedMessage(of: index)
    if part.contentType.isType("message", "partial") { enclosed = message.enclosedMessage(of: index) }
    guard let enclosed else { return nil }
    let found = enclosed.render(collectingLinks: collectsLinks)
    made[index] = found
    return found
  }

  private func isReadable(_ part: MIMEPart) -> Bool {
    let type = part.contentType
    return type.isType("text", "plain") || type.isType("text", "html") || type.subtype == "rtf"
  }

  /// RFC 2387 §3.2: the part that `start` names, else the first.
  private func relatedRoot(_ part: MIMEPart) -> Int {
    guard let start = part.contentType.parameters["start"] else { return part.children[0] }
    let wanted = MessageIDs.first(in: Array(start.utf8))
    return part.children.first { wanted != nil && message.parts[$0].contentID == wanted } ?? part.children[0]
  }

  /// RFC 2046 §5.1.4 puts the best alternative last; for reading, plain text that says something is the best. A
  /// few words of plain text beside much HTML ("your client cannot show this") only stand in for it.
  private mutating func bestAlternative(_ children: [Int], _ attached: Bool) -> Int? {
    let parts = message.parts
    let plain = children.first { child in
      parts[child].contentType.isType("text", "plain") && (attached || !parts[child].isAttachment)
        && !isBlankText(rendering(child).text)
    }
    if let plain, rendering(plain).text.count > FixedLimit.standInBytes { return plain }
    let rich =
      children.last { parts[$0].isMultipart }
      ?? children.last { child in
        parts[child].contentType.isType("text", "html") && !isBlankText(rendering(child).text)
      }
    guard let plain else {
      return rich ?? children.last { parts[$0].contentType.type == "text" }
    }
    guard let rich, let html = htmlLeaf(rich) else { return plain }
    return rendering(html).text.count > FixedLimit.standInFactor * rendering(plain).text.count
      + FixedLimit.standInBytes
      ? rich : plain
  }

  /// The HTML part at or first below an alternative.
  private func htmlLeaf(_ index: Int) -> Int? {
    var index = index
    for _ in 0..<FixedLimit.alternativeDepth {
      if !message.parts[index].isMultipart { break }
      guard let first = message.parts[index].children.first else { return nil }
      index = first
    }
    return message.parts[index].contentType.isType("text", "html") ? index : nil
  }
}

enum TextLines {
  /// CRLF and CR become LF, NUL becomes U+FFFD; the input itself when it holds neither.
  static func normalised(_ text: [UInt8]) -> [UInt8] {
    text.withUnsafeBytes { raw -> [UInt8]? in
      guard let base = raw.baseAddress else { return nil }
      let count = raw.count
      let hasNul = memchr(base, 0, count) != nil
      guard hasNul || memchr(base, 0x0D, count) != nil else { return nil }
      var out: [UInt8] = []
      out.reserveCapacity(count)
      var start = 0
      while start < count {
        let hit = memchr(base + start, 0x0D, count - start)
        let end = hit.map { UnsafeRawPointer($0) - base } ?? count
        let run = UnsafeRawBufferPointer(rebasing: raw[start..<end])
        if hasNul {
          for byte in run {
            if byte == 0 { appendUTF8(0xFFFD, to: &out) } else { out.append(byte) }
          }
        } else {
          out.append(contentsOf: run)
        }
        start = end + 1
        guard end < count else { break }
        // CRLF is one line end, and a CR by itself is one as well.
        out.append(ASCII.lf)
        if start < count, raw[start] == ASCII.lf { start += 1 }
      }
      return out
    } ?? text
  }

  /// format=flowed: a line ending in a space goes on in the next of the same quote depth (RFC 3676 §4.4), the
  /// signature line excepted (§4.3); stuffed spaces go (§4.4), and with DelSp the flowing space too (§4.5).
  static func unflowed(_ bytes: [UInt8], delSp: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var openDepth: Int?
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: ASCII.lf) ?? bytes.count
      var index = start
      while index < end, bytes[index] == ASCII.greater { index += 1 }
      let depth = index - start
      if index < end, bytes[index] == ASCII.space { index += 1 }
      let content = bytes[index..<end]
      let isSignature = content.elementsEqual([ASCII.dash, ASCII.dash, ASCII.space])
      let soft = content.last == ASCII.space && !isSignature
      if let open = openDepth, open != depth || isSignature {
        out.append(ASCII.lf)
        openDepth = nil
      }
      if openDepth == nil, depth > 0 {
        out.append(contentsOf: repeatElement(ASCII.greater, count: depth))
        out.append(ASCII.space)
      }
      out.append(contentsOf: soft && delSp ? content.dropLast() : content)
      if soft {
        openDepth = depth
      } else {
        openDepth = nil
        if end < bytes.count { out.append(ASCII.lf) }
      }
      start = end + 1
    }
    return out
  }
}

/// text/enriched (RFC 1896) without its formatting commands.
enum EnrichedText {
  /// Commands go, parameters with them; "<<" is a "<"; one line end is a space, n of them are n - 1.
  static func plain(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var index = 0
    var isParameter = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.less {
        if index + 1 < bytes.count, bytes[index + 1] == ASCII.less {
          if !isParameter { out.append(byte) }
          index += 2
          continue
        }
        let limit = min(bytes.count, index + FixedLimit.elementNameBytes)
        if let end = bytes[index..<limit].firstIndex(of: ASCII.greater) {
          if hasPrefix("<param>", in: bytes, at: index, limit: limit) { isParameter = true }
          if hasPrefix("</param>", in: bytes, at: index, limit: limit) { isParameter = false }
          index = end + 1
          continue
        }
      }
      if byte == ASCII.lf {
        var end = index
        while end < bytes.count, bytes[end] == ASCII.lf { end += 1 }
        if !isParameter {
          if end - index == 1 {
            out.append(ASCII.space)
          } else {
            out.append(contentsOf: repeatElement(ASCII.lf, count: end - index - 1))
          }
        }
        index = end
        continue
      }
      if !isParameter { out.append(byte) }
      index += 1
    }
    return out
  }
}

/// A message's text as it was rendered.
struct RenderedText: Sendable {
  var text: String
  var marks: [TextMark]
}

/// A message's text once it has been rendered; shared by copies of the message.
final class TextCache: Sendable {
  private let kept = Mutex<RenderedText?>(nil)

  func value(_ render: () -> RenderedText) -> RenderedText {
    if let found = kept.withLock({ $0 }) { return found }
    // Two threads may both render; they render the same.
    let made = render()
    kept.withLock { $0 = made }
    return made
  }
}
