// Every limit of the parser, each with its reason. Reaching one yields a partial result and a defect, never an error.

/// Bounds on what one message may cost to read.
public struct Limits: Sendable, Hashable {
  /// Nested multiparts (and, counted apart, messages in messages) that are opened. Real mail stays below 20; 100 leaves room for
  /// long forward chains while a hostile 10,000 costs nothing.
  public var depth = 100
  /// Parts in one message. A mail with 1,000 parts is already a machine's work; the rest stays inside the last part.
  public var parts = 1_000
  /// Bytes of one header block. Servers refuse far smaller ones; long DKIM, ARC and Received chains fit 20 times.
  public var headerBytes = 1 << 20
  /// Fields in one header block. A well-travelled mail has about 100.
  public var headerFields = 1_000
  /// Bytes of one field's value that are looked at. Decoding is linear, so this bounds the cost of each accessor.
  public var fieldBytes = 256 << 10
  /// Addresses read from one kind of field. A complaint has few; 100,000 in a field is an attack on the reader.
  public var addresses = 1_000
  /// Parameters (RFC 2231 sections counted one by one) of one structured field.
  public var parameters = 100
  /// Bytes that decoding one part may yield: 100 MiB is above any mail server's size limit.
  public var decodedBytes = 100 << 20
  /// Bytes of decoded text that are turned into a String for people; more than a thousand pages.
  public var textBytes = 8 << 20
  /// Message identifiers read from References and In-Reply-To. Threads are cut by clients long before.
  public var references = 1_000
  /// Received fields read for their time stamps; RFC 5321 §6.3 suggests 100 as the sign of a loop.
  public var receivedFields = 200
  /// Defects kept; the rest would repeat what these already say.
  public var defects = 200

  /// The limits that fit ordinary operation.
  public static let standard = Limits()

  /// Starts from the standard limits.
  public init() {}
}

/// Bounds that no caller needs to move.
enum FixedLimit {
  /// Bytes looked at to learn which line ends a message uses and which charset an HTML part names.
  static let sniffedBytes = 64 << 10
  /// Longest boundary matched. RFC 2046 §5.1.1 allows 70 characters; some clients exceed it, none by this much.
  static let boundaryBytes = 1_000
  /// Bytes at the head of an HTML part in which a charset declaration is looked for (WHATWG HTML looks at 1,024; mail
  /// puts its own styles before it).
  static let charsetSearchBytes = 4_096
  /// Bytes of an HTML element's name that are looked at; the longest name in use has ten.
  static let elementNameBytes = 64
  /// Open HTML elements among which an end tag looks for its own; more would let a hostile nesting cost its square.
  static let openElementsSearched = 64
  /// Links of one text that are remembered, and bytes of each one's target.
  static let links = 1_000
  static let linkBytes = 2_048
  /// Bytes of a picture's description that are shown when a mail has no other words.
  static let pictureDescriptionBytes = 500
  /// Plain text up to this size may be a stand-in for its HTML alternative, which then says this many times as much.
  static let standInBytes = 300
  static let standInFactor = 3
  /// Multiparts looked through below an alternative (related in mixed in alternative is the deepest in use).
  static let alternativeDepth = 4
  /// Bytes handed over at a time when a body is decoded piece by piece.
  static let chunkBytes = 64 << 10
  /// Open HTML elements remembered; deeper ones only lose their hidden or quoted state.
  static let openElements = 512
  /// Quote marks drawn for nested block quotes; more would be noise.
  static let quoteDepth = 20
  /// Lines that a "On … wrote:" line may be folded into by the sender's client.
  static let attributionLines = 5
  /// Bytes of an attribution, wrapped lines together, and of a marker line; names and addresses are longest.
  static let attributionBytes = 400
  static let markerBytes = 160
  /// Bytes at the head of a line in which a header label is looked for.
  static let labelBytes = 40
  /// Lines within which a pasted header block must show its labels, and lines one label's value may be folded over.
  static let headerBlockSearch = 14
  static let foldedLabelLines = 4
  /// Lines below an attribution within which quote marks are looked for.
  static let quoteSearchLines = 6
  /// Lines below a header block of which it is counted how many are quoted.
  static let quoteShareLines = 200
  /// Lines of a text whose region is judged one by one; 1,000 times a long letter. The rest joins the last.
  static let regionLines = 1 << 20
  /// Bytes of a paragraph that are looked at to tell a legal notice or a gateway's warning from a writer's sentence.
  static let noticeBytes = 1_500
  static let bannerBytes = 600
  /// Paragraphs at the top of a message that gateways may have put there, and lines of each.
  static let banners = 3
  static let bannerLines = 8
  /// Bytes of a line such as "Sent from my iPhone", of a closing with a name, and of a contact block's line.
  static let appLineBytes = 120
  static let closingBytes = 64
  static let contactLineBytes = 110
  /// Lines looked at for a contact block at the end of the writer's words.
  static let contactLines = 30
  /// Lines at the end of a text among which the writer's name is looked for below what was passed on.
  static let signedBelowLines = 8
  /// Longest class, id or name that is looked up as a mark of a client.
  static let markBytes = 64
  /// Bytes of the writer's own words up to which an attached message counts as forwarded without its subject saying so.
  static let forwardNoteBytes = 600
  /// Messages forwarded within one another that are told apart.
  static let forwardChain = 20
  /// Lines a signature may have before the rest is taken for the writer's own words again.
  static let signatureLines = 20
  /// Lines that a pasted header block may have, long recipient lists included.
  static let headerBlockLines = 40
  /// Bytes that a guess at a charset looks at; more would say the same.
  static let charsetSampleBytes = 16 << 10
  /// Double-byte characters, and letters, below which a guess at a charset would be a throw of dice.
  static let charsetPairs = 6
  static let charsetLetters = 10
  /// Well-formed UTF-8 sequences to a stray byte from which text counts as broken UTF-8 without another look.
  static let brokenUTF8Factor = 4
  /// Charset names remembered as known or unknown.
  static let rememberedCharsets = 256
  /// How many times its size compressed content may yield; text reaches about ten.
  static let inflationFactor = 20
  /// Bytes of the line that names a uuencoded or yEnc file; file systems allow names of 255 bytes.
  static let enclosedNameBytes = 1_000
  /// Bytes of an RTF body: as with other text, more than a thousand pages; formatting takes most of it.
  static let rtfBytes = 16 << 20
  /// Open RTF groups whose state is kept; deeper ones only lose their own settings. Word nests some ten deep.
  static let rtfGroups = 1_000
  /// Fonts whose charset is remembered, of one RTF text.
  static let rtfFonts = 10_000
  /// Stretches of one RTF text that are converted from other charsets, each of which costs a call to iconv.
  static let rtfConversions = 20_000
}
