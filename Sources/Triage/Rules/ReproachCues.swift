// Cues that reproach by themselves: silence, waiting, chasing, "you did not", and saying that it is a
// complaint.

enum ReproachCues {
  static let all: [Cue] =
    silence + waiting + chasing + failing + plain + feeling + explicit + redress + sarcasm

  private static let delay = "service.delay_no_response"

  private static let silence: [Cue] = [
    Cue(
      "silence.not_heard", .reproach, 2.7,
      [
        "<havent> [yet] heard [back|anything|from]", "heard nothing", "hearing nothing", "never hear [back]",
        "yet|still to hear", "had nothing [else|back|since|further|more]", "nothing since|further|whatsoever",
        "not one|a|single ~2 <reply>|update|word|call", "not a word|peep|sausage",
        "radio|deafening|complete|total|continued silence",
        "met with|by silence", "been silence", "black hole", "still no joy", "no joy",
      ]
    ).leaf(delay, 1.6),
    Cue(
      "silence.no_reply", .reproach, 2.4,
      [
        """
        <havent> ~2 had|received|receive|get|got|given|have ~3 <reply>|update|updates|word|news|\
        explanation|apology
        """,
        "no <reply>|update|updates|progress|explanation|apology|contact|news|further",
        "without ~2 <reply>|word|explanation|apology|warning|acknowledgement",
        "unanswered|unreturned|unacknowledged", "no ~1 came|arrived", "none came|came|has",
        "never came|arrived|materialised|replied|answered", "has|have not been answered|acknowledged",
        "neither ~6 nor ~4 <reply>|call|letter",
      ]
    ).leaf(delay, 1.4),
    Cue(
      "silence.nobody", .reproach, 2.8,
      [
        "<nobody> ~4 <answers>", "no one|body ~4 <answers>",
        "<nobody> ~3 ever|courtesy|responsibility|ownership",
        "no one|body ~3 ever|courtesy|responsibility|ownership", "not one person|of you",
        "never|not ~3 got|get|gets|come|came|comes back to me|us",
        "never|not ~2 returned|return|returns ~1 my|the|our ~1 call|calls|message|messages|email|emails",
        "never|not ~1 called|rang|phoned|contacted ~2 back", "nor since", "not returned|replied",
        "<havent> ~2 replied|responded|answered|acknowledged|called|contacted",
        "does not answer|reply|respond",
        "rang|rings|rung|ring out|unanswered",
      ]
    ).leaf(delay, 1.4),
    Cue(
      "silence.ignored", .reproach, 2.6,
      [
        "been ignored", "ignored me|my|us|our|by you", "ignoring me|my|us|our", "you ~2 ignore*",
        "being ignored",
        "fobbed off", "passed from|around|between", "pillar to post", "going round in circles", "stonewalled",
        "brushed off|aside", "given the runaround", "passed the buck", "forgotten about me|us|by",
        "feel|felt ~2 forgotten|ignored|abandoned|dismissed|fobbed",
      ]
    ).leaf(delay, 1.0),
    Cue(
      "silence.promise", .reproach, 2.3,
      [
        "promised ~5 call|callback|ring|phone|reply|refund|respond|within|by|email|back|sent|resolved|put",
        "told|assured|promised ~5 would|will ~4 call|ring|contact|reply|phone|refund|resolve*|sort*|respond",
        "told ~4 shortly|soon|within", "said|says|promised ~3 would|will ~2 call|ring|phone ~1 back",
        "empty|broken promise*", "promises ~3 but|and|it|put", "promised <n> times",
      ]
    ).leaf(delay, 0.8),
  ]

