// What `intake doctor` looks at: everything that would otherwise be noticed at night.

import Cases
import Deadlines
import Foundation
import IMAP
import Pipeline
import Transport
import Triage

/// One thing looked at.
struct DoctorFinding: CustomStringConvertible {
  enum Level: String {
    case ok, warn
    case fail = "FAIL"
  }

  let level: Level
  let what: String
  let detail: String
  var advice = ""

  var description: String {
    "\(level.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0))\(what): \(detail)"
      + (advice.isEmpty ? "" : " -> \(advice)")
  }
}

enum Doctor {
  /// The data folder: there, ours alone, on a file system that keeps what it says.
  static func folder(_ path: String, lowDisk: Int) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    let what = "data folder"
    let facts = try? FileFacts(path)
    if facts == nil, !FileManager.default.fileExists(atPath: path) {
      // Making it here would make it the property of whoever looks, often the administrator.
      return [
        DoctorFinding(
          level: .warn, what: what, detail: "\(path) is not there yet",
          advice: "make it, mode 700, for the user that runs intake; otherwise the first run makes it")
      ]
    }
    let data: DataFolder
    do {
      data = try DataFolder(path)
    } catch {
      return [
        DoctorFinding(
          level: .fail, what: what, detail: "\(error)",
          advice: "make it writable for this user, or name another with data:")
      ]
    }
    if let facts, facts.owner != geteuid() {
      findings.append(
        DoctorFinding(
          level: .warn, what: what,
          detail: "\(path) belongs to user \(facts.owner), and this is user \(geteuid())",
          advice: "run doctor as the user that runs intake"))
    }
    if let facts, facts.permissions & 0o077 != 0 {
      findings.append(
        DoctorFinding(
          level: .warn, what: what,
          detail: "\(path) can be read by other users (mode \(String(facts.permissions, radix: 8)))",
          advice: "chmod 700 \(path)"))
    }
    findings.append(durability(data))
    findings += mountPoints(path)
    findings += fileSystem(of: path).map { fileSystem(path, kind: $0) } ?? []
    if let free = try? data.freeBytes() {
      let isLow = free < UInt64(lowDisk)
      findings.append(
        DoctorFinding(
          level: isLow ? .fail : .ok, what: "free space", detail: "\(free >> 20) MiB at \(path)",
          advice: isLow ? "make room: below low_disk (\(lowDisk >> 20) MiB) nothing is fetched" : ""))
    }
    return findings
  }

  /// Folders that are mounted from elsewhere: a large message is written in `tmp/` and linked into `mail/`, which
  /// works within one file system only (link(2), EXDEV); small ones would hide it.
  private static func mountPoints(_ path: String) -> [DoctorFinding] {
    guard let temporary = try? FileFacts(path + "/tmp") else { return [] }
    return ["mail", "cases", "ledger", "queue"].compactMap { name in
      guard let facts = try? FileFacts("\(path)/\(name)"), facts.device != temporary.device else {
        return nil
      }
      return DoctorFinding(
        level: .fail, what: "data folder",
        detail: "\(path)/\(name) is on another file system than \(path)/tmp",
        advice: "keep the whole data folder on one; large messages cannot be recorded otherwise")
    }
  }

  /// What a kind of file system means for a folder that must outlive everything.
  static func fileSystem(_ path: String, kind: String) -> [DoctorFinding] {
    let (level, detail, advice): (DoctorFinding.Level, String, String)
    switch kind {
    case "tmpfs", "ramfs":
      (level, detail) = (.fail, "is in memory (\(kind)): everything is lost at the next start")
      advice = "name a folder on a disk with data:"
    case "overlay", "aufs":
      (level, detail) = (.warn, "is in a container's own layer (\(kind)), lost with the container")
      advice = "mount a volume there"
    case "cifs", "smb3", "9p", "vfat", "exfat":
      (level, detail) = (.warn, "is on \(kind), which promises little about links and fsync")
      advice = "use a local file system such as ext4 or xfs"
    case _ where kind.hasPrefix("nfs") || kind.hasPrefix("fuse"):
      (level, detail) = (.warn, "is on \(kind)")
      advice = "a local file system is safer; the index must be local"
    default: return []
    }
    return [DoctorFinding(level: level, what: "data folder", detail: "\(path) \(detail)", advice: advice)]
  }

  /// The file system's kind as the kernel's list of mounts has it: that of the longest mount point above the path.
  private static func fileSystem(of path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    let place = String(cString: real) + "/"
    guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return nil }
    return fileSystem(of: place, mounts: mounts)
  }

  /// - Parameters:
  ///   - place: a real path with `/` at its end.
  ///   - mounts: lines of `/proc/self/mounts`; the last of equal mount points hides the others.
  static func fileSystem(of place: String, mounts: String) -> String? {
    var best: (length: Int, kind: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 3 else { continue }
      // The kernel writes a blank in a mount point as \040.
      let name = fields[1].replacing("\\040", with: " ")
      let point = name.hasSuffix("/") ? String(name) : name + "/"
      if place.hasPrefix(point), point.utf8.count >= best?.length ?? 0 {
        best = (point.utf8.count, String(fields[2]))
      }
    }
    return best?.kind
  }

  /// Writes, syncs, links and reads a file as recording does.
  private static func durability(_ data: DataFolder) -> DoctorFinding {
    let what = "write, fsync, link"
    let (first, second) = (data.newTemporary(), data.newTemporary())
    defer { DurableFile.remove(second) }
    do {
      try [UInt8]("doctor".utf8).withUnsafeBytes { try DurableFile.create(first, $0, mode: 0o600) }
      let linked = try DurableFile.link(first, to: second)
      try DurableFile.syncDirectory(data.path + "/tmp")
      guard linked == .linked, try DurableFile.read(second, limit: 100) == [UInt8]("doctor".utf8) else {
        return DoctorFinding(level: .fail, what: what, detail: "a file linked into place did not read back")
      }
      return DoctorFinding(level: .ok, what: what, detail: "work at \(data.path)")
    } catch {
      return DoctorFinding(
        level: .fail, what: what, detail: "\(error)", advice: "use a file system with hard links and fsync")
    }
  }

  /// The clock against the newest entry of the ledgers: deadlines must not run from a clock that went back.
  static func clock(now: Instant, newest: Instant?, builtAfter: Instant) -> DoctorFinding {
    let what = "clock"
    if now < builtAfter {
      return DoctorFinding(
        level: .fail, what: what, detail: "says \(now), before this program was written",
        advice: "set it, and use NTP")
    }
    if let newest, now.unixSeconds + 300 < newest.unixSeconds {
      return DoctorFinding(
        level: .fail, what: what, detail: "says \(now), before the newest ledger entry, \(newest)",
        advice: "set it, and use NTP")
    }
    return DoctorFinding(level: .ok, what: what, detail: "says \(now)")
  }

  /// Calendars and regimes that a person should look at, and calendars that run out.
  static func dates(_ data: DeadlineData, today: CivilDate) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    for calendar in data.calendars.values.sorted(by: { $0.id < $1.id }) {
      if calendar.covers.upperBound <= today.year {
        findings.append(
          DoctorFinding(
            level: calendar.covers.upperBound < today.year ? .fail : .warn, what: "calendar \(calendar.id)",
            detail: "its holidays end with \(calendar.covers.upperBound)",
            advice: "add the next years to calendars/\(calendar.id).yaml"))
      }
      if calendar.checkBy < today.adding(days: 30) {
        findings.append(
          DoctorFinding(
            level: .warn, what: "calendar \(calendar.id)", detail: "is to be checked by \(calendar.checkBy)",
            advice: "compare it with its source, then move check_by"))
      }
    }
    for regime in data.regimes.values.sorted(by: { $0.id < $1.id })
    where regime.checkBy < today.adding(days: 30) {
      findings.append(
        DoctorFinding(
          level: .warn, what: "regime \(regime.id)", detail: "is to be checked by \(regime.checkBy)",
          advice: "compare it with its source, then move check_by"))
    }
    if findings.isEmpty {
      findings.append(
        DoctorFinding(
          level: .ok, what: "calendars and regimes",
          detail:
            "\(data.calendars.count) calendars, \(data.regimes.count) regimes, none due for checking in 30 days"
        ))
    }
    return findings
  }

  /// A credential: there, where there can be any.
  static func credential(_ name: String, path: String?) -> DoctorFinding {
    let what = "secret"
    guard let path else {
      return DoctorFinding(
        level: .warn, what: what, detail: "credential \(name) is handed to the service only",
        advice: "look as the service does; docs/installing.md has the line")
    }
    guard (try? FileFacts(path)) != nil else {
      return DoctorFinding(
        level: .fail, what: what, detail: "credential \(name) is not among those of this service",
        advice: "put it where the unit's LoadCredential= says")
    }
    return DoctorFinding(level: .ok, what: what, detail: "credential \(name) is there")
  }

  /// A secret's file: there, and for its owner only.
  static func secretFile(_ path: String) -> DoctorFinding {
    let what = "secret"
    let facts: FileFacts
    do {
      facts = try FileFacts(path)
    } catch {
      return DoctorFinding(
        level: .fail, what: what, detail: "\(path): \(String(cString: strerror(error.code)))",
        advice: "put the secret there, mode 600")
    }
    if facts.kind != .file {
      return DoctorFinding(
        level: .fail, what: what, detail: "\(path) is not a regular file", advice: "name the file itself")
    }
    // What reading it refuses (readable by everyone, writable by the group) and what it only should not be.
    if facts.permissions & 0o077 != 0 {
      return DoctorFinding(
        level: facts.permissions & 0o027 != 0 ? .fail : .warn, what: what,
        detail: "\(path) can be read by others (mode \(String(facts.permissions, radix: 8)))",
        advice: "chmod 600 \(path)")
    }
    return DoctorFinding(level: .ok, what: what, detail: "\(path) is readable by its owner only")
  }
}

