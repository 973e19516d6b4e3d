// The checks of `intake doctor` that look at files, each in a folder of its own.

import Deadlines
import Foundation
import Testing

@testable import intake

@Suite struct DoctorTests {
  @Test func aFolderThatIsNotThereIsNotMade() throws {
    try inFolder { folder in
      let findings = Doctor.folder(folder + "/data", lowDisk: 0)
      #expect(findings.map(\.level) == [.warn])
      #expect(findings.first?.detail.contains("not there yet") == true)
      #expect(!FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }

  @Test func aFolderForEveryoneIsToldWithTheCommand() throws {
    try inFolder { folder in
      #expect(chmod(folder, 0o755) == 0)
      let told = Doctor.folder(folder, lowDisk: 0).map(\.description)
      #expect(told.contains { $0.hasPrefix("warn data folder: ") && $0.hasSuffix("-> chmod 700 \(folder)") })
      #expect(told.contains { $0.hasPrefix("ok   write, fsync, link: ") })
      #expect(told.contains { $0.hasPrefix("ok   free space: ") })
    }
  }

  /// `/dev/shm` is the one other file system that every Linux has.
  @Test(.enabled(if: DoctorTests.device("/dev/shm") != DoctorTests.device(NSTemporaryDirectory())))
  func oneFileSystemForAll() throws {
    let other = "/dev/shm/intake-doctor-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: other) }
    try inFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/mail", withDestinationPath: other)
      let fails = Doctor.folder(folder, lowDisk: 0).filter { $0.detail.contains("another file system") }
      #expect(fails.map(\.level) == [.fail])
      #expect(fails.first?.detail.contains("\(folder)/mail is on") == true)
    }
    try inFolder { folder in
      #expect(!Doctor.folder(folder, lowDisk: 0).contains { $0.detail.contains("another file system") })
    }
  }

  private static func device(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_dev) : nil
  }

  @Test func lowDisk() throws {
    try inFolder { folder in
      let findings = Doctor.folder(folder, lowDisk: Int.max)
      #expect(findings.contains { $0.what == "free space" && $0.level == .fail && !$0.advice.isEmpty })
    }
  }

  /// A file system's kind, and what is said of it; nil where it is fine.
  @Test(
    arguments: [
      ("ext4", nil), ("xfs", nil), ("btrfs", nil), ("tmpfs", .fail), ("ramfs", .fail), ("overlay", .warn),
      ("nfs4", .warn), ("cifs", .warn), ("fuse.sshfs", .warn),
    ] as [(String, DoctorFinding.Level?)])
  func kindsOfFileSystem(_ kind: String, _ level: DoctorFinding.Level?) {
    let findings = Doctor.fileSystem("/data", kind: kind)
    #expect(findings.map(\.level) == (level.map { [$0] } ?? []))
    #expect(findings.allSatisfy { !$0.advice.isEmpty && $0.detail.contains(kind) })
  }

  @Test(arguments: [
    ("/", "overlay"), ("/srv/intake/", "ext4"), ("/srv/intake/mail/", "ext4"), ("/srv/intaker/", "overlay"),
    ("/srv/my mail/data/", "xfs"), ("/twice/x/", "tmpfs"),
  ])
  func longestMountPointCounts(_ place: String, _ kind: String) {
    let mounts = """
      overlay / overlay rw 0 0
      /dev/a /srv/intake ext4 rw 0 0
      /dev/b /srv/my\\040mail xfs rw 0 0
      /dev/c /twice ext4 rw 0 0
      tmpfs /twice tmpfs rw 0 0
      broken

      """
    #expect(Doctor.fileSystem(of: place, mounts: mounts) == kind)
  }

  @Test(
    arguments: [
      (0o600, .ok), (0o400, .ok), (0o640, .warn), (0o620, .fail), (0o644, .fail), (0o666, .fail),
    ] as [(mode_t, DoctorFinding.Level)])
  func secretFiles(_ mode: mode_t, _ level: DoctorFinding.Level) throws {
    try inFolder { folder in
      let path = folder + "/secret"
      try Data("s".utf8).write(to: URL(fileURLWithPath: path))
      #expect(chmod(path, mode) == 0)
      let finding = Doctor.secretFile(path)
      #expect(finding.level == level, "\(finding)")
      #expect((finding.advice.isEmpty) == (level == .ok))
    }
  }

  @Test func secretsThatAreNone() throws {
    try inFolder { folder in
      #expect(Doctor.secretFile(folder + "/gone").level == .fail)
      #expect(Doctor.secretFile(folder).description.contains("not a regular file"))
    }
  }

  @Test(
    arguments: [
      ("2026-11-22T23:59:59Z", nil, .fail), ("2026-11-23T00:00:00Z", nil, .ok),
      ("2026-12-01T12:00:00Z", "2026-12-01T12:04:59Z", .ok),
      ("2026-12-01T12:00:00Z", "2026-12-01T12:06:00Z", .fail),
    ] as [(String, String?, DoctorFinding.Level)])
  func clock(_ now: String, _ newest: String?, _ level: DoctorFinding.Level) throws {
    let finding = Doctor.clock(
      now: try #require(Instant(iso8601: now)), newest: newest.flatMap { Instant(iso8601: $0) },
      builtAfter: try #require(Instant(iso8601: "2026-11-23T00:00:00Z")))
    #expect(finding.level == level, "\(finding)")
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "intake-doctor-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