  private static let waiting: [Cue] = [
    Cue(
      "waiting.still", .reproach, 2.5,
      [
        "still waiting|awaiting|await|wait|pending|outstanding|unresolved|unpaid",
        "been waiting|awaiting|outstanding", "kept ~2 waiting|hanging", "left waiting|hanging|dangling",
        "left ~3 limbo|dark|lurch", "waited <n>|over|almost|nearly|weeks|months|long|patiently",
        "keep waiting",
        "waiting ~3 since|months|weeks|<n>", "waiting ~2 too|far|so long", "long overdue",
        "weeks|months overdue",
        "still ~3 <not> ~3 received|heard|had|resolved|sorted|arrived|fixed|paid|processed",
      ]
    ).leaf(delay, 1.4),
    Cue(
      "waiting.length", .reproach, 2.2,
      [
        "<n> <unit> and counting", "<n> <unit> later|on ~3 still|nothing|no|not|i",
        "<n> <unit> ago ~6 still|nothing|no|not|havent|nobody|without",
        "after <n> <unit> ~3 still|nothing|no|i",
        "<n> <unit> for|to ~4 <reply>|response|process|form|answer|acknowledge|one",
        "on hold for|<n>", "<n> minutes|hours|mins on|in|to ~2 hold|queue|get|speak|reach",
        "<n> <unit> of silence",
        "taken|took|taking ~2 <n> <unit>", "taking|taken|took so|too|far|this ~1 long", "weeks|months on end",
        "now <n> weeks|months since|later|after", "its|is been|now ~1 <n> weeks|months|days|years",
        "for <n>|over|nearly months|weeks now", "weeks have|had|went|gone ~1 by|passed",
        "month|months has|have|had|went|gone ~1 by|passed",
        "it is now <month>", "in <month> as well|too", "back and forth ~4 since|for",
      ]
    ).leaf(delay, 1.2),
    Cue(
      "waiting.expected", .reproach, 2.4,
      [
        "expected|hoped|thought|supposed|expecting|hoping ~6 by now|then", "should|ought ~4 by now",
        "had expected|hoped ~3 hear|heard|reply|response|something|better|more|to",
        "would have thought|expected|hoped", "expected|expect|expecting|hoped|deserve* better|more",
        "unless i hear|receive|get", "if i do_not|dont hear|receive", "a reply of any sort|kind",
        "when|how_long|how_much_longer ~3 can|may|should|might|will|must ~3 expect|wait|longer",
        "is anyone|anybody there", "is there anyone|anybody",
        "does anyone|anybody ~2 read|answer|work|care", "any intention of",
        "some sort|kind of reply|answer|response",
      ]
    ).leaf(delay, 0.8),
    Cue(
      "waiting.urgent", .reproach, 0.9,
      [
        "by now", "already", "yet again", "once again|more", "at last", "finally", "eventually",
        "to this day", "to date",
        "so far", "as yet", "for the record", "becoming|getting impatient",
      ]),
  ]

  private static let chasing: [Cue] = [
    Cue(
      "chasing.count", .reproach, 2.7,
      [
        "<ordinal> ~1 time|occasion|attempt|email|message|letter|reminder|request|call|form|case|adviser",
        "<ordinal> and final", "how many ~2 times|letters|emails|calls|more|weeks|months|reminders",
        "<contacted> ~5 <n> times", "<n> times ~6 <contacted>", "<contacted> ~5 twice|repeatedly",
        "twice ~2 <contacted>",
        "repeatedly <contacted>", "time and again|time", "over and over", "again and again",
        "on <n> ~1 occasions",
        "<n> ~2 emails|calls|letters|messages|voicemails|reminders ~4 nothing|no|later|unanswered|still",
        "changed ~3 <n> times", "<contacted> ~3 again ~5 again",
        "<n> different people|advisers|handlers|managers",
        "each|every time ~3 ask*|call*|ring|rang|told|promise*|press|someone|somebody|different",
        """
        numerous|several|multiple|repeated|countless ~1 emails|calls|attempts|requests|letters|\
        messages|reminders
        """,
      ]
    ).leaf(delay, 1.0),
    Cue(
      "chasing.chaser", .reproach, 1.9,
      [
        "chas* ~2 this|you|up|again|for|my|a|it", "chasing|chaser", "follow|following up on|with|again",
        "my ~2 emails|messages|letters|calls of|on|dated|from|below|have|and|to",
        "my ~1 previous|earlier|last|first|original|other ~1 email|message|letter|emails|complaint",
        "sorry|apologies|apologise ~2 bother|trouble|chase|pester|nag ~3 again",
        "another|second|final|gentle ~1 reminder|chaser",
        "gone|go|went astray", "any update|news|progress|movement|word on|about|regarding|please|yet",
        "have now|already|also ~1 <contacted> ~4 but|and|twice", "asked ~4 again",
        "had to chase|ask|ring|call|explain|repeat",
        "lost ~1 it|my|the|them|our ~2 form|application|papers|letter|file|documents|cheque|paperwork",
        "lost|mislaid it|them",
        "second time|attempt", "<contacted> ~6 still|yet|and nothing|no|havent|not", "have had to",
      ]
    ).leaf(delay, 1.0),
  ]

