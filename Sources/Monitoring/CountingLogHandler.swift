// Counts what is logged, so that a rise of errors is seen by whoever reads no log.

import Logging
import Metering

enum LogMetrics {
  static let messages = Metric(
    "intake_log_messages_total", .counter, "Lines logged, by level; below warning nothing is counted.",
    labels: [.init("level", levels.map(\.rawValue))])

  static let levels: [Logger.Level] = [.warning, .error, .critical]
}

/// Passes on to another handler.
public struct CountingLogHandler: LogHandler {
  private var inner: any LogHandler

  public init(_ inner: any LogHandler) { self.inner = inner }

  public var logLevel: Logger.Level {
    get { inner.logLevel }
    set { inner.logLevel = newValue }
  }

  public var metadata: Logger.Metadata {
    get { inner.metadata }
    set { inner.metadata = newValue }
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { inner[metadataKey: key] }
    set { inner[metadataKey: key] = newValue }
  }

  public func log(event: LogEvent) {
    if LogMetrics.levels.contains(event.level) { LogMetrics.messages.add(1, event.level.rawValue) }
    inner.log(event: event)
  }
}
