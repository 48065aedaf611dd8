private import CCurl

/// One transfer of an address into an open file, by libcurl.
///
/// Redirections are followed, certificates verified. It gives up where no connection comes in 20 seconds, or next to
/// nothing in 30.
final class Transfer {
  /// How a transfer has ended.
  enum Outcome: Sendable {
    /// All that the server announced has come.
    case finished
    /// It broke off: worth another try.
    case cut(reason: String)
    /// The server does not have it, or nobody is there: no use in trying again.
    case refused(reason: String)
    /// The server does not go on from where it should.
    case notResumed
    /// More came than may.
    case tooLong
    /// The file took no more.
    case unwritable(errno: Int32)
  }

  private static let isReady = signflip_transfers_set_up() != 0

  private let offset: Int
  private let state = Transfer.isReady ? signflip_transfer_new() : nil
  private var isBegun = false

  /// Begins a transfer.
  /// - Parameters:
  ///   - address: of http, https or file.
  ///   - file: an open file; what comes is written to where its position is.
  ///   - offset: how many bytes of the whole to leave out.
  ///   - limit: how many bytes may come; nil for any number.
  init(address: String, file: Int32, offset: Int, limit: Int?) {
    self.offset = offset
    guard let state else { return }
    isBegun = signflip_transfer_begin(state, address, file, Int64(offset), Int64(limit ?? -1)) != 0
  }

  deinit { signflip_transfer_end(state) }

  /// Goes on for a tenth of a second at most.
  /// - Returns: whether there is more to come.
  func advance() -> Bool {
    guard let state, isBegun else { return false }
    return signflip_transfer_advance(state, 100) != 0
  }

  /// How many bytes have come and are in the file.
  var received: Int { state.map { Int(signflip_transfer_received($0)) } ?? 0 }

  /// How many bytes the whole has, where the server says so.
  var total: Int? {
    guard let state else { return nil }
    let announced = Int(signflip_transfer_announced(state))
    return announced < 0 ? nil : offset + announced
  }

  /// How it has ended; to be asked for when there is no more to come.
  var outcome: Outcome {
    guard let state, isBegun else { return .refused(reason: "libcurl cannot be set up") }
    let reason = String(cString: signflip_transfer_message(state))
    let status = signflip_transfer_status(state)
    switch signflip_transfer_result(state) {
    // libcurl takes “416 Range Not Satisfiable” for “you have it all”.
    case CURLE_OK: return status == 416 ? .notResumed : .finished
    case CURLE_RANGE_ERROR, CURLE_BAD_DOWNLOAD_RESUME: return .notResumed
    case CURLE_WRITE_ERROR where signflip_transfer_is_too_long(state) != 0: return .tooLong
    case CURLE_WRITE_ERROR where signflip_transfer_write_error(state) != 0:
      return .unwritable(errno: signflip_transfer_write_error(state))
    case CURLE_HTTP_RETURNED_ERROR:
      // Too many requests, or a server that is not well: both pass.
      return status == 429 || status >= 500
        ? .cut(reason: "the server answers \(status)") : .refused(reason: "the server answers \(status)")
    case CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
      CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return .cut(reason: reason)
    default: return .refused(reason: reason)
    }
  }
}

/// How fast bytes come: over the last five seconds, so that a pause shows and a hiccup doesn't.
package struct TransferRate: Sendable {
  private static let window = 5.0
  private var samples: [(seconds: Double, bytes: Int)] = []

  /// A rate of which nothing is known yet.
  package init() {}

  /// Takes note of how many bytes there are at a time.
  /// - Parameters:
  ///   - bytes: all that have come.
  ///   - seconds: on any clock that does not go back.
  package mutating func record(bytes: Int, at seconds: Double) {
    // Fewer than before: it has begun again.
    if let last = samples.last, bytes < last.bytes { samples = [] }
    samples.append((seconds, bytes))
    while samples.count > 2, samples[1].seconds <= seconds - Self.window { samples.removeFirst() }
  }

  /// Bytes a second; nil in the first half second.
  package var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.seconds - first.seconds >= 0.5 else { return nil }
    return Double(last.bytes - first.bytes) / (last.seconds - first.seconds)
  }
}