  private static let failing: [Cue] = [
    Cue(
      "failing.you_failed", .reproach, 3.0,
      [
        """
        <we>|organisationname ~3 failed|fail|failing|neglected|refused|refuse|lost|forgot|omitted|\
        overlooked|missed|abandoned|dropped|misled|mishandled|botched|bungled|lied|wasted|deserted
        """,
        """
        your ~1 mistake|mistakes|error|errors|failure|failures|fault|incompetence|negligence|delay|\
        delays|refusal|silence|lack|blunder|mess|mishandling|rudeness|indifference|incompetent|\
        inability|carelessness|oversight|inaction
        """,
        "failed to ~3 me|us|my|reply|respond|answer|call|provide|act|inform|tell|send|acknowledge",
        "you ~1 left me|us", "left me|us to|without|with|high|alone|facing|exposed|hanging|unsupported|in",
        "hung out to dry", "left ~3 by myself|alone|on my own",
      ]),
    Cue(
      "failing.you_did_not", .reproach, 2.6,
      [
        """
        you|youve|organisationname ~2 <not> ~3 told|tell|inform|informed|reply|replied|respond|\
        responded|answer|answered|answering|explain|explained|call|called|contact|contacted|send|sent|\
        read|listen|listened|acknowledge|acknowledged|warn|warned|do|done|help|helped|support|supported|\
        bother|bothered|care|cared|provide|provided|consult|consulted|ask|asked|understand|deal|dealt|\
        addressed|corrected|fixed|asked
        """,
        "you never", "you people|lot", "none of you", "nor did you|your|anyone",
        "the|that three|questions i did|asked ~3 not", "a question i did not ask",
        "did_not|do_not|never read my|the",
        "no thanks to you", "you ~2 decided ~3 without", "answered none",
      ]),
    Cue(
      "failing.your_staff", .reproach, 2.3,
      [
        """
        your|the <person> ~4 <not> ~2 answered|read|replied|called|returned|turned|know|knew|listen|\
        help|care|prepared|understood|interested|available|explain|bother|bothered|seem|rung|appear|\
        acknowledged|told
        """,
        "your ~2 <person> ~4 told me|us ~4 but|not|never|opposite|different",
        "your ~2 <person> ~4 missed|lost|forgot|failed|refused|ignored|spoke|laughed|sighed|hung|wrong",
        "met me <n> minutes", "called me by|the", "case manager|handler|adviser ~3 changed",
        "<ordinal> case manager|handler|adviser",
        "let ~5 slip|lapse|expire|pass", "missed ~4 deadline|date|hearing|appointment|call|limit",
      ]
    ).leaf("casework.regulatory_case_handling", 0.6),
    Cue(
      "failing.without_me", .reproach, 2.5,
      [
        """
        without ~1 asking|telling|consulting|informing|warning|notifying|involving|discussing|\
        mentioning|checking|consent|permission|knowledge|agreement|authority|notice|reason
        """,
        "without my ~2 consent|permission|knowledge|agreement|authority|approval|changes|instructions",
        """
        never ~1 told|informed|explained|warned|asked|consulted|mentioned|notified|advised|sent|given|\
        offered
        """,
        "not ~1 told|informed|consulted|warned|notified|advised about|of|that|until|beforehand|before",
        "was|were told ~8 but|now|yet|however|neither|only",
        "told me one|two|different|opposite|completely|that ~6 but",
        "told me|us ~3 opposite|different|contradict*", "told by one|two", "one thing ~4 another",
        "only to discover|find|learn|hear|be",
        "contradict* ~2 each|one|himself|herself|themselves|what|earlier|previous",
        "conflicting|contradictory|inconsistent advice|information|answers|letters|instructions|statements",
        "led|lead to believe", "i was misled|misinformed", "been misled|misinformed|lied|mis_sold|missold",
        "told me|us ~3 <n> ~2 things", "discovered|found_out|learnt|learned ~6 from",
      ]),
    Cue(
      "failing.not_put_right", .reproach, 2.4,
      [
        """
        not|never|hasnt|havent|still|yet|isnt ~2 been ~1 corrected|fixed|sorted|resolved|dealt|put|\
        refunded|processed|updated|received|actioned|changed|paid|repaid|returned|amended|sent|\
        addressed|answered|credited|issued|settled|rectified
        """,
        """
        still ~2 wrong|incorrect|waiting|broken|down|locked|unable|being|charging|taking|charged|taken|\
        ring|call|send
        """,
        "you ~1 still ~1 have|owe|keep|insist|charged|send|call|ring|refuse|cannot|take|took|write|address",
        "and still ~2 no|nothing|not|you|they|it|the|charged|waiting",
        "yet again|another|still",
        "money|payment* ~2 still", "old address again", "same mistake|error|problem again|twice",
        "nothing ~2 happened|happens|changed|came|arrived|resolved",
        "<not> ~2 done anything",
        "to no avail", "got nowhere|getting nowhere", "no nearer|closer|further forward", "getting nowhere",
        "gave up|given up",
      ]),
    Cue(
      "failing.lack", .reproach, 2.2,
      [
        """
        lack of communication|response|reply|contact|support|progress|explanation|care|respect|\
        information|help|interest|professionalism|urgency|transparency|empathy|understanding|action|\
        courtesy|clarity|consistency
        """,
        "total|complete|utter lack|failure|disregard|shambles|waste|disgrace|mess|chaos|incompetence",
        "common courtesy", "basic courtesy", "the courtesy of|to",
        "an absolute|utter|complete disgrace|joke|shambles|farce|mess|scandal",
        "waste of|my|wasted ~1 money|time|hours|day|afternoon|evening", "wasted my|an|a|hours|half",
        "what ~4 i|we pay|paying|paid ~1 for",
        "not what i|we ~2 paid|pay|signed|expect|expected|asked|joined|hoped|wanted|ordered",
        "all i ask", "is it too much", "is that too much", "is it asking too",
      ]),
  ]

