// What the second reader says of the shipped labels, read by encoders that were not trained on them: logits that
// scripts/train-reader wrote beside the labels.

import Cases
import Foundation
import Pipeline
import Triage

enum SecondReadings {
  static let fileName = "second-readings.tsv"

  /// By message id; empty where there are none for this encoder.
  ///
  /// The file's first line names the encoder: readings by another one would say nothing about it.
  static func load(_ folders: [String], reader: SecondReader) throws -> [String: SecondReading] {
    var out: [String: SecondReading] = [:]
    for folder in folders {
      let path = "\(folder)/\(fileName)"
      guard let bytes = try DurableFile.read(path, limit: 64 << 20) else { continue }
      let lines = bytes.split(separator: 0x0A)
      guard let first = lines.first, String(decoding: first, as: UTF8.self) == "reader \(reader.digest)"
      else {
        throw BadInput(
          "\(path):1: was made for another encoder than \(reader.digest); run scripts/train-reader")
      }
      for (number, line) in lines.dropFirst().enumerated() {
        let cells = String(decoding: line, as: UTF8.self).split(separator: "\t")
        guard let id = cells.first,
          let reading = SecondReading(logits: cells.dropFirst().compactMap { Double($0) })
        else { throw BadInput("\(path):\(number + 2): is no id with \(SecondReader.outputs.count) numbers") }
        out[String(id)] = reading
      }
    }
    return out
  }
}

/// One line of `train --texts`: what scripts/train-reader learns from.
struct ReaderLine: Encodable {
  let id: String
  let group: String
  let complaint: Bool
  let category: String?
  let flags: [String]?
  let subject: String
  let own: String
  let others: String

  init(_ labelled: LabelledInput, _ texts: (subject: String, own: String, others: String)) {
    id = labelled.label.id
    group = labelled.label.author
    complaint = labelled.label.isComplaint
    category = labelled.label.category
    flags = labelled.label.hasFlagLabels ? Set(labelled.label.flags.map(\.kind.rawValue)).sorted() : nil
    (subject, own, others) = texts
  }

  /// Mail that complains of nothing: three groups, as if by three authors.
  init(ordinary number: Int, _ texts: (subject: String, own: String, others: String)) {
    id = "ordinary-\(number)"
    group = "ordinary-\(number % 3)"
    complaint = false
    category = nil
    flags = nil
    (subject, own, others) = texts
  }
}

/// Mail from outside the domain that the second reader learns to leave alone.
enum OrdinaryMail {
  /// As many as keep it a tenth of what the reader learns from.
  private static let most = 170

  /// Messages that the pipeline would judge and whose SHA-256 ends in an even digit, by their digests' order: the
  /// other half is for measuring.
  static func sample(_ paths: [String], _ workplace: Workplace) throws -> [[UInt8]] {
    guard !paths.isEmpty else { return [] }
    let triage = MessageTriage(organisation: workplace.organisation, judge: try workplace.judge())
    var found: [(hex: String, content: [UInt8])] = []
    for path in paths {
      try MailFiles.forEach(path) { message in
        let hex = Digest(of: message.content).hex
        guard hex.last?.hexDigitValue.map({ $0 % 2 == 0 }) ?? false,
          triage.triage(message.content).outcome != "automatic"
        else { return }
        found.append((hex, message.content))
      } problem: {
        StandardError.write("intake: \($0)")
      }
    }
    return found.sorted { $0.hex < $1.hex }.prefix(most).map(\.content)
  }
}
