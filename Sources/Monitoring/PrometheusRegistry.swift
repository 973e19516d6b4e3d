// The backend of swift-metrics that a service runs with: keeps every series in memory until Prometheus asks.

import Metering
import Metrics
import Synchronization

/// Counters, gauges and histograms by name and labels.
///
/// The number of series is bounded: what is declared has the labels and values it was declared with, and whatever a
/// library adds by itself is counted, then dropped, once there are too many.
public final class PrometheusRegistry: MetricsFactory, Sendable {
  /// Series of one name, and of all names together: some tens of mailboxes with every outcome are a few hundred.
  static let seriesOfOneName = 1000
  static let seriesOfAll = 10_000
  /// For timers that nobody declared: from a millisecond to a minute.
  static let undeclaredBuckets = [0.001, 0.01, 0.1, 1, 10, 60]

  static let dropped = Metric(
    "intake_metrics_dropped_series_total", .counter,
    "Series that were not kept because there were too many, or because their name was of another kind.")

  /// All series of one name.
  struct Family: Sendable {
    let kind: Metric.Kind
    let help: String
    var series: [Labels: Series] = [:]
  }

  private struct State {
    var families: [String: Family] = [:]
    var count = 0
  }

  private let declared: [String: Metric]
  private let configured: [String: Set<String>]
  private let state = Mutex(State())

  /// - Parameters:
  ///   - metrics: those that the modules declare.
  ///   - configured: the values of labels that the configuration names, by label.
  public init(_ metrics: [Metric], configured: [String: [String]] = [:]) {
    declared = Dictionary(
      (metrics + [Self.dropped]).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.configured = configured.mapValues { Set($0) }
  }

  /// What there is now, for `Exposition`.
  func families() -> [String: Family] { state.withLock { $0.families } }

  // MARK: series

  private func series(_ label: String, _ dimensions: [(String, String)], _ kind: Metric.Kind) -> Series {
    let name = Exposition.metricName(label)
    let metric = declared[name]
    let labels = Labels(
      dimensions.map { key, value in
        (Exposition.labelName(key), metric.map { permitted(value, of: key, $0) } ?? value)
      })
    let kind = metric?.kind ?? kind
    let found = state.withLock { state -> Series? in
      var family = state.families[name] ?? Family(kind: kind, help: metric?.help ?? "Of a library.")
      if let known = family.series[labels] { return known }
      guard state.count < Self.seriesOfAll, family.series.count < Self.seriesOfOneName else { return nil }
      let made = Series(family.kind)
      family.series[labels] = made
      state.families[name] = family
      state.count += 1
      return made
    }
    if let found, found.suits(kind) { return found }
    // Told once the lock is free: the count of what was dropped is a series too, whose room is never taken.
    if name != Self.dropped.name { Counter(label: Self.dropped.name, factory: self).increment() }
    return Series(kind)
  }

  private func permitted(_ value: String, of key: String, _ metric: Metric) -> String {
    guard let label = metric.labels.first(where: { $0.name == key }) else { return "other" }
    switch label.values {
    case .fixed(let values): return values.contains(value) ? value : "other"
    case .configured: return configured[key]?.contains(value) ?? false ? value : "other"
    }
  }

  private func remove(_ handler: AnyObject) {
    state.withLock { state in
      for (name, family) in state.families {
        for (labels, series) in family.series where series === handler {
          state.families[name]?.series[labels] = nil
          state.count -= 1
          return
        }
      }
    }
  }

  // MARK: MetricsFactory

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler { series(label, dimensions, .counter) }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram(Self.undeclaredBuckets) : .gauge)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram(Self.undeclaredBuckets))
  }

  /// What was counted stays: a library that lets go of its counter has still counted.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// A gauge that nobody sets any more says nothing true.
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
}

/// The labels of one series, sorted by name.
struct Labels: Hashable, Comparable, Sendable {
  let names: [String]
  let values: [String]

  init(_ pairs: [(String, String)]) {
    let sorted = pairs.sorted { $0.0 < $1.0 }
    names = sorted.map(\.0)
    values = sorted.map(\.1)
  }

  static func < (left: Labels, right: Labels) -> Bool {
    left.values.lexicographicallyPrecedes(right.values)
  }
}

/// One series: a number, or the buckets of a histogram.
final class Series: Sendable {
  /// Counts by bucket, not yet summed up, the last for what is above all bounds.
  struct Histogram: Sendable {
    var counts: [UInt64]
    var sum = 0.0
  }

  enum Value: Sendable {
    /// Not a number for a gauge that was never set: it is not shown.
    case number(Double)
    case histogram(Histogram)
  }

  let bounds: [Double]?
  private let value: Mutex<Value>

  init(_ kind: Metric.Kind) {
    if case .histogram(let bounds) = kind {
      self.bounds = bounds
      value = Mutex(.histogram(Histogram(counts: [UInt64](repeating: 0, count: bounds.count + 1))))
    } else {
      bounds = nil
      value = Mutex(.number(kind == .counter ? 0 : .nan))
    }
  }

  var current: Value { value.withLock { $0 } }

  func suits(_ kind: Metric.Kind) -> Bool {
    if case .histogram = kind { bounds != nil } else { bounds == nil }
  }

  private func change(_ body: (Double) -> Double) {
    value.withLock { if case .number(let number) = $0 { $0 = .number(body(number.isNaN ? 0 : number)) } }
  }

  private func observe(_ observed: Double) {
    guard let bounds else { return change { _ in observed } }
    // What is not a number would spoil the sum for good.
    if observed.isNaN { return }
    let bucket = bounds.firstIndex { observed <= $0 } ?? bounds.count
    value.withLock { value in
      guard case .histogram(var histogram) = value else { return }
      // Not held twice while it is changed, or each observation would copy the counts.
      value = .number(0)
      histogram.counts[bucket] += 1
      histogram.sum += observed
      value = .histogram(histogram)
    }
  }
}

extension Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  func increment(by amount: Int64) { change { $0 + Double(amount) } }
  func increment(by amount: Double) { change { $0 + amount } }
  func decrement(by amount: Double) { change { $0 - amount } }
  func reset() { change { _ in 0 } }
  func set(_ number: Int64) { change { _ in Double(number) } }
  func set(_ number: Double) { change { _ in number } }
  func record(_ observed: Int64) { observe(Double(observed)) }
  func record(_ observed: Double) { observe(observed) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
