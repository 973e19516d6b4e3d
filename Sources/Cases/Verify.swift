// verify: does everything on disk still hold together? Reads all of it; changes nothing.

import Deadlines
import MIME

#if canImport(Glibc)
  import Glibc
#endif

/// What `verify` found.
public struct VerifyReport: Sendable {
  public struct Finding: Sendable, CustomStringConvertible {
    public let place: String
    public let what: String
    public var description: String { "\(place): \(what)" }
  }

  public var messages = 0
  public var cases = 0
  public var events = 0
  public var ledgerEntries = 0
  /// Cases of which only dates, categories and digests are left.
  public var erased = 0
  /// Messages that were deleted on purpose.
  public var deletions = 0
  public var outgoing = 0
  public var findings: [Finding] = []
}

/// The accounting of one mailbox: promise 1 as a sum.
public struct Reconciliation: Sendable {
  public let mailbox: String
  /// Messages that the mailbox showed and that are ours: arrived or gone before they could be fetched.
  public let found: Int
  public let outcomes: [Outcome: Int]
  public let pending: Int
  public let vanished: Int

  public init(mailbox: String, state: LedgerState, notFetched: Int = 0) {
    self.mailbox = mailbox
    found = state.arrivals + state.vanished + notFetched
    outcomes = state.outcomes
    pending = state.pending.count + notFetched
    vanished = state.vanished
  }

  public var settled: Int { outcomes.values.reduce(0, +) }

  /// Found less everything that is accounted for; anything but 0 is an alarm.
  public var gap: Int { found - settled - pending - vanished }
}

extension Reconciliation: CustomStringConvertible {
  public var description: String {
    let parts = Outcome.allCases.compactMap { outcome in
      outcomes[outcome].map { "\($0) \(outcome.rawValue)" }
    }
    let sum = (parts + ["\(pending) pending"] + (vanished > 0 ? ["\(vanished) vanished"] : [])).joined(
      separator: " + ")
    return "\(mailbox): \(found) found = \(sum)" + (gap == 0 ? "" : "; GAP of \(gap)")
  }
}

/// Checks messages against their digests, ledgers against their chains, cases against their histories, and each
/// against the others.
public func verify(_ data: DataFolder) throws -> VerifyReport {
  var report = VerifyReport()
  func find(_ place: String, _ what: String) { report.findings.append(.init(place: place, what: what)) }

  let messages = MessageStore(data)
  var stored: Set<Digest> = []
  try messages.forEachDigest { digest in
    report.messages += 1
    let bytes = try messages.read(digest)
    let actual = bytes.withUnsafeBytes { buffer in
      var hasher = DigestHasher()
      hasher.update(buffer)
      return hasher.finalize()
    }
    if actual == digest {
      stored.insert(digest)
    } else {
      find("mail/\(digest.hex)", "its bytes are not those that arrived")
    }
  }

  let deletions = try Deletions(data)
  report.deletions = deletions.count
  for damage in try deletions.readAll({ _ in }) { find("ledger/\(Deletions.name)", damage.description) }

  let store = CaseStore(data)
  var known: Set<CaseID> = []
  var needed: Set<Digest> = []
  var erased: [Case] = []
  try store.forEachID { id in
    if try store.eventFiles(id).isEmpty { return }  // a recorder died here; the message is still pending
    report.cases += 1
    do {
      let current = try store.read(id)
      known.insert(id)
      report.events += current.events.count
      if current.isErased {
        erased.append(current)
      } else {
        needed.formUnion(current.messages.map(\.digest))
        for message in current.messages where !stored.contains(message.digest) {
          let why =
            deletions.contains(message.digest) ? "was deleted, and the case is not erased" : "is not in mail/"
          find("cases/\(id)", "its message \(message.digest.hex.prefix(12)) \(why)")
        }
      }
      let link = "\(data.path)/queue/\(current.state.rawValue)/\(id)"
      var status = stat()
      if lstat(link, &status) != 0 {
        find("queue/\(current.state.rawValue)/\(id)", "the link is missing; `intake reindex` makes it anew")
      }
    } catch {
      find("cases/\(id)", "\(error)")
    }
  }

  try verifyErasures(data, erased, needed: needed, deletions, report: &report)
  try verifyOutbox(data, store: store, cases: known, report: &report)
  try OpenedStore(data).check { find($0, $1) }
  let accounted = stored.union(deletions.all.keys)
  for mailbox in try Ledger.mailboxes(in: data) {
    try verifyLedger(mailbox, in: data, stored: accounted, cases: known, report: &report)
  }
  return report
}

/// What was erased or deleted must be gone, but for what another case needs.
private func verifyErasures(
  _ data: DataFolder, _ erased: [Case], needed: Set<Digest>, _ deletions: Deletions,
  report: inout VerifyReport
) throws {
  func find(_ place: String, _ what: String) { report.findings.append(.init(place: place, what: what)) }
  let remedy = "an erasure is unfinished; `intake reindex` goes on with it"
  report.erased = erased.count
  for current in erased {
    let left = try Erasure.leftovers(of: current, in: data) { needed.contains($0) }
    if !left.isEmpty { find("cases/\(current.id)", "\(remedy) (\(left.joined(separator: ", ")))") }
  }
  let ids = Set(erased.map(\.id))
  for id in try Erasure.begun(data) where !ids.contains(id) {
    find("erasing/\(id)", "an erasure was begun, and nothing is erased; the next start forgets it")
  }
  let messages = MessageStore(data)
  for (digest, deletion) in deletions.all where !needed.contains(digest) {
    if try messages.holds(digest) {
      find("mail/\(digest.hex)", "was deleted (\(deletion.cause.rawValue)) and is there; \(remedy)")
    }
  }
}

