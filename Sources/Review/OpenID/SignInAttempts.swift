// Sign-ins that have begun and have not come back: in memory, each good for one return in one browser.

import Cases
import Deadlines
import Synchronization

/// What is remembered of a sign-in between leaving for the provider and coming back.
struct SignInAttempt: Sendable {
  /// Must be in the ID token, so that a token from another sign-in is none for this (Core §15.5.2).
  let nonce: String
  /// PKCE's secret (RFC 7636): a code that was overheard is worth nothing without it.
  let verifier: String
  /// Where the person wanted to go.
  let next: String
  fileprivate let browser: Cases.Digest
  fileprivate let begun: Instant
}

/// All attempts, by the digest of their state.
final class SignInAttempts: Sendable {
  private let attempts = Mutex<[Cases.Digest: SignInAttempt]>([:])

  /// Begins one.
  ///
  /// - Returns: the state, which goes to the provider and back, and the secret for the browser's cookie.
  func begin(next: String, at now: Instant) -> (state: String, browser: String, attempt: SignInAttempt) {
    let (state, browser) = (Sessions.randomToken(), Sessions.randomToken())
    let attempt = SignInAttempt(
      nonce: Sessions.randomToken(), verifier: Sessions.randomToken(), next: next,
      browser: Digest(of: browser.utf8), begun: now)
    attempts.withLock { attempts in
      if attempts.count >= OpenIDLimits.attempts {
        attempts = attempts.filter { Self.isAlive($0.value, at: now) }
      }
      // Still full: somebody begins them by the thousand. The oldest gives way, so that people get in at all.
      if attempts.count >= OpenIDLimits.attempts,
        let oldest = attempts.min(by: { $0.value.begun < $1.value.begun })
      {
        attempts[oldest.key] = nil
      }
      attempts[Digest(of: state.utf8)] = attempt
    }
    return (state, browser, attempt)
  }

  /// The attempt of a state, once, and only in the browser that began it.
  func take(_ state: String, browser: String, at now: Instant) -> SignInAttempt? {
    let key = Digest(of: state.utf8)
    return attempts.withLock { attempts in
      guard let found = attempts[key], found.browser == Digest(of: browser.utf8) else { return nil }
      attempts[key] = nil
      return Self.isAlive(found, at: now) ? found : nil
    }
  }

  private static func isAlive(_ attempt: SignInAttempt, at now: Instant) -> Bool {
    now.unixSeconds - attempt.begun.unixSeconds <= OpenIDLimits.attemptSeconds
  }
}
