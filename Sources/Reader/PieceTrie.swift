// The vocabulary as a trie over UTF-8 bytes: the longest piece at a place, in one walk.

/// Two tries in one: pieces that begin a word, and pieces that continue one ("##" in the vocabulary).
struct PieceTrie: Sendable {
  /// Where a walk starts.
  enum Root: Int { case start, continuation }

  // Nodes in breadth-first order, so that a node's children are neighbours: those of node n are
  // firstChild[n] ..< firstChild[n + 1], by rising label.
  private var labels: [UInt8] = [0, 0]
  private var firstChild: [Int32] = []
  private var ids: [Int32] = [-1, -1]

  /// A trie of the pieces, whose ids are their places. An empty piece, and "##" alone, is never found; of
  /// equal ones the last is.
  init(_ pieces: [ArraySlice<UInt8>]) {
    var starts: [(text: ArraySlice<UInt8>, id: Int32)] = []
    var continuations = starts
    for (id, piece) in pieces.enumerated() {
      if piece.starts(with: [0x23, 0x23]) {
        continuations.append((piece.dropFirst(2), Int32(id)))
      } else {
        starts.append((piece, Int32(id)))
      }
    }
    let sorted =
      starts.sorted { $0.text.lexicographicallyPrecedes($1.text) }
      + continuations.sorted { $0.text.lexicographicallyPrecedes($1.text) }

    // For each node in order the pieces below it and its depth in bytes.
    var below = [0..<starts.count, starts.count..<sorted.count]
    var depths = [0, 0]
    var node = 0
    while node < below.count {
      firstChild.append(Int32(labels.count))
      var place = below[node].lowerBound
      let end = below[node].upperBound
      let depth = depths[node]
      while place < end, sorted[place].text.count == depth {
        if depth > 0 { ids[node] = max(ids[node], sorted[place].id) }
        place += 1
      }
      while place < end {
        let label = sorted[place].text[sorted[place].text.startIndex + depth]
        var next = place + 1
        while next < end, sorted[next].text[sorted[next].text.startIndex + depth] == label { next += 1 }
        labels.append(label)
        ids.append(-1)
        below.append(place..<next)
        depths.append(depth + 1)
        place = next
      }
      node += 1
    }
    firstChild.append(Int32(labels.count))
  }

  /// The longest piece that `bytes` has from `start` on: its id and where it ends; nil if there is none.
  func longest(_ root: Root, in bytes: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
    var node = root.rawValue
    var best: (id: Int32, end: Int)?
    var place = start
    while place < bytes.count, let child = child(of: node, bytes[place]) {
      node = child
      place += 1
      if ids[node] >= 0 { best = (ids[node], place) }
    }
    return best
  }

  private func child(of node: Int, _ label: UInt8) -> Int? {
    var low = Int(firstChild[node])
    let end = Int(firstChild[node + 1])
    var high = end
    while low < high {
      let middle = (low + high) / 2
      if labels[middle] < label { low = middle + 1 } else { high = middle }
    }
    return low < end && labels[low] == label ? low : nil
  }
}
