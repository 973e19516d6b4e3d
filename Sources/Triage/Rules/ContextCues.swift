// Cues for what a message is when it is no complaint: help with a complaint against the writer, an enquiry,
// thanks, an administrative note, a circular; and the words of the field.

enum ContextCues {
  static let all: [Cue] = against + neighbours + patients + field

  private static let against: [Cue] = [
    Cue(
      "against.writer", .againstWriter, -1.5,
      [
        """
        complain*|complaint|complaints|claim|allegation|allegations|lawsuit|proceedings|referral|\
        grievance|action|investigation|inquiry|charge|charges ~3 about|against|regarding|concerning|of|\
        into|over|on me|us|my|our|myself|ourselves|one
        """,
        """
        received|receive|receiving|facing|face|handling|handle|answering|\
        answer|subject|dealing|named|served|notified|opened|opening ~6 complaint|claim|allegation|\
        allegations|complaints|lawsuit
        """,
        """
        complaint|complaints|claim|letter|grievance|allegation|allegations|proceedings ~4 from|by|of ~4 \
        <patient>|<authority>|nurse|colleague|mr|mrs|ms|member of the public
        """,
        """
        <patient>|mr|mrs|he|she|family ~6 complain*|alleg*|unhappy|threat*|sue|suing|sued|angry|accus*|\
        blam*|dissatisfied|upset|hostile
        """,
        "<patient> ~4 complaint", "alleges|alleging|alleged ~2 that|i|me|negligence", "accus* me|us",
        "letter of complaint", "letter before action|claim", "claim form",
        "i have been ~2 reported|referred|accused|suspended|named|sued|summoned|called|interviewed|asked",
        """
        <authority> ~6 investigat*|opened|referral|referred|notification|notified|disciplinary|\
        complaint|hearing|wants|want|inquest|letter|observations
        """,
        "inquest|summons|subpoena|disciplinary|interview_under_caution|witness_statement",
        "blames|blaming me|us",
        "complained about|to ~2 me|us|my|our|gmc|gdc|council|cqc|trust|practice|hospital|the",
        "about ~2 crown|treatment|care|diagnosis|operation|prescription|consultation that|i|we|of",
        "complaint letter|received|response",
        "complaint|complaints ~2 we|i ~2 failed|closed|received|handled|answered|responded|investigated",
        "from ~2 ombudsman|<authority> ~3 about|complaint|regarding",
        "ombudsman ~3 written|wrote|contacted ~3 us|me|practice",
      ]),
    Cue(
      "against.quoted", .againstWriter, -0.5,
      [
        """
        she|he|they|family|patient|husband|daughter ~3 says|said|wrote|writes|claims|claimed|feels|felt|\
        thinks|demands|wants|states
        """,
        "her|his|their ~2 complaint|claim|allegation|allegations",
      ]),
  ]

