// The version in the data folder: what is read, and what is refused with which words.

import Foundation
import Testing

@testable import Cases

@Suite struct DataVersionTests {
  @Test func isWrittenOnceAndReadAgain() throws {
    let temporary = try TemporaryData()
    let file = temporary.path + "/version"
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "1\n")
    _ = try DataFolder(temporary.path)
    // Made by hand, or by a program before this one.
    try Data("  1 ".utf8).write(to: URL(fileURLWithPath: file))
    _ = try DataFolder(temporary.path)
  }

  /// What the file holds, whether that is a newer program's, and the words.
  @Test(arguments: [
    ("2\n", true, "its data version is 2"), ("10", true, "its data version is 10"), ("0", false, "restore"),
    ("", false, "restore"), ("one", false, "is unreadable"), ("-2", false, "is unreadable"),
    ("2 2", false, "is unreadable"), ("99999999999999999999", false, "restore"),
    ("\u{1B}[2J2", false, "is unreadable"),
  ])
  func others(_ content: String, _ isNewer: Bool, _ words: String) throws {
    let temporary = try TemporaryData()
    let file = temporary.path + "/version"
    try Data(content.utf8).write(to: URL(fileURLWithPath: file))
    let error = try #require(throws: DataFolderError.self) { try DataFolder(temporary.path) }
    #expect(error.isNewer == isNewer)
    #expect(error.description.contains(words) && error.description.hasPrefix(temporary.path))
    // Nothing was done to it.
    #expect(try String(contentsOfFile: file, encoding: .utf8) == content)
  }
}
