// Attention of one head over all tokens, in Float: every sum runs over its index from first to last, one lane
// per result, so that no machine adds in another order.

/// Scratch and sizes of the attention of one call.
struct Attention {
  /// Queries taken together; with eight keys each, or half a head, their sums fill half the registers of
  /// SSE2.
  static let queriesAtOnce = 4
  static let keysAtOnce = 8

  let tokens: Int
  /// `tokens`, rounded up to whole blocks of keys.
  let keys: Int
  let headSize: Int
  /// Floats from a token's query, key and value to the next token's.
  let stride: Int
  /// headSize × keys: the keys of a head, turned.
  let turned: UnsafeMutablePointer<Float>
  /// `queriesAtOnce` × headSize: the queries, divided by the square root of the head's size.
  let queries: UnsafeMutablePointer<Float>
  /// `queriesAtOnce` × keys.
  let scores: UnsafeMutablePointer<Float>

  /// Floats of scratch for `tokens` tokens.
  static func scratch(tokens: Int, headSize: Int) -> Int {
    (headSize + queriesAtOnce) * rounded(tokens) + queriesAtOnce * headSize
  }

  init(tokens: Int, headSize: Int, stride: Int, scratch: UnsafeMutablePointer<Float>) {
    (self.tokens, self.headSize, self.stride) = (tokens, headSize, stride)
    keys = Self.rounded(tokens)
    turned = scratch
    scores = turned + headSize * keys
    queries = scores + Self.queriesAtOnce * keys
  }

  private static func rounded(_ tokens: Int) -> Int { (tokens + keysAtOnce - 1) / keysAtOnce * keysAtOnce }

  /// Attends for one head, whose query, key and value of the first token are at the three pointers; the
  /// result of token t goes to `output + t · outputStride`.
  func run(
    query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    for lane in 0..<headSize {
      let row = turned + lane &* keys
      for token in 0..<tokens { row[token] = key[token &* stride &+ lane] }
      for token in tokens..<keys { row[token] = 0 }
    }
    let factor = FloatFunctions.inverseRoot(Float(headSize))
    var first = 0
    while first < tokens {
      let count = min(Self.queriesAtOnce, tokens &- first)
      for index in 0..<Self.queriesAtOnce {
        // Past the last token the last one is done again, its result unused.
        let source = query + (first &+ min(index, count &- 1)) &* stride
        for lane in 0..<headSize { queries[index &* headSize &+ lane] = source[lane] * factor }
      }
      score()
      for index in 0..<count { soften(scores + index &* keys) }
      var index = 0
      while index < count {
        let place = output + (first &+ index) &* outputStride
        mix(value, scores + index &* keys, into: place, place + (index &+ 1 < count ? outputStride : 0))
        index &+= 2
      }
      first &+= Self.queriesAtOnce
    }
  }

  /// Scores of the queries at hand with all keys.
  private func score() {
    let keyWidth = 4 &* keys
    var key = 0
    while key < keys {
      var s0 = SIMD8<Float>.zero
      var (s1, s2, s3) = (s0, s0, s0)
      var place = UnsafeRawPointer(turned + key)
      for lane in 0..<headSize {
        let values = place.loadUnaligned(as: SIMD8<Float>.self)
        s0 += values * queries[lane]
        s1 += values * queries[headSize &+ lane]
        s2 += values * queries[2 &* headSize &+ lane]
        s3 += values * queries[3 &* headSize &+ lane]
        place += keyWidth
      }
      let target = UnsafeMutableRawPointer(scores + key)
      target.storeBytes(of: s0, as: SIMD8<Float>.self)
      target.storeBytes(of: s1, toByteOffset: keyWidth, as: SIMD8<Float>.self)
      target.storeBytes(of: s2, toByteOffset: 2 &* keyWidth, as: SIMD8<Float>.self)
      target.storeBytes(of: s3, toByteOffset: 3 &* keyWidth, as: SIMD8<Float>.self)
      key &+= Self.keysAtOnce
    }
  }

  /// Turns the scores of one query into shares that add up to 1.
  private func soften(_ row: UnsafeMutablePointer<Float>) {
    // The keys that only fill the last block must not be the largest.
    for token in tokens..<keys { row[token] = row[0] }
    var tops = UnsafeRawPointer(row).loadUnaligned(as: SIMD8<Float>.self)
    for token in Swift.stride(from: 8, to: keys, by: 8) {
      let values = UnsafeRawPointer(row + token).loadUnaligned(as: SIMD8<Float>.self)
      tops.replace(with: values, where: values .> tops)
    }
    var largest = tops[0]
    for lane in 1..<8 where tops[lane] > largest { largest = tops[lane] }
    for token in 0..<tokens { row[token] = FloatFunctions.exponential(row[token] - largest) }
    for token in tokens..<keys { row[token] = 0 }
    var sums = SIMD8<Float>.zero
    for token in Swift.stride(from: 0, to: keys, by: 8) {
      sums += UnsafeRawPointer(row + token).loadUnaligned(as: SIMD8<Float>.self)
    }
    let four = sums.lowHalf + sums.highHalf
    let two = four.lowHalf + four.highHalf
    let share = 1 / (two.x + two.y)
    for token in 0..<tokens { row[token] *= share }
  }

  /// Adds up the values by the shares of two queries, the second `keys` floats behind the first.
  private func mix(
    _ value: UnsafePointer<Float>, _ shares: UnsafePointer<Float>, into first: UnsafeMutablePointer<Float>,
    _ second: UnsafeMutablePointer<Float>
  ) {
    let width = 4 &* stride
    var lane = 0
    while lane < headSize {
      var a = SIMD16<Float>.zero
      var b = a
      var place = UnsafeRawPointer(value + lane)
      for token in 0..<tokens {
        let values = place.loadUnaligned(as: SIMD16<Float>.self)
        a += values * shares[token]
        b += values * shares[keys &+ token]
        place += width
      }
      // The second goes first: without a second query both go to the same place.
      UnsafeMutableRawPointer(second + lane).storeBytes(of: b, as: SIMD16<Float>.self)
      UnsafeMutableRawPointer(first + lane).storeBytes(of: a, as: SIMD16<Float>.self)
      lane &+= 16
    }
  }
}
