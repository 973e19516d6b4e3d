// Fetching one large message in parts, so that a connection that breaks late does not lose it all in one command.

import Transport

extension Connection {
  /// Writes one message into a file, part by part, without marking it seen.
  ///
  /// Servers differ at a message's end and some return more or less than a part: every part must begin where it was
  /// asked to, must bring something, and is counted only after its tagged OK; the end is a part that brings nothing,
  /// or a short one at or beyond `size`.
  ///
  /// - Parameters:
  ///   - size: RFC822.SIZE, as a hint only.
  ///   - path: a file that is not there yet; it is removed again when this throws.
  /// - Throws: what ended the connection, a refusal, or `.limit` above `messageLimit`.
  public func fetchInParts(
    _ uid: UID, size: Int, to path: String, partSize: Int = 8 << 20
  ) async throws(IMAPError) -> PartialFetch {
    try guarded { () throws(IMAPError) in
      _ = try requireMailbox()
      let file = try SpillFile(path: path)
      let partSize = max(1, min(partSize, Int(Int32.max)))
      var fetched = PartialFetch(count: 0, internalDate: nil, flags: [], anomalies: [])
      // Parts shorter than asked for are allowed, but not so many that it never ends.
      var partsLeft = settings.messageLimit / partSize + Limits.shortParts
      while true {
        partsLeft -= 1
        guard partsLeft >= 0 else { throw IMAPError(.limit("parts of one message")) }
        let part: Part
        do throws(IMAPError) {
          part = try fetchPart(uid, offset: fetched.count, length: partSize, to: file)
        } catch {
          // Some servers refuse to read beyond the end.
          guard case .no = error.kind, fetched.count > 0, fetched.count >= size else { throw error }
          break
        }
        if fetched.count == 0 {
          fetched.internalDate = part.internalDate.flatMap { InternalDate.unixSeconds($0) }
          fetched.flags = part.flags
          if fetched.internalDate == nil {
            fetched.anomalies.append(
              .init(kind: .badDate, uid: uid, text: "INTERNALDATE is missing or no date"))
          }
        }
        fetched.count += part.count
        if part.isWhole || part.count == 0 || (part.count < partSize && fetched.count >= size) { break }
      }
      if fetched.count != size {
        fetched.anomalies.append(
          .init(kind: .sizeLie, uid: uid, text: "RFC822.SIZE says \(size), \(fetched.count) bytes came"))
      }
      _ = try file.keep()
      return fetched
    }
  }

  private struct Part {
    var count = 0
    /// The server sent the whole message where a part was asked for.
    var isWhole = false
    var internalDate: [UInt8]?
    var flags: [String] = []
  }

  /// BODY.PEEK[]<offset.length>   (RFC 9051 §6.4.5)
  private func fetchPart(
    _ uid: UID, offset: Int, length: Int, to file: SpillFile
  ) throws(IMAPError) -> Part {
    let wire = try requireWire()
    let tag = try send(
      "UID FETCH \(uid) (UID FLAGS INTERNALDATE BODY.PEEK[]<\(offset).\(length)>)", on: wire,
      expecting: length)
    var part = Part()
    var hasPart = false
    // Written as it comes: a literal is this part's or the answer is refused as a whole.
    var streamed = 0
    while true {
      switch try wire.next() {
      case .bodyStart(let size):
        guard streamed == 0, size <= settings.messageLimit - offset else {
          throw IMAPError(.limit("a message above \(settings.messageLimit) bytes, or several for one"))
        }
      case .body(let range):
        let bytes = wire.bytes(range)
        streamed += bytes.count
        try file.append(bytes)
      case .bodyEnd: break
      case .response(.fetch(let items)):
        try noteUnasked(.fetch(items))
        if items.bodies.isEmpty { continue }
        guard items.uid == uid, items.bodies.count == 1, let body = items.bodies.first, !hasPart else {
          throw .violation("an answer with another message, or with more than was asked for")
        }
        hasPart = true
        part.internalDate = items.internalDate
        part.flags = items.flags ?? []
        switch body.content {
        case .streamed(let count): part.count = count
        case .inline(let bytes):
          part.count = bytes.count
          try bytes.withUnsafeBytesThrowing { buffer throws(IMAPError) in try file.append(buffer) }
        case .missing: part.count = 0
        }
        if body.origin != offset || part.count > length {
          // Without an origin, or longer than asked for, it is the whole message: good only as the first part.
          guard offset == 0, body.origin ?? 0 == 0 else {
            throw .violation("a part that does not begin at \(offset), or is longer than \(length)")
          }
          part.isWhole = part.count > 0
        }
      case .response(.tagged(tag, let status, let text)):
        _ = try answer(status, text)
        guard hasPart || offset > 0 else {
          throw IMAPError(.no(text: "the server did not deliver the message", code: nil))
        }
        return part
      case .response(.continuation):
        throw .violation("the server waits for more of a command that has no more")
      case .response(let response): try noteUnasked(response)
      }
    }
  }
}
