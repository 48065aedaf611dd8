private import CCurl

/// A single transfer from a URL to an open file, with libcurl.
///
/// Redirects are followed, and certificates are verified. It fails if there is no connection within 20 seconds, or
/// almost no data for 30 seconds.
final class Transfer {
  /// How a transfer ended.
  enum Outcome: Sendable {
    /// Everything announced by the server was received.
    case finished
    /// It was interrupted; another attempt may succeed.
    case cut(reason: String)
    /// The server does not have the file, or is unreachable; another attempt is useless.
    case refused(reason: String)
    /// The server cannot continue at the offset.
    case notResumed
    /// More data was received than allowed.
    case tooLong
    /// The file could not be written.
    case unwritable(errno: Int32)
  }

  private static let isReady = signflip_transfers_set_up() != 0

  private let offset: Int
  private let state = Transfer.isReady ? signflip_transfer_new() : nil
  private var isBegun = false

  /// Starts a transfer.
  /// - Parameters:
  ///   - address: a URL (http, https or file).
  ///   - file: an open file; data is written at its current position.
  ///   - offset: number of bytes of the whole file to skip.
  ///   - limit: maximum number of bytes to receive; nil for no limit.
  init(address: String, file: Int32, offset: Int, limit: Int?) {
    self.offset = offset
    guard let state else { return }
    isBegun = signflip_transfer_begin(state, address, file, Int64(offset), Int64(limit ?? -1)) != 0
  }

  deinit { signflip_transfer_end(state) }

  /// Continues the transfer for at most a tenth of a second.
  /// - Returns: whether more is expected.
  func advance() -> Bool {
    guard let state, isBegun else { return false }
    return signflip_transfer_advance(state, 100) != 0
  }

  /// Number of bytes received and written.
  var received: Int { state.map { Int(signflip_transfer_received($0)) } ?? 0 }

  /// The size of the whole file according to the server; nil if unknown.
  var total: Int? {
    guard let state else { return nil }
    let announced = Int(signflip_transfer_announced(state))
    return announced < 0 ? nil : offset + announced
  }

  /// How the transfer ended; valid when no more is expected.
  var outcome: Outcome {
    guard let state, isBegun else { return .refused(reason: "libcurl cannot be set up") }
    let reason = String(cString: signflip_transfer_message(state))
    let status = signflip_transfer_status(state)
    switch signflip_transfer_result(state) {
    // libcurl treats “416 Range Not Satisfiable” as “already complete”.
    case CURLE_OK: return status == 416 ? .notResumed : .finished
    case CURLE_RANGE_ERROR, CURLE_BAD_DOWNLOAD_RESUME: return .notResumed
    case CURLE_WRITE_ERROR where signflip_transfer_is_too_long(state) != 0: return .tooLong
    case CURLE_WRITE_ERROR where signflip_transfer_write_error(state) != 0:
      return .unwritable(errno: signflip_transfer_write_error(state))
    case CURLE_HTTP_RETURNED_ERROR:
      // Too many requests and server errors are temporary.
      return status == 429 || status >= 500
        ? .cut(reason: "the server answers \(status)") : .refused(reason: "the server answers \(status)")
    case CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
      CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return .cut(reason: reason)
    default: return .refused(reason: reason)
    }
  }
}

/// The speed of a transfer over the last five seconds: long enough to hide short interruptions, short enough to show
/// long ones.
package struct TransferRate: Sendable {
  private static let window = 5.0
  private var samples: [(seconds: Double, bytes: Int)] = []

  /// A speed that is not known yet.
  package init() {}

  /// Records the number of bytes at a time.
  /// - Parameters:
  ///   - bytes: all bytes received.
  ///   - seconds: on any monotonic clock.
  package mutating func record(bytes: Int, at seconds: Double) {
    // A smaller number means that the download was restarted.
    if let last = samples.last, bytes < last.bytes { samples = [] }
    samples.append((seconds, bytes))
    while samples.count > 2, samples[1].seconds <= seconds - Self.window { samples.removeFirst() }
  }

  /// Bytes per second; nil in the first half second.
  package var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.seconds - first.seconds >= 0.5 else { return nil }
    return Double(last.bytes - first.bytes) / (last.seconds - first.seconds)
  }
}
