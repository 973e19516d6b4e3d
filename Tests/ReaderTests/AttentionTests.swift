// One head of attention, where the network's random numbers do not reach.

import Testing

@testable import Reader

@Suite struct AttentionTests {
  /// Scores far below zero for all keys: the shares are still equal and add up to 1, and the keys that only
  /// fill the last block have none.
  @Test(arguments: [1, 3, 8, 9, 17])
  func sharesAddUpWhenAllScoresAreLow(_ tokens: Int) {
    let size = 16
    var rows: [Float] = []
    for token in 0..<tokens {
      rows += [Float](repeating: 30, count: size)
      rows += [Float](repeating: -30, count: size)
      for lane in 0..<size { rows.append(Float(token * 100 + lane)) }
    }
    var output = [Float](repeating: .nan, count: tokens * size)
    let scratch = UnsafeMutablePointer<Float>.allocate(
      capacity: Attention.scratch(tokens: tokens, headSize: size))
    defer { scratch.deallocate() }
    rows.withUnsafeBufferPointer { rows in
      let query = rows.baseAddress!
      Attention(tokens: tokens, headSize: size, stride: 3 * size, scratch: scratch).run(
        query: query, key: query + size, value: query + 2 * size, into: &output, outputStride: size)
    }
    for (index, value) in output.enumerated() {
      let mean = Float(tokens - 1) * 50 + Float(index % size)
      #expect(abs(value - mean) < 1e-2)
    }
  }
}
