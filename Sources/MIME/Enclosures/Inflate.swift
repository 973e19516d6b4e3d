// DEFLATE decompression (RFC 1951) in zlib's wrapping (RFC 1950), for compressed S/MIME content.

enum Inflate {
  /// The inflated bytes, at most `limit` of them; what could be read when the data is damaged or cut off, nil when it
  /// is not zlib data at all. The check value at the end is not compared: damaged words are still words.
  static func zlib(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    // RFC 1950 §2.2: method 8, a header that divides by 31, no preset dictionary.
    guard bytes.count > 2, bytes[0] & 0x0F == 8, (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0,
      bytes[1] & 0x20 == 0
    else { return nil }
    var inflater = Inflater(bytes: bytes, position: 2, limit: limit)
    inflater.run()
    return inflater.out
  }
}

/// A canonical Huffman code (RFC 1951 §3.2.2), decoded bit by bit.
private struct HuffmanCode {
  /// How many codes there are of each length.
  private var counts = [Int](repeating: 0, count: 16)
  /// Symbols in the order of their codes.
  private var symbols: [UInt16] = []

  init(lengths: ArraySlice<UInt8>) {
    for length in lengths where length > 0 && length < 16 { counts[Int(length)] += 1 }
    var starts = [Int](repeating: 0, count: 17)
    for length in 1..<16 { starts[length + 1] = starts[length] + counts[length] }
    symbols = [UInt16](repeating: 0, count: starts[16])
    for (symbol, length) in lengths.enumerated() where length > 0 && length < 16 {
      symbols[starts[Int(length)]] = UInt16(symbol)
      starts[Int(length)] += 1
    }
  }

  /// The next symbol; nil for a code that means nothing or at the end of the input.
  func decode(_ input: inout BitReader) -> Int? {
    var code = 0
    var first = 0
    var index = 0
    for length in 1..<16 {
      guard let bit = input.bits(1) else { return nil }
      code = code << 1 | bit
      let count = counts[length]
      if code - first < count {
        let at = index + code - first
        return at >= 0 && at < symbols.count ? Int(symbols[at]) : nil
      }
      index += count
      first = (first + count) << 1
    }
    return nil
  }
}

/// Bits of a byte sequence, the lowest first (RFC 1951 §3.1.1).
private struct BitReader {
  let bytes: [UInt8]
  var position: Int
  private var held = 0
  private var count = 0

  init(bytes: [UInt8], position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func bits(_ wanted: Int) -> Int? {
    while count < wanted {
      guard position < bytes.count else { return nil }
      held |= Int(bytes[position]) << count
      position += 1
      count += 8
    }
    let value = held & ((1 << wanted) - 1)
    held >>= wanted
    count -= wanted
    return value
  }

  /// Drops what is left of the current byte.
  mutating func align() {
    held = 0
    count = 0
  }
}

private struct Inflater {
  private var input: BitReader
  private let limit: Int
  var out: [UInt8] = []

  init(bytes: [UInt8], position: Int, limit: Int) {
    input = BitReader(bytes: bytes, position: position)
    self.limit = limit
  }

  /// RFC 1951 §3.2.5: lengths and distances as a base and a number of extra bits.
  private static let lengths: [(base: Int, extra: Int)] = table(first: 3, codes: 28, step: 4) + [(258, 0)]
  private static let distances: [(base: Int, extra: Int)] = table(first: 1, codes: 30, step: 2)

  /// Bases that grow by doubling: after twice `step` codes without extra bits, each `step` codes take a bit more.
  private static func table(first: Int, codes: Int, step: Int) -> [(base: Int, extra: Int)] {
    var out: [(base: Int, extra: Int)] = []
    var base = first
    for code in 0..<codes {
      let extra = max(code / step - 1, 0)
      out.append((base, extra))
      base += 1 << extra
    }
    return out
  }

  private static let fixedLiterals = HuffmanCode(
    lengths: ([UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
      + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8))[...])
  private static let fixedDistances = HuffmanCode(lengths: [UInt8](repeating: 5, count: 30)[...])

  mutating func run() {
    while out.count < limit, let isLast = input.bits(1), let kind = input.bits(2) {
      let isSound: Bool
      switch kind {
      case 0: isSound = stored()
      case 1: isSound = block(Self.fixedLiterals, Self.fixedDistances)
      case 2: isSound = dynamic()
      default: isSound = false
      }
      if !isSound || isLast == 1 { return }
    }
  }

  /// RFC 1951 §3.2.4.
  private mutating func stored() -> Bool {
    input.align()
    guard let length = input.bits(16), let complement = input.bits(16), length ^ complement == 0xFFFF else {
      return false
    }
    let available = min(length, input.bytes.count - input.position)
    out.append(contentsOf: input.bytes[input.position..<(input.position + min(available, limit - out.count))])
    input.position += available
    return available == length
  }

  /// RFC 1951 §3.2.7.
  private mutating func dynamic() -> Bool {
    guard let hlit = input.bits(5), let hdist = input.bits(5), let hclen = input.bits(4) else { return false }
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var codeLengths = [UInt8](repeating: 0, count: 19)
    for index in order.prefix(hclen + 4) {
      guard let length = input.bits(3) else { return false }
      codeLengths[index] = UInt8(length)
    }
    let code = HuffmanCode(lengths: codeLengths[...])
    let total = hlit + 257 + hdist + 1
    var lengths: [UInt8] = []
    while lengths.count < total {
      guard let symbol = code.decode(&input) else { return false }
      switch symbol {
      case 0..<16: lengths.append(UInt8(symbol))
      case 16:
        guard let last = lengths.last, let extra = input.bits(2) else { return false }
        lengths.append(contentsOf: repeatElement(last, count: extra + 3))
      default:
        guard let extra = input.bits(symbol == 17 ? 3 : 7) else { return false }
        lengths.append(contentsOf: repeatElement(0, count: extra + (symbol == 17 ? 3 : 11)))
      }
    }
    guard lengths.count == total else { return false }
    return block(
      HuffmanCode(lengths: lengths[..<(hlit + 257)]), HuffmanCode(lengths: lengths[(hlit + 257)...]))
  }

  private mutating func block(_ literals: HuffmanCode, _ distances: HuffmanCode) -> Bool {
    while out.count < limit {
      guard let symbol = literals.decode(&input) else { return false }
      if symbol < 256 {
        out.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return true }
      guard symbol - 257 < Self.lengths.count else { return false }
      let length = Self.lengths[symbol - 257]
      guard let more = input.bits(length.extra), let code = distances.decode(&input),
        code < Self.distances.count,
        let farther = input.bits(Self.distances[code].extra)
      else { return false }
      let distance = Self.distances[code].base + farther
      guard distance <= out.count else { return false }
      for _ in 0..<min(length.base + more, limit - out.count) { out.append(out[out.count - distance]) }
    }
    return false
  }
}
