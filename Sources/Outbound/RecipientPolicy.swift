// To whom an acknowledgement may go (RFC 3834, and caps): pure, each refusal with its name.

import Cases
import MIME
import Triage

/// Why an acknowledgement is not sent.
public enum RecipientRefusal: Sendable, Equatable, CustomStringConvertible {
  /// Nobody knows who complains.
  case noAddress
  /// Not of the plain form that mail is sent to: quoted, not ASCII, or none at all.
  case unusableAddress
  /// An address of our own: it would come back here.
  case ours
  /// A daemon's or a `noreply` address (RFC 3834 §2: nobody reads there).
  case machineAddress
  /// The message was sent by a machine; the header that shows it.
  case automaticMail(String)
  /// `Return-Path: <>` (RFC 3834 §2, RFC 5321 §4.5.5).
  case emptyReturnPath
  /// It came by a mailing list or in bulk; the header that shows it.
  case list(String)
  /// The message is in quarantine: nothing has read whether it asks for no answer; a person may have.
  case unread
  /// The address is not the one that wrote; a person may say that it is right.
  case differsFromSender
  /// So many went to this address today.
  case addressCap(Int)
  /// So many went to this domain today.
  case domainCap(Int)
  /// Automatic only: it came in while old mail was taken in, or too long ago.
  case backfill
  /// Automatic only: it is not certain that it is a complaint, or who complains.
  case notCertain

  /// Whether a person's word is enough. RFC 3834's own refusals are not anybody's to lift.
  public var mayBeOverridden: Bool {
    switch self {
    case .unread, .differsFromSender, .addressCap, .domainCap: true
    default: false
    }
  }

  public var description: String {
    switch self {
    case .noAddress: "nobody knows whom to write to: say who complains first"
    case .unusableAddress: "this is no address that mail can be sent to (name@example.org, ASCII, unquoted)"
    case .ours: "this is an address of our own"
    case .machineAddress: "nobody reads mail at this address: it is a machine's"
    case .automaticMail(let header): "the message was sent by a machine (\(header)); machines get no answer"
    case .emptyReturnPath: "the message asks for no answer (Return-Path: <>)"
    case .list(let header): "the message came by a mailing list or in bulk (\(header)); lists get no answer"
    case .unread: "the message could not be read, so nobody knows whether a machine sent it"
    case .differsFromSender: "this is not the address that the message came from"
    case .addressCap(let count): "\(count) acknowledgements went to this address within a day"
    case .domainCap(let count): "\(count) acknowledgements went to this domain within a day"
    case .backfill: "it was not received just now"
    case .notCertain: "it is not certain that this is a complaint, or who complains"
    }
  }
}

/// How many acknowledgements one address and one domain may get in 24 hours; a loop or a forged sender stops there.
public struct RecipientCaps: Sendable, Equatable {
  public var perAddress: Int
  public var perDomain: Int

  public init(perAddress: Int = 3, perDomain: Int = 50) {
    self.perAddress = perAddress
    self.perDomain = perDomain
  }
}

/// What is known when an acknowledgement is to be sent.
public struct RecipientFacts: Sendable {
  /// Whom it would go to.
  public var to: String?
  /// `From` of the message.
  public var sender: String?
  /// Whether a person has corrected the complainant to this address.
  public var isCorrected = false
  public var automatic: AutomaticMail?
  public var hasEmptyReturnPath = false
  /// Whether the message was never read, so that the two above are not known.
  public var isUnread = false
  public var isOurs: @Sendable (String) -> Bool
  /// Acknowledgements queued in the last 24 hours.
  public var toAddress = 0
  public var toDomain = 0

  public init(
    to: String?, sender: String?, automatic: AutomaticMail?, hasEmptyReturnPath: Bool = false,
    isOurs: @escaping @Sendable (String) -> Bool
  ) {
    self.to = to
    self.sender = sender
    self.automatic = automatic
    self.hasEmptyReturnPath = hasEmptyReturnPath
    self.isOurs = isOurs
  }
}

/// RFC 3834 and the caps.
public enum RecipientPolicy {
  private static let machines: Set<String> = [
    "mailer-daemon", "postmaster", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "bounce",
    "bounces", "daemon", "root", "majordomo", "listserv",
  ]

  /// Every reason against it, those that nobody may override first.
  public static func refusals(_ facts: RecipientFacts, caps: RecipientCaps) -> [RecipientRefusal] {
    var refusals: [RecipientRefusal] = []
    if let automatic = facts.automatic {
      switch automatic.kind {
      case .list, .bulk: refusals.append(.list(automatic.header))
      // An invitation is a person's, though a program wrote it.
      case .calendar: break
      case .autoReply, .bounce, .deliveryReport, .readReceipt, .generated:
        refusals.append(.automaticMail(automatic.header))
      }
    }
    if facts.hasEmptyReturnPath { refusals.append(.emptyReturnPath) }
    guard let to = facts.to, !to.isEmpty else { return refusals + [.noAddress] }
    guard let address = AddrSpec(to) else { return refusals + [.unusableAddress] }
    if facts.isOurs(lowered(to.utf8)) { refusals.append(.ours) }
    let local = address.localPart
    if machines.contains(local) || local.hasPrefix("owner-") || local.hasSuffix("-request")
      || local.hasSuffix("-owner") || local.hasPrefix("bounce-") || local.hasPrefix("bounces+")
    {
      refusals.append(.machineAddress)
    }
    if facts.isUnread { refusals.append(.unread) }
    if lowered((facts.sender ?? "").utf8) != lowered(to.utf8), !facts.isCorrected {
      refusals.append(.differsFromSender)
    }
    if facts.toAddress >= caps.perAddress { refusals.append(.addressCap(facts.toAddress)) }
    if facts.toDomain >= caps.perDomain { refusals.append(.domainCap(facts.toDomain)) }
    return refusals
  }

  /// What an acknowledgement that no person sees needs beyond that.
  ///
  /// - Parameter age: seconds since receipt.
  public static func automaticRefusals(
    _ current: Case, replyTo: [String], age: Int64, within: Int64
  ) -> [RecipientRefusal] {
    var refusals: [RecipientRefusal] = []
    if age > within || age < -300 { refusals.append(.backfill) }
    let recorded = current.recorded
    let isCertain =
      recorded.outcome == .case && recorded.verdict?.band == .complaint && current.complainant.confidence >= 1
      && current.complainant.how == "sender" && recorded.message.from.count == 1
    if !isCertain { refusals.append(.notCertain) }
    // An answer asked for elsewhere is how somebody else's mailbox is filled.
    let from = recorded.message.from.first.map { lowered($0.address.utf8) }
    if replyTo.contains(where: { lowered($0.utf8) != from }) { refusals.append(.differsFromSender) }
    return refusals
  }
}
