// One series of counts, watched period by period: what was to be expected, and whether what came is out of control.
// A sudden change is a window of a few periods in a far tail; a slow one is a cumulated sum that has left its limit.

#if canImport(Glibc)
  import Glibc
#endif

/// How a series is watched. The defaults are for days; `weeks` has those for weeks.
public struct MonitorSettings: Sendable, Hashable {
  /// The chance of a false alarm that a period may take, for each kind of alarm: see `AlarmBudget.perTest`.
  public var tail = 1e-5
  /// Lengths, in periods, over which a sudden rise is looked for, ascending.
  public var spikeWindows = [1, 2, 4, 7]
  /// Lengths over which a sudden fall is looked for, ascending.
  public var dropWindows = [3, 7, 14, 28]
  /// Fewer than this is no spike, however unlikely.
  public var minimumCount = 3
  /// Periods before the first alarm.
  public var minimumHistory = 49
  /// Periods before the first slow change: a level is not known from a few weeks.
  public var minimumDriftHistory = 120
  /// The newest periods, which the expectation does not rest on: what has just begun must not hide itself.
  public var guardPeriods = 21
  /// A period's weight in the expectation halves in this many.
  public var halfLife = 180.0
  /// A level wanders by this share without anybody wanting to know.
  public var wobble = 0.1
  /// Slow rises are looked for as levels of so many times the expected: a small one that lasts, and one that a cell
  /// with a case in three months can show.
  public var riseRatios = [1.45, 4]
  /// A slow fall is looked for as a level of this share of the expected.
  public var fallRatio = 0.55
  /// What lasts shorter is no slow change.
  public var shortestDrift = 14
  /// A slow change that has been told for this long is the new level.
  public var acceptAfter = 42

  public init() {}

  public static let days = MonitorSettings()

  public static let weeks: MonitorSettings = {
    var settings = MonitorSettings()
    settings.spikeWindows = [1, 2]
    settings.dropWindows = [1, 2, 4]
    settings.minimumHistory = 12
    settings.minimumDriftHistory = 20
    settings.guardPeriods = 3
    settings.halfLife = 26
    settings.shortestDrift = 4
    settings.acceptAfter = 8
    return settings
  }()
}

extension MonitorSettings {
  /// These settings for one of the cells of a budget.
  ///
  /// Until more than a year is known, a season looks like a change: levels may then wander twice as far.
  public func within(_ budget: AlarmBudget, season: Seasonality) -> MonitorSettings {
    var settings = self
    settings.tail = budget.perTest
    if !season.knowsYear { settings.wobble *= 2 }
    return settings
  }
}

/// What is out of control.
public struct Finding: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// Suddenly more: a spike, or a flood of some days.
    case spike
    /// Suddenly less.
    case drop
    /// Slowly more.
    case rise
    /// Slowly less.
    case decline
  }

  public let kind: Kind
  /// The periods it is about, as positions in the series.
  public let periods: Range<Int>
  /// Counted in these periods.
  public let seen: Int
  /// Expected in these periods.
  public let expected: Double
  /// What would have been no surprise in these periods, at the series' chance of a false alarm.
  public let lower: Int
  public let upper: Int
  /// The chance of as much or more (as little or less) where nothing has changed; for slow changes how often, a period,
  /// chance comes this far; above the series' chance again while an alarm that was told dies down.
  public let pValue: Double
}

extension Finding {
  /// Whether both tell of one slow change: what began in the same period.
  public func isSameDrift(as other: Finding) -> Bool {
    kind == other.kind && (kind == .rise || kind == .decline)
      && periods.lowerBound == other.periods.lowerBound
  }
}

/// One period of a chart.
public struct ControlPoint: Sendable, Hashable {
  public let count: Int
  /// The centre line, known before the count was; nil while there is too little history.
  public let expected: CountDistribution?
  /// The cumulated sums over their limit: 1 and more is out of control.
  public let rise: Double
  public let decline: Double
  /// What is out of control at the end of this period, the least likely of each direction.
  public let findings: [Finding]
}

