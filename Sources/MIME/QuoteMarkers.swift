// How mail clients announce somebody else's words: forward markers, header blocks, attributions.

import Glibc

/// Lines like "---------- Forwarded message ---------" and "-----Original Message-----".
enum ForwardMarkers {
  struct Marker {
    /// Whether the words say that a mail is forwarded; else they only say that an original follows.
    var forwards: Bool
    var source: String
  }

  private enum Kind { case forwarded, original, end }

  private static let ruled = PhraseTable<Kind>([
    (
      .forwarded,
      [
        "forwarded message", "forwarded by", "forwarded mail", "forwarded email", "forwarded e-mail",
        "forward message", "forwarded from", "forwarded letter", "weitergeleitete nachricht",
        "weitergeleitete e-mail", "weitergeleitete mail", "weitergeleitet von", "message transf",
        "message réexpédié", "courriel transf", "message d'origine transf", "e-mail transf", "transféré par",
        "mensaje reenviado", "correo reenviado", "reenviado por", "aangestuurde boodskap",
        "aangestuurde e-pos", "aangestuur deur", "deurgestuurde boodskap", "doorgestuurd bericht",
        "doorgestuurde e-mail", "doorgestuurd door", "messaggio inoltrato", "inoltrato da",
        "mensagem encaminhada", "mensagem reencaminhada", "encaminhado por", "videresendt", "vidarebefordrat",
        "mesej yang dimajukan", "mesej dimajukan", "mesej dipanjangkan", "pesan terusan",
        "teachtaireacht ar aghaidh", "teachtaireacht a cuireadh ar aghaidh",
        "teachtaireacht curtha ar aghaidh", "הודעה שהועברה", "הודעה מועברת", "转发的邮件", "转发的原邮件", "转发邮件",
        "转发邮件信息", "轉寄郵件", "轉寄的郵件", "已轉寄郵件", "轉發郵件", "转发的消息", "以下是转发的邮件",
      ]
    ),
    (
      .original,
      [
        "original message", "original mail", "original email", "original e-mail", "original appointment",
        "reply message", "replied message", "ursprüngliche nachricht", "urspruengliche nachricht",
        "ursprungliche nachricht", "ursprüngliche mail", "ursprüngliche e-mail", "originalnachricht",
        "original-nachricht", "originalmeddelande", "message d'origine", "message d’origine",
        "message original", "courriel original", "courriel d'origine", "mail original", "mensaje original",
        "correo original", "oorspronklike boodskap", "oorspronklike e-pos", "oorspronkelijk bericht",
        "oorspronkelijke bericht", "oorspronkelijke e-mail", "messaggio originale", "messaggio original",
        "mensagem original", "mesej asal", "pesan asli", "teachtaireacht bhunaidh",
        "an teachtaireacht bhunaidh", "bunteachtaireacht", "הודעה מקורית", "ההודעה המקורית", "原始邮件", "原始郵件",
        "原邮件", "原郵件", "回复的原邮件", "回复的邮件", "原始訊息", "原始消息", "邮件原文", "郵件原文", "原始信息",
      ]
    ),
    (
      .end,
      [
        "end forwarded message", "end of forwarded message", "end of original message",
        "end original message", "ende der weitergeleiteten nachricht", "fin du message transf",
        "fin del mensaje reenviado",
      ]
    ),
  ])

  /// Apple's lines end with a colon and have no rule.
  private static let apple = PhraseTable<Void>(words: [
    "begin forwarded message", "anfang der weitergeleiteten", "beginn der weitergeleiteten",
    "début du message réexpédié", "début du message transféré", "début du courriel transféré",
    "inicio del mensaje reenviado", "begin doorgestuurd bericht", "begin aangestuurde boodskap",
    "inizio messaggio inoltrato", "início da mensagem encaminhada", "início da mensagem reencaminhada",
    "início de mensagem reencaminhada", "开始转发的邮件", "以下是转发的邮件", "下面是被转发的邮件", "開始轉寄郵件", "以下為轉寄郵件", "以下是轉寄郵件",
    "開始轉寄訊息", "תחילת ההודעה שהועברה", "תחילת הודעה שהועברה", "mesej dipanjangkan bermula",
    "mula mesej yang dimajukan", "tús na teachtaireachta",
  ])

