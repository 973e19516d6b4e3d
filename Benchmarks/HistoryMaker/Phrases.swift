// Small messages in words of our own, put together so that categories differ in their words as real ones do.

/// What people write.
enum Phrases {
  static let complaints: [String: [String]] = [
    "membership.subscription_pricing": [
      "My subscription has gone up by {n} per cent with no explanation.",
      "I work {few} sessions a week and pay as much as a full time colleague.",
      "Colleagues on the same grade pay far less than I am quoted.",
      "{years} years of loyalty clearly count for nothing when you set the rate.",
      "The renewal quote is unaffordable for a part time {role}.",
      "Nobody can tell me how the premium was calculated.",
    ],
    "membership.payment_billing": [
      "You have debited my account twice in {month}.",
      "The direct debit went out on the first and not on the {n}th as agreed.",
      "I received a threatening arrears letter although I had paid.",
      "The instalment plan was set up with the wrong amount.",
      "My bank shows {few} collections where there should be one.",
      "An invoice from {month} is still chased although it was settled.",
    ],
    "membership.cancellation_refund": [
      "I asked to cancel in {month} and you are still charging me.",
      "Where is the refund that was promised {weeks} weeks ago?",
      "You lapsed my membership without any notice.",
      "My maternity deferral was ignored and the full amount was taken.",
      "I retired in {month} and told you so in writing.",
      "Leaving should not take {few} telephone calls and a solicitor.",
    ],
    "membership.joining_renewal_admin": [
      "My certificate shows the wrong specialty again.",
      "The renewal papers never came to my new address.",
      "It took {weeks} weeks to process a simple application form.",
      "My grade was recorded as consultant while I am a {role}.",
      "I cannot start at the {unit} without proof of indemnity and you will not issue it.",
      "The joining form was lost twice by your membership team.",
    ],
    "membership.information_given": [
      "I was told that cosmetic work was included, and now it is not.",
      "Nobody mentioned retrospective reporting when I changed practice.",
      "Your leaflet says one thing and your adviser says another.",
      "When I joined in {month} I was assured that locum work was covered.",
      "The terms about private sessions were never explained to me.",
    ],
    "assistance.decision_declined": [
      "You refused assistance on a technicality when I needed it most.",
      "Support was withdrawn {few} days before my hearing.",
      "I want the decision to decline my request reviewed.",
      "After {years} years of membership you abandoned me over the {unit} matter.",
      "The letter declining indemnity gives no reasons at all.",
    ],
    "assistance.scope_terms": [
      "Why must I pay to report after I have retired?",
      "Telemedicine for patients overseas should be within the scope.",
      "The exclusions make the benefit worthless for a {role}.",
      "Run-off terms like these are unfair to those who leave early.",
      "The territorial limits make no sense for cross border practice.",
    ],
    "casework.advice_quality": [
      "Two advisers told me opposite things about the same inquest.",
      "The advice made my position with the regulator worse.",
      "Your adviser read me the guidance and nothing more.",
      "The statement that was signed off had {few} errors in it.",
      "I followed the advice of {month} and was criticised for it.",
    ],
    "casework.advice_access": [
      "I was on hold for {n} minutes while a coroner's officer waited.",
      "A callback was promised on {weekday} and none came.",
      "There was no one on the advice line overnight.",
      "The helpline cut me off {few} times in one morning.",
      "I could not reach an adviser before my meeting at the {unit}.",
    ],
    "casework.regulatory_case_handling": [
      "My case manager has changed {few} times since {month}.",
      "You missed the deadline that the council had set.",
      "My response went in without the changes I asked for.",
      "Nobody prepared me for the tribunal in {month}.",
      "The disciplinary panel had papers that I had never seen.",
    ],
    "casework.claims_handling": [
      "You settled the claim without asking me.",
      "{weeks} months and not one update on the negligence claim.",
      "Liability was admitted on my behalf and I learnt it from the claimant.",
      "The reserve on my claim was never explained.",
      "The expert report on the {unit} claim sat unread since {month}.",
    ],
    "casework.legal_representation": [
      "The barrister had not read the bundle.",
      "I asked to change solicitors and was ignored.",
      "Your expert works for the same trust as the other side.",
      "The panel solicitor sent a trainee to the conference.",
      "Counsel was instructed {few} days before the hearing.",
    ],
    "service.delay_no_response": [
      "I have written {few} times and nobody has answered.",
      "I am still waiting for a reply since {month}.",
      "Your automatic reply said five days; that was {weeks} weeks ago.",
      "Chasing again: has anyone looked at my message?",
      "Every week I am told that somebody will come back to me.",
      "This silence is not what I expect after {years} years.",
    ],
    "service.staff_conduct": [
      "Your colleague spoke to me as if I were guilty.",
      "She laughed when I said that I was anxious.",
      "There were remarks about my accent on {weekday}.",
      "He put the phone down on me in the middle of a sentence.",
      "I was patronised by a handler who knew nothing of being a {role}.",
    ],
    "service.communication_error": [
      "The letter is addressed to Mrs and I am Dr.",
      "I asked you to write and you telephoned my practice.",
      "Three letters in {month} give three different figures.",
      "The enclosure belonged to some other correspondence.",
      "Your letter contradicts what was agreed on {weekday}.",
    ],
    "service.complaint_handling": [
      "Your final response ignores half of my points.",
      "No one acknowledged my complaint of {month}.",
      "I do not accept the outcome of your investigation.",
      "The reviewer was the person I had complained about.",
      "The response took {weeks} weeks and answers nothing.",
    ],
    "data_digital.data_protection": [
      "My case file went to another doctor.",
      "{weeks} weeks and no answer to my subject access request.",
      "You told my employer about a confidential matter.",
      "You keep emailing although I opted out in {month}.",
      "An unencrypted attachment with patient names was sent to the {unit}.",
    ],
    "data_digital.website_app": [
      "I am locked out and no reset mail arrives.",
      "The online form lost everything that I had typed.",
      "Your site was down on the day of renewal.",
      "The app shows a blank page after signing in.",
      "Uploading the document failed {few} times with an error.",
    ],
    "education.courses_events": [
      "The workshop was cancelled the night before.",
      "I still have no certificate for the webinar of {month}.",
      "The course was a sales pitch and not training.",
      "The booking for the conference was taken twice.",
      "The tutor at the {unit} session did not turn up.",
    ],
    "access.vulnerability_adjustment": [
      "I told you of my breakdown and you kept ringing.",
      "No large print was sent although I had asked for it.",
      "My husband died and you sent him an invoice.",
      "I am in hospital and asked for more time, in vain.",
      "My dyslexia was noted and then forgotten.",
    ],
    "other": [
      "The parking at your office is impossible.",
      "Your magazine printed my name without asking.",
      "I object to the wording of your survey.",
      "The gift that you sent arrived broken.",
    ],
  ]

