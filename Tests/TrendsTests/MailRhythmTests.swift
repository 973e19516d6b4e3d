import Testing

@testable import Trends

@Suite struct MailRhythmTests {
  /// Working hours 8 to 18, little else; `volume` messages an ordinary working day.
  static func usual(_ slot: HourSlot, volume: Double) -> Double {
    let working = slot.weekday < 5 && !slot.isHoliday
    return volume / 11 * (working ? ((8..<18).contains(slot.hour) ? 1 : 1.0 / 14) : 1.0 / 28)
  }

  static func slots(weeks: Int) -> [HourSlot] {
    (0..<weeks * 168).map {
      HourSlot(weekday: $0 / 24 % 7, hour: $0 % 24, month: 1 + $0 / 730 % 12)
    }
  }

  static func rhythm(weeks: Int, volume: Double, seed: Int = 1) -> MailRhythm? {
    var chance = Chance(seed: seed)
    let slots = slots(weeks: weeks)
    return MailRhythm(
      learning: slots.map { chance.poisson(usual($0, volume: volume)) }, hours: slots)
  }

  @Test func threeWeeksAreNeeded() {
    #expect(Self.rhythm(weeks: 2, volume: 50) == nil)
    #expect(Self.rhythm(weeks: 3, volume: 50) != nil)
    #expect(MailRhythm(learning: [], hours: []) == nil)
  }

  struct Row: CustomTestStringConvertible {
    var name: String
    var volume: Double
    /// The first hour after the last message, and how many hours it has been quiet.
    var weekday: Int
    var hour: Int
    var hours: Double
    var isAlarm: Bool
    var testDescription: String { name }

    var slots: [HourSlot] {
      (0..<Int(hours.rounded(.up))).map { step in
        HourSlot(
          weekday: (weekday + (hour + step) / 24) % 7, hour: (hour + step) % 24, month: 6,
          share: min(1, hours - Double(step)))
      }
    }
  }

  static let rows = [
    Row(
      name: "Saturday night, twelve hours", volume: 100, weekday: 5, hour: 20, hours: 12,
      isAlarm: false),
    Row(name: "a weekday's night", volume: 100, weekday: 2, hour: 20, hours: 10, isAlarm: false),
    Row(
      name: "Monday 10:00, 90 minutes", volume: 120, weekday: 0, hour: 10, hours: 1.5, isAlarm: true
    ),
    Row(
      name: "Monday 10:00, 20 minutes", volume: 120, weekday: 0, hour: 10, hours: 1 / 3.0,
      isAlarm: false),
    Row(
      name: "two a day, a working day", volume: 2, weekday: 1, hour: 8, hours: 10, isAlarm: false),
    Row(
      name: "two a day, over a weekend", volume: 2, weekday: 4, hour: 12, hours: 70, isAlarm: false),
    Row(name: "two a day, two weeks", volume: 2, weekday: 0, hour: 8, hours: 336, isAlarm: true),
    Row(name: "no time at all", volume: 100, weekday: 0, hour: 10, hours: 0, isAlarm: false),
  ]

  @Test(arguments: rows)
  func silence(_ row: Row) throws {
    let rhythm = try #require(Self.rhythm(weeks: 12, volume: row.volume))
    let silence = Silence(row.slots, rhythm: rhythm)
    #expect(
      silence.isAlarm == row.isAlarm, "p \(silence.probability) of \(silence.expected) expected")
  }

  @Test func aHolidayIsLikeASunday() throws {
    let rhythm = try #require(Self.rhythm(weeks: 12, volume: 100))
    let monday = (9..<17).map { HourSlot(weekday: 0, hour: $0, month: 5) }
    let holiday = monday.map { HourSlot(weekday: 0, hour: $0.hour, month: 5, isHoliday: true) }
    #expect(Silence(monday, rhythm: rhythm).isAlarm)
    #expect(!Silence(holiday, rhythm: rhythm).isAlarm)
  }

  @Test func theRhythmIsLearntRobustlyAndRecently() throws {
    var chance = Chance(seed: 4)
    let slots = Self.slots(weeks: 20)
    var counts = slots.map { chance.poisson(Self.usual($0, volume: 60)) }
    // An outage of a day and a flood of two hours in the last weeks.
    for t in (17 * 168 + 24)..<(17 * 168 + 48) { counts[t] = 0 }
    counts[18 * 168 + 58] += 500
    let rhythm = try #require(MailRhythm(learning: counts, hours: slots))
    let truth = Self.slots(weeks: 1).map { Self.usual($0, volume: 60) }
    #expect(abs(rhythm.weekly / truth.reduce(0, +) - 1) < 0.1)
    #expect(rhythm.week[58] < truth[58] * 1.6)
  }

  @Test(arguments: [2.0, 20, 200])
  func falseAlarmsStayWithinTheBudget(volume: Double) throws {
    // Forty mailboxes of a year each; the promise is one false silence and one false flood a year.
    var (silences, floods) = (0, 0)
    let slots = Self.slots(weeks: 52)
    for seed in 0..<40 {
      let rhythm = try #require(Self.rhythm(weeks: 12, volume: volume, seed: seed + 50))
      var chance = Chance(seed: seed + 900)
      var quietSince = 0
      var told = false
      for t in slots.indices {
        let count = chance.poisson(Self.usual(slots[t], volume: volume))
        if count > 0 {
          (quietSince, told) = (t + 1, false)
        } else if !told, Silence(slots[quietSince...t], rhythm: rhythm).isAlarm {
          (silences, told) = (silences + 1, true)
        }
        if Flood(count, in: [slots[t]], rhythm: rhythm).isAlarm { floods += 1 }
      }
    }
    #expect(silences <= 40 + 12)
    #expect(floods <= 40)
  }

  @Test func aFloodIsTold() throws {
    let rhythm = try #require(Self.rhythm(weeks: 12, volume: 50))
    let hour = [HourSlot(weekday: 1, hour: 11, month: 3)]
    #expect(!Flood(9, in: hour, rhythm: rhythm).isAlarm)
    let flood = Flood(40, in: hour, rhythm: rhythm)
    #expect(flood.isAlarm && flood.upper < 40 && flood.upper > 9)
    let night = [HourSlot(weekday: 1, hour: 3, month: 3)]
    #expect(!Flood(3, in: night, rhythm: rhythm).isAlarm)
    #expect(Flood(15, in: night, rhythm: rhythm).isAlarm)
  }

  @Test(arguments: [0, 1, Int.max, Int.min])
  func nothingTraps(_ count: Int) throws {
    let slots = (0..<700).map {
      HourSlot(weekday: $0 / 24, hour: $0 - 50, month: $0 - 9, share: .nan)
    }
    let rhythm = try #require(
      MailRhythm(learning: Array(repeating: count, count: 700), hours: slots))
    for hours in [[], slots, Array(slots.prefix(1))] {
      let silence = Silence(hours, rhythm: rhythm)
      #expect(silence.probability >= 0 && silence.probability <= 1 && silence.expected.isFinite)
      let flood = Flood(count, in: hours, rhythm: rhythm)
      #expect(flood.probability >= 0 && flood.probability <= 1)
    }
  }
}
