// How a complaint ended, in fields that can be counted: what the organisation learns from, and what returns ask for.

/// The outcome of a closed case (DOMAIN section 4, "Outcome", "Redress", "Learning").
public struct Closure: Codable, Sendable, Equatable {
  public enum Outcome: String, Codable, Sendable, CaseIterable {
    case upheld
    case partlyUpheld = "partly-upheld"
    case notUpheld = "not-upheld"
    case withdrawn
    /// Put right by the third business day, to the complainant's satisfaction (DISP 1.5.1R), without a finding.
    case resolvedEarly = "resolved-early"

    /// For people.
    public var title: String {
      switch self {
      case .upheld: "Upheld"
      case .partlyUpheld: "Partly upheld"
      case .notUpheld: "Not upheld"
      case .withdrawn: "Withdrawn"
      case .resolvedEarly: "Resolved early"
      }
    }

    /// Whether it is a finding, which the share upheld is taken of.
    public var isFinding: Bool { self == .upheld || self == .partlyUpheld || self == .notUpheld }
  }

  public var outcome: Outcome
  /// Why it came to be, which is not what it is about: one of `ClosingRules.rootCauses`.
  public var rootCause: String?
  /// One of `ClosingRules.products`.
  public var product: String?
  public var redress: GrantedRedress?

  public init(
    outcome: Outcome, rootCause: String? = nil, product: String? = nil, redress: GrantedRedress? = nil
  ) {
    self.outcome = outcome
    self.rootCause = rootCause
    self.product = product
    self.redress = redress
  }

  enum CodingKeys: String, CodingKey {
    case outcome, product, redress
    case rootCause = "root_cause"
  }
}

/// What the complainant is given.
public struct GrantedRedress: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case apology, correction, refund
    /// For distress and inconvenience.
    case distress
    case exGratia = "ex-gratia"
  }

  public var kind: Kind
  /// Hundredths of the currency; 0 for an apology or a correction.
  public var hundredths: Int
  /// ISO 4217; nil where no money is paid.
  public var currency: String?

  public init(kind: Kind, hundredths: Int = 0, currency: String? = nil) {
    self.kind = kind
    self.hundredths = hundredths
    self.currency = currency
  }

  /// `125.50 GBP`.
  public var amount: String? {
    currency.map {
      "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100) \($0)"
    }
  }
}

/// An amount of money as people write it: `125.50 GBP`, `125 GBP`.
public struct Money: Sendable, Hashable {
  public let hundredths: Int
  public let currency: String

  public init(hundredths: Int, currency: String) {
    self.hundredths = hundredths
    self.currency = currency
  }

  /// - Returns: nil where it is not an amount below ten million with a currency of `ClosingRules.currencies`.
  public init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, ClosingRules.currencies.contains(String(parts[1])) else { return nil }
    let digits = parts[0].utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    let isNumber = digits.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
    guard (1...2).contains(digits.count), isNumber, digits[0].count <= 7,
      let units = Int(String(decoding: digits[0], as: UTF8.self))
    else { return nil }
    var hundredths = units * 100
    if digits.count == 2 {
      guard digits[1].count == 2, let rest = Int(String(decoding: digits[1], as: UTF8.self)) else {
        return nil
      }
      hundredths += rest
    }
    self.init(hundredths: hundredths, currency: String(parts[1]))
  }
}

/// What a closure may say, and how much redress who may grant.
public struct ClosingRules: Sendable {
  /// Why complaints come to be.
  public var rootCauses: [String]
  /// What complaints are about beside their category.
  public var products: [String]
  /// By a person's name or a role: the most of each currency, in hundredths. Nil where no limits are set.
  public var limits: [String: [String: Int]]?

  /// Those that redress can be paid in: all have hundredths.
  public static let currencies: Set<String> = [
    "AUD", "BBD", "BMD", "EUR", "GBP", "HKD", "JMD", "MYR", "NZD", "SGD", "TTD", "USD", "ZAR",
  ]

