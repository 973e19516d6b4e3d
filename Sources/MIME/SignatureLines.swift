// Lines below a writer's words that are not words to anybody: app lines, closings, contact blocks.

/// A line that a phone or a client adds below.
enum AppLines {
  private static let openings = PhraseTable<Void>(words: [
    "sent from my ", "sent from mail for ", "sent from outlook", "sent from yahoo", "sent from samsung",
    "sent from proton", "sent from a mobile", "sent from mobile", "sent from gmail", "sent from for ",
    "sent from mailbird", "sent from nine", "sent from blackberry", "sent from aol", "sent from windows mail",
    "sent from mail.com", "sent from android", "sent from huawei", "sent from the all new",
    "sent from mymail for", "sent from zoho", "sent from icloud", "sent from email for", "sent from spark",
    "sent from canary", "sent from tuta", "sent via ", "sent with ", "sent using ", "sent by my ",
    "sent on the go", "get outlook for ", "get the outlook", "download outlook", "sent securely ",
    "typed on a phone", "typed on my phone", "this message was sent from my ", "this email was sent from my ",
    "yahoo mail: ", "envoyé de mon ", "envoyé de outlook", "envoyé depuis ", "envoyé à partir de",
    "envoyé via ", "envoyé avec ", "obtenez outlook", "télécharger outlook", "envoyé d'un ", "von meinem ",
    "von mein", "gesendet von ", "gesendet mit ", "gesendet über ", "diese nachricht wurde von mein",
    "outlook für ", "holen sie sich outlook", "enviado desde ", "enviado do meu ", "enviado de mi ",
    "enviado a partir ", "enviado via ", "enviado com ", "enviado pelo ", "obtener outlook",
    "obter o outlook", "obtenha o outlook", "baixe o outlook", "baixar o outlook", "transferir o outlook",
    "holen sie outlook", "laden sie outlook", "laai outlook", "obtenir outlook", "descargue outlook",
    "obtén outlook", "השג את outlook", "íoslódáil outlook", "muat turun outlook", "descargar outlook",
    "enviado con ", "enviado por ", "gestuur vanaf ",
    "gestuur van my ", "gestuur met ", "kry outlook", "van my iphone gestuur", "verstuurd vanaf ",
    "verzonden vanaf ", "verzonden met ", "verzonden via ", "verstuurd via ", "outlook voor ",
    "download outlook voor", "inviato da ", "inviato dal ", "inviato con ", "ottieni outlook",
    "scarica outlook", "dihantar daripada ", "dihantar dari ", "dikirim dari ", "dapatkan outlook",
    "seolta ó m", "seolta ó mo ", "seolta ó ", "faigh outlook", "发自我的", "發自我的", "从我的", "從我的", "我的 iphone",
    "我的iphone", "发送自 ", "發送自 ", "傳送自", "发自", "获取", "下载", "下載", "從", "从", "获得", "取得", "通过 outlook", "来自",
    "由我的", "自我的", "使用 outlook", "נשלח מה", "נשלח מ-", "נשלח מ", "קבל את outlook", "הורד את outlook",
    "sendt fra min", "skickat från min", "lähetetty ", "wysłane z ",
  ])

  /// What such lines end in when their first words could begin a sentence.
  private static let senders = PhraseTable<Void>(words: [
    "iphone", "ipad", "ipod", "phone", "mobile", "android", "galaxy", "samsung", "huawei", "blackberry",
    "outlook", "yahoo", "gmail", "windows", "proton", "device", "tablet", "smartphone", "htc", "nokia",
    "xperia", "sony", "pixel", "vodafone", "vodacom", "mtn", "verizon", "telekom", "t-mobile", "at&t", "tuta",
    "zoho", "mail for", "yahoo mail", "mail app", "email app", "xiaomi", "redmi", "oppo", "honor", "oneplus",
    "motorola", "lg ", "nine", "apple", "mac",
    "handy", "telefon", "téléphone", "móvil", "movil", "celular", "telemóvel", "selfoon", "foon", "mobiel",
    "cellulare", "app", "ios", "spark", "aol", "手机", "三星", "小米", "华为", "華為", "平板", "手機", "电话", "邮箱", "信箱",
    "נייד", "אייפון", "fón",
    "telefono", "teléfono", "dispositivo", "portable", "cell", "handphone", "galaxie", "zimbra", "ordinateur",
    "computer", "laptop", "webmail", "mailbird", "freundlicher", "gmx", "web.de", "thunderbird", "icloud",
    "canary", "qq", "网易", "foxmail",
  ])

