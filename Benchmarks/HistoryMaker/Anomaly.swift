// What is planted in a history, for detectors to find.

import Deadlines

/// Something out of the ordinary, with where and when; written to `anomalies.json`.
struct Anomaly: Codable {
  enum Kind: String, Codable, CaseIterable { case spike, drift, drop, silence, flood, theme }

  var kind: Kind
  var mailbox: String?
  /// Nil for all.
  var category: String?
  var country: String?
  /// Of the cases when they are closed.
  var rootCause: String?
  /// Of a theme: its wordings.
  var words: [String]?
  var from: CivilDate
  var to: CivilDate
  /// Of silence and flood: hours from `from` 00:00, in the mailbox's zone.
  var hours: [Int]?
  /// Cases or messages more (spike, flood), cases with the words (theme), messages not come (silence), or the level at
  /// its end over the usual one (drift, drop).
  var size: Double
  /// What the place and time would have had without it, in cases or messages.
  var usual: Double

  enum CodingKeys: String, CodingKey {
    case kind, mailbox, category, country, words, from, to, hours, size, usual
    case rootCause = "root_cause"
  }
}

/// An anomaly with positions for dates.
struct Planted {
  var anomaly: Anomaly
  /// Days of the history, the last included.
  var days: ClosedRange<Int>
  /// Hours of the history, for silence and flood.
  var hours: Range<Int> = 0..<0
  var mailbox: Int?

  /// How many times the usual a cell has on a day because of it.
  func factor(category: String, country: String, day: Int) -> Double {
    guard days.contains(day), anomaly.rootCause == nil, matches(category: category, country: country) else {
      return 1
    }
    switch anomaly.kind {
    case .drift:
      // A ramp over three quarters of the time, then the height.
      let way = Double(day - days.lowerBound + 1) / (Double(days.count) * 0.75)
      return 1 + (anomaly.size - 1) * min(1, way)
    case .drop: return anomaly.size
    case .spike, .silence, .flood, .theme: return 1
    }
  }

  func matches(category: String, country: String) -> Bool {
    anomaly.category ?? category == category && anomaly.country ?? country == country
  }
}

/// Chooses what is planted.
struct Planting {
  private(set) var planted: [Planted] = []
  private var random: Random
  private let span: Span
  private let scale: Double

  init(seed: Int, span: Span, scale: Double) {
    random = Random(seed: seed, stream: 1)
    self.span = span
    self.scale = scale
    plantCells()
    plantMail()
    plantThemes()
  }

  /// A first stretch without anomalies, so that there is a usual.
  private static let quietDays = 120

  private mutating func days(_ length: Int) -> ClosedRange<Int> {
    let first = random.number(Self.quietDays...(span.days.count - 20 - length))
    return first...(first + length - 1)
  }

  /// Plants unless something is planted there at about the same time.
  private mutating func plant(_ one: Planted) -> Bool {
    if planted.contains(where: { Self.collide(one, $0) }) { return false }
    planted.append(one)
    return true
  }

  private static func collide(_ one: Planted, _ other: Planted) -> Bool {
    func near(_ days: Int) -> Bool {
      one.days.lowerBound - days <= other.days.upperBound
        && other.days.lowerBound <= one.days.upperBound + days
    }
    let (a, b) = (one.anomaly, other.anomaly)
    if a.kind == .theme || b.kind == .theme { return false }
    if a.mailbox != nil || b.mailbox != nil { return a.mailbox == b.mailbox && near(45) }
    if a.category == b.category && a.country == b.country { return near(45) }
    // A category everywhere and a country in all categories share one small cell: that is life.
    if a.category == nil && b.country == nil || a.country == nil && b.category == nil { return false }
    let overlap =
      (a.category == nil || b.category == nil || a.category == b.category)
      && (a.country == nil || b.country == nil || a.country == b.country)
    return overlap && near(0)
  }

  private func anomaly(_ kind: Anomaly.Kind, _ days: ClosedRange<Int>, size: Double, usual: Double) -> Anomaly
  {
    Anomaly(
      kind: kind, from: span.days[days.lowerBound], to: span.days[days.upperBound], size: size, usual: usual)
  }

  /// Tries until it fits; a history always has room.
  private mutating func repeatedly(_ count: Int, _ make: (inout Planting, Int) -> Planted) {
    var done = 0
    for _ in 0..<10_000 where done < count {
      let one = make(&self, done)
      if plant(one) { done += 1 }
    }
    precondition(done == count, "the history is too short for its anomalies")
  }