  private static let plain: [Cue] = [
    Cue(
      "plain.you_did", .reproach, 1.2,
      [
        """
        you ~1 took|taken|charged|billed|sent|debited|lapsed|cancelled|closed|settled|admitted|decided|\
        told|changed|stopped|called|rang
        """,
        "you|they ~2 left|gave|put ~2 me", "so after", "as a result",
      ]),
    Cue(
      "plain.despite", .reproach, 2.1,
      [
        """
        after|since|although|though|despite ~3 told|telling|asked|asking|informed|informing|notified|\
        wrote|writing ~2 you|your|them
        """,
        """
        despite|in spite ~4 emails|calls|letters|messages|requests|reminders|assurances|promises|paying|\
        being
        """,
        "not ~6 as ~2 agreed|asked|instructed|requested|promised|arranged",
        "<n>|whole|entire days|weeks|months ~4 trying|tried",
        "trying|tried to ~2 get|reach|speak|contact|call ~3 you|someone|anyone|anybody|adviser|through",
        "<we>|them ~1 know|knew|aware|told ~4 and yet|still",
      ]
    ).leaf(delay, 0.5),
    Cue(
      "plain.understated", .reproach, 2.0,
      [
        "rather|was|were|been|had hoping ~3 that|for|to|by", "leaves|left|leaving me|us",
        "now i|we ~1 am|are|find|learn|discover ~1 told|informed|that",
        "now im told", "too late", "no wonder", "hold|holding my breath", "than you were|did|are|have",
        "had to ~6 myself|ourselves|alone",
        """
        whether anyone|anybody|someone|somebody|you ~2 intends|intend|plans|plan|reads|read|going|ever|\
        will|actually
        """,
        "anyone|anybody ~2 intends|bother*|cares",
        "explain ~2 why|how ~2 my|the|this|your|i|we|it|you|nobody|no",
        "you ~1 said|promised|assured|wrote ~4 would|the|that|by|within|it",
        """
        i|we ~2 had|have ~1 already|previously ~1 given|told|sent|explained|provided ~3 you|your|this|\
        it|them
        """,
        "i|we had ~1 given|told|sent|explained|asked ~2 you|your|them",
        "have been told ~6 and|but", "to my own|cost", "so much for",
        "i wonder what|whether|why|how ~6 pay|for|you|your",
        "forgive me if|for", "yet|still to be told|informed|heard|asked", "if this is what", "otherwise",
        "my|our last year|renewal|payment ~2 with",
        "deserve ~2 know|hear|be", "told nothing", "asks for the same", "the last thing",
        "as ~1 you asked|instructed|advised ~6 nothing|nobody|not|didnt",
        "didnt|did not ring|call|come|arrive|work|happen", "advise ~3 accordingly", "given up",
        "would|should not|never have to|had|been", "not have to explain",
        "passed between|around", "luckily|fortunately ~8 not|than|without|another|else",
      ]),
    Cue(
      "plain.no_use", .reproach, 2.2,
      [
        "could have done|read|found|written|managed ~2 myself",
        "not|wasnt|isnt much|any|a_lot_of|of use|help|good",
        "of no|little|limited use|help|value|assistance", "no use|help to me|us|at",
        "just|merely|only|simply read|sent|repeated|quoted ~2 me|us|it",
        "ought_to|should_have known|done|told|rung|called|warned|checked",
        "no reasons|reason ~2 given|worth|offered|why", "tells me nothing", "none the wiser",
        "could have been ~2 kinder|better|clearer|warned|avoided",
        "is|was it ~2 necessary|appropriate|usual|normal|proper|reasonable",
        "simply|just|plainly not right|true|fair|correct",
        """
        ask|request|want|urge|invite ~6 reconsider|review|overturn|revisit ~4 decision|refusal|outcome|\
        it|conclusion|this
        """,
        "hope|hoped|hoping for better|more", "did hope", "better from", "the answer is no", "straight answer",
        "is not|isnt what i", "have|had a word with", "someone ~2 a word",
      ]),
  ]

