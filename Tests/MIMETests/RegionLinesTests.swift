// Whose words each line is: what clients write in the members' languages, and prose that only looks like it.

import MIME
import Testing

/// The kind of each line that is not blank, by its first letter.
private func letters(_ text: String, forward: Bool = false) -> String {
  letters(text, regions(of: text, isForward: forward))
}

private func letters(_ text: String, _ regions: [TextRegion]) -> String {
  let bytes = Array(text.utf8)
  var out = ""
  for region in regions {
    for line in String(decoding: bytes[region.range], as: UTF8.self).split(separator: "\n")
    where line.contains(where: { $0 != " " && $0 != ">" }) {
      out += region.kind.rawValue.prefix(1)
    }
  }
  return out
}

@Suite struct QuoteLineTests {
  /// Attributions above a quote with marks.
  @Test(arguments: [
    "On Mon, 3 Aug 2026 at 17:42, Jane Doe <jane@x.example> wrote:",
    "On 2026-08-03 17:42, Jane Doe wrote:",
    "Jane Doe wrote:",
    "Jane Doe <jane@x.example> writes:",
    "At 17:42 03/08/2026, Jane Doe wrote:",
    "Quoting Jane Doe <jane@x.example>:",
    "Op Ma. 3 Aug. 2026 om 17:42 het Jane Doe <jane@x.example> geskryf:",
    "Jane Doe het op 3 Aug. 2026 geskryf:",
    "Le lun. 3 août 2026 à 17:42, Jane Doe <jane@x.example> a écrit :",
    "Le 3 août 2026 à 17:42, Jane Doe a écrit\u{A0}:",
    "El lun, 3 ago 2026 a las 17:42, Jane Doe (<jane@x.example>) escribió:",
    "Am Mo., 3. Aug. 2026 um 17:42 Uhr schrieb Jane Doe <jane@x.example>:",
    "Op ma 3 aug 2026 om 17:42 schreef Jane Doe <jane@x.example>:",
    "Il giorno lun 3 ago 2026 alle ore 17:42 Jane Doe <jane@x.example> ha scritto:",
    "Em seg., 3 de ago. de 2026 às 17:42, Jane Doe <jane@x.example> escreveu:",
    "Jane Doe <jane@x.example> 于2026年8月3日周一 17:42写道：",
    "Jane Doe <jane@x.example> 於 2026年8月3日 週一 下午5:42寫道：",
    "在 2026年8月3日，17:42，Jane Doe <jane@x.example> 写道：",
    "Pada Isn, 3 Ogo 2026 pada 5:42 PTG Jane Doe <jane@x.example> menulis:",
    "Ar an Luan 3 Lún 2026 ag 17:42, scríobh Jane Doe <jane@x.example>:",
    "\u{202B}בתאריך יום ב׳, 3 באוג׳ 2026 ב-17:42 מאת \u{202A}Jane Doe\u{202C}\u{200F} <\u{202A}jane@x.example\u{202C}\u{200F}>:\u{202C}",
    "2026-08-03 17:42 GMT+01:00 Jane Doe <jane@x.example>:",
    "On Mon, 3 Aug 2026 at 17:42, The Complaints and\nMember Relations Team\n<team.with.a.long.name@x.example> wrote:",
    "Jane Doe <jane@x.example>\n于2026年8月3日周一 17:42写道：",
  ])
  func attribution(_ line: String) {
    let count = line.split(separator: "\n").count
    let quoted = String(repeating: "q", count: count)
    #expect(letters("Thanks.\n\n\(line)\n\n> old\n> words\n") == "o" + quoted + "qq")
    // Inline answers and words below stay the writer's.
    #expect(letters("\(line)\n> old\n\nMine.\n\n> words\n\nMine too.\n") == quoted + "qoqo")
  }

