// A whole series at once: the same watch as period by period, and the lines of its chart.

/// A series of counts with what was expected of each period and what was out of control.
///
/// Shapes: `counts` oldest first, one a period without gaps (a period without a case is 0); `exposures` as many, 1 for
/// an ordinary period, missing ones are 1. Each point knows only the periods before it, so a chart of the past shows
/// what would have been said then. Linear in the number of periods.
public struct ControlChart: Sendable {
  public let points: [ControlPoint]
  /// What the next period is expected to bring, at exposure 1.
  public let next: CountDistribution
  private let tail: Double

  public init(counts: [Int], exposures: [Double] = [], settings: MonitorSettings = .days) {
    var monitor = CellMonitor(settings)
    points = counts.indices.map {
      monitor.add(counts[$0], exposure: $0 < exposures.count ? exposures[$0] : 1)
    }
    next = monitor.expectation(exposure: 1)
    tail = settings.tail
  }

  /// What is out of control at the end of the newest period.
  public var findings: [Finding] { points.last?.findings ?? [] }

  /// One period's lines; a count outside `lower...upper` is out of control by itself.
  public struct Line: Sendable, Hashable {
    public let count: Int
    public let centre: Double
    public let lower: Int
    public let upper: Int
  }

  /// The chart's lines for some periods; nil where there was too little history.
  public func lines(_ range: Range<Int>) -> [Line?] {
    points[range.clamped(to: points.indices)].map { point in
      guard let expected = point.expected else { return nil }
      return Line(
        count: point.count, centre: expected.mean, lower: expected.lowerLimit(tail: tail),
        upper: expected.upperLimit(tail: tail))
    }
  }

  /// An alarm from its first day to its last.
  public struct Episode: Sendable, Hashable {
    public let kind: Finding.Kind
    /// The periods in which it was told.
    public let told: ClosedRange<Int>
    /// Its least likely finding.
    public let worst: Finding
  }

  /// Findings of one kind in neighbouring periods are one alarm, so that people are told once.
  ///
  /// - Parameter gap: periods of quiet that do not end an alarm.
  public func episodes(gap: Int = 7) -> [Episode] {
    var episodes: [Episode] = []
    var open: [Finding.Kind: Int] = [:]
    for (period, point) in points.enumerated() {
      for finding in point.findings {
        if let last = open[finding.kind],
          period - episodes[last].told.upperBound <= gap + 1
            || episodes[last].worst.isSameDrift(as: finding)
        {
          let worst =
            finding.pValue < episodes[last].worst.pValue ? finding : episodes[last].worst
          episodes[last] = Episode(
            kind: finding.kind, told: episodes[last].told.lowerBound...period, worst: worst)
        } else {
          open[finding.kind] = episodes.count
          episodes.append(Episode(kind: finding.kind, told: period...period, worst: finding))
        }
      }
    }
    return episodes
  }
}
