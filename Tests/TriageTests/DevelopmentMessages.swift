// Labelled messages that the rules were fitted to; other authors and situations than the held-out ones.

/// Records of `LabelledMessage`: "@ label category | subject" and then the text.
let developmentMessages = #"""
  @ complaint service.delay_no_response | Chasing again
  This is the third time I've asked. Would somebody kindly tell me whether my letter of 4 May arrived? Dr F
  Amos
  @ complaint service.delay_no_response | hello?
  I had expected to hear by now. It has been five weeks since your colleague said she would look into it.
  @ complaint service.delay_no_response | Update
  Frankly let down. Member since 1994 and I cannot get a straight answer out of anyone.
  @ complaint service.delay_no_response | Query of May
  Still waiting since May. Please advise.
  @ complaint service.delay_no_response | Your service level
  Brilliant service, only six weeks to answer a two-line email. I look forward to the next reply around
  Christmas.
  @ complaint membership.subscription_pricing | 38%
  A 38% rise with no explanation. I work two sessions a week and am charged as though I were full time.
  Please explain how the figure was reached.
  @ complaint membership.subscription_pricing | renewal quote
  Dear team, I have opened the renewal notice and nearly fell off my chair. My colleague across the
  corridor, same grade,
  same sessions, pays four hundred pounds less. Loyalty clearly counts for nothing.
  @ complaint membership.payment_billing | Direct debit
  You have taken the direct debit on the 1st, not the 28th as we agreed in writing, and I have bank charges
  of £35 as a result. I would like those repaid.
  @ complaint membership.payment_billing | arrears??
  I've just had a really threatening letter about arrears. I paid in full by card in January, receipt
  attached. Please stop these and apologise.
  @ complaint membership.cancellation_refund | Cancelled in March
  I asked to cancel in March and you still charged me in April, May and June. I want the money back.
  @ complaint membership.cancellation_refund | membership lapsed
  You lapsed me without notice. I found out from my employer on a Friday afternoon. I'd have paid at once
  had anyone troubled to ask.
  @ complaint membership.joining_renewal_admin | renewal papers
  The renewal papers never came. When I rang I was told they had gone to the old address again, which I have
  changed with you on two occasions.
  @ complaint membership.joining_renewal_admin | Simple form
  Six weeks to process a simple form! I cannot take up my post without the certificate and the trust is
  losing patience.
  @ complaint membership.information_given | cosmetic work
  I was told that cosmetic work was included when I signed up. Nobody mentioned that I had to declare each
  procedure. The website says one thing and your adviser another.
  @ complaint assistance.decision_declined | Withdrawal of support
  You withdrew your support two days before my hearing. I have never felt so abandoned. I want that decision
  reviewed by someone who was not involved in it.
  @ complaint assistance.decision_declined | decision of the committee
  I write to ask the Council to reconsider its refusal to indemnify me. The grounds given are a technicality
  and the facts as set out in your letter are simply not right.
  @ complaint assistance.scope_terms | Telemedicine
  Why should video consultations with my own patients on holiday be excluded? Your exclusions make the whole
  thing worthless for anyone in modern practice.
  @ complaint casework.advice_quality | Two advisers, two answers
  Two advisers told me opposite things within a week. I followed the first and it has made my position with
  the GMC worse.
  @ complaint casework.advice_quality | not much use
  I rang for advice and the doctor just read me the GMC guidance, which I had open in front of me. I could
  have done that myself.
  @ complaint casework.advice_access | 45 minutes
  45 minutes on hold while a coroner's officer waited in my office. Then I was cut off. Was promised a call
  back, none came.
  @ complaint casework.advice_access | out of hours
  Nobody answers your emergency line at the weekend. I needed a medicolegal adviser on Saturday night and
  got a recorded message about office hours.
  @ complaint casework.regulatory_case_handling | GDC matter
  My response went in without my changes, on the last afternoon, and your handler then left for a
  fortnight's holiday. The GDC has noticed the errors.
  @ complaint casework.regulatory_case_handling | HPCSA
  Good day. My consultant at your office has changed four times and each new one knows nothing of my HPCSA
  matter. The council's deadline was missed and I was the one who had to grovel. Dr P Naidoo, Durban
  @ complaint casework.claims_handling | Settlement
  You settled without asking me. You admitted liability on my behalf for something I did not do and it is on
  my record forever.
  @ complaint casework.claims_handling | claim no 99817
  Eighteen months and not one update on this claim unless I ring. I have moved house, had a baby and changed
  jobs in the time it has taken you to obtain an expert report.
  @ complaint casework.legal_representation | panel firm
  The panel solicitor had plainly not opened the papers before our conference. When I asked to change firms
  I was ignored.
  @ complaint service.staff_conduct | manner of adviser
  The adviser I spoke to last night spoke to me as if I were guilty. I was shaking by the end of it. I don't
  expect to be treated like a criminal by my own defence body.
  @ complaint service.staff_conduct | Accent
  Your member of staff made a comment about my accent and asked for "someone who speaks properly". I have
  practised here for 22 years.
  @ complaint service.communication_error | Three letters
  Three letters, three figures. I asked you to write, not call, and you called, at work, in front of
  patients.
  @ complaint service.complaint_handling | Final response
  Your final response ignores half my points and gets my name wrong in the second line. I do not accept this
  outcome.
  @ complaint service.complaint_handling | complaint of 3 March
  No one has acknowledged my complaint of 3 March. Your own leaflet says five working days. I'll be writing
  to the ombudsman on Friday.
  @ complaint data_digital.data_protection | File sent to another doctor
  My case file went to another doctor of the same surname. I learned of it because he telephoned me. How did
  this happen and who else has had it?
  @ complaint data_digital.data_protection | SAR
  Six weeks and no reply to my SAR. The law gives you a month.
  @ complaint data_digital.data_protection | emails
  I have opted out of your marketing three times and you keep emailing me. Please take me off every list and
  confirm.
  @ complaint data_digital.website_app | Locked out
  Locked out of my account since Friday and no reset mail arrives, whatever I do. The form lost everything I
  had typed before that.
  @ complaint education.courses_events | CPD
  The workshop was cancelled the night before, after I had paid for a hotel. I still have no CPD certificate
  for the one in March either. Please refund the hotel, R2,350.
  @ complaint access.vulnerability_adjustment | Please write only
  I told you about my breakdown in confidence and asked for letters only and you kept ringing. I am on sick
  leave and every call sets me back.
  @ complaint access.vulnerability_adjustment | my late husband
  My husband died in February. I sent the certificate. You billed him in March, April and again today.
  @ complaint other | car park
  Visited your Leeds office for my hearing preparation. The receptionist had no record of me, I waited two
  hours and got a parking fine that I think you ought to pay.
  @ complaint casework.claims_handling | Both
  Dear all, I need urgent advice on the attached letter from a patient's solicitor. I should add that I
  reported this in
  June and nobody has called me. That is not good enough from an organisation I pay £9,000 a year.
  @ complaint service.delay_no_response | Thank you, but
  Thank you for all the help Dr Kerr gave me in the spring, which was excellent. Sadly since she left I have
  not had a single reply from her successor despite several emails.
  @ complaint membership.payment_billing | Refund please
  On behalf of my mother, Dr E Lacey, who has dementia and cannot write herself: her account has been
  debited for two years after she told you she had stopped work. I hold power of attorney.
  @ complaint service.complaint_handling | URGENT for the CEO
  I am minded to go to the press. Your complaints team has had this since last year. If I don't hear within
  seven days my solicitor will issue proceedings.
  @ complaint casework.advice_access | not coping
  I can't go on like this. Three weeks I have been trying to get one of you to speak to me about the inquest
  and there are nights I think everyone would be better off without me.
  @ complaint service.communication_error | name
  Yet again a letter to "Mr" Farrell. I'm a woman. I have pointed this out in four emails.
  @ complaint casework.advice_quality | was it necessary?
  I wonder whether it was necessary for your adviser to copy the practice into a reply that I'd asked to
  keep between us. It has caused me a great deal of difficulty at work.
  @ complaint service.delay_no_response | question
  Is there anybody there? I've left messages on Monday, on Wednesday and this morning.
  @ complaint membership.joining_renewal_admin | Grade
  I'm down as a foundation doctor on your system and I have been a registrar since 2021. I have told you,
  sent the proof, told you again. It's still wrong on this year's papers.
  @ complaint assistance.decision_declined | no help
  So after 26 years of membership the answer is no. No reasons worth the name, no phone call, just a
  paragraph. I did hope for better from people who advertise that they are on my side.
  @ complaint service.staff_conduct | receptionist
  I found the lady on your switchboard rather short with me this morning and I would appreciate it if
  someone had a word.
  @ help - | GMC letter
  I have had a letter from the GMC this morning. A patient has complained about me and I feel sick. Please
  could an adviser phone me today?
  @ help - | Complaint received
  I have received a complaint about the way our reception handled a call. The patient says she was ignored
  and that our staff were rude. Could you review my draft response below?

  Dear Mrs Kent,
  Thank you for your letter. I am sorry that you were unhappy with the service you received and that your
  call was not returned. We let you down and I apologise for the delay.
  Yours sincerely
  Dr A Low
  @ help - | patient complaint, reply due Friday
  Hi, please see what the patient's husband writes:

  You people are useless. My wife waited nine weeks for a result. Nobody called. You lied to us. I want
  compensation and I will see you in court.

  What do I need to say? Reply is due Friday.
  @ help - | Fwd: Your failure
  Dear adviser, forwarded below is a letter from a relative that came in last night. I am not sure if I may
  disclose the
  notes. Could I have some guidance? Membership number 4471902.

  ---------- Forwarded message ---------
  From: T Blackwood <tb@post.example>
  Date: Mon, 3 Aug 2026 at 21:10
  Subject: Your failure
  To: <reception@surgery.example>

  This is a formal complaint. You failed my father. Your staff were rude and you have ignored four emails
  from me. I demand an apology and I will be reporting you to the CQC and the ombudsman.
  @ help - | Difficult colleague
  One of the partners has been shouting at the nurses and I am worried about patient safety. If I report him
  will I be protected? What are the next steps?
  @ help - | claim
  We have been sent particulars of claim in the case of Mrs L. The claimant says the delay in referral
  caused her a great deal of distress and that nobody apologised. Please confirm that you will take this on
  and tell us what you need.
  @ help - | ombudsman
  The health ombudsman has written to the practice about a complaint that we closed last year. They say our
  handling was poor. May I send them the records?
  @ help - | statement for inquest
  Please find my draft statement for the coroner. I am anxious to get it right, as the family were very
  upset with the hospital. I'd be grateful for your comments before Wednesday.
  @ help - | Employer
  My employer has suspended me without giving any reason and ignores my emails. It is outrageous. Can you
  help me with a grievance against them?
  @ enquiry - | telemedicine
  Does my membership cover me for video consultations with patients who are abroad on holiday? Thanks, Omar
  @ enquiry - | renewal date
  When is my renewal due this year, and will I get the papers by post or by email?
  @ enquiry - | joining
  I qualify in July and am comparing organisations. What would indemnity cost for a foundation doctor? Also
  is there a discount for dentists who work part time?
  @ enquiry - | complaint template
  Do you have a template letter for acknowledging a patient complaint? We want to update our procedure.
  @ enquiry - | certificate
  Hello, could you please send me a certificate of indemnity for my new employer? Membership no. 330917.
  Many thanks
  @ enquiry - | course
  Could you tell me whether the consent workshop in Cardiff will be repeated in the autumn? I could not make
  the last date.
  @ enquiry - | Retiring
  I am retiring in December after a happy career. What do I need to do about my membership and is any refund
  due?
  @ admin - | Change of bank
  Please update my bank details for the direct debit; the new mandate is attached. Regards, Dr Yusuf
  @ admin - | SAR
  Please treat this as a subject access request for all the personal information you hold about me under my
  membership. I look forward to receiving it within a month.
  @ admin - | change of name
  I have married and my surname is now Fenwick-Shah. Certificate attached. Could a new card be sent?
  @ admin - | Out of office
  I am out of the office until 14 June. For urgent matters please contact the rota coordinator.
  @ compliment - | thanks to Helen
  Just a note to say how helpful Helen was on the phone yesterday. I was in a panic and she sorted me out in
  ten minutes. Please tell her manager!
  @ compliment - | Outcome
  The tribunal found no case to answer. I was a nervous wreck when I first called you and your whole team
  never once made me feel a nuisance. Thank you from my family and me.
  @ compliment - | Feedback form
  Everything was fine, no complaints at all. The adviser was polite and called when she said she would.
  @ newsletter - | Upcoming webinars
  Struggling with complaints? Frustrated patients? Join our free webinar on dealing with dissatisfied
  patients. Places are going fast, book now. To unsubscribe click here.
  @ newsletter - | Your parcel
  We tried to deliver your parcel but nobody answered. Click here to arrange a new delivery. If you do not
  respond within five days it will be returned.
  @ other - | rota
  Can you swap the 14th with me? Sorry for the late notice, childcare has let me down again. Owe you one.
  @ other - | Supplier: printing
  Following up on my quote of last week for the leaflets. Did you have any questions? Happy to jump on a
  call.
  @ other - | printer
  The printer on the second floor is broken again. Facilities have been told. Use the one by the kitchen.
  @ foreign - | Queja
  Buenos días, llevo tres meses esperando una respuesta y nadie me contesta. Es inaceptable. Un saludo, Dra.
  Ruiz
  @ foreign - | Beschwerde
  Sehr geehrte Damen und Herren, seit acht Wochen warte ich auf eine Antwort zu meinem Antrag. Bitte melden
  Sie sich.
  @ foreign - | Pertanyaan
  Saya telah menghantar borang pada bulan Januari dan sehingga sekarang tidak ada jawapan daripada pihak
  anda.
  @ unsure - | complaint about my dentist
  I am a patient of one of your members, Dr Price. He pulled the wrong tooth and was rude when I said so. I
  want to make a complaint about him.
  @ unsure - | Fwd: Account
  See below.

  ---------- Forwarded message ---------
  From: Me <me@post.example>
  Date: Mon, 3 Aug 2026 at 21:10
  Subject: Account
  To: <membership@meridian-mutual.example>

  I have now written to you three times about the double payment. Please will somebody answer.
  @ unsure - | Re: Your membership
  Noted. Not what I hoped for.
  @ complaint other | A note
  I was rather hoping that by this stage in my career I would not have to explain to my own defence
  organisation what an anaesthetist does.
  @ complaint casework.advice_quality | A note
  Your adviser told me there was no need to notify. Now I'm told it is too late. I would like to know
  where that leaves me.
  @ complaint other | A note
  Please close my account. I have had enough.
  @ complaint data_digital.data_protection | A note
  The letter went to my ex-wife's address. She opened it. It was about the GMC. I had given you the new
  address in March.
  @ complaint service.delay_no_response | A note
  It is now the 30th. You said the 12th.
  @ complaint service.delay_no_response | A note
  I don't wish to complain, but I've been passed between four people this week and each asked for the same
  form.
  @ complaint access.vulnerability_adjustment | A note
  To whom it may concern: my late father's estate is still being billed. I have sent you the grant of
  probate twice. My mother is eighty-one.
  @ complaint education.courses_events | A note
  Your webinar froze every few minutes and no one answered the chat. I paid sixty pounds for it.
  @ complaint other | A note
  No wonder people are going to the other lot.
  @ complaint service.delay_no_response | A note
  You'll forgive me if I don't hold my breath.
  @ complaint assistance.decision_declined | A note
  I had to represent myself in the end. Luckily the panel was kinder than you were.
  @ complaint membership.subscription_pricing | A note
  Could you please explain why my fee has doubled when I have never made a claim?
  @ complaint other | A note
  I have repeatedly asked for a female adviser because of the nature of the case. Again today a man rang.
  @ complaint service.delay_no_response | A note
  I would be grateful to know whether anyone intends to answer my letter of 2 June.
  @ complaint casework.legal_representation | A note
  The solicitor you sent did not know my name, my specialty or the date of the hearing.
  @ help - | A note
  Dear team, a formal complaint has been lodged against me with the Medical Council by the family of a
  patient who died. They say I ignored their calls and that my notes were inadequate. I am very upset. I
  would be grateful for an adviser to call me on my mobile.
  @ help - | A note
  Hi, I got a really nasty Google review from a patient calling me incompetent and rude. Can I respond to
  it or would that breach confidentiality?
  @ help - | A note
  I attach a letter from the ombudsman about a complaint we failed to answer in time. We accept we were
  slow. What should we say?
  @ enquiry - | A note
  Good morning, could you confirm that my subscription has been received? I paid by bank transfer on
  Monday. Thanks.
  @ compliment - | A note
  Thank you so much for your patience with my many emails. You answered every one, and the refund arrived
  this morning.
  @ enquiry - | A note
  Please could you tell me how long refunds usually take? Mine was agreed last week.
  @ enquiry - | A note
  I'd like to upgrade my membership as I am starting private work in January. What is the process?
  @ help - | A note
  My practice nurse has made an error with a vaccine and the parents are furious. Do we need to notify
  anyone? Is this covered?
  @ admin - | A note
  Please cancel my membership from 31 March as I am emigrating. I have been very happy with the service.
  @ help - | A note
  One of our receptionists was shouted at by a patient who was unhappy about the delay. Can we remove him
  from the list?
  @ enquiry - | A note
  We are organising a GP study day and wonder whether one of your advisers would speak about complaints
  handling.
  @ other - | A note
  I was sorry to miss your call yesterday. I am free after two. It is about the inquest in June.
  @ enquiry - | A note
  I am a medical student writing a dissertation on why patients complain. Could you share any statistics?
  @ help - | A note
  Re the claim by Mrs T: please find my comments on the expert's report. He has misread the notes and I do
  not accept his conclusion on causation.
  @ help - | A note
  The hospital has failed to give me my records and the HR department refuses to answer. Please can you
  write to them on my behalf?
  @ enquiry - | A note
  Could you resend the certificate? I think I deleted the email by mistake. Sorry to be a nuisance.
  @ complaint service.delay_no_response | A line
  I sat by the phone all Thursday as you asked. It didn't ring.
  @ complaint membership.joining_renewal_admin | A line
  The new form asks for the same eleven things as the old form, which you also lost.
  @ complaint casework.claims_handling | A line
  My colleague's claim was reported in the same week as mine and hers was closed in spring. I have yet to
  be told who is dealing with mine.
  @ complaint other | A line
  If this is what thirty years of subscriptions buys, I shall advise the trainees accordingly.
  @ complaint membership.joining_renewal_admin | A line
  There must be some mistake. My invoice is for a consultant and I am a staff grade who works Tuesdays.
  @ complaint service.staff_conduct | A line
  Kevin on your switchboard asked whether I was "the doctor's wife". I am the doctor.
  @ complaint casework.claims_handling | A line
  I was under the impression that you acted for me and not for the insurers. The way the settlement was
  pushed through suggests otherwise.
  @ complaint service.communication_error | A line
  Would it be too much trouble to spell my name as it appears on the register?
  @ complaint data_digital.data_protection | A line
  The course handout had another delegate's address and bank details stapled to the back.
  @ complaint service.delay_no_response | A line
  You promised me a decision by the end of term. My pupils have gone home and come back.
  @ complaint data_digital.website_app | A line
  I've filled in your online form seven times. It ends each time with a spinning wheel.
  @ complaint access.vulnerability_adjustment | A line
  I explained to two of your people that I am deaf and can't use the phone. Both said somebody would ring
  me.
  @ complaint membership.information_given | A line
  Nobody warned me that going abroad for six months would end my cover for what I did before I left.
  @ complaint service.delay_no_response | A line
  I think I deserve to know why I was told nothing until the day before the hearing.
  @ complaint casework.advice_quality | A line
  With the greatest respect to your adviser, the last thing my patient's family needed was that letter.
  @ complaint other | A line
  This will be my last year with you.
  @ help - | A line
  Dear adviser, I missed the deadline for my observations because I was on leave. The GDC caseworker was
  quite short with me. Is it too late to send them and would you look at my draft?
  @ help - | A line
  A locum here was rude to a patient and she has emailed to say she is disgusted and will be taking it
  further. What would you recommend we do first?
  @ help - | A line
  Could someone call me about a claim? I have had papers from solicitors this morning. I have never had
  one before and don't know what to do with them.
  @ enquiry - | A line
  I have a question on the webinar next week: will there be CPD points and can I watch it later if my
  clinic overruns?
  @ compliment - | A line
  Please pass on my thanks to the lady who answered my call at midnight. She was calm and clear and I
  slept for the first time in a week.
  @ admin - | A line
  I wish to give notice that I will stop clinical work on 30 June and would like to move to the retired
  rate.
  @ enquiry - | A line
  Kindly confirm whether locum work in Jersey is covered under my present membership.
  @ help - | A line
  Our trust has been slow to release the notes and the coroner wants my statement by Monday. May I ask for
  more time?
  @ help - | A line
  A former patient keeps sending me abusive messages and has posted my address online. I don't feel safe.
  What can I do?
  @ enquiry - | A line
  My accountant needs a receipt for last year's subscription. Could you email one to me?
  @ other - | A line
  We have had no complaints this quarter and wanted to share our figures with you as agreed. See the table
  below.
  @ other - | A line
  Looking forward to Thursday's board dinner. I am vegetarian, by the way.
  @ admin - | A line
  Please send me a copy of everything you hold about the 2019 incident, as is my right under data
  protection law.
  @ other - | A line
  Your article on apologies was very good, though I thought the second example a little long. Keep them
  coming.
  """#