/// Watches one series; every `add` costs the same, whatever came before, and knows only what came before.
///
/// The expectation is a discounted sum of past counts over a discounted sum of past exposures, under a gamma prior
/// worth half a case, so a cell that never had a case has an expectation too. Single past periods count no more than
/// what would have been believable then.
public struct CellMonitor: Sendable {
  public let settings: MonitorSettings

  private var counts: [Int] = []
  private var exposures: [Double] = []
  /// What a period counts for in the level and in cumulated sums: cut to what is believable.
  private var tempered: [Double] = []
  /// And in the dispersion, cut more closely: squares let one flood of a sparse series hide the next for a year.
  private var calmed: [Double] = []
  /// The number of oldest periods that the expectation rests on.
  private var absorbed = 0

  // Discounted sums over the absorbed periods.
  private var weightedCount = 0.0
  private var weightedExposure = 0.0
  private var excessVariance = 0.0
  private var squaredMeans = 0.0
  /// Of the absorbed periods, undiscounted.
  private var history = 0

  private var sums: [CumulatedSum]

  public init(_ settings: MonitorSettings = .days) {
    self.settings = settings
    let share = settings.tail / Double(max(settings.riseRatios.count, 1))
    sums =
      settings.riseRatios.map { CumulatedSum(.rise, ratio: $0, tail: share) }
      + [CumulatedSum(.decline, ratio: settings.fallRatio, tail: settings.tail)]
  }

  /// The expectation waits while a cumulated sum is above this share of its limit.
  private static let hold = 0.4

  /// The number of periods so far.
  public var periods: Int { counts.count }

  /// The expectation of one more period.
  ///
  /// - Parameter exposure: how much of an ordinary period's volume the calendar lets expect (`Seasonality`).
  public func expectation(exposure: Double) -> CountDistribution {
    expectation(exposure: Self.tidy(exposure), squares: Self.tidy(exposure) * Self.tidy(exposure))
  }

  /// The expectation of a sum of periods, of whose exposures the sum and the sum of squares are given.
  private func expectation(exposure: Double, squares: Double) -> CountDistribution {
    let shape = weightedCount + 0.5
    let mean = shape / max(weightedExposure, 1) * exposure
    // Overdispersion of single periods averages out over many; doubt about the level does not.
    let own = exposure > 0 ? overdispersion * squares / (exposure * exposure) : 0
    return CountDistribution(
      mean: mean, spread: 1 / shape + own + settings.wobble * settings.wobble)
  }

  /// The spread of single periods over Poisson's, by moments, drawn to 0.1 where there is little to see it by; and
  /// half a standard error more, because too little of it makes false alarms.
  private var overdispersion: Double {
    let estimate = max((excessVariance + 0.1 * 5) / (squaredMeans + 5), 0)
    let level = (weightedCount + 0.5) / max(weightedExposure, 1)
    let error = (1 / level + estimate) * (2 / max(weightedExposure, 20)).squareRoot() / 2
    return min(estimate + error, 4)
  }

  /// Takes the next period's count.
  ///
  /// - Returns: the period as a chart shows it, with what is out of control now.
  public mutating func add(_ count: Int, exposure: Double = 1) -> ControlPoint {
    let count = min(max(count, 0), 1 << 40)
    let exposure = Self.tidy(exposure)
    absorb()
    let expected = expectation(exposure: exposure)
    counts.append(count)
    exposures.append(exposure)
    tempered.append(min(Double(count), believable(expected, tail: 2e-4)))
    calmed.append(min(Double(count), believable(expected, tail: 4e-3)))
    guard history >= max(settings.minimumHistory - settings.guardPeriods, 1) else {
      return ControlPoint(count: count, expected: nil, rise: 0, decline: 0, findings: [])
    }
    accumulate(expected)
    var findings: [Finding] = []
    if let spike = sudden(.spike, settings.spikeWindows) { findings.append(spike) }
    if let drop = sudden(.drop, settings.dropWindows) { findings.append(drop) }
    for kind in [Finding.Kind.rise, .decline] {
      let slow = sums.compactMap { $0.kind == kind ? finding($0) : nil }
      if let worst = slow.min(by: { $0.pValue < $1.pValue }) { findings.append(worst) }
    }
    return ControlPoint(
      count: count, expected: expected, rise: height(.rise), decline: height(.decline),
      findings: findings)
  }