extension Workplace {
  /// Midnight of the day on which this version was written.
  private static let builtAfter = Instant(iso8601: "2026-11-23T00:00:00Z") ?? Instant(unixSeconds: 0)

  /// Everything but the mailboxes.
  func doctorFindings() -> [DoctorFinding] {
    let now = Pipeline.Intake.systemNow()
    var findings = [
      DoctorFinding(
        level: .ok, what: "configuration",
        detail:
          "\(configuration.path), \(configuration.mailboxes.count) mailboxes, \(taxonomy.leaves.count) categories"
      )
    ]
    findings += Doctor.folder(dataPath, lowDisk: configuration.lowDisk)
    findings.append(Doctor.clock(now: now, newest: newestArrival(), builtAfter: Self.builtAfter))
    findings += Doctor.dates(deadlineData, today: now.utcDate)
    for source in secretSources {
      switch source {
      case .file(let path): findings.append(Doctor.secretFile(path))
      case .credential(let name):
        findings.append(Doctor.credential(name, path: Secret.credentialPath(name)))
      case .environment, .command: break
      }
    }
    return findings
  }

  /// Where every secret that signs in somewhere, or signs what leaves, is kept.
  private var secretSources: [Configuration.SecretSource] {
    let alarms = configuration.alarms
    let logins =
      configuration.mailboxes.map(\.login)
      + [configuration.acknowledge?.login, alarms?.login].compactMap { $0 }
    let ofLogins = logins.flatMap { login -> [Configuration.SecretSource?] in
      switch login {
      case .password(let source, _): [source]
      case .oauth2(let oauth2): [oauth2.clientSecret, oauth2.refreshToken]
      }
    }
    let ofHooks = (alarms?.recipients ?? []).flatMap { recipient -> [Configuration.SecretSource?] in
      guard case .webhook(let hook, let secret, _) = recipient.way else { return [] }
      if case .secret(let source) = hook { return [source, secret] }
      return [secret]
    }
    return (ofLogins + ofHooks).compactMap { $0 }
  }

