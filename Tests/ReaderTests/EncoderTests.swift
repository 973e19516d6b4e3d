// The network: against plain arithmetic in Double, and the bits against what they were.

import Glibc
import Reader
import Testing

@Suite struct EncoderTests {
  private static let tokens: [Int32] = [2, 4, 5, 7, 8, 9, 10, 13, 15, 18, 19, 20, 3]
  private static let types: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]

  private static func hash(_ floats: [Float]) -> UInt64 {
    floats.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
  }

  @Test(arguments: [1, 2, 7, 8, 9, 13])
  func agreesWithPlainArithmetic(_ count: Int) throws {
    let tiny = TinyModel()
    let tokens = Array(Self.tokens[..<count])
    let types = Array(Self.types[..<count])
    let logits = Encoder(try EncoderModel(tiny.bytes)).logits(tokens: tokens, types: types)
    let expected = PlainEncoder(tiny).logits(tokens, types)
    for (a, b) in zip(logits, expected) { #expect(abs(Double(a) - b) < 2e-3, "\(logits) \(expected)") }
  }

  /// The same bits on every processor, in debug and release. A change of the arithmetic changes them, and
  /// then the verdicts recorded before it can no longer be repeated: think before touching this number.
  @Test func givesTheSameBitsAsEver() throws {
    let encoder = Encoder(try EncoderModel(TinyModel().bytes))
    let few = encoder.logits(tokens: Self.tokens, types: Self.types)
    let many = encoder.logits(tokens: (0..<40).map { Int32($0 * 7 % 33) })
    #expect(String(Self.hash(few + many), radix: 16) == "741bbc2550f2c912")
  }

  @Test(arguments: [0, 1])
  func sharesOfTokensAddUp(_ output: Int) throws {
    let tiny = TinyModel()
    let encoder = Encoder(try EncoderModel(tiny.bytes))
    let (logits, shares) = encoder.logits(tokens: Self.tokens, types: Self.types, sharesOf: output)
    #expect(logits == encoder.logits(tokens: Self.tokens, types: Self.types))
    #expect(shares.count == Self.tokens.count)
    #expect(abs(shares.reduce(0, +) + tiny.parts.headBiases[output] - logits[output]) < 1e-4)
  }

  @Test func takesAnyTokens() throws {
    let tiny = TinyModel()
    let encoder = Encoder(try EncoderModel(tiny.bytes))
    #expect(encoder.logits(tokens: []) == tiny.parts.headBiases)
    #expect(encoder.logits(tokens: [2, -5, 3]) == encoder.logits(tokens: [2, 1, 3]))
    #expect(encoder.logits(tokens: [2, .max, 3]) == encoder.logits(tokens: [2, 1, 3]))
    #expect(encoder.logits(tokens: [2, 4, 3], types: [9, 0, 200]) == encoder.logits(tokens: [2, 4, 3]))
    #expect(encoder.logits(tokens: [2, 4, 3], types: [0, 1, 1]) != encoder.logits(tokens: [2, 4, 3]))
    let long = [Int32](repeating: 4, count: 100)
    #expect(encoder.logits(tokens: long) == encoder.logits(tokens: Array(long[..<40])))
    #expect(encoder.logits(tokens: long) != encoder.logits(tokens: Array(long[..<39])))
  }

  @Test func runsSideBySide() async throws {
    let encoder = Encoder(try EncoderModel(TinyModel().bytes))
    let alone = encoder.logits(tokens: Self.tokens)
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<16 { group.addTask { encoder.logits(tokens: Self.tokens) } }
      for await logits in group { #expect(logits == alone) }
    }
  }
}

/// The same network in Double, sums as they are written in a book, nothing quantised but the weights.
private struct PlainEncoder {
  let tiny: TinyModel
  let parts: TinyModel.Parts

  init(_ tiny: TinyModel) { (self.tiny, parts) = (tiny, tiny.parts) }

  func logits(_ tokens: [Int32], _ types: [UInt8]) -> [Double] {
    var x = tokens.indices.map { place in
      norm(
        plus(
          plus(parts.words.row(Int(tokens[place])), parts.positions.row(place)),
          parts.types.row(Int(types[place]))), parts.embeddingNorm)
    }
    for layer in parts.layers {
      let attended = attention(x.map { times(layer.queryKeyValue, $0) }).map { times(layer.output, $0) }
      x = zip(x, attended).map { norm(plus($0, $1), layer.attentionNorm) }
      x = x.map { row in
        let wide = times(layer.up, row).map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
        return norm(plus(row, times(layer.down, wide)), layer.norm)
      }
    }
    let mean = (0..<tiny.hidden).map { lane in x.map { $0[lane] }.reduce(0, +) / Double(x.count) }
    return parts.headBiases.indices.map { output in
      (0..<tiny.hidden).map { mean[$0] * Double(parts.headWeights[output * tiny.hidden + $0]) }.reduce(0, +)
        + Double(parts.headBiases[output])
    }
  }

  private func attention(_ rows: [[Double]]) -> [[Double]] {
    let size = tiny.hidden / tiny.heads
    return rows.map { row in
      (0..<tiny.heads).flatMap { head in
        let query = row[head * size..<(head + 1) * size]
        let scores = rows.map { other in
          zip(query, other[(tiny.hidden + head * size)...]).map(*).reduce(0, +) / Double(size).squareRoot()
        }
        let shares = scores.map { exp($0) }
        let sum = shares.reduce(0, +)
        return (0..<size).map { lane in
          zip(shares, rows).map { $0 / sum * $1[2 * tiny.hidden + head * size + lane] }.reduce(0, +)
        }
      }
    }
  }

  private func times(_ matrix: TinyModel.Matrix, _ row: [Double]) -> [Double] {
    matrix.biases.indices.map { index in
      zip(matrix.row(index), row).map(*).reduce(0, +) + Double(matrix.biases[index])
    }
  }

  private func plus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

  private func norm(_ row: [Double], _ norm: (gains: [Float], shifts: [Float])) -> [Double] {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(row.count)
    return row.indices.map {
      (row[$0] - mean) / (variance + 1e-12).squareRoot() * Double(norm.gains[$0]) + Double(norm.shifts[$0])
    }
  }
}