  private static let feeling: [Cue] = [
    Cue(
      "feeling.let_down", .reproach, 2.6,
      [
        "let me|us ~1 down", "let down by|badly|again|and|in",
        "badly|very|so|really|truly|frankly|feel|felt|feeling|been let down",
        "lets|letting me|us down", "lost ~2 faith|confidence|patience|trust",
        "losing ~2 faith|confidence|patience|trust", "fed up", "sick of|and",
        "had enough", "end of my tether", "last straw", "at my wits", "wits end",
        "patience ~3 thin|run|exhausted|limit",
        "no confidence|faith|trust in", "run out of patience", "in despair", "at a loss",
        "made|makes me feel",
      ]),
    Cue(
      "feeling.not_good_enough", .reproach, 2.4,
      [
        "not good enough", "simply|just|is|are|was|really|frankly|totally|completely not acceptable",
        "not ~2 acceptable",
        "not ~1 right|fair|reasonable that|to|at|and",
        "<not> ~2 happy|satisfied|impressed ~1 with|about|at|by|that|to",
        "falls|fell|fallen|falling ~2 short", "below ~3 standard|expect*", "beggars belief",
        "beyond belief|a joke",
        "<not> ~2 see how ~4 right|fair|just|reasonable",
        "how|why is ~3 right|fair|possible|acceptable|allowed",
        "how|why ~2 can|could ~3 be|possibly|happen|allow|justify", "how did ~4 happen|come",
        """
        cannot|cant|fail|unable|dont|not ~2 understand|see|believe|accept|fathom|comprehend why|how|\
        that|this|it|what
        """,
        "like|want|wish to understand|know why|who|how", "what on earth", "what is going on",
        "what exactly|precisely|the point",
        "is a joke", "why should|must|cant|cannot", "why was|were i|we|my|the|this|there|no|it",
        "why did|has|have|does|do you|nobody|no|the|your|it|my|this",
        "i ~2 question ~3 whether|why|how", "quite frankly|honestly",
        "a little|bit|rather|somewhat|slightly|quite|very disappointed|surprised|disappointing|put",
        "i was surprised|astonished|taken|sorry|disappointed|shocked|amazed to|that|at|when|by",
        "make a fuss", "small thing|gripe|moan|grumble",
      ]),
    Cue(
      "feeling.harm", .grievance, 1.2,
      [
        "caused|causing|cost|costing me|us",
        "caused ~4 stress|distress|anxiety|worry|embarrassment|inconvenience|loss|problems|difficulty",
        "not sleeping|slept", "sleepless nights", "lose a day", "lost ~3 pay|income|earnings|day|shift|job",
        "out of pocket",
        "made it|me|things ~2 worse|ill|look|feel|cry", "in tears", "cried", "in ~1 difficulty",
        "very|quite|really stressful|distressing|upsetting",
        "worse off", "at my own expense", "reputation",
      ]),
  ]

