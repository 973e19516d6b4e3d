// The network: token ids to logits, the same bits on every machine.

/// Runs a model. Calls share nothing but the model, so any number may run side by side; each takes scratch
/// memory of its own, about 5 MB for 512 tokens of 384, and gives it back.
public struct Encoder: Sendable {
  /// Tokens whose two last products are done together: the wider of the two stays in the second-level cache.
  private static let block = 64

  public let model: EncoderModel

  public init(_ model: EncoderModel) { self.model = model }

  /// The logits of one text, one per name of the model.
  ///
  /// - Parameters:
  ///   - tokens: [CLS], the pieces, [SEP]. Those past the model's positions are left out. An id that the
  ///     vocabulary does not have counts as [UNK].
  ///   - types: the segment of each token; 0 for those missing or unknown to the model.
  /// - Returns: the head's biases if there are no tokens.
  public func logits(tokens: [Int32], types: [UInt8] = []) -> [Float] {
    head(on: pooled(tokens: tokens, types: types))
  }

  /// The logits of one text, and what each of its tokens gives to one of them: the head is linear in the mean of the
  /// tokens' vectors, so that the shares and the head's bias add up to that logit, but for rounding.
  ///
  /// - Parameters:
  ///   - tokens: as for `logits`.
  ///   - types: as for `logits`.
  ///   - output: which logit, by its place among the model's names.
  public func logits(tokens: [Int32], types: [UInt8], sharesOf output: Int) -> (
    logits: [Float], shares: [Float]
  ) {
    var shares: [Float] = []
    let hidden = model.dimensions.hidden
    let pooled = run(tokens, types) { vectors, count in
      shares = model.headWeights.withUnsafeBufferPointer { weights in
        (0..<count).map { place in
          FloatFunctions.dot(weights.baseAddress! + output * hidden, vectors + place * hidden, hidden)
            / Float(count)
        }
      }
    }
    return (head(on: pooled), shares)
  }

  /// The mean of the last layer's vectors over all tokens, `hidden` floats; zeros if there are no tokens.
  public func pooled(tokens: [Int32], types: [UInt8] = []) -> [Float] {
    run(tokens, types) { _, _ in }
  }

  /// Runs all layers, shows the last one's vectors, and gives their mean.
  private func run(
    _ tokens: [Int32], _ types: [UInt8], _ see: (_ vectors: UnsafePointer<Float>, _ count: Int) -> Void
  ) -> [Float] {
    let d = model.dimensions
    let count = min(tokens.count, d.positions)
    guard count > 0 else { return [Float](repeating: 0, count: d.hidden) }
    let scratch = Scratch(d, tokens: count, block: min(Self.block, count))
    defer { scratch.free() }
    return model.bytes.withUnsafeBytes { raw in
      let weights = raw.baseAddress!.assumingMemoryBound(to: Int8.self)
      embed(tokens, types, count, weights, scratch)
      for layer in model.layers { run(layer, count, weights, scratch) }
      see(scratch.vectors, count)
      return mean(count, scratch)
    }
  }

  private func head(on pooled: [Float]) -> [Float] {
    let hidden = model.dimensions.hidden
    return model.headWeights.withUnsafeBufferPointer { weights in
      pooled.withUnsafeBufferPointer { pooled in
        (0..<model.dimensions.outputs).map { output in
          FloatFunctions.dot(weights.baseAddress! + output * hidden, pooled.baseAddress!, hidden)
            + model.headBiases[output]
        }
      }
    }
  }

  private func embed(
    _ tokens: [Int32], _ types: [UInt8], _ count: Int, _ weights: UnsafePointer<Int8>, _ scratch: Scratch
  ) {
    let hidden = model.dimensions.hidden
    for place in 0..<count {
      let known = 0..<Int32(model.dimensions.vocabulary) ~= tokens[place]
      let word = Int(known ? tokens[place] : model.wordPiece.unknown)
      let stated = place < types.count ? Int(types[place]) : 0
      let type = stated < model.dimensions.types ? stated : 0
      let (wordRow, wordScale) = row(model.words, word, weights)
      let (placeRow, placeScale) = row(model.positions, place, weights)
      let (typeRow, typeScale) = row(model.types, type, weights)
      let vector = scratch.vectors + place * hidden
      for index in 0..<hidden {
        let sum = Float(wordRow[index]) * wordScale + Float(placeRow[index]) * placeScale
        vector[index] = sum + Float(typeRow[index]) * typeScale
      }
      normalise(vector, model.embeddingNorm)
    }
  }

  private func row(
    _ matrix: EncoderModel.Matrix, _ row: Int, _ weights: UnsafePointer<Int8>
  ) -> (UnsafePointer<Int8>, Float) {
    (weights + matrix.offset + row * matrix.columns, matrix.scales[row])
  }

  private func normalise(_ vector: UnsafeMutablePointer<Float>, _ norm: EncoderModel.Norm) {
    norm.gains.withUnsafeBufferPointer { gains in
      norm.shifts.withUnsafeBufferPointer { shifts in
        FloatFunctions.normalise(
          vector, model.dimensions.hidden, gains.baseAddress!, shifts.baseAddress!)
      }
    }
  }

