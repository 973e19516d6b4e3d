// users/NAME.json in the data folder: who may sign in.

import Cases
import FoundationEssentials

/// Somebody who may sign in (schema `intake.user/1`).
public struct User: Codable, Sendable {
  public var schema = "intake.user/1"
  public let name: String
  public var role: Role
  /// The mailboxes whose cases this person may see; nil for all.
  public var mailboxes: [String]?
  public var isDisabled: Bool
  var password: StoredPassword?
  /// Whom the sign-in service means; nil for those who have a password here.
  var openID: OpenIDIdentity?

  enum CodingKeys: String, CodingKey {
    case schema, name, role, mailboxes, password
    case isDisabled = "disabled"
    case openID = "openid"
  }

  /// Another one whenever the password, the role or the mailboxes change: sessions from before end then.
  var stamp: Digest {
    var hasher = DigestHasher()
    hasher.update(field: role.rawValue)
    hasher.update(field: mailboxes.map { $0.joined(separator: "\n") } ?? "\n")
    // A new salt comes with every new password.
    hasher.update(field: password?.salt.base64EncodedString() ?? "")
    hasher.update(field: openID?.subject ?? "")
    return hasher.finalize()
  }

  func sees(mailbox: String) -> Bool { mailboxes?.contains(mailbox) ?? true }
}

/// Somebody as a sign-in service knows them, for good: names change, this does not (OpenID Connect Core §5.7).
struct OpenIDIdentity: Codable, Sendable, Equatable {
  let issuer: String
  let subject: String
}

/// A user that cannot be added or read.
public struct UserProblem: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// The users of a data folder; one file each, readable by its owner alone.
public struct UserStore: Sendable {
  private let data: DataFolder
  private var folder: String { data.path + "/users" }

  public init(_ data: DataFolder) throws {
    self.data = data
    try DurableFile.makeDirectory(folder)
  }

  /// A name is part of a path and of every event: small letters, digits, `.`, `-`, `_`, first a letter, at most 40.
  public static func isName(_ name: String) -> Bool {
    guard (1...40).contains(name.utf8.count), let first = name.utf8.first, (0x61...0x7A).contains(first)
    else {
      return false
    }
    return name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
    }
  }

  /// What the names of those begin with who sign in with OpenID Connect: no local user's name holds a colon, so neither
  /// can take the other's place.
  static let openIDPrefix = "oidc:"

  /// The name of somebody who signs in with OpenID Connect; nil where it could not be a file's.
  static func openIDName(_ given: String) -> String? {
    let name = given.asciiLowercased()
    return isOpenIDName(openIDPrefix + name) ? openIDPrefix + name : nil
  }

  /// Letters, digits and `. - _ + @` after the prefix, first a letter or digit, at most 100 bytes.
  private static func isOpenIDName(_ name: String) -> Bool {
    guard name.hasPrefix(openIDPrefix), name.utf8.count <= 100 else { return false }
    let rest = name.utf8.dropFirst(openIDPrefix.utf8.count)
    func isPlain(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = rest.first, isPlain(first) else { return false }
    return rest.allSatisfy { isPlain($0) || [0x2D, 0x2E, 0x5F, 0x2B, 0x40].contains($0) }
  }

  /// Nil where there is no such user.
  public func read(_ name: String) throws -> User? {
    guard Self.isName(name) || Self.isOpenIDName(name),
      let bytes = try DurableFile.read(path(name), limit: 1 << 16)
    else { return nil }
    do {
      return try JSONDecoder().decode(User.self, from: Data(bytes))
    } catch {
      throw UserProblem(
        description: "\(path(name)): not a user's file; make it anew with `intake user add \(name)`")
    }
  }

  public func all() throws -> [User] {
    try DurableFile.names(in: folder).filter { $0.hasSuffix(".json") }.sorted().compactMap {
      try read(String($0.dropLast(5)))
    }
  }

  /// Whether cases can be given to somebody of this name.
  public func decides(_ name: String) throws -> Bool {
    guard let user = try read(name) else { return false }
    return user.role.allows(.decide) && !user.isDisabled
  }

  /// Adds a user, or replaces one of the same name: new role, new password.
  public func put(name: String, role: Role, password: String, mailboxes: [String]?) throws {
    try put(
      name: name, role: role, password: password, mailboxes: mailboxes, cost: StoredPassword.standardCost)
  }

  func put(
    name: String, role: Role, password: String, mailboxes: [String]?, cost: StoredPassword.Cost
  ) throws {
    guard Self.isName(name) else {
      throw UserProblem(
        description:
          "\(name): a user's name has small letters, digits, . - _, begins with a letter, at most 40 of them")
    }
    guard StoredPassword.lengths.contains(password.unicodeScalars.count) else {
      throw UserProblem(
        description:
          "a password has \(StoredPassword.lengths.lowerBound) to \(StoredPassword.lengths.upperBound) characters"
      )
    }
    try write(
      User(
        name: name, role: role, mailboxes: mailboxes, isDisabled: false,
        password: StoredPassword(password, cost: cost)))
  }

  /// Keeps somebody who signed in with OpenID Connect, with the role that they have now.
  func putOpenID(_ name: String, _ identity: OpenIDIdentity, role: Role, before: User?) throws -> User {
    var user = before ?? User(name: name, role: role, mailboxes: nil, isDisabled: false)
    if before != nil, user.role == role { return user }
    user.role = role
    user.openID = identity
    try write(user)
    return user
  }

  public func setDisabled(_ name: String, _ isDisabled: Bool) throws {
    guard var user = try read(name) else { throw UserProblem(description: "\(name): there is no such user") }
    user.isDisabled = isDisabled
    try write(user)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name).json" }

  private func write(_ user: User) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try DurableFile.replace(path(user.name), Array(encoder.encode(user)), through: data.newTemporary())
  }
}
