// The ways in which the demo server can misbehave on purpose. Each is something that real servers, networks
// or attackers did; each names what a right client makes of it.

/// One way for the server to misbehave; `Options.fault` turns it on.
///
/// A fault said to strike in FETCH strikes only answers that carry a body.
public enum Fault: Sendable, Hashable, CaseIterable {
  /// Closes the connection halfway through a body; the client keeps nothing of that message and fetches it
  /// again.
  case cutMidLiteral
  /// Closes the connection inside the line that opens a FETCH answer; the client connects and fetches again.
  case cutMidLine
  /// Accepts the connection and never greets; the client gives up at its deadline.
  case silenceAtGreeting
  /// Goes silent halfway through a body, connection open; the client gives up at its deadline and fetches
  /// again.
  case silenceMidFetch
  /// Reads a command given after login and never answers it; the client gives up at its deadline.
  case silenceAfterCommand
  /// RFC822.SIZE says more than the body has, as Exchange does; the client takes the body and notes the
  /// difference.
  case lyingSizeLarger
  /// RFC822.SIZE says less than the body has; the client takes the body whole and notes the difference.
  case lyingSizeSmaller
  /// Announces a longer literal than it sends and goes on with protocol; the client must not record what it
  /// has swallowed, and gives up at its deadline.
  case literalShorterThanSaid
  /// A FETCH answer carries a UID that nobody asked for; the client refuses the message.
  case wrongUID
  /// Sends a FETCH answer twice; the client takes the message once.
  case duplicateFetch
  /// The mailbox's last message vanishes during FETCH or NOOP and `EXPUNGE` says so; the client notes the
  /// message as gone and keeps the others apart by UID.
  case unsolicitedExpunge
  /// From the second SELECT of a mailbox on, UIDVALIDITY has gone up and the same mail is in the opposite
  /// order, so that each UID names another message; the client matches by content and doubles nothing.
  case uidValidityChangesBetweenPolls
  /// At the first SELECT a mail arrives whose body holds `A004 OK Fetch completed`, the tags that this client
  /// is about to use and FETCH answers; the client reads nothing inside a literal as protocol.
  case taggedLineInsideLiteral
  /// A tagged OK for a command that was never sent precedes a FETCH answer; the client drops the connection.
  case forgedTagUnknown
  /// Sends all bodies and then answers FETCH with NO; the client does not count them as received.
  case noAfterData
  /// Says BYE after the first FETCH answer and closes; the client connects and fetches what is missing.
  case byeMidFetch
  /// Announces a body of 99,999,999,999 bytes; the client refuses before it reserves memory.
  case hugeLiteral
  /// Announces a body of -5 bytes; the client drops the connection.
  case negativeLiteral
  /// Precedes a FETCH answer with `Options.floodBytes` of untagged lines; the client stays within its memory
  /// and time limits, by patience or by leaving.
  case floodOfUntagged
  /// Sends a body one byte every `Options.dripMilliseconds`; the client has a least rate besides its silence
  /// limit.
  case slowDrip
  /// Answers `BODY[]<a.n>` with `BODY[]` and the whole message; the client takes it as whole or stops,
  /// without a loop.
  case partialReturnsWhole
  /// Answers `BODY[] NIL` for a message that has bytes; the client reports the message as not received.
  case nilBody
  /// Leaves the UID out of a FETCH answer; the client does not guess it.
  case missingUIDInFetch
  /// Sends CR and LF in different packets and everything in odd chunks; the client notices no difference.
  case splitCRLF
  /// Opens every mailbox READ-ONLY and refuses to change it; the client records, and says that it could not
  /// tell.
  case readOnlyMailbox
  /// SELECT answers NO [NONEXISTENT]; the client names the missing folder and tries again later.
  case folderMissing
  /// Login answers NO [AUTHENTICATIONFAILED]; the client backs off and does not hammer the account into a
  /// lock.
  case loginRefused
  /// SEARCH or FETCH answers NO with `Suggested Backoff Time: 1500 milliseconds`; the client waits that long.
  case throttled
  /// STORE answers NO; the client keeps the case, once, and says that the mailbox was not told.
  case storeRefused
  /// Accepts IDLE and is then silent for ever, even after DONE; the client gives up at its deadline and
  /// polls.
  case idleDead
  /// SEARCH leaves out every second message, once; the client finds them at a later full comparison.
  case searchOmits
  /// FETCH answers with flags only, with and without UID, come between the ones asked for; the client takes
  /// no such answer for a message.
  case unsolicitedFetchFlags

  /// How often the fault strikes when `Options.faultCount` is nil.
  var usualCount: Int {
    switch self {
    case .searchOmits, .taggedLineInsideLiteral: 1
    default: .max
    }
  }
}
