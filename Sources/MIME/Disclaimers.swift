// Legal notices below a message, and the warnings that mail gateways put above it.

enum Disclaimers {
  /// What a legal notice begins with. Most could begin a sentence of the writer's, so `needsMore` asks for a second
  /// sign in the same paragraph.
  private static let openings = PhraseTable<Bool>([
    (
      true,
      [
        "this email", "this e-mail", "this message", "this communication", "this electronic",
        "this transmission", "this mail", "this correspondence", "the information contained in this",
        "the information in this", "the information transmitted", "information contained in this",
        "information in this", "the contents of this", "the content of this", "the views expressed",
        "any views", "the opinions expressed", "views or opinions", "opinions expressed",
        "if you are not the intended", "if you are not the addressee", "if you are not the named",
        "if you have received this", "if you received this", "if this email", "if this message",
        "if you’re not the intended", "unless you are the intended", "unauthorised ", "unauthorized ",
        "confidentiality", "confidential:", "confidential communication", "confidential - ",
        "strictly confidential", "private and confidential", "private & confidential",
        "privileged and confidential", "privileged & confidential", "privilege", "disclaimer",
        "email disclaimer", "e-mail disclaimer", "legal notice", "legal disclaimer", "important notice",
        "important:", "notice:", "notice to recipient", "warning: computer", "virus", "scanned by",
        "scanned for", "this footnote", "popia", "popi act", "gdpr", "data protection", "privacy notice",
        "registered office", "registered in england", "registered company", "company registration",
        "company number", "registered address", "registered charity", "internet communications",
        "email communications", "we monitor", "please note that this e", "please note: this e",
        "please notify", "although this e", "while reasonable", "copyright in this", "all emails",
        "emails sent", "e-mails sent", "hierdie e-pos", "hierdie boodskap", "hierdie epos", "vrywaring",
        "vertroulikheid", "die inligting in hierdie", "die inhoud van hierdie", "indien u nie die",
        "regskennisgewing", "indien u hierdie", "dit e-mailbericht", "dit bericht", "deze e-mail",
        "de informatie in", "de inhoud van d", "de informatie verzonden", "aan dit bericht",
        "aan de inhoud van dit", "proclaimer", "vertrouwelijkheid", "indien u niet de", "als u niet de",
        "als u dit bericht", "diese e-mail", "diese email", "diese nachricht", "der inhalt dieser",
        "die information", "vertraulichkeit", "wenn sie nicht der", "haftungsausschluss",
        "rechtlicher hinweis", "dieses dokument", "sollten sie nicht der", "bitte prüfen sie",
        "falls sie nicht der", "ce message", "ce courriel", "ce mail", "cet e-mail", "cet email",
        "le présent message", "le présent courriel", "les informations contenues", "l'information contenue",
        "avis de confidentialité", "avertissement", "confidentialité", "si vous n'êtes pas le",
        "si vous avez reçu ce", "mention légale", "mentions légales", "si vous n’êtes pas le",
        "cette communication", "este mensaje", "este correo", "este e-mail", "este email", "aviso legal",
        "aviso de confidencialidad", "aviso de privacidad", "la información contenida",
        "la información incluida", "si usted no es el", "si no es usted", "si ha recibido",
        "confidencialidad", "cláusula de confidencialidad", "nota de confidencialidad",
        "el contenido de este", "esta comunicación", "esta mensagem", "este correio",
        "aviso de confidencialidade", "a informação contida", "as informações contidas", "se você não é o",
        "se não for o", "confidencialidade", "o conteúdo desta", "o conteúdo deste", "se recebeu esta",
        "caso não seja o", "questo messaggio", "questa e-mail", "questa email", "le informazioni contenute",
        "avviso di riservatezza", "il presente messaggio", "la presente e-mail", "la presente comunicazione",
        "riservatezza", "ai sensi del", "se avete ricevuto", "qualora non", "se non siete",
        "informativa privacy", "e-mel ini", "emel ini", "mesej ini", "penafian", "notis kerahsiaan",
        "maklumat yang terkandung", "maklumat dalam", "kandungan e-mel", "jika anda bukan",
        "sekiranya anda bukan", "notis penting", "notis:", "tá an ríomhphost", "tá an teachtaireacht",
        "séanadh", "tá eolas", "tá an t-eolas", "fógra rúndachta", "rúndacht", "is faoi rún", "má fuair tú",
        "mura tusa", "an ríomhphost seo", "本邮件", "本郵件", "此邮件", "此郵件", "本电邮", "本電郵", "此電郵", "本电子邮件", "本電子郵件",
        "免责声明", "免責聲明", "保密声明", "保密聲明", "保密通知", "保密提示", "这封邮件", "這封郵件", "此电子邮件", "此電子郵件", "如果您不是", "如您不是",
        "若您不是", "如閣下", "如阁下", "机密", "機密", "本信件", "הודעה זו", "דוא\"ל זה", "דואר אלקטרוני זה", "הודעת סודיות",
        "המידע בהודעה", "המידע הכלול", "המידע המצוי", "אם אינך", "כתב ויתור", "הצהרת סודיות", "האמור בהודעה",
        "מייל זה",
      ]
    ),
    (
      false,
      [
        "please consider the environment", "please think of the environment", "think before you print",
        "save paper", "consider the environment", "before printing", "please think before",
        "dink aan die omgewing", "denk aan het milieu", "bitte denken sie an die umwelt",
        "pensez à l'environnement", "pensez à l’environnement", "avant d'imprimer", "antes de imprimir",
        "piense en el medio ambiente", "pense no meio ambiente", "rispetta l'ambiente", "pensa all'ambiente",
        "prima di stampare",
      ]
    ),
  ])

