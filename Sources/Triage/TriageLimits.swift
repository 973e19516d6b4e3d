// Every limit of judging, each with its reason: mail is hostile, and a verdict must come in bounded time.

enum TriageLimits {
  /// Bytes of the sender's words that are judged; a grievance stands in the first pages of any letter, and a
  /// longer text raises the rule `limit.long_text`, so that nobody takes the rest for read.
  static let judgedBytes = 200_000
  /// Bytes of a subject that are judged; more is padding.
  static let subjectBytes = 2_000
  /// Words of a sentence; text without stops is cut there, so that one "sentence" cannot hold a whole
  /// message.
  static let sentenceWords = 120
  /// Partial matches followed at once; real prose needs a few dozen, repeated words could make thousands.
  static let activeMatches = 192
  /// Bytes of one word; longer runs are encodings or noise, and only their beginning is compared.
  static let wordBytes = 40
  /// Sentences that the second reader reads a message without, one after the other, to see which it turned on: each
  /// costs a tenth of a second. A person reads the strongest two or three.
  static let readSentences = 3
  /// Pieces of evidence kept; a person reads the strongest few.
  static let evidence = 24
  /// Bytes of one piece of evidence: a sentence fits.
  static let evidenceBytes = 300
  /// Complaint points kept; more is a list that a person must take apart anyway.
  static let points = 12
  /// Flags kept of one kind; the first ones show it.
  static let flagsOfAKind = 3
  /// Facts kept of a message; the first ones are its own, later ones are lists.
  static let facts = 40
  /// Attachment names looked at.
  static let attachmentNames = 50
  /// Phrases of one leaf and bytes of one phrase in a taxonomy; they are written by hand.
  static let phrasesOfALeaf = 400
  static let phraseBytes = 500
}