  @inline(__always)
  static func marker(_ bytes: [UInt8], _ line: TextLine) -> Marker? {
    guard !line.isBlank else { return nil }
    let first = bytes[line.content.lowerBound]
    let isRule = isRuleByte(first)
    guard isRule || line.endsWithColon || (first | 0x20) == 0x6F else { return nil }
    return marker(bytes, line.content, first, isRule: isRule, endsWithColon: line.endsWithColon)
  }

  static func isRuleByte(_ byte: UInt8) -> Bool {
    byte == ASCII.dash || byte == ASCII.underscore || byte == ASCII.equal || byte == ASCII.star
      || byte == 0xE2
  }

  private static func marker(
    _ bytes: [UInt8], _ content: Range<Int>, _ first: UInt8, isRule: Bool, endsWithColon: Bool
  ) -> Marker? {
    guard content.count >= 8, content.count <= FixedLimit.markerBytes else { return nil }
    let limit = content.upperBound
    guard isRule else {
      if endsWithColon, let (_, end) = apple.match(bytes, at: content.lowerBound, limit: limit),
        limit - end <= 24
      {
        return Marker(forwards: true, source: "apple")
      }
      // BlackBerry's has no rule either, only blanks around it.
      if content.count == 16, hasPrefix("original message", in: bytes, at: content.lowerBound, limit: limit) {
        return Marker(forwards: false, source: "outlook")
      }
      return nil
    }
    var start = content.lowerBound
    var rule = 0
    while start < limit {
      if bytes[start] == first && first != 0xE2 {
        rule += 1
        start += 1
      } else if bytes[start] == 0xE2, start + 2 < limit, bytes[start + 1] == 0x80 || bytes[start + 1] == 0x94
      {
        // Dashes and box-drawing lines; direction marks too.
        rule += LineSplitter.isInvisible(0xE2, bytes[start + 1], bytes[start + 2]) ? 0 : 2
        start += 3
      } else if bytes[start].isBlank || bytes[start] == ASCII.less {
        start += 1
      } else if hasPrefix("&nbsp;", in: bytes, at: start, limit: limit) {
        // QQ writes it into plain text.
        start += 6
      } else {
        break
      }
    }
    guard rule >= 2, start < limit, let (kind, end) = ruled.match(bytes, at: start, limit: limit) else {
      return rule >= 2 && isRuledAttribution(bytes, start..<limit)
        ? Marker(forwards: false, source: "zoho") : nil
    }
    // "-- original message was lost" is a sentence with a bullet: a short rule must close again.
    let closes = isRuleByte(bytes[limit - 1]) || limit - end <= 1
    guard rule >= 4 || closes else { return nil }
    switch kind {
    case .end: return nil
    case .forwarded:
      // Gmail writes ten dashes before and nine or ten after, Thunderbird eight and eight.
      return Marker(forwards: true, source: rule >= 10 ? "gmail" : rule >= 7 ? "thunderbird" : "outlook")
    case .original:
      return Marker(
        forwards: false, source: rule >= 7 && bytes[start - 1].isBlank ? "thunderbird" : "outlook")
    }
  }

  /// "---- On Mon, 03 Aug 2026 17:42:00 +0100 Jane <jane@x> wrote ----"
  private static func isRuledAttribution(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    guard let last = range.last, bytes[last] == ASCII.dash else { return false }
    return bytes[range].contains(ASCII.at) && Attribution.verbs.first(in: bytes, range) != nil
  }

  /// The line by which some clients close a forwarded message.
  static func isEnd(_ bytes: [UInt8], _ line: TextLine) -> Bool {
    let content = line.content
    guard content.count >= 12, content.count <= FixedLimit.markerBytes,
      bytes[content.lowerBound] == ASCII.dash
    else { return false }
    var start = content.lowerBound
    while start < content.upperBound, bytes[start] == ASCII.dash || bytes[start].isBlank { start += 1 }
    return ruled.match(bytes, at: start, limit: content.upperBound)?.value == .end
  }
}

/// A pasted block of From/Sent/To/Subject lines.
enum HeaderBlock {
  enum Label: UInt8, Sendable {
    /// `sent` is a date under a label that only mail clients write; a letter or memo says "Date".
    case from, sent, date, to, cc, subject, other
    var bit: UInt8 { 1 << rawValue }
  }