  /// Clients that mark nothing: an attribution with an address or a time, all below is history.
  @Test(arguments: [
    "On Monday, 3 August 2026 at 05:42:00 pm BST, Jane Doe <jane@x.example> wrote:",
    "Jane Doe/Org/GB wrote on 03/08/2026 17:42:11:",
    "Le lundi 3 août 2026 à 17:42:11, Jane Doe <jane@x.example> a écrit :",
    "---- On Mon, 03 Aug 2026 17:42:00 +0100 Jane Doe <jane@x.example> wrote ----",
    ">>> Jane Doe <jane@x.example> 03/08/2026 17:42 >>>",
    "-----Original Message-----",
    "----- Mail original -----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Oorspronklike boodskap --------",
    "-------- Mensaje original --------",
    "-------- Messaggio originale --------",
    "-------- Mensagem original --------",
    "-------- Oorspronkelijk bericht --------",
    "------------------ 原始邮件 ------------------",
    "-------- 原始郵件 --------",
    "-------- Mesej asal --------",
    "-------- הודעה מקורית --------",
  ])
  func unmarked(_ line: String) {
    #expect(letters("Thanks.\n\n\(line)\n\nold words\n\nmore of them\n") == "oqqq")
  }

  @Test(arguments: [
    Row("en", "From: A <a@x.example>\nSent: 3 August 2026 17:42\nTo: B\nSubject: c", 4),
    Row("bold", "*From:* A <a@x.example>\n*Sent:* 3 August 2026 17:42\n*To:* B\n*Subject:* c", 4),
    Row("af", "Van: A\nGestuur: 3 Augustus 2026 17:42\nAan: B\nOnderwerp: c", 4),
    Row("fr", "De : A <a@x.example>\nEnvoyé : lundi 3 août 2026 17:42\nÀ : B\nObjet : c", 4),
    Row("es", "De: A\nEnviado el: lunes, 3 de agosto de 2026 17:42\nPara: B\nCC: C\nAsunto: c", 5),
    Row("de", "Von: A\nGesendet: Montag, 3. August 2026 17:42\nAn: B\nBetreff: c", 4),
    Row("GMX", "Gesendet: Montag, 03. August 2026 um 17:42 Uhr\nVon: A <a@x.example>\nAn: B\nBetreff: c", 4),
    Row("nl", "Van: A\nVerzonden: maandag 3 augustus 2026 17:42\nAan: B\nOnderwerp: c", 4),
    Row("it", "Da: A\nInviato: lunedì 3 agosto 2026 17:42\nA: B\nOggetto: c", 4),
    Row("pt", "De: A\nEnviada em: segunda-feira, 3 de agosto de 2026 17:42\nPara: B\nAssunto: c", 4),
    Row("zh", "发件人: A\n发送时间: 2026年8月3日 17:42\n收件人: B\n主题: c", 4),
    Row("zh wide", "寄件者： A\n寄件日期： 2026年8月3日 17:42\n收件者： B\n主旨： c", 4),
    Row("ms", "Daripada: A\nDihantar: Isnin, 3 Ogos 2026 17:42\nKepada: B\nSubjek: c", 4),
    Row("ga", "Ó: A\nSeolta: Dé Luain 3 Lúnasa 2026 17:42\nChuig: B\nÁbhar: c", 4),
    Row("he", "מאת: A\nנשלח: יום שני 03 אוגוסט 2026 17:42\nאל: B\nנושא: c", 4),
    Row(
      "old Hotmail", "Date: Mon, 3 Aug 2026 17:42:00 +0000\nSubject: c\nFrom: a@x.example\nTo: b@x.example", 4
    ),
    Row("rule", "________________________________\nFrom: A\nSent: 3 August 2026 17:42\nTo: B\nSubject: c", 5),
    Row(
      "folded", "From: A\nSent: 3 August 2026 17:42\nTo: B <b@x.example>;\n C <c@x.example>;\n D\nSubject: c",
      6),
    Row("blank lines between", "From: A\n\nSent: 3 August 2026 17:42\n\nTo: B\n\nSubject: c", 4),
  ])
  func block(_ row: Row<Int>) {
    let text = "Mine.\n\n\(row.input)\n\nold words\n"
    #expect(letters(text) == "o" + String(repeating: "q", count: row.expected + 1))
    #expect(letters(text, forward: true) == "o" + String(repeating: "f", count: row.expected + 1))
  }

