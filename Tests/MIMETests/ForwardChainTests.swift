// Forwards within forwards: inline, attached, and both.

import MIME
import Testing

@Suite struct ForwardChainTests {
  private func block(_ from: String, _ subject: String) -> String {
    "From: \(from) <\(from)@x.example>\nSent: Monday, 3 August 2026 17:42\nTo: B\nSubject: \(subject)\n\n"
  }

  private func chain(_ subject: String, _ text: String) -> [String] {
    parse("From: staff@b.example\nSubject: \(subject)\n\n\(text)").forwardedChain.map {
      ($0.from?.displayName ?? "?") + ": " + $0.text.split(separator: "\n")[0]
    }
  }

  @Test func outlookTwice() {
    let text =
      "Please see.\n\n" + block("Ann", "FW: My bill") + "One for you.\n\n" + block("Bob", "My bill")
      + "I complain.\n"
    #expect(chain("FW: FW: My bill", text) == ["Ann: One for you.", "Bob: I complain."])
  }

  @Test func whatAForwardedReplyAnsweredIsNone() {
    let text =
      "Please see.\n\n" + block("Ann", "RE: My bill") + "I still complain.\n\n" + block("Bob", "My bill")
      + "We are sorry.\n"
    #expect(chain("FW: My bill", text) == ["Ann: I still complain."])
  }

  @Test func gmailTwice() {
    let marker = "---------- Forwarded message ---------\n"
    let text =
      "See.\n\n" + marker + block("Ann", "Fwd: My bill") + "Help.\n\n" + marker + block("Bob", "My bill")
      + "I complain.\n"
    #expect(chain("Fwd: Fwd: My bill", text) == ["Ann: Help.", "Bob: I complain."])
  }

  @Test func appleQuotedTwice() {
    let text = """
      See.

      Begin forwarded message:

      > From: Ann <ann@x.example>
      > Subject: Fwd: My bill
      > Date: 3 August 2026 at 17:42:00 BST
      > To: B
      >
      > Help.
      >
      > Begin forwarded message:
      >
      >> From: Bob <bob@x.example>
      >> Subject: My bill
      >> Date: 2 August 2026 at 17:42:00 BST
      >> To: Ann
      >>
      >> I complain.

      Mine.
      """
    #expect(chain("Fwd: My bill", text) == ["Ann: Help.", "Bob: I complain."])
  }

  @Test func attachedWithin() {
    let inner =
      "From: Ann <ann@x.example>\nSubject: FW: My bill\n\nHelp.\n\n" + block("Bob", "My bill")
      + "I complain.\n"
    let outer =
      "From: staff@b.example\nSubject: FW: FW: My bill\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee.\n--b\n"
      + "Content-Type: message/rfc822\n\n\(inner)\n--b--\n"
    let found = parse(outer).forwardedChain
    #expect(found.map(\.source) == ["message/rfc822", "outlook"])
    #expect(found.map { $0.from?.displayName } == ["Ann", "Bob"])
    #expect(found.last?.text == "I complain.")
    #expect(found.allSatisfy { $0.textRange == nil })
  }

  @Test func attachedDeep() {
    var mail = "From: a@x.example\nSubject: My bill\n\nI complain.\n"
    for _ in 0..<60 {
      mail = "From: a@x.example\nSubject: FW: My bill\nContent-Type: message/rfc822\n\n" + mail
    }
    #expect(parse(mail).forwardedChain.count == 20)
    let text = String(repeating: block("Ann", "FW: x"), count: 200)
    #expect(chain("FW: x", text + "I complain.\n").count <= 20)
  }

  /// The original ends where its marks end.
  @Test func wordsBelowAreNotItsText() throws {
    let text =
      "See.\n\nBegin forwarded message:\n\n> From: Ann <ann@x.example>\n> Subject: s\n> Date: 3 August 2026\n>\n> I complain.\n\nMine.\n"
    let found = try #require(parse("Subject: Fwd: s\n\n\(text)").forwardedOriginal)
    #expect(found.text == "I complain.")
    let range = try #require(found.textRange)
    #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self).hasPrefix("> I complain."))
  }

  @Test(arguments: [
    Row("af", "Van: Ann <ann@x.example>\nGestuur: 3 Augustus 2026 17:42\nAan: B\nOnderwerp: My bill", "Ann"),
    Row("fr", "De : Ann <ann@x.example>\nEnvoyé : lundi 3 août 2026 17:42\nÀ : B\nObjet : My bill", "Ann"),
    Row("zh", "发件人: Ann <ann@x.example>;\n发送时间: 2026年8月3日 17:42\n收件人: B;\n主题: My bill", "Ann"),
    Row("zh wide", "寄件者： Ann <ann@x.example>\n寄件日期： 2026年8月3日 17:42\n收件者： B\n主旨： My bill", "Ann"),
    Row("he", "מאת: Ann <ann@x.example>\nנשלח: יום שני 03 אוגוסט 2026 17:42\nאל: B\nנושא: My bill", "Ann"),
    Row(
      "ms", "Daripada: Ann <ann@x.example>\nDihantar: Isnin, 3 Ogos 2026 17:42\nKepada: B\nSubjek: My bill",
      "Ann"),
  ])
  func languages(_ row: Row<String>) throws {
    for subject in ["FW: My bill", "转发：My bill", "轉寄: My bill", "RV: My bill", "TR : My bill"] {
      let found = try #require(
        parse(
          "Subject: \(subject)\nContent-Type: text/plain; charset=utf-8\n\nSee.\n\n\(row.input)\n\nHer letter.\n"
        ).forwardedOriginal)
      #expect(found.from?.displayName == row.expected)
      #expect(found.subject == "My bill")
      #expect(found.text == "Her letter.")
    }
  }
}