  private func height(_ kind: Finding.Kind) -> Double {
    sums.reduce(0) { $1.kind == kind ? max($0, $1.value / $1.limit) : $0 }
  }

  private static func tidy(_ exposure: Double) -> Double { exposure > 0 ? min(exposure, 1e6) : 0 }

  /// The most that a period is believed to bring by itself.
  private func believable(_ expected: CountDistribution, tail: Double) -> Double {
    // A chart without history believes everything.
    if history < settings.guardPeriods { return .infinity }
    return Double(max(expected.upperLimit(tail: tail), 2))
  }

  /// Lets the expectation rest on what is old enough, and on nothing that a slow change may have begun in.
  private mutating func absorb() {
    if sums.contains(where: { $0.value > $0.limit * Self.hold }) { return }
    let keep = exp2(-1 / max(settings.halfLife, 1))
    while absorbed < counts.count - min(settings.guardPeriods, counts.count / 2) {
      let mean = weightedCount / max(weightedExposure, 1) * exposures[absorbed]
      let value = tempered[absorbed]
      weightedCount = weightedCount * keep + value
      weightedExposure = weightedExposure * keep + exposures[absorbed]
      if history >= settings.guardPeriods {
        let distance = calmed[absorbed] - mean
        excessVariance = excessVariance * keep + distance * distance - mean
        squaredMeans = squaredMeans * keep + mean * mean
      }
      if exposures[absorbed] > 0 { history += 1 }
      absorbed += 1
    }
  }

  private mutating func accumulate(_ expected: CountDistribution) {
    guard history >= settings.minimumDriftHistory - settings.guardPeriods else { return }
    let now = counts.count - 1
    // The level may be off by what it is uncertain by, without anything having changed.
    let doubt = (settings.wobble * settings.wobble + 1 / (weightedCount + 0.5)).squareRoot()
    let level = (weightedCount + 0.5) / max(weightedExposure, 1)
    for index in sums.indices {
      let mean = sums[index].kind == .rise ? expected.mean * (1 + doubt) : expected.mean / (1 + doubt)
      sums[index].add(tempered[now], mean: mean, level: level, spread: overdispersion, at: now)
    }
    for sum in sums {
      if let told = sum.toldSince, now - told >= settings.acceptAfter {
        restart(from: sum.began)
        break
      }
    }
  }

  /// Takes the level since a period for the level there is.
  private mutating func restart(from began: Int) {
    absorbed = began
    (weightedCount, weightedExposure, excessVariance, squaredMeans, history) = (0, 0, 0, 0, 0)
    for index in sums.indices { sums[index].clear() }
    let guarded = min(settings.guardPeriods, (counts.count - began) / 2)
    while absorbed < counts.count - guarded {
      weightedCount += tempered[absorbed]
      weightedExposure += exposures[absorbed]
      absorbed += 1
      history += 1
    }
    history = max(history, settings.minimumDriftHistory)
  }