  @Test(arguments: [
    "---------- Forwarded message ---------", "-------- Forwarded Message --------",
    "----- Forwarded by Jane Doe on 03/08/2026 -----",
    "---------- Forwarded message ----------", "-------- Weitergeleitete Nachricht --------",
    "-------- Message transféré --------", "---------- Mensaje reenviado ---------",
    "-------- Doorgestuurd bericht --------",
    "-------- Aangestuurde boodskap --------", "-------- Messaggio inoltrato --------",
    "-------- Mensagem encaminhada --------",
    "-------- 转发邮件信息 --------", "============ Forwarded message ============",
    "---------- הודעה שהועברה ---------",
    "Begin forwarded message:", "Début du message transféré :", "Inicio del mensaje reenviado:",
    "Anfang der weitergeleiteten Nachricht:", "开始转发的邮件：", "開始轉寄郵件：",
  ])
  func forward(_ line: String) {
    let block = "From: A <a@x.example>\nSubject: c\nDate: 3 August 2026 17:42\nTo: B"
    #expect(letters("Please help.\n\n\(line)\n\(block)\n\nHer letter.\n\nJane\n") == "offffffff".dropLast(1))
    let quoted = block.split(separator: "\n").map { "> \($0)\n" }.joined()
    // Drawn as a quote it ends with its marks.
    #expect(letters("Please help.\n\n\(line)\n\n\(quoted)>\n> Her letter.\n\nMine again.\n") == "offffffo")
  }

  /// The subject says that all of it was forwarded, whatever stands over it.
  @Test func attributionUnderAForwardSubject() {
    let text = "See.\n\nOn Mon, 3 Aug 2026 at 17:42, Jane Doe <jane@x.example> wrote:\n\n> old\n"
    #expect(letters(text, forward: true) == "off")
  }

  @Test func forwardThatIsClosed() {
    let text = """
      Two of them:

      ----- Forwarded message from Jane <jane@x.example> -----

      Her letter.

      ----- End forwarded message -----

      And what do I say to her?
      """
    #expect(letters(text) == "offfo")
  }

  @Test func otherMarks() {
    #expect(letters("On Mon, 3 Aug 2026, Jane <j@x.example> wrote:\nJD> old\nJD> words\n\nMine.\n") == "qqqo")
    #expect(
      letters("On Mon, 3 Aug 2026, Jane <j@x.example> wrote:\n| old\n| words\nMine.\n| old\n") == "qqqoq")
    #expect(letters("On Mon, 3 Aug 2026, Jane <j@x.example> wrote:\n\n[...]\n\n> old\n\nMine.\n") == "qoqo")
    // Outlook Express: a header block, then marks, then answers.
    let block = "From: A <a@x.example>\nTo: B\nSent: 3 August 2026 17:42\nSubject: c"
    #expect(letters("-----Original Message-----\n\(block)\n\n> old\n> words\n\nMine.\n") == "qqqqqqqo")
  }

  @Test func wrappedQuote() {
    let text = """
      Jane Doe wrote:

      > a line of somebody's that was longer than the next client
      could bear
      > and so was cut in the middle of what it had to say and went
      on here.

      Mine.
      """
    #expect(letters(text) == "qqqqqo")
    #expect(
      letters("Jane Doe wrote:\n> Is the bill right?\nno it is not\n> Will you pay?\nnever\n") == "qqoqo")
  }
}

