// Cases whose words are like a message's: found by its rare words, in bounded time however many cases there are.

import GRDB

/// A case with the share of a message's rare words that it has too.
public struct SimilarCase: Sendable {
  public let row: CaseRow
  /// 0 to 1, each word weighted by its rarity.
  public let share: Double

  /// From here on it is perhaps the same complaint again; below, one of its kind.
  public static let perhapsSame = 0.7
  public static let alike = 0.2
}

extension CaseIndex {
  /// Words looked up, and the cases that a word may be in: a word of more cases tells little and costs more.
  private static let similarWords = 40
  private static let similarCases = 300
  /// Bytes of the text whose words count: the beginning says what it is about.
  private static let similarText = 4000

  /// The cases most like a text, best first.
  ///
  /// - Parameter mailboxes: only cases of these; nil for all.
  public func similar(
    to text: String, besides id: CaseID, mailboxes: [String]?, limit: Int
  ) throws -> [SimilarCase] {
    let words = Self.words(of: text)
    if words.isEmpty { return [] }
    return try database.read { database in
      let all = try Int64.fetchOne(database, sql: "SELECT max(rowid) FROM words") ?? 0
      // With few cases, a word of every tenth is common already.
      let most = min(Int64(Self.similarCases), max(3, all / 10))
      let lookUp = try database.cachedStatement(
        sql: "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT \(most + 1)")
      var scores: [Int64: Double] = [:]
      var whole = 0.0
      for word in words {
        let cases = try Int64.fetchAll(lookUp, arguments: ["text : \"\(word)\""])
        // One case is this one itself.
        guard cases.count > 0, cases.count <= most else { continue }
        let weight = Self.rarity(of: cases.count, among: all)
        whole += weight
        if cases.count > 1 { for number in cases { scores[number, default: 0] += weight } }
      }
      guard whole > 0 else { return [] }
      let best = scores.map { (number: $0.key, share: $0.value / whole) }
        .filter { $0.share >= SimilarCase.alike }
        .sorted { ($0.share, $0.number) > ($1.share, $1.number) }.prefix(limit * 4 + 1)
      var found: [SimilarCase] = []
      for (number, share) in best where found.count < limit {
        let row = try Row.fetchOne(
          database.cachedStatement(sql: "SELECT * FROM cases WHERE number = ?"), arguments: [number])
        guard let row = row.flatMap({ CaseRow($0) }), row.id != id, mailboxes?.contains(row.mailbox) ?? true
        else { continue }
        found.append(SimilarCase(row: row, share: share))
      }
      return found
    }
  }

  /// The weight of a word in `count` of `all` cases: a bit for each halving.
  private static func rarity(of count: Int, among all: Int64) -> Double {
    Double(64 - (UInt64(max(all, 1)) / UInt64(max(count, 1))).leadingZeroBitCount)
  }

  /// The distinct words of four letters and more, longest first, as the search index cuts them.
  private static func words(of text: String) -> [String] {
    var words: Set<String> = []
    var word: [UInt8] = []
    for byte in Array(text.utf8.prefix(similarText)) + [0x20] {
      // ASCII letters in one case; other letters stay as they are, the index folds them the same way.
      switch byte {
      case 0x41...0x5A: word.append(byte + 32)
      case 0x61...0x7A, 0x80...: word.append(byte)
      default:
        if (4...40).contains(word.count) { words.insert(String(decoding: word, as: UTF8.self)) }
        word = []
      }
    }
    return Array(words.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.prefix(similarWords))
  }
}