  /// The window that ends now and is least likely, where it is unlikely enough.
  private func sudden(_ kind: Finding.Kind, _ windows: [Int]) -> Finding? {
    var best: (p: Double, length: Int, seen: Int, expected: CountDistribution)?
    let tail = settings.tail / Double(max(windows.count, 1))
    var (length, seen, exposure, squares) = (0, 0, 0.0, 0.0)
    for window in windows where window <= counts.count {
      while length < window {
        length += 1
        let index = counts.count - length
        seen += counts[index]
        exposure += exposures[index]
        squares += exposures[index] * exposures[index]
      }
      let expected = expectation(exposure: exposure, squares: squares)
      // Where nothing can be expected (exposure 0), nothing is known either.
      if exposure == 0 { continue }
      if kind == .spike, seen < settings.minimumCount || Double(seen) <= expected.mean { continue }
      if kind == .drop, Double(seen) >= expected.mean { continue }
      let p = kind == .spike ? expected.atLeast(seen) : expected.atMost(seen)
      if p <= tail, p < best?.p ?? 1 { best = (p, window, seen, expected) }
    }
    guard let best else { return nil }
    var start = counts.count - best.length
    if kind == .spike { while counts[start] == 0 { start += 1 } }
    return Finding(
      kind: kind, periods: start..<counts.count, seen: best.seen, expected: best.expected.mean,
      lower: best.expected.lowerLimit(tail: tail), upper: best.expected.upperLimit(tail: tail),
      pValue: min(1, best.p * Double(windows.count)))
  }

  private func finding(_ sum: CumulatedSum) -> Finding? {
    guard sum.toldSince != nil, counts.count - sum.began >= settings.shortestDrift else {
      return nil
    }
    var (seen, exposure, squares) = (0, 0.0, 0.0)
    for index in sum.began..<counts.count {
      seen += counts[index]
      exposure += exposures[index]
      squares += exposures[index] * exposures[index]
    }
    let expected = expectation(exposure: exposure, squares: squares)
    return Finding(
      kind: sum.kind, periods: sum.began..<counts.count, seen: seen, expected: expected.mean,
      lower: expected.lowerLimit(tail: settings.tail),
      upper: expected.upperLimit(tail: settings.tail),
      pValue: min(1, sum.tail * exp(sum.limit - sum.value)))
  }
}

/// Page's cumulated sum of log likelihood ratios: of a level `ratio` times the expected, against the expected.
///
/// A sum that starts anew whenever it is below 0 passes a limit h by chance about once in e^h / I periods, where I is
/// what a changed period adds on average (Siegmund 1985): so the limit is log(I / tail). Sums of sparse series move
/// slowly, and their limits are lower.
struct CumulatedSum: Sendable {
  let kind: Finding.Kind
  let ratio: Double
  let tail: Double
  private(set) var limit: Double
  private(set) var value = 0.0
  /// The first period of the run that the sum stands for.
  private(set) var began = 0
  /// The period in which the limit was passed; nil again once the sum is below half of it.
  private(set) var toldSince: Int?

  /// Where the limit's formula would let two cases of a sparse series pass.
  private static let lowestLimit = 4.0

  init(_ kind: Finding.Kind, ratio: Double, tail: Double) {
    self.kind = kind
    self.ratio = ratio
    self.tail = tail
    limit = max(-log(tail), Self.lowestLimit)
  }

  mutating func clear() {
    value = 0
    toldSince = nil
  }

  /// - Parameters:
  ///   - mean: what this period was expected to bring.
  ///   - level: what an ordinary period is expected to bring.
  mutating func add(_ count: Double, mean: Double, level: Double, spread: Double, at period: Int) {
    if value <= 0 { began = period }
    let information = level * (ratio * log(ratio) - ratio + 1) / (1 + spread * level)
    limit = max(log(max(information, 1e-9) / tail), Self.lowestLimit)
    // Beyond the limit it need not grow for ever, or it would stay out of control long after all is well.
    value = min(max(value + step(count, mean: mean, spread: spread), 0), limit * 1.3)
    if value >= limit {
      if toldSince == nil { toldSince = period }
    } else if value < limit / 2 {
      // Not at once: a sum that wavers about its limit is one alarm.
      toldSince = nil
    }
  }

  /// Negative binomial; its limit for no spread is Poisson's.
  private func step(_ count: Double, mean: Double, spread: Double) -> Double {
    if spread * mean < 1e-9 { return count * log(ratio) - mean * (ratio - 1) }
    let more = log1p(spread * mean * ratio) - log1p(spread * mean)
    return count * (log(ratio) - more) - more / spread
  }
}