@Suite struct LookAlikeTests {
  /// Every line is the writer's.
  @Test(arguments: [
    "From: my point of view this is bad.\nTo: be clear, I complain.\nSubject: closed.",
    "On Monday he wrote:\n\nDear doctor, you are a disgrace.\n\nWhat do I answer?",
    "On 3 August the patient wrote:\n\n\"You hurt me.\"\n\nWhat do I answer?",
    "On 3 August 2026 at 17:42 the patient wrote that I had hurt her, and my partner wrote:\n\nIt is not so.\n\nHelp me.",
    "She wrote:\n\nYou hurt me.\n\nWhat now?",
    "Her pressure was\n> 140 systolic\nwhen I saw her.",
    "I kept a list.\n\n> 30 minutes on hold: four calls\n> 60 minutes on hold: two calls\n\nIs that fair?",
    "I waited.\n>From then on I lost trust.\nI complain.",
    "First point.\n\n-----\n\nSecond point.\n\n----------------\n\nThird point, and I complain.",
    "I rang.\n--\nNobody was there, and I should like to know why.\n--\nI rang again and again.",
    "Disclaimer on page three says nothing of it.",
    "Your disclaimer is an insult.\nI want it gone.",
    "This email is a complaint. I was kept waiting for weeks and my letters were lost.",
    "This message is to tell you that I am not content.",
    "This email is confidential. I do not want the practice to know that I complain about my adviser.",
    "Confidential: I want to complain about a colleague of yours.",
    "If you have received this before, it is because nobody has answered me in a month.",
    "Caution: this email comes from a member who has run out of patience.",
    "Warning: the outside world will hear of my complaint about this message.",
    "Attention: my email of Monday is still without an answer.",
    "EXTERNAL review is what I ask for, as nobody inside reads my letters.",
    "To: the board\nI say this with regret.",
    "The letter was\nsent from my mobile to your\noffice in May.",
    "Sent from my GP to the ward were three letters.",
    "Sent by registered mail on 3 May and never answered.",
    "-- original message was lost, you say. By whom?",
    "Original message",
    "Thanks for nothing.\n\nI have rung 020 7946 0011 six times and will not ring again.",
    "Kind regards are more than I had from you.\nYou let me down, and I want my money back.",
    "Regards,\nJane\n\nPS I have still not heard about my complaint of 3 May.",
    "Date: 3 August 2026\nTo: The Complaints Manager\nFrom: Dr Jane Doe\nSubject: Complaint\n\nDear Sir,\n\nI complain.",
    "To: The Board\nFrom: Dr Jane Doe\nDate: 3 August 2026\nRe: My claim\n\nI complain.",
    "My number is 020 7946 0011 and I can be reached until six, but nobody ever rings.",
    "See www.x.example for what others say.\n\nAnd then ask yourselves why.",
    "从手机上看不到附件，请重新发送",
    "我的邮箱没有收到回复。",
    "Mr Smith, in his letter of 3 August, wrote: you are wrong.",
    "谢谢你们的帮助。\n\n医生说要等三个月\n主任不在\n没有人回电话 020 7946 0011",
    "Thank you for your call.\n\nThe hospital that never rang\n020 7946 0011",
    "Regards to all.\nThe surgery has rung 020 7946 0011 and nobody answers",
  ])
  func own(_ text: String) {
    #expect(letters(text) == String(letters(text).map { _ in "o" }), "\(letters(text))")
    #expect(
      letters("Dear all,\n\n\(text)\n\nJane\n").allSatisfy { $0 == "o" },
      "\(letters("Dear all,\n\n\(text)\n\nJane\n"))")
  }
}

