// Labelled messages that were written before any rule and that no rule was fitted to: they measure, they do
// not tune.

/// Records of `LabelledMessage`: "@ label category | subject" and then the text.
let heldOutMessages = #"""
  @ complaint membership.subscription_pricing | Renewal 2026
  Good morning. The renewal has landed and it is up by a third on last year. Nothing about my work has
  changed, I do the same six sessions in the same village. When I rang I was told "rates have gone up". That
  is not an explanation, and after nineteen years I think I am owed one. Dr H Pettigrew
  @ complaint membership.payment_billing | two payments
  My bank shows two collections from you on 3 June, both for 412.60. I have rung twice about the second and
  each time somebody promises it will be put back. It has not been put back.
  @ complaint membership.cancellation_refund | Retired!!
  I retired at Easter. I wrote to you at Easter. It is now August and the money still leaves my account
  every month. How many letters does it take?
  @ complaint membership.joining_renewal_admin | certificate
  Third attempt. The certificate you issued says dental nurse. I am a dentist. The health board will not let
  me start until it is right and I lose a day's pay each day this goes on.
  @ complaint membership.information_given | aesthetic work
  When I joined, the lady on the telephone said quite clearly that my botulinum work was included. Now I
  learn it never was. I have been injecting for four years in the belief that I was protected. How is that
  possible?
  @ complaint assistance.decision_declined | Council decision letter 14 May
  I have read your letter several times. To be left to face a tribunal by myself, on the strength of one
  late form, is not what I paid two decades of subscriptions for. I ask that somebody senior looks at it
  again.
  @ complaint casework.advice_quality | Statement
  The statement your adviser helped me to draft had the date of the operation wrong, and the coroner noticed
  before we did. It made me look careless in front of the family.
  @ complaint casework.advice_access | 24h line?
  Rang the out of hours number at 11pm on Sunday, police in the waiting room, rang out, rang again, rang
  out. What precisely is it that I pay for.
  @ complaint casework.regulatory_case_handling | My Medical Council case
  I am on my fifth case manager. Each one begins by asking me what happened. The last one let the date for
  the response slip by and the Council wrote to me about it, not you.
  @ complaint casework.claims_handling | claim by Mrs O.
  I discovered from the other side's lawyers, in a lift, that the claim had been settled. Nobody here had
  the courtesy to mention it. I did nothing wrong and I would never have agreed.
  @ complaint casework.legal_representation | Counsel
  The barrister instructed for my hearing met me eleven minutes before it and called me by another doctor's
  name. I would like to understand who chose him.
  @ complaint service.delay_no_response | (no subject)
  Hello, just following up on my messages of 2, 9 and 20 March. I expect they are in a queue somewhere. I'd
  be grateful for a reply of any sort. Kind regards, Niamh
  @ complaint service.staff_conduct | Call on Tuesday
  I don't like to make a fuss. But the gentleman I spoke to on Tuesday sighed at every question I asked, and
  when I became upset he said he had other calls waiting. I put the phone down and cried.
  @ complaint service.communication_error | Which is it
  Your letter of the 4th says I owe nothing. Your letter of the 6th says I owe 890 euro. Your text of the
  7th says thank you for paying. I have paid nothing. Which is it?
  @ complaint service.complaint_handling | RE: Outcome
  With respect, this answers a question I did not ask and leaves the three that I did. I'm not able to
  accept it. Please tell me what the next step is.
  @ complaint data_digital.data_protection | wrong doctor's papers
  Attached to your email this morning was the file of a colleague, with her patient's name, her GMC number
  and the expert's opinion on her. I have deleted it. I hope mine is not sitting in someone's inbox too.
  @ complaint data_digital.website_app | portal
  Your portal logs me out every time I press save, so I have now typed the same incident report four times.
  I gave up at midnight.
  @ complaint education.courses_events | Workshop Leeds
  Took a day's leave, drove ninety miles, found a locked door and a sheet of paper saying the workshop had
  moved online. No email, no call.
  @ complaint access.vulnerability_adjustment | Please stop telephoning
  I told your office in January that since the stroke I can't follow telephone calls and need things in
  writing. There have been six calls since. It frightens me when I can't make out what is wanted.
  @ complaint other | your Christmas card
  You sent a jolly card addressed to my late partner of the practice. He died in the spring and I told you
  so. His widow opened it.
  @ complaint service.delay_no_response | Congratulations
  Congratulations to the whole department: eleven weeks and counting for a one-line answer. Is there a
  prize?
  @ complaint service.delay_no_response | query
  Ag no man, I've been back and forth with you people since February and still no joy. Eish. Please can
  someone just phone me back. Dr T Mokoena, Polokwane
  @ complaint assistance.scope_terms | run off
  I cannot see how it is right that a member of thirty years has to go on paying after she stops practising,
  simply to be allowed to report something that happened while she paid in full.
  @ complaint casework.claims_handling | update please
  It's 14 months since I was told counsel's opinion was awaited. I am not sleeping. I understand these
  things take time, but I do feel rather forgotten by you all.
  @ complaint membership.joining_renewal_admin | application
  I completed the application on the 1st, again on the 9th because you lost it, and once more on the 16th as
  the second had "gone to the wrong team". I start work on Monday with no indemnity. I am really quite
  worried.
  @ complaint casework.advice_quality | conflicting advice
  Dr A on your advice line told me to write to the patient. Dr B told me on no account to write to the
  patient. I had by then written to the patient. I'm now in more difficulty than when I first rang.
  @ complaint service.complaint_handling | To the Chief Executive
  Dear Chief Executive, I complained on 8 January. I had an automatic reply. I have had nothing else.
  Unless I hear by
  Friday week I shall put the whole matter before the Ombudsman and my MP.
  @ complaint data_digital.data_protection | my records request
  On 2 February I asked for a copy of the file you hold on me. The month went by, then another. You have now
  sent forty pages, thirty of them blacked out, and no reason why.
  @ complaint casework.claims_handling | claim reported in May, and a new letter today
  A letter before action arrived this morning, attached. You will see it is about the matter that I reported
  to you in May. Nobody rang me in May, or in June, or since. I need someone on it today.
  @ complaint casework.advice_access | Complaint from Mr D's daughter
  I have had a horrible complaint from a daughter of a patient and need help with the reply. I have tried
  your line since Monday morning; I am told there are no advisers free and nobody returns the call. My
  practice manager wants the reply tomorrow.
  @ complaint membership.information_given | Locum cover
  Your own web page said locums are covered for out-of-hours work without notifying you. On that basis I
  took the shifts. Your adviser now says the page was "out of date". It cost me my peace of mind and a
  solicitor's fee of £1,240 which I look to you to repay.
  @ complaint service.communication_error | Mrs?
  Small thing, but I have asked four times: I am Professor Adeyemi-Ross, not Mrs Ross, and I have never
  lived in Bath.
  @ complaint service.staff_conduct | feedback on my call
  Your colleague Gareth told me people "from my part of the world" usually send such letters. I qualified in
  Lagos and I have been a consultant in Hull for twelve years. I should like someone to explain that remark.
  @ complaint membership.cancellation_refund | Refund of subs - mat leave
  Hi team, I'm told the refund for my maternity leave will be with me "shortly". I was told that in
  September as well. My daughter is now walking.
  @ complaint casework.legal_representation | your solicitors
  The firm you appointed has not answered one of my calls in a month and then sent its trainee to meet the
  court's expert. I asked for somebody else and that, too, went unanswered.
  @ complaint service.delay_no_response | Sorry to bother you
  So sorry to bother you again, I know how busy everyone must be. I did send the form in on 3 April and rang
  on the 17th and the 29th. If it has gone astray I can send another. I only ask because the hospital is
  becoming impatient with me.
  @ help - | Please help - complaint letter received
  I have today received the attached letter of complaint from a patient's husband. He is extremely angry and
  says I was negligent. I have never had anything like this before. Could somebody ring me to talk through
  the reply?
  @ help - | FW: formal complaint
  Hello, could you look at the below and tell me how to answer? I have ten days.

  -----Original Message-----
  From: Karen Dossett <kd@post.example>
  Sent: 3 August 2026 17:42
  To: Hill Surgery
  Subject: formal complaint

  I am absolutely disgusted by the way you treated my mother. You ignored her for hours, you lied in the
  notes and I want compensation. I shall go to the ombudsman and the newspapers. You should be ashamed.
  @ help - | GDC
  The GDC has opened an investigation after a complaint about a crown that I fitted in 2023. They want my
  observations within 28 days. Please open a case, I am happy to be called at lunch time.
  @ help - | Advice wanted
  A patient of mine is unhappy with the delay in her diagnosis and her daughter has threatened to go to the
  press. She says that we failed her. I would value your advice on whether to meet them.
  @ help - | new claim
  Please find attached a claim form served on the practice yesterday by Messrs Tolley on behalf of Mr R. He
  alleges that I failed to refer him and that he suffered a terrible outcome. Acknowledge by return please.
  @ help - | employer disciplinary
  My trust has started a disciplinary process against me after a complaint from a nurse. The HR lady has
  been rude and refuses to give me the statement. What are my rights? My membership number is 558231.
  @ enquiry - | Question about cover
  Hi, I am thinking of doing one session a week in a private clinic from September. Would that change what I
  pay? Thanks very much, Lucy
  @ enquiry - | How do complaints work
  We are writing our practice's own complaints policy and would like to know how many days we should allow
  for a reply. Do you have a template?
  @ enquiry - | refund
  Could you let me know how I would go about claiming a refund if I retire part way through the year? I have
  not decided yet.
  @ enquiry - | Direct debit date
  Please could my direct debit be moved from the 1st to the 28th of the month? My salary is paid later now.
  Many thanks.
  @ admin - | New address
  Please note that from 1 October my address is 4 Mill Rise, Otley. My telephone number stays the same.
  @ admin - | Subject access request
  Under the UK GDPR I would like a copy of the personal data that you hold about me, including notes of
  telephone calls. I enclose a copy of my passport. Please confirm receipt.
  @ admin - | Invoice 20114
  Please find attached our invoice for the catering on 12 May, payable within 30 days. With best wishes,
  Accounts
  @ compliment - | Thank you
  I want to put on record how grateful I am to Dr Lowe. From the first terrible phone call to the end of the
  inquest she was calm, quick and kind. I had expected to be a number. I was not.
  @ compliment - | Dr Singh
  The complaint against me has been closed, and I could not have got through it without your adviser. No
  complaints here except that I never got to meet her in person! Wonderful service.
  @ newsletter - | Risk matters: July issue
  In this month's issue: five ways to avoid a complaint, what to do when a patient is unhappy, and why
  delays in replying lead to claims. Register now for our webinar. You can unsubscribe at any time.
  @ other - | Lunch on Thursday
  Are we still on for Thursday? I'm in court till one and the trains have been dreadful, so let us say half
  past. Shout if that fails for you. J
  @ other - | minutes
  Thanks everybody for coming. The minutes are attached. Item 4, the problem with the heating, is carried
  over to the next meeting. Sandra will chase the landlord.
  @ foreign - | Lidmaatskap
  Goeie dag, ek het al drie keer vir julle geskryf oor my hernuwing en niemand antwoord my nie. Dit is nou
  al sewe weke. Ek is baie ontevrede hiermee. Groete, Dr Botha
  @ foreign - | Demande
  Bonjour, j'attends depuis deux mois une réponse de votre part au sujet de mon attestation. Je trouve cette
  situation inadmissible et je vous prie de me rappeler. Cordialement, Dr Lambert
  @ foreign - | 查詢
  您好，我三個月前已經提交申請，至今仍未收到任何回覆，請盡快處理。謝謝。
  @ enquiry - | Retention
  Good afternoon. How long should a dental practice keep the records of children? We are clearing a
  storeroom and do not want to get it wrong. Regards, Practice manager
  @ help - | urgent - inquest Monday
  I have been called to an inquest on Monday. The family are very hostile and blame me for the failure to
  admit their father. I have never given evidence before and am frightened. Is it possible to have a
  barrister?
  @ compliment - | webinar
  Really enjoyed last night's webinar on consent. The speaker was excellent. One idea: it would be nice to
  have the slides beforehand.
  """#

/// The same, understated to a line or two: what rules find hardest. Of 15 complaints 8 reached a person when
/// first judged, and 10 after the rule `doubt.unexplained` was widened for what had been missed.
let understatedMessages = #"""
  @ complaint membership.cancellation_refund | A line
  In February I was assured by telephone that nothing further was needed from me. In May you wrote to say
  my cover had stopped in March.
  @ complaint service.staff_conduct | A line
  Each time I ring I get a different name and a different answer, and none of them has read the file.
  @ complaint membership.information_given | A line
  I paid for the premium package and the person who advised me had been in the job nine days. He told me
  so.
  @ complaint service.delay_no_response | A line
  It seems that my emails go into a hole. I'd welcome a sign of life.
  @ complaint membership.subscription_pricing | A line
  As a junior doctor on a rotation I can't see the sense of charging me for a full year when I told you I
  would be leaving in August.
  @ complaint service.staff_conduct | A line
  I was asked three times in one call whether I had been drinking. I rang about a needle injury.
  @ complaint casework.legal_representation | A line
  My hearing is on Tuesday. It is Friday. I don't know who is representing me.
  @ complaint data_digital.data_protection | A line
  My name, my address and the allegation itself were on the outside of the envelope.
  @ complaint data_digital.website_app | A line
  Your chatbot told me to contact my insurer. You are my insurer, or so I believed.
  @ complaint other | A line
  I am sorry to say the whole experience has put me off asking for help again.
  @ complaint casework.legal_representation | A line
  So the expert you paid for agrees with the other side. Was anybody planning to tell me?
  @ complaint membership.cancellation_refund | A line
  I cancelled in writing. Here I am on your books, apparently for ever.
  @ complaint other | A line
  I would like it noted that at no point did anyone ask how I was.
  @ complaint education.courses_events | A line
  The seminar began forty minutes late and ended early; the certificate says six hours.
  @ complaint assistance.decision_declined | A line
  I expected a defence body to defend me.
  @ help - | A line
  Hello, I am writing on the advice of my clinical director. A family has asked for an independent review
  of my care and is threatening legal action. Do I need to speak to you first?
  @ compliment - | A line
  Just to let you know that my case at the tribunal ended well. I owe you all a drink.
  @ enquiry - | A line
  My new hospital wants proof that I was a member in 2018. Where do I find that?
  @ help - | A line
  A nurse has accused me of bullying and HR has opened an inquiry. They refuse to tell me what I am
  supposed to have said. I need someone to come with me on the 9th.
  @ help - | A line
  I shall be in theatre all day, so please ring after six about the Harris matter.
  @ other - | A line
  Hi all, the fire drill is at eleven tomorrow. Please don't ignore it like last time!
  @ help - | A line
  The patient has now sent a fourth letter, angrier than the others. I have not replied to any of them.
  Should I?
  @ enquiry - | A line
  I could not open the form you sent, is there a version for a Mac?
  @ enquiry - | A line
  Would you be able to recommend a course on record keeping for trainees?
  @ admin - | A line
  I have moved from Galway to Cork. My new practice address is below for your records.
  """#
