// Owns one libcurl easy handle: options set once, status translated where it is returned, freed with the object.

import CCurl
import Glibc

/// An easy handle, used by one thread at a time.
package final class CurlHandle {
  private let handle: UnsafeMutableRawPointer
  /// libcurl writes its own text about a failure here, CURL_ERROR_SIZE bytes.
  private let errorBuffer: UnsafeMutablePointer<CChar>
  /// Lists that libcurl uses without copying.
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private var firstProblem: Int32?

  /// curl_global_init is not safe to run twice at once; a global constant is made once.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  package init() throws(MailServerError) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw MailServerError(.unsupported("libcurl cannot start"))
    }
    self.handle = handle
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(errorBuffer))
    // No signals of libcurl's own: they do not mix with threads.
    set(CURLOPT_NOSIGNAL, 1)
  }

  deinit {
    // Ending TLS writes to a socket that may be gone; on a thread that does not block SIGPIPE it would end us.
    var pipe = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    curl_easy_cleanup(handle)
    if sigismember(&before, SIGPIPE) == 0 {
      var none = timespec()
      while sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    for list in lists { curl_slist_free_all(list) }
    errorBuffer.deallocate()
  }

  // MARK: options; the first refusal is kept and thrown by `perform`

  private func note(_ code: CURLcode) {
    if code != CURLE_OK, firstProblem == nil { firstProblem = Int32(bitPattern: code.rawValue) }
  }

  package func set(_ option: CURLoption, _ value: Int) { note(intake_setopt_long(handle, option, value)) }
  package func set(_ option: CURLoption, _ value: String?) {
    note(intake_setopt_string(handle, option, value))
  }
  package func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
    note(intake_setopt_pointer(handle, option, pointer))
  }
  package func setDebug(_ callback: intake_debug_callback) {
    note(intake_setopt_debug_callback(handle, callback))
  }
  package func setProgress(_ callback: intake_progress_callback) {
    note(intake_setopt_progress_callback(handle, callback))
  }
  package func setWrite(_ callback: intake_data_callback) {
    note(intake_setopt_data_callback(handle, CURLOPT_WRITEFUNCTION, callback))
  }
  package func setRead(_ callback: intake_data_callback) {
    note(intake_setopt_data_callback(handle, CURLOPT_READFUNCTION, callback))
  }
  package func set(_ option: CURLoption, list: [String]) {
    var made: UnsafeMutablePointer<curl_slist>?
    for item in list {
      guard let longer = curl_slist_append(made, item) else { return note(CURLE_OUT_OF_MEMORY) }
      made = longer
    }
    if let made {
      lists.append(made)
      set(option, pointer: UnsafeMutableRawPointer(made))
    }
  }

  /// What holds for every connection: our own idea of trust, and nothing from the surroundings.
  package func setSafety(caFile: String?, proxy: String?) {
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let caFile {
      set(CURLOPT_CAINFO, caFile)
      // Or the system's authorities would be trusted beside it.
      set(CURLOPT_CAPATH, nil as String?)
    }
    // The empty string keeps libcurl from looking into the environment.
    set(CURLOPT_PROXY, proxy ?? "")
    set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, 60)
    set(CURLOPT_TCP_KEEPINTVL, 30)
  }

  // MARK: work

  /// - Throws: the CURLcode in our words, with libcurl's text.
  package func perform() throws(MailServerError) {
    if let firstProblem { throw error(firstProblem) }
    let code = curl_easy_perform(handle)
    guard code == CURLE_OK else { throw error(Int32(bitPattern: code.rawValue)) }
  }

  private func error(_ code: Int32) -> MailServerError {
    let own = String(cString: errorBuffer)
    let text =
      own.isEmpty ? String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(bitPattern: code)))) : own
    return .curl(code, ServerText.sanitized(text.utf8))
  }

  package var socket: Int32? {
    var socket: curl_socket_t = -1
    guard intake_getinfo_socket(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK, socket >= 0 else {
      return nil
    }
    return socket
  }

  package var responseCode: Int {
    var code = 0
    guard intake_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK else { return 0 }
    return code
  }

  /// Bytes taken, 0 at the connection's end; nil when there are none just now.
  package func receive(_ buffer: UnsafeMutableRawBufferPointer) throws(MailServerError) -> Int? {
    var count = 0
    let code = curl_easy_recv(handle, buffer.baseAddress, buffer.count, &count)
    if code == CURLE_AGAIN { return nil }
    guard code == CURLE_OK else { throw error(Int32(bitPattern: code.rawValue)) }
    return count
  }

  /// Bytes sent; nil when the connection takes none just now.
  package func send(_ bytes: UnsafeRawBufferPointer) throws(MailServerError) -> Int? {
    var count = 0
    let code = curl_easy_send(handle, bytes.baseAddress, bytes.count, &count)
    if code == CURLE_AGAIN { return nil }
    guard code == CURLE_OK else { throw error(Int32(bitPattern: code.rawValue)) }
    return count
  }
}