  /// What legal notices go on with. Each kind counts once.
  private static let signs = PhraseTable<Int>([
    (
      0,
      [
        "confidential", "private", "vertroulik", "vertrouwelijk", "vertraulich", "confidentiel", "confidenc",
        "confidenciales", "riservat", "sulit", "rahsia", "rúnda", "faoi rún", "机密", "機密", "保密", "סודי",
        "חסוי", "חסויה",
      ]
    ),
    (
      1,
      [
        "intended recipient", "intended solely", "intended only", "intended for", "addressee", "addressed",
        "recipient", "destinataire", "destinatari", "destinatário", "empfänger", "adressat", "geadresseerde",
        "bedoelde ontvanger", "ontvanger", "uitsluitend bestemd", "exclusivamente", "exclusivement",
        "ausschließlich", "penerima", "收件人", "收件者", "收件", "הנמען", "לנמען", "נמען", "faighteoir", "do té",
        "geadresseer",
      ]
    ),
    (
      2,
      [
        "in error", "by mistake", "notify", "delete", "erase", "destroy", "par erreur", "détruire",
        "supprimer",
        "irrtümlich", "löschen", "vernichten", "por error", "elimín", "eliminar", "borrar", "por engano",
        "apagar", "per errore", "cancellar", "verwijder", "per abuis", "verkeerdelik", "per ongeluk",
        "uitvee", "vernietig", "skrap", "padam", "kesilapan", "tersilap", "trí dhearmad", "scrios", "删除",
        "刪除", "误收", "誤收", "销毁", "错误", "בטעות", "למחוק", "למחקה", "מחק", "inform the sender",
        "advise the sender", "contact the sender", "sender", "pengirim", "通知", "erreur",
      ]
    ),
    (
      3,
      [
        "virus", "malware", "scanned", "liable", "responsibility for", "haftung", "responsabilité",
        "aanspreeklik",
        "aansprakelijk", "responsab", "病毒", "责任", "責任", "וירוס", "אחריות", "víreas", "liabilit",
        "tanggungjawab", "bertanggungjawab",
      ]
    ),
    (
      4,
      [
        "unauthori", "prohibited", "disseminat", "distribut", "disclos", "copying", "forbidden", "unlawful",
        "verboten", "nicht gestattet", "unbefugt", "interdit", "prohibid", "proibid", "vietat", "verboden",
        "niet toegestaan", "ongemagtig", "verbode", "dilarang", "tidak dibenarkan", "toirmiscthe", "cosc",
        "禁止", "严禁", "嚴禁", "不得", "未经", "未經", "אסור", "להעתיק", "openbaarmaking", "verspreiding", "weitergabe",
        "diffusion", "divulga", "diffusione", "cóipeáil",
      ]
    ),
    (
      5,
      [
        "privileged", "legally", "law", "act ", "gesetzlich", "secret professionnel", "ley ", "lei ", "d.lgs",
        "gdpr", "popia", "法律", "חוק", "dlíthiúil", "wet ", "rgpd", "avg ", "dsgvo",
      ]
    ),
    (
      6,
      [
        "attachment", "any files", "anlagen", "anhäng", "pièces jointes", "pièce jointe", "adjunt", "anexo",
        "allegat", "bijlage", "aanhangsel", "lampiran", "附件", "ceangaltán", "קבצים", "צרופ", "aanhegsel",
        "aanhegsels",
      ]
    ),
    (
      7,
      [
        "registered office", "registered in", "registered number", "company n", "company reg", "reg. no",
        "reg no", "registered charity", "regulated by", "monitored", "intercepted", "do not necessarily",
        "necessarily represent", "necessarily reflect", "on behalf of", "siège social", "sitz der",
        "handelsregister", "amtsgericht", "privacy", "privacidad", "terms and conditions", "printing",
        "views", "opinions", "authorised and regulated",
      ]
    ),
  ])