  /// Whether the line is one; sentences that begin alike ("Sent from my GP to the ward") name no device.
  @inline(__always)
  static func holds(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    guard content.count >= 8, content.count <= FixedLimit.appLineBytes else { return false }
    var start = content.lowerBound
    while start < content.upperBound,
      bytes[start] == ASCII.underscore || bytes[start] == ASCII.star || bytes[start] == ASCII.dash
        || bytes[start] == ASCII.open || bytes[start] == ASCII.bracket || bytes[start].isBlank
    {
      start += 1
    }
    guard let (_, end) = openings.match(bytes, at: start, limit: content.upperBound) else { return false }
    return isWhole(bytes, start, end, content.upperBound)
  }

  private static func isFrom(_ bytes: [UInt8], _ start: Int) -> Bool {
    // U+4ECE and U+5F9E
    guard start + 2 < bytes.count else { return false }
    return bytes[start] == 0xE4 && bytes[start + 1] == 0xBB && bytes[start + 2] == 0x8E
      || bytes[start] == 0xE5 && bytes[start + 1] == 0xBE && bytes[start + 2] == 0x9E
  }

  private static let sentVerbs = PhraseTable<Void>(words: ["发送", "發送", "傳送", "传送", "寄出", "发出", "發出"])

  private static func closing(_ bytes: [UInt8], _ limit: Int) -> Bool {
    // Six bytes of verb, then perhaps a full stop of either width.
    (6...9).contains { sentVerbs.match(bytes, at: limit - $0, limit: limit) != nil }
  }

  private static func isWhole(_ bytes: [UInt8], _ start: Int, _ end: Int, _ limit: Int) -> Bool {
    var words = 0
    for index in start..<limit {
      if bytes[index].isBlank { words += 1 }
      // A comma of Chinese or Japanese: a sentence.
      if bytes[index] == 0xEF, index + 2 < limit, bytes[index + 1] == 0xBC, bytes[index + 2] == 0x8C {
        return false
      }
    }
    // "从我的手机发送" ends with its verb; other lines that begin with "from" are about something else.
    if isFrom(bytes, start), closing(bytes, limit) == false { return false }
    return words <= 14 && senders.first(in: bytes, start..<limit) != nil
  }
}

/// "Kind regards," and its kin: the end of what somebody has to say.
enum Closings {
  private static let phrases = PhraseTable<Void>(words: [
    "kind regards", "kindest regards", "best regards", "warm regards", "warmest regards", "with kind regards",
    "with regards", "with best regards", "with warm regards", "regards", "rgds", "best wishes",
    "with best wishes", "all the best", "many thanks", "with thanks", "with many thanks", "thanks",
    "thank you", "thanking you", "yours sincerely", "yours faithfully", "yours truly", "yours respectfully",
    "yours", "sincerely", "respectfully", "cheers", "best", "cordially", "faithfully", "warmly", "take care",
    "vriendelike groete", "met vriendelike groete", "beste groete", "groete", "die uwe", "opreg die uwe",
    "met dank", "baie dankie", "dankie", "byvoorbaat dank", "cordialement", "bien cordialement",
    "très cordialement", "bien à vous", "salutations", "sincères salutations", "meilleures salutations",
    "respectueusement", "bien respectueusement", "merci", "merci d'avance", "amicalement", "veuillez agréer",
    "avec mes remerciements", "saludos", "un saludo", "saludos cordiales", "un cordial saludo", "atentamente",
    "cordialmente", "reciba un cordial", "gracias", "muchas gracias", "muy atentamente",
    "mit freundlichen gr", "mit freundlichem gru", "mit besten gr", "mit kollegialen gr", "freundliche gr",
    "viele gr", "beste gr", "liebe gr", "herzliche gr", "mit herzlichen gr", "kollegiale gr",
    "hochachtungsvoll", "mfg", "vg", "lg", "vielen dank", "gruß", "grüße", "met vriendelijke groet",
    "vriendelijke groet", "hartelijke groet", "met hartelijke groet", "groet", "mvg", "hoogachtend",
    "bedankt", "alvast bedankt", "met collegiale groet", "cordiali saluti", "distinti saluti",
    "un cordiale saluto", "saluti", "grazie", "un saluto", "in fede", "atenciosamente", "cumprimentos",
    "melhores cumprimentos", "com os melhores cumprimentos", "com os meus cumprimentos", "obrigado",
    "obrigada", "muito obrigad", "grato", "grata", "abraço", "att", "此致", "敬礼", "敬禮", "谢谢", "謝謝", "顺祝", "順祝",
    "顺颂", "順頌", "祝好", "敬上", "敬启", "敬啟", "谨启", "謹啟", "祝", "多谢", "多謝", "sekian", "terima kasih", "salam",
    "salam hormat", "yang benar", "yang ikhlas", "hormat saya", "yang menjalankan", "saya yang", "le meas",
    "le gach", "is mise", "beir bua", "go raibh maith", "slán", "le dea-mh", "בברכה", "בכבוד רב", "תודה",
    "בתודה", "ברגשי", "בכבוד", "שלכם",
  ])