  static let openers = [
    "I am writing to complain.", "This is a formal complaint.", "I am very disappointed.",
    "Please treat this as a complaint.", "I am unhappy with how I have been treated.",
    "I wish to raise a concern.", "This is not good enough.", "I did not want to write this letter.",
  ]

  static let middles = [
    "It has caused me a great deal of stress.", "I had to cancel a clinic at the {unit} because of it.",
    "My practice manager can confirm all of this.", "I have been a member for {years} years.",
    "I spoke to somebody on {weekday} who could not help.", "It happened in {month} as well.",
    "As a {role} I rely on you.", "I have kept all the correspondence.",
    "It was the {n}th of {month} when this began.", "My colleagues say the same.",
    "I would have expected better.", "It cost me {few} working days.",
  ]

  static let closers = [
    "Please look into it and let me know.", "I expect an apology.", "I should like an explanation.",
    "Please put it right at once.", "Otherwise I shall go to the ombudsman.", "I look forward to your reply.",
    "Tell me what you will do about it.", "I want this corrected.",
  ]

  static let subjects = [
    "Complaint", "Formal complaint", "Unhappy", "Please help", "My membership", "Still waiting", "Problem",
    "Your service", "For the attention of the manager", "Concern", "Re: our telephone call",
  ]

  static let otherMail = [
    "Could you send me a copy of my certificate for {month}?", "Please change my address to the {unit}.",
    "What would it cost to add {few} sessions of private work?",
    "I should like to book a place on the course in {month}.", "Thank you for the quick help on {weekday}.",
    "Attached is the signed form that you asked for.", "When is the office open over the holidays?",
    "I start as a {role} in {month}; what do I have to do?", "Please confirm that you have my payment.",
    "Our invoice for {month} is attached.", "Minutes of the meeting on {weekday} are attached.",
    "May I speak to an adviser about a coroner's request?", "I am moving abroad in {month}.",
    "Many thanks, that answers my question.", "Please find the rota of the {unit} attached.",
    "Here is the reference that you wanted.", "Could someone ring me on {weekday}?",
  ]

  static let automaticMail = [
    "I am out of the office until the {n}th of {month}.", "Your message could not be delivered.",
    "Your message was read on {weekday}.", "Newsletter of the {unit} for {month}.",
    "This mailbox is not watched. Please ring us.",
  ]

  static let followUps = [
    "Is there any news of my complaint?", "I attach the letter that I spoke of.",
    "You asked for the date: it was in {month}.", "Thank you, but that does not answer it.",
    "Please add this to my case.",
  ]

