// Writing the files that came with a message to a folder.

import Cases
import Foundation
import MIME

enum PartFiles {
  /// Longest name kept; file systems allow 255 bytes.
  private static let nameBytes = 100

  /// Writes each file as "<number>-<name>", the name cut to harmless characters; an existing file is never replaced.
  static func write(_ message: Message, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (number, file) in message.files.enumerated() {
      let path = "\(folder)/\(number + 1)-\(safeName(file))"
      // Exclusive, so that a link somebody put there is not followed.
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw DiskError(call: "open", path: path, code: errno) }
      defer { _ = close(descriptor) }
      try file.forEachChunk { chunk in
        var written = 0
        while written < chunk.count {
          let count = Foundation.write(
            descriptor, chunk.baseAddress.map { $0 + written }, chunk.count - written)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { throw DiskError(call: "write", path: path, code: errno) }
          written += count
        }
      }
    }
  }

  /// Letters, digits and ".-_" of the sender's name; no name begins with a dot or names a folder.
  static func safeName(_ file: AttachedFile) -> String {
    let given = file.name ?? "part-\(file.part)." + (file.contentType.split(separator: "/").last ?? "bin")
    var out: [UInt8] = []
    for scalar in given.unicodeScalars {
      if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || ".-_".unicodeScalars.contains(scalar)
      {
        let bytes = Array(String(scalar).utf8)
        if out.count + bytes.count > nameBytes { break }
        out += bytes
      } else if out.last != UInt8(ascii: "_") {
        out.append(UInt8(ascii: "_"))
      }
    }
    while out.first == UInt8(ascii: ".") { out.removeFirst() }
    return out.isEmpty ? "unnamed" : String(decoding: out, as: UTF8.self)
  }
}
