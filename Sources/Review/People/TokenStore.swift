// tokens/NAME.json in the data folder: which programs may use the API.

import Cases
import Deadlines
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// A program's right to use the API (schema `intake.token/1`).
public struct APIToken: Codable, Sendable {
  public var schema = "intake.token/1"
  public let name: String
  /// Of the token itself, which is shown once and kept nowhere.
  public let digest: Digest
  public let role: Role
  /// The mailboxes whose cases it may see; nil for all.
  public let mailboxes: [String]?
  public let created: Instant
  /// The first instant at which it is worth nothing; nil for none.
  public let expires: Instant?
  public var isDisabled: Bool

  enum CodingKeys: String, CodingKey {
    case schema, name, digest, role, mailboxes, created, expires
    case isDisabled = "disabled"
  }

  /// Whether it opens anything at an instant.
  public func isValid(at now: Instant) -> Bool {
    !isDisabled && expires.map { now < $0 } ?? true
  }

  /// Whoever the API acts for: a name that no person can have.
  var bearer: User { User(name: "token:\(name)", role: role, mailboxes: mailboxes, isDisabled: false) }
}

/// The tokens of a data folder; one file each, readable by its owner alone.
public struct TokenStore: Sendable {
  private let data: DataFolder
  private var folder: String { data.path + "/tokens" }

  /// What every token begins with, so that scanners of logs and repositories know one when they see it.
  public static let prefix = "intake_"
  /// Hexadecimal digits of the random part: 256 bits.
  private static let digits = 64

  public init(_ data: DataFolder) throws {
    self.data = data
    try DurableFile.makeDirectory(folder)
  }

  /// Nil where there is none of that name.
  public func read(_ name: String) throws -> APIToken? {
    guard UserStore.isName(name), let bytes = try DurableFile.read(path(name), limit: 1 << 16) else {
      return nil
    }
    do {
      return try JSONDecoder().decode(APIToken.self, from: Data(bytes))
    } catch {
      throw UserProblem(
        description: "\(path(name)): not a token's file; remove it and use `intake token add \(name)`")
    }
  }

  /// All tokens, by name.
  public func all() throws -> [APIToken] {
    try DurableFile.names(in: folder).filter { $0.hasSuffix(".json") }.compactMap {
      try read(String($0.dropLast(5)))
    }
  }

  /// Makes a token; one of the same name must not be there, so that a program is not cut off by mistake.
  ///
  /// - Returns: the token, which is kept nowhere.
  public func add(
    _ name: String, role: Role, mailboxes: [String]?, expires: Instant?, at now: Instant
  ) throws -> String {
    guard UserStore.isName(name) else {
      throw UserProblem(
        description:
          "\(name): a token's name has small letters, digits, . - _, begins with a letter, at most 40 of them"
      )
    }
    if let expires, expires <= now {
      throw UserProblem(description: "\(name): would have expired before it is used, at \(expires)")
    }
    let text = "\(Self.prefix)\(name)_\(Sessions.randomToken())"
    let token = APIToken(
      name: name, digest: Digest(of: text.utf8), role: role, mailboxes: mailboxes, created: now,
      expires: expires, isDisabled: false)
    let temporary = data.newTemporary()
    try Self.encode(token).withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o600) }
    guard try DurableFile.link(temporary, to: path(name)) == .linked else {
      throw UserProblem(
        description: "\(path(name)): there is a token of that name; disable it and choose another name")
    }
    try DurableFile.syncDirectory(folder)
    return text
  }

  /// Takes a token's right away, or gives it back.
  public func setDisabled(_ name: String, _ isDisabled: Bool) throws {
    guard var token = try read(name) else {
      throw UserProblem(description: "\(name): there is no such token")
    }
    token.isDisabled = isDisabled
    let temporary = data.newTemporary()
    try Self.encode(token).withUnsafeBytes { try DurableFile.create(temporary, $0, mode: 0o600) }
    guard rename(temporary, path(name)) == 0 else {
      throw DiskError(call: "rename", path: path(name), code: errno)
    }
    try DurableFile.syncDirectory(folder)
  }

  /// The token whose text this is, if it is valid now.
  func find(_ text: String, at now: Instant) throws -> APIToken? {
    guard text.hasPrefix(Self.prefix), text.utf8.count > Self.prefix.utf8.count + Self.digits + 1,
      text.utf8.count <= Self.prefix.utf8.count + 41 + Self.digits
    else { return nil }
    let name = text.utf8.dropFirst(Self.prefix.utf8.count).dropLast(Self.digits + 1)
    guard let token = try read(String(decoding: name, as: UTF8.self)), token.isValid(at: now),
      isEqualInConstantTime(Digest(of: text.utf8).hex.utf8, token.digest.hex.utf8)
    else { return nil }
    return token
  }

  private func path(_ name: String) -> String { "\(folder)/\(name).json" }

  private static func encode(_ token: APIToken) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return Array(try encoder.encode(token)) + [0x0A]
  }
}