  private static let labels = PhraseTable<Label>([
    (
      .from,
      [
        "from", "von", "de", "van", "da", "expéditeur", "remitente", "absender", "afzender", "afsender",
        "mittente", "remetente", "daripada", "dari", "ó", "från", "fra", "发件人", "發件人", "寄件者", "寄件人", "发信人",
        "發信人", "מאת", "de la part de", "message de", "e-mail von",
      ]
    ),
    (
      .sent,
      [
        "sent", "sent at", "gesendet", "gesendet am", "envoyé", "envoyé le", "date d'envoi", "enviado",
        "enviado el", "enviado em", "enviada", "enviada em", "gestuur", "gestuur op", "verzonden", "inviato",
        "data invio", "dihantar", "dikirim", "seolta", "arna sheoladh", "skickat", "sendt", "发送时间", "發送時間",
        "传送时间", "傳送時間", "寄件日期", "已发送", "已傳送", "发送日期", "發送日期", "发件时间", "נשלח", "date sent", "sent on",
        "received",
      ]
    ),
    (.date, ["date", "datum", "fecha", "data", "tarikh", "dáta", "日期", "时间", "時間", "תאריך", "tanggal"]),
    (
      .to,
      [
        "to", "an", "à", "para", "aan", "pour", "kepada", "chuig", "till", "til", "destinataire",
        "destinatario", "empfänger", "收件人", "收件者", "收信人", "אל", "ke",
      ]
    ),
    (
      .cc,
      [
        "cc", "kopie", "kopie (cc)", "bcc", "cci", "afskrif", "kopi", "copie", "copie à", "copia", "sk",
        "s.k.", "抄送", "副本", "密件抄送", "密件副本", "עותק", "העתק", "con copia", "cóip",
      ]
    ),
    (
      .subject,
      [
        "subject", "betreff", "objet", "sujet", "asunto", "onderwerp", "oggetto", "assunto", "subjek",
        "perkara", "tajuk", "ábhar", "ämne", "emne", "主题", "主題", "主旨", "标题", "標題", "נושא",
      ]
    ),
    (
      .other,
      [
        "re", "ref", "reply-to", "antwort an", "répondre à", "responder a", "importance", "priority",
        "wichtigkeit", "attachments", "attachment", "anlagen", "bylaes", "importancia", "sensitivity",
        "organisation", "organization", "message-id", "resent-from", "priorité", "pièces jointes", "bijlagen",
        "附件", "重要性", "datos adjuntos", "anexos", "allegati", "user-agent", "reply to", "return-path",
        "mailing list", "mailed-by", "signed-by", "security", "x-mailer",
      ]
    ),
  ])

  /// label ":" value, the label perhaps in asterisks (bold in plain text).
  @inline(__always)
  static func label(_ bytes: [UInt8], _ content: Range<Int>) -> (label: Label, value: Range<Int>)? {
    guard !content.isEmpty else { return nil }
    let first = bytes[content.lowerBound]
    guard first.isLetter || first >= 0x80 || first == ASCII.star || first == 0x7C else { return nil }
    let end = min(content.upperBound, content.lowerBound + FixedLimit.labelBytes)
    guard let colon = colon(bytes, content.lowerBound, end, wide: first >= 0x80 || first == ASCII.star) else {
      return nil
    }
    return label(bytes, content, colon)
  }