@Suite struct SignatureLineTests {
  @Test(arguments: [
    "Sent from my iPhone", "Sent from Outlook for iOS", "Get Outlook for Android<https://aka.ms/x>",
    "Sent from Yahoo Mail on Android",
    "Sent from my Galaxy", "Sent with Proton Mail secure email.", "Sent from my BlackBerry 10 smartphone.",
    "Sent from Mail for Windows",
    "Gestuur vanaf my iPhone", "Envoyé de mon iPhone", "Envoyé depuis mon appareil Galaxy",
    "Enviado desde mi iPhone", "Von meinem iPhone gesendet",
    "Gesendet mit der mobilen Mail App", "Outlook für iOS beziehen", "Verstuurd vanaf mijn iPhone",
    "Inviato da iPhone", "Enviado do meu iPhone",
    "发自我的iPhone", "從我的 iPhone 傳送", "发自我的小米手机", "Dihantar daripada iPhone saya", "Seolta ó m'iPhone",
    "נשלח מה-iPhone שלי",
    "Télécharger Outlook pour iOS", "Obtener Outlook para iOS", "获取 Outlook for iOS",
    "Obtenha o Outlook para iOS",
  ])
  func app(_ line: String) {
    #expect(letters("I complain.\n\nJane\n\n\(line)\n") == "oos")
    #expect(
      letters("I complain.\n\n\(line)\n\nOn 3 Aug 2026, at 17:42, J <j@x.example> wrote:\n\n> old\n")
        == "osqq")
  }

  @Test(arguments: [
    Row(
      "en", "I complain.\n\nKind regards,\nJane Doe\n\nPractice Manager\nElm Surgery\nT: 020 7946 0011",
      "ooosss"),
    Row(
      "name on the line", "I complain.\n\nRegards, Jane\n\nDr Jane Doe\nGMC 1234567\nwww.elm.example", "oosss"
    ),
    Row("paragraphs", "I complain.\n\nRegards\n\nJane\n\nConsultant\n\n07700 900678", "oooss"),
    Row("no closing", "I complain.\n\nJane Doe\nLocum GP\n07700 900678", "ooss"),
    Row("dashes", "I complain.\n\n-- \nJane\nElm Surgery", "osss"),
    Row("dashes without space", "I complain.\n\n--\nJane\nElm Surgery", "osss"),
    Row("af", "Ek kla.\n\nVriendelike groete\nJan\n\nHuisdokter\nSel: 082 555 0100", "oooss"),
    Row(
      "de", "Ich beschwere mich.\n\nMit freundlichen Grüßen\nJan\n\nPraxis Linde\nTel. 030 5550100", "oooss"),
    Row("fr", "Je me plains.\n\nCordialement\nJean\n\nCabinet du Parc\nTél. 01 55 50 01 00", "oooss"),
    Row("zh", "我要投诉。\n\n此致\n陈医生\n\n康宁诊所\n电话：020 7946 0011", "oooss"),
    Row(
      "then a sentence", "I complain.\n\nRegards\nJane\nTel 020 7946 0011\n\nPS I want an answer this week.",
      "oooso"),
    Row(
      "then a notice",
      "I complain.\n\nRegards\nJane\nTel 020 7946 0011\n\nThis email is intended for the addressee only. Delete it if it came to you in error.",
      "ooosd"),
  ])
  func contact(_ row: Row<String>) {
    #expect(letters(row.input) == row.expected)
  }
}

@Suite struct NoticeTests {
  @Test(arguments: [
    "CAUTION: This email originated from outside of the organisation. Do not click links unless you know the sender.",
    "[EXTERNAL]", "EXTERNAL EMAIL", "*** External sender - exercise caution ***",
    "You don't often get email from jane@x.example. Learn why this is important at https://aka.ms/x",
    "WAARSKUWING: Hierdie e-pos kom van buite die organisasie. Moenie op skakels kliek nie.",
    "ATTENTION : ce courriel provient de l'extérieur. Ne cliquez pas sur les liens.",
    "PRECAUCIÓN: este correo proviene de fuera de la organización. No abra enlaces.",
    "ACHTUNG: Diese E-Mail kommt von außerhalb. Klicken Sie nicht auf Links.",
    "LET OP: deze e-mail komt van buiten de organisatie. Klik niet op links.",
    "ATTENZIONE: questa e-mail proviene dall'esterno. Non aprire gli allegati.",
    "ATENÇÃO: este e-mail veio de fora da organização. Não clique em links.",
    "警告：此邮件来自外部，请勿点击链接。", "AMARAN: E-mel ini dari luar organisasi. Jangan klik pautan.",
    "RABHADH: Tháinig an ríomhphost seo ó lasmuigh den eagraíocht.", "זהירות: הודעה זו התקבלה ממקור חיצוני.",
  ])
  func banner(_ line: String) {
    #expect(letters("\(line)\n\nDear all,\n\nI complain.\n") == "doo")
    #expect(letters("\(line)\nDear all,\n\nI complain.\n") == "doo")
  }

