// Cues that need an object: bad service, errors, charges, refusals. About the organisation they count in
// full, about a patient, a regulator or an employer hardly at all.

enum GrievanceCues {
  static let all: [Cue] = quality + errors + money + refusal + technical + unfair

  private static let quality: [Cue] = [
    Cue("quality.poor", .grievance, 2.3, ["<poor>"]),
    Cue(
      "quality.tone", .grievance, 2.2,
      [
        "<tone>", "spoke|spoken|talked to me as|like", "put ~2 phone down", "hung up", "hung up on",
        "made me cry", "had other calls", "raised ~2 voice", "cut me off", "no empathy", "no compassion",
        "short|sharp|off_hand|offhand|brusque with me|us",
      ]
    )
    .leaf("service.staff_conduct", 2.0),
    Cue("quality.upset", .grievance, 2.0, ["<upset>"]),
    Cue(
      "quality.delay", .grievance, 2.0,
      [
        "delay", "delays", "delayed", "late", "slow", "slowness", "overdue",
        "unable to get through|reach|speak", "could not get through", "couldnt get through",
        "cannot get through", "cant get through", "no progress", "dragging on", "dragged on", "dragged",
      ]
    ).leaf("service.delay_no_response", 0.8),
    Cue(
      "quality.failed", .grievance, 1.7,
      [
        "failed|failing", "failure|failures", "neglect|neglected|negligent|negligence", "mishandl*",
        "mismanage*", "incompeten*", "ignored", "refused to", "missed ~3 deadline|date|appointment",
        "careless*", "sloppy", "ineffic*", "inept", "mess", "fiasco", "debacle", "not fit for purpose",
        "unfit for purpose", "broken",
      ]
    ),
  ]

  private static let errors: [Cue] = [
    Cue(
      "errors.wrong", .grievance, 1.9,
      [
        """
        wrong ~1 name|address|title|amount|date|person|doctor|dentist|details|specialty|grade|form|team|\
        file|account|department|way|advice|information|letter|surname|figure|figures|certificate|number|\
        sum
        """,
        "<n> letters|emails|figures|answers|versions|amounts",
        "incorrect|incorrectly|inaccurate|erroneous|erroneously",
        "mistake|mistakes|error|errors|muddle|muddled|mix_up|mixup|mixed_up|confusion",
        "addressed to", "misspelt|misspelled|mis spelt", "which is it", "date ~3 wrong",
        "is|was|are|were|still wrong", "out of date", "went to ~2 wrong",
        "not what i ~2 said|asked|wanted|agreed|ordered",
        "says one thing", "should not have been", "should have been|told|had|sent|received",
        "omitted|omission|omissions|overlooked", "missing",
      ]),
    Cue(
      "errors.disclosed", .grievance, 3.0,
      [
        """
        sent|emailed|forwarded|disclosed|posted|copied|gave|given|shared|passed|leaked|released ~8 \
        another|other|wrong|different|unrelated ~1 doctor|member|person|patient|address|colleague|\
        dentist|practice|people|party|recipient|consultant
        """,
        """
        another|other|different|wrong|someone|somebody ~2 \
        doctors|members|delegates|persons|patients|colleagues|elses|dentists ~4 \
        details|address|file|name|notes|records|papers|case|letter|information|documents|email
        """,
        """
        file|papers|details|letter|notes|records ~2 of|about|belonging ~2 colleague|another|someone|\
        somebody|stranger
        """,
        "data breach", "breach of ~2 confidentiality|data|privacy|gdpr|trust",
        "breached ~2 confidentiality|privacy|data|gdpr",
        "told ~1 my|our ~1 employer|partner|wife|husband|practice|trust|colleagues|boss",
        "without ~2 consent|redaction|redacting", "blacked out", "redacted",
        "confidential ~5 someone|wrong|another|others|everyone|public",
        "opted out", "unsubscribed ~5 still|times|again|keep", "cc|copied everyone|all|others|dozens",
        "my ~3 data|details|information ~3 shared|disclosed|sold|leaked|lost|passed",
      ]
    ).leaf("data_digital.data_protection", 3.0),
  ]

  private static let money: [Cue] = [
    Cue(
      "money.charged", .grievance, 2.3,
      [
        """
        debited|charged|billed|taken|paid|invoiced|collected ~4 twice|again|double|wrong|wrongly|\
        incorrectly|early|late
        """,
        "<n> collections|debits|payments|withdrawals|charges",
        "double|duplicate charge|charged|payment|billing|debit|debited",
        "overcharg*", "still ~4 charged|charging|taking|leaves|leaving|collecting|debited|paying|deducted",
        "money ~3 leaves|leaving|taken|gone|out", "went out ~3 not|instead|early|wrong",
        "took|taken|taking ~3 money|payment ~3 without|twice|after|despite|from",
        "arrears", "bailiff*|debt_collect*", "threatening ~2 letter",
        "paid ~3 but|yet|and ~4 chas*|arrears|demand|letter|reminder|owe*", "wrong amount",
        "says ~2 owe|owing|overdue", "not|never ~3 refunded|reimbursed|repaid|credited",
        "refund ~6 not|never|still|nowhere|shortly|late|missing|months|weeks", "no refund",
        "lapsed ~2 me|my|without|membership",
      ]),
    Cue(
      "money.price", .grievance, 2.0,
      [
        """
        increase|increased|rise|risen|rose|hike|jump|jumped|gone_up|went_up|up_by ~6 %|third|half|\
        double|quarter|explanation|unfair|reason|justif*|notice
        """,
        "up by ~2 third|quarter|half|#", "doubled|tripled|trebled", "priced out",
        "extortionate|exorbitant|excessive|unaffordable|astronomical",
        "no explanation", "pay ~4 more than", "less than me|i|mine",
        "why|how ~5 full_time|so_much|the_same|go_up|increase*",
        "paying ~2 over|nearly|far|too|double|full|for", "nothing ~3 has changed",
        "daylight_robbery|ripped_off|rip_off",
        "colleagues ~6 pay|pays|paying ~2 less|half|fraction", "value for money", "not worth",
        "steep|hefty ~2 increase|rise",
      ]),
  ]

