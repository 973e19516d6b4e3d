// MAPI property lists as TNEF carries them (MS-OXTNEF §2.1.3.4).

/// The properties of a message or an attachment that matter here (MS-OXPROPS).
enum MAPIProperty {
  static let messageClass: UInt16 = 0x001A
  static let subject: UInt16 = 0x0037
  static let clientSubmitTime: UInt16 = 0x0039
  static let subjectPrefix: UInt16 = 0x003D
  static let representingName: UInt16 = 0x0042
  static let representingAddressType: UInt16 = 0x0064
  static let representingAddress: UInt16 = 0x0065
  static let senderName: UInt16 = 0x0C1A
  static let senderAddressType: UInt16 = 0x0C1E
  static let senderAddress: UInt16 = 0x0C1F
  static let deliveryTime: UInt16 = 0x0E06
  static let normalizedSubject: UInt16 = 0x0E1D
  static let body: UInt16 = 0x1000
  static let compressedRTF: UInt16 = 0x1009
  static let html: UInt16 = 0x1013
  static let displayName: UInt16 = 0x3001
  static let attachData: UInt16 = 0x3701
  static let attachFilename: UInt16 = 0x3704
  static let attachLongFilename: UInt16 = 0x3707
  static let attachMimeTag: UInt16 = 0x370E
  static let attachContentID: UInt16 = 0x3712
  static let internetCodePage: UInt16 = 0x3FDE
  static let messageCodePage: UInt16 = 0x3FFD
  static let senderSMTPAddress: UInt16 = 0x5D01
  static let representingSMTPAddress: UInt16 = 0x5D02
}

/// Values by property identifier; strings and binaries are ranges of the TNEF stream. Named properties and the second
/// and later of several values are passed over.
struct MAPIProperties {
  enum Value {
    /// Every number and time (FILETIME), as its bits.
    case number(UInt64)
    case string8(Range<Int>)
    case unicode(Range<Int>)
    case binary(Range<Int>)
    /// Behind the interface identifier that says what the object is.
    case object(Range<Int>)
  }

  private(set) var values: [UInt16: Value] = [:]

  subscript(_ property: UInt16) -> Value? { values[property] }

  /// Reads one list and adds what is new. Returns false when the list breaks off or makes no sense; what came before
  /// is kept.
  ///
  ///     MsgPropertyList  = count *(type identifier [name] value)
  mutating func add(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    var reader = Reader(bytes: bytes, position: range.lowerBound, end: min(range.upperBound, bytes.count))
    guard let count = reader.uint32() else { return false }
    for _ in 0..<count {
      guard let type = reader.uint16(), let identifier = reader.uint16() else { return false }
      let property = UInt16(truncatingIfNeeded: identifier)
      if property >= 0x8000 {
        guard reader.skipName(), reader.value(type) != nil else { return false }
        continue
      }
      let isWhole = reader.position
      guard let value = reader.value(type) else {
        // A list cut off within a value, which is mostly the body or the data: the piece is worth having.
        if let piece = reader.cutValue(type, at: isWhole) { keep(piece, property) }
        return false
      }
      keep(value, property)
    }
    return true
  }

  /// Keeps the first value of a property, except that a Unicode string displaces an 8-bit one.
  private mutating func keep(_ value: Value, _ property: UInt16) {
    switch (values[property], value) {
    case (nil, _), (.string8, .unicode): values[property] = value
    default: break
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var position: Int
    let end: Int

    mutating func uint16() -> Int? {
      guard end - position >= 2, let value = bytes.uint16(at: position) else { return nil }
      position += 2
      return value
    }

    mutating func uint32() -> Int? {
      guard end - position >= 4, let value = bytes.uint32(at: position) else { return nil }
      position += 4
      return value
    }

    /// Bytes padded to a multiple of four; padding missing at the end is forgiven.
    mutating func padded(_ length: Int) -> Range<Int>? {
      guard length >= 0, length <= end - position else { return nil }
      let range = position..<(position + length)
      position = min(end, position + (length + 3) / 4 * 4)
      return range
    }

    /// A namespace GUID, then a number or a UTF-16 string with its length.
    mutating func skipName() -> Bool {
      guard padded(16) != nil, let kind = uint32() else { return false }
      if kind == 0 { return uint32() != nil }
      guard let length = uint32() else { return false }
      return padded(length) != nil
    }

    /// Reads a property's value, the first one of a multiple-valued property.
    mutating func value(_ type: Int) -> Value? {
      // MS-OXCDATA §2.11.1: the flag of multiple-valued types.
      let isMultiple = type & 0x1000 != 0
      let base = type & 0x0FFF
      if let size = Self.size(base) {
        guard let count = isMultiple ? uint32() : 1 else { return nil }
        // Each value takes four bytes at least, so a hostile count ends with the stream.
        var first: Value?
        for _ in 0..<count {
          guard let range = padded(size) else { return nil }
          first = first ?? number(range)
        }
        return first ?? .number(0)
      }
      switch base {
      case 0x00, 0x01: return isMultiple ? nil : .number(0)
      case 0x0D, 0x1E, 0x1F, 0x102:
        // Strings and binaries always come with a count.
        guard let count = uint32() else { return nil }
        var first: Value?
        for _ in 0..<count {
          guard let length = uint32(), let range = padded(length) else { return nil }
          first = first ?? Self.value(base, range)
        }
        return first ?? .binary(position..<position)
      default: return nil
      }
    }

    /// What is there of a string or binary that the stream ends within.
    mutating func cutValue(_ type: Int, at start: Int) -> Value? {
      position = start
      guard [0x0D, 0x1E, 0x1F, 0x102].contains(type), uint32() == 1, let length = uint32(),
        length > end - position
      else { return nil }
      return Self.value(type, position..<end)
    }

    private static func value(_ type: Int, _ range: Range<Int>) -> Value {
      switch type {
      case 0x1E: .string8(range)
      case 0x1F: .unicode(range)
      case 0x0D: .object(range)
      default: .binary(range)
      }
    }

    /// Bytes of a fixed-length type (MS-OXCDATA §2.11.1).
    private static func size(_ type: Int) -> Int? {
      switch type {
      case 0x02, 0x0B: 2
      case 0x03, 0x04, 0x0A: 4
      case 0x05, 0x06, 0x07, 0x14, 0x40: 8
      case 0x48: 16
      default: nil
      }
    }

    private func number(_ range: Range<Int>) -> Value {
      var value: UInt64 = 0
      for index in range.prefix(8).reversed() { value = value << 8 | UInt64(bytes[index]) }
      return .number(value)
    }
  }
}
