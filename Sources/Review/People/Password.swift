// Passwords are kept as scrypt keys (RFC 7914).

internal import Crypto
internal import CryptoExtras
import FoundationEssentials

/// A password as it is stored: never itself.
struct StoredPassword: Codable, Sendable, Equatable {
  /// CPU and memory cost N, block size r, parallelism p: OWASP's first choice, 128 MiB and about half a second.
  typealias Cost = (rounds: Int, blockSize: Int, parallelism: Int)
  static let standardCost: Cost = (rounds: 1 << 17, blockSize: 8, parallelism: 1)
  /// Shortest password taken (ASVS 6.2.1), longest looked at.
  static let lengths = 8...200

  var scheme = "scrypt"
  let rounds: Int
  let blockSize: Int
  let parallelism: Int
  let salt: Data
  let key: Data

  enum CodingKeys: String, CodingKey {
    case scheme, rounds, parallelism, salt, key
    case blockSize = "block_size"
  }

  /// Derives the key; takes about half a second of one core.
  init(_ password: String, cost: Cost = Self.standardCost) throws {
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    self.rounds = cost.rounds
    self.blockSize = cost.blockSize
    self.parallelism = cost.parallelism
    self.salt = salt
    key = try Self.derive(password, salt, cost)
  }

  /// Whether it is this password; in time that does not depend on how much of it is right.
  func matches(_ password: String) -> Bool {
    guard scheme == "scrypt", rounds <= 1 << 20, blockSize <= 32, parallelism <= 16,
      let derived = try? Self.derive(password, salt, (rounds, blockSize, parallelism))
    else { return false }
    return isEqualInConstantTime(derived, key)
  }

  private static func derive(
    _ password: String, _ salt: Data, _ cost: Cost
  ) throws -> Data {
    try KDF.Scrypt.deriveKey(
      from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: cost.rounds,
      blockSize: cost.blockSize,
      parallelism: cost.parallelism
    ).withUnsafeBytes { Data($0) }
  }
}

/// Compares without telling by its time where two values differ.
func isEqualInConstantTime(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
