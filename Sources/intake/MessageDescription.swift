// A parsed message as `intake parse` prints it, for people and as JSON.

import Cases
import Deadlines
import Foundation
import MIME

struct MessageDescription: Encodable {
  struct Header: Encodable {
    let name: String
    let value: String
  }

  struct Party: Encodable {
    let name: String?
    let address: String
  }

  struct Part: Encodable {
    let index: Int
    let parent: Int?
    let contentType: String
    let fileName: String?
    let encoding: String
    let size: Int
    /// Of an attachment: the bytes once decoded, and their digest.
    let decodedSize: Int?
    let sha256: String?
    let isAttachment: Bool

    enum CodingKeys: String, CodingKey {
      case index, parent, encoding, size, sha256
      case decodedSize = "decoded_size"
      case contentType = "content_type"
      case fileName = "file_name"
      case isAttachment = "is_attachment"
    }
  }

  /// A file that came with the message, those inside wrapper formats too.
  struct File: Encodable {
    let name: String?
    let contentType: String
    let contentID: String?
    let part: Int
    let wrapper: String?
    let size: Int
    let sha256: String

    init(_ file: AttachedFile) {
      var hasher = DigestHasher()
      var size = 0
      file.forEachChunk {
        hasher.update($0)
        size += $0.count
      }
      name = file.name
      contentType = file.contentType
      contentID = file.contentID
      part = file.part
      wrapper = file.wrapper?.rawValue
      self.size = size
      sha256 = hasher.finalize().hex
    }

    enum CodingKeys: String, CodingKey {
      case name, part, wrapper, size, sha256
      case contentType = "content_type"
      case contentID = "content_id"
    }
  }

  struct Region: Encodable {
    let kind: String
    let start: Int
    let end: Int
  }

  let schema = "intake.message/1"
  let file: String
  let headers: [Header]
  let subject: String
  let from: [Party]
  let to: [Party]
  let cc: [Party]
  let replyTo: [Party]
  let date: String?
  let messageID: String?
  let references: [String]
  let automatic: String?
  let report: Report?
  let invitation: Invitation?
  let protections: [Protection]
  let text: String
  let links: [TextLink]
  let regions: [Region]
  let parts: [Part]
  let attachments: [Part]
  let files: [File]
  let defects: [Defect]

  init(_ message: Message, file: String) {
    func parties(_ addresses: [Address]) -> [Party] {
      addresses.map { Party(name: $0.displayName, address: $0.mailbox) }
    }
    self.file = file
    headers = message.headers.fields.map { Header(name: $0.name, value: $0.text) }
    subject = message.subject
    from = parties(message.from)
    to = parties(message.to)
    cc = parties(message.cc)
    replyTo = parties(message.replyTo)
    date = message.date.map { Instant(unixSeconds: $0.unixSeconds).description }
    messageID = message.messageID
    references = message.references
    automatic = message.automatic.map { "\($0.kind.rawValue): \($0.header)" }
    report = message.report
    invitation = message.invitation
    protections = message.protections
    text = message.text
    links = message.links
    regions = message.regions(of: text).map {
      Region(kind: $0.kind.rawValue, start: $0.range.lowerBound, end: $0.range.upperBound)
    }
    let all = message.parts.indices.map { index in
      let part = message.parts[index]
      let file = part.isAttachment ? File(AttachedFile(message, part: index)) : nil
      return Part(
        index: index, parent: part.parent, contentType: part.contentType.essence, fileName: part.fileName,
        encoding: part.transferEncoding.rawValue, size: part.bodyRange.count, decodedSize: file?.size,
        sha256: file?.sha256, isAttachment: part.isAttachment)
    }
    parts = all
    attachments = message.attachments.map { all[$0] }
    files = message.files.map { File($0) }
    defects = message.defects + message.bodyDefects
  }

  enum CodingKeys: String, CodingKey {
    case schema, file, headers, subject, from, to, cc, date, references, automatic, report, invitation
    case protections, text, links, regions, parts, attachments, files, defects
    case replyTo = "reply_to"
    case messageID = "message_id"
  }

  var lines: [String] {
    func party(_ party: Party) -> String { (party.name.map { $0 + " " } ?? "") + "<\(party.address)>" }
    var lines: [String] = []
    func add(_ name: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      lines.append(
        "\(name):" + String(repeating: " ", count: max(1, 14 - name.count)) + value.printable)
    }
    add("Subject", subject)
    add("From", from.map(party).joined(separator: ", "))
    add("Reply-To", replyTo.map(party).joined(separator: ", "))
    add("To", to.map(party).joined(separator: ", "))
    add("Cc", cc.map(party).joined(separator: ", "))
    add("Date", date)
    add("Message-ID", messageID)
    add("Automatic", automatic)
    for part in parts {
      let name = part.fileName.map { " \"\($0)\"" } ?? ""
      add("Part \(part.index)", "\(part.contentType)\(name), \(part.encoding), \(part.size) bytes")
    }
    for (number, file) in files.enumerated() {
      let origin = file.wrapper.map { " in \($0)" } ?? ""
      let name = file.name.map { "\"\($0)\", " } ?? ""
      add("File \(number + 1)", "\(name)\(file.contentType), \(file.size) bytes, part \(file.part)\(origin)")
    }
    if let report {
      let about = report.recipients.map { "\($0.address) \($0.action) \($0.status)" }.joined(separator: ", ")
      add("Report", "\(report.kind.rawValue): \(about)")
    }
    if let invitation {
      add(
        "Invitation",
        [invitation.method, invitation.summary, invitation.start].compactMap { $0 }.joined(separator: ", "))
    }
    for protection in protections {
      add("Protection", "\(protection.kind.rawValue), part \(protection.part)")
    }
    for defect in defects { add("Defect", "\(defect.code.rawValue) (\(defect.rfc)) \(defect.detail)") }
    lines.append("")
    // Region marks at the left margin: nothing for own words.
    let bytes = Array(text.utf8)
    for region in regions {
      let mark = region.kind == "own" ? "" : "\(region.kind) | "
      let slice = String(decoding: bytes[region.start..<region.end], as: UTF8.self)
      var pieces = slice.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      if slice.utf8.last == 0x0A { pieces.removeLast() }
      for piece in pieces { lines.append(mark + (String(piece) ?? "").printable) }
    }
    return lines
  }
}
