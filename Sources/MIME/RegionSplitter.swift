// Divides a text's lines into own words, quotes, forwards, signatures and disclaimers: one walk down, then a look at
// the end of each stretch of own words.

struct RegionSplitter {
  let bytes: [UInt8]
  let lines: [TextLine]
  let isForward: Bool
  private(set) var kinds: [TextRegion.Kind]
  private let marks: LineMarks
  private let sender: SenderName?
  /// Where somebody else's words began that nothing ended.
  private var openFrom: Int?
  /// The next of `marks.quotes` that the walk has not reached.
  private var nextQuote = 0
  /// Up to this line two dashes have been found to be a rule.
  private var ruleUntil = 0
  /// A quote mark other than ">" that stood below an attribution: "JD>", "|", "#".
  private var prefix: [UInt8]?
  /// Whether somebody else's words have been met.
  private var hasMetOthers = false
  /// Whether a quoted line has been met that was wrapped on its way.
  private var hasMetRewrap = false

  /// `sender` is the writer's name as the message's From field has it.
  init(_ bytes: [UInt8], isForward: Bool, marks: [TextMark], sender: String? = nil) {
    self.bytes = bytes
    self.sender = sender.flatMap(SenderName.init)
    // Lines keep 32-bit offsets; a text that does not fit is left whole.
    lines = bytes.count < Int(UInt32.max) ? LineSplitter.lines(bytes) : []
    self.isForward = isForward
    kinds = [TextRegion.Kind](repeating: .own, count: lines.count)
    self.marks = LineMarks(marks, lines)
  }

  mutating func regions() -> [TextRegion] {
    guard !lines.isEmpty else {
      return bytes.isEmpty ? [] : [TextRegion(kind: .own, range: 0..<bytes.count)]
    }
    divide()
    var out: [TextRegion] = []
    var start = 0
    for index in kinds.indices.dropFirst() where kinds[index] != kinds[index - 1] {
      out.append(TextRegion(kind: kinds[index - 1], range: start..<lines[index].range.lowerBound))
      start = lines[index].range.lowerBound
    }
    if let last = kinds.last { out.append(TextRegion(kind: last, range: start..<bytes.count)) }
    return out
  }

  /// Gives each line its kind.
  mutating func divide() {
    var index = banners()
    while index < lines.count { index = step(index) }
    if let openFrom, let sender { signedBelow(openFrom, sender) }
    // Whatever else marks it, what a forward holds beside the writer's words was forwarded.
    if isForward, !kinds.contains(.forwarded) {
      for index in kinds.indices where kinds[index] == .quoted { kinds[index] = .forwarded }
    }
    contacts()
    // A blank line belongs with what stands before it, so that regions do not begin with blank lines.
    for index in lines.indices.dropFirst() where lines[index].isBlank && lines[index].depth == 0 {
      kinds[index] = kinds[index - 1]
    }
  }

  // MARK: The walk

  /// Judges the lines from `index` on and returns the first one not judged.
  private mutating func step(_ index: Int) -> Int {
    let line = lines[index]
    if marks.isEmpty == false, let end = marked(index) { return end }
    if line.depth > 0 { return quote(index) }
    if line.isBlank { return index + 1 }
    if let prefix, holds(prefix, line.content) {
      kinds[index] = .quoted
      return index + 1
    }
    let first = bytes[line.content.lowerBound]
    if let marker = ForwardMarkers.marker(bytes, line), !isBlackBerry(first) || labelFollows(index) {
      return passOn(index, to: index + 1, marker.forwards || isForward ? .forwarded : .quoted)
    }
    if startsBlock(index) {
      return passOn(index, to: index + 1, isForward ? .forwarded : .quoted)
    }
    if line.endsWithColon, let start = attribution(index) {
      return attributed(start, to: index + 1)
    }
    if line.endsWithColon, announcesBlock(index) { return passOn(index, to: index + 1, .forwarded) }
    if first == ASCII.dash, let end = signature(index) { return end }
    if AppLines.holds(bytes, line.content), !isMidSentence(index) {
      kinds[index] = .signature
      return index + 1
    }
    if index == 0 || lines[index - 1].isBlank || kinds[index - 1] != .own || isRule(index - 1)
      || marks.isSignature(index),
      let end = notice(index)
    {
      return end
    }
    if marks.isSignature(index) { kinds[index] = .signature }
    return index + 1
  }