  private func run(
    _ layer: EncoderModel.Layer, _ count: Int, _ weights: UnsafePointer<Int8>, _ scratch: Scratch
  ) {
    let d = model.dimensions
    let hidden = d.hidden
    forBlocks(count) { first, block in
      multiply(
        layer.queryKeyValue, weights, scratch.vectors + first * hidden, block, scratch,
        into: scratch.queryKeyValue + first * 3 * hidden)
    }

    let headSize = hidden / d.heads
    let attention = Attention(
      tokens: count, headSize: headSize, stride: 3 * hidden, scratch: scratch.attention)
    for head in 0..<d.heads {
      let query = scratch.queryKeyValue + head * headSize
      attention.run(
        query: query, key: query + hidden, value: query + 2 * hidden,
        into: scratch.context + head * headSize, outputStride: hidden)
    }

    forBlocks(count) { first, block in
      let vectors = scratch.vectors + first * hidden
      multiply(
        layer.output, weights, scratch.context + first * hidden, block, scratch, into: scratch.narrow)
      add(scratch.narrow, to: vectors, block, layer.attentionNorm)
      multiply(layer.up, weights, vectors, block, scratch, into: scratch.wide)
      for index in 0..<block * d.intermediate {
        scratch.wide[index] = FloatFunctions.gelu(scratch.wide[index])
      }
      multiply(layer.down, weights, scratch.wide, block, scratch, into: scratch.narrow)
      add(scratch.narrow, to: vectors, block, layer.norm)
    }
  }

  private func forBlocks(_ count: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: count, by: Self.block) { body(first, min(Self.block, count - first)) }
  }

  /// Quantises `count` rows and multiplies them; the output is dense, with room for an even number of rows.
  private func multiply(
    _ matrix: EncoderModel.Matrix, _ weights: UnsafePointer<Int8>, _ rows: UnsafePointer<Float>,
    _ count: Int, _ scratch: Scratch, into output: UnsafeMutablePointer<Float>
  ) {
    let columns = matrix.columns
    for index in 0..<count {
      scratch.scales[index] = IntegerProduct.quantise(
        rows + index * columns, columns, into: scratch.activations + index * columns)
    }
    if count % 2 == 1 {
      (scratch.activations + count * columns).update(repeating: 0, count: columns)
      scratch.scales[count] = 0
    }
    IntegerProduct.multiply(
      matrix, weights + matrix.offset, scratch.activations, scratch.scales, tokens: count,
      panel: scratch.panel, into: output, stride: matrix.rows)
  }

  private func add(
    _ rows: UnsafePointer<Float>, to vectors: UnsafeMutablePointer<Float>, _ count: Int,
    _ norm: EncoderModel.Norm
  ) {
    let hidden = model.dimensions.hidden
    for index in 0..<count * hidden { vectors[index] += rows[index] }
    for index in 0..<count { normalise(vectors + index * hidden, norm) }
  }

  private func mean(_ count: Int, _ scratch: Scratch) -> [Float] {
    let hidden = model.dimensions.hidden
    var sums = [Float](repeating: 0, count: hidden)
    for place in 0..<count {
      for index in 0..<hidden { sums[index] += scratch.vectors[place * hidden + index] }
    }
    let length = Float(count)
    for index in 0..<hidden { sums[index] /= length }
    return sums
  }
}

/// Memory of one call, in one allocation.
private struct Scratch {
  /// Tokens × hidden: what the layers hand on.
  let vectors: UnsafeMutablePointer<Float>
  /// Tokens × 3 hidden.
  let queryKeyValue: UnsafeMutablePointer<Float>
  /// Tokens × hidden: what attention gives.
  let context: UnsafeMutablePointer<Float>
  let attention: UnsafeMutablePointer<Float>
  /// Block × intermediate and block × hidden.
  let wide: UnsafeMutablePointer<Float>
  let narrow: UnsafeMutablePointer<Float>
  /// Block × the wider of the two, and a scale for each token.
  let activations: UnsafeMutablePointer<Int16>
  let scales: UnsafeMutablePointer<Float>
  let panel: UnsafeMutablePointer<Int16>
  private let memory: UnsafeMutableRawPointer

  /// Room for `tokens` tokens, and for one more wherever they are taken two at a time.
  init(_ d: EncoderModel.Dimensions, tokens: Int, block: Int) {
    let widest = max(d.hidden, d.intermediate)
    let even = tokens + 1
    let evenBlock = block + 1
    let sizes = [
      4 * tokens * d.hidden, 4 * even * 3 * d.hidden, 4 * tokens * d.hidden,
      4 * Attention.scratch(tokens: tokens, headSize: d.hidden / d.heads),
      4 * evenBlock * d.intermediate, 4 * evenBlock * d.hidden, 2 * evenBlock * widest, 4 * evenBlock,
      2 * IntegerProduct.rowsAtOnce * widest,
    ].map { ($0 + 63) / 64 * 64 }
    memory = .allocate(byteCount: sizes.reduce(0, +), alignment: 64)
    var place = memory
    var next = 0
    func take<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
      defer {
        place += sizes[next]
        next += 1
      }
      return place.bindMemory(to: T.self, capacity: sizes[next] / MemoryLayout<T>.stride)
    }
    vectors = take(Float.self)
    queryKeyValue = take(Float.self)
    context = take(Float.self)
    attention = take(Float.self)
    wide = take(Float.self)
    narrow = take(Float.self)
    activations = take(Int16.self)
    scales = take(Float.self)
    panel = take(Int16.self)
  }

  func free() { memory.deallocate() }
}
