// The organisation that the history is of: its mailboxes, what is complained of and how often, seasons.

import Deadlines

struct Mailbox {
  var name: String
  var address: String
  var country: String
  var zone: String
  var calendar: String
  var currency: String
  /// Of all mail.
  var share: Double

  static let all: [Mailbox] = [
    Mailbox(
      name: "complaints", address: "complaints@meridian-mutual.example", country: "GB",
      zone: "Europe/London", calendar: "GB-EAW", currency: "GBP", share: 0.5),
    Mailbox(
      name: "south-africa", address: "complaints.za@meridian-mutual.example", country: "ZA",
      zone: "Africa/Johannesburg", calendar: "ZA", currency: "ZAR", share: 0.16),
    Mailbox(
      name: "australia", address: "complaints.au@meridian-mutual.example", country: "AU",
      zone: "Australia/Sydney", calendar: "AU-NSW", currency: "AUD", share: 0.13),
    Mailbox(
      name: "ireland", address: "complaints.ie@meridian-mutual.example", country: "IE",
      zone: "Europe/Dublin", calendar: "IE", currency: "EUR", share: 0.1),
    Mailbox(
      name: "singapore", address: "complaints.sg@meridian-mutual.example", country: "SG",
      zone: "Asia/Singapore", calendar: "SG", currency: "SGD", share: 0.07),
    Mailbox(
      name: "new-zealand", address: "complaints.nz@meridian-mutual.example", country: "NZ",
      zone: "Pacific/Auckland", calendar: "NZ", currency: "NZD", share: 0.04),
  ]
}

/// A leaf of the taxonomy, how often it is complained of, and how it ends.
struct Leaf {
  var id: String
  var weight: Double
  /// The months from January, 1 on average.
  var months: [Double]
  var products: [Double]
  var causes: [Double]

  static let rootCauses = [
    "process", "system", "people", "communication", "third-party", "policy", "pricing", "no-failing",
  ]
  static let products = ["membership", "assistance", "advice-line", "education", "website"]

  var group: String { String(id.prefix { $0 != "." }) }

  /// Renewal is in April and October; courses are in autumn; August and December are quiet.
  private static let renewal = [0.9, 0.95, 1.2, 1.55, 1.1, 0.9, 0.85, 0.75, 1.05, 1.25, 0.9, 0.6]
  private static let courses = [0.9, 1, 1.1, 0.9, 1, 0.9, 0.7, 0.5, 1.4, 1.6, 1.3, 0.7]
  private static let plain = [1, 1.05, 1.05, 1, 1.05, 1, 0.95, 0.85, 1.05, 1.1, 1.1, 0.8]

  static let all: [Leaf] = [
    make("membership.subscription_pricing", 9, renewal, "membership", "pricing policy communication"),
    make("membership.payment_billing", 8, renewal, "membership", "system process people"),
    make("membership.cancellation_refund", 7, renewal, "membership", "process people communication"),
    make("membership.joining_renewal_admin", 7, renewal, "membership", "process system people"),
    make("membership.information_given", 4, renewal, "membership", "communication people policy"),
    make("assistance.decision_declined", 6, plain, "assistance", "no-failing policy communication"),
    make("assistance.scope_terms", 3, plain, "assistance", "policy no-failing communication"),
    make("casework.advice_quality", 5, plain, "advice-line", "people no-failing communication"),
    make("casework.advice_access", 6, plain, "advice-line", "system process people"),
    make("casework.regulatory_case_handling", 4, plain, "assistance", "people process third-party"),
    make("casework.claims_handling", 5, plain, "assistance", "people communication third-party"),
    make("casework.legal_representation", 3, plain, "assistance", "third-party no-failing people"),
    make("service.delay_no_response", 10, plain, "membership", "process people system"),
    make("service.staff_conduct", 4, plain, "advice-line", "people no-failing communication"),
    make("service.communication_error", 4, plain, "membership", "communication people system"),
    make("service.complaint_handling", 3, plain, "membership", "process no-failing people"),
    make("data_digital.data_protection", 2.5, plain, "membership", "people process system"),
    make("data_digital.website_app", 5, renewal, "website", "system third-party process"),
    make("education.courses_events", 3, courses, "education", "third-party process people"),
    make("access.vulnerability_adjustment", 1.5, plain, "membership", "people process communication"),
    make("other", 2, plain, "membership", "no-failing process people"),
  ]

  private static func make(
    _ id: String, _ weight: Double, _ months: [Double], _ product: String, _ causes: String
  ) -> Leaf {
    let mean = months.reduce(0, +) / 12
    let usual = causes.split(separator: " ").map(String.init)
    return Leaf(
      id: id, weight: weight, months: months.map { $0 / mean },
      products: products.map { $0 == product ? 0.85 : 0.0375 },
      causes: rootCauses.map { cause in
        usual.firstIndex(of: cause).map { [0.5, 0.25, 0.12][$0] } ?? 0.026
      })
  }
}

/// What the calendar does to mail.
enum Season {
  /// From Monday.
  static let weekdays = [1.25, 1.12, 1.05, 1, 0.88, 0.22, 0.18]

  /// By hour, of an ordinary working day and of a day off.
  static let workingHours: [Double] = normalised([
    1, 0.6, 0.4, 0.3, 0.4, 0.8, 2, 5, 9, 13, 14, 13, 10, 11, 13, 12, 10, 8, 5, 4, 4, 4, 3, 2,
  ])
  static let quietHours: [Double] = normalised([
    2, 1, 0.6, 0.5, 0.5, 0.8, 2, 3, 5, 7, 8, 8, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 5, 3,
  ])

  /// Mail of all kinds follows the plain months, weaker.
  static let mailMonths = [1, 1.02, 1.06, 1.12, 1.02, 1, 0.95, 0.85, 1.02, 1.08, 1.03, 0.8]

  private static func normalised(_ hours: [Double]) -> [Double] {
    let sum = hours.reduce(0, +)
    return hours.map { $0 / sum }
  }
}

/// The days of a history, as its mailboxes' calendars see them.
struct Span {
  let days: [CivilDate]
  private let holidays: [[Bool]]

  /// - Parameter holidays: by calendar.
  init(end: CivilDate, count: Int, holidays: [String: Set<CivilDate>]) {
    let days = (0..<count).map { end.adding(days: $0 - count + 1) }
    self.days = days
    self.holidays = Mailbox.all.map { mailbox in
      let off = holidays[mailbox.calendar] ?? []
      return days.map { off.contains($0) }
    }
  }

  func isHoliday(_ mailbox: Int, _ day: Int) -> Bool { holidays[mailbox][day] }

  /// The weekday that a day is like.
  func weekday(_ mailbox: Int, _ day: Int) -> Int {
    isHoliday(mailbox, day) ? 6 : days[day].daysSinceMonday
  }
}
