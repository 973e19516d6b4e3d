// Who is signed in: in memory, so that a restart signs everybody out.

import Cases
internal import Crypto
import Deadlines
import FoundationEssentials
import Synchronization

/// One person's session.
struct Session: Sendable {
  let user: String
  /// Of the user when it began; with another it ends.
  let stamp: Cases.Digest
  /// Must come back with every form (ASVS 3.5.1).
  let formToken: String
  let begun: Instant
  var lastSeen: Instant
  /// What the next page says first.
  var said: Said?
}

/// What was just done, told on the page that follows.
struct Said: Sendable {
  let words: String
  /// The case and the number of its events, where what was done can be taken back at once.
  var undoes: (id: CaseID, events: Int)?
}

/// All sessions, by the digest of their token: what is in memory signs nobody in.
final class Sessions: Sendable {
  /// Signed out after this without a request, and after this in any case.
  static let idleSeconds: Int64 = 30 * 60
  static let longestSeconds: Int64 = 12 * 3600
  private static let most = 10_000

  private let sessions = Mutex<[SHA256.Digest: Session]>([:])

  /// Begins a session.
  ///
  /// - Returns: its token of 256 random bits, for the cookie.
  func begin(_ user: User, at now: Instant) -> String {
    let token = Self.randomToken()
    let session = Session(
      user: user.name, stamp: user.stamp, formToken: Self.randomToken(), begun: now, lastSeen: now)
    sessions.withLock { sessions in
      if sessions.count >= Self.most { sessions = sessions.filter { Self.isAlive($0.value, at: now) } }
      sessions[Self.key(token)] = session
    }
    return token
  }

  /// The session of a token, if it is alive; the request counts as a sign of life.
  func find(_ token: String, at now: Instant) -> Session? {
    let key = Self.key(token)
    return sessions.withLock { sessions in
      guard var session = sessions[key] else { return nil }
      guard Self.isAlive(session, at: now) else {
        sessions[key] = nil
        return nil
      }
      session.lastSeen = now
      sessions[key] = session
      return session
    }
  }

  /// Leaves words for the next page of a session.
  func say(_ said: Said, to token: String) {
    let key = Self.key(token)
    sessions.withLock { $0[key]?.said = said }
  }

  /// Takes the words that were left; they are said once.
  func takeSaid(_ token: String) -> Said? {
    let key = Self.key(token)
    return sessions.withLock { sessions in
      defer { sessions[key]?.said = nil }
      return sessions[key]?.said
    }
  }

  func end(_ token: String) { sessions.withLock { $0[Self.key(token)] = nil } }

  func endAll(of user: String) { sessions.withLock { $0 = $0.filter { $0.value.user != user } } }

  private static func isAlive(_ session: Session, at now: Instant) -> Bool {
    now.unixSeconds - session.lastSeen.unixSeconds <= idleSeconds
      && now.unixSeconds - session.begun.unixSeconds <= longestSeconds
  }

  private static func key(_ token: String) -> SHA256.Digest { SHA256.hash(data: Data(token.utf8)) }

  static func randomToken() -> String {
    SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
      let digits = Array("0123456789abcdef".utf8)
      return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
  }
}

/// Slows down guessing: after some failures a name is closed to the address that failed, for longer each time.
final class SignInThrottle: Sendable {
  private struct Failures {
    var count = 0
    var last: Instant
  }

  /// Failures that cost nothing, and the longest wait.
  private static let free = 5
  private static let longest: Int64 = 900
  private static let most = 100_000

  private let failures = Mutex<[String: Failures]>([:])

  /// Seconds to wait before the next try; 0 for none.
  func wait(_ name: String, from address: String, at now: Instant) -> Int64 {
    failures.withLock { failures in
      guard let found = failures[Self.key(name, address)], found.count >= Self.free else { return 0 }
      let pause = min(Self.longest, Int64(1) << min(found.count - Self.free + 1, 20))
      return max(0, found.last.unixSeconds + pause - now.unixSeconds)
    }
  }

  func failed(_ name: String, from address: String, at now: Instant) {
    failures.withLock { failures in
      if failures.count >= Self.most {
        failures = failures.filter { now.unixSeconds - $0.value.last.unixSeconds < Self.longest }
      }
      var found = failures[Self.key(name, address)] ?? Failures(last: now)
      found.count += 1
      found.last = now
      failures[Self.key(name, address)] = found
    }
  }

  func succeeded(_ name: String, from address: String) {
    failures.withLock { $0[Self.key(name, address)] = nil }
  }

  private static func key(_ name: String, _ address: String) -> String { "\(name.prefix(60)) \(address)" }
}
