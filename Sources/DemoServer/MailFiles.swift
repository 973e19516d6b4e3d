// Reads a folder of .eml files with the C library alone.

import Glibc

enum MailFiles {
  /// The `*.eml` names of a folder, sorted by their bytes; hidden files are left out.
  static func names(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else { throw failure(folder) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".eml"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  static func read(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count == 0 { return result }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      guard result.count <= Limits.file - count else {
        throw DemoServerError(description: "\(path): larger than \(Limits.file) bytes")
      }
      result.append(contentsOf: chunk[..<count])
    }
  }

  private static func failure(_ path: String) -> DemoServerError {
    DemoServerError(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
