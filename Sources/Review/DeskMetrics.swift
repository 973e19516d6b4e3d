// The metrics of the desk: requests by route, never by what was asked for.

import Metering

/// Metrics of the desk.
public enum DeskMetrics {
  /// The templates of the routes; a path that none has counts as `other`.
  private static let routes = Array(Set(Route.all.map(\.path))).sorted()

  static let requests = Metric(
    "intake_desk_requests_total", .counter,
    "Requests to the desk, by route and class of the answer's status.",
    labels: [.init("route", routes), .init("status", ["1xx", "2xx", "3xx", "4xx", "5xx"])])

  /// People notice a tenth of a second and leave after ten.
  static let duration = Metric(
    "intake_desk_request_duration_seconds",
    .histogram([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]),
    "How long answers took, without the way to the browser.", labels: [.init("route", routes)])

  public static let all = [requests, duration]

  public static func begin() {
    for route in routes {
      duration.begin(route)
      for status in ["2xx", "4xx", "5xx"] { requests.add(0, route, status) }
    }
  }

  static func count(_ path: String, status: Int, seconds: Double) {
    requests.add(1, path, "\(status / 100)xx")
    duration.observe(seconds, path)
  }
}
