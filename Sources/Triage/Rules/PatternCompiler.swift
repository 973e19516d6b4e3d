// The pattern language of cues and phrases, and the automaton that finds all of them in one pass over the
// words.
//
//   word         itself, as `Words` normalises it: lower case, no accents, no apostrophes
//   stem*        every word that begins so
//   a|b|stem*    either; an alternative of several words joins them: call_back|callback
//   <class>      any word of a class (`WordClasses`), also among alternatives
//   [element]    may be missing
//   #            any word that begins with a figure
//   ~3           up to three words of any kind

/// Puts patterns together into a `PatternMatcher`.
struct PatternCompiler {
  private var symbols: [String: Int] = [:]
  private(set) var exact: [String: [Int]] = [:]
  private(set) var stems: [String: [Int]] = [:]
  private(set) var figures: [Int] = []
  private(set) var nodes: [PatternNode] = [PatternNode()]

  private enum Element {
    case word(String)
    case gap(Int)
  }

  /// What is wrong with a pattern, in words that follow it; nil when nothing is.
  static func problem(in pattern: String) -> String? {
    if pattern.utf8.count > TriageLimits.phraseBytes {
      return "is longer than \(TriageLimits.phraseBytes) bytes"
    }
    let elements = pattern.split(separator: " ").map(String.init)
    if elements.isEmpty { return "is empty" }
    if elements.count > 16 { return "has more than 16 elements" }
    if pattern.utf8.count(where: { $0 == 0x5F }) > 24 { return "has more than 24 joined words" }
    if elements.count(where: { $0.hasPrefix("[") }) > 4 { return "has more than 4 optional elements" }
    var isRequired = false
    for element in elements {
      if element.hasPrefix("~") {
        guard let count = Int(element.dropFirst()), (1...12).contains(count) else {
          return "has a gap \(element) that is not ~1 to ~12"
        }
        continue
      }
      let isOptional = element.hasPrefix("[") && element.hasSuffix("]")
      let inner = isOptional ? String(element.dropFirst().dropLast()) : element
      if !isOptional { isRequired = true }
      for word in inner.split(separator: "|", omittingEmptySubsequences: false) {
        if word.isEmpty { return "has an empty alternative" }
        if word.hasPrefix("<") {
          if WordClasses.words(String(word)) == nil { return "names an unknown class \(word)" }
        } else {
          for piece in word.split(separator: "_", omittingEmptySubsequences: false) {
            if let odd = oddity(piece) { return odd }
          }
        }
      }
    }
    guard isRequired else { return "has no word that must be there" }
    if elements.first?.hasPrefix("~") == true || elements.last?.hasPrefix("~") == true {
      return "begins or ends with a gap"
    }
    return nil
  }

