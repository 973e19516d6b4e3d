// What a metric is called, what it counts and which values its labels may have: each module declares those of its own
// events with this, so that the number of series is decided where the event happens.

import Metrics

/// A metric of ours, as Prometheus will see it; values go out through swift-metrics.
public struct Metric: Sendable {
  public enum Kind: Sendable, Equatable {
    /// Only grows; its name ends in `_total`.
    case counter
    case gauge
    /// Upper bounds of the buckets, ascending, `+Inf` left out.
    case histogram([Double])
  }

  /// A label and the values that it may have. Whatever else is given counts as `other`, so that no text from outside
  /// becomes a label.
  public struct Label: Sendable {
    public enum Values: Sendable {
      case fixed([String])
      /// Names from the configuration, known when the service starts, such as those of the mailboxes.
      case configured
    }

    public let name: String
    public let values: Values

    public init(_ name: String, _ values: [String]) {
      self.name = name
      self.values = .fixed(values)
    }

    private init(configured name: String) {
      self.name = name
      values = .configured
    }

    /// A label whose values are known when the service starts.
    public static func configured(_ name: String) -> Label { Label(configured: name) }
    /// A mailbox of the configuration.
    public static let mailbox = configured("mailbox")
    /// A named trouble of a connection to a server; the command knows the names from whoever gives them.
    public static let trouble = configured("trouble")
  }

  public let name: String
  public let kind: Kind
  public let help: String
  public let labels: [Label]

  /// - Parameters:
  ///   - name: with the unit in it, base units only (`_seconds`, `_bytes`).
  ///   - help: one sentence, for people who read `/metrics`.
  public init(_ name: String, _ kind: Kind, _ help: String, labels: [Label] = []) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
  }

  private func dimensions(_ values: [String]) -> [(String, String)] {
    precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
    return zip(labels, values).map { ($0.name, $1) }
  }

  /// Makes the series of a histogram known before anything is observed, so that the first observations are seen.
  public func begin(_ values: String...) {
    _ = Recorder(label: name, dimensions: dimensions(values), aggregate: true)
  }

  /// Adds to a counter; adding 0 makes its series known, so that its first increase is seen.
  public func add(_ count: Int = 1, _ values: String...) {
    Counter(label: name, dimensions: dimensions(values)).increment(by: count)
  }

  /// Sets a gauge; nil takes its series away.
  public func set(_ value: Double?, _ values: String...) {
    let meter = Meter(label: name, dimensions: dimensions(values))
    if let value { meter.set(value) } else { meter.destroy() }
  }

  public func set(_ value: Int, _ values: String...) {
    Meter(label: name, dimensions: dimensions(values)).set(Double(value))
  }

  /// Adds an observation to a histogram.
  public func observe(_ value: Double, _ values: String...) {
    Recorder(label: name, dimensions: dimensions(values), aggregate: true).record(value)
  }
}

extension Duration {
  /// In the base unit of metrics.
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
