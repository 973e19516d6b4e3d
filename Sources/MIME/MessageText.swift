// From parts to the text that people read: which parts, and how each becomes lines.

import Synchronization

extension Message {
  /// The message's own text for people, lines ended by LF; empty when there is none.
  ///
  /// Of a multipart/alternative the plain text if it says anything, else another alternative; inline text parts of
  /// other multiparts are joined. A message whose only text is marked as an attachment, or outside all parts, shows
  /// that rather than nothing.
  ///
  /// Rendered at the first call and kept: triage, forwards and region marks all ask for it.
  public var text: String { textCache.text { rendered() } }

  private func rendered() -> String {
    let own = text(from: 0, includingAttached: false)
    if !isBlankText(own) { return own }
    let attached = text(from: 0, includingAttached: true)
    return isBlankText(attached) ? "" : attached
  }

  /// Walks the parts in order with a work list; a multipart/alternative is settled when its turn comes.
  private func text(from root: Int, includingAttached: Bool) -> String {
    var pieces: [String] = []
    var work = [root]
    var size = 0
    while let index = work.popLast(), size < limits.textBytes {
      guard parts.indices.contains(index) else { continue }
      let part = parts[index]
      if part.isMultipart {
        if part.children.isEmpty {
          // Nothing was found between the delimiters: the body itself is all there is.
          let raw = bytes.copy(
            part.bodyRange
              .lowerBound..<min(part.bodyRange.upperBound, part.bodyRange.lowerBound + limits.textBytes))
          add(TextLines.normalised(Charset.unlabelled(raw)), &pieces, &size)
        } else if part.contentType.subtype == "alternative" {
          if let chosen = bestAlternative(part.children, includingAttached) { work.append(chosen) }
        } else if part.contentType.subtype == "related" {
          work.append(part.children[0])
          if part.children.count > 1, parts[part.children[0]].isAttachment {
            work.append(contentsOf: part.children.dropFirst().reversed())
          }
        } else if part.contentType.subtype == "signed" {
          work.append(part.children[0])
        } else if part.contentType.subtype == "encrypted" {
          continue
        } else {
          work.append(contentsOf: part.children.reversed())
        }
        continue
      }
      if part.contentType.isType("message", "partial"), let inner = partialText(index) {
        add(inner, &pieces, &size)
        continue
      }
      guard part.contentType.type == "text", includingAttached ? isReadable(part) : !part.isAttachment else {
        continue
      }
      add(decodedText(of: index), &pieces, &size)
    }
    return pieces.joined(separator: "\n")
  }

  /// RFC 2046 §5.2.2: the first fragment carries the enclosed message's header, the others bare text.
  private func partialText(_ index: Int) -> String? {
    guard embedding < limits.depth else { return nil }
    let body = decoded(index, limit: limits.textBytes)
    return Message(parsing: MessageBytes(body), limits: limits, embedding: embedding + 1).text
  }

  private func add(_ text: String, _ pieces: inout [String], _ size: inout Int) {
    guard !isBlankText(text) else { return }
    size += text.utf8.count
    pieces.append(text)
  }

  private func isReadable(_ part: MIMEPart) -> Bool {
    part.contentType.isType("text", "plain") || part.contentType.isType("text", "html")
  }

  /// RFC 2046 §5.1.4 puts the best alternative last; for reading, plain text that says something is the best.
  private func bestAlternative(_ children: [Int], _ attached: Bool) -> Int? {
    for child in children where parts[child].contentType.isType("text", "plain") {
      if !attached, parts[child].isAttachment { continue }
      if !isBlankText(decodedText(of: child)) { return child }
    }
    for child in children.reversed() where parts[child].isMultipart { return child }
    for child in children.reversed() where parts[child].contentType.isType("text", "html") {
      if !isBlankText(decodedText(of: child)) { return child }
    }
    return children.last { parts[$0].contentType.type == "text" }
  }

  /// A part as text, lines ended by LF: charset decoded, HTML rendered, flowed lines joined. The part need not be
  /// text; what cannot be decoded shows as U+FFFD.
  public func decodedText(of part: Int) -> String {
    guard parts.indices.contains(part) else { return "" }
    let info = parts[part]
    let body = decoded(part, limit: min(limits.textBytes, limits.decodedBytes))
    if info.contentType.type == "text", info.contentType.subtype == "html" {
      let label = info.contentType.parameters["charset"] ?? HTMLText.declaredCharset(body)
      return HTMLText.render(Charset.decode(body, label: label))
    }
    let text = TextLines.normalised(Charset.decode(body, label: info.contentType.parameters["charset"]))
    guard info.contentType.parameters["format"].map(loweredASCII) == "flowed" else { return text }
    let delSp = info.contentType.parameters["delsp"].map(loweredASCII) == "yes"
    return TextLines.unflowed(text, delSp: delSp)
  }
}

enum TextLines {
  /// CRLF and CR become LF, NUL becomes U+FFFD.
  static func normalised(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == ASCII.cr || $0 == 0 }) else { return text }
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count)
    var sawReturn = false
    for byte in text.utf8 {
      if byte == ASCII.lf, sawReturn {
        sawReturn = false
        continue
      }
      sawReturn = byte == ASCII.cr
      if byte == 0 { appendUTF8(0xFFFD, to: &out) } else { out.append(sawReturn ? ASCII.lf : byte) }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// format=flowed: a line ending in a space goes on in the next of the same quote depth (RFC 3676 §4.4), the
  /// signature line excepted (§4.3); stuffed spaces go (§4.4), and with DelSp the flowing space too (§4.5).
  static func unflowed(_ text: String, delSp: Bool) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var openDepth: Int?
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != ASCII.lf { end += 1 }
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
    return String(decoding: out, as: UTF8.self)
  }
}

/// A message's text once it has been rendered; shared by copies of the message.
final class TextCache: Sendable {
  private let kept = Mutex<String?>(nil)

  func text(_ render: () -> String) -> String {
    if let text = kept.withLock({ $0 }) { return text }
    // Two threads may both render; they render the same.
    let text = render()
    kept.withLock { $0 = text }
    return text
  }
}
