/// The checksum of gzip: the reflected polynomial `0xEDB88320`, eight bytes a step.
/// - SeeAlso: RFC 1952, section 8.
enum CRC32 {
  /// Table `k` (256 entries each) advances a byte by `k` further zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[byte] = value
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  /// The checksum of all bytes.
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    let tables = tables
    var checksum = UInt32.max
    var index = 0
    while index + 8 <= bytes.count {
      checksum ^=
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
        | UInt32(bytes[index + 3]) << 24
      let low =
        tables[1792 + Int(checksum & 0xFF)] ^ tables[1536 + Int(checksum >> 8 & 0xFF)]
        ^ tables[1280 + Int(checksum >> 16 & 0xFF)] ^ tables[1024 + Int(checksum >> 24)]
      let high =
        tables[768 + Int(bytes[index + 4])] ^ tables[512 + Int(bytes[index + 5])]
        ^ tables[256 + Int(bytes[index + 6])] ^ tables[Int(bytes[index + 7])]
      checksum = low ^ high
      index += 8
    }
    while index < bytes.count {
      checksum = checksum >> 8 ^ tables[Int((checksum ^ UInt32(bytes[index])) & 0xFF)]
      index += 1
    }
    return ~checksum
  }
}
