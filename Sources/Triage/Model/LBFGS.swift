// Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5): minimises a smooth convex
// function from its gradient. Single-threaded and in a fixed order, so that training repeats bit for bit.

enum LBFGS {
  private static let memory = 7

  /// - Parameter function: writes the gradient at a point into its second argument and returns the value.
  /// - Returns: a point whose gradient's largest part is below `tolerance`, or the best after `iterations`.
  static func minimise(
    from start: [Double], iterations: Int = 120, tolerance: Double = 1e-4,
    _ function: ([Double], inout [Double]) -> Double
  ) -> [Double] {
    var point = start
    var gradient = [Double](repeating: 0, count: start.count)
    var value = function(point, &gradient)
    var steps: [[Double]] = []
    var changes: [[Double]] = []
    var inverses: [Double] = []
    var next = point
    var nextGradient = gradient
    for iteration in 0..<iterations {
      if largest(gradient) < tolerance { break }
      var direction = gradient
      var factors = [Double](repeating: 0, count: steps.count)
      for index in steps.indices.reversed() {
        factors[index] = inverses[index] * dot(steps[index], direction)
        add(-factors[index], changes[index], to: &direction)
      }
      if let step = steps.last, let change = changes.last {
        let scale = dot(step, change) / dot(change, change)
        for index in direction.indices { direction[index] *= scale }
      }
      for index in steps.indices {
        let correction = factors[index] - inverses[index] * dot(changes[index], direction)
        add(correction, steps[index], to: &direction)
      }
      let slope = -dot(gradient, direction)
      if !(slope < 0) { break }
      // Armijo's rule by halving; the first step has no scale yet.
      var length = iteration == 0 ? min(1, 1 / largest(gradient)) : 1
      var found = false
      for _ in 0..<30 {
        for index in point.indices { next[index] = point[index] - length * direction[index] }
        let nextValue = function(next, &nextGradient)
        if nextValue <= value + 1e-4 * length * slope {
          (value, found) = (nextValue, true)
          break
        }
        length /= 2
      }
      if !found { break }
      var step = next
      add(-1, point, to: &step)
      var change = nextGradient
      add(-1, gradient, to: &change)
      let curvature = dot(step, change)
      if curvature > 1e-12 {
        if steps.count == memory {
          steps.removeFirst()
          changes.removeFirst()
          inverses.removeFirst()
        }
        steps.append(step)
        changes.append(change)
        inverses.append(1 / curvature)
      }
      swap(&point, &next)
      swap(&gradient, &nextGradient)
    }
    return point
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
    for index in a.indices { b[index] += factor * a[index] }
  }

  private static func largest(_ a: [Double]) -> Double { a.reduce(0) { max($0, abs($1)) } }
}
