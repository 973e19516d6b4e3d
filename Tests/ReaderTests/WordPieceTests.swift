// The tokeniser, with a vocabulary small enough to follow. Against transformers: tools/check_tokeniser.py.

import Reader
import Testing

@Suite struct WordPieceTests {
  private let wordPiece: WordPiece

  init() throws {
    wordPiece = try WordPiece(vocabulary: Array(TinyModel.pieces.joined(separator: "\n").utf8)[...])
  }

  /// "piece@start+length" for each piece.
  private func pieces(_ text: [UInt8]) -> [String] {
    wordPiece.tokens(in: text[...]).map { token in
      "\(TinyModel.pieces[Int(token.id)])@\(token.bytes.lowerBound)+\(token.bytes.count)"
    }
  }

  @Test(arguments: [
    ("complaints", ["complain@0+8", "##ts@8+2"]),
    ("The BILL is wrong!", ["the@0+3", "bill@4+4", "is@9+2", "wrong@12+5", "!@17+1"]),
    ("wrongbill", ["[UNK]@0+9"]),
    ("a.b", ["a@0+1", ".@1+1", "b@2+1"]),
    ("  a\t\r\nb\u{A0}c\u{2028}a", ["a@2+1", "b@6+1", "c@9+1", "a@13+1"]),
    ("a\u{0}b\u{7}c", ["a@0+1", "##b@2+1", "##c@4+1"]),
    ("fa\u{E7}ade", ["fa@0+2", "##cade@2+5"]),
    ("fac\u{327}ade", ["fa@0+2", "##cade@2+6"]),
    ("\u{C9}e\u{301}", ["e@0+2", "##e@2+3"]),
    ("a\u{AD}b", ["a@0+1", "##b@3+1"]),
    ("\u{301}a", ["a@2+1"]),
    ("a\u{8A33}b", ["a@0+1", "\u{8A33}@1+3", "b@4+1"]),
    ("\u{AC01}", ["\u{1100}@0+3", "##\u{1161}@0+3", "##\u{11A8}@0+3"]),
    ("\u{39F}\u{3A3}", ["\u{3BF}@0+2", "##\u{3C3}@2+2"]),
    ("\u{20AC}11", ["\u{20AC}@0+3", "##1@3+1", "##1@4+1"]),
    ("[SEP]", ["[UNK]@0+1", "[UNK]@1+3", "[UNK]@4+1"]),
    ("a\u{FFFD}b", ["a@0+1", "##b@4+1"]),
    ("##t", ["[UNK]@0+1", "[UNK]@1+1", "[UNK]@2+1"]),
    ("", []),
  ])
  func splits(_ text: String, _ expected: [String]) { #expect(pieces(Array(text.utf8)) == expected) }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], ["a@0+1", "##b@2+1"]),
      ([0x61, 0xC3], ["a@0+1"]),
      // A sequence cut short does not eat what comes after it.
      ([0xE2, 0x82, 0x61], ["a@2+1"]),
      ([0xF0, 0x9F, 0xC3, 0x89], ["e@2+2"]),
      // Too long a form of "/", a surrogate, beyond Unicode.
      ([0xC0, 0xAF, 0x61], ["a@2+1"]),
      ([0xED, 0xA0, 0x80, 0x61], ["a@3+1"]),
      ([0xF4, 0x90, 0x80, 0x80, 0x61], ["a@4+1"]),
    ] as [([UInt8], [String])])
  func dropsWhatIsNoUTF8(_ bytes: [UInt8], _ expected: [String]) { #expect(pieces(bytes) == expected) }

  @Test func givesUpOnLongWords() {
    #expect(pieces(Array(repeating: 0x61, count: 100)).count == 100)
    #expect(pieces(Array(repeating: 0x61, count: 101)) == ["[UNK]@0+101"])
    #expect(
      pieces(Array(repeating: 0x61, count: 1_000_000) + [0x20, 0x62]) == ["[UNK]@0+1000000", "b@1000001+1"])
    // Marks do not count.
    #expect(pieces(Array(String(repeating: "e\u{301}", count: 100).utf8)).last == "##e@297+3")
  }

  @Test func stopsAtTheLimit() {
    let text = Array("a b complaints complaints".utf8)
    #expect(wordPiece.tokens(in: text[...], limit: 3).count == 3)
    #expect(wordPiece.tokens(in: text[...], limit: 3) == Array(wordPiece.tokens(in: text[...])[..<3]))
    #expect(wordPiece.tokens(in: text[...], limit: 0).isEmpty)
  }

  @Test func countsFromTheSlice() {
    let text = Array("the bill is".utf8)
    #expect(wordPiece.tokens(in: text[4..<8]).map(\.bytes) == [4..<8])
    text.withUnsafeBufferPointer { #expect(wordPiece.tokens(in: $0, 4..<8).map(\.bytes) == [4..<8]) }
  }

  @Test func refusesAVocabularyWithoutTheSpecials() {
    func failure(_ text: String) -> WordPiece.Failure? {
      do {
        _ = try WordPiece(vocabulary: Array(text.utf8)[...])
        return nil
      } catch {
        return error
      }
    }
    #expect(failure("[CLS]\n[UNK]") == .missing("[SEP]"))
    #expect(failure("") == .missing("[CLS]"))
    #expect(failure("[CLS]\n[UNK]\n[SEP]\n") == nil)
    #expect(failure(String(repeating: "a", count: 2 << 20)) == .tooLong(bytes: 2 << 20, limit: 1 << 20))
    #expect(failure(String(repeating: "\n", count: 70_000)) == .tooManyPieces(limit: 65_536))
  }
}