  /// Whether a line is a closing: the phrase and at most a few words more. `hasName` tells whether a name follows
  /// on the same line.
  static func closing(_ bytes: [UInt8], _ content: Range<Int>) -> (hasName: Bool, Void)? {
    guard content.count >= 2, content.count <= FixedLimit.closingBytes,
      let (_, end) = phrases.match(bytes, at: content.lowerBound, limit: content.upperBound)
    else { return nil }
    var index = end
    // The table's German and Portuguese stems go on to the end of the word.
    while index < content.upperBound, bytes[index].isLetter || bytes[index] >= 0x80 && bytes[end - 1] < 0x80 {
      index += 1
    }
    if index > end, bytes[end - 1] != 0x72, bytes[end - 1] != 0x75, index - end > 8 { return nil }
    var words = 0
    var isInWord = false
    while index < content.upperBound {
      // Every character of Chinese is a word.
      if bytes[index] >= 0xE3 {
        words += 1
        isInWord = false
        index += 3
        continue
      }
      let isLetter = bytes[index].isLetter || bytes[index] >= 0x80
      if isLetter, !isInWord { words += 1 }
      isInWord = isLetter
      index += 1
    }
    let last = bytes[content.upperBound - 1]
    // "Thank you for your call." is a sentence.
    if words > 4 || words > 2 && last == ASCII.dot { return nil }
    let hasName = words > 0 && last != ASCII.comma && bytes[end..<content.upperBound].contains(ASCII.comma)
    return (hasName, ())
  }
}

/// Titles, practices, telephone numbers, registrations: what stands below a name.
enum ContactLines {
  enum Likeness {
    /// A telephone number, a mail address, or a registration.
    case strong
    /// An address of the web, which may as well be what the writer points to.
    case web
    /// A title, a degree or an institution.
    case title
    /// Short and no sentence: a name, a street, a town.
    case weak
    case sentence
  }

  private static let labels = PhraseTable<Void>(words: [
    "tel", "phone", "telephone", "mobile", "mob", "cell", "fax", "direct", "switchboard", "ph", "dd", "ddi",
    "tél", "portable", "telefon", "mobil", "teléfono", "telefono", "móvil", "telefone", "telemóvel",
    "cellulare", "telefoon", "selfoon", "sel", "faks", "mobiel", "telefax", "whatsapp", "电话", "電話", "手机",
    "三星", "小米", "华为", "華為", "平板",
    "手機", "传真", "傳真", "热线", "טל", "טלפון", "נייד", "פקס", "fón", "guthán", "teil", "telefón", "cel", "rooms",
    "office", "kantoor", "spreekkamer", "bleep", "ext", "pager", "reception", "t:", "m:", "f:", "p:", "e:",
    "w:", "c:", "t.", "m.", "f.", "t +", "m +", "f +", "t 0", "m 0", "tlf", "handphone", "h/p", "hp", "fono",
    "call", "line",
  ])