  private mutating func fill(_ range: Range<Int>, _ kind: TextRegion.Kind) {
    for index in range { kinds[index] = kind }
    hasMetOthers = true
  }

  /// Takes the quoted lines from `index` on; returns the first line after them.
  private mutating func fillQuote(_ index: Int, _ kind: TextRegion.Kind) -> Int {
    var end = index
    while end < lines.count, lines[end].depth > 0 || continuesQuote(end) {
      kinds[end] = kind
      end += 1
    }
    hasMetOthers = true
    return end
  }

  private func isRule(_ index: Int) -> Bool { HeaderBlock.isRule(bytes, lines[index].content) }

  /// Whether a line goes on with the sentence of the line above.
  private func isMidSentence(_ index: Int) -> Bool {
    let first = bytes[lines[index].content.lowerBound]
    return index > 0 && !lines[index - 1].isBlank && first >= 0x61 && first <= 0x7A
  }

  private func isBlackBerry(_ first: UInt8) -> Bool { first | 0x20 == 0x6F }

  private func labelFollows(_ index: Int) -> Bool {
    guard let next = nextLine(index + 1) else { return false }
    return lines[next].label != nil
  }

  /// The next line that is not blank, two blank ones at most between.
  private func nextLine(_ index: Int) -> Int? {
    var cursor = index
    while cursor < lines.count, cursor < index + 3 {
      if !lines[cursor].isBlank || lines[cursor].depth > 0 { return cursor }
      cursor += 1
    }
    return nil
  }

  /// Whether a pasted header block starts here, Outlook's rule above it included.
  private func startsBlock(_ index: Int) -> Bool {
    if lines[index].label != nil { return HeaderBlock.starts(bytes, lines, index) }
    guard isRule(index), let next = nextLine(index + 1), lines[next].label != nil else { return false }
    return HeaderBlock.starts(bytes, lines, next)
  }

  /// Whether a few words with a colon stand over a quoted header block: Apple's forward marker in whatever language.
  private func announcesBlock(_ index: Int) -> Bool {
    guard lines[index].content.count <= 60, let quoted = quoteFollows(index + 1) else { return false }
    let words = bytes[lines[index].content].reduce(1) { $0 + ($1.isBlank ? 1 : 0) }
    guard words <= 5 else { return false }
    var head = quoted
    while head < lines.count, head < quoted + 3, lines[head].isBlank { head += 1 }
    return head < lines.count && lines[head].depth > 0 && startsBlock(head)
  }

  /// Where an attribution begins that ends at `index`.
  private func attribution(_ index: Int) -> Int? {
    Attribution.start(bytes, lines, endingAt: index, aboveQuote: quoteFollows(index + 1) != nil)
  }

  /// The next line if it is quoted, by marks of either sort.
  private func quoteFollows(_ index: Int) -> Int? {
    guard let next = nextLine(index) else { return nil }
    return lines[next].depth > 0 || marks.quoteStarts(at: next) ? next : nil
  }

  /// Somebody else's words begin at `start`; their announcement ends before `below`. They reach to the end of a quote
  /// that follows at once, else to the end of the text, for then nothing says where they end.
  private mutating func passOn(_ start: Int, to below: Int, _ kind: TextRegion.Kind) -> Int {
    if let quoted = quoteFollows(below) {
      fill(start..<quoted, kind)
      if let end = markedEnd(quoted, kind) { return end }
      return fillQuote(quoted, kind)
    }
    if let quoted = quoteBelowBlock(below) {
      fill(start..<quoted, kind)
      return fillQuote(quoted, kind)
    }
    var end = below
    if kind == .forwarded {
      // mutt closes what it forwards.
      while end < lines.count, !ForwardMarkers.isEnd(bytes, lines[end]) { end += 1 }
    }
    if end < lines.count, kind == .forwarded {
      end += 1
    } else {
      end = lines.count
      openFrom = start
    }
    fill(start..<end, kind)
    return end
  }

  /// The quoted lines below a header block, when nearly all of what follows is quoted: then the rest is answers. With
  /// few of them the history only begins with a quote of its own.
  private func quoteBelowBlock(_ below: Int) -> Int? {
    var cursor = max(0, below - 1)
    let end = min(lines.count, cursor + FixedLimit.headerBlockLines)
    while cursor < end, lines[cursor].depth == 0,
      !lines[cursor].isBlank || cursor + 1 < end && lines[cursor + 1].label != nil
    {
      cursor += 1
    }
    guard let first = nextLine(cursor), lines[first].depth > 0 else { return nil }
    var quoted = 0
    var others = 0
    for line in lines[first...].prefix(FixedLimit.quoteShareLines) where !line.isBlank {
      if line.depth > 0 { quoted += 1 } else { others += 1 }
    }
    return quoted >= 2 * others ? first : nil
  }

