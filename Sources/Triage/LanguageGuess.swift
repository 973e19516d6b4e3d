// The language of a text, by its script and its commonest small words.

enum LanguageGuess {
  /// ISO 639-1, or `und` where too few words tell.
  static func language(of text: Words) -> String {
    var scripts: [String: Int] = [:]
    var scores: [String: Int] = [:]
    let byWord = text.vocabulary.map { word in (script(of: word), languages[word] ?? []) }
    for word in text.words {
      let (script, small) = byWord[word.id]
      if let script { scripts[script, default: 0] += 1 }
      for language in small { scores[language, default: 0] += 1 }
    }
    let total = max(1, text.words.count)
    for script in ["zh", "ja", "ko", "he", "ar", "ru", "el", "th", "hi"]
    where (scripts[script] ?? 0) * 10 > total * 3 {
      // Kana among Han characters is Japanese.
      return script == "zh" && (scripts["ja"] ?? 0) * 5 > scripts["zh"] ?? 0 ? "ja" : script
    }
    let ranked = scores.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    guard let best = ranked.first, best.value >= 2 else { return "und" }
    // Small words that languages share must not outweigh English where it is the sender's.
    if let english = scores["en"], english * 10 >= best.value * 8 { return "en" }
    if best.key == "en" { return "en" }
    // Other languages' small words turn up among names and figures by chance; English prose would show its
    // own.
    let isEnough = best.value * 5 >= total || (best.value >= 5 && best.value * 8 >= total)
    return isEnough && best.value >= 2 * (scores["en"] ?? 0) ? best.key : "und"
  }

  /// Whether a text in no known language is likely prose: many words beyond ASCII, or hardly a small word of
  /// English though it has other languages' ones.
  static func looksForeign(_ text: Words) -> Bool {
    var beyond = 0
    var english = 0
    var other = 0
    for word in text.words {
      let value = text.vocabulary[word.id]
      if value.utf8.contains(where: { $0 >= 0x80 }) { beyond += 1 }
      let small = languages[value] ?? []
      if small.contains("en") { english += 1 } else if !small.isEmpty { other += 1 }
    }
    return beyond * 5 >= text.words.count || (other >= 4 && english * 3 < other)
  }

  private static func script(of word: String) -> String? {
    guard let scalar = word.unicodeScalars.first?.value, scalar >= 0x370 else { return nil }
    switch scalar {
    case 0x370...0x3FF: return "el"
    case 0x400...0x52F: return "ru"
    case 0x590...0x5FF: return "he"
    case 0x600...0x6FF: return "ar"
    case 0x900...0x97F: return "hi"
    case 0xE00...0xE7F: return "th"
    case 0x3040...0x30FF: return "ja"
    case 0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: return "zh"
    case 0xAC00...0xD7AF: return "ko"
    default: return nil
    }
  }

  private static let small: [(String, String)] = [
    (
      "en",
      """
      the and of to a in is that for it with as was on be by this have from not are but at which you your \
      my we had \
      been has there their will would what i an or if they me our
      """
    ),
    (
      "af",
      """
      die en van het ek is nie vir met wat my om dit aan nou nog julle hierdie ons was sal baie al geen \
      niemand asseblief \
      daar jy op maar se ook word hierdie kan goeie dag groete dankie graag ek my hulle
      """
    ),
    (
      "nl",
      "de het een en van ik niet dat zijn op voor met uw bij maar heb deze geen naar wij ook wordt aan nog u"
    ),
    (
      "fr",
      """
      le la les des une et je vous ne pas que pour dans est sur votre mon ma mes avec ce cette de du en au \
      qui nous au \
      suis ai sans depuis plus bonjour cordialement merci reponse monsieur madame il elle sont par sur
      """
    ),
    (
      "es",
      """
      el la los las una y yo que no para en es su con mi por de del al se he lo como esta este han sin \
      desde mas pero me un mi nadie tengo llevo estoy respuesta gracias buenos buenas dias saludo esto \
      muy porque cuando
      """
    ),
    (
      "de",
      """
      der die das und ich nicht sie ein eine ist zu mit fur auf den von bitte habe mein meine ihr ihre wir \
      dass seit \
      noch keine im dem es auch sehr geehrte damen herren danke antwort wochen mich mir um als aber oder
      """
    ),
    ("pt", "os uma eu que nao para em com meu minha por da ao foi mas seu sua ate ja voces estou"),
    (
      "it",
      "il gli una io che non per di del della con mio mia sono ho si da al ma come nel vostro questa"
    ),
    (
      "ms",
      """
      yang dan saya tidak untuk dengan ini itu telah dari pada adalah kepada akan ada belum anda kami \
      di ke sudah terima kasih encik puan pihak borang bulan sehingga ialah boleh sekarang jawapan
      """
    ),
    (
      "ga",
      """
      agus an na ar is le mo go bhfuil ni nil se si mar ata do chun gan leis faoi ach bhi raibh ta sin seo siad sibh \
      muid agam agat againn agaibh acu dom duit duinn daoibh liom leat linn orm ort orainn oraibh uaim uait uaibh \
      chugam chugat chuig chuir as aon gach nach nior ba maith mhaith chara chairde mise meas anois fos nilim taim cad \
      conas cen tar eis roimh idir idtaobh cheist litir freagra fhreagra buiochas
      """
    ),
    ("cy", "yn y yr a i ar gan wedi fy eich mae ddim nid ac am ond hyn"),
    ("pl", "i nie sie w na z do jest ze to o od mam moj przez bardzo"),
  ]

  private static let languages: [String: [String]] = small.reduce(into: [:]) { table, line in
    for word in Set(line.1.split(separator: " ").map(String.init)) { table[word, default: []].append(line.0) }
  }
}