  private static let explicit: [Cue] = [
    Cue(
      "explicit.complaint", .explicit, 4.6,
      [
        "i|we ~3 wish|want|would|like|need|have|intend|going|decided ~3 to ~1 complain",
        "i|we ~5 make|lodge|raise|submit|register|file|log|issue|bring|enter|escalate ~4 complaint|grievance",
        """
        wish|want|like|writing|write|need|intend ~2 to ~1 make|lodge|raise|submit|register|file|log|\
        bring ~4 complaint|grievance
        """,
        "treat|log|record|regard|consider|register|accept|take|view|handle ~4 as ~3 complaint",
        "this is ~3 complaint",
        "i am|im complaining", "writing ~2 complain", "i ~1 complain|complained",
        "i wish|want|would ~2 complain",
        "complaint about|against|regarding|concerning|with ~1 you|your|organisationname",
        """
        complaint about|regarding|concerning|on the ~4 service|handling|conduct|adviser|advice|call|\
        team|helpline|delay|way|website|portal|membership
        """,
        "my complaint about|against|regarding|of|is|to|dated|reference|was|has|and|that",
        "complain* about|of your|you|organisationname|the_way|the_service|the_handling",
        "formal|official|written complaint about|against|regarding|to|concerning",
        "complaint|grievance ~3 your ~2 complaints|service|conduct", "no one ~3 acknowledged my complaint",
        "this letter|email of complaint",
        "accept this as", "cause for complaint", "grounds for complaint", "this is not ~3 complaint ~2 but",
      ]),
    // Said by the writer, of now, in the first person: a declaration, which a complaint against the writer near by does
    // not explain away.
    Cue(
      "explicit.declared", .explicit, 3,
      [
        "i|we ~2 want|wish|like|need|writing|write to ~1 complain",
        """
        i|we ~2 want|wish|like|need|writing|write to ~1 make|lodge|raise|submit|register|file|log|bring ~3 \
        complaint|grievance|dissatisfaction
        """,
        """
        i|we|im|am ~2 making|lodging|raising|submitting|registering|filing|logging ~3 \
        complaint|grievance|dissatisfaction
        """,
        """
        please ~1 treat|log|record|regard|consider|register|accept|take|handle|note ~4 \
        complaint|grievance|dissatisfaction
        """,
        "this is ~2 complaint", "i am|im complaining", "making it|this ~3 complaint",
        "looked|handled|treated ~1 as ~1 complaint",
      ]),
    Cue(
      "explicit.word", .explicit, 2.2,
      [
        "formal|official complaint", "my complaint", "complaints procedure|process|department|team|manager",
        "make a complaint",
        "complaint", "complain", "escalate|escalated|escalating|escalation",
      ]),
    Cue(
      "explicit.not_accept", .reproach, 2.5,
      [
        """
        do|not|cannot|unable|able|cant|wont|dont ~3 accept it|this|that|your|the|such|these|any|\
        responsibility
        """,
        "not accepted", "take issue",
        "i|we ~2 object to|strongly|most", "i|we must ~2 protest|object|insist", "i|we dispute",
        "i|we ~3 disagree|challenge|contest|appeal ~1 this|the|your|with|that|against",
        "in ~3 strongest terms", "i ~1 demand", "insist on|that|upon",
        "i ~2 expect ~2 an|a|the|full|your|you|better|some",
        "answers|answer|reply|response|letter ~3 does not|ignores|misses|avoids|evades|fails|leaves|left",
        "not ~2 answered|addressed ~3 questions|points|question|point|concerns|any",
        "leaves|left ~5 unanswered", "standard|template|generic|copy reply|response|letter|paste",
        "half ~2 points", "outcome ~4 wrong|unfair|unacceptable",
        "who is responsible|accountable|chose|decided|authorised|to",
        "held|hold you|them|someone ~2 account|accountable|responsible",
      ]),
    Cue(
      "feeling.candid", .reproach, 0.9,
      [
        "frankly", "quite honestly", "to be frank|blunt|honest", "sadly|regrettably|unfortunately",
        "presumably", "i suppose", "i am afraid",
      ]
    ),
    Cue(
      "explicit.concern", .reproach, 1.6,
      [
        """
        i|we ~2 am|are|have|remain|was|were|must|wish|want ~3 concerned|concern|concerns ~1 about|that|\
        over|at|with|by|regarding
        """,
        """
        raise|raising|express|voice ~4 concern|concerns|dissatisfaction|disappointment|displeasure|\
        frustration|unhappiness|issue
        """,
        "feedback ~4 poor|experience|call|conduct", "i|we feel|felt ~3 that you|your|the|this|i|my",
        "raising|raise this|it with you", "bring to your attention", "put on record", "draw your attention",
      ]),
  ]

