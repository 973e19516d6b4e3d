// views/NAME.json in the data folder: the lists that a person has given a name.

import Cases
import FoundationEssentials

/// A list with a name.
struct SavedView: Codable, Sendable, Equatable {
  let name: String
  /// The query of its address.
  let query: String
}

/// The saved views of everybody; one file a person. Of two writers the later one counts: only that person writes.
struct SavedViewStore: Sendable {
  private struct File: Codable {
    var schema = "intake.views/1"
    var views: [SavedView]
  }

  /// More would not fit beside a list.
  static let most = 20
  static let longestName = 40
  private static let longestQuery = 2000

  private let data: DataFolder
  private var folder: String { data.path + "/views" }

  init(_ data: DataFolder) throws {
    self.data = data
    try DurableFile.makeDirectory(folder)
  }

  /// None where the file is missing or damaged: a list's name is nobody's evidence.
  func views(of user: String) -> [SavedView] {
    guard UserStore.isName(user), let bytes = try? DurableFile.read(path(user), limit: 1 << 17),
      let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
    else { return [] }
    return file.views
  }

  /// Adds a view, or gives the one of that name another query.
  func save(_ view: SavedView, of user: String) throws {
    guard (1...Self.longestName).contains(view.name.unicodeScalars.count) else {
      throw DecisionRefusal("A view's name has 1 to \(Self.longestName) characters.")
    }
    guard view.query.utf8.count <= Self.longestQuery else {
      throw DecisionRefusal("That is too long to save.")
    }
    var views = views(of: user)
    if let index = views.firstIndex(where: { $0.name == view.name }) {
      views[index] = view
    } else {
      guard views.count < Self.most else {
        throw DecisionRefusal("There are \(Self.most) saved views; remove one first.")
      }
      views.append(view)
    }
    try write(views, user)
  }

  func remove(_ name: String, of user: String) throws {
    try write(views(of: user).filter { $0.name != name }, user)
  }

  private func path(_ user: String) -> String { "\(folder)/\(user).json" }

  private func write(_ views: [SavedView], _ user: String) throws {
    guard UserStore.isName(user) else { throw Refusal.notFound }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try DurableFile.replace(
      path(user), Array(encoder.encode(File(views: views))), through: data.newTemporary())
  }
}
