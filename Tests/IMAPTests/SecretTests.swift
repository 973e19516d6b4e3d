// Secrets: where they are read from, what is refused, and that they show nowhere.

import Glibc
import Testing

@testable import IMAP
@testable import Transport

/// A folder of its own, gone with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/imap-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw IMAPError(.disk(errno: errno)) }
    path = String(cString: made)
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var names: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func write(_ name: String, _ content: String, mode: mode_t = 0o600) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Array(content.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    fchmod(descriptor, mode)
    close(descriptor)
    return file
  }

  func read(_ file: String) -> [UInt8] {
    let descriptor = open(file, O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return Array(bytes[..<max(0, count)])
  }
}

@Suite struct SecretTests {
  /// One test, since the variable is the whole process's.
  @Test func readsCredentials() throws {
    let folder = try TemporaryFolder()
    unsetenv("CREDENTIALS_DIRECTORY")
    let before = try #require(throws: MailServerError.self) { try Secret.credential("pw").read() }
    #expect(before.description.contains("credential pw") && before.description.contains("LoadCredential="))
    setenv("CREDENTIALS_DIRECTORY", folder.path, 1)
    defer { unsetenv("CREDENTIALS_DIRECTORY") }
    // As systemd makes them: for their owner, or for a group that an access list stands behind.
    for mode in [0o400, 0o440] as [mode_t] {
      _ = folder.write("pw\(mode)", "hunter2\n", mode: mode)
      #expect(try Secret.credential("pw\(mode)").read() == "hunter2")
    }
    let missing = try #require(throws: MailServerError.self) { try Secret.credential("other").read() }
    #expect(missing.kind == .secret && !missing.description.contains("hunter2"))
  }

  @Test(arguments: [
    ("pw", "pw"), ("pw\n", "pw"), ("pw\r\n", "pw"), (" p w ", " p w "), ("pässwörd\n", "pässwörd"),
  ])
  func readsFiles(_ content: String, _ secret: String) throws {
    let folder = try TemporaryFolder()
    #expect(try Secret.file(folder.write("s", content)).read() == secret)
  }

  @Test(arguments: [
    "", "\n", "a\nb\n", "a\0b", "a\u{7F}", String(repeating: "x", count: TransportLimits.secret + 1),
  ])
  func refusesContent(_ content: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.write("s", content)
    let error = #expect(throws: IMAPError.self) { try Secret.file(file).read() }
    #expect(error?.kind == .secret)
    #expect(error?.description.contains("x".repeated(20)) == false)
  }

  @Test(arguments: [
    (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o620, false), (0o602, false),
  ])
  func looksAtPermissions(_ mode: Int, isGood: Bool) throws {
    let folder = try TemporaryFolder()
    let file = folder.write("s", "pw", mode: mode_t(mode))
    #expect((try? Secret.file(file).read()) == (isGood ? "pw" : nil))
  }

  @Test func refusesWhatIsNoFile() throws {
    let folder = try TemporaryFolder()
    mkfifo("\(folder.path)/pipe", 0o600)
    for path in ["\(folder.path)/none", folder.path, "\(folder.path)/pipe"] {
      let error = #expect(throws: IMAPError.self) { try Secret.file(path).read() }
      #expect(error?.detail.contains(path) == true)
    }
  }

  @Test func readsTheEnvironment() throws {
    setenv("IMAP_TESTS_SECRET", "from outside", 1)
    #expect(try Secret.environment("IMAP_TESTS_SECRET").read() == "from outside")
    #expect(throws: IMAPError.self) { try Secret.environment("IMAP_TESTS_NO_SUCH").read() }
  }

  @Test func runsACommand() throws {
    #expect(try Secret.command(["printf", "%s\\n", "a b"]).read() == "a b")
    #expect(throws: IMAPError.self) { try Secret.command(["false"]).read() }
    #expect(throws: IMAPError.self) { try Secret.command([]).read() }
    #expect(throws: IMAPError.self) { try Secret.command(["/no/such/program"]).read() }
    #expect(throws: IMAPError.self) { try Secret.command(["yes"]).read() }
    let error = #expect(throws: IMAPError.self) {
      try Secret.command(["sh", "-c", "echo hush; exit 3"]).read()
    }
    #expect(error?.detail.contains("exit status 3") == true && error?.detail.contains("hush") == false)
  }

  @Test func endsACommandThatHangs() {
    let start = ContinuousClock.now
    #expect(throws: IMAPError.self) { try SecretCommand.run(["sh", "-c", "echo pw; sleep 30"], seconds: 1) }
    #expect(throws: IMAPError.self) { try SecretCommand.run(["sh", "-c", "exec >&-; sleep 30"], seconds: 1) }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func showsNowhere() {
    let secret = Secret.value("hunter22")
    var dumped = ""
    dump(secret, to: &dumped)
    let credentials = Credentials.password(user: "u", secret: secret)
    dump(credentials, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\(credentials)", dumped] {
      #expect(!text.contains("hunter22"))
    }
  }
}

extension String {
  func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