  private static let redress: [Cue] = [
    Cue(
      "redress.apology", .redress, 2.4,
      [
        """
        want|expect|demand|deserve|like|owed|due|request|require|seek|await|receive|least ~3 apology|\
        explanation|answers
        """,
        "apology ~3 would|is",
        "owe me|us", "i am|think|feel owed", "apologise ~2 to|for", "an apology",
        "should like ~3 explain*|apolog*",
        "someone|somebody ~2 explain|explains|apologise|apologises|take|takes",
        "explain ~2 that|this|your|why|the|how ~4 remark|comment|error|delay|decision|happened",
        "please ~2 explain why|how|who|yourselves|yourself",
      ]),
    Cue(
      "redress.money", .redress, 2.0,
      [
        "compensation", "compensate* me|us|him|her|them|for",
        "reimburse* me|us|my|his|her|their|for|the|these|this", "my money back",
        "want|give|like|demand|expect|need ~3 refund|money|refunded|repaid",
        "refund me|us|my|his|her|their|the|immediately|in",
        "look to you ~2 pay|repay|refund|reimburse|meet|cover",
        "ex gratia", "goodwill payment|gesture", "pay me|us back|for|the|my",
        "repay me|us|the|this|it", "where is ~2 refund|money", "out of pocket", "put right ~3 cost|expense",
      ]),
    Cue(
      "redress.review", .redress, 2.2,
      [
        """
        review|reconsider|reconsidered|reviewed|overturn|reverse|revisit|revisited|appeal|challenge ~5 \
        decision|outcome|refusal|matter|conclusion|rejection
        """,
        """
        decision|outcome|refusal ~4 reviewed|reconsidered|overturned|reversed|appeal|appealed|wrong|\
        unfair|unjust|again
        """,
        "look|looks|looked|looking ~2 at ~4 again",
        "someone|somebody|person|anyone ~2 senior|higher|else|authority|competent",
        "your ~2 manager|supervisor|superior|superiors|boss",
        "senior member|person|manager|colleague", "next step|stage ~2 is|to|please", "put ~2 right",
        "sort ~1 out", "sorted out", "put it right|back",
        "appeal ~3 decision|against", "i ~2 ask that", "how ~2 intend|propose|plan to",
        "what ~3 intend|propose|going to do", "do something",
        """
        change|new|different|another|somebody|someone ~2 solicitor|adviser|handler|barrister|manager|\
        lawyer|else
        """,
      ]),
    Cue(
      "redress.stop", .redress, 1.8,
      [
        """
        stop calling|ringing|phoning|sending|emailing|writing|telephoning|contacting|chasing|harassing|\
        taking|charging|billing
        """,
        "please stop", "asked ~4 not to|stop",
        "asked ~5 to write|email|stop|cancel|correct|change|leave|remove", "how many letters", "take me off",
        "remove me|my ~3 list|database",
        "leave me alone", "cease", "desist",
      ]),
    Cue(
      "threat.leave", .reproach, 2.0,
      [
        """
        cancel|cancelling|end|ending|leave|leaving|resign|resigning|terminate ~2 my|our ~1 membership|\
        policy|subscription ~4 unless|if|because|disgust|protest
        """,
        "take my business|custom|membership",
        "considering ~2 leaving|other|alternative|moving|position", "looking elsewhere", "go elsewhere",
        "switch|switching|move|moving to another|a|mdu|mddus|competitor|different",
        "joining|join another|a_competitor|rival|different", "would not recommend",
        "tell|warn ~2 colleagues|everyone|others",
        "after <n>|all|so|these ~2 years ~3 loyal*|member|membership|this|with|of",
        "loyalty",
      ]),
  ]

