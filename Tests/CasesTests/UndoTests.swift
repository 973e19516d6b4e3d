// Decisions that are taken back stay in the history and count no more; what must happen next orders the list.

import Deadlines
import Testing

@testable import Cases

@Suite struct UndoTests {
  @Test func onlyDecisionsCanBeTakenBack() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("undo"))
    _ = try store.record(id, recorded("undo", outcome: .possible), at: instant(1))
    try store.append(.confirmed, to: id, by: "Ann", at: instant(2), details: .init())
    try store.append(.acknowledged, to: id, by: "Ann", at: instant(3), details: .init())
    var current = try store.append(.undone, to: id, by: "Ann", at: instant(4), details: .init(undoes: 3))
    #expect(current.state == .acknowledged)
    current = try store.append(.undone, to: id, by: "Ann", at: instant(5), details: .init(undoes: 1))
    #expect(current.state == .acknowledged)
    #expect(current.undoable?.number == 2)
    current = try store.append(.dismissed, to: id, by: "Ann", at: instant(6), details: .init(reason: "no"))
    #expect(current.undoable?.number == 6)
    current = try store.append(.undone, to: id, by: "Ann", at: instant(7), details: .init(undoes: 6))
    #expect(current.state == .acknowledged)
    #expect(current.events.count == 7)
    #expect(try store.read(id).state == .acknowledged)
  }

  @Test func aCorrectionMovesTheDates() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let id = CaseID(identity: digest("correct"))
    _ = try store.record(id, recorded("correct"), at: instant(1))
    let who = Complainant(name: "Right Person", address: "right@example.org", how: "person", confidence: 1)
    var current = try store.append(
      .corrected, to: id, by: "Ann", at: instant(2),
      details: .init(correction: Correction(complainant: who, receivedAt: instant(1_600_000_000))))
    #expect(current.complainant.name == "Right Person")
    #expect(current.receivedAt == instant(1_600_000_000))
    #expect(current.participants.contains("right@example.org"))
    current = try store.append(.undone, to: id, by: "Ann", at: instant(3), details: .init(undoes: 2))
    #expect(current.complainant.name == "A Member")
    #expect(current.receivedAt == instant(1_700_000_000))
  }

  @Test func doneCasesComeLastTheLatestFirst() throws {
    let folder = try TemporaryData()
    let store = CaseStore(folder.data)
    let index = try CaseIndex(folder.data)
    var ids: [CaseID] = []
    for number in 0..<4 {
      let id = CaseID(identity: digest("rank \(number)"))
      var facts = recorded("rank \(number)")
      facts.receivedAt = instant(1_700_000_000 + Int64(number))
      guard case .recorded(var current) = try store.record(id, facts, at: instant(1)) else { return }
      if number > 1 {
        current = try store.append(.closed, to: id, by: "Ann", at: instant(2), details: .init(reason: "done"))
      }
      try index.put([(current, text: "words")])
      ids.append(id)
    }
    let listed = try index.list(CaseFilter()).map(\.id)
    #expect(Set(listed.prefix(2)) == Set(ids.prefix(2)))
    #expect(Array(listed.suffix(2)) == [ids[3], ids[2]])
    var next = CaseFilter(limit: 1)
    var paged: [CaseID] = []
    while let row = try index.list(next).first {
      paged.append(row.id)
      next.after = row.place
    }
    #expect(paged == listed)
    #expect(try index.count(CaseFilter(state: .closed)) == 2)
    #expect(try index.count(CaseFilter(search: "words", limit: 3)) == 3)
    #expect(try index.count(CaseFilter(search: "\" OR 1")) == 0)
  }
}
