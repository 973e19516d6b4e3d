// Sparse feature vectors and rows of them.

/// Indices, ascending and distinct, with their values.
struct SparseVector: Sendable {
  var indices: [Int32] = []
  var values: [Float] = []

  mutating func append(_ index: Int, _ value: Double) {
    indices.append(Int32(index))
    values.append(Float(value))
  }

  /// The product with a row of dense weights, in a fixed order.
  func dot(_ weights: [Float]) -> Double {
    var sum = 0.0
    for (index, value) in zip(indices, values) { sum += Double(weights[Int(index)]) * Double(value) }
    return sum
  }
}

/// Many sparse vectors, their indices renumbered to those that occur.
struct SparseRows: Sendable {
  private(set) var starts: [Int] = [0]
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  /// The index that each column stands for.
  private(set) var indices: [Int32] = []

  var count: Int { starts.count - 1 }
  var width: Int { indices.count }

  init(_ vectors: [SparseVector]) {
    var columnOf: [Int32: Int32] = [:]
    for vector in vectors {
      for (index, value) in zip(vector.indices, vector.values) {
        let column: Int32
        if let known = columnOf[index] {
          column = known
        } else {
          column = Int32(indices.count)
          columnOf[index] = column
          indices.append(index)
        }
        columns.append(column)
        values.append(value)
      }
      starts.append(columns.count)
    }
  }

  @inline(__always)
  func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }
}