  /// Words of somebody who speaks for himself: no legal notice says "I".
  private static let speech = PhraseTable<Void>(words: [
    "i ", "i'm", "i’m", "i've", "my ", "je ", "j'ai", "mon ", "ich ", "mein", "ek ", "yo ", "ik ", "mijn ",
    "saya ", "eu ", "minha", "meu ", "io ", "mia ", "mio ", "我", "אני", "שלי", "dear ", "complain",
  ])

  /// A cheap look: whether a line has the first words of a legal notice.
  @inline(__always)
  static func mayStart(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    openings.match(bytes, at: undecorated(bytes, content), limit: content.upperBound) != nil
  }

  /// Whether a line begins a legal notice rather than a sentence of the writer's; `paragraph` reaches from it to the
  /// next blank line.
  static func starts(_ bytes: [UInt8], _ content: Range<Int>, paragraph: Range<Int>) -> Bool {
    let start = undecorated(bytes, content)
    guard let (needsMore, end) = openings.match(bytes, at: start, limit: content.upperBound) else {
      return false
    }
    if !needsMore { return true }
    let head = paragraph.lowerBound..<min(paragraph.upperBound, paragraph.lowerBound + FixedLimit.noticeBytes)
    let isHeading = isHeading(bytes, end, content)
    let kinds = kinds(bytes, head)
    if speech.first(in: bytes, head) != nil { return kinds >= 4 && isHeading }
    return kinds >= 2 || isHeading && (kinds >= 1 || paragraph.count <= content.count + 1)
  }

  /// Whether a paragraph goes on with a legal notice that stands above it.
  static func goesOn(_ bytes: [UInt8], _ paragraph: Range<Int>) -> Bool {
    let head = paragraph.lowerBound..<min(paragraph.upperBound, paragraph.lowerBound + FixedLimit.noticeBytes)
    return kinds(bytes, head) >= 1 && speech.first(in: bytes, head) == nil
  }

  /// The line with nothing but the opening's words and a colon or decoration.
  private static func isHeading(_ bytes: [UInt8], _ end: Int, _ content: Range<Int>) -> Bool {
    var words = 0
    var index = end
    while index < content.upperBound {
      if bytes[index] == ASCII.colon { return true }
      if bytes[index].isBlank { words += 1 }
      if words > 2 { return false }
      index += 1
    }
    return content.upperBound - end < 16
  }