  private static let sarcasm: [Cue] = [
    Cue(
      "sarcasm.praise_and_delay", .reproach, 2.6,
      [
        "<praise> ~6 only|just|mere ~2 <n> <unit>",
        "<praise> ~8 <n> <unit> ~2 and|for|to|later|on|counting|without",
        "only took|taken ~2 <n>|six|weeks|months",
        """
        congratulations ~6 on|weeks|months|for|to ~4 managing|losing|taking|making|ignoring|weeks|\
        months|longest|whole
        """,
        "too much trouble", "is there ~2 prize|medal|award|record",
        "do i|we get ~2 prize|medal|badge", "silly me|of", "thanks|thank you for nothing",
        "thanks ~2 so much for ~4 nothing|ignoring|losing|wasting|leaving|charging|letting",
        "how kind|thoughtful|generous|helpful of you", "no rush", "take your time",
        "when you ~2 moment ~2 between", "i must have|be ~2 imagined|imagining|foolish|naive|missed",
        "heaven forbid", "perish the thought",
        "clearly ~3 beneath|beyond|nobody|nothing|asking",
        "evidently|apparently|obviously ~3 nobody|beneath|beyond",
        "well done ~3 everyone|all|team|you|to", "hats off", "slow clap", "round of applause",
        "your auto ~1 reply|response", "automatic|automated reply|response|acknowledgement",
        "in a queue somewhere", "i dare say", "call me old", "call me ~2 but",
        "must be nice",
        "i look forward to ~4 birthday|anniversary|retirement|grandchildren|next year",
        "world class", "record time|breaking", "if anyone|anybody ~2 reading|there|reads",
        "presumably", "good to know", "glad to ~2 know|hear|see ~6 money|nothing",
      ])
  ]
}
