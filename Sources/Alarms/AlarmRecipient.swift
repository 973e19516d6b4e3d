// Who is told of alarms, and how.

import Cases
import Crypto
import Deadlines
import Monitoring
import Outbound
import Transport

/// An address that is POSTed to.
public struct Webhook: Sendable {
  /// The address itself is a secret with most chat services.
  public var address: Secret
  /// Signs the body, where there is one.
  public var key: Secret?
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?

  public init(address: Secret, key: Secret? = nil, caFile: String? = nil) {
    self.address = address
    self.key = key
    self.caFile = caFile
  }

  /// HMAC-SHA256 (RFC 2104) of the body, as `X-Intake-Signature` has it.
  public static func signature(of body: [UInt8], key: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(key.utf8)))
    let digits = Array("0123456789abcdef".utf8)
    return "sha256="
      + String(decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// The server that alarm mail goes through, and whom it comes from.
public struct AlarmMail: Sendable {
  public var smtp: SMTPSettings
  public var name: String
  public var address: AddrSpec

  public init(smtp: SMTPSettings, name: String, address: AddrSpec) {
    self.smtp = smtp
    self.name = name
    self.address = address
  }
}

/// Somebody who is told.
public struct AlarmRecipient: Sendable {
  public enum Way: Sendable {
    case mail(AddrSpec)
    case webhook(Webhook)
  }

  public let way: Way
  public let audience: AlarmAudience
  /// For whoever set it up; the log has the audience's id, which is no address.
  public let title: String

  /// - Parameters:
  ///   - only: severities and causes; empty: everything.
  ///   - name: what tells it from others, the same after a restart: an address, or where a webhook's address is kept.
  public init(_ way: Way, only: Set<String> = [], name: String) {
    self.way = way
    let kind: String
    switch way {
    case .mail: kind = "mail"
    case .webhook: kind = "webhook"
    }
    title = "\(kind) \(name)"
    audience = AlarmAudience(id: "\(kind)-\(Cases.Digest(of: name.utf8).hex.prefix(8))", only: only)
  }
}

/// Something to be told, ready for every way.
struct Dispatch: Sendable {
  /// The same whenever the same is told again: a receiver may tell twins by it.
  let id: String
  let subject: String
  let body: String
  let json: [UInt8]
  /// Mails of ours that this one belongs beside.
  var references: [String] = []
}

/// Tells one recipient something, once. Nothing here waits for others.
struct Courier: Sendable {
  let mail: AlarmMail?
  let stop: @Sendable () -> Bool

  /// For the whole exchange with a webhook; whoever cannot answer within it is asked again.
  private static let webhookTime = Duration.seconds(15)
  /// Bytes of a webhook's answer, which says nothing that we need.
  private static let webhookAnswer = 64 << 10

  /// - Returns: the Message-ID of a mail; nil for other ways.
  func tell(_ recipient: AlarmRecipient, _ dispatch: Dispatch, at now: Instant) async throws(MailServerError)
    -> String?
  {
    switch recipient.way {
    case .mail(let to): return try await send(dispatch, to: to, at: now)
    case .webhook(let webhook):
      return try await Thread.run { () -> Result<String?, MailServerError> in
        do throws(MailServerError) {
          try Self.post(dispatch, to: webhook)
          return .success(nil)
        } catch {
          return .failure(error)
        }
      }.get()
    }
  }

  private func send(
    _ dispatch: Dispatch, to: AddrSpec, at now: Instant
  ) async throws(MailServerError) -> String {
    guard let mail else { throw MailServerError(.settings, "no mail server is configured") }
    let messageID = "\(dispatch.id)@\(mail.address.domain)"
    var message = OutgoingMessage(
      date: now, fromName: mail.name, from: mail.address, to: to,
      subject: String(dispatch.subject.prefix(200)),
      messageID: messageID, inReplyTo: dispatch.references.last, references: dispatch.references.dropLast(),
      body: dispatch.body)
    message.isReply = false
    try await Mailer(mail.smtp).send(message, stop: stop)
    return messageID
  }

  private static func post(_ dispatch: Dispatch, to webhook: Webhook) throws(MailServerError) {
    let address = try webhook.address.read()
    var request = SmallRequest(address, timeout: webhookTime, limit: webhookAnswer)
    request.caFile = webhook.caFile
    request.json = dispatch.json
    if let key = webhook.key {
      request.headers.append(
        ("X-Intake-Signature", Webhook.signature(of: dispatch.json, key: try key.read())))
    }
    // What follows the host is the secret of many a hook.
    let place = host(of: address)
    let status: Int
    do throws(MailServerError) {
      status = try request.perform().status
    } catch {
      var error = error
      error.place = place
      throw error
    }
    guard (200..<300).contains(status) else {
      throw MailServerError(.no(text: "HTTP status", code: "\(status)"), place: place)
    }
  }

  private static func host(of address: String) -> String {
    let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count > 2 ? "\(parts[0])//\(parts[2])" : "webhook"
  }
}
