// The one configuration file: what it may say. Plain data; `ConfigurationReader` reads and checks it.

import Cases
import Monitoring
import Review
import Triage

/// Everything that `config/intake.yaml` says.
struct Configuration: Sendable {
  struct Organisation: Sendable {
    var name = ""
    /// Other names that people call it by.
    var otherNames: [String] = []
    /// Domains whose senders are staff.
    var domains: [String] = []
    /// Our own addresses.
    var addresses: [String] = []
  }

  struct DeadlineSettings: Sendable {
    /// Holds `calendars/` and `regimes/`.
    var directory = ""
    var standard: [String] = []
    var byCountry: [String: [String]] = [:]
    var byCategory: [String: [String]] = [:]
  }

  /// Where a secret is; never the secret itself.
  enum SecretSource: Sendable, Equatable {
    case file(String)
    /// By the name that LoadCredential= gives it.
    case credential(String)
    case environment(String)
    case command([String])
  }

  struct OAuth2: Sendable {
    enum Grant: String, Sendable, CaseIterable {
      case refreshToken = "refresh_token"
      case clientCredentials = "client_credentials"
    }

    var grant = Grant.refreshToken
    var mechanism = "auto"
    var tokenURL = ""
    var clientID = ""
    var clientSecret: SecretSource?
    var refreshToken: SecretSource?
    var scope: String?
    var caFile: String?
  }

  enum Login: Sendable {
    case password(SecretSource, mechanism: String)
    case oauth2(OAuth2)
  }

  enum FirstRun: Sendable, Equatable {
    case now, all
    /// `2026-01-31`
    case since(String)
  }

  enum After: Sendable, Equatable {
    case keep
    case keyword(String)
    case move(String)
  }

  struct Mailbox: Sendable {
    var name = ""
    var server = ""
    var folder = "INBOX"
    var user = ""
    var caFile: String?
    var login = Login.password(.file(""), mechanism: "auto")
    var from = FirstRun.now
    var after = After.keep
    var country: String?
    var regimes: [String]?
    /// Seconds.
    var pollEvery = 60
    var idle = true
    /// Bytes; above it a message is fetched in parts to disk.
    var sizeLimit = 25 << 20
  }

  struct Limits: Sendable {
    var recorders = 16
    var batchMessages = 128
    var batchBytes = 1 << 20
  }

  struct TriageSection: Sendable {
    /// The shipped model.
    var model = ""
    /// The shipped encoder, for models that need one.
    var reader = ""
    /// The folder of shipped labels that training starts from.
    var labels = ""
    var aim = CutOffs.Aim()
    /// Forms of a member number, as `TriageSettings` has them.
    var memberNumberPatterns: [String] = []
    /// The share of what is passed over that goes to a person all the same.
    var sample = 0.02
  }

  /// The review desk.
  struct DeskSection: Sendable {
    var host = "127.0.0.1"
    var port = 8080
    /// How browsers name it; behind a proxy that adds TLS this is the proxy's address.
    var origin = "http://127.0.0.1:8080"
    var zone = "Europe/London"
    /// Nil where everybody has a password here.
    var openID: OpenIDSection?
  }

  /// Single sign-on.
  struct OpenIDSection: Sendable {
    var issuer = ""
    var clientID = ""
    /// Nil for a public client.
    var clientSecret: SecretSource?
    var scope: String?
    var rolesClaim = "groups"
    var roles: [String: Role] = [:]
    var nameClaim = "preferred_username"
    var caFile: String?
  }

  /// The listener for Prometheus and supervisors.
  struct MonitoringSection: Sendable {
    var host = "127.0.0.1"
    var port = 9464
    /// Seconds between two looks at the vitals.
    var every = 15
    /// What those who ask must bear; nil on this machine only.
    var token: SecretSource?
  }

