// Labelled mail in files: records of LabelledMail (.mail), or a table (.tsv) beside .eml files.

import Cases
import Foundation
import MIME
import Triage

/// A labelled message and what is judged of it.
struct LabelledInput {
  let label: LabelledMessage
  let input: TriageInput
}

enum LabelFiles {
  private static let limit = 64 << 20

  /// Reads files, and all `.mail` files of folders.
  ///
  /// - Parameter input: reads a message's bytes as the pipeline would.
  static func read(_ paths: [String], input: ([UInt8]) -> TriageInput) throws -> [LabelledInput] {
    var out: [LabelledInput] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw BadInput("\(path): there is no such file or folder")
      }
      var files = [path]
      if isFolder.boolValue {
        files = try DurableFile.names(in: path).filter { $0.hasSuffix(".mail") }.sorted().map {
          "\(path)/\($0)"
        }
        if files.isEmpty { throw BadInput("\(path): holds no .mail files") }
      }
      for file in files {
        let bytes = try DurableFile.read(file, limit: limit) ?? []
        if file.hasSuffix(".tsv") {
          out += try table(bytes, file, input: input)
          continue
        }
        do {
          out += try LabelledMail.read(bytes).map { LabelledInput(label: $0, input: input($0.message)) }
        } catch {
          throw BadInput("\(file):\(error.line): \(error.message)")
        }
      }
    }
    return out
  }

  /// Columns by their names in the first line: file, outcome, category; the files are beside the table or in the
  /// folder `mailbox` there.
  private static func table(_ bytes: [UInt8], _ file: String, input: ([UInt8]) -> TriageInput) throws
    -> [LabelledInput]
  {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    guard let names = lines.first, let name = names.firstIndex(of: "file"),
      let outcome = names.firstIndex(of: "outcome"), let category = names.firstIndex(of: "category")
    else { throw BadInput("\(file):1: the first line must name the columns file, outcome and category") }
    let folder = file.contains("/") ? String(file[...file.lastIndex(of: "/")!]) : ""
    return try lines.dropFirst().enumerated().map { number, cells in
      guard cells.count > max(name, outcome, category) else {
        throw BadInput("\(file):\(number + 2): has too few columns")
      }
      guard
        let content = try DurableFile.read(folder + cells[name], limit: limit)
          ?? DurableFile.read("\(folder)mailbox/\(cells[name])", limit: limit)
      else { throw BadInput("\(file):\(number + 2): there is no \(folder)\(cells[name])") }
      var label = LabelledMessage(id: cells[name], isComplaint: cells[outcome] == Band.complaint.rawValue)
      label.category = label.isComplaint ? cells[category] : nil
      label.difficulty = cells[outcome]
      return LabelledInput(label: label, input: input(content))
    }
  }
}
