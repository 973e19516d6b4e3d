// What the pipeline is told: who we are, what is true of a mailbox, how much at a time. Read from no file here; the
// command fills it in.

/// The organisation, as far as telling its own mail from others' needs it.
public struct Organisation: Sendable {
  public var name: String
  /// Domains whose senders are staff.
  public var domains: Set<String>
  /// Our own addresses: never a complainant, never a participant that proves anything.
  public var addresses: Set<String>

  public init(name: String, domains: Set<String>, addresses: Set<String>) {
    self.name = name
    self.domains = domains
    self.addresses = addresses
  }

  /// Whether an address is one of ours: a domain of ours or one of its subdomains.
  public func isOurs(_ address: String) -> Bool {
    if addresses.contains(address) { return true }
    guard let at = address.utf8.lastIndex(of: 0x40) else { return false }
    let domain = String(address[address.utf8.index(after: at)...])
    return domains.contains { domain == $0 || domain.hasSuffix("." + $0) }
  }
}

/// What is true of all mail of one mailbox.
public struct MailboxRules: Sendable {
  public var name: String
  /// Default country of its writers (ISO 3166 alpha-2), where the message itself does not tell.
  public var country: String?
  /// Regimes in place of the standard ones.
  public var regimes: [String]?

  public init(name: String, country: String? = nil, regimes: [String]? = nil) {
    self.name = name
    self.country = country
    self.regimes = regimes
  }
}

/// How much at a time; the reasons are with each.
public struct PipelineLimits: Sendable {
  /// Threads that write and sync side by side: the kernel commits 8 to 16 writers together.
  public var recorders = 16
  /// A batch shares its two ledger syncs: large enough to make them cheap, small enough for a crash to redo.
  public var batchMessages = 128
  /// Bodies of one batch in memory; about four batches are in flight a mailbox.
  public var batchBytes = 1 << 20
  /// A body above this goes to a file while it streams in.
  public var memoryLimit = 1 << 20
  /// The third death of the process over the same message quarantines it.
  public var attempts = 3
  /// Below this much free space nothing more is fetched: the mailbox keeps the mail.
  public var lowDisk: UInt64 = 100 << 20

  public init() {}
}
