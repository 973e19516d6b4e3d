// The steps of the network, each against what it should be.

import Glibc
import Testing

@testable import Reader

@Suite struct ArithmeticTests {
  @Test func exponentialIsClose() {
    var worst = 0.0
    for step in 0...8_000 {
      let x = -Float(step) / 100
      let exact = exp(Double(x))
      if x > -80 { worst = max(worst, abs(Double(FloatFunctions.exponential(x)) / exact - 1)) }
    }
    #expect(worst < 1.2e-7)
    #expect(FloatFunctions.exponential(0) == 1)
    #expect(FloatFunctions.exponential(-80.1) == 0)
    #expect(FloatFunctions.exponential(-1e38) == 0)
  }

  @Test func geluIsClose() {
    for step in -6_000...6_000 {
      let x = Float(step) / 1_000
      let exact = 0.5 * Double(x) * (1 + erf(Double(x) / 2.0.squareRoot()))
      #expect(abs(Double(FloatFunctions.gelu(x)) - exact) < 2e-6)
    }
    for x: Float in [10, 1_000, 1e14] {
      #expect(abs(FloatFunctions.gelu(x) / x - 1) < 4e-7)
      #expect(abs(FloatFunctions.gelu(-x) / x) < 4e-7)
    }
  }

  @Test func inverseRootIsClose() {
    for x: Float in [1e-12, 1e-5, 0.5, 1, 2, 3, 32, 1e10, 3e38] {
      #expect(abs(Double(FloatFunctions.inverseRoot(x)) * Double(x).squareRoot() - 1) < 1e-7)
    }
    #expect(FloatFunctions.inverseRoot(.infinity) == 0)
  }

  @Test func roundsHalvesToEven() {
    let rows: [(Float, Int32)] = [(0.5, 0), (1.5, 2), (-0.5, 0), (-2.5, -2), (2.51, 3), (-32_767, -32_767)]
    for (value, integer) in rows { #expect(FloatFunctions.rounded(value) == integer, "\(value)") }
  }

  @Test(arguments: [16, 384, 1_536, 4_096])
  func quantisesWithinTheLimit(_ count: Int) {
    var dice = Dice(3)
    let row = (0..<count).map { _ in dice.float(3) }
    var output = [Int16](repeating: 0, count: count)
    let scale = IntegerProduct.quantise(row, count, into: &output)
    let limit = Int(IntegerProduct.activationLimit(count))
    #expect(output.map { abs(Int($0)) }.max() == limit)
    #expect(128 * limit * count <= Int32.max, "a sum could overflow")
    for (value, integer) in zip(row, output) { #expect(abs(Float(integer) * scale - value) <= scale * 0.51) }
    #expect(IntegerProduct.quantise([Float](repeating: 0, count: count), count, into: &output) == 0)
    #expect(output.allSatisfy { $0 == 0 })
  }

  /// Sums at the very edge of Int32, and the columns and rows in their places.
  @Test(arguments: [16, 384, 1_536])
  func multipliesExactly(_ columns: Int) {
    let rows = 8
    let tokens = 3
    let limit = Int16(IntegerProduct.activationLimit(columns))
    var dice = Dice(5)
    var weights = (0..<rows * columns).map { _ in Int8(dice.below(256) - 128) }
    for column in 0..<columns {
      weights[column] = -128
      weights[columns + column] = 127
    }
    let activations = UnsafeMutablePointer<Int16>.allocate(capacity: 4 * columns + 8)
    let panel = UnsafeMutableRawPointer.allocate(byteCount: 8 * columns, alignment: 16)
    defer {
      activations.deallocate()
      panel.deallocate()
    }
    for index in 0..<4 * columns {
      let token = index / columns
      activations[index] =
        token == 0 ? limit : token == 1 ? -limit : Int16(dice.below(2 * Int(limit)) - Int(limit))
    }
    let matrix = EncoderModel.Matrix(
      offset: 0, rows: rows, columns: columns, scales: (0..<rows).map { Float($0 + 1) },
      biases: (0..<rows).map { Float($0) * 1e6 })
    var output = [Float](repeating: .nan, count: 4 * rows)
    IntegerProduct.multiply(
      matrix, weights, activations, [1, 0.5, 2, 0], tokens: tokens,
      panel: panel.assumingMemoryBound(to: Int16.self), into: &output, stride: rows)
    for token in 0..<tokens {
      for row in 0..<rows {
        let sum = (0..<columns).map {
          Int(weights[row * columns + $0]) * Int(activations[token * columns + $0])
        }.reduce(0, +)
        let scale = Float(row + 1) * ([1, 0.5, 2] as [Float])[token]
        #expect(output[token * rows + row] == Float(Int32(sum)) * scale + Float(row) * 1e6)
      }
    }
  }
}