  @Test(arguments: [
    "This email and any attachments are confidential and intended for the addressee only.",
    "CONFIDENTIALITY NOTICE: the information in this message is privileged.",
    "Disclaimer: the views in this message are the sender's own; no liability is accepted.",
    "Please consider the environment before printing this email.",
    "Hierdie e-pos is vertroulik en slegs vir die geadresseerde bedoel.",
    "Ce message est confidentiel et réservé à son destinataire.",
    "Este mensaje es confidencial y se dirige exclusivamente a su destinatario.",
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der Empfänger sind, löschen Sie sie.",
    "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
    "Questo messaggio è riservato e destinato al solo destinatario.",
    "Esta mensagem é confidencial e destina-se ao seu destinatário.",
    "本邮件及其附件包含保密信息，仅供收件人使用。", "E-mel ini adalah sulit dan untuk penerima sahaja.",
    "Tá an ríomhphost seo faoi rún agus dírithe ar an bhfaighteoir amháin. Scrios é.",
    "הודעה זו מיועדת לנמען בלבד והיא סודית.",
  ])
  func notice(_ line: String) {
    #expect(letters("I complain.\n\nJane\n\n\(line)\n") == "ood")
    #expect(
      letters("I complain.\n\n\(line)\n\nUnauthorised use is prohibited. No virus has been found.\n") == "odd"
    )
    #expect(letters("Thanks.\n\nFrom: A <a@x.example>\nSent: Monday\nTo: B\n\nold\n\n\(line)\n") == "oqqqqq")
  }
}

@Suite struct SignedBelowTests {
  private let block = "From: Ann Roe <ann@x.example>\nSent: 3 August 2026 17:42\nTo: Jane Doe\nSubject: c\n\n"

  private func letters(_ body: String, subject: String = "FW: c") -> String {
    let message = parse("From: Dr Jane Doe <jane@x.example>\nSubject: \(subject)\n\n\(body)")
    return MIMETests.letters(message.text, message.regions(of: message.text))
  }

  @Test func wordsUnderAForwardThatTheSenderSigned() {
    #expect(letters(block + "You hurt me.\n\nMay I say sorry to her?\n\nJane Doe\n") == "fffffoo")
    #expect(
      letters(block + "You hurt me.\n\nMay I say sorry?\nJane Doe, dentist\n\nSent from my iPhone\n")
        == "fffffoos")
    #expect(
      letters("Ok.\n\n" + block + "You hurt me.\n\n-- \nJane Doe | Dentist\n", subject: "Re: c") == "oqqqqqss"
    )
  }

  @Test func wordsOfOthers() {
    // The thread began with the sender, so its end is the sender's of old.
    let thread =
      block
      + "We are sorry.\n\nFrom: Jane Doe\nSent: 2 August 2026 17:42\nTo: Ann\nSubject: c\n\nI complain.\n\nJane Doe\n"
    #expect(letters(thread, subject: "Re: c").allSatisfy { $0 == "q" })
    #expect(letters(block + "I was hurt.\n\nBy whom?\nJane Doe is the one.\n") == "fffffff")
    #expect(letters(block + "Jane Doe\n") == "fffff")
  }
}

@Suite struct MarkedRegionTests {
  private func letters(html: String, subject: String = "Re: x") -> String {
    let message = parse("Subject: \(subject)\nContent-Type: text/html; charset=utf-8\n\n\(html)")
    let text = message.text
    return MIMETests.letters(text, message.regions(of: text))
  }