  private static let neighbours: [Cue] = [
    Cue(
      "assistance.asked", .assistance, -1.4,
      [
        """
        need|want|seek|seeking|request|requesting|require|grateful|appreciate|value|like|ask|asking|\
        looking|wanted ~4 advice|help|guidance|assistance|support|representation|indemnity|barrister|\
        solicitor
        """,
        """
        please|can|could ~4 advise|help|assist|guide|represent|call_me|ring_me|\
        phone_me|talk|look|tell_me_how
        """,
        """
        would|will|might|if you|someone|somebody|anyone|adviser ~3 advise|help|assist|call|ring|look|\
        take|recommend
        """,
        """
        how|what ~2 should|do|can|must|to ~2 i|we ~2 respond|reply|proceed|handle|deal|answer|do|say|write
        """,
        "open a case|file", "my rights|options", "talk|run ~2 through",
        "look ~1 over|at ~4 draft|reply|response|statement|below|attached", "tell me how to",
        "draft ~1 response|reply|statement|letter",
        "is it possible to have", "never ~3 had|given|been ~3 before",
        "want my|our|the observations|statement|comments|response", "acknowledge by return",
        "advice wanted|needed|please|required|on", "happy to be called|discuss|speak",
        "available ~2 call|speak|talk|discuss",
      ]),
    Cue(
      "enquiry.asked", .enquiry, -0.9,
      [
        """
        could|can|would|will|please|kindly|may|might ~3 let_me_know|tell_me|confirm|send_me|clarify|\
        explain whether|if|how|what|when|the|a|that
        """,
        "like|want|wanted|wish|wondering|wonder ~3 know|ask|enquire|inquire|check|find|if|whether",
        "thinking|considering|planning|hoping of|to|about|on",
        "would that|this|it ~2 change|affect|be|mean|cover*", "how do|would|can|long|much|many|often",
        "what is|are|would|happens|if|does|do|documents|information|cover",
        "is it|there|this possible|any|a|covered|included|ok",
        "do|does you|my|the|your|membership|it ~3 offer|have|provide|cover|include|apply|need",
        "quick|general|brief|simple question|query|enquiry",
        """
        could|can|would|will you ~3 send|resend|email|post|confirm|update|tell|check|arrange|provide|\
        share|write
        """,
        "can|may|shall|could i|we", "when is|are|does", "could a|the|my|this ~4 be",
        "need to notify|tell|inform|report",
        "needs|need ~3 receipt|copy|certificate", "please confirm", "have a question", "tell us what",
        "share any", "do you have a",
        "am i|are we covered|eligible|entitled|able|required|insured|right|correct",
        "should i|we ~3 notify|tell|inform|report|keep|send|let", "please could", "question about",
        "interested in", "information about|on",
      ]),
    Cue(
      "administration.attached", .administration, -0.6,
      [
        "please find ~2 attached|enclosed|below", "find attached", "see attached", "attached is|are",
        "i attach|enclose",
      ]),
    Cue(
      "administration.change", .administration, -1.3,
      [
        """
        change|update|amend|changed|new ~3 address|surname|name|bank|details|phone|telephone|email|\
        number|direct debit
        """,
        "address|name|number|email is now|has_changed|will_change|changes", "please note that|my|our|the",
        "subject access request", "copy of ~4 personal data|information|records",
        "right of|to access|erasure|be_forgotten", "under ~3 gdpr|data_protection_act|popia|pdpa",

        "find attached ~3 invoice|form|certificate|minutes|agenda|cv|application|proof",
        "our|attached|enclosed|your invoice", "invoice #", "payable within", "for your records|information",
        "i enclose", "please cancel|renew|move|add|remove|update|amend|change|send|register|process|upgrade",
        "could ~3 moved|changed|updated|amended|from the # to", "out of office|annual leave",
        "minutes ~3 attached|of", "agenda", "booking confirmation|confirmed", "remittance|purchase order",
        "job|vacancy|application for the post",
      ]),
    Cue(
      "praise.thanks", .praise, -1.2,
      [
        """
        thank you ~2 so_much|very_much|all|for ~6 help|support|advice|kindness|call|time|work|patience|\
        care|guidance|excellent|wonderful|prompt|quick|being|everything|looking
        """,
        "how grateful", "how helpful|kind|good|patient|quick ~4 was|were|is|has", "thank you from|to|again",
        "owe you all|a",
        """
        so|very|extremely|truly|deeply|immensely|most grateful|thankful|impressed|pleased|happy|\
        reassured|helpful|kind|appreciative
        """,
        "<praise> ~3 service|job|support|advice|help|adviser|webinar|course|speaker|team|talk|session|work",
        "could not|couldnt|wouldnt|would not have ~6 without",
        "pleased|delighted|thrilled|impressed|happy ~1 with|by|to|that|at", "a credit to", "above and beyond",
        """
        calm|quick|kind|patient|professional|efficient|compassionate|thoughtful|helpful|reassuring and|\
        throughout|calm|quick|kind|helpful
        """,
        "pass on my|our ~1 thanks|gratitude|appreciation|compliments", "really|thoroughly enjoyed",
        "well done", "keep up",
        "best ~3 service|adviser|team|money", "recommend|recommended you|your|it|to|this|mps",
        "i cannot thank", "was excellent|superb|brilliant|outstanding|wonderful|fantastic|great",
        "excellent|superb|wonderful|brilliant|outstanding service|advice|support",
      ]),
    Cue(
      "circular.list", .circular, -2.5,
      [
        "unsubscribe", "newsletter|newsletters", "this ~2 issue", "register now|today|here|your place",
        "click here|below|on", "view ~4 browser", "special offer|offers|discount|deals",
        "free shipping|trial|gift", "mailing list", "list info|listinfo|archives", "opt out of|from",
        "webinar ~4 register|join us|book", "book your place|now",
        "terms and conditions apply", "privacy policy", "you are receiving|received this",
        "to stop receiving", "all rights reserved", "copyright", "press release|for immediate release",
        "subscribe|subscribed to",
      ]),
    Cue(
      "denial.none", .denial, -1.5,
      [
        "no complaint|complaints", "not ~2 complaint|complaining", "nothing to complain",
        "cannot|cant|couldnt complain", "no problem|problems|worries|issue|issues",
        "without ~2 problem|hitch|fuss|issue", "no need to reply|respond|apologise|worry", "do not reply",
        "no reply needed|necessary|required|expected",
        "complaints policy|training|procedure|module|webinar|course|avoid|avoiding",
        "avoid ~2 complaint|complaints", "not urgent", "no rush", "not unhappy|dissatisfied|disappointed",
        "was_not|wasnt rude|unhelpful",
      ]),
    Cue(
      "clinician.complaint", .aboutClinician, -1.0,
      [
        """
        my|a|one of your ~1 doctor|dentist|gp|surgeon|consultant|physiotherapist ~6 misdiagnos*|refused|\
        hurt|botched|ignored|wrong|rude|negligent|damaged|pulled|left|told|dismissed
        """,
        """
        complain*|complaint ~3 about|against|regarding ~3 dr|doctor|dentist|gp|surgeon|surgery|hospital|\
        clinic|treatment|practice|member|ward|nurse
        """,
        "i am|was|im a patient", "as a patient",
        "my ~2 treatment|operation|tooth|crown|root canal|diagnosis|surgery|appointment|prescription",

      ]),
  ]