  /// What an attribution announces. Without quote marks straight below, marks may follow after a few words ("[snip]") or
  /// be others than ">"; only if there are none, all that is left is quoted.
  private mutating func attributed(_ start: Int, to below: Int) -> Int {
    if quoteFollows(below) != nil { return passOn(start, to: below, .quoted) }
    var cursor = below
    var seen = 0
    while cursor < lines.count, seen < FixedLimit.quoteSearchLines {
      let line = lines[cursor]
      if line.depth > 0 || marks.quoteStarts(at: cursor) {
        fill(start..<below, .quoted)
        return below
      }
      if !line.isBlank {
        seen += 1
        if let found = initials(line.content) ?? (seen == 1 ? sharedPrefix(cursor) : nil) {
          prefix = found
          fill(start..<below, .quoted)
          return below
        }
      }
      cursor += 1
    }
    return passOn(start, to: below, .quoted)
  }

  /// "JD>" at the start of a line.
  private func initials(_ content: Range<Int>) -> [UInt8]? {
    var cursor = content.lowerBound
    while cursor < content.upperBound, cursor - content.lowerBound < 5, bytes[cursor].isLetter { cursor += 1 }
    guard cursor > content.lowerBound, cursor < content.upperBound, bytes[cursor] == ASCII.greater else {
      return nil
    }
    return Array(bytes[content.lowerBound...cursor])
  }

  /// Up to three marks that begin this line and the next one alike.
  private func sharedPrefix(_ index: Int) -> [UInt8]? {
    let content = lines[index].content
    let marks = bytes[content].prefix(3).prefix { byte in
      byte == 0x7C || byte == 0x23 || byte == ASCII.colon || byte == 0x5D || byte == 0x7D || byte == 0x25
        || byte == ASCII.dash
    }
    guard !marks.isEmpty, marks.contains(where: { $0 != ASCII.dash }), index + 1 < lines.count else {
      return nil
    }
    return holds(Array(marks), lines[index + 1].content) ? Array(marks) : nil
  }

  private func holds(_ prefix: [UInt8], _ content: Range<Int>) -> Bool {
    content.count >= prefix.count && bytes[content].starts(with: prefix)
  }

  // MARK: Quote marks

  private mutating func quote(_ index: Int) -> Int {
    if let end = greaterThan(index) { return end }
    if Attribution.isChevrons(bytes, lines[index]), quoteFollows(index + 1) == nil {
      fill(index..<lines.count, .quoted)
      return lines.count
    }
    // A quoted forward marker is how Apple Mail and HTML quotes show a forwarded mail.
    var kind = TextRegion.Kind.quoted
    var head = index
    while head < lines.count, lines[head].depth > 0, lines[head].isBlank { head += 1 }
    if head < lines.count, lines[head].depth > 0 {
      if let marker = ForwardMarkers.marker(bytes, lines[head]), marker.forwards || isForward {
        kind = .forwarded
      } else if isForward, startsBlock(head) {
        kind = .forwarded
      }
    }
    return fillQuote(index, kind)
  }

  /// Lines whose ">" is no quote mark: "greater than" before a number, with nobody quoted so far, or mbox's mark before
  /// "From "; returns the first line after them.
  private func greaterThan(_ index: Int) -> Int? {
    var end = index
    while end < lines.count, lines[end].depth == 1, !lines[end].isBlank, end - index < 6 {
      let line = lines[end]
      let isMbox = hasPrefix(">from ", in: bytes, at: line.range.lowerBound, limit: line.range.upperBound)
      guard isMbox || !hasMetOthers && isNumber(line.content) else { return nil }
      end += 1
    }
    guard end > index, end >= lines.count || lines[end].depth == 0 else { return nil }
    return end
  }

