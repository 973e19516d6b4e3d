// A header block: its fields in order, found by name, as bytes and as text.

/// One field of a header block, as offsets into the message.
public struct HeaderField: Sendable {
  let message: MessageBytes
  let nameRange: Range<Int>
  /// FNV-1a of the name in lower case: what is compared first, as most fields are not the one looked for.
  private let nameHash: UInt64
  /// Where the value stands in the message, folds included, the final line end not.
  public let valueRange: Range<Int>

  init(message: MessageBytes, nameRange: Range<Int>, valueRange: Range<Int>, bytes: UnsafeRawBufferPointer) {
    self.message = message
    self.nameRange = nameRange
    self.valueRange = valueRange
    var hash = HeaderField.seed
    for byte in bytes[nameRange] { hash = HeaderField.extended(hash, byte) }
    nameHash = hash
  }

  /// The same field with more lines or fewer bytes.
  init(_ field: HeaderField, valueRange: Range<Int>) {
    message = field.message
    nameRange = field.nameRange
    nameHash = field.nameHash
    self.valueRange = valueRange
  }

  private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
  @inline(__always)
  private static func extended(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte.lowered)) &* 0x100_0000_01b3
  }

  static func hash(_ name: String) -> UInt64 {
    var hash = seed
    for byte in name.utf8 { hash = extended(hash, byte) }
    return hash
  }

  /// The name in the case it was written in.
  public var name: String { String(decoding: message.copy(nameRange), as: UTF8.self) }

  /// The value's bytes exactly as they arrived.
  public var rawValue: [UInt8] { message.copy(valueRange) }

  /// The value in one line, without the white space around it (RFC 5322 §2.2.3).
  public var unfolded: [UInt8] {
    let low = valueRange.lowerBound
    let high = valueRange.upperBound
    return message.withUnsafeBytes { bytes in
      var out: [UInt8] = []
      out.reserveCapacity(high - low)
      var index = low
      while index < high, bytes[index].isSpace { index += 1 }
      while index < high {
        let byte = bytes[index]
        if byte != ASCII.cr, byte != ASCII.lf { out.append(byte) }
        index += 1
      }
      while let last = out.last, last.isBlank { out.removeLast() }
      return out
    }
  }

  /// The value as text: unfolded, encoded words decoded (RFC 2047), never with a line end in it.
  public var text: String { decodeHeaderText(unfolded) }

  /// Whether the field has this name; case does not matter (RFC 5322 §1.2.2).
  public func isNamed(_ other: String) -> Bool {
    guard other.utf8.count == nameRange.count else { return false }
    return isNamed(other, hash: HeaderField.hash(other))
  }

  func isNamed(_ other: String, hash: UInt64) -> Bool {
    guard hash == nameHash, other.utf8.count == nameRange.count else { return false }
    return message.withUnsafeBytes { bytes in
      var index = nameRange.lowerBound
      for byte in other.utf8 {
        if bytes[index].lowered != byte.lowered { return false }
        index += 1
      }
      return true
    }
  }
}

/// The fields of one header block, in the order they stand.
public struct Headers: Sendable {
  /// Every field, topmost first.
  public internal(set) var fields: [HeaderField] = []

  /// The number of fields.
  public var count: Int { fields.count }

  /// The text of the topmost field of that name; nil when there is none.
  public func first(_ name: String) -> String? { firstField(name)?.text }

  /// The texts of all fields of that name, topmost first.
  public func all(_ name: String) -> [String] { allFields(name).map(\.text) }

  func allFields(_ name: String) -> [HeaderField] {
    let hash = HeaderField.hash(name)
    return fields.filter { $0.isNamed(name, hash: hash) }
  }

  /// The unfolded bytes of the topmost field of that name; nil when there is none.
  public func rawBytes(_ name: String) -> [UInt8]? { firstField(name)?.unfolded }

  /// Whether there is a field of that name.
  public func contains(_ name: String) -> Bool { firstField(name) != nil }

  /// The topmost field of that name.
  public func firstField(_ name: String) -> HeaderField? {
    let hash = HeaderField.hash(name)
    return fields.first { $0.isNamed(name, hash: hash) }
  }
}
