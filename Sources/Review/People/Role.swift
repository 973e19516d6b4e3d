// Who may do what on the desk.

/// A person's role.
public enum Role: String, Codable, Sendable, CaseIterable {
  /// Decides and acknowledges.
  case specialist
  /// A specialist who also assigns work to others.
  case lead
  /// Sees volumes only, never what a message says.
  case operations
  /// Reads everything, changes nothing.
  case auditor
  /// Also manages users.
  case administrator

  /// Of several the one that may do most; nil of none.
  static func strongest(_ roles: [Role]) -> Role? {
    let order: [Role] = [.administrator, .lead, .specialist, .auditor, .operations]
    return order.first { roles.contains($0) }
  }

  func allows(_ permission: Permission) -> Bool {
    switch permission {
    case .seeVolumes: true
    case .seeCases: self != .operations
    case .decide: self == .specialist || self == .lead || self == .administrator
    case .manageUsers: self == .administrator
    }
  }
}

/// What a page or an action asks of a role.
enum Permission: String, Sendable, CaseIterable {
  case seeVolumes, seeCases, decide, manageUsers
}
