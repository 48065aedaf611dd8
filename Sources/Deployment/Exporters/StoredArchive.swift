private import NeuralNetworks

/// A ZIP archive of uncompressed files, in memory.
/// - SeeAlso: PKWARE's APPNOTE.TXT, 4.3.
struct StoredArchive {
  private var data: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a file.
  /// - Throws: `NetworkError` if the archive would be larger than the format allows.
  mutating func add(_ name: String, _ bytes: [UInt8]) throws {
    guard data.count + bytes.count + directory.count < Int(UInt32.max) - 1 << 20, count < Int(UInt16.max) - 1 else {
      throw NetworkError(layer: name, expected: "an archive of less than 4 GB", found: "more")
    }
    // Version 2.0, flags (UTF-8 names), method “stored”, 1 January 1980, CRC-32, both sizes, length of the name, no extra
    // fields.
    let common =
      Self.number(20, 2) + Self.number(0x800, 2) + Self.number(0, 2) + Self.number(0, 2) + Self.number(0x21, 2)
      + Self.number(Int(Self.checksum(bytes)), 4) + Self.number(bytes.count, 4) + Self.number(bytes.count, 4)
      + Self.number(name.utf8.count, 2) + Self.number(0, 2)
    // Comment, disk, internal and external attributes, offset of the file.
    directory +=
      Self.number(0x0201_4B50, 4) + Self.number(20, 2) + common + Self.number(0, 2) + Self.number(0, 2)
      + Self.number(0, 2) + Self.number(0, 4) + Self.number(data.count, 4) + Array(name.utf8)
    data += Self.number(0x0403_4B50, 4) + common + Array(name.utf8)
    data += bytes
    count += 1
  }

  /// The archive's bytes.
  var bytes: [UInt8] {
    data + directory + Self.number(0x0605_4B50, 4) + Self.number(0, 4) + Self.number(count, 2) + Self.number(count, 2)
      + Self.number(directory.count, 4) + Self.number(data.count, 4) + Self.number(0, 2)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { code, _ in code & 1 == 1 ? 0xEDB8_8320 ^ code >> 1 : code >> 1 }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let table = table
    var code = UInt32.max
    for byte in bytes { code = table[Int(UInt8(truncatingIfNeeded: code) ^ byte)] ^ code >> 8 }
    return ~code
  }
}
