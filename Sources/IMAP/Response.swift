// The values that a server's responses are parsed into.

import Transport

/// resp-text = ["[" resp-text-code "]" SP] [text]   (RFC 9051 §9)
struct ResponseText: Equatable {
  var code: ResponseCode?
  var text: [UInt8]
}

/// A response code: its name in upper case, and what follows the name as it came.
struct ResponseCode: Equatable {
  var name: String
  var argument: [UInt8]

  var words: [ArraySlice<UInt8>] { argument.split(separator: ASCII.space) }

  /// The flags of `PERMANENTFLAGS (…)`.
  var flags: [String] {
    argument.split { $0 == ASCII.space || $0 == ASCII.open || $0 == ASCII.close }
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

enum StatusWord: Equatable { case ok, no, bad, bye, preauth }

/// One complete response.
enum Response: Equatable {
  /// `+ …`
  case continuation(ResponseText)
  /// `tag OK …`
  case tagged(tag: String, status: StatusWord, text: ResponseText)
  /// `* OK …`
  case status(StatusWord, ResponseText)
  case capability([String])
  case enabled([String])
  case flags([String])
  case exists(UInt32)
  case recent(UInt32)
  case expunge(UInt32)
  case vanished(UIDSet)
  case search(UIDSet)
  case extendedSearch(tag: String?, isUID: Bool, all: UIDSet)
  case fetch(FetchItems)
  /// Well-formed, and of no use to us: LIST, STATUS, ID, …
  case other(String)
}

/// msg-att of one FETCH response: what of it we use.
struct FetchItems: Equatable {
  var sequence: UInt32
  var uid: UID?
  var flags: [String]?
  /// As the server wrote it.
  var internalDate: [UInt8]?
  var size: Int?
  var bodies: [Body] = []

  struct Body: Equatable {
    /// Between the brackets of `BODY[…]`; empty for the whole message.
    var section: [UInt8]
    /// The octet that a partial answer begins at.
    var origin: Int?
    var content: Content
  }

  enum Content: Equatable {
    /// Handed out by the parser as it came: this many bytes.
    case streamed(Int)
    /// A quoted string.
    case inline([UInt8])
    case missing
  }
}