  private static func oddity(_ word: Substring) -> String? {
    if word == "#" { return nil }
    if word.isEmpty { return "has an empty word" }
    let letters = word.hasSuffix("*") ? word.dropLast() : word
    if word.hasSuffix("*"), letters.utf8.count < 3 { return "has a stem of fewer than three letters" }
    for byte in letters.utf8 where byte < 0x80 {
      let isPlain = (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
      if !isPlain && byte != 0x24 && byte != 0x25 {
        return "has \"\(word)\": words are written in lower case, without apostrophes and hyphens"
      }
    }
    return nil
  }

  /// Adds a pattern that reports `output`; a faulty one is refused.
  @discardableResult
  mutating func add(_ pattern: String, output: Int) -> Bool {
    guard Self.problem(in: pattern) == nil else { return false }
    var variants: [[Element]] = [[]]
    for text in pattern.split(separator: " ").map(String.init) {
      if text.hasPrefix("~") {
        for index in variants.indices { variants[index].append(.gap(Int(text.dropFirst()) ?? 1)) }
      } else if text.hasPrefix("[") {
        variants += Self.extended(variants, String(text.dropFirst().dropLast()))
      } else {
        variants = Self.extended(variants, text)
      }
    }
    for variant in variants { insert(variant, output) }
    return true
  }

  /// Each variant with the element's single words as one step, and with each of its joined words as steps of
  /// their own.
  private static func extended(_ variants: [[Element]], _ text: String) -> [[Element]] {
    let parts = text.split(separator: "|")
    let single = parts.filter { !$0.contains("_") }.joined(separator: "|")
    var out = single.isEmpty ? [] : variants.map { $0 + [.word(single)] }
    for part in parts where part.contains("_") {
      let steps = part.split(separator: "_").map { Element.word(String($0)) }
      out += variants.map { $0 + steps }
    }
    return out
  }

  private mutating func insert(_ elements: [Element], _ output: Int) {
    var node = 0
    for element in elements {
      switch element {
      case .word(let text):
        let symbol = symbol(text)
        if let next = nodes[node].edges[symbol] {
          node = next
        } else {
          nodes[node].edges[symbol] = nodes.count
          node = nodes.count
          nodes.append(PatternNode())
        }
      case .gap(let count):
        if let gap = nodes[node].gaps.first(where: { $0.count == count }) {
          node = gap.node
        } else {
          nodes[node].gaps.append((count, nodes.count))
          node = nodes.count
          nodes.append(PatternNode())
        }
      }
    }
    if !nodes[node].outputs.contains(output) { nodes[node].outputs.append(output) }
  }

  /// The symbol that stands for a set of words.
  private mutating func symbol(_ text: String) -> Int {
    if let known = symbols[text] { return known }
    let symbol = symbols.count
    symbols[text] = symbol
    var words: Set<String> = []
    for part in text.split(separator: "|").map(String.init) {
      if part.hasPrefix("<") {
        words.formUnion(WordClasses.words(part) ?? [])
      } else {
        words.insert(part)
      }
    }
    for word in words {
      if word == "#" {
        figures.append(symbol)
      } else if word.hasSuffix("*") {
        stems[String(word.dropLast()), default: []].append(symbol)
      } else {
        exact[word, default: []].append(symbol)
      }
    }
    return symbol
  }
}

/// A state of the automaton.
struct PatternNode: Sendable {
  var edges: [Int: Int] = [:]
  var gaps: [(count: Int, node: Int)] = []
  var outputs: [Int] = []
}

/// A pattern found in a sentence.
struct PatternMatch: Sendable {
  var output: Int
  /// Words of the text, first and last.
  var first: Int
  var last: Int
}

/// Finds every pattern in the words of a text, time linear in their number.
struct PatternMatcher: Sendable {
  private let exact: [String: [Int]]
  private let stems: [String: [Int]]
  private let figures: [Int]
  private let nodes: [PatternNode]
  private let longestStem: Int

  init(_ compiler: PatternCompiler) {
    exact = compiler.exact
    stems = compiler.stems
    figures = compiler.figures
    nodes = compiler.nodes
    longestStem = compiler.stems.keys.map(\.utf8.count).max() ?? 0
  }

  private struct State {
    var node: Int
    var first: Int
    var gap: Int
  }

  /// The matches of each sentence, in the order in which they end.
  func matches(in text: Words) -> [[PatternMatch]] {
    let symbols = text.vocabulary.map(symbols)
    var out: [[PatternMatch]] = []
    out.reserveCapacity(text.sentences.count)
    var active: [State] = []
    var next: [State] = []
    for sentence in text.sentences {
      var found: [PatternMatch] = []
      active.removeAll(keepingCapacity: true)
      for index in sentence.words {
        let word = symbols[text.words[index].id]
        next.removeAll(keepingCapacity: true)
        active.append(State(node: 0, first: index, gap: 0))
        for state in active {
          if !word.isEmpty { step(state, word, index, &next, &found) }
          if state.gap > 0, next.count < TriageLimits.activeMatches {
            next.append(State(node: state.node, first: state.first, gap: state.gap - 1))
          }
        }
        swap(&active, &next)
      }
      out.append(found)
    }
    return out
  }

  private func step(
    _ state: State, _ word: [Int], _ index: Int, _ next: inout [State], _ found: inout [PatternMatch]
  ) {
    let edges = nodes[state.node].edges
    guard !edges.isEmpty else { return }
    for symbol in word {
      guard let target = edges[symbol] else { continue }
      let node = nodes[target]
      for output in node.outputs {
        found.append(PatternMatch(output: output, first: state.first, last: index))
      }
      guard next.count < TriageLimits.activeMatches else { return }
      if !node.edges.isEmpty { next.append(State(node: target, first: state.first, gap: 0)) }
      for gap in node.gaps { next.append(State(node: gap.node, first: state.first, gap: gap.count)) }
    }
  }

  /// The sets of words that a word belongs to.
  private func symbols(_ word: String) -> [Int] {
    var out = exact[word] ?? []
    if let lead = word.utf8.first, lead >= 0x30 && lead <= 0x39 { out += figures }
    var prefix = ""
    for character in word.unicodeScalars {
      prefix.unicodeScalars.append(character)
      if prefix.utf8.count > longestStem { break }
      if let more = stems[prefix] { out += more }
    }
    return Array(Set(out)).sorted()
  }
}