  private func newestArrival() -> Instant? {
    guard FileManager.default.fileExists(atPath: dataPath), let data = try? openData(),
      let mailboxes = try? Ledger.mailboxes(in: data)
    else { return nil }
    return mailboxes.compactMap { try? Ledger(data, mailbox: $0).withState { $0.lastArrival } }.compactMap {
      $0
    }.max()
  }

  /// Signs in to a mailbox and opens its folder read-only.
  func checkMailbox(_ mailbox: Configuration.Mailbox) async -> DoctorFinding {
    let what = "mailbox \(mailbox.name)"
    do {
      let settings = try settings(for: mailbox)
      let connection = Connection(
        settings: settings.server, credentials: settings.credentials, logger: logger)
      do {
        try await connection.open()
        let status = try await connection.select(settings.folder, readOnly: true)
        let idle = await connection.supportsIdle
        await connection.close()
        return DoctorFinding(
          level: idle || !settings.idle ? .ok : .warn, what: what,
          detail:
            "\(status.exists) messages, UIDVALIDITY \(status.uidValidity), \(idle ? "IDLE" : "no IDLE")",
          advice: idle || !settings.idle ? "" : "new mail is seen every poll_every only")
      } catch {
        connection.abort()
        throw error
      }
    } catch {
      return DoctorFinding(level: .fail, what: what, detail: "\(error)", advice: Self.advice(error))
    }
  }

  static func advice(_ error: any Error) -> String {
    guard let error = error as? IMAPError else { return "" }
    switch error.kind {
    case .unreachable, .timeout: return "check server: and the network between"
    case .tls: return "check the server's certificate and ca_file:"
    case .authentication: return "check user: and the secret"
    case .oauth: return "check client, secret and scope at the token endpoint; a new consent may be needed"
    case .mailboxMissing: return "check folder:"
    case .secret: return "put the secret where the configuration says"
    default: return ""
    }
  }
}
