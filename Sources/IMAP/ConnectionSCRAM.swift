// Logging in with SCRAM on a connection that libcurl opened and secured.

import Transport

extension Connection {
  /// Runs the exchange (RFC 9051 §6.2.2, RFC 5802 §3) on the connection at hand.
  ///
  /// - Throws: `.unsupported` where the server does not offer the mechanism; `.authentication` where it refuses, or
  ///   where it cannot prove that it knows the password.
  func authenticate(_ hash: SCRAMClient.Hash, user: String, password: String) throws(IMAPError) {
    guard capabilities.contains("AUTH=\(hash.rawValue)") else {
      throw IMAPError(.unsupported(hash.rawValue), "the server does not offer it")
    }
    let wire = try requireWire()
    var client = SCRAMClient(hash, user: user, password: password)
    let tag = try send("AUTHENTICATE \(hash.rawValue)", on: wire)
    _ = try challenge(tag, on: wire)
    try answer(client.first, on: wire)
    let serverFirst = try challenge(tag, on: wire)
    let proof: String
    do throws(SCRAMClient.Failure) {
      proof = try client.final(serverFirst: serverFirst)
    } catch {
      throw IMAPError(.authentication, error.what)
    }
    try answer(proof, on: wire)
    let serverFinal = try challenge(tag, on: wire)
    do throws(SCRAMClient.Failure) {
      try client.verify(serverFinal: serverFinal)
    } catch {
      throw IMAPError(.authentication, error.what)
    }
    try wire.send([ASCII.cr, ASCII.lf])
    try finish(tag, on: wire) { _ in }
    // What a server offers may change with the login (RFC 9051 §6.1.1).
    _ = try command("CAPABILITY")
  }

  private func answer(_ text: String, on wire: Wire) throws(IMAPError) {
    try wire.send(Array(SASLBase64.encode(Array(text.utf8)).utf8) + [ASCII.cr, ASCII.lf])
  }

  /// The server's next words, decoded; a tagged NO is a refusal of the login.
  private func challenge(_ tag: String, on wire: Wire) throws(IMAPError) -> String {
    while true {
      guard case .response(let response) = try wire.next() else { continue }
      switch response {
      case .continuation(let text):
        let encoded = String(decoding: text.text, as: UTF8.self)
        guard let bytes = SASLBase64.decode(encoded) else {
          throw .violation("a challenge that is not base64")
        }
        return String(decoding: bytes, as: UTF8.self)
      case .tagged(tag, .no, let text):
        let refusal = IMAPError.refusal(text)
        if case .no(let said, _) = refusal.kind { throw IMAPError(.authentication, said) }
        throw refusal
      case .tagged(tag, .bad, let text):
        throw IMAPError(.no(text: ServerText.sanitized(text.text), code: "BAD"))
      case .tagged: throw .violation("the login ended before the server proved itself")
      default: try noteUnasked(response)
      }
    }
  }
}
