// One HTTP request for a small document, over libcurl: HTTPS (plain HTTP on this machine only), no redirect, bounded
// in time and size. Blocks.

import CCurl

/// A GET, or a POST of form fields or of JSON.
public struct SmallRequest: Sendable {
  public var url: String
  /// POSTed as application/x-www-form-urlencoded; nil for a GET.
  public var form: [(String, String)]?
  /// POSTed as application/json, in place of `form`.
  public var json: [UInt8]?
  /// Further header fields.
  public var headers: [(name: String, value: String)] = []
  /// HTTP Basic.
  public var user: String?
  public var password: Secret?
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?
  /// A proxy as libcurl writes it; the environment's is never used.
  public var proxy: String?
  /// For the whole exchange.
  public var timeout: Duration
  /// Bytes of the answer; more is a failure.
  public var limit: Int

  public init(_ url: String, timeout: Duration, limit: Int) {
    self.url = url
    self.timeout = timeout
    self.limit = limit
  }

  /// Sends it and waits.
  ///
  /// - Throws: what stood in the way, with the address but without its query; neither fields nor secrets are in it.
  public func perform() throws(MailServerError) -> (status: Int, body: [UInt8]) {
    let isPlain = try Self.checkAddress(url)
    let handle = try CurlHandle()
    handle.set(CURLOPT_URL, url)
    handle.set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
    handle.setSafety(caFile: caFile, proxy: isPlain ? nil : proxy)
    // A redirect would carry what is sent to wherever it points.
    handle.set(CURLOPT_FOLLOWLOCATION, 0)
    handle.set(CURLOPT_TIMEOUT_MS, Int(timeout.milliseconds))
    var headers = ["Accept: application/json", "Expect:"]
    if json != nil { headers.append("Content-Type: application/json") }
    for (name, value) in self.headers {
      guard (name + value).utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
        throw MailServerError(.settings, "a header field has a control character in it")
      }
      headers.append("\(name): \(value)")
    }
    handle.set(CURLOPT_HTTPHEADER, list: headers)
    if let user {
      handle.set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a macro with a cast
      // RFC 6749 §2.3.1: both are form-encoded first.
      handle.set(CURLOPT_USERNAME, FormEncoding.encode(user))
      handle.set(CURLOPT_PASSWORD, FormEncoding.encode(try password?.read() ?? ""))
    }
    if let json {
      // A C string ends at a NUL, and JSON has none.
      handle.set(CURLOPT_COPYPOSTFIELDS, String(decoding: json, as: UTF8.self))
    } else if let form {
      handle.set(CURLOPT_COPYPOSTFIELDS, FormEncoding.encode(form))
    }
    let reply = Reply(limit: limit)
    handle.set(CURLOPT_WRITEDATA, pointer: Unmanaged.passUnretained(reply).toOpaque())
    handle.setWrite { data, size, count, context in
      guard let data, let context else { return 0 }
      let reply = Unmanaged<Reply>.fromOpaque(context).takeUnretainedValue()
      return reply.add(UnsafeRawBufferPointer(start: data, count: size * count))
    }
    do throws(MailServerError) {
      try withExtendedLifetime(reply) { () throws(MailServerError) in try handle.perform() }
    } catch {
      var error = error
      error.place = place
      if reply.isTooLarge { error.kind = .limit("an answer above \(limit) bytes") }
      throw error
    }
    return (handle.responseCode, reply.bytes)
  }

  /// The address without what may be private in it.
  var place: String { String(url.prefix { $0 != "?" && $0 != "#" }) }

  /// Whether the address is plain http, which only this machine may have.
  ///
  /// - Throws: `.settings` where it is no address that anything is sent to.
  public static func checkAddress(_ url: String) throws(MailServerError) -> Bool {
    let lower = url.lowercased()
    guard url.utf8.count <= 2048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != ASCII.backslash })
    else { throw MailServerError(.settings, "an address has no spaces or special characters") }
    let scheme = lower.hasPrefix("https://") ? "https://" : "http://"
    guard lower.hasPrefix(scheme) else {
      throw MailServerError(.settings, "an address begins with https://")
    }
    let authority = lower.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#".utf8.contains($0) }
    guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else {
      throw MailServerError(.settings, "an address names a host, and neither user nor password")
    }
    if scheme == "https://" { return false }
    var host = String(decoding: authority, as: UTF8.self)
    if host.hasPrefix("[") {
      host = String(host.dropFirst().prefix { $0 != "]" })
    } else {
      host = String(host.prefix { $0 != ":" })
    }
    guard host == "127.0.0.1" || host == "::1" else {
      throw MailServerError(
        .settings, "http:// would show secrets to the network; use https:// there")
    }
    return true
  }
  /// What was answered, as libcurl hands it over.
  private final class Reply {
    private let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isTooLarge = false

    init(limit: Int) { self.limit = limit }

    /// How many bytes were taken; fewer than offered make libcurl stop.
    func add(_ more: UnsafeRawBufferPointer) -> Int {
      guard bytes.count + more.count <= limit else {
        isTooLarge = true
        return 0
      }
      bytes.append(contentsOf: more)
      return more.count
    }
  }
}
