// What was wrong with a message: named, with the rule it breaks and where.

/// One way in which a message breaks a rule or exceeds a limit; the parse went on regardless.
public struct Defect: Sendable, Hashable, Codable {
  /// The kinds of defect.
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    case emptyMessage, noHeaders, missingBlankLine, malformedField, leadingBlankLine, mboxFromLine
    case headerBlockTooLarge, tooManyFields, fieldTooLong, nulInHeader, rawEightBitHeader
    case bareCarriageReturns
    case missingFrom, duplicateField, tooManyAddresses, invalidDate
    case missingBoundary, boundaryTooLong, noPartsFound, unclosedBoundary, tooDeep, tooManyParts
    case malformedContentType, tooManyParameters, conflictingParameter, parameterGap
    case unknownTransferEncoding, encodedComposite, unknownCharset
    case partialMessage, externalBody, encryptedContent
    case badEncoding, decodedTooLarge
    case badChecksum, truncatedContent, malformedContent
  }

  /// What kind of defect it is.
  public let code: Code
  /// The rule, as "RFC 2046 §5.1.1"; "limit" when it is a bound of ours.
  public let rfc: String
  /// Byte offset in the message, where there is one place to point at.
  public let offset: Int?
  /// What was found, for people; never longer than a line, and free of control characters.
  public let detail: String

  init(_ code: Code, _ rule: String, at offset: Int? = nil, _ detail: String = "") {
    self.code = code
    self.rfc = rule
    self.offset = offset
    self.detail = Defect.line(detail)
  }

  private static func line(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(120) {
      scalars.append(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }
}