  /// A number that counts something; "1." and "2)" number the points of a letter.
  private func isNumber(_ content: Range<Int>) -> Bool {
    var cursor = content.lowerBound
    if bytes[cursor] == ASCII.equal { return true }
    // A currency sign before it.
    if bytes[cursor] == 0x24 { cursor += 1 }
    if bytes[cursor] == 0xC2 || bytes[cursor] == 0xE2 { cursor += bytes[cursor] == 0xC2 ? 2 : 3 }
    let start = cursor
    while cursor < content.upperBound, bytes[cursor].isDigit { cursor += 1 }
    guard cursor > start else { return false }
    return cursor >= content.upperBound || bytes[cursor] != ASCII.dot && bytes[cursor] != ASCII.close
      || cursor + 1 < content.upperBound && bytes[cursor + 1].isDigit
  }

  /// The end of a quoted line that was wrapped on its way: short, in the middle of a sentence, the quote around it.
  /// Where the quote ends with it, another must have shown that lines were wrapped.
  private mutating func continuesQuote(_ index: Int) -> Bool {
    guard index > 0, lines[index].depth == 0 else { return false }
    let above = lines[index - 1]
    let line = lines[index]
    if line.isBlank { return marks.isEmpty && index + 1 < lines.count && lines[index + 1].depth > 0 }
    guard above.depth > 0, above.content.count >= 40, line.content.count <= 40,
      line.content.count < above.content.count
    else { return false }
    let isInside = index + 1 < lines.count && lines[index + 1].depth == above.depth
    let isLast = hasMetRewrap && (index + 1 >= lines.count || lines[index + 1].isBlank)
    guard isInside || isLast else { return false }
    let first = bytes[line.content.lowerBound]
    let last = bytes[above.content.upperBound - 1]
    guard first >= 0x61, first <= 0x7A, last != ASCII.dot, last != ASCII.question, last != 0x21,
      last != ASCII.colon
    else { return false }
    hasMetRewrap = hasMetRewrap || isInside
    return true
  }

  // MARK: Marks of HTML

  /// Handles what HTML says begins at this line; nil when it says nothing.
  private mutating func marked(_ index: Int) -> Int? {
    if let from = marks.fromHere, from == index, HeaderBlock.looksLikeOne(bytes, lines, index) {
      return passOn(index, to: index + 1, isForward ? .forwarded : .quoted)
    }
    let kind: TextRegion.Kind = isForwarded(index) ? .forwarded : .quoted
    if let end = markedEnd(index, kind) { return end }
    if marks.isAttribution(index), !lines[index].isBlank, lines[index].depth == 0 {
      kinds[index] = .quoted
      return index + 1
    }
    return nil
  }

  /// Whether the stretch that begins here shows a forwarded mail.
  private func isForwarded(_ index: Int) -> Bool {
    guard let head = nextLine(index) else { return false }
    if let marker = ForwardMarkers.marker(bytes, lines[head]) { return marker.forwards || isForward }
    return isForward && startsBlock(head)
  }

  /// Takes the stretch that HTML marks as not the writer's and that begins at `index`; nil when none does.
  private mutating func markedEnd(_ index: Int, _ kind: TextRegion.Kind) -> Int? {
    while nextQuote < marks.quotes.count, marks.quotes[nextQuote].lines.lowerBound < index { nextQuote += 1 }
    guard nextQuote < marks.quotes.count, marks.quotes[nextQuote].lines.lowerBound == index else {
      return nil
    }
    let (range, markKind) = marks.quotes[nextQuote]
    nextQuote += 1
    let kind = markKind == .forwarded ? .forwarded : kind
    hasMetOthers = true
    guard markKind == .quoteContainer, kind == .quoted else {
      fill(range, kind)
      return range.upperBound
    }
    // Down to the first block quote it is the attribution; after that the walk goes on line by line.
    guard let quoted = range.first(where: { lines[$0].depth > 0 }) else {
      fill(range, kind)
      return range.upperBound
    }
    fill(range.lowerBound..<quoted, kind)
    return quote(quoted)
  }

  // MARK: Signatures and notices

