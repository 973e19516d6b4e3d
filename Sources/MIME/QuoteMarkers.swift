// How mail clients announce somebody else's words: forward markers, header blocks, attributions, signatures.

/// Lines like "---------- Forwarded message ---------" and "-----Original Message-----".
enum ForwardMarkers {
  struct Marker {
    var forwards: Bool
    var source: String
    /// Lines the marker itself takes.
    var lines: Int
  }

  private static let forwarded: [(StaticString, String)] = [
    ("forwarded message", "gmail"), ("weitergeleitete nachricht", "thunderbird"),
    ("weitergeleitete e-mail", "thunderbird"), ("message transféré", "thunderbird"),
    ("message transf", "thunderbird"), ("mensaje reenviado", "thunderbird"),
    ("aangestuurde boodskap", "thunderbird"), ("aangestuurde e-pos", "thunderbird"),
    ("doorgestuurd bericht", "thunderbird"), ("messaggio inoltrato", "thunderbird"),
    ("mensagem encaminhada", "thunderbird"), ("forwarded by", "outlook"), ("forwarded mail", "outlook"),
    ("forwarded email", "outlook"), ("forward message", "outlook"), ("message d'origine transf", "outlook"),
  ]
  private static let original: [StaticString] = [
    "original message", "original email", "original e-mail", "original appointment",
    "ursprüngliche nachricht",
    "ursprungliche nachricht", "ursprüngliche mail", "originalnachricht", "original-nachricht",
    "message d'origine",
    "message d’origine", "message original", "mensaje original", "oorspronklike boodskap",
    "oorspronklike e-pos",
    "oorspronkelijk bericht", "messaggio originale", "messaggio original", "mensagem original",
    "reply message",
  ]
  private static let apple: [StaticString] = [
    "begin forwarded message", "anfang der weitergeleiteten", "début du message réexpédié",
    "début du message transféré", "inicio del mensaje reenviado", "begin doorgestuurd bericht",
    "begin aangestuurde boodskap", "inizio messaggio inoltrato",
  ]

  static func marker(_ bytes: [UInt8], _ lines: [TextLine], _ index: Int) -> Marker? {
    let content = lines[index].content
    guard content.count >= 12, content.count < 120 else { return nil }
    let first = bytes[content.lowerBound]
    if first.isLetter || first >= 0x80 {
      guard bytes[content.upperBound - 1] == ASCII.colon else { return nil }
      for phrase in apple
      where hasPrefix(phrase, in: bytes, at: content.lowerBound, limit: content.upperBound) {
        return Marker(forwards: true, source: "apple", lines: 1)
      }
      return nil
    }
    guard first == ASCII.dash || first == ASCII.underscore || first == ASCII.equal || first == ASCII.star
    else {
      return nil
    }
    var start = content.lowerBound
    while start < content.upperBound, bytes[start] == first || bytes[start].isBlank { start += 1 }
    let dashes = start - content.lowerBound
    guard dashes >= 2, start < content.upperBound else { return nil }
    for (phrase, source) in forwarded where hasPrefix(phrase, in: bytes, at: start, limit: content.upperBound)
    {
      // Gmail writes ten dashes before and nine or ten after, Thunderbird eight and eight.
      let isThunderbird = source == "gmail" && dashes <= 9
      return Marker(forwards: true, source: isThunderbird ? "thunderbird" : source, lines: 1)
    }
    for phrase in original where hasPrefix(phrase, in: bytes, at: start, limit: content.upperBound) {
      let isThunderbird = dashes >= 8 && bytes[start - 1].isBlank
      return Marker(forwards: false, source: isThunderbird ? "thunderbird" : "outlook", lines: 1)
    }
    return nil
  }
}

/// A pasted block of From/Sent/To/Subject lines.
enum HeaderBlock {
  enum Label: Sendable { case from, date, to, cc, subject, replyTo }

  private static let labels: [(StaticString, Label)] = [
    ("from", .from), ("von", .from), ("de", .from), ("van", .from), ("da", .from), ("expéditeur", .from),
    ("sent", .date), ("date", .date), ("gesendet", .date), ("gesendet am", .date), ("datum", .date),
    ("envoyé", .date), ("envoyé le", .date), ("enviado", .date), ("enviado el", .date), ("fecha", .date),
    ("gestuur", .date), ("verzonden", .date), ("data", .date), ("inviato", .date), ("sent at", .date),
    ("to", .to), ("an", .to), ("à", .to), ("a", .to), ("para", .to), ("aan", .to), ("pour", .to),
    ("cc", .cc), ("kopie", .cc), ("kopie (cc)", .cc), ("bcc", .cc), ("cci", .cc), ("afskrif", .cc),
    ("subject", .subject), ("betreff", .subject), ("objet", .subject), ("asunto", .subject),
    ("onderwerp", .subject), ("oggetto", .subject), ("assunto", .subject), ("reply-to", .replyTo),
    ("antwort an", .replyTo), ("répondre à", .replyTo), ("responder a", .replyTo), ("importance", .cc),
    ("priority", .cc), ("wichtigkeit", .cc), ("attachments", .cc), ("anlagen", .cc),
  ]