  private static func kinds(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var seen = 0
    signs.forEach(in: bytes, range) { kind, _ in
      seen |= 1 << kind
      return true
    }
    return seen.nonzeroBitCount
  }

  @inline(__always)
  static func undecorated(_ bytes: [UInt8], _ content: Range<Int>) -> Int {
    var start = content.lowerBound
    while start < content.upperBound {
      switch bytes[start] {
      case ASCII.star, ASCII.dash, ASCII.underscore, ASCII.bracket, ASCII.open, ASCII.space, 0x7C, 0x21, 0x23,
        ASCII.equal,
        ASCII.quote, ASCII.less:
        start += 1
      case 0xE2 where start + 3 <= content.upperBound: start += 3  // dashes, dingbats, U+26A0
      case 0xEF where start + 3 <= content.upperBound && bytes[start + 1] == 0xB8: start += 3  // U+FE0F
      case 0xF0 where start + 4 <= content.upperBound: start += 4  // pictures
      case 0xE3 where start + 3 <= content.upperBound && bytes[start + 1] == 0x80: start += 3  // 【
      default: return start
      }
    }
    return start
  }
}

/// "CAUTION: This email originated from outside …": what gateways put above a message.
enum Banners {
  private static let openings = PhraseTable<Void>(words: [
    "caution", "warning", "external", "attention", "alert", "notice", "security", "this email", "this e-mail",
    "this message", "this mail", "this is an external", "this sender", "you don't often", "you don’t often",
    "some people who received", "be careful", "be cautious", "message from external", "email from external",
    "mail from external", "think before", "do not click", "exercise caution", "zjqcmqryfpfptbanner",
    "important", "originated outside", "stop", "report suspicious", "the sender of this", "unknown sender",
    "first time sender", "outside ", "untrusted", "ext:", "ext]", "let op", "let wel", "waarskuwing",
    "waarschuwing", "versigtig", "pas op", "hierdie e-pos", "hierdie boodskap", "eksterne", "ekstern",
    "externe", "extern", "dit is 'n eksterne", "dit bericht", "deze e-mail", "dit is een externe", "achtung",
    "vorsicht", "warnung", "diese e-mail", "diese nachricht", "hinweis", "sicherheitshinweis",
    "avertissement", "prudence", "mise en garde", "ce message", "ce courriel", "cet e-mail", "cet email",
    "courriel externe", "message externe", "expéditeur externe", "mail externe", "e-mail externe",
    "vous ne recevez pas souvent", "vous n'obtenez pas souvent", "precaución", "precaucion", "advertencia",
    "atención", "atencion", "cuidado", "correo externo", "mensaje externo", "este correo", "este mensaje",
    "aviso", "no suele recibir", "remitente externo", "atenção", "esta mensagem", "este e-mail", "este email",
    "e-mail externo", "email externo", "mensagem externa", "não costuma receber", "cautela", "attenzione",
    "avviso", "questa e-mail", "questo messaggio", "questa email", "email esterna", "e-mail esterna",
    "mittente esterno", "non si ricevono spesso", "messaggio esterno", "awas", "amaran", "perhatian",
    "e-mel luar", "e-mel ini", "emel ini", "mesej ini", "luaran", "berhati-hati", "rabhadh", "aire",
    "ríomhphost seachtrach", "seachtrach", "tháinig an", "bí cúramach", "警告", "注意", "提醒", "外部", "此邮件", "此郵件",
    "本邮件", "本郵件", "请注意", "請注意", "小心", "安全提示", "温馨提示", "您通常不会", "您不常", "此電郵", "這封郵件", "这封邮件", "外來", "זהירות",
    "אזהרה", "שים לב", "שימו לב", "הודעה זו", "דוא\"ל חיצוני", "חיצוני", "דואר חיצוני", "מייל חיצוני",
    "הודעה חיצונית", "מייל זה",
  ])

