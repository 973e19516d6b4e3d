// Charsets: labels that lie or are missing, in sentences of the members' languages.

import MIME
import Testing

@Suite struct CharsetTests {
  /// A body in bytes under a Content-Type, as text.
  private func text(_ bytes: [UInt8], _ label: String?) -> String {
    let type = "Content-Type: text/plain" + (label.map { "; charset=\"\($0)\"" } ?? "")
    return Message(parsing: MessageBytes(Array((type + "\n\n").utf8) + bytes)).text
  }

  /// "I have a complaint about your service and nobody answers me", as bytes of other charsets.
  private static let samples: [(name: String, bytes: [UInt8], text: String)] = [
    (
      "gb18030",
      [
        0xCE, 0xD2, 0xD2, 0xAA, 0xCD, 0xB6, 0xCB, 0xDF, 0xC4, 0xE3, 0xC3, 0xC7, 0xB5, 0xC4, 0xB7, 0xFE, 0xCE,
        0xF1,
        0xA3, 0xAC, 0xC3, 0xBB, 0xD3, 0xD0, 0xC8, 0xCB, 0xBB, 0xD8, 0xB4, 0xF0, 0xCE, 0xD2,
      ], "我要投诉你们的服务，没有人回答我"
    ),
    (
      "big5",
      [
        0xA7, 0xDA, 0xAD, 0x6E, 0xA7, 0xEB, 0xB6, 0x44, 0xA7, 0x41, 0xAA, 0xBA, 0xAA, 0x41, 0xB0, 0xC8, 0xA1,
        0x41,
        0xA8, 0x53, 0xA6, 0xB3, 0xA4, 0x48, 0xA6, 0x5E, 0xB5, 0xAA, 0xA7, 0xDA,
      ], "我要投訴你的服務，沒有人回答我"
    ),
    (
      "koi8-r",
      [
        0xF1, 0x20, 0xCE, 0xC5, 0xC4, 0xCF, 0xD7, 0xCF, 0xCC, 0xC5, 0xCE, 0x20, 0xD7, 0xC1, 0xDB, 0xC5, 0xCA,
        0x20,
        0xD2, 0xC1, 0xC2, 0xCF, 0xD4, 0xCF, 0xCA, 0x2C, 0x20, 0xCE, 0xC9, 0xCB, 0xD4, 0xCF, 0x20, 0xCE, 0xC5,
        0x20,
        0xCF, 0xD4, 0xD7, 0xC5, 0xDE, 0xC1, 0xC5, 0xD4,
      ], "Я недоволен вашей работой, никто не отвечает"
    ),
    (
      "windows-1251",
      [
        0xDF, 0x20, 0xED, 0xE5, 0xE4, 0xEE, 0xE2, 0xEE, 0xEB, 0xE5, 0xED, 0x20, 0xE2, 0xE0, 0xF8, 0xE5, 0xE9,
        0x20,
        0xF0, 0xE0, 0xE1, 0xEE, 0xF2, 0xEE, 0xE9, 0x2C, 0x20, 0xED, 0xE8, 0xEA, 0xF2, 0xEE, 0x20, 0xED, 0xE5,
        0x20,
        0xEE, 0xF2, 0xE2, 0xE5, 0xF7, 0xE0, 0xE5, 0xF2,
      ], "Я недоволен вашей работой, никто не отвечает"
    ),
    (
      "iso-8859-8",
      [
        0xE0, 0xE9, 0xEF, 0x20, 0xEE, 0xF2, 0xF0, 0xE4, 0x20, 0xEC, 0xEE, 0xEB, 0xFA, 0xE1, 0x20, 0xF9, 0xEC,
        0xE9,
        0x20, 0xEB, 0xE1, 0xF8, 0x20, 0xF9, 0xE1, 0xE5, 0xF2, 0xE9, 0xE9, 0xED,
      ], "אין מענה למכתב שלי כבר שבועיים"
    ),
  ]

  @Test(arguments: samples.map(\.name), [nil, "utf-8", "us-ascii", "iso-8859-1", "x-nonsense"])
  func recognisedWithoutItsLabel(_ name: String, _ label: String?) throws {
    let sample = try #require(Self.samples.first { $0.name == name })
    #expect(text(sample.bytes, name) == sample.text)
    #expect(text(sample.bytes, label) == sample.text)
  }

  @Test(arguments: [
    "Je suis très déçu: été, Noël, où, façon, œuvre. Répondez à ma réclamation, s’il vous plaît.",
    "Señor: ¿por qué no contestáis? Mañana hará un año. ¡Qué vergüenza!",
    "Ich möchte mich über die Gebühren beschweren. Grüße aus Köln, Straße 5",
    "Ek is baie teleurgesteld; dit is ’n skande. Môre sê ek dit weer, hoë koste",
    "Tá mé míshásta leis an tseirbhís. Níor fhreagair aon duine mo litir le trí mhí",
    "é", "Café", "ÉÉÉ ÀÀÀ",
  ])
  func latinIsNeverTakenForAnotherScript(_ sentence: String) throws {
    let bytes = try #require(windows1252(sentence))
    for label in [nil, "utf-8", "us-ascii", "iso-8859-1", "windows-1252"] {
      #expect(text(bytes, label) == sentence, "\(label ?? "no label")")
    }
  }

  /// The sentence in windows-1252, which has Latin-1 and the marks used above.
  private func windows1252(_ text: String) -> [UInt8]? {
    let marks: [UInt32: UInt8] = [0x2019: 0x92, 0x153: 0x9C]
    var out: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) ?? marks[scalar.value] else { return nil }
      out.append(byte)
    }
    return out
  }

  @Test func utf8CutInsideALetterStaysUTF8() {
    let bytes = Array("Grüße aus Köln, schön für Sie ".utf8) + [0xC3]
    for label in [nil, "utf-8", "iso-8859-1"] {
      #expect(text(bytes, label) == "Grüße aus Köln, schön für Sie \u{FFFD}")
    }
  }

  @Test(arguments: ["big5", "gb2312", "shift_jis", "koi8-r", "windows-1251", "iso-8859-8", "iso-2022-jp"])
  func validUTF8WinsOverItsLabel(_ label: String) {
    let words = "Grüße, façon, señor, Müller, Köln, für Sie"
    #expect(text(Array(words.utf8), label) == words)
  }

  @Test func statefulSevenBitCharsets() {
    #expect(text(Array("~{<:Ky~} ok".utf8), "hz-gb-2312") == "己所 ok")
    #expect(text([0x1B, 0x24, 0x42, 0x46, 0x7C, 0x4B, 0x5C, 0x1B, 0x28, 0x42], nil) == "日本")
    #expect(text(Array("Hi +AOk-".utf8), "utf-7") == "Hi é")
  }

  @Test func charsetOfTheMultipartServesItsParts() {
    let head = "Content-Type: multipart/mixed; charset=windows-1251; boundary=b\n\n--b\n\n"
    let bytes = Array(head.utf8) + [0xC4, 0xE0] + Array("\n--b--\n".utf8)
    #expect(Message(parsing: MessageBytes(bytes)).text == "Да")
  }
}
