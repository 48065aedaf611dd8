/// A PNG writer that stores without compression, for tests of the reader.
enum PNG {
  /// The channels of a pixel, with PNG's number for them.
  enum Kind: UInt8 {
    case grey = 0
    case color = 2
    case palette = 3
    case greyAlpha = 4
    case colorAlpha = 6

    var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .color: 3
      case .colorAlpha: 4
      }
    }
  }

  /// An image.
  /// - Parameters:
  ///   - values: shape `[height, width, channels]`, row-major; 16-bit values are big-endian.
  ///   - palette: red, green and blue of each entry.
  ///   - transparency: the alpha of each entry of the palette.
  static func image(
    _ width: Int, _ height: Int, _ values: [UInt8], kind: Kind = .grey, depth: UInt8 = 8, palette: [UInt8] = [],
    transparency: [UInt8] = []
  ) -> [UInt8] {
    let stride = width * kind.channels * Int(depth) / 8
    precondition(values.count == stride * height)
    // Each row begins with its filter: none.
    let rows = (0..<height).flatMap { [0] + values[$0 * stride..<($0 + 1) * stride] }
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [depth, kind.rawValue, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + (palette.isEmpty ? [] : chunk("PLTE", palette)) + (transparency.isEmpty ? [] : chunk("tRNS", transparency))
      + chunk("IDAT", stored(rows)) + chunk("IEND", [])
  }

  /// A chunk with its length and its checksum.
  static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let body = [UInt8](name.utf8) + bytes
    return bigEndian(UInt32(bytes.count)) + body + bigEndian(Gzip.checksum(body))
  }

  /// One stored block of zlib.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    let sums = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
      let first = (sums.0 + UInt32(byte)) % 65_521
      return (first, (sums.1 + first) % 65_521)
    }
    return [0x78, 0x01, 1, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8(~count >> 8)] + bytes
      + bigEndian(sums.1 << 16 | sums.0)
  }

  private static func bigEndian(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
  }
}