  /// RFC 3676 §4.3's "-- "; returns the first line after the signature.
  private mutating func signature(_ index: Int) -> Int? {
    let line = lines[index]
    guard index > 0, line.content.count == 2, bytes[line.content.lowerBound + 1] == ASCII.dash else {
      return nil
    }
    // Without its space the line may be a rule between paragraphs: then what follows must be short.
    let isExact =
      line.range.upperBound > line.content.upperBound && bytes[line.content.upperBound] == ASCII.space
    guard isExact || index >= ruleUntil else { return nil }
    var end = index + 1
    var count = 0
    while end < lines.count, count < FixedLimit.signatureLines {
      let next = lines[end]
      if !next.isBlank {
        if next.depth > 0 || marks.quoteStarts(at: end) || marks.fromHere == end
          || ForwardMarkers.marker(bytes, next) != nil || startsBlock(end)
          || next.endsWithColon && attribution(end) != nil
        {
          break
        }
        if lines[end - 1].isBlank || isRule(end - 1),
          Disclaimers.starts(bytes, next.content, paragraph: paragraph(end))
        {
          break
        }
        if !isExact, ContactLines.likeness(bytes, next.content) == .sentence,
          !AppLines.holds(bytes, next.content)
        {
          return nil
        }
        count += 1
      }
      end += 1
    }
    guard isExact || count > 0 else { return nil }
    for index in index..<end { kinds[index] = .signature }
    // An attribution that was looked at as it ended may begin above the end of what was taken.
    return end
  }

  /// The bytes from a line to the end of its paragraph, the quote depth unchanged.
  private func paragraph(_ index: Int) -> Range<Int> {
    let low = lines[index].content.lowerBound
    var end = index
    while end + 1 < lines.count, !lines[end + 1].isBlank, lines[end + 1].depth == 0,
      lines[end + 1].range.lowerBound - low < FixedLimit.noticeBytes
    {
      end += 1
    }
    return low..<lines[end].content.upperBound
  }

  /// A legal notice that begins here, with the paragraphs by which it goes on; returns the first line after it.
  private mutating func notice(_ index: Int) -> Int? {
    guard Disclaimers.mayStart(bytes, lines[index].content),
      Disclaimers.starts(bytes, lines[index].content, paragraph: paragraph(index))
    else { return nil }
    var cursor = index
    while true {
      while cursor < lines.count, !lines[cursor].isBlank, lines[cursor].depth == 0, !isBorder(cursor) {
        kinds[cursor] = .disclaimer
        cursor += 1
      }
      guard let next = nextLine(cursor), next > cursor, lines[next].depth == 0, !isBorder(next),
        Disclaimers.goesOn(bytes, paragraph(next))
      else { break }
      cursor = next
    }
    // A rule drawn around the notice is part of it.
    if index > 0, isRule(index - 1), kinds[index - 1] == .own { kinds[index - 1] = .disclaimer }
    return max(cursor, index + 1)
  }

  /// Whether somebody else's words begin at a line.
  private func isBorder(_ index: Int) -> Bool {
    let line = lines[index]
    return marks.quoteStarts(at: index) || marks.fromHere == index
      || ForwardMarkers.marker(bytes, line) != nil || line.label != nil && startsBlock(index)
      || line.endsWithColon && attribution(index) != nil
  }

  /// Marks what mail gateways put at the top; returns the first line below.
  private mutating func banners() -> Int {
    var index = 0
    for _ in 0..<FixedLimit.banners {
      while index < lines.count, lines[index].isBlank, lines[index].depth == 0 { index += 1 }
      guard index < lines.count, lines[index].depth == 0 else { return index }
      guard Banners.starts(bytes, lines[index].content, paragraph: paragraph(index)) else {
        // A rule above the warning.
        guard isRule(index), index + 1 < lines.count, !lines[index + 1].isBlank,
          Banners.starts(bytes, lines[index + 1].content, paragraph: paragraph(index + 1))
        else { break }
        kinds[index] = .disclaimer
        index += 1
        continue
      }
      let end = min(lines.count, index + FixedLimit.bannerLines)
      repeat {
        kinds[index] = .disclaimer
        index += 1
      } while index < end && !lines[index].isBlank && lines[index].depth == 0
        && (Banners.goesOn(bytes, lines[index].content) || isRule(index))
    }
    return index
  }

  // MARK: Words below

