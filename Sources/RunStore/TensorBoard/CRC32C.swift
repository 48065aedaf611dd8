/// The Castagnoli checksum of TFRecord files.
///
/// The polynomial `x³² + x²⁸ + x²⁷ + ... + 1`, reflected: `0x82F63B78` (RFC 3720, appendix B.4). It stands here because zlib has
/// another one, that of gzip and PNG, which no TFRecord is checked by; gzip data are verified by zlib itself.
enum CRC32C {
  /// The checksum of `bytes`.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    return ~crc
  }

  /// The checksum as TFRecord stores it: turned by 15 bits, `0xA282EAD8` added, so that it is no checksum of itself.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
  }
}
