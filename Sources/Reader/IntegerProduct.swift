// Matrix products in exact integers: Int8 weights times activations that each token brings as Int16 with a
// scale of its own. Integer sums come out the same in any order, so the order is chosen for speed.
//
// No sum overflows: a weight is at least -128, an activation at most `activationLimit(columns)` in size, so a
// sum of `columns` products stays within 128 · limit · columns ≤ 2^31 - 1, and so does each part of it. (The
// sums wrap all the same, to vectorise; a hostile file cannot make them trap.)

enum IntegerProduct {
  /// Rows of weights, and tokens, that are multiplied together: their sums fill half the registers of SSE2.
  static let rowsAtOnce = 4
  static let tokensAtOnce = 2

  /// The largest activation for rows of `columns` weights: 32,767 for 384, 10,922 for 1,536.
  static func activationLimit(_ columns: Int) -> Float {
    Float(min(32_767, Int(Int32.max) / (128 * columns)))
  }

  /// Quantises a row of activations: `output[i] · scale ≈ row[i]`. Returns the scale, 0 for a row that is all
  /// but zero.
  static func quantise(
    _ row: UnsafePointer<Float>, _ count: Int, into output: UnsafeMutablePointer<Int16>
  ) -> Float {
    // Of numbers without their sign the larger has the larger bits; integers, unlike floats, vectorise here.
    var bits: Int32 = 0
    for index in 0..<count {
      let size = Int32(bitPattern: row[index].bitPattern & 0x7FFF_FFFF)
      bits = size > bits ? size : bits
    }
    let top = Float(bitPattern: UInt32(bitPattern: bits))
    let limit = activationLimit(count)
    // Below this the factor would be infinite; nothing of a row so small matters.
    guard top > 1e-30 else {
      output.update(repeating: 0, count: count)
      return 0
    }
    // Rounding twice (factor, product) moves the largest by far less than a half, so it meets the limit.
    let factor = limit / top
    for index in 0..<count {
      output[index] = Int16(truncatingIfNeeded: FloatFunctions.rounded(row[index] * factor))
    }
    return top / limit
  }

  /// Multiplies `tokens` rows of activations by a matrix and adds its biases.
  ///
  /// - Parameters:
  ///   - weights: rows × columns, Int8.
  ///   - activations: tokens × columns, aligned to 16 bytes, rounded up to an even number of rows.
  ///   - activationScales: one per token, rounded up likewise.
  ///   - panel: room for `rowsAtOnce` × columns, aligned to 16 bytes.
  ///   - output: tokens × rows, rounded up to an even number of tokens, `stride` floats apart.
  @inline(never) static func multiply(
    _ matrix: borrowing EncoderModel.Matrix, _ weights: UnsafePointer<Int8>,
    _ activations: UnsafePointer<Int16>, _ activationScales: UnsafePointer<Float>, tokens: Int,
    panel: UnsafeMutablePointer<Int16>, into output: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let columns = matrix.columns
    matrix.scales.withUnsafeBufferPointer { scales in
      matrix.biases.withUnsafeBufferPointer { biases in
        var row = 0
        while row < matrix.rows {
          // Widened once for all tokens: kept as Int8 the model needs half the memory.
          let source = weights + row &* columns
          for index in 0..<rowsAtOnce &* columns { panel[index] = Int16(source[index]) }
          let rowScales = four(scales, row)
          let rowBiases = four(biases, row)
          var token = 0
          while token < tokens {
            let sums = sums(panel, activations + token &* columns, columns)
            let first = SIMD4<Float>(sums.0) * (rowScales * activationScales[token]) + rowBiases
            let second = SIMD4<Float>(sums.1) * (rowScales * activationScales[token &+ 1]) + rowBiases
            let place = UnsafeMutableRawPointer(output + token &* stride + row)
            place.storeBytes(of: first, as: SIMD4<Float>.self)
            (place + 4 &* stride).storeBytes(of: second, as: SIMD4<Float>.self)
            token &+= tokensAtOnce
          }
          row &+= rowsAtOnce
        }
      }
    }
  }

  @inline(__always) private static func four(_ floats: UnsafeBufferPointer<Float>, _ place: Int) -> SIMD4<
    Float
  > {
    UnsafeRawPointer(floats.baseAddress!).loadUnaligned(fromByteOffset: 4 &* place, as: SIMD4<Float>.self)
  }

  /// The dot products of four rows with two tokens, by token.
  @inline(__always) private static func sums(
    _ rows: UnsafePointer<Int16>, _ tokens: UnsafePointer<Int16>, _ columns: Int
  ) -> (SIMD4<Int32>, SIMD4<Int32>) {
    var a0 = SIMD4<Int32>.zero
    var (a1, a2, a3, b0, b1, b2, b3) = (a0, a0, a0, a0, a0, a0, a0)
    let rows = UnsafeRawPointer(rows)
    let tokens = UnsafeRawPointer(tokens)
    let width = 2 &* columns
    var place = 0
    while place < width {
      let a = tokens.load(fromByteOffset: place, as: SIMD8<Int16>.self)
      let b = tokens.load(fromByteOffset: place &+ width, as: SIMD8<Int16>.self)
      let row0 = rows.load(fromByteOffset: place, as: SIMD8<Int16>.self)
      a0 &+= products(row0, a)
      b0 &+= products(row0, b)
      let row1 = rows.load(fromByteOffset: place &+ width, as: SIMD8<Int16>.self)
      a1 &+= products(row1, a)
      b1 &+= products(row1, b)
      let row2 = rows.load(fromByteOffset: place &+ 2 &* width, as: SIMD8<Int16>.self)
      a2 &+= products(row2, a)
      b2 &+= products(row2, b)
      let row3 = rows.load(fromByteOffset: place &+ 3 &* width, as: SIMD8<Int16>.self)
      a3 &+= products(row3, a)
      b3 &+= products(row3, b)
      place &+= 16
    }
    return (folded(a0, a1, a2, a3), folded(b0, b1, b2, b3))
  }

  /// Eight products, added in pairs. On x86-64 this is one instruction, pmaddwd, and only when written so.
  @inline(__always) private static func products(_ a: SIMD8<Int16>, _ b: SIMD8<Int16>) -> SIMD4<Int32> {
    let products = SIMD8<Int32>(truncatingIfNeeded: a) &* SIMD8<Int32>(truncatingIfNeeded: b)
    #if arch(x86_64)
      return products.evenHalf &+ products.oddHalf
    #else
      return products.lowHalf &+ products.highHalf
    #endif
  }

  @inline(__always) private static func folded(
    _ a: SIMD4<Int32>, _ b: SIMD4<Int32>, _ c: SIMD4<Int32>, _ d: SIMD4<Int32>
  ) -> SIMD4<Int32> {
    let ab = SIMD4(lowHalf: a.lowHalf &+ a.highHalf, highHalf: b.lowHalf &+ b.highHalf)
    let cd = SIMD4(lowHalf: c.lowHalf &+ c.highHalf, highHalf: d.lowHalf &+ d.highHalf)
    return SIMD4(lowHalf: ab.evenHalf &+ ab.oddHalf, highHalf: cd.evenHalf &+ cd.oddHalf)
  }
}