  private mutating func plantCells() {
    let frequent = Leaf.all.filter { $0.weight >= 4 && $0.id != "other" }
    repeatedly(12) { planting, index in
      // A third each: the largest market, the next ones, and cells that have a case or two a year.
      let leaf = planting.random.one(of: index % 3 == 2 ? Leaf.all.filter { $0.weight < 4 } : frequent)
      let country = [["GB"], ["ZA", "AU"], ["IE", "SG", "NZ", "ZA"]][index % 3]
      let days = planting.days(planting.random.number(1...5))
      let place = planting.random.one(of: country)
      var anomaly = planting.anomaly(
        .spike, days, size: Double(planting.random.number(4...14)),
        usual: Rates.perDay(category: leaf.id, country: place, scale: planting.scale) * Double(days.count))
      anomaly.category = leaf.id
      anomaly.country = place
      return Planted(anomaly: anomaly, days: days)
    }
    repeatedly(8) { planting, index in
      let leaf = planting.random.one(of: frequent)
      let days = planting.days(planting.random.number(90...150))
      let place: String? = index < 4 ? nil : planting.random.one(of: ["GB", "GB", "ZA"])
      var anomaly = planting.anomaly(
        .drift, days, size: 1.8 + 1.2 * planting.random.share(),
        usual: Rates.perDay(category: leaf.id, country: place, scale: planting.scale) * Double(days.count))
      anomaly.category = leaf.id
      anomaly.country = place
      if index >= 6 {
        anomaly.country = nil
        // A cause that is rare in this category becomes frequent.
        let position = planting.random.position(leaf.causes.map { $0 > 0.2 ? 0 : 1 })
        anomaly.rootCause = Leaf.rootCauses[position]
        anomaly.size = 6 + 6 * planting.random.share()
        anomaly.usual =
          Rates.perDay(category: leaf.id, country: nil, scale: planting.scale) * Double(days.count)
          * leaf.causes[position]
      }
      return Planted(anomaly: anomaly, days: days)
    }
    repeatedly(6) { planting, index in
      let days = planting.days(planting.random.number(21...45))
      let leaf = planting.random.one(of: frequent).id
      let place = planting.random.one(of: ["ZA", "AU", "IE"])
      var anomaly = planting.anomaly(
        .drop, days, size: 0.35 * planting.random.share(),
        usual: Rates.perDay(
          category: index < 3 ? leaf : nil, country: index < 3 ? nil : place, scale: planting.scale)
          * Double(days.count))
      if index < 3 { anomaly.category = leaf } else { anomaly.country = place }
      return Planted(anomaly: anomaly, days: days)
    }
  }

  private mutating func plantMail() {
    repeatedly(8) { planting, index in
      // Some hours of a working day where much is expected; whole days where little is.
      let mailbox = index < 4 ? planting.random.number(0...2) : planting.random.number(1...5)
      var days = planting.days(index < 4 ? 1 : planting.random.number(2...5))
      var hours = 0..<0
      if index < 4 {
        while planting.span.weekday(mailbox, days.lowerBound) > 4 { days = planting.days(1) }
        let start = planting.random.number(8...11)
        hours = days.lowerBound * 24 + start..<days.lowerBound * 24 + start + planting.random.number(3...9)
      } else {
        hours = days.lowerBound * 24..<(days.upperBound + 1) * 24
      }
      let usual = planting.usual(mailbox, hours)
      var anomaly = planting.anomaly(.silence, days, size: usual, usual: usual)
      anomaly.mailbox = Mailbox.all[mailbox].name
      let first = days.lowerBound * 24
      anomaly.hours = [hours.lowerBound - first, hours.upperBound - first]
      return Planted(anomaly: anomaly, days: days, hours: hours, mailbox: mailbox)
    }
    repeatedly(6) { planting, _ in
      let mailbox = planting.random.number(0...5)
      let days = planting.days(1)
      let start = days.lowerBound * 24 + planting.random.number(0...20)
      let hours = start..<start + planting.random.number(1...3)
      let usual = planting.usual(mailbox, hours)
      var anomaly = planting.anomaly(
        .flood, days, size: Double(planting.random.number(10...80)), usual: usual)
      anomaly.mailbox = Mailbox.all[mailbox].name
      let first = days.lowerBound * 24
      anomaly.hours = [hours.lowerBound - first, hours.upperBound - first]
      return Planted(anomaly: anomaly, days: days, hours: hours, mailbox: mailbox)
    }
  }

  private func usual(_ mailbox: Int, _ hours: Range<Int>) -> Double {
    hours.reduce(0) { $0 + Rates.mail(mailbox, hour: $1, span, scale: scale) }
  }

  private mutating func plantThemes() {
    var themes = Array(Phrases.themes.indices)
    repeatedly(10) { planting, _ in
      let days = planting.days(planting.random.number(10...21))
      let theme = themes.remove(at: planting.random.number(0...themes.count - 1))
      var anomaly = planting.anomaly(
        .theme, days, size: Double(planting.random.number(5...16)), usual: 0)
      anomaly.words = Phrases.themes[theme]
      // Half of them within one group, half anywhere.
      if planting.random.chance(0.5) {
        anomaly.category = planting.random.one(of: ["membership", "casework"])
      }
      return Planted(anomaly: anomaly, days: days)
    }
  }
}