  /// label ":" value, the label perhaps in asterisks (bold in plain text).
  static func label(_ bytes: [UInt8], _ content: Range<Int>) -> (label: Label, value: Range<Int>)? {
    var start = content.lowerBound
    let end = min(content.upperBound, content.lowerBound + 40)
    while start < end, bytes[start] == ASCII.star || bytes[start] == ASCII.greater || bytes[start].isBlank {
      start += 1
    }
    guard let colon = bytes[start..<end].firstIndex(of: ASCII.colon), colon > start else { return nil }
    var stop = colon
    // French puts a no-break space (two bytes) or a blank before the colon.
    while stop > start,
      bytes[stop - 1].isBlank || bytes[stop - 1] == ASCII.star
        || (bytes[stop - 1] == 0xA0 && stop - 2 >= start && bytes[stop - 2] == 0xC2)
        || (bytes[stop - 1] == 0xC2)
    {
      stop -= 1
    }
    for (word, label) in labels
    where word.utf8CodeUnitCount == stop - start && hasPrefix(word, in: bytes, at: start, limit: stop) {
      var valueStart = colon + 1
      while valueStart < content.upperBound, bytes[valueStart] == ASCII.star || bytes[valueStart].isBlank {
        valueStart += 1
      }
      return (label, valueStart..<max(valueStart, content.upperBound))
    }
    return nil
  }

  /// Whether a pasted block starts here: a From line with a date and a subject or recipients close below, or
  /// Outlook's rule of underscores before one.
  static func starts(_ bytes: [UInt8], _ lines: [TextLine], _ index: Int) -> Bool {
    var start = index
    let content = lines[index].content
    if content.count >= 10, bytes[content].allSatisfy({ $0 == ASCII.underscore || $0 == ASCII.dash }) {
      start = index + 1
      while start < lines.count, start < index + 3, lines[start].isBlank { start += 1 }
      guard start < lines.count else { return false }
    }
    guard let first = label(bytes, lines[start].content), first.label == .from, !first.value.isEmpty else {
      return false
    }
    var seen: Set<Label> = []
    var cursor = start + 1
    while cursor < lines.count, cursor < start + 12 {
      if lines[cursor].isBlank {
        // HTML rendered as paragraphs puts blank lines between the labels.
        if cursor + 1 < lines.count, label(bytes, lines[cursor + 1].content) == nil { break }
      } else if let found = label(bytes, lines[cursor].content) {
        seen.insert(found.label)
      }
      cursor += 1
    }
    return seen.contains(.date) && (seen.contains(.subject) || seen.contains(.to))
      || seen.contains(.subject) && seen.contains(.to)
  }
}

/// "On … wrote:" and its kin.
enum Attribution {
  private static let openings: [StaticString] = [
    "on ", "am ", "le ", "el ", "op ", "il ", "em ", "il giorno ",
  ]
  private static let endings: [StaticString] = [
    "wrote:", "wrote :", "a écrit :", "a écrit :", "a écrit:", "escribió:", "escreveu:", "schreef:",
    "geskryf:",
    "ha scritto:", "writes:", "said:", "schrieb:", "wrote :-",
  ]