  @inline(__always)
  private static func colon(_ bytes: [UInt8], _ start: Int, _ end: Int, wide: Bool) -> Range<Int>? {
    let ascii: Int? = bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let hit = memchr(base + start, 0x3A, end - start) else { return nil }
      return UnsafeRawPointer(hit) - base
    }
    if wide {
      // U+FF1A, as Chinese clients write it.
      var index = start
      let limit = ascii ?? end
      while index + 2 < limit {
        if bytes[index] == 0xEF, bytes[index + 1] == 0xBC, bytes[index + 2] == 0x9A {
          return index..<(index + 3)
        }
        index += 1
      }
    }
    return ascii.map { $0..<($0 + 1) }
  }

  private static func label(_ bytes: [UInt8], _ content: Range<Int>, _ colon: Range<Int>) -> (
    label: Label, value: Range<Int>
  )? {
    var start = content.lowerBound
    // Bold in plain text; the bars and blanks of a drawn table.
    while start < colon.lowerBound, bytes[start] == ASCII.star || bytes[start] == 0x7C || bytes[start].isBlank
    {
      start += 1
    }
    var stop = colon.lowerBound
    while stop > start {
      // French puts a no-break space (U+00A0 or U+202F) or a blank before the colon.
      if bytes[stop - 1].isBlank || bytes[stop - 1] == ASCII.star {
        stop -= 1
      } else if stop - start > 2, bytes[stop - 1] == 0xA0, bytes[stop - 2] == 0xC2 {
        stop -= 2
      } else if stop - start > 3, LineSplitter.isInvisible(bytes[stop - 3], bytes[stop - 2], bytes[stop - 1])
      {
        stop -= 3
      } else {
        break
      }
    }
    var found: Label?
    if stop - start == 1 {
      // Italian; PhraseTable has no single bytes.
      if bytes[start] == 0x41 { found = .to }
    } else if let (label, end) = labels.match(bytes, at: start, limit: stop), end == stop {
      found = label
    }
    guard let found else { return nil }
    var value = colon.upperBound
    while value < content.upperBound, bytes[value] == ASCII.star || bytes[value].isBlank { value += 1 }
    return (found, value..<content.upperBound)
  }

  /// Whether a pasted block starts at this line: From with a date and a subject or recipients close below, or
  /// another label first and From among the next ones. A memo typed by hand looks the same but for its
  /// address and time of day, so one of those or a label of clients' own must be there.
  static func starts(_ bytes: [UInt8], _ lines: [TextLine], _ index: Int) -> Bool {
    guard let first = lines[index].label, first != .cc, first != .other else { return false }
    var seen = first.bit
    var evidence = first == .sent || hasEvidence(bytes, lines[index], first)
    var hasAddress = bytes[lines[index].content.prefix(FixedLimit.attributionBytes)].contains(ASCII.at)
    var cursor = index + 1
    var extra = 0
    let end = min(lines.count, index + FixedLimit.headerBlockSearch)
    while cursor < end {
      let line = lines[cursor]
      if line.isBlank {
        // HTML rendered as paragraphs puts blank lines between the labels.
        if cursor + 1 >= lines.count || lines[cursor + 1].label == nil { break }
      } else if let label = line.label {
        seen |= label.bit
        extra = 0
        evidence = evidence || label == .sent || hasEvidence(bytes, line, label)
        hasAddress = hasAddress || bytes[line.content.prefix(FixedLimit.attributionBytes)].contains(ASCII.at)
      } else {
        // Recipients and subjects are folded over lines.
        extra += 1
        if extra > FixedLimit.foldedLabelLines { break }
      }
      cursor += 1
    }
    let isDated = seen & (Label.date.bit | Label.sent.bit) != 0
    let hasTo = seen & Label.to.bit != 0
    let hasSubject = seen & Label.subject.bit != 0
    guard seen & Label.from.bit != 0, evidence else { return false }
    if first == .from { return isDated && (hasSubject || hasTo) || hasSubject && hasTo }
    // Old Hotmail, GMX and Thunderbird begin with the date or the subject.
    return isDated && (hasSubject || hasTo) && (hasAddress || seen & Label.sent.bit != 0)
  }

  private static func hasEvidence(_ bytes: [UInt8], _ line: TextLine, _ label: Label) -> Bool {
    let content = line.content.prefix(FixedLimit.attributionBytes)
    if bytes[content].contains(ASCII.at) { return true }
    return label == .date && Attribution.hasTime(bytes, content)
  }

  /// Whether lines in an unknown language look like a header block: three of the first six have a colon early on.
  static func looksLikeOne(_ bytes: [UInt8], _ lines: [TextLine], _ index: Int) -> Bool {
    var seen = 0
    var found = 0
    var cursor = index
    while cursor < lines.count, cursor < index + FixedLimit.headerBlockSearch, seen < 6 {
      let content = lines[cursor].content
      cursor += 1
      guard !content.isEmpty else { continue }
      seen += 1
      let head = content.prefix(30)
      let wide = head.contains {
        bytes[$0] == 0xEF && $0 + 2 < content.upperBound && bytes[$0 + 1] == 0xBC && bytes[$0 + 2] == 0x9A
      }
      if bytes[head].contains(ASCII.colon) || wide { found += 1 }
    }
    return found >= 3
  }

  /// A line of ten or more underscores, dashes or equals signs.
  static func isRule(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    guard content.count >= 10, content.count <= FixedLimit.markerBytes else { return false }
    let first = bytes[content.lowerBound]
    guard first == ASCII.underscore || first == ASCII.dash || first == ASCII.equal else { return false }
    return bytes[content].allSatisfy { $0 == first }
  }
}

