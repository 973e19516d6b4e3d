// Classes of words that patterns name: who, how often, how long, contact made, contact missing.

enum WordClasses {
  /// The words of a class, stems with `*`; `#` stands for figures. Nil for an unknown class.
  static func words(_ name: String) -> Set<String>? { table[name] }

  private static let table: [String: Set<String>] = lines.reduce(into: [:]) { table, line in
    table[line.0] = Set(line.1.split(separator: " ").map(String.init))
  }

  private static let lines: [(String, String)] = [
    (
      "<not>",
      """
      no not never dont doesnt didnt havent hasnt hadnt isnt arent wasnt werent wont wouldnt cant cannot \
      couldnt \
      shouldnt nobody noone nothing none neither nor without hardly barely
      """
    ),
    ("<havent>", "havent hasnt hadnt not never didnt dont doesnt cannot cant yet still"),
    ("<nobody>", "nobody noone none"),
    (
      "<n>",
      """
      # two three four five six seven eight nine ten eleven twelve fourteen fifteen eighteen twenty thirty \
      forty \
      several many multiple numerous countless umpteen few dozen couple various
      """
    ),
    (
      "<ordinal>", "third 3rd fourth 4th fifth 5th sixth 6th seventh 7th eighth 8th ninth tenth umpteenth nth"
    ),
    (
      "<unit>",
      """
      day days week weeks month months year years hour hours hrs minute minutes mins fortnight fortnights \
      wks mths \
      yrs
      """
    ),
    ("<reply>", "reply replies response responses answer answers acknowledgement acknowledgment callback"),
    (
      "<message>",
      """
      email emails mail mails message messages letter letters call calls voicemail voicemails voicemessage \
      form forms \
      request requests query queries enquiry enquiries question questions reminder reminders correspondence \
      note \
      claim application complaint complaints documents report
      """
    ),
    (
      "<contacted>",
      """
      emailed written wrote rang rung called phoned telephoned asked chased tried contacted messaged \
      reported \
      requested sent resent submitted explained told complained faxed texted completed applied raised
      """
    ),
    (
      "<answers>",
      """
      reply replied replies replying respond responds responded responding answer answers answered rang \
      rings ring \
      call called calls phone phoned phones telephoned contact contacted contacts come came comes get got \
      returned \
      returns return told tells tell explained explain explains bothered bother seems seem knows \
      acknowledged \
      acknowledge listened listens cares cared mentioned thought warned informed offered apologised picks \
      picked \
      helped spoken
      """
    ),
    ("<we>", "you youve youd your"),
    (
      "<person>",
      """
      adviser advisers advisor advisors handler handlers agent agents colleague colleagues operator manager \
      managers \
      representative solicitor solicitors lawyer lawyers barrister counsel team teams staff department \
      office line \
      helpline desk expert secretary receptionist
      """
    ),
    (
      "<patient>",
      """
      patient patients patients' daughter daughters son sons husband wife widow widower mother father family \
      relative relatives parent parents sister brother carer client clients
      """
    ),
    (
      "<authority>",
      """
      gmc gdc cqc hpcsa nmc coroner police council trust hospital employer board regulator tribunal \
      university \
      deanery
      """
    ),
    (
      "<month>",
      """
      january february march april may june july august september october november december jan feb mar apr \
      jun jul \
      aug sept sep oct nov dec easter christmas spring summer autumn winter monday tuesday wednesday \
      thursday friday \
      weekend
      """
    ),
    (
      "<poor>",
      """
      unacceptable inexcusable unprofessional disgraceful shambles shambolic farce farcical appalling \
      appallingly \
      dreadful abysmal woeful atrocious pathetic useless hopeless incompetent incompetence inadequate \
      substandard \
      shoddy terrible terribly awful shocking shockingly outrageous scandalous extortionate unhelpful \
      obstructive \
      poor poorly disgusting deplorable lamentable disrespectful unreasonable unfair unfairly unjust \
      ridiculous \
      absurd shameful chaotic worthless
      """
    ),
    (
      "<tone>",
      """
      rude rudely rudeness dismissive dismissively patronising patronised condescending arrogant aggressive \
      curt \
      abrupt brusque insensitive sneering sarcastic hostile bullied belittled sighed laughed shouted \
      snapped hung \
      scoffed mocked
      """
    ),
    (
      "<upset>",
      """
      frustrated frustrating frustration exasperated exasperating infuriated infuriating annoyed annoying \
      irritated \
      angry furious livid fuming disgusted appalled outraged shocked dismayed upset distressed distressing \
      offended \
      insulted insulting humiliated humiliating aggrieved disappointed disappointing disappointment \
      dissatisfied \
      dissatisfaction unhappy displeased embarrassed embarrassing astonished staggered alarmed perplexed \
      baffled \
      bewildered worried anxious unimpressed underwhelmed
      """
    ),
    (
      "<praise>",
      """
      congratulations brilliant wonderful marvellous great fantastic superb splendid excellent lovely \
      impressive \
      bravo charming delightful terrific stellar outstanding
      """
    ),
    (
      "<help>",
      """
      help advice guidance assistance support representation indemnity thoughts time kindness efforts work \
      patience expertise consideration attention reply response email understanding views opinion input \
      feedback \
      information
      """
    ),
    ("<please>", "can could would will may might if whether should"),
  ]
}