  private static let refusal: [Cue] = [
    Cue(
      "refusal.declined", .grievance, 2.3,
      [
        """
        refus*|declin*|reject*|denied|withdr*|turned|terminated|withheld ~4 help|assist*|support|\
        indemn*|cover|represent*|me|my|us|claim|application|request|down|discretion
        """,
        "not|wont|wouldnt|refuse* ~2 assist|indemnify|represent|defend|cover|fund|support me|us",
        "on ~2 technicality", "discretion*",
        "your|the decision ~2 to|not|letter|is|was ~4 not|refuse|decline|withdraw|wrong|unfair|withdrawn",
        "when i ~2 needed ~2 you|help|it|most", "one|a late form|notice|notification", "withdrew|withdrawn",
        "pulled ~2 support|out", "no cover|indemnity|support|help|protection",
        "without ~1 cover|indemnity|protection|support|representation",
        "left ~3 uninsured|uncovered|unprotected|unindemnified", "not covered",
      ]),
    Cue(
      "refusal.rule", .grievance, 1.7,
      [
        "pay|paying ~6 retire|retired|retirement|stops|stopped|stop ~2 practising",
        "run_off|runoff ~6 pay|cost|charge|fee|unfair|why",
        "should_be|have_been_covered|included|protected|eligible",
        "exclusion|exclusions|exclude|excludes|excluded|excluding", "small print",
        "worthless", "how it|that|this ~1 right that", "makes no sense",
        "arbitrary|illogical|nonsensical|outdated|absurd", "penalis*|punish*", "one rule for",
      ]),
  ]

  private static let technical: [Cue] = [
    Cue(
      "technical.site", .grievance, 2.0,
      [
        """
        portal|website|site|page|app|platform|system|login|link|password|account|form|upload|module ~5 \
        not|never|wont|doesnt|cannot|cant|down|crash*|broken|lost|logs|logged|fail*|error|errors|froze|\
        freezes|frozen|stuck|locked|useless|impossible|timed|hangs|blank|out|rejects|rejected
        """,
        "locked|locks|logged|logs|kicked|throws ~1 me out", "locked out",
        "lost everything|all|what|my ~2 typed|entered|written|answers|work|progress",
        """
        cannot|cant|unable|couldnt|wont ~2 log|logon|login|sign|access|download|upload|open|register|\
        reset ~1 in|on|my|the|it|to|online|portal
        """,
        "error message", "no reset|activation ~1 email|mail|link", "page not found",
        "typed ~6 again|times|twice", "every time i press|click|try|log",
      ]
    ).leaf("data_digital.website_app", 2.0),
    Cue(
      "technical.event", .grievance, 1.9,
      [
        """
        workshop|course|webinar|seminar|training|lecture|session|event|conference ~6 cancelled|\
        postponed|moved|poor|waste|dropped|sales|disappoint*|late|wrong|froze|full|inaudible|out_of_date
        """,
        "cancelled ~2 night|day|at|without|short|last|again", "locked door",
        "no|never|without ~3 certificate|cpd|slides|handouts|joining", "sales pitch",
        "certificate ~6 never|not|still|wrong|missing|yet|says",
        "travelled|drove|flew|train|day|days leave ~10 cancelled|moved|nobody|locked|closed|online|empty",
      ]
    ).leaf("education.courses_events", 1.2),
  ]

  private static let unfair: [Cue] = [
    Cue(
      "unfair.discrimination", .grievance, 2.6,
      [
        "discriminat*", "racist|racism|sexist|sexism|homophobic|ageist|islamophobic|antisemitic", "my accent",
        "my ~1 race|religion|ethnicity|disability|age|gender|nationality|colour",
        "people ~3 from my part|country|background",
        """
        because|as ~2 i|im ~1 am ~2 foreign|overseas|woman|black|asian|african|older|disabled|muslim|\
        gay|indian|nigerian
        """,
        "people like me|you",
      ]
    ).leaf("service.staff_conduct", 2.0),
    Cue(
      "unfair.misled", .grievance, 2.3,
      [
        "mislead*|misled", "lied|lying|lies|liar|liars", "dishonest*", "deceiv*|decept*", "false|untrue",
        "misinform*", "misrepresent*", "mis_sold|missold|missell*", "bad faith",
        "broken ~2 promise", "conflict of interest",
      ]),
    Cue(
      "unfair.vulnerable", .grievance, 2.6,
      [
        """
        told ~6 stroke|breakdown|illness|cancer|bereavement|death|disability|deaf|blind|dyslexi*|\
        depression|husband|wife ~10 still|kept|keep|and|yet|since
        """,
        "large_print|braille|hearing_loop|interpreter|translator|sign_language", "reasonable adjustment*",
        "died ~8 still|billed|letter|addressed|charged|card|call*",
        "cant|cannot|can_not follow|read|hear|use|manage telephone|phone|calls|screen|small|print|online",
      ]
    ).leaf("access.vulnerability_adjustment", 2.0),
  ]
}
