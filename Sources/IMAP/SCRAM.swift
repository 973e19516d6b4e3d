// SCRAM (RFC 5802, RFC 7677): proving a password without showing it, and making the server prove that it knew it.
// Debian's libcurl is built without the library it needs for this, so the exchange runs on the opened connection.

import Crypto

/// The client's side of one SCRAM exchange, without channel binding.
struct SCRAMClient {
  enum Hash: String {
    case sha1 = "SCRAM-SHA-1"
    case sha256 = "SCRAM-SHA-256"
  }

  struct Failure: Error { let what: String }

  private let hash: Hash
  private let password: [UInt8]
  private let nonce: String
  private let firstBare: String
  private var expectedSignature: [UInt8]?

  /// Servers ask for 4096 to some hundred thousand iterations; more than this would be an attack on our time.
  private static let iterationLimit = 2_000_000

  /// - Parameter nonce: printable ASCII without commas; random but for test vectors.
  init(_ hash: Hash, user: String, password: String, nonce: String = SCRAMClient.randomNonce()) {
    self.hash = hash
    self.password = Array(password.utf8)
    self.nonce = nonce
    // RFC 5802 §5.1: saslname.
    let name = user.utf8.reduce(into: [UInt8]()) { name, byte in
      switch byte {
      case 0x2C: name += Array("=2C".utf8)
      case 0x3D: name += Array("=3D".utf8)
      default: name.append(byte)
      }
    }
    firstBare = "n=\(String(decoding: name, as: UTF8.self)),r=\(nonce)"
  }

  static func randomNonce() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    return String(decoding: (0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] }, as: UTF8.self)
  }

  /// client-first-message; `n,,` says that we bind to no channel.
  var first: String { "n,," + firstBare }

  /// client-final-message, in answer to server-first-message.
  ///
  /// server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count
  mutating func final(serverFirst: String) throws(Failure) -> String {
    let fields = Self.fields(serverFirst)
    if fields["m"] != nil { throw Failure(what: "SCRAM: an extension is required that we do not have") }
    guard let serverNonce = fields["r"], serverNonce.utf8.count > nonce.utf8.count,
      serverNonce.hasPrefix(nonce)
    else {
      throw Failure(what: "SCRAM: the server's nonce does not continue ours")
    }
    guard let salt = fields["s"].flatMap({ SASLBase64.decode($0) }), !salt.isEmpty else {
      throw Failure(what: "SCRAM: no salt")
    }
    guard let count = fields["i"].flatMap({ Int($0) }), (1...Self.iterationLimit).contains(count) else {
      throw Failure(what: "SCRAM: no sensible iteration count")
    }
    let salted = saltedPassword(salt: salt, iterations: count)
    let clientKey = hmac(key: salted, Array("Client Key".utf8))
    let storedKey = digest(clientKey)
    let withoutProof = "c=biws,r=\(serverNonce)"
    let message = Array("\(firstBare),\(serverFirst),\(withoutProof)".utf8)
    let signature = hmac(key: storedKey, message)
    let proof = zip(clientKey, signature).map { $0 ^ $1 }
    expectedSignature = hmac(key: hmac(key: salted, Array("Server Key".utf8)), message)
    return "\(withoutProof),p=\(SASLBase64.encode(proof))"
  }

  /// Checks server-final-message: a server that did not know the password cannot have made it.
  func verify(serverFinal: String) throws(Failure) {
    let fields = Self.fields(serverFinal)
    if let error = fields["e"] { throw Failure(what: "SCRAM: \(error)") }
    guard let expectedSignature, let signature = fields["v"].flatMap({ SASLBase64.decode($0) }),
      signature == expectedSignature
    else { throw Failure(what: "SCRAM: the server could not prove that it knows the password") }
  }

  private static func fields(_ message: String) -> [String: String] {
    var fields: [String: String] = [:]
    for part in message.split(separator: ",") {
      guard let equals = part.firstIndex(of: "=") else { continue }
      fields[String(part[..<equals])] = String(part[part.index(after: equals)...])
    }
    return fields
  }

  /// Hi (RFC 5802 §2.2): PBKDF2 with one block.
  private func saltedPassword(salt: [UInt8], iterations: Int) -> [UInt8] {
    var block = hmac(key: password, salt + [0, 0, 0, 1])
    var result = block
    for _ in 1..<max(iterations, 1) {
      block = hmac(key: password, block)
      for index in result.indices { result[index] ^= block[index] }
    }
    return result
  }

  private func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    switch hash {
    case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
  }

  private func digest(_ message: [UInt8]) -> [UInt8] {
    switch hash {
    case .sha1: Array(Insecure.SHA1.hash(data: message))
    case .sha256: Array(SHA256.hash(data: message))
    }
  }
}

/// RFC 4648 §4, as SASL uses it.
enum SASLBase64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let value = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
      for place in 0..<4 {
        out.append(place <= group.count ? alphabet[value >> (18 - 6 * place) & 63] : 0x3D)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Nil where the text is not exactly base64.
  static func decode(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    guard bytes.count.isMultiple(of: 4) else { return nil }
    let padding = bytes.suffix(2).filter { $0 == 0x3D }.count
    var out: [UInt8] = []
    var value = 0
    for (index, byte) in bytes.dropLast(padding).enumerated() {
      guard let symbol = alphabet.firstIndex(of: byte) else { return nil }
      value = (value << 6 | symbol) & 0xFF_FFFF
      switch index % 4 {
      case 1: out.append(UInt8(value >> 4 & 0xFF))
      case 2: out.append(UInt8(value >> 2 & 0xFF))
      case 3: out.append(UInt8(value & 0xFF))
      default: break
      }
    }
    return out
  }
}