  private static let patients: [Cue] = [
    Cue(
      "clinician.patient", .aboutClinician, -2.0,
      [
        "i am|was|im ~1 a patient", "as a patient", "your member ~2 dr|doctor|mr|mrs",
        "of|about one of your members",
        "treated by ~2 your members|member|dr", "insured|indemnified|covered ~2 by you",
      ])
  ]

  private static let field: [Cue] = [
    Cue(
      "field.word", .field, 1,
      [
        "membership|member|members|subscription|subscriptions|subs", "renewal|renew",
        "adviser|advisers|advisor|medicolegal|dentolegal",
        "indemnity|indemnify|cover|covered|insured|protected|protection", "my|the|a|your case",
        "claim|claims", "hearing|tribunal|inquest|coroner|council|gmc|gdc|hpcsa|ombudsman", "certificate",
        "direct debit", "refund|payment|payments|instalment|invoice|paid|charged|debited|billed",
        "helpline|advice_line|out_of_hours",
        "webinar|workshop|course|cpd", "portal|website|online_account|log_in|login",
        "complaint|complain|complaints|complained", "service",
        "team|department|staff|manager|handler|colleague", "patient|patients",
        "dr|doctor|dentist|gp|consultant|nurse|surgeon|registrar|locum|professor", "application|form",
        "letter", "solicitor|barrister|counsel|settled|settlement", "report|reported|statement",
        "practice|clinic|surgery|hospital|retired|retirement", "rang|phoned|telephoned|telephone|callback",
        "apology|apologise|compensation|reimburse*", "reply|response|answer", "data|confidential*|personal",
        "account|policy|decision|advice", "chief executive|board",
      ]),
    Cue(
      "field.strong", .field, 2,
      [
        "membership|member|members|subscription|subscriptions|subs|renewal",
        "adviser|advisers|advisor|advisors|medicolegal|dentolegal|caseworker",
        "indemnity|indemnify|indemnified", "hearing|tribunal|inquest|coroner|gmc|gdc|hpcsa|ombudsman",
        "direct debit", "refund|refunded|debited|instalment|arrears",
        "helpline", "advice line", "out of hours", "webinar|workshop|cpd|certificate", "portal",
        "complaint|complaints|complained", "solicitor|barrister|settlement",
        "dr|dentist|gp|registrar|locum", "callback|reimburse*|compensation|apology", "confidential*|gdpr|sar",
        "chief executive",
        """
        your ~1 letter|team|office|department|colleague|staff|line|website|service|decision|response|\
        invoice|organisation
        """,
        "<ordinal> ~1 time|attempt|reminder|letter|email",
        """
        my ~1 claim|case|file|application|complaint|certificate|cover|renewal|account|hearing|statement|\
        email|emails|letter|letters|messages
        """,
        "organisationname",
      ]),
    Cue(
      "contact.made", .contact, 0,
      [
        """
        i|ive|we|weve|have|and|then|also|again|already|now ~2 emailed|wrote|written|rang|rung|called|\
        phoned|telephoned|asked|chased|reported|requested|sent|submitted|resent|completed|complained|\
        notified|applied|messaged|tried|filed
        """,
        "left ~2 message|messages|voicemail",
        """
        my ~2 messages|emails|letters|calls|requests|message|email|letter|call|request|form|application|\
        report ~2 of|on|dated|in|to|from
        """,
      ]),
  ]
}
