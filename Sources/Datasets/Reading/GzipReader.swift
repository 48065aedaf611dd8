private import CZlib
internal import FoundationEssentials

/// Decompresses gzip data with zlib, which verifies checksum and length of each member. Unsafe pointers are used only
/// here and in the image decoders.
///
/// A file may have several members, each followed by zero bytes: RFC 1952, and gzip(1). Other data after the last one
/// is ignored and counted, as in gzip.
struct GzipReader: Sendable {
  /// Why decompression failed, as a clause.
  struct Failure: Error {
    let reason: String
  }

  /// The contents or their beginning.
  struct Contents {
    var bytes: [UInt8] = []
    /// Whether these are all contents.
    var isWhole = false
    /// Number of ignored bytes after the compressed data.
    var ignored = 0
  }

  /// The compressed data including trailers.
  let data: Data

  /// Returns whether the data starts like gzip data.
  static func recognizes(_ data: some Sequence<UInt8>) -> Bool {
    data.starts(with: [0x1F, 0x8B])
  }

  /// Returns the first `count` bytes of the contents, or all if there are fewer.
  ///
  /// Memory use grows with the actual contents, not with `count`. If the contents end before `count`, checksums and
  /// lengths are verified too.
  func prefix(_ count: Int) throws(Failure) -> Contents {
    var contents = Contents()
    let end = try inflate(upTo: count) { contents.bytes.append(contentsOf: $0) }
    (contents.isWhole, contents.ignored) = (end.isWhole, end.ignored)
    return contents
  }

  /// Decompresses everything without keeping it.
  /// - Parameter pulse: called periodically; errors that it throws cancel the reading.
  /// - Throws: `Failure` if the data is truncated or damaged.
  func verify(pulse: () throws -> Void) throws {
    var fault: (any Error)?
    _ = try inflate(upTo: .max) { _ in
      do { try pulse() } catch { fault = error }
      return fault == nil
    }
    if let fault { throw fault }
  }

  private func inflate(
    upTo limit: Int, take: (ArraySlice<UInt8>) -> Void
  ) throws(Failure) -> (isWhole: Bool, ignored: Int) {
    try inflate(upTo: limit) { (bytes: ArraySlice<UInt8>) -> Bool in
      take(bytes)
      return true
    }
  }

  /// Decompresses in pieces, until `take` returns false.
  private func inflate(
    upTo limit: Int, take: (ArraySlice<UInt8>) -> Bool
  ) throws(Failure) -> (isWhole: Bool, ignored: Int) {
    let result = data.withUnsafeBytes { source -> Result<(isWhole: Bool, ignored: Int), Failure> in
      // zlib requires a stable address.
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      defer { stream.deallocate() }
      guard signflip_inflate_gzip(stream) == Z_OK else { return .failure(Failure(reason: "zlib has no memory")) }
      defer { inflateEnd(stream) }
      var chunk = [UInt8](repeating: 0, count: max(1, min(limit, 1 << 18)))
      // The start of the member, the position in the source, and the output sizes of the member and of all members.
      var (start, offset, length, total) = (0, 0, 0, 0)
      while total < limit {
        let piece = min(source.count - offset, 1 << 30)
        let room = min(chunk.count, limit - total)
        let bytes = source.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
        stream.pointee.avail_in = UInt32(piece)
        let status = chunk.withUnsafeMutableBufferPointer { target in
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(room)
          return CZlib.inflate(stream, Z_NO_FLUSH)
        }
        offset += piece - Int(stream.pointee.avail_in)
        let count = room - Int(stream.pointee.avail_out)
        (length, total) = (length + count, total + count)
        guard take(chunk[..<count]) else { return .success((false, 0)) }
        switch status {
        case Z_OK: continue
        case Z_STREAM_END:
          while offset < source.count, source[offset] == 0 { offset += 1 }
          guard Self.recognizes(source[offset...]) else { return .success((true, source.count - offset)) }
          inflateReset(stream)
          (start, length) = (offset, 0)
        case Z_BUF_ERROR:
          let isHeader = offset - start < 10
          let words = "the gzip data is truncated: it ends after \(source.count) bytes"
          return .failure(
            Failure(reason: isHeader ? "the gzip header is damaged: truncated after \(offset - start) bytes" : words))
        default:
          let word = stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(status)"
          return .failure(Failure(reason: Self.reason(word, source[..<offset], length)))
        }
      }
      return .success((false, 0))
    }
    return try result.get()
  }

  /// Returns what is wrong, given zlib's message.
  /// - Parameters:
  ///   - read: the data up to the error.
  ///   - length: the output size of the member.
  private static func reason(_ word: String, _ read: Slice<UnsafeRawBufferPointer>, _ length: Int) -> String {
    switch word {
    case "incorrect header check", "unknown compression method", "unknown header flags set", "header crc mismatch":
      return "the gzip header is damaged: \(word)"
    case "incorrect data check": return "the gzip data is damaged: it does not match the gzip checksum"
    case "incorrect length check":
      let announced = read.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return "the gzip data is damaged: the gzip trailer announces \(announced) bytes, the data contains \(length)"
    default: return "the gzip data is damaged at byte \(read.endIndex): \(word)"
    }
  }
}
