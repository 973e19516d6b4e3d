// Cues for the flags: what a person should see at once, whatever the band.

enum FlagCues {
  static let all: [Cue] = [
    .flag(
      .safety, "flag.safety",
      [
        "suicid*", "kill|killing|killed myself", "end my life", "end it all", "take my own life",
        "taking my own life", "self harm", "harm|hurt|hurting myself", "not want to be here|alive",
        "no reason to live", "better off dead|without me",
        "cannot|cant|dont want to ~2 go on|live|carry on|be here", "want to die",
        "kill|hurt you|him|her|them", "unsafe", "in danger", "life is ~2 worth|over",
      ]),
    .flag(
      .vulnerabilityHealth, "flag.health",
      [
        "depress*", "anxiety", "breakdown", "mental health", "panic attack*", "stroke", "cancer",
        "chemotherapy", "my ~2 illness|disability|condition|health|diagnosis|surgery|operation",
        "i ~2 am|have been|was|im ~2 ill|unwell|sick|disabled|deaf|blind|autistic",
        "dyslexi*|autis*|adhd|parkinsons|dementia|epilep*",
        "signed_off|sick_leave|long_term_sick|burnout|burnt_out", "not sleeping|slept|sleeping",
        "in hospital", "hearing_loss|impair*|visually_impaired|partially_sighted|wheelchair", "ptsd|bipolar",
        "counselling|therapist|psychiatrist|antidepressant*",
      ]),
    .flag(
      .vulnerabilityLifeEvent, "flag.life_event",
      [
        "bereave*",
        """
        my ~2 husband|wife|father|mother|son|daughter|partner|brother|sister|child ~3 died|death|\
        passed_away|dying|funeral|ill|hospital
        """,
        "widow|widower|widowed", "he|she died", "divorc*|separated|separation",
        "redundan*|lost_my_job|unemploy*|made_redundant", "maternity|pregnan*|miscarr*|stillb*",
        "caring for|carer for", "domestic abuse|violence", "late husband|wife|partner|father|mother",
        "retired|retirement ~3 ill|health",
      ]),
    .flag(
      .vulnerabilityResilience, "flag.resilience",
      [
        "cannot|cant|can_not|unable to ~1 afford", "financial difficult*|hardship", "in debt",
        "struggling to pay|cope|manage|make", "overdraft|overdrawn", "food bank", "no income",
        "lost ~2 income|pay", "mortgage ~3 behind|arrears|pay", "at breaking point", "end of my tether",
        "cannot|cant cope", "lose ~2 job|pay|house|home|livelihood|practice",
      ]),
    .flag(
      .vulnerabilityCapability, "flag.capability",
      [
        "english is not my|our", "not ~2 first language", "interpreter|translator", "large_print|braille",
        """
        cannot|cant|dont|not ~3 use|follow|understand|manage ~2 computer|computers|internet|online|\
        telephone|phone|calls|forms
        """,
        "not good with|at computers|technology|forms", "no internet", "hard of hearing",
        "memory problem*|loss", "help me read|write", "power of attorney",
        "dyslexi*|learning_difficult*|low_literacy", "not ~1 computer literate", "easy read",
        "cannot|cant read",
      ]),
    .flag(
      .threatOmbudsman, "threat.ombudsman",
      ["ombuds*", "fos", "fspo", "afca", "adjudicator", "financial services and pensions"]),
    .flag(
      .threatRegulator, "threat.regulator",
      [
        """
        report|reporting|reported|complain|complaining|complained|refer|referring|take|taking|go|going|\
        write|writing|contact|raise|copied|copying ~4 fca|ico|commissioner|regulator|pra|asic|fsca|\
        watchdog
        """,
        "information commissioner*", "financial conduct authority", "trading standards",
        "the ico|fca|regulator",
      ]),
    .flag(
      .threatLegal, "threat.legal",
      [
        "legal action|proceedings|advice", "my solicitor|solicitors|lawyer|lawyers|barrister|attorney",
        "sue you|your|organisationname|the", "small claims", "take ~2 to court", "see you in court",
        "letter before action", "court action|proceedings", "instruct* ~1 solicitor*|lawyer*",
        "breach of contract", "judicial review", "issue proceedings|a claim",
        "legally|legal_recourse|remedy|remedies",
      ]),
    .flag(
      .threatMedia, "threat.media",
      [
        "newspaper*", "the press",
        "to|with ~1 press|media|papers|journalist*|reporter|bbc|times|guardian|daily_mail|bmj|pulse",
        "journalist*", "social media",
        "twitter|facebook|linkedin|tiktok|instagram|trustpilot|reddit|google_review",
        "go public|going public", "post ~2 review|online", "negative review",
      ]),
    .flag(
      .threatPolitical, "threat.political",
      [
        "my mp|td|senator|councillor|msp|local_mp", "member of parliament", "house of commons|lords",
        "health secretary|minister", "the minister", "copied ~2 mp",
      ]),
    .flag(
      .executiveAddressee, "flag.executive",
      [
        "chief executive|operating|financial|medical ~1 officer", "ceo|chairman|chairwoman|chairperson",
        "dear ~2 chair|president|director|chief|board|chairman|executive", "managing director",
        "board of directors|trustees", "the board", "executive team|director|committee",
        "attention of ~3 director|chief|chair|president|board|executive", "company secretary",
      ]),
    .flag(
      .chaser, "flag.chaser",
      [
        "chas*", "<ordinal> ~1 time|attempt|email|reminder|request|message|letter", "follow|following up",
        "reminder", "still waiting|awaiting", "any update|news|progress",
        "havent|not|never ~2 heard ~1 back|anything|from|since",
        "my ~2 previous|last|earlier|first email|message|letter", "<contacted> ~4 <n> times|twice",
        "no <reply> ~3 to|since|from", "my messages|emails|letters of",
      ]),
    .flag(
      .representative, "flag.representative",
      [
        "on behalf of", "on ~1 his|her|their|my ~2 behalf", "i ~1 act for|represent", "acting for|on",
        "our client", "my client",
        """
        i am|im|as ~2 his|her|their ~1 wife|husband|son|daughter|solicitor|executor|attorney|union|\
        representative|carer|partner|mother|father
        """,
        "executor|executrix ~4 estate", "estate of", "power of attorney",
        "i am ~3 wife|husband|widow|son|daughter|executor|secretary|pa of|to", "union representative|rep",
        "letter of authority",
      ]),
    .flag(
      .dataBreach, "flag.data_breach",
      [
        "data|gdpr|privacy|confidentiality breach", "breach of ~2 confidentiality|data|privacy|gdpr",
        """
        another|other|different|wrong|someone|somebody ~2 \
        doctors|members|delegates|persons|patients|colleagues|elses|dentists ~4 \
        details|address|file|name|notes|records|papers|case|letter|information|documents|data
        """,
        """
        sent|emailed|forwarded|disclosed|posted|gave|shared|passed|leaked|went ~8 wrong|another|\
        different ~1 doctor|member|person|address|colleague|dentist|practice|recipient|consultant
        """,
        "file ~2 of|about|belonging ~2 colleague|another|someone",
        "my ~3 data|details|information|file|records ~3 shared|disclosed|leaked|lost|passed",
        "told ~1 my employer|practice|trust|partner|boss", "without my consent",
      ]),
    .flag(
      .discrimination, "flag.discrimination",
      [
        "discriminat*", "racist|racism|sexist|sexism|homophobic|ageist|islamophobic", "equality act",
        "protected characteristic*", "my accent|race|religion|ethnicity|nationality|skin|gender",
        "people ~3 from my part|country|background", "reasonable adjustment*",
        "because i am|im ~2 woman|black|asian|african|foreign|overseas|muslim|disabled|gay|old|older",
        "where i|im ~2 from",
      ]),
  ]
}