/// "On … wrote:" and its kin.
enum Attribution {
  enum Opening { case dated, pronoun, quoting }

  /// First words of a line that begins with the date; "Quoting Jane" needs none.
  private static let openings = PhraseTable<Opening>([
    (
      .dated,
      [
        "on ", "am ", "le ", "el ", "op ", "il ", "em ", "il giorno ", "a ", "pada ", "ar ", "at ", "in ",
        "dne ", "den ", "在", "于", "於", "בתאריך", "ב-", "ביום", "dnia ",
      ]
    ),
    (.quoting, ["quoting ", "citando ", "zitat von ", "citaat van "]),
    (
      .pronoun,
      [
        "he ", "she ", "they ", "you ", "i ", "we ", "it ", "who ", "elle ", "ils ", "er ", "sie ", "hy ",
        "sy ", "ella ", "他", "她",
      ]
    ),
  ])

  static let verbs = PhraseTable<Void>(words: [
    "wrote", "writes", "a écrit", "a ecrit", "écrivait", "escribió", "escribio", "escreveu", "ha scritto",
    "schrieb", "schreef", "geskryf", "skryf", "skrev", "写道", "寫道", "写到", "寫到", "menulis", "scríobh",
    "scriobh", "כתב", "כתבה", "כתב/ה", "מאת", "napisał", "написал", "пишет", "har skrivit", "quoting",
    "citando", "zitat von", "schreibt",
  ])

  /// Words that a client never puts between date and name: a sentence of the writer's own.
  private static let prose = PhraseTable<Void>(words: [
    "i ", "the ", "that ", "my ", "he ", "she ", "they ", "which ", "patient", "his ", "her ", "their ",
    "who ", "and then", "je ", "ich ", "dass ", "que ", "ek ", "die pasiënt", "paciente",
  ])

  /// The line that an attribution ending at `index` begins with; nil when none ends here. Above a quote any words
  /// with a writer will do; elsewhere there must be an address or a time of day, and no sentence around.
  static func start(_ bytes: [UInt8], _ lines: [TextLine], endingAt index: Int, aboveQuote: Bool) -> Int? {
    let depth = lines[index].depth
    var start = index
    var found: Int?
    var sight = Sight()
    var length = 0
    while true {
      let content = lines[start].content
      length += content.count
      guard length <= FixedLimit.attributionBytes else { return found }
      sight.add(bytes, content)
      let opening = openings.match(bytes, at: content.lowerBound, limit: content.upperBound)?.value
      let startsWithDigit = bytes[content.lowerBound].isDigit
      if isComplete(sight, opening, startsWithDigit: startsWithDigit, aboveQuote) {
        if opening == .dated || startsWithDigit && sight.hasTime {
          // A name and address before "于 … 写道：" may stand on a line of their own.
          if start > 0, sight.verbIsLast, lines[start - 1].depth == depth, isMailbox(bytes, lines[start - 1])
          {
            return start - 1
          }
          return start
        }
        // A name alone: its date may stand on a line above. A verb or an address alone: its name must.
        found = found ?? start
        if start == index, lacksWriter(bytes, content), start > 0,
          goesOn(bytes, lines, from: start - 1, depth)
        {
          found = start - 1
        }
      }
      guard start > 0, index - start < FixedLimit.attributionLines - 1,
        goesOn(bytes, lines, from: start - 1, depth)
      else { return found }
      start -= 1
    }
  }

  /// Whether the line below may go on with this one's words.
  private static func goesOn(_ bytes: [UInt8], _ lines: [TextLine], from index: Int, _ depth: UInt8) -> Bool {
    let line = lines[index]
    return line.depth == depth && !line.isBlank && !line.endsWithColon && !endsSentence(bytes, line)
  }

  /// Whether a line begins with the verb or with an address in brackets.
  private static func lacksWriter(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    bytes[content.lowerBound] == ASCII.less
      || verbs.match(bytes, at: content.lowerBound, limit: content.upperBound) != nil
  }

