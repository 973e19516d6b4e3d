// The part of ASN.1's Basic Encoding Rules (ITU-T X.690) that CMS needs: identifiers, lengths, octet strings.

/// Reads BER elements from bytes that may end anywhere.
struct BER {
  static let integer: UInt8 = 0x02
  static let octetString: UInt8 = 0x04
  static let objectIdentifier: UInt8 = 0x06
  static let sequence: UInt8 = 0x30
  static let set: UInt8 = 0x31
  static let constructedOctetString: UInt8 = 0x24
  static let explicit0: UInt8 = 0xA0
  static let explicit1: UInt8 = 0xA1

  /// An identifier with its content.
  struct Element {
    /// The first identifier octet: class, constructed or not, tag number.
    let identifier: UInt8
    /// Ends at the container's end when the length is indefinite.
    let content: Range<Int>
    let isIndefinite: Bool

    var isConstructed: Bool { identifier & 0x20 != 0 }
  }

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// End-of-contents octets (X.690 §8.1.5).
  func isEndOfContents(at position: Int, end: Int) -> Bool {
    position >= 0 && position + 1 < end && end <= bytes.count && bytes[position] == 0
      && bytes[position + 1] == 0
  }

  /// The element at a position inside a container that ends at `end`; lengths beyond the end are cut to it.
  func element(at start: Int, end: Int) -> Element? {
    let end = min(end, bytes.count)
    guard start >= 0, start < end else { return nil }
    var position = start
    let identifier = bytes[position]
    position += 1
    if identifier & 0x1F == 0x1F {
      // X.690 §8.1.2.4: a tag number above 30 goes on in further octets.
      let last = min(end, position + 5)
      while position < last, bytes[position] & 0x80 != 0 { position += 1 }
      position += 1
    }
    guard position < end else { return nil }
    let first = bytes[position]
    position += 1
    guard first & 0x80 != 0 else {
      return Element(
        identifier: identifier, content: position..<min(end, position + Int(first)), isIndefinite: false)
    }
    let octets = Int(first & 0x7F)
    if octets == 0 {
      guard identifier & 0x20 != 0 else { return nil }
      return Element(identifier: identifier, content: position..<end, isIndefinite: true)
    }
    guard octets <= end - position else { return nil }
    var length = 0
    for index in position..<(position + octets) {
      // Longer than any input already: cut below, so the rest of the digits do not matter.
      if length <= bytes.count { length = length << 8 | Int(bytes[index]) }
    }
    position += octets
    return Element(
      identifier: identifier, content: position..<(length > end - position ? end : position + length),
      isIndefinite: false)
  }

  /// Where the element after this one starts.
  func end(of element: Element) -> Int {
    guard element.isIndefinite else { return element.content.upperBound }
    let end = element.content.upperBound
    var position = element.content.lowerBound
    // Only indefinite lengths need to be walked through; a count stands for the nesting.
    var open = 1
    while position < end {
      if isEndOfContents(at: position, end: end) {
        position += 2
        open -= 1
        if open == 0 { return position }
        continue
      }
      guard let child = self.element(at: position, end: end) else { return end }
      if child.isIndefinite {
        open += 1
        position = child.content.lowerBound
      } else {
        position = child.content.upperBound
      }
    }
    return end
  }

  /// The octets of a string in one piece or in pieces, nested ones included (X.690 §8.7.3), bounded by
  /// `limits.decodedBytes`. Of any other type, its content.
  func octets(_ element: Element, limits: Limits) -> [UInt8] {
    guard element.identifier == BER.constructedOctetString else {
      return Array(bytes[element.content].prefix(limits.decodedBytes))
    }
    var out: [UInt8] = []
    var open: [(end: Int, isIndefinite: Bool)] = [(element.content.upperBound, element.isIndefinite)]
    var position = element.content.lowerBound
    while let container = open.last {
      if position >= container.end {
        open.removeLast()
        continue
      }
      if container.isIndefinite, isEndOfContents(at: position, end: container.end) {
        position += 2
        open.removeLast()
        continue
      }
      guard let child = self.element(at: position, end: container.end) else { break }
      if child.identifier == BER.constructedOctetString {
        guard open.count < limits.depth else { break }
        open.append((child.content.upperBound, child.isIndefinite))
        position = child.content.lowerBound
      } else {
        guard child.identifier == BER.octetString, out.count < limits.decodedBytes else { break }
        out.append(contentsOf: bytes[child.content].prefix(limits.decodedBytes - out.count))
        position = child.content.upperBound
      }
    }
    return out
  }
}

/// Steps through the elements of nested containers, going down but never up again.
struct BERCursor {
  let ber: BER
  private(set) var position: Int
  private var end: Int

  init(_ ber: BER, at position: Int) {
    self.ber = ber
    self.position = position
    end = ber.bytes.count
  }

  /// The element here, which the cursor passes; nil at the end of the container.
  mutating func next() -> BER.Element? {
    guard !ber.isEndOfContents(at: position, end: end), let element = ber.element(at: position, end: end)
    else {
      return nil
    }
    position = ber.end(of: element)
    return element
  }

  /// The element here if it has this identifier, else nil and the cursor stays.
  mutating func take(_ identifier: UInt8) -> BER.Element? {
    guard ber.element(at: position, end: end)?.identifier == identifier else { return nil }
    return next()
  }

  /// Goes into the container here if it has this identifier.
  mutating func enter(_ identifier: UInt8) -> Bool {
    guard let element = ber.element(at: position, end: end), element.identifier == identifier else {
      return false
    }
    position = element.content.lowerBound
    end = element.content.upperBound
    return true
  }
}
