// stub
struct TextMark: Sendable {
  enum Kind: Sendable { case quoted, forwarded, quotedFromHere, signature, attribution }
  var kind: Kind
  var range: Range<Int>
}
enum HTMLMarks {
  static func kind(element: UnsafeRawBufferPointer, attributes: UnsafeRawBufferPointer) -> TextMark.Kind? {
    nil
  }
}