/// Every message of ours that a case's history has must be in `outbox/`, with the bytes it had when it was queued, and
/// at the place that the history says.
private func verifyOutbox(
  _ data: DataFolder, store: CaseStore, cases: Set<CaseID>, report: inout VerifyReport
) throws {
  var found: [String: Set<OutboxPlace>] = [:]
  for place in OutboxPlace.allCases {
    let folder = data.outboxPath(place)
    for name in try DurableFile.names(in: folder) where !name.hasPrefix(".") {
      found[name, default: []].insert(place)
      report.outgoing += 1
      do {
        let item = try OutgoingItem.read("\(folder)/\(name)")
        if Digest(of: item.message.utf8) != item.digest || item.fileName != name {
          report.findings.append(
            .init(place: "outbox/\(place.rawValue)/\(name)", what: "its bytes are not those that were queued")
          )
        }
      } catch {
        report.findings.append(.init(place: "outbox/\(place.rawValue)/\(name)", what: "\(error)"))
      }
    }
  }
  for id in cases {
    guard let current = try? store.read(id) else { continue }
    for event in current.events where event.kind == .queued {
      let name = OutgoingItem.fileName(id, event.number)
      let place = "cases/\(id)"
      // What was sent of an erased case is gone; what is not is found with the erasure.
      if current.isErased { continue }
      let isStanding = current.standing.contains { $0.number == event.number }
      switch (found[name]?.count ?? 0, isStanding) {
      case (1, true), (0, false): break
      case (0, true):
        // Its prepared file waits under a hidden name for the next start.
        let isPrepared = try DurableFile.names(in: data.outboxPath(.new)).contains {
          $0.hasPrefix(".\(name)")
        }
        if !isPrepared {
          report.findings.append(.init(place: place, what: "its queued message \(name) is not in outbox/"))
        }
      case (_, false):
        report.findings.append(
          .init(place: place, what: "its message \(name) was taken back and is still there"))
      default:
        report.findings.append(.init(place: place, what: "its message \(name) is in outbox/ more than once"))
      }
    }
  }
}

private func verifyLedger(
  _ mailbox: String, in data: DataFolder, stored: Set<Digest>, cases: Set<CaseID>, report: inout VerifyReport
) throws {
  let ledger = try Ledger(data, mailbox: mailbox)
  var arrivals: [SourceID: Digest] = [:]
  var outcomes: [SourceID: Outcome] = [:]
  var findings: [VerifyReport.Finding] = []
  var entries = 0
  func find(_ source: SourceID?, _ what: String) {
    let place = "ledger/\(mailbox)" + (source.map { " \($0)" } ?? "")
    findings.append(.init(place: place, what: what))
  }
  let damage = try ledger.readAll { entry in
    entries += 1
    switch entry.event {
    case .arrival(let arrival):
      if let other = arrivals[arrival.source], other != arrival.digest {
        find(arrival.source, "arrived twice with different bytes")
      }
      arrivals[arrival.source] = arrival.digest
      if !stored.contains(arrival.digest) { find(arrival.source, "its bytes are not in mail/") }
    case .outcome(let source, let outcome, let reference):
      if let other = outcomes[source], other != outcome {
        find(source, "has two outcomes: \(other.rawValue) and \(outcome.rawValue)")
      }
      outcomes[source] = outcome
      let needsCase: Set<Outcome> = [.case, .possible, .quarantined, .followUp]
      if let reference {
        if !cases.contains(reference) {
          find(source, "names case \(reference.reference), which is not there")
        }
      } else if needsCase.contains(outcome) {
        find(source, "is \(outcome.rawValue) but names no case")
      }
    case .opened, .scope, .attempt, .vanished, .deleted: break
    }
  }
  for source in outcomes.keys where arrivals[source] == nil {
    find(source, "has an outcome but never arrived")
  }
  for item in damage { find(nil, item.description) }
  report.ledgerEntries += entries
  report.findings += findings
}

/// Makes the links of `queue/` and the index anew from the cases, and finishes what was left of erasures.
///
/// - Returns: the number of cases.
public func reindex(
  _ data: DataFolder, at now: Instant = Instant(unixSeconds: Int64(time(nil)))
) throws -> (cases: Int, index: CaseIndex) {
  let store = CaseStore(data)
  for state in CaseState.allCases {
    let folder = "\(data.path)/queue/\(state.rawValue)"
    for name in try DurableFile.names(in: folder) where CaseID(name) != nil {
      _ = unlink("\(folder)/\(name)")
    }
  }
  var cases = 0
  var needed: Set<Digest> = []
  var erased: [Case] = []
  try store.forEachID { id in
    if try store.eventFiles(id).isEmpty { return }
    guard let current = try? store.read(id) else { return }
    try store.updateLinks(current)
    if current.isErased { erased.append(current) } else { needed.formUnion(current.messages.map(\.digest)) }
    cases += 1
  }
  let index = try CaseIndex.reindex(data)
  let deletions = try Deletions(data)
  let unfinished = try erased.filter { current in
    try !Erasure.leftovers(of: current, in: data) { needed.contains($0) }.isEmpty
  }
  try Erasure(data, index: index, deletions: deletions).finishAll(unfinished.map(\.id), at: now)
  _ = try deletions.deleteAgain()
  return (cases, index)
}
