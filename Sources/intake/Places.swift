// Where things are when nobody says: in the working directory as the repository has them, or where a package puts them,
// beside the program itself, so that an unpacked archive works wherever it lies.

import Foundation

/// The places to look in.
struct Places {
  /// Where a package puts what people edit.
  private let settings: String
  /// Where it puts what they do not.
  private let shared: String
  private let exists: (String) -> Bool

  init(
    settings: String = "/etc/intake", shared: String = besideProgram(),
    exists: @escaping (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
  ) {
    self.settings = settings
    self.shared = shared
    self.exists = exists
  }

  /// `/usr/share/intake` for `/usr/bin/intake`.
  static func besideProgram(
    _ program: String? = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "/proc/self/exe")
  ) -> String {
    let folders = (program ?? "/usr/bin/intake").split(separator: "/").dropLast(2)
    return folders.map { "/" + $0 }.joined() + "/share/intake"
  }

  /// The configuration: the working directory's, then the system's; where there is neither the first, so that the
  /// error names it.
  var configuration: String { first("config/intake.yaml", settings + "/intake.yaml") }

  /// The demonstration's: never the system's, which may be for its service alone, and which it has no use for.
  var demoConfiguration: String { first("config/intake.yaml", shared + "/intake.yaml") }

  var samples: String { first("samples/mailbox", shared + "/samples/mailbox") }

  private func first(_ own: String, _ installed: String) -> String {
    !exists(own) && exists(installed) ? installed : own
  }
}