  @Test(arguments: [
    Row(
      "Gmail reply",
      "<div>Mine.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">Unknown words by J:</div><blockquote class=\"gmail_quote\" style=\"border-left:1px\">old</blockquote></div>",
      "oqq"),
    Row(
      "Gmail inline answers",
      "<div class=\"gmail_quote\"><div class=\"gmail_attr\">Unknown words by J:</div><blockquote class=\"gmail_quote\">old</blockquote><div>Mine.</div><blockquote class=\"gmail_quote\">more</blockquote><div>Mine too.</div></div>",
      "qqoqo"),
    Row(
      "Outlook web",
      "<p>Mine.</p><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>Lähettäjä:</b> A<br><b>Lähetetty:</b> 3.8.2026 17.42<br><b>Vastaanottaja:</b> B<br><b>Aihe:</b> c</div><div>old</div>",
      "oqqqqq"),
    Row(
      "Outlook",
      "<p>Mine.</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt\"><p><b>Lähettäjä:</b> A<br><b>Lähetetty:</b> 3.8.2026<br><b>Vastaanottaja:</b> B<br></p></div><p>old</p>",
      "oqqqq"),
    Row(
      "a border is none",
      "<p>Mine.</p><div style=\"border-top:solid #E1E1E1 1.0pt\"><p>Also mine.</p></div><p>And this.</p>",
      "ooo"),
    Row(
      "Outlook for phones",
      "<div>Mine.</div><div id=\"ms-outlook-mobile-signature\">Iegūt</div><div id=\"mail-editor-reference-message-container\"><div>old</div></div>",
      "osq"),
    Row(
      "Yahoo",
      "<div>Mine.</div><div class=\"ydp1234abcdyahoo_quoted\"><div>old</div><div>old</div></div><div>Mine.</div>",
      "oqqo"),
    Row(
      "Proton",
      "<div>Mine.</div><div class=\"protonmail_signature_block\">Jane</div><div class=\"protonmail_quote\">J schrieb<br><blockquote class=\"protonmail_quote\" type=\"cite\">old</blockquote></div>",
      "osqq"),
    Row(
      "Thunderbird",
      "<div class=\"moz-cite-prefix\">3.8.2026, J:</div><blockquote type=\"cite\">old</blockquote><p>Mine.</p><pre class=\"moz-signature\">Jane</pre>",
      "qqos"),
    Row(
      "Spark",
      "<div name=\"messageBodySection\">Mine.</div><div name=\"messageSignatureSection\">Jane</div><div name=\"messageReplySection\">old</div>",
      "osq"),
    Row("GMX", "<div>Mine.<div name=\"quote\" style=\"margin:10px\"><div>old</div></div></div>", "oq"),
    Row(
      "Zimbra",
      "<div>Mine.<hr data-marker=\"__DIVIDER__\"><div data-marker=\"__QUOTED_TEXT__\">old</div></div>", "oq"),
    Row("quoted by Outlook web", "<div>Mine.</div><div class=\"x_x_yahoo_quoted\">old</div>", "oq"),
    Row(
      "a whole letter in a signature",
      "<div class=\"gmail_signature\">" + String(repeating: "<div>I complain.</div>", count: 21) + "</div>",
      String(repeating: "o", count: 21)),
  ])
  func html(_ row: Row<String>) {
    #expect(letters(html: row.input) == row.expected)
  }

  @Test(arguments: [
    Row(
      "Gmail",
      "<div>Mine.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message ---------<br>From: A &lt;a@x.example&gt;</div>Her letter.</div><div>Mine.</div>",
      "offfo"),
    Row(
      "Thunderbird",
      "<p>Mine.</p><div class=\"moz-forward-container\"><br>-------- Forwarded Message --------<br>Her letter.</div><p>Mine.</p>",
      "offo"),
    Row(
      "Apple",
      "<div>Mine.<br><div>Begin forwarded message:</div><br><blockquote type=\"cite\"><div><b>From: </b>A</div><div>Her letter.</div></blockquote></div><div>Mine.</div>",
      "offfo"),
    Row(
      "Outlook web",
      "<p>Mine.</p><div id=\"divRplyFwdMsg\"><b>From:</b> A &lt;a@x.example&gt;<br><b>Sent:</b> 3 August 2026<br><b>To:</b> B</div><div>Her letter.</div>",
      "offff"),
  ])
  func forwardHTML(_ row: Row<String>) {
    #expect(letters(html: row.input, subject: "Fwd: x") == row.expected)
  }
}