  /// What nobody wrote before: the words of a new theme, in a few wordings.
  static let themes: [[String]] = [
    [
      "The verification code for the new portal never arrives.",
      "No verification code came from the new portal.",
      "I wait for a verification code that the portal does not send.",
    ],
    [
      "The chatbot answered with nonsense about my pension.", "Your chatbot gave me a made up reference.",
      "I was sent in circles by a chatbot.",
    ],
    [
      "The courier left the parcel of documents in the street.", "A courier lost the bundle.",
      "Your courier never collected the bundle from the practice.",
    ],
    [
      "The biometric login does not know my face.", "Since the biometric login came I am shut out.",
      "Biometric login fails on my phone.",
    ],
    [
      "The postal strike is no excuse for a missed notice.", "You blame the postal strike for everything.",
      "Because of the postal strike the notice was late.",
    ],
    [
      "The new weight loss injections clause was sprung on us.", "Why are weight loss injections excluded?",
      "Prescribing weight loss injections was fine until now.",
    ],
    [
      "The survey link led to a phishing page.", "I believe that the link was phishing.",
      "A phishing message used your logo.",
    ],
    [
      "The merger of the Bristol branch left nobody in charge.",
      "Since the Bristol branch closed nobody knows me.",
      "The Bristol branch sent me elsewhere.",
    ],
    [
      "The ransomware incident exposed my statement.",
      "After the ransomware incident nobody told me what was lost.",
      "Was my file in the ransomware incident?",
    ],
    [
      "The translated Welsh form has the wrong boxes.", "The Welsh form cannot be submitted.",
      "I filled in the Welsh form and got an error.",
    ],
    [
      "The physician associate rule was changed overnight.",
      "I supervise a physician associate and was not told.",
      "Does a physician associate count against my grade?",
    ],
    [
      "The cyberattack on the lab is not my fault.", "Results were lost in the cyberattack on the lab.",
      "You hold the lab cyberattack against me.",
    ],
  ]

  static let firstNames = [
    "Amara", "Ben", "Chidi", "Daniel", "Eilidh", "Farah", "Grace", "Hamish", "Imani", "Joris", "Keiko",
    "Liam",
    "Mei", "Niamh", "Oliver", "Priya", "Quentin", "Ruth", "Sipho", "Tessa", "Uma", "Victor", "Wanjiru",
    "Yusuf",
    "Zanele",
  ]
  static let lastNames = [
    "Abbott", "Botha", "Chen", "Dlamini", "Evans", "Fernando", "Gallagher", "Hughes", "Iyer", "Jacobs",
    "Khan",
    "Lim", "Murphy", "Ngata", "Osei", "Patel", "Quinn", "Reddy", "Smit", "Tan", "Usman", "Venter", "Walsh",
    "Xu",
    "Young",
  ]

  private static let fillers: [String: [String]] = [
    "month": [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ],
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "role": [
      "locum", "registrar", "dentist", "general practitioner", "consultant", "hygienist", "surgeon",
      "trainee",
      "psychiatrist", "radiologist",
    ],
    "unit": [
      "clinic", "hospital", "surgery", "practice", "health board", "trust", "ward", "out of hours service",
    ],
    "few": ["two", "three", "four", "five", "six"],
    "weeks": ["six", "seven", "eight", "nine", "ten", "twelve"],
    "years": ["eight", "eleven", "fifteen", "twenty", "thirty"],
  ]

  /// A sentence with its gaps filled.
  static func filled(_ sentence: String, _ random: inout Random) -> String {
    guard sentence.utf8.contains(0x7B) else { return sentence }
    var result = ""
    for (index, part) in sentence.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
      guard index > 0, let end = part.firstIndex(of: "}") else {
        result += part
        continue
      }
      let name = String(part[..<end])
      result += fillers[name].map { random.one(of: $0) } ?? String(random.number(2...28))
      result += part[part.index(after: end)...]
    }
    return result
  }

  /// A complaint of a category, with a sentence more where it belongs to a theme.
  static func complaint(_ category: String, theme: String?, _ random: inout Random) -> String {
    var sentences = [random.one(of: openers)]
    let own = complaints[category] ?? openers
    let first = random.number(0...own.count - 1)
    sentences.append(own[first])
    if random.chance(0.5) { sentences.append(own[(first + random.number(1...own.count - 1)) % own.count]) }
    if let theme { sentences.insert(theme, at: random.number(1...sentences.count)) }
    for _ in 0..<random.number(1...3) { sentences.append(random.one(of: middles)) }
    sentences.append(random.one(of: closers))
    return sentences.map { filled($0, &random) }.joined(separator: " ")
  }
}