  /// How many lines the attribution takes, when one begins here.
  static func length(_ bytes: [UInt8], _ lines: [TextLine], _ index: Int) -> Int? {
    var sawDigit = false
    var isSchrieb = false
    let first = lines[index].content
    guard !first.isEmpty else { return nil }
    let opens = openings.contains { hasPrefix($0, in: bytes, at: first.lowerBound, limit: first.upperBound) }
    let limit = opens ? FixedLimit.attributionLines : 1
    for offset in 0..<limit {
      guard index + offset < lines.count else { return nil }
      let line = lines[index + offset]
      guard !line.isBlank, line.depth == lines[index].depth, line.content.count < 400 else { return nil }
      for position in line.content {
        if bytes[position].isDigit { sawDigit = true }
        if opens, bytes[position].lowered == 0x73,
          hasPrefix("schrieb", in: bytes, at: position, limit: line.content.upperBound)
        {
          isSchrieb = true
        }
      }
      guard bytes[line.content.upperBound - 1] == ASCII.colon else { continue }
      let ends = endings.contains { ending in
        let start = line.content.upperBound - ending.utf8CodeUnitCount
        return start >= line.content.lowerBound
          && hasPrefix(ending, in: bytes, at: start, limit: line.content.upperBound)
      }
      if ends || isSchrieb {
        if opens, sawDigit { return offset + 1 }
        // "Jane Doe <jane@example.com> wrote:" has no date; it needs the address.
        if bytes[line.content].contains(ASCII.at) { return offset + 1 }
        // "Jane Doe wrote:" counts only straight above a quote.
        if offset == 0, index + 1 < lines.count, lines[index + 1].depth > line.depth { return 1 }
        return nil
      }
    }
    return nil
  }
}

enum Signatures {
  private static let appLines: [StaticString] = [
    "sent from my ", "sent from mail for windows", "sent from outlook", "sent from yahoo",
    "sent from samsung",
    "sent via ", "sent with ", "sent using ", "get outlook for ", "sent from proton", "sent from a mobile",
    "von meinem ", "gesendet von ", "gesendet mit ", "diese nachricht wurde von meinem", "envoyé de mon ",
    "envoyé depuis ", "envoyé à partir de", "télécharger outlook", "enviado desde mi ", "enviado desde ",
    "enviado do meu ", "obtener outlook", "gestuur vanaf my ", "gestuur van my ", "verstuurd vanaf mijn ",
    "verzonden vanaf mijn ", "inviato da ", "outlook für ",
  ]

  /// A line that a phone or a client adds below.
  static func isAppLine(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    guard content.count >= 10, content.count <= 90 else { return false }
    var start = content.lowerBound
    while start < content.upperBound,
      bytes[start] == 0x5F || bytes[start] == ASCII.star || bytes[start] == ASCII.dash
    {
      start += 1
    }
    return appLines.contains { hasPrefix($0, in: bytes, at: start, limit: content.upperBound) }
  }
}

enum Disclaimers {
  private static let openings: [StaticString] = [
    "this email and any", "this e-mail and any", "this message and any", "this communication and any",
    "this email (including", "this e-mail (including", "this message (including",
    "this email is confidential",
    "this e-mail is confidential", "this message is confidential", "this email may contain",
    "this e-mail may contain", "this message may contain", "this email contains confidential",
    "this message contains confidential", "this e-mail contains confidential", "this email message",
    "this electronic message", "this transmission", "this email is intended", "this e-mail is intended",
    "this message is intended", "the information contained in this", "the information in this e",
    "the contents of this e", "the content of this e", "if you are not the intended recipient",
    "if you have received this e", "if you received this e", "if you have received this message in error",
    "please consider the environment", "confidentiality notice", "confidentiality:", "disclaimer:",
    "disclaimer",
    "legal notice", "important notice: this", "privileged and confidential", "notice: this e",
    "diese e-mail enthält", "diese e-mail und", "diese nachricht enthält", "diese nachricht ist vertraulich",
    "der inhalt dieser e-mail", "ce message et ", "ce courriel et ", "ce message est confidentiel",
    "ce courriel est confidentiel", "ce message, ", "este mensaje y ", "este mensaje es confidencial",
    "este mensaje puede contener", "este correo electrónico", "este mensaje contiene", "aviso legal",
    "hierdie e-pos", "hierdie boodskap", "vrywaring", "dit e-mailbericht",
  ]
  private static let headings: [StaticString] = [
    "confidentiality notice", "disclaimer:", "legal notice", "aviso legal",
  ]

  /// Whether a line begins a legal notice rather than a sentence of the writer's.
  static func starts(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    var start = content.lowerBound
    while start < content.upperBound,
      bytes[start] == ASCII.star || bytes[start] == ASCII.dash || bytes[start].isBlank
        || bytes[start] == ASCII.underscore
    {
      start += 1
    }
    return openings.contains { opening in
      guard hasPrefix(opening, in: bytes, at: start, limit: content.upperBound) else { return false }
      // The lone word is a heading; "disclaimer on page 3" is a sentence.
      return opening.utf8CodeUnitCount != 10 || content.upperBound - start <= 12
    }
  }

  static func isHeading(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    headings.contains { hasPrefix($0, in: bytes, at: content.lowerBound, limit: content.upperBound) }
  }
}
