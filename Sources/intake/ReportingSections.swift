// The configuration's sections `closing` and `reporting`: what can be counted, and by which days.

import Cases
import Yams

extension Configuration {
  /// Whose days and hours count in reports.
  struct ReportingSection: Sendable {
    /// The working calendar for business days.
    var calendar = "GB-EAW"
    /// The IANA zone in which a day begins.
    var zone = "Europe/London"
  }
}

extension ClosingRules {
  /// Reads `closing:`; what is wrong is noted with its line.
  init(_ mapping: YAMLMapping) {
    self.init()
    func words(_ key: String, _ standard: [String]) -> [String] {
      guard mapping.has(key) else { return standard }
      let words = mapping.texts(key)
      for word in words where !Self.isWord(word) {
        mapping.fail(key, "\"\(word)\" is not a word of small letters, digits and dashes, at most 40")
      }
      return words
    }
    rootCauses = words("root_causes", rootCauses)
    products = words("products", products)
    if let pairs = mapping.mapping("redress_limits", required: false) {
      var limits: [String: [String: Int]] = [:]
      for (who, node) in pairs.pairs() {
        let texts = node.sequence?.map { $0.scalar?.string ?? "" } ?? [node.scalar?.string ?? ""]
        for text in texts {
          guard let money = Money(text) else {
            pairs.fail(
              who,
              "\"\(text)\" is no amount, such as 250 GBP; "
                + "currencies are \(Self.currencies.sorted().joined(separator: ", "))")
            continue
          }
          limits[who, default: [:]][money.currency] = money.hundredths
        }
      }
      self.limits = limits
    }
    mapping.finish()
  }

  private static func isWord(_ word: String) -> Bool {
    (1...40).contains(word.utf8.count)
      && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }
}

extension Configuration.ReportingSection {
  init(_ mapping: YAMLMapping) {
    self.init()
    calendar = mapping.text("calendar", required: false) ?? calendar
    zone = mapping.text("zone", required: false) ?? zone
    mapping.finish()
  }
}