  public init(
    rootCauses: [String] = [
      "process", "system", "people", "communication", "third-party", "policy", "pricing", "no-failing",
    ], products: [String] = ["membership", "assistance", "advice-line", "education", "website"],
    limits: [String: [String: Int]]? = nil
  ) {
    self.rootCauses = rootCauses
    self.products = products
    self.limits = limits
  }

  /// The most that somebody may grant of a currency, in hundredths; nil where nothing limits it. A person's own limit
  /// goes before the role's; who has neither may grant nothing.
  public func limit(of name: String, role: String?, currency: String) -> Int? {
    guard let limits else { return nil }
    let own = limits[name] ?? role.flatMap { limits[$0] }
    return own?[currency] ?? 0
  }

  /// Checks what a person gave; nil where they gave nothing of it.
  ///
  /// - Throws: `DecisionRefusal` naming what cannot be.
  func closure(_ fields: ClosureFields, by name: String, role: String?) throws -> Closure? {
    if fields.isEmpty { return nil }
    guard let outcome = fields.outcome.flatMap(Closure.Outcome.init(rawValue:)) else {
      throw DecisionRefusal(
        "Say how it ended: the outcome is one of "
          + "\(Closure.Outcome.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    func oneOf(_ value: String?, _ known: [String], _ what: String) throws {
      guard let value, !known.contains(value) else { return }
      throw DecisionRefusal("\(value.prefix(60)) is no \(what); there are \(known.joined(separator: ", ")).")
    }
    try oneOf(fields.rootCause, rootCauses, "root cause")
    try oneOf(fields.product, products, "product")
    return Closure(
      outcome: outcome, rootCause: fields.rootCause, product: fields.product,
      redress: try redress(fields, by: name, role: role))
  }

  private func redress(_ fields: ClosureFields, by name: String, role: String?) throws -> GrantedRedress? {
    let kinds = GrantedRedress.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    guard let kind = fields.redress else {
      guard fields.amount == nil else {
        throw DecisionRefusal("Say what the amount is for: redress is one of \(kinds).")
      }
      return nil
    }
    guard let kind = GrantedRedress.Kind(rawValue: kind) else {
      throw DecisionRefusal("\(kind.prefix(60)) is no redress; there are \(kinds).")
    }
    guard let amount = fields.amount else {
      guard kind == .apology || kind == .correction else {
        throw DecisionRefusal("Say how much is paid, such as 125.50 GBP.")
      }
      return GrantedRedress(kind: kind)
    }
    guard let money = Money(amount) else {
      throw DecisionRefusal(
        "\(amount.prefix(40)) is no amount, such as 125.50 GBP; "
          + "currencies are \(Self.currencies.sorted().joined(separator: ", ")).")
    }
    if let limit = limit(of: name, role: role, currency: money.currency), money.hundredths > limit {
      let most = GrantedRedress(kind: kind, hundredths: limit, currency: money.currency).amount ?? ""
      throw DecisionRefusal(
        limit == 0
          ? "You have no limit in \(money.currency): somebody who has one must close it."
          : "That is above your limit of \(most): somebody with a higher one must close it.")
    }
    return GrantedRedress(kind: kind, hundredths: money.hundredths, currency: money.currency)
  }
}

/// A closure as a person gave it, before anything is checked.
public struct ClosureFields: Sendable {
  public var outcome: String?
  public var rootCause: String?
  public var product: String?
  public var redress: String?
  /// `125.50 GBP`.
  public var amount: String?

  public init(
    outcome: String? = nil, rootCause: String? = nil, product: String? = nil, redress: String? = nil,
    amount: String? = nil
  ) {
    self.outcome = outcome
    self.rootCause = rootCause
    self.product = product
    self.redress = redress
    self.amount = amount
  }

  var isEmpty: Bool {
    outcome == nil && rootCause == nil && product == nil && redress == nil && amount == nil
  }
}

extension Closure {
  /// For people, in a line.
  public var words: String {
    [
      outcome.title.lowercased(), rootCause.map { "root cause \($0)" }, product.map { "product \($0)" },
      redress.map { [$0.kind.rawValue, $0.amount].compactMap { $0 }.joined(separator: " ") },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