  /// How complaints are acknowledged by mail.
  struct AcknowledgeSection: Sendable {
    var server = ""
    var user = ""
    /// Nil on this machine only.
    var login: Login?
    var caFile: String?
    var name = ""
    var address = ""
    var handler = ""
    /// The folder of templates.
    var templates = ""
    /// Seconds since receipt within which acknowledgements go without a person; nil: never.
    var automaticWithin: Int?
    var perAddress = 3
    var perDomain = 50
    /// Seconds.
    var giveUpAfter = 86400
  }

  /// How long what is kept.
  struct RetentionSection: Sendable {
    var rules = RetentionRules()
    /// Whether `run` carries it out once a day.
    var isDaily = false
  }

  /// Who is told of trouble, and from where on.
  struct AlarmsSection: Sendable {
    enum Way: Sendable {
      case mail(String)
      case webhook(Hook, secret: SecretSource?, caFile: String?)
    }
    /// Where a webhook's address is; it may be written out.
    enum Hook: Sendable {
      case address(String)
      case secret(SecretSource)
    }
    struct Recipient: Sendable {
      var way: Way
      var only: [String] = []
    }

    var recipients: [Recipient] = []
    /// Empty: the server of `acknowledge:`.
    var server = ""
    var user = ""
    var login: Login?
    var caFile: String?
    /// Empty: whoever acknowledgements come from.
    var name = ""
    var address = ""
    /// Seconds.
    var every = 30
    var rules = AlarmSettings()
    /// Nil where no digest is sent.
    var digest: DigestSection?
  }

  struct DigestSection: Sendable {
    /// Seconds of the day.
    var at = 7 * 3600 + 1800
    var zone = "Europe/London"
    var to: [String] = []
  }

  var path = ""
  var organisation = Organisation()
  var data = ""
  var taxonomy = ""
  var triage = TriageSection()
  var deadlines = DeadlineSettings()
  var mailboxes: [Mailbox] = []
  var limits = Limits()
  /// Nil where `run` serves no desk.
  var desk: DeskSection?
  /// Nil where nobody watches.
  var monitoring: MonitoringSection?
  /// Nil where acknowledgements are only recorded, not sent.
  var acknowledge: AcknowledgeSection?
  /// What closing a case may say, and who may grant how much redress.
  var closing = ClosingRules()
  var reporting = ReportingSection()
  /// Nil where everything is kept for good.
  var retention: RetentionSection?
  /// Nil where nobody is told.
  var alarms: AlarmsSection?
  /// Where the shipped templates are.
  var templates = ""
  /// How `run` writes what it logs, where the command line does not say.
  var log: LogChoice?
  /// Bytes that must stay free.
  var lowDisk = 500 << 20
  /// Regime and category names with their lines, for the check against what exists.
  var references: [(kind: Reference, name: String, line: Int?)] = []

  enum Reference: Sendable { case regime, category }

  /// Names regimes and categories that the configuration uses and that do not exist.
  func validate(regimeIDs: Set<String>, categoryIDs: Set<String>) -> [ConfigurationProblem] {
    references.compactMap { reference in
      let known: Set<String>
      let what: String
      switch reference.kind {
      case .regime: (known, what) = (regimeIDs, "regime")
      case .category:
        // A group stands for all of its leaves.
        known = categoryIDs.union(categoryIDs.compactMap { $0.split(separator: ".").first.map(String.init) })
        what = "category"
      }
      if known.contains(reference.name) { return nil }
      return ConfigurationProblem(
        file: path, line: reference.line,
        message: "there is no \(what) \(reference.name); there are \(known.sorted().joined(separator: ", "))")
    }
  }

  /// Whether a text can name a mailbox: it becomes a folder's name.
  static func isMailboxName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return (1...64).contains(bytes.count) && bytes[0] != 0x2E
      && bytes.allSatisfy { byte in
        (byte | 32 >= 0x61 && byte | 32 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
          || [0x2E, 0x5F, 0x2D].contains(byte)
      }
  }
}

/// Everything that is wrong with the configuration, at once.
struct ConfigurationErrors: Error, CustomStringConvertible {
  let problems: [ConfigurationProblem]
  var description: String { problems.map { "\($0)" }.joined(separator: "\nintake: ") }
}
