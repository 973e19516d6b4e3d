// The models of a data folder: trained ones beside the shipped one, and which is in force.
//
// <data>/models/triage-3.model     written once
// <data>/models/choices/0002.json  who put which model in force and when; the last one counts, so nothing is replaced

import Cases
import Deadlines
import Foundation
import Triage

struct ModelStore {
  /// Somebody's choice of a model.
  struct Choice: Codable {
    var schema = "intake.model-choice/1"
    /// A file name in `models/`, or `shipped`.
    let model: String
    let at: Instant
    let by: String
    let reason: String?
  }

  static let shippedName = "shipped"
  private let folder: String
  private let shippedPath: String
  private let dataPath: String

  init(dataPath: String, shippedPath: String) {
    self.dataPath = dataPath
    self.shippedPath = shippedPath
    folder = dataPath + "/models"
  }

  /// The model in force: the last one chosen, the shipped one where none was.
  func current() throws -> TriageModel { try read(choices().last?.model ?? Self.shippedName) }

  func read(_ name: String) throws -> TriageModel {
    let path = name == Self.shippedName ? shippedPath : "\(folder)/\(try Self.checked(name))"
    guard let bytes = try DurableFile.read(path, limit: TriageModel.largestFile) else {
      throw BadInput("\(path): there is no such model; `intake model` lists what there is")
    }
    do {
      return try TriageModel(bytes)
    } catch {
      throw BadInput("\(path): \(error)")
    }
  }

  /// `triage-3` and `triage-3.model` name the same file, and nothing outside the folder has a name.
  private static func checked(_ name: String) throws -> String {
    let file = name.hasSuffix(".model") ? name : name + ".model"
    guard file.utf8.allSatisfy({ $0 != 0x2F && $0 > 0x20 }), !file.hasPrefix(".") else {
      throw BadInput("\(name): is no name of a model; `intake model` lists what there is")
    }
    return file
  }

  /// Trained models, oldest first.
  func names() throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try DurableFile.names(in: folder).filter { $0.hasSuffix(".model") }
      .sorted { (Self.number($0), $0) < (Self.number($1), $1) }
  }

  private static func number(_ name: String) -> Int { Int(name.filter(\.isNumber)) ?? 0 }

  /// A number above all there are.
  func nextVersion() throws -> Int {
    max(try read(Self.shippedName).version, try names().map(Self.number).max() ?? 0) + 1
  }

  /// Keeps a trained model.
  ///
  /// - Returns: its name.
  func add(_ model: TriageModel) throws -> String {
    let data = try DataFolder(dataPath)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let name = "triage-\(model.version).model"
    try link(model.encoded, as: "\(folder)/\(name)", data)
    return name
  }

  func choices() throws -> [Choice] {
    let path = folder + "/choices"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try DurableFile.names(in: path).filter { $0.hasSuffix(".json") }.sorted().map { name in
      guard let bytes = try DurableFile.read("\(path)/\(name)", limit: 1 << 16),
        let choice = try? JSONDecoder().decode(Choice.self, from: Data(bytes))
      else {
        throw BadInput("\(path)/\(name): is damaged; move it aside, and the choice before it counts again")
      }
      return choice
    }
  }

  /// Puts a model in force.
  func choose(_ choice: Choice) throws {
    _ = try read(choice.model)
    let data = try DataFolder(dataPath)
    let path = folder + "/choices"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let number = String(format: "%04d", try choices().count + 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try link(Array(try encoder.encode(choice)) + [0x0A], as: "\(path)/\(number).json", data)
  }

  private func link(_ bytes: [UInt8], as path: String, _ data: DataFolder) throws {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    let prepared = try bytes.withUnsafeBytes {
      try DurableFile.prepare(in: directory, temporary: data.newTemporary(), $0, mode: 0o444)
    }
    guard case .linked = try prepared.link(to: path) else {
      throw BadInput("\(path): somebody was first; run the command again")
    }
    try DurableFile.syncDirectory(directory)
  }
}