@Suite struct AnyTextTests {
  private static let pieces = [
    "\n", "\n\n", "> ", ">> ", ">>> ", " ", "\t", "\u{A0}", "-- \n", "--\n", "____________\n",
    "On 3 Aug 2026 at 17:42, ", "wrote:\n",
    "Jane Doe ", "<jane@x.example>", "From: ", "Sent: ", "To: ", "Subject: FW: x\n",
    "-----Original Message-----\n", ":", "：", "写道：\n", "于",
    "---- Forwarded message ----\n", "Begin forwarded message:\n", "Regards\n", "020 7946 0011\n", "Dr", "我",
    "מאת", "Sent from my iPhone\n",
    "This email is confidential, delete it if it came to you in error.\n",
    "CAUTION: external email. Do not click links.\n", "JD> ", "| ", "a word ",
    "从", "发送", "\u{202B}", "&nbsp;", "----- End forwarded message -----\n", "\u{FFFD}", "1", "=", "£", "€",
    ".", "?", "é", "ß",
  ]
  private static let tags = [
    "<div class=\"gmail_quote\">", "</div>", "<blockquote type=cite>", "</blockquote>", "<br>", "<p>", "</p>",
    "<div id=appendonsend></div>",
    "<div style='border-top:solid #E1E1E1 1.0pt'>", "<div class=gmail_signature>", "<div class=gmail_attr>",
    "<div name=quote>", "<div =x class", "<div class=\"x_", ">",
    "<div class=moz-forward-container>", "<div id='x_x_'>", "<div id='sig'>", "<div id='ydp1'>",
  ]

  private struct Dice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(sides))
    }
  }

  /// Whatever the text, its regions cover it in order and neighbours differ.
  @Test(arguments: [UInt64](1...8))
  func regionsCoverTheText(_ seed: UInt64) {
    var dice = Dice(state: seed)
    for round in 0..<250 {
      let isHTML = round % 2 == 1
      let pieces = isHTML ? Self.pieces + Self.tags + Self.tags : Self.pieces
      var body = ""
      for _ in 0..<dice.roll(60) { body += pieces[dice.roll(pieces.count)] }
      let subject = dice.roll(2) == 0 ? "FW: x" : "Re: x"
      let type = isHTML ? "html" : "plain"
      let message = parse(
        "From: Jane Doe <j@x.example>\nSubject: \(subject)\nContent-Type: text/\(type); charset=utf-8\n\n\(body)"
      )
      let text = message.text
      let found = message.regions(of: text)
      var offset = 0
      var last: TextRegion.Kind?
      for region in found {
        #expect(region.range.lowerBound == offset && !region.range.isEmpty && region.kind != last)
        offset = region.range.upperBound
        last = region.kind
      }
      #expect(offset == text.utf8.count)
      for original in message.forwardedChain {
        if let range = original.textRange { #expect(range.upperBound <= text.utf8.count) }
      }
    }
  }

  @Test func hostileMarksAreLinear() {
    for piece in [
      "<div class=gmail_quote>a<br>", "<blockquote>a", "<div class=gmail_signature>a</div>",
      "<div class=gmail_attr>a", "<div id=appendonsend></div>",
      "<div style=\"aaaaaaaaaaaaaaaaaaaaaaaaa\" style=\"bbbbbbbbbbbbbbbbbbbbbbbbbb\">",
    ] {
      let message = parse("Content-Type: text/html\n\n" + String(repeating: piece, count: 20_000))
      _ = message.regions(of: message.text)
    }
    _ =
      parse(
        "Content-Type: text/html\n\n<div "
          + String(repeating: "style='(#aaaaaaaaaaaaaaaaaaaaaaaa' ", count: 50_000) + ">a"
      ).text
  }
}
