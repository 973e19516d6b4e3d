// Two years of mail and cases, in memory: what is written to disk, and what detectors are measured on.

import Deadlines
import Glibc

/// How much is usual.
enum Rates {
  /// Cases and other messages a day, over all mailboxes.
  static let cases = 8.3
  static let others = 19.2

  static let countries = ["GB", "ZA", "AU", "IE", "SG", "NZ", "HK", "MY"]
  private static let elsewhere = [0.3, 0.15, 0.15, 0.1, 0.08, 0.06, 0.09, 0.07]

  /// The share of a mailbox's cases that are of a country: nearly all of its own.
  static func share(of country: Int, in mailbox: Int) -> Double {
    (Mailbox.all[mailbox].country == countries[country] ? 0.9 : 0) + 0.1 * elsewhere[country]
  }

  private static let weights = Leaf.all.reduce(0) { $0 + $1.weight }

  /// Cases an ordinary day.
  static func perDay(category: String?, country: String?, scale: Double) -> Double {
    let leaf = Leaf.all.reduce(0.0) { $0 + ($1.id == category ?? $1.id ? $1.weight : 0) } / weights
    var place = 0.0
    for mailbox in Mailbox.all.indices {
      for (index, name) in countries.enumerated() where country ?? name == name {
        place += Mailbox.all[mailbox].share * share(of: index, in: mailbox)
      }
    }
    return cases * scale * leaf * place
  }

  static func leafShare(_ leaf: Leaf) -> Double { leaf.weight / weights }

  /// A factor of the whole: eight per cent a year.
  static func growth(_ day: Int) -> Double { exp(0.08 * (Double(day) / 365 - 1)) }

  static let weekdayMean = Season.weekdays.reduce(0, +) / 7

  /// Messages of all kinds expected in an hour of the history.
  static func mail(_ mailbox: Int, hour: Int, _ span: Span, scale: Double) -> Double {
    let day = hour / 24
    let weekday = span.weekday(mailbox, day)
    let profile = weekday < 5 ? Season.workingHours : Season.quietHours
    return (cases + others) * scale * Mailbox.all[mailbox].share * growth(day)
      * Season.weekdays[weekday] / weekdayMean * Season.mailMonths[span.days[day].month - 1]
      * profile[hour % 24]
  }
}

/// A message that became a case.
struct HistoryCase {
  var mailbox: Int
  var day: Int
  /// Local second of the day.
  var second: Int
  /// What it is about, and what it was taken for.
  var category: String
  var judged: String
  var country: String
  /// Whether a person had to decide, and whether it is a complaint.
  var isPossible: Bool
  var isComplaint: Bool
  var text: String
  var rootCause: String
  var product: String
  /// The day it is closed on, where that lies within the history.
  var closedDay: Int?
  /// The planted theme that it is part of.
  var theme: Int?
}

/// A message that did not.
struct OtherMessage {
  enum Kind { case other, automatic, followUp, duplicate, quarantined }
  var mailbox: Int
  var day: Int
  var second: Int
  var kind: Kind
}

struct History {
  let span: Span
  let scale: Double
  private(set) var planted: [Planted]
  private(set) var cases: [HistoryCase] = []
  private(set) var others: [OtherMessage] = []

  init(seed: Int, span: Span, scale: Double) {
    self.span = span
    self.scale = scale
    planted = Planting(seed: seed, span: span, scale: scale).planted
    makeCases(seed)
    makeOthers(seed)
    silence()
    putThemes(seed)
    write(seed)
  }

  private func second(_ mailbox: Int, _ day: Int, _ random: inout Random) -> Int {
    let profile = span.weekday(mailbox, day) < 5 ? Season.workingHours : Season.quietHours
    return random.position(profile) * 3600 + random.number(0...3599)
  }

  private mutating func makeCases(_ seed: Int) {
    var random = Random(seed: seed, stream: 2)
    let cells = planted.filter { $0.mailbox == nil && $0.anomaly.kind != .theme }
    // Categories have weeks of their own, so that counts vary more than Poisson's.
    var weeks = Leaf.all.map { _ in 1.0 }
    for day in span.days.indices {
      if day % 7 == 0 { for leaf in weeks.indices { weeks[leaf] = random.factor(spread: 0.02) } }
      for mailbox in Mailbox.all.indices {
        let weekday = span.weekday(mailbox, day)
        let base =
          Rates.cases * scale * Mailbox.all[mailbox].share * Rates.growth(day)
          * Season.weekdays[weekday] / Rates.weekdayMean * random.factor(spread: 0.03)
        for (leaf, week) in zip(Leaf.all, weeks) {
          let rate = base * week * Rates.leafShare(leaf) * leaf.months[span.days[day].month - 1]
          for (place, country) in Rates.countries.enumerated() {
            var mean = rate * Rates.share(of: place, in: mailbox)
            for one in cells { mean *= one.factor(category: leaf.id, country: country, day: day) }
            for _ in 0..<random.poisson(mean) { addCase(leaf, country, mailbox, day, cells, &random) }
          }
        }
      }
      for one in cells where one.anomaly.kind == .spike && one.days.contains(day) {
        addSpike(one, day, cells, &random)
      }
    }
  }

