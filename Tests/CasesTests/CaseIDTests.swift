import Testing

@testable import Cases

@Suite struct CaseIDTests {
  @Test func sameIdentitySameID() {
    #expect(CaseID(identity: digest("a")) == CaseID(identity: digest("a")))
    #expect(CaseID(identity: digest("a")) != CaseID(identity: digest("b")))
  }

  @Test func idIsTheDigestInBase32() {
    // SHA-256("") = e3b0c442…: 11100 01110 11000 01100 01000 10000 …
    #expect(CaseID(identity: digest("")).text.hasPrefix("WERC8G"))
    #expect(CaseID(identity: digest("")).text.utf8.count == 26)
  }

  @Test func referenceRoundTrip() throws {
    for number in 0..<200 {
      let reference = CaseID(identity: digest("\(number)")).reference
      let text = reference.description
      #expect(text.utf8.count == 11)
      #expect(CaseReference(text) == reference)
      #expect(CaseReference(text.lowercased()) == reference)
      #expect(CaseReference(text.filter { $0 != "-" }) == reference)
    }
  }

  @Test func oneWrongCharacterNeverPasses() throws {
    let text = Array(CaseID(identity: digest("x")).reference.description.utf8)
    for position in [2, 3, 4, 5, 7, 8, 9, 10] {
      for symbol in CaseID.alphabet.utf8 where symbol != text[position] {
        var changed = text
        changed[position] = symbol
        #expect(CaseReference(String(decoding: changed, as: UTF8.self)) == nil)
      }
    }
  }

  @Test func exchangedNeighboursNeverPass() throws {
    for number in 0..<50 {
      let text = Array(CaseID(identity: digest("\(number)")).reference.description.utf8)
      for (left, right) in [(2, 3), (3, 4), (4, 5), (5, 7), (7, 8), (8, 9), (9, 10)]
      where text[left] != text[right] {
        var changed = text
        changed.swapAt(left, right)
        #expect(CaseReference(String(decoding: changed, as: UTF8.self)) == nil)
      }
    }
  }

  @Test(arguments: ["", "C-", "C-7F3K-9QX", "X-7F3K-9QXD", "C-7F3K-9Q!D", "C-7F3K-9QXD-1", "C-ÄÄÄÄ-ÄÄÄÄ"])
  func malformedReferences(_ text: String) { #expect(CaseReference(text) == nil) }

  @Test func referencesInASubject() {
    let reference = CaseID(identity: digest("subject")).reference
    #expect(CaseReference.all(in: "RE: [\(reference)] my complaint (\(reference))") == [reference])
    #expect(CaseReference.all(in: "ABC\(reference)") == [])
    #expect(CaseReference.all(in: "\(reference)9") == [])
    #expect(CaseReference.all(in: "C-C-C-C-C-") == [])
  }

  @Test func shapes() {
    for text in ["C-7F3K-9QXD", "Re: [c-aaaa-bbbb]", "x C-1234-5678"] {
      #expect(CaseReference.isShaped(in: text))
    }
    for text in ["", "C-7F3K-9QX", "AC-7F3K-9QXD", "C-7F3K-9QXDE", "C-7F3K 9QXD"] {
      #expect(!CaseReference.isShaped(in: text))
    }
  }

  @Test(arguments: ["../../../etc/passwd/../../../", "", "WERC8G", "werc8g0000000000000000000I"])
  func onlyWellFormedIDs(_ text: String) { #expect(CaseID(text) == nil) }
}
