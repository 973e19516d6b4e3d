// Compressed RTF (MS-OXRTFCP), the form in which TNEF carries rich text.

enum CompressedRTF {
  /// What the dictionary holds at first (MS-OXRTFCP §2.1.2.1); part of the format.
  private static let initial = Array(
    ("{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
      + "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
      + "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx").utf8)

  /// The RTF, at most `limit` bytes of it, and what was wrong; what could be read of damaged or cut-off data.
  ///
  ///     compressed size, raw size, "LZFu" or "MELA", CRC; then runs of a control byte and eight tokens
  static func decompress(
    _ slice: ArraySlice<UInt8>, limit: Int
  ) -> (bytes: [UInt8], defects: [(Defect.Code, String)]) {
    let bytes = Array(slice)
    guard let packedSize = bytes.uint32(at: 0), let rawSize = bytes.uint32(at: 4),
      let type = bytes.uint32(at: 8),
      let expected = bytes.uint32(at: 12)
    else { return ([], bytes.isEmpty ? [] : [(.truncatedContent, "RTF header")]) }
    var defects: [(Defect.Code, String)] = []
    // The size counts the last twelve bytes of the header too.
    let end = min(bytes.count, packedSize + 4)
    if packedSize + 4 > bytes.count { defects.append((.truncatedContent, "compressed RTF")) }
    let body = bytes[16..<max(16, end)]
    var out: [UInt8]
    switch type {
    case 0x414C_454D:  // "MELA": stored as it is.
      out = Array(body.prefix(min(rawSize, limit)))
    case 0x7546_5A4C:  // "LZFu"
      var sum = CRC32(register: 0)
      sum.add(body)
      if Int(sum.register) != expected { defects.append((.badChecksum, "compressed RTF")) }
      let (raw, isClosed) = inflate(body, limit: limit)
      out = raw
      // Without an end mark the last tokens may be padding.
      if !isClosed, rawSize < out.count { out.removeLast(out.count - rawSize) }
    default: return ([], [(.malformedContent, "compressed RTF of unknown kind")])
    }
    if out.count == limit {
      defects.append((.decodedTooLarge, "RTF"))
    } else if out.count < rawSize {
      defects.append((.truncatedContent, "\(out.count) bytes of RTF instead of \(rawSize)"))
    }
    return (out, defects)
  }

  /// MS-OXRTFCP §3.1.2: a control byte says of the next eight tokens, from its lowest bit on, which are references into
  /// the last 4,096 bytes; one to the place of writing ends the text.
  private static func inflate(_ body: ArraySlice<UInt8>, limit: Int) -> (bytes: [UInt8], isClosed: Bool) {
    var window = [UInt8](repeating: 0x20, count: 4_096)
    window.replaceSubrange(0..<initial.count, with: initial)
    var place = initial.count
    var out: [UInt8] = []
    out.reserveCapacity(min(limit, body.count * 4))
    var position = body.startIndex
    while position < body.endIndex {
      var control = body[position]
      position += 1
      for _ in 0..<8 {
        guard position < body.endIndex, out.count < limit else { return (out, false) }
        let first = body[position]
        position += 1
        if control & 1 == 0 {
          out.append(first)
          window[place] = first
          place = (place + 1) & 0xFFF
        } else {
          guard position < body.endIndex else { return (out, false) }
          let second = body[position]
          position += 1
          var offset = Int(first) << 4 | Int(second) >> 4
          if offset == place { return (out, true) }
          for _ in 0..<min(Int(second & 0x0F) + 2, limit - out.count) {
            let byte = window[offset]
            out.append(byte)
            window[place] = byte
            offset = (offset + 1) & 0xFFF
            place = (place + 1) & 0xFFF
          }
        }
        control >>= 1
      }
    }
    return (out, false)
  }
}
