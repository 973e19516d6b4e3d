// Where the bytes of a message go as they arrive: memory while it is small, a file otherwise.

import Glibc
import Transport

/// One message's bytes; a file that nobody took goes with the object.
final class BodySink {
  private var memory: [UInt8] = []
  private var file: SpillFile?
  private(set) var count = 0

  /// - Parameter announced: the literal's length; memory is made ready for it.
  init(announced: Int) { memory.reserveCapacity(announced) }

  /// To a new file in this folder.
  init(spillingInto folder: String) throws(IMAPError) { file = try SpillFile(inFolder: folder) }

  /// To this file, which must not be there yet.
  init(path: String) throws(IMAPError) { file = try SpillFile(path: path) }

  /// A sink for bytes that nobody wants.
  init() {}

  var isDiscarding = false

  func append(_ bytes: UnsafeRawBufferPointer) throws(IMAPError) {
    count += bytes.count
    if isDiscarding { return }
    if let file {
      try file.append(bytes)
    } else {
      memory.append(contentsOf: bytes)
    }
  }

  /// Bytes in memory now.
  var memoryCount: Int { memory.count }

  /// What came; the file, if there is one, belongs to the receiver.
  func take() throws(IMAPError) -> FetchedMessage.Content {
    guard let file else {
      defer { memory = [] }
      return .memory(memory)
    }
    self.file = nil
    return .file(path: try file.keep(), count: count)
  }
}

/// A file that is removed again unless it is kept.
final class SpillFile {
  private let path: String
  private var descriptor: Int32
  private var isKept = false

  /// - Throws: `.disk`.
  init(path: String) throws(IMAPError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .disk(errno, path) }
  }

  convenience init(inFolder folder: String) throws(IMAPError) {
    var name = ""
    for _ in 0..<2 { name += String(UInt64.random(in: 0 ... .max), radix: 36) }
    try self.init(path: "\(folder)/imap-\(name).part")
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if descriptor >= 0 || !isKept { unlink(path) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(IMAPError) {
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        throw .disk(errno, path)
      }
      written += count
    }
  }

  /// Closes the file and leaves it; making it durable is the receiver's.
  func keep() throws(IMAPError) -> String {
    let result = close(descriptor)
    let number = errno
    descriptor = -1
    guard result == 0 else { throw .disk(number, path) }
    isKept = true
    return path
  }
}

extension IMAPError {
  static func disk(_ number: Int32, _ path: String) -> IMAPError {
    IMAPError(.disk(errno: number), "\(path): \(errorText(number))")
  }
}

extension [UInt8] {
  /// `withUnsafeBytes` that keeps the error's type.
  func withUnsafeBytesThrowing(
    _ body: (UnsafeRawBufferPointer) throws(IMAPError) -> Void
  ) throws(IMAPError) {
    let result = withUnsafeBytes { buffer in Result { () throws(IMAPError) in try body(buffer) } }
    try result.get()
  }
}
