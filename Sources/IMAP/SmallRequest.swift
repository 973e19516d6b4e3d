// One HTTP request for a small document, over libcurl: HTTPS (plain HTTP on this machine only), no redirect, bounded
// in time and size. Blocks.

import CCurl

/// A GET, or a POST of form fields.
public struct SmallRequest: Sendable {
  public var url: String
  /// POSTed as application/x-www-form-urlencoded; nil for a GET.
  public var form: [(String, String)]?
  /// HTTP Basic.
  public var user: String?
  public var password: Secret?
  /// PEM certificates to trust instead of the system's.
  public var caFile: String?
  /// For the whole exchange.
  public var timeout: Duration
  /// Bytes of the answer; more is a failure.
  public var limit: Int

  public init(_ url: String, timeout: Duration, limit: Int) {
    self.url = url
    self.timeout = timeout
    self.limit = limit
  }

  /// A request without a usable answer; the text holds neither fields nor secrets.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Sends it and waits.
  public func perform() throws(Failure) -> (status: Int, body: [UInt8]) {
    let reply = Reply(limit: limit)
    do {
      let isPlain = try TokenRequest.checkAddress(url)
      let handle = try CurlHandle()
      handle.set(CURLOPT_URL, url)
      handle.set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
      handle.setSafety(caFile: caFile, proxy: nil)
      // A redirect would carry what is sent to wherever it points.
      handle.set(CURLOPT_FOLLOWLOCATION, 0)
      handle.set(CURLOPT_TIMEOUT_MS, Int(timeout.milliseconds))
      handle.set(CURLOPT_HTTPHEADER, list: ["Accept: application/json", "Expect:"])
      if let user {
        handle.set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a macro with a cast
        // RFC 6749 §2.3.1: both are form-encoded first.
        handle.set(CURLOPT_USERNAME, FormEncoding.encode(user))
        handle.set(CURLOPT_PASSWORD, FormEncoding.encode(try password?.read() ?? ""))
      }
      if let form { handle.set(CURLOPT_COPYPOSTFIELDS, FormEncoding.encode(form)) }
      handle.set(CURLOPT_WRITEDATA, pointer: Unmanaged.passUnretained(reply).toOpaque())
      handle.setWrite { data, size, count, context in
        guard let data, let context else { return 0 }
        let reply = Unmanaged<Reply>.fromOpaque(context).takeUnretainedValue()
        return reply.add(UnsafeRawBufferPointer(start: data, count: size * count))
      }
      try handle.perform()
      return (handle.responseCode, withExtendedLifetime(reply) { reply.bytes })
    } catch {
      let place = url.prefix { $0 != "?" && $0 != "#" }
      if reply.isTooLarge { throw Failure(description: "\(place): an answer above \(limit) bytes") }
      throw Failure(description: "\(place): \(error)")
    }
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
