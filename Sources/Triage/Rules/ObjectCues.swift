// Cues for who a sentence is about: the organisation, or somebody else, or a "you" of courtesy.

enum ObjectCues {
  static let all: [Cue] = [
    Cue(
      "object.you", .organisation, 1,
      ["<we>|youre|youll|yourselves|yourself|yours|organisationname"]),
    Cue(
      "object.staff", .organisation, 1,
      [
        "adviser|advisers|advisor|advisors|medicolegal|dentolegal|caseworker|underwriter",
        "case|claims|account|complaints|relationship manager|handler|team|handlers|managers",
        "call handler|centre|handlers|center",
        "advice|help|emergency|phone|telephone line|lines|number", "helpline|helpdesk|switchboard",
        """
        membership|member|customer|renewals|subscriptions|finance|legal|data ~1 team|services|service|\
        department|desk|office|relations|support
        """,
        "panel ~1 firm|solicitor|solicitors|counsel|lawyer", "spoke|spoken|speaking ~1 to|with",
        "gentleman|lady|woman|man|girl|chap|person|someone ~2 i spoke|phone|telephone|answered|on|who",
        "when|every ~1 time ~1 i|we rang|called|phoned|ring|call|phone|telephoned",
        "the firm|solicitor|barrister|counsel you|instructed|appointed|assigned",
        "instructed ~4 for|on my|behalf", "out of hours number|line|service|team",
        "mutual|membership|subscription|subscriptions|subs", "direct debit", "portal|webinar|workshop",
        "chief executive|chairman|chair|ceo", "this|the|an organisation|mutual|society|union|service",
      ]),
    Cue(
      "third.person", .thirdParty, 1,
      [
        "<patient>", "<authority>", "practice manager|nurse|partner", "practice|surgery|clinic|ward",
        "complainant|claimant|defendant|plaintiff", "mr|mrs|ms|miss",
        "nurse|nurses|registrar|consultant|midwife|receptionist",
        "landlord|builder|supplier|vendor|airline|bank|shop|neighbour",
        "he|she|they|his|her|him|their|them",
      ]),
    Cue(
      "courtesy.you", .courtesy, 1,
      [
        "thank|thanks ~1 to ~1 <we>", "thank <we>", "<please> ~1 <we>", "<please> <we>",
        "hope|trust|know|sure|wish|believe ~1 <we>",
        """
        let|tell|inform|write|writing|wrote|contact|contacting|contacted|ask|asking|give|giving|send|\
        sending|show|meet|see|hear|join|update|told|email|emailing|call|owe|offer ~1 to|from|with ~1 <we>
        """,
        "let|tell|inform|contact|contacting|ask|asking|give|send|sending|see|email|emailing|call you",
        "from|to|with|for|at|on|by you", "as you ~2 know|see|imagine|appreciate|aware|are|recall|remember",
        """
        grateful|appreciate|value|welcome|like|need|seek|seeking|want|for|require|request ~3 your|you \
        ~2 <help>
        """,
        "for your ~1 <help>|records|information|attention|interest|file", "look|looking forward ~3 you|your",
        "do|are|is|have|did|does ~1 you", "yours sincerely|faithfully|truly|ever|etc|cordially",
        "you can|could|may|might|would|will|should|must|need|want|wish|like|have|are", "your ~1 <help>",
        "all the best to you", "do your", "wish you",
      ]),
  ]
}