  /// What has been seen of an attribution, its lines read upwards.
  private struct Sight {
    var hasVerb = false
    var hasAddress = false
    var hasDigit = false
    var hasTime = false
    var isProse = false
    var verbIsLast = false

    mutating func add(_ bytes: [UInt8], _ content: Range<Int>) {
      let verb = verbs.first(in: bytes, content)
      if !hasVerb, let verb { verbIsLast = content.upperBound - verb.range.upperBound <= 4 && !hasAddress }
      hasVerb = hasVerb || verb != nil
      hasAddress = hasAddress || bytes[content].contains(ASCII.at)
      hasDigit = hasDigit || bytes[content].contains { $0.isDigit }
      hasTime = hasTime || Attribution.hasTime(bytes, content)
      isProse = isProse || prose.first(in: bytes, content) != nil
    }
  }

  /// A line with nothing but a name and an address in angle brackets.
  private static func isMailbox(_ bytes: [UInt8], _ line: TextLine) -> Bool {
    let content = line.content
    return content.count <= 100 && bytes[content].last == ASCII.greater && bytes[content].contains(ASCII.at)
  }

  private static func endsSentence(_ bytes: [UInt8], _ line: TextLine) -> Bool {
    let last = bytes[line.content.upperBound - 1]
    if last == ASCII.question || last == 0x21 { return true }
    // "3. Aug." and "Dr." end no sentence, a longer word does.
    return last == ASCII.dot && line.content.count > 5
      && bytes[(line.content.upperBound - 5)..<(line.content.upperBound - 1)].allSatisfy { $0.isLetter }
  }

  private static func isComplete(
    _ sight: Sight, _ opening: Opening?, startsWithDigit: Bool, _ aboveQuote: Bool
  ) -> Bool {
    switch opening {
    case .pronoun: return false
    case .quoting: return sight.hasAddress || aboveQuote
    case .dated:
      guard sight.hasVerb, sight.hasDigit else { return false }
      return sight.hasAddress || (!sight.isProse && (sight.hasTime || aboveQuote))
    case nil:
      if sight.hasVerb {
        // "Jane Doe <jane@x> wrote:", "Jane Doe/Org wrote on 03/08/2026 17:42:", "Mon, 3 Aug 2026, 17:42 Jane wrote:"
        if sight.hasAddress { return !sight.isProse || aboveQuote }
        return !sight.isProse && (sight.hasTime || aboveQuote)
      }
      // Gmail's neutral form: 2026-08-03 17:42 GMT+01:00 Jane Doe <jane@x>:
      if sight.hasAddress && sight.hasTime && startsWithDigit { return true }
      // A language whose verb is not known.
      return aboveQuote && sight.hasDigit && sight.hasTime && (sight.hasAddress || !sight.isProse)
    }
  }

  /// Whether hours and minutes stand somewhere: "17:42", "17.42", "17h42".
  static func hasTime(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    guard range.count >= 4 else { return false }
    for index in (range.lowerBound + 1)..<(range.upperBound - 2) {
      let byte = bytes[index]
      guard byte == ASCII.colon || byte | 0x20 == 0x68 || byte == ASCII.dot else { continue }
      guard bytes[index - 1].isDigit, bytes[index + 1].isDigit, bytes[index + 2].isDigit else { continue }
      // "3.08.2026" is a date and "1.250" a number: after a dot the two digits end, and nothing dotted goes on.
      if byte == ASCII.dot {
        let next = index + 3 < range.upperBound ? bytes[index + 3] : ASCII.space
        if next.isDigit || next == ASCII.dot || next == ASCII.slash { continue }
        if index - 3 >= range.lowerBound, bytes[index - 3] == ASCII.dot { continue }
      }
      return true
    }
    return false
  }

  /// GroupWise: ">>> Jane Doe <jane@x> 03/08/2026 17:42 >>>", after which nothing is marked.
  static func isChevrons(_ bytes: [UInt8], _ line: TextLine) -> Bool {
    let content = line.content
    guard line.depth == 3, content.count >= 10, content.count <= FixedLimit.attributionBytes else {
      return false
    }
    return bytes[content].suffix(3).allSatisfy { $0 == ASCII.greater }
  }
}
