/// A gzip writer that stores without compression, for tests of the reader.
enum Gzip {
  /// A gzip file of one member.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    var start = 0
    repeat {
      let end = min(bytes.count, start + 0xFFFF)
      let count = UInt16(end - start)
      file.append(end == bytes.count ? 1 : 0)
      file += littleEndian(count) + littleEndian(~count) + bytes[start..<end]
      start = end
    } while start < bytes.count
    return file + littleEndian(checksum(bytes)) + littleEndian(UInt32(bytes.count))
  }

  /// The checksum of RFC 1952, computed bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { checksum, byte in
      (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