  private enum Sign { case outside, mail, care }

  private static let signs = PhraseTable<Sign>([
    (
      .outside,
      [
        "external", "outside", "originated", "often get", "extern", "von außerhalb", "außerhalb",
        "l'extérieur", "extérieur", "exterior", "fuera de", "externo", "externa", "fora da", "dall'esterno",
        "esterno", "esterna", "all'esterno", "buite", "eksterne", "ekstern", "buiten", "luar", "lasmuigh",
        "taobh amuigh", "seachtrach", "外部", "外来", "外來", "组织外", "組織外", "חיצוני", "מחוץ", "חיצונית",
        "ממקור חיצוני", "unbekannt", "untrusted", "pas souvent", "no suele recibir", "suspicious", "banner",
        "dwarskap", "unfamiliar", "не",
      ]
    ),
    (
      .mail,
      [
        "email", "e-mail", "mail", "message", "sender", "courriel", "expéditeur", "nachricht", "absender",
        "correo", "mensaje", "remitente", "mensagem", "remetente", "messaggio", "mittente", "e-pos", "epos",
        "boodskap", "afsender", "bericht", "afzender", "e-mel", "emel", "mesej", "pengirim", "ríomhphost",
        "teachtaireacht", "seoltóir", "邮件", "郵件", "发件人", "寄件", "電郵", "电邮", "הודעה", "דוא", "השולח", "מייל",
        "דואר",
      ]
    ),
    (
      .care,
      [
        "click", "links", "link", "attachment", "recogni", "safe", "trust", "verify", "caution", "organi",
        "learn why", "phish", "report", "cliquez", "liens", "pièces jointes", "klicken", "anhäng", "anlagen",
        "enlaces", "adjuntos", "clic", "clique", "anexos", "allegati", "kliek", "skakels", "aanhangsels",
        "aanhegsels", "bijlagen", "klik", "pautan", "lampiran", "naisc", "ceangaltáin", "cliceáil", "链接",
        "連結", "附件", "点击", "點擊", "点按", "קישור", "קבצים", "תלחץ", "ללחוץ", "content", "instructed",
      ]
    ),
  ])

  private static let speech = PhraseTable<Void>(words: [
    "i ", "i'", "i’", "my ", "dear ", "we ", "je ", "ich ", "ek ", "ik ", "saya ", "我", "אני", "hi ", "hello",
    "complain", "patient",
  ])

  /// Whether a line at the top of a message begins such a warning.
  static func starts(_ bytes: [UInt8], _ content: Range<Int>, paragraph: Range<Int>) -> Bool {
    let start = Disclaimers.undecorated(bytes, content)
    guard openings.match(bytes, at: start, limit: content.upperBound) != nil else { return false }
    // The tag by itself: "[EXTERNAL]", "EXTERNAL EMAIL".
    let seenInLine = seen(bytes, content)
    if content.count <= 40, seenInLine.outside, speech.first(in: bytes, content) == nil { return true }
    let head = paragraph.lowerBound..<min(paragraph.upperBound, paragraph.lowerBound + FixedLimit.bannerBytes)
    let seen = seen(bytes, head)
    guard seen.outside, seen.mail else { return false }
    return seen.care || speech.first(in: bytes, content) == nil
  }

  /// Whether a line right below one of a warning's goes on with it.
  static func goesOn(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    guard speech.first(in: bytes, content) == nil else { return false }
    let seen = seen(bytes, content)
    return seen.care || seen.outside && seen.mail
  }

  private static func seen(_ bytes: [UInt8], _ range: Range<Int>) -> (outside: Bool, mail: Bool, care: Bool) {
    var found = (outside: false, mail: false, care: false)
    signs.forEach(in: bytes, range) { sign, _ in
      switch sign {
      case .outside: found.outside = true
      case .mail: found.mail = true
      case .care: found.care = true
      }
      return true
    }
    return found
  }
}
