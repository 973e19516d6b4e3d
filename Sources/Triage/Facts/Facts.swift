// What the words state beside the grievance: member number, country, sums of money, people named.

enum Facts {
  /// The figure after "member number" and its like.
  static func memberNumber(_ text: Words, digits: ClosedRange<Int>) -> String? {
    for (index, word) in text.words.enumerated() {
      guard ["member", "membership", "mem", "registration"].contains(text.vocabulary[word.id]) else {
        continue
      }
      var isNumber = false
      for next in (index + 1)..<min(index + 7, text.words.count) where next > index {
        let value = text.vocabulary[text.words[next].id]
        if ["number", "no", "nr", "num", "id", "ref", "reference", "code"].contains(value) {
          isNumber = true
        }
        if !digits.contains(value.utf8.count(where: isDigit)) { continue }
        let letters = value.utf8.count - value.utf8.count(where: isDigit)
        let isPlain = value.utf8.allSatisfy { isDigit($0) || ($0 >= 0x61 && $0 <= 0x7A) }
        if isPlain, letters <= 3, isNumber || next <= index + 2 { return value.uppercased() }
      }
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The one country that the words name, or the one that the signature names.
  static func country(_ text: Words, signature: Words) -> String? {
    let signed = countries(signature)
    if signed.count == 1 { return signed.first }
    let named = countries(text)
    return named.count == 1 ? named.first : nil
  }

  private static func countries(_ text: Words) -> Set<String> {
    var out: Set<String> = []
    let names = text.words.map { text.vocabulary[$0.id] }
    for index in names.indices where text.words[index].isCapitalised {
      if let code = places[names[index]] { out.insert(code) }
      if index + 1 < names.count, let code = places["\(names[index]) \(names[index + 1])"] {
        out.insert(code)
      }
    }
    if out.contains("GB"), names.contains("northern"), names.contains("ireland") { out.remove("IE") }
    return out
  }

  private static let places: [String: String] = [
    "GB":
      """
    uk|england|scotland|wales|northern ireland|united kingdom|london|leeds|manchester|glasgow|\
    edinburgh|cardiff|belfast|birmingham|hull|bristol|sheffield|liverpool|nottingham|newcastle|\
    aberdeen|dundee|swansea|otley
    """,
    "IE": "ireland|dublin|cork|galway|limerick|waterford|eire|kilkenny|sligo",
    "ZA":
      """
    south africa|johannesburg|cape town|durban|pretoria|polokwane|bloemfontein|gauteng|hpcsa|soweto|\
    gqeberha
    """,
    "NZ": "new zealand|auckland|wellington|christchurch|dunedin|aotearoa",
    "AU": "australia|sydney|melbourne|brisbane|perth|adelaide|canberra|ahpra|queensland|victoria",
    "HK": "hong kong|kowloon", "SG": "singapore", "MY": "malaysia|kuala lumpur|penang|selangor|johor",
    "BM": "bermuda", "JM": "jamaica", "TT": "trinidad|tobago", "BB": "barbados", "KE": "kenya|nairobi",
    "IL": "israel",
    "MT": "malta", "CY": "cyprus", "GG": "guernsey", "JE": "jersey", "IM": "isle of man", "BS": "bahamas",
  ].reduce(into: [:]) { table, line in
    for name in line.value.split(separator: "|") { table[String(name)] = line.key }
  }

  /// A sum of money.
  struct Sum: Sendable, Equatable {
    var amount: Double
    var currency: String?
  }

  /// The first sum in a sentence.
  static func sum(in sentence: Range<Int>, of text: Words) -> Sum? {
    for index in sentence {
      let value = text.vocabulary[text.words[index].id]
      func word(_ offset: Int) -> String? {
        let other = index + offset
        return sentence.contains(other) ? text.vocabulary[text.words[other].id] : nil
      }
      if let amount = figure(value) {
        if let sign = word(-1).flatMap({ signs[$0] }) {
          return Sum(amount: amount, currency: dollars(word(-2), sign))
        }
        if let name = word(1).flatMap({ units[$0] }) ?? word(-1).flatMap({ units[$0] }) {
          return Sum(amount: amount, currency: name)
        }
      } else if value.utf8.first == 0x72 || value.hasPrefix("rm") || value.hasPrefix("eur")
        || value.hasPrefix("gbp")
      {
        // "R1,240" and "RM900" are one word.
        let prefix = value.hasPrefix("rm") ? 2 : value.utf8.first == 0x72 ? 1 : 3
        if let amount = figure(String(value.dropFirst(prefix))), amount >= 10 {
          return Sum(
            amount: amount,
            currency: ["r": "ZAR", "rm": "MYR", "eur": "EUR", "gbp": "GBP"][String(value.prefix(prefix))])
        }
      }
    }
    return nil
  }

  private static func dollars(_ before: String?, _ sign: String) -> String? {
    guard sign == "USD" else { return sign }
    switch before {
    case "hk": return "HKD"
    case "s", "sg": return "SGD"
    case "nz": return "NZD"
    case "a", "au": return "AUD"
    case "tt": return "TTD"
    case "us": return "USD"
    default: return nil
    }
  }

  private static let signs = ["£": "GBP", "€": "EUR", "$": "USD"]
  private static let units = [
    "pounds": "GBP", "gbp": "GBP", "quid": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "rand": "ZAR",
    "zar": "ZAR",
    "ringgit": "MYR", "hkd": "HKD", "sgd": "SGD", "nzd": "NZD", "aud": "AUD",
  ]

  /// "1,240.50": points and commas before three digits group, another last one begins the fraction.
  static func figure(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, isDigit(first), bytes.count <= 15 else { return nil }
    var digits = 0.0
    var fraction: Double?
    for (index, byte) in bytes.enumerated() {
      if isDigit(byte) {
        let value = Double(byte - 0x30)
        if let scale = fraction {
          digits += value * scale
          fraction = scale / 10
        } else {
          digits = digits * 10 + value
        }
      } else if byte == 0x2E || byte == 0x2C {
        let rest = bytes[(index + 1)...].prefix(while: isDigit).count
        if rest != 3 {
          guard fraction == nil else { return nil }
          fraction = 0.1
        }
      } else if byte == 0x6B, index == bytes.count - 1 {
        digits *= 1000
      } else {
        return nil
      }
    }
    return digits.isFinite ? (digits * 100).rounded() / 100 : nil
  }

  /// "your adviser Gareth", "Dr Lowe" in a sentence about the organisation: word ranges.
  static func namedStaff(in sentence: Sentence, of text: Words) -> ClosedRange<Int>? {
    let roles: Set<String> = [
      "adviser", "advisor", "colleague", "handler", "manager", "agent", "solicitor", "barrister",
      "caseworker",
    ]
    for index in sentence.words {
      let value = text.vocabulary[text.words[index].id]
      let next = index + 1
      guard sentence.words.contains(next), text.words[next].isCapitalised else { continue }
      let follower = text.vocabulary[text.words[next].id]
      if roles.contains(value), follower.utf8.count > 2, !titles.contains(follower) { return index...next }
      if titles.contains(value), follower.utf8.count > 1 || titles.contains(value) { return index...next }
    }
    return nil
  }

  private static let titles: Set<String> = ["mr", "mrs", "ms", "miss", "dr"]
}