  /// Words that the writer put under what was passed on: a last paragraph that the writer signed, under history in which
  /// the writer has not written.
  private mutating func signedBelow(_ start: Int, _ sender: SenderName) {
    for line in lines[start...] where line.label == .from || line.endsWithColon {
      if sender.isIn(bytes, line.content.prefix(FixedLimit.attributionBytes)) { return }
    }
    var signed: Int?
    var seen = 0
    var index = lines.count
    while index > start, seen < FixedLimit.signedBelowLines, signed == nil {
      index -= 1
      let line = lines[index]
      if line.isBlank { continue }
      seen += 1
      if line.depth == 0, line.label == nil, sender.begins(bytes, line.content) { signed = index }
    }
    guard let signed, signed > start + 1 else { return }
    var top = signed
    while top > start + 1, !lines[top - 1].isBlank { top -= 1 }
    if top == signed || Closings.closing(bytes, lines[top].content) != nil {
      // The name stands alone: its words are the paragraph above.
      while top > start + 1, lines[top - 1].isBlank { top -= 1 }
      while top > start + 1, !lines[top - 1].isBlank { top -= 1 }
    }
    let dashes = lines[max(top, signed - 2)..<signed].firstIndex {
      $0.content.count == 2 && bytes[$0.content].allSatisfy { $0 == ASCII.dash }
    }
    if let dashes {
      for index in dashes..<lines.count { kinds[index] = .signature }
      return
    }
    // The header block is never the writer's.
    guard lines[top..<signed].allSatisfy({ $0.label == nil }) else { return }
    for index in top..<lines.count {
      kinds[index] = AppLines.holds(bytes, lines[index].content) ? .signature : .own
    }
  }

  // MARK: Contact blocks

  /// Looks at the end of each stretch of own words for the block that stands below a closing and a name.
  private mutating func contacts() {
    var start = 0
    while start < lines.count {
      guard kinds[start] == .own else {
        start += 1
        continue
      }
      var end = start
      while end < lines.count, kinds[end] == .own { end += 1 }
      contact(start..<end)
      start = end
    }
  }

  private mutating func contact(_ range: Range<Int>) {
    // The last lines that are not blank, from below.
    var tail: [Int] = []
    var index = range.upperBound
    while index > range.lowerBound, tail.count < FixedLimit.contactLines {
      index -= 1
      if !lines[index].isBlank { tail.append(index) }
    }
    tail.reverse()
    guard tail.count >= 2 else { return }
    let closing = tail.lastIndex { Closings.closing(bytes, lines[$0].content) != nil }
    guard let closing else {
      unclosedContact(tail, from: range.lowerBound)
      return
    }
    var cursor = closing + 1
    if Closings.closing(bytes, lines[tail[closing]].content)?.hasName != true, cursor < tail.count {
      // The name under the closing is the writer's own.
      if ContactLines.likeness(bytes, lines[tail[cursor]].content) != .strong { cursor += 1 }
    }
    cut(tail, from: cursor)
  }

  /// Makes the lines from `from` to the first sentence a signature, if one of them shows that they are.
  private mutating func cut(_ tail: [Int], from: Int) {
    var end = from
    var shows = false
    while end < tail.count {
      let content = lines[tail[end]].content
      let likeness = ContactLines.likeness(bytes, content)
      if likeness == .sentence { break }
      // Two short lines, one with a number, are an address.
      shows = shows || likeness != .weak || end > from && bytes[content].contains { $0.isDigit }
      end += 1
    }
    guard shows, from < end else { return }
    for index in tail[from]...tail[end - 1] { kinds[index] = .signature }
  }

  /// Without a closing the last lines must speak for themselves: a title or a number below a name, one of them a
  /// telephone number, an address of the Internet or a registration, and no sentence among them.
  private mutating func unclosedContact(_ tail: [Int], from low: Int) {
    var first: Int?
    var strong = 0
    var position = tail.count
    while position > 0 {
      let likeness = ContactLines.likeness(bytes, lines[tail[position - 1]].content)
      if likeness == .sentence { break }
      position -= 1
      if likeness == .strong || likeness == .title { first = position }
      if likeness == .strong { strong += 1 }
    }
    guard let first, strong >= 1, tail.count - first >= 2, first > 0 else { return }
    // The block stands apart from what is above: a blank line over it or over the name.
    let top = first > position ? first - 1 : first
    guard tail[top] == low || lines[tail[top] - 1].isBlank || lines[tail[first] - 1].isBlank else { return }
    for index in tail[first]...tail[tail.count - 1] { kinds[index] = .signature }
  }
}

/// What HTML marks say line by line.
private struct LineMarks {
  /// Stretches that are not the writer's, outermost ones, in order and apart.
  private(set) var quotes: [(lines: Range<Int>, kind: TextMark.Kind)] = []
  /// The first line of which it is said that all from there is history.
  private(set) var fromHere: Int?
  private var signatures: [Range<Int>] = []
  private var attributions: [Range<Int>] = []
  let isEmpty: Bool