  private static let registers = PhraseTable<Void>(words: [
    "gmc", "gdc", "nmc", "hpcsa", "hpc", "ahpra", "mcnz", "dcnz", "imc", "mcrn", "smc", "mmc", "mcr", "mchk",
    "hkmc", "gphc", "hcpc", "samdc", "reg", "regn", "registration", "registered", "practice n", "practice no",
    "pr n", "pr.", "prac", "praktyk", "praktyknommer", "licence", "license", "lic", "bhf", "bhf pr",
    "membership", "member", "membresía", "policy n", "colegiado", "col.", "nº", "cédula", "rpps", "adeli",
    "siret", "siren", "crm", "ordem", "omceo", "fnomceo", "iscrizione", "p.iva", "p. iva", "big",
    "big-nummer", "agb", "kvk", "lanr", "bsnr", "vat", "abn", "provider", "執業", "执业", "註冊", "注册", "会员", "會員",
    "מ.ר", "רישיון", "uimhir", "lidnommer", "lidmaatskap", "mitglied", "lidnummer", "no. ahli", "nombor",
    "no. pendaftaran", "nmc pin", "pin", "mp", "dp", "ref", "our ref",
  ])

  private static let titles = PhraseTable<Void>(words: [
    "practice", "manager", "consultant", "partner", "general practitioner", "gp", "gpst", "dentist", "dental",
    "director", "surgeon", "surgery", "secretary", "registrar", "physician", "nurse", "midwife", "mbbs",
    "mbchb", "mb", "mbbch", "bds", "bchd", "mrcgp", "frcs", "mrcs", "frcp", "mrcp", "frca", "fcs", "fcp",
    "mmed", "phd", "md", "llb", "hospital", "clinic", "medical", "health", "centre", "center", "department",
    "dept", "trust", "nhs", "ltd", "limited", "llp", "inc", "pty", "gmbh", "solicitor", "attorney",
    "assistant", "administrator", "officer", "head of", "lead", "associate", "specialist", "professor",
    "lecturer", "resident", "trainee", "locum", "pharmacist", "physiotherapist", "psychologist",
    "radiologist", "anaesthetist", "anaesthesiologist", "paediatrician", "psychiatrist", "gynaecologist",
    "obstetrician", "orthopaedic", "cardiologist", "optometrist", "claims", "chartered", "coordinator",
    "co-ordinator", "executive", "receptionist", "principal", "fellow", "médecin", "cabinet", "docteur",
    "chirurgien", "clinique", "hôpital", "infirmi", "généraliste", "médica", "clínica", "consultorio",
    "consultório", "cirujan", "odontólog", "especialista", "centro", "enfermer", "cirurgi", "dentista",
    "facharzt", "fachärztin", "praxis", "hausarzt", "zahnarzt", "zahnärztin", "klinik", "krankenhaus",
    "oberarzt", "ärztin", "arzt", "huisarts", "praktijk", "tandarts", "ziekenhuis", "verpleegkundige",
    "medisch", "medico", "studio", "ospedale", "chirurgo", "odontoiatra", "praktyk", "huisdokter",
    "hospitaal", "tandheelkund", "algemene praktisyn", "chirurg", "geneesheer", "kliniek", "bestuurder",
    "pakar", "pengurus", "doktor", "jururawat", "dochtúir", "ospidéal", "ionad", "bainisteoir", "cleachtas",
    "医院", "醫院", "诊所", "診所", "医生", "醫生", "医师", "醫師", "主任", "内科", "外科", "科", "מרפאה", "מרפאת", "מומחה",
    "מומחית", "רופא", "בית חולים", "מנהל",
  ])

  /// Words by which a line speaks to somebody.
  private static let speech = PhraseTable<Void>(words: [
    "i ", "i'", "i’", "me ", "my ", "please", "you ", "your ", "have ", "was ", "were ", "will ", "would ",
    "can ", "could ", "not ", "ps ", "ps:", "p.s", "has ", "had ", "is ", "are ", "been ", "did ", "does ",
    "that ", "because", "never", "nobody", "why ", "when ", "est ", "pas ", "sont ", "avez", "ist ", "hat ",
    "wurde", "está", "porque", "nunca", "foi ", "heeft", "waarom", "hoekom", "belum", "nach ", "cén ", "enc",
    "attached", "je ", "vous ", "ich ",
    "sie ", "nicht ", "usted", "não ", "você", "ek ", "nie ", "asseblief", "bitte", "ik ", "niet ", "saya ",
    "tidak ", "non ", "sono ", "我", "的", "了", "是", "不", "没", "沒", "说", "說", "要", "能", "把", "就", "都", "吗", "嗎",
    "，", "请", "請", "您", "אני", "לא",
  ])

