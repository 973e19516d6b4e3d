// Where a password, key or token comes from. It is read anew for each login, so a renewed one is used without a
// restart, and it never appears in a description, a log line or an error.

import Glibc

/// A secret's source, not the secret itself.
public struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
  private enum Source: Sendable {
    case file(String)
    case credential(String)
    case environment(String)
    case command([String])
    case value(String)
  }

  private let source: Source

  /// A regular file that only its owner, and at most its group, can read.
  public static func file(_ path: String) -> Secret { Secret(source: .file(path)) }

  /// A credential that systemd hands to the service (LoadCredential=): a file of this name in a folder that only the
  /// service can read and that is gone when it ends.
  public static func credential(_ name: String) -> Secret { Secret(source: .credential(name)) }

  /// Where systemd puts a credential (systemd.exec(5), "Credentials"); nil outside a service that has any.
  public static func credentialPath(_ name: String) -> String? {
    guard let folder = getenv("CREDENTIALS_DIRECTORY") else { return nil }
    return String(cString: folder) + "/" + name
  }

  /// An environment variable.
  public static func environment(_ name: String) -> Secret { Secret(source: .environment(name)) }

  /// A program and its arguments, run without a shell; its standard output is the secret.
  public static func command(_ arguments: [String]) -> Secret { Secret(source: .command(arguments)) }

  /// The secret itself: for tests and the demo.
  public static func value(_ value: String) -> Secret { Secret(source: .value(value)) }

  public var description: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Reads it; one line end at its end is cut. Blocks while a command runs, 30 seconds at most.
  ///
  /// - Throws: `.secret` naming the source and what to do, never the content.
  public func read() throws(MailServerError) -> String {
    let (bytes, name): ([UInt8], String) =
      switch source {
      case .file(let path): (try Self.readFile(path), "file \(path)")
      case .credential(let name): (try Self.readCredential(name), "credential \(name)")
      case .environment(let name): (try Self.readEnvironment(name), "environment variable \(name)")
      case .command(let arguments):
        (try SecretCommand.run(arguments), "command \(arguments.first ?? "")")
      case .value(let value): (Array(value.utf8), "value")
      }
    var content = bytes[...]
    if content.last == ASCII.lf { content.removeLast() }
    if content.last == ASCII.cr { content.removeLast() }
    if content.isEmpty { throw MailServerError(.secret, "\(name): empty") }
    guard !content.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw MailServerError(.secret, "\(name): more than one line, or a control character in it")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw MailServerError(.secret, "\(name): not UTF-8")
    }
    return text
  }

  private static func readFile(_ path: String) throws(MailServerError) -> [UInt8] {
    // Non-blocking, so that a pipe put in its place cannot hold us.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw MailServerError(.secret, "file \(path): \(errorText(errno))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw MailServerError(.secret, "file \(path): \(errorText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw MailServerError(.secret, "file \(path): not a regular file")
    }
    guard status.st_mode & 0o027 == 0 else {
      throw MailServerError(
        .secret,
        "file \(path): readable by everyone or writable by others than its owner; run chmod 600 on it")
    }
    var bytes = [UInt8](repeating: 0, count: TransportLimits.secret + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if got < 0 {
        if errno == EINTR { continue }
        throw MailServerError(.secret, "file \(path): \(errorText(errno))")
      }
      if got == 0 { break }
      count += got
    }
    guard count <= TransportLimits.secret else {
      throw MailServerError(.secret, "file \(path): more than \(TransportLimits.secret) bytes")
    }
    return Array(bytes[..<count])
  }

  private static func readCredential(_ name: String) throws(MailServerError) -> [UInt8] {
    guard let path = credentialPath(name) else {
      throw MailServerError(
        .secret,
        "credential \(name): there are none here; systemd hands them to the service (LoadCredential=)")
    }
    return try readFile(path)
  }

  private static func readEnvironment(_ name: String) throws(MailServerError) -> [UInt8] {
    guard let value = getenv(name) else {
      throw MailServerError(.secret, "environment variable \(name): not set")
    }
    return Array(UnsafeBufferPointer(start: value, count: strnlen(value, TransportLimits.secret))).map {
      UInt8(bitPattern: $0)
    }
  }
}

/// The C library's words for an error number.
package func errorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "errno \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
