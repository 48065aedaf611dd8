private import CArchive
internal import FoundationEssentials

/// Decompresses gzip data by libarchive. The only file of this room that reaches memory by pointers.
///
/// libarchive (seen with 3.6) skips the trailer of a gzip file, so a flipped bit could pass as a pixel: length and
/// checksum are verified here. Data of a single member are expected, as every gzip program writes.
struct GzipReader: Sendable {
  /// Why decompression failed, in a clause.
  struct Failure: Error {
    let reason: String
  }

  /// The compressed data, trailer included.
  let data: Data

  /// Whether the data begin as gzip data do.
  static func recognizes(_ data: Data) -> Bool {
    data.starts(with: [0x1F, 0x8B])
  }

  /// The first `count` bytes of the contents, or all of them where there are fewer.
  ///
  /// Memory grows with what is really there, never with what is asked for. Where the contents end before `count`,
  /// the trailer is verified too.
  func prefix(_ count: Int) throws(Failure) -> [UInt8] {
    let (bytes, isWhole) = try decompress(upTo: count)
    if isWhole { try verifyTrailer(of: bytes) }
    return bytes
  }

  private func decompress(upTo limit: Int) throws(Failure) -> (bytes: [UInt8], isWhole: Bool) {
    guard let archive = archive_read_new() else { throw Failure(reason: "libarchive has no memory") }
    defer { archive_read_free(archive) }
    func failure() -> Failure {
      Failure(reason: archive_error_string(archive).map { String(cString: $0) } ?? "unknown error of libarchive")
    }
    let result = data.withUnsafeBytes { source -> Result<(bytes: [UInt8], isWhole: Bool), Failure> in
      var entry: OpaquePointer?
      guard archive_read_support_filter_gzip(archive) == ARCHIVE_OK,
        archive_read_support_format_raw(archive) == ARCHIVE_OK,
        // Without this one, contents of no bytes are an unknown format.
        archive_read_support_format_empty(archive) == ARCHIVE_OK,
        archive_read_open_memory(archive, source.baseAddress, source.count) == ARCHIVE_OK
      else { return .failure(failure()) }
      switch archive_read_next_header(archive, &entry) {
      case ARCHIVE_OK: break
      case ARCHIVE_EOF: return .success(([], true))
      default: return .failure(failure())
      }
      // A header that libarchive does not recognize would pass as uncompressed data.
      guard archive_filter_code(archive, 0) == ARCHIVE_FILTER_GZIP else {
        return .failure(Failure(reason: "the gzip header is damaged"))
      }
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: min(limit, 1 << 18))
      while bytes.count < limit {
        let wanted = min(chunk.count, limit - bytes.count)
        let read = chunk.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, wanted) }
        guard read >= 0 else { return .failure(failure()) }
        guard read > 0 else { return .success((bytes, true)) }
        bytes.append(contentsOf: chunk[..<read])
      }
      return .success((bytes, false))
    }
    return try result.get()
  }

  /// Compares length and checksum with the last eight bytes of the data.
  private func verifyTrailer(of bytes: [UInt8]) throws(Failure) {
    guard data.count >= 18 else { throw Failure(reason: "the gzip trailer is missing") }
    let trailer = data.suffix(8).map { UInt32($0) }
    let checksum = trailer[0] | trailer[1] << 8 | trailer[2] << 16 | trailer[3] << 24
    let length = trailer[4] | trailer[5] << 8 | trailer[6] << 16 | trailer[7] << 24
    guard length == UInt32(truncatingIfNeeded: bytes.count) else {
      throw Failure(reason: "the gzip trailer announces \(length) bytes, the data hold \(bytes.count)")
    }
    guard CRC32.checksum(of: bytes) == checksum else {
      throw Failure(reason: "the data do not match the gzip checksum")
    }
  }
}