  static func likeness(_ bytes: [UInt8], _ content: Range<Int>) -> Likeness {
    guard content.count <= FixedLimit.contactLineBytes else { return .sentence }
    let shape = LineShape(bytes, content)
    let last = bytes[content.upperBound - 1]
    if last == ASCII.question || last == 0x21 || shape.sentenceEnds > 0 { return .sentence }
    if speech.first(in: bytes, content) != nil { return .sentence }
    if shape.words <= 8 {
      if shape.hasAt || shape.words <= 4 && shape.longestNumber >= 7 {
        return .strong
      }
      if hasWeb(bytes, content) { return .web }
    }
    if shape.words <= 10 {
      if shape.digits >= 5, labels.first(in: bytes, content) != nil { return .strong }
      if shape.digits >= 4, registers.first(in: bytes, content) != nil { return .strong }
    }
    // Beyond a few words only commas and numbers make an address of what else is a wrapped sentence.
    if shape.words > 8, shape.separators * 4 < shape.words || shape.words > 16 { return .sentence }
    if shape.words >= 6, last == ASCII.dot { return .sentence }
    return titles.first(in: bytes, content) != nil ? .title : .weak
  }

  /// What can be counted in a line.
  private struct LineShape {
    var digits = 0
    /// Digits of the longest number, its groups written with blanks, brackets and dashes.
    var longestNumber = 0
    /// Words; two characters of a script without spaces count as one.
    var words = 0
    /// Commas, bars, bullets and numbers.
    var separators = 0
    /// Full stops with a word of at least three letters before and a capital after.
    var sentenceEnds = 0
    var hasAt = false

    init(_ bytes: [UInt8], _ content: Range<Int>) {
      var number = 0
      var word = 0
      var wide = 0
      var index = content.lowerBound
      while index < content.upperBound {
        let byte = bytes[index]
        if byte >= 0xE3 {
          wide += 1
          // U+3002, the full stop of Chinese and Japanese, and U+FF0C, its comma.
          if byte == 0xE3, index + 2 < content.upperBound, bytes[index + 1] == 0x80, bytes[index + 2] == 0x82
          {
            sentenceEnds += 1
          }
          number = 0
          word = 0
          index += 3
          continue
        }
        if byte.isLetter || byte >= 0x80 {
          if word == 0 { words += 1 }
          word += 1
          number = 0
        } else if byte.isDigit {
          digits += 1
          number += 1
          if number == 1 { separators += 1 }
          longestNumber = max(longestNumber, number)
        } else {
          switch byte {
          case ASCII.at: hasAt = true
          case ASCII.dot:
            if word >= 3, index + 2 < content.upperBound, bytes[index + 1] == ASCII.space,
              bytes[index + 2] >= 0x41, bytes[index + 2] <= 0x5A, words >= 4
            {
              sentenceEnds += 1
            }
          case ASCII.comma, 0x7C, ASCII.semicolon, ASCII.slash: separators += 1
          default: break
          }
          // An address or a name in parts is one word.
          if byte == ASCII.space || byte == ASCII.comma || byte == ASCII.tab { word = 0 }
          if byte != ASCII.space, byte != ASCII.open, byte != ASCII.close, byte != ASCII.dash,
            byte != ASCII.dot,
            byte != ASCII.slash, byte != 0x2B
          {
            number = 0
          }
        }
        index += 1
      }
      words += wide / 2
    }
  }

  private static func hasWeb(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    for index in content where bytes[index] | 0x20 == 0x77 || bytes[index] | 0x20 == 0x68 {
      if hasPrefix("www.", in: bytes, at: index, limit: content.upperBound)
        || hasPrefix("http://", in: bytes, at: index, limit: content.upperBound)
        || hasPrefix("https://", in: bytes, at: index, limit: content.upperBound)
      {
        return true
      }
    }
    return false
  }
}
