import Metering
import Metrics
import Synchronization
import Testing

@testable import Monitoring

@Suite struct PrometheusTests {
  private static let messages = Metric(
    "intake_messages_total", .counter, "Messages that were given an outcome.",
    labels: [.mailbox, .init("outcome", ["case", "possible"])])
  private static let free = Metric("intake_disk_free_bytes", .gauge, "Free where the data is.")
  private static let passes = Metric(
    "intake_pass_duration_seconds", .histogram([0.5, 1, 2.5]), "How long passes took.")

  private static func registry(_ mailboxes: [String] = ["complaints", "gp"]) -> PrometheusRegistry {
    PrometheusRegistry([messages, free, passes], configured: ["mailbox": mailboxes])
  }

  private static func count(
    _ registry: PrometheusRegistry, _ mailbox: String, _ outcome: String, by count: Int64 = 1
  ) {
    registry.makeCounter(
      label: "intake_messages_total", dimensions: [("mailbox", mailbox), ("outcome", outcome)]
    ).increment(by: count)
  }

  @Test func goldenText() {
    let registry = Self.registry()
    Self.count(registry, "gp", "possible")
    Self.count(registry, "complaints", "case", by: 2)
    Self.count(registry, "complaints", "case")
    registry.makeMeter(label: "intake_disk_free_bytes", dimensions: []).set(65_107_558_400.0)
    let passes = registry.makeRecorder(
      label: "intake_pass_duration_seconds", dimensions: [], aggregate: true)
    for seconds in [0.25, 0.5, 0.75, 2.5, 100] { passes.record(seconds) }
    #expect(
      registry.exposition == """
        # HELP intake_disk_free_bytes Free where the data is.
        # TYPE intake_disk_free_bytes gauge
        intake_disk_free_bytes 65107558400
        # HELP intake_messages_total Messages that were given an outcome.
        # TYPE intake_messages_total counter
        intake_messages_total{mailbox="complaints",outcome="case"} 3
        intake_messages_total{mailbox="gp",outcome="possible"} 1
        # HELP intake_pass_duration_seconds How long passes took.
        # TYPE intake_pass_duration_seconds histogram
        intake_pass_duration_seconds_bucket{le="0.5"} 2
        intake_pass_duration_seconds_bucket{le="1"} 3
        intake_pass_duration_seconds_bucket{le="2.5"} 4
        intake_pass_duration_seconds_bucket{le="+Inf"} 5
        intake_pass_duration_seconds_sum 104
        intake_pass_duration_seconds_count 5

        """)
  }

  /// An observation of a histogram with bounds 0.5, 1 and 2.5, and the bucket that it falls into.
  @Test(
    arguments: [
      (-1, 0), (0, 0), (0.5, 0), (0.500_001, 1), (1, 1), (2.5, 2), (2.6, 3), (Double.infinity, 3),
    ] as [(Double, Int)])
  func aBoundBelongsToItsBucket(observed: Double, bucket: Int) {
    let series = Series(.histogram([0.5, 1, 2.5]))
    series.record(observed)
    guard case .histogram(let histogram) = series.current else { return #expect(Bool(false)) }
    #expect(histogram.counts == (0...3).map { $0 == bucket ? 1 : 0 })
    #expect(histogram.sum == observed)
  }

  @Test func whatIsNoNumberIsNotObserved() {
    let series = Series(.histogram([1]))
    series.record(Double.nan)
    guard case .histogram(let histogram) = series.current else { return #expect(Bool(false)) }
    #expect(histogram.counts == [0, 0] && histogram.sum == 0)
  }

  @Test func timersCountInSeconds() {
    let registry = Self.registry()
    registry.makeTimer(label: "intake_pass_duration_seconds", dimensions: []).recordNanoseconds(750_000_000)
    #expect(registry.exposition.contains("intake_pass_duration_seconds_sum 0.75\n"))
    #expect(registry.exposition.contains("intake_pass_duration_seconds_bucket{le=\"1\"} 1\n"))
  }

  @Test(
    arguments: [
      (1, "1"), (-3, "-3"), (0.25, "0.25"), (1e14, "100000000000000"), (1.5e300, "1.5e+300"),
      (0.001, "0.001"),
      (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ] as [(Double, String)])
  func numbers(number: Double, text: String) { #expect(Exposition.formatted(number) == text) }

  @Test(arguments: [
    ("plain", "plain"), ("a\\b", "a\\\\b"), ("a\"b", "a\\\"b"), ("a\nb", "a\\nb"), ("a\r\nb", "a\r\\nb"),
    ("Zoë", "Zoë"),
  ])
  func labelValuesAreEscaped(value: String, escaped: String) {
    let registry = PrometheusRegistry([])
    registry.makeCounter(label: "library.calls", dimensions: [("peer-name", value)]).increment(by: 1)
    #expect(
      registry.exposition == """
        # HELP library_calls Of a library.
        # TYPE library_calls counter
        library_calls{peer_name="\(escaped)"} 1

        """)
  }

  @Test func helpIsEscaped() {
    let registry = PrometheusRegistry([Metric("a_total", .counter, "One\\two\n\"three\"")])
    registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
    #expect(registry.exposition.hasPrefix("# HELP a_total One\\\\two\\n\"three\"\n"))
  }

  @Test(arguments: [("9lives", "_9lives"), ("a.b-c", "a_b_c"), ("", "_"), ("job:rate", "job:rate")])
  func namesOfLibrariesAreMadeToFit(name: String, fitting: String) {
    #expect(Exposition.metricName(name) == fitting)
  }

  @Test(arguments: [
    ("complaints", "case", "mailbox=\"complaints\",outcome=\"case\""),
    ("ada@example.org", "case", "mailbox=\"other\",outcome=\"case\""),
    ("gp", "Dear Sirs", "mailbox=\"gp\",outcome=\"other\""),
  ])
  func onlyDeclaredValuesBecomeLabels(mailbox: String, outcome: String, labels: String) {
    let registry = Self.registry()
    Self.count(registry, mailbox, outcome)
    #expect(registry.exposition.contains("intake_messages_total{\(labels)} 1\n"))
  }

  @Test func seriesAreBoundedAndWhatIsDroppedIsCounted() {
    let registry = PrometheusRegistry([])
    let count = PrometheusRegistry.seriesOfOneName
    for number in 0..<(count + 5) {
      registry.makeCounter(label: "library_total", dimensions: [("n", "\(number)")]).increment(by: 1)
    }
    let lines = registry.exposition.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("library_total{") } == count)
    #expect(lines.contains("intake_metrics_dropped_series_total 5"))
  }

  @Test func aNameOfAnotherKindIsDroppedAndCounted() {
    let registry = Self.registry()
    registry.makeCounter(label: "library", dimensions: []).increment(by: 1)
    registry.makeTimer(label: "library", dimensions: []).recordNanoseconds(1)
    #expect(registry.exposition.contains("library 1\n"))
    #expect(registry.exposition.contains("intake_metrics_dropped_series_total 1\n"))
  }

  @Test func aGaugeIsShownOnlyWhileItIsSet() {
    let registry = Self.registry()
    let gauge = registry.makeMeter(label: "intake_disk_free_bytes", dimensions: [])
    #expect(!registry.exposition.contains("intake_disk_free_bytes "))
    gauge.set(7.0)
    #expect(registry.exposition.contains("intake_disk_free_bytes 7\n"))
    registry.destroyMeter(gauge)
    #expect(!registry.exposition.contains("intake_disk_free_bytes "))
    registry.makeMeter(label: "intake_disk_free_bytes", dimensions: []).increment(by: 2)
    #expect(registry.exposition.contains("intake_disk_free_bytes 2\n"))
  }

  @Test func nothingIsLostWhenManyCountAtOnce() async {
    let registry = Self.registry()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<2000 {
            Self.count(registry, task % 2 == 0 ? "gp" : "complaints", "case")
            registry.makeRecorder(
              label: "intake_pass_duration_seconds", dimensions: [], aggregate: true
            ).record(Double(number % 4))
            if number % 500 == 0 { _ = registry.exposition }
          }
        }
      }
    }
    let text = registry.exposition
    #expect(text.contains("intake_messages_total{mailbox=\"complaints\",outcome=\"case\"} 8000\n"))
    #expect(text.contains("intake_messages_total{mailbox=\"gp\",outcome=\"case\"} 8000\n"))
    #expect(text.contains("intake_pass_duration_seconds_count 16000\n"))
    #expect(text.contains("intake_pass_duration_seconds_bucket{le=\"1\"} 8000\n"))
    #expect(text.contains("intake_pass_duration_seconds_sum 24000\n"))
  }

  /// Prometheus' own rules for names (promtool check metrics), and ours for labels.
  @Test func namesAreWellFormed() {
    for metric in VitalsMetrics.all {
      #expect(!metric.help.isEmpty && metric.help.hasSuffix("."), "\(metric.name)")
      #expect(Exposition.metricName(metric.name) == metric.name)
      #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
      for label in metric.labels {
        if case .fixed(let values) = label.values {
          #expect(!values.isEmpty && Set(values).count == values.count, "\(metric.name)")
        }
      }
    }
    #expect(Set(VitalsMetrics.all.map(\.name)).count == VitalsMetrics.all.count)
  }
}
