// Runs the program that prints a secret: no shell, bounded in time and output.

import Glibc

enum SecretCommand {
  /// What the program wrote to standard output; its standard error goes to ours.
  static func run(
    _ arguments: [String], seconds: Int = TransportLimits.secretCommandSeconds
  ) throws(MailServerError) -> [UInt8] {
    guard let program = arguments.first, !program.isEmpty,
      !arguments.contains(where: { $0.utf8.contains(0) })
    else { throw MailServerError(.secret, "command: no program is named") }
    let name = "command \(program)"

    var ends: [Int32] = [-1, -1]
    // A socket pair, since only it can be made closed on exec in one step.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw MailServerError(.secret, "\(name): \(errorText(errno))")
    }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try spawn(arguments, output: ends[1], name: name)
    }

    let deadline = ContinuousClock.now + .seconds(seconds)
    let output = collect(ends[0], until: deadline)
    // A program that closes its output and goes on is given the rest of its time, no more.
    var status: Int32 = 0
    var hasEnded = output != nil && reap(child, &status, until: deadline)
    if !hasEnded {
      // Its own group, so what it started goes too.
      kill(-child, SIGKILL)
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      hasEnded = false
    }
    guard let output, hasEnded else {
      throw MailServerError(
        .secret,
        "\(name): not done within \(seconds) s, or more than \(TransportLimits.secret) bytes; it was ended")
    }
    // WIFEXITED and WEXITSTATUS are macros.
    guard status & 0x7F == 0, (status >> 8) & 0xFF == 0 else {
      throw MailServerError(
        .secret,
        "\(name): "
          + (status & 0x7F == 0 ? "exit status \((status >> 8) & 0xFF)" : "ended by signal \(status & 0x7F)"))
    }
    return output
  }

  private static func spawn(_ arguments: [String], output: Int32, name: String) throws(MailServerError)
    -> pid_t
  {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    // Our threads block signals; the program must not inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let result = posix_spawnp(&child, arguments[0], &actions, &attributes, words, environ)
    guard result == 0 else { throw MailServerError(.secret, "\(name): \(errorText(result))") }
    return child
  }

  /// Everything up to the end; nil when time or room ran out.
  private static func collect(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return nil }
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&item, 1, left.milliseconds)
      if ready < 0, errno != EINTR { return nil }
      if ready <= 0 { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if count == 0 { return output }
      output += buffer[..<count]
      if output.count > TransportLimits.secret { return nil }
    }
  }

  private static func reap(
    _ child: pid_t, _ status: inout Int32, until deadline: ContinuousClock.Instant
  ) -> Bool {
    while true {
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child { return true }
      if ended < 0, errno != EINTR { return false }
      guard ContinuousClock.now < deadline else { return false }
      usleep(2_000)
    }
  }
}

extension Duration {
  /// For poll(2): rounded up, never negative, an hour at most.
  package var milliseconds: Int32 {
    let (seconds, fraction) = components
    guard seconds >= 0, fraction >= 0 else { return 0 }
    return Int32(min(seconds, 3600) * 1000 + (fraction + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