  init(_ marks: [TextMark], _ lines: [TextLine]) {
    isEmpty = marks.isEmpty
    guard !isEmpty else { return }
    let sorted = marks.sorted {
      $0.range.lowerBound != $1.range.lowerBound
        ? $0.range.lowerBound < $1.range.lowerBound : $0.range.upperBound > $1.range.upperBound
    }
    for mark in sorted {
      // A line belongs to a mark if its first word does.
      var low = LineMarks.firstLine(lines, from: mark.range.lowerBound)
      let high = LineMarks.firstLine(lines, from: mark.range.upperBound)
      while low < lines.count, low < high, lines[low].isBlank, lines[low].depth == 0 { low += 1 }
      guard low < high else {
        if mark.kind == .quotedFromHere, fromHere == nil, low < lines.count { fromHere = low }
        continue
      }
      switch mark.kind {
      case .quoted, .quoteContainer, .forwarded:
        if low >= quotes.last?.lines.upperBound ?? 0 { quotes.append((low..<high, mark.kind)) }
      case .quotedFromHere: fromHere = fromHere ?? low
      case .signature:
        // A whole letter inside a signature was typed there by mistake.
        let count = lines[low..<high].reduce(0) { $0 + ($1.isBlank ? 0 : 1) }
        if low >= signatures.last?.upperBound ?? 0, count <= FixedLimit.signatureLines {
          signatures.append(low..<high)
        }
      case .attribution:
        if low >= attributions.last?.upperBound ?? 0 { attributions.append(low..<high) }
      }
    }
  }

  /// The first line whose content begins at or after an offset.
  private static func firstLine(_ lines: [TextLine], from offset: Int) -> Int {
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].content.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether one of the stretches begins at a line.
  func quoteStarts(at line: Int) -> Bool {
    guard !quotes.isEmpty else { return false }
    var low = 0
    var high = quotes.count
    while low < high {
      let middle = (low + high) / 2
      if quotes[middle].lines.lowerBound < line { low = middle + 1 } else { high = middle }
    }
    return low < quotes.count && quotes[low].lines.lowerBound == line
  }

  func isSignature(_ line: Int) -> Bool { LineMarks.holds(signatures, line) }
  func isAttribution(_ line: Int) -> Bool { LineMarks.holds(attributions, line) }

  private static func holds(_ ranges: [Range<Int>], _ line: Int) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= line { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(line)
  }
}

/// The writer's name without its title, to be found in a signature.
private struct SenderName {
  private var folded: [UInt8] = []

  /// Nil for names too short to tell anything: one word, or fewer than six bytes.
  init?(_ name: String) {
    var words = name.utf8.prefix(FixedLimit.markBytes).split(separator: ASCII.space)
    if words.count > 2, words[0].count <= 5, words[0].last == ASCII.dot || words[0].count <= 4 {
      words.removeFirst()
    }
    guard words.count >= 2 else { return nil }
    var previous: UInt8 = 0
    for byte in words.joined(separator: [ASCII.space]) {
      folded.append(MIME.folded(byte, after: previous))
      previous = byte
    }
    guard folded.count >= 6 else { return nil }
  }

  /// Whether a line is the name, a title or a place behind it at most: "Jane Doe is wrong." is none.
  func begins(_ bytes: [UInt8], _ content: Range<Int>) -> Bool {
    guard content.count <= folded.count + 40, holds(bytes, at: content.lowerBound, content.upperBound) else {
      return false
    }
    let rest = trimmed(bytes, (content.lowerBound + folded.count)..<content.upperBound)
    guard let first = rest.first, let last = rest.last else { return true }
    return
      (bytes[first] == ASCII.comma || bytes[first] == 0x7C || bytes[first] == ASCII.dash
      || bytes[first] == ASCII.open) && bytes[last] != ASCII.dot && bytes[last] != 0x21
      && bytes[last] != ASCII.question
  }

  func isIn(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    range.contains { holds(bytes, at: $0, range.upperBound) }
  }

  private func holds(_ bytes: [UInt8], at index: Int, _ limit: Int) -> Bool {
    guard folded.count <= limit - index else { return false }
    var previous: UInt8 = 0
    for offset in folded.indices {
      let byte = bytes[index + offset]
      guard MIME.folded(byte, after: previous) == folded[offset] else { return false }
      previous = byte
    }
    return true
  }
}