  /// A spike's cases, spread evenly over its days.
  private mutating func addSpike(_ spike: Planted, _ day: Int, _ cells: [Planted], _ random: inout Random) {
    let total = Int(spike.anomaly.size)
    let position = day - spike.days.lowerBound
    let count = total * (position + 1) / spike.days.count - total * position / spike.days.count
    guard let leaf = Leaf.all.first(where: { $0.id == spike.anomaly.category }),
      let country = spike.anomaly.country
    else { return }
    let mailbox = Mailbox.all.firstIndex { $0.country == country } ?? 0
    for _ in 0..<count { addCase(leaf, country, mailbox, day, cells, &random) }
  }

  private mutating func addCase(
    _ leaf: Leaf, _ country: String, _ mailbox: Int, _ day: Int, _ cells: [Planted], _ random: inout Random
  ) {
    let isPossible = random.chance(0.22)
    let isComplaint = random.chance(isPossible ? 0.45 : 0.97)
    let judged = random.chance(0.08) ? random.one(of: Leaf.all).id : leaf.id
    var causes = leaf.causes
    for one in cells {
      if let cause = one.anomaly.rootCause, one.days.contains(day), one.anomaly.category == leaf.id,
        let position = Leaf.rootCauses.firstIndex(of: cause)
      {
        let way = Double(day - one.days.lowerBound + 1) / (Double(one.days.count) * 0.75)
        causes[position] *= 1 + (one.anomaly.size - 1) * min(1, way)
      }
    }
    // Around five weeks, some much longer.
    let closing = day + 2 + Int(28 * exp(0.5 * random.normal()))
    cases.append(
      HistoryCase(
        mailbox: mailbox, day: day, second: second(mailbox, day, &random), category: leaf.id, judged: judged,
        country: country, isPossible: isPossible, isComplaint: isComplaint, text: "",
        rootCause: Leaf.rootCauses[random.position(causes)],
        product: Leaf.products[random.position(leaf.products)],
        closedDay: isComplaint && closing < span.days.count ? closing : nil))
  }

  private mutating func makeOthers(_ seed: Int) {
    var random = Random(seed: seed, stream: 3)
    for day in span.days.indices {
      for mailbox in Mailbox.all.indices {
        let mean =
          Rates.others * scale * Mailbox.all[mailbox].share * Rates.growth(day)
          * Season.weekdays[span.weekday(mailbox, day)] / Rates.weekdayMean
          * Season.mailMonths[span.days[day].month - 1] * random.factor(spread: 0.03)
        for _ in 0..<random.poisson(mean) {
          let kinds: [OtherMessage.Kind] = [.other, .automatic, .followUp, .duplicate, .quarantined]
          let kind = kinds[random.position([0.775, 0.17, 0.05, 0.004, 0.0005])]
          others.append(
            OtherMessage(mailbox: mailbox, day: day, second: second(mailbox, day, &random), kind: kind))
        }
      }
    }
    for one in planted where one.anomaly.kind == .flood {
      for _ in 0..<Int(one.anomaly.size) {
        let hour = random.number(one.hours.lowerBound...one.hours.upperBound - 1)
        others.append(
          OtherMessage(
            mailbox: one.mailbox ?? 0, day: hour / 24, second: hour % 24 * 3600 + random.number(0...3599),
            kind: .automatic))
      }
    }
  }

  /// What a silent mailbox should have had never comes.
  private mutating func silence() {
    let silences = planted.filter { $0.anomaly.kind == .silence }
    func isLost(_ mailbox: Int, _ day: Int, _ second: Int) -> Bool {
      silences.contains { $0.mailbox == mailbox && $0.hours.contains(day * 24 + second / 3600) }
    }
    cases.removeAll { isLost($0.mailbox, $0.day, $0.second) }
    others.removeAll { isLost($0.mailbox, $0.day, $0.second) }
    cases.sort { ($0.day, $0.second, $0.mailbox) < ($1.day, $1.second, $1.mailbox) }
    others.sort { ($0.day, $0.second, $0.mailbox) < ($1.day, $1.second, $1.mailbox) }
  }

  private mutating func putThemes(_ seed: Int) {
    var random = Random(seed: seed, stream: 4)
    for index in planted.indices where planted[index].anomaly.kind == .theme {
      let theme = planted[index]
      var candidates = cases.indices.filter { position in
        theme.days.contains(cases[position].day) && cases[position].theme == nil
          && (theme.anomaly.category.map { cases[position].category.hasPrefix($0) } ?? true)
      }
      var put = 0
      while put < Int(theme.anomaly.size), !candidates.isEmpty {
        let chosen = candidates.remove(at: random.number(0...candidates.count - 1))
        cases[chosen].theme = index
        put += 1
      }
      planted[index].anomaly.size = Double(put)
    }
  }

  private mutating func write(_ seed: Int) {
    var random = Random(seed: seed, stream: 5)
    for index in cases.indices {
      let theme = cases[index].theme.flatMap { planted[$0].anomaly.words }.map { random.one(of: $0) }
      cases[index].text = Phrases.complaint(cases[index].category, theme: theme, &random)
    }
  }

  /// Messages an hour of a mailbox, from the first midnight.
  func hourly(_ mailbox: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: span.days.count * 24)
    for one in cases where one.mailbox == mailbox { counts[one.day * 24 + one.second / 3600] += 1 }
    for one in others where one.mailbox == mailbox { counts[one.day * 24 + one.second / 3600] += 1 }
    return counts
  }
}
