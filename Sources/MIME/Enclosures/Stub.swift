struct EnclosedFile: Sendable {
  var name: String?
  var contentType: String
  var contentID: String?
  var bytes: [UInt8]
  var isMessage = false
  var isTNEF = false
}
struct Enclosure: Sendable {
  var plainText: String?
  var htmlBytes: [UInt8]?
  var htmlCharset: String?
  var files: [EnclosedFile]
}
enum TNEF { static func read(_ bytes: [UInt8], limits: Limits, depth: Int) -> Enclosure? { nil } }
enum CMS {
  enum Content { case signed([UInt8]), unreadable }
  static func read(_ bytes: [UInt8], limits: Limits) -> Content { .unreadable }
}
enum UUEncoding {
  static func files(in text: [UInt8], limits: Limits) -> [EnclosedFile] { [] }
  static func removed(from text: [UInt8], limits: Limits) -> [UInt8]? { nil }
}
enum YEnc {
  static func files(in text: [UInt8], limits: Limits) -> [EnclosedFile] { [] }
  static func removed(from text: [UInt8], limits: Limits) -> [UInt8]? { nil }
}
