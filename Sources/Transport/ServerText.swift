// What a server said, made fit for a log line: nothing in it can move a terminal's cursor, forge a line or fill a disk.

package enum ServerText {
  /// Control characters and bytes that are not UTF-8 escaped, cut to 200 bytes.
  package static func sanitized(_ bytes: some Collection<UInt8>, hiding secret: String? = nil) -> String {
    // Enough to fill the 200 bytes; the rest of a long text is not even decoded.
    var text = String(decoding: bytes.prefix(TransportLimits.serverText * 4), as: UTF8.self)
    if let secret, secret.utf8.count >= 4 { text = hide(secret, in: text) }
    var result = ""
    for scalar in text.unicodeScalars {
      let written: String
      switch scalar.value {
      case 0x20...0x7E, 0xA1...0x200A, 0x2010...0x2027, 0x2030...0x2060, 0x2070...0xFEFE, 0x10000...:
        written = String(scalar)
      default:
        // C0, C1, bidirectional and zero-width controls, line separators.
        written = "\\u{\(String(scalar.value, radix: 16))}"
      }
      if result.utf8.count + written.utf8.count > TransportLimits.serverText - 3 { return result + "…" }
      result += written
    }
    return result
  }

  /// The words with every word that has an `@` in it left out, cut to so many bytes: what a server says of a recipient,
  /// fit for a log, which holds nothing of people.
  package static func withoutAddresses(_ text: String, limit: Int? = nil) -> String {
    let words = text.utf8.split { $0 <= 0x20 || $0 == 0x7F }.map { word in
      word.contains(UInt8(ascii: "@")) ? "…" : String(decoding: word, as: UTF8.self)
    }
    return String(
      decoding: words.joined(separator: " ").utf8.prefix(limit ?? TransportLimits.serverText), as: UTF8.self)
  }

  /// Some servers repeat what was sent to them.
  private static func hide(_ secret: String, in text: String) -> String {
    let needle = Array(secret.utf8)
    let hay = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < hay.count {
      if hay[index] == needle[0], hay[index...].starts(with: needle) {
        result += "•••".utf8
        index += needle.count
      } else {
        result.append(hay[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Seconds from "Suggested Backoff Time: 299961 milliseconds", as Exchange Online says when it throttles.
  package static func suggestedBackoff(_ bytes: [UInt8]) -> Double? {
    let phrase: StaticString = "SUGGESTED BACKOFF TIME:"
    let text = Array(bytes.prefix(4096))
    guard let start = ASCII.position(of: phrase, in: text) else { return nil }
    let rest = text[(start + phrase.utf8CodeUnitCount)...].drop { $0 == ASCII.space }
    guard let number = ASCII.number(rest.prefix { ASCII.isDigit($0) }.prefix(12)) else { return nil }
    return Double(number) / 1000
  }
}
